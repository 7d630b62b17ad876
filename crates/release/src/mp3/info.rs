//! The first frame of an MP3, which holds no sound but what an encoder tells of the file: the Xing head as LAME extends
//! it. It is written here because LAME writes one for each of its own streams, and a file joins several.

use crc::{CRC_16_ARC, Crc};

use crate::encode::{MP3_FRAME, MP3_HEAD, head_like, mp3_frame_length};

/// The checksums of the frame.
pub(super) const CHECKSUM: Crc<u16> = Crc::<u16>::new(&CRC_16_ARC);

/// Bytes of the side information of one channel, which is zero here.
const SIDE: usize = 17;
/// Lowest bit rate at which a frame has room for everything.
const LOWEST_BITRATE: u32 = 64_000;
/// Frames, bytes, table of contents and quality are there.
const FIELDS: u32 = 0x0F;
/// The last version of LAME. Players look for the name before they believe the rest.
const ENCODER: &[u8; 9] = b"LAME3.100";
/// Revision 0 of the tag; a constant bit rate.
const METHOD: u8 = 1;
/// What a decoder adds to the encoder's delay by itself.
const DECODER_DELAY: u32 = 529;

/// What is told of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Info {
    /// Head of the first frame with sound.
    pub head: [u8; MP3_HEAD],
    /// Bits a second.
    pub bitrate: u32,
    /// Frames with sound.
    pub frames: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Their checksum.
    pub checksum: u16,
    /// Samples that a decoder gives before the first of the sound, its own delay among them.
    pub priming: u32,
}

/// Bytes of the frame for sound at this bit rate.
pub(super) fn length(head: [u8; MP3_HEAD], bitrate: u32) -> Option<usize> {
    mp3_frame_length(head_like(head, bitrate.max(LOWEST_BITRATE))?)
}

impl Info {
    /// The frame; none if its head is no head of a frame.
    pub(super) fn frame(&self) -> Option<Vec<u8>> {
        let head = head_like(self.head, self.bitrate.max(LOWEST_BITRATE))?;
        let length = mp3_frame_length(head)?;
        let bytes = u32::try_from(self.bytes + length as u64).unwrap_or(u32::MAX);
        let mut frame = Vec::with_capacity(length);
        frame.extend(head);
        frame.resize(MP3_HEAD + SIDE, 0);
        frame.extend(b"Info");
        frame.extend(FIELDS.to_be_bytes());
        frame.extend(self.frames.to_be_bytes());
        frame.extend(bytes.to_be_bytes());
        // Where each hundredth of the time lies, in 256ths of the bytes.
        frame.extend((0..100u32).map(|percent| (percent * 256 / 100) as u8));
        // No statement on quality.
        frame.extend(0u32.to_be_bytes());
        frame.extend(ENCODER);
        frame.push(METHOD);
        // Low-pass, peak and gains are not told, nor are the encoder's flags.
        frame.extend([0; 1 + 4 + 2 + 2 + 1]);
        frame.push((self.bitrate / 1_000).min(255) as u8);
        // Delay and padding, 12 bits each. The sound ends with the last frame, so that the padding is the decoder's delay.
        let (delay, padding) = (self.priming - DECODER_DELAY, DECODER_DELAY);
        frame.extend(&(delay << 12 | padding).to_be_bytes()[1..]);
        // Nothing on the source, the gain that was applied, or the preset.
        frame.extend([0; 1 + 1 + 2]);
        frame.extend(bytes.to_be_bytes());
        frame.extend(self.checksum.to_be_bytes());
        let checksum = CHECKSUM.checksum(&frame);
        frame.extend(checksum.to_be_bytes());
        frame.resize(length, 0);
        Some(frame)
    }
}

/// Samples of so many frames that a listener hears.
pub(super) fn heard(frames: u64, priming: u32) -> u64 {
    (frames * u64::from(MP3_FRAME)).saturating_sub(u64::from(priming))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_fits_at_every_bit_rate_and_tells_delay_and_padding() {
        for bitrate in [32_000, 64_000, 192_000, 320_000] {
            let head = head_like([0xFF, 0xFB, 0x50, 0xC4], bitrate).unwrap();
            let info = Info { head, bitrate, frames: 10, bytes: 2_080, checksum: 7, priming: 1_152 };
            let frame = info.frame().unwrap();
            assert_eq!(Some(frame.len()), length(head, bitrate));
            assert_eq!(&frame[21..25], b"Info");
            assert_eq!(&frame[141..150], ENCODER);
            let three = &frame[162..165];
            let both = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            assert_eq!((both >> 12, both & 0xFFF), (623, 529));
        }
    }
}
