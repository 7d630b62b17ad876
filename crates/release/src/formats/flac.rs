//! FLAC: one file a chapter, tags as Vorbis comments, the cover in each file.
//!
//! The metadata blocks are written here (RFC 9639 section 8), for the reason that `vorbis` gives.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::{Definition, Files, Label, check_length};
use crate::encode::FRAMES_AT;
use crate::{Codec, ReleaseError, Track, vorbis};

pub(super) const DEFINITION: Definition = Definition {
    name: "flac",
    chapter_extension: "flac",
    media_type: "audio/flac",
    codec: |_| Codec::Flac,
    files: Files::OfOneChapter { write },
};

const STREAMINFO: u8 = 0;
const VORBIS_COMMENT: u8 = 4;
const PICTURE: u8 = 6;
/// Marks the last metadata block.
const LAST: u8 = 0x80;
/// Bytes that a metadata block can hold: its length has 24 bits.
const BLOCK_LIMIT: usize = (1 << 24) - 1;

fn write(track: &Track, label: &Label<'_>, path: &Path) -> Result<(), ReleaseError> {
    let source = &track.encoded.path;
    let mut frames = File::open(source).map_err(ReleaseError::io("read", source))?;
    let mut head = [0; FRAMES_AT as usize];
    frames.read_exact(&mut head).map_err(ReleaseError::io("read", source))?;
    let info = &head[8..];
    let found = samples(info);
    if &head[..4] != b"fLaC" || found != track.samples {
        return Err(ReleaseError::Length { chapter: track.title.clone(), expected: track.samples, found });
    }

    let comments = vorbis::comments(label, &[]);
    let picture = label.cover.map(vorbis::picture).filter(|block| block.len() <= BLOCK_LIMIT);
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
