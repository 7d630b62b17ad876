//! The other commands, and how the program behaves in a terminal and in a pipe.

use std::{fs, io::Write, process::Stdio};

use rhapsode_tests::{World, decode, kills::takes, probe};

#[test]
fn help_names_every_command_and_every_exit_code() {
    let outcome = World::new().run(["--help"]).success();
    for word in
        ["convert", "redo", "backends", "plan", "sample", "say", "voices", "store", "config", "init", "130"]
    {
        assert!(outcome.stdout.contains(word), "{word} is missing in:\n{}", outcome.stdout);
    }
}

#[test]
fn the_version_names_the_encoder_and_its_licence() {
    let outcome = World::new().run(["--version"]).success();
    let aac = outcome.stdout.lines().find(|line| line.starts_with("m4b:")).unwrap();
    assert!(aac.contains("FDK") || aac.contains("ffmpeg"), "{aac}");
    assert!(aac.contains('('), "the licence is missing: {aac}");
}

#[test]
fn say_speaks_a_text_into_a_sound_file() {
    let world = World::new();
    let _ = world.run(["say", "Call me Ishmael.", "-o", "x.wav"]).success();
    let samples = decode(&world.path("x.wav"));
    assert!((24_000..240_000).contains(&samples.len()), "{} samples", samples.len());
    assert!(samples.iter().any(|s| s.unsigned_abs() > 3_000));
}

#[test]
fn say_into_anything_but_a_sound_file_is_refused() {
    let outcome = World::new().run(["say", "Hello.", "-o", "x.txt"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
}

#[test]
fn a_samples_takes_are_used_by_the_job() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("epub"));
    let arguments = [
        "sample".as_ref(),
        book.as_os_str(),
        "--seconds".as_ref(),
        "20".as_ref(),
        "-o".as_ref(),
        "s.wav".as_ref(),
    ];
    let _ = world.run(arguments).success();
    let seconds = probe(&world.path("s.wav")).seconds();
    assert!((18.0..45.0).contains(&seconds), "{seconds} s");
    let sampled = takes(&world);
    assert!(sampled > 0);
    let arguments =
        ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref(), "--events=json".as_ref()];
    let events = world.run(arguments).success().stdout;
    let looked_up = events.lines().find(|line| line.contains("\"looked_up\"")).unwrap();
    let looked_up: serde_json::Value = serde_json::from_str(looked_up).unwrap();
    assert!(looked_up["present"].as_u64() >= Some(sampled), "{looked_up}");
}

#[test]
fn a_pronunciation_from_the_lexicon_is_heard_and_changes_no_other_take() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nQueequeg smiled. Nobody else did.\n");
    let convert = |world: &World| {
        let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()];
        let _ = world.run(arguments).success();
    };
    convert(&world);
    let before = takes(&world);
    let plain = decode(&world.path("o.m4b"));
    world.write("b.lexicon.toml", "[[word]]\nword = \"Queequeg\"\nphonemes = \"həlˈO\"\n");
    convert(&world);
    assert_eq!(takes(&world), before + 1, "one sentence has the word");
    assert!(decode(&world.path("o.m4b")) != plain, "the pronunciation is not heard");
}

#[test]
fn a_folder_is_converted_whole() {
    let world = World::new();
    fs::create_dir(world.path("in")).unwrap();
    for (name, title) in [("in/a.md", "First"), ("in/b.txt", "Second")] {
        world.write(name, format!("# {title}\n\nA sentence of {title}.\n"));
    }
    let _ = world.run(["convert", "in", "-o", "out"]).success();
    let made = fs::read_dir(world.path("out"))
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "m4b"));
    assert_eq!(made.count(), 2);
}

#[test]
fn in_a_pipe_nothing_is_said_but_the_summary_and_no_colour_is_used() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let outcome =
        world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()]).success();
    assert_eq!(outcome.stdout, "");
    assert!(!outcome.stderr.contains('\u{1b}'), "{:?}", outcome.stderr);
    assert!(outcome.stderr.contains("o.m4b") && outcome.stderr.contains("report:"), "{}", outcome.stderr);
    let quiet =
        world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref(), "-q".as_ref()]);
    assert_eq!(quiet.success().stderr, "");
}

#[test]
fn events_are_json_lines_from_started_to_finished() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let arguments =
        ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref(), "--events=json".as_ref()];
    let outcome = world.run(arguments).success();
    let events: Vec<serde_json::Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&events[0]["event"], &events[0]["schema"]), (&"started".into(), &1.into()));
    let last = events.last().unwrap();
    assert_eq!(last["event"], "finished");
    assert!(last["seconds"].as_f64().unwrap() > 1.0);
}

#[test]
fn a_reader_that_goes_away_does_not_end_the_job() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("md"));
    let arguments =
        ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref(), "--events=json".as_ref()];
    let mut child = world.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(world.path("o.m4b").is_file());
}

#[test]
fn nobody_listening_to_the_messages_does_not_end_the_job() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()];
    let mut child = world.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(world.path("o.m4b").is_file());
}

#[test]
fn config_show_tells_where_each_value_comes_from() {
    let world = World::new();
    world.write("rhapsode.toml", "[speech]\nspeed = 1.25\n");
    let mut command = world.command(["config", "show"]);
    let output = command.env("RHAPSODE_SPEECH_SEED", "7").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("speech.speed").contains("1.25") && line("speech.speed").contains("rhapsode.toml"));
    assert!(line("speech.seed").contains("RHAPSODE_SPEECH_SEED"));
    assert!(line("speech.attempts").contains("default"));
}

#[test]
fn init_writes_a_file_that_is_valid_and_never_writes_over_one() {
    let world = World::new();
    let _ = world.run(["init"]).success();
    let _ = world.run(["config", "show"]).success();
    assert_eq!(world.run(["init"]).code, Some(6));
}

#[test]
fn the_store_is_counted_verified_and_pruned() {
    let world = World::new();
    let _ = world.run(["say", "A sentence to keep.", "-o", "x.wav"]).success();
    assert!(world.run(["store", "status"]).success().stdout.starts_with("1 takes"));
    let _ = world.run(["store", "verify"]).success();
    let _ = world.run(["store", "prune", "--max", "0", "--dry-run"]).success();
    assert_eq!(takes(&world), 1, "a dry run deletes nothing");
    let _ = world.run(["store", "prune", "--max", "0"]).success();
    assert_eq!(takes(&world), 0);
}

#[test]
fn pruning_keeps_what_a_job_needs() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let _ = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()]).success();
    let before = takes(&world);
    let _ = world.run(["store", "prune", "--max", "0"]).success();
    assert_eq!(takes(&world), before);
}

#[test]
fn completions_and_man_pages_are_those_of_the_arguments() {
    let world = World::new();
    assert!(world.run(["completions", "bash"]).success().stdout.contains("--retry-defects"));
    assert!(world.run(["man", "convert"]).success().stdout.contains("loudness"));
    assert!(
        world.run(["man"]).success().stdout.contains("EXIT")
            || world.run(["man"]).stdout.contains("Exit codes")
    );
}

#[test]
fn a_voice_is_added_from_its_files_and_used() {
    let world = World::new();
    let pack = fs::read_dir(rhapsode_tests::voices_folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.is_dir())
        .unwrap();
    let voices = world.path("voices");
    let mut add = world.command(["voices".as_ref(), "add".as_ref(), pack.as_os_str()]);
    assert!(add.env("RHAPSODE_STORAGE_VOICES", &voices).status().unwrap().success());
    let mut say = world.command(["say", "Hello there.", "-o", "x.wav"]);
    assert!(say.env("RHAPSODE_STORAGE_VOICES", &voices).status().unwrap().success());
}

#[test]
fn say_reads_the_text_from_stdin() {
    let world = World::new();
    let mut child = world.command(["say", "-", "-o", "x.flac"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Call me Ishmael. Some years ago.").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(probe(&world.path("x.flac")).seconds() > 1.5);
}

#[test]
fn voices_lists_what_is_here_and_what_can_be_fetched() {
    let world = World::new();
    let here = world.run(["voices"]).success().stdout;
    assert!(here.contains("hibari") && here.contains("here"), "{here}");
    let mut command = world.command(["voices", "list"]);
    let elsewhere = command.env("RHAPSODE_STORAGE_VOICES", world.path("none")).output().unwrap();
    let elsewhere = String::from_utf8(elsewhere.stdout).unwrap();
    assert!(elsewhere.contains("hibari") && elsewhere.contains("can be fetched"), "{elsewhere}");
}

#[test]
fn a_chunk_that_no_attempt_makes_good_is_told_in_the_summary_and_by_the_exit_code() {
    let world = World::new();
    let words = "antidisestablishmentarianism floccinaucinihilipilification honorificabilitudinitatibus";
    let book = world.write("b.md", format!("# One\n\n{words}.\n\nA good sentence.\n"));
    // A whole sentence for which the lexicon has a single sound.
    world.write("b.lexicon.toml", format!("[[word]]\nword = \"{words}\"\nphonemes = \"ə\"\n"));
    let outcome = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()]);
    assert_eq!(outcome.code, Some(7), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 chunk with a defect"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("too-short"), "{}", outcome.stderr);
    assert!(world.path("o.m4b").is_file(), "the release is there all the same");
}

#[test]
fn the_closing_summary_names_length_size_time_speed_and_report() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()];
    let summary = world.run(arguments).success().stderr;
    for word in ["o.m4b  0:0", " KiB", " spoken now, in ", "x real time", "report: "] {
        assert!(summary.contains(word), "{word:?} is missing in:\n{summary}");
    }
    let report = summary.lines().find_map(|line| line.trim().strip_prefix("report: ")).unwrap();
    assert!(world.path(report).is_file(), "{report}");
    assert!(world.run(arguments).success().stderr.contains("up to date"));
}

#[test]
fn a_failure_is_an_event_too() {
    let world = World::new();
    let outcome = world.run(["convert", "nowhere.epub", "--events", "json"]);
    let last: serde_json::Value = serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], last["exit_code"].as_i64()), (&"failed".into(), Some(3)));
    assert!(last["message"].as_str().unwrap().contains("nowhere.epub"));
}

#[test]
fn redo_makes_just_the_named_takes_again_and_the_release_from_them() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence. Another one.\n\n# Two\n\nThe last one.\n");
    let run = |command: &str, more: &[&str]| {
        let mut child = world.command([command]);
        child.arg(&book).args(["-o", "o.m4b"]).args(more).output().map(rhapsode_tests::Outcome::from).unwrap()
    };
    let _ = run("convert", &[]).success();
    let (before, sound) = (takes(&world), decode(&world.path("o.m4b")));
    let _ = run("redo", &["--chunk", "1"]).success();
    assert_eq!(takes(&world), before + 1);
    assert!(decode(&world.path("o.m4b")) != sound, "the new take is not heard");
    assert!(run("convert", &[]).success().stderr.contains("up to date"), "the redo lasts");
    let _ = run("redo", &["--chapter", "2"]).success();
    assert_eq!(takes(&world), before + 3, "a title and a sentence");
    assert!(run("redo", &["--defects"]).success().stderr.contains("up to date"), "there is none");
    let wrong = run("redo", &["--chunk", "99"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    assert_eq!(run("redo", &[]).code, Some(2), "nothing is named");
}

#[test]
fn a_part_of_a_book_leaves_the_tracks_of_the_rest() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n\n# Two\n\nThe last one.\n");
    let convert = |more: &[&str]| {
        let mut child = world.command(["convert", "--events=json", "-o", "o.m4b"]);
        let output = child.arg(&book).args(more).output().unwrap();
        rhapsode_tests::Outcome::from(output).success().stdout
    };
    let tracks = || {
        let folder = fs::read_dir(world.path(".rhapsode")).unwrap().next().unwrap().unwrap().path();
        fs::read_dir(folder.join("tracks")).unwrap().count()
    };
    let _ = convert(&[]);
    let before = tracks();
    let _ = convert(&["--chapters", "2"]);
    assert!(tracks() >= before, "{} of {before} files are left", tracks());
}
