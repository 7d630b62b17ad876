//! The directory of a job: what it planned, what it chose, what it reports, and the lock that keeps a second
//! process out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, durable, journal::Journal, journal::JournalEntry, lock::Lock, versioned};

/// Longest part of a title in a directory's name, in bytes; file systems allow 255 for the whole.
const SLUG_BYTES: usize = 80;

/// A job directory `<work>/.rhapsode/<title>-<8 hex of the source's hash>/`, locked for as long as this lives.
#[derive(Debug)]
pub struct JobDir {
    path: PathBuf,
    journal: Journal,
    _lock: Lock,
}

impl JobDir {
    /// The file that names the takes of every chunk; [`TakeStore::register_job`](crate::TakeStore::register_job)
    /// pins them.
    pub const SELECTIONS: &'static str = "selections.json";

    /// Opens or makes the directory of a job and takes its lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process, or another `JobDir` of this one, has it.
    pub fn open(work: &Path, title: &str, source_hash: &[u8; 32]) -> Result<Self, StoreError> {
        let path = Self::place(work, title, source_hash);
        let tracks = path.join("tracks");
        durable::create_directory(&tracks)?;
        let lock = Lock::take(&path.join("lock"))?;
        let journal = Journal::open(&path.join("journal.jsonl"))?;
        Ok(Self { path, journal, _lock: lock })
    }

    /// Who holds the lock of a job at the moment, in words; none if nobody does. Nothing is made or written.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the lock is there and cannot be asked.
    pub fn holder(work: &Path, title: &str, source_hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        Lock::holder(&Self::place(work, title, source_hash).join("lock"))
    }

    /// Where the directory of a job is, whether it is there or not.
    #[must_use]
    pub fn place(work: &Path, title: &str, source_hash: &[u8; 32]) -> PathBuf {
        work.join(".rhapsode").join(format!("{}-{}", slug(title), hex::encode(&source_hash[..4])))
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory, which exists, for encoded chapters.
    #[must_use]
    pub fn tracks_dir(&self) -> PathBuf {
        self.path.join("tracks")
    }

    /// Writes `<job>/<name>`: `body`, which must serialise to an object, with a `version` beside its fields.
    /// A reader sees the old file or the new one; when this returns it survives a power cut.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer rhapsode wrote the file that is there; it stays.
    pub fn write_json<T: Serialize>(&self, name: &str, body: &T) -> Result<(), StoreError> {
        versioned::write(&self.path.join(name), body)
    }

    /// Reads what [`write_json`](Self::write_json) wrote, `None` if there is no such file.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a newer version, [`StoreError::Corrupt`] for what is not a `T`.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        versioned::read(&self.path.join(name))
    }

    /// Like [`read_json`](Self::read_json) for a file that can be made anew: a corrupt one is moved to
    /// `<name>.corrupt` and counts as absent. A newer version is still an error.
    pub fn read_or_discard<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        match self.read_json(name) {
            Err(StoreError::Corrupt { path, .. }) => {
                let aside = self.path.join(format!("{name}.corrupt"));
                fs::rename(&path, aside).map_err(|e| StoreError::io("move aside", &path, e))?;
                Ok(None)
            }
            read => read,
        }
    }

    /// What every job beside this one, and this one, wrote under a name. One that cannot be read is passed over:
    /// it is another job's business.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the directory of jobs cannot be listed.
    pub fn read_all<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, StoreError> {
        let Some(jobs) = self.path.parent() else { return Ok(Vec::new()) };
        let entries = fs::read_dir(jobs).map_err(|e| StoreError::io("list", jobs, e))?;
        let bodies = entries.flatten().map(|entry| versioned::read(&entry.path().join(name)));
        Ok(bodies.filter_map(|body| body.ok().flatten()).collect())
    }

    /// Appends an event to `journal.jsonl`. A kill may tear the last line, which readers pass over.
    pub fn journal(&self, event: &impl Serialize) -> Result<(), StoreError> {
        self.journal.append(event)
    }

    /// Every whole record of the journal, oldest first.
    pub fn journal_entries(&self) -> Result<Vec<JournalEntry>, StoreError> {
        self.journal.entries()
    }
}

/// A title as part of a directory's name: letters and digits of any script in lower case, `-` for the rest.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if slug.len() + c.len_utf8() > SLUG_BYTES {
            break;
        }
        if c != '-' || !(slug.is_empty() || slug.ends_with('-')) {
            slug.push(c);
        }
    }
    match slug.trim_end_matches('-') {
        "" => "book".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_every_file_system_takes() {
        assert_eq!(slug("Moby-Dick; or, The Whale"), "moby-dick-or-the-whale");
        assert_eq!(slug("../../etc/passwd\0"), "etc-passwd");
        assert_eq!(slug("Voyna i mir / Война и мир"), "voyna-i-mir-война-и-мир");
        assert_eq!(slug("  ?!  "), "book");
        assert!(slug(&"ж".repeat(500)).len() <= SLUG_BYTES);
    }
}
