//! One job end to end: the only crate that knows all stages.
//!
//! This crate exists so that each stage can stay ignorant of the others. It carries data from one to the next,
//! overlaps them, and tells what happens as typed events. It prints nothing.

mod admission;
mod backoff;
mod casting;
mod chapters;
mod companions;
mod convert;
mod credits;
mod cutting;
mod destination;
mod doctor;
mod ensemble;
mod error;
mod event;
mod finished;
mod journal;
mod ledger;
mod lookup;
mod notes;
mod plan;
mod prepare;
mod production;
mod publication;
mod redo;
mod report;
mod say;
mod selections;
mod settings;
mod tags;
mod takes;
mod tracks;
mod writing;

pub use admission::GateTerms;
pub use companions::{Companion, Companions, UnknownCompanion};
pub use convert::convert;
pub use destination::Output;
pub use doctor::doctor;
pub use ensemble::{Ensemble, Ensembles, Surveyed};
pub use error::EngineError;
pub use event::{EVENT_SCHEMA, Event, Listener, Silent};
pub use finished::{Finished, Speaker};
pub use ledger::{Passage, SkippedFor, SkippedText};
pub use plan::{BUILTIN_PROFILE, Plan, PlannedChapter, SECONDS_PER_CHARACTER, plan};
pub use report::{DefectReport, PublishedRelease, Summary, Times};
pub use rhapsode_dispatch::{BackendStatus, Breaker, DispatchError, Outage, StopSignal};
pub use say::{SampleExtent, SoundFile, sample, say};
pub use settings::{
    Arrangement, Beside, Credits, DefectPolicy, FilesWanted, Mixing, Overwrite, Redo, Settings, VoiceOrigin,
    VoiceSource, VoiceTables,
};

/// The stages, for the shapes in [`Settings`].
pub use {
    rhapsode_audio as audio, rhapsode_book as book, rhapsode_gate as gate, rhapsode_readalong as readalong,
    rhapsode_release as release, rhapsode_script as script, rhapsode_speech as speech,
    rhapsode_store as store, rhapsode_voice as voice,
};
