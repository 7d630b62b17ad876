//! The frames of an MP3 and what the first may say of the whole: how many there are and what was added before and
//! behind the sound. MP3 has no container, so this is all there is to tell a whole stream from a cut one.
//!
//! Public for readers of whole files, which are too long to be decoded as an answer is.

/// The head of a frame (ISO/IEC 11172-3 section 2.4.1.3, 13818-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// kbit/s.
    pub kilobits: usize,
    /// Samples a second.
    pub rate: u32,
    /// 1 or 2.
    pub channels: usize,
    /// Samples for each channel.
    pub samples: usize,
    /// Bytes, the head among them.
    pub length: usize,
    /// Bytes of the checksum and the side information behind the head.
    side: usize,
}

/// kbit/s for MPEG 1 and for MPEG 2 and 2.5, layer III.
const BITRATES: [[usize; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

impl Header {
    /// The head at the beginning of the bytes, if there is one of layer III with a bit rate.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[0xff, b, c, d, ..] = bytes else { return None };
        let divisor = match (b >> 3) & 3 {
            _ if b & 0xe6 != 0xe2 => return None,
            0 => 4,
            2 => 2,
            3 => 1,
            _ => return None,
        };
        let first = divisor == 1;
        let kilobits = *BITRATES[usize::from(!first)].get(usize::from(c >> 4))?;
        let rate = *[44_100, 48_000, 32_000].get(usize::from((c >> 2) & 3))? / divisor;
        if kilobits == 0 {
            return None;
        }
        let samples = if first { 1_152 } else { 576 };
        let padding = usize::from((c >> 1) & 1);
        let length = samples / 8 * kilobits * 1_000 / rate as usize + padding;
        let channels = if d >> 6 == 3 { 1 } else { 2 };
        let side = match (first, channels) {
            (true, 2) => 32,
            (true, _) | (false, 2) => 17,
            (false, _) => 9,
        };
        let checksum = if b & 1 == 0 { 2 } else { 0 };
        Some(Self { kilobits, rate, channels, samples, length, side: checksum + side })
    }
}

/// The bytes behind an ID3v2 tag, if they begin with one.
#[must_use]
pub fn after_id3(bytes: &[u8]) -> &[u8] {
    let &[b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = bytes else { return bytes };
    let length = [a, b, c, d].iter().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
    let footer = if flags & 0x10 != 0 { 10 } else { 0 };
    bytes.get(10 + length + footer..).unwrap_or_default()
}

/// What an `Info` or `Xing` frame says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Info {
    /// Frames that follow it, if it says so.
    pub frames: Option<usize>,
    /// Samples that the encoder put before the sound.
    pub delay: usize,
    /// Samples that it put behind it.
    pub padding: usize,
    /// Bytes of the stream with this frame and the CRC-16 of those behind it, where the encoder wrote them.
    pub music: Option<(u32, u16)>,
}

impl Info {
    /// Reads a frame; none if it is sound.
    #[must_use]
    pub fn read(frame: &[u8], header: &Header) -> Option<Self> {
        let tag = frame.get(4 + header.side..)?;
        let (name, tag) = tag.split_first_chunk::<4>()?;
        if name != b"Xing" && name != b"Info" {
            return None;
        }
        let (&flags, mut tag) = tag.split_first_chunk::<4>()?;
        let flags = u32::from_be_bytes(flags);
        let mut info = Self::default();
        if flags & 1 != 0 {
            let (&frames, rest) = tag.split_first_chunk::<4>()?;
            info.frames = Some(u32::from_be_bytes(frames) as usize).filter(|&frames| frames != 0);
            tag = rest;
        }
        // Bytes of the stream, a table for seeking, the quality.
        for (flag, length) in [(2, 4), (4, 100), (8, 4)] {
            if flags & flag != 0 {
                tag = tag.get(length..)?;
            }
        }
        // LAME's extension: its name, 12 bytes of this and that, twice 12 bits. Zeroes where it was not written.
        if let Some(&[a, b, c]) = tag.get(21..24) {
            info.delay = usize::from(a) << 4 | usize::from(b) >> 4;
            info.padding = usize::from(b & 0x0f) << 8 | usize::from(c);
        }
        if let Some(&[a, b, c, d, crc, crc_low]) = tag.get(28..34) {
            let length = u32::from_be_bytes([a, b, c, d]);
            info.music = (length != 0).then_some((length, u16::from_be_bytes([crc, crc_low])));
        }
        Some(info)
    }
}
