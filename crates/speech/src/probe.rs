//! The proof of speech: a backend that answers may still be unable to speak, so one short sentence is really
//! spoken and checked like a take.

use std::{collections::BTreeMap, time::Duration, time::Instant};

use rhapsode_audio::judge::{Bounds, Expectation, Findings, judge};

use crate::{Backend, Part, Request, SpeechError};

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

/// Has a backend speak one short sentence with its first voice, and checks the sound.
///
/// # Errors
/// Whatever keeps the backend from speaking. Sound that does not pass is no error but a finding.
pub async fn probe(backend: &dyn Backend) -> Result<ProbeReport, SpeechError> {
    let description = backend.describe();
    let first = |names: &[String]| names.first().cloned().unwrap_or_default();
    let request = Request {
        text: vec![Part::Text(SENTENCE.to_owned())],
        voice: first(&description.voices),
        language: first(&description.languages),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 0,
        generation: 0,
    };
    let began = Instant::now();
    let speech = backend.speak(&request, request.seed).await?;
    let elapsed = began.elapsed();
    let expectation = Expectation { characters: SENTENCE.chars().count(), speed: request.speed };
    Ok(ProbeReport {
        findings: judge(&speech.pcm, &expectation, &Bounds::default()),
        seconds_of_audio: speech.pcm.seconds(),
        elapsed,
    })
}
