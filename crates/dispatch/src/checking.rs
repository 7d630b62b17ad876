//! A take is checked and stored, while its backend speaks the next: a slot never waits for a check.

use std::sync::Arc;

use rhapsode_audio::{
    Pcm,
    judge::{Bounds, Expectation, Findings, Measurements, judge},
};
use rhapsode_speech::{Heard, ListeningCheck, Request, SharedBackend, TakeKey};
use rhapsode_store::{StoreError, TakeStore};

use crate::{
    join::join,
    speaking::Utterance,
    take::{Candidate, Flaw, Stored},
};

/// What a check needs.
#[derive(Debug)]
pub(crate) struct Checking {
    pub(crate) utterance: Utterance,
    pub(crate) request: Arc<Request>,
    pub(crate) key: TakeKey,
    pub(crate) backend: SharedBackend,
    pub(crate) bounds: Bounds,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) listening: Option<Arc<dyn ListeningCheck>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) result: CheckResult,
    /// Why the listening check could not say anything.
    pub(crate) inconclusive: Option<String>,
}

/// What became of the take.
#[derive(Debug)]
pub(crate) enum CheckResult {
    /// It passed and is in the store; or it is the best there is.
    Stored(Stored, Option<Lesson>),
    /// It did not pass.
    Rejected(Candidate),
    /// It cannot be stored.
    NotStored(StoreError),
}

/// What an accepted take teaches about its voice.
#[derive(Debug)]
pub(crate) struct Lesson {
    pub(crate) variant: usize,
    pub(crate) measurements: Measurements,
    pub(crate) expectation: Expectation,
}

/// A take with what its sound shows.
struct Judged {
    pcm: Pcm,
    candidate: Candidate,
    lesson: Option<Lesson>,
}

impl Checking {
    pub(crate) async fn run(self) -> Checked {
        let Self { utterance, request, key, backend, bounds, store, listening } = self;
        let Some(listening) = listening else {
            let check = move || {
                let Judged { candidate, lesson, .. } = judged(utterance, &request, key, &backend, &bounds);
                settle(candidate, lesson, &store)
            };
            return Checked { result: blocking(check).await, inconclusive: None };
        };
        let wanted = Arc::clone(&request);
        let Judged { pcm, mut candidate, lesson } =
            blocking(move || judged(utterance, &wanted, key, &backend, &bounds)).await;
        let mut inconclusive = None;
        if candidate.is_good() {
            match listening.listen(&request, &pcm).await {
                Heard::Words => {}
                Heard::Otherwise { reason } => candidate.blame(Flaw::OtherWords, &reason),
                Heard::Inconclusive { reason } => inconclusive = Some(reason),
            }
        }
        Checked { result: blocking(move || settle(candidate, lesson, &store)).await, inconclusive }
    }
}

/// Stores the best of the takes that were rejected.
pub(crate) async fn keep(best: Candidate, store: Arc<TakeStore>) -> Checked {
    let result = blocking(move || match best.store(&store) {
        Ok(stored) => CheckResult::Stored(stored, None),
        Err(error) => CheckResult::NotStored(error),
    });
    Checked { result: result.await, inconclusive: None }
}

fn settle(candidate: Candidate, lesson: Option<Lesson>, store: &TakeStore) -> CheckResult {
    if !candidate.is_good() {
        return CheckResult::Rejected(candidate);
    }
    match candidate.store(store) {
        Ok(stored) => CheckResult::Stored(stored, lesson),
        Err(error) => CheckResult::NotStored(error),
    }
}

fn judged(
    utterance: Utterance,
    request: &Request,
    key: TakeKey,
    backend: &SharedBackend,
    bounds: &Bounds,
) -> Judged {
    let expectation = |text: &str| Expectation { characters: text.chars().count(), speed: request.speed };
    let Utterance { variant, seed, spoken, dropped, .. } = utterance;
    // A joint hides what was cut off before it, so pieces are judged by themselves too.
    let in_pieces = spoken.len() > 1;
    let of_pieces: Vec<Findings> = match in_pieces {
        true => spoken.iter().map(|piece| judge(&piece.pcm, &expectation(&piece.text), bounds)).collect(),
        false => Vec::new(),
    };
    let pcm = join(spoken);
    let whole = expectation(&request.plain_text());
    let mut findings = judge(&pcm, &whole, bounds);
    for breach in of_pieces.into_iter().flat_map(|findings| findings.breaches) {
        if !findings.defects.contains(&breach.defect) {
            findings.defects.push(breach.defect);
            findings.breaches.push(breach);
        }
    }
    let candidate = Candidate::new(key, &pcm, seed, &findings, &dropped, backend);
    // The pauses of a joined take are ours and teach nothing about the voice.
    let lesson =
        (!in_pieces).then_some(Lesson { variant, measurements: findings.measurements, expectation: whole });
    Judged { pcm, candidate, lesson }
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
