//! Recordings that a cloning engine takes a voice from, as they are sent: base64, read and coded once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{Reference, SpeechError};

/// Recordings by the hash of their bytes. A job has a few.
#[derive(Default)]
pub(super) struct Recordings(Mutex<HashMap<String, Arc<str>>>);

impl std::fmt::Debug for Recordings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recordings")
    }
}

impl Recordings {
    /// The bytes of a recording in base64.
    ///
    /// # Errors
    /// [`SpeechError::Unspeakable`] if the file cannot be read, or is no longer the one that the take is stored under.
    pub(super) async fn base64(&self, reference: &Reference) -> Result<Arc<str>, SpeechError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&reference.blake3).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let path = reference.path.display();
        let bytes = tokio::fs::read(&reference.path).await.map_err(|error| {
            SpeechError::Unspeakable(format!("the recording {path} of its voice cannot be read: {error}"))
        })?;
        if blake3::hash(&bytes).to_hex().as_str() != reference.blake3 {
            let reason = format!("the recording {path} of its voice was changed since the job began");
            return Err(SpeechError::Unspeakable(reason));
        }
        let coded: Arc<str> = BASE64_STANDARD.encode(&bytes).into();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(reference.blake3.clone()).or_insert(coded)))
    }
}
