//! The proof that a backend speaks, and where proofs are kept for a while: a sentence costs seconds, and three books
//! in a row need no three proofs.

use std::time::{Duration, SystemTime};

use rhapsode_speech::{EngineIdentity, ProbeVoice};
use serde::{Deserialize, Serialize};

/// A sentence that a backend spoke and that passed as a take. There is none of one that did not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The backend's name.
    pub backend: String,
    /// Which engine spoke.
    pub identity: EngineIdentity,
    /// The voice that it spoke with.
    pub voice: String,
    /// Seconds of speech a second of one slot.
    pub times_real_time: f64,
    /// Length of the sentence as it was spoken, in seconds.
    pub seconds_of_audio: f64,
    /// Seconds that the backend took.
    pub seconds: f64,
    /// When it spoke.
    pub at: SystemTime,
}

/// The name under which a proof is kept: a hash over the engine's identity, the voice and the backend's address, in
/// hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProofKey(String);

/// Keeps proofs. A lost one costs a sentence, so that errors are the keeper's own business.
pub trait ProofCache: Send + Sync {
    /// The proof of this name, however old.
    fn get(&self, key: &ProofKey) -> Option<Proof>;

    /// Keeps a proof in place of an earlier one.
    fn put(&self, key: &ProofKey, proof: &Proof);
}

impl ProofKey {
    /// The name of the proof that the engine behind this address speaks with this voice.
    #[must_use]
    pub fn new(identity: &EngineIdentity, voice: &ProbeVoice, address: &str) -> Self {
        let EngineIdentity { engine, model, revision, sound_revision } = identity;
        let ProbeVoice { voice, reference, language, parameters } = voice;
        let reference = reference.as_ref().map(|reference| &reference.blake3);
        let all = (engine, model, revision, sound_revision, voice, reference, language, parameters, address);
        let json = serde_json::to_vec(&all).expect("names and parameters are plain data with text keys");
        Self(blake3::hash(&json).to_hex()[..32].to_owned())
    }

    /// The name as text: 32 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Proof {
    /// Its age, none if the clock has been set back since.
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.at).ok()
    }
}
