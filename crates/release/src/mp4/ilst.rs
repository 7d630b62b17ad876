//! Tags and cover as iTunes items, and freeform items for what iTunes has no name for.

use mp4_atom::BufMut;

use crate::CoverKind;
use crate::formats::{Label, Number, Piece};
use crate::tags::{MADE_WITH, cut};

/// Well-known types of a `data` atom (QuickTime File Format, "Well-known types").
#[derive(Clone, Copy)]
enum Type {
    /// The item's name says it.
    Implicit = 0,
    Utf8 = 1,
    Jpeg = 13,
    Png = 14,
    Integer = 21,
}

/// `stik`: what a player files the release under. 2 is audiobook.
const AUDIOBOOK: u8 = 2;

/// Bytes that players show of the short description.
const SHORT_DESCRIPTION: usize = 255;

/// Writes the `meta` box.
pub(super) fn encode(buffer: &mut Vec<u8>, label: &Label<'_>) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"meta", |buffer| {
        buffer.extend(0u32.to_be_bytes());
        buffer.encode_atom(b"hdlr", |buffer| {
            buffer.extend([0; 8]);
            buffer.extend(b"mdirappl");
            buffer.extend([0; 9]);
            Ok(())
        })?;
        buffer.encode_atom(b"ilst", |buffer| items(buffer, label))
    })
}

fn items(buffer: &mut Vec<u8>, label: &Label<'_>) -> mp4_atom::Result<()> {
    let tags = label.tags;
    let title = label.title();
    let sorted = tags.in_series();
    let author = tags.author();
    let narrator = tags.narrator();
    let genre = tags.genre();
    let year = tags.year.map(|year| year.to_string());
    let short = tags.description.as_deref().map(|text| cut(text, SHORT_DESCRIPTION));
    let texts: [(&[u8; 4], Option<&str>); 15] = [
        (b"\xa9nam", Some(&title)),
        (b"\xa9alb", Some(&tags.title)),
        (b"\xa9ART", author.as_deref()),
        (b"aART", author.as_deref()),
        (b"\xa9wrt", narrator.as_deref()),
        (b"\xa9gen", Some(&genre)),
        (b"\xa9day", year.as_deref()),
        (b"desc", short),
        (b"ldes", tags.description.as_deref()),
        (b"cprt", tags.copyright.as_deref()),
        (b"\xa9pub", tags.publisher.as_deref()),
        (b"\xa9nrt", narrator.as_deref()),
        (b"\xa9mvn", tags.series.as_deref()),
        // Plex has no series: it puts the books of an author in the order of this.
        (b"soal", sorted.as_deref()),
        (b"\xa9too", Some(MADE_WITH)),
    ];
    for (kind, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            item(buffer, kind, Type::Utf8, text.as_bytes())?;
        }
    }
    if tags.series.is_some() {
        if let Some(part) = tags.series_part.as_deref().and_then(|part| part.trim().parse::<u16>().ok()) {
            item(buffer, b"\xa9mvi", Type::Integer, &part.to_be_bytes())?;
        }
        item(buffer, b"shwm", Type::Integer, &[1])?;
    }
    if let Some(Number { number, of }) = label.number() {
        item(buffer, b"trkn", Type::Implicit, &place(number, of))?;
        if let Piece::Part(_) = label.piece {
            item(buffer, b"disk", Type::Implicit, &place(number, of)[..6])?;
        }
    }
    item(buffer, b"stik", Type::Integer, &[AUDIOBOOK])?;
    // Gapless: chapters of a book split into files would follow each other without a pause.
    item(buffer, b"pgap", Type::Integer, &[1])?;
    for (name, value) in tags.further() {
        freeform(buffer, name, &value)?;
    }
    if let Some(cover) = label.cover {
        let kind = match cover.kind {
            CoverKind::Jpeg => Type::Jpeg,
            CoverKind::Png => Type::Png,
        };
        item(buffer, b"covr", kind, &cover.bytes)?;
    }
    Ok(())
}

/// A file's number and how many there are, as `trkn` holds them; `disk` is two bytes shorter.
fn place(number: usize, of: usize) -> [u8; 8] {
    let [number, of] = [number, of].map(|n| u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes());
    [0, 0, number[0], number[1], of[0], of[1], 0, 0]
}

fn item(buffer: &mut Vec<u8>, kind: &[u8; 4], of_type: Type, value: &[u8]) -> mp4_atom::Result<()> {
    buffer.encode_atom(kind, |buffer| data(buffer, of_type, value))
}

fn data(buffer: &mut Vec<u8>, of_type: Type, value: &[u8]) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"data", |buffer| {
        buffer.extend((of_type as u32).to_be_bytes());
        // Locale: any.
        buffer.extend(0u32.to_be_bytes());
        buffer.extend(value);
        Ok(())
    })
}

fn freeform(buffer: &mut Vec<u8>, name: &str, value: &str) -> mp4_atom::Result<()> {
    let full = |buffer: &mut Vec<u8>, kind: &[u8; 4], text: &str| {
        buffer.encode_atom(kind, |buffer| {
            buffer.extend(0u32.to_be_bytes());
            buffer.extend(text.as_bytes());
            Ok(())
        })
    };
    buffer.encode_atom(b"----", |buffer| {
        full(buffer, b"mean", "com.apple.iTunes")?;
        full(buffer, b"name", name)?;
        data(buffer, Type::Utf8, value.as_bytes())
    })
}
