//! AAC-LC by an `ffmpeg` program, for builds without the FDK. It hands its access units over as ADTS.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rhapsode_audio::SampleRate;

use super::aac::{self, FRAME};
use super::access_units::{AccessUnitWriter, Stream};
use super::ffmpeg::{self, Job, Pipe};
use super::{Codec, EncodedTrack, EncoderInfo, OutsideEncoder, TrackEncoder, adts};
use crate::ReleaseError;

const NAME: &str = "ffmpeg AAC";

/// Delay of ffmpeg's own encoder: one unit of overlap.
const PRIMING: u32 = FRAME;

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: NAME.to_owned(),
        version: outside().and_then(|outside| outside.version).unwrap_or_else(|| "not installed".to_owned()),
        licence: "LGPL-2.1-or-later, or GPL by its build; run as a program".to_owned(),
    }
}

/// What it needs of the machine.
pub(super) fn outside() -> Option<OutsideEncoder> {
    static ASKED: OnceLock<OutsideEncoder> = OnceLock::new();
    Some(ffmpeg::ask("aac", &ASKED))
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    aac::check(bitrate, rate.0)?;
    let stream = Stream { rate: rate.0, priming: PRIMING, bitrate, config: aac::configuration(rate.0) };
    let units = AccessUnitWriter::create(path, &stream)?;
    let job = Job {
        name: NAME,
        remedy: "install ffmpeg, or build with the feature fdk-aac",
        rate,
        arguments: &["-c:a", "aac", "-b:a", &bitrate.to_string(), "-f", "adts"],
        next: adts::next,
        spare: 0,
    };
    let pipe = Pipe::open(&job, units)?;
    Ok(Box::new(FfmpegEncoder { path: path.to_owned(), stream, pipe, samples: 0 }))
}

struct FfmpegEncoder {
    path: PathBuf,
    stream: Stream,
    pipe: Pipe,
    samples: u64,
}

impl TrackEncoder for FfmpegEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        self.pipe.push(samples)
    }

    fn finish(self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        let Self { path, stream, pipe, samples } = *self;
        if samples == 0 || !samples.is_multiple_of(u64::from(FRAME)) {
            let reason = format!("{samples} samples are not whole frames of {FRAME}");
            return Err(ReleaseError::Encoder { encoder: NAME, reason });
        }
        pipe.finish((samples + u64::from(PRIMING)) / u64::from(FRAME))?;
        Ok(EncodedTrack {
            path,
            codec: Codec::Aac { bitrate: stream.bitrate },
            rate: SampleRate(stream.rate),
            samples,
            priming: PRIMING,
        })
    }
}
