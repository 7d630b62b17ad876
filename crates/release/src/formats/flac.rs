//! FLAC: a folder with one file a chapter, tags as Vorbis comments, the cover in each file.
//!
//! The metadata blocks are written here (RFC 9639 section 8): the crates for them keep comments in a hash map,
//! and the same release would have other bytes each time.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::chapter_files::{check_length, names, write_beside};
use super::{Definition, Files, Release};
use crate::encode::FRAMES_AT;
use crate::tags::MADE_WITH;
use crate::{Codec, CoverArt, ReleaseError, Track};

const NAME: &str = "flac";

pub(super) const DEFINITION: Definition =
    Definition { name: NAME, codec: |_| Codec::Flac, files: Files::OneForEachChapter { write } };

const STREAMINFO: u8 = 0;
const VORBIS_COMMENT: u8 = 4;
const PICTURE: u8 = 6;
/// Marks the last metadata block.
const LAST: u8 = 0x80;
/// Bytes that a metadata block can hold: its length has 24 bits.
const BLOCK_LIMIT: usize = (1 << 24) - 1;
/// Picture type "cover (front)".
const FRONT_COVER: u32 = 3;

fn write(release: &Release<'_>, folder: &Path) -> Result<(), ReleaseError> {
    let names = names(release, NAME);
    for (number, (track, name)) in release.tracks.iter().zip(&names).enumerate() {
        write_chapter(release, number, track, &folder.join(name))?;
    }
    write_beside(release, &names, folder)
}

fn write_chapter(
    release: &Release<'_>,
    number: usize,
    track: &Track,
    path: &Path,
) -> Result<(), ReleaseError> {
    let source = &track.encoded.path;
    let mut frames = File::open(source).map_err(ReleaseError::io("read", source))?;
    let mut head = [0; FRAMES_AT as usize];
    frames.read_exact(&mut head).map_err(ReleaseError::io("read", source))?;
    let info = &head[8..];
    let found = samples(info);
    if &head[..4] != b"fLaC" || found != track.samples {
        return Err(ReleaseError::Length { chapter: track.title.clone(), expected: track.samples, found });
    }

    let comments = comments(release, number, track);
    // A larger cover stands in the folder alone.
    let picture = release.cover.map(picture).filter(|block| block.len() <= BLOCK_LIMIT);
    let mut blocks = b"fLaC".to_vec();
    block(&mut blocks, STREAMINFO, info);
    match &picture {
        Some(picture) => {
            block(&mut blocks, VORBIS_COMMENT, &comments);
            block(&mut blocks, LAST | PICTURE, picture);
        }
        None => block(&mut blocks, LAST | VORBIS_COMMENT, &comments),
    }

    let io = || ReleaseError::io("write", path);
    frames.seek(SeekFrom::Start(FRAMES_AT)).map_err(ReleaseError::io("read", source))?;
    let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
    file.write_all(&blocks).map_err(io())?;
    let copied = std::io::copy(&mut frames, &mut file).map_err(io())?;
    file.flush().map_err(io())?;
    check_length(path, blocks.len() as u64 + copied)
}

/// Total samples in a STREAMINFO block: its bits 108 to 144 (RFC 9639 section 8.2).
fn samples(info: &[u8]) -> u64 {
    info[13..18].iter().fold(0, |number, &byte| number << 8 | u64::from(byte)) & ((1 << 36) - 1)
}

fn block(blocks: &mut Vec<u8>, kind: u8, content: &[u8]) {
    debug_assert!(content.len() <= BLOCK_LIMIT);
    blocks.push(kind);
    blocks.extend(&(content.len() as u32).to_be_bytes()[1..]);
    blocks.extend(content);
}

fn comments(release: &Release<'_>, number: usize, track: &Track) -> Vec<u8> {
    let tags = release.tags;
    let mut comments = vec![
        ("TITLE", track.title.clone()),
        ("ALBUM", tags.title.clone()),
        ("TRACKNUMBER", (number + 1).to_string()),
        ("TRACKTOTAL", release.tracks.len().to_string()),
        ("GENRE", tags.genre()),
    ];
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
    block.extend((comments.len() as u32).to_le_bytes());
    for (name, value) in comments {
        text(&mut block, &format!("{name}={value}"));
    }
    block
}

fn picture(cover: &CoverArt) -> Vec<u8> {
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
