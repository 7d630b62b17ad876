//! A server as a backend: a request goes out, speech or an error with a name comes back.

use std::{
    net::SocketAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use rhapsode_audio::{
    SampleRate,
    decode::{Expected, Format, Looks, Undecodable, decode},
};
use serde_json::{Map, Value, json};

use super::{
    api::{Access, Answer, Api},
    discovery::{self, Dialect, discover},
    formats::Formats,
    options::Config,
    recordings::Recordings,
    refusal::{self, Refusal},
};
use crate::{
    Backend, Call, Capabilities, Description, EngineIdentity, Purpose, Request, Speech, SpeechError,
    SpeechFuture, Statement,
};

/// Marks requests that belong to no book.
const PROBE: &str = "x-rhapsode-probe";

/// What a server left out of a text.
const DROPPED: &str = "x-rhapsode-text-dropped";

/// Bytes of a text in place of sound that are looked at for a quotation.
const QUOTED: usize = 4_096;

/// Bytes of a dependency report: a thousand distributions have one of a mebibyte.
const REPORT: usize = 16 << 20;

/// A speech server at one address.
#[derive(Debug)]
pub(super) struct OpenAi {
    description: Description,
    api: Api,
    config: Config,
    manner: RwLock<Manner>,
    recordings: Arc<Recordings>,
    formats: Formats,
    pcm_rate: Option<SampleRate>,
    /// Whether it refused the fields that OpenAI's API does not have.
    strict: AtomicBool,
    /// Which engine it said it was when it was opened.
    opened_as: Option<EngineIdentity>,
}

/// How a server wants its requests.
#[derive(Debug, Clone)]
struct Manner {
    dialect: Dialect,
    model: String,
}

impl OpenAi {
    /// Asks the server at an address what it can do. One that does not answer now may do so later, and is what the
    /// configuration says until then.
    pub(super) async fn open(
        name: String,
        config: &Config,
        access: &Access,
        pinned: Option<SocketAddr>,
        recordings: Arc<Recordings>,
    ) -> Result<Self, SpeechError> {
        let api = Api::new(name, config, access, pinned)?;
        let (dialect, known) = discover(&api).await;
        let description = config.describe(&api.name, &known);
        let pcm_rate = config.pcm_rate.or(description.rate);
        let mut formats = config.formats.clone();
        // At a rate that is guessed, speech would be heard at the wrong pitch and pass as another voice.
        formats.retain(|format| *format != Format::Pcm || pcm_rate.is_some());
        Ok(Self {
            manner: RwLock::new(Manner { dialect, model: config.model(&known) }),
            config: config.clone(),
            formats: Formats::new(formats),
            strict: AtomicBool::new(false),
            opened_as: known.capabilities.as_ref().map(Capabilities::stated_identity),
            description,
            api,
            recordings,
            pcm_rate,
        })
    }

    /// Asks for speech in one format after the other until the server has one.
    async fn speech(&self, request: &Request, call: Call) -> Result<Speech, SpeechError> {
        let text = request.plain_text();
        let fields = self.fields(request, &text, call).await?;
        let characters = text.chars().count();
        let mut refused = None;
        for format in self.formats.to_try() {
            match self.attempt(&fields, format, characters, call).await {
                Ok(speech) => {
                    self.formats.settle(format);
                    return Ok(speech);
                }
                Err(Refusal::Format(error)) => refused = Some(error),
                Err(Refusal::Extension(error) | Refusal::Final(error)) => return Err(error),
            }
        }
        Err(match refused {
            Some(error @ SpeechError::Transient { .. }) => error,
            // It has answered before, so this is about the text, whatever the words of the refusal are.
            Some(error) if self.formats.are_settled() => error,
            refused => {
                let why = refused.map_or_else(|| "none is left".to_owned(), |error| error.to_string());
                let reason = format!("it answers in none of the formats: failed to {why}");
                SpeechError::Unavailable { backend: self.api.name.clone(), reason }
            }
        })
    }

    async fn attempt(
        &self,
        fields: &Map<String, Value>,
        format: Format,
        characters: usize,
        call: Call,
    ) -> Result<Speech, Refusal> {
        loop {
            let strict = self.strict.load(Ordering::Relaxed);
            let answer = self.post(fields, format, strict, call).await.map_err(Refusal::Final)?;
            if answer.status.is_success() {
                return self.decoded(answer, format, call).await;
            }
            match refusal::sort(&self.api, characters, &answer) {
                Refusal::Extension(_) if !strict => self.strict.store(true, Ordering::Relaxed),
                refusal => return Err(refusal),
            }
        }
    }

    async fn post(
        &self,
        fields: &Map<String, Value>,
        format: Format,
        strict: bool,
        call: Call,
    ) -> Result<Answer, SpeechError> {
        let mut body = fields.clone();
        body.insert("response_format".to_owned(), json!(format.name()));
        if strict {
            body.retain(|name, _| !["seed", "language", "params", "parts"].contains(&name.as_str()));
        }
        let mut headers = HeaderMap::new();
        if call.purpose == Purpose::Probe {
            headers.insert(PROBE, HeaderValue::from_static("1"));
        }
        self.api.post("/v1/audio/speech", &Value::Object(body), headers).await
    }

    /// The body of a request but for the format.
    async fn fields(
        &self,
        request: &Request,
        text: &str,
        call: Call,
    ) -> Result<Map<String, Value>, SpeechError> {
        let Manner { dialect, model } = self.manner();
        let mut params = self.config.params.clone();
        params.extend(request.parameters.clone());
        let mut voice = request.voice.clone();
        if let Some(reference) = &request.reference {
            let recording = self.recordings.base64(reference).await?;
            params.insert("reference_audio".to_owned(), json!(&*recording));
            if let Some(stem) = reference.path.file_stem() {
                voice = stem.to_string_lossy().into_owned();
            }
        }
        let mut body = Map::new();
        if dialect != Dialect::Rhapsode {
            body.extend(params.clone());
        }
        if dialect != Dialect::Foreign && !params.is_empty() {
            body.insert("params".to_owned(), json!(params));
        }
        body.insert("model".to_owned(), json!(model));
        body.insert("input".to_owned(), json!(text));
        body.insert("voice".to_owned(), json!(voice));
        body.insert("speed".to_owned(), json!(request.speed));
        body.insert("seed".to_owned(), json!(call.seed));
        body.insert("language".to_owned(), json!(request.language));
        if self.description.phonemes {
            body.insert("parts".to_owned(), json!(request.text));
        }
        Ok(body)
    }

    /// The sound in an answer.
    async fn decoded(&self, answer: Answer, format: Format, call: Call) -> Result<Speech, Refusal> {
        let dropped_text = answer.headers.get(DROPPED).map(|text| {
            let text = String::from_utf8_lossy(text.as_bytes());
            self.api.redact(&text)
        });
        let raw = (format == Format::Pcm).then(|| stated_rate(&answer.headers).or(self.pcm_rate)).flatten();
        let expected = Expected { raw, ..Expected::default() };
        let decoding = tokio::task::spawn_blocking(move || {
            decode(&answer.body, expected).map_err(|error| (error, answer.body))
        });
        let transient = |reason: String| SpeechError::Transient { backend: self.api.name.clone(), reason };
        let (error, body) = match decoding.await {
            Ok(Ok(pcm)) => return Ok(Speech { pcm, seed: call.seed, dropped_text }),
            Ok(Err(undecodable)) => undecodable,
            Err(_) => return Err(Refusal::Final(transient("its answer cannot be decoded".to_owned()))),
        };
        let other_format = match &error {
            Undecodable::Unsupported(_) | Undecodable::Broken { .. } => true,
            Undecodable::NotSound { looks, .. } => *looks == Looks::Junk,
            _ => false,
        };
        let failed = transient(format!("failed to {}", self.shown(error, &body)));
        Err(if other_format && !self.formats.works(format) {
            Refusal::Format(failed)
        } else {
            Refusal::Final(failed)
        })
    }

    /// The error, without the key if the answer was a text that repeats it.
    fn shown(&self, error: Undecodable, body: &[u8]) -> Undecodable {
        match error {
            Undecodable::NotSound { looks, .. } if looks != Looks::Junk => {
                let start = &body[..body.len().min(QUOTED)];
                let redacted = self.api.redact(&String::from_utf8_lossy(start));
                decode(redacted.as_bytes(), Expected::default()).err().unwrap_or(Undecodable::Empty)
            }
            error => error,
        }
    }

    /// Asks the server anew what it is.
    async fn says(&self) -> Result<Statement, SpeechError> {
        let (dialect, known) = discover(&self.api).await;
        let models = match dialect {
            Dialect::Foreign => discovery::models(&self.api).await,
            // Its capabilities name its model.
            Dialect::Rhapsode => None,
            // It says nothing, not even that it is no longer what it was.
            Dialect::Unheard => return Ok(Statement::default()),
        };
        Ok(Statement { models, earlier: self.opened_as.clone(), ..self.config.statement(&known) })
    }

    /// The dependency report. What a foreign server says at that address by chance is none.
    async fn report(&self) -> Result<Option<Value>, SpeechError> {
        let answer = match self.api.get_up_to(REPORT, "/v1/dependencies").await {
            Err(_) if self.manner().dialect == Dialect::Foreign => return Ok(None),
            answer => answer?,
        };
        if [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED]
            .contains(&answer.status)
        {
            return Ok(None);
        }
        let json = serde_json::from_slice(&answer.body).ok();
        let report = json.filter(|json: &Value| answer.status.is_success() && json.is_object());
        match report {
            Some(report) if report.get("distributions").is_some() => Ok(Some(report)),
            _ if self.manner().dialect != Dialect::Rhapsode => Ok(None),
            Some(report) => Ok(Some(report)),
            None => Err(match refusal::sort(&self.api, 0, &answer) {
                _ if answer.status.is_success() => SpeechError::Unavailable {
                    backend: self.api.name.clone(),
                    reason: "its dependency report is no JSON object".to_owned(),
                },
                Refusal::Format(error) | Refusal::Extension(error) | Refusal::Final(error) => error,
            }),
        }
    }

    fn manner(&self) -> Manner {
        self.manner.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn is_ready(&self) -> Result<(), SpeechError> {
        let answer = self.api.get("/ready").await?;
        if self.manner().dialect == Dialect::Unheard {
            // Who it is stays as it was said when it was opened, what it is asked need not.
            let (dialect, known) = discover(&self.api).await;
            let manner = Manner { dialect, model: self.config.model(&known) };
            *self.manner.write().unwrap_or_else(PoisonError::into_inner) = manner;
        }
        let answer = match answer.status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => self.api.get("/v1/models").await?,
            _ => answer,
        };
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(()),
            status if status.is_success() => Ok(()),
            _ => match refusal::sort(&self.api, 0, &answer) {
                // It does not understand the question, which is no answer to it.
                Refusal::Format(_) | Refusal::Extension(_) | Refusal::Final(SpeechError::Unspeakable(_)) => {
                    Ok(())
                }
                Refusal::Final(error) => Err(error),
            },
        }
    }
}

impl Backend for OpenAi {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        Box::pin(self.speech(request, call))
    }

    fn ready(&self) -> SpeechFuture<'_, ()> {
        Box::pin(self.is_ready())
    }

    fn statement(&self) -> SpeechFuture<'_, Statement> {
        Box::pin(self.says())
    }

    fn dependencies(&self) -> SpeechFuture<'_, Option<Value>> {
        Box::pin(self.report())
    }
}

/// The rate in a content type such as `audio/pcm;rate=24000`.
fn stated_rate(headers: &HeaderMap) -> Option<SampleRate> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let mut parameters = kind.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let (_, rate) = parameters.find(|(name, _)| name.eq_ignore_ascii_case("rate"))?;
    rate.trim_matches('"').parse().ok().map(SampleRate)
}
