//! What is known of the backends that make takes, kept beside the takes: one small file for each. Notes save
//! questions and decide nothing, so one that is lost or unreadable costs a question.

use std::path::PathBuf;

use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, TakeStore, durable, versioned};

impl TakeStore {
    /// Reads the note of this name, `None` if there is none or it cannot be understood. A note that a newer
    /// rhapsode wrote is not understood either.
    ///
    /// # Errors
    /// [`StoreError::Io`] if it is there and cannot be read.
    pub fn read_note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        match versioned::read(&self.note(name)) {
            Err(StoreError::Corrupt { .. } | StoreError::Newer { .. }) => Ok(None),
            read => read,
        }
    }

    /// Writes `backends/<name>.json`: `body`, which must serialise to an object, with a `version` beside its fields.
    /// A reader sees the old note or the new one. One that a newer rhapsode wrote stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Io`] if it cannot be written.
    pub fn write_note<T: Serialize>(&self, name: &str, body: &T) -> Result<(), StoreError> {
        durable::create_directory(&self.notes_dir())?;
        match versioned::write(&self.note(name), body) {
            Err(StoreError::Newer { .. }) => Ok(()),
            written => written,
        }
    }

    fn notes_dir(&self) -> PathBuf {
        self.root().join("backends")
    }

    fn note(&self, name: &str) -> PathBuf {
        self.notes_dir().join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_note_reads_back_and_an_unreadable_one_is_as_if_it_were_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = TakeStore::open(folder.path()).unwrap();
        assert_eq!(store.read_note::<Value>("a").unwrap(), None);
        store.write_note("a", &json!({ "limit": 400 })).unwrap();
        assert_eq!(store.read_note::<Value>("a").unwrap(), Some(json!({ "limit": 400 })));
        fs::write(folder.path().join("backends/a.json"), "torn").unwrap();
        assert_eq!(store.read_note::<Value>("a").unwrap(), None);
        store.write_note("a", &json!({ "limit": 200 })).unwrap();
        assert_eq!(store.read_note::<Value>("a").unwrap(), Some(json!({ "limit": 200 })));
    }

    #[test]
    fn a_note_of_a_newer_rhapsode_is_neither_used_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = TakeStore::open(folder.path()).unwrap();
        store.write_note("a", &json!({})).unwrap();
        let file = folder.path().join("backends/a.json");
        fs::write(&file, r#"{ "version": 99, "limit": 1 }"#).unwrap();
        assert_eq!(store.read_note::<Value>("a").unwrap(), None);
        store.write_note("a", &json!({ "limit": 2 })).unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("99"));
    }
}
