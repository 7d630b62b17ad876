//! Makes a long book of synthetic takes in a format, to see that nothing ends at 4 GiB or a day and that memory stays
//! flat: prints the length, the size, the time and the most memory that was resident.
//!
//! `cargo run --release -p rhapsode-release --example long_book -- FORMAT HOURS [book|chapters]`
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example talks to the terminal")]

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use rayon::prelude::*;
use rhapsode_audio::to_i16;
use rhapsode_release::{
    ChapterPlan, Draft, DraftSettings, Format, Layout, MasterSettings, PlannedTake, PublishedFile, Tags,
    master,
};
use rhapsode_store::{Pcm16, TakeRecord, TakeStore, Verdict};

const RATE: u32 = 24_000;
/// Different takes; the book says them again and again.
const TAKES: u32 = 40;
const SECONDS_A_TAKE: u32 = 5;
const PAUSE_MS: u32 = 500;
const MINUTES_A_CHAPTER: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let format: Format = arguments.next().ok_or("name a format")?.parse()?;
    let hours: f64 = arguments.next().ok_or("say how many hours")?.parse()?;
    let layout = match arguments.next().as_deref() {
        Some("book") => Layout::OneFile,
        Some("chapters") => Layout::FilePerChapter,
        _ => format.layout(),
    };
    let dir = tempfile::tempdir()?;
    let store = TakeStore::open(&dir.path().join("takes"))?;
    let keys = (0..TAKES).map(|number| put(number, &store)).collect::<Result<Vec<_>, _>>()?;
    let chapters = (hours * 60.0 / f64::from(MINUTES_A_CHAPTER)).ceil() as u32;
    let takes_a_chapter = MINUTES_A_CHAPTER * 60_000 / (SECONDS_A_TAKE * 1_000 + PAUSE_MS);
    let plan = |number: u32| ChapterPlan {
        title: format!("Chapter {}", number + 1),
        takes: (0..takes_a_chapter)
            .map(|ordinal| PlannedTake {
                ordinal: number * takes_a_chapter + ordinal,
                // Another order in each chapter, or they would be one track.
                key: keys[((ordinal * (2 * (number % 7) + 1) + number) % TAKES) as usize],
                pause_after_ms: PAUSE_MS + number,
            })
            .collect(),
        loudness_reference: Vec::new(),
    };
    let plans: Vec<ChapterPlan> = (0..chapters).map(plan).collect();

    let began = Instant::now();
    let mut draft = Draft::begin(DraftSettings {
        format,
        layout,
        titles: plans.iter().map(|plan| plan.title.clone()).collect(),
        expected_samples: (hours
            * 3_600.0
            * 1.3
            * f64::from(format.codec(None).rate(MasterSettings::default().rate).0))
            as u64,
        tags: Tags { title: "A Long Book".to_owned(), ..Tags::default() },
        cover: None,
        destination: dir.path().join("Book"),
    })?;
    let (settings, codec, tracks) =
        (MasterSettings::default(), format.codec(None), dir.path().join("tracks"));
    for some in plans.chunks(rayon::current_num_threads()) {
        let made = some
            .par_iter()
            .map(|plan| master(plan, &settings, codec, &store, &tracks))
            .collect::<Result<Vec<_>, _>>()?;
        made.into_iter().try_for_each(|track| draft.add(track))?;
    }
    let published = draft.publish()?;
    let seconds: f64 = published.files.iter().map(|file| file.seconds()).sum();
    let took = began.elapsed().as_secs_f64();
    println!(
        "{format}: {:.2} h in {} files of {chapters} chapters, {:.2} GiB, made in {took:.0} s ({:.1} hours a minute), \
         {} MB resident at most; ffprobe finds {:.2} h",
        seconds / 3_600.0,
        published.files.len(),
        published.bytes as f64 / f64::from(1 << 30),
        seconds / 3_600.0 / (took / 60.0),
        most_memory()?,
        probed(&published.files)? / 3_600.0
    );
    Ok(())
}

/// Seconds of the files as ffprobe reads them, by their last packets where the head could be wrong.
fn probed(files: &[PublishedFile]) -> Result<f64, Box<dyn Error>> {
    let mut seconds = 0.0;
    for file in files {
        // Nothing is decoded: the last seconds are looked for from behind, as a player does that is told to jump there.
        let from = format!("{}%", file.seconds() - 1.0);
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams", "a", "-read_intervals", &from])
            .args(["-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"])
            .arg(&file.path)
            .output()?;
        let told = String::from_utf8(output.stdout)?;
        let last = told.lines().last().ok_or("no packet at the end")?;
        let numbers: Vec<f64> = last.split(',').filter_map(|number| number.parse().ok()).collect();
        seconds += numbers.iter().sum::<f64>();
    }
    Ok(seconds)
}

/// A take: syllables of a tone, each take another.
fn put(number: u32, store: &TakeStore) -> Result<[u8; 32], Box<dyn Error>> {
    let wave = |n: u32| {
        let t = f64::from(n) / f64::from(RATE);
        let syllable = (std::f64::consts::PI * ((t * 4.0).fract() / 0.8).min(1.0)).sin().powi(2);
        let pitch = 100.0 + 3.0 * f64::from(number);
        let voice: f64 =
            (1..12).map(|h| (std::f64::consts::TAU * pitch * f64::from(h) * t).sin() / f64::from(h)).sum();
        to_i16((0.1 * syllable * voice) as f32)
    };
    let samples: Vec<i16> = (0..SECONDS_A_TAKE * RATE).map(wave).collect();
    let record = TakeRecord {
        measurements: serde_json::Value::Null,
        verdict: Verdict::Accepted,
        seed: 0,
        identity: serde_json::Value::Null,
    };
    let key = *blake3::hash(&number.to_le_bytes()).as_bytes();
    store.put(&key, Pcm16 { rate: RATE, samples: &samples }, &record)?;
    Ok(key)
}

/// Megabytes, as Linux counts them.
fn most_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).ok_or("no VmHWM")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
    Ok(kilobytes / 1_024)
}
