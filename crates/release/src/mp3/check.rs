//! Reads a finished MP3 back before it is published: every frame from the tag to the end of the file.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::info;
use crate::encode::{MP3_HEAD, mp3_frame_length, read_mp3_frame};
use crate::{ReleaseError, Track};

/// Bytes of the head of an ID3 tag.
const TAG_HEAD: usize = 10;

/// Checks that the file holds every frame of the tracks and nothing else.
pub(crate) fn check(path: &Path, tracks: &[Track]) -> Result<(), ReleaseError> {
    let io = || ReleaseError::io("read", path);
    let broken = |reason: String| ReleaseError::Broken { path: path.to_owned(), reason };
    let mut file = BufReader::new(File::open(path).map_err(io())?);
    let mut head = [0; TAG_HEAD];
    file.read_exact(&mut head).map_err(io())?;
    if &head[..3] != b"ID3" {
        return Err(broken("it has no ID3 tag".to_owned()));
    }
    let tag = head[6..].iter().fold(0, |length, byte| length << 7 | u64::from(byte & 0x7F));
    file.seek(SeekFrom::Start(TAG_HEAD as u64 + tag)).map_err(io())?;
    let mut frame = Vec::new();
    let mut next = |frame: &mut Vec<u8>| read_mp3_frame(&mut file, frame).map_err(io());
    next(&mut frame)?;
    let is_info = frame.get(21..25) == Some(b"Info");
    let length = frame.first_chunk::<MP3_HEAD>().and_then(|head| mp3_frame_length(*head));
    if !is_info || length != Some(frame.len()) {
        return Err(broken("its first frame does not tell its length".to_owned()));
    }
    let told = u32::from_be_bytes([frame[29], frame[30], frame[31], frame[32]]);
    let mut frames = 0;
    while next(&mut frame)? {
        frames += 1;
    }
    let expected: u64 = tracks.iter().map(|track| track.samples).sum();
    let priming = tracks.first().map_or(0, |track| track.encoded.priming);
    let found = info::heard(frames, priming);
    if found != expected || u64::from(told) != frames {
        return Err(broken(format!("it plays {found} samples instead of {expected}")));
    }
    Ok(())
}
