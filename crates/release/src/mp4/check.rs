//! Reads a finished M4B back before it is published: what was promised must stand in the file, to the sample
//! and to the byte. It trusts nothing that the writer kept in memory.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

use mp4_atom::{FourCC, Header, Moov, ReadAtom, ReadFrom, StszSamples, Trak};

use crate::ReleaseError;

const SOUND: FourCC = FourCC::new(b"soun");
const TEXT: FourCC = FourCC::new(b"text");

/// Checks that the file holds `samples` audible samples in `chapters` chapters, all of them in its `mdat`.
pub(crate) fn check(path: &Path, samples: u64, chapters: usize) -> Result<(), ReleaseError> {
    let broken = |reason: String| ReleaseError::Broken { path: path.to_owned(), reason };
    let (moov, mdat) = boxes(path)?;
    let track = |handler: FourCC| {
        moov.trak
            .iter()
            .find(|track| track.mdia.hdlr.handler == handler)
            .ok_or_else(|| broken(format!("it has no {handler} track")))
    };
    let sound = track(SOUND)?;
    let edit = sound.edts.as_ref().and_then(|edts| edts.elst.as_ref()).map(|elst| elst.entries.as_slice());
    let Some([edit]) = edit else {
        return Err(broken("its sound has not one edit".to_owned()));
    };
    let decoded = duration(sound);
    let heard = decoded - edit.media_time.unwrap_or(0).min(decoded);
    if edit.segment_duration != samples || heard != samples || moov.mvhd.duration != samples {
        return Err(broken(format!("it plays {heard} samples instead of {samples}")));
    }
    let text = track(TEXT)?;
    if duration(text) != samples {
        return Err(broken(format!("its chapters last {} samples instead of {samples}", duration(text))));
    }
    let (text_count, text_end) = place(text, mdat.start).map_err(broken)?;
    if text_count != chapters as u64 {
        return Err(broken(format!("it has {text_count} chapters instead of {chapters}")));
    }
    let (_, sound_end) = place(sound, text_end).map_err(broken)?;
    if sound_end != mdat.end {
        return Err(broken(format!("its sound ends at byte {sound_end} instead of {}", mdat.end)));
    }
    Ok(())
}

/// The `moov` box, and where the content of `mdat` lies. `moov` must be first, and nothing may be cut.
fn boxes(path: &Path) -> Result<(Moov, std::ops::Range<u64>), ReleaseError> {
    let io = || ReleaseError::io("read", path);
    let broken = |reason: String| ReleaseError::Broken { path: path.to_owned(), reason };
    let file = File::open(path).map_err(io())?;
    let length = file.metadata().map_err(io())?.len();
    let mut file = BufReader::new(file);
    let mut moov = None;
    loop {
        let header = <Option<Header> as ReadFrom>::read_from(&mut file).map_err(|e| broken(e.to_string()))?;
        let Some(header) = header else { return Err(broken("it has no mdat box".to_owned())) };
        let size = header.size.ok_or_else(|| broken(format!("its {} box has no size", header.kind)))? as u64;
        let start = file.stream_position().map_err(io())?;
        if header.kind == FourCC::new(b"moov") {
            moov = Some(Moov::read_atom(&header, &mut file).map_err(|e| broken(e.to_string()))?);
            continue;
        }
        if header.kind == FourCC::new(b"mdat") {
            let moov = moov.ok_or_else(|| broken("its moov box does not come first".to_owned()))?;
            return if start + size == length {
                Ok((moov, start..length))
            } else {
                Err(broken(format!("it has {length} bytes instead of {}", start + size)))
            };
        }
        file.seek(SeekFrom::Start(start + size)).map_err(io())?;
    }
}

fn duration(track: &Trak) -> u64 {
    let entries = &track.mdia.minf.stbl.stts.entries;
    entries.iter().map(|entry| u64::from(entry.sample_count) * u64::from(entry.sample_delta)).sum()
}

/// Follows the tables of a track whose samples should lie one after the other from `start`: how many samples it
/// has and where the last ends.
fn place(track: &Trak, start: u64) -> Result<(u64, u64), String> {
    let tables = &track.mdia.minf.stbl;
    let StszSamples::Different { sizes } = &tables.stsz.samples else {
        return Err("its samples have one size".to_owned());
    };
    let timed: u64 = tables.stts.entries.iter().map(|entry| u64::from(entry.sample_count)).sum();
    if timed != sizes.len() as u64 {
        return Err(format!("{timed} samples have a time, {} a size", sizes.len()));
    }
    let offsets: Vec<u64> = match (&tables.stco, &tables.co64) {
        (Some(narrow), None) => narrow.entries.iter().map(|&offset| u64::from(offset)).collect(),
        (None, Some(wide)) => wide.entries.clone(),
        _ => return Err("a track has not one table of offsets".to_owned()),
    };
    let mut end = start;
    let mut sizes = sizes.iter();
    let mut runs = tables.stsc.entries.iter().peekable();
    let mut in_chunk = 0;
    for (number, offset) in (1u32..).zip(offsets) {
        if let Some(run) = runs.next_if(|run| run.first_chunk == number) {
            in_chunk = run.samples_per_chunk as usize;
        }
        if offset != end {
            return Err(format!("chunk {number} lies at byte {offset} instead of {end}"));
        }
        end += sizes.by_ref().take(in_chunk).map(|&size| u64::from(size)).sum::<u64>();
    }
    match sizes.count() {
        0 => Ok((timed, end)),
        left => Err(format!("{left} samples are in no chunk")),
    }
}
