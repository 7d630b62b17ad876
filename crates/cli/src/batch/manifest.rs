//! `--manifest`: a list of books with what holds for each, as a spreadsheet writes it (CSV) or by hand (TOML). An entry
//! sets what a sidecar may set, so that a book can move from one to the other.

use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};
use rhapsode_engine::script::ChapterSelection;
use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::{Entry, EntrySettings};
use crate::{layers::anchor_paths, sidecar};

/// Columns that are no settings.
const BOOK: &str = "book";
const OUTPUT: &str = "output";
const CHAPTERS: &str = "chapters";
/// What separates the members of a list in a cell; names of authors have commas and semicolons.
const SEPARATOR: char = '|';
/// Sections in which the name of a column without a dot is looked for, the first that has it.
const SECTIONS: [&str; 5] = ["metadata", "speech", "release", "reading", "pauses"];

/// Why a manifest is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("read the manifest {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("read the manifest {}: its name ends neither in .csv nor in .toml", path.display())]
    Kind { path: PathBuf },
    #[error("read the manifest {}:\n{message}", path.display())]
    Toml { path: PathBuf, message: String },
    #[error("read line {line} of the manifest {}: {message}", path.display())]
    Line { path: PathBuf, line: usize, message: String },
}

/// Reads a manifest. Its paths count from its folder.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, ManifestError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ManifestError::Io { path: path.to_owned(), source })?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let manifest = Manifest { path, folder: path.parent().unwrap_or(Path::new("")) };
    match extension.to_ascii_lowercase().as_str() {
        "csv" => manifest.csv(&text),
        "toml" => manifest.toml(&text),
        _ => Err(ManifestError::Kind { path: path.to_owned() }),
    }
}

/// Where a manifest is.
struct Manifest<'a> {
    path: &'a Path,
    folder: &'a Path,
}

/// A book as a manifest has it.
struct Row {
    line: usize,
    book: String,
    output: Option<String>,
    chapters: Option<String>,
    table: Table,
}

impl Manifest<'_> {
    fn wrong(&self, line: usize, message: impl ToString) -> ManifestError {
        ManifestError::Line { path: self.path.to_owned(), line, message: message.to_string() }
    }

    fn entry(&self, row: Row) -> Result<Entry, ManifestError> {
        let Row { line, book, output, chapters, mut table } = row;
        anchor_paths(&mut table, self.folder);
        let chapters: Option<ChapterSelection> = chapters
            .map(|list| list.parse().map_err(|error| self.wrong(line, format!("{CHAPTERS}: {error}"))))
            .transpose()?;
        let settings = EntrySettings { manifest: self.path.to_owned(), line, table };
        Ok(Entry {
            manuscript: self.folder.join(book),
            output: output.map(|output| self.folder.join(output)),
            chapters,
            settings: (!settings.table.is_empty()).then_some(settings),
        })
    }

    fn csv(&self, text: &str) -> Result<Vec<Entry>, ManifestError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter(text)).trim(Trim::All).from_reader(text.as_bytes());
        let line_of = |error: &csv::Error| error.position().map_or(1, |position| position.line() as usize);
        let headers = reader.headers().map_err(|error| self.wrong(line_of(&error), &error))?.clone();
        let columns: Vec<Column> = headers
            .iter()
            .map(Column::parse)
            .collect::<Result<_, _>>()
            .map_err(|message| self.wrong(1, message))?;
        if !columns.contains(&Column::Book) {
            return Err(self.wrong(1, format!("no column is called `{BOOK}`")));
        }
        let mut entries = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| self.wrong(line_of(&error), &error))?;
            let line = record.position().map_or(1, |position| position.line() as usize);
            if record.iter().all(str::is_empty) {
                continue;
            }
            let row = row(line, &columns, &record).map_err(|message| self.wrong(line, message))?;
            entries.push(self.entry(row)?);
        }
        Ok(entries)
    }

    fn toml(&self, text: &str) -> Result<Vec<Entry>, ManifestError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Books {
            #[serde(default)]
            book: Vec<Spanned<Table>>,
        }
        let wrong = |error: toml::de::Error| ManifestError::Toml {
            path: self.path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        };
        let books: Books = toml::from_str(text).map_err(wrong)?;
        let mut entries = Vec::new();
        for book in books.book {
            let line = 1 + text[..book.span().start].matches('\n').count();
            let mut table = book.into_inner();
            let mut word = |key: &str| match table.remove(key) {
                None => Ok(None),
                Some(Value::String(text)) => Ok(Some(text)),
                Some(other) => Err(self.wrong(line, format!("{key} = {other} is no text"))),
            };
            let (name, output, chapters) = (word("path")?, word(OUTPUT)?, word(CHAPTERS)?);
            let name = name.ok_or_else(|| self.wrong(line, "the book has no `path`"))?;
            sidecar::check(&table).map_err(|message| self.wrong(line, message))?;
            entries.push(self.entry(Row { line, book: name, output, chapters, table })?);
        }
        Ok(entries)
    }
}

/// What spreadsheets separate columns with depends on the country.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |&delimiter: &u8| header.bytes().filter(|&byte| byte == delimiter).count();
    // The last of equals is taken, so the usual one stands there.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// What a column says of its book.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Book,
    Output,
    Chapters,
    Setting { section: String, key: String },
}

impl Column {
    fn parse(name: &str) -> Result<Self, String> {
        let name = name.to_lowercase().replace(' ', "-");
        Ok(match name.as_str() {
            BOOK => Self::Book,
            OUTPUT => Self::Output,
            CHAPTERS => Self::Chapters,
            _ => {
                let setting = match name.split_once('.') {
                    Some((section, key)) if sidecar::has_setting(section, key) => Some((section, key)),
                    Some(_) => None,
                    None => {
                        let section =
                            SECTIONS.into_iter().find(|section| sidecar::has_setting(section, &name));
                        section.map(|section| (section, name.as_str()))
                    }
                };
                let Some((section, key)) = setting else {
                    return Err(format!("the column `{name}` is no setting of a book"));
                };
                Self::Setting { section: section.to_owned(), key: key.to_owned() }
            }
        })
    }
}

fn row(line: usize, columns: &[Column], record: &StringRecord) -> Result<Row, String> {
    let mut row = Row { line, book: String::new(), output: None, chapters: None, table: Table::new() };
    let said = columns.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
    for (column, cell) in said {
        match column {
            Column::Book => row.book = cell.to_owned(),
            Column::Output => row.output = Some(cell.to_owned()),
            Column::Chapters => row.chapters = Some(cell.to_owned()),
            Column::Setting { section, key } => {
                let value = value(section, key, cell)?;
                let table = row.table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(table) = table {
                    table.insert(key.clone(), value);
                }
            }
        }
    }
    if row.book.is_empty() { Err(format!("the column `{BOOK}` is empty")) } else { Ok(row) }
}

/// A cell as its setting takes it: a text, a number, or the members of a list.
fn value(section: &str, key: &str, cell: &str) -> Result<Value, String> {
    let toml = format!("v = {cell}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
    let list = cell.split(SEPARATOR).map(|member| Value::from(member.trim())).collect::<Vec<_>>();
    let readings = [Some(Value::from(cell)), toml, Some(Value::Array(list))];
    let mut wrong = String::new();
    for reading in readings.into_iter().flatten() {
        match sidecar::check(&sidecar::one_setting(section, key, reading.clone())) {
            Ok(()) => return Ok(reading),
            Err(message) if wrong.is_empty() => wrong = message,
            Err(_) => {}
        }
    }
    Err(format!("{section}.{key}: {wrong}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, text: &str) -> Result<Vec<Entry>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut entries = read(&path).map_err(|error| error.to_string())?;
        for entry in &mut entries {
            entry.manuscript = entry.manuscript.strip_prefix(folder.path()).unwrap().to_owned();
        }
        Ok(entries)
    }

    fn setting<'a>(entry: &'a Entry, section: &str, key: &str) -> &'a Value {
        &entry.settings.as_ref().unwrap().table[section][key]
    }

    #[test]
    fn a_spreadsheet_names_books_and_what_holds_for_each() {
        let text = "Book;Title;Authors;Series Position;speech.speed;formats;Chapters\n\
                    a.epub;\"Emma; a novel\";Austen, Jane|Other, Ann;2;1.1;m4b|flac;1-3\n\
                    ;;;;;;\n\
                    sub/b.md;;;;;;\n";
        for text in [text.to_owned(), format!("\u{feff}{text}")] {
            let books = manifest("books.csv", &text).unwrap();
            assert_eq!(books.len(), 2);
            let first = &books[0];
            assert_eq!(first.manuscript, Path::new("a.epub"));
            assert_eq!(setting(first, "metadata", "title").as_str(), Some("Emma; a novel"));
            assert_eq!(setting(first, "metadata", "authors").as_array().unwrap().len(), 2);
            assert_eq!(setting(first, "metadata", "series-position").as_str(), Some("2"));
            assert_eq!(setting(first, "speech", "speed").as_float(), Some(1.1));
            assert_eq!(setting(first, "release", "formats").as_array().unwrap().len(), 2);
            assert_eq!(first.chapters, Some("1-3".parse().unwrap()));
            assert_eq!((&books[1].manuscript, &books[1].settings), (&PathBuf::from("sub/b.md"), &None));
        }
    }

    #[test]
    fn a_manifest_by_hand_has_the_sections_of_a_sidecar() {
        let text = "[[book]]\npath = \"a.epub\"\nchapters = \"2\"\n[book.metadata]\ntitle = \"Emma\"\n\n\
                    [[book]]\npath = \"b.md\"\nspeech = { voice = \"x\" }\n";
        let books = manifest("books.toml", text).unwrap();
        assert_eq!(setting(&books[0], "metadata", "title").as_str(), Some("Emma"));
        assert_eq!(setting(&books[1], "speech", "voice").as_str(), Some("x"));
        assert_eq!(books[1].settings.as_ref().unwrap().line, 7);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (name, text, words) in [
            ("b.csv", "title\nEmma\n", &["line 1", "`book`"][..]),
            ("b.csv", "book,voise\na.md,x\n", &["line 1", "`voise`"]),
            ("b.csv", "book,speed\na.md,1.0\nb.md,fast\n", &["line 3", "speech.speed"]),
            ("b.csv", "book,title\na.md,x\n,y\n", &["line 3", "empty"]),
            ("b.csv", "book,title\na.md,x,y\n", &["line 2"]),
            ("b.csv", "book,chapters\na.md,x-y\n", &["line 2", "chapters"]),
            ("b.toml", "[[book]]\npath = \"a.md\"\n\n[[book]]\ntitle = \"x\"\n", &["line 4", "`path`"]),
            ("b.toml", "[[book]]\npath = \"a.md\"\n[book.storage]\ntakes = \"/\"\n", &["line 1", "storage"]),
            ("b.toml", "[[books]]\npath = \"a.md\"\n", &["books"]),
            ("b.toml", "[[book]\n", &["line 1"]),
            ("b.xlsx", "x", &[".csv", ".toml"]),
        ] {
            let message = manifest(name, text).unwrap_err();
            assert!(words.iter().all(|word| message.contains(word)), "{text:?}: {message}");
        }
    }
}
