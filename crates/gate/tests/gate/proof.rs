//! The proof of speech and how long it counts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use rhapsode_gate::{
    BackendCheck, CheckId, Gate, GateLimits, GateReport, Policy, Proof, ProofCache, ProofKey, Verdict,
    recheck,
};
use serde_json::json;

use crate::server::{Answer, Server, healthy};
use crate::{check_server, gated, limits, only, verdict};

/// Proofs in memory.
#[derive(Debug, Default)]
struct Shelf(Mutex<HashMap<ProofKey, Proof>>);

impl ProofCache for Shelf {
    fn get(&self, key: &ProofKey) -> Option<Proof> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn put(&self, key: &ProofKey, proof: &Proof) {
        self.0.lock().unwrap().insert(key.clone(), proof.clone());
    }
}

impl Shelf {
    /// Moves all that was proved to this time.
    fn date(&self, at: SystemTime) {
        self.0.lock().unwrap().values_mut().for_each(|proof| proof.at = at);
    }
}

async fn with_shelf(server: &Server, shelf: &Arc<Shelf>, voice: &str) -> GateReport {
    let mut backend = gated(&server.url, json!({})).await;
    backend.voice.voice = voice.to_owned();
    let check = BackendCheck::new(backend, limits()).with_proofs(Arc::clone(shelf) as Arc<dyn ProofCache>);
    Gate::new(Policy::default(), limits()).check(check).run(&|_| {}).await
}

#[tokio::test]
async fn a_backend_that_does_not_speak_fails_after_as_many_attempts_as_a_take_has() {
    for answer in [Answer::Silence, Answer::Text(500, "cuda hiccup")] {
        let server = Server::but("/v1/audio/speech", answer).await;
        let report = check_server(&server, json!({})).await;
        assert_eq!(verdict(&report, CheckId::Speech), Verdict::Fail);
        assert_eq!(server.asked("/v1/audio/speech"), 3);
        assert_eq!(report.proofs().count(), 0);
    }
}

#[tokio::test]
async fn what_no_attempt_can_mend_is_asked_for_once() {
    let server = Server::but("/v1/audio/speech", Answer::Text(401, "wrong key")).await;
    let report = check_server(&server, json!({})).await;
    let speech = only(&report, CheckId::Speech);
    assert_eq!(speech.verdict, Verdict::Fail);
    assert!(speech.seen.contains("wrong key"), "{}", speech.seen);
    assert_eq!(server.asked("/v1/audio/speech"), 1);
}

#[tokio::test]
async fn a_sentence_that_is_good_at_the_second_attempt_is_a_proof_with_a_warning() {
    let mut answers = healthy();
    answers.insert("/v1/audio/speech", vec![Answer::Text(500, "cuda hiccup"), Answer::Song]);
    let report = check_server(&Server::new(answers).await, json!({})).await;
    let speech = only(&report, CheckId::Speech);
    assert_eq!(speech.verdict, Verdict::Warn);
    assert!(speech.seen.contains("attempt 2") && speech.seen.contains("cuda hiccup"), "{}", speech.seen);
    assert!(speech.proof.is_some());
}

#[tokio::test]
async fn a_proof_tells_the_speed_and_counts_for_a_while_for_its_voice_alone() {
    let (server, shelf) = (Server::new(healthy()).await, Arc::default());
    let first = with_shelf(&server, &shelf, "ann").await;
    let proof = first.proofs().next().unwrap();
    assert!(proof.times_real_time > 0.0 && proof.seconds_of_audio > 2.0, "{proof:?}");
    let second = with_shelf(&server, &shelf, "ann").await;
    assert_eq!(server.asked("/v1/audio/speech"), 1);
    assert_eq!(second.proofs().next(), Some(proof));
    assert!(only(&second, CheckId::Speech).seen.contains("ago"));
    with_shelf(&server, &shelf, "ben").await;
    assert_eq!(server.asked("/v1/audio/speech"), 2);
}

#[tokio::test]
async fn a_proof_that_is_old_or_from_the_future_is_made_again() {
    let (server, shelf) = (Server::new(healthy()).await, Arc::<Shelf>::default());
    with_shelf(&server, &shelf, "ann").await;
    let now = SystemTime::now();
    let age = GateLimits::default().proof_age + Duration::from_secs(1);
    for (made, at) in [(2, now - age), (3, now + Duration::from_secs(3_600))] {
        shelf.date(at);
        with_shelf(&server, &shelf, "ann").await;
        assert_eq!(server.asked("/v1/audio/speech"), made);
    }
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let mut answers = healthy();
    answers.insert("/v1/audio/speech", vec![Answer::Text(401, "wrong key"), Answer::Song]);
    let (server, shelf) = (Server::new(answers).await, Arc::default());
    assert_eq!(with_shelf(&server, &shelf, "ann").await.verdict, Verdict::Fail);
    assert_eq!(with_shelf(&server, &shelf, "ann").await.verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_backend_that_comes_back_passes_every_check_again() {
    let server = Server::new(healthy()).await;
    let report = recheck(gated(&server.url, json!({})).await, Policy::default(), limits()).await;
    assert_eq!(report.verdict, Verdict::Pass);
    assert_eq!(server.asked("/v1/audio/speech"), 1);
    assert_eq!(server.asked("/v1/dependencies"), 1);
}
