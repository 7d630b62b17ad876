//! The arguments of `rhapsode watch` and `rhapsode queue`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{GateArgs, ReadingArgs, SpeechArgs, page::PageArgs};

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The folder that manuscripts come to; `inbox` of [watch] by default.
    #[arg(value_name = "INBOX")]
    pub(crate) inbox: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: FolderArgs,
    /// Seconds for which a file must look the same before it counts as complete, 10 by default.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) settle: Option<f64>,
    /// Look through the inbox every so many seconds instead of trusting the system's events.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5")]
    pub(crate) poll: Option<f64>,
    /// Leave manuscripts where they are; the inbox may be read-only.
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Make a book again although the same content was done.
    #[arg(long)]
    pub(crate) again: bool,
    /// Books in flight at the same time, 2 by default.
    #[arg(long, value_name = "N")]
    pub(crate) books: Option<usize>,
    /// End when nothing is left to do.
    #[arg(long)]
    pub(crate) until_idle: bool,
    /// Formats, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) format: Vec<String>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
}

/// Where everything goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct FolderArgs {
    /// The library that finished books go to; `library` of [watch] by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
    /// Where manuscripts go that were done; `done` beside the inbox by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) done: Option<PathBuf>,
    /// Where manuscripts go that cannot be made, with a report; `failed` beside the inbox by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) failed: Option<PathBuf>,
    /// Queue, locks and work, on a disk of this machine; a folder of the user's by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// Which queue.
#[derive(Debug, Clone, Args)]
pub(crate) struct QueueArgs {
    #[command(subcommand)]
    pub(crate) command: QueueCommand,
    /// The inbox whose queue is meant, where several are watched.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) inbox: Option<PathBuf>,
    /// The state directory of its watcher, if it was given one.
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "inbox")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum QueueCommand {
    /// List the books with the step that each is at.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Only those that are not done.
        #[arg(long)]
        open: bool,
    },
    /// Have a book begin next.
    Up {
        /// Its number, or a part of its manuscript's name.
        book: String,
    },
    /// Take a book out of the queue; its takes and its manuscript are kept.
    Cancel {
        /// Its number, or a part of its manuscript's name.
        book: String,
    },
    /// Put a book back that failed or was cancelled.
    Retry {
        /// Its number, or a part of its manuscript's name.
        book: String,
    },
    /// Begin no more books.
    Pause,
    /// Go on.
    Resume,
}
