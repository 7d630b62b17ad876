//! The groups of arguments that commands on a book share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What makes a book into a job.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct JobArgs {
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How it is spoken.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Speech")]
pub(crate) struct SpeechArgs {
    /// Voice.
    #[arg(long)]
    pub(crate) voice: Option<String>,
    /// Speaking rate, 0.5 to 2.0; 1.0 is the voice's own.
    #[arg(long)]
    pub(crate) speed: Option<f32>,
    /// Pronunciation lexicon; `<manuscript>.lexicon.toml` and `lexicon.toml` beside the book are found by themselves.
    #[arg(long, value_name = "FILE")]
    pub(crate) lexicon: Option<PathBuf>,
    /// Speech server, by its URL or by its name in the configuration; repeat it for several.
    #[arg(long = "backend", value_name = "URL|NAME")]
    pub(crate) backends: Vec<String>,
    /// Wait while no backend works, instead of stopping.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Have every take listened to by the speech recogniser at this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) verify: Option<String>,
    /// Chunks spoken at the same time by the built-in voice; as many as cores by default.
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Folder of the voice packs.
    #[arg(long, value_name = "DIR")]
    pub(crate) voices: Option<PathBuf>,
    /// Folder of the take store.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}

/// What is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingArgs {
    /// Chapters to speak, by the numbers that `rhapsode plan` shows: `1-3,7` or `5-`.
    #[arg(long, value_name = "LIST")]
    pub(crate) chapters: Option<String>,
    /// Read sections of this role, such as `copyright`, that are left out by default.
    #[arg(long, value_name = "ROLE")]
    pub(crate) include: Vec<String>,
    /// Leave out sections of this role, such as `appendix`.
    #[arg(long, value_name = "ROLE")]
    pub(crate) exclude: Vec<String>,
}

/// What the gate decides.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Gate")]
pub(crate) struct GateArgs {
    /// What comes of the checks before the first request for speech.
    #[arg(long, value_name = "MODE", value_enum)]
    pub(crate) gate: Option<Gate>,
}

/// What comes of the checks before a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gate {
    /// A check that fails stops the job.
    Enforce,
    /// It is told, and the job goes on.
    Warn,
    /// Nothing is checked.
    Off,
}

/// Who watches.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Watching")]
pub(crate) struct WatchingArgs {
    /// Serve figures for Prometheus while it works: a port of this machine, or an address such as `0.0.0.0:9100`.
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics: Option<String>,
}

/// What shops ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Nothing but what is good for listening.
    Standard,
    /// ACX and Audible.
    Acx,
}

/// Files of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Files {
    /// What is usual for the format.
    Usual,
    /// One for the book.
    Book,
    /// One for each chapter.
    Chapters,
}

/// What comes out.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Release")]
pub(crate) struct ReleaseArgs {
    /// Where to: a file if it ends in a format's extension, else a folder; beside the manuscript by default.
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Library as Audiobookshelf reads it: to `Author/Series/Vol 2 - Title` in it, with `metadata.json` and the cover.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub(crate) library: Option<PathBuf>,
    /// Formats, separated by commas: m4b, mp3, opus, flac, wav.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) format: Vec<String>,
    /// What else is made of it, separated by commas: srt, vtt, lrc, cue, opf, rss, lpf, audiobook, epub (read-along).
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) with: Vec<String>,
    /// Where the folder of the releases will be had from, for `--with rss`.
    #[arg(long, value_name = "URL")]
    pub(crate) feed_url: Option<String>,
    /// What shops ask for: `acx` sets formats, bit rate, loudness, credits and the longest chapter.
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) profile: Option<Profile>,
    /// One file for the book, or one for each chapter; each format has its usual way.
    #[arg(long, value_enum, value_name = "FILES")]
    pub(crate) files: Option<Files>,
    /// Split a book that is one file into parts of at most so many hours.
    #[arg(long, value_name = "HOURS")]
    pub(crate) split_hours: Option<f64>,
    /// Bits a second of lossy formats, such as `64k`; each format has its own.
    #[arg(long, value_name = "RATE")]
    pub(crate) bitrate: Option<String>,
    /// Who reads, for the tags; `<voice> (synthetic)` by default. Repeat it for several.
    #[arg(long = "narrator", value_name = "NAME")]
    pub(crate) narrators: Vec<String>,
    /// Loudness: `acx`, `r128`, or integrated LUFS such as `-20`.
    #[arg(long, allow_hyphen_values = true, value_name = "TARGET")]
    pub(crate) loudness: Option<String>,
    /// Folder of the job directories; beside the output by default.
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
    /// Replace what stands at the output, and make a release again that is up to date.
    #[arg(long)]
    pub(crate) force: bool,
    /// Speak chunks again that an earlier run left with a defect.
    #[arg(long)]
    pub(crate) retry_defects: bool,
}
