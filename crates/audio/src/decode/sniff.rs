//! What bytes are, by their beginning.

use super::mp3_frame::{Header, after_id3};
use super::{Format, Looks, Undecodable};

/// Bytes of a beginning that are looked at to tell text from sound.
const START: usize = 512;

/// Characters of a beginning that are shown to people.
const SHOWN: usize = 120;

/// The format of the bytes; `raw` if they may be raw samples.
pub(super) fn sniff(bytes: &[u8], raw: bool) -> Result<Format, Undecodable> {
    let unsupported = |what: &str| Err(Undecodable::Unsupported(what.to_owned()));
    match bytes {
        [] => return Err(Undecodable::Empty),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => return Ok(Format::Wav),
        [b'R', b'I', b'F', b'X', ..] => return unsupported("big-endian WAV"),
        [b'R', b'F', b'6', b'4', ..] => return unsupported("64-bit WAV"),
        [b'F', b'O', b'R', b'M', ..] => return unsupported("AIFF"),
        [b'f', b'L', b'a', b'C', ..] => return Ok(Format::Flac),
        [b'O', b'g', b'g', b'S', ..] => {
            let begins = &bytes[..bytes.len().min(START)];
            let opus = begins.windows(8).any(|window| window == b"OpusHead");
            return if opus { Ok(Format::Opus) } else { unsupported("Ogg without Opus in it") };
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => return unsupported("MP4"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => return unsupported("WebM or Matroska"),
        _ => {}
    }
    if let Some(looks) = text(bytes) {
        return Err(Undecodable::NotSound { looks, start: shown(bytes) });
    }
    // Any samples can look like the first frame of an MP3, so the second is looked for too.
    let frames = after_id3(bytes);
    if let Some(header) = Header::parse(frames)
        && frames.get(header.length..).is_none_or(|rest| rest.len() < 4 || Header::parse(rest).is_some())
    {
        return Ok(Format::Mp3);
    }
    match bytes {
        _ if raw => Ok(Format::Pcm),
        [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => unsupported("AAC"),
        _ => Err(Undecodable::NotSound { looks: Looks::Junk, start: shown(bytes) }),
    }
}

/// What kind of text the bytes are, if they are one.
fn text(bytes: &[u8]) -> Option<Looks> {
    let start = &bytes[..bytes.len().min(START)];
    let start = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The last character may be cut by looking at the beginning only.
        Err(error) if start.len() - error.valid_up_to() < 4 && error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).expect("it is valid up to there")
        }
        Err(_) => return None,
    };
    if start.is_empty() || start.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    match start.trim_start_matches('\u{feff}').trim_start().chars().next() {
        Some('<') => Some(Looks::Html),
        Some('{' | '[') => Some(Looks::Json),
        _ => Some(Looks::Text),
    }
}

/// The beginning of the bytes in one line.
fn shown(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(START)];
    if text(bytes).is_none() {
        let hex: Vec<_> = start.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return format!("{} bytes, {} …", bytes.len(), hex.join(" "));
    }
    let text = String::from_utf8_lossy(start);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(bytes: &[u8]) -> Looks {
        match sniff(bytes, true) {
            Err(Undecodable::NotSound { looks, .. }) => looks,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_with_status_200_is_named_for_what_it_is() {
        assert_eq!(looks(b"\n<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"), Looks::Html);
        assert_eq!(looks(b"{\"error\":{\"message\":\"no memory\"}}"), Looks::Json);
        assert_eq!(looks("Überlastet, bitte warten".as_bytes()), Looks::Text);
        assert_eq!(sniff(b"", true), Err(Undecodable::Empty));
    }

    #[test]
    fn the_beginning_of_an_error_is_shown_in_one_short_line() {
        let page = format!("<html>\n  <body>{}</body>", "ä".repeat(2_000));
        let Err(Undecodable::NotSound { start, .. }) = sniff(page.as_bytes(), false) else { panic!() };
        assert!(start.starts_with("<html> <body>ää") && start.ends_with('…') && !start.contains('\n'));
        assert!(start.chars().count() < 130, "{start}");
    }

    #[test]
    fn formats_that_are_not_read_are_named() {
        let cases: [(&[u8], &str); 4] = [
            (b"\0\0\0\x20ftypM4A ", "MP4"),
            (b"\x1a\x45\xdf\xa3\x01", "WebM"),
            (b"\xff\xf1\x50\x80\x02\x1f\xfc", "AAC"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\x01vorbis", "Ogg"),
        ];
        for (bytes, name) in cases {
            let error = sniff(bytes, false).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn junk_is_raw_sound_only_where_raw_sound_was_asked_for() {
        let junk: Vec<u8> = (0_u32..4_000).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(matches!(sniff(&junk, false), Err(Undecodable::NotSound { looks: Looks::Junk, .. })));
        assert_eq!(sniff(&junk, true), Ok(Format::Pcm));
    }
}
