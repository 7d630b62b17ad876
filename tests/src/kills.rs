//! `kill -9` at random moments of a job, aimed at each of its stages. The tests kill a hundred times, the soak
//! a thousand.

use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::World;

/// A stage of a job, as a target for kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the first chunk is spoken.
    Reading,
    /// Between the first take and the last.
    Synthesis,
    /// While chapters are mastered and encoded, all takes being there.
    Encoding,
    /// While the release is muxed and published, all tracks being there.
    Publishing,
}

impl Stage {
    /// Every stage, in the order of a job.
    pub const ALL: [Self; 4] = [Self::Reading, Self::Synthesis, Self::Encoding, Self::Publishing];
}

/// A small generator of random numbers, so that a failure can be repeated from its seed.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall alike for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit` (SplitMix64).
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// What a run told before it was killed or ended.
#[derive(Debug, Default)]
pub struct Told {
    /// Takes that it found in the store.
    pub present: u64,
    /// Takes that it said were finished.
    pub takes: u64,
    /// Whether it ended by itself before the kill.
    pub ended: bool,
}

/// Takes in the store of a world: complete files under their final names.
#[must_use]
pub fn takes(world: &World) -> u64 {
    fn count(folder: &Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries
            .flatten()
            .map(|entry| match entry.path() {
                path if path.is_dir() && !path.ends_with("quarantine") => count(&path),
                path => u64::from(path.extension().is_some_and(|e| e == "wav") && !is_hidden(&path)),
            })
            .sum()
    }
    count(&world.path("store"))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Runs a conversion and kills it in `stage`, at a moment that the dice choose.
///
/// # Panics
/// If the program cannot be started.
pub fn run_and_kill(world: &World, book: &Path, chunks: u64, stage: Stage, dice: &mut Dice) -> Told {
    let arguments =
        ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref(), "--events=json".as_ref()];
    let mut child = world
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let (event, count, within) = match stage {
        Stage::Reading => ("", 0, 15_000),
        Stage::Synthesis => ("take", 1 + dice.below(chunks / 8), 20_000),
        Stage::Encoding => ("looked_up", 1, 250_000),
        Stage::Publishing => ("looked_up", 1, 15_000),
    };
    let delay = Duration::from_micros(dice.below(within));
    let mut told = Told::default();
    let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    if count == 0 {
        std::thread::sleep(delay);
        kill(&mut child);
    }
    let mut seen = 0;
    for line in lines.map_while(Result::ok) {
        let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
        match line["event"].as_str() {
            Some("looked_up") => told.present = line["present"].as_u64().unwrap_or_default(),
            Some("take") => told.takes += 1,
            Some("finished") => told.ended = true,
            _ => {}
        }
        if count > 0 && line["event"] == event {
            seen += 1;
            if seen == count {
                std::thread::sleep(delay);
                kill(&mut child);
            }
        }
    }
    kill(&mut child);
    told
}

fn kill(child: &mut Child) {
    // A child that has ended already cannot be killed, and need not be.
    let _ = child.kill();
    let _ = child.wait();
}

/// Converts a manuscript to its end; the events that it told.
///
/// # Panics
/// If the conversion fails.
pub fn convert(world: &World, book: &Path) -> Vec<Value> {
    let arguments =
        ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref(), "--events=json".as_ref()];
    let told = world.run(arguments).success().stdout;
    told.lines().map(|line| serde_json::from_str(line).expect("an event is a line of JSON")).collect()
}

/// How often an event was told.
#[must_use]
pub fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| event["event"] == name).count()
}

/// A number in the first event of a kind.
///
/// # Panics
/// If there is no such event or number.
#[must_use]
pub fn figure(events: &[Value], name: &str, field: &str) -> u64 {
    let event = events.iter().find(|event| event["event"] == name);
    event.and_then(|event| event[field].as_u64()).unwrap_or_else(|| panic!("no {name} told a {field}"))
}

/// What a series of kills came to.
#[derive(Debug)]
pub struct Toll {
    /// Seed of the dice.
    pub seed: u64,
    /// Runs that were killed, by stage; the others ended by themselves before their kill.
    pub kills: [usize; Stage::ALL.len()],
    /// Runs in all.
    pub runs: usize,
}

impl Toll {
    /// Runs that were killed.
    #[must_use]
    pub fn killed(&self) -> usize {
        self.kills.iter().sum()
    }
}

impl fmt::Display for Toll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} runs killed (seed {}):", self.killed(), self.runs, self.seed)?;
        Stage::ALL.iter().zip(self.kills).try_for_each(|(stage, kills)| write!(f, " {stage:?} {kills}"))
    }
}

/// Converts a sample whole, then again while killing it `runs` times, a quarter of them in each stage. After
/// every kill nothing that was told as finished is missing, and whatever stands under the release's name is the
/// whole release; at the end the job is finished by one more run that speaks only what is missing.
///
/// # Panics
/// If anything is lost, spoken twice, or different.
#[must_use]
pub fn kill_again_and_again(sample: &str, runs: usize, seed: u64) -> Toll {
    let whole = World::new();
    let events = convert(&whole, &whole.manuscript(sample));
    let chunks = figure(&events, "scripted", "chunks");
    let expected = fs::read(whole.path("out.m4b")).expect("the release can be read");
    // Chunks with the same words share a take, so there may be fewer takes than chunks.
    let shared = chunks - takes(&whole);

    let mut dice = Dice::new(seed);
    let mut toll = Toll { seed, kills: Default::default(), runs };
    let mut world = World::new();
    for run in 0..runs {
        let stage = run * Stage::ALL.len() / runs;
        let speaking = matches!(Stage::ALL[stage], Stage::Reading | Stage::Synthesis);
        if speaking && takes(&world) * 10 > (chunks - shared) * 9 {
            world = World::new();
        }
        let book = world.manuscript(sample);
        bring_to(&world, &book, Stage::ALL[stage], chunks - shared);
        let before = takes(&world);
        let told = run_and_kill(&world, &book, chunks, Stage::ALL[stage], &mut dice);
        toll.kills[stage] += usize::from(!told.ended);
        let after = takes(&world);
        assert!(
            after + shared >= before + told.takes,
            "takes were lost: {before} before, {told:?}, {after} after"
        );
        if told.present > 0 {
            let found = before..=before + shared;
            assert!(
                found.contains(&told.present),
                "a committed take was not found again: {before}, {told:?}"
            );
        }
        if let Ok(release) = fs::read(world.path("out.m4b")) {
            assert!(release == expected, "what stands under the release's name is not the whole release");
        }
    }
    let before = takes(&world);
    let events = convert(&world, &world.manuscript(sample));
    if count(&events, "looked_up") > 0 {
        let present = figure(&events, "looked_up", "present");
        assert!(
            (before..=before + shared).contains(&present),
            "{before} takes were there, {present} were found"
        );
        assert_eq!(count(&events, "take") as u64, chunks - present, "something was spoken twice");
    }
    assert!(fs::read(world.path("out.m4b")).is_ok_and(|release| release == expected), "the release differs");
    toll
}

/// Brings a world to the beginning of a stage.
fn bring_to(world: &World, book: &Path, stage: Stage, all_takes: u64) {
    if matches!(stage, Stage::Reading | Stage::Synthesis) {
        return;
    }
    if takes(world) < all_takes {
        convert(world, book);
    }
    unmake(world, stage);
}

/// Takes away what a finished job made up to the beginning of a stage, its takes excepted.
///
/// # Panics
/// If the world never had a job.
pub fn unmake(world: &World, stage: Stage) {
    // Some of these may be missing: that is where the last kill left the job.
    let _ = fs::remove_file(world.path("out.m4b"));
    let jobs = fs::read_dir(world.path(".rhapsode")).expect("a job has a directory");
    for job in jobs.flatten().map(|job| job.path()) {
        let _ = fs::remove_file(job.join("report.json"));
        if stage == Stage::Encoding {
            let _ = fs::remove_dir_all(job.join("tracks"));
        }
    }
}
