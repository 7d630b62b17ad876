//! Settings from flags, variables and files, with the sidecars of books among them.

use rhapsode_tests::{Outcome, World};

fn plan(world: &World, book: &str, variables: &[(&str, &str)], more: &[&str]) -> serde_json::Value {
    let mut command = world.command(["plan", "--json", book]);
    let output = command.args(more).envs(variables.iter().copied()).output().unwrap();
    serde_json::from_str(&Outcome::from(output).success().stdout).unwrap()
}

fn seconds(plan: &serde_json::Value) -> f64 {
    plan["chapters"][0]["estimated_seconds"].as_f64().unwrap()
}

#[test]
fn a_sidecar_lies_between_the_configuration_file_and_the_environment() {
    let world = World::new();
    let words = "There were many words in it. ".repeat(40);
    world.write("b.md", format!("# One\n\n{words}\n"));
    world.write("rhapsode.toml", "[speech]\nspeed = 0.8\n");
    let file = seconds(&plan(&world, "b.md", &[], &[]));
    world.write(
        "book.toml",
        "[speech]\nspeed = 1.0\n[metadata]\nseries = \"Words\"\nseries-position = \"2\"\n",
    );
    let folder = plan(&world, "b.md", &[], &[]);
    world.write("b.book.toml", "[speech]\nspeed = 1.2\n");
    let own = plan(&world, "b.md", &[], &[]);
    let variable = seconds(&plan(&world, "b.md", &[("RHAPSODE_SPEECH_SPEED", "1.4")], &[]));
    let flag = seconds(&plan(&world, "b.md", &[("RHAPSODE_SPEECH_SPEED", "1.4")], &["--speed", "1.6"]));
    let lengths = [file, seconds(&folder), seconds(&own), variable, flag];
    assert!(lengths.is_sorted_by(|slower, faster| slower > faster), "{lengths:?}");
    assert_eq!(
        own["metadata"]["series"]["name"], "Words",
        "the folder's sidecar holds for each of its books"
    );
}

#[test]
fn config_show_names_the_sidecars_of_a_book() {
    let world = World::new();
    world.write("b.book.toml", "[speech]\nspeed = 1.2\n");
    let shown = world.run(["config", "show", "b.md"]).success().stdout;
    let speed = shown.lines().find(|line| line.starts_with("speech.speed")).unwrap();
    assert!(speed.contains("1.2") && speed.contains("b.book.toml"), "{speed}");
}

/// A paid server whose key is in a variable that nobody set.
const PAID: &str = r#"
[[backend]]
name = "paid"
kind = "openai"
url = "http://127.0.0.1:9/v1"
model = "tts-1"
voices = ["alloy"]
api-key-env = "RHAPSODE_TESTS_KEY"
"#;

#[test]
fn config_show_names_every_backend_with_its_options_and_its_line() {
    let world = World::new();
    world.write("rhapsode.toml", PAID);
    let shown = world.run(["config", "show"]).success().stdout;
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("backend.paid.")).collect();
    assert_eq!(lines.len(), 5, "{shown}");
    assert!(lines.contains(&"backend.paid.model = \"tts-1\"  # rhapsode.toml at line 2"), "{shown}");
}

#[test]
fn a_key_that_is_not_there_stops_what_speaks_and_nothing_else() {
    let world = World::new();
    world.write("rhapsode.toml", PAID);
    world.write("b.md", "# One\n\nA sentence.\n");
    assert_eq!(plan(&world, "b.md", &[], &["--voice", "alloy"])["chunks"], 2);
    let listed = world.run(["backends"]).success().stdout;
    assert!(listed.contains("paid") && listed.contains("set RHAPSODE_TESTS_KEY"), "{listed}");
    let refused = world.run(["convert", "b.md", "--voice", "alloy"]);
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("RHAPSODE_TESTS_KEY is not set"), "{}", refused.stderr);
}

#[test]
fn each_book_of_a_run_has_its_own_sidecar() {
    let world = World::new();
    for name in ["a", "b"] {
        world.write(&format!("{name}.md"), "# One\n\nA sentence.\n");
        world.write(&format!("{name}.book.toml"), format!("[metadata]\ntitle = \"Title {name}\"\n"));
    }
    let _ = world.run(["convert", "a.md", "b.md", "-o", "out"]).success();
    assert!(world.path("out/Title a.m4b").is_file() && world.path("out/Title b.m4b").is_file());
}

#[test]
fn a_wrong_sidecar_stops_its_own_book_alone() {
    let world = World::new();
    world.write("a.md", "# A\n\nA sentence.\n");
    world.write("a.book.toml", "[storage]\nwork = \"/\"\n");
    world.write("b.md", "# B\n\nA sentence.\n");
    let outcome = world.run(["convert", "a.md", "b.md", "-o", "out"]);
    assert_eq!(outcome.code, Some(9), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("a.book.toml") && outcome.stderr.contains("line 1"),
        "{}",
        outcome.stderr
    );
    assert!(world.path("out/B.m4b").is_file());
}

#[test]
fn a_variable_that_is_no_setting_stops_the_run_and_is_named() {
    let world = World::new();
    world.write("a.md", "# A\n\nA sentence.\n");
    for (name, value) in [("RHAPSODE_VOICE", "hibari"), ("RHAPSODE_SPEECH_SPEED", "fast")] {
        let output = world.command(["plan", "a.md"]).env(name, value).output().unwrap();
        let outcome = Outcome::from(output);
        assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
    }
}

/// A program that speaks, if the machine has it.
fn robot(world: &World, name: &str, more: &str) -> bool {
    if std::process::Command::new("espeak-ng").arg("--version").output().is_err() {
        rhapsode_tests::skip("there is no espeak-ng on this machine");
        return false;
    }
    let mut blocks = std::fs::read_to_string(world.path("rhapsode.toml")).unwrap_or_default();
    blocks.push_str(&format!(
        "[[backend]]\nname = \"{name}\"\nkind = \"command\"\n\
         command = [\"espeak-ng\", \"--stdout\", \"{{text}}\"]\n{more}\n"
    ));
    world.write("rhapsode.toml", blocks);
    true
}

#[test]
fn a_book_is_spoken_by_the_configured_backends_together() {
    let world = World::new();
    if !(robot(&world, "left", "identity = \"e\"") && robot(&world, "right", "identity = \"e\"")) {
        return;
    }
    world.write("b.md", "# One\n\nA sentence of words.\n\nAnother paragraph of them.\n");
    let events = world.run(["convert", "b.md", "-o", "o.m4b", "--events=json"]).success().stdout;
    assert!(events.contains("\"left\"") && events.contains("\"right\""), "{events}");
    let again = world.run(["convert", "b.md", "-o", "o.m4b"]).success().stderr;
    assert!(again.contains("up to date"), "{again}");
    let listed = world.run(["backends"]).success().stdout;
    assert!(listed.contains("left") && listed.contains("answers"), "{listed}");
    let json = world.run(["backends", "--json"]).success().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[1]["name"], &json[1]["answers"]), (&"right".into(), &true.into()));
}

#[test]
fn engines_that_differ_are_mixed_only_where_it_is_allowed() {
    let world = World::new();
    if !(robot(&world, "left", "identity = \"e\"") && robot(&world, "right", "identity = \"f\"")) {
        return;
    }
    world.write("b.md", "# One\n\nA sentence of words.\n");
    let refused = world.run(["convert", "b.md", "-o", "o.m4b"]);
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("left") && refused.stderr.contains("mixing"), "{}", refused.stderr);
    let _ = world.run(["convert", "b.md", "-o", "o.m4b", "--backend", "right"]).success();
    let mut allowed = world.command(["convert", "b.md", "-o", "p.m4b"]);
    assert!(allowed.env("RHAPSODE_SPEECH_MIXING", "allow").status().unwrap().success());
}

#[test]
fn a_wrong_option_of_a_backend_is_told_with_its_block() {
    let world = World::new();
    world.write(
        "rhapsode.toml",
        "[speech]\nspeed = 1.0\n\n[[backend]]\nname = \"x\"\nkind = \"openai\"\nhorn = 1\n",
    );
    world.write("b.md", "# One\n\nA sentence.\n");
    let outcome = world.run(["convert", "b.md"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    for word in ["backend.x", "line 4", "horn"] {
        assert!(outcome.stderr.contains(word), "{word} is missing in {}", outcome.stderr);
    }
}

#[test]
fn a_server_that_does_not_answer_stops_the_job_with_a_hint_and_loses_nothing() {
    let world = World::new();
    world.write("b.md", "# One\n\nA sentence.\n");
    let outcome = world.run(["convert", "b.md", "--backend", "http://127.0.0.1:1"]);
    assert_eq!(outcome.code, Some(10), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("127.0.0.1:1") && outcome.stderr.contains("--wait"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_sidecar_names_a_voice_and_nothing_that_is_asked() {
    for wrong in [
        "[[backend]]\nname = \"x\"\nkind = \"openai\"\nurl = \"http://x\"\n",
        "[voices.a]\nx = \"y\"\n",
        "[speech]\nverify = \"http://x\"\n",
        "[speech]\nbackends = [\"http://x\"]\n",
    ] {
        let world = World::new();
        world.write("b.md", "# One\n\nA sentence.\n");
        world.write("b.book.toml", wrong);
        assert_eq!(world.run(["convert", "b.md"]).code, Some(4), "{wrong}");
    }
}
