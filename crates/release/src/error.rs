//! Why a release cannot be made.

use std::path::{Path, PathBuf};

use crate::Format;

/// Why a release cannot be made. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// A file cannot be read or written.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried: `write`, `rename`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A take of the chapter is not in the store.
    #[error("find the take of chunk {ordinal} in chapter {chapter:?}")]
    TakeMissing {
        /// The chunk.
        ordinal: u32,
        /// The chapter's title.
        chapter: String,
    },
    /// A take that a short chapter takes its loudness from is not in the store.
    #[error("find the takes that chapter {chapter:?} takes its loudness from")]
    ReferenceMissing {
        /// The chapter's title.
        chapter: String,
    },
    /// The take store failed.
    #[error(transparent)]
    Store(#[from] rhapsode_store::StoreError),
    /// An encoder failed.
    #[error("encode with {encoder}: {reason}")]
    Encoder {
        /// Its name.
        encoder: &'static str,
        /// What it said, with everything it printed.
        reason: String,
    },
    /// What was encoded is not as long as what was handed to the encoder.
    #[error("encode chapter {chapter:?} whole: {expected} samples went in, {found} came out")]
    Length {
        /// The chapter's title.
        chapter: String,
        /// Samples that went in.
        expected: u64,
        /// Samples that came out.
        found: u64,
    },
    /// A codec does not have this bit rate at this rate.
    #[error("encode {codec} at {bitrate} bits a second: at {rate} Hz it takes {lowest} to {highest}")]
    BitrateOutside {
        /// The codec.
        codec: &'static str,
        /// Bits a second that were asked for.
        bitrate: u32,
        /// Samples a second.
        rate: u32,
        /// Fewest bits a second at this rate.
        lowest: u32,
        /// Most bits a second at this rate.
        highest: u32,
    },
    /// A codec that has certain bit rates does not have this one.
    #[error("encode {codec} at {bitrate} bits a second: it has {known:?}")]
    Bitrate {
        /// The codec.
        codec: &'static str,
        /// Bits a second that were asked for.
        bitrate: u32,
        /// Those there are.
        known: Vec<u32>,
    },
    /// A file that was written is not what it should be.
    #[error("use {}: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The tracks do not make a release.
    #[error("release the tracks: {reason}")]
    Tracks {
        /// Why not.
        reason: String,
    },
    /// The format has no file for a whole book.
    #[error("write {format} as one file: it has a file for each chapter")]
    OneChapterAFile {
        /// The format.
        format: Format,
    },
    /// The folder that the release would replace holds something else too.
    #[error("replace {}: it holds {}, which is not part of a release", path.display(), stranger.display())]
    NotARelease {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        stranger: PathBuf,
    },
}

impl ReleaseError {
    /// Gives an I/O error its place, for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
