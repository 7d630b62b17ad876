//! Checks that hang, break down or say nothing: the gate is none the worse for them.

use std::{sync::Mutex, time::Duration};

use rhapsode_gate::{
    About, BackendCheck, Check, CheckId, Checking, Conditions, Gate, GateLimits, Outcome, Policy, Progress,
    Verdict,
};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::{gated, only, verdict};

/// A check that does as it is told.
struct Told(CheckId, Manner);

#[derive(Clone, Copy)]
enum Manner {
    Passes,
    Hangs,
    Panics,
    SaysNothing,
}

impl Check for Told {
    fn about(&self) -> About {
        About { id: self.0, subject: "it".to_owned(), backend: None }
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        Box::pin(async move {
            match self.1 {
                Manner::Passes => vec![Outcome::pass(self.0, "it", "well")],
                Manner::Hangs => std::future::pending().await,
                Manner::Panics => panic!("as told"),
                Manner::SaysNothing => Vec::new(),
            }
        })
    }
}

fn gate(limit: Duration) -> Gate {
    Gate::new(Policy::default(), GateLimits { total: limit, ..GateLimits::default() })
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_fails_within_the_limit_and_the_others_are_reported() {
    let began = tokio::time::Instant::now();
    let report = gate(Duration::from_secs(60))
        .check(Told(CheckId::Disk, Manner::Hangs))
        .check(Told(CheckId::Clock, Manner::Passes))
        .run(&|_| {})
        .await;
    assert!(began.elapsed() <= Duration::from_secs(61));
    let hung = only(&report, CheckId::Disk);
    assert_eq!((hung.verdict, hung.seen.as_str()), (Verdict::Fail, "it did not answer within 60 s"));
    assert_eq!(verdict(&report, CheckId::Clock), Verdict::Pass);
}

#[tokio::test]
async fn a_check_that_panics_fails_and_the_others_are_reported() {
    let report = gate(Duration::from_secs(60))
        .check(Told(CheckId::Disk, Manner::Panics))
        .check(Told(CheckId::Clock, Manner::Passes))
        .run(&|_| {})
        .await;
    assert_eq!(verdict(&report, CheckId::Disk), Verdict::Fail);
    assert_eq!(verdict(&report, CheckId::Clock), Verdict::Pass);
}

#[tokio::test]
async fn a_check_without_an_outcome_is_in_the_report_all_the_same() {
    let report =
        gate(Duration::from_secs(60)).check(Told(CheckId::Disk, Manner::SaysNothing)).run(&|_| {}).await;
    assert_eq!(verdict(&report, CheckId::Disk), Verdict::Skipped);
    assert_eq!(report.verdict, Verdict::Pass);
}

#[tokio::test]
async fn the_order_of_a_report_is_that_of_the_table_and_each_check_is_told_twice() {
    let told = Mutex::new(Vec::new());
    let report = gate(Duration::from_secs(60))
        .check(Told(CheckId::JobLock, Manner::Passes))
        .check(Told(CheckId::Clock, Manner::Passes))
        .check(Told(CheckId::Disk, Manner::Passes))
        .run(&|progress| {
            told.lock().unwrap().push(match progress {
                Progress::Started(about) => (about.id, 0),
                Progress::Ended(about, outcomes) => (about.id, outcomes.len()),
            });
        })
        .await;
    let order: Vec<CheckId> = report.outcomes.iter().map(|outcome| outcome.id).collect();
    assert_eq!(order, [CheckId::Disk, CheckId::Clock, CheckId::JobLock]);
    let mut told = told.into_inner().unwrap();
    told.sort();
    assert_eq!(told, [CheckId::Disk, CheckId::Clock, CheckId::JobLock].map(|id| [(id, 0), (id, 1)]).concat());
}

#[tokio::test]
async fn a_server_that_answers_nothing_in_time_fails_and_what_is_known_of_it_is_reported() {
    for (call, failing) in [("/ready", CheckId::Reachable), ("/v1/audio/speech", CheckId::Speech)] {
        let server = Server::but(call, Answer::Never).await;
        let limits = GateLimits { total: Duration::from_secs(2), ..GateLimits::default() };
        let backend = gated(&server.url, json!({})).await;
        let report =
            Gate::new(Policy::default(), limits).check(BackendCheck::new(backend, limits)).run(&|_| {}).await;
        let failed: Vec<CheckId> = report.with(Verdict::Fail).map(|outcome| outcome.id).collect();
        assert_eq!(failed, [failing], "{:#?}", report.outcomes);
        assert_eq!(verdict(&report, CheckId::Dependencies), Verdict::Pass);
    }
}

#[tokio::test]
async fn three_backends_are_checked_side_by_side_and_reported_in_their_order() {
    let mut gate = gate(Duration::from_secs(60));
    for name in ["zoe", "ann", "ben"] {
        let server = Server::new(crate::server::healthy()).await;
        let backend = gated(&server.url, json!({ "name": name })).await;
        gate = gate.check(BackendCheck::new(backend, GateLimits::default()));
    }
    let report = gate.check(Told(CheckId::Disk, Manner::Passes)).run(&|_| {}).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
    let mut order: Vec<Option<&str>> =
        report.outcomes.iter().map(|outcome| outcome.backend.as_deref()).collect();
    order.dedup();
    assert_eq!(order, [Some("zoe"), Some("ann"), Some("ben"), None]);
}
