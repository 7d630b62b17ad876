//! The server as a member of a pool: opened, asked and heard by rhapsode's own client.

use std::collections::BTreeMap;

use rhapsode_speech::{BackendSettings, ProbeVoice, Secret, SharedBackend, open_backend, speak_probe};
use serde_json::json;

use super::super::{
    Judged,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::Session,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "client.ready",
        expected: "rhapsode's client finds it ready",
        need: Need::Always,
        without: "does not give it work",
        run: |session| Box::pin(ready(session)),
    },
    Check {
        id: "client.description",
        expected: "rhapsode's client knows it as its capabilities say",
        need: Need::Own,
        without: "uses what is configured, and learns limits from refusals",
        run: |session| Box::pin(description(session)),
    },
    Check {
        id: "client.proof",
        expected: "one sentence, asked for as a job does, passes every check of a take",
        need: Need::Always,
        without: "refuses the server at the gate",
        run: |session| Box::pin(proof(session)),
    },
];

async fn open(session: &Session) -> Result<SharedBackend, Fault> {
    let mut options = BTreeMap::from([("url".to_owned(), json!(session.base()))]);
    if session.known.capabilities.is_none() {
        options.insert("model".to_owned(), json!(session.known.model));
    }
    let mut settings = BackendSettings::new("server", "openai", options);
    settings.secret = session.options.token.as_deref().map(Secret::new);
    let opened = open_backend(&settings).await.map_err(|error| Fault::wrong(format!("failed to {error}")))?;
    opened.into_iter().next().ok_or_else(|| Fault::wrong("the address is no server"))
}

async fn ready(session: &Session) -> Seen {
    let ready = open(session).await?.ready().await;
    ready.map(|()| "it is ready".to_owned()).map_err(|error| Fault::wrong(format!("failed to {error}")))
}

async fn description(session: &Session) -> Seen {
    let told = session.known.capabilities.as_ref().ok_or_else(|| Fault::absent("no capabilities"))?;
    let known = open(session).await?;
    let known = known.describe();
    demand(known.voices == told.voices && known.languages == told.languages, || {
        format!("voices {:?}, languages {:?}", known.voices, known.languages)
    })?;
    demand(known.max_concurrency == told.max_concurrency && known.max_chars == told.max_chars, || {
        format!("{} at a time, up to {} characters", known.max_concurrency, known.max_chars)
    })?;
    let identity = &known.identity;
    demand(identity.engine == told.engine && identity.revision == told.revision, || {
        format!("{} {} {}", identity.engine, identity.model, identity.revision)
    })?;
    Ok(format!("{} {} {}", identity.engine, identity.model, identity.revision))
}

async fn proof(session: &Session) -> Seen {
    let backend = open(session).await?;
    let voice = ProbeVoice { voice: session.known.voice.clone(), ..ProbeVoice::first_of(&*backend) };
    let report = speak_probe(&*backend, &voice, 0).await;
    let report = report.map_err(|error| Fault::wrong(format!("failed to {error}")))?;
    let breaches: Vec<String> = report.findings.breaches.iter().map(ToString::to_string).collect();
    if session.options.judged == Judged::Sound {
        return Ok(format!("{:.2} s of sound, not judged", report.seconds_of_audio));
    }
    demand(report.passed(), || breaches.join(", "))?;
    Ok(format!("{:.2} s of speech", report.seconds_of_audio))
}
