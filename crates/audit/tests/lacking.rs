//! What a book lacks is told by the check of that name, and by no other.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod studio;

use std::path::Path;

use rhapsode_audit::{BookReport, Check, Finding, Profile, Verdict};
use studio::{GOOD, RATE, broken, chapter, convert, ffmpeg, file, run, verdict, wav};

fn book(path: &Path) -> BookReport {
    run(path, Profile::General).books.remove(0)
}

fn of(findings: &[Finding], check: Check) -> Option<(Verdict, &str)> {
    let finding = findings.iter().find(|finding| finding.check == check)?;
    Some((finding.verdict, &finding.measured))
}

#[test]
fn zeros_instead_of_room_tone_are_told_to_who_sells_at_acx() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let mut sound = chapter(GOOD, 0.75, 12.0, 2.0);
    wav(&path, RATE, 1, &sound);
    assert_eq!(verdict(&file(&path, Profile::Acx), Check::DigitalSilence), Some(Verdict::Pass));
    sound[1_000..20_000].fill(0.0);
    wav(&path, RATE, 1, &sound);
    assert_eq!(verdict(&file(&path, Profile::Acx), Check::DigitalSilence), Some(Verdict::Warn));
    assert_eq!(verdict(&file(&path, Profile::General), Check::DigitalSilence), Some(Verdict::Info));
}

#[test]
fn a_file_of_more_than_an_hour_is_asked_for_chapters_and_a_shorter_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for (seconds, told) in [(3_590, None), (3_610, Some(Verdict::Warn))] {
        let path = folder.path().join(format!("{seconds}.flac"));
        let hum = format!("sine=f=200:r=8000:d={seconds}");
        let _ = ffmpeg(["-f", "lavfi", "-i", &hum, path.to_str().unwrap()]);
        assert_eq!(of(&book(&path).findings, Check::Chapters).map(|(verdict, _)| verdict), told);
    }
}

#[test]
fn a_book_without_names_is_asked_for_them_and_a_series_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("bare.wav");
    wav(&bare, RATE, 1, &chapter(GOOD, 0.75, 12.0, 2.0));
    let found = book(&bare).findings;
    for check in [Check::Title, Check::Author, Check::Narrator, Check::Cover] {
        assert_eq!(of(&found, check), Some((Verdict::Warn, "none")), "{check}");
    }
    assert_eq!(of(&found, Check::Series), None);
    let tags = ["album=Emma", "artist=Jane", "composer=Ann", "series=Novels", "series-part=4"];
    let tags: Vec<&str> = tags.iter().flat_map(|tag| ["-metadata", tag]).collect();
    let found = book(&convert(&bare, &tags, &folder.path().join("named.flac"))).findings;
    for (check, told) in [(Check::Title, "Emma"), (Check::Author, "Jane"), (Check::Narrator, "Ann")] {
        assert_eq!(of(&found, check), Some((Verdict::Pass, told)));
    }
    assert_eq!(of(&found, Check::Series), Some((Verdict::Info, "Novels #4")));
}

#[test]
fn tags_that_cannot_be_read_are_told_and_their_sound_is_measured_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 12.0, 2.0));
    let path = convert(&source, &["-metadata", "title=Emma"], &folder.path().join("a.mp3"));
    assert_eq!(verdict(&file(&path, Profile::General), Check::Tags), None);
    let mut bytes = std::fs::read(&path).unwrap();
    // A version that nobody has written down yet.
    assert_eq!(&bytes[..4], b"ID3\x04");
    bytes[3] = 9;
    std::fs::write(&path, bytes).unwrap();
    let found = file(&path, Profile::General);
    assert_eq!(verdict(&found, Check::Tags), Some(Verdict::Warn), "{:#?}", found.findings);
    assert!(found.measurements.is_some() && broken(&found).contains(&Check::Tags));
}
