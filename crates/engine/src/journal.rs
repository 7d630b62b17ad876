//! The journal of a job: it hears what the job tells, as everybody does, and writes down the turns that somebody who looks
//! for a fault asks about.

use std::sync::{Mutex, PoisonError};

use rhapsode_gate::{GateReport, Outcome, Verdict};
use rhapsode_store::{JobDir, StoreError};
use serde::Serialize;

use crate::{Event, Listener};

/// Stands between a job and its listener.
pub(crate) struct Journal<'a> {
    job: &'a JobDir,
    listener: &'a dyn Listener,
    failed: Mutex<Option<StoreError>>,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(job: &'a JobDir, listener: &'a dyn Listener) -> Self {
        Self { job, listener, failed: Mutex::default() }
    }

    /// Whether every line was written.
    ///
    /// # Errors
    /// That of the first line that was not.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Listener for Journal<'_> {
    fn tell(&self, event: Event) {
        if let Some(record) = Record::of(&event)
            && let Err(error) = self.job.journal(&record)
        {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        self.listener.tell(event);
    }
}

/// A line of the journal.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Record<'a> {
    Gate { verdict: Verdict, seconds: f64, findings: Vec<&'a Outcome> },
    Redo { ordinals: &'a [u32] },
    Defect { ordinal: u32, defects: &'a [String] },
    Replaced { ordinal: u32, reason: &'a str },
    Unspoken { ordinal: u32, reason: &'a str },
    Inconclusive { ordinal: u32, reason: &'a str },
    LimitLearnt { backend: &'a str, max_chars: usize },
    BackendLost { backend: &'a str, reason: &'a str },
    Waiting { reasons: &'a str },
    GoesOn,
    Track { chapter: usize, title: &'a str, seconds: f64 },
}

impl<'a> Record<'a> {
    /// What is written of an event; nothing of those that only say that all goes well.
    fn of(event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::Gate(GateReport { verdict, seconds, outcomes, .. }) => {
                let findings = outcomes.iter().filter(|o| matches!(o.verdict, Verdict::Warn | Verdict::Fail));
                Self::Gate { verdict: *verdict, seconds: *seconds, findings: findings.collect() }
            }
            Event::Redo { ordinals } => Self::Redo { ordinals },
            Event::Take { ordinal, defects, .. } if !defects.is_empty() => {
                Self::Defect { ordinal: *ordinal, defects }
            }
            Event::Replaced { ordinal, reason } => Self::Replaced { ordinal: *ordinal, reason },
            Event::Unspoken { ordinal, reason } => Self::Unspoken { ordinal: *ordinal, reason },
            Event::Inconclusive { ordinal, reason } => Self::Inconclusive { ordinal: *ordinal, reason },
            Event::LimitLearnt { backend, max_chars } => Self::LimitLearnt { backend, max_chars: *max_chars },
            Event::BackendLost { backend, reason } => Self::BackendLost { backend, reason },
            Event::Waiting { reasons } => Self::Waiting { reasons },
            Event::GoesOn => Self::GoesOn,
            Event::Track { chapter, title, seconds, .. } => {
                Self::Track { chapter: *chapter, title, seconds: *seconds }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Event>>);

    impl Listener for Heard {
        fn tell(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    fn take(defects: &[&str]) -> Event {
        Event::Take {
            ordinal: 3,
            chapter: 0,
            characters: 20,
            seconds: 1.5,
            defects: defects.iter().map(ToString::to_string).collect(),
            backend: "studio".into(),
        }
    }

    #[test]
    fn the_turns_of_a_job_are_written_down_and_every_event_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let job = JobDir::open(folder.path(), "Moby-Dick", &[0; 32]).unwrap();
        let heard = Heard::default();
        let told = [
            Event::Redo { ordinals: vec![3] },
            take(&[]),
            take(&["silent"]),
            Event::Retry { ordinal: 4, reason: "the line broke".into() },
            Event::Waiting { reasons: "studio is not there".into() },
            Event::GoesOn,
        ];
        let journal = Journal::new(&job, &heard);
        told.iter().for_each(|event| journal.tell(event.clone()));
        journal.check().unwrap();
        let written: Vec<_> = job.journal_entries().unwrap().into_iter().map(|entry| entry.event).collect();
        let names: Vec<_> = written.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["redo", "defect", "waiting", "goes_on"]);
        assert_eq!(written[1], serde_json::json!({ "event": "defect", "ordinal": 3, "defects": ["silent"] }));
        assert_eq!(*heard.0.lock().unwrap(), told);
    }
}
