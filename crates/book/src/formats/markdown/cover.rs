//! The cover picture that a front matter names: a file beside the manuscript, and nowhere else.

use std::path::{Component, Path};

use crate::Cover;

/// Reads the picture at `written`, relative to the folder of the manuscript `name`.
///
/// # Errors
/// Why the picture is not used, for the book's remarks: a book without it is still a book.
pub(super) fn read(name: &Path, written: &str) -> Result<Cover, String> {
    let relative = Path::new(written);
    if !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("the cover {written} is not beside the manuscript and is not used"));
    }
    let folder = name.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let unread = |error: std::io::Error| format!("the cover {written} cannot be read: {error}");
    let path = folder.join(relative).canonicalize().map_err(unread)?;
    // A symbolic link could still lead elsewhere.
    if !path.starts_with(folder.canonicalize().map_err(unread)?) {
        return Err(format!("the cover {written} is not beside the manuscript and is not used"));
    }
    Cover::read(&path).map_err(|fault| format!("the cover {written} {fault}"))
}
