//! The tests' speech server as a program, for clients that are no Rust tests: other programs and benchmarks.
#![allow(clippy::print_stdout, reason = "a program that tells its address")]

use std::{path::PathBuf, sync::Arc};

use clap::Parser;
use rhapsode_tests::speech_server::{Condition, Fault, FaultPlan, Manners, Settings, SpeechServer};

/// Sings texts: each with a sound of its own, in a known time. `GET /counts` tells what it was asked.
#[derive(Debug, Parser)]
#[command(name = "speech-server")]
struct Arguments {
    /// Port of 127.0.0.1; 0 takes a free one, which is printed
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Texts that are spoken at the same time
    #[arg(long, default_value_t = 4)]
    slots: usize,
    /// Time for a character
    #[arg(long, default_value_t = 0.001)]
    seconds_per_char: f64,
    /// Sound for a character, in seconds
    #[arg(long, default_value_t = 0.06)]
    pace: f64,
    /// Rate of the sound, in Hz
    #[arg(long, default_value_t = 24_000)]
    rate: u32,
    /// The longest text that is taken
    #[arg(long, default_value_t = 1_000)]
    max_chars: usize,
    /// Another sound for every text
    #[arg(long, default_value = "")]
    timbre: String,
    /// Answer the optional calls of the speech protocol too
    #[arg(long)]
    own: bool,
    /// File that `GET /v1/dependencies` answers with
    #[arg(long, value_name = "FILE")]
    dependencies: Option<PathBuf>,
    /// Let faults strike, by the plan of this seed
    #[arg(long, value_name = "SEED")]
    faults: Option<u64>,
    /// Only this fault; repeatable
    #[arg(long, requires = "faults")]
    fault: Vec<Fault>,
    /// Percent of the requests that are struck
    #[arg(long, default_value_t = 20, requires = "faults")]
    percent: u64,
}

fn main() {
    let arguments = Arguments::parse();
    let kinds = if arguments.fault.is_empty() { Fault::all().collect() } else { arguments.fault };
    let dependencies = arguments.dependencies.map(|path| {
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{} is no JSON: {e}", path.display()))
    });
    let server = SpeechServer::start(Settings {
        port: arguments.port,
        slots: arguments.slots,
        seconds_per_character: arguments.seconds_per_char,
        pace: arguments.pace,
        rate: arguments.rate,
        max_chars: arguments.max_chars,
        timbre: arguments.timbre,
        manners: if arguments.own { Manners::Own } else { Manners::Foreign },
        condition: Condition { dependencies, ..Condition::default() },
        faults: arguments.faults.map(|seed| Arc::new(FaultPlan::new(seed, kinds, arguments.percent))),
        ..Settings::default()
    });
    println!("{}", server.url());
    server.wait();
}
