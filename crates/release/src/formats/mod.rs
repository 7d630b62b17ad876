//! What a release can be. A format is one file here and one line in the table below.

mod flac;
mod folder;
mod label;
mod m4b;
mod mp3;
mod opus;
mod wav;

pub(crate) use folder::{PieceOfBook, belongs, chapters, parts, write_beside};
pub(crate) use label::{Label, Number, Piece};

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Codec, ReleaseError, Track};

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
    /// M4B: AAC, one file for the book.
    M4b => m4b::DEFINITION,
    /// MP3, one file a chapter unless told otherwise.
    Mp3 => mp3::DEFINITION,
    /// Opus, one file for the book unless told otherwise.
    Opus => opus::DEFINITION,
    /// FLAC, one file a chapter.
    Flac => flac::DEFINITION,
    /// WAV, one file a chapter.
    Wav => wav::DEFINITION,
}

/// How a release lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One file for the whole book.
    OneFile,
    /// A folder with files of some chapters each, none longer than this but for a chapter that is.
    Parts {
        /// The longest that a part may be.
        longest: Duration,
    },
    /// A folder with one file a chapter.
    FilePerChapter,
}

impl Layout {
    /// Whether the release is a folder.
    #[must_use]
    pub fn is_folder(self) -> bool {
        self != Self::OneFile
    }
}

/// What each format says about itself.
struct Definition {
    /// Its name, and the extension of a file with chapters.
    name: &'static str,
    /// Extension of a file of one chapter.
    chapter_extension: &'static str,
    /// Media type of its files.
    media_type: &'static str,
    /// Its codec for this many bits a second, where the codec has a bit rate; its own if none is given.
    codec: fn(Option<u32>) -> Codec,
    files: Files,
}

/// How a format's files are written, at a path that is nobody else's.
#[derive(Clone, Copy)]
pub(crate) enum Files {
    /// A file takes any number of chapters and grows with them.
    OfManyChapters {
        /// Begins a file whose tracks are encoded like the first.
        begin: Begin,
        /// Reads a finished file back.
        check: CheckFile,
        /// What a release is if nobody says.
        layout: Layout,
    },
    /// A file has one chapter.
    OfOneChapter {
        /// Writes and checks it.
        write: fn(&Track, &Label<'_>, &Path) -> Result<(), ReleaseError>,
    },
}

/// Begins a file at a path, from its first track and what is expected of it.
pub(crate) type Begin = fn(&Path, &Track, &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError>;

/// Reads a finished file back, which must hold every sample of the tracks.
pub(crate) type CheckFile = fn(&Path, &[Track]) -> Result<(), ReleaseError>;

/// A file that takes its tracks as they are made.
pub(crate) trait GrowingFile: Send {
    /// Writes the sound of the next track.
    fn push(&mut self, track: &Track) -> Result<(), ReleaseError>;

    /// Forces what was written so far to the disk, so that little is left to force at the end.
    fn sync(&mut self) -> Result<(), ReleaseError>;

    /// Ends the file.
    fn finish(self: Box<Self>, label: &Label<'_>) -> Result<Finished, ReleaseError>;
}

/// How a growing file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It is whole.
    Whole,
    /// Its head needs more room than was reserved for it by what was expected.
    HeadTooLong,
}

/// What is known of a file before its tracks are there, to reserve room for its head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Titles of all its chapters, in order.
    pub titles: &'a [&'a str],
    /// Samples of all tracks; more than there will be costs little room.
    pub samples: u64,
    pub label: Label<'a>,
}

impl Format {
    /// Every format, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// Its name, which is the extension of a file that is the whole book, without the dot.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Extension of its files in a release of this layout, without the dot.
    #[must_use]
    pub fn extension(self, layout: Layout) -> &'static str {
        match layout {
            Layout::OneFile | Layout::Parts { .. } => self.definition().name,
            Layout::FilePerChapter => self.definition().chapter_extension,
        }
    }

    /// Media type of its files.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        self.definition().media_type
    }

    /// How a release in this format lies on disk if nobody says.
    #[must_use]
    pub fn layout(self) -> Layout {
        match self.files() {
            Files::OfManyChapters { layout, .. } => layout,
            Files::OfOneChapter { .. } => Layout::FilePerChapter,
        }
    }

    /// Whether one of its files can hold several chapters.
    #[must_use]
    pub fn holds_books(self) -> bool {
        matches!(self.files(), Files::OfManyChapters { .. })
    }

    /// Its codec at this many bits a second, if it has a bit rate; at what speech needs in it, if none is given.
    #[must_use]
    pub fn codec(self, bitrate: Option<u32>) -> Codec {
        (self.definition().codec)(bitrate)
    }

    pub(crate) fn files(self) -> Files {
        self.definition().files
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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
        Self::all().map(Self::name).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|format| format.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

/// Writes a file of many chapters whose tracks are all there, and reads it back.
pub(crate) fn write_whole(
    (begin, check): (Begin, CheckFile),
    tracks: &[Track],
    label: &Label<'_>,
    path: &Path,
) -> Result<(), ReleaseError> {
    let broken = |reason: &str| ReleaseError::Broken { path: path.to_owned(), reason: reason.to_owned() };
    let first = tracks.first().ok_or_else(|| broken("it has no track"))?;
    let titles: Vec<&str> = tracks.iter().map(|track| track.title.as_str()).collect();
    let samples = tracks.iter().map(|track| track.samples).sum();
    let mut file = begin(path, first, &Expected { titles: &titles, samples, label: *label })?;
    tracks.iter().try_for_each(|track| file.push(track))?;
    match file.finish(label)? {
        Finished::Whole => check(path, tracks),
        Finished::HeadTooLong => Err(broken("its head is longer than its tracks can make it")),
    }
}

/// The file's length must be what was written: a full disk can also show itself that late.
pub(crate) fn check_length(path: &Path, expected: u64) -> Result<(), ReleaseError> {
    let found = std::fs::metadata(path).map_err(ReleaseError::io("read", path))?.len();
    if found == expected {
        return Ok(());
    }
    let reason = format!("it has {found} bytes instead of {expected}");
    Err(ReleaseError::Broken { path: path.to_owned(), reason })
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
        assert_eq!(error, "use the format \"mp5\": it is not one of m4b, mp3, opus, flac, wav");
    }
}
