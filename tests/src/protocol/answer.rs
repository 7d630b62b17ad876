//! Answers, and what a refusal must look like.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::{
    Level,
    seen::{Fault, demand},
};

/// Characters of an answer that are shown.
const SHOWN: usize = 120;

/// A complete answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Whether it is what a server answers that does not know a call.
    pub(crate) fn is_unknown_call(&self) -> bool {
        [404, 405, 501].contains(&self.status.as_u16())
    }

    /// The answer, if it is a success; absent where the server does not know the call, else wrong.
    pub(crate) fn success(self) -> Result<Self, Fault> {
        match self.status {
            status if status.is_success() => Ok(self),
            _ if self.is_unknown_call() => Err(Fault::absent(self.shown())),
            _ => Err(Fault::wrong(self.shown())),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    pub(crate) fn json(&self) -> Result<Value, Fault> {
        serde_json::from_slice(&self.body).map_err(|_| Fault::wrong(format!("no JSON: {}", self.shown())))
    }

    /// The error in it, if it has OpenAI's shape.
    pub(crate) fn error(&self) -> Option<Value> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body.get("error").filter(|error| error.is_object()).cloned()
    }

    /// `404 Not Found, code voice_not_found`, or the beginning of its text.
    pub(crate) fn shown(&self) -> String {
        let status = self.status;
        let of = |error: &Value, field: &str| error[field].as_str().map(str::to_owned);
        if let Some(error) = self.error() {
            return match (of(&error, "code"), of(&error, "message")) {
                (Some(code), _) => format!("{status}, code {code}"),
                (None, Some(message)) => format!("{status}, {}", short(&message)),
                (None, None) => status.to_string(),
            };
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) if !text.trim().is_empty() => format!("{status}, {}", short(text)),
            _ => status.to_string(),
        }
    }
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// What a refusal must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    /// Statuses that say it, ours first.
    pub(crate) statuses: &'static [u16],
    /// Codes that ours may have.
    pub(crate) codes: &'static [&'static str],
    /// The field of the request that is to blame.
    pub(crate) param: Option<&'static str>,
    /// Whether another try makes sense.
    pub(crate) retry: Retry,
}

/// Whether another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Useless,
    Later,
}

impl Refusal {
    /// A refusal of a request that does no better unchanged.
    pub(crate) const fn of(statuses: &'static [u16], codes: &'static [&'static str]) -> Self {
        Self { statuses, codes, param: None, retry: Retry::Useless }
    }

    pub(crate) const fn about(self, param: &'static str) -> Self {
        Self { param: Some(param), ..self }
    }

    pub(crate) const fn for_now(self) -> Self {
        Self { retry: Retry::Later, ..self }
    }

    /// Holds an answer against it. Of foreign servers only the status counts: clients go by that first.
    pub(crate) fn check(&self, answer: &Answer, level: Level) -> Result<String, Fault> {
        let status = answer.status;
        if status.is_success() {
            return Err(Fault::absent(format!("{status}: it is taken")));
        }
        match (self.statuses.contains(&status.as_u16()), level) {
            (true, Level::Own) => self.shape(answer)?,
            (true, Level::Foreign) => {}
            // Refused all the same, and that is what counts.
            (false, Level::Foreign) if status.is_client_error() => return Err(Fault::absent(answer.shown())),
            (false, _) => return Err(Fault::wrong(answer.shown())),
        }
        Ok(answer.shown())
    }

    fn shape(&self, answer: &Answer) -> Result<(), Fault> {
        let shown = answer.shown();
        let error = answer.error().ok_or_else(|| Fault::wrong(format!("not OpenAI's shape: {shown}")))?;
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        demand(!text("message").is_empty(), || format!("no message: {shown}"))?;
        demand(!text("type").is_empty(), || format!("no type: {shown}"))?;
        demand(error.get("param").is_some(), || format!("no param, not even null: {shown}"))?;
        demand(self.codes.contains(&text("code").as_str()), || {
            format!("{shown}; expected code {}", self.codes.join(" or "))
        })?;
        if let Some(param) = self.param {
            demand(text("param") == param, || {
                format!("{shown}, param {}; expected {param}", error["param"])
            })?;
        }
        let retryable = error["retryable"].as_bool();
        demand(retryable == Some(self.retry == Retry::Later), || {
            format!("{shown}, retryable {}", error["retryable"])
        })
    }
}
