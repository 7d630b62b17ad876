//! The watch folder, with the built program and the built-in voice: drop, settle, convert, publish.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use rhapsode_tests::{
    Outcome, World,
    fleet::{Fleet, Identity, manuscript},
    kills::Dice,
    probe,
    shelf::{Shelved, scan_library},
    speech_server::Settings,
    tags,
};
use serde_json::Value;

/// Kills in the tests.
const KILLS: usize = 100;

pub(crate) fn watch(world: &World, more: &[&str]) -> std::process::Command {
    fs::create_dir_all(world.path("inbox")).unwrap();
    let mut command = world.command(["watch", "inbox", "--library", "library", "--state", "state"]);
    command.args(more);
    command
}

/// Watches until nothing is left to do, with files that count as complete at once.
pub(crate) fn watch_once(world: &World, more: &[&str]) -> Outcome {
    let mut command = watch(world, &["--until-idle", "--settle", "0", "--poll", "0.05"]);
    command.args(more).output().unwrap().into()
}

pub(crate) fn drop_book(world: &World, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    let path = world.path("inbox").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn book(title: &str, words: &str) -> String {
    format!("---\ntitle: {title}\nauthor: A. Writer\n---\n\n# {title}\n\n{words}\n")
}

pub(crate) fn shelved(world: &World) -> Vec<Shelved> {
    if world.path("library").is_dir() { scan_library(&world.path("library")) } else { Vec::new() }
}

pub(crate) fn queue(world: &World) -> Value {
    let outcome: Outcome =
        world.command(["queue", "list", "--json", "--state", "state"]).output().unwrap().into();
    serde_json::from_str(&outcome.success().stdout).unwrap()
}

/// Waits until something is so. A watcher that ended meanwhile is a failure.
pub(crate) fn until(watcher: &mut Child, mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        assert!(watcher.try_wait().unwrap().is_none(), "the watcher ended");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends a watcher as the system does, and gives its exit code.
pub(crate) fn end(mut watcher: Child) -> Option<i32> {
    let kill =
        std::process::Command::new("kill").args(["-TERM", &watcher.id().to_string()]).status().unwrap();
    assert!(kill.success());
    watcher.wait().unwrap().code()
}

#[test]
fn what_is_dropped_is_found_in_the_library_as_audiobookshelf_reads_it() {
    let world = World::new();
    drop_book(&world, "one.md", book("The First", "It was short."));
    drop_book(&world, "two/two.md", book("The Second", "It was shorter."));
    drop_book(&world, "two/book.toml", "[metadata]\nseries = \"Numbers\"\nseries-position = \"2\"\n");
    let outcome = watch_once(&world, &[]).success();
    assert!(outcome.stdout.is_empty(), "{}", outcome.stdout);
    let books = shelved(&world);
    let told: Vec<_> = books
        .iter()
        .map(|it| (it.author.as_deref(), it.series.as_deref(), it.sequence.as_deref(), it.title.as_str()))
        .collect();
    let author = Some("A. Writer");
    assert_eq!(told, [(author, None, None, "The First"), (author, Some("Numbers"), Some("2"), "The Second")]);
    for book in &books {
        let metadata = book.metadata();
        assert_eq!(
            (metadata["title"].as_str(), metadata["authors"][0].as_str()),
            (Some(book.title.as_str()), author)
        );
        let media = probe(&book.sound[0]);
        let end = metadata["chapters"].as_array().unwrap().last().unwrap()["end"].as_f64().unwrap();
        assert!((media.seconds() - end).abs() < 0.05, "{} and {end}", media.seconds());
        assert!(metadata["narrators"][0].as_str().unwrap().ends_with("(synthetic)"));
    }
    assert_eq!(books[1].metadata()["series"][0], "Numbers #2");
    assert!(world.path("done/one.md").is_file() && world.path("done/two/book.toml").is_file());
    assert_eq!(fs::read_dir(world.path("inbox")).unwrap().count(), 0);
    assert!(!world.path("library/.rhapsode-staging").read_dir().is_ok_and(|mut left| left.next().is_some()));
}

#[test]
fn a_slow_copy_is_taken_when_it_is_whole_and_a_rename_into_place_at_once() {
    let world = World::new();
    let mut watcher = watch(&world, &["--settle", "3600"]).stderr(Stdio::null()).spawn().unwrap();
    until(&mut watcher, || world.path("state/lock").is_file());
    let text = book("In Pieces", &"Every word of it came in its turn. ".repeat(12));
    let mut file = fs::File::create(world.path("inbox/pieces.md")).unwrap();
    for piece in text.as_bytes().chunks(text.len().div_ceil(50)) {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(shelved(&world), []);
    drop(file);
    fs::write(world.path("elsewhere.md"), book("Placed", "It was whole.")).unwrap();
    fs::rename(world.path("elsewhere.md"), world.path("inbox/placed.md")).unwrap();
    until(&mut watcher, || shelved(&world).len() == 2);
    until(&mut watcher, || world.path("done/pieces.md").is_file() && world.path("done/placed.md").is_file());
    assert_eq!(fs::read_to_string(world.path("done/pieces.md")).unwrap(), text);
    assert_eq!(end(watcher), Some(0));
}

#[test]
fn a_broken_manuscript_is_put_aside_with_a_report_and_the_exit_code_says_so() {
    let world = World::new();
    drop_book(&world, "broken.epub", b"PK\x03\x04 and no more");
    drop_book(&world, "whole.md", book("Whole", "It was fine."));
    let outcome = watch_once(&world, &[]);
    assert_eq!(outcome.code, Some(9), "{}", outcome.stderr);
    assert_eq!(shelved(&world).len(), 1);
    let report = fs::read_to_string(world.path("failed/broken.epub.report.txt")).unwrap();
    assert!(report.contains("broken.epub") && report.contains("hint:"), "{report}");
    assert!(world.path("failed/broken.epub").is_file());
}

#[test]
fn the_same_content_twice_is_made_once_and_the_originals_may_stay_where_they_are() {
    let world = World::new();
    drop_book(&world, "Calibre/one.md", book("Once", "It was said once."));
    drop_book(&world, "Calibre/copy/other name.md", book("Once", "It was said once."));
    for _ in 0..2 {
        let _ = watch_once(&world, &["--in-place"]).success();
    }
    assert_eq!(shelved(&world).len(), 1);
    assert_eq!(fs::read_dir(world.path("inbox/Calibre")).unwrap().count(), 2);
    assert!(!world.path("done").exists());
}

#[test]
fn an_outage_parks_the_queue_and_it_goes_on_when_a_server_is_back() {
    let gone = Fleet::start([Settings::default()]);
    let world = World::new();
    gone.configure(&world, Identity::Stated);
    let port = gone.servers()[0].url().rsplit(':').next().unwrap().parse().unwrap();
    drop(gone);
    drop_book(&world, "book.md", manuscript(1, 4));
    let mut command =
        watch(&world, &["--settle", "0", "--poll", "0.05", "--voice", "siren", "--events", "json"]);
    let mut watcher = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut events = BufReader::new(watcher.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut next = |wanted: &str| {
        events
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line).unwrap())
            .find(|event| event["event"] == wanted)
            .unwrap_or_else(|| panic!("the watcher ended without {wanted}"))
    };
    let parked = next("parked");
    assert!(parked["reason"].as_str().unwrap().contains("server-0"), "{parked}");
    assert_eq!(shelved(&world), []);
    let _back = Fleet::start([Settings { port, ..Settings::default() }]);
    let _ = next("published");
    assert_eq!(shelved(&world).len(), 1);
    assert_eq!(end(watcher), Some(0));
}

/// When a watcher is killed.
#[derive(Debug, Clone, Copy)]
enum Aim {
    /// After so many milliseconds, whatever it does then.
    After(u64),
    /// When a book is at this step.
    At(&'static str),
}

/// How many books are at each step, from the queue's own files: whoever is killed tells nobody.
fn steps(world: &World) -> BTreeMap<String, usize> {
    let mut steps = BTreeMap::new();
    for file in fs::read_dir(world.path("state/queue")).into_iter().flatten().flatten() {
        let entry = fs::read(file.path()).ok().and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        if let Some(step) = entry.as_ref().and_then(|entry| entry["state"]["step"].as_str()) {
            *steps.entry(step.to_owned()).or_default() += 1;
        }
    }
    steps
}

/// Starts a watcher and kills it. Gives the steps of its books then; none if it came to its end before.
fn strike(world: &World, aim: Aim) -> Option<BTreeMap<String, usize>> {
    let mut command = watch(world, &["--until-idle", "--settle", "0", "--poll", "0.05"]);
    let mut watcher = command.stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let is_time = || match aim {
        Aim::After(moment) => began.elapsed() >= Duration::from_millis(moment),
        Aim::At(step) => steps(world).contains_key(step),
    };
    while watcher.try_wait().unwrap().is_none() {
        if is_time() {
            watcher.kill().unwrap();
            watcher.wait().unwrap();
            return Some(steps(world));
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    None
}

fn numbered(number: usize) -> String {
    let words = format!("This is the book with the number {number}. It has a second sentence.");
    book(&format!("Book {number}"), &words)
}

/// Each of ten books is in the library once and whole, and its manuscript is among those done.
fn assert_all_are_there(world: &World) {
    let books = shelved(world);
    let mut titles: Vec<&str> = books.iter().map(|book| book.title.as_str()).collect();
    titles.sort_unstable();
    assert_eq!(titles, (0..10).map(|number| format!("Book {number}")).collect::<Vec<_>>());
    for book in &books {
        let metadata = book.metadata();
        assert_eq!(metadata["title"].as_str(), Some(book.title.as_str()));
        let chapters = metadata["chapters"].as_array().unwrap();
        let (media, end) = (probe(&book.sound[0]), chapters.last().unwrap()["end"].as_f64().unwrap());
        assert!((media.seconds() - end).abs() < 0.05, "{}: {} and {end}", book.title, media.seconds());
        assert!(end > 3.0, "{}: {end} seconds are too few for its words", book.title);
        assert_eq!(media.chapters().len(), chapters.len(), "{}", book.title);
    }
    for number in 0..10 {
        let done = fs::read_to_string(world.path(format!("done/book {number}.md"))).unwrap();
        assert_eq!(done, numbered(number));
    }
    assert_eq!(fs::read_dir(world.path("done")).unwrap().count(), 10);
    assert!(is_empty(&world.path("inbox")));
    assert_eq!(steps(world), BTreeMap::from([("done".to_owned(), 10)]));
}

#[test]
fn killed_a_hundred_times_with_ten_books_each_is_published_once() {
    let mut dice = Dice::new(std::process::id().into());
    let mut struck = 0;
    let mut struck_at: BTreeMap<String, usize> = BTreeMap::new();
    while struck < KILLS {
        let world = World::new();
        (0..10).for_each(|number| drop_book(&world, format!("book {number}.md"), numbered(number)));
        loop {
            let aim = match dice.below(3) {
                0 => Aim::After(dice.below(500)),
                1 => Aim::At("publishing"),
                _ => Aim::At("moving"),
            };
            let Some(steps) = strike(&world, aim) else { break };
            struck += 1;
            steps.into_keys().for_each(|step| *struck_at.entry(step).or_default() += 1);
        }
        let _ = watch_once(&world, &[]).success();
        assert_all_are_there(&world);
    }
    println!("{struck} watchers killed with books at these steps: {struck_at:?}");
    for step in ["waiting", "working", "publishing", "moving"] {
        assert!(struck_at.contains_key(step), "no kill struck a book that was {step}: {struck_at:?}");
    }
}

#[test]
fn a_second_watcher_of_an_inbox_is_refused_and_told_who_has_it() {
    let world = World::new();
    let mut first = watch(&world, &[]).stderr(Stdio::null()).spawn().unwrap();
    until(&mut first, || fs::read_to_string(world.path("state/lock")).is_ok_and(|text| !text.is_empty()));
    let second = watch_once(&world, &[]);
    assert_eq!(second.code, Some(8), "{}", second.stderr);
    assert!(second.stderr.contains(&first.id().to_string()), "{}", second.stderr);
    assert_eq!(end(first), Some(0));
}

#[test]
fn the_queue_is_listed_and_ordered_while_nobody_watches() {
    let world = World::new();
    drop_book(&world, "book.md", "");
    assert_eq!(watch_once(&world, &[]).code, Some(9));
    let list = |world: &World| -> Outcome {
        world.command(["queue", "list", "--state", "state"]).output().unwrap().into()
    };
    let listed = list(&world).success().stdout;
    assert!(
        listed.contains("nobody watches") && listed.contains("failed") && listed.contains("book.md"),
        "{listed}"
    );
    fs::write(world.path("failed/book.md"), book("Mended", "Now there is text.")).unwrap();
    let retried: Outcome =
        world.command(["queue", "retry", "book", "--state", "state"]).output().unwrap().into();
    let _ = retried.success();
    let unknown: Outcome =
        world.command(["queue", "up", "nothing", "--state", "state"]).output().unwrap().into();
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    let _ = watch_once(&world, &[]).success();
    assert_eq!(shelved(&world).len(), 1);
    assert!(is_empty(&world.path("inbox")));
}

#[test]
fn books_are_moved_up_and_cancelled_while_the_queue_is_paused_and_it_goes_on_in_that_order() {
    let world = World::new();
    ["a", "b", "c"].into_iter().for_each(|name| {
        drop_book(&world, format!("{name}.md"), book(&format!("Book {name}"), "It was short."));
    });
    let ask = |arguments: &[&str]| -> String {
        let arguments = [&["queue"], arguments, &["--state", "state"]].concat();
        Outcome::from(world.command(arguments).output().unwrap()).success().stdout
    };
    fs::create_dir_all(world.path("state")).unwrap();
    let _ = ask(&["pause"]);
    let told = fs::File::create(world.path("told")).unwrap();
    let more = ["--settle", "0", "--poll", "0.05", "--books", "1", "--events", "json"];
    let mut watcher = watch(&world, &more).stdout(told).stderr(Stdio::null()).spawn().unwrap();
    until(&mut watcher, || steps(&world) == BTreeMap::from([("waiting".to_owned(), 3)]));
    assert!(ask(&["list"]).contains("paused"));
    let _ = ask(&["up", "c.md"]);
    let _ = ask(&["cancel", "a.md"]);
    until(&mut watcher, || fs::read_dir(world.path("state/wishes")).unwrap().next().is_none());
    assert_eq!(shelved(&world), []);
    let _ = ask(&["resume"]);
    until(&mut watcher, || steps(&world).get("done") == Some(&2));
    assert_eq!(end(watcher), Some(0));
    let told = fs::read_to_string(world.path("told")).unwrap();
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let began: Vec<String> = events
        .filter(|event| event["event"] == "began")
        .map(|event| event["manuscript"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(began, ["c.md", "b.md"]);
    assert!(ask(&["list"]).contains("cancelled") && world.path("inbox/a.md").is_file());
}

/// A picture of one colour, as its file's bytes.
pub(crate) fn picture(world: &World, colour: &str) -> Vec<u8> {
    let path = world.path(format!("{colour}.png"));
    let source = format!("color={colour}:s=64x64");
    let mut command = std::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", &source, "-frames:v", "1"]).arg(&path);
    assert!(command.status().unwrap().success());
    fs::read(path).unwrap()
}

#[test]
fn the_picture_beside_a_manuscript_is_the_cover_over_that_of_the_manuscript() {
    let world = World::new();
    let [own, inner, folder] = ["red", "green", "blue"].map(|colour| picture(&world, colour));
    let text = "---\ntitle: Own\nauthor: A. Writer\ncover: inner.png\n---\n\nIt has two.\n";
    drop_book(&world, "own/own.md", text);
    drop_book(&world, "own/inner.png", &inner);
    drop_book(&world, "own/own.png", &own);
    drop_book(&world, "plain/plain.md", book("Plain", "It has one."));
    drop_book(&world, "plain/cover.png", &folder);
    // This may be anybody's.
    drop_book(&world, "top.md", book("Top", "It has none."));
    drop_book(&world, "cover.png", &inner);
    let _ = watch_once(&world, &[]).success();
    let books = shelved(&world);
    let covers: Vec<_> = books.iter().map(|book| (book.title.as_str(), book.cover.as_ref())).collect();
    let [("Own", Some(first)), ("Plain", Some(second)), ("Top", None)] = covers.as_slice() else {
        panic!("{covers:?}");
    };
    assert!(fs::read(first).unwrap() == own && fs::read(second).unwrap() == folder);
    assert_eq!(tags(&books[0].sound[0])["covr"], 1);
    assert!(world.path("done/own/own.png").is_file() && world.path("inbox/cover.png").is_file());
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}
