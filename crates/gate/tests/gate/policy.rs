//! What may fail, why and until when.

use chrono::NaiveDate;
use rhapsode_deps::Rule;
use rhapsode_gate::{BackendCheck, CheckId, Gate, GateMode, GateReport, Lowering, Policy, Reason, Verdict};
use serde::Deserialize;
use serde_json::json;

use crate::server::Server;
use crate::{gated, limits, verdict};

/// The `[gate]` section of a configuration.
#[derive(Debug, Deserialize)]
struct Section {
    allow: Vec<Lowering>,
}

fn read(text: &str) -> Result<Vec<Lowering>, String> {
    toml::from_str::<Section>(text).map(|section| section.allow).map_err(|error| error.to_string())
}

fn lowering(check: &str, more: &str, until: &str) -> Lowering {
    let text = format!(
        "[[allow]]\ncheck = \"{check}\"\nreason = \"until the image is rebuilt\"\nuntil = \"{until}\"\n{more}"
    );
    read(&text).unwrap().remove(0)
}

/// What the gate says under this policy of a server whose numpy is too new for its torch.
async fn report(lowerings: Vec<Lowering>) -> (GateReport, Server) {
    let distributions = json!([
        { "name": "numpy", "version": "2.2.6", "requires_dist": [] },
        { "name": "torch", "version": "2.6.0", "requires_dist": ["numpy<2"] },
    ]);
    let server = Server::reporting("distributions", distributions).await;
    let check = BackendCheck::new(gated(&server.url, json!({})).await, limits());
    (Gate::new(Policy::new(lowerings), limits()).check(check).run(&|_| {}).await, server)
}

/// What a rule names as its subject is its own matter; a policy quotes it.
async fn subject() -> String {
    let (report, _) = report(Vec::new()).await;
    let failure = report.with(Verdict::Fail).next().unwrap();
    assert_eq!(failure.id, CheckId::Dependency(Rule::OutsideRange));
    failure.subject.clone()
}

#[tokio::test]
async fn a_failure_that_is_allowed_is_a_warning_with_its_reason_and_the_backend_is_heard() {
    let named = format!("subject = \"{}\"", subject().await);
    for more in ["", named.as_str(), "backend = \"tts\""] {
        let (report, server) = report(vec![lowering("RHA-DEP-002", more, "2999-12-31")]).await;
        let lowered = report.with(Verdict::Warn).next().unwrap();
        let exception = lowered.lowered.as_ref().unwrap();
        assert_eq!(exception.reason, "until the image is rebuilt");
        assert_eq!(exception.until, NaiveDate::from_ymd_opt(2999, 12, 31).unwrap());
        assert_eq!(report.verdict, Verdict::Warn);
        assert!(!GateMode::Enforce.refuses(&report));
        assert_eq!(verdict(&report, CheckId::Speech), Verdict::Pass);
        assert_eq!(server.asked("/v1/audio/speech"), 1);
        assert_eq!(report.unused, []);
    }
}

#[tokio::test]
async fn an_exception_for_something_else_changes_nothing_and_is_told() {
    for other in [
        lowering("RHA-DEP-002", "subject = \"scipy\"", "2999-12-31"),
        lowering("RHA-DEP-002", "backend = \"another\"", "2999-12-31"),
        lowering("RHA-DEP-003", "", "2999-12-31"),
    ] {
        let (report, server) = report(vec![other.clone()]).await;
        assert_eq!(report.verdict, Verdict::Fail);
        assert_eq!(report.unused, [other]);
        assert_eq!(server.asked("/v1/audio/speech"), 0);
    }
}

#[tokio::test]
async fn an_exception_that_ended_allows_nothing_and_says_when_it_ended() {
    let (report, server) = report(vec![lowering("RHA-DEP-002", "", "2024-01-31")]).await;
    let failure = report.with(Verdict::Fail).next().unwrap();
    assert!(failure.remedy.ends_with("(the exception for this ended on 2024-01-31)"), "{}", failure.remedy);
    assert_eq!(failure.remedy.matches("ended on").count(), 1);
    assert_eq!(failure.lowered, None);
    assert_eq!(report.unused, []);
    assert_eq!(server.asked("/v1/audio/speech"), 0);
}

#[tokio::test]
async fn of_two_exceptions_the_one_that_still_holds_counts() {
    let both = vec![lowering("RHA-DEP-002", "", "2024-01-31"), lowering("RHA-DEP-002", "", "2999-12-31")];
    assert_eq!(report(both).await.0.verdict, Verdict::Warn);
}

#[tokio::test]
async fn the_mode_decides_what_a_failure_means() {
    let (report, _) = report(Vec::new()).await;
    assert!(GateMode::Enforce.refuses(&report));
    assert!(!GateMode::Warn.refuses(&report));
    assert!(!GateMode::Off.refuses(&report));
}

#[tokio::test]
async fn a_failure_that_somebody_excuses_is_a_warning_that_says_why() {
    let (mut report, _) = report(Vec::new()).await;
    report.excuse(|_| Some("the job goes on without it".to_owned()));
    assert_eq!(report.verdict, Verdict::Warn);
    assert!(report.with(Verdict::Warn).next().unwrap().seen.ends_with("; the job goes on without it"));
}

#[test]
fn an_exception_that_says_too_little_is_an_error_at_its_place() {
    let complete =
        "[[allow]]\ncheck = \"RHA-DEP-002\"\nreason = \"rebuilt on Monday\"\nuntil = \"2027-01-31\"\n";
    assert!(read(complete).is_ok());
    for (from, to, said) in [
        ("RHA-DEP-002", "RHA-DEP-999", "there is no check \"RHA-DEP-999\""),
        ("rebuilt on Monday", "  ", "needs a reason"),
        ("2027-01-31", "2027-02-31", "line 4"),
        ("2027-01-31", "soon", "line 4"),
        ("reason = \"rebuilt on Monday\"\n", "", "missing field `reason`"),
        ("until = \"2027-01-31\"\n", "", "missing field `until`"),
        ("until", "untill", "unknown field `untill`"),
    ] {
        let error = read(&complete.replace(from, to)).unwrap_err();
        assert!(error.contains(said), "{error}");
        assert!(error.contains("line "), "{error}");
    }
    assert_eq!(Reason::new("\t"), None);
}
