//! What the gate found, for people: a table of every check, and the failures alone under an error.

use std::fmt::Write;

use rhapsode_engine::gate::{GateReport, Outcome, Verdict};

/// Width of what was checked and of what was seen; what is longer pushes the rest aside.
const SUBJECT: usize = 24;
const SEEN: usize = 56;

/// `gate: 23 checks, 1 failure, 2 warnings, 1.4 s`
pub(crate) fn sum(report: &GateReport) -> String {
    let count = |verdict| report.with(verdict).count();
    let checks = report.outcomes.len() - count(Verdict::Skipped);
    let mut text = format!("gate: {}", many(checks, "check"));
    for (verdict, word) in [(Verdict::Fail, "failure"), (Verdict::Warn, "warning")] {
        if count(verdict) > 0 {
            let _ = write!(text, ", {}", many(count(verdict), word));
        }
    }
    if count(Verdict::Skipped) > 0 {
        let _ = write!(text, ", {} skipped", count(Verdict::Skipped));
    }
    let _ = write!(text, ", {:.1} s", report.seconds);
    text
}

fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// Every check, by backend and then of this machine; under those that did not pass what to do.
pub(crate) fn table(report: &GateReport) -> String {
    let mut text = String::new();
    let mut of: Option<Option<&str>> = None;
    for outcome in &report.outcomes {
        let backend = outcome.backend.as_deref();
        if of != Some(backend) {
            let _ = writeln!(text, "{}", backend.unwrap_or("this machine"));
            of = Some(backend);
        }
        let Outcome { id, subject, seen, seconds, .. } = outcome;
        let verdict = verdict(outcome.verdict);
        let line =
            format!("  {verdict}  {:<11}  {subject:<SUBJECT$}  {seen:<SEEN$}  {seconds:.2} s", id.id());
        let _ = writeln!(text, "{}", line.trim_end());
        text.push_str(&advice(outcome, "        "));
    }
    for unused in &report.unused {
        let reason = unused.reason.as_str();
        let _ = writeln!(text, "note: the exception for {} ({reason}) was not needed", unused.check);
    }
    let _ = write!(text, "\n{}", sum(report));
    text
}

/// Of one width, so that a column needs no colour to be read down.
fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Skipped => "skip",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
    }
}

/// The outcomes of a verdict, each with what to do.
pub(crate) fn list(report: &GateReport, verdict: Verdict) -> String {
    let entry = |outcome: &Outcome| format!("{}\n{}", line(outcome), advice(outcome, "      "));
    let text: String = report.with(verdict).map(entry).collect();
    text.trim_end().to_owned()
}

/// `  RHA-DEP-002 studio, torchtune: numpy 2.2.6 is installed`
pub(crate) fn line(outcome: &Outcome) -> String {
    let Outcome { id, backend, subject, seen, .. } = outcome;
    let of = backend.iter().filter(|backend| *backend != subject).map(|backend| format!("{backend}, "));
    format!("  {id} {}{subject}: {seen}", of.collect::<String>())
}

fn advice(outcome: &Outcome, indent: &str) -> String {
    let mut text = String::new();
    if outcome.verdict == Verdict::Pass || outcome.verdict == Verdict::Skipped {
        return text;
    }
    for (word, what) in [("expected", &outcome.expected), ("remedy", &outcome.remedy)] {
        if !what.is_empty() {
            let _ = writeln!(text, "{indent}{word:<8}  {what}");
        }
    }
    if let Some(lowered) = &outcome.lowered {
        let _ = writeln!(text, "{indent}{:<8}  until {}: {}", "allowed", lowered.until, lowered.reason);
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use rhapsode_engine::gate::CheckId;

    use super::*;

    /// A report with an outcome of each verdict.
    pub(crate) fn report() -> GateReport {
        let outcomes = vec![
            Outcome::pass(CheckId::Reachable, "studio", "answers").of_backend("studio"),
            Outcome::fail(CheckId::Voice, "ann", "it has ben").of_backend("studio").but("ann", "choose ben"),
            Outcome::skipped(CheckId::Speech, "studio", "not asked").of_backend("studio"),
            Outcome::warn(CheckId::Clock, "clock", "it was set back").but("", "set it"),
        ];
        let (schema, verdict) = (GateReport::SCHEMA, Verdict::Fail);
        GateReport { schema, verdict, seconds: 1.44, outcomes, unused: Vec::new() }
    }

    #[test]
    fn the_sum_counts_what_gave_an_answer() {
        assert_eq!(sum(&report()), "gate: 3 checks, 1 failure, 1 warning, 1 skipped, 1.4 s");
    }

    #[test]
    fn the_table_has_every_check_and_what_to_do_about_those_that_did_not_pass() {
        let table = table(&report());
        for line in ["studio", "this machine", "        expected  ann", "        remedy    choose ben"] {
            assert!(table.lines().any(|found| found == line), "{line:?} is missing in\n{table}");
        }
        assert!(table.contains("  FAIL  RHA-VOX-001  ann  "), "{table}");
        assert!(!table.contains("expected  \n"), "{table}");
    }

    #[test]
    fn failures_alone_are_told_with_their_backend() {
        let list = list(&report(), Verdict::Fail);
        assert_eq!(
            list,
            "  RHA-VOX-001 studio, ann: it has ben\n      expected  ann\n      remedy    choose ben"
        );
    }
}
