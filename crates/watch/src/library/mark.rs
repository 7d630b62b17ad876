//! Whether the library is the one that it was. Where a volume is not mounted there is an empty folder of the same name, and
//! what is published there is lost when the volume comes back.

use std::{fs, io, path::Path, time::Duration};

use chrono::Utc;
use rhapsode_store::{read_versioned, write_versioned};
use serde::{Deserialize, Serialize};

use crate::WatchError;

/// The file that a library is known by.
const MARK: &str = ".rhapsode-library";
/// What the state directory remembers of it.
const KNOWN: &str = "library.json";

/// How often a mark is read again that says nothing yet, and after how long.
const BEING_WRITTEN: u32 = 20;
const MOMENT: Duration = Duration::from_millis(25);

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
    let found = found(&mark)?;
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
                None => leave(&mark)?,
            };
            Ok(write_versioned(&state.join(KNOWN), &Known { mark: mark_of })?)
        }
    }
}

/// What the mark says, if there is one.
fn found(mark: &Path) -> Result<Option<String>, WatchError> {
    for _ in 0..BEING_WRITTEN {
        match fs::read_to_string(mark) {
            // Another watcher leaves it at this moment, or was killed when it did.
            Ok(found) if found.trim().is_empty() => std::thread::sleep(MOMENT),
            Ok(found) => return Ok(Some(found.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(WatchError::io("read", mark)(error)),
        }
    }
    fs::remove_file(mark).map_err(WatchError::io("remove", mark))?;
    Ok(None)
}

/// Leaves a mark. Of two watchers that do so at the same time, the second takes that of the first.
fn leave(mark: &Path) -> Result<String, WatchError> {
    let new = fresh();
    let left =
        fs::File::create_new(mark).and_then(|mut file| io::Write::write_all(&mut file, new.as_bytes()));
    match left {
        Ok(()) => Ok(new),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let gone = || WatchError::io("read", mark)(io::ErrorKind::NotFound.into());
            found(mark)?.ok_or_else(gone)
        }
        Err(error) => Err(WatchError::io("write", mark)(error)),
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
    fn watchers_that_mark_a_library_together_leave_one_mark_and_half_a_mark_is_none() {
        for _ in 0..50 {
            let dir = tempfile::tempdir().unwrap();
            let library = dir.path().join("l");
            fs::create_dir(&library).unwrap();
            std::thread::scope(|scope| {
                for number in 0..4 {
                    let (library, state) = (&library, dir.path().join(number.to_string()));
                    fs::create_dir(&state).unwrap();
                    scope.spawn(move || {
                        is_there(library, &state).unwrap();
                        is_there(library, &state).unwrap();
                    });
                }
            });
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MARK), "").unwrap();
        is_there(dir.path(), dir.path()).unwrap();
        is_there(dir.path(), dir.path()).unwrap();
    }

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
