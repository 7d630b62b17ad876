//! What stands before the sound. The room that it takes is known before the times of the chapters are.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ogg::writing::{PacketWriteEndInfo, PacketWriter};

use super::{CLOCK, SERIAL};
use crate::formats::Label;
use crate::vorbis;

/// A chapter: its title and where it begins, in samples of the file's clock.
pub(super) type Mark<'a> = (&'a str, u64);

/// Writes both heads, each in pages of its own. `end` is where the last chapter ends or may end.
pub(super) fn write<W: Write>(
    pages: &mut PacketWriter<'static, W>,
    label: &Label<'_>,
    marks: &[Mark<'_>],
    end: u64,
    (skip, rate): (u16, u32),
) -> io::Result<()> {
    pages.write_packet(identification(skip, rate), SERIAL, PacketWriteEndInfo::EndPage, 0)?;
    pages.write_packet(comments(label, marks, end), SERIAL, PacketWriteEndInfo::EndPage, 0)
}

/// The identification header (RFC 7845 section 5.1): one channel, no gain.
fn identification(skip: u16, rate: u32) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(skip.to_le_bytes());
    head.extend(rate.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// The comment header (RFC 7845 section 5.2), with chapters as players read them: `CHAPTER001=00:00:00.000` and
/// `CHAPTER001NAME=Loomings`.
fn comments(label: &Label<'_>, marks: &[Mark<'_>], end: u64) -> Vec<u8> {
    let hours = (end / CLOCK / 3_600).to_string().len().max(2);
    let chapter = |(number, (title, start)): (usize, &Mark<'_>)| {
        let ms = (start * 1_000 + CLOCK / 2) / CLOCK;
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
        let name = format!("CHAPTER{number:03}");
        [(name.clone(), format!("{h:0hours$}:{m:02}:{s:02}.{ms:03}")), (name + "NAME", (*title).to_owned())]
    };
    let mut further: Vec<(String, String)> = (1..).zip(marks).flat_map(chapter).collect();
    if let Some(cover) = label.cover {
        let picture = STANDARD.encode(vorbis::picture(cover));
        further.push(("METADATA_BLOCK_PICTURE".to_owned(), picture));
    }
    let mut head = b"OpusTags".to_vec();
    head.extend(vorbis::comments(label, &further));
    head
}
