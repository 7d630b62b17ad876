//! Which manuscripts the user means: files as they are, every manuscript in a folder, and what a pattern matches where
//! the shell left it alone.

use std::path::{Path, PathBuf};

use rhapsode_engine::book::Format;

use crate::failure::{Failure, Kind};

/// The manuscripts under the given files, folders and patterns, those of a folder or a pattern in the order of their
/// names.
pub(super) fn gather(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut manuscripts = Vec::new();
    for input in inputs {
        if input.is_dir() {
            gather_folder(input, &mut manuscripts)?;
        } else if let Some(pattern) = pattern(input) {
            gather_matches(pattern, &mut manuscripts)?;
        } else {
            manuscripts.push(input.clone());
        }
    }
    Ok(manuscripts)
}

/// The input as a pattern. A file of that very name is no pattern, whatever its name.
fn pattern(input: &Path) -> Option<&str> {
    let text = input.to_str().filter(|text| text.contains(['*', '?', '[']))?;
    (!input.exists()).then_some(text)
}

fn gather_matches(pattern: &str, manuscripts: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let paths = glob::glob(pattern).map_err(|error| {
        let message = format!("failed to understand the pattern {pattern}: {error}");
        Failure::new(Kind::Usage, message, Some("`*`, `**`, `?` and `[abc]` stand for parts of a path"))
    })?;
    let before = manuscripts.len();
    for path in paths {
        let path = path.map_err(std::io::Error::from)?;
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            // `**` gives the folders and what is in them.
            if !pattern.contains("**") {
                gather_folder(&path, manuscripts)?;
            }
        } else if is_manuscript(&path) {
            manuscripts.push(path);
        }
    }
    if manuscripts.len() == before {
        return Err(Failure::new(
            Kind::Manuscript,
            format!("failed to find a manuscript that matches {pattern}"),
            Some("rhapsode reads EPUB, Markdown, HTML, plain text and DOCX"),
        ));
    }
    Ok(())
}

fn gather_folder(folder: &Path, manuscripts: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            gather_folder(&path, manuscripts)?;
        } else if is_manuscript(&path) {
            manuscripts.push(path);
        }
    }
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// In a folder only files with a manuscript's extension count, and a README is none.
pub(crate) fn is_manuscript(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let readme = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    !readme && Format::extensions().any(|known| known == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_manuscripts_in_order_and_leaves_other_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.md", "a.EPUB", "cover.jpg", "README.md", ".hidden.md"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("c")).unwrap();
        std::fs::write(folder.path().join("c/d.txt"), "x").unwrap();
        let found = gather(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|p| p.strip_prefix(folder.path()).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.EPUB", "b.md", "c/d.txt"].map(PathBuf::from));
    }

    #[test]
    fn a_pattern_that_the_shell_left_alone_gives_its_manuscripts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("c")).unwrap();
        for name in ["b.md", "a.epub", "cover.jpg", "c/d.epub", "[e].md"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let found = |pattern: &str| -> Vec<String> {
            let paths = gather(&[folder.path().join(pattern)]).unwrap();
            let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().display().to_string();
            paths.iter().map(name).collect()
        };
        assert_eq!(found("*"), ["[e].md", "a.epub", "b.md", "c/d.epub"]);
        assert_eq!(found("**/*.epub"), ["a.epub", "c/d.epub"]);
        assert_eq!(found("[e].md"), ["[e].md"], "a file of that name is no pattern");
        let error = gather(&[folder.path().join("*.docx")]).unwrap_err();
        assert!(error.message.contains("*.docx") && error.kind == Kind::Manuscript, "{error}");
        assert_eq!(gather(&["a***".into()]).unwrap_err().kind, Kind::Usage);
    }

    #[test]
    fn a_file_that_is_named_is_taken_whatever_its_extension() {
        assert_eq!(gather(&["book.xyz".into()]).unwrap(), [PathBuf::from("book.xyz")]);
    }
}
