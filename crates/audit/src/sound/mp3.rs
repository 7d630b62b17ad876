//! MP3: the frames are found here, symphonia decodes them. A stream of frames has no length and, mostly, no checksum;
//! LAME's tag in the first frame has both, so a cut or changed file is known by it.

use rhapsode_audio::decode::mp3_frame::{Header, Info};
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::MpaDecoder;

use super::source::Window;
use super::{BitRate, Checksum, Container, Damage, Decoded, Sink, Source, Stream, Unreadable};

/// What every decoder of layer III adds before the sound, in samples.
const DECODER_DELAY: u64 = 529;

/// The longest frame, and the head of the next one.
const LONGEST_FRAME: usize = 2_900;

/// Bytes in which the first frame is looked for, behind the tags.
const LEADING_JUNK: u64 = 1 << 16;

/// Frames at the start that may lean on sound that is not there, in a file that was cut out of a longer one.
const LEANING: u64 = 2;

pub(super) fn decode(source: Source, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let mut file = Window::new(source);
    let first = first_frame(&mut file)?;
    let mut stream = Mp3::open(first)?;
    sink.begin(&stream.stream);
    loop {
        let next = file.peek(LONGEST_FRAME)?;
        if next.is_empty() || is_tag(next) {
            break;
        }
        let Some(header) = Header::parse(next).filter(|header| stream.belongs(header)) else {
            let Some(skipped) = next_frame(&mut file, &stream)? else { break };
            stream.damage.fault(stream.seconds(), format!("{skipped} bytes are no frame"));
            continue;
        };
        let Some(frame) = next.get(..header.length) else {
            stream.damage.cut("its last frame is not all there");
            break;
        };
        stream.frame(frame, &header, sink);
        file.advance(header.length as u64)?;
    }
    Ok(stream.finish(sink))
}

/// Passes over tags and leading junk, and gives the head of the first frame.
fn first_frame(file: &mut Window) -> Result<Header, Unreadable> {
    let mut junk = 0;
    while junk < LEADING_JUNK {
        let next = file.peek(LONGEST_FRAME)?;
        if let Some(length) = id3_length(next) {
            file.advance(length)?;
        } else if let Some(header) = Header::parse(next)
            && (next.len() <= header.length || Header::parse(&next[header.length..]).is_some())
        {
            return Ok(header);
        } else if next.is_empty() {
            break;
        } else {
            file.advance(1)?;
            junk += 1;
        }
    }
    Err(Unreadable::Broken("it has no MP3 frames".to_owned()))
}

/// Goes on to the next frame of the stream and tells over how many bytes; none if there is none.
fn next_frame(file: &mut Window, stream: &Mp3) -> Result<Option<u64>, Unreadable> {
    let from = file.position();
    loop {
        file.advance(1)?;
        let next = file.peek(LONGEST_FRAME)?;
        if next.is_empty() || is_tag(next) {
            return Ok(None);
        }
        let found = Header::parse(next).filter(|header| stream.belongs(header)).is_some_and(|header| {
            let behind = next.get(header.length..).unwrap_or_default();
            behind.is_empty() || is_tag(behind) || Header::parse(behind).is_some()
        });
        if found {
            return Ok(Some(file.position() - from));
        }
    }
}

/// Bytes of an ID3v2 tag, if one begins here.
fn id3_length(bytes: &[u8]) -> Option<u64> {
    let &[b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = bytes else { return None };
    let length = [a, b, c, d].iter().fold(0, |length, byte| length << 7 | u64::from(byte & 0x7f));
    Some(10 + length + if flags & 0x10 != 0 { 10 } else { 0 })
}

/// Whether the stream ends here, with the tags that programs put behind it.
fn is_tag(rest: &[u8]) -> bool {
    [b"TAG".as_slice(), b"APETAGEX", b"LYRICSBEGIN", b"ID3"].iter().any(|tag| rest.starts_with(tag))
}

/// A stream being decoded.
struct Mp3 {
    stream: Stream,
    decoder: MpaDecoder,
    info: Info,
    /// CRC-16 over the frames behind the first, and their bytes.
    crc: u16,
    crc_bytes: u64,
    frames: u64,
    samples_a_frame: u64,
    bytes: u64,
    kilobits: usize,
    constant: bool,
    /// Samples still to be left out at the start.
    skip: u64,
    /// Samples that may be padding: handed on when more come.
    held: Vec<f32>,
    given: u64,
    damage: Damage,
    buffer: Vec<f32>,
}

impl Mp3 {
    fn open(first: Header) -> Result<Self, Unreadable> {
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(CODEC_ID_MP3).with_sample_rate(first.rate);
        let decoder =
            MpaDecoder::try_new(&parameters, &AudioDecoderOptions::default()).map_err(Unreadable::broken)?;
        Ok(Self {
            stream: Stream {
                container: Container::Mp3,
                codec: "MP3",
                rate: first.rate,
                channels: first.channels as u32,
            },
            decoder,
            info: Info::default(),
            crc: 0,
            crc_bytes: 0,
            frames: 0,
            samples_a_frame: first.samples as u64,
            bytes: 0,
            kilobits: first.kilobits,
            constant: true,
            skip: 0,
            held: Vec::new(),
            given: 0,
            damage: Damage::default(),
            buffer: Vec::new(),
        })
    }

    fn belongs(&self, header: &Header) -> bool {
        header.rate == self.stream.rate && header.channels as u32 == self.stream.channels
    }

    fn seconds(&self) -> f64 {
        (self.frames * self.samples_a_frame) as f64 / f64::from(self.stream.rate)
    }

    fn frame(&mut self, frame: &[u8], header: &Header, sink: &mut dyn Sink) {
        if self.frames == 0
            && self.bytes == 0
            && let Some(info) = Info::read(frame, header)
        {
            self.bytes += frame.len() as u64;
            self.skip = if info.delay > 0 { info.delay as u64 + DECODER_DELAY } else { 0 };
            self.info = info;
            return;
        }
        self.bytes += frame.len() as u64;
        self.constant &= header.kilobits == self.kilobits || self.frames == 0;
        self.kilobits = header.kilobits;
        self.crc = crc16(self.crc, frame);
        self.crc_bytes += frame.len() as u64;
        let packet = PacketRef::new(0, Timestamp::from(0), Duration::from(self.samples_a_frame), frame);
        match self.decoder.decode_ref(&packet) {
            Ok(decoded) => decoded.copy_to_vec_interleaved(&mut self.buffer),
            Err(error) => {
                if self.frames >= LEANING {
                    self.damage.fault(self.seconds(), error.to_string());
                }
                self.buffer.clear();
                self.buffer.resize((self.samples_a_frame * u64::from(self.stream.channels)) as usize, 0.0);
            }
        }
        self.frames += 1;
        let channels = u64::from(self.stream.channels);
        let skipped = self.skip.min(self.buffer.len() as u64 / channels);
        self.skip -= skipped;
        self.held.extend_from_slice(&self.buffer[(skipped * channels) as usize..]);
        // Padding is at most the 4,095 samples that the tag has bits for.
        let padding = (self.info.padding as u64 * channels) as usize;
        let sure = self.held.len().saturating_sub(padding);
        sink.take(&self.held[..sure]);
        self.given += sure as u64 / channels;
        self.held.drain(..sure);
    }

    fn finish(mut self, sink: &mut dyn Sink) -> Decoded {
        let rate = f64::from(self.stream.rate);
        let promised = self.info.frames.map(|frames| frames as u64);
        let complete = promised.is_none_or(|promised| self.frames >= promised);
        if let Some(promised) = promised.filter(|_| !complete) {
            self.damage.cut(format!("its head says {promised} frames, {} came", self.frames));
        }
        // The decoder's own delay pushed that much of the padding out of the file.
        let channels = self.stream.channels as usize;
        let padding =
            if complete { (self.info.padding as u64).saturating_sub(DECODER_DELAY) as usize } else { 0 };
        let rest = self.held.len().saturating_sub(padding * channels);
        sink.take(&self.held[..rest]);
        self.given += (rest / channels) as u64;
        let trimmed = (self.info.delay + self.info.padding) as u64;
        let seconds = |frames: u64| (frames * self.samples_a_frame).saturating_sub(trimmed) as f64 / rate;
        let checksum = self.info.music.filter(|(length, _)| complete && u64::from(*length) <= self.bytes);
        let audio = (self.frames * self.samples_a_frame) as f64 / rate;
        Decoded {
            frames: self.given,
            promised: promised.map(seconds),
            bit_rate: (self.frames > 0).then(|| BitRate {
                mean: if self.constant {
                    self.kilobits as f64 * 1_000.0
                } else {
                    self.crc_bytes as f64 * 8.0 / audio
                },
                constant: Some(self.constant),
            }),
            damage: self.damage,
            checksum: checksum.map(|(_, crc)| Checksum { name: "LAME's CRC", holds: crc == self.crc }),
            chapters: Vec::new(),
            stream: self.stream,
        }
    }
}

/// CRC-16 with the polynomial 0x8005, reflected, from zero: what LAME's tag has of the frames behind it.
fn crc16(start: u16, bytes: &[u8]) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let (mut value, mut bit) = (n as u16, 0);
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xa001 } else { value >> 1 };
                bit += 1;
            }
            table[n] = value;
            n += 1;
        }
        table
    };
    bytes.iter().fold(start, |crc, byte| crc >> 8 ^ TABLE[usize::from(crc as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_one_that_the_field_calls_arc() {
        assert_eq!(crc16(0, b"123456789"), 0xbb3d);
    }

    #[test]
    fn an_id3_tag_is_as_long_as_its_seven_bit_bytes_say() {
        assert_eq!(id3_length(b"ID3\x04\0\0\0\0\x02\x01rest"), Some(10 + 257));
        assert_eq!(id3_length(b"ID3\x04\0\x10\0\0\0\x01"), Some(21));
        assert_eq!(id3_length(b"\xff\xfb"), None);
    }
}
