//! The heads of MP3 frames (ISO/IEC 11172-3 section 2.4.1.3), as far as one encoder here writes them: MPEG 1, layer III,
//! 44,100 Hz, no checksum.

use std::io::{ErrorKind, Read, Result};

/// Samples in a frame.
pub(crate) const FRAME: u32 = 1_152;
/// The only rate.
pub(crate) const RATE: u32 = 44_100;
/// Bytes of a frame's head.
pub(crate) const HEAD: usize = 4;

/// Bits a second by the index in a frame's head.
const BITRATES: [u32; 14] = [
    32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000,
    256_000, 320_000,
];

/// The bit rates there are.
pub(crate) fn bitrates() -> impl Iterator<Item = u32> {
    BITRATES.into_iter()
}

/// The head of a frame like this one's, with another bit rate and no padding; none for a rate there is not.
pub(crate) fn head_like(head: [u8; HEAD], bitrate: u32) -> Option<[u8; HEAD]> {
    let index = BITRATES.iter().position(|&known| known == bitrate)? as u8 + 1;
    Some([head[0], head[1], index << 4, head[3]])
}

/// Bytes of a frame by its head; none for what is no such frame.
pub(crate) fn length(head: [u8; HEAD]) -> Option<usize> {
    let [0xFF, 0xFB, third, _] = head else { return None };
    if third & 0x0C != 0 {
        return None;
    }
    let bitrate = *BITRATES.get(usize::from(third >> 4).checked_sub(1)?)?;
    let padding = u32::from(third >> 1 & 1);
    Some((FRAME / 8 * bitrate / RATE + padding) as usize)
}

/// Reads the next frame into `frame`; `false` at the end. What is no frame or is cut is an error.
pub(crate) fn next(source: &mut impl Read, frame: &mut Vec<u8>) -> Result<bool> {
    let mut head = [0; HEAD];
    let first = loop {
        match source.read(&mut head) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first == 0 {
        return Ok(false);
    }
    source.read_exact(&mut head[first..])?;
    let length = length(head).ok_or_else(|| {
        std::io::Error::new(ErrorKind::InvalidData, format!("{head:02x?} is no head of a frame"))
    })?;
    frame.clear();
    frame.extend(head);
    frame.resize(length, 0);
    source.read_exact(&mut frame[HEAD..])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_one_after_the_other() {
        // 64 kbit/s, without and with padding.
        let (plain, padded) = ([0xFF, 0xFB, 0x50, 0xC4], [0xFF, 0xFB, 0x52, 0xC4]);
        assert_eq!((length(plain), length(padded)), (Some(208), Some(209)));
        let mut stream = plain.to_vec();
        stream.resize(208, 1);
        stream.extend(padded);
        stream.resize(208 + 209, 2);
        let (mut source, mut frame) = (stream.as_slice(), Vec::new());
        assert!(next(&mut source, &mut frame).unwrap());
        assert_eq!((frame.len(), frame[207]), (208, 1));
        assert!(next(&mut source, &mut frame).unwrap());
        assert_eq!((frame.len(), frame[208]), (209, 2));
        assert!(!next(&mut source, &mut frame).unwrap());
    }

    #[test]
    fn what_is_cut_or_no_frame_is_an_error() {
        let mut frame = Vec::new();
        assert!(next(&mut [0xFF, 0xFB, 0x50, 0xC4, 0].as_slice(), &mut frame).is_err());
        assert!(next(&mut b"ID3\x03 and so on".as_slice(), &mut frame).is_err());
        // 48 kHz.
        assert_eq!(length([0xFF, 0xFB, 0x54, 0xC4]), None);
    }

    #[test]
    fn a_head_is_changed_to_another_bit_rate() {
        assert_eq!(head_like([0xFF, 0xFB, 0x52, 0xC4], 192_000), Some([0xFF, 0xFB, 0xB0, 0xC4]));
        assert_eq!(head_like([0xFF, 0xFB, 0x52, 0xC4], 100_000), None);
    }
}
