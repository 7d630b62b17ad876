//! What a release can be. A format is one file here and one line in the table below.

mod chapter_files;
mod flac;
mod m4b;
mod wav;

pub(crate) use chapter_files::belongs;

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
    layout: Layout,
    /// Its codec for this many bits a second, where the codec has a bit rate.
    codec: fn(u32) -> Codec,
    /// Writes and checks the file, or the files in the folder, at a path that is nobody else's.
    write: fn(&Release<'_>, &Path) -> Result<(), ReleaseError>,
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
        self.definition().layout
    }

    /// Its codec; `bitrate`, in bits a second, counts where the codec has one.
    #[must_use]
    pub fn codec(self, bitrate: u32) -> Codec {
        (self.definition().codec)(bitrate)
    }

    pub(crate) fn write(self, release: &Release<'_>, path: &Path) -> Result<(), ReleaseError> {
        (self.definition().write)(release, path)
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
