//! Tests of the muxer with made-up access units: a container does not look into them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use rhapsode_audio::SampleRate;

use super::*;
use crate::encode::{AccessUnitWriter, Codec, EncodedTrack, FRAME, Stream};
use crate::formats::{Expected, Finished, GrowingFile, Label, Piece};
use crate::{CoverArt, ReleaseError, Tags, Track};
use crate::{CoverKind, Loudness};

const RATE: u32 = 24_000;

/// A track of access units with these sizes, two of them priming.
fn track(dir: &Path, number: usize, sizes: &[u16]) -> Track {
    let path = dir.join(format!("{number}.au"));
    let stream = Stream { rate: RATE, priming: 2048, bitrate: 64_000, config: vec![0x13, 0x08] };
    let mut units = AccessUnitWriter::create(&path, &stream).unwrap();
    for (index, &size) in [3, 5].iter().chain(sizes).enumerate() {
        units.push(&vec![(number + index) as u8; usize::from(size)]).unwrap();
    }
    units.finish().unwrap();
    let samples = sizes.len() as u64 * u64::from(FRAME);
    Track {
        title: format!("Chapter {number}"),
        samples,
        encoded: EncodedTrack {
            path,
            codec: Codec::Aac { bitrate: 64_000 },
            rate: SampleRate(RATE),
            samples,
            priming: 2048,
        },
        loudness: Loudness {
            integrated_lufs: -20.0,
            true_peak_dbtp: -3.0,
            rms_dbfs: -22.0,
            gain_db: 0.0,
            limited: false,
            encodes: 1,
        },
        chunks: Vec::new(),
    }
}

fn tracks(dir: &Path, chapters: &[Vec<u16>]) -> Vec<Track> {
    chapters.iter().enumerate().map(|(number, sizes)| track(dir, number, sizes)).collect()
}

/// Writes a file whose tracks are all there; gives its length.
fn write(tracks: &[Track], cover: Option<&CoverArt>, path: &Path, large: u64) -> Result<u64, ReleaseError> {
    let label = Label { tags: &Tags::default(), cover, piece: Piece::Book };
    let titles: Vec<&str> = tracks.iter().map(|track| track.title.as_str()).collect();
    let samples = tracks.iter().map(|track| track.samples).sum();
    let mut muxer = Muxer::begin(path, &tracks[0], &Expected { titles: &titles, samples, label }, large)?;
    tracks.iter().try_for_each(|track| muxer.push(track))?;
    assert_eq!(Box::new(muxer).finish(&label)?, Finished::Whole);
    Ok(fs::metadata(path).unwrap().len())
}

/// Muxes and checks; gives the file.
fn muxed(dir: &Path, tracks: &[Track], large: u64) -> PathBuf {
    let path = dir.join("book.m4b");
    let length = write(tracks, None, &path, large).unwrap();
    assert_eq!(length, fs::metadata(&path).unwrap().len());
    let samples = tracks.iter().map(|track| track.samples).sum();
    check(&path, samples, tracks.len()).unwrap();
    path
}

/// The access units that must stand in the file, one after the other.
fn expected_sound(chapters: &[Vec<u16>]) -> Vec<u8> {
    let mut sound = Vec::new();
    for (number, sizes) in chapters.iter().enumerate() {
        for (index, &size) in [3, 5].iter().chain(sizes).enumerate() {
            if number == 0 || index >= 2 {
                sound.extend(vec![(number + index) as u8; usize::from(size)]);
            }
        }
    }
    sound
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_sizes_the_file_holds_every_unit_in_order(
        chapters in prop::collection::vec(prop::collection::vec(0u16..800, 1..200), 1..12),
        large in prop_oneof![Just(LARGE), 0u64..100_000],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = muxed(dir.path(), &tracks(dir.path(), &chapters), large);
        let file = fs::read(path).unwrap();
        let sound = expected_sound(&chapters);
        prop_assert!(file.ends_with(&sound));
    }
}

#[test]
fn above_the_limit_of_32_bits_offsets_and_sizes_are_wide_and_ffprobe_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let chapters = [vec![100; 300], vec![50; 10]];
    let path = muxed(dir.path(), &tracks(dir.path(), &chapters), 1_000);
    let file = fs::read(&path).unwrap();
    let holds = |name: &[u8]| file.windows(4).any(|window| window == name);
    assert!(holds(b"co64") && !holds(b"stco"));
    let mdat = file.windows(8).position(|window| window == b"\0\0\0\x01mdat").unwrap();
    let size = u64::from_be_bytes(file[mdat + 8..mdat + 16].try_into().unwrap());
    assert_eq!(mdat as u64 + size, file.len() as u64);

    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "a", "-show_packets", "-of", "json"])
        .arg(&path)
        .output()
        .unwrap();
    let probed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number =
        |packet: &serde_json::Value, key: &str| packet[key].as_str().unwrap().parse::<usize>().unwrap();
    let packets: Vec<_> = probed["packets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|packet| (number(packet, "size"), number(packet, "pos")))
        .collect();
    assert_eq!(packets.len(), 312);
    for (size, at) in packets {
        let unit = &file[at..at + size];
        assert!(unit.iter().all(|byte| byte == &unit[0]), "the packet at {at} is not one unit");
    }
}

#[test]
fn the_sound_is_where_the_tables_say_whatever_the_cover_weighs() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = tracks(dir.path(), &[vec![100; 5]]);
    for bytes in [0, 1, 20_000_000] {
        let cover = CoverArt { kind: CoverKind::Jpeg, bytes: vec![7; bytes] };
        let path = dir.path().join("book.m4b");
        write(&tracks, Some(&cover), &path, LARGE).unwrap();
        check(&path, tracks[0].samples, 1).unwrap();
    }
}

#[test]
fn a_file_that_is_cut_or_longer_or_not_as_promised_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = tracks(dir.path(), &[vec![100; 70], vec![80; 3]]);
    let path = muxed(dir.path(), &tracks, LARGE);
    let samples = 73 * 1024;
    assert!(check(&path, samples + 1024, 2).is_err());
    assert!(check(&path, samples, 3).is_err());
    let whole = fs::read(&path).unwrap();
    for length in [0, 7, 40, 500, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(check(&path, samples, 2).is_err(), "cut to {length}");
    }
    fs::write(&path, [&whole[..], &[0]].concat()).unwrap();
    assert!(check(&path, samples, 2).is_err());
}

#[test]
fn a_table_that_points_elsewhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = muxed(dir.path(), &tracks(dir.path(), &[vec![100; 200]]), LARGE);
    let whole = fs::read(&path).unwrap();
    for name in [b"stco", b"stsz", b"stts", b"stsc", b"elst"] {
        let at = whole.windows(4).position(|window| window == name).unwrap();
        let mut changed = whole.clone();
        // The last byte of the table's first entry or, for stsz, of its count.
        let offset = if name == b"stco" || name == b"elst" { 15 } else { 19 };
        changed[at + offset] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(check(&path, 200 * 1024, 1).is_err(), "{}", String::from_utf8_lossy(name));
    }
}

#[test]
fn a_track_that_lacks_a_unit_is_refused_by_its_title() {
    let dir = tempfile::tempdir().unwrap();
    let mut tracks = tracks(dir.path(), &[vec![100; 5], vec![100; 5]]);
    tracks[1].samples += 1024;
    let error = write(&tracks, None, &dir.path().join("b.m4b"), LARGE).unwrap_err();
    let ReleaseError::Length { chapter, expected, found } = error else { panic!("{error}") };
    assert_eq!((chapter.as_str(), expected, found), ("Chapter 1", 6 * 1024, 5 * 1024));
}

#[test]
fn tracks_of_different_streams_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut tracks = tracks(dir.path(), &[vec![100; 5], vec![100; 5]]);
    let stream = Stream { rate: 48_000, priming: 2048, bitrate: 64_000, config: vec![0x11, 0x88] };
    let mut units = AccessUnitWriter::create(&tracks[1].encoded.path, &stream).unwrap();
    for _ in 0..7 {
        units.push(&[0; 10]).unwrap();
    }
    units.finish().unwrap();
    tracks[1].encoded.rate = SampleRate(48_000);
    let error = write(&tracks, None, &dir.path().join("b.m4b"), LARGE).unwrap_err();
    assert!(matches!(error, ReleaseError::Tracks { .. }), "{error}");
}

#[test]
fn the_same_tracks_give_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = tracks(dir.path(), &[vec![100; 5], vec![90; 5]]);
    let first = fs::read(muxed(dir.path(), &tracks, LARGE)).unwrap();
    assert_eq!(fs::read(muxed(dir.path(), &tracks, LARGE)).unwrap(), first);
}

#[test]
fn a_head_for_which_too_little_room_was_reserved_is_told_and_the_file_written_again_holds_everything() {
    let dir = tempfile::tempdir().unwrap();
    let chapters = [vec![100; 900], vec![90; 500]];
    let tracks = tracks(dir.path(), &chapters);
    let tags = Tags::default();
    let label = Label { tags: &tags, cover: None, piece: Piece::Book };
    let expected = Expected { titles: &["Chapter 0", "Chapter 1"], samples: 1024, label };
    let mut muxer = Muxer::begin(&dir.path().join("tight.m4b"), &tracks[0], &expected, LARGE).unwrap();
    tracks.iter().try_for_each(|track| muxer.push(track)).unwrap();
    assert_eq!(Box::new(muxer).finish(&label).unwrap(), Finished::HeadTooLong);

    let destination = dir.path().join("book.m4b");
    let mut draft = crate::Draft::begin(crate::DraftSettings {
        format: crate::Format::M4b,
        layout: crate::Layout::OneFile,
        titles: vec!["Chapter 0".into(), "Chapter 1".into()],
        expected_samples: 1024,
        tags,
        cover: None,
        destination: destination.clone(),
    })
    .unwrap();
    tracks.iter().try_for_each(|track| draft.add(track.clone())).unwrap();
    draft.publish().unwrap();
    assert!(fs::read(&destination).unwrap().ends_with(&expected_sound(&chapters)));
    assert!(!dir.path().join(".rhapsode-staging").exists());
}

#[test]
fn a_draft_that_lacks_a_chapter_is_not_published_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = tracks(dir.path(), &[vec![100; 5]]);
    let mut draft = crate::Draft::begin(crate::DraftSettings {
        format: crate::Format::M4b,
        layout: crate::Layout::OneFile,
        titles: vec!["Chapter 0".into(), "Chapter 1".into()],
        expected_samples: 10_240,
        tags: Tags::default(),
        cover: None,
        destination: dir.path().join("book.m4b"),
    })
    .unwrap();
    draft.add(tracks[0].clone()).unwrap();
    assert!(matches!(draft.publish(), Err(ReleaseError::Tracks { .. })));
    assert!(!dir.path().join("book.m4b").exists());
    assert!(!dir.path().join(".rhapsode-staging").exists());
}
