//! The kinds of backends. A new kind is a file of its own and a row here; nothing else changes.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Description, Expectation, Secret, SharedBackend, SpeechError, SpeechFuture, builtin, command, openai,
};

/// Every kind of backend.
const KINDS: &[BackendKind] = &[builtin::KIND, openai::KIND, command::KIND];

/// A kind of backend.
pub(crate) struct BackendKind {
    /// What the configuration calls it.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) about: &'static str,
    /// What the configuration alone says of one, without asking it anything.
    pub(crate) expect: fn(&BackendSettings) -> Result<Description, SpeechError>,
    /// Makes those that the settings stand for: one for each address of a service name.
    pub(crate) open: fn(BackendSettings) -> SpeechFuture<'static, Vec<SharedBackend>>,
}

/// A backend as the configuration describes it: a `[[backend]]` of `rhapsode.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackendSettings {
    /// Its name, for people and for `--backend`.
    pub name: String,
    /// Its kind, such as `builtin`.
    pub kind: String,
    /// What else its kind wants; an option that the kind does not know is an error.
    #[serde(flatten)]
    pub options: BTreeMap<String, Value>,
    /// The key to its server, if the caller has it: libraries do not read the environment, so whoever does fills in
    /// the value of [`BackendSettings::secret_variable`]. It is never written anywhere.
    #[serde(skip)]
    pub secret: Option<Secret>,
}

impl BackendSettings {
    /// A backend of a kind with these options.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: impl Into<String>, options: BTreeMap<String, Value>) -> Self {
        Self { name: name.into(), kind: kind.into(), options, secret: None }
    }

    /// The environment variable that the configuration names for its key (`api-key-env`).
    #[must_use]
    pub fn secret_variable(&self) -> Option<&str> {
        self.options.get("api-key-env").and_then(Value::as_str)
    }

    pub(crate) fn options<T: DeserializeOwned>(&self) -> Result<T, SpeechError> {
        let of_its_kind = |name: &String| !Expectation::OPTIONS.contains(&name.as_str());
        let options = self.options.clone().into_iter().filter(|(name, _)| of_its_kind(name)).collect();
        T::deserialize(Value::Object(options)).map_err(|e| self.unusable(format!("its options: {e}")))
    }

    pub(crate) fn unusable(&self, reason: impl fmt::Display) -> SpeechError {
        SpeechError::Unavailable { backend: self.name.clone(), reason: reason.to_string() }
    }

    fn kind(&self) -> Result<&'static BackendKind, SpeechError> {
        KINDS.iter().find(|kind| kind.name == self.kind).ok_or_else(|| {
            let known: Vec<_> = backend_kinds().map(|(name, _)| name).collect();
            let (kind, known) = (&self.kind, known.join(", "));
            self.unusable(format_args!("there is no kind of backend {kind:?}, known are {known}"))
        })
    }
}

/// The kinds of backends that there are, each with a line about it.
pub fn backend_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|kind| (kind.name, kind.about))
}

/// What the configuration alone says of a backend: enough to find takes that it made, without asking it anything.
/// A server that is asked may know better; see [`open_backend`].
///
/// # Errors
/// [`SpeechError::Unavailable`] if there is no such kind, or the kind cannot use its options.
pub fn expect_backend(settings: &BackendSettings) -> Result<Description, SpeechError> {
    (settings.kind()?.expect)(settings)
}

/// Opens a backend: loads its model, or asks its server what it can do. A service name with several addresses is
/// several backends.
///
/// # Errors
/// [`SpeechError::Unavailable`] if there is no such kind, the kind cannot use its options, or a voice, a key or a
/// certificate cannot be loaded. A server that does not answer is no error here: it may do so later, and until then
/// [`Backend::speak`](crate::Backend::speak) says [`SpeechError::Unreachable`].
pub async fn open_backend(settings: &BackendSettings) -> Result<Vec<SharedBackend>, SpeechError> {
    (settings.kind()?.open)(settings.clone()).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(settings: Value) -> String {
        expect_backend(&serde_json::from_value(settings).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones_named() {
        let error = error(json!({ "kind": "gramophone", "name": "one" }));
        assert_eq!(
            error,
            "use one: there is no kind of backend \"gramophone\", known are builtin, openai, command"
        );
    }

    #[test]
    fn an_option_that_the_kind_does_not_know_is_refused_by_name() {
        let error = error(json!({ "kind": "builtin", "name": "one", "pack": "voices/x", "horn": "large" }));
        assert!(error.contains("unknown field `horn`"), "{error}");
    }

    #[test]
    fn a_pack_that_is_not_there_is_refused() {
        let error = error(json!({ "kind": "builtin", "name": "one", "pack": "no/such/folder" }));
        assert!(error.contains("no/such/folder"), "{error}");
    }
}
