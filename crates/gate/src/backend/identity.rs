//! Whether a backend is the engine that the job takes it for. Takes are kept under the engine's name: speech of another
//! one would be found under it for ever.

use rhapsode_speech::{EngineIdentity, Expectation, Naming, Statement};

use super::{GatedBackend, reach::Reach};
use crate::{CheckId, Outcome};

pub(super) fn judge(backend: &GatedBackend, statement: &Statement, reach: Reach) -> Option<Outcome> {
    let name = &backend.name;
    let expected = &backend.expected;
    if let (None, Some(why)) = (&statement.identity, reach.excuse()) {
        return Some(Outcome::skipped(CheckId::Identity, name, why));
    }
    let outcome = match (&statement.identity, &statement.earlier) {
        (Some(now), Some(earlier)) if now != earlier => changed(name, &shown(now), earlier),
        (None, Some(earlier)) => changed(name, "it no longer says which engine it is", earlier),
        (Some(now), _) => as_configured(name, expected, now),
        (None, None) => untold(name, expected, statement),
    };
    Some(outcome)
}

fn changed(name: &str, seen: &str, earlier: &EngineIdentity) -> Outcome {
    Outcome::fail(CheckId::Identity, name, seen).but(
        format!("{}, as it said when it was opened", shown(earlier)),
        "start rhapsode again, so that takes are kept under the name of the engine that spoke them",
    )
}

fn as_configured(name: &str, expected: &Expectation, now: &EngineIdentity) -> Outcome {
    let of = |what, wanted: &Option<String>, said: &String| {
        wanted.clone().filter(|wanted| wanted != said).map(|wanted| (what, wanted, said.clone()))
    };
    let differing: Vec<(&str, String, String)> = [
        of("engine", &expected.engine, &now.engine),
        of("model", &expected.model, &now.model),
        of("revision", &expected.revision, &now.revision),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (seen, wanted) = (shown(now), wanted(&differing));
    match differing.as_slice() {
        [] => Outcome::pass(CheckId::Identity, name, seen),
        // It does not contradict, it does not know.
        [("revision", _, said)] if said.is_empty() => {
            Outcome::warn(CheckId::Identity, name, format!("{seen}, of a revision that it does not know"))
                .but(wanted, "see for yourself that it is the right one")
        }
        _ => Outcome::fail(CheckId::Identity, name, seen)
            .but(wanted, "start the server with the configured model, or correct the configuration"),
    }
}

fn untold(name: &str, expected: &Expectation, statement: &Statement) -> Outcome {
    let Expectation { engine, model, revision, accelerator: _ } = expected;
    let listed = statement.models.as_deref().unwrap_or_default();
    let unlisted = |model: &&String| !listed.is_empty() && !listed.contains(model);
    if engine.is_some() || revision.is_some() {
        let wanted: Vec<&str> = [engine, model, revision].into_iter().flatten().map(String::as_str).collect();
        return Outcome::warn(CheckId::Identity, name, "it does not say which engine it is")
            .but(wanted.join(" "), "see for yourself that it is the right one");
    }
    match model.as_ref() {
        // Such lists leave out names that are understood; whether this one is, the proof of speech tells.
        Some(model) if unlisted(&model) && statement.naming == Naming::Loose => {
            let seen = format!("it lists the models {}", listed.join(", "));
            Outcome::warn(CheckId::Identity, name, seen)
                .but(format!("model {model}"), "see that the configured model is one that it has")
        }
        Some(model) if listed.contains(model) => {
            Outcome::pass(CheckId::Identity, name, format!("it lists the model {model}"))
        }
        _ => Outcome::pass(CheckId::Identity, name, "it does not say which engine it is"),
    }
}

fn wanted(differing: &[(&str, String, String)]) -> String {
    differing.iter().map(|(what, wanted, _)| format!("{what} {wanted}")).collect::<Vec<_>>().join(", ")
}

fn shown(identity: &EngineIdentity) -> String {
    let EngineIdentity { engine, model, revision, sound_revision: _ } = identity;
    [engine, model, revision]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" ")
}
