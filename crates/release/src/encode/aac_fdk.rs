//! AAC-LC by the Fraunhofer FDK, ten times as fast as ffmpeg's encoder. See NOTICE for its licence.
//!
//! The safe binding sets neither afterburner nor bandwidth: the FDK's defaults hold, at 64 kbit/s the whole
//! band of 24 kHz speech.

use std::path::{Path, PathBuf};

use fdk_aac::enc::{AudioObjectType, BitRate, ChannelMode, Encoder, EncoderParams, Transport};
use rhapsode_audio::{SampleRate, to_i16};

use super::aac::{self, FRAME};
use super::access_units::{AccessUnitWriter, Stream};
use super::{Codec, EncodedTrack, EncoderInfo, TrackEncoder};
use crate::ReleaseError;

const NAME: &str = "FDK AAC";

/// The version of the `fdk-aac` crate in Cargo.lock; a test holds them together.
pub(super) const CRATE_VERSION: &str = "0.8.0";

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: NAME.to_owned(),
        version: CRATE_VERSION.to_owned(),
        licence: "Fraunhofer FDK AAC Codec Library for Android licence (free, no patent grant)".to_owned(),
    }
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    aac::check(bitrate, rate.0)?;
    let encoder = Encoder::new(EncoderParams {
        bit_rate: BitRate::Cbr(bitrate),
        sample_rate: rate.0,
        transport: Transport::Raw,
        channels: ChannelMode::Mono,
        audio_object_type: AudioObjectType::Mpeg4LowComplexity,
    })
    .map_err(failed)?;
    let info = encoder.info().map_err(failed)?;
    // The muxer drops whole access units at joints, so a delay of part of one would shift every chapter.
    if info.frameLength != FRAME || !info.nDelay.is_multiple_of(FRAME) {
        return Err(failed(format!(
            "its frames are {} samples, its delay {}",
            info.frameLength, info.nDelay
        )));
    }
    let config = info.confBuf.get(..info.confSize as usize).unwrap_or_default().to_vec();
    let stream = Stream { rate: rate.0, priming: info.nDelay, bitrate, config };
    Ok(Box::new(FdkEncoder {
        path: path.to_owned(),
        units: AccessUnitWriter::create(path, &stream)?,
        encoder,
        stream,
        waiting: Vec::with_capacity(2 * FRAME as usize),
        unit: vec![0; info.maxOutBufBytes as usize],
        samples: 0,
    }))
}

fn failed(reason: impl ToString) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason: reason.to_string() }
}

struct FdkEncoder {
    path: PathBuf,
    encoder: Encoder,
    units: AccessUnitWriter,
    stream: Stream,
    /// Samples of the frame that is not full yet.
    waiting: Vec<i16>,
    unit: Vec<u8>,
    samples: u64,
}

impl FdkEncoder {
    fn encode(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        for frame in samples.chunks(FRAME as usize) {
            self.waiting.extend(frame.iter().map(|&sample| to_i16(sample)));
            while self.waiting.len() >= FRAME as usize {
                let done =
                    self.encoder.encode(&self.waiting[..FRAME as usize], &mut self.unit).map_err(failed)?;
                if done.input_consumed == 0 && done.output_size == 0 {
                    return Err(failed("it takes no more samples"));
                }
                self.waiting.drain(..done.input_consumed);
                if done.output_size > 0 {
                    self.units.push(&self.unit[..done.output_size])?;
                }
            }
        }
        Ok(())
    }
}

impl TrackEncoder for FdkEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        self.encode(samples)
    }

    fn finish(mut self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        if self.samples == 0 || !self.samples.is_multiple_of(u64::from(FRAME)) {
            return Err(failed(format!("{} samples are not whole frames of {FRAME}", self.samples)));
        }
        // Silence pushes out what the encoder still holds.
        let priming = self.stream.priming;
        self.encode(&vec![0.0; priming as usize])?;
        let expected = (self.samples + u64::from(priming)) / u64::from(FRAME);
        let found = self.units.finish()?;
        if found != expected {
            return Err(failed(format!("{expected} access units should have come out, {found} did")));
        }
        Ok(EncodedTrack {
            path: self.path,
            codec: Codec::Aac { bitrate: self.stream.bitrate },
            rate: SampleRate(self.stream.rate),
            samples: self.samples,
            priming,
        })
    }
}
