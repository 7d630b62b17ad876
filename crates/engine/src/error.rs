//! Why a job stopped. The engine adds no words to the errors of its stages; it only says which stage it was.

use std::path::PathBuf;

use rhapsode_gate::{GateReport, Verdict};
use rhapsode_release::Format;

/// Why a job stopped. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The manuscript cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The manuscript.
        path: PathBuf,
        /// Why not.
        source: rhapsode_book::ReadError,
    },
    /// A book was never made, or not in the folders that were searched.
    #[error("find a finished book of {}: no job of it in {}", book.display(), folders(searched))]
    NotMade {
        /// The manuscript or release.
        book: PathBuf,
        /// The folders whose job directories were searched.
        searched: Vec<PathBuf>,
    },
    /// The book cannot be made speakable.
    #[error(transparent)]
    Script(#[from] rhapsode_script::ScriptError),
    /// The built-in voice cannot be had or loaded.
    #[error(transparent)]
    Voice(#[from] rhapsode_voice::VoiceError),
    /// A backend cannot be opened.
    #[error(transparent)]
    Speech(#[from] rhapsode_speech::SpeechError),
    /// The gate refuses: something must be mended first.
    #[error("pass the gate: {} of {} checks fail", .0.with(Verdict::Fail).count(), checked(.0))]
    Gate(Box<GateReport>),
    /// No backend has the voice.
    #[error("find a backend with the voice {voice:?}: {}", .backends.join("; "))]
    VoiceNotThere {
        /// The voice.
        voice: String,
        /// What each backend has, or what is wrong with it.
        backends: Vec<String>,
    },
    /// The backends would speak one book with voices that differ.
    #[error("speak one book with one voice: {}", .engines.join("; "))]
    Mixing {
        /// What each backend that differs would speak with.
        engines: Vec<String>,
    },
    /// The recording of a voice cannot be read.
    #[error("read the recording {}: {source}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The take store or the job directory failed.
    #[error(transparent)]
    Store(#[from] rhapsode_store::StoreError),
    /// Synthesis stopped.
    #[error(transparent)]
    Dispatch(#[from] rhapsode_dispatch::DispatchError),
    /// A track or the release cannot be made.
    #[error(transparent)]
    Release(#[from] rhapsode_release::ReleaseError),
    /// The read-along edition cannot be made.
    #[error(transparent)]
    ReadAlong(#[from] rhapsode_readalong::ReadAlongError),
    /// Something that this job did not make stands where the release goes.
    #[error("write {}: something that this job did not make stands there", .0.display())]
    Occupied(PathBuf),
    /// The output names a file that the format cannot be.
    #[error("write {format} to {}: name a folder, or a file that ends in the format's own extension", path.display())]
    OutputIsNotThatFormat {
        /// The output as the user named it.
        path: PathBuf,
        /// The format that does not fit.
        format: Format,
    },
    /// A book is asked for as one file in a format that has a file for each chapter.
    #[error("write {0} as one file: it has a file for each chapter")]
    NoBookInOneFile(Format),
    /// More than one format is asked for in a library.
    #[error("put {} into one folder of a library: players would take them for parts of one book", names(.0))]
    SeveralFormatsOnAShelf(Vec<Format>),
    /// A chapter came out longer than it may be.
    #[error("keep chapter {title:?} within {longest} minutes: it has {minutes}")]
    ChapterTooLong {
        /// Its title.
        title: String,
        /// Its length in minutes.
        minutes: u64,
        /// The most that it may have.
        longest: u64,
    },
    /// The words of the credits cannot be spoken.
    #[error("speak the {which} credits: {reason}")]
    Credits {
        /// Opening or closing.
        which: &'static str,
        /// Why not.
        reason: String,
    },
    /// A sound file is asked for in a format that is none.
    #[error("write {}: its name must end in .wav or .flac", .0.display())]
    NotASoundFile(PathBuf),
    /// The output folder cannot be written.
    #[error("write to the folder {}: {source}", path.display())]
    OutputFolder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A selected chapter number is not in the book.
    #[error("find chapter {wanted}: the book has {chapters}")]
    NoSuchChapter {
        /// The number asked for.
        wanted: u32,
        /// Chapters in the book.
        chapters: usize,
    },
    /// A chunk that is to be made again is not in the book.
    #[error("find chunk {wanted}: the book has {chunks}, counted from 0")]
    NoSuchChunk {
        /// The ordinal asked for.
        wanted: u32,
        /// Chunks of the job.
        chunks: usize,
    },
    /// Mastering a chapter ended by a panic: a defect of rhapsode.
    #[error("master {chapter:?}: {reason}")]
    MasteringPanicked {
        /// Title of the chapter.
        chapter: String,
        /// What the panic said.
        reason: String,
    },
    /// A thread of a stage ended by a panic: a defect of rhapsode.
    #[error("keep a thread alive: {0}")]
    Panicked(tokio::task::JoinError),
    /// Chunks for which no attempt gave any sound.
    #[error("speak {} of the book's chunks, the first being {first:?}", .ordinals.len())]
    Unspoken {
        /// The chunks' ordinals.
        ordinals: Vec<u32>,
        /// The first one's words.
        first: String,
    },
    /// The user stopped the job.
    #[error("finish: stopped with {done} of {chunks} chunks kept")]
    Stopped {
        /// Chunks whose takes are in the store.
        done: usize,
        /// Chunks of the job.
        chunks: usize,
    },
}

/// Checks that gave an answer.
fn checked(report: &GateReport) -> usize {
    report.outcomes.len() - report.with(Verdict::Skipped).count()
}

/// Folders in one line.
fn folders(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn names(formats: &[Format]) -> String {
    formats.iter().map(Format::to_string).collect::<Vec<_>>().join(" and ")
}
