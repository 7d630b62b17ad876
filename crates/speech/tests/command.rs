//! Programs as backends: `espeak-ng` where it is installed, and small shell scripts for what programs do wrong.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod skipping;
#[path = "openai/wav.rs"]
mod wav;

use std::{collections::BTreeMap, path::Path, process::Command};

use rhapsode_audio::SampleRate;
use rhapsode_speech::{
    BackendSettings, Call, Part, ProbeVoice, Purpose, Request, SharedBackend, Speech, SpeechError,
    expect_backend, open_backend, probe,
};
use serde_json::{Value, json};
use skipping::skip;
use wav::{samples, wav};

fn settings(command: Value, options: Value) -> BackendSettings {
    let mut all = json!({ "name": "robot", "kind": "command", "command": command });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

async fn open(command: Value, options: Value) -> SharedBackend {
    open_backend(&settings(command, options)).await.unwrap().remove(0)
}

/// A backend that runs a shell script; its `$0` is the sound that scripts can give back.
async fn script(folder: &Path, script: &str, options: Value) -> SharedBackend {
    let sound = folder.join("sound.wav");
    std::fs::write(&sound, wav()).unwrap();
    open(json!(["sh", "-c", script, sound]), options).await
}

fn request(text: &str) -> Request {
    Request {
        text: vec![Part::Text(text.to_owned())],
        voice: "default".to_owned(),
        reference: None,
        language: "en-GB".to_owned(),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 3,
        generation: 0,
    }
}

async fn speak(backend: &SharedBackend) -> Result<Speech, SpeechError> {
    backend.speak(&request("Call me Ishmael."), Call { seed: 11, purpose: Purpose::Take }).await
}

#[tokio::test]
async fn espeak_speaks_from_an_argument_from_a_file_and_from_standard_input() {
    if Command::new("espeak-ng").arg("--version").output().is_err() {
        skip("espeak-ng is not installed");
        return;
    }
    let mut lengths = Vec::new();
    for command in [
        json!(["espeak-ng", "--stdout", "-v", "{voice}", "--", "{text}"]),
        json!(["espeak-ng", "--stdout", "-v", "{voice}", "-f", "{text-file}"]),
        json!(["espeak-ng", "-w", "{output}", "-v", "{voice}", "--stdin"]),
    ] {
        let backend = open(command, json!({ "voice": "en-gb" })).await;
        let report = probe(&*backend, &ProbeVoice::first_of(&*backend)).await.unwrap();
        assert!(report.passed(), "{report:?}");
        lengths.push(report.seconds_of_audio);
    }
    assert!(lengths.iter().all(|length| (length - lengths[0]).abs() < 0.2), "{lengths:?}");
}

#[tokio::test]
async fn a_request_goes_into_the_arguments_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let sound = folder.path().join("sound.wav");
    std::fs::write(&sound, wav()).unwrap();
    let write = format!("printf '%s\\n' \"$@\" > {}; cat {}", said.display(), sound.display());
    let command =
        json!(["sh", "-c", write, "sh", "{text}", "{voice}", "{language}", "x{speed}", "{seed}", "{ }"]);
    let backend = open(command, json!({ "voice": "default" })).await;
    let mut request = request("$(rm -rf /) \"{seed}\"\nnext line");
    request.speed = 1.5;
    backend.speak(&request, Call { seed: 11, purpose: Purpose::Take }).await.unwrap();
    let said = std::fs::read_to_string(said).unwrap();
    assert_eq!(said, "$(rm -rf /) \"{seed}\" next line\ndefault\nen-GB\nx1.5\n11\n{ }\n");
}

#[tokio::test]
async fn samples_without_a_header_are_read_at_the_configured_rate() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("raw"), samples()).unwrap();
    let cat = json!(["cat", folder.path().join("raw")]);
    let speech = speak(&open(cat.clone(), json!({ "pcm-rate": 22050 })).await).await.unwrap();
    assert_eq!((speech.pcm.rate, speech.pcm.samples.len()), (SampleRate(22_050), 24_000));
    let error = speak(&open(cat, json!({})).await).await.unwrap_err();
    assert!(error.to_string().contains("something unknown"), "{error}");
}

#[tokio::test]
async fn a_program_that_fails_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let noise = "head -c 100000 /dev/zero | tr '\\0' 'x' >&2; echo >&2; echo 'no such model' >&2";
    let cases = [
        (format!("{noise}; exit 3"), "exit status: 3"),
        (noise.to_owned(), "nothing was sent"),
        ("echo '<html>' ; echo 'no such model' >&2".to_owned(), "an HTML page"),
    ];
    for (failing, named) in cases {
        let error = speak(&script(folder.path(), &failing, json!({})).await).await.unwrap_err();
        assert!(matches!(error, SpeechError::Transient { .. }), "{error:?}");
        let error = error.to_string();
        assert!(error.contains("no such model") && error.contains(named) && error.len() < 600, "{error}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_makes_the_backend_unavailable() {
    for program in ["no-such-program-at-all", "/no/such/program"] {
        let backend = open(json!([program, "{text}"]), json!({})).await;
        let error = speak(&backend).await.unwrap_err();
        assert!(matches!(error, SpeechError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains("install it"), "{error}");
    }
    let backend = open(json!(["/no/such/program"]), json!({})).await;
    assert!(matches!(backend.ready().await, Err(SpeechError::Unavailable { .. })));
}

#[tokio::test]
async fn a_program_that_does_not_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let backend = script(folder.path(), "exec sleep 1000", json!({ "time-out": 0.2 })).await;
    let error = speak(&backend).await.unwrap_err();
    assert!(matches!(error, SpeechError::Transient { .. }), "{error:?}");
    assert!(error.to_string().contains("did not end within 0.2 seconds"), "{error}");
}

#[tokio::test]
async fn giving_up_a_chunk_kills_its_program_and_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let program = format!("sleep 1000 & echo $$ $! > {0}.new; mv {0}.new {0}; wait", pids.display());
    let backend = script(folder.path(), &program, json!({})).await;
    let speaking = tokio::spawn(async move { speak(&backend).await });
    while !pids.exists() {
        tokio::task::yield_now().await;
    }
    speaking.abort();
    for pid in std::fs::read_to_string(&pids).unwrap().split_whitespace() {
        let alive = || {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z ")
        };
        while alive() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_program_is_told_which_backend_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("name");
    let program = format!("echo $RHAPSODE_BACKEND > {}; cat $0", name.display());
    let _ = speak(&script(folder.path(), &program, json!({})).await).await.unwrap();
    assert_eq!(std::fs::read_to_string(name).unwrap().trim(), "robot");
}

#[tokio::test]
async fn a_wish_that_the_program_cannot_hear_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let backend = script(folder.path(), "cat \"$0\"", json!({})).await;
    speak(&backend).await.unwrap();
    let mut request = request("Faster.");
    request.speed = 2.0;
    let error = backend.speak(&request, Call { seed: 1, purpose: Purpose::Take }).await.unwrap_err();
    assert!(error.to_string().contains("{speed}"), "{error}");
}

#[test]
fn another_argument_is_another_engine_and_another_folder_is_not() {
    let identity =
        |command: Value, options: Value| expect_backend(&settings(command, options)).unwrap().identity;
    let plain = |command: Value| identity(command, json!({}));
    assert_ne!(plain(json!(["say", "a b"])), plain(json!(["say", "a", "b"])));
    assert_eq!(plain(json!(["say", "-x"])), plain(json!(["/usr/bin/say", "-x"])));
    let named = |command: Value| identity(command, json!({ "identity": "piper 1.2 lessac" }));
    assert_eq!(
        named(json!(["piper", "-m", "/a/lessac.onnx"])),
        named(json!(["piper", "-m", "/b/lessac.onnx"]))
    );
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let cases = [
        (json!([]), json!({}), "empty"),
        (json!(["say", "{txt}"]), json!({}), "{txt}"),
        (json!(["say", "-v", "{voice}"]), json!({}), "set voice"),
        (json!(["say"]), json!({ "voices": ["a", "b"] }), "put {voice} into it"),
        (json!(["say"]), json!({ "time-out": 0 }), "time-out"),
        (json!(["say"]), json!({ "shell": true }), "unknown field `shell`"),
    ];
    for (command, options, named) in cases {
        let error = expect_backend(&settings(command, options)).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}
