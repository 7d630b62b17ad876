//! `--verify` with a real recogniser: a take that says other words is made once more.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use rhapsode_tests::{World, kills::count, program, python, workspace};
use serde_json::Value;

/// A recogniser that listens until it is dropped.
struct Recogniser {
    child: Child,
    url: String,
}

impl Recogniser {
    fn start() -> Option<Self> {
        let python = python("tests/intelligibility/requirements.txt")?;
        let mut command = Command::new(python);
        command.arg(workspace().join("tests/recogniser/server.py")).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Some(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Recogniser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Speaks with the built-in voice, and at the first attempt at the sentence about the harbour says something else.
const SPEAKER: &str = r#"
text=$(cat "$1")
case "$2 $text" in
    1*harbour*) text="The old captain sold his boat and bought a small house in the country." ;;
esac
exec "$PROGRAM" say "$text" -o "$3" --backend builtin --quiet
"#;

#[test]
fn a_take_that_says_other_words_is_heard_and_made_once_more() {
    let Some(recogniser) = Recogniser::start() else { return };
    let world = World::new();
    let speaker = world.write("speaker.sh", SPEAKER);
    world.write(
        "rhapsode.toml",
        format!(
            "[[backend]]\nname = \"speaker\"\nkind = \"command\"\nvoices = [\"hibari\"]\nmax-chars = 90\n\
             command = [\"sh\", \"{}\", \"{{text-file}}\", \"{{seed}}\", \"{{output}}\"]\n",
            speaker.display()
        ),
    );
    let book = world.write(
        "book.md",
        "# One\n\nThe morning was cold and the streets were still empty.\n\n\
         We walked down to the harbour and waited for the ferry to come in.\n\n\
         Nobody had seen the keeper since the storm.\n",
    );
    let mut command = world.command(["convert"]);
    command.arg(&book).args(["-o", "out.m4b", "--events=json", "--verify", &recogniser.url]);
    let outcome: rhapsode_tests::Outcome = command.env("PROGRAM", program()).output().unwrap().into();
    let outcome = outcome.success();
    let told: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let retried: Vec<&Value> = told.iter().filter(|event| event["event"] == "retry").collect();
    assert_eq!(retried.len(), 1, "{retried:?}");
    assert!(retried[0]["reason"].as_str().unwrap().contains("other-words"), "{retried:?}");
    assert_eq!(count(&told, "inconclusive"), 0, "{}", outcome.stdout);
}
