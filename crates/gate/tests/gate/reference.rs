//! The recording that a voice is taken from.

use std::path::Path;

use rhapsode_gate::{CheckId, Outcome, Verdict};
use rhapsode_speech::Reference;
use serde_json::json;

use crate::server::{Server, song, wav};
use crate::{check, gated, only};

/// What the gate says of a recording with these bytes.
async fn with_recording(server: &Server, bytes: Option<Vec<u8>>, planned: Option<&str>) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grandmother.wav");
    let mut blake3 = planned.unwrap_or_default().to_owned();
    if let Some(bytes) = bytes {
        std::fs::write(&path, &bytes).unwrap();
        if planned.is_none() {
            blake3 = blake3::hash(&bytes).to_hex().to_string();
        }
    }
    let mut backend = gated(&server.url, json!({})).await;
    backend.voice.reference = Some(Reference { path: Path::new(&path).to_owned(), blake3 });
    backend.voice.voice = "reference".to_owned();
    only(&check(backend).await, CheckId::Reference).clone()
}

/// A recording of so many seconds.
fn seconds(seconds: usize) -> Vec<u8> {
    wav(&song(&"la ".repeat(200))[..24_000 * seconds])
}

#[tokio::test]
async fn a_recording_is_as_long_as_its_engine_needs_it() {
    let server = Server::new(crate::server::healthy()).await;
    for (length, expected) in [(1, Verdict::Fail), (4, Verdict::Warn), (6, Verdict::Pass)] {
        let outcome = with_recording(&server, Some(seconds(length)), None).await;
        assert_eq!(outcome.verdict, expected, "{outcome:?}");
        assert_eq!(outcome.seen, format!("{length}.0 s"));
    }
    assert_eq!(server.asked("/v1/audio/speech"), 2);
}

#[tokio::test]
async fn what_the_server_says_that_it_needs_counts() {
    let server = Server::capable_of("min_reference_ms", json!(6_500)).await;
    assert_eq!(with_recording(&server, Some(seconds(6)), None).await.verdict, Verdict::Fail);
    assert_eq!(with_recording(&server, Some(seconds(7)), None).await.verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_recording_that_is_gone_or_no_sound_or_silent_or_changed_fails() {
    let server = Server::new(crate::server::healthy()).await;
    let silence = wav(&vec![0.0; 24_000 * 6]);
    for (bytes, planned, said) in [
        (None, None, "No such file"),
        (Some(b"a letter".to_vec()), None, "decode"),
        (Some(silence), None, "without a voice"),
        (Some(seconds(6)), Some("00"), "changed"),
    ] {
        let outcome = with_recording(&server, bytes, planned).await;
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert!(outcome.seen.contains(said), "{}", outcome.seen);
    }
    assert_eq!(server.asked("/v1/audio/speech"), 0);
}
