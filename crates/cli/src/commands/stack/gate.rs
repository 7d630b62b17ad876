//! The gate's word on a container, as `rhapsode doctor` would give it. Each is asked alone: two engines of a stack need
//! not be able to speak one book together.

use std::{collections::BTreeMap, sync::Arc};

use rhapsode_engine::{
    Ensembles, Settings, Silent, VoiceOrigin,
    gate::{CheckId, GateReport, Outcome, Verdict},
    speech::BackendSettings,
};
use serde_json::json;

use super::{super::Context, containers::Container};
use crate::{failure::Failure, settings};

/// What the gate says of one container.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) outcomes: Vec<Outcome>,
}

impl Word {
    /// The worst of all outcomes.
    pub(super) fn verdict(&self) -> Verdict {
        let any = |verdict| self.outcomes.iter().any(|outcome| outcome.verdict == verdict);
        [Verdict::Fail, Verdict::Warn].into_iter().find(|verdict| any(*verdict)).unwrap_or(Verdict::Pass)
    }

    /// What `/ready` says.
    pub(super) fn ready(&self) -> Option<&str> {
        let found =
            |id| self.outcomes.iter().find(|outcome| outcome.id == id && outcome.verdict != Verdict::Skipped);
        let outcome = found(CheckId::Ready).or_else(|| found(CheckId::Reachable))?;
        Some(&outcome.seen)
    }

    /// The first outcome of the worst verdict, if that is none to be proud of.
    pub(super) fn reason(&self) -> Option<&Outcome> {
        let worst = self.verdict();
        self.outcomes.iter().find(|outcome| outcome.verdict == worst && worst != Verdict::Pass)
    }
}

/// The settings of the configuration, without its backends.
pub(super) fn settings(context: &Context) -> Result<Settings, Failure> {
    let settings = settings::settings(&context.layers(None)?)?;
    // Whoever asks for a voice asks for it in a job; the services have others.
    Ok(Settings { voice_origin: VoiceOrigin::Default, ..settings })
}

/// How the engine knows a container.
pub(super) fn backend(container: &Container) -> Option<BackendSettings> {
    let url = container.url.as_ref()?;
    let options = BTreeMap::from([("url".to_owned(), json!(url))]);
    Some(BackendSettings::new(&container.name, "openai", options))
}

/// Asks the gate of a container that runs; none where it cannot be reached from this machine.
pub(super) async fn ask(container: &Container, settings: &Settings) -> Result<Option<Word>, Failure> {
    let Some(backend) = backend(container).filter(|_| container.is_running()) else { return Ok(None) };
    let settings = Settings { backends: vec![backend], ..settings.clone() };
    let ensemble = Ensembles::default().find(&settings, Arc::new(Silent)).await?;
    let report: GateReport = rhapsode_engine::doctor(None, &settings, &ensemble).await?;
    Ok(Some(Word { outcomes: report.of_backend(&container.name).cloned().collect() }))
}
