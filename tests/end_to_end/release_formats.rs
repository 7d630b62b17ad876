//! Every format from one job, as programs that we did not write read it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rhapsode_tests::{
    World,
    fleet::{Fleet, Identity, convert, manuscript},
    kills::count,
    probe,
    speech_server::Settings,
};
use serde_json::Value;

const NOVELLA: &str = "the-lamplighters-almanac.epub";

fn run(world: &World, book: &Path, more: &[&str]) -> Vec<Value> {
    let arguments = ["convert".as_ref(), book.as_os_str(), "--events=json".as_ref()];
    let arguments = arguments.into_iter().chain(more.iter().map(AsRef::as_ref));
    let told = world.run(arguments).success().stdout;
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The sound files of a release, in their order: the file itself, or those of the folder.
fn files(release: &Path, extension: &str) -> Vec<PathBuf> {
    if release.is_file() {
        return vec![release.to_owned()];
    }
    let mut files: Vec<PathBuf> = fs::read_dir(release)
        .unwrap_or_else(|error| panic!("{}: {error}", release.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// Where a job put its releases.
fn releases(events: &[Value]) -> Vec<PathBuf> {
    let published = events.iter().filter(|event| event["event"] == "published");
    published.map(|event| event["path"].as_str().unwrap().into()).collect()
}

/// What a program says of a file; it must find no fault.
fn judged(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).arg(file).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: run scripts/setup"));
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {said}", file.display());
    said
}

#[test]
fn all_formats_come_from_one_job_and_every_judge_finds_them_sound() {
    let world = World::new();
    let book = world.manuscript(NOVELLA);
    let events = run(&world, &book, &["-o", "out", "--format", "m4b,mp3,opus,flac,wav"]);
    let plan = world.run(["plan".as_ref(), "--json".as_ref(), book.as_os_str()]).success().stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let chapters = plan["chapters"].as_array().unwrap().len();
    let finished = events.iter().find(|event| event["event"] == "finished").unwrap();
    let seconds = finished["seconds"].as_f64().unwrap();
    let releases = releases(&events);
    assert_eq!(releases.len(), 5);
    let is_there = |name: &str| releases.iter().any(|release| release.to_string_lossy().ends_with(name));
    for name in ["Almanac.m4b", "Almanac (mp3)", "Almanac.opus", "Almanac (flac)", "Almanac (wav)"] {
        assert!(is_there(name), "{name}: {releases:?}");
    }
    for (release, extension) in
        releases.iter().map(|path| world.path(path)).zip(["m4b", "mp3", "opus", "flac", "wav"])
    {
        let files = files(&release, extension);
        let media: Vec<_> = files.iter().map(|file| probe(file)).collect();
        let marks: usize = media.iter().map(|media| media.chapters().len()).sum();
        let counted = if release.is_file() { marks } else { files.len() };
        assert_eq!(counted, chapters, "{extension}");
        let length: f64 = media.iter().map(|media| media.seconds()).sum();
        assert!((length - seconds).abs() < 0.1 * chapters as f64, "{extension}: {length} s of {seconds}");
        for file in &files {
            let said = match extension {
                "mp3" => judged("mp3val", &[], file),
                "opus" => judged("opusinfo", &[], file),
                "flac" => judged("flac", &["-t", "-s"], file),
                "m4b" => judged("AtomicParsley", &["-t"], file),
                _ => judged("mediainfo", &[], file),
            };
            match extension {
                // These two tell what they read and not what is wrong with it.
                "m4b" => assert!(said.contains("\"©nam\" contains: ") && said.contains("Almanac"), "{said}"),
                "wav" => assert!(said.contains("PCM") && said.contains("Almanac"), "{said}"),
                _ => assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}"),
            }
            let decoded = Command::new("ffmpeg")
                .args(["-v", "error", "-i"])
                .arg(file)
                .args(["-f", "null", "-"])
                .output();
            let complaint = String::from_utf8_lossy(&decoded.unwrap().stderr).into_owned();
            assert_eq!(complaint, "", "{}", file.display());
        }
    }
}

#[test]
fn a_format_that_is_wanted_later_asks_the_backend_for_nothing() {
    let fleet = Fleet::start([Settings::default()]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", manuscript(2, 6));
    let _ = convert(&world, &book, &[]).success();
    let before = fleet.requests();
    assert!(before > 0);
    let events = run(&world, &book, &["-o", "later", "--voice", "siren", "--format", "mp3,opus,flac"]);
    assert_eq!((fleet.requests(), count(&events, "take"), count(&events, "published")), (before, 0, 3));
}

#[test]
fn the_layout_is_as_it_is_asked_for() {
    let world = World::new();
    let text = "# One\n\nThe first chapter.\n\n# Two\n\nThe second chapter.\n\n# Three\n\nThe third.\n";
    let book = world.write("whale.md", format!("---\ntitle: Whale\nauthor: H. M.\n---\n{text}"));
    let _ = run(&world, &book, &["-o", "book", "--format", "mp3,opus", "--files", "book"]);
    assert_eq!(probe(&world.path("book/Whale.mp3")).chapters().len(), 3);
    let _ = run(&world, &book, &["-o", "chapters", "--format", "m4b,opus", "--files", "chapters"]);
    assert_eq!(files(&world.path("chapters/Whale (m4b)"), "m4a").len(), 3);
    assert_eq!(files(&world.path("chapters/Whale (opus)"), "opus").len(), 3);
    let _ = run(&world, &book, &["-o", "whale.mp3", "--format", "mp3", "--narrator", "Ishmael"]);
    let media = probe(&world.path("whale.mp3"));
    assert_eq!((media.chapters().len(), media.tag("composer")), (3, Some("Ishmael")));
    let refused =
        world.run(["convert".as_ref(), book.as_os_str(), "--format=flac".as_ref(), "--files=book".as_ref()]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: leave --files out"), "{}", refused.stderr);
}

#[test]
fn the_acx_profile_makes_what_acx_takes_with_credits_before_and_after() {
    let world = World::new();
    let body = "The tide came in at nine, and nobody was there to see it. It went out again. ".repeat(4);
    let text = format!(
        "---\ntitle: The Tide Clerk\nauthor: Maren Tollivant\n---\n# One\n\n{body}\n\n# Two\n\n{body}"
    );
    let book = world.write("tide.md", text);
    let events = run(&world, &book, &["-o", "out", "--profile", "acx"]);
    let folder = world.path("out/The Tide Clerk (mp3)");
    assert_eq!(releases(&events), [Path::new("out/The Tide Clerk (mp3)")]);
    let files = files(&folder, "mp3");
    let names: Vec<String> =
        files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(
        names,
        ["01 - Opening Credits.mp3", "02 - One.mp3", "03 - Two.mp3", "04 - Closing Credits.mp3"]
    );
    for file in &files {
        let media = probe(file);
        let sound = media.streams("audio")[0].clone();
        assert_eq!((&sound["sample_rate"], &sound["bit_rate"]), (&"44100".into(), &"192000".into()));
        assert_eq!(sound["channels"], 1);
        let input = ["-hide_banner".as_ref(), "-nostats".as_ref(), "-i".as_ref(), file.as_os_str()];
        let filter = ["-map", "0:a", "-af", "astats", "-f", "null", "-"];
        let output = Command::new("ffmpeg").args(input).args(filter).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let overall = &said[said.rfind("Overall").unwrap()..];
        let figure = |name: &str| -> f64 {
            let line = overall.lines().find(|line| line.contains(name)).unwrap();
            line.rsplit(' ').next().unwrap().parse().unwrap()
        };
        assert!(figure("Peak level dB") <= -3.0, "{overall}");
        assert!((-23.0..=-18.0).contains(&figure("RMS level dB")), "{}: {overall}", file.display());
    }
}

#[test]
fn without_the_program_that_encodes_mp3_the_job_ends_before_it_speaks() {
    let world = World::new();
    let book = world.write("book.md", "# One\n\nA sentence.\n");
    let arguments = ["convert".as_ref(), book.as_os_str(), "--format=mp3".as_ref(), "--events=json".as_ref()];
    let outcome = world.command(arguments).env("PATH", world.path("nothing")).output().unwrap();
    let told = String::from_utf8_lossy(&outcome.stdout);
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned() + &told;
    assert!(!outcome.status.success());
    assert!(said.contains("ffmpeg does not start"), "{said}");
    assert!(!told.contains("\"event\":\"take\""), "{told}");
}

#[test]
fn a_chapter_that_came_out_longer_than_a_shop_takes_is_named_and_what_was_spoken_is_kept() {
    // Twice as slow as speech is expected to be, so that pieces which were planned to fit do not.
    let fleet = Fleet::start([Settings { pace: 0.13, ..Settings::default() }]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let backend = fs::read_to_string(world.path("rhapsode.toml")).unwrap();
    let at_most = |minutes: u32| {
        world.write("rhapsode.toml", format!("[release]\nlongest-chapter = {minutes}\n{backend}"));
    };
    let book = world.write("book.md", manuscript(1, 40));
    let convert = || world.run(["convert", book.to_str().unwrap(), "--voice", "siren", "-o", "out"]);
    at_most(1);
    let refused = convert();
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    for word in ["within 1 minutes: it has 2", " of ", "longest-chapter"] {
        assert!(refused.stderr.contains(word), "{word}: {}", refused.stderr);
    }
    let requests = fleet.requests();
    at_most(30);
    let _ = convert().success();
    assert_eq!(fleet.requests(), requests);
}

#[test]
fn loudness_is_measured_while_takes_arrive() {
    let fleet = Fleet::start([Settings { seconds_per_character: 0.000_3, ..Settings::default() }]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", manuscript(1, 200));
    let events = run(&world, &book, &["--voice", "siren", "-o", "out"]);
    let finished = events.last().unwrap();
    let (early, chunks) = (&finished["times"]["measured_early"], &finished["chunks"]);
    let (early, chunks) = (early.as_u64().unwrap(), chunks.as_u64().unwrap());
    // Takes are measured in groups; the last one is that of the last take.
    assert!(early * 2 > chunks && early < chunks, "{early} of {chunks}");
}
