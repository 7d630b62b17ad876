//! The long run of the watch folder: `scripts/soak watch` calls it, and its table stands in `docs/soak.md`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, ExitCode, Stdio},
    time::{Duration, Instant},
};

use rhapsode_tests::{
    World,
    fleet::{Fleet, Identity},
    shelf::scan_library,
    speech_server::Settings,
};

/// Simulated hours.
const HOURS: u32 = 24;
/// Books in an hour: 504 in a day.
const BOOKS: u32 = 21;
/// How much more memory the last hour may take than the second.
const GROWTH: f64 = 1.05;

/// What a process holds at a moment.
#[derive(Debug, Clone, Copy)]
struct Sample {
    resident_kib: u64,
    handles: usize,
    threads: usize,
}

/// What it held in an hour.
struct Hour {
    published: usize,
    /// Half of the samples are below.
    resident_kib: u64,
    most_kib: u64,
    /// At its end, with nothing to do.
    idle: Sample,
}

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60.0);
    let hour = Duration::from_secs_f64(seconds);
    let world = World::new();
    let fleet = Fleet::start([Settings::default()]);
    fleet.configure(&world, Identity::Stated);
    for folder in ["inbox", "library"] {
        fs::create_dir_all(world.path(folder)).expect("a folder can be made");
    }
    let news = world.path("news");
    let hook = format!(
        "\n[[watch.hook]]\nname = \"count\"\nkind = \"command\"\ncommand = [\"/bin/sh\", \"-c\", \"echo >>{}\"]\n",
        news.display()
    );
    let configured = fs::read_to_string(world.path("rhapsode.toml")).expect("the configuration was written");
    world.write("rhapsode.toml", configured + &hook);
    let settle = (10.0 * seconds / 3_600.0).to_string();
    let arguments =
        ["watch", "inbox", "--library", "library", "--state", "state", "--voice", "siren", "--settle"];
    let mut watcher = world
        .command(arguments.into_iter().chain([settle.as_str(), "--quiet"]))
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    println!("an hour is {seconds} s, and the settle time {settle} s\n");
    println!("| hour | books | resident, MiB: half of the time | at most | handles | threads |");
    println!("|---|---|---|---|---|---|");
    let mut hours = Vec::new();
    for number in 1..=HOURS {
        let measured = live(&world, &mut watcher, hour, number);
        let mib = |kib: u64| kib as f64 / 1_024.0;
        println!(
            "| {number} | {} | {:.1} | {:.1} | {} | {} |",
            measured.published,
            mib(measured.resident_kib),
            mib(measured.most_kib),
            measured.idle.handles,
            measured.idle.threads
        );
        hours.push(measured);
    }
    let told = fs::read_to_string(&news).unwrap_or_default().lines().count();
    let _ = watcher.kill();
    let _ = watcher.wait();
    verdict(&hours, told)
}

/// An hour: books come evenly, and by its end all of them are published.
fn live(world: &World, watcher: &mut Child, hour: Duration, number: u32) -> Hour {
    let began = Instant::now();
    let mut samples = Vec::new();
    let mut dropped = 0;
    loop {
        assert!(watcher.try_wait().is_ok_and(|ended| ended.is_none()), "the watcher ended");
        while dropped < BOOKS && began.elapsed() >= hour * dropped / (BOOKS + 1) {
            drop_book(&world.path("inbox"), number, dropped);
            dropped += 1;
        }
        samples.extend(sample(watcher.id()));
        let published = done(world);
        if began.elapsed() >= hour && published == (number * BOOKS) as usize {
            break;
        }
        std::thread::sleep(hour / 240);
    }
    // A last breath, in which nothing is left to do.
    std::thread::sleep(Duration::from_secs(2));
    let idle = sample(watcher.id()).expect("the watcher runs");
    let mut resident: Vec<u64> = samples.iter().map(|sample| sample.resident_kib).collect();
    resident.sort_unstable();
    Hour {
        published: scan_library(&world.path("library")).len(),
        resident_kib: resident[resident.len() / 2],
        most_kib: *resident.last().expect("an hour has samples"),
        idle,
    }
}

/// A book of its own, written beside the inbox and renamed into place.
fn drop_book(inbox: &Path, hour: u32, number: u32) {
    let words = ["wind", "harbour", "lamp", "letter", "stair", "winter", "orchard"];
    let word = |at: u32| words[(at as usize) % words.len()];
    let mut text = format!("---\ntitle: Hour {hour} Book {number}\nauthor: Author {}\n---\n", number % 5);
    for chapter in 0..2 {
        text.push_str(&format!("\n# Chapter {}\n\n", ["one", "two"][chapter as usize]));
        for sentence in 0..6 {
            text.push_str(&format!(
                "In hour {hour} the {} of book {number} met the {} for the {} time in chapter {chapter}. ",
                word(hour + sentence),
                word(number + sentence),
                ["first", "second", "third", "fourth", "fifth", "sixth"][sentence as usize],
            ));
        }
        text.push('\n');
    }
    let part = inbox.join(format!("{hour}-{number}.part"));
    fs::write(&part, text)
        .and_then(|()| fs::rename(&part, part.with_extension("md")))
        .expect("the inbox takes it");
}

/// Manuscripts that were put away.
fn done(world: &World) -> usize {
    fs::read_dir(world.path("done")).map_or(0, Iterator::count)
}

fn sample(process: u32) -> Option<Sample> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let status = fs::read_to_string(folder.join("status")).ok()?;
    let figure = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Some(Sample {
        resident_kib: figure("VmRSS:")?,
        handles: fs::read_dir(folder.join("fd")).ok()?.count(),
        threads: usize::try_from(figure("Threads:")?).ok()?,
    })
}

fn verdict(hours: &[Hour], told: usize) -> ExitCode {
    let (second, last) = (&hours[1], &hours[hours.len() - 1]);
    let growth = last.resident_kib as f64 / second.resident_kib as f64;
    let books = (HOURS * BOOKS) as usize;
    println!("\n{} of {books} books published, {told} hooks told", last.published);
    println!("memory of the last hour: {growth:.3} times that of the second (at most {GROWTH})");
    println!("handles: {} in the second hour, {} in the last", second.idle.handles, last.idle.handles);
    let is_good = last.published == books
        && told == books
        && growth <= GROWTH
        && second.idle.handles == last.idle.handles;
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
