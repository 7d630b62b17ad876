//! Bytes to text for the formats that do not say their encoding. A byte order mark decides, then UTF-8
//! validity, then the shape of UTF-16, then statistics; a file that is no text at all is refused.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::{Format, ReadError};

/// Bytes that the statistics of the encoding detector look at; more would not change its mind.
const SAMPLE: usize = 4 << 20;

/// Text and what had to be worked around to get it.
#[derive(Debug)]
pub(in crate::formats) struct Decoded<'a> {
    pub(in crate::formats) text: Cow<'a, str>,
    pub(in crate::formats) remarks: Vec<String>,
}

/// Decodes a text file. A byte order mark is a signature, not text, and is left out.
///
/// # Errors
/// [`ReadError::Malformed`] with the byte offset if the bytes are not text.
pub(in crate::formats) fn decode(bytes: &[u8], format: Format) -> Result<Decoded<'_>, ReadError> {
    let (encoding, body) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), &bytes[length..]),
        None => (utf16_by_shape(bytes), bytes),
    };
    let offset = bytes.len() - body.len();
    let is_utf16 = encoding.is_some_and(|e| e == UTF_16LE || e == UTF_16BE);
    if !is_utf16 {
        refuse_binary(body, offset, format)?;
    }
    if encoding.is_none_or(|e| e == UTF_8) {
        match std::str::from_utf8(body) {
            Ok(text) => return Ok(Decoded { text: Cow::Borrowed(text), remarks: Vec::new() }),
            Err(_) if encoding.is_some() || is_damaged_utf8(body) => return Ok(mend_utf8(body, offset)),
            Err(_) => {}
        }
    }
    let encoding = encoding.unwrap_or_else(|| guess(body));
    let (text, damaged) = encoding.decode_without_bom_handling(body);
    if is_utf16 && let Some(at) = text.find('\0') {
        return Err(not_text(format!("character {}", text[..at].chars().count()), format));
    }
    let mut remarks = vec![format!("the file says no encoding; it was read as {}", encoding.name())];
    if is_utf16 {
        remarks.clear();
    }
    if damaged {
        remarks.push(format!("some bytes are no {} and were replaced by U+FFFD", encoding.name()));
    }
    Ok(Decoded { text, remarks })
}

/// The encoding that the letters and their neighbours suggest.
fn guess(body: &[u8]) -> &'static Encoding {
    // Long files often begin with pure ASCII, which tells nothing: the sample starts where that ends.
    let start = body.iter().position(|b| !b.is_ascii()).unwrap_or(0).saturating_sub(64);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&body[start..body.len().min(start + SAMPLE)], true);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-16 without a mark: in Latin-script text every other byte is zero, always the same ones.
fn utf16_by_shape(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    let (high, low, encoding) = if even > odd { (even, odd, UTF_16BE) } else { (odd, even, UTF_16LE) };
    (pairs >= 4 && high * 10 >= pairs * 4 && low * 100 <= pairs).then_some(encoding)
}

/// Refuses what no single-byte encoding of text contains: zero bytes, or control bytes in number.
fn refuse_binary(body: &[u8], offset: usize, format: Format) -> Result<(), ReadError> {
    if let Some(at) = body.iter().position(|b| *b == 0) {
        return Err(not_text(format!("byte {}", offset + at), format));
    }
    let sample = &body[..body.len().min(1 << 16)];
    let is_control = |b: &u8| *b < 0x20 && !matches!(*b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a | 0x1b);
    let controls = sample.iter().filter(|b| is_control(b)).count();
    match sample.iter().position(is_control) {
        Some(at) if controls * 50 > sample.len() => Err(not_text(format!("byte {}", offset + at), format)),
        _ => Ok(()),
    }
}

fn not_text(place: String, format: Format) -> ReadError {
    let reason = "there are bytes that no text holds; this is a binary file".into();
    ReadError::Malformed { format, place, reason }
}

/// Whether the bytes are UTF-8 but for a few faults: guessing another encoding would spoil every letter.
fn is_damaged_utf8(body: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in body.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad * 10 <= good
}

fn mend_utf8(body: &[u8], offset: usize) -> Decoded<'_> {
    let mut text = String::with_capacity(body.len());
    let (mut faults, mut first) = (0usize, None);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            faults += 1;
            first = first.or(Some(text.len() + offset));
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    let first = first.unwrap_or_default();
    let remark = format!("{faults} faults in the UTF-8, the first at byte {first}, were replaced by U+FFFD");
    Decoded { text: Cow::Owned(text), remarks: vec![remark] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> String {
        decode(bytes, Format::Text).unwrap().text.into_owned()
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_no_text() {
        assert_eq!(text_of(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(text_of(b"\xff\xfec\0a\0f\0\xe9\0"), "café");
        assert_eq!(text_of(b"\xfe\xff\0c\0a\0f\0\xe9"), "café");
    }

    #[test]
    fn utf16_without_a_mark_is_told_by_its_zero_bytes() {
        let little: Vec<u8> = "A quiet harbour.".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "A quiet harbour.".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text_of(&little), "A quiet harbour.");
        assert_eq!(text_of(&big), "A quiet harbour.");
    }

    #[test]
    fn windows_1252_is_told_by_its_letters_even_after_a_long_ascii_start() {
        let mut bytes = "A plain line of letters.\n".repeat(1000).into_bytes();
        bytes.extend(b"She said \x93na\xefve\x94, and the caf\xe9 laughed \x96 twice.");
        let decoded = decode(&bytes, Format::Text).unwrap();
        assert!(decoded.text.ends_with("She said “naïve”, and the café laughed – twice."));
        assert!(decoded.remarks[0].contains("windows-1252"), "{:?}", decoded.remarks);
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf8_into_another_encoding() {
        let mut bytes = "“Ça va,” dit-il. “Très bien, très bien,” répéta-t-elle. ".repeat(3).into_bytes();
        bytes.extend(b"broken \xff here");
        let decoded = decode(&bytes, Format::Text).unwrap();
        assert!(decoded.text.starts_with("“Ça va,”"));
        assert!(decoded.text.ends_with("broken \u{fffd} here"));
        assert!(decoded.remarks[0].contains("1 faults"), "{:?}", decoded.remarks);
    }

    #[test]
    fn a_binary_file_is_refused_with_the_byte_where_it_shows() {
        let error = decode(b"text then\0zero", Format::Text).unwrap_err().to_string();
        assert!(error.contains("byte 9"), "{error}");
        let error = decode(b"\x01\x02\x03\x04abc", Format::Text).unwrap_err().to_string();
        assert!(error.contains("byte 0"), "{error}");
    }
}
