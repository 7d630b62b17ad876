//! Foreign servers over real connections: what is asked of them, what they answer, and what that means.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod answers;
mod asking;
mod keys;
mod members;
mod server;
mod wav;

use std::collections::BTreeMap;

use rhapsode_speech::{
    BackendSettings, Call, Part, Purpose, Request, SharedBackend, Speech, SpeechError, open_backend,
};
use serde_json::{Value, json};
use server::Server;

const TAKE: Call = Call { seed: 11, purpose: Purpose::Take };

fn settings(url: &str, options: Value) -> BackendSettings {
    let mut all = json!({ "name": "tts", "kind": "openai", "url": url });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

async fn open(server: &Server, options: Value) -> SharedBackend {
    let mut opened = open_backend(&settings(&server.url(), options)).await.unwrap();
    assert_eq!(opened.len(), 1);
    opened.remove(0)
}

fn request(text: &str) -> Request {
    Request {
        text: vec![Part::Text(text.to_owned())],
        voice: "ann".to_owned(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 3,
        generation: 0,
    }
}

async fn speak(backend: &SharedBackend) -> Result<Speech, SpeechError> {
    backend.speak(&request("Call me Ishmael."), TAKE).await
}
