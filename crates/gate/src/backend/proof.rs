//! The proof of speech: whatever else a backend says of itself, one sentence that passes as a take is worth more. It
//! has as many attempts as a take would.

use std::time::SystemTime;

use rhapsode_speech::{Backend, ProbeReport, SpeechError, speak_probe};
use tokio::time::{Instant, timeout_at};

use super::GatedBackend;
use crate::{CheckId, GateLimits, Outcome, Proof, ProofCache, ProofKey};

/// Attempts, each with a seed of its own: an engine that draws its speech by lot may miss once.
const ATTEMPTS: u64 = 3;

/// Why an attempt brought no proof.
enum Miss {
    /// Another may.
    Again(String),
    /// No other will.
    Final(String),
}

pub(super) async fn prove(
    gated: &GatedBackend,
    backend: &dyn Backend,
    limits: GateLimits,
    proofs: Option<&dyn ProofCache>,
    deadline: Instant,
) -> Outcome {
    let name = &gated.name;
    let began = Instant::now();
    // Several machines may stand behind one address, each with a name of its own.
    let place = format!("{} {}", gated.name, gated.address);
    let key = ProofKey::new(&backend.describe().identity, &gated.voice, &place);
    if let Some((proof, age)) = kept(proofs, &key, limits) {
        let seen = format!("{:.1} times real time, {} s ago", proof.times_real_time, age.as_secs());
        let proof = Some(Proof { backend: name.clone(), ..proof });
        return Outcome { proof, ..Outcome::pass(CheckId::Speech, name, seen) };
    }
    let mut misses = Vec::new();
    let mut outcome = None;
    for seed in 0..ATTEMPTS {
        match timeout_at(deadline, speak_probe(backend, &gated.voice, seed)).await {
            Err(_) => misses.push(format!("no speech within {:.0} s", began.elapsed().as_secs_f64())),
            Ok(spoken) => match judge(spoken) {
                Ok(report) => {
                    let proof = proof(gated, backend, &report);
                    if let Some(proofs) = proofs {
                        proofs.put(&key, &proof);
                    }
                    outcome = Some(heard(name, proof, &misses));
                    break;
                }
                Err(Miss::Again(why)) => {
                    misses.push(why);
                    continue;
                }
                Err(Miss::Final(why)) => misses.push(why),
            },
        }
        break;
    }
    let outcome = outcome.unwrap_or_else(|| {
        misses.dedup();
        Outcome::fail(CheckId::Speech, name, misses.join("; ")).but(
            "one short sentence that passes the checks of a take",
            "look at the backend's log, and have it speak by hand (`rhapsode say`)",
        )
    });
    Outcome { seconds: began.elapsed().as_secs_f64(), ..outcome }
}

/// A proof that is kept and young enough.
fn kept(
    proofs: Option<&dyn ProofCache>,
    key: &ProofKey,
    limits: GateLimits,
) -> Option<(Proof, std::time::Duration)> {
    let proof = proofs?.get(key)?;
    let age = proof.age(SystemTime::now()).filter(|age| *age <= limits.proof_age)?;
    Some((proof, age))
}

fn judge(spoken: Result<ProbeReport, SpeechError>) -> Result<ProbeReport, Miss> {
    match spoken {
        Ok(report) if report.passed() => Ok(report),
        Ok(report) => {
            let defects: Vec<_> = report.findings.breaches.iter().map(ToString::to_string).collect();
            Err(Miss::Again(format!("its sentence does not pass: {}", defects.join(", "))))
        }
        Err(SpeechError::Transient { reason, .. }) => Err(Miss::Again(reason)),
        Err(error) => Err(Miss::Final(format!("failed to {error}"))),
    }
}

fn proof(gated: &GatedBackend, backend: &dyn Backend, report: &ProbeReport) -> Proof {
    Proof {
        backend: gated.name.clone(),
        identity: backend.describe().identity.clone(),
        voice: gated.voice.voice.clone(),
        times_real_time: report.times_real_time(),
        seconds_of_audio: report.seconds_of_audio,
        seconds: report.elapsed.as_secs_f64(),
        at: SystemTime::now(),
    }
}

/// What is reported of a backend that was heard.
fn heard(name: &str, proof: Proof, misses: &[String]) -> Outcome {
    let seen = format!("{:.1} times real time", proof.times_real_time);
    let outcome = match misses {
        [] => Outcome::pass(CheckId::Speech, name, seen),
        misses => {
            let attempt = misses.len() + 1;
            let seen = format!("{seen} at attempt {attempt}; before: {}", misses.join("; "));
            Outcome::warn(CheckId::Speech, name, seen)
                .but("a good sentence at once", "see the backend's log if this happens often")
        }
    };
    Outcome { proof: Some(proof), ..outcome }
}
