//! A backend whose breaker opened passes the gate again before it gets work: what was restarted may have come back as
//! something else.

use std::{collections::HashMap, fmt, sync::Arc};

use rhapsode_dispatch::{Member, ProofOfSpeech, Readmit};
use rhapsode_gate::{GateMode, GatedBackend, Verdict, recheck};
use rhapsode_speech::{Backend, BackendSettings, ProbeVoice, SharedBackend, SpeechError, SpeechFuture};

use super::GateTerms;
use crate::Settings;

/// How the members of a pool prove that they work again. Where failures of the gate stop nothing at the start, they keep
/// nobody out later, and a proof of speech is enough.
pub(crate) fn readmission<'a>(
    members: impl Iterator<Item = (&'a Member, &'a BackendSettings)>,
    settings: &Settings,
) -> Arc<dyn Readmit> {
    if settings.gate.mode != GateMode::Enforce {
        return Arc::new(ProofOfSpeech);
    }
    let known = members.map(|(member, of)| {
        let backend = Arc::clone(&member.backend);
        (backend.describe().name.clone(), (backend, of.clone()))
    });
    Arc::new(SecondPass { members: known.collect(), terms: settings.gate.clone() })
}

/// The gate, for one backend.
struct SecondPass {
    members: HashMap<String, (SharedBackend, BackendSettings)>,
    terms: GateTerms,
}

impl fmt::Debug for SecondPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondPass").field("members", &self.members.keys()).finish_non_exhaustive()
    }
}

impl SecondPass {
    async fn pass(&self, backend: &dyn Backend, voice: &ProbeVoice) -> Result<(), SpeechError> {
        let name = &backend.describe().name;
        let Some((shared, settings)) = self.members.get(name) else {
            return ProofOfSpeech.readmit(backend, voice).await;
        };
        let gated = GatedBackend {
            name: name.clone(),
            address: settings.address(),
            opened: Ok(Arc::clone(shared)),
            expected: settings.expectation(),
            voice: voice.clone(),
        };
        let report = recheck(gated, self.terms.policy.clone(), self.terms.limits()).await;
        let failures: Vec<String> =
            report.with(Verdict::Fail).map(|outcome| format!("{} {}", outcome.id, outcome.seen)).collect();
        if failures.is_empty() {
            return Ok(());
        }
        let reason = format!("it does not pass the gate: {}", failures.join("; "));
        Err(SpeechError::Transient { backend: name.clone(), reason })
    }
}

impl Readmit for SecondPass {
    fn readmit<'a>(&'a self, backend: &'a dyn Backend, voice: &'a ProbeVoice) -> SpeechFuture<'a, ()> {
        Box::pin(self.pass(backend, voice))
    }
}
