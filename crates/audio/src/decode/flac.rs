//! FLAC by symphonia. Its reader passes over bytes that are no frame, so what it read is counted: every byte behind
//! the metadata must have been in a frame, and every sample that the head promises must be there.

use std::io::Cursor;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

use super::{Expected, Format, Mono, Undecodable};
use crate::{Pcm, SampleRate};

pub(super) fn decode(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let frames_at = frames_at(bytes).ok_or_else(|| cut("it ends before its sound".to_owned()))?;
    if frames_at == bytes.len() {
        return Err(cut("it ends before its sound".to_owned()));
    }
    let source = Box::new(Cursor::new(bytes.to_vec()));
    let source = MediaSourceStream::new(source, Default::default());
    let mut reader = FlacReader::try_new(source, FormatOptions::default()).map_err(broken)?;
    let track = reader.tracks().first().ok_or_else(|| broken("it has no audio"))?;
    let promised = track.num_frames;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| broken("it has no audio"))?;
    let rate = parameters.sample_rate.ok_or_else(|| broken("it does not say its rate"))?;
    let channels = parameters.channels.as_ref().map_or(1, |channels| channels.count());
    let mut decoder = FlacDecoder::try_new(parameters, &AudioDecoderOptions::default()).map_err(broken)?;
    let mut mono = Mono::new(SampleRate(rate), channels, expected)?;
    let mut samples = Vec::<f32>::new();
    let mut in_frames = 0;
    while let Ok(Some(packet)) = reader.next_packet() {
        in_frames += packet.data.len();
        decoder.decode(&packet).map_err(broken)?.copy_to_vec_interleaved(&mut samples);
        mono.push(&samples)?;
    }
    let found = mono.len() as u64;
    match promised {
        Some(promised) if promised != 0 && found < promised => {
            Err(cut(format!("its head says {promised} samples, {found} came")))
        }
        _ if in_frames != bytes.len() - frames_at => {
            Err(cut(format!("{} bytes of it are no whole frame", bytes.len() - frames_at - in_frames)))
        }
        _ => Ok(mono.finish()),
    }
}

/// Where the frames begin: behind the last metadata block (RFC 9639 section 8.1).
fn frames_at(bytes: &[u8]) -> Option<usize> {
    let mut at = 4;
    loop {
        let head = bytes.get(at..at + 4)?;
        at += 4 + u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        if head[0] & 0x80 != 0 {
            return (at <= bytes.len()).then_some(at);
        }
    }
}

fn cut(reason: String) -> Undecodable {
    Undecodable::Truncated { format: Format::Flac, reason }
}

fn broken(reason: impl std::fmt::Display) -> Undecodable {
    Undecodable::Broken { format: Format::Flac, reason: reason.to_string() }
}
