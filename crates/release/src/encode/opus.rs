//! Opus by libopus, in packets of 20 ms.
//!
//! A packet leans on those before it. So that tracks join, the encoder hears the beginning of a track backwards first:
//! room tone that leads into the track's own, for as long as a decoder takes to forget what it heard before (RFC 7845
//! section 4.6 counts on 80 ms). These packets are skipped at the start of a file and left out where a track follows
//! another.

use std::path::{Path, PathBuf};

use opus::{Application, Bitrate, Channels, Decoder, Encoder, Signal};
use rhapsode_audio::SampleRate;

use super::access_units::{AccessUnitReader, AccessUnitWriter, Stream};
use super::{Codec, EncodedTrack, EncoderInfo, Heard, TrackEncoder};
use crate::ReleaseError;

const NAME: &str = "libopus";

/// Rates that the encoder takes.
const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// Packets a second.
const PACKETS_A_SECOND: u32 = 50;
/// Packets before the sound.
const LEAD: u32 = 5;
/// The longest packet that an encoder should be offered room for (its own documentation).
const LONGEST_PACKET: usize = 4_000;
/// Bit rates that the encoder keeps for one channel.
const BITRATES: std::ops::RangeInclusive<u32> = 6_000..=256_000;

/// The lowest rate that holds what this one does, or the highest there is.
pub(super) fn rate_for(takes: SampleRate) -> SampleRate {
    SampleRate(RATES.into_iter().find(|&rate| rate >= takes.0).unwrap_or(48_000))
}

/// Samples in a packet.
pub(crate) fn frame(rate: SampleRate) -> u32 {
    rate.0 / PACKETS_A_SECOND
}

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: NAME.to_owned(),
        version: opus::version().to_owned(),
        licence: "BSD-3-Clause".to_owned(),
    }
}

pub(super) fn open(
    bitrate: u32,
    rate: SampleRate,
    path: &Path,
) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    if !RATES.contains(&rate.0) {
        return Err(failed(format!("it takes {RATES:?} Hz, not {}", rate.0)));
    }
    if !BITRATES.contains(&bitrate) {
        let (lowest, highest) = (*BITRATES.start(), *BITRATES.end());
        return Err(ReleaseError::BitrateOutside { codec: "Opus", bitrate, rate: rate.0, lowest, highest });
    }
    let (encoder, delay) = encoder(bitrate, rate).map_err(|error| failed(error.to_string()))?;
    let priming = LEAD * frame(rate);
    let stream = Stream { rate: rate.0, priming, bitrate, config: Vec::new() };
    Ok(Box::new(OpusEncoder {
        path: path.to_owned(),
        packets: AccessUnitWriter::create(path, &stream)?,
        encoder,
        bitrate,
        rate,
        lead: priming as usize - delay,
        began: Began::No,
        waiting: Vec::new(),
        samples: 0,
    }))
}

/// An encoder and its delay in samples.
fn encoder(bitrate: u32, rate: SampleRate) -> Result<(Encoder, usize), opus::Error> {
    let mut encoder = Encoder::new(rate.0, Channels::Mono, Application::Audio)?;
    encoder.set_bitrate(Bitrate::Bits(bitrate as i32))?;
    encoder.set_signal(Signal::Voice)?;
    let delay = encoder.get_lookahead()?.unsigned_abs() as usize;
    Ok((encoder, delay))
}

fn failed(reason: String) -> ReleaseError {
    ReleaseError::Encoder { encoder: NAME, reason }
}

struct OpusEncoder {
    path: PathBuf,
    packets: AccessUnitWriter,
    encoder: Encoder,
    bitrate: u32,
    rate: SampleRate,
    /// Samples before the track's first.
    lead: usize,
    began: Began,
    waiting: Vec<f32>,
    samples: u64,
}

/// Whether the lead was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Began {
    No,
    Yes,
}

impl OpusEncoder {
    /// Puts the beginning backwards before itself, as far as there is one.
    fn begin(&mut self) {
        let mirrored = self.lead.min(self.waiting.len());
        let mut lead = vec![0.0; self.lead - mirrored];
        lead.extend(self.waiting[..mirrored].iter().rev());
        self.waiting.splice(..0, lead);
        self.began = Began::Yes;
    }

    fn encode(&mut self) -> Result<(), ReleaseError> {
        let frame = frame(self.rate) as usize;
        let whole = self.waiting.len() - self.waiting.len() % frame;
        for block in self.waiting[..whole].chunks_exact(frame) {
            let packet = self.encoder.encode_vec_float(block, LONGEST_PACKET);
            self.packets.push(&packet.map_err(|error| failed(error.to_string()))?)?;
        }
        self.waiting.drain(..whole);
        Ok(())
    }
}

impl TrackEncoder for OpusEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        self.samples += samples.len() as u64;
        self.waiting.extend(samples);
        match self.began {
            Began::No if self.waiting.len() < self.lead => return Ok(()),
            Began::No => self.begin(),
            Began::Yes => {}
        }
        self.encode()
    }

    fn finish(mut self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        let frame = frame(self.rate);
        if self.samples == 0 || !self.samples.is_multiple_of(u64::from(frame)) {
            return Err(failed(format!("{} samples are not whole packets of {frame}", self.samples)));
        }
        if self.began == Began::No {
            self.begin();
        }
        // Silence pushes out what the encoder still holds.
        let priming = LEAD * frame;
        let delay = priming as usize - self.lead;
        self.waiting.resize(self.waiting.len() + delay, 0.0);
        self.encode()?;
        let expected = (self.samples + u64::from(priming)) / u64::from(frame);
        let found = self.packets.finish()?;
        if found != expected {
            return Err(failed(format!("{expected} packets should have come out, {found} did")));
        }
        let codec = Codec::Opus { bitrate: self.bitrate };
        Ok(EncodedTrack { path: self.path, codec, rate: self.rate, samples: self.samples, priming })
    }
}

/// Decodes a file of packets, without the priming.
pub(super) fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    let broken = |reason: String| ReleaseError::Broken { path: track.path.clone(), reason };
    let mut packets = AccessUnitReader::open(&track.path)?;
    let mut decoder = Decoder::new(track.rate.0, Channels::Mono)
        .map_err(|error| broken(format!("there is no decoder for it: {error}")))?;
    let mut heard = Heard::of(track);
    let (mut packet, mut number) = (Vec::new(), 0);
    let mut samples = vec![0.0; frame(track.rate) as usize];
    while packets.next(&mut packet)? {
        let count = decoder
            .decode_float(&packet, &mut samples, false)
            .map_err(|error| broken(format!("packet {number} does not decode: {error}")))?;
        number += 1;
        sink(heard.of_block(&samples[..count]));
    }
    heard.end()
}
