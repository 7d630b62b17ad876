//! The protocol suite as a program: it is pointed at a server and tells what the server does of the protocol.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use rhapsode_tests::protocol::{Judged, Level, Options, examine, table};

/// Asks a speech server everything that the speech server protocol has, and tells what it found. Exit code 1: rhapsode
/// cannot use the server, or, with --own, the server lacks something of the protocol; 2: it could not be asked.
#[derive(Debug, Parser)]
#[command(name = "protocol-suite")]
struct Arguments {
    /// Address of the server, such as `http://127.0.0.1:5124`
    #[arg(required_unless_present = "table")]
    url: Option<String>,
    /// Demand the whole protocol, as of our own servers
    #[arg(long)]
    own: bool,
    /// File with the token that the server wants
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Model to ask for; the first that the server lists by default
    #[arg(long)]
    model: Option<String>,
    /// Voice to ask for; the first that the server lists by default
    #[arg(long)]
    voice: Option<String>,
    /// Take any sound for speech, of an untrained model
    #[arg(long)]
    any_sound: bool,
    /// Run only checks whose names begin so, such as `load` or `speech.wav`; repeatable
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Seconds that the server may load before it is ready
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    loading: u64,
    /// Seconds after which an answer counts as none
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    patience: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the table of all checks and ask nobody
    #[arg(long)]
    table: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: failed to {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Some(url) = arguments.url.filter(|_| !arguments.table) else {
        print!("{}", table());
        return Ok(ExitCode::SUCCESS);
    };
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path);
        text.map(|text| text.trim().to_owned()).map_err(|error| format!("read {}: {error}", path.display()))
    };
    let options = Options {
        token: arguments.token_file.map(read).transpose()?,
        model: arguments.model,
        voice: arguments.voice,
        level: if arguments.own { Level::Own } else { Level::Foreign },
        judged: if arguments.any_sound { Judged::Sound } else { Judged::Speech },
        only: arguments.only,
        loading: Duration::from_secs(arguments.loading),
        patience: Duration::from_secs(arguments.patience),
        ..Options::new(url)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| format!("start: {error}"))?;
    let report = runtime.block_on(examine(options))?;
    if arguments.json {
        println!("{:#}", report.json());
    } else {
        println!("{}", report.text());
    }
    Ok(if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
