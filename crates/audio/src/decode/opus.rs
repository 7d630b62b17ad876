//! Ogg Opus (RFC 7845) by libopus. It decodes at 48 kHz; what was encoded at a lower rate goes back to it, so that a
//! voice has the same rate whatever format its server chose.

use std::io::{Cursor, ErrorKind};

use ogg::{OggReadError, PacketReader};
use opus::{Channels, Decoder};

use super::{Expected, Format, Mono, Undecodable};
use crate::{Pcm, SampleRate, resample::resample};

/// The rate at which Opus counts its samples.
const RATE: u32 = 48_000;

/// The lower rates that Opus has.
const RATES: [u32; 4] = [8_000, 12_000, 16_000, 24_000];

/// The longest packet, 120 ms, in samples.
const LONGEST_PACKET: usize = 5_760;

pub(super) fn decode(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let mut packets = PacketReader::new(Cursor::new(bytes));
    let mut mono = Mono::new(SampleRate(RATE), 1, expected)?;
    let mut stream: Option<Stream> = None;
    let mut rate = SampleRate(RATE);
    let mut buffer = vec![0.0; LONGEST_PACKET];
    while let Some(packet) = packets.read_packet().map_err(torn)? {
        if packet.first_in_stream() {
            if stream.is_some() {
                return Err(cut("another stream begins before the end of the first"));
            }
            let open = Stream::open(&packet.data, mono.len())?;
            rate = open.rate;
            stream = Some(open);
            continue;
        }
        let Some(open) = &mut stream else { return Err(broken("a packet stands outside of its stream")) };
        if packet.data.starts_with(b"OpusTags") {
            continue;
        }
        let decoded = open.decoder.decode_float(&packet.data, &mut buffer, false).map_err(broken)?;
        mono.push(&buffer[..decoded])?;
        if packet.last_in_stream() {
            open.end(&mut mono, packet.absgp_page())?;
            stream = None;
        }
    }
    // RFC 7845 section 4: the last page says that it is the last.
    if stream.is_some() {
        return Err(cut("its last page did not come"));
    }
    Ok(resample(mono.finish(), rate))
}

/// A logical stream being decoded; chained ones follow each other.
struct Stream {
    decoder: Decoder,
    pre_skip: usize,
    /// The rate at which the sound was before it was encoded, if Opus has that rate.
    rate: SampleRate,
    /// Where it begins in the samples.
    at: usize,
}

impl Stream {
    /// Reads the identification header (RFC 7845 section 5.1).
    fn open(head: &[u8], at: usize) -> Result<Self, Undecodable> {
        let (b"OpusHead", &[_, channels, skip, skip_high, a, b, c, d, gain, gain_high, family, ..]) =
            head.split_first_chunk::<8>().ok_or_else(|| broken("its head is too short"))?
        else {
            return Err(broken("its head is none of Opus"));
        };
        if family != 0 {
            return Err(Undecodable::Unsupported(format!("Opus with {channels} channels")));
        }
        // The decoder mixes two channels into one by itself.
        let mut decoder = Decoder::new(RATE, Channels::Mono).map_err(broken)?;
        decoder.set_gain(i16::from_le_bytes([gain, gain_high]).into()).map_err(broken)?;
        let before = u32::from_le_bytes([a, b, c, d]);
        let rate = SampleRate(if RATES.contains(&before) { before } else { RATE });
        Ok(Self { decoder, rate, pre_skip: u16::from_le_bytes([skip, skip_high]).into(), at })
    }

    /// Takes off what the encoder added at both ends.
    fn end(&self, mono: &mut Mono, position: u64) -> Result<(), Undecodable> {
        let decoded = mono.len() - self.at;
        let position = usize::try_from(position).map_err(broken)?;
        if position > decoded {
            return Err(cut(&format!("its last page says {position} samples, {decoded} came")));
        }
        mono.truncate(self.at + position);
        mono.drop_from(self.at, self.pre_skip);
        Ok(())
    }
}

fn torn(error: OggReadError) -> Undecodable {
    match error {
        OggReadError::ReadError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            cut("its last page is not all there")
        }
        OggReadError::NoCapturePatternFound => cut("a page is missing"),
        other => broken(other),
    }
}

fn cut(reason: &str) -> Undecodable {
    Undecodable::Truncated { format: Format::Opus, reason: reason.to_owned() }
}

fn broken(reason: impl std::fmt::Display) -> Undecodable {
    Undecodable::Broken { format: Format::Opus, reason: reason.to_string() }
}
