//! Prints what the dispatcher itself costs: processor time for each chunk, and memory, with a backend that answers at
//! once. `cargo run --release -p rhapsode-dispatch --example overhead [CHUNKS]`
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{collections::BTreeMap, env, error::Error, fs, sync::Arc};

use rhapsode_audio::{Pcm, SampleRate, judge::Bounds, learn::Learner};
use rhapsode_dispatch::{
    BackendPool, DispatchEvent, DispatchOptions, Member, Order, PoolOptions, StopSignal, Variant, Work,
};
use rhapsode_speech::{Backend, Call, Description, EngineIdentity, Part, Request, Speech, SpeechFuture};
use rhapsode_store::TakeStore;
use tokio::sync::{mpsc, watch};

/// Speaks everything at once.
#[derive(Debug)]
struct Instantly {
    description: Description,
    pcm: Pcm,
}

impl Backend for Instantly {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn speak<'a>(&'a self, _: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        Box::pin(std::future::ready(Ok(Speech {
            pcm: self.pcm.clone(),
            seed: call.seed,
            dropped_text: None,
        })))
    }
}

fn identity() -> EngineIdentity {
    let text = |text: &str| text.to_owned();
    EngineIdentity { engine: text("instant"), model: text("none"), revision: text("1"), sound_revision: 1 }
}

fn backend(slots: usize) -> Instantly {
    let rate = SampleRate(8_000);
    let tone = |n: usize| {
        let t = n as f64 / f64::from(rate.0);
        (0.3 * (std::f64::consts::PI * 4.0 * t).sin().powi(2) * (std::f64::consts::TAU * 180.0 * t).sin())
            as f32
    };
    let quiet = vec![0.0; rate.samples(0.1)];
    let samples = [quiet.clone(), (0..rate.samples(1.0)).map(tone).collect(), quiet].concat();
    let description = Description {
        name: "instant".to_owned(),
        identity: identity(),
        voices: vec!["any".to_owned()],
        languages: vec!["en".to_owned()],
        rate: Some(rate),
        max_concurrency: slots,
        min_chars: 1,
        max_chars: 300,
        phonemes: false,
        price: None,
    };
    Instantly { description, pcm: Pcm { rate, samples } }
}

fn request(ordinal: u32) -> Request {
    Request {
        text: vec![Part::Text(format!("Sentence {ordinal:06}."))],
        voice: "any".to_owned(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 0,
        generation: 0,
    }
}

fn order(chunks: u32) -> Order {
    let work = |ordinal: u32| {
        let request = request(ordinal);
        let characters = request.plain_text().chars().count();
        let variant = Variant::new(request.key(&identity()), characters, move || self::request(ordinal));
        Work { ordinal, variants: vec![variant] }
    };
    let options = DispatchOptions { sync_takes: 1_000, ..DispatchOptions::default() };
    let learners = vec![Learner::new(Bounds::default())];
    Order { work: (0..chunks).map(work).collect(), variant_of: vec![Some(0)], learners, options }
}

/// Processor time of this process in seconds, and its memory in MiB, where the system tells.
fn used() -> Option<(f64, f64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: f64 =
        stat.rsplit(')').next()?.split(' ').skip(12).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = memory.trim().trim_end_matches(" kB").parse().ok()?;
    Some((ticks / 100.0, kib / 1_024.0))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let chunks: u32 = env::args().nth(1).map_or(Ok(10_000), |chunks| chunks.parse())?;
    let dir = tempfile::tempdir()?;
    let store = Arc::new(TakeStore::open(dir.path())?);
    let pool = BackendPool::start(vec![Member::new(Arc::new(backend(4)))], PoolOptions::default());
    let order = order(chunks);
    let (tell, mut events) = mpsc::unbounded_channel();
    let (_run, stop) = watch::channel(StopSignal::Running);
    let listening = tokio::spawn(async move {
        let (mut finished, mut memory) = (0, Vec::new());
        while let Some(event) = events.recv().await {
            if matches!(event, DispatchEvent::Finished { .. }) {
                finished += 1;
                if finished % (chunks / 10).max(1) == 0 {
                    memory.extend(used().map(|(_, memory)| memory));
                }
            }
        }
        memory
    });
    let before = used();
    let outcome = pool.dispatch(order, store, stop, tell).await?;
    let tenths = listening.await?;
    match (before, used()) {
        (Some((before, _)), Some((after, memory))) => println!(
            "{} chunks: {:.3} ms of processor time a chunk, {memory:.1} MiB",
            outcome.finished,
            (after - before) * 1_000.0 / f64::from(chunks),
        ),
        _ => println!("{} chunks; this system does not tell what they cost", outcome.finished),
    }
    let tenths: Vec<String> = tenths.iter().map(|memory| format!("{memory:.1}")).collect();
    println!("after each tenth of them: {} MiB", tenths.join(" "));
    Ok(())
}
