//! FLAC, 16 bit mono, by `flacenc`, one frame at a time: its whole-signal interface holds a chapter in memory.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flacenc::bitsink::MemSink;
use flacenc::component::{BitRepr, StreamInfo};
use flacenc::config;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};
use rhapsode_audio::{SampleRate, to_i16};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

use super::{Codec, EncodedTrack, EncoderInfo, TrackEncoder};
use crate::ReleaseError;

const NAME: &str = "flacenc";

/// The version of the `flacenc` crate in Cargo.lock; a test holds them together.
pub(super) const CRATE_VERSION: &str = "0.5.1";

/// Samples in a frame: what the reference encoder takes at its default.
const BLOCK: usize = 4096;

/// Length of `fLaC`, the head of the STREAMINFO block and the block: where the frames of a track file begin.
pub(crate) const FRAMES_AT: u64 = 4 + 4 + 34;

pub(super) fn info() -> EncoderInfo {
    EncoderInfo { name: NAME.to_owned(), version: CRATE_VERSION.to_owned(), licence: "Apache-2.0".to_owned() }
}

fn failed(reason: impl std::fmt::Debug) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason: format!("{reason:?}") }
}

pub(super) fn open(rate: SampleRate, path: &Path) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    let mut stream = StreamInfo::new(rate.0 as usize, 1, 16).map_err(failed)?;
    stream.set_block_sizes(BLOCK, BLOCK).map_err(failed)?;
    let file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
    let mut encoder = FlacEncoder {
        path: path.to_owned(),
        file,
        rate,
        config: config::Encoder::default().into_verified().map_err(|(_, error)| failed(error))?,
        stream,
        context: Context::new(16, 1),
        block: FrameBuf::with_size(1, BLOCK).map_err(failed)?,
        waiting: Vec::with_capacity(BLOCK),
        sink: MemSink::new(),
    };
    encoder.write_head()?;
    Ok(Box::new(encoder))
}

struct FlacEncoder {
    path: PathBuf,
    file: BufWriter<File>,
    rate: SampleRate,
    config: Verified<config::Encoder>,
    stream: StreamInfo,
    /// Counts samples and frames and hashes the samples.
    context: Context,
    block: FrameBuf,
    waiting: Vec<i32>,
    sink: MemSink<u8>,
}

impl FlacEncoder {
    fn write_head(&mut self) -> Result<(), ReleaseError> {
        self.sink.clear();
        self.stream.write(&mut self.sink).map_err(failed)?;
        let mut head = Vec::with_capacity(FRAMES_AT as usize);
        head.extend(b"fLaC");
        // The last metadata block, of type STREAMINFO (RFC 9639 section 8.1).
        head.extend([0x80, 0, 0, 34]);
        head.extend(self.sink.as_slice());
        self.file.write_all(&head).map_err(ReleaseError::io("write", &self.path))
    }

    fn write_frame(&mut self) -> Result<(), ReleaseError> {
        self.block.fill_interleaved(&self.waiting).map_err(failed)?;
        self.context.fill_interleaved(&self.waiting).map_err(failed)?;
        self.waiting.clear();
        let number = self.context.current_frame_number().expect("a frame was just counted");
        let frame = flacenc::encode_fixed_size_frame(&self.config, &self.block, number, &self.stream)
            .map_err(failed)?;
        self.stream.update_frame_info(&frame);
        self.sink.clear();
        frame.write(&mut self.sink).map_err(failed)?;
        self.file.write_all(self.sink.as_slice()).map_err(ReleaseError::io("write", &self.path))
    }
}

impl TrackEncoder for FlacEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        for &sample in samples {
            self.waiting.push(i32::from(to_i16(sample)));
            if self.waiting.len() == BLOCK {
                self.write_frame()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        if !self.waiting.is_empty() {
            self.write_frame()?;
        }
        let samples = self.context.total_samples();
        self.stream.set_total_samples(samples);
        self.stream.set_md5_digest(&self.context.md5_digest());
        // All blocks but the last have this size; the last does not count (RFC 9639 section 8.2).
        self.stream.set_block_sizes(BLOCK, BLOCK).map_err(failed)?;
        self.file.seek(SeekFrom::Start(0)).map_err(ReleaseError::io("write", &self.path))?;
        self.write_head()?;
        self.file.flush().map_err(ReleaseError::io("write", &self.path))?;
        Ok(EncodedTrack {
            path: self.path,
            codec: Codec::Flac,
            rate: self.rate,
            samples: samples as u64,
            priming: 0,
        })
    }
}

/// Decodes a FLAC file.
pub(super) fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    let broken = |reason: String| ReleaseError::Broken { path: track.path.clone(), reason };
    let file = File::open(&track.path).map_err(ReleaseError::io("read", &track.path))?;
    let source = MediaSourceStream::new(Box::new(file), Default::default());
    let mut reader = FlacReader::try_new(source, FormatOptions::default())
        .map_err(|error| broken(format!("it is not FLAC: {error}")))?;
    let parameters = reader
        .tracks()
        .first()
        .and_then(|track| track.codec_params.as_ref()?.audio())
        .ok_or_else(|| broken("it has no audio".to_owned()))?;
    let mut decoder = FlacDecoder::try_new(parameters, &AudioDecoderOptions::default())
        .map_err(|error| broken(format!("its parameters are wrong: {error}")))?;
    let mut samples = Vec::<f32>::new();
    let mut found = 0;
    while let Some(packet) = reader.next_packet().map_err(|error| broken(format!("it is cut: {error}")))? {
        decoder
            .decode(&packet)
            .map_err(|error| broken(format!("it does not decode after {found} samples: {error}")))?
            .copy_to_vec_interleaved(&mut samples);
        found += samples.len() as u64;
        sink(&samples);
    }
    if found == track.samples {
        Ok(())
    } else {
        Err(broken(format!("it has {found} samples instead of {}", track.samples)))
    }
}
