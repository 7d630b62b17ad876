//! Files that were cut or changed: what can be known from the file alone is known, and nothing crashes.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod studio;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rhapsode_audit::{Check, FileReport, Profile, Verdict};
use studio::{GOOD, RATE, chapter, convert, file, verdict, wav};

/// The same minute in every container.
fn files(folder: &Path) -> Vec<PathBuf> {
    let source = folder.join("s.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.75, 57.0, 2.0));
    let made = |name: &str, arguments: &[&str]| convert(&source, arguments, &folder.join(name));
    let others = [
        made("a.mp3", &["-c:a", "libmp3lame", "-b:a", "128k"]),
        made("a.m4b", &["-c:a", "aac", "-b:a", "96k"]),
        made("fast.m4b", &["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]),
        made("a.flac", &["-c:a", "flac"]),
        made("a.opus", &["-c:a", "libopus", "-b:a", "64k"]),
    ];
    [source].into_iter().chain(others).collect()
}

fn changed(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> FileReport {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    let name = format!("changed-{}", path.file_name().unwrap().to_str().unwrap());
    let copy = path.with_file_name(name);
    std::fs::write(&copy, bytes).unwrap();
    file(&copy, Profile::General)
}

/// Whether any of the checks that tell a whole file from a broken one failed.
fn is_broken(file: &FileReport) -> bool {
    let checks = [Check::Readable, Check::Complete, Check::Length, Check::Checksum];
    checks.into_iter().any(|check| verdict(file, check) == Some(Verdict::Fail))
}

#[test]
fn a_whole_file_of_any_kind_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    for path in files(folder.path()) {
        let found = file(&path, Profile::General);
        assert!(!is_broken(&found), "{}: {:#?}", path.display(), found.findings);
    }
}

#[test]
fn a_file_that_was_cut_anywhere_is_known_for_it_and_measured_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    for path in files(folder.path()) {
        for part in [0.3, 0.7, 0.999] {
            let found = changed(&path, |bytes| bytes.truncate((bytes.len() as f64 * part) as usize));
            assert!(is_broken(&found), "{} at {part}: {:#?}", path.display(), found.findings);
            // The tables of a plain MP4 come last: without them there is nothing to decode.
            if !path.ends_with("a.m4b") {
                let seconds = found.measurements.as_ref().unwrap().seconds;
                assert!(
                    seconds > 60.0 * part * 0.8 && seconds < 60.0,
                    "{} at {part}: {seconds}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn flipped_bytes_are_known_wherever_the_format_keeps_a_checksum_or_the_decoder_stumbles() {
    let folder = tempfile::tempdir().unwrap();
    for path in files(folder.path()) {
        let found = changed(&path, |bytes| {
            let length = bytes.len();
            for n in 0..64 {
                bytes[length / 4 + n * length / 200] ^= 0x55;
            }
        });
        // Samples without a checksum are as good as any others.
        let knows = path.extension().is_none_or(|extension| extension != "wav");
        assert_eq!(is_broken(&found), knows, "{}: {:#?}", path.display(), found.findings);
    }
}

#[test]
fn one_flipped_bit_in_the_middle_is_known_where_there_is_a_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let paths = files(folder.path());
    for (path, check) in
        [(&paths[1], Check::Checksum), (&paths[4], Check::Checksum), (&paths[5], Check::Complete)]
    {
        let found = changed(path, |bytes| {
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
        });
        assert_eq!(verdict(&found, check), Some(Verdict::Fail), "{}: {:#?}", path.display(), found.findings);
    }
}

#[test]
fn a_lost_page_of_an_opus_file_is_missed_by_its_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = files(folder.path()).pop().unwrap();
    let found = changed(&path, |bytes| {
        let pages: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, four)| *four == b"OggS").map(|(at, _)| at).collect();
        let middle = pages.len() / 2;
        bytes.drain(pages[middle]..pages[middle + 1]);
    });
    assert_eq!(verdict(&found, Check::Complete), Some(Verdict::Fail), "{:#?}", found.findings);
}

#[test]
fn a_container_that_says_another_length_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let paths = files(folder.path());
    let (source, fast) = (&paths[0], &paths[3]);
    let found = changed(source, |bytes| bytes[40..44].copy_from_slice(&900_000_000_u32.to_le_bytes()));
    assert_eq!(verdict(&found, Check::Length), Some(Verdict::Fail), "{:#?}", found.findings);
    // Three more access units than there are, in the edit list of the sound.
    let found = changed(fast, |bytes| {
        let at = bytes.windows(4).position(|four| four == b"elst").unwrap() + 12;
        let milliseconds = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        bytes[at..at + 4].copy_from_slice(&(milliseconds + 5_000).to_be_bytes());
    });
    assert_eq!(verdict(&found, Check::Length), Some(Verdict::Fail), "{:#?}", found.findings);
}

#[test]
fn what_is_no_sound_is_a_finding_and_no_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.mp3", &b"<html>404</html>"[..]), ("b.m4b", b""), ("c.wav", b"RIFF\0\0\0\0WAVE")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let found = file(&path, Profile::General);
        assert_eq!(verdict(&found, Check::Readable), Some(Verdict::Fail), "{name}");
        assert!(!found.findings[0].remedy.is_empty());
    }
}

/// The beginning of a file of each container, which junk is put into.
fn beginnings() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("s.wav");
    wav(&source, RATE, 1, &chapter(GOOD, 0.3, 0.6, 0.3));
    let made = |name: &str, arguments: &[&str]| {
        std::fs::read(convert(&source, arguments, &folder.path().join(name))).unwrap()
    };
    vec![
        std::fs::read(&source).unwrap(),
        made("a.mp3", &["-c:a", "libmp3lame", "-b:a", "64k", "-metadata", "title=x"]),
        made("a.m4b", &["-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart", "-metadata", "title=x"]),
        made("a.flac", &["-c:a", "flac", "-metadata", "title=x"]),
        made("a.opus", &["-c:a", "libopus", "-b:a", "32k", "-metadata", "title=x"]),
    ]
}

#[test]
fn junk_in_the_head_of_a_file_never_ends_in_a_crash() {
    let beginnings = beginnings();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junk");
    let changes = proptest::collection::vec((0_usize..2_048, any::<u8>()), 1..24);
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(which in 0..beginnings.len(), changes in changes, cut in 0_usize..4)| {
        let mut bytes = beginnings[which].clone();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if cut == 0 {
            bytes.truncate(bytes.len() / 2);
        }
        std::fs::write(&path, &bytes).unwrap();
        let found = file(&path, Profile::General);
        prop_assert!(!found.findings.is_empty());
    });
}

#[test]
fn junk_alone_never_ends_in_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junk");
    let starts: [&[u8]; 7] =
        [b"", b"ID3\x04", b"\xff\xfb\x90", b"fLaC", b"OggS\0", b"\0\0\0\x10ftypM4B ", b"RIFFxxxxWAVE"];
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(which in 0..starts.len(), rest in proptest::collection::vec(any::<u8>(), 0..600))| {
        std::fs::write(&path, [starts[which], &rest].concat()).unwrap();
        let _ = file(&path, Profile::General);
    });
}
