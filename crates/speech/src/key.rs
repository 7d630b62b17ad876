//! The key of a take: one hash over everything that determines how it sounds.
//!
//! The encoding is canonical and unambiguous: every string and list goes in behind its length, every choice
//! behind a tag, objects in the order of their names. It must never change within a schema version, because
//! finished takes are found by it; a golden test holds it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::{EngineIdentity, Part, Reference, Request};

/// Separates these hashes from all others and carries the schema version.
const SCHEMA: &str = "rhapsode take key 1";

/// Hash of all that determines how a take sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TakeKey(pub [u8; 32]);

impl Request {
    /// The key under which the take of this request by that engine is stored.
    #[must_use]
    pub fn key(&self, identity: &EngineIdentity) -> TakeKey {
        // No `..` in the patterns: a new field must find its place here before this compiles.
        let EngineIdentity { engine, model, revision, sound_revision } = identity;
        let Self { text, voice, reference, language, speed, parameters, seed, generation } = self;
        let mut key = Encoder(blake3::Hasher::new_derive_key(SCHEMA));
        key.text(engine);
        key.text(model);
        key.text(revision);
        key.bytes(&sound_revision.to_le_bytes());
        key.text(voice);
        // Nothing where there is none, so that the keys of engines with voices of their own stay what they were; a
        // tag that no length begins with where there is one.
        if let Some(Reference { blake3, path: _ }) = reference {
            key.bytes(&u64::MAX.to_le_bytes());
            key.text(blake3);
        }
        key.text(language);
        key.bytes(&speed.to_le_bytes());
        key.bytes(&seed.to_le_bytes());
        key.bytes(&generation.to_le_bytes());
        key.length(parameters.len());
        for (name, value) in parameters {
            key.text(name);
            key.value(value);
        }
        key.length(text.len());
        for part in text {
            match part {
                Part::Text(text) => {
                    key.bytes(b"t");
                    key.text(text);
                }
                Part::Phonemes { word, phonemes } => {
                    key.bytes(b"p");
                    key.text(word);
                    key.text(phonemes);
                }
            }
        }
        TakeKey(key.0.finalize().into())
    }
}

/// A short name for parameters that stand in the configuration of a backend and in none of its requests.
pub(crate) fn digest(parameters: &std::collections::BTreeMap<String, Value>) -> String {
    let mut key = Encoder(blake3::Hasher::new_derive_key("rhapsode backend parameters 1"));
    for (name, value) in parameters {
        key.text(name);
        key.value(value);
    }
    hex::encode(&key.0.finalize().as_bytes()[..8])
}

struct Encoder(blake3::Hasher);

impl Encoder {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn length(&mut self, length: usize) {
        self.bytes(&(length as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"0"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Number(number) => {
                self.bytes(b"n");
                self.text(&number.to_string());
            }
            Value::String(text) => {
                self.bytes(b"s");
                self.text(text);
            }
            Value::Array(items) => {
                self.bytes(b"a");
                self.length(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Object(fields) => {
                self.bytes(b"o");
                self.length(fields.len());
                // Sorted here, because a feature of serde_json decides whether the map is.
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(name, _)| *name);
                for (name, field) in fields {
                    self.text(name);
                    self.value(field);
                }
            }
        }
    }
}

/// A text is not a take key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read a take key: it has 64 hexadecimal digits")]
pub struct NotATakeKey;

impl fmt::Display for TakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for TakeKey {
    type Err = NotATakeKey;

    fn from_str(text: &str) -> Result<Self, NotATakeKey> {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key).map(|()| Self(key)).map_err(|_| NotATakeKey)
    }
}

impl Serialize for TakeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TakeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    fn identity() -> EngineIdentity {
        EngineIdentity {
            engine: "hibari".to_owned(),
            model: "af_heart".to_owned(),
            revision: "0123abcd".to_owned(),
            sound_revision: 1,
        }
    }

    fn request() -> Request {
        Request {
            text: vec![
                Part::Text("Call me ".to_owned()),
                Part::Phonemes { word: "Ishmael".to_owned(), phonemes: "ˈɪʃmeɪəl".to_owned() },
            ],
            voice: "hibari".to_owned(),
            reference: None,
            language: "en".to_owned(),
            speed: 1.0,
            parameters: [("warmth".to_owned(), json!({ "b": [1, 2.5, null], "a": true }))].into(),
            seed: 7,
            generation: 0,
        }
    }

    #[test]
    fn the_key_of_a_request_never_changes() {
        let golden = "558c910e6aab910278c7a38e9be45ddab16c236947acd4af767a820d14166717";
        assert_eq!(request().key(&identity()).to_string(), golden);
    }

    #[test]
    fn every_field_changes_the_key() {
        type Change = fn(&mut Request, &mut EngineIdentity);
        let changes: &[Change] = &[
            |_, _| (),
            |_, i| i.engine.push('2'),
            |_, i| i.model.push('2'),
            |_, i| i.revision.push('2'),
            |_, i| i.sound_revision += 1,
            |r, _| r.text.truncate(1),
            |r, _| r.text[0] = Part::Text("Call me".to_owned()),
            |r, _| r.text[1] = Part::Text("Ishmael".to_owned()),
            |r, _| {
                r.text[1] = Part::Phonemes { word: "Ishmael".to_owned(), phonemes: "ɪʃmeɪl".to_owned() }
            },
            |r, _| {
                r.text[1] = Part::Phonemes { word: "Ismael".to_owned(), phonemes: "ˈɪʃmeɪəl".to_owned() }
            },
            |r, _| r.voice.push('2'),
            |r, _| r.reference = Some(Reference { path: "a.wav".into(), blake3: "aa".to_owned() }),
            |r, _| r.reference = Some(Reference { path: "a.wav".into(), blake3: "ab".to_owned() }),
            |r, _| r.language.push_str("-GB"),
            |r, _| r.speed = 1.1,
            |r, _| r.parameters.clear(),
            |r, _| drop(r.parameters.insert("warmth".to_owned(), json!({ "b": [1, 2.5], "a": true }))),
            |r, _| {
                drop(r.parameters.insert("warmth".to_owned(), json!({ "b": [1, "2.5", null], "a": true })))
            },
            |r, _| drop(r.parameters.insert("heat".to_owned(), json!(1))),
            |r, _| r.seed += 1,
            |r, _| r.generation += 1,
        ];
        let keys: HashSet<_> = changes
            .iter()
            .map(|change| {
                let (mut request, mut identity) = (request(), identity());
                change(&mut request, &mut identity);
                request.key(&identity)
            })
            .collect();
        assert_eq!(keys.len(), changes.len());
    }

    #[test]
    fn text_that_moves_between_fields_changes_the_key() {
        let key = |model: &str, revision: &str, parts: &[&str]| {
            let mut request = request();
            request.text = parts.iter().map(|&part| Part::Text(part.to_owned())).collect();
            let (model, revision) = (model.to_owned(), revision.to_owned());
            request.key(&EngineIdentity { model, revision, ..identity() })
        };
        assert_ne!(key("ab", "c", &["x"]), key("a", "bc", &["x"]));
        assert_ne!(key("a", "b", &["x", "y"]), key("a", "b", &["xy"]));
    }

    #[test]
    fn a_key_reads_back_from_its_text() {
        let key = request().key(&identity());
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(serde_json::from_value::<TakeKey>(json!(key)).unwrap(), key);
        for wrong in ["", "00", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert_eq!(wrong.parse::<TakeKey>(), Err(NotATakeKey), "{wrong}");
        }
    }
}
