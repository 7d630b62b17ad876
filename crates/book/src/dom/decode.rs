//! Bytes of markup to text: byte order mark, XML declaration, `<meta charset>`, then what the bytes suggest.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes at the head of a document in which it may declare its encoding; the HTML standard says 1024.
const HEAD: usize = 1024;

/// Decodes a markup document. The second value says what was worked around.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, &bytes[mark..]);
    }
    match bytes {
        [0, b'<', 0, ..] => return decode_as(UTF_16BE, bytes),
        [b'<', 0, _, 0, ..] => return decode_as(UTF_16LE, bytes),
        _ => {}
    }
    let declared = declared(&bytes[..bytes.len().min(HEAD)]);
    if let Ok(text) = std::str::from_utf8(bytes)
        && declared.is_none_or(|e| e == UTF_8 || text.is_ascii() && e.is_ascii_compatible())
    {
        return (Cow::Borrowed(text), None);
    }
    if let Some(encoding) = declared {
        return decode_as(encoding, bytes);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Allow);
    let (text, damage) = decode_as(encoding, bytes);
    let guess = format!("no encoding is declared and it is no UTF-8; read as {}", encoding.name());
    (text, Some(damage.map_or_else(|| guess.clone(), |damage| format!("{guess}; {damage}"))))
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> (Cow<'a, str>, Option<String>) {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    let remark = damaged.then(|| format!("bytes that are no {} were replaced by U+FFFD", encoding.name()));
    (text, remark)
}

/// The encoding that an XML declaration or a `meta` element names. Declared UTF-16 in a file whose bytes are
/// not is UTF-8, as the HTML standard says.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let in_xml = head.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(xml, _)| xml);
    let label = in_xml.and_then(|xml| value_after(xml, "encoding")).or_else(|| {
        head.split("<meta").skip(1).find_map(|meta| value_after(meta.split('>').next()?, "charset"))
    })?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The value in `name = "value"`, quoted or not.
fn value_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.:".contains(c))).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_encoding_is_used() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><p>caf\xe9</p>";
        assert!(decode(latin).0.contains("café"));
        let meta = b"<html><head><meta http-equiv=Content-Type content='text/html; charset=windows-1251'></head>\xcf";
        assert!(decode(meta).0.ends_with('П'));
        assert_eq!(decode(meta).1, None);
    }

    #[test]
    fn utf_16_is_told_by_its_mark_or_its_shape() {
        for mark in ["\u{feff}", ""] {
            let text = format!("{mark}<p>Café</p>");
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decode(&little).0, "<p>Café</p>");
            assert_eq!(decode(&big).0, "<p>Café</p>");
        }
    }

    #[test]
    fn utf_8_needs_no_declaration_and_damage_is_remarked() {
        assert_eq!(decode("<p>é</p>".as_bytes()), (Cow::Borrowed("<p>é</p>"), None));
        let (text, remark) = decode(b"<?xml version='1.0' encoding='utf-8'?><p>\xff</p>");
        assert!(text.contains('\u{fffd}'));
        assert!(remark.unwrap().contains("U+FFFD"));
        let (text, remark) = decode(b"<p>na\xefve d\xe9j\xe0 vu</p>");
        assert!(text.contains("naïve") && remark.unwrap().contains("windows-1252"));
    }
}
