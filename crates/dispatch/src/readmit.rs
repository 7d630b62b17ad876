//! How a backend proves that it works again.

use std::fmt;

use rhapsode_speech::{Backend, ProbeVoice, SpeechError, SpeechFuture, probe};

/// Decides whether a backend whose breaker opened gets work again.
pub trait Readmit: Send + Sync + fmt::Debug {
    /// Asks the backend, with the voice of the work that it failed at. An error keeps it out;
    /// [`SpeechError::Unavailable`] does so for good.
    fn readmit<'a>(&'a self, backend: &'a dyn Backend, voice: &'a ProbeVoice) -> SpeechFuture<'a, ()>;
}

/// The proof of speech: one short sentence that passes its checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProofOfSpeech;

impl Readmit for ProofOfSpeech {
    fn readmit<'a>(&'a self, backend: &'a dyn Backend, voice: &'a ProbeVoice) -> SpeechFuture<'a, ()> {
        Box::pin(async move {
            let report = probe(backend, voice).await?;
            if report.passed() {
                return Ok(());
            }
            let defects: Vec<_> = report.findings.breaches.iter().map(ToString::to_string).collect();
            Err(SpeechError::Transient {
                backend: backend.describe().name.clone(),
                reason: format!("its proof of speech does not pass: {}", defects.join(", ")),
            })
        })
    }
}
