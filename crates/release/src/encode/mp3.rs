//! MP3 by LAME, which is LGPL and so a program: `ffmpeg` runs it, one process a track. 44.1 kHz mono at a constant bit
//! rate.
//!
//! Without the bit reservoir a frame needs no other, so that tracks join like those of AAC: silence before the sound
//! makes the delay a whole frame, and that frame is left out where a track follows another.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rhapsode_audio::SampleRate;
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::MpaDecoder;

use super::access_units::{AccessUnitReader, AccessUnitWriter, Stream};
use super::ffmpeg::{self, Job, Pipe};
use super::mp3_frame::{self, FRAME, RATE};
use super::{Codec, EncodedTrack, EncoderInfo, Heard, OutsideEncoder, TrackEncoder};
use crate::ReleaseError;

const NAME: &str = "LAME by ffmpeg";

/// The encoder's delay, 576, and the decoder's, 529.
const DELAY: usize = 576 + 529;
/// Samples that a decoder gives before the first that went in.
pub(crate) const PRIMING: u32 = FRAME;
/// Frames that LAME may add behind the sound.
const SPARE: usize = 4;

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: NAME.to_owned(),
        version: outside().version.unwrap_or_else(|| "not installed".to_owned()),
        licence: "LGPL-2.0-or-later; run as a program".to_owned(),
    }
}

/// What it needs of the machine.
pub(super) fn outside() -> OutsideEncoder {
    static ASKED: OnceLock<OutsideEncoder> = OnceLock::new();
    ffmpeg::ask("libmp3lame", &ASKED)
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    if rate.0 != RATE {
        return Err(failed(format!("MP3 is made at {RATE} Hz alone, not at {}", rate.0)));
    }
    if !mp3_frame::bitrates().any(|known| known == bitrate) {
        return Err(ReleaseError::Bitrate { codec: "MP3", bitrate, known: mp3_frame::bitrates().collect() });
    }
    let stream = Stream { rate: RATE, priming: PRIMING, bitrate, config: Vec::new() };
    let units = AccessUnitWriter::create(path, &stream)?;
    let job = Job {
        name: NAME,
        remedy: "install ffmpeg, or choose another format",
        rate,
        arguments: &[
            "-c:a",
            "libmp3lame",
            "-b:a",
            &bitrate.to_string(),
            "-reservoir",
            "0",
            "-id3v2_version",
            "0",
            "-write_xing",
            "0",
            "-f",
            "mp3",
        ],
        next: mp3_frame::next,
        spare: SPARE,
    };
    let mut pipe = Pipe::open(&job, units)?;
    pipe.push(&[0.0; PRIMING as usize - DELAY])?;
    Ok(Box::new(LameEncoder { path: path.to_owned(), bitrate, pipe, samples: 0 }))
}

fn failed(reason: String) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason }
}

struct LameEncoder {
    path: PathBuf,
    bitrate: u32,
    pipe: Pipe,
    samples: u64,
}

impl TrackEncoder for LameEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        self.pipe.push(samples)
    }

    fn finish(self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        let Self { path, bitrate, mut pipe, samples } = *self;
        if samples == 0 || !samples.is_multiple_of(u64::from(FRAME)) {
            return Err(failed(format!("{samples} samples are not whole frames of {FRAME}")));
        }
        // Silence pushes out what the encoder still holds.
        pipe.push(&[0.0; PRIMING as usize])?;
        pipe.finish((samples + u64::from(PRIMING)) / u64::from(FRAME))?;
        let codec = Codec::Mp3 { bitrate };
        Ok(EncodedTrack { path, codec, rate: SampleRate(RATE), samples, priming: PRIMING })
    }
}

/// Decodes a file of frames, without the priming.
pub(super) fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    let broken = |reason: String| ReleaseError::Broken { path: track.path.clone(), reason };
    let mut units = AccessUnitReader::open(&track.path)?;
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_MP3).with_sample_rate(RATE);
    let mut decoder = MpaDecoder::try_new(&parameters, &AudioDecoderOptions::default())
        .map_err(|error| broken(format!("there is no decoder for it: {error}")))?;
    let mut heard = Heard::of(track);
    let (mut frame, mut samples) = (Vec::new(), Vec::<f32>::new());
    let mut number = 0;
    while units.next(&mut frame)? {
        let at = Timestamp::from(number * i64::from(FRAME));
        let packet = PacketRef::new(0, at, Duration::from(u64::from(FRAME)), &frame);
        decoder
            .decode_ref(&packet)
            .map_err(|error| broken(format!("frame {number} does not decode: {error}")))?
            .copy_to_vec_interleaved(&mut samples);
        number += 1;
        sink(heard.of_block(&samples));
    }
    heard.end()
}
