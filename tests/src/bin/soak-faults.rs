//! The long run of faults: `scripts/soak faults` calls it, and its table stands in `docs/soak.md`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rhapsode_tests::{
    speech_server::Fault,
    survival::{Healthy, Survival},
};

/// Jobs at the same time: most of their time is waiting.
const AT_ONCE: usize = 6;

/// A line of the table.
struct Kind {
    name: String,
    servers: usize,
    faults: Vec<Fault>,
    percent: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number =
        |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (runs, seed) = (number(1, 100), number(2, 1));
    let wanted = arguments.get(3..).unwrap_or_default();
    let kinds: Vec<Kind> = kinds().filter(|kind| wanted.is_empty() || wanted.contains(&kind.name)).collect();
    if kinds.len() < wanted.len() {
        let names: Vec<String> = self::kinds().map(|kind| kind.name).collect();
        println!("not all of these are kinds of faults: {}; they are {}", wanted.join(" "), names.join(", "));
        return ExitCode::FAILURE;
    }
    let healthy = match Healthy::make() {
        Ok(healthy) => healthy,
        Err(error) => {
            println!("the book cannot be made on a healthy server: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{} takes a book, seed {seed}\n", healthy.takes());
    println!(
        "| fault | books | faults that struck | requests a take | the same book |\n|---|---|---|---|---|"
    );
    let mut lost = 0;
    for kind in kinds {
        let (sum, failures) = soak(&healthy, &kind, runs, seed);
        let same = runs - failures.len() as u64;
        let takes = (sum.takes.max(1)) as f64;
        println!("| {} | {runs} | {} | {:.2} | {same} |", kind.name, sum.struck, sum.requests as f64 / takes);
        for failure in &failures {
            println!("  {failure}");
        }
        lost += failures.len();
    }
    if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Each fault by itself, and all of them.
fn kinds() -> impl Iterator<Item = Kind> {
    let alone = Fault::all().map(|fault| Kind {
        name: fault.to_string(),
        servers: 1,
        faults: vec![fault],
        percent: 25,
    });
    let together = Kind { name: "all".to_owned(), servers: 3, faults: Fault::all().collect(), percent: 30 };
    alone.chain([together])
}

/// Makes the book again and again; what it cost together, and what went wrong.
fn soak(healthy: &Healthy, kind: &Kind, runs: u64, seed: u64) -> (Survival, Vec<String>) {
    let next = AtomicU64::new(0);
    let result = Mutex::new((Survival::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let run = next.fetch_add(1, Ordering::Relaxed);
                    if run >= runs {
                        break;
                    }
                    let survival = healthy.survive(kind.servers, &kind.faults, kind.percent, seed + run);
                    let mut result = result.lock().expect("no thread panics while it adds up");
                    match survival {
                        Ok(one) => {
                            result.0.struck += one.struck;
                            result.0.requests += one.requests;
                            result.0.takes += one.takes;
                        }
                        Err(error) => result.1.push(format!("seed {}: {error}", seed + run)),
                    }
                }
            });
        }
    });
    result.into_inner().expect("every thread has ended")
}
