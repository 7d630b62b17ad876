//! ADTS, the form in which ffmpeg hands over access units: each behind a header that says its length
//! (ISO/IEC 14496-3 section 1.A.2.2).

use std::io::{ErrorKind, Read};

/// Bytes of the header without its checksum.
const HEAD: usize = 7;

/// Reads the next access unit into `unit`; `false` at the end. What is not ADTS or is cut is an error.
pub(super) fn next(source: &mut impl Read, unit: &mut Vec<u8>) -> std::io::Result<bool> {
    let invalid = |text: &str| std::io::Error::new(ErrorKind::InvalidData, text.to_owned());
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
    if head[0] != 0xFF || head[1] & 0xF6 != 0xF0 {
        return Err(invalid("an access unit has no ADTS header"));
    }
    if head[6] & 0x03 != 0 {
        return Err(invalid("an ADTS frame holds several access units"));
    }
    let length = usize::from(head[3] & 0x03) << 11 | usize::from(head[4]) << 3 | usize::from(head[5] >> 5);
    let checksum = if head[1] & 0x01 == 0 { 2 } else { 0 };
    let body = length.checked_sub(HEAD + checksum).ok_or_else(|| invalid("an ADTS frame is too short"))?;
    let mut skipped = [0; 2];
    source.read_exact(&mut skipped[..checksum])?;
    unit.resize(body, 0);
    source.read_exact(unit)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &[u8]) -> Vec<u8> {
        let length = body.len() + HEAD;
        let mut frame = vec![
            0xFF,
            0xF1,
            0x58,
            0x40 | (length >> 11) as u8,
            (length >> 3) as u8,
            ((length & 7) << 5) as u8 | 0x1F,
            0xFC,
        ];
        frame.extend(body);
        frame
    }

    #[test]
    fn units_come_out_without_their_headers() {
        let stream = [frame(&[1, 2, 3]), frame(&[4; 300])].concat();
        let (mut source, mut unit) = (stream.as_slice(), Vec::new());
        assert!(next(&mut source, &mut unit).unwrap());
        assert_eq!(unit, [1, 2, 3]);
        assert!(next(&mut source, &mut unit).unwrap());
        assert_eq!(unit, [4; 300]);
        assert!(!next(&mut source, &mut unit).unwrap());
    }

    #[test]
    fn a_cut_or_foreign_stream_is_an_error() {
        let whole = frame(&[1, 2, 3]);
        for end in 1..whole.len() {
            assert!(next(&mut &whole[..end], &mut Vec::new()).is_err(), "cut at {end}");
        }
        assert!(next(&mut [0u8; 20].as_slice(), &mut Vec::new()).is_err());
    }
}
