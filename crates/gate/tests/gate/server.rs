//! A speech server over a real connection that is healthy unless a test says otherwise, and counts what is asked of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What a server answers to a call.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A status and JSON.
    Json(u16, Value),
    /// A status and text that is none.
    Text(u16, &'static str),
    /// Sound that is silent from its beginning to its end.
    Silence,
    /// A song for the text, such as passes for speech.
    Song,
    /// Nothing, for as long as the client stays.
    Never,
}

/// A server and what was asked of it.
#[derive(Debug, Clone)]
pub struct Server {
    answers: Arc<BTreeMap<&'static str, Vec<Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
    pub url: String,
}

/// A healthy server of ours: calls and answers.
pub fn healthy() -> BTreeMap<&'static str, Vec<Answer>> {
    let report = json!({
        "schema": 1,
        "environment": environment(),
        "distributions": [
            { "name": "numpy", "version": "1.26.4", "requires_dist": [] },
            { "name": "torch", "version": "2.6.0+cu124", "requires_dist": ["numpy<2"] },
        ],
        "accelerator": {
            "required": "cuda", "device": "cuda", "name": "H100", "capability": "9.0",
            "architectures": ["sm_80", "sm_90"], "cuda": "12.4", "driver": "550.54", "driver_cuda": "12.4",
        },
    });
    BTreeMap::from([
        ("/ready", vec![Answer::Json(200, json!({ "status": "ready" }))]),
        ("/v1/capabilities", vec![Answer::Json(200, capabilities())]),
        ("/v1/dependencies", vec![Answer::Json(200, report)]),
        ("/v1/audio/speech", vec![Answer::Song]),
    ])
}

pub fn capabilities() -> Value {
    json!({
        "schema": 1, "name": "studio", "engine": "chatterbox", "model": "turbo", "revision": "r7",
        "voices": ["ann", "ben"], "languages": ["en", "fr"], "rate": 24000, "max_concurrency": 2,
        "min_chars": 1, "max_chars": 300,
    })
}

/// The markers of a Python 3.11 on Linux.
pub fn environment() -> Value {
    json!({
        "implementation_name": "cpython", "implementation_version": "3.11.7", "os_name": "posix",
        "platform_machine": "x86_64", "platform_release": "6.12.0", "platform_system": "Linux",
        "platform_version": "#1 SMP", "python_full_version": "3.11.7",
        "platform_python_implementation": "CPython", "python_version": "3.11", "sys_platform": "linux",
    })
}

impl Server {
    /// Answers as it is told; of several answers to one call each once, and the last from then on. A call that is not
    /// there is not found.
    pub async fn new(answers: BTreeMap<&'static str, Vec<Answer>>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { answers: Arc::new(answers), asked: Arc::default(), url };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// A healthy server but for this call.
    pub async fn but(call: &'static str, answer: Answer) -> Self {
        let mut answers = healthy();
        answers.insert(call, vec![answer]);
        Self::new(answers).await
    }

    /// A healthy server whose capabilities have another value here.
    pub async fn capable_of(field: &str, value: Value) -> Self {
        let mut capabilities = capabilities();
        capabilities[field] = value;
        Self::but("/v1/capabilities", Answer::Json(200, capabilities)).await
    }

    /// A healthy server whose dependency report has another value here.
    pub async fn reporting(field: &str, value: Value) -> Self {
        let mut answers = healthy();
        let Some([Answer::Json(_, report)]) = answers.get_mut("/v1/dependencies").map(Vec::as_mut_slice)
        else {
            panic!("a healthy server has a report")
        };
        report[field] = value;
        Self::new(answers).await
    }

    /// A server that knows only OpenAI's call, and answers nothing else.
    pub async fn foreign() -> Self {
        Self::new(BTreeMap::from([("/v1/audio/speech", vec![Answer::Song])])).await
    }

    /// How often this was asked.
    pub fn asked(&self, call: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == call).count()
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let call = request.uri().path().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let nth = {
        let mut asked = server.asked.lock().unwrap();
        asked.push(call.clone());
        asked.iter().filter(|asked| **asked == call).count() - 1
    };
    let Some(answers) = server.answers.get(call.as_str()) else {
        return (StatusCode::NOT_FOUND, r#"{"detail":"Not Found"}"#).into_response();
    };
    match &answers[nth.min(answers.len() - 1)] {
        Answer::Json(status, json) => {
            (StatusCode::from_u16(*status).unwrap(), json.to_string()).into_response()
        }
        Answer::Text(status, text) => (StatusCode::from_u16(*status).unwrap(), *text).into_response(),
        Answer::Silence => Bytes::from(wav(&[0.0; 72_000])).into_response(),
        Answer::Song => Bytes::from(wav(&song(&text_of(&body)))).into_response(),
        Answer::Never => std::future::pending().await,
    }
}

fn text_of(body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap();
    json["input"].as_str().unwrap().to_owned()
}

/// A note for every letter and a rest for all else, 65 ms each, at 24 kHz.
pub fn song(text: &str) -> Vec<f32> {
    let length = 1_560;
    let mut samples = Vec::new();
    for letter in text.chars() {
        let hertz = 200.0 + 20.0 * f64::from(u32::from(letter) % 32);
        let loud = if letter.is_alphanumeric() { 0.3 } else { 0.0 };
        samples.extend((0..length).map(|n| {
            let (time, place) = (f64::from(n) / 24_000.0, f64::from(n) / f64::from(length));
            let swell = (place * std::f64::consts::PI).sin();
            (loud * swell * (time * hertz * std::f64::consts::TAU).sin()) as f32
        }));
    }
    samples.resize(samples.len() + 4_800, 0.0);
    samples
}

/// Samples as a WAV file of 16 bits at 24 kHz.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let length = u32::try_from(samples.len() * 2).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(24_000_u32.to_le_bytes());
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|&sample| rhapsode_audio::to_i16(sample).to_le_bytes()));
    bytes
}
