//! What Audiobookshelf reads of a book: the folder it lies in, its tags, and `metadata.json`, which goes before both.
//!
//! Its documentation and its scanner say: a folder for each book, under one of its author and perhaps one of its series;
//! author from the artist, narrator from the composer, title from the album.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::set;
use super::words::{clock, first_of};
use crate::finding::{Check, Findings, must, should};
use crate::gather::gather;
use crate::report::BookReport;

/// The largest `metadata.json` that is read.
const LARGEST: u64 = 64 << 20;

/// How far its chapters may reach over the end of the book, in seconds.
const END: f64 = 1.0;

pub(super) fn check(book: &BookReport, findings: &mut Findings) {
    let metadata = metadata(book, findings);
    let from_json = |field: &str| {
        let value = &metadata.as_ref()?[field];
        let listed = value.as_array().and_then(|list| list.first()).and_then(Value::as_str);
        value.as_str().or(listed).map(str::to_owned).filter(|text| !text.is_empty())
    };
    let first = |field: fn(&crate::tags::Tags) -> Option<&str>| {
        book.files.iter().find_map(|file| field(&file.tags).map(str::to_owned))
    };
    let (author, title) = folders(&book.folder);
    let named = [
        (Check::Title, from_json("title").or_else(|| first(|tags| tags.book())).or(title.clone())),
        (
            Check::Author,
            from_json("authors").or_else(|| first(|tags| tags.author.as_deref())).or(author.clone()),
        ),
    ];
    for (check, value) in named {
        let rule =
            must("in metadata.json, the tags or the folders", "put the book into Author/Title/, or tag it");
        findings.judge(check, value.is_some(), value.unwrap_or_else(|| "none".to_owned()), rule);
    }
    let narrator = from_json("narrators").or_else(|| first(|tags| tags.composer.as_deref()));
    let rule =
        should("in metadata.json, or as composer in the tags", "write the narrator into the composer's tag");
    findings.judge(Check::Narrator, narrator.is_some(), narrator.unwrap_or_else(|| "none".to_owned()), rule);
    set::series(book, findings);
    set::cover(book, findings);
    let others = others(book);
    let mut told = match (&author, &title) {
        (Some(author), Some(title)) => format!("{author}/{title}"),
        _ => book.folder.display().to_string(),
    };
    if others > 0 {
        told += &format!(", with {others} other sound files");
    }
    let rule = should(
        "Author/Title or Author/Series/Title, and nothing else in it",
        "give each book a folder of its own: all sound in one is taken for one book",
    );
    findings.judge(Check::Folder, author.is_some() && title.is_some() && others == 0, told, rule);
}

/// Sound files in the book's folder, and below it, that are not the book's.
fn others(book: &BookReport) -> usize {
    // A folder in which no sound is found has no other sound either.
    let all = gather(&book.folder).unwrap_or_default();
    let is_ours = |path: &PathBuf| book.files.iter().any(|file| file.path == *path);
    all.iter().filter(|path| !is_ours(path)).count()
}

/// Author and title by the folders of a book. A `Vol. 2 - 1999 - Title {Narrator}` is its title for this.
fn folders(folder: &Path) -> (Option<String>, Option<String>) {
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = |path: Option<&Path>| path?.file_name().map(|name| name.to_string_lossy().into_owned());
    let author = name(folder.parent());
    (author, name(Some(&folder)))
}

/// Reads `metadata.json`, of either age.
fn metadata(book: &BookReport, findings: &mut Findings) -> Option<Value> {
    let path = book.folder.join("metadata.json");
    let length = std::fs::metadata(&path).ok()?.len();
    let text = if length <= LARGEST { std::fs::read(&path).ok() } else { None };
    let parsed = text.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let again = "let rhapsode or Audiobookshelf write it again";
    let Some(mut parsed) = parsed.filter(Value::is_object) else {
        let rule = must("a JSON object", again);
        findings.judge(Check::Metadata, false, "metadata.json is no JSON object", rule);
        return None;
    };
    // Until 2.4 the fields stood one level deeper.
    if parsed["metadata"].is_object() {
        let chapters = parsed["chapters"].take();
        parsed = parsed["metadata"].take();
        if let Some(fields) = parsed.as_object_mut() {
            fields.entry("chapters").or_insert(chapters);
        }
    }
    let wrong = oddities(&parsed, book);
    let told = if wrong.is_empty() {
        "metadata.json is as it should be".to_owned()
    } else {
        first_of(&wrong, wrong.len())
    };
    let rule = must("fields of the right kind, chapters within the book", again);
    findings.judge(Check::Metadata, wrong.is_empty(), told, rule);
    Some(parsed)
}

fn oddities(metadata: &Value, book: &BookReport) -> Vec<String> {
    let mut wrong = Vec::new();
    for field in
        ["title", "subtitle", "publishedYear", "publisher", "description", "isbn", "asin", "language"]
    {
        if !(metadata[field].is_null() || metadata[field].is_string()) {
            wrong.push(format!("{field} is no text"));
        }
    }
    for field in ["authors", "narrators", "series", "genres", "tags"] {
        let texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
        if !(metadata[field].is_null() || metadata[field].as_array().is_some_and(texts)) {
            wrong.push(format!("{field} is no list of texts"));
        }
    }
    let measured = book.files.iter().filter_map(|file| file.measurements.as_ref());
    let seconds: f64 = measured.map(|measured| measured.seconds).sum();
    let mut last = -1.0;
    for (n, chapter) in (1..).zip(metadata["chapters"].as_array().into_iter().flatten()) {
        let (Some(start), Some(end)) = (chapter["start"].as_f64(), chapter["end"].as_f64()) else {
            wrong.push(format!("chapter {n} has no start or end"));
            continue;
        };
        if start <= last || end < start {
            wrong.push(format!("chapter {n} is out of order"));
        }
        if end > seconds + END {
            wrong.push(format!("chapter {n} ends at {}, the book at {}", clock(end), clock(seconds)));
        }
        last = start;
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::levels::tests::{broken, good};
    use crate::report::FileReport;
    use crate::sound::Damage;
    use crate::tags::Tags;

    fn judged(folder: &Path, tags: Tags, metadata: Option<&str>) -> Vec<Check> {
        std::fs::create_dir_all(folder).unwrap();
        if let Some(text) = metadata {
            std::fs::write(folder.join("metadata.json"), text).unwrap();
        }
        let file = FileReport {
            path: folder.join("1.mp3"),
            bytes: 1,
            stream: None,
            bit_rate: None,
            promised_seconds: None,
            measurements: Some(good()),
            damage: Damage::default(),
            chapters: Vec::new(),
            tags,
            findings: Vec::new(),
        };
        let book =
            BookReport { title: None, folder: folder.to_owned(), files: vec![file], findings: Vec::new() };
        let mut findings = Findings::default();
        check(&book, &mut findings);
        broken(&findings.0)
    }

    #[test]
    fn folders_and_composer_are_what_a_library_needs_and_a_narrators_tag_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("Ann Author/A Title");
        let reader = Some("Ben".to_owned());
        let tags = Tags { narrator: reader.clone(), ..Tags::default() };
        assert_eq!(judged(&folder, tags, None), [Check::Narrator, Check::Cover]);
        std::fs::write(folder.join("cover.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let tags = Tags { composer: reader, ..Tags::default() };
        assert_eq!(judged(&folder, tags.clone(), None), []);
        for (other, broken) in [("1.txt", vec![]), ("other/2.m4b", vec![Check::Folder])] {
            let other = folder.join(other);
            std::fs::create_dir_all(other.parent().unwrap()).unwrap();
            std::fs::write(other, "").unwrap();
            assert_eq!(judged(&folder, tags.clone(), None), broken);
        }
    }

    #[test]
    fn metadata_json_is_read_in_both_its_ages_and_checked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("Ann/Title");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("cover.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let good = r#"{"title":"T","authors":["A"],"narrators":["N"],"chapters":[{"id":0,"start":0,"end":600,"title":"x"}]}"#;
        assert_eq!(judged(&folder, Tags::default(), Some(good)), []);
        let old = r#"{"metadata":{"title":"T","narrators":["N"]},"chapters":[{"start":0,"end":9999}]}"#;
        assert_eq!(judged(&folder, Tags::default(), Some(old)), [Check::Metadata]);
        for wrong in [
            "[]",
            "{",
            r#"{"narrators":["N"],"authors":"A"}"#,
            r#"{"narrators":["N"],"chapters":[{"start":"0"}]}"#,
        ] {
            assert!(judged(&folder, Tags::default(), Some(wrong)).contains(&Check::Metadata), "{wrong}");
        }
    }
}
