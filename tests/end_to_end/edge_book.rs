//! Books that no shop would take, in every format: whatever the titles are, each file is whole, each chapter is there
//! under its title, and every judge finds the files sound.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rhapsode_tests::{
    Media, World,
    fleet::{Fleet, Identity},
    probe,
    speech_server::Settings,
};
use serde_json::Value;

const FORMATS: [&str; 5] = ["m4b", "mp3", "opus", "flac", "wav"];
const DOCUMENTS: &str = "srt,vtt,lrc,cue,opf,rss,lpf,audiobook,epub";
const CHAPTERS: usize = 300;

/// What a judge says; it must end well.
fn judged<const N: usize>(program: &str, arguments: [&str; N], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: run scripts/setup"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {}: {said}", file.display());
    said
}

/// Every file below a folder but for what is hidden, by its extension.
fn files(folder: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.file_name().unwrap().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.is_dir() {
            for (extension, more) in files(&entry) {
                found.entry(extension).or_default().extend(more);
            }
        } else if let Some(extension) = entry.extension() {
            found.entry(extension.to_str().unwrap().to_owned()).or_default().push(entry);
        }
    }
    found.values_mut().for_each(|paths| paths.sort());
    found
}

/// A sound file is decoded to its end without a complaint, and its format's own judge has none.
fn is_sound(file: &Path) {
    let path = file.to_str().unwrap();
    let decoding =
        Command::new("ffmpeg").args(["-v", "error", "-i", path, "-f", "null", "-"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&decoding.stderr).into_owned();
    assert!(decoding.status.success() && complaint.is_empty(), "{path}: {complaint}");
    let said = match file.extension().and_then(|extension| extension.to_str()) {
        Some("mp3") => judged("mp3val", [], file),
        Some("opus") => judged("opusinfo", [], file),
        Some("flac") => judged("flac", ["-t", "-s", "--warnings-as-errors"], file),
        other => {
            let format = judged("mediainfo", ["--Inform=General;%Format%"], file);
            assert_eq!(format.trim(), if other == Some("wav") { "Wave" } else { "MPEG-4" }, "{path}");
            format
        }
    };
    assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{path}: {said}");
}

struct Made {
    world: World,
    /// Titles of the chapters, as the plan has them.
    titles: Vec<String>,
    seconds: f64,
    files: BTreeMap<String, Vec<PathBuf>>,
}

/// Makes a book in every format, with everything beside it.
fn make(name: &str, manuscript: impl AsRef<[u8]>, prepare: impl FnOnce(&World)) -> Made {
    let fleet = Fleet::start([Settings::default()]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    prepare(&world);
    let book = world.write(name, manuscript);
    let book = book.to_str().unwrap();
    let plan = world.run(["plan", "--json", book]).success().stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let chapters = plan["chapters"].as_array().unwrap();
    let titles = chapters.iter().map(|chapter| chapter["title"].as_str().unwrap().to_owned()).collect();
    let formats = FORMATS.join(",");
    let told = world
        .run([
            "convert",
            book,
            "-o",
            "out",
            "--voice",
            "siren",
            "--events=json",
            "--format",
            &formats,
            "--with",
            DOCUMENTS,
            "--feed-url",
            "https://books.example/a",
        ])
        .success()
        .stdout;
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let finished = events.into_iter().find(|event| event["event"] == "finished").unwrap();
    let files = files(&world.path("out"));
    Made { seconds: finished["seconds"].as_f64().unwrap(), files, titles, world }
}

impl Made {
    fn of(&self, extension: &str) -> &[PathBuf] {
        self.files.get(extension).unwrap_or_else(|| panic!("no {extension} in {:?}", self.files.keys()))
    }

    /// What must hold for every book.
    fn holds(&self) {
        for extension in FORMATS {
            let files = self.of(extension);
            // Each takes a judge a while; among the first are titles of every kind.
            files
                .iter()
                .enumerate()
                .filter(|(n, _)| *n < 10 || n % 25 == 0)
                .for_each(|(_, file)| is_sound(file));
            let probed: Vec<Media> = files.iter().map(|file| probe(file)).collect();
            let length: f64 = probed.iter().map(Media::seconds).sum();
            let apart = (length - self.seconds).abs();
            // A frame for each chapter, and what an Opus file has before its sound.
            let frames = 0.05 * self.titles.len() as f64 + 0.1;
            assert!(apart < frames, "{extension}: {length} s of {}", self.seconds);
            let titles: Vec<String> = if let ("m4b" | "opus", [file]) = (extension, &probed[..]) {
                file.chapters().into_iter().map(|chapter| chapter.title).collect()
            } else {
                probed.iter().map(|file| file.tag("title").unwrap_or_default().to_owned()).collect()
            };
            assert_eq!(titles, self.titles, "{extension}");
        }
        let epub = judged("java", ["-jar", "/usr/share/java/epubcheck.jar"], &self.of("epub")[0]);
        assert!(!epub.contains("ERROR") && !epub.contains("WARNING"), "{epub}");
        for package in ["lpf", "audiobook"] {
            let _ = judged("python3", ["-m", "zipfile", "-t"], &self.of(package)[0]);
        }
        for document in ["opf", "rss"] {
            const PARSE: &str = "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])";
            let _ = judged("python3", ["-c", PARSE], &self.of(document)[0]);
        }
    }
}

#[test]
fn three_hundred_chapters_with_titles_of_every_kind_and_a_cover_of_20_mb() {
    let long = "A title that goes on and on, ".repeat(150);
    assert!(long.len() > 4_096);
    let odd = [
        "\"Quoted\" & 'single' <b> = ; # \\ %20",
        "Emoji 🐋👩‍👩‍👧",
        "שלום עולם — ברוכים הבאים",
        "第一章　鯨",
        "CON",
        "a/b\\c:d*e?f|g",
    ];
    let mut text = format!(
        "---\ntitle: \"{} 🐋 שלום\"\nauthor: \"A. \\\"Quoted\\\" Writer\"\ncover: cover.png\n---\n",
        "The Long \\\"Title\\\" & Co, ".repeat(170)
    );
    for number in 0..CHAPTERS {
        // It is spoken as well, so once is enough.
        let title = if number == 7 { long.trim_end_matches([',', ' ']) } else { odd[number % odd.len()] };
        let _ = write!(text, "\n# {number} {title}\n\n");
        // Every tenth has nothing but its title.
        if number % 10 != 9 {
            let _ = writeln!(text, "It was number {number}.");
        }
    }
    let made = make("edge.md", text, |world| {
        let cover = world.path("cover.png");
        let noise = ["-v", "error", "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", "2700x2700"];
        let drawn = Command::new("ffmpeg")
            .args(noise)
            .args(["-i", "/dev/urandom", "-frames:v", "1"])
            .arg(&cover)
            .status()
            .unwrap();
        assert!(drawn.success() && fs::metadata(&cover).unwrap().len() > 20_000_000);
    });
    assert_eq!(made.titles.len(), CHAPTERS);
    made.holds();
    let cover = fs::metadata(made.world.path("cover.png")).unwrap().len();
    for extension in ["m4b", "opus"] {
        let file = &made.of(extension)[0];
        assert!(fs::metadata(file).unwrap().len() > cover, "{extension} has no cover in it");
        assert_eq!(probe(file).streams("video").len(), 1, "{extension}");
    }
}

#[test]
fn one_chapter_of_which_nothing_is_known() {
    let made = make("x.txt", "It was short.\n", |_| {});
    assert_eq!(made.titles.len(), 1);
    made.holds();
}
