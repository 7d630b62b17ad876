//! Books on servers that fail in every way that servers do.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader},
    process::Stdio,
    sync::{Arc, Mutex},
};

use rhapsode_tests::{
    World,
    fleet::{CONCURRENCY, Fleet, Identity, arguments, convert, takes},
    kills::Dice,
    speech_server::{End, Fault, FaultPlan, Settings},
    survival::{Healthy, Survival},
};
use serde_json::Value;

/// Jobs at the same time: most of their time is waiting.
const AT_ONCE: usize = 6;

/// Does a number of things, some at the same time; what went wrong with each.
fn all<T: Send + std::fmt::Display>(
    things: impl IntoIterator<Item = T, IntoIter: Send>,
    work: impl Fn(&T) -> Result<Survival, String> + Sync,
) -> Vec<String> {
    let things = Mutex::new(things.into_iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = things.lock().unwrap().next();
                    let Some(thing) = next else { break };
                    match work(&thing) {
                        Ok(survival) => println!("{thing}: {survival:?}"),
                        Err(error) => failures.lock().unwrap().push(format!("{thing}: {error}")),
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap()
}

#[test]
fn every_fault_alone_leaves_the_book_as_it_is_on_a_healthy_server() {
    let healthy = Healthy::make().unwrap();
    let failures = all(Fault::all(), |fault| healthy.survive(1, &[*fault], 25, 1));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn all_faults_together_on_three_servers_leave_the_book_as_it_is_on_a_healthy_server() {
    let healthy = Healthy::make().unwrap();
    let faults: Vec<Fault> = Fault::all().collect();
    let failures = all(1..=20_u64, |seed| healthy.survive(3, &faults, 30, *seed));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Kills in the middle of a job on failing servers.
const KILLS: usize = 12;

#[test]
fn killed_again_and_again_on_failing_servers_a_job_asks_for_nothing_that_it_has() {
    let healthy = Healthy::make().unwrap();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    // A lower limit would cut texts in parts, and a missing answer costs a time-out.
    let faults = Fault::all().filter(|fault| !matches!(fault, Fault::ShorterLimit | Fault::Never));
    let plan = Arc::new(FaultPlan::new(seed, faults, 20));
    let settings = || Settings {
        slots: CONCURRENCY,
        seconds_per_character: 0.001,
        faults: Some(Arc::clone(&plan)),
        ..Settings::default()
    };
    let fleet = Fleet::start((0..3).map(|_| settings()));
    let slots = 3 * CONCURRENCY;
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", healthy.manuscript());
    let (mut killed, mut hedged) = (0, 0);
    for _ in 0..KILLS {
        let committed: HashSet<String> =
            takes(&world).values().flat_map(|(samples, rate)| fleet.hear(samples, *rate).unwrap()).collect();
        let before = fleet.asked();
        let run = kill_at_a_take(&world, &book, 1 + dice.below(5));
        killed += usize::from(run.killed);
        hedged += run.hedged;
        for (text, times) in fleet.asked() {
            let asked = times - before.get(&text).copied().unwrap_or_default();
            assert!(asked == 0 || !committed.contains(&text), "{text:?} was there and is asked for again");
        }
        if !run.killed {
            break;
        }
    }
    assert!(killed >= 5, "the job ended after {killed} kills");
    let _ = convert(&world, &book, &["--wait"]).success();
    healthy.same(&world, &fleet).unwrap();

    let mut answered: HashMap<String, usize> = HashMap::new();
    for asked in fleet.counts().into_iter().flat_map(|counts| counts.asked) {
        if asked.end == End::Answered && !asked.probe {
            *answered.entry(asked.text).or_default() += 1;
        }
    }
    let repeated: usize = answered.values().map(|times| times - 1).sum();
    println!("{killed} kills, {repeated} answers were given twice, {hedged} of them to be sure");
    assert!(
        repeated <= killed * slots + hedged,
        "{repeated} answers were asked for again after {killed} kills"
    );
}

/// What a run told before it was killed.
struct Run {
    killed: bool,
    hedged: usize,
}

/// Runs a conversion and kills it at its n-th take.
fn kill_at_a_take(world: &World, book: &std::path::Path, n: u64) -> Run {
    let mut child = world
        .command(arguments(book, &["--wait"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut run = Run { killed: false, hedged: 0 };
    let mut seen = 0;
    for line in lines.map_while(Result::ok) {
        let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
        match event["event"].as_str() {
            Some("hedged") => run.hedged += 1,
            Some("take") => seen += 1,
            _ => {}
        }
        if seen >= n && !run.killed {
            // The rest of what it told is read to the end of the pipe.
            run.killed = child.kill().is_ok();
        }
    }
    let ended = child.wait().unwrap();
    run.killed &= ended.code().is_none();
    run
}
