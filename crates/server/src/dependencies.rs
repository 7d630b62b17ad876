//! What this server is made of, for the gate: `GET /v1/dependencies`. There is no Python here, so that what can be
//! missing is an encoder.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Format, format::ffmpeg_version, routes::Service};

/// Version of the answer.
const SCHEMA: u32 = 1;

/// The answer: the same keys as a Python server's, of which some are empty.
#[derive(Serialize)]
struct Report {
    schema: u32,
    program: Program,
    platform: Platform,
    python: Option<String>,
    accelerator: Option<String>,
    distributions: Vec<Value>,
    encoders: Vec<Encoder>,
}

#[derive(Serialize)]
struct Program {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Platform {
    system: &'static str,
    machine: &'static str,
}

#[derive(Serialize)]
struct Encoder {
    format: &'static str,
    /// What encodes it.
    by: &'static str,
    version: Option<String>,
    available: bool,
}

/// `GET /v1/dependencies`.
pub(crate) async fn dependencies(State(service): State<Arc<Service>>) -> Json<Value> {
    let ffmpeg = ffmpeg_version(service.ffmpeg()).await;
    let encoders = Format::ALL.map(|format| match format {
        Format::Mp3 => Encoder {
            format: format.name(),
            by: "ffmpeg",
            available: ffmpeg.is_some(),
            version: ffmpeg.clone(),
        },
        Format::Opus => built_in(format, "libopus", Some(opus::version())),
        Format::Flac => built_in(format, "flacenc", None),
        Format::Wav => built_in(format, "hound", None),
        Format::Pcm => built_in(format, "rhapsode", Some(env!("CARGO_PKG_VERSION"))),
    });
    Json(json!(Report {
        schema: SCHEMA,
        program: Program { name: "rhapsode", version: env!("CARGO_PKG_VERSION") },
        platform: Platform { system: std::env::consts::OS, machine: std::env::consts::ARCH },
        python: None,
        accelerator: None,
        distributions: Vec::new(),
        encoders: encoders.into(),
    }))
}

fn built_in(format: Format, by: &'static str, version: Option<&str>) -> Encoder {
    Encoder { format: format.name(), by, version: version.map(str::to_owned), available: true }
}
