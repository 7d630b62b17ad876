//! Every format, judged by programs that we did not write: ffprobe and ffmpeg, `flac -t`, opusinfo.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rhapsode_audio::SampleRate;
use rhapsode_server::{Format, ServerOptions};
use serde_json::{Value, json};

use crate::{
    singer::{Singer, sing},
    stage::{Stage, error, options},
};

const TEXT: &str = "Sing to me of the man, Muse, the man of twists and turns.";

/// Samples that MP3 may have too many: what is left of its last frame, where the frame's padding is shorter than the
/// decoder's delay.
const MP3_END: usize = 528;

/// The answer in a format, as a file.
async fn sung(stage: &Stage, format: &str, folder: &Path) -> PathBuf {
    let response = stage.speak(&json!({ "input": TEXT, "response_format": format })).await;
    assert_eq!(response.status(), 200, "{format}");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let bytes = response.bytes().await.unwrap();
    assert_eq!(bytes.len(), length);
    let path = folder.join(format!("song.{format}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output
        .unwrap_or_else(|error| panic!("{program} judges the formats, `scripts/setup` installs it: {error}"))
}

fn probe(path: &Path) -> Value {
    let path = path.to_str().unwrap();
    let output = run("ffprobe", &["-v", "error", "-show_streams", "-show_format", "-of", "json", path]);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Samples that ffmpeg decodes from a file, at a rate.
fn decode(path: &Path, rate: u32) -> Vec<f32> {
    let arguments = ["-v", "error", "-i", path.to_str().unwrap(), "-f", "s16le", "-ac", "1", "-ar"];
    let output = run("ffmpeg", &[&arguments[..], &[&rate.to_string(), "-"]].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let pairs = output.stdout.chunks_exact(2);
    pairs.map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0).collect()
}

/// How alike two sounds are, sample by sample: 1 is the same.
fn likeness(one: &[f32], other: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    product(one, other) / (product(one, one) * product(other, other)).sqrt()
}

#[tokio::test]
async fn every_format_holds_the_sound_to_the_sample() {
    for rate in [24_000, 22_050, 44_100] {
        let stage = Stage::open(Singer::new(rate), options()).await;
        let folder = tempfile::tempdir().unwrap();
        let wanted = sing(TEXT, SampleRate(rate));
        for (format, codec) in [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "mp3"), ("opus", "opus")] {
            let path = sung(&stage, format, folder.path()).await;
            let probed = probe(&path);
            let stream = &probed["streams"][0];
            assert_eq!((&stream["codec_name"], &stream["channels"]), (&json!(codec), &json!(1)), "{format}");
            let samples = decode(&path, rate);
            let length = samples.len().abs_diff(wanted.samples.len());
            let tolerance = match format {
                "mp3" => MP3_END,
                // It counts at 48 kHz, so that other rates round.
                "opus" if rate != 24_000 => 3,
                _ => 0,
            };
            assert!(length <= tolerance, "{format} at {rate} Hz is {length} samples off");
            let alike = likeness(&samples, &wanted.samples);
            assert!(alike > 0.99, "{format} at {rate} Hz is another sound: {alike}");
        }
    }
}

#[tokio::test]
async fn flac_passes_the_reference_decoders_test() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let folder = tempfile::tempdir().unwrap();
    let path = sung(&stage, "flac", folder.path()).await;
    let output = run("flac", &["-t", "--warnings-as-errors", path.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("ok"), "{said}");
}

#[tokio::test]
async fn opus_passes_opusinfo_with_the_right_length() {
    for rate in [24_000, 22_050] {
        let stage = Stage::open(Singer::new(rate), options()).await;
        let folder = tempfile::tempdir().unwrap();
        let path = sung(&stage, "opus", folder.path()).await;
        let output = run("opusinfo", &[path.to_str().unwrap()]);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(!said.to_lowercase().contains("warning"), "{said}");
        assert!(said.contains(&format!("Original sample rate: {rate} Hz")), "{said}");
        let found = said.split("Playback length: 0m:").nth(1).unwrap().split('s').next().unwrap();
        let (found, wanted) = (found.parse::<f64>().unwrap(), sing(TEXT, SampleRate(rate)).seconds());
        // It cuts what is under a millisecond.
        assert!((found - wanted).abs() < 0.0011, "{found} s instead of {wanted} s");
    }
}

#[tokio::test]
async fn pcm_is_always_at_24_khz() {
    for rate in [24_000, 22_050, 48_000] {
        let stage = Stage::open(Singer::new(rate), options()).await;
        let folder = tempfile::tempdir().unwrap();
        let path = sung(&stage, "pcm", folder.path()).await;
        let seconds = sing(TEXT, SampleRate(rate)).seconds();
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert_eq!(bytes, 2 * (seconds * 24_000.0).round() as u64, "{rate}");
    }
}

#[tokio::test]
async fn a_song_of_one_note_is_whole_in_every_format() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL.map(Format::name) {
        let response = stage.speak(&json!({ "input": "a", "response_format": format })).await;
        assert_eq!(response.status(), 200, "{format}");
        let path = folder.path().join(format!("note.{format}"));
        std::fs::write(&path, response.bytes().await.unwrap()).unwrap();
        if format != "pcm" {
            let wanted = sing("a", SampleRate(24_000)).samples.len();
            let tolerance = if format == "mp3" { MP3_END } else { 0 };
            assert!(decode(&path, 24_000).len().abs_diff(wanted) <= tolerance, "{format}");
        }
    }
}

#[tokio::test]
async fn mp3_without_ffmpeg_is_refused_by_name_and_the_others_work() {
    let missing = ServerOptions { ffmpeg: "no-such-program".into(), ..options() };
    let stage = Stage::open(Singer::new(24_000), missing).await;
    // The format that is meant when none is named.
    let (status, refusal, _) = error(stage.speak(&json!({ "input": TEXT })).await).await;
    assert_eq!((status, &refusal["code"]), (400, &json!("format_unavailable")));
    assert_eq!(refusal["param"], "response_format");
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains("no-such-program") && message.contains("another format"), "{message}");
    assert_eq!(stage.speak(&json!({ "input": TEXT, "response_format": "opus" })).await.status(), 200);
    let made_of: Value = stage.get("/v1/dependencies").await.json().await.unwrap();
    let mp3 = made_of["encoders"].as_array().unwrap().iter().find(|encoder| encoder["format"] == "mp3");
    assert_eq!(mp3.unwrap()["available"], false);
}

#[tokio::test]
async fn an_encoder_that_fails_is_told_with_what_it_said() {
    let failing = ServerOptions { ffmpeg: "false".into(), ..options() };
    let stage = Stage::open(Singer::new(24_000), failing).await;
    let (status, refusal, _) = error(stage.speak(&json!({ "input": TEXT })).await).await;
    assert_eq!((status, &refusal["code"]), (500, &json!("encoding_failed")));
    assert!(refusal["message"].as_str().unwrap().contains("exit status: 1"), "{refusal}");
}

#[tokio::test]
async fn server_sent_events_carry_the_same_sound() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let mut body = json!({ "input": TEXT, "response_format": "wav" });
    let whole = stage.speak(&body).await.bytes().await.unwrap();
    body["stream_format"] = "sse".into();
    let response = stage.speak(&body).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let events: Vec<Value> = text
        .split_terminator("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let (done, sounds) = events.split_last().unwrap();
    assert_eq!(done["type"], "speech.audio.done");
    assert!(sounds.len() > 1 && sounds.iter().all(|event| event["type"] == "speech.audio.delta"));
    let sound: Vec<u8> = sounds
        .iter()
        .flat_map(|event| BASE64_STANDARD.decode(event["audio"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(sound, whole);
}
