//! A scanner that follows the rules that Audiobookshelf documents for a library's folders, so that what we publish is
//! judged as a reader of those rules sees it: title, author and series come from the folders alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A book as the scanner finds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shelved {
    /// From the folder above, or the one above that.
    pub author: Option<String>,
    /// From the folder between author and title.
    pub series: Option<String>,
    /// From the title's folder, `Vol 2 - `.
    pub sequence: Option<String>,
    /// The rest of the title's folder.
    pub title: String,
    /// Its sound files.
    pub sound: Vec<PathBuf>,
    /// Its cover.
    pub cover: Option<PathBuf>,
}

impl Shelved {
    /// What `metadata.json` beside the sound says.
    ///
    /// # Panics
    /// If it is not there, or is not JSON.
    #[must_use]
    pub fn metadata(&self) -> Value {
        let folder = self.sound[0].parent().expect("a file lies in a folder");
        let folder = match folder.file_name().is_some_and(|name| is_disc(&name.to_string_lossy())) {
            true => folder.parent().expect("a disc lies in a book's folder"),
            false => folder,
        };
        let bytes = fs::read(folder.join("metadata.json")).expect("metadata.json lies beside the sound");
        serde_json::from_slice(&bytes).expect("metadata.json is JSON")
    }
}

/// Every book of a library: the folders that hold sound, at most three deep. Hidden folders are passed over.
///
/// # Panics
/// If sound lies where the rules know none, or a folder cannot be read.
#[must_use]
pub fn scan_library(library: &Path) -> Vec<Shelved> {
    let mut books = Vec::new();
    scan(library, &[], &mut books);
    books.sort();
    books
}

/// `/^(cd|dis[ck])\s*\d{1,3}$/i`.
fn is_disc(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let number = ["cd", "disc", "disk"].iter().find_map(|word| name.strip_prefix(word)).map(str::trim_start);
    number.is_some_and(|number| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

fn scan(folder: &Path, above: &[String], books: &mut Vec<Shelved>) {
    let mut sound = Vec::new();
    let mut cover = None;
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            let above: Vec<String> = above.iter().cloned().chain([name]).collect();
            scan(&path, &above, books);
        } else if ["m4b", "mp3", "flac", "opus", "wav"].contains(&extension.as_str()) {
            sound.push(path);
        } else if ["jpg", "jpeg", "png", "webp"].contains(&extension.as_str()) {
            cover = Some(path);
        }
    }
    if sound.is_empty() {
        return;
    }
    sound.sort();
    // A disc's folder belongs to the book that it lies in; covers and all else are looked for there too.
    let above = match above {
        [above @ .., disc] if is_disc(disc) && !above.is_empty() => above,
        above => above,
    };
    let (author, series, folder) = match above {
        [title] => (None, None, title),
        [author, title] => (Some(author), None, title),
        [author, series, title] => (Some(author), Some(series), title),
        _ => panic!("sound lies where no book is looked for: {sound:?}"),
    };
    let (sequence, title) = match folder.strip_prefix("Vol ").and_then(|rest| rest.split_once(" - ")) {
        Some((sequence, title)) => (Some(sequence.to_owned()), title.to_owned()),
        None => (None, folder.clone()),
    };
    books.push(Shelved { author: author.cloned(), series: series.cloned(), sequence, title, sound, cover });
}
