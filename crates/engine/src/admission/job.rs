//! A job at the gate: what it asks of its backends and of this machine, as its plan and its missing takes say.

use std::{path::PathBuf, sync::Arc};

use rhapsode_dispatch::{StopSignal, Work};
use rhapsode_gate::GateReport;
use rhapsode_release::{Codec, Format};
use rhapsode_store::{JobDir, TakeStore};
use tokio::sync::watch;

use super::{Admission, Machine, Missing, Room, language_of};
use crate::{EngineError, Ensemble, Listener, Settings, casting::Cast, report::REPORT};

/// A job that is about to ask for its first chunk, or, with all its takes there, to publish.
pub(crate) struct Applicant<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) ensemble: &'a Ensemble,
    pub(crate) store: &'a Arc<TakeStore>,
    pub(crate) job: &'a JobDir,
    /// Expected length of the release in seconds, and its rate.
    pub(crate) length: (f64, u32),
    pub(crate) formats: Vec<(Format, Codec)>,
    /// The folder of the releases.
    pub(crate) output: PathBuf,
    pub(crate) stop: watch::Receiver<StopSignal>,
    pub(crate) listener: &'a dyn Listener,
}

impl Applicant<'_> {
    /// Has the gate check what the job needs. With no take missing, the backends are asked nothing.
    ///
    /// # Errors
    /// [`EngineError::Gate`] if it refuses.
    pub(crate) async fn pass(
        &self,
        missing: &[Work],
        cast: Option<&Cast>,
    ) -> Result<Option<GateReport>, EngineError> {
        let language = language_of(missing);
        let tracks = self.job.tracks_dir();
        let places = (self.store.path(), tracks.as_path(), self.output.as_path());
        let admission = Admission {
            settings: self.settings,
            machine: Machine {
                room: Room::of_job(self.length, Missing::of(missing), &self.formats, places, self.settings),
                formats: self.formats.clone(),
                requests: if missing.is_empty() { 0 } else { self.ensemble.requests() },
                newest: Some(self.job.path().join(REPORT)),
                lock: None,
            },
            store: self.store,
            stop: self.stop.clone(),
            listener: self.listener,
        };
        let backends = || match missing {
            [] => Vec::new(),
            _ => self.ensemble.at_the_gate(cast, self.settings, language.as_deref()),
        };
        let passed = admission.ask(backends, self.ensemble.pool()).await;
        if let Ok(Some(report)) = &passed {
            self.ensemble.learn_speeds(report)?;
        }
        passed
    }
}
