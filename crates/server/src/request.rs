//! The body of `POST /v1/audio/speech`, parsed as OpenAI does: a field of the wrong type is refused by name, a field
//! that is not known is ignored, and `null` is the same as no field.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use rhapsode_speech::{Description, Part, Request};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{Format, refusal::Refusal};

/// Speeds that OpenAI's API has. An engine may take fewer.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.25..=4.0;

/// A call for speech.
#[derive(Debug, PartialEq)]
pub(crate) struct SpeechCall {
    pub(crate) request: Request,
    pub(crate) format: Format,
    pub(crate) delivery: Delivery,
}

/// How the sound travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Delivery {
    /// As the body.
    Audio,
    /// In server-sent events, as base64.
    Sse,
}

/// A voice is named by a string, or by an object as newer clients do.
#[derive(Deserialize)]
#[serde(untagged)]
enum Voice {
    Name(String),
    Object { id: String },
}

impl SpeechCall {
    /// Parses a body for a backend.
    pub(crate) fn parse(body: &[u8], description: &Description) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|error| {
            Refusal::new(StatusCode::BAD_REQUEST, "invalid_json", format!("the body is not JSON: {error}"))
        })?;
        let Value::Object(fields) = body else {
            let message = "the body is not a JSON object";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_json", message));
        };
        let mut fields = Fields(fields);
        fields.check_model(description)?;
        let voice = fields.voice(description)?;
        let text = fields.text(description)?;
        let format = fields.format()?;
        let delivery = fields.take("stream_format", "\"audio\" or \"sse\"")?.unwrap_or(Delivery::Audio);
        let speed = fields.take("speed", "a number")?.unwrap_or(1.0);
        if !SPEEDS.contains(&speed) {
            let message =
                format!("`speed` is {speed}, and not between {} and {}", SPEEDS.start(), SPEEDS.end());
            return Err(Refusal::invalid("speed", message));
        }
        let request = Request {
            text,
            voice,
            reference: None,
            language: fields.language(description)?,
            speed: speed as f32,
            seed: fields.take("seed", "a whole number from 0 on")?.unwrap_or(0),
            parameters: fields.parameters()?,
            generation: 0,
        };
        Ok(Self { request, format, delivery })
    }
}

/// The fields that were not taken yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn take<T: DeserializeOwned>(&mut self, name: &'static str, wanted: &str) -> Result<Option<T>, Refusal> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|_| Refusal::invalid(name, format!("`{name}` is not {wanted}"))),
        }
    }

    fn check_model(&mut self, description: &Description) -> Result<(), Refusal> {
        let known = &description.identity.model;
        match self.take::<String>("model", "a string")? {
            Some(model) if model != *known => {
                let message = format!("there is no model {model:?} here, only {known:?}");
                Err(Refusal::new(StatusCode::NOT_FOUND, "model_not_found", message).of("model"))
            }
            _ => Ok(()),
        }
    }

    /// The voice that is asked for, or the first. A backend that does not list its voices may have any.
    fn voice(&mut self, description: &Description) -> Result<String, Refusal> {
        let known = &description.voices;
        let voice = match self.take("voice", "a string, or an object with a string `id`")? {
            Some(Voice::Name(name)) => name,
            Some(Voice::Object { id }) => id,
            None => return Ok(known.first().cloned().unwrap_or_default()),
        };
        if known.is_empty() || known.contains(&voice) {
            return Ok(voice);
        }
        let message = format!("there is no voice {voice:?} here, known are {}", known.join(", "));
        Err(Refusal::new(StatusCode::NOT_FOUND, "voice_not_found", message).of("voice"))
    }

    /// The text: as its parts, if they are there and the backend takes phonemes.
    fn text(&mut self, description: &Description) -> Result<Vec<Part>, Refusal> {
        let text: String = self
            .take("input", "a string")?
            .ok_or_else(|| Refusal::invalid("input", "`input`, the text, is missing"))?;
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Refusal::unspeakable("there is nothing to speak in `input`"));
        }
        let (characters, limit) = (text.chars().count(), description.max_chars);
        if characters > limit {
            let name = &description.name;
            let message = format!(
                "`input` has {characters} characters, and {name} takes at most {limit} characters in a request"
            );
            return Err(Refusal::too_long(message));
        }
        match self.take::<Vec<Part>>("parts", "a list of texts and phonemes")? {
            Some(parts) if description.phonemes => Ok(parts),
            _ => Ok(vec![Part::Text(text)]),
        }
    }

    fn format(&mut self) -> Result<Format, Refusal> {
        let wanted = Format::names();
        let Some(name) = self.take::<String>("response_format", &format!("one of {wanted}"))? else {
            return Ok(Format::default());
        };
        Format::named(&name).ok_or_else(|| {
            let message = format!("`response_format` is {name:?}, and not one of {wanted}");
            Refusal::new(StatusCode::BAD_REQUEST, "unsupported_format", message).of("response_format")
        })
    }

    /// The language that is asked for, or the first. A backend that does not list its languages may speak any.
    fn language(&mut self, description: &Description) -> Result<String, Refusal> {
        let known = &description.languages;
        let Some(language) = self.take::<String>("language", "a string")? else {
            return Ok(known.first().cloned().unwrap_or_default());
        };
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if known.is_empty() || known.iter().any(|known| known.eq_ignore_ascii_case(primary)) {
            return Ok(language);
        }
        let message = format!("{language:?} is not spoken here, only {}", known.join(", "));
        Err(Refusal::invalid("language", message))
    }

    /// The engine's parameters. Instructions are one of them: engines that know none ignore them.
    fn parameters(&mut self) -> Result<BTreeMap<String, Value>, Refusal> {
        let mut parameters: BTreeMap<String, Value> = self.take("params", "an object")?.unwrap_or_default();
        if let Some(instructions) = self.take::<String>("instructions", "a string")? {
            parameters.insert("instructions".to_owned(), Value::String(instructions));
        }
        Ok(parameters)
    }
}
