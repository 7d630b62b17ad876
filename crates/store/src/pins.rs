//! Which takes jobs need. A job registers its directory with the store, and pruning asks every registered job
//! for its keys.

use std::path::{Path, PathBuf};

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{JobDir, StoreError, TakeStore, durable, versioned};

/// A job that the store knows: `jobs/<16 hex of the path's hash>.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Registration {
    /// The job's directory, absolute.
    job: PathBuf,
    /// The file in it that names the takes.
    keys_file: String,
}

/// The takes that jobs need.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    pub(crate) keys: HashSet<[u8; 32]>,
    /// Registrations whose job directory is gone.
    pub(crate) forgotten: Vec<Forgotten>,
}

/// A job whose directory is gone.
#[derive(Debug)]
pub(crate) struct Forgotten {
    pub(crate) job: PathBuf,
    pub(crate) registration: PathBuf,
}

impl TakeStore {
    /// Makes the store know a job: from now on every key in its `selections.json` is pinned, that is, each
    /// string of 64 hex digits anywhere in that file, for as long as the job's directory exists.
    pub fn register_job(&self, job: &JobDir) -> Result<(), StoreError> {
        let path = std::path::absolute(job.path()).map_err(|e| StoreError::io("find", job.path(), e))?;
        let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        durable::create_directory(&self.jobs_dir())?;
        let registration = Registration { job: path, keys_file: JobDir::SELECTIONS.to_owned() };
        versioned::write(&self.jobs_dir().join(format!("{}.json", &name[..16])), &registration)
    }

    /// The takes that known jobs need. A registration or a keys file that cannot be read is an error: what it
    /// pins is unknown, and unknown must not mean nothing.
    pub(crate) fn pins(&self) -> Result<Pins, StoreError> {
        let mut pins = Pins::default();
        for entry in durable::list(&self.jobs_dir())? {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let Some(Registration { job, keys_file }) = versioned::read(&path)? else { continue };
            if !is_there(&job)? {
                pins.forgotten.push(Forgotten { job, registration: path });
            } else if let Some(keys) = versioned::read::<Value>(&job.join(keys_file))? {
                collect_keys(&keys, &mut pins.keys);
            }
        }
        Ok(pins)
    }
}

fn is_there(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|e| StoreError::io("find", path, e))
}

/// Adds every string of 64 hex digits, wherever it stands: too many pins do no harm, too few do.
fn collect_keys(value: &Value, keys: &mut HashSet<[u8; 32]>) {
    let mut add = |text: &str| {
        let mut key = [0; 32];
        if hex::decode_to_slice(text, &mut key).is_ok() {
            keys.insert(key);
        }
    };
    match value {
        Value::String(text) => add(text),
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        Value::Object(fields) => {
            fields.keys().for_each(|name| add(name));
            fields.values().for_each(|field| collect_keys(field, keys));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
