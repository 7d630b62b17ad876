//! Wheels and folders of them: what a wheel says of itself stands in its archive.

use std::{
    fs::File,
    io::{Cursor, Read, Seek},
    path::Path,
};

use zip::ZipArchive;

use super::{archive_name, folder, metadata};
use crate::model::{Distribution, WheelFile, WheelFolder};

/// Most entries of a wheel. The largest have some ten thousand.
const MAX_ENTRIES: usize = 200_000;

/// Whether a folder holds wheels.
pub(super) fn is_folder(files: &[folder::Entry]) -> bool {
    files.iter().any(|entry| entry.name.ends_with(".whl"))
}

/// Reads a folder of wheels.
pub(super) fn open(path: &Path, files: &[folder::Entry]) -> WheelFolder {
    let mut wheels = WheelFolder::new(path);
    for entry in files.iter().filter(|entry| !entry.is_folder) {
        if entry.name.ends_with(".whl") {
            let distribution = File::open(&entry.path)
                .map_err(|error| error.to_string())
                .and_then(|file| wheel(std::io::BufReader::new(file)));
            keep(&mut wheels, entry.name.clone(), distribution);
        } else if archive_name::is_source(&entry.name) {
            wheels.sources.push(entry.name.clone());
        }
    }
    wheels
}

/// Reads one wheel.
pub(super) fn read(input: &str, bytes: &[u8]) -> WheelFolder {
    let name = archive_name::file_name(input);
    let mut wheels = WheelFolder::new(Path::new(input));
    keep(&mut wheels, name, wheel(Cursor::new(bytes)));
    wheels
}

fn keep(wheels: &mut WheelFolder, file_name: String, distribution: Result<Distribution, String>) {
    match distribution {
        Ok(distribution) => wheels.wheels.push(WheelFile { file_name, distribution }),
        Err(reason) => wheels.unreadable.push((file_name, reason)),
    }
}

/// The distribution in a wheel; the error is a reason.
fn wheel(file: impl Read + Seek) -> Result<Distribution, String> {
    let mut zip = ZipArchive::new(file).map_err(|error| format!("it is no sound archive: {error}"))?;
    if zip.len() > MAX_ENTRIES {
        return Err(format!("it has over {MAX_ENTRIES} files"));
    }
    let is_metadata = |name: &str| {
        name.strip_suffix("/METADATA")
            .is_some_and(|folder| folder.ends_with(".dist-info") && !folder.contains('/'))
    };
    let found = zip
        .file_names()
        .enumerate()
        .find_map(|(index, name)| name.ok().filter(|n| is_metadata(n)).map(|_| index));
    let index = found.ok_or("it has no METADATA")?;
    let entry = zip.by_index(index).map_err(|error| format!("its METADATA cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    entry
        .take(metadata::MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("its METADATA cannot be read: {error}"))?;
    metadata::read(&bytes).parse().map_err(|(_, reason)| reason)
}
