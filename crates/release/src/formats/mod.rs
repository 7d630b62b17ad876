//! What a release can be. A format is one file here and one line in the table below.

mod chapter_files;
mod flac;
mod m4b;
mod wav;

pub(crate) use chapter_files::belongs;
pub use m4b::write_chapter;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Codec, CoverArt, ReleaseError, Tags, Track};

/// The table of formats.
macro_rules! formats {
    ($($(#[$documentation:meta])* $name:ident => $definition:expr,)*) => {
        /// What a release can be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Format {
            $($(#[$documentation])* $name,)*
        }

        impl Format {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$name => &$definition,)*
                }
            }
        }
    };
}

formats! {
    /// One M4B for the whole book, with chapters.
    M4b => m4b::DEFINITION,
    /// A folder with one FLAC a chapter.
    Flac => flac::DEFINITION,
    /// A folder with one WAV a chapter.
    Wav => wav::DEFINITION,
}

/// How a release lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One file for the whole book.
    OneFile,
    /// A folder with one file a chapter.
    FilePerChapter,
}

/// What each format says about itself.
struct Definition {
    /// Its name, and the extension of its files.
    name: &'static str,
    /// Its codec for this many bits a second, where the codec has a bit rate.
    codec: fn(u32) -> Codec,
    files: Files,
}

/// How a format's files are written, at a path that is nobody else's.
#[derive(Clone, Copy)]
pub(crate) enum Files {
    /// One for the book, which grows with it.
    OneForTheBook {
        /// Begins the file of a book whose tracks are encoded like the first.
        begin: Begin,
        /// Reads the finished file back.
        check: fn(&Path, &[Track]) -> Result<(), ReleaseError>,
    },
    /// One for each chapter, written and checked when all tracks are there.
    OneForEachChapter {
        /// Writes the files into a folder.
        write: fn(&Release<'_>, &Path) -> Result<(), ReleaseError>,
    },
}

/// Begins the file of a book at a path, from its first track and what is expected of it.
pub(crate) type Begin = fn(&Path, &Track, &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError>;

/// A file that takes its tracks as they are made.
pub(crate) trait GrowingFile: Send {
    /// Writes the sound of the next track.
    fn push(&mut self, track: &Track) -> Result<(), ReleaseError>;

    /// Forces what was written so far to the disk, so that little is left to force at the end.
    fn sync(&mut self) -> Result<(), ReleaseError>;

    /// Ends the file.
    fn finish(self: Box<Self>, tags: &Tags, cover: Option<&CoverArt>) -> Result<Finished, ReleaseError>;
}

/// How a growing file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It is whole.
    Whole,
    /// Its head needs more room than was reserved for it by what was expected.
    HeadTooLong,
}

/// What is known of a book before its tracks are there, to reserve room for the head of its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Titles of all chapters, in order.
    pub titles: &'a [&'a str],
    /// Samples of all tracks; more than there will be costs four bytes for each 1024.
    pub samples: u64,
    pub tags: &'a Tags,
    pub cover: Option<&'a CoverArt>,
}

/// What goes into a release.
pub(crate) struct Release<'a> {
    pub tracks: &'a [Track],
    pub tags: &'a Tags,
    pub cover: Option<&'a CoverArt>,
}

impl Format {
    /// Every format, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// Extension of its files, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.definition().name
    }

    /// How a release in this format lies on disk.
    #[must_use]
    pub fn layout(self) -> Layout {
        match self.files() {
            Files::OneForTheBook { .. } => Layout::OneFile,
            Files::OneForEachChapter { .. } => Layout::FilePerChapter,
        }
    }

    /// Its codec; `bitrate`, in bits a second, counts where the codec has one.
    #[must_use]
    pub fn codec(self, bitrate: u32) -> Codec {
        (self.definition().codec)(bitrate)
    }

    pub(crate) fn files(self) -> Files {
        self.definition().files
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.definition().name)
    }
}

/// A name that is no format's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use the format {name:?}: it is not one of {}", Format::names())]
pub struct UnknownFormat {
    /// The name.
    pub name: String,
}

impl Format {
    fn names() -> String {
        Self::all().map(Self::extension).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|format| format.extension().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_from_what_it_prints() {
        for format in Format::all() {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(format.to_string().to_uppercase().parse(), Ok(format));
            assert_eq!(serde_json::to_value(format).unwrap(), format.to_string());
        }
    }

    #[test]
    fn an_unknown_format_names_those_there_are() {
        let error = "mp5".parse::<Format>().unwrap_err().to_string();
        assert_eq!(error, "use the format \"mp5\": it is not one of m4b, flac, wav");
    }
}
