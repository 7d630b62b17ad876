//! MP3 by an `ffmpeg` program on the machine: LAME's licence keeps it out of ours. Samples go in by a pipe; the sound
//! comes out in a file, because only there ffmpeg can go back and write the length and the delay into its head.

use std::{path::Path, process::Stdio};

use bytes::Bytes;
use rhapsode_audio::Pcm;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{EncodeError, Format, at_one_of, pcm};

/// Rates that MPEG layer III has (MPEG-1, MPEG-2 and 2.5).
const RATES: [u32; 9] = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// Bits a second: transparent for one voice, and what every one of these rates can hold.
const BITRATE: &str = "64k";

pub(super) async fn encode(sound: Pcm, ffmpeg: &Path) -> Result<Bytes, EncodeError> {
    let failed = |reason: &dyn std::fmt::Display| EncodeError::failed(Format::Mp3, reason);
    let preparing = tokio::task::spawn_blocking(move || {
        let sound = at_one_of(sound, &RATES);
        let file = tempfile::Builder::new().prefix("rhapsode-").suffix(".mp3").tempfile()?;
        Ok::<_, std::io::Error>((sound.rate, pcm::little_endian(&sound), file.into_temp_path()))
    });
    let prepared = preparing.await.map_err(|error| failed(&error))?;
    let (rate, samples, file) = prepared.map_err(|error| failed(&error))?;
    let mut child = Command::new(ffmpeg)
        .args(["-nostdin", "-v", "error", "-y", "-f", "s16le", "-ac", "1", "-ar", &rate.0.to_string()])
        .args(["-i", "pipe:0", "-c:a", "libmp3lame", "-b:a", BITRATE, "-map_metadata", "-1", "-f", "mp3"])
        .arg(&*file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| EncodeError::Unavailable {
            format: Format::Mp3,
            program: ffmpeg.display().to_string(),
            source,
        })?;
    let mut input = child.stdin.take().expect("stdin is piped");
    // What it says must be read while it is fed, or both wait for the other.
    let (fed, ended) = tokio::join!(async move { input.write_all(&samples).await }, child.wait_with_output());
    let ended = ended.map_err(|error| failed(&error))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(failed(&format_args!("ffmpeg ended with {}: {}", ended.status, said.trim())));
    }
    fed.map_err(|error| failed(&error))?;
    let encoded = tokio::task::spawn_blocking(move || std::fs::read(&file)).await;
    let encoded = encoded.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    if encoded.is_empty() {
        return Err(failed(&"ffmpeg wrote nothing"));
    }
    Ok(encoded.into())
}

/// The version of the program, if it is there.
pub(crate) async fn version(ffmpeg: &Path) -> Option<String> {
    let mut command = Command::new(ffmpeg);
    command.arg("-version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.ok()?;
    let told = String::from_utf8_lossy(&output.stdout);
    Some(told.strip_prefix("ffmpeg version ")?.split_whitespace().next()?.to_owned())
}
