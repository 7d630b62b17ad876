//! One attempt at a take: speak, check, store. It runs by itself on what it is given and returns what came of
//! it; the dispatcher decides what follows.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rhapsode_audio::{
    Pcm,
    judge::{Bounds, Defect, Expectation, Findings, judge},
    to_i16,
};
use rhapsode_speech::{Call, Purpose, Request, SharedBackend, SpeechError, TakeKey};
use rhapsode_store::{Pcm16, StoreError, TakeRecord, TakeStore, Verdict};

/// What an attempt needs.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) backend: SharedBackend,
    pub(crate) request: Arc<Request>,
    pub(crate) seed: u64,
    pub(crate) key: TakeKey,
    pub(crate) bounds: Bounds,
    pub(crate) store: Arc<TakeStore>,
}

/// What came of an attempt, and how long the backend worked on it.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) result: AttemptResult,
    pub(crate) elapsed: Duration,
}

/// What came of an attempt.
#[derive(Debug)]
pub(crate) enum AttemptResult {
    /// A take passed and is in the store.
    Stored(Stored),
    /// A take was made and did not pass.
    Rejected(Candidate),
    /// There is no take.
    NoSpeech(SpeechError),
    /// A take was made and cannot be stored.
    NotStored(StoreError),
}

/// A take that is in the store.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) verdict: Verdict,
    pub(crate) seconds: f64,
    pub(crate) backend: String,
}

/// A take that was made, on its way to the store or waiting for a better one.
#[derive(Debug)]
pub(crate) struct Candidate {
    rate: u32,
    samples: Vec<i16>,
    seconds: f64,
    seed: u64,
    measurements: serde_json::Value,
    identity: serde_json::Value,
    defects: Vec<Defect>,
    backend: String,
    /// Whether it cost money.
    priced: bool,
    /// What was wrong, for people.
    pub(crate) reason: String,
}

impl Attempt {
    pub(crate) async fn run(self) -> Attempted {
        let began = Instant::now();
        let spoken =
            self.backend.speak(&self.request, Call { seed: self.seed, purpose: Purpose::Take }).await;
        let elapsed = began.elapsed();
        let result = match spoken {
            // An empty take can be neither judged nor kept as the best there is.
            Ok(speech) if speech.pcm.samples.is_empty() => AttemptResult::NoSpeech(SpeechError::Transient {
                backend: self.backend.describe().name.clone(),
                reason: "it returned no sound".to_owned(),
            }),
            Ok(speech) => blocking(move || self.check(&speech.pcm, speech.seed)).await,
            Err(error) => AttemptResult::NoSpeech(error),
        };
        Attempted { result, elapsed }
    }

    fn check(&self, pcm: &Pcm, seed: u64) -> AttemptResult {
        let expectation =
            Expectation { characters: self.request.plain_text().chars().count(), speed: self.request.speed };
        let findings = judge(pcm, &expectation, &self.bounds);
        let accepted = findings.accepted();
        let candidate = Candidate::new(pcm, seed, findings, &self.backend);
        if !accepted {
            return AttemptResult::Rejected(candidate);
        }
        match candidate.store(self.key, &self.store) {
            Ok(stored) => AttemptResult::Stored(stored),
            Err(error) => AttemptResult::NotStored(error),
        }
    }
}

impl Candidate {
    fn new(pcm: &Pcm, seed: u64, findings: Findings, backend: &SharedBackend) -> Self {
        let json = |value: Result<_, serde_json::Error>| {
            value.expect("numbers and strings in named fields can always be written as JSON")
        };
        let description = backend.describe();
        let reason = findings.breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Self {
            rate: pcm.rate.0,
            samples: pcm.samples.iter().map(|&sample| to_i16(sample)).collect(),
            seconds: pcm.seconds(),
            seed,
            measurements: json(serde_json::to_value(findings.measurements)),
            identity: json(serde_json::to_value(&description.identity)),
            defects: findings.defects,
            backend: description.name.clone(),
            priced: description.price.is_some(),
            reason,
        }
    }

    /// Puts the take into the store.
    pub(crate) fn store(self, key: TakeKey, store: &TakeStore) -> Result<Stored, StoreError> {
        let verdict = match self.defects.as_slice() {
            [] => Verdict::Accepted,
            defects => Verdict::Defect(defects.iter().map(ToString::to_string).collect()),
        };
        let record = TakeRecord {
            measurements: self.measurements,
            verdict: verdict.clone(),
            seed: self.seed,
            identity: self.identity,
        };
        store.put(&key.0, Pcm16 { rate: self.rate, samples: &self.samples }, &record)?;
        // Free takes are forced to the disk in groups; money is not spent twice for a power cut.
        if self.priced {
            store.sync()?;
        }
        Ok(Stored { verdict, seconds: self.seconds, backend: self.backend })
    }

    /// The better of two takes, the earlier one of equals.
    pub(crate) fn better_of(earlier: Option<Self>, later: Self) -> Self {
        match earlier {
            Some(earlier) if earlier.badness() <= later.badness() => earlier,
            _ => later,
        }
    }

    /// Lost words weigh more than any number of blemishes, lost speech more than lost words.
    fn badness(&self) -> u32 {
        let weight = |defect: &Defect| match defect {
            Defect::Broken | Defect::Silent => 10_000,
            Defect::TooShort | Defect::TooLong | Defect::CutOff => 100,
            _ => 1,
        };
        self.defects.iter().map(weight).sum()
    }
}

/// Runs work that takes processor or disk time off the asynchronous threads. A panic goes on in the caller.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime shuts down; nothing is left that could see a result.
        Err(_) => std::future::pending().await,
    }
}
