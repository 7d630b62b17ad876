//! The protocol suite: everything that a speech server of the protocol must do, asked of a running server over HTTP.
//! It knows nothing of who is asked, so that `rhapsode serve`, the Python servers and foreign ones are held to the
//! same; and it reads answers with the parsers of our own client, so that what passes here works in a job.

mod answer;
mod check;
mod checks;
mod figures;
mod report;
mod seen;
mod session;
mod sound;

use std::time::{Duration, Instant};

pub use check::Need;
pub use report::{Outcome, Report, Verdict};

use session::Session;

/// Who is asked, and for how much.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's address, with or without `/v1`.
    pub url: String,
    /// The token that it wants.
    pub token: Option<String>,
    /// The model to ask for; the first that it lists without one.
    pub model: Option<String>,
    /// The voice to ask for; the first that it lists without one.
    pub voice: Option<String>,
    /// What is demanded.
    pub level: Level,
    /// What its sound is judged for.
    pub judged: Judged,
    /// Only the checks whose names begin with one of these; all without any.
    pub only: Vec<String>,
    /// How long a server may load before it is ready.
    pub loading: Duration,
    /// How long an answer may take before it counts as none. A guard against waiting for ever, no measure.
    pub patience: Duration,
}

impl Options {
    /// A server, asked for what any server must do.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: None,
            model: None,
            voice: None,
            level: Level::Foreign,
            judged: Judged::Speech,
            only: Vec::new(),
            loading: Duration::from_secs(300),
            patience: Duration::from_secs(300),
        }
    }
}

/// What is demanded of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All of the protocol.
    Own,
    /// What rhapsode cannot do without; the rest is told.
    Foreign,
}

/// What sound is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It is speech of a plausible length.
    Speech,
    /// It is sound. An untrained model says nothing, in any length.
    Sound,
}

/// Asks a server everything.
///
/// # Errors
/// If the address is none, in words that fit after "failed to ".
pub async fn examine(options: Options) -> Result<Report, String> {
    let began = Instant::now();
    let session = Session::open(options).await?;
    let mut outcomes = Vec::new();
    for check in checks::all().filter(|check| session.is_wanted(check.id)) {
        outcomes.push(Outcome::of(check, (check.run)(&session).await, session.options.level));
    }
    Ok(Report::new(&session, outcomes, began.elapsed()))
}

/// Every check with its call, for the documents.
#[must_use]
pub fn table() -> String {
    let row = |check: &check::Check| {
        let need = match check.need {
            Need::Always => "always",
            Need::Own => "ours",
        };
        format!("| `{}` | {} | {} | {need} |\n", check.id, check.expected, check.without)
    };
    let rows: String = checks::all().map(row).collect();
    format!(
        "| check | what is expected | what rhapsode does without it | demanded |\n|---|---|---|---|\n{rows}"
    )
}
