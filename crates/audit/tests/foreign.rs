//! Books that other programs made: their chapters, tags and lengths are read as they were written.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod studio;

use std::path::{Path, PathBuf};

use rhapsode_audit::{ChapterKind, Check, Container, FileReport, Profile, Verdict};
use studio::{GOOD, RATE, broken, chapter, convert, ffmpeg, file, run, verdict, wav};

const TITLES: [&str; 3] = ["Loomings", "The \"Carpet-Bag\"; = # \\ 🐳", "שלום עולם"];

/// A book of three chapters in a container of ffmpeg's, with tags.
fn book(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let source = folder.join("source.wav");
    if !source.exists() {
        wav(&source, RATE, 1, &chapter(GOOD, 0.75, 12.0, 2.0));
    }
    let escaped = |text: &str| {
        let special = |c: char| matches!(c, '=' | ';' | '#' | '\\');
        text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect::<String>()
    };
    let mut data =
        ";FFMETADATA1\ntitle=Moby-Dick\nalbum=Moby-Dick\nartist=Herman Melville\ncomposer=Ann Reader\n"
            .to_owned();
    for (n, title) in TITLES.iter().enumerate() {
        let (start, end) = (n * 5_000, if n == 2 { 14_700 } else { n * 5_000 + 5_000 });
        data += &format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={}\n", escaped(title));
    }
    let metadata = folder.join("metadata.txt");
    std::fs::write(&metadata, data).unwrap();
    let made = folder.join(name);
    let inputs = ["-i", source.to_str().unwrap(), "-i", metadata.to_str().unwrap(), "-map_metadata", "1"];
    ffmpeg(inputs.iter().chain(arguments).copied().chain([made.to_str().unwrap()]));
    made
}

fn titles(file: &FileReport, kind: ChapterKind) -> Vec<String> {
    let list =
        file.chapters.iter().find(|list| list.kind == kind).unwrap_or_else(|| panic!("no {kind} chapters"));
    for (n, chapter) in list.chapters.iter().enumerate() {
        assert!((chapter.start - n as f64 * 5.0).abs() < 0.002, "{chapter:?}");
    }
    list.chapters.iter().map(|chapter| chapter.title.clone()).collect()
}

fn says_what_was_written(file: &FileReport, container: Container) {
    assert_eq!(file.stream.as_ref().unwrap().container, container);
    assert_eq!(file.tags.book(), Some("Moby-Dick"));
    assert_eq!(file.tags.author.as_deref(), Some("Herman Melville"));
    assert_eq!(file.tags.reader(), Some("Ann Reader"));
    assert_eq!(broken(file), [], "{:#?}", file.findings);
}

#[test]
fn an_m4b_of_ffmpeg_is_read_with_both_kinds_of_its_chapters() {
    let folder = tempfile::tempdir().unwrap();
    let found = file(&book(folder.path(), "b.m4b", &["-c:a", "aac", "-b:a", "96k"]), Profile::General);
    says_what_was_written(&found, Container::Mp4);
    assert_eq!(titles(&found, ChapterKind::Nero), TITLES);
    assert_eq!(titles(&found, ChapterKind::QuickTime), TITLES);
    let seconds = found.measurements.unwrap().seconds;
    assert!((seconds - 14.75).abs() < 0.001, "{seconds}");
}

#[test]
fn an_mp3_of_ffmpeg_is_read_with_its_chapter_frames_in_both_versions_of_id3() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["3", "4"] {
        let arguments = ["-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", version];
        let found = file(&book(folder.path(), "b.mp3", &arguments), Profile::General);
        says_what_was_written(&found, Container::Mp3);
        assert_eq!(titles(&found, ChapterKind::Id3), TITLES);
        assert_eq!(verdict(&found, Check::Checksum), Some(Verdict::Pass), "LAME's CRC is there");
        let seconds = found.measurements.unwrap().seconds;
        assert!((seconds - 14.75).abs() < 0.0001, "gapless: {seconds}");
    }
}

#[test]
fn opus_and_flac_of_ffmpeg_are_read_with_the_chapters_in_their_comments() {
    let folder = tempfile::tempdir().unwrap();
    let opus = file(&book(folder.path(), "b.opus", &["-c:a", "libopus", "-b:a", "64k"]), Profile::General);
    says_what_was_written(&opus, Container::Ogg);
    assert_eq!(titles(&opus, ChapterKind::Vorbis), TITLES);
    // ffmpeg leaves the chapters of a FLAC out, so the same comments come as tags.
    let comments = ["CHAPTER000=00:00:00.000", "CHAPTER001=00:00:05.000", "CHAPTER002=00:00:10.000"];
    let names: Vec<String> =
        (0..).zip(TITLES).map(|(n, title)| format!("CHAPTER00{n}NAME={title}")).collect();
    let comments = comments.into_iter().chain(names.iter().map(String::as_str));
    let comments: Vec<&str> = comments.flat_map(|comment| ["-metadata", comment]).collect();
    let arguments = [&["-c:a", "flac"], comments.as_slice()].concat();
    let flac = file(&book(folder.path(), "b.flac", &arguments), Profile::General);
    says_what_was_written(&flac, Container::Flac);
    assert_eq!(titles(&flac, ChapterKind::Vorbis), TITLES);
    assert_eq!(verdict(&flac, Check::Checksum), Some(Verdict::Pass));
    for found in [opus, flac] {
        let seconds = found.measurements.unwrap().seconds;
        assert!((seconds - 14.75).abs() < 0.0001, "{seconds}");
    }
}

#[test]
fn wav_is_read_at_every_width_and_as_rf64() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("s.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 4.0, 2.0));
    for (name, arguments) in [
        ("24.wav", vec!["-c:a", "pcm_s24le"]),
        ("f32.wav", vec!["-c:a", "pcm_f32le"]),
        ("rf64.wav", vec!["-c:a", "pcm_s16le", "-rf64", "always"]),
    ] {
        let found = file(&convert(&source, &arguments, &folder.path().join(name)), Profile::General);
        assert_eq!(broken(&found), [], "{name}: {:#?}", found.findings);
        let measured = found.measurements.unwrap();
        assert!((measured.seconds - 6.75).abs() < 1e-4 && (measured.rms_dbfs + 20.5).abs() < 0.01, "{name}");
    }
}

#[test]
fn aac_in_mp4_at_a_rate_of_its_own_and_without_an_edit_list_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("s.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 4.0, 2.0));
    let arguments = ["-c:a", "aac", "-ar", "22050", "-use_editlist", "0"];
    let found = file(&convert(&source, &arguments, &folder.path().join("a.m4a")), Profile::General);
    assert_eq!(verdict(&found, Check::Complete), Some(Verdict::Pass), "{:#?}", found.findings);
    assert_eq!(found.stream.unwrap().rate, 22_050);
}

#[test]
fn what_is_not_decoded_here_is_said_and_not_passed() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("s.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 2.0, 2.0));
    let alac = convert(&source, &["-c:a", "alac"], &folder.path().join("a.m4a"));
    let found = file(&alac, Profile::General);
    assert_eq!(verdict(&found, Check::Readable), Some(Verdict::Fail));
    assert!(found.findings[0].measured.contains("alac"), "{:?}", found.findings);
}

#[test]
fn the_files_of_a_folder_are_one_book_and_must_be_alike() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join(".source.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 12.0, 2.0));
    for n in 1..=3 {
        let (track, title) = (format!("track={n}/3"), format!("title=Part {n}"));
        let tags =
            ["-metadata", "album=B", "-metadata", "artist=A", "-metadata", &track, "-metadata", &title];
        let gain: &[&str] = if n == 3 { &["-af", "volume=-5dB", "-ar", "22050"] } else { &[] };
        let arguments = [&["-c:a", "libmp3lame", "-b:a", "128k"], gain, &tags].concat();
        convert(&source, &arguments, &folder.path().join(format!("{n}.mp3")));
    }
    let found = run(folder.path(), Profile::General);
    let [book] = found.books.as_slice() else { panic!("{:?}", found.books) };
    assert_eq!((book.title.as_deref(), book.files.len()), (Some("B"), 3));
    let verdict = |check| book.findings.iter().find(|finding| finding.check == check).unwrap().verdict;
    assert_eq!(verdict(Check::OneKind), Verdict::Warn);
    assert_eq!(verdict(Check::EvenLoudness), Verdict::Warn);
    assert_eq!(verdict(Check::TrackNumbers), Verdict::Pass);
    assert_eq!(verdict(Check::Author), Verdict::Pass);
    assert_eq!(verdict(Check::Narrator), Verdict::Warn);
}
