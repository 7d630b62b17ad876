//! The history of a job for people, one JSON line a record. Nothing is ever decided by it.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{StoreError, durable};

/// A record of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry<T = Value> {
    /// When it was written: RFC 3339, UTC, milliseconds.
    pub time: String,
    /// What happened.
    pub event: T,
}

/// The open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || {
            let mut file = File::options().create(true).read(true).append(true).open(path)?;
            if !ends_with_newline(&mut file)? {
                // A kill tore the last line; the next record gets its own.
                file.write_all(b"\n")?;
            }
            Ok(Mutex::new(file))
        };
        Ok(Self { path: path.to_owned(), file: open().map_err(|e| StoreError::io("open", path, e))? })
    }

    pub(crate) fn append(&self, event: &impl Serialize) -> Result<(), StoreError> {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let mut line = serde_json::to_vec(&JournalEntry { time, event })
            .map_err(|e| StoreError::io("write", &self.path, e.into()))?;
        line.push(b'\n');
        // Appending one line in one call leaves the file usable whatever thread panicked beside it.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).map_err(|e| StoreError::io("write", &self.path, e))
    }

    /// Every whole record; torn lines are passed over.
    pub(crate) fn entries(&self) -> Result<Vec<JournalEntry>, StoreError> {
        let bytes = durable::read(&self.path)?.unwrap_or_default();
        Ok(bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}

fn ends_with_newline(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
