//! Ogg Opus (RFC 7845) by libopus. Every page has a checksum and says how many samples there were so far, so a file that
//! was cut, changed or lost a page is known for it.

use ogg::{OggReadError, PacketReader};
use opus::{Channels, Decoder};

use super::{Container, Damage, Decoded, Sink, Source, Stream, Unreadable};

/// The rate at which Opus counts its samples.
const RATE: u32 = 48_000;

/// The longest packet, 120 ms, in samples.
const LONGEST_PACKET: usize = 5_760;

pub(super) fn decode(source: Source, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let mut packets = PacketReader::new(source.buffered());
    let first = packets.read_packet().map_err(Unreadable::broken)?.ok_or(Unreadable::Empty)?;
    if first.data.starts_with(b"\x01vorbis") {
        return Err(Unreadable::Unsupported("Ogg Vorbis".to_owned()));
    }
    let Head { channels, skip, gain } = Head::read(&first.data)?;
    let mode = if channels == 1 { Channels::Mono } else { Channels::Stereo };
    let mut decoder = Decoder::new(RATE, mode).map_err(Unreadable::broken)?;
    decoder.set_gain(gain.into()).map_err(Unreadable::broken)?;
    let stream = Stream { container: Container::Ogg, codec: "Opus", rate: RATE, channels };
    sink.begin(&stream);

    let mut damage = Damage::default();
    let mut clock = Clock { decoded: 0, skip: u64::from(skip), given: 0, first_page: true };
    let mut buffer = vec![0.0; LONGEST_PACKET * channels as usize];
    let mut ended = false;
    loop {
        let packet = match packets.read_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => {
                match error {
                    OggReadError::ReadError(_) => damage.cut("its last page is not all there"),
                    other => damage.fault(clock.seconds(), format!("{other}; nothing behind it was read")),
                }
                break;
            }
        };
        if packet.first_in_stream() {
            damage.fault(clock.seconds(), "another stream begins here, which was not read");
            break;
        }
        if packet.data.starts_with(b"OpusTags") {
            continue;
        }
        let count = match decoder.decode_float(&packet.data, &mut buffer, false) {
            Ok(count) => count,
            Err(error) => {
                damage.fault(clock.seconds(), error.to_string());
                continue;
            }
        };
        clock.decoded += count as u64;
        let end = packet.last_in_page().then(|| packet.absgp_page());
        let position = end.filter(|&position| position != u64::MAX);
        ended = packet.last_in_stream();
        let until = match position {
            Some(position) if ended => {
                if position > clock.decoded {
                    damage.cut(format!("its last page says {position} samples, {} came", clock.decoded));
                }
                position.min(clock.decoded)
            }
            Some(position) => {
                clock.check(position, &mut damage);
                clock.decoded
            }
            None => clock.decoded,
        };
        let from = clock.decoded.saturating_sub(count as u64);
        let begin = from.max(clock.skip).min(until);
        let part = (begin - from) as usize..(until.max(begin) - from) as usize;
        sink.take(&buffer[part.start * channels as usize..part.end * channels as usize]);
        clock.given += part.len() as u64;
        if ended {
            break;
        }
    }
    if !ended && damage.is_none() {
        // RFC 7845 section 4: the last page says that it is the last.
        damage.cut("its last page is missing");
    }
    Ok(Decoded {
        stream,
        frames: clock.given,
        promised: None,
        bit_rate: None,
        damage,
        checksum: None,
        chapters: Vec::new(),
    })
}

/// Where the stream is.
struct Clock {
    /// Samples that came out of the decoder.
    decoded: u64,
    /// Samples of them that belong to the encoder.
    skip: u64,
    /// Samples that were handed on.
    given: u64,
    first_page: bool,
}

impl Clock {
    fn seconds(&self) -> f64 {
        self.given as f64 / f64::from(RATE)
    }

    /// Compares with what a page says; a stream that was cut out of a longer one begins where it likes.
    fn check(&mut self, position: u64, damage: &mut Damage) {
        if std::mem::take(&mut self.first_page) {
            self.decoded = self.decoded.max(position);
        } else if position != self.decoded {
            let missing = position as i128 - i128::from(self.decoded);
            damage.fault(self.seconds(), format!("{missing} samples are missing before the end of a page"));
            self.decoded = position;
        }
    }
}

/// The identification header (RFC 7845 section 5.1).
struct Head {
    channels: u32,
    skip: u16,
    gain: i16,
}

impl Head {
    fn read(packet: &[u8]) -> Result<Self, Unreadable> {
        let head =
            packet.strip_prefix(b"OpusHead").ok_or_else(|| Unreadable::Unsupported("this Ogg".into()))?;
        let &[_, channels, skip, skip_high, _, _, _, _, gain, gain_high, family, ..] = head else {
            return Err(Unreadable::Broken("its head is too short".to_owned()));
        };
        if family != 0 || !(1..=2).contains(&channels) {
            return Err(Unreadable::Unsupported(format!("Opus with {channels} channels")));
        }
        Ok(Self {
            channels: channels.into(),
            skip: u16::from_le_bytes([skip, skip_high]),
            gain: i16::from_le_bytes([gain, gain_high]),
        })
    }
}
