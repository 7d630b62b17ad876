//! Packages: one archive with a book's chapters as sound files and a manifest that says what they are.
//!
//! The sound is AAC in M4A, the one kind that every reader of such packages plays, whatever the releases beside are. A
//! package is one file here and one line in the table below.

mod lpf;
mod readium;

use std::{
    fmt,
    io::{Seek, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{CoverArt, Format, PublishedFile, ReleaseError, Tags, Track, whole_file, write_chapters};

/// The format of the chapters in a package.
pub const CHAPTERS: Format = Format::M4b;

/// A kind of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Package {
    /// W3C audiobook in the Lightweight Packaging Format.
    Lpf,
    /// Audiobook as a Readium web publication.
    Audiobook,
}

/// What goes into a package.
pub(crate) struct Contents<'a> {
    pub chapters: &'a [PackedChapter],
    pub tags: &'a Tags,
    /// Path of the cover in the package and what it is.
    pub cover: Option<(&'a str, &'a CoverArt)>,
}

/// A chapter's sound file in a package.
pub(crate) struct PackedChapter {
    /// Path in the package.
    pub path: String,
    pub title: String,
    pub media_type: String,
    pub seconds: f64,
    pub bytes: u64,
}

impl Package {
    /// Every package, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Lpf, Self::Audiobook].into_iter()
    }

    /// Its name, and the extension of its file.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Lpf => "lpf",
            Self::Audiobook => "audiobook",
        }
    }

    /// The files of its manifest, each with its path in the package.
    fn manifest(self, contents: &Contents<'_>) -> Vec<(&'static str, String)> {
        match self {
            Self::Lpf => lpf::manifest(contents),
            Self::Audiobook => readium::manifest(contents),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.extension())
    }
}

/// Writes a package of AAC tracks, by one rename.
///
/// # Errors
/// If a track is not AAC or is cut, or if a file cannot be written. What stood at `path` is then still there.
pub fn write(
    package: Package,
    tracks: &[Track],
    tags: &Tags,
    cover: Option<&CoverArt>,
    path: &Path,
) -> Result<(), ReleaseError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let sounds = tempfile::Builder::new().prefix(".rhapsode-").tempdir_in(folder);
    let sounds = sounds.map_err(ReleaseError::io("write", path))?;
    let files = write_chapters(CHAPTERS, tracks, tags, sounds.path())?;
    let width = files.len().to_string().len().max(2);
    let packed = |(number, file): (usize, &PublishedFile)| PackedChapter {
        path: format!("audio/{number:0width$}.m4a"),
        title: file.chapters.first().map(|chapter| chapter.title.clone()).unwrap_or_default(),
        media_type: file.media_type.clone(),
        seconds: file.seconds(),
        bytes: file.bytes,
    };
    let chapters: Vec<PackedChapter> = (1..).zip(&files).map(packed).collect();
    let cover_path = cover.map(|cover| format!("cover.{}", cover.kind.extension()));
    let contents = Contents { chapters: &chapters, tags, cover: cover_path.as_deref().zip(cover) };
    whole_file::write(path, |file| {
        let archive = Archive(ZipWriter::new(file));
        let packed = archive.fill(&package.manifest(&contents), &contents, &files);
        packed.map_err(|error| match error {
            ZipError::Io(source) => ReleaseError::io("write", path)(source),
            other => ReleaseError::Broken { path: path.to_owned(), reason: other.to_string() },
        })
    })
}

/// The archive that is written. Nothing in it carries a date.
struct Archive<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Archive<W> {
    fn fill(
        mut self,
        manifest: &[(&str, String)],
        contents: &Contents<'_>,
        files: &[PublishedFile],
    ) -> Result<(), ZipError> {
        let options = SimpleFileOptions::default();
        for (name, text) in manifest {
            self.0.start_file(*name, options.compression_method(CompressionMethod::Deflated))?;
            self.0.write_all(text.as_bytes())?;
        }
        let stored = options.compression_method(CompressionMethod::Stored);
        if let Some((name, cover)) = contents.cover {
            self.0.start_file(name, stored)?;
            self.0.write_all(&cover.bytes)?;
        }
        for (chapter, file) in contents.chapters.iter().zip(files) {
            self.0.start_file(chapter.path.as_str(), stored.large_file(file.bytes > u64::from(u32::MAX)))?;
            std::io::copy(&mut std::fs::File::open(&file.path)?, &mut self.0)?;
        }
        self.0.finish()?.flush()?;
        Ok(())
    }
}

/// `PT3600.007S`, exact to the millisecond.
fn iso_duration(seconds: f64) -> String {
    format!("PT{seconds:.3}S")
}
