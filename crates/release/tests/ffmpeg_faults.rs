//! What becomes of a track when the `ffmpeg` program is missing or lies. Only in the build that runs it.
#![cfg(all(feature = "ffmpeg-aac", not(feature = "fdk-aac"), unix))]
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use oracle::{AAC, RATE, chapter};
use rhapsode_release::encode;

/// Not a test of its own: encodes a track with the `PATH` that its parent gave it and prints the error.
#[test]
#[ignore = "run by the tests below, in a process with another PATH"]
fn child() {
    let dir = tempfile::tempdir().unwrap();
    let encoded = encode::open(AAC, RATE, &dir.path().join("a")).and_then(|mut encoder| {
        encoder.push(&chapter(400))?;
        encoder.finish()
    });
    println!("RESULT {}", encoded.map_or_else(|error| error.to_string(), |_| "encoded".to_owned()));
}

/// What encoding says when `ffmpeg` is found in `path` alone.
fn result_with_path(path: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("PATH", path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let at = text.find("RESULT ").unwrap_or_else(|| panic!("{text}"));
    text[at + 7..].lines().next().unwrap().to_owned()
}

/// What encoding says when `ffmpeg` is this shell script.
fn result_with_script(script: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ffmpeg");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    result_with_path(&format!("{}:/usr/bin:/bin", dir.path().display()))
}

fn real() -> String {
    let found = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/bin/ffmpeg"].into_iter();
    found.filter(|path| Path::new(path).exists()).map(str::to_owned).next().unwrap()
}

#[test]
fn without_ffmpeg_the_error_says_what_to_install() {
    let result = result_with_path("/nonexistent");
    assert!(result.contains("install ffmpeg, or build with the feature fdk-aac"), "{result}");
}

#[test]
fn success_with_nothing_encoded_is_an_error_that_carries_what_was_printed() {
    let result = result_with_script("cat > /dev/null; echo 'boom: no codec' >&2; exit 0");
    assert!(result.contains("401 access units should have come out, 0 did"), "{result}");
    assert!(result.contains("boom: no codec"), "{result}");
}

#[test]
fn an_ffmpeg_that_stops_reading_is_an_error_that_carries_what_was_printed() {
    let result = result_with_script("echo 'boom: disk' >&2; exit 0");
    assert!(result.contains("boom: disk"), "{result}");
}

#[test]
fn lost_access_units_are_noticed() {
    // The last kilobytes are cut off somewhere, and the exit code is 0.
    let result = result_with_script(&format!("{} \"$@\" | head -c 60000; exit 0", real()));
    assert!(result.starts_with("encode with ffmpeg AAC: "), "{result}");
}

#[test]
fn what_is_no_adts_is_noticed() {
    let result = result_with_script("cat");
    assert!(result.contains("an access unit has no ADTS header"), "{result}");
}
