//! WAV: one file a chapter, tags in a `LIST INFO` chunk after the sound.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use super::{Definition, Files, Label, Number, check_length};
use crate::encode::{HEADER, LARGE, wav_header};
use crate::tags::MADE_WITH;
use crate::{Codec, ReleaseError, Track};

pub(super) const DEFINITION: Definition = Definition {
    name: "wav",
    chapter_extension: "wav",
    media_type: "audio/wav",
    codec: |_| Codec::Wav,
    files: Files::OfOneChapter { write: |track, label, path| write(track, label, path, LARGE) },
};

/// Writes a chapter; from `large` bytes it is RF64.
fn write(track: &Track, label: &Label<'_>, path: &Path, large: u64) -> Result<(), ReleaseError> {
    let source = &track.encoded.path;
    let mut sound = File::open(source).map_err(ReleaseError::io("read", source))?;
    let length = sound.metadata().map_err(ReleaseError::io("read", source))?.len();
    let found = length.saturating_sub(HEADER as u64) / 2;
    if found != track.samples {
        return Err(ReleaseError::Length { chapter: track.title.clone(), expected: track.samples, found });
    }
    // The head changes with the length of what follows the sound.
    sound.read_exact(&mut [0; HEADER]).map_err(ReleaseError::io("read", source))?;

    let info = info(label);
    let io = || ReleaseError::io("write", path);
    let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
    file.write_all(&wav_header(track.encoded.rate.0, track.samples, info.len() as u64, large))
        .map_err(io())?;
    std::io::copy(&mut sound, &mut file).map_err(io())?;
    file.write_all(&info).map_err(io())?;
    file.flush().map_err(io())?;
    check_length(path, length + info.len() as u64)
}

/// The `LIST INFO` chunk (Multimedia Programming Interface 1.0, "INFO List Chunk"), in UTF-8.
fn info(label: &Label<'_>) -> Vec<u8> {
    let tags = label.tags;
    let number = label.number().map(|Number { number, .. }| number.to_string());
    let items = [
        (b"INAM", Some(label.title().into_owned())),
        (b"IPRD", Some(tags.title.clone())),
        (b"IART", tags.author()),
        (b"ITCH", tags.narrator()),
        (b"IPRT", number),
        (b"ICRD", tags.year.map(|year| year.to_string())),
        (b"IGNR", Some(tags.genre())),
        (b"ICMT", tags.description.clone()),
        (b"ICOP", tags.copyright.clone()),
        (b"ILNG", tags.language.clone()),
        (b"ISFT", Some(MADE_WITH.to_owned())),
    ];
    let mut content = b"INFO".to_vec();
    for (name, value) in items {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        content.extend(name);
        content.extend((value.len() as u32 + 1).to_le_bytes());
        content.extend(value.as_bytes());
        content.push(0);
        // Chunks begin at even offsets.
        if !content.len().is_multiple_of(2) {
            content.push(0);
        }
    }
    let mut chunk = b"LIST".to_vec();
    chunk.extend((content.len() as u32).to_le_bytes());
    chunk.extend(content);
    chunk
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rhapsode_audio::SampleRate;

    use super::*;
    use crate::{EncodedTrack, Loudness, Tags, formats::Piece};

    #[test]
    fn a_large_file_has_its_sound_and_its_tags_too() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("track.wav");
        let samples = 4_321;
        let mut sound = wav_header(24_000, samples, 0, LARGE).to_vec();
        sound.extend((0..samples).flat_map(|n| (n as i16).to_le_bytes()));
        std::fs::write(&source, &sound).unwrap();
        let track = Track {
            title: "Loomings".to_owned(),
            samples,
            encoded: EncodedTrack {
                path: source,
                codec: Codec::Wav,
                rate: SampleRate(24_000),
                samples,
                priming: 0,
            },
            loudness: Loudness {
                integrated_lufs: -20.0,
                true_peak_dbtp: -3.0,
                rms_dbfs: -20.0,
                gain_db: 0.0,
                limited: false,
                encodes: 1,
            },
            chunks: Vec::new(),
        };
        let tags = Tags { title: "The Whale".to_owned(), ..Tags::default() };
        for (large, kind) in [(LARGE, b"RIFF"), (1_000, b"RF64")] {
            let path = dir.path().join("out.wav");
            let label =
                Label::of_many(&tags, None, Piece::Chapter(Number { number: 1, of: 2 }, &track.title));
            write(&track, &label, &path, large).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(&bytes[..4], kind);
            let probe = Command::new("ffprobe")
                .args([
                    "-v",
                    "error",
                    "-show_entries",
                    "stream=duration_ts:format_tags",
                    "-of",
                    "default=nk=0:nw=1",
                ])
                .arg(&path)
                .output()
                .unwrap();
            let said = String::from_utf8(probe.stdout).unwrap() + &String::from_utf8(probe.stderr).unwrap();
            for wanted in ["duration_ts=4321", "TAG:title=Loomings", "TAG:album=The Whale"] {
                assert!(said.contains(wanted), "{wanted}: {said}");
            }
            let decoded = Command::new("ffmpeg")
                .args(["-v", "error", "-i"])
                .arg(&path)
                .args(["-f", "s16le", "-"])
                .output()
                .unwrap();
            assert_eq!(decoded.stdout, sound[HEADER..]);
        }
    }
}
