//! What a finished book has in the library. Files are named by the book and a number, never by a path of the client's, and
//! none is given that lies elsewhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// How deep the sound of a book lies: formats with a file a chapter have a folder in the book's.
const DEPTH: usize = 2;
/// Bytes of `metadata.json` that are read at most; a library holds what anyone puts there.
const METADATA_BYTES: u64 = 1 << 20;

/// What is played, by its extension.
const SOUND: [(&str, &str); 6] = [
    ("m4b", "audio/mp4"),
    ("mp3", "audio/mpeg"),
    ("opus", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("flac", "audio/flac"),
    ("wav", "audio/wav"),
];
const COVERS: [(&str, &str); 2] = [("cover.jpg", "image/jpeg"), ("cover.png", "image/png")];

/// A file and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) path: PathBuf,
    pub(crate) kind: &'static str,
}

/// A sound of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    pub(crate) media: Media,
    /// Its file name without the extension.
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// Whether it is one of many in a folder of its own.
    pub(crate) is_part: bool,
}

/// What `metadata.json` says that the page wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) authors: Vec<String>,
}

/// A book's folder in the library.
#[derive(Debug)]
pub(crate) struct Shelf<'a> {
    library: &'a Path,
    folder: PathBuf,
}

impl<'a> Shelf<'a> {
    /// The folder at a place of the library; none if it is not there, or leads out of it.
    pub(crate) fn at(library: &'a Path, place: &Path) -> Option<Self> {
        let folder = inside(library, &library.join(place))?;
        folder.is_dir().then_some(Self { library, folder })
    }

    /// Its sounds: whole books first, then parts, each in the order of their names.
    pub(crate) fn sounds(&self) -> Vec<Sound> {
        let mut sounds = Vec::new();
        self.collect(&self.folder, 1, &mut sounds);
        sounds.sort_by(|one, other| (one.is_part, &one.media.path).cmp(&(other.is_part, &other.media.path)));
        sounds
    }

    fn collect(&self, folder: &Path, depth: usize, sounds: &mut Vec<Sound>) {
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = file.path();
            if file.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let Some(path) = inside(self.library, &path) else { continue };
            let Ok(about) = fs::metadata(&path) else { continue };
            if about.is_dir() && depth < DEPTH {
                self.collect(&path, depth + 1, sounds);
            }
            let Some(kind) = kind(&path).filter(|_| about.is_file()) else { continue };
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            sounds.push(Sound { media: Media { path, kind }, name, bytes: about.len(), is_part: depth > 1 });
        }
    }

    /// Its cover.
    pub(crate) fn cover(&self) -> Option<Media> {
        COVERS.iter().find_map(|(name, kind)| {
            let path = inside(self.library, &self.folder.join(name)).filter(|path| path.is_file())?;
            Some(Media { path, kind })
        })
    }

    /// What lies written beside the sound.
    pub(crate) fn metadata(&self) -> Option<Metadata> {
        let path = inside(self.library, &self.folder.join("metadata.json"))?;
        let file = fs::File::open(path).ok()?;
        serde_json::from_reader(io::Read::take(io::BufReader::new(file), METADATA_BYTES)).ok()
    }
}

fn kind(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    SOUND.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

/// The real path of what is there; none if it lies outside of `root`, by whatever way.
pub(crate) fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let (root, path) = (root.canonicalize().ok()?, path.canonicalize().ok()?);
    path.starts_with(&root).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_books_come_first_and_hidden_files_never() {
        let dir = tempfile::tempdir().unwrap();
        let book = dir.path().join("A/B");
        fs::create_dir_all(book.join("B (mp3)")).unwrap();
        for name in ["B.m4b", "B.WAV", ".old.m4b", "notes.txt", "B (mp3)/02 Two.mp3", "B (mp3)/01 One.mp3"] {
            fs::write(book.join(name), "x").unwrap();
        }
        let shelf = Shelf::at(dir.path(), Path::new("A/B")).unwrap();
        let told: Vec<_> =
            shelf.sounds().into_iter().map(|it| (it.name, it.media.kind, it.is_part)).collect();
        assert_eq!(
            told,
            [
                ("B".to_owned(), "audio/wav", false),
                ("B".to_owned(), "audio/mp4", false),
                ("01 One".to_owned(), "audio/mpeg", true),
                ("02 Two".to_owned(), "audio/mpeg", true),
            ]
        );
        assert_eq!((shelf.cover(), shelf.metadata()), (None, None));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_that_leads_out_of_the_library_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("library");
        fs::create_dir_all(library.join("A/B")).unwrap();
        fs::write(dir.path().join("secret.m4b"), "x").unwrap();
        let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
        link(dir.path().join("secret.m4b"), library.join("A/B/B.m4b")).unwrap();
        link(dir.path().join("secret.m4b"), library.join("A/B/cover.jpg")).unwrap();
        link(dir.path().to_owned(), library.join("A/B/parts")).unwrap();
        link(dir.path().to_owned(), library.join("A/out")).unwrap();
        let shelf = Shelf::at(&library, Path::new("A/B")).unwrap();
        assert_eq!((shelf.sounds(), shelf.cover()), (Vec::new(), None));
        assert!(Shelf::at(&library, Path::new("A/out")).is_none());
        assert!(Shelf::at(&library, Path::new("../..")).is_none());
        assert!(Shelf::at(&library, dir.path()).is_none());
    }
}
