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
    let (books, seed) = (number(1, 100), number(2, 1));
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
    println!("{} takes a book\n", healthy.takes());
    println!("| fault | seeds | spared books | struck books | strikes | requests a take | the same book |");
    println!("|---|---|---|---|---|---|---|");
    let mut lost = 0;
    for kind in kinds {
        let next = AtomicU64::new(seed);
        let (sum, failures) = soak(&healthy, &kind, books, &next);
        let last = next.into_inner().max(seed + 1) - 1;
        let (same, requests) = (books - failures.len() as u64, sum.requests as f64 / sum.takes.max(1) as f64);
        println!(
            "| {} | {seed} to {last} | {} | {books} | {} | {requests:.2} | {same} |",
            kind.name, sum.spared, sum.strikes
        );
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

/// Makes books until so many were struck, each with the next seed; what they cost together, and what went wrong.
fn soak(healthy: &Healthy, kind: &Kind, books: u64, next: &AtomicU64) -> (Survival, Vec<String>) {
    let begun = AtomicU64::new(0);
    let result = Mutex::new((Survival::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while begun.fetch_add(1, Ordering::Relaxed) < books {
                    let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                    let survival = healthy.survive(kind.servers, &kind.faults, kind.percent, seeds);
                    let mut result = result.lock().expect("no thread panics while it adds up");
                    match survival {
                        Ok(one) => result.0 += one,
                        Err(error) => result.1.push(error),
                    }
                }
            });
        }
    });
    result.into_inner().expect("every thread has ended")
}
