//! The JSON files of jobs and of the store: an object with a `version`, written whole or not at all. A file of
//! a newer rhapsode is refused, never guessed at and never overwritten.

use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    StoreError,
    durable::{self, Durability},
};

/// Version that is written into every JSON file, and the newest that is read.
pub const FILE_VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<'a, T> {
    version: u32,
    #[serde(flatten)]
    body: &'a T,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Writes `body`, which must serialise to an object, with a `version` beside its fields, and forces it to the disk. A
/// reader sees the old file or the new one.
///
/// # Errors
/// [`StoreError::Newer`] if a newer rhapsode wrote the file that is there; it stays.
pub fn write<T: Serialize>(path: &Path, body: &T) -> Result<(), StoreError> {
    // A file of a newer rhapsode is not ours to replace; a broken one is.
    if let Some(Err(newer @ StoreError::Newer { .. })) =
        durable::read(path)?.map(|old| check_version(path, &old))
    {
        return Err(newer);
    }
    let mut json = serde_json::to_vec_pretty(&Versioned { version: FILE_VERSION, body })
        .map_err(|e| StoreError::io("write", path, e.into()))?;
    json.push(b'\n');
    durable::write(path, &json, Durability::Now)
}

/// Reads what [`write`] wrote, `None` if there is no file.
///
/// # Errors
/// [`StoreError::Newer`] for a newer version, [`StoreError::Corrupt`] for what is not a `T`.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    let Some(bytes) = durable::read(path)? else { return Ok(None) };
    check_version(path, &bytes)?;
    let parsed = serde_json::from_slice(&bytes).and_then(|mut value: Value| {
        if let Value::Object(fields) = &mut value {
            // T may deny unknown fields.
            fields.remove("version");
        }
        T::deserialize(value)
    });
    parsed.map(Some).map_err(|e| StoreError::corrupt(path, e.to_string()))
}

/// Looks at nothing but the version: a newer file need not have any other shape that is known.
fn check_version(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let VersionOnly { version } =
        serde_json::from_slice(bytes).map_err(|e| StoreError::corrupt(path, e.to_string()))?;
    if version > FILE_VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known: FILE_VERSION });
    }
    Ok(())
}
