//! `kill -9` at random moments of a job on servers that fail. The servers count what a kill costs.

use std::{
    collections::{BTreeSet, HashMap},
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use rhapsode_tests::{
    World,
    fleet::{CONCURRENCY, Fleet, Identity, arguments, convert, takes, words},
    kills::{Dice, Stage, unmake},
    speech_server::{Asked, End, Fault, FaultPlan, Settings},
    survival::Healthy,
};
use serde_json::Value;

/// Kills before the first take, between takes, and in each of the stages after the last one.
const AT_THE_BEGINNING: usize = 6;
const BETWEEN_TAKES: usize = 12;
const AFTER_THE_LAST: usize = 5;
const SERVERS: usize = 3;

#[test]
fn killed_again_and_again_on_failing_servers_a_job_asks_for_nothing_that_it_has() {
    let healthy = Healthy::make_of(5, 24).unwrap();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let plan = Arc::new(FaultPlan::new(seed, Fault::all(), 20));
    let settings = || Settings {
        slots: CONCURRENCY,
        // Slow enough that the checks of takes keep up wherever this runs.
        seconds_per_character: 0.004,
        faults: Some(Arc::clone(&plan)),
        ..Settings::default()
    };
    let fleet = Fleet::start((0..SERVERS).map(|_| settings()));
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", healthy.manuscript());
    let ledger = Ledger { healthy: &healthy, fleet: &fleet, world: &world };

    let at_the_beginning = (0..AT_THE_BEGINNING).filter(|_| {
        let event = [None, Some("scripted"), Some("looked_up")][dice.below(3) as usize];
        let moment = Moment { event, times: 1, then: Duration::from_millis(dice.below(500)) };
        ledger.run_and_kill(&book, &moment)
    });
    assert_eq!(at_the_beginning.count(), AT_THE_BEGINNING, "a job ended before its first take");
    let between_takes = (0..BETWEEN_TAKES).take_while(|_| {
        let then = Duration::from_millis(dice.below(100));
        ledger.run_and_kill(&book, &Moment { event: Some("take"), times: 1 + dice.below(4), then })
    });
    let between_takes = between_takes.count();
    assert!(between_takes >= 5, "the job ended after {between_takes} kills");
    let _ = convert(&world, &book, &["--wait"]).success();
    healthy.same(&world, &fleet).unwrap();

    let requests = fleet.requests();
    let mut after_the_last = 0;
    for (stage, within) in [(Stage::Encoding, 400), (Stage::Publishing, 40)] {
        for _ in 0..AFTER_THE_LAST {
            unmake(&world, stage);
            let then = Duration::from_millis(dice.below(within));
            let moment = Moment { event: Some("looked_up"), times: 1, then };
            after_the_last += usize::from(run_and_kill(&world, &book, &moment).killed);
        }
    }
    let _ = convert(&world, &book, &["--wait"]).success();
    healthy.same(&world, &fleet).unwrap();
    assert_eq!(fleet.requests(), requests, "every take was there, and a server was asked");
    println!(
        "{AT_THE_BEGINNING} kills before the first take, {between_takes} between takes, {after_the_last} after the \
         last; {:?}",
        plan.struck()
    );
}

/// When a run is killed: so long after the n-th time that it told an event, or after its start.
#[derive(Debug)]
struct Moment {
    event: Option<&'static str>,
    times: u64,
    then: Duration,
}

/// What a run told before it was killed.
#[derive(Debug, Default)]
struct Run {
    killed: bool,
    hedged: usize,
}

fn run_and_kill(world: &World, book: &Path, moment: &Moment) -> Run {
    let mut child = world
        .command(arguments(book, &["--wait"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut run = Run::default();
    if moment.event.is_none() {
        std::thread::sleep(moment.then);
        child.kill().unwrap();
    }
    let mut seen = 0;
    // What it told before the kill is read to the end of the pipe.
    for line in lines.map_while(Result::ok) {
        let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
        let name = event["event"].as_str();
        run.hedged += usize::from(name == Some("hedged"));
        if name == moment.event {
            seen += 1;
            if seen == moment.times {
                std::thread::sleep(moment.then);
                child.kill().unwrap();
            }
        }
    }
    run.killed = child.wait().unwrap().code().is_none();
    run
}

/// What servers were asked in a run, held against what was there before it and after it.
struct Ledger<'a> {
    healthy: &'a Healthy,
    fleet: &'a Fleet,
    world: &'a World,
}

impl Ledger<'_> {
    /// Runs the job and kills it; whether it had not ended before.
    fn run_and_kill(&self, book: &Path, moment: &Moment) -> bool {
        let missing = self.missing();
        let before: Vec<usize> = self.asked().map(|asked| asked.len()).collect();
        let run = run_and_kill(self.world, book, moment);
        let still_missing = self.missing();
        let asked: Vec<Vec<Asked>> =
            self.asked().zip(before).map(|(mut asked, before)| asked.split_off(before)).collect();
        for (server, asked) in asked.iter().enumerate() {
            for Asked { text, .. } in of_books(asked) {
                let wanted = missing.iter().any(|chunk| has(chunk, text));
                assert!(wanted, "{moment:?}: {text:?} was there, and server {server} is asked for it again");
            }
            let lost = answered(asked).filter_map(|text| still_missing.iter().find(|chunk| has(chunk, text)));
            let lost: BTreeSet<&&str> = lost.collect();
            let bound = CONCURRENCY * (1 + absences(asked)) + self.interrupted(asked);
            assert!(
                lost.len() <= bound,
                "{moment:?}: of server {server} {bound} answers may be lost: {lost:?}"
            );
        }
        let mut times: HashMap<&str, usize> = HashMap::new();
        for text in asked.iter().flat_map(|asked| answered(asked)).filter(|text| self.is_whole(text)) {
            *times.entry(text).or_default() += 1;
        }
        let twice: usize = times.values().map(|times| times - 1).sum();
        let cut_short = CONCURRENCY * asked.iter().map(|asked| absences(asked)).sum::<usize>();
        assert!(twice <= run.hedged + cut_short, "{moment:?}: {twice} answers were given twice in {run:?}");
        run.killed
    }

    /// The texts of the chunks that have no take.
    fn missing(&self) -> Vec<&str> {
        let there = takes(self.world);
        let missing = self.healthy.texts().iter().filter(|(key, _)| !there.contains_key(*key));
        missing.map(|(_, text)| text.as_str()).collect()
    }

    fn asked(&self) -> impl Iterator<Item = Vec<Asked>> {
        self.fleet.counts().into_iter().map(|counts| counts.asked)
    }

    fn is_whole(&self, text: &str) -> bool {
        self.healthy.texts().values().any(|chunk| chunk == text)
    }

    /// Requests for a part of a chunk that failed: the parts before it are kept until another backend goes on.
    fn interrupted(&self, asked: &[Asked]) -> usize {
        of_books(asked).filter(|asked| asked.end != End::Answered && !self.is_whole(&asked.text)).count()
    }
}

fn of_books(asked: &[Asked]) -> impl Iterator<Item = &Asked> {
    asked.iter().filter(|asked| !asked.probe)
}

fn answered(asked: &[Asked]) -> impl Iterator<Item = &str> {
    of_books(asked).filter(|asked| asked.end == End::Answered).map(|asked| asked.text.as_str())
}

/// Times that a server went away, and cut short what it was sending.
fn absences(asked: &[Asked]) -> usize {
    of_books(asked)
        .filter(|asked| matches!(asked.fault, Some(Fault::Dies | Fault::RefusesConnections)))
        .count()
}

/// Whether a text is a chunk's, or a part of it that a server with a shorter limit got.
fn has(chunk: &str, text: &str) -> bool {
    words(chunk).windows(words(text).len().max(1)).any(|window| window == words(text))
}
