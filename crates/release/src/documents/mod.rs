//! What is made of words and times beside the sound: captions, cue sheets, library data, a podcast feed.
//!
//! They know no format and no script: the engine hands in which files a release has, which chapters lie in them and
//! which words are heard when. A document is one file here and one line in the table below.

mod captions;
mod cue_sheet;
mod edition;
mod feed;
mod opf;

use std::{
    fmt,
    io::Write,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

pub use edition::{Edition, SoundChapter, SoundFile, SpokenLine, identity};
pub use feed::{BaseUrl, NotABaseUrl};

use crate::{ReleaseError, whole_file};

/// A document beside a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Document {
    /// SubRip captions of each sound file.
    Srt,
    /// WebVTT captions of each sound file.
    Vtt,
    /// Lyrics with times of each sound file.
    Lrc,
    /// A cue sheet of the release.
    Cue,
    /// What the book is, as Calibre writes it and Audiobookshelf reads it.
    Opf,
    /// A podcast feed, with its chapters.
    Rss,
}

impl Document {
    const ALL: [Self; 6] = [Self::Srt, Self::Vtt, Self::Lrc, Self::Cue, Self::Opf, Self::Rss];

    /// Every document, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// Its name, and the extension of its file.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Lrc => "lrc",
            Self::Cue => "cue",
            Self::Opf => "opf",
            Self::Rss => "rss",
        }
    }

    /// Where it may put files for a release of this one sound file.
    #[must_use]
    pub fn paths(self, file: &Path) -> Vec<PathBuf> {
        let own = file.with_extension(self.extension());
        match self {
            Self::Rss => feed::paths(file).into_iter().chain([own]).collect(),
            _ => vec![own],
        }
    }

    /// The files of this document for a release, each with its content.
    fn files(self, edition: &Edition<'_>, order: &Order<'_>) -> Vec<(PathBuf, Vec<u8>)> {
        let captions = |write: fn(&Edition<'_>, &SoundFile) -> String| {
            let file = |file: &SoundFile| (self.beside(file), write(edition, file).into_bytes());
            edition.files.iter().map(file).collect()
        };
        let one = |in_folder: &str| match edition.folder {
            Some(folder) => folder.join(in_folder),
            None => edition.files[0].path.with_extension(self.extension()),
        };
        match self {
            Self::Srt => captions(captions::srt),
            Self::Vtt => captions(captions::vtt),
            Self::Lrc => captions(captions::lrc),
            Self::Cue => vec![(one("book.cue"), cue_sheet::write(edition).into_bytes())],
            Self::Opf => vec![(one("metadata.opf"), opf::write(edition).into_bytes())],
            Self::Rss => feed::files(edition, order, &one("feed.rss")),
        }
    }

    /// Where captions of a sound file go.
    fn beside(self, file: &SoundFile) -> PathBuf {
        file.path.with_extension(self.extension())
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.extension())
    }
}

/// A name that is no document's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write the document {0:?}: there is none of this name")]
pub struct UnknownDocument(String);

impl FromStr for Document {
    type Err = UnknownDocument;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::all().find(|document| document.extension().eq_ignore_ascii_case(name));
        named.ok_or_else(|| UnknownDocument(name.to_owned()))
    }
}

/// Documents that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Which.
    pub documents: &'a [Document],
    /// Where the folder of the releases can be had from, for feeds. Without it no feed is written.
    pub base: Option<&'a BaseUrl>,
}

/// Writes the documents of a release, each by one rename. Gives their files.
///
/// # Errors
/// [`ReleaseError::Io`] if one cannot be written.
pub fn write(edition: &Edition<'_>, order: &Order<'_>) -> Result<Vec<PathBuf>, ReleaseError> {
    let mut paths = Vec::new();
    for document in order.documents {
        for (path, content) in document.files(edition, order) {
            whole_file::write(&path, |file| {
                file.write_all(&content).map_err(ReleaseError::io("write", &path))
            })?;
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Whether a file's name is one of a document in a release folder, so that the folder may be replaced with it.
pub(crate) fn belongs(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|found| found.parse::<Document>().is_ok()) || name.ends_with(feed::CHAPTERS)
}
