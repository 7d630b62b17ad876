//! Vorbis comments and pictures, which FLAC and Ogg Opus share.
//!
//! They are written here: the crates for them keep comments in a hash map, and the same release would have other bytes
//! each time.

use crate::CoverArt;
use crate::formats::{Label, Number};
use crate::tags::MADE_WITH;

/// Picture type "cover (front)".
const FRONT_COVER: u32 = 3;

/// The comments of a file, with further ones after them.
pub(crate) fn comments(label: &Label<'_>, further: &[(String, String)]) -> Vec<u8> {
    let tags = label.tags;
    let mut comments =
        vec![("TITLE", label.title().into_owned()), ("ALBUM", tags.title.clone()), ("GENRE", tags.genre())];
    if let Some(Number { number, of }) = label.number() {
        comments.extend([("TRACKNUMBER", number.to_string()), ("TRACKTOTAL", of.to_string())]);
    }
    let optional = [
        ("ARTIST", tags.author()),
        ("ALBUMARTIST", tags.author()),
        ("COMPOSER", tags.narrator()),
        ("DATE", tags.year.map(|year| year.to_string())),
        ("DESCRIPTION", tags.description.clone()),
        ("COPYRIGHT", tags.copyright.clone()),
    ];
    comments.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    comments.extend(tags.further());
    comments.retain(|(_, value)| !value.is_empty());

    let mut block = Vec::new();
    // Vorbis comments count in little endian, alone in FLAC (RFC 9639 section 8.6).
    let text = |block: &mut Vec<u8>, text: &str| {
        block.extend((text.len() as u32).to_le_bytes());
        block.extend(text.as_bytes());
    };
    text(&mut block, MADE_WITH);
    block.extend(((comments.len() + further.len()) as u32).to_le_bytes());
    for (name, value) in &comments {
        text(&mut block, &format!("{name}={value}"));
    }
    for (name, value) in further {
        text(&mut block, &format!("{name}={value}"));
    }
    block
}

/// A front cover as a picture block of FLAC (RFC 9639 section 8.8), which Ogg carries as a comment.
pub(crate) fn picture(cover: &CoverArt) -> Vec<u8> {
    let media_type = cover.kind.media_type();
    let mut block = Vec::with_capacity(cover.bytes.len() + 64);
    block.extend(FRONT_COVER.to_be_bytes());
    block.extend((media_type.len() as u32).to_be_bytes());
    block.extend(media_type.as_bytes());
    // No description; width, height, depth and colours are for the reader to find in the picture.
    block.extend([0; 5 * 4]);
    block.extend((cover.bytes.len() as u32).to_be_bytes());
    block.extend(&cover.bytes);
    block
}
