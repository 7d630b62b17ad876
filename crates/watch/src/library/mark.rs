//! Whether the library is the one that it was. Where a volume is not mounted there is an empty folder of the same name, and
//! what is published there is lost when the volume comes back.

use std::{fs, io, path::Path};

use chrono::Utc;
use rhapsode_store::{read_versioned, write_versioned};
use serde::{Deserialize, Serialize};

use crate::WatchError;

/// The file that a library is known by.
const MARK: &str = ".rhapsode-library";
/// What the state directory remembers of it.
const KNOWN: &str = "library.json";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    mark: String,
}

/// Makes sure that the library is the one that this watcher began with; the first time it is marked.
///
/// # Errors
/// [`WatchError::Io`] if it is gone, or is another.
pub(crate) fn is_there(library: &Path, state: &Path) -> Result<(), WatchError> {
    let mark = library.join(MARK);
    let found = match fs::read_to_string(&mark) {
        Ok(found) => Some(found.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(WatchError::io("read", &mark)(error)),
    };
    let known: Option<Known> = read_versioned(&state.join(KNOWN))?;
    match (known, found) {
        (Some(known), Some(found)) if known.mark == found => Ok(()),
        (Some(_), _) => {
            let reason = "it is not the library that was used before; is its volume mounted? To begin with this one, \
                          watch it with another --state";
            Err(WatchError::io("use the library", library)(io::Error::new(io::ErrorKind::NotFound, reason)))
        }
        (None, found) => {
            let mark_of = match found {
                Some(found) => found,
                None => {
                    let new = fresh();
                    fs::write(&mark, &new).map_err(WatchError::io("write", &mark))?;
                    new
                }
            };
            Ok(write_versioned(&state.join(KNOWN), &Known { mark: mark_of })?)
        }
    }
}

/// A mark that no other library has.
fn fresh() -> String {
    let now = Utc::now().timestamp_nanos_opt().unwrap_or_default();
    blake3::hash(format!("{now} {}", std::process::id()).as_bytes()).to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_in_the_place_of_the_library_is_not_the_library() {
        let dir = tempfile::tempdir().unwrap();
        let (library, away, state) = (dir.path().join("l"), dir.path().join("away"), dir.path().join("s"));
        fs::create_dir(&library).unwrap();
        fs::create_dir(&state).unwrap();
        is_there(&library, &state).unwrap();
        is_there(&library, &state).unwrap();
        fs::rename(&library, &away).unwrap();
        assert!(is_there(&library, &state).unwrap_err().may_pass());
        fs::create_dir(&library).unwrap();
        let error = is_there(&library, &state).unwrap_err();
        assert!(error.may_pass() && error.to_string().contains("mounted"), "{error}");
        fs::remove_dir(&library).unwrap();
        fs::rename(&away, &library).unwrap();
        is_there(&library, &state).unwrap();
    }
}
