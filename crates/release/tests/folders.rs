//! Releases that are folders, as independent programs read them, and how folders are replaced.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::fs;
use std::path::Path;

use oracle::{chapter, cover, decoded, ffprobe, full_tags, run, track};
use rhapsode_release::{Codec, CoverKind, Format, Layout, ReleaseError, Track, publish};

const FLAC: (Format, Layout) = (Format::Flac, Layout::FilePerChapter);
const WAV: (Format, Layout) = (Format::Wav, Layout::FilePerChapter);
const M4B: (Format, Layout) = (Format::M4b, Layout::OneFile);

const TITLES: [&str; 3] = ["Loomings", "The Carpet/Bag: a \"story\"?", "CON"];

fn book(dir: &Path, codec: Codec) -> Vec<Track> {
    let each = TITLES.iter().enumerate();
    each.map(|(i, title)| track(dir, &format!("{i}"), title, codec, &chapter(20 + i))).collect()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn flac_passes_its_own_test_and_carries_tags_and_cover() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), Codec::Flac);
    let cover = cover(dir.path(), CoverKind::Png);
    let folder = dir.path().join("Book");
    let published = publish(FLAC, &tracks, &full_tags(), Some(&cover), &folder).unwrap();
    assert_eq!(
        names(&folder),
        [
            "01 - Loomings.flac",
            "02 - The Carpet-Bag- a 'story'.flac",
            "03 - _CON.flac",
            "cover.png",
            "playlist.m3u8"
        ]
    );
    let bytes: u64 = names(&folder).iter().map(|name| fs::metadata(folder.join(name)).unwrap().len()).sum();
    assert_eq!(published.bytes, bytes);
    for (track, name) in tracks.iter().zip(names(&folder)) {
        let path = folder.join(name);
        let path_text = path.to_str().unwrap();
        run("flac", ["-t", "-s", "--warnings-as-errors", path_text]);
        let listed = String::from_utf8(run("metaflac", ["--list", path_text])).unwrap();
        assert!(listed.contains(&format!("total samples: {}", track.samples)), "{listed}");
        for wanted in
            ["ALBUM=The \"Whale\"", "ARTIST=Herman Melville, Ann Other", "TRACKTOTAL=3", "SERIES=Seas"]
        {
            assert!(listed.contains(wanted), "{wanted}: {listed}");
        }
        let title = String::from_utf8(run("metaflac", ["--show-tag=TITLE", path_text])).unwrap();
        assert_eq!(title.trim_end(), format!("TITLE={}", track.title));
        let picture = run("metaflac", ["--export-picture-to=-", path_text]);
        assert_eq!(picture, cover.bytes);
        assert_eq!(decoded(&path).len() as u64, track.samples);
    }
    let playlist = fs::read_to_string(folder.join("playlist.m3u8")).unwrap();
    assert!(playlist.contains("\n#EXTINF:1,Loomings\n01 - Loomings.flac\n"), "{playlist}");
}

#[test]
fn a_cover_too_large_to_be_in_every_file_stands_in_the_folder_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut cover = cover(dir.path(), CoverKind::Jpeg);
    cover.bytes.resize(3 << 20, 0);
    let folder = dir.path().join("Book");
    publish(FLAC, &book(dir.path(), Codec::Flac), &full_tags(), Some(&cover), &folder).unwrap();
    assert_eq!(fs::read(folder.join("cover.jpg")).unwrap(), cover.bytes);
    let first = folder.join("01 - Loomings.flac");
    run("flac", ["-t", "-s", first.to_str().unwrap()]);
    assert!(fs::metadata(first).unwrap().len() < 1 << 20);
}

#[test]
fn wav_is_read_with_its_tags() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), Codec::Wav);
    let folder = dir.path().join("Book");
    publish(WAV, &tracks, &full_tags(), None, &folder).unwrap();
    for (track, name) in tracks.iter().zip(names(&folder)) {
        let path = folder.join(name);
        assert_eq!(hound::WavReader::open(&path).unwrap().duration() as u64, track.samples);
        assert_eq!(decoded(&path).len() as u64, track.samples);
        let tags = &ffprobe(&path)["format"]["tags"];
        assert_eq!(tags["title"], track.title);
        assert_eq!(tags["album"], "The \"Whale\"");
        assert_eq!(tags["artist"], "Herman Melville, Ann Other");
    }
}

#[test]
fn a_folder_is_replaced_whole_and_nothing_is_left_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let sources = tempfile::tempdir().unwrap();
    let tracks = book(sources.path(), Codec::Flac);
    let folder = dir.path().join("Book");
    publish(FLAC, &tracks, &full_tags(), None, &folder).unwrap();
    publish(FLAC, &tracks[..1], &full_tags(), None, &folder).unwrap();
    assert_eq!(names(&folder), ["01 - Loomings.flac", "playlist.m3u8"]);
    assert_eq!(names(dir.path()), ["Book"]);
}

#[test]
fn a_folder_with_anything_else_in_it_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), Codec::Flac);
    let folder = dir.path().join("Book");
    publish(FLAC, &tracks, &full_tags(), None, &folder).unwrap();
    fs::write(folder.join("thesis.odt"), "years of work").unwrap();
    let error = publish(FLAC, &tracks[..1], &full_tags(), None, &folder).unwrap_err();
    assert!(matches!(error, ReleaseError::NotARelease { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.join("thesis.odt")).unwrap(), "years of work");
    assert_eq!(names(&folder).len(), 5);
}

#[test]
fn tracks_that_were_cut_leave_the_old_release_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec) in [
        (Format::M4b, Codec::Aac { bitrate: 64_000 }),
        (Format::Flac, Codec::Flac),
        (Format::Wav, Codec::Wav),
    ] {
        let mut tracks = book(dir.path(), codec);
        let out = tempfile::tempdir().unwrap();
        let destination = out.path().join("Book");
        publish((format, format.layout()), &tracks, &full_tags(), None, &destination).unwrap();
        let before = ffprobe_any(&destination);
        // One says that it is longer than its file.
        tracks[1].samples += 1024;
        tracks[1].encoded.samples += 1024;
        let error =
            publish((format, format.layout()), &tracks, &full_tags(), None, &destination).unwrap_err();
        assert!(matches!(error, ReleaseError::Length { .. }), "{error}");
        assert_eq!(ffprobe_any(&destination), before);
        assert_eq!(names(out.path()), ["Book"], "nothing is left of the failed release");
    }
}

/// The length of a file, or of the first file of a folder, as ffprobe reads it.
fn ffprobe_any(path: &Path) -> serde_json::Value {
    let path = if path.is_dir() { path.join(&names(path)[0]) } else { path.to_owned() };
    ffprobe(&path)["format"]["duration"].clone()
}

#[test]
fn tracks_of_another_codec_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), Codec::Flac);
    let error = publish(M4B, &tracks, &full_tags(), None, &dir.path().join("b.m4b")).unwrap_err();
    assert!(matches!(error, ReleaseError::Tracks { .. }), "{error}");
    assert!(publish(FLAC, &[], &full_tags(), None, &dir.path().join("b")).is_err());
}

#[test]
fn an_error_names_the_file_and_the_systems_reason() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), Codec::Flac);
    fs::write(dir.path().join("file"), "").unwrap();
    let inside = dir.path().join("file").join("Book");
    let error = publish(FLAC, &tracks, &full_tags(), None, &inside).unwrap_err();
    let ReleaseError::Io { path, .. } = &error else { panic!("{error}") };
    assert!(path.starts_with(dir.path().join("file")));
    fs::remove_file(&tracks[0].encoded.path).unwrap();
    let error = publish(FLAC, &tracks, &full_tags(), None, &dir.path().join("Book")).unwrap_err();
    let ReleaseError::Io { path, source, .. } = &error else { panic!("{error}") };
    assert_eq!((path, source.kind()), (&tracks[0].encoded.path, std::io::ErrorKind::NotFound));
    assert!(!dir.path().join("Book").exists());
}
