//! The arguments of `rhapsode check` and `rhapsode report`: what looks at books that are finished.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("profile"))]
pub(crate) struct CheckArgs {
    /// Sound files (MP4, MP3, FLAC, Opus, WAV) and folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Check what ACX asks of each file and of the set.
    #[arg(long, group = "profile")]
    pub(crate) acx: bool,
    /// Check levels against EBU R 128.
    #[arg(long, group = "profile")]
    pub(crate) r128: bool,
    /// Check what Audiobookshelf reads: folders, tags, `metadata.json`.
    #[arg(long, group = "profile")]
    pub(crate) audiobookshelf: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The manuscript, or a release that was made of it.
    #[arg(value_name = "BOOK")]
    pub(crate) book: PathBuf,
    /// Page to write; `<title> (report).html` beside the book by default.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Folder of the job directories: where the book was made, if that is not beside it.
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
    /// Folder of the take store.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}
