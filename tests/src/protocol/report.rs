//! What was found, for people and for programs.

use std::{fmt::Write, time::Duration};

use serde_json::{Value, json};

use super::{
    Level, Need,
    check::Check,
    seen::{Fault, Seen},
    session::Session,
};

/// Version of the JSON.
const SCHEMA: u32 = 1;

/// Width of the names of checks.
const NAME: usize = 28;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server does it.
    Pass,
    /// The server should do it, and does not, or does it wrong.
    Fail,
    /// The server does not do it, and need not.
    NotOffered,
    /// It could not be asked for.
    Skipped,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::NotOffered => "not offered",
            Self::Skipped => "skipped",
        }
    }
}

/// How one check ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Name of the check.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What a server of the protocol does.
    pub expected: &'static str,
    /// What rhapsode does without it.
    pub without: &'static str,
    /// Of whom it is demanded.
    pub need: Need,
}

impl Outcome {
    pub(crate) fn of(check: &Check, seen: Seen, level: Level) -> Self {
        let (verdict, seen) = match seen {
            Ok(seen) => (Verdict::Pass, seen),
            Err(Fault::Wrong(seen)) => (Verdict::Fail, seen),
            Err(Fault::Absent(seen)) if level == Level::Own || check.need == Need::Always => {
                (Verdict::Fail, seen)
            }
            Err(Fault::Absent(seen)) => (Verdict::NotOffered, seen),
            Err(Fault::Skipped(why)) => (Verdict::Skipped, why),
        };
        let Check { id, expected, without, need, .. } = *check;
        Self { check: id, verdict, seen, expected, without, need }
    }

    fn is_without(&self) -> bool {
        matches!(self.verdict, Verdict::Fail | Verdict::NotOffered)
    }

    fn lines(&self) -> String {
        let mut text = format!("{:<11}  {:<NAME$}  {}\n", self.verdict.name(), self.check, self.seen);
        let indent = " ".repeat(13);
        if self.is_without() {
            let _ = writeln!(text, "{indent}expected  {}", self.expected);
            let _ = writeln!(text, "{indent}rhapsode  {}", self.without);
        }
        text
    }

    fn json(&self) -> Value {
        let verdict = self.verdict.name().to_lowercase().replace(' ', "-");
        let demanded = self.need == Need::Always;
        json!({
            "check": self.check, "verdict": verdict, "seen": self.seen, "expected": self.expected,
            "without": self.without, "always_demanded": demanded,
        })
    }
}

/// What was found of a server.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its address.
    pub url: String,
    /// What it says it is.
    pub server: String,
    /// What was demanded.
    pub level: Level,
    /// How each check ended, in the order in which they ran.
    pub outcomes: Vec<Outcome>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    pub(crate) fn new(session: &Session, outcomes: Vec<Outcome>, elapsed: Duration) -> Self {
        let (url, level) = (session.base().to_owned(), session.options.level);
        Self { url, server: session.known.title(), level, outcomes, elapsed }
    }

    /// How many checks ended so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict == verdict).count()
    }

    /// The checks that nothing came of, but for the one that only chance decides: whether the server is seen loading.
    #[must_use]
    pub fn skipped(&self) -> Vec<&'static str> {
        let skipped = self.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Skipped);
        skipped.map(|outcome| outcome.check).filter(|check| *check != "ready.loading").collect()
    }

    /// Whether rhapsode can use the server.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let broken = |outcome: &Outcome| outcome.need == Need::Always && outcome.is_without();
        !self.outcomes.iter().any(broken)
    }

    /// Whether the server is all that is demanded of it.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self.level {
            Level::Own => self.count(Verdict::Fail) == 0,
            Level::Foreign => self.is_usable(),
        }
    }

    /// For people: a line for each check, what is expected under those that did not pass, and a sum.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.url, self.server);
        text.extend(self.outcomes.iter().map(Outcome::lines));
        text.push('\n');
        let counts: Vec<String> = [
            (Verdict::Pass, "passed"),
            (Verdict::Fail, "failed"),
            (Verdict::NotOffered, "not offered"),
            (Verdict::Skipped, "skipped"),
        ]
        .into_iter()
        .filter(|(verdict, _)| self.count(*verdict) > 0)
        .map(|(verdict, word)| format!("{} {word}", self.count(verdict)))
        .collect();
        let _ = writeln!(text, "{} checks: {}", self.outcomes.len(), counts.join(", "));
        text.push_str(match (self.level, self.passes()) {
            (Level::Own, true) => "the server speaks the whole protocol",
            (Level::Own, false) => "the server does not speak the whole protocol",
            (Level::Foreign, true) => "rhapsode can use the server",
            (Level::Foreign, false) => "rhapsode cannot use the server",
        });
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let outcomes: Vec<Value> = self.outcomes.iter().map(Outcome::json).collect();
        let level = match self.level {
            Level::Own => "own",
            Level::Foreign => "foreign",
        };
        json!({
            "schema": SCHEMA, "url": self.url, "server": self.server, "level": level, "passes": self.passes(),
            "usable": self.is_usable(), "seconds": self.elapsed.as_secs_f64(), "outcomes": outcomes,
        })
    }
}
