//! One process a job. The lock is the system's own, so it ends with its holder however that ends; the text in
//! the file only tells people who the holder is.

use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Seek, Write},
    path::Path,
    time::SystemTime,
};

use crate::StoreError;

/// A lock that this process holds; dropping it gives it back.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at once.
    ///
    /// # Errors
    /// [`StoreError::Locked`], with its holder, if somebody has it.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|e| StoreError::io("open", path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: path.to_owned(), owner: owner(path) });
            }
            Err(TryLockError::Error(e)) => return Err(StoreError::io("lock", path, e)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(description().as_bytes()))
            .map_err(|e| StoreError::io("write", path, e))?;
        Ok(Self { _file: file })
    }

    /// Who holds the lock, if anybody does; a lock that is free stays so.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the lock is there and cannot be asked.
    pub fn holder(path: &Path) -> Result<Option<String>, StoreError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("open", path, error)),
        };
        // A shared lock: two that only ask do not take each other for holders.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(owner(path))),
            Err(TryLockError::Error(e)) => Err(StoreError::io("lock", path, e)),
        }
    }
}

/// The holder's text: process, machine, since when, version.
fn description() -> String {
    format!(
        "process {} on {}, since {}, rhapsode {}\n",
        std::process::id(),
        gethostname::gethostname().display(),
        humantime::format_rfc3339_seconds(SystemTime::now()),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Windows does not let others read a locked file, and a holder may be between locking and writing.
fn owner(path: &Path) -> String {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}
