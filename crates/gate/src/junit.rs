//! The report as JUnit XML, which continuous integration everywhere can show.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{GateReport, Outcome, Verdict};

/// The suite of what belongs to no backend.
const MACHINE: &str = "machine";

/// The report as JUnit XML: a suite for each backend and one for this machine, a case for each outcome. Warnings are
/// successes with a text, because JUnit knows none.
#[must_use]
pub fn junit(report: &GateReport) -> String {
    let mut xml = Report::new("rhapsode gate");
    xml.set_time(seconds(report.seconds));
    let mut suites: Vec<(&str, Vec<&Outcome>)> = Vec::new();
    for outcome in &report.outcomes {
        let name = outcome.backend.as_deref().unwrap_or(MACHINE);
        match suites.last_mut() {
            Some((last, outcomes)) if *last == name => outcomes.push(outcome),
            _ => suites.push((name, vec![outcome])),
        }
    }
    for (name, outcomes) in suites {
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(outcomes.into_iter().map(|outcome| case(name, outcome)));
        xml.add_test_suite(suite);
    }
    xml.to_string().expect("XML is written to memory, and its texts are cleaned of what XML cannot hold")
}

fn case(suite: &str, outcome: &Outcome) -> TestCase {
    let mut status = match outcome.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let text = text(outcome);
    if outcome.verdict == Verdict::Fail {
        status.set_type(outcome.id.id());
        status.set_description(&text);
    }
    if matches!(outcome.verdict, Verdict::Fail | Verdict::Skipped) {
        status.set_message(&outcome.seen);
    }
    let mut case = TestCase::new(format!("{} {}: {}", outcome.id, outcome.title, outcome.subject), status);
    case.set_classname(format!("{suite}.{}", outcome.id));
    case.set_time(seconds(outcome.seconds));
    if matches!(outcome.verdict, Verdict::Pass | Verdict::Warn) {
        case.set_system_out(&text);
    }
    case
}

fn text(outcome: &Outcome) -> String {
    let mut lines = Vec::new();
    if outcome.verdict == Verdict::Warn {
        lines.push("warning".to_owned());
    }
    let named = [("seen", &outcome.seen), ("expected", &outcome.expected), ("remedy", &outcome.remedy)];
    lines.extend(
        named.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}: {text}")),
    );
    if let Some(lowered) = &outcome.lowered {
        lines.push(format!("allowed until {}: {}", lowered.until, lowered.reason));
    }
    lines.join("\n")
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
