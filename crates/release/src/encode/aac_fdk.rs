//! AAC-LC by the Fraunhofer FDK, ten times as fast as ffmpeg's encoder. See NOTICE for its licence.
//!
//! A track is encoded in segments, on all cores: each begins with frames of the one before, whose access units are
//! dropped, so that encoder and decoder have the same past at a joint and nothing is heard there.
//!
//! The safe binding sets neither afterburner nor bandwidth: the FDK's defaults hold, at 64 kbit/s the whole
//! band of 24 kHz speech.

use std::path::{Path, PathBuf};

use fdk_aac::enc::{AudioObjectType, BitRate, ChannelMode, Encoder, EncoderParams, Transport};
use rayon::prelude::*;
use rhapsode_audio::{SampleRate, to_i16};

use super::aac::{self, FRAME};
use super::access_units::{AccessUnitWriter, Stream};
use super::{Codec, EncodedTrack, EncoderInfo, OutsideEncoder, TrackEncoder};
use crate::ReleaseError;

const NAME: &str = "FDK AAC";

/// Frames of a segment: 44 s at 24 kHz. Never changes with the number of cores, so that the bytes do not either.
const SEGMENT: usize = 1_024;
/// Frames that a segment shares with the one before. Two fill the encoder's delay; the others bring its bit
/// reservoir and the windows of its transform to where they would be.
const SHARED: usize = 8;
/// Segments that are gathered before they are encoded side by side: 4 MB.
const BATCH: usize = 2;

/// The version of the `fdk-aac` crate in Cargo.lock; a test holds them together.
pub(super) const CRATE_VERSION: &str = "0.8.0";

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: NAME.to_owned(),
        version: CRATE_VERSION.to_owned(),
        licence: "Fraunhofer FDK AAC Codec Library for Android licence (free, no patent grant)".to_owned(),
    }
}

/// It is a part of this program.
pub(super) fn outside() -> Option<OutsideEncoder> {
    None
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    aac::check(bitrate, rate.0)?;
    let info = encoder(bitrate, rate)?.info().map_err(failed)?;
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
        longest_unit: info.maxOutBufBytes as usize,
        stream,
        waiting: Vec::new(),
        shared: 0,
        samples: 0,
    }))
}

fn encoder(bitrate: u32, rate: SampleRate) -> Result<Encoder, ReleaseError> {
    Encoder::new(EncoderParams {
        bit_rate: BitRate::Cbr(bitrate),
        sample_rate: rate.0,
        transport: Transport::Raw,
        channels: ChannelMode::Mono,
        audio_object_type: AudioObjectType::Mpeg4LowComplexity,
    })
    .map_err(failed)
}

fn failed(reason: impl ToString) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason: reason.to_string() }
}

struct FdkEncoder {
    path: PathBuf,
    units: AccessUnitWriter,
    stream: Stream,
    longest_unit: usize,
    /// Samples that are not encoded yet, behind those that the next segment shares with the last.
    waiting: Vec<i16>,
    /// How many those are.
    shared: usize,
    samples: u64,
}

impl FdkEncoder {
    /// Encodes whole segments, and at the end of the track the rest.
    fn encode(&mut self, amount: Amount) -> Result<(), ReleaseError> {
        let new = self.waiting.len() - self.shared;
        let segment = SEGMENT * FRAME as usize;
        let end = match amount {
            Amount::Batches => new - new % (BATCH * segment),
            Amount::Everything => new,
        };
        if end == 0 {
            return Ok(());
        }
        let parts: Vec<Segment<'_>> = (0..end)
            .step_by(segment)
            .map(|start| {
                let shared = if start == 0 { self.shared } else { SHARED * FRAME as usize };
                let (from, to) = (self.shared + start - shared, self.shared + end.min(start + segment));
                Segment { samples: &self.waiting[from..to], shared }
            })
            .collect();
        let encoded: Vec<AccessUnits> = parts
            .par_iter()
            .map(|part| part.encode(&self.stream, self.longest_unit))
            .collect::<Result<_, _>>()?;
        for units in &encoded {
            units.iter().try_for_each(|unit| self.units.push(unit))?;
        }
        let done = self.shared + end;
        self.shared = (SHARED * FRAME as usize).min(done);
        self.waiting.drain(..done - self.shared);
        Ok(())
    }
}

/// How much of what waits is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    Batches,
    Everything,
}

/// A part of a track that is encoded by itself.
struct Segment<'a> {
    samples: &'a [i16],
    /// Samples at its beginning that belong to the segment before.
    shared: usize,
}

impl Segment<'_> {
    /// The access units of its own samples.
    fn encode(&self, stream: &Stream, longest_unit: usize) -> Result<AccessUnits, ReleaseError> {
        let encoder = encoder(stream.bitrate, SampleRate(stream.rate))?;
        let mut unit = vec![0; longest_unit];
        let mut units = AccessUnits::default();
        let mut left = self.samples;
        let mut dropped = self.shared / FRAME as usize;
        while !left.is_empty() {
            let frame = &left[..left.len().min(FRAME as usize)];
            let done = encoder.encode(frame, &mut unit).map_err(failed)?;
            if done.input_consumed == 0 && done.output_size == 0 {
                return Err(failed("it takes no more samples"));
            }
            left = &left[done.input_consumed..];
            if done.output_size > 0 {
                if dropped > 0 {
                    dropped -= 1;
                } else {
                    units.push(&unit[..done.output_size]);
                }
            }
        }
        Ok(units)
    }
}

/// Access units, one after the other.
#[derive(Debug, Default)]
struct AccessUnits {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl AccessUnits {
    fn push(&mut self, unit: &[u8]) {
        self.bytes.extend_from_slice(unit);
        self.ends.push(self.bytes.len());
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }
}

impl TrackEncoder for FdkEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        self.waiting.extend(samples.iter().map(|&sample| to_i16(sample)));
        self.encode(Amount::Batches)
    }

    fn finish(mut self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        if self.samples == 0 || !self.samples.is_multiple_of(u64::from(FRAME)) {
            return Err(failed(format!("{} samples are not whole frames of {FRAME}", self.samples)));
        }
        // Silence pushes out what the encoder still holds.
        let priming = self.stream.priming;
        self.waiting.resize(self.waiting.len() + priming as usize, 0);
        self.encode(Amount::Everything)?;
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
