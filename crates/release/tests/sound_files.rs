//! MP3 and Opus, as books and as chapters, as independent programs read them.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::path::Path;
use std::time::Duration;

use oracle::{RATE, chapter_at, chapter_error_at, cover, decoded_at, ffprobe, frame, full_tags, run, track};
use rhapsode_audio::SampleRate;
use rhapsode_release::{
    Codec, CoverArt, CoverKind, Format, Layout, Published, ReleaseError, Tags, Track, encode, publish,
};
use serde_json::Value;

/// Formats with more than one layout, each with its codec and the rate at which ffmpeg decodes it.
const FORMATS: [(Format, Codec, SampleRate); 3] = [
    (Format::M4b, Codec::Aac { bitrate: 64_000 }, RATE),
    (Format::Mp3, Codec::Mp3 { bitrate: 96_000 }, SampleRate(44_100)),
    (Format::Opus, Codec::Opus { bitrate: 32_000 }, SampleRate(48_000)),
];

/// Chapters of different lengths, a few of them encoded and the rest the same files again.
fn book(dir: &Path, codec: Codec, chapters: usize) -> Vec<Track> {
    let rate = codec.rate(RATE);
    let encoded: Vec<Track> = (0..chapters.min(4))
        .map(|i| {
            track(dir, &format!("{i}.{codec:?}"), "", codec, &chapter_at(rate, (30 + 7 * i) * frame(codec)))
        })
        .collect();
    let chapter = |number: usize| Track {
        title: format!("Chapter {}", number + 1),
        ..encoded[number % encoded.len()].clone()
    };
    (0..chapters).map(chapter).collect()
}

fn publish_at(
    dir: &Path,
    (format, layout): (Format, Layout),
    tracks: &[Track],
    (tags, cover): (&Tags, Option<&CoverArt>),
) -> Published {
    let name = if layout.is_folder() { format!("Book ({format})") } else { format!("Book.{format}") };
    publish((format, layout), tracks, tags, cover, &dir.join("out").join(name)).unwrap()
}

/// Every chapter of every file lies where the file says and where `published` says, within so many milliseconds.
fn every_chapter_is_in_its_place(published: &Published, rate: SampleRate, within_ms: f64) {
    for file in &published.files {
        let sound = decoded_at(&file.path, &[]);
        let ticks = f64::from(rate.0) / f64::from(file.rate.0);
        assert_eq!(sound.len(), (file.samples as f64 * ticks) as usize, "{}", file.path.display());
        let marks = ffprobe(&file.path)["chapters"].as_array().unwrap().clone();
        let is_book = !file.path.to_str().unwrap().contains(" - Chapter ");
        assert!(marks.len() == file.chapters.len() || !is_book, "{marks:?}");
        for (number, chapter) in file.chapters.iter().enumerate() {
            let start = (chapter.start as f64 * ticks) as u64;
            let error = chapter_error_at(rate, &sound, start_of_marker(start, ticks)) as f64;
            assert!(error.abs() / f64::from(rate.0) * 1e3 <= within_ms, "chapter {number}: {error} samples");
            if is_book {
                let told: f64 = marks[number]["start_time"].as_str().unwrap().parse().unwrap();
                let seconds = file.rate.seconds(chapter.start);
                assert!((told - seconds).abs() <= 0.000_6, "{told} {seconds}");
                assert_eq!(marks[number]["tags"]["title"], chapter.title.as_str());
            }
        }
    }
}

/// The marker lies at a sample of the track's rate; the search counts in those of the decoder.
fn start_of_marker(start: u64, ticks: f64) -> u64 {
    start + (oracle::MARKER_AT as f64 * (ticks - 1.0)) as u64
}

#[test]
fn chapters_of_one_file_lie_where_they_are_said_to() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in FORMATS {
        for chapters in [1, 5] {
            let tracks = book(dir.path(), codec, chapters);
            let published = publish_at(dir.path(), (format, Layout::OneFile), &tracks, (&full_tags(), None));
            assert_eq!(published.files.len(), 1);
            assert_eq!(published.files[0].chapters.len(), chapters);
            every_chapter_is_in_its_place(&published, rate, 1.0);
        }
    }
}

#[test]
fn a_file_for_each_chapter_has_its_title_and_number() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in FORMATS {
        let tracks = book(dir.path(), codec, 3);
        let published =
            publish_at(dir.path(), (format, Layout::FilePerChapter), &tracks, (&full_tags(), None));
        every_chapter_is_in_its_place(&published, rate, 1.0);
        let extension = format.extension(Layout::FilePerChapter);
        for (number, file) in (1..).zip(&published.files) {
            let name = format!("{number:02} - Chapter {number}.{extension}");
            assert_eq!(file.path.file_name().unwrap().to_str(), Some(name.as_str()));
            assert_eq!((file.chapters.len(), file.chapters[0].index), (1, number - 1));
            let tags = tags(&file.path);
            assert_eq!(tags["title"], format!("Chapter {number}"));
            assert_eq!(tags["album"], "The \"Whale\"");
            let place = tags["track"].as_str().unwrap();
            assert!(place == format!("{number}/3") || place == number.to_string(), "{place}");
        }
    }
}

/// Tags as ffprobe gives them, names in lower case, those of the stream with those of the file.
fn tags(path: &Path) -> serde_json::Map<String, Value> {
    let probed = ffprobe(path);
    let of = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let all = of(&probed["streams"][0]["tags"]).into_iter().chain(of(&probed["format"]["tags"]));
    all.map(|(name, value)| (name.to_lowercase(), value)).collect()
}

#[test]
fn every_tag_that_audiobookshelf_reads_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let cover = cover(dir.path(), CoverKind::Jpeg);
    for (format, codec, _) in FORMATS {
        let tracks = book(dir.path(), codec, 2);
        let published =
            publish_at(dir.path(), (format, Layout::OneFile), &tracks, (&full_tags(), Some(&cover)));
        let found = tags(&published.path);
        for (name, value) in [
            ("title", "The \"Whale\""),
            ("album", "The \"Whale\""),
            ("artist", "Herman Melville, Ann Other"),
            ("composer", "Ishmael (synthetic)"),
            ("genre", "Adventure"),
            ("date", "1851"),
            ("copyright", "Public domain"),
            ("series", "Seas"),
            ("series-part", "2"),
            ("asin", "B000000000"),
            ("isbn", "9780142437247"),
        ] {
            assert_eq!(found[name], value, "{format}: {name} in {found:?}");
        }
        let probed = ffprobe(&published.path);
        let streams = probed["streams"].as_array().unwrap();
        let picture = streams.iter().find(|stream| stream["codec_name"] == "mjpeg").unwrap();
        assert_eq!((&picture["width"], &picture["height"]), (&320.into(), &480.into()), "{format}");
    }
}

#[test]
fn parts_are_whole_books_with_their_own_chapters() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in FORMATS {
        let tracks = book(dir.path(), codec, 7);
        let seconds: f64 = tracks.iter().map(|track| track.encoded.rate.seconds(track.samples)).sum();
        let longest = Duration::from_secs_f64(seconds / 2.2);
        let published =
            publish_at(dir.path(), (format, Layout::Parts { longest }), &tracks, (&full_tags(), None));
        every_chapter_is_in_its_place(&published, rate, 1.0);
        assert_eq!(published.files.len(), 3, "{format}");
        let chapters: Vec<&str> =
            published.files.iter().flat_map(|file| &file.chapters).map(|c| c.title.as_str()).collect();
        assert_eq!(chapters, tracks.iter().map(|track| track.title.as_str()).collect::<Vec<_>>());
        for (number, file) in (1..).zip(&published.files) {
            assert!(file.seconds() <= longest.as_secs_f64());
            assert_eq!(file.chapters[0].start, 0);
            let found = tags(&file.path);
            assert_eq!(found["title"], format!("The \"Whale\", Part {number} of 3"));
            let place = found["track"].as_str().unwrap();
            assert!(place == format!("{number}/3") || place == number.to_string(), "{place}");
            if format != Format::Opus {
                assert_eq!(found["disc"], format!("{number}/3"));
            }
            let name = format!("The 'Whale', Part {number} of 3.{format}");
            assert_eq!(file.path.file_name().unwrap().to_str(), Some(name.as_str()));
        }
    }
}

#[test]
fn a_book_that_fits_into_one_part_is_not_called_a_part() {
    let dir = tempfile::tempdir().unwrap();
    let (format, codec, _) = FORMATS[0];
    let layout = Layout::Parts { longest: Duration::from_secs(3_600) };
    let published =
        publish_at(dir.path(), (format, layout), &book(dir.path(), codec, 2), (&full_tags(), None));
    assert_eq!(published.files[0].path.file_name().unwrap(), "The 'Whale'.m4b");
    assert_eq!(tags(&published.files[0].path)["title"], "The \"Whale\"");
}

#[test]
fn three_hundred_chapters_are_read_by_every_reader() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in &FORMATS[1..] {
        let tracks = book(dir.path(), *codec, 300);
        let published = publish_at(dir.path(), (*format, Layout::OneFile), &tracks, (&full_tags(), None));
        every_chapter_is_in_its_place(&published, *rate, 1.0);
    }
}

#[test]
fn an_mp3s_table_of_contents_leads_to_every_chapter() {
    let dir = tempfile::tempdir().unwrap();
    for chapters in [2, 255, 256, 300] {
        let tracks = book(dir.path(), Codec::Mp3 { bitrate: 32_000 }, chapters);
        let published = publish_at(dir.path(), (Format::Mp3, Layout::OneFile), &tracks, (&full_tags(), None));
        const SCRIPT: &str = r#"
import json, sys, mutagen.id3
tag = mutagen.id3.ID3(sys.argv[1], translate=False)
tables = {f.element_id: f for f in tag.getall("CTOC")}
chapters = {f.element_id: f for f in tag.getall("CHAP")}
top = [f for f in tables.values() if f.flags & 2]
def leaves(table):
    for child in table.child_element_ids:
        if child in tables: yield from leaves(tables[child])
        else: yield chapters[child]
print(json.dumps({"version": list(tag.version), "tops": len(top), "most": max(len(t.child_element_ids) for t in tables.values()),
    "chapters": [[c.start_time, c.end_time, str(c.sub_frames["TIT2"])] for c in leaves(top[0])]}))
"#;
        let path = published.path.to_str().unwrap();
        let found: Value = serde_json::from_slice(&run("/usr/bin/python3", ["-c", SCRIPT, path])).unwrap();
        assert_eq!((&found["version"], &found["tops"]), (&serde_json::json!([2, 3, 0]), &1.into()));
        assert!(found["most"].as_u64().unwrap() <= 255);
        let file = &published.files[0];
        let ms = |samples: u64| (samples as f64 * 1_000.0 / 44_100.0).round() as u64;
        let expected: Vec<Value> = file
            .chapters
            .iter()
            .map(|c| serde_json::json!([ms(c.start), ms(c.start + c.samples), c.title]))
            .collect();
        assert_eq!(found["chapters"].as_array().unwrap(), &expected);
    }
}

#[test]
fn mp3_files_are_sound_for_mp3val_and_eyed3_and_tell_their_length_to_the_sample() {
    let dir = tempfile::tempdir().unwrap();
    for bitrate in [32_000, 64_000, 128_000, 192_000, 320_000] {
        let tracks = book(dir.path(), Codec::Mp3 { bitrate }, 3);
        let cover = cover(dir.path(), CoverKind::Jpeg);
        let published =
            publish_at(dir.path(), (Format::Mp3, Layout::OneFile), &tracks, (&full_tags(), Some(&cover)));
        let path = published.path.to_str().unwrap();
        let said = String::from_utf8(run("mp3val", [path])).unwrap();
        assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
        // What the first frame tells has no room in a frame of the lowest rate: there it is larger than the others, and both
        // programs see it. Elsewhere it looks like one more frame of a constant rate.
        let (head, mode) =
            if bitrate == 32_000 { ("+ID3v2, Xing header", "VBR") } else { ("+ID3v2, CBR", "CBR") };
        assert!(said.contains(head), "{bitrate}: {said}");
        let said = String::from_utf8(run("eyeD3", ["--no-color", path])).unwrap();
        assert!(said.contains("The \"Whale\"") && said.contains("FRONT_COVER"), "{said}");
        let probed = ffprobe(&published.path);
        assert_eq!(probed["streams"][0]["bit_rate"], bitrate.to_string());
        let seconds: f64 = probed["format"]["duration"].as_str().unwrap().parse().unwrap();
        assert!((seconds - published.files[0].seconds()).abs() < 0.03, "{seconds}");
        let info = run("mediainfo", ["--Output=JSON", path]);
        let info: Value = serde_json::from_slice(&info).unwrap();
        let audio = &info["media"]["track"][1];
        assert_eq!((&audio["BitRate_Mode"], &audio["Channels"]), (&mode.into(), &"1".into()));
    }
}

#[test]
fn opus_files_are_sound_for_opusinfo() {
    let dir = tempfile::tempdir().unwrap();
    for (bitrate, layout) in
        [(16_000, Layout::OneFile), (32_000, Layout::OneFile), (96_000, Layout::FilePerChapter)]
    {
        let tracks = book(dir.path(), Codec::Opus { bitrate }, 3);
        let cover = cover(dir.path(), CoverKind::Png);
        let published = publish_at(dir.path(), (Format::Opus, layout), &tracks, (&full_tags(), Some(&cover)));
        for file in &published.files {
            let said = String::from_utf8(run("opusinfo", [file.path.to_str().unwrap()])).unwrap();
            assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
            assert!(said.contains("Pre-skip: 4800") && said.contains("Channels: 1"), "{said}");
        }
    }
}

#[test]
fn joints_of_chapters_are_as_silent_as_their_ends() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in FORMATS {
        let tracks = book(dir.path(), codec, 5);
        let published = publish_at(dir.path(), (format, Layout::OneFile), &tracks, (&full_tags(), None));
        let sound = decoded_at(&published.path, &[]);
        let file = &published.files[0];
        for chapter in &file.chapters[1..] {
            let at = (chapter.start as f64 * f64::from(rate.0) / f64::from(file.rate.0)) as usize;
            let peak = sound[at - 1_024..at + 1_024].iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
            // The noise there is at most 0.0005; half again for the encoder.
            assert!(peak < 0.001, "{format}: peak {peak} at {at}");
        }
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
        long.trim(),
        "第一章　鯨",
    ];
    for (format, codec, _) in FORMATS {
        let mut tracks = book(dir.path(), codec, titles.len());
        for (track, title) in tracks.iter_mut().zip(titles) {
            track.title = title.to_owned();
        }
        let tags_of_book = Tags { title: titles[1].to_owned(), ..Tags::default() };
        for layout in [Layout::OneFile, Layout::FilePerChapter] {
            let published = publish_at(dir.path(), (format, layout), &tracks, (&tags_of_book, None));
            let found: Vec<Value> = match layout {
                Layout::OneFile => {
                    let probed = ffprobe(&published.path);
                    probed["chapters"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|c| c["tags"]["title"].clone())
                        .collect()
                }
                _ => published.files.iter().map(|file| tags(&file.path)["title"].clone()).collect(),
            };
            assert_eq!(found, titles, "{format}");
        }
    }
}

#[test]
fn a_book_without_any_metadata_is_a_book_and_the_shortest_chapter_is_one() {
    let dir = tempfile::tempdir().unwrap();
    for (format, codec, rate) in FORMATS {
        let shortest = track(dir.path(), "shortest", "", codec, &vec![0.0; frame(codec)]);
        let tracks = [shortest.clone(), book(dir.path(), codec, 1).remove(0), shortest];
        for layout in [Layout::OneFile, Layout::FilePerChapter] {
            let published = publish_at(dir.path(), (format, layout), &tracks, (&Tags::default(), None));
            let samples: usize = published.files.iter().map(|file| decoded_at(&file.path, &[]).len()).sum();
            let expected: u64 = tracks.iter().map(|track| track.samples).sum();
            let ticks = f64::from(rate.0) / f64::from(tracks[0].encoded.rate.0);
            assert_eq!(samples, (expected as f64 * ticks) as usize, "{format} {layout:?}");
        }
    }
}

#[test]
fn a_cover_of_twenty_megabytes_goes_into_a_book_and_beside_chapters() {
    let dir = tempfile::tempdir().unwrap();
    let mut cover = cover(dir.path(), CoverKind::Jpeg);
    // Readers of pictures pass over what follows the end.
    cover.bytes.resize(20_000_000, 0);
    for (format, codec, rate) in &FORMATS[1..] {
        let tracks = book(dir.path(), *codec, 3);
        let whole = publish_at(dir.path(), (*format, Layout::OneFile), &tracks, (&full_tags(), Some(&cover)));
        every_chapter_is_in_its_place(&whole, *rate, 1.0);
        assert!(whole.bytes > 20_000_000);
        let chapters =
            publish_at(dir.path(), (*format, Layout::FilePerChapter), &tracks, (&full_tags(), Some(&cover)));
        assert!(chapters.files.iter().all(|file| file.bytes < 1_000_000));
        assert_eq!(std::fs::read(chapters.path.join("cover.jpg")).unwrap().len(), 20_000_000);
    }
}

#[test]
fn a_format_with_a_file_for_each_chapter_cannot_be_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let tracks = [track(dir.path(), "a", "", Codec::Flac, &chapter_at(RATE, 10_240))];
    let error = publish((Format::Flac, Layout::OneFile), &tracks, &full_tags(), None, &dir.path().join("b"))
        .unwrap_err();
    assert!(matches!(error, ReleaseError::OneChapterAFile { format: Format::Flac }), "{error}");
}

#[test]
fn a_rate_or_a_bit_rate_that_a_codec_does_not_have_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = |codec, rate| encode::open(codec, SampleRate(rate), &dir.path().join("a")).err();
    assert!(matches!(open(Codec::Mp3 { bitrate: 100_000 }, 44_100), Some(ReleaseError::Bitrate { .. })));
    assert!(open(Codec::Mp3 { bitrate: 64_000 }, 24_000).is_some());
    assert!(matches!(open(Codec::Opus { bitrate: 1 }, 24_000), Some(ReleaseError::BitrateOutside { .. })));
    assert!(open(Codec::Opus { bitrate: 32_000 }, 22_050).is_some());
    assert_eq!(Codec::Opus { bitrate: 0 }.rate(SampleRate(22_050)), SampleRate(24_000));
}
