//! Which manuscripts the user means: files as they are, and every manuscript in a folder.

use std::path::{Path, PathBuf};

use rhapsode_engine::book::Format;

/// The manuscripts under the given files and folders, folders in the order of their names.
pub(crate) fn gather(inputs: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut manuscripts = Vec::new();
    for input in inputs {
        if input.is_dir() {
            gather_folder(input, &mut manuscripts)?;
        } else {
            manuscripts.push(input.clone());
        }
    }
    Ok(manuscripts)
}

fn gather_folder(folder: &Path, manuscripts: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
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

/// In a folder only files with a manuscript's extension count, and a README is none.
fn is_manuscript(path: &Path) -> bool {
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
    fn a_file_that_is_named_is_taken_whatever_its_extension() {
        assert_eq!(gather(&["book.xyz".into()]).unwrap(), [PathBuf::from("book.xyz")]);
    }
}
