//! Chunks that no attempt makes good: who is told of them, and how they are made once more.

use std::{fs, path::PathBuf};

use rhapsode_tests::{
    Outcome, World,
    fleet::{Fleet, Identity, arguments, convert, manuscript, takes},
    speech_server::{Condition, Settings},
    survival::says,
};
use serde_json::{Value, json};

/// Words of one sentence of the first chapter.
const HARD: &str = "The pilot hid a basket of pears";

/// A book, and a server that does not get one of its sentences out.
struct Stage {
    world: World,
    fleet: Fleet,
    manuscript: String,
    book: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let condition = Condition { stumbles_at: Some(HARD.to_owned()), ..Condition::default() };
        let fleet = Fleet::start([Settings { condition, ..Settings::default() }]);
        let world = World::new();
        fleet.configure(&world, Identity::Stated);
        let manuscript = manuscript(2, 6);
        let book = world.write("book.md", &manuscript);
        Self { world, fleet, manuscript, book }
    }

    fn convert(&self, more: &[&str]) -> Outcome {
        convert(&self.world, &self.book, more)
    }

    /// Times that the sentence was asked for, and other texts.
    fn asked(&self) -> (usize, usize) {
        let (hard, others): (Vec<_>, Vec<_>) =
            self.fleet.asked().into_iter().partition(|(text, _)| text.contains(HARD));
        let times = |of: Vec<(String, usize)>| of.into_iter().map(|(_, times)| times).sum();
        (times(hard), times(others))
    }

    fn report(&self) -> Value {
        let mut jobs = fs::read_dir(self.world.path(".rhapsode")).unwrap().map(|job| job.unwrap().path());
        let report = jobs.find_map(|job| fs::read(job.join("report.json")).ok());
        serde_json::from_slice(&report.expect("a job leaves its report")).unwrap()
    }
}

fn events(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn last(outcome: &Outcome) -> Value {
    events(outcome).pop().unwrap()
}

#[test]
fn a_defect_is_in_the_events_the_report_the_summary_and_the_exit_code() {
    let stage = Stage::new();
    let outcome = stage.convert(&[]);
    assert_eq!(outcome.code, Some(7), "{}", outcome.stderr);
    let finished = last(&outcome);
    assert_eq!(finished["event"], "finished");
    let [defect] = finished["defects"].as_array().unwrap().as_slice() else {
        panic!("{}", finished["defects"]);
    };
    assert_eq!((&defect["chapter"], &defect["defects"]), (&json!("Chapter one"), &json!(["too-short"])));
    assert!(defect["text"].as_str().unwrap().contains(HARD), "{defect}");
    let reason = defect["reasons"][0].as_str().unwrap();
    assert!(reason.starts_with("too-short (") && reason.contains(" s, bound "), "{reason}");
    let file = PathBuf::from(defect["file"].as_str().unwrap());
    assert!(takes(&stage.world).contains_key(file.file_stem().unwrap().to_str().unwrap()), "{defect}");
    assert!(file.is_file(), "{defect}");

    let told = events(&outcome);
    let of_take = |event: &&Value| event["event"] == "take" && event["ordinal"] == defect["ordinal"];
    assert_eq!(told.iter().find(of_take).unwrap()["defects"], defect["defects"]);
    assert_eq!(stage.report()["summary"]["defects"], finished["defects"]);

    fs::remove_file(stage.world.path("out.m4b")).unwrap();
    let arguments = arguments(&stage.book, &[]).into_iter().filter(|argument| argument != "--events=json");
    let told = stage.world.run(arguments);
    assert_eq!(told.code, Some(7), "{}", told.stderr);
    assert!(told.stderr.contains("1 chunk with a defect") && told.stderr.contains(reason), "{}", told.stderr);
    assert!(told.stderr.contains("rhapsode redo BOOK --defects"), "{}", told.stderr);
}

#[test]
fn a_defect_is_tried_again_when_that_is_wanted_and_nothing_else_with_it() {
    let redo: &[&str] = &["redo", "--defects"];
    for wish in [redo, &["convert", "--retry-defects"]] {
        let stage = Stage::new();
        let first = stage.convert(&[]);
        assert_eq!(first.code, Some(7), "{}", first.stderr);
        let (hard, others) = stage.asked();
        assert_eq!(hard, 3, "so many attempts are made at a chunk");

        // The server has recovered, and nobody wants to know.
        stage.fleet.servers()[0].fare(Condition::default());
        fs::remove_file(stage.world.path("out.m4b")).unwrap();
        assert_eq!(stage.convert(&[]).code, Some(7));
        assert_eq!(stage.asked(), (hard, others));

        let mut arguments = arguments(&stage.book, &wish[1..]);
        arguments[0] = wish[0].into();
        let outcome = stage.world.run(arguments).success();
        assert_eq!(stage.asked(), (hard + 1, others), "{wish:?}");
        assert_eq!(last(&outcome)["defects"], json!([]), "{wish:?}");
        assert_eq!(stage.report()["summary"]["defects"], json!([]), "{wish:?}");
        says(&stage.world, &stage.fleet, &stage.manuscript).unwrap();

        // It is good for good.
        let _ = stage.convert(&[]).success();
        assert_eq!(stage.asked(), (hard + 1, others), "{wish:?}");
    }
}
