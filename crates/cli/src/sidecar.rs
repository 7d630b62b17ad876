//! `book.toml` beside a manuscript: what is true of that book alone. Sidecars arrive with books from anywhere, so
//! they can set only what is heard and shown, and name no file outside their folder.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use crate::{
    batch::is_manuscript,
    config::{MetadataSection, ReadingSection},
    layers::{ConfigError, anchor_paths},
};

/// What a sidecar may set; the same sections and keys as in `rhapsode.toml`, and fewer of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code, reason = "it is read to find what does not belong, and to check the types of the rest")]
struct Schema {
    speech: Speech,
    release: Release,
    reading: ReadingSection,
    pauses: rhapsode_engine::script::Pauses,
    metadata: MetadataSection,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code, reason = "as of the schema")]
struct Speech {
    voice: Option<String>,
    speed: Option<f32>,
    lexicon: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code, reason = "as of the schema")]
struct Release {
    formats: Option<Vec<String>>,
    with: Option<Vec<String>>,
}

/// Whether every setting of a table is one of a sidecar and has the right type; if not, what is wrong.
pub(crate) fn check(table: &Table) -> Result<(), String> {
    let wrong = |error: toml::de::Error| error.to_string().trim_end().replace('\n', " ");
    table.clone().try_into::<Schema>().map(drop).map_err(wrong)
}

/// A table with one setting.
pub(crate) fn one_setting(section: &str, key: &str, value: Value) -> Table {
    let inner = Table::from_iter([(key.to_owned(), value)]);
    Table::from_iter([(section.to_owned(), Value::Table(inner))])
}

/// Whether a sidecar may have this setting, whatever its value.
pub(crate) fn has_setting(section: &str, key: &str) -> bool {
    // No setting is a list of lists, so one that is there complains of the type and not of the name.
    let lists = Value::Array(vec![Value::Array(Vec::new())]);
    let wrong = check(&one_setting(section, key, lists));
    wrong.is_err_and(|message| !message.contains("unknown field"))
}

/// The sidecars of a manuscript that are there: the folder's `book.toml`, then its own `<manuscript>.book.toml`.
pub(crate) fn beside(manuscript: &Path) -> Vec<PathBuf> {
    let mut paths = vec![manuscript.with_file_name("book.toml"), manuscript.with_extension("book.toml")];
    paths.retain(|path| path.is_file());
    paths
}

/// Endings of the pictures that may be covers.
const PICTURES: [&str; 3] = ["jpg", "jpeg", "png"];

/// The cover beside a manuscript: the picture of its name or, where it shares its folder with no other manuscript, the one
/// that is called `cover`. No link leads out of the folder.
pub(crate) fn cover(manuscript: &Path) -> Option<PathBuf> {
    let folder = manuscript.parent().unwrap_or(Path::new(""));
    let is_beside = |picture: &PathBuf| {
        picture.is_file() && picture.file_name().is_some_and(|name| stays_in(folder, Path::new(name)))
    };
    let own = PICTURES.iter().map(|ending| manuscript.with_extension(ending)).find(is_beside);
    own.or_else(|| {
        let of_folder =
            PICTURES.iter().map(|ending| folder.join(format!("cover.{ending}"))).find(is_beside)?;
        is_alone(manuscript, folder).then_some(of_folder)
    })
}

/// Whether no other book lies in a manuscript's folder. The same in another format is no other.
fn is_alone(manuscript: &Path, folder: &Path) -> bool {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(files) = std::fs::read_dir(here) else { return false };
    let stem = manuscript.with_extension("");
    let is_other = |name: &Path| {
        let hidden = name.as_os_str().as_encoded_bytes().starts_with(b".");
        !hidden && is_manuscript(name) && Some(name.with_extension("").as_os_str()) != stem.file_name()
    };
    !files.flatten().any(|file| is_other(Path::new(&file.file_name())))
}

/// Reads a sidecar. Its paths count from its folder.
pub(crate) fn read(path: &Path) -> Result<Table, ConfigError> {
    let wrong = |message: String| ConfigError::Sidecar { path: path.to_owned(), message };
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
    let schema: Schema = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(lexicon) = &schema.speech.lexicon
        && !stays_in(folder, lexicon)
    {
        return Err(wrong(format!("speech.lexicon = {lexicon:?} is outside the book's folder")));
    }
    let mut table: Table = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    table.retain(|_, section| matches!(section, Value::Table(_)));
    anchor_paths(&mut table, folder);
    Ok(table)
}

/// Whether a path of a sidecar stays in its folder, through links too.
fn stays_in(folder: &Path, path: &Path) -> bool {
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return false;
    }
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (here.canonicalize(), here.join(path).canonicalize()) {
        (Ok(folder), Ok(path)) => path.starts_with(folder),
        // What is not there leads nowhere; whoever reads it says so.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidecar(text: &str) -> Result<Table, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_sidecar_sets_what_is_heard_and_shown() {
        let text = "[speech]\nspeed = 1.1\n[release]\nformats = [\"flac\"]\n[reading]\nnotes = \"in-place\"\n\
                    [pauses]\nscene = 2000\n[metadata]\ntitle = \"T\"\n";
        assert_eq!(sidecar(text).unwrap().len(), 5);
    }

    #[test]
    fn what_could_do_harm_is_an_error_that_points_at_its_line() {
        for (text, line, word) in [
            ("[storage]\ntakes = \"/\"\n", "line 1", "storage"),
            ("[speech]\nvoice = \"hibari\"\njobs = 99\n", "line 3", "jobs"),
            ("[release]\nbitrate = \"64k\"\n", "line 2", "bitrate"),
        ] {
            let message = sidecar(text).unwrap_err();
            assert!(message.contains(line) && message.contains(word), "{message}");
        }
    }

    #[test]
    fn a_path_that_leaves_the_books_folder_is_an_error() {
        for path in ["../words.toml", "/etc/passwd", "sub/../../words.toml"] {
            let message = sidecar(&format!("[speech]\nlexicon = {path:?}\n")).unwrap_err();
            assert!(message.contains("outside"), "{message}");
        }
        assert!(sidecar("[speech]\nlexicon = \"words.toml\"\n").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leaves_the_books_folder_is_an_error() {
        let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("words.toml"), "").unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("sub")).unwrap();
        let path = folder.path().join("book.toml");
        std::fs::write(&path, "[speech]\nlexicon = \"sub/words.toml\"\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("outside"));
    }

    #[test]
    fn the_cover_is_the_picture_of_the_manuscripts_name_or_that_of_a_folder_of_one_book() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), "").unwrap();
        let cover = || {
            let path = cover(&folder.path().join("emma.epub"))?;
            Some(path.file_name().unwrap().to_string_lossy().into_owned())
        };
        ["emma.epub", "emma.txt", "README.md"].into_iter().for_each(write);
        assert_eq!(cover(), None);
        write("cover.png");
        assert_eq!(cover().as_deref(), Some("cover.png"));
        write("persuasion.epub");
        assert_eq!(cover(), None, "it may be that of the other book");
        write("emma.jpg");
        assert_eq!(cover().as_deref(), Some("emma.jpg"));
    }

    #[test]
    fn the_books_own_sidecar_comes_after_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["book.toml", "a.book.toml", "b.book.toml"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names = |manuscript: &str| -> Vec<String> {
            let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
            beside(&folder.path().join(manuscript)).into_iter().map(name).collect()
        };
        assert_eq!(names("a.epub"), ["book.toml", "a.book.toml"]);
        assert_eq!(names("c.epub"), ["book.toml"]);
    }
}
