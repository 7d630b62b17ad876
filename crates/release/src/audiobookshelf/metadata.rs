//! `metadata.json`, as Audiobookshelf writes and reads it beside a book, and the cover.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{CoverArt, ReleaseError, Tags};

const METADATA: &str = "metadata.json";

/// A chapter of the book; times in seconds from the beginning of the book.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chapter {
    /// Its number, from 0.
    pub id: usize,
    /// Where it begins.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
    /// Its title.
    pub title: String,
}

/// `metadata.json`. Field names and their order are Audiobookshelf's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    tags: [&'a str; 0],
    chapters: &'a [Chapter],
    title: &'a str,
    subtitle: Option<&'a str>,
    authors: &'a [String],
    narrators: &'a [String],
    series: Vec<String>,
    genres: &'a [String],
    published_year: Option<String>,
    published_date: Option<&'a str>,
    publisher: Option<&'a str>,
    description: Option<&'a str>,
    isbn: Option<&'a str>,
    asin: Option<&'a str>,
    language: Option<&'a str>,
    explicit: bool,
    abridged: bool,
}

/// Writes `metadata.json` and the cover (`cover.jpg`, `cover.png`) into a book's folder. Gives the files.
///
/// # Errors
/// [`ReleaseError::Io`] if one cannot be written.
pub fn shelve(
    folder: &Path,
    tags: &Tags,
    chapters: &[Chapter],
    cover: Option<&CoverArt>,
) -> Result<Vec<PathBuf>, ReleaseError> {
    let metadata = Metadata {
        tags: [],
        chapters,
        title: &tags.title,
        subtitle: tags.subtitle.as_deref(),
        authors: &tags.authors,
        narrators: &tags.narrators,
        series: tags.series.iter().map(|name| series(name, tags.series_part.as_deref())).collect(),
        genres: &tags.genres,
        published_year: tags.year.map(|year| year.to_string()),
        published_date: None,
        publisher: tags.publisher.as_deref(),
        description: tags.description.as_deref(),
        isbn: tags.isbn.as_deref(),
        asin: tags.asin.as_deref(),
        language: tags.language.as_deref(),
        explicit: false,
        abridged: false,
    };
    let json = serde_json::to_vec_pretty(&metadata).expect("every field of it has a form in JSON");
    let mut files = vec![write(folder.join(METADATA), &json)?];
    if let Some(cover) = cover {
        files.push(write(cover_path(folder, cover), &cover.bytes)?);
    }
    Ok(files)
}

/// The files that [`shelve`] writes.
#[must_use]
pub fn shelved(folder: &Path, cover: Option<&CoverArt>) -> Vec<PathBuf> {
    let metadata = folder.join(METADATA);
    std::iter::once(metadata).chain(cover.map(|cover| cover_path(folder, cover))).collect()
}

fn cover_path(folder: &Path, cover: &CoverArt) -> PathBuf {
    folder.join("cover").with_extension(cover.kind.extension())
}

fn write(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, ReleaseError> {
    fs::write(&path, bytes).map_err(ReleaseError::io("write", &path))?;
    Ok(path)
}

/// `Novels #2`, as Audiobookshelf splits it again.
fn series(name: &str, part: Option<&str>) -> String {
    match part {
        Some(part) => format!("{name} #{part}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CoverKind;

    #[test]
    fn the_files_beside_the_sound_say_all_that_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let tags = Tags {
            title: "Emma \"E\"".to_owned(),
            authors: vec!["Jane Austen".to_owned()],
            series: Some("Novels".to_owned()),
            series_part: Some("2.5".to_owned()),
            year: Some(1815),
            ..Tags::default()
        };
        let chapters = [Chapter { id: 0, start: 0.0, end: 12.5, title: "One".to_owned() }];
        let cover = CoverArt { kind: CoverKind::Png, bytes: vec![1, 2] };
        let files = shelve(folder.path(), &tags, &chapters, Some(&cover)).unwrap();
        assert_eq!(files, ["metadata.json", "cover.png"].map(|name| folder.path().join(name)));
        let json: serde_json::Value = serde_json::from_slice(&fs::read(&files[0]).unwrap()).unwrap();
        assert_eq!(json["title"], "Emma \"E\"");
        assert_eq!(json["series"], serde_json::json!(["Novels #2.5"]));
        assert_eq!(json["publishedYear"], "1815");
        assert_eq!(json["chapters"][0]["end"], 12.5);
    }
}
