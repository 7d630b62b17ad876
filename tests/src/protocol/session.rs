//! The server that is asked, what it said of itself, and the ways to ask it.

use std::time::{Duration, Instant};

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use rhapsode_speech::Capabilities;
use serde_json::{Map, Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::{
    Level, Options,
    answer::Answer,
    figures::Figures,
    seen::Fault,
    sound::{Format, Sound},
};

/// Where speech is asked for.
pub(crate) const SPEECH: &str = "/v1/audio/speech";

/// A sentence with every kind of sound in it.
pub(crate) const SENTENCE: &str = "The quick brown fox jumps over the lazy dog.";

/// Pause between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// What foreign servers call a voice or a model that they do not list.
const USUAL_VOICE: &str = "alloy";
const USUAL_MODEL: &str = "tts-1";

/// Longest text that is asked for, whatever a server takes: minutes of speech prove nothing more.
const LONG: usize = 1_000;
/// And where a server does not say what it takes.
const UNKNOWN: usize = 200;

/// A server, and what is asked of it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) options: Options,
    pub(crate) known: Known,
    client: Client,
    base: String,
    token: Option<HeaderValue>,
}

/// What a server says of itself.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) capabilities: Option<Capabilities>,
    /// The answer that they were read from: it may have more than the client reads.
    pub(crate) raw: Value,
    pub(crate) voice: String,
    pub(crate) model: String,
    /// The format that sound is asked for in, where any will do.
    pub(crate) format: Option<Format>,
    /// What `/ready` answered while it was not.
    pub(crate) loading: Option<Answer>,
}

impl Known {
    pub(crate) fn title(&self) -> String {
        match &self.capabilities {
            None => {
                format!("it does not say what it is; asked for model {}, voice {}", self.model, self.voice)
            }
            Some(told) => format!(
                "{} {}, {}, {} at a time, up to {} characters; asked for voice {}",
                told.engine,
                told.model,
                match told.voices.len() {
                    1 => "1 voice".to_owned(),
                    voices => format!("{voices} voices"),
                },
                told.max_concurrency,
                told.max_chars,
                self.voice,
            ),
        }
    }
}

/// Requests that are in flight; dropped, they are broken off.
pub(crate) type Crowd = JoinSet<Result<Answer, Fault>>;

impl Session {
    /// Waits until a server is ready and asks what it is.
    pub(crate) async fn open(options: Options) -> Result<Self, String> {
        let url = reqwest::Url::parse(&options.url).map_err(|error| format!("use the address: {error}"))?;
        let base = url.as_str().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        let token = options.token.as_ref().map(|token| HeaderValue::try_from(format!("Bearer {token}")));
        let token = token.transpose().map_err(|error| format!("use the token: {error}"))?;
        let client = Client::builder().no_proxy().timeout(options.patience).build();
        let client = client.map_err(|error| format!("set up connections: {error}"))?;
        let mut session = Self { options, known: Known::default(), client, base, token };
        session.known.loading = session.until_ready().await;
        session.discover().await;
        Ok(session)
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn is_own(&self) -> bool {
        self.options.level == Level::Own
    }

    pub(crate) fn is_wanted(&self, check: &str) -> bool {
        let only = &self.options.only;
        only.is_empty() || only.iter().any(|start| check.starts_with(start.as_str()))
    }

    /// A call with the token.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare_call(method, path);
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        }
    }

    /// A call without the token.
    pub(crate) fn bare_call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Fault> {
        send(self.call(Method::GET, path)).await
    }

    /// The fields that every server takes.
    pub(crate) fn body(&self, text: &str) -> Map<String, Value> {
        let format = self.known.format.unwrap_or(Format::Wav);
        let fields = json!({
            "model": self.known.model, "voice": self.known.voice, "input": text, "response_format": format.name(),
        });
        fields.as_object().cloned().unwrap_or_default()
    }

    /// The same with further fields, or others.
    pub(crate) fn body_with(&self, text: &str, fields: Value) -> Map<String, Value> {
        let mut body = self.body(text);
        body.extend(fields.as_object().cloned().unwrap_or_default());
        body
    }

    /// A request for speech that is not sent yet.
    pub(crate) fn request(&self, body: &Map<String, Value>) -> RequestBuilder {
        self.call(Method::POST, SPEECH).json(body)
    }

    pub(crate) async fn post(&self, body: &Map<String, Value>) -> Result<Answer, Fault> {
        send(self.request(body)).await
    }

    /// The same for a body that the call keeps.
    pub(crate) async fn post_owned(&self, body: Map<String, Value>) -> Result<Answer, Fault> {
        self.post(&body).await
    }

    /// The sound of a request.
    pub(crate) async fn speak(&self, body: &Map<String, Value>) -> Result<Sound, Fault> {
        Sound::of(self.post(body).await?)
    }

    /// Requests that are all sent at once.
    pub(crate) fn crowd(&self, bodies: impl IntoIterator<Item = Map<String, Value>>) -> Crowd {
        let mut crowd = Crowd::new();
        for body in bodies {
            crowd.spawn(send(self.request(&body)));
        }
        crowd
    }

    pub(crate) async fn figures(&self) -> Result<Figures, Fault> {
        let answer = self.get("/metrics").await?.success()?;
        Figures::parse(&answer.body).map_err(Fault::wrong)
    }

    /// Waits for figures; the last that were seen, if they never come.
    pub(crate) async fn until(&self, wanted: impl Fn(&Figures) -> bool) -> Result<Figures, Fault> {
        let began = Instant::now();
        loop {
            let figures = self.figures().await?;
            if wanted(&figures) || began.elapsed() > self.options.patience {
                return Ok(figures);
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until nothing is spoken any more, as far as the server tells.
    pub(crate) async fn until_idle(&self) -> Result<(), Fault> {
        let figures = self.until(Figures::is_idle).await?;
        if figures.is_idle() {
            return Ok(());
        }
        Err(Fault::wrong("requests are in flight or in the queue, and nobody asks for anything"))
    }

    /// Requests that it takes at the same time.
    pub(crate) fn slots(&self) -> usize {
        self.known.capabilities.as_ref().map_or(2, |told| told.max_concurrency)
    }

    /// A text that takes long, of words that differ with the number.
    pub(crate) fn long_text(&self, number: usize) -> String {
        let limit = self.known.capabilities.as_ref().map_or(UNKNOWN, |told| told.max_chars.min(LONG));
        sentences(number, limit)
    }

    async fn until_ready(&self) -> Option<Answer> {
        let began = Instant::now();
        let mut loading = None;
        loop {
            match self.get("/ready").await {
                Ok(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => loading = Some(answer),
                // It may be started a moment later than the suite.
                Err(_) if loading.is_none() && began.elapsed() < self.options.loading.min(STARTING) => {}
                _ => return loading,
            }
            if began.elapsed() > self.options.loading {
                return loading;
            }
            sleep(LOOK * 10).await;
        }
    }

    async fn discover(&mut self) {
        let told = |answer: Result<Answer, Fault>| answer.and_then(Answer::success)?.json();
        let known = &mut self.known;
        known.raw = Value::Null;
        let raw = told(self.get("/v1/capabilities").await).unwrap_or_default();
        let capabilities: Option<Capabilities> = serde_json::from_value(raw.clone()).ok();
        let voices = told(self.get("/v1/audio/voices").await).unwrap_or_default();
        let models = told(self.get("/v1/models").await).unwrap_or_default();
        let first_voice = capabilities.as_ref().and_then(|told| told.voices.first().cloned());
        let first_model = capabilities.as_ref().map(|told| told.model.clone());
        let voice = self.options.voice.clone().or(first_voice).or_else(|| first(&voices, "voices"));
        let model = self.options.model.clone().or(first_model).or_else(|| first(&models, "data"));
        self.known.voice = voice.unwrap_or_else(|| USUAL_VOICE.to_owned());
        self.known.model = model.unwrap_or_else(|| USUAL_MODEL.to_owned());
        (self.known.raw, self.known.capabilities) = (raw, capabilities);
        for format in Format::ALL {
            let body = self.body_with(SENTENCE, json!({ "response_format": format.name() }));
            if self.speak(&body).await.is_ok() {
                self.known.format = Some(format);
                break;
            }
        }
    }
}

/// How long a server may take to listen.
const STARTING: Duration = Duration::from_secs(10);

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, Fault> {
    let none = |error: reqwest::Error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Fault::wrong(format!("no answer: {cause}"))
    };
    let response = request.send().await.map_err(none)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.map_err(none)?.to_vec();
    Ok(Answer { status, headers, body })
}

/// The first name in a list, or in the list within an object; entries are names or objects with one.
pub(crate) fn names(json: &Value, list: &str) -> Vec<String> {
    let entries = json.get(list).unwrap_or(json).as_array().cloned().unwrap_or_default();
    let name = |entry: &Value| {
        let named = ["id", "voice_id", "name"].iter().find_map(|field| entry.get(field)).unwrap_or(entry);
        named.as_str().map(str::to_owned)
    };
    entries.iter().filter_map(name).collect()
}

fn first(json: &Value, list: &str) -> Option<String> {
    names(json, list).into_iter().next()
}

/// Sentences of at most so many characters, that differ with the number.
pub(crate) fn sentences(number: usize, limit: usize) -> String {
    const WORDS: [&str; 12] = [
        "river", "stone", "window", "morning", "garden", "letter", "harbour", "mountain", "candle", "silver",
        "autumn", "story",
    ];
    let mut text = String::new();
    for n in 0.. {
        let word = |step: usize| WORDS[(number + n * step + n) % WORDS.len()];
        let sentence = format!("The {} lay beside the {} of the {}. ", word(1), word(5), word(7));
        if text.len() + sentence.len() > limit + 1 {
            break;
        }
        text.push_str(&sentence);
    }
    if text.is_empty() {
        text = SENTENCE.chars().take(limit).collect();
    }
    text.trim_end().to_owned()
}
