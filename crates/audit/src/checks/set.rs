//! Whether the files of a book belong together, and what they say of it.

use std::collections::BTreeSet;

use super::words::clock;
use crate::finding::{Check, Findings, must, should};
use crate::profile::Profile;
use crate::report::{BookReport, FileReport};
use crate::tags::Cover;

/// How far apart the loudness of two files of a book may be before a listener reaches for the volume, in LU.
const SPREAD: f64 = 3.0;

/// Seconds from which a file counts for the spread: a title of three words has no loudness of its own.
const COUNTS: f64 = 10.0;

/// A book of one file longer than this needs chapters, in seconds.
const LONG: f64 = 3_600.0;

/// The largest cover that players are known to take, in bytes: a FLAC's picture block has 24 bits of length.
const COVER: u64 = 16 << 20;

pub(super) fn check(book: &BookReport, profile: Profile, findings: &mut Findings) {
    if let [file] = book.files.as_slice() {
        return chapters(file, findings);
    }
    let kinds: BTreeSet<String> = book
        .files
        .iter()
        .filter_map(|file| file.stream.as_ref())
        .map(|stream| format!("{} {} Hz {}ch", stream.codec, stream.rate, stream.channels))
        .collect();
    let told = kinds.iter().cloned().collect::<Vec<_>>().join(", ");
    let remedy = "encode them alike: players that join files stop or change speed";
    let bound = "all files of one codec, rate and number of channels";
    let rule = if profile == Profile::Acx { must(bound, remedy) } else { should(bound, remedy) };
    findings.judge(Check::OneKind, kinds.len() <= 1, told, rule);

    let measured = book.files.iter().filter_map(|file| file.measurements.as_ref());
    let levels = measured.filter(|m| m.seconds >= COUNTS).filter_map(|m| m.integrated_lufs);
    let (low, high) =
        levels.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), l| (low.min(l), high.max(l)));
    if low <= high {
        let told = format!("{low:.1} to {high:.1} LUFS");
        let rule = should("within 3 LU of each other", "master the files to one loudness");
        findings.judge(Check::EvenLoudness, high - low <= SPREAD, told, rule);
    }
    track_numbers(book, findings);
}

fn chapters(file: &FileReport, findings: &mut Findings) {
    let seconds = file.measurements.as_ref().map_or(0.0, |measured| measured.seconds);
    if seconds > LONG && file.chapters.iter().all(|list| list.chapters.is_empty()) {
        let rule = should("chapters in a file of over an hour", "add chapters, or make a file for each");
        findings.judge(Check::Chapters, false, format!("none in {}", clock(seconds)), rule);
    }
}

fn track_numbers(book: &BookReport, findings: &mut Findings) {
    let numbers: Vec<u32> = book.files.iter().filter_map(|file| file.tags.track).collect();
    if numbers.is_empty() {
        findings.info(Check::TrackNumbers, "none: players sort by name");
        return;
    }
    let rule = should("each file its own, in the order of the names", "number the files in reading order");
    let rising = numbers.len() == book.files.len() && numbers.is_sorted_by(|a, b| a < b);
    let told = match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => {
            format!("{} of {} files, {first} to {last}", numbers.len(), book.files.len())
        }
        _ => String::new(),
    };
    findings.judge(Check::TrackNumbers, rising, told, rule);
}

/// What the tags say of the book.
pub(super) fn tags(book: &BookReport, findings: &mut Findings) {
    let first = |field: fn(&FileReport) -> Option<&str>| book.files.iter().find_map(field);
    let edit = "write it with a tag editor, or convert with the book's metadata set";
    for (check, value) in [
        (Check::Title, first(|file| file.tags.book())),
        (Check::Author, first(|file| file.tags.author.as_deref())),
        (Check::Narrator, first(|file| file.tags.reader())),
    ] {
        let told = value.unwrap_or("none").to_owned();
        findings.judge(check, value.is_some(), told, should("named in the tags", edit));
    }
    series(book, findings);
    cover(book, findings);
}

pub(super) fn series(book: &BookReport, findings: &mut Findings) {
    let Some(tags) = book.files.iter().map(|file| &file.tags).find(|tags| tags.series.is_some()) else {
        return;
    };
    let part = tags.series_part.as_ref().map(|part| format!(" #{part}")).unwrap_or_default();
    findings.info(Check::Series, format!("{}{part}", tags.series.as_deref().unwrap_or_default()));
}

/// Names of pictures beside the files that libraries take for the cover.
const COVER_FILES: [&str; 6] =
    ["cover.jpg", "cover.jpeg", "cover.png", "folder.jpg", "folder.png", "cover.webp"];

pub(super) fn cover(book: &BookReport, findings: &mut Findings) {
    let embedded = book.files.iter().find_map(|file| file.tags.cover.clone());
    let (cover, place) = match embedded {
        Some(cover) => (Some(cover), "in the file"),
        None => (beside(book), "beside the files"),
    };
    let told = match &cover {
        None => "none".to_owned(),
        Some(Cover { media_type, bytes, pixels }) => {
            let size = pixels.map(|(width, height)| format!("{width} x {height}, ")).unwrap_or_default();
            let kind = media_type.unwrap_or("of no kind that players show");
            format!("{kind}, {size}{} KiB, {place}", bytes.div_ceil(1_024))
        }
    };
    let holds = cover.is_some_and(|cover| {
        matches!(cover.media_type, Some("image/jpeg" | "image/png")) && cover.bytes < COVER
    });
    let rule =
        should("a JPEG or PNG under 16 MiB", "add one, such as cover.jpg of 1,500 x 1,500 pixels or more");
    findings.judge(Check::Cover, holds, told, rule);
}

/// A cover in the book's folder. One that belongs to a folder of many books is nobody's.
fn beside(book: &BookReport) -> Option<Cover> {
    let entries = std::fs::read_dir(&book.folder).ok()?;
    let path = entries.flatten().map(|entry| entry.path()).find(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
        COVER_FILES.contains(&name.as_str())
    })?;
    let bytes = std::fs::read(path).ok()?;
    Some(Cover::of(&bytes))
}
