//! AAC-LC by an `ffmpeg` program, one process a track: samples into its standard input, ADTS out of its
//! standard output.
//!
//! ffmpeg ends with success when it has lost sound, so its exit code proves nothing: the access units are
//! counted. What it prints becomes part of the error.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;

use rhapsode_audio::{SampleRate, to_i16};

use super::aac::{self, FRAME};
use super::access_units::{AccessUnitWriter, Stream};
use super::{Codec, EncodedTrack, EncoderInfo, TrackEncoder, adts};
use crate::ReleaseError;

const NAME: &str = "ffmpeg AAC";

/// Delay of ffmpeg's own encoder: one unit of overlap.
const PRIMING: u32 = FRAME;

pub(super) fn info() -> EncoderInfo {
    let asked = Command::new("ffmpeg").arg("-version").stdin(Stdio::null()).output();
    let version = asked.ok().and_then(|output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(text.strip_prefix("ffmpeg version ")?.split_whitespace().next()?.to_owned())
    });
    EncoderInfo {
        name: NAME.to_owned(),
        version: version.unwrap_or_else(|| "not installed".to_owned()),
        licence: "LGPL-2.1-or-later, or GPL by its build; run as a program".to_owned(),
    }
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    aac::check(bitrate, rate.0)?;
    let stream = Stream { rate: rate.0, priming: PRIMING, bitrate, config: aac::configuration(rate.0) };
    let mut units = AccessUnitWriter::create(path, &stream)?;
    let mut child = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-loglevel", "warning"])
        .args(["-f", "s16le", "-ar", &rate.0.to_string(), "-ac", "1", "-i", "pipe:0"])
        .args(["-c:a", "aac", "-b:a", &bitrate.to_string(), "-f", "adts", "pipe:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            failed(format!(
                "ffmpeg does not start ({error}); install ffmpeg, or build with the feature fdk-aac"
            ))
        })?;
    let (stdin, stdout, mut stderr) = match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        (Some(stdin), Some(stdout), Some(stderr)) => (stdin, stdout, stderr),
        _ => return Err(failed("its pipes are missing")),
    };
    // Both outputs are read while samples go in, or a full pipe would stop ffmpeg and us with it.
    let units = std::thread::spawn(move || {
        let mut source = BufReader::new(stdout);
        let mut unit = Vec::new();
        while adts::next(&mut source, &mut unit).map_err(|error| failed(error.to_string()))? {
            units.push(&unit)?;
        }
        units.finish()
    });
    let messages = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks has said all it will.
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).trim().to_owned()
    });
    Ok(Box::new(FfmpegEncoder {
        path: path.to_owned(),
        stream,
        process: Process { child },
        input: BufWriter::new(stdin),
        output: Output { units: Some(units), messages: Some(messages) },
        samples: 0,
    }))
}

fn failed(reason: impl Into<String>) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason: reason.into() }
}

/// Ends ffmpeg when a track is given up.
struct Process {
    child: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct FfmpegEncoder {
    path: PathBuf,
    stream: Stream,
    input: BufWriter<ChildStdin>,
    process: Process,
    output: Output,
    samples: u64,
}

/// The threads that read what ffmpeg writes. Each is asked once.
struct Output {
    /// Counts the access units.
    units: Option<JoinHandle<Result<u64, ReleaseError>>>,
    /// Keeps what it prints.
    messages: Option<JoinHandle<String>>,
}

impl Output {
    fn units(&mut self) -> Result<u64, ReleaseError> {
        let units = self.units.take().and_then(|thread| thread.join().ok());
        units.unwrap_or_else(|| Err(failed("its output is not read any more")))
    }

    /// An error with all that ffmpeg printed; waits for its end.
    fn explain(&mut self, what: &str) -> ReleaseError {
        let said = self.messages.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        failed(format!("{what}; it said: {said:?}"))
    }

    /// Why ffmpeg closed its input. What ended the reading of its output ended ffmpeg too, and counts before what
    /// it says of that itself.
    fn why_closed(&mut self, error: &std::io::Error) -> ReleaseError {
        match self.units() {
            Err(ReleaseError::Encoder { reason, .. }) => self.explain(&reason),
            Err(ours) => ours,
            Ok(_) => self.explain(&format!("it takes no more samples ({error})")),
        }
    }
}

impl TrackEncoder for FfmpegEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        samples
            .iter()
            .try_for_each(|&sample| self.input.write_all(&to_i16(sample).to_le_bytes()))
            .map_err(|error| self.output.why_closed(&error))
    }

    fn finish(self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        let Self { path, stream, process: mut ffmpeg, input, mut output, samples } = *self;
        if samples == 0 || !samples.is_multiple_of(u64::from(FRAME)) {
            return Err(failed(format!("{samples} samples are not whole frames of {FRAME}")));
        }
        // Dropping the pipe tells ffmpeg that this was all.
        input.into_inner().map(drop).map_err(|error| output.why_closed(error.error()))?;
        let found = match output.units() {
            Err(ReleaseError::Encoder { reason, .. }) => return Err(output.explain(&reason)),
            units => units?,
        };
        let expected = (samples + u64::from(PRIMING)) / u64::from(FRAME);
        if found != expected {
            let status =
                ffmpeg.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
            let what = format!("{expected} access units should have come out, {found} did ({status})");
            return Err(output.explain(&what));
        }
        Ok(EncodedTrack {
            path,
            codec: Codec::Aac { bitrate: stream.bitrate },
            rate: SampleRate(stream.rate),
            samples,
            priming: PRIMING,
        })
    }
}
