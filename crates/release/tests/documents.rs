//! Documents beside releases, as programs that we did not write read them, and their times against the sound.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use oracle::{
    MARKER_AT, RATE, chapter_at, chapter_error, chapter_error_at, cover, decoded, decoded_at, ffprobe, frame,
    full_tags, run, track,
};
use rhapsode_audio::SampleRate;
use rhapsode_release::{
    ChunkTime, CoverArt, CoverKind, Format, Layout, Published, Tags, Track,
    documents::{self, Document, Edition, Order},
    packages::{self, Package},
    publish,
};
use serde_json::Value;

const WORDS: [&str; 3] = [
    "Call me \"Ishmael\" --> & <b>no</b> other.",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f433}!",
    "Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular \
     to interest me on shore, I thought I would sail about a little and see the watery part of the world.",
];

/// Three chapters, in each of which a chunk begins where the marker lies.
fn book(dir: &Path, format: Format) -> Vec<Track> {
    let codec = format.codec(None);
    let track = |number: usize| {
        let samples = chapter_at(codec.rate(RATE), (60 + 7 * number) * frame(codec));
        let mut track = track(dir, &format!("{number}"), &format!("\"{number}\" <Chapter>"), codec, &samples);
        track.chunks = vec![ChunkTime {
            ordinal: number as u32,
            key: [0; 32],
            start: MARKER_AT as u64,
            length: track.samples - MARKER_AT as u64 - 2_000,
            trimmed_start: 0,
        }];
        track
    };
    (0..3).map(track).collect()
}

struct Made {
    dir: tempfile::TempDir,
    published: Published,
    files: Vec<PathBuf>,
}

fn made(format: Format, layout: Layout) -> Made {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), format);
    let cover = cover(dir.path(), CoverKind::Png);
    let name = if layout.is_folder() { "Book (x)" } else { "Book.x" };
    let place = dir.path().join("out").join(name);
    let published = publish((format, layout), &tracks, &full_tags(), Some(&cover), &place).unwrap();
    let files = written(&published, &full_tags(), Some(&cover));
    Made { dir, published, files }
}

fn written(published: &Published, tags: &Tags, cover: Option<&CoverArt>) -> Vec<PathBuf> {
    let all: Vec<Document> = Document::all().collect();
    let base = "https://example.org/b".parse().unwrap();
    let edition = Edition::of(published, tags, cover, |ordinal| WORDS[ordinal as usize].to_owned());
    documents::write(&edition, &Order { documents: &all, base: Some(&base) }).unwrap()
}

impl Made {
    fn file(&self, extension: &str) -> &Path {
        let is = |path: &&PathBuf| path.extension().is_some_and(|found| found == extension);
        self.files.iter().find(is).unwrap_or_else(|| panic!("no {extension} in {:?}", self.files))
    }

    fn text(&self, extension: &str) -> String {
        fs::read_to_string(self.file(extension)).unwrap()
    }
}

/// Start, end and words of captions as ffprobe reads them.
fn captions(path: &Path) -> Vec<(f64, f64, String)> {
    let path = path.to_str().unwrap();
    let packets = run("ffprobe", ["-v", "error", "-show_packets", "-show_data", "-of", "json", path]);
    let packets: Value = serde_json::from_slice(&packets).unwrap();
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let packets = packets["packets"].as_array().unwrap();
    packets
        .iter()
        .map(|packet| {
            let start = number(&packet["pts_time"]);
            (start, start + number(&packet["duration_time"]), words(packet["data"].as_str().unwrap()))
        })
        .collect()
}

/// The bytes of a dump as text.
fn words(dump: &str) -> String {
    let hex = |line: &str| line.get(10..50).unwrap_or_default().split_whitespace().collect::<String>();
    let hex: String = dump.lines().map(hex).collect();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    String::from_utf8((0..hex.len()).step_by(2).map(byte).collect()).unwrap()
}

#[test]
fn captions_of_one_file_are_shown_where_their_words_are_heard() {
    let made = made(Format::M4b, Layout::OneFile);
    let samples = decoded(&made.published.path);
    let starts: Vec<u64> = made.published.files[0].chapters.iter().map(|chapter| chapter.start).collect();
    for &start in &starts {
        let error = chapter_error(&samples, start).unsigned_abs();
        assert!(error < u64::from(RATE.0) / 100, "the marker is {error} samples off");
    }
    for extension in ["srt", "vtt"] {
        let captions = captions(made.file(extension));
        assert!(captions.len() >= 5, "{captions:?}");
        for &start in &starts {
            let second = (start + MARKER_AT as u64) as f64 / f64::from(RATE.0);
            assert!(captions.iter().any(|(at, ..)| (at - second).abs() < 0.001), "{second}: {captions:?}");
        }
        assert!(captions.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-9), "{captions:?}");
        let shown: Vec<String> = captions.iter().map(|(.., words)| words.replace('\n', " ")).collect();
        let shown = shown.join(" ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert_eq!(shown, WORDS.join(" "), "{extension}");
    }
}

#[test]
fn captions_of_every_format_begin_where_their_words_are_heard() {
    // To the sample where nothing is lost; half a millisecond is what a caption's clock rounds off.
    let exact = 1.0 / f64::from(RATE.0);
    for (format, layout, rate, within) in [
        (Format::Mp3, Layout::OneFile, 44_100, 0.010),
        (Format::Mp3, Layout::FilePerChapter, 44_100, 0.010),
        (Format::Opus, Layout::OneFile, 48_000, 0.010),
        (Format::Flac, Layout::FilePerChapter, RATE.0, exact),
        (Format::Wav, Layout::FilePerChapter, RATE.0, exact),
    ] {
        let made = made(format, layout);
        let rate = SampleRate(rate);
        for file in &made.published.files {
            let sound = decoded_at(&file.path, &[]);
            let ticks = f64::from(rate.0) / f64::from(file.rate.0);
            for extension in ["srt", "vtt"] {
                let captions = captions(&file.path.with_extension(extension));
                for chapter in &file.chapters {
                    let start = (chapter.start as f64 * ticks + MARKER_AT as f64 * (ticks - 1.0)) as u64;
                    let error = chapter_error_at(rate, &sound, start) as f64 / f64::from(rate.0);
                    assert!(error.abs() <= within, "{format}: the marker is {error} s off");
                    let heard = (start + MARKER_AT as u64) as f64 / f64::from(rate.0) + error;
                    let nearest = captions.iter().map(|(at, ..)| (at - heard).abs()).fold(f64::MAX, f64::min);
                    assert!(nearest <= within + 0.000_5, "{format}, {extension}: {nearest} s off");
                }
            }
        }
    }
}

#[test]
fn a_folder_has_captions_for_each_file_and_may_be_replaced_with_them() {
    let made = made(Format::Flac, Layout::FilePerChapter);
    for file in &made.published.files {
        let captions = captions(&file.path.with_extension("srt"));
        let expected = MARKER_AT as f64 / f64::from(RATE.0);
        assert!((captions[0].0 - expected).abs() < 0.001, "{captions:?}");
        assert!(captions.last().unwrap().1 <= file.seconds());
    }
    assert!(made.published.path.join("metadata.opf").exists());
    let again = made.dir.path().join("again");
    fs::create_dir(&again).unwrap();
    let tracks = book(&again, Format::Flac);
    let layout = Layout::FilePerChapter;
    let published =
        publish((Format::Flac, layout), &tracks, &full_tags(), None, &made.published.path).unwrap();
    assert!(!published.path.join("metadata.opf").exists(), "the folder is replaced whole");
}

#[test]
fn ffmpeg_reads_the_tags_of_the_lyrics() {
    let made = made(Format::M4b, Layout::OneFile);
    let probed = ffprobe(made.file("lrc"));
    let tags = &probed["format"]["tags"];
    assert_eq!(tags["title"], "The \"Whale\"");
    assert_eq!(tags["artist"], "Herman Melville, Ann Other");
    assert!(captions(made.file("lrc"))[0].2.starts_with("Call me \"Ishmael\""));
}

#[test]
fn a_cue_sheet_names_each_file_and_the_frame_of_each_chapter() {
    let one = made(Format::M4b, Layout::OneFile);
    let sheet = one.text("cue");
    assert!(sheet.contains("FILE \"Book.x\" WAVE"), "{sheet}");
    assert!(sheet.contains("TITLE \"'1' <Chapter>\""), "{sheet}");
    let start = one.published.files[0].chapters[2].start * 75;
    let frames = (start + u64::from(RATE.0) / 2) / u64::from(RATE.0);
    let stamp = format!("INDEX 01 {:02}:{:02}:{:02}", frames / 75 / 60, frames / 75 % 60, frames % 75);
    assert!(sheet.contains(&stamp), "{stamp}: {sheet}");
    assert_eq!(read_by_cuetools(one.file("cue")), ["'0' <Chapter>", "'1' <Chapter>", "'2' <Chapter>"]);
    let starts = String::from_utf8(run("cuebreakpoints", [one.file("cue")])).unwrap();
    for (told, chapter) in starts.lines().zip(&one.published.files[0].chapters[1..]) {
        let (minutes, seconds) = told.split_once(':').unwrap();
        let (seconds, frames) = seconds.split_once('.').unwrap();
        let number = |text: &str| text.parse::<f64>().unwrap();
        let told = number(minutes) * 60.0 + number(seconds) + number(frames) / 75.0;
        let starts = chapter.start as f64 / f64::from(RATE.0);
        assert!((told - starts).abs() <= 0.5 / 75.0, "{told} and {starts}");
    }
    assert_eq!(starts.lines().count(), 2);
    let many = made(Format::Flac, Layout::FilePerChapter);
    assert_eq!(read_by_cuetools(many.file("cue")).len(), 3);
    assert_eq!(many.text("cue").matches("INDEX 01 00:00:00").count(), 3);
}

/// Titles of the tracks, as cuetools reads them.
fn read_by_cuetools(sheet: &Path) -> Vec<String> {
    let told = run("cueprint", ["-d", "", "-t", "%t\n", sheet.to_str().unwrap()]);
    String::from_utf8(told).unwrap().lines().map(str::to_owned).collect()
}

/// What a Python program prints of a file.
fn python(script: &str, path: &Path) -> Value {
    let output = run("/usr/bin/python3", ["-c", script, path.to_str().unwrap()]);
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn library_data_say_who_wrote_and_who_reads() {
    let made = made(Format::M4b, Layout::OneFile);
    const SCRIPT: &str = r#"
import json, sys, xml.etree.ElementTree as E
dc, opf = "{http://purl.org/dc/elements/1.1/}", "{http://www.idpf.org/2007/opf}"
m = E.parse(sys.argv[1]).getroot().find(opf + "metadata")
print(json.dumps({
    "title": m.find(dc + "title").text,
    "creators": [[c.get(opf + "role"), c.text] for c in m.findall(dc + "creator")],
    "isbn": [i.text for i in m.findall(dc + "identifier") if i.get(opf + "scheme") == "ISBN"],
    "meta": {x.get("name"): x.get("content") for x in m.findall(opf + "meta")},
}))"#;
    let read = python(SCRIPT, made.file("opf"));
    assert_eq!(read["title"], "The \"Whale\"");
    assert_eq!(
        read["creators"],
        serde_json::json!([["aut", "Herman Melville"], ["aut", "Ann Other"], ["nrt", "Ishmael (synthetic)"]])
    );
    assert_eq!(read["isbn"][0], "9780142437247");
    assert_eq!(read["meta"]["calibre:series"], "Seas");
    assert_eq!(read["meta"]["calibre:series_index"], "2");
}

#[test]
fn a_feed_has_the_exact_length_of_each_file_and_the_same_names_every_time() {
    const SCRIPT: &str = r#"
import json, sys, xml.etree.ElementTree as E
c = E.parse(sys.argv[1]).getroot().find("channel")
print(json.dumps([{**i.find("enclosure").attrib, "guid": i.find("guid").text, "title": i.find("title").text}
    for i in c.findall("item")]))"#;
    for (format, layout) in [(Format::M4b, Layout::OneFile), (Format::Flac, Layout::FilePerChapter)] {
        let made = made(format, layout);
        let items = python(SCRIPT, made.file("rss"));
        let items = items.as_array().unwrap();
        assert_eq!(items.len(), made.published.files.len());
        for (item, file) in items.iter().zip(&made.published.files) {
            assert_eq!(item["length"], fs::metadata(&file.path).unwrap().len().to_string());
            assert_eq!(item["type"], file.media_type);
            let url = item["url"].as_str().unwrap();
            assert!(url.starts_with("https://example.org/b/Book") && !url.contains(' '), "{url}");
        }
        let text = made.text("rss");
        let _ = written(&made.published, &full_tags(), None);
        let guids = |text: &str| text.lines().filter(|line| line.contains("<guid")).collect::<String>();
        assert_eq!(guids(&text), guids(&made.text("rss")));
    }
    let one = made(Format::M4b, Layout::OneFile);
    let chapters: Value = serde_json::from_slice(&fs::read(one.file("json")).unwrap()).unwrap();
    let second = one.published.files[0].chapters[1].start as f64 / f64::from(RATE.0);
    assert!((chapters["chapters"][1]["startTime"].as_f64().unwrap() - second).abs() < 0.001);
}

#[test]
fn packages_hold_every_chapter_and_say_how_long_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = book(dir.path(), packages::CHAPTERS);
    let cover = cover(dir.path(), CoverKind::Png);
    for (package, manifest) in [(Package::Lpf, "publication.json"), (Package::Audiobook, "manifest.json")] {
        let path = dir.path().join(format!("Book.{package}"));
        packages::write(package, &tracks, &full_tags(), Some(&cover), &path).unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let mut file = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let read: Value = serde_json::from_slice(&file(manifest)).unwrap();
        let order = read["readingOrder"].as_array().unwrap();
        assert_eq!(order.len(), tracks.len());
        for (resource, track) in order.iter().zip(&tracks) {
            let name = resource["url"].as_str().or(resource["href"].as_str()).unwrap();
            let sound = dir.path().join("sound.m4a");
            fs::write(&sound, file(name)).unwrap();
            assert_eq!(decoded(&sound).len() as u64, track.samples);
            let told = &resource["duration"];
            let told =
                told.as_f64().or_else(|| told.as_str()?.strip_prefix("PT")?.strip_suffix('S')?.parse().ok());
            let seconds = track.samples as f64 / f64::from(RATE.0);
            assert!((told.unwrap() - seconds).abs() < 0.001, "{resource}");
        }
        let cover_name = read["resources"].as_array().unwrap().iter().find_map(|resource| {
            let name = resource["url"].as_str().or(resource["href"].as_str())?;
            name.ends_with(".png").then(|| name.to_owned())
        });
        assert_eq!(file(&cover_name.unwrap()), cover.bytes);
    }
}
