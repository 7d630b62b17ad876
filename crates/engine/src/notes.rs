//! What backends said when they were last asked, the limits that they taught, and how fast they proved to be. It is kept beside the takes, so
//! that a book that is finished asks nobody anything.

use std::{collections::BTreeMap, path::Path};

use rhapsode_speech::{BackendSettings, Description};
use rhapsode_store::{StoreError, TakeStore};
use serde::{Deserialize, Serialize};

/// What is known of a backend of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Its name when this was written, for people.
    pub(crate) backend: String,
    /// What it said that it can do, once for each address; empty if it was never asked.
    #[serde(default)]
    pub(crate) said: Vec<Description>,
    /// Characters that it takes at most, by the name of the address, where it refused more.
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, usize>,
    /// Seconds of speech a second of one slot that it proved last, by the name of the address.
    #[serde(default)]
    pub(crate) times_real_time: BTreeMap<String, f64>,
}

impl Note {
    /// Reads what is known of a backend with these settings.
    pub(crate) fn read(settings: &BackendSettings, store: &TakeStore) -> Result<Self, StoreError> {
        let note = store.read_note(&name(settings))?;
        Ok(note.unwrap_or_else(|| Self { backend: settings.name.clone(), ..Self::default() }))
    }

    pub(crate) fn write(&self, settings: &BackendSettings, store: &TakeStore) -> Result<(), StoreError> {
        store.write_note(&name(settings), self)
    }

    /// What an address of this name said, or any of the backend's.
    pub(crate) fn said_by(&self, name: &str) -> Option<&Description> {
        self.said.iter().find(|said| said.name == name).or_else(|| self.said.first())
    }
}

/// Seconds of speech a second that backends have proved, all together with one request each; none if they have not.
pub(crate) fn proved_speed(backends: &[BackendSettings], store: &Path) -> Result<Option<f64>, StoreError> {
    if backends.is_empty() || !store.is_dir() {
        return Ok(None);
    }
    let store = TakeStore::open(store)?;
    let mut together = 0.0;
    for backend in backends {
        together += Note::read(backend, &store)?.times_real_time.values().sum::<f64>();
    }
    Ok((together > 0.0).then_some(together))
}

/// Other settings may be another server, so they have another note. Secrets are not part of what is serialised.
fn name(settings: &BackendSettings) -> String {
    let json = serde_json::to_vec(settings).expect("settings are plain data with text keys");
    blake3::hash(&json).to_hex()[..16].to_owned()
}
