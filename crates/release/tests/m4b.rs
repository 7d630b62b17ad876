//! M4B as independent programs read it.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::path::{Path, PathBuf};

use oracle::{
    AAC, RATE, chapter, chapter_error, cover, decoded, ffprobe, ffprobe_chapters, full_tags, mutagen, run,
    track,
};
use rhapsode_release::{CoverArt, CoverKind, Format, Layout, Tags, Track, publish};

/// Publishes the tracks as an M4B in `dir`.
fn publish_book(dir: &Path, tracks: &[Track], tags: &Tags, cover: Option<&CoverArt>) -> PathBuf {
    let destination = dir.join("out").join("Book.m4b");
    let published = publish((Format::M4b, Layout::OneFile), tracks, tags, cover, &destination).unwrap();
    assert_eq!(published.path, destination);
    assert_eq!(published.bytes, std::fs::metadata(&destination).unwrap().len());
    destination
}

/// Chapters of different lengths, few of them encoded and the rest the same files again.
fn book(dir: &Path, chapters: usize) -> Vec<Track> {
    let encoded: Vec<Track> =
        (0..chapters.min(5)).map(|i| track(dir, &format!("{i}.au"), "", AAC, &chapter(20 + 7 * i))).collect();
    (0..chapters)
        .map(|number| Track {
            title: format!("Chapter {}", number + 1),
            ..encoded[number % encoded.len()].clone()
        })
        .collect()
}

/// First sample of each track, and the sum.
fn starts(tracks: &[Track]) -> (Vec<u64>, u64) {
    let starts = (0..tracks.len()).map(|count| tracks[..count].iter().map(|track| track.samples).sum());
    (starts.collect(), tracks.iter().map(|track| track.samples).sum())
}

fn chapters_stand_where_the_sound_is(count: usize) {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), count);
    let path = publish_book(dir.path(), &tracks, &full_tags(), None);
    let (starts, total) = starts(&tracks);

    // In the sound.
    let sound = decoded(&path);
    assert_eq!(sound.len() as u64, total, "decoded samples");
    for (number, &start) in starts.iter().enumerate() {
        assert_eq!(chapter_error(&sound, start), 0, "marker of chapter {}", number + 1);
    }

    // In the QuickTime track.
    let ends = starts.iter().skip(1).copied().chain([total]);
    let expected: Vec<_> =
        starts.iter().zip(ends).zip(&tracks).map(|((&s, e), track)| (s, e, track.title.clone())).collect();
    assert_eq!(ffprobe_chapters(&path), expected);

    // In Nero's list.
    let (nero, info) = mutagen(&path);
    if count <= 255 {
        assert_eq!(nero.len(), count);
        for ((seconds, title), (start, _, expected)) in nero.iter().zip(&expected) {
            assert_eq!((seconds * f64::from(RATE.0)).round() as u64, *start);
            assert!((seconds - *start as f64 / f64::from(RATE.0)).abs() <= 0.51e-7, "{seconds}");
            assert_eq!(title, expected);
        }
    } else {
        assert!(nero.is_empty(), "a list that cannot hold all must not be there");
    }

    // And the lengths.
    let seconds = total as f64 / f64::from(RATE.0);
    let probed = ffprobe(&path);
    let read = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    assert!((read(&probed["format"]["duration"]) - seconds).abs() < 1e-5);
    let sound = &probed["streams"][0];
    assert_eq!(sound["codec_name"], "aac");
    assert_eq!(sound["profile"], "LC");
    assert_eq!(sound["time_base"], format!("1/{}", RATE.0));
    assert_eq!(sound["start_pts"], 0);
    assert_eq!(sound["tags"]["language"], "eng");
    assert_eq!(info["rate"], RATE.0);
    assert_eq!(info["channels"], 1);
    assert!((info["bitrate"].as_f64().unwrap() - 64_000.0).abs() < 6_400.0, "{}", info["bitrate"]);
}

#[test]
fn one_chapter_stands_where_its_sound_is() {
    chapters_stand_where_the_sound_is(1);
}

#[test]
fn three_chapters_stand_where_their_sound_is() {
    chapters_stand_where_the_sound_is(3);
}

#[test]
fn three_hundred_chapters_stand_where_their_sound_is() {
    chapters_stand_where_the_sound_is(300);
}

#[test]
fn two_hundred_and_fifty_five_chapters_are_the_most_that_neros_list_holds() {
    let dir = tempfile::tempdir().unwrap();
    for (count, listed) in [(255, 255), (256, 0)] {
        let path = publish_book(dir.path(), &book(dir.path(), count), &full_tags(), None);
        assert_eq!(mutagen(&path).0.len(), listed);
        assert_eq!(ffprobe_chapters(&path).len(), count);
    }
}

#[test]
fn the_joints_are_as_silent_as_the_chapters_ends() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), 5);
    let path = publish_book(dir.path(), &tracks, &full_tags(), None);
    let sound = decoded(&path);
    for start in starts(&tracks).0.into_iter().skip(1) {
        let at = start as usize;
        let peak = sound[at - 1024..at + 1024].iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
        // The noise there is at most 0.0005; half again for the encoder.
        assert!(peak < 0.001, "peak {peak} at {at}");
    }
}

#[test]
fn every_tag_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let cover = cover(dir.path(), CoverKind::Jpeg);
    let tags = full_tags();
    let path = publish_book(dir.path(), &book(dir.path(), 2), &tags, Some(&cover));

    let (_, info) = mutagen(&path);
    let found = &info["tags"];
    let is = |name: &str, value: serde_json::Value| assert_eq!(found[name], value, "{name}");
    is("\u{a9}nam", serde_json::json!([tags.title]));
    is("\u{a9}alb", serde_json::json!([tags.title]));
    is("\u{a9}ART", serde_json::json!(["Herman Melville, Ann Other"]));
    is("aART", serde_json::json!(["Herman Melville, Ann Other"]));
    is("\u{a9}wrt", serde_json::json!(["Ishmael (synthetic)"]));
    is("\u{a9}gen", serde_json::json!(["Adventure"]));
    is("\u{a9}day", serde_json::json!(["1851"]));
    is("ldes", serde_json::json!([tags.description]));
    is("desc", serde_json::json!([&tags.description.as_ref().unwrap()[..255]]));
    is("cprt", serde_json::json!(["Public domain"]));
    is("\u{a9}mvn", serde_json::json!(["Seas"]));
    is("\u{a9}mvi", serde_json::json!([2]));
    is("shwm", serde_json::json!([1]));
    is("soal", serde_json::json!(["Seas 2 - The \"Whale\""]));
    is("trkn", serde_json::Value::Null);
    is("stik", serde_json::json!([2]));
    is("pgap", serde_json::json!(true));
    is("\u{a9}too", serde_json::json!([concat!("rhapsode ", env!("CARGO_PKG_VERSION"))]));
    is("covr", serde_json::json!([{"format": 13, "bytes": cover.bytes.len()}]));
    for (name, value) in [
        ("SERIES", "Seas"),
        ("SERIES-PART", "2"),
        ("SUBTITLE", "A Test"),
        ("NARRATOR", "Ishmael (synthetic)"),
        ("PUBLISHER", "Harper"),
        ("LANGUAGE", "en-US"),
        ("ISBN", "9780142437247"),
        ("ASIN", "B000000000"),
    ] {
        is(&format!("----:com.apple.iTunes:{name}"), serde_json::json!([value]));
    }

    let text = String::from_utf8(run("AtomicParsley", [path.to_str().unwrap(), "-t"])).unwrap();
    for wanted in [
        "Atom \"\u{a9}nam\" contains: The \"Whale\"",
        "Atom \"stik\" contains: Audiobook",
        "Atom \"covr\" contains: 1 piece of artwork",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let extracted = dir.path().join("extracted");
    run("AtomicParsley", [path.to_str().unwrap(), "--extractPixToPath", extracted.to_str().unwrap()]);
    let extracted = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains("extracted_artwork"))
        .unwrap();
    assert_eq!(std::fs::read(extracted).unwrap(), cover.bytes);

    let probed = ffprobe(&path);
    assert_eq!(probed["format"]["tags"]["major_brand"], "M4B ");
    let picture = &probed["streams"].as_array().unwrap().iter().find(|s| s["codec_name"] == "mjpeg").unwrap();
    assert_eq!((&picture["width"], &picture["height"]), (&320.into(), &480.into()));
}

#[test]
fn mediainfo_reads_title_chapters_and_cover() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), 3);
    let path = publish_book(dir.path(), &tracks, &full_tags(), Some(&cover(dir.path(), CoverKind::Png)));
    let output = run("mediainfo", ["--Output=JSON", path.to_str().unwrap()]);
    let found: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let parts = found["media"]["track"].as_array().unwrap();
    let part = |kind: &'static str| parts.iter().filter(move |part| part["@type"] == kind);
    let general = part("General").next().unwrap();
    assert_eq!(general["Title"], "The \"Whale\"");
    assert_eq!(general["Cover"], "Yes");
    assert_eq!(general["IsStreamable"], "Yes");
    assert_eq!(general["IsTruncated"], serde_json::Value::Null);
    let sound = part("Audio").next().unwrap();
    assert_eq!(sound["Format_AdditionalFeatures"], "LC");
    assert_eq!(sound["SamplingCount"], starts(&tracks).1.to_string());
    // Both kinds of chapters, one menu each, with the titles.
    let menus: Vec<_> = part("Menu").collect();
    assert_eq!(menus.len(), 2, "{menus:?}");
    for menu in menus {
        let extra = menu["extra"].as_object().unwrap();
        // A chapter's key is its time; the rest are numbers of mediainfo's own.
        let chapters = extra.iter().filter(|(key, _)| key.starts_with('_'));
        let titles: Vec<_> = chapters.filter_map(|(_, title)| title.as_str()).collect();
        assert_eq!(titles, ["Chapter 1", "Chapter 2", "Chapter 3"]);
    }
}

#[test]
fn titles_of_every_kind_come_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let long = "Ein sehr langer Titel über Wale. ".repeat(125);
    let titles = [
        "\"Quoted\" & 'single' = ; # \\",
        "Emoji 🐋👩‍👩‍👧",
        "שלום עולם — ברוכים הבאים",
        long.as_str(),
        "",
        "第一章　鯨",
        "two\nlines",
    ];
    let mut tracks = book(dir.path(), titles.len());
    for (track, title) in tracks.iter_mut().zip(titles) {
        track.title = title.to_owned();
    }
    let path = publish_book(dir.path(), &tracks, &full_tags(), None);
    let found: Vec<String> = ffprobe_chapters(&path).into_iter().map(|(_, _, title)| title).collect();
    assert!(long.len() > 4096);
    assert_eq!(found, titles);
    let (nero, _) = mutagen(&path);
    for ((_, found), title) in nero.iter().zip(titles) {
        assert!(title.starts_with(found.as_str()), "{found} of {title}");
        assert!(found.len() == title.len() || (252..=255).contains(&found.len()), "{}", found.len());
    }
}

#[test]
fn a_book_without_any_metadata_is_a_book() {
    let dir = tempfile::tempdir().unwrap();
    let path = publish_book(dir.path(), &book(dir.path(), 2), &Tags::default(), None);
    let (chapters, info) = mutagen(&path);
    assert_eq!(chapters.len(), 2);
    assert_eq!(info["tags"]["\u{a9}gen"], serde_json::json!(["Audiobook"]));
    assert_eq!(info["tags"]["\u{a9}nam"], serde_json::Value::Null);
    assert_eq!(decoded(&path).len() as u64, starts(&book(dir.path(), 2)).1);
}

#[test]
fn a_cover_of_twenty_megabytes_goes_in_and_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut cover = cover(dir.path(), CoverKind::Jpeg);
    // Readers of pictures pass over what follows the end.
    cover.bytes.resize(20_000_000, 0);
    let tracks = book(dir.path(), 2);
    let path = publish_book(dir.path(), &tracks, &full_tags(), Some(&cover));
    assert_eq!(mutagen(&path).1["tags"]["covr"][0]["bytes"], 20_000_000);
    assert_eq!(decoded(&path).len() as u64, starts(&tracks).1);
    assert_eq!(ffprobe_chapters(&path).len(), 2);
}
