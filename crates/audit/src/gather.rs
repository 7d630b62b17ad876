//! Which files are audited, and which of them belong to one book.

use std::path::{Path, PathBuf};

use crate::AuditError;

/// Extensions of the files that a folder is searched for. What a file is, its bytes decide later.
const EXTENSIONS: [&str; 10] = ["m4b", "m4a", "mp4", "mp3", "flac", "opus", "ogg", "oga", "wav", "rf64"];

/// The sound files under a path, in the order of their names as people count: 2 before 10.
pub(crate) fn gather(path: &Path) -> Result<Vec<PathBuf>, AuditError> {
    let meta = std::fs::metadata(path).map_err(AuditError::io("open", path))?;
    if !meta.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    search(path, &mut files)?;
    if files.is_empty() {
        return Err(AuditError::NoSound { path: path.to_owned() });
    }
    Ok(files)
}

fn search(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), AuditError> {
    let failed = || AuditError::io("list", folder);
    let entries = std::fs::read_dir(folder).map_err(failed())?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(failed())?;
    entries.sort_by_cached_key(|entry| natural(&entry.file_name().to_string_lossy()));
    for entry in entries {
        // Job directories and stagings are hidden, and full of halves.
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Links to folders are not followed: they may lead around in a circle.
        let kind = entry.file_type().map_err(failed())?;
        let path = entry.path();
        if kind.is_dir() {
            search(&path, files)?;
        } else if is_sound(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_sound(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// A part of a name: numbers sort by their value and before letters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u128),
    Text(String),
}

/// A name as people sort it.
fn natural(name: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        parts.push(match part.parse() {
            Ok(number) if digits => Part::Number(number),
            _ => Part::Text(part.to_lowercase()),
        });
        rest = behind;
    }
    parts
}

/// The folder of a book, for a file in it: discs have folders of their own within it.
pub(crate) fn book_folder(file: &Path) -> &Path {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = parent.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let number = ["cd", "disc", "disk"].iter().find_map(|word| name.strip_prefix(word));
    let is_disc = number.is_some_and(|rest| rest.trim_matches([' ', '-', '_']).parse::<u32>().is_ok());
    if is_disc { parent.parent().unwrap_or(parent) } else { parent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_sound_in_the_order_that_people_count() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "10 end.mp3",
            "2 middle.MP3",
            "1 begin.mp3",
            "cover.jpg",
            ".part.mp3",
            "CD 1/1.flac",
            ".rhapsode/t.wav",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let found = gather(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, ["1 begin.mp3", "2 middle.MP3", "10 end.mp3", "CD 1/1.flac"].map(Path::new));
    }

    #[test]
    fn a_folder_without_sound_and_a_path_that_is_not_there_are_errors_that_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = gather(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
        assert!(gather(&folder.path().join("x")).is_err());
    }

    #[test]
    fn discs_belong_to_the_book_above_them() {
        assert_eq!(book_folder(Path::new("a/b/CD 2/1.mp3")), Path::new("a/b"));
        assert_eq!(book_folder(Path::new("a/b/disc1/1.mp3")), Path::new("a/b"));
        assert_eq!(book_folder(Path::new("a/b/Discworld/1.mp3")), Path::new("a/b/Discworld"));
        assert_eq!(book_folder(Path::new("1.mp3")), Path::new("."));
    }
}
