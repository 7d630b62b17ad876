//! The fields of a request beside the text.

use serde_json::{Value, json};

use super::super::{
    answer::Refusal,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{SENTENCE, Session},
    sound::Sound,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "seed.repeats",
        expected: "the same request with the same `seed` is the same sound, to the sample",
        need: Need::Own,
        without: "keeps the take that it has; what is made anew may sound otherwise",
        run: |session| Box::pin(seed_repeats(session)),
    },
    Check {
        id: "seed.other",
        expected: "another `seed` is taken, and gives good sound too",
        need: Need::Own,
        without: "asks for a bad take again in the same words",
        run: |session| Box::pin(seed_other(session)),
    },
    Check {
        id: "speed",
        expected: "`speed` changes the length, or is refused where the engine has one speed",
        need: Need::Own,
        without: "leaves the speed at 1",
        run: |session| Box::pin(speed(session)),
    },
    Check {
        id: "speed.out-of-range",
        expected: "a `speed` of 100 is refused with 400 or 422",
        need: Need::Own,
        without: "asks only for speeds from 0.5 to 2",
        run: |session| Box::pin(speed_out_of_range(session)),
    },
    Check {
        id: "language",
        expected: "every language of the capabilities is taken, with a region too",
        need: Need::Own,
        without: "asks for what is configured",
        run: |session| Box::pin(language(session)),
    },
    Check {
        id: "language.unknown",
        expected: "a language that is not in the capabilities is refused with 400 or 422",
        need: Need::Own,
        without: "cannot tell that a book is read in the wrong language",
        run: |session| Box::pin(language_unknown(session)),
    },
    Check {
        id: "params",
        expected: "`params` and `instructions` are taken",
        need: Need::Own,
        without: "sends parameters beside the other fields, where foreign servers look for them",
        run: |session| Box::pin(params(session)),
    },
    Check {
        id: "params.out-of-range",
        expected: "a parameter beyond the range in the capabilities is refused with 400 or 422",
        need: Need::Own,
        without: "sends what is configured",
        run: |session| Box::pin(params_out_of_range(session)),
    },
    Check {
        id: "fields.null",
        expected: "`null` is the same as no field, and fields that are not known are passed over",
        need: Need::Own,
        without: "leaves out fields that the server refused once",
        run: |session| Box::pin(null_fields(session)),
    },
    Check {
        id: "voice.object",
        expected: "`voice` may be an object with an `id`",
        need: Need::Own,
        without: "sends the name; some other clients do not",
        run: |session| Box::pin(voice_object(session)),
    },
];

/// A value that does not fit: `speed` and `language` are checked by the server, some limits by the engine.
const OUT_OF_RANGE: Refusal =
    Refusal::of(&[400, 422], &["invalid_value", "parameter_out_of_range", "unspeakable"]);

async fn with(session: &Session, fields: Value) -> Result<Sound, Fault> {
    session.speak(&session.body_with(SENTENCE, fields)).await
}

async fn good(session: &Session, fields: Value) -> Result<Sound, Fault> {
    with(session, fields).await?.judged(SENTENCE, 1.0, session.options.judged)
}

async fn seed_repeats(session: &Session) -> Seen {
    let first = good(session, json!({ "seed": 5 })).await?;
    let second = good(session, json!({ "seed": 5 })).await?;
    if first.is_same_as(&second) {
        return Ok(first.shown());
    }
    Err(Fault::absent(format!("two sounds for one seed: {} and {}", first.shown(), second.shown())))
}

async fn seed_other(session: &Session) -> Seen {
    let first = good(session, json!({ "seed": 5 })).await?;
    let second = good(session, json!({ "seed": 6 })).await?;
    Ok(if first.is_same_as(&second) {
        "the same sound: the engine leaves nothing to chance".to_owned()
    } else {
        format!("another sound: {}", second.shown())
    })
}

async fn speed(session: &Session) -> Seen {
    let answer = session.post(&session.body_with(SENTENCE, json!({ "speed": 1.5, "seed": 5 }))).await?;
    if answer.status.is_client_error() {
        return OUT_OF_RANGE.check(&answer, session.options.level);
    }
    let fast = Sound::of(answer)?.judged(SENTENCE, 1.5, session.options.judged)?.pcm.seconds();
    let normal = good(session, json!({ "speed": 1.0, "seed": 5 })).await?.pcm.seconds();
    if fast < normal * 0.9 {
        return Ok(format!("{fast:.2} s at 1.5, {normal:.2} s at 1"));
    }
    Err(Fault::absent(format!("{fast:.2} s at 1.5 is not shorter than {normal:.2} s at 1")))
}

async fn speed_out_of_range(session: &Session) -> Seen {
    let answer = session.post(&session.body_with(SENTENCE, json!({ "speed": 100 }))).await?;
    OUT_OF_RANGE.check(&answer, session.options.level)
}

async fn language(session: &Session) -> Seen {
    let languages = session.known.capabilities.as_ref().map(|told| told.languages.clone());
    let languages = languages.ok_or_else(|| Fault::absent("no capabilities"))?;
    let first = languages.first().ok_or_else(|| Fault::skipped("the capabilities tell none"))?;
    for language in languages.iter().cloned().chain([format!("{first}-ZZ")]) {
        let sound = with(session, json!({ "language": language })).await;
        sound.map_err(|fault| fault.after(&language))?;
    }
    Ok(languages.join(", "))
}

async fn language_unknown(session: &Session) -> Seen {
    let told = session.known.capabilities.as_ref().ok_or_else(|| Fault::skipped("no capabilities"))?;
    if told.languages.is_empty() {
        return Err(Fault::skipped("the capabilities tell none, so that any may be tried"));
    }
    // Klingon has a code, and no engine speaks it.
    let answer = session.post(&session.body_with(SENTENCE, json!({ "language": "tlh" }))).await?;
    OUT_OF_RANGE.check(&answer, session.options.level)
}

async fn params(session: &Session) -> Seen {
    let fields = json!({ "params": {}, "instructions": "Read it calmly." });
    Ok(good(session, fields).await?.shown())
}

/// Ranges stand in `parameters` of the capabilities, by name, as objects with `minimum` and `maximum`.
async fn params_out_of_range(session: &Session) -> Seen {
    let ranges = session.known.raw["parameters"].as_object().cloned().unwrap_or_default();
    let bounds = ranges
        .iter()
        .filter_map(|(name, range)| Some((name, range["minimum"].as_f64()?, range["maximum"].as_f64()?)));
    let mut seen = Vec::new();
    for (name, minimum, maximum) in bounds {
        let beyond = (maximum - minimum).max(1.0);
        for value in [json!(maximum + beyond), json!(minimum - beyond), json!("loud")] {
            let params = json!({ "params": { name: value } });
            let answer = session.post(&session.body_with(SENTENCE, params)).await?;
            let refused = OUT_OF_RANGE.check(&answer, session.options.level);
            refused.map_err(|fault| fault.after(&format!("{name} = {value}")))?;
        }
        seen.push(name.as_str());
    }
    if seen.is_empty() {
        return Err(Fault::skipped("the capabilities tell no ranges"));
    }
    Ok(seen.join(", "))
}

async fn null_fields(session: &Session) -> Seen {
    let nothing = json!({
        "speed": null, "seed": null, "language": null, "instructions": null, "params": null, "stream_format": null,
        "no_such_field": [1, { "a": 2 }],
    });
    Ok(good(session, nothing).await?.shown())
}

async fn voice_object(session: &Session) -> Seen {
    let named = good(session, json!({ "seed": 5 })).await?;
    let object = good(session, json!({ "seed": 5, "voice": { "id": session.known.voice } })).await?;
    demand(!session.is_own() || named.is_same_as(&object), || "it is another voice".to_owned())?;
    Ok(object.shown())
}
