//! The cover picture that a front matter names: a file beside the manuscript, and nowhere else.

use std::path::{Component, Path};

use crate::{Cover, CoverType};

/// The largest cover that is taken; players refuse larger ones long before.
const LARGEST: u64 = 32 << 20;

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
    let length = path.metadata().map_err(unread)?.len();
    if length > LARGEST {
        return Err(format!("the cover {written} has {length} bytes; the limit is {LARGEST}"));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    let kind = match bytes.as_slice() {
        [0xff, 0xd8, 0xff, ..] => CoverType::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => CoverType::Png,
        _ => return Err(format!("the cover {written} is neither JPEG nor PNG and is not used")),
    };
    Ok(Cover { kind, bytes })
}
