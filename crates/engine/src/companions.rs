//! What is made beside the releases from the same words and tracks: captions, library data, feeds, packages, and the
//! book that is read along. Where it goes is known before anything is spoken.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use rhapsode_book::Book;
use rhapsode_readalong::{NarratedChapter, Narration, Phrase, ReadAlongError};
use rhapsode_release::{
    ChunkTime, Codec, CoverArt, Format, Layout, Published, Tags, Track,
    documents::{self, BaseUrl, Document, Edition, Order},
    packages::{self, Package},
    safe_file_name,
};

use crate::{EngineError, PublishedRelease, prepare::Prepared};

/// What the name of a read-along edition ends with: the manuscript may be an EPUB of the same title.
const READ_ALONG: &str = " (read-along).epub";

/// Bytes of a name, without what it ends with.
const NAME_BYTES: usize = 200;

/// Something beside the releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Companion {
    /// Words and times in a file of text.
    Document(Document),
    /// The chapters and a manifest in an archive.
    Package(Package),
    /// An EPUB 3 whose words are marked while they are read.
    ReadAlong,
}

/// What is wanted beside the releases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Companions {
    /// Which, each once.
    pub wanted: Vec<Companion>,
    /// Where the folder of the releases will be had from, for feeds.
    pub feed: Option<BaseUrl>,
}

impl Companion {
    /// Every companion, in the order of the tables.
    pub fn all() -> impl Iterator<Item = Self> {
        let documents = Document::all().map(Self::Document);
        documents.chain(Package::all().map(Self::Package)).chain([Self::ReadAlong])
    }
}

impl fmt::Display for Companion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(document) => document.fmt(f),
            Self::Package(package) => package.fmt(f),
            Self::ReadAlong => f.pad("epub"),
        }
    }
}

/// A name that is no companion's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write {0:?} beside the release: there is nothing of this name")]
pub struct UnknownCompanion(pub String);

impl FromStr for Companion {
    type Err = UnknownCompanion;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::all().find(|companion| companion.to_string().eq_ignore_ascii_case(name));
        named.ok_or_else(|| UnknownCompanion(name.to_owned()))
    }
}

impl Companions {
    /// Makes sure that what is wanted can be made of a manuscript, before it is spoken.
    pub(crate) fn check(&self, manuscript: &Path, book: &Book, tags: &Tags) -> Result<(), EngineError> {
        if self.wanted.contains(&Companion::ReadAlong) {
            rhapsode_readalong::check(&bytes_of(manuscript, book)?, book, tags)?;
        }
        Ok(())
    }

    /// The codec of the tracks that packages need, if any are wanted: that of an M4B that is made anyway.
    pub(crate) fn codec(
        &self,
        mut formats: impl Iterator<Item = (Format, Codec)>,
    ) -> Option<(Format, Codec)> {
        let needed = self.wanted.iter().any(|companion| !matches!(companion, Companion::Document(_)));
        let made = |(format, _): &(Format, Codec)| *format == packages::CHAPTERS;
        let own = || (packages::CHAPTERS, packages::CHAPTERS.codec(None));
        needed.then(|| formats.find(made).unwrap_or_else(own))
    }

    /// Paths that nobody else's files may stand at. What goes into the folder of a release is not among them.
    pub(crate) fn paths<'a>(
        &self,
        folder: &Path,
        title: &str,
        releases: impl Iterator<Item = (&'a Path, Layout)>,
    ) -> Vec<PathBuf> {
        let files: Vec<&Path> =
            releases.filter(|(_, layout)| !layout.is_folder()).map(|(path, _)| path).collect();
        let paths = |companion: &Companion| match companion {
            Companion::Document(document) => files.iter().flat_map(|file| document.paths(file)).collect(),
            alone => vec![place(*alone, folder, title)],
        };
        self.wanted.iter().flat_map(paths).collect()
    }
}

/// Where a companion of the whole book goes.
fn place(companion: Companion, folder: &Path, title: &str) -> PathBuf {
    let name = safe_file_name(title, NAME_BYTES);
    folder.join(match companion {
        Companion::ReadAlong => name + READ_ALONG,
        other => format!("{name}.{other}"),
    })
}

/// What companions are made of.
pub(crate) struct Company<'a> {
    pub(crate) companions: &'a Companions,
    pub(crate) manuscript: &'a Path,
    pub(crate) prepared: &'a Prepared,
    pub(crate) folder: &'a Path,
    pub(crate) tags: &'a Tags,
    pub(crate) cover: Option<&'a CoverArt>,
}

impl Company<'_> {
    /// Makes what is wanted. `tracks` are those in the codec of packages, as far as one is wanted.
    pub(crate) fn make(
        &self,
        published: &[(Format, Published)],
        tracks: &[Track],
    ) -> Result<Vec<PublishedRelease>, EngineError> {
        let mut made = self.documents(published)?;
        for companion in &self.companions.wanted {
            let path = place(*companion, self.folder, &self.prepared.metadata.title);
            match companion {
                Companion::Document(_) => continue,
                Companion::Package(package) => {
                    packages::write(*package, tracks, self.tags, self.cover, &path)?;
                }
                Companion::ReadAlong => self.read_along(tracks, &path)?,
            }
            made.push(released(&companion.to_string(), path));
        }
        Ok(made)
    }

    fn documents(&self, published: &[(Format, Published)]) -> Result<Vec<PublishedRelease>, EngineError> {
        let documents: Vec<Document> = self
            .companions
            .wanted
            .iter()
            .filter_map(|companion| match companion {
                Companion::Document(document) => Some(*document),
                _ => None,
            })
            .collect();
        let words = |ordinal: u32| {
            self.prepared.chunk(ordinal).map(|chunk| chunk.source.text.clone()).unwrap_or_default()
        };
        let order = Order { documents: &documents, base: self.companions.feed.as_ref() };
        let mut made = Vec::new();
        for (_, published) in published {
            let edition = Edition::of(published, self.tags, self.cover, words);
            for path in documents::write(&edition, &order)? {
                let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
                made.push(released(&kind, path));
            }
        }
        Ok(made)
    }

    fn read_along(&self, tracks: &[Track], path: &Path) -> Result<(), EngineError> {
        let book = &self.prepared.book;
        let manuscript = bytes_of(self.manuscript, book)?;
        let phrase = |time: &ChunkTime| Phrase {
            spans: self
                .prepared
                .chunk(time.ordinal)
                .map(|chunk| chunk.source.spans.clone())
                .unwrap_or_default(),
            start: time.start,
        };
        let chapter = |track| NarratedChapter { track, phrases: track.chunks.iter().map(phrase).collect() };
        let chapters = tracks.iter().map(chapter).collect();
        let narration =
            Narration { manuscript: &manuscript, book, chapters, tags: self.tags, cover: self.cover };
        Ok(rhapsode_readalong::write(&narration, path)?)
    }
}

/// The bytes that a book was read from.
fn bytes_of(manuscript: &Path, book: &Book) -> Result<Vec<u8>, EngineError> {
    let bytes = std::fs::read(manuscript)
        .map_err(|source| EngineError::Read { path: manuscript.to_owned(), source: source.into() })?;
    match *blake3::hash(&bytes).as_bytes() == book.source_hash {
        true => Ok(bytes),
        false => Err(ReadAlongError::Changed(manuscript.to_owned()).into()),
    }
}

fn released(format: &str, path: PathBuf) -> PublishedRelease {
    let bytes = std::fs::metadata(&path).map_or(0, |found| found.len());
    PublishedRelease { format: format.to_owned(), path, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_is_read_from_what_it_prints() {
        for companion in Companion::all() {
            assert_eq!(companion.to_string().to_uppercase().parse(), Ok(companion));
        }
        assert!("mp5".parse::<Companion>().is_err());
    }

    #[test]
    fn a_package_takes_the_tracks_of_an_m4b_that_is_made_anyway() {
        let companions = Companions { wanted: vec![Companion::ReadAlong], feed: None };
        let m4b = (Format::M4b, Format::M4b.codec(Some(32_000)));
        let flac = (Format::Flac, Format::Flac.codec(None));
        assert_eq!(companions.codec([flac, m4b].into_iter()), Some(m4b));
        assert_eq!(companions.codec([flac].into_iter()).unwrap().1, Format::M4b.codec(None));
        let captions = Companions { wanted: vec![Companion::Document(Document::Srt)], feed: None };
        assert_eq!(captions.codec([flac].into_iter()), None);
    }

    #[test]
    fn a_read_along_edition_never_has_the_name_of_its_manuscript() {
        let path = place(Companion::ReadAlong, Path::new("out"), "Emma");
        assert_eq!(path, Path::new("out/Emma (read-along).epub"));
    }
}
