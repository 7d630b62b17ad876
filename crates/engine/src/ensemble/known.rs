//! What is known of a backend of the configuration, before and after it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rhapsode_dispatch::Member;
use rhapsode_gate::GatedBackend;
use rhapsode_speech::{BackendSettings, Description, ProbeVoice, SharedBackend, SpeechError};
use rhapsode_store::TakeStore;

use super::BUILTIN;
use crate::{EngineError, notes::Note};

/// A backend of the configuration with what is known of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) settings: BackendSettings,
    /// What the configuration alone says of it.
    pub(crate) expected: Description,
    pub(crate) note: Mutex<Note>,
}

/// A backend that may speak, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) settings: BackendSettings,
    pub(crate) description: Description,
    /// Whether it said this itself, now or in an earlier run.
    pub(crate) asked: bool,
    /// Whether its voices are all that it has.
    pub(crate) voices: VoiceList,
}

/// Whether the voices of a description are all that a backend has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VoiceList {
    /// They are.
    Whole,
    /// It was not asked yet, or does not say.
    Partial,
}

impl Known {
    pub(crate) fn note(&self) -> MutexGuard<'_, Note> {
        // A note is replaced whole, so it is whole whatever thread panicked beside it.
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The backend before it is asked: what it said last, or what the configuration says.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let candidate = |description, asked| self.candidate(description, asked);
        match self.note().said.as_slice() {
            [] => vec![candidate(&self.expected, false)],
            said => said.iter().map(|description| candidate(description, true)).collect(),
        }
    }

    /// An address of the backend after it was asked. One that does not answer is still what it was.
    pub(crate) fn member(&self, description: &Description, answers: bool) -> Candidate {
        let note = self.note();
        let earlier = note.said_by(&description.name).filter(|_| !answers);
        self.candidate(earlier.unwrap_or(description), answers || earlier.is_some())
    }

    fn candidate(&self, description: &Description, asked: bool) -> Candidate {
        // A server that lists no voices is described with those of its configuration.
        let told = asked && description.voices != self.expected.voices;
        let whole = told || self.settings.kind == BUILTIN || self.settings.options.contains_key("voices");
        Candidate {
            settings: self.settings.clone(),
            description: description.clone(),
            asked,
            voices: if whole { VoiceList::Whole } else { VoiceList::Partial },
        }
    }

    /// One of its addresses as the gate checks it.
    pub(crate) fn at_the_gate(
        &self,
        name: &str,
        opened: Result<SharedBackend, SpeechError>,
        voice: ProbeVoice,
    ) -> GatedBackend {
        let mut address = self.settings.address();
        if name != self.settings.name {
            // One machine of several behind an address.
            address = format!("{address} {name}");
        }
        GatedBackend { name: name.to_owned(), address, opened, expected: self.settings.expectation(), voice }
    }

    pub(crate) fn join(&self, backend: SharedBackend) -> Member {
        let member = Member::new(backend);
        let learnt = self.note().limits.get(&member.backend.describe().name).copied();
        Member { max_chars: learnt.map_or(member.max_chars, |limit| limit.min(member.max_chars)), ..member }
    }

    pub(crate) fn note_what_is_said(
        &self,
        addresses: &[(SharedBackend, Option<String>)],
        store: &TakeStore,
    ) -> Result<(), EngineError> {
        let answering = addresses.iter().filter(|(_, silence)| silence.is_none());
        let said: Vec<Description> = answering.map(|(backend, _)| backend.describe().clone()).collect();
        let mut note = self.note();
        if !said.is_empty() && note.said != said {
            note.said = said;
            note.write(&self.settings, store)?;
        }
        Ok(())
    }
}
