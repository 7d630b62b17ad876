//! The proof of speech: a backend that answers may still be unable to speak, so one short sentence is really
//! spoken and checked like a take.

use std::{collections::BTreeMap, time::Duration, time::Instant};

use rhapsode_audio::judge::{Bounds, Expectation, Findings, judge};

use crate::{Backend, Call, Part, Purpose, Request, SpeechError};

/// Short, with every kind of sound in it.
const SENTENCE: &str = "The quick brown fox jumps over the lazy dog.";

/// What a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeReport {
    /// What the take checks say of the sentence.
    pub findings: Findings,
    /// Length of the sentence as it was spoken, in seconds.
    pub seconds_of_audio: f64,
    /// Time that the backend took.
    pub elapsed: Duration,
}

impl ProbeReport {
    /// Whether the sentence passed as a take.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.accepted()
    }

    /// Seconds of speech a second of one slot.
    #[must_use]
    pub fn times_real_time(&self) -> f64 {
        self.seconds_of_audio / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// What a probe speaks with. A backend may have many voices, and only the job's has to work.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeVoice {
    /// Name of the voice as the backend knows it.
    pub voice: String,
    /// The recording that a cloning engine takes the voice from.
    pub reference: Option<crate::Reference>,
    /// BCP 47 language.
    pub language: String,
    /// Parameters of the engine.
    pub parameters: BTreeMap<String, serde_json::Value>,
}

impl ProbeVoice {
    /// The first voice and language of a backend.
    #[must_use]
    pub fn first_of(backend: &dyn Backend) -> Self {
        let description = backend.describe();
        let first = |names: &[String]| names.first().cloned().unwrap_or_default();
        Self {
            voice: first(&description.voices),
            reference: None,
            language: first(&description.languages),
            parameters: BTreeMap::new(),
        }
    }

    /// The voice that a request is spoken with.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            voice: request.voice.clone(),
            reference: request.reference.clone(),
            language: request.language.clone(),
            parameters: request.parameters.clone(),
        }
    }
}

/// One that has not said within this time whether it is ready does not answer.
pub const READY_WITHIN: Duration = Duration::from_secs(10);

/// Asks a backend whether it is ready, without having it speak, and waits no longer than `limit`.
///
/// # Errors
/// What keeps it from being ready; one that does not answer in time is [`SpeechError::Unreachable`].
pub async fn ask_ready(backend: &dyn Backend, limit: Duration) -> Result<(), SpeechError> {
    tokio::time::timeout(limit, backend.ready()).await.unwrap_or_else(|_| {
        let reason = "it does not say whether it is ready".to_owned();
        Err(SpeechError::Unreachable { backend: backend.describe().name.clone(), reason })
    })
}

/// Asks a backend whether it is ready, has it speak one short sentence, and checks the sound.
///
/// # Errors
/// Whatever keeps the backend from speaking. Sound that does not pass is no error but a finding.
pub async fn probe(backend: &dyn Backend, voice: &ProbeVoice) -> Result<ProbeReport, SpeechError> {
    backend.ready().await?;
    speak_probe(backend, voice, 0).await
}

/// Has a backend speak the sentence of [`probe`] with this seed and checks the sound, without asking first whether it
/// is ready.
///
/// # Errors
/// As for [`probe`].
pub async fn speak_probe(
    backend: &dyn Backend,
    voice: &ProbeVoice,
    seed: u64,
) -> Result<ProbeReport, SpeechError> {
    let request = Request {
        text: vec![Part::Text(SENTENCE.to_owned())],
        voice: voice.voice.clone(),
        reference: voice.reference.clone(),
        language: voice.language.clone(),
        speed: 1.0,
        parameters: voice.parameters.clone(),
        seed,
        generation: 0,
    };
    let began = Instant::now();
    let speech = backend.speak(&request, Call { seed: request.seed, purpose: Purpose::Probe }).await?;
    let elapsed = began.elapsed();
    let expectation = Expectation { characters: SENTENCE.chars().count(), speed: request.speed };
    Ok(ProbeReport {
        findings: judge(&speech.pcm, &expectation, &Bounds::default()),
        seconds_of_audio: speech.pcm.seconds(),
        elapsed,
    })
}
