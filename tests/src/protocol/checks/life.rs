//! What a server says of itself.

use super::super::{
    answer::{Answer, Refusal},
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{Session, names},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health",
        expected: "`GET /health` answers 200 as long as the process lives",
        need: Need::Own,
        without: "takes a server that accepts connections for alive",
        run: |session| Box::pin(health(session)),
    },
    Check {
        id: "ready",
        expected: "`GET /ready` answers 200 once a warm-up synthesis was good",
        need: Need::Own,
        without: "takes a server that answers `GET /v1/models` for ready; the proof of speech tells more",
        run: |session| Box::pin(ready(session)),
    },
    Check {
        id: "ready.loading",
        expected: "before that `GET /ready` answers 503 with the reason and `Retry-After`",
        need: Need::Own,
        without: "asks again after a pause of its own",
        run: |session| Box::pin(async { loading(session) }),
    },
    Check {
        id: "models",
        expected: "`GET /v1/models` lists the models in OpenAI's shape",
        need: Need::Own,
        without: "asks for the model that is configured",
        run: |session| Box::pin(models(session)),
    },
    Check {
        id: "voices",
        expected: "`GET /v1/audio/voices` lists the voices",
        need: Need::Own,
        without: "asks for the voice that is configured, and cannot tell a misspelt one before it is heard",
        run: |session| Box::pin(voices(session)),
    },
    Check {
        id: "capabilities",
        expected: "`GET /v1/capabilities` tells engine, model, voices, languages, slots and limits of a text",
        need: Need::Own,
        without: "uses what is configured, and learns limits from refusals",
        run: |session| Box::pin(capabilities(session)),
    },
    Check {
        id: "capabilities.revision",
        expected: "the capabilities tell the model's revision or hash",
        need: Need::Own,
        without: "keeps takes under the server's address, or under the `identity` of the configuration",
        run: |session| Box::pin(async { revision(session) }),
    },
];

async fn health(session: &Session) -> Seen {
    Ok(session.get("/health").await?.success()?.status.to_string())
}

async fn ready(session: &Session) -> Seen {
    let answer = session.get("/ready").await?;
    if answer.status.as_u16() == 503 {
        return Err(Fault::wrong(format!("still {}", answer.shown())));
    }
    Ok(answer.success()?.status.to_string())
}

fn loading(session: &Session) -> Seen {
    let answer = session.known.loading.as_ref().ok_or_else(|| Fault::skipped("it was never seen loading"))?;
    let seen = Refusal::of(&[503], &["not_ready"]).for_now().check(answer, session.options.level)?;
    retry_after(answer)?;
    Ok(seen)
}

/// `Retry-After` in whole seconds, one at least: 0 would mean at once.
pub(super) fn retry_after(answer: &Answer) -> Result<u64, Fault> {
    let told = answer.header("retry-after").ok_or_else(|| Fault::wrong("no Retry-After"))?;
    let seconds: Option<u64> = told.parse().ok().filter(|seconds| *seconds > 0);
    seconds.ok_or_else(|| Fault::wrong(format!("Retry-After: {told}")))
}

async fn models(session: &Session) -> Seen {
    let json = session.get("/v1/models").await?.success()?.json()?;
    let models = names(&json, "data");
    demand(!models.is_empty(), || "it lists none".to_owned())?;
    if session.is_own() {
        demand(json["object"] == "list", || "the answer is no `list` object".to_owned())?;
        let shaped = json["data"].as_array().is_some_and(|data| {
            data.iter().all(|model| model["object"] == "model" && model["created"].is_u64())
        });
        demand(shaped, || "an entry is no `model` object with a `created`".to_owned())?;
    }
    Ok(models.join(", "))
}

async fn voices(session: &Session) -> Seen {
    let json = session.get("/v1/audio/voices").await?.success()?.json()?;
    let voices = names(&json, "voices");
    demand(!voices.is_empty(), || "it lists none".to_owned())?;
    Ok(voices.join(", "))
}

async fn capabilities(session: &Session) -> Seen {
    let answer = session.get("/v1/capabilities").await?.success()?;
    let told: rhapsode_speech::Capabilities =
        serde_json::from_slice(&answer.body).map_err(|error| Fault::wrong(error.to_string()))?;
    demand(told.schema >= 1 && !told.engine.is_empty(), || "schema or engine is missing".to_owned())?;
    demand(told.max_concurrency > 0, || "it takes no request at a time".to_owned())?;
    demand(told.max_chars > 0 && told.min_chars <= told.max_chars, || {
        format!("texts of {} to {} characters", told.min_chars, told.max_chars)
    })?;
    let listed = |call: &'static str, list: &'static str| async move {
        let answer = session.get(call).await.and_then(Answer::success);
        answer.and_then(|answer| Ok(names(&answer.json()?, list))).map_err(|fault| fault.after(call))
    };
    let (voices, models) = (listed("/v1/audio/voices", "voices").await?, listed("/v1/models", "data").await?);
    // A recording that cannot be used may be listed with the reason, and is no voice.
    demand(!told.voices.is_empty() && told.voices.iter().all(|voice| voices.contains(voice)), || {
        format!("voices {:?} here, {voices:?} in their list", told.voices)
    })?;
    demand(models.contains(&told.model), || format!("model {} here, {models:?} in their list", told.model))?;
    let languages = match told.languages.join(", ") {
        none if none.is_empty() => "no languages".to_owned(),
        languages => languages,
    };
    Ok(format!(
        "{} {}, {languages}, {} at a time, {} to {} characters",
        told.engine, told.model, told.max_concurrency, told.min_chars, told.max_chars
    ))
}

fn revision(session: &Session) -> Seen {
    let told = session.known.capabilities.as_ref().ok_or_else(|| Fault::absent("no capabilities"))?;
    if told.revision.is_empty() {
        return Err(Fault::absent("none"));
    }
    Ok(format!("{}, sound revision {}", told.revision, told.sound_revision))
}
