//! Opus in Ogg (RFC 7845), to the sample: the head tells how much of the start is the encoder's delay, and the
//! position of the last page tells where the sound ends.

use bytes::Bytes;
use ogg::writing::{PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, Channels, Encoder};
use rhapsode_audio::Pcm;

use super::{EncodeError, Format, at_one_of};

/// Rates that the encoder takes.
const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];

/// Positions count at this rate, whatever the encoder takes (RFC 7845 section 4).
const CLOCK: u64 = 48_000;

/// Packets a second: 20 ms each.
const PACKETS_A_SECOND: usize = 50;

/// Transparent for one voice.
const BITS_A_SECOND: i32 = 64_000;

/// The longest packet that an encoder should be offered room for (its own documentation).
const LONGEST_PACKET: usize = 4_000;

/// The stream's number. There is one stream in the file, so any will do.
const SERIAL: u32 = 0x7268_6170;

pub(super) fn encode(sound: Pcm) -> Result<Bytes, EncodeError> {
    let original_rate = sound.rate.0;
    let sound = at_one_of(sound, &RATES);
    let (mut encoder, delay) =
        open(sound.rate.0).map_err(|error| EncodeError::failed(Format::Opus, error))?;
    let ticks_a_sample = CLOCK / u64::from(sound.rate.0);
    let skip = delay as u64 * ticks_a_sample;
    let end = skip + sound.samples.len() as u64 * ticks_a_sample;

    let mut file = Writer { file: PacketWriter::new(Vec::new()) };
    file.packet(head(skip as u16, original_rate), PacketWriteEndInfo::EndPage, 0)?;
    file.packet(tags(), PacketWriteEndInfo::EndPage, 0)?;

    let frame = sound.rate.0 as usize / PACKETS_A_SECOND;
    // The delay pushes the end of the sound into packets after its last sample.
    let packets = (sound.samples.len() + delay).div_ceil(frame).max(1);
    let mut samples = sound.samples;
    samples.resize(packets * frame, 0.0);
    for (n, block) in samples.chunks_exact(frame).enumerate() {
        let packet = encoder
            .encode_vec_float(block, LONGEST_PACKET)
            .map_err(|error| EncodeError::failed(Format::Opus, error))?;
        let position = ((n + 1) * frame) as u64 * ticks_a_sample;
        let last = n + 1 == packets;
        let kind = match n + 1 {
            _ if last => PacketWriteEndInfo::EndStream,
            // A page a second, so that a player can begin and seek.
            n if n % PACKETS_A_SECOND == 0 => PacketWriteEndInfo::EndPage,
            _ => PacketWriteEndInfo::NormalPacket,
        };
        file.packet(packet, kind, if last { end } else { position })?;
    }
    Ok(file.file.into_inner().into())
}

/// An encoder for a rate, and its delay in samples.
fn open(rate: u32) -> Result<(Encoder, usize), opus::Error> {
    let mut encoder = Encoder::new(rate, Channels::Mono, Application::Audio)?;
    encoder.set_bitrate(Bitrate::Bits(BITS_A_SECOND))?;
    let delay = encoder.get_lookahead()?.unsigned_abs() as usize;
    Ok((encoder, delay))
}

/// The identification header (RFC 7845 section 5.1): one channel, no gain.
fn head(skip: u16, original_rate: u32) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(skip.to_le_bytes());
    head.extend(original_rate.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// The comment header (RFC 7845 section 5.2): who encoded, and no comments.
fn tags() -> Vec<u8> {
    let vendor = opus::version();
    let mut tags = b"OpusTags".to_vec();
    tags.extend((vendor.len() as u32).to_le_bytes());
    tags.extend(vendor.as_bytes());
    tags.extend(0_u32.to_le_bytes());
    tags
}

struct Writer {
    file: PacketWriter<'static, Vec<u8>>,
}

impl Writer {
    fn packet(
        &mut self,
        packet: Vec<u8>,
        kind: PacketWriteEndInfo,
        position: u64,
    ) -> Result<(), EncodeError> {
        let written = self.file.write_packet(packet, SERIAL, kind, position);
        written.map_err(|error| EncodeError::failed(Format::Opus, error))
    }
}
