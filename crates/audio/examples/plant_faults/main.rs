//! Plants faults in real takes and counts how many the checks of a take catch, and how many clean takes they reject.
//!
//! `cargo run --release -p rhapsode-audio --example plant_faults -- TAKES.jsonl [--write DIR]`
//!
//! Each line of TAKES.jsonl is `{"file": WAV, "text": what it says}`. The bounds are learnt from two takes of five;
//! the faults are planted in the others. `--write` leaves the takes whose words are wrong, and clean ones beside
//! them, in DIR, with a line of JSON each in `DIR/faults.jsonl`, for a check that listens.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example talks to the terminal")]

mod faults;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use faults::{FAULTS, Fault, plant};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rhapsode_audio::judge::{Bounds, Breach, Defect, Expectation, check, judge, measure};
use rhapsode_audio::learn::{ENOUGH_TAKES, Learner};
use rhapsode_audio::{Pcm, SampleRate};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    file: PathBuf,
    text: String,
}

struct Take {
    text: String,
    pcm: Pcm,
}

impl Take {
    fn expectation(&self) -> Expectation {
        Expectation { characters: self.text.chars().count(), speed: 1.0 }
    }
}

/// What one row of the table counts.
#[derive(Default)]
struct Row {
    takes: usize,
    caught: usize,
    /// By the bounds that are learnt from the first thirty takes.
    caught_early: usize,
    by: BTreeMap<Defect, usize>,
}

impl Row {
    fn count(&mut self, defects: &[Defect], early: &[Breach]) {
        self.takes += 1;
        self.caught_early += usize::from(!early.is_empty());
        self.caught += usize::from(!defects.is_empty());
        defects.iter().for_each(|defect| *self.by.entry(*defect).or_default() += 1);
    }

    fn print(&self, name: &str) {
        let percent = |caught: usize| caught as f64 / self.takes.max(1) as f64 * 100.0;
        let by: Vec<String> = self.by.iter().map(|(defect, times)| format!("{defect} {times}")).collect();
        let (caught, early) = (percent(self.caught), percent(self.caught_early));
        println!("| {name} | {} | {caught:.1} % | {early:.1} % | {} |", self.takes, by.join(", "));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let list = arguments.next().ok_or("usage: plant_faults TAKES.jsonl [--write DIR]")?;
    let folder = match arguments.next() {
        Some(option) if option == "--write" => Some(PathBuf::from(arguments.next().ok_or("--write DIR")?)),
        Some(_) => return Err("usage: plant_faults TAKES.jsonl [--write DIR]".into()),
        None => None,
    };
    let takes = read(Path::new(&list))?;
    let (known, tried): (Vec<_>, Vec<_>) = takes.iter().enumerate().partition(|(n, _)| n % 5 < 2);
    let tried: Vec<&Take> = tried.into_iter().map(|(_, take)| take).collect();

    let mut learner = Learner::new(Bounds::default());
    let mut few = learner.clone();
    for (_, take) in &known {
        let (measured, expected) = (measure(&take.pcm), take.expectation());
        if check(&measured, &expected, &Bounds::default()).is_empty() {
            learner.add(&measured, &expected);
            if few.takes() < ENOUGH_TAKES {
                few.add(&measured, &expected);
            }
        }
    }
    let bounds = learner.bounds();
    println!("learnt from {} takes, tried on {} others\n{bounds:#?}\n", learner.takes(), tried.len());

    println!("| takes | number | rejected | after 30 takes | by |\n|---|---|---|---|---|");
    let early = few.bounds();
    let (mut row, watch) = (Row::default(), Stopwatch::start());
    for take in &tried {
        let findings = judge(&take.pcm, &take.expectation(), &bounds);
        row.count(&findings.defects, &check(&findings.measurements, &take.expectation(), &early));
    }
    let judging = watch.seconds();
    row.print("clean");
    for fault in FAULTS {
        let mut row = Row::default();
        for number in 0..tried.len() {
            if let Some(pcm) = faulty(&tried, number, fault) {
                let expected = tried[number].expectation();
                let findings = judge(&pcm, &expected, &bounds);
                row.count(&findings.defects, &check(&findings.measurements, &expected, &early));
            }
        }
        row.print(fault.name());
    }
    let seconds = tried.iter().map(|take| take.pcm.seconds()).sum::<f64>();
    println!("\njudging runs at {:.0} times real time on one core", seconds / judging);

    folder.map_or(Ok(()), |folder| write(&tried, &folder))
}

/// Processor time of this thread where the system tells it, in which other programs do not count.
struct Stopwatch {
    clock: Instant,
    processor: Option<f64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor_seconds() }
    }

    fn seconds(&self) -> f64 {
        let processor = processor_seconds().zip(self.processor).map(|(now, then)| now - then);
        processor.unwrap_or_else(|| self.clock.elapsed().as_secs_f64())
    }
}

fn processor_seconds() -> Option<f64> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(schedule.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Take `number` with a fault; none where the take has no room for it.
fn faulty(takes: &[&Take], number: usize, fault: Fault) -> Option<Pcm> {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    // Far enough away that it is another text.
    let other = &takes[(number + 7) % takes.len()].pcm;
    plant(&takes[number].pcm, other, fault, &mut random)
}

fn read(list: &Path) -> Result<Vec<Take>, Box<dyn Error>> {
    let mut takes = Vec::new();
    for line in std::fs::read_to_string(list)?.lines() {
        let Line { file, text } = serde_json::from_str(line)?;
        let mut wav = hound::WavReader::open(&file)?;
        let rate = SampleRate(wav.spec().sample_rate);
        let samples = wav.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
        takes.push(Take { text, pcm: Pcm::from_16_bit(rate, &samples) });
    }
    Ok(takes)
}

/// Files of each kind that `--write` leaves.
const WRITTEN: usize = 300;

fn write(takes: &[&Take], folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let mut list = std::fs::File::create(folder.join("faults.jsonl"))?;
    let kinds = [None, Some(Fault::MissingWords), Some(Fault::RepeatedWords), Some(Fault::WrongText)];
    for kind in kinds {
        let name = kind.map_or("clean", Fault::name);
        let faulty = |number: usize| match kind {
            Some(kind) => faulty(takes, number, kind),
            None => Some(takes[number].pcm.clone()),
        };
        let made = (0..takes.len()).filter_map(|number| Some((number, faulty(number)?))).take(WRITTEN);
        for (ordinal, pcm) in made {
            let file = folder.join(format!("{}-{ordinal:04}.wav", name.replace(' ', "-")));
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: pcm.rate.0,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let mut wav = hound::WavWriter::create(&file, spec)?;
            pcm.to_16_bit().into_iter().try_for_each(|sample| wav.write_sample(sample))?;
            wav.finalize()?;
            let line = serde_json::json!({
                "fault": name, "file": file, "text": takes[ordinal].text, "ordinal": ordinal,
            });
            writeln!(list, "{line}")?;
        }
    }
    Ok(())
}
