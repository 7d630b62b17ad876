//! Speaks texts with the built-in voice and lets a transcription server check them against texts that may be others.
//!
//! `listen PACK URL` reads lines like `{"spoken": "what is said", "texts": ["what should be"], "seed": 1}` and prints
//! for each what was heard, and for each text of it the measures and the verdict. Used by `benches/listening.py`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and ends when anything is wrong"
)]

use std::{env, io, path::Path};

use rhapsode_speech::{
    Backend, Builtin, Call, Comparison, Heard, ListeningOptions, Part, ProbeVoice, Purpose, Request,
    Transcriber, Transcript,
};
use rhapsode_voice::VoicePack;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Line {
    spoken: String,
    texts: Vec<String>,
    seed: u64,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [pack, url] = arguments.as_slice() else { panic!("usage: listen PACK URL") };
    let backend = Builtin::open(&VoicePack::open(Path::new(pack)).unwrap(), 1).unwrap();
    let voice = ProbeVoice::first_of(&backend);
    let transcriber = Transcriber::new(url, ListeningOptions::default()).unwrap();
    for line in io::stdin().lines() {
        let Line { spoken, texts, seed } = serde_json::from_str(&line.unwrap()).unwrap();
        let request = Request {
            text: vec![Part::Text(spoken)],
            voice: voice.voice.clone(),
            reference: None,
            language: "en".to_owned(),
            speed: 1.0,
            parameters: Default::default(),
            seed,
            generation: 0,
        };
        let speech = backend.speak(&request, Call { seed, purpose: Purpose::Take }).await.unwrap();
        let transcript = transcriber.transcribe(&speech.pcm, &request.language).await.unwrap();
        let checks: Vec<Value> = texts.iter().map(|text| check(text, &transcript)).collect();
        let seconds = speech.pcm.seconds();
        println!("{}", json!({ "heard": transcript.text, "seconds": seconds, "checks": checks }));
    }
}

fn check(text: &str, transcript: &Transcript) -> Value {
    let comparison = Comparison::of(text, &transcript.text);
    let (verdict, reason) = match comparison.verdict(transcript) {
        Heard::Words => ("words", String::new()),
        Heard::Otherwise { reason } => ("otherwise", reason),
        Heard::Inconclusive { reason } => ("inconclusive", reason),
    };
    json!({
        "verdict": verdict,
        "reason": reason,
        "counted": comparison.counted,
        "missing_run": comparison.missing_run,
        "missing": comparison.missing,
        "extra_run": comparison.extra_run,
        "extra": comparison.extra,
        "repeated_run": comparison.repeated_run,
        "likeness": comparison.likeness,
        "confidence": transcript.confidence(),
    })
}
