//! The kinds of backends. A new kind is a file of its own and a row here; nothing else changes.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{SharedBackend, SpeechError, builtin};

/// Every kind of backend.
const KINDS: &[BackendKind] = &[builtin::KIND];

/// A kind of backend.
pub(crate) struct BackendKind {
    /// What the configuration calls it.
    pub(crate) name: &'static str,
    /// Makes one. May block.
    pub(crate) open: fn(&BackendSettings) -> Result<SharedBackend, SpeechError>,
}

/// A backend as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BackendSettings {
    /// Its kind, such as `builtin`.
    pub kind: String,
    /// Requests that it may work on at the same time.
    pub workers: usize,
    /// What else its kind wants; an option that the kind does not know is an error.
    #[serde(flatten)]
    pub options: BTreeMap<String, Value>,
}

impl BackendSettings {
    pub(crate) fn options<T: DeserializeOwned>(&self) -> Result<T, SpeechError> {
        let options = self.options.clone().into_iter().collect();
        T::deserialize(Value::Object(options)).map_err(|e| self.unusable(format!("its options: {e}")))
    }

    fn unusable(&self, reason: impl fmt::Display) -> SpeechError {
        SpeechError::Unavailable { backend: self.kind.clone(), reason: reason.to_string() }
    }
}

/// The kinds of backends that there are.
pub fn backend_kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

/// Opens a backend. Blocks while a model is loaded.
///
/// # Errors
/// [`SpeechError::Unavailable`] if there is no such kind, or the kind cannot use its options.
pub fn open_backend(settings: &BackendSettings) -> Result<SharedBackend, SpeechError> {
    let kind = KINDS.iter().find(|kind| kind.name == settings.kind).ok_or_else(|| {
        let known: Vec<_> = backend_kinds().collect();
        settings.unusable(format_args!("there is no such kind of backend, known are {}", known.join(", ")))
    })?;
    (kind.open)(settings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(settings: Value) -> String {
        open_backend(&serde_json::from_value(settings).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones_named() {
        let error = error(json!({ "kind": "gramophone", "workers": 1 }));
        assert_eq!(error, "use gramophone: there is no such kind of backend, known are builtin");
    }

    #[test]
    fn an_option_that_the_kind_does_not_know_is_refused_by_name() {
        let error = error(json!({ "kind": "builtin", "workers": 1, "pack": "voices/x", "horn": "large" }));
        assert!(error.contains("unknown field `horn`"), "{error}");
    }

    #[test]
    fn a_pack_that_is_not_there_is_refused() {
        let error = error(json!({ "kind": "builtin", "workers": 1, "pack": "no/such/folder" }));
        assert!(error.contains("no/such/folder"), "{error}");
    }
}
