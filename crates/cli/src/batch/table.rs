//! How the books of a batch ended, as one table and as one event.

use std::{fmt::Write, path::Path};

use rhapsode_engine::Summary;
use serde::Serialize;

use crate::{
    failure::{Failure, Kind},
    report::clock,
};

/// What became of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fate {
    Done,
    UpToDate,
    WithDefects,
    Failed,
    Stopped,
    NotBegun,
}

impl Fate {
    const ALL: [Self; 6] =
        [Self::Done, Self::UpToDate, Self::WithDefects, Self::Failed, Self::Stopped, Self::NotBegun];

    /// That of a book with this outcome; without one it was not begun.
    fn of(outcome: Option<&Result<Summary, Failure>>) -> Self {
        match outcome {
            None => Self::NotBegun,
            Some(Err(failure)) if failure.kind == Kind::Stopped => Self::Stopped,
            Some(Err(_)) => Self::Failed,
            Some(Ok(summary)) if !summary.defects.is_empty() => Self::WithDefects,
            Some(Ok(summary)) if summary.up_to_date => Self::UpToDate,
            Some(Ok(_)) => Self::Done,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::UpToDate => "up to date",
            Self::WithDefects => "with defects",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::NotBegun => "not begun",
        }
    }
}

/// A book of a batch and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line<'a> {
    manuscript: &'a Path,
    fate: Fate,
    /// Seconds of the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defects: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// A book with its outcome; without one it was not begun.
    pub(crate) fn of(manuscript: &'a Path, outcome: Option<&'a Result<Summary, Failure>>) -> Self {
        let summary = outcome.and_then(|outcome| outcome.as_ref().ok());
        let failure = outcome.and_then(|outcome| outcome.as_ref().err());
        Self {
            manuscript,
            fate: Fate::of(outcome),
            seconds: summary.map(|summary| summary.seconds),
            chunks: summary.map(|summary| summary.chunks),
            defects: summary.map(|summary| summary.defects.len()),
            message: failure.map(|failure| failure.message.as_str()),
        }
    }
}

/// The table of a batch.
pub(crate) fn table(lines: &[Line<'_>]) -> String {
    let mut text = format!("{:<12}  {:>8} {:>7} {:>7}  book\n", "outcome", "length", "chunks", "defects");
    let figure = |figure: Option<usize>| figure.map_or_else(|| "–".to_owned(), |figure| figure.to_string());
    for Line { manuscript, fate, seconds, chunks, defects, message } in lines {
        let _ = write!(
            text,
            "{:<12}  {:>8} {:>7} {:>7}  {}",
            fate.word(),
            seconds.map_or_else(|| "–".to_owned(), clock),
            figure(*chunks),
            figure(*defects),
            manuscript.display()
        );
        if let Some(message) = message {
            let _ = write!(text, ": {}", message.lines().next().unwrap_or_default());
        }
        text.push('\n');
    }
    let counted = Fate::ALL.into_iter().filter_map(|fate| {
        let count = lines.iter().filter(|line| line.fate == fate).count();
        (count > 0).then(|| format!("{count} {}", fate.word()))
    });
    let _ = write!(text, "{} books: {}", lines.len(), counted.collect::<Vec<_>>().join(", "));
    text
}
