//! The documents tell the truth: each command in them is one that the program knows, and each event that a run
//! tells is described.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::PathBuf};

use rhapsode_tests::{World, workspace};

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(workspace().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    paths.push(workspace().join("README.md"));
    paths
}

/// The commands of a document: indented lines that begin with the program's name.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .map(|line| line.strip_prefix("$ ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("rhapsode "))
        .map(|command| command.split(" # ").next().unwrap_or_default())
}

#[test]
fn every_command_of_the_documents_is_one_that_the_program_knows() {
    let world = World::new();
    let mut checked = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for command in commands(&text) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let plain = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase());
            let names: Vec<&str> = words.iter().take_while(plain).copied().collect();
            // A value such as `bash` is no command: help of what comes before it.
            let help = world.run(names.iter().copied().chain(["--help"]));
            let help = if help.code == Some(0) { help } else { world.run([names[0], "--help"]) };
            let help = help.success().stdout;
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                let flag = flag.split('=').next().unwrap_or_default();
                assert!(
                    help.contains(flag),
                    "{flag} of `rhapsode {command}` in {} is unknown",
                    path.display()
                );
            }
            checked += 1;
        }
    }
    assert!(checked >= 15, "only {checked} commands were found");
}

#[test]
fn the_two_commands_of_the_readme_can_be_run() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let first =
        readme.lines().find_map(|line| line.strip_prefix("    cargo run --release -- convert ")).unwrap();
    let world = World::new();
    let _ = world.run(["plan".as_ref(), workspace().join(first).as_os_str()]).success();
    assert!(readme.lines().any(|line| line == "    scripts/test"));
    let script = fs::metadata(workspace().join("scripts/test")).unwrap();
    assert_ne!(script.permissions().mode() & 0o111, 0, "scripts/test cannot be executed");
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.contains("://") {
                let target = path.parent().unwrap().join(file);
                assert!(target.exists(), "{} links to {link}, which is not there", path.display());
            }
        }
    }
}

#[test]
fn every_event_and_field_that_a_run_tells_is_described() {
    let world = World::new();
    let book = world.write("b.md", "# One\n\nA sentence.\n");
    let arguments = ["convert".as_ref(), book.as_os_str(), "nowhere.md".as_ref(), "--events=json".as_ref()];
    let told = world.run(arguments).stdout;
    let described = fs::read_to_string(workspace().join("docs/events.md")).unwrap();
    let mut events = BTreeSet::new();
    for line in told.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = event["event"].as_str().unwrap();
        let row = described.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/events.md does not know {name}"));
        for field in event.as_object().unwrap().keys().filter(|key| *key != "event") {
            assert!(row.contains(&format!("`{field}`")), "docs/events.md does not know {name}.{field}");
        }
        events.insert(name.to_owned());
    }
    assert!(events.len() >= 7, "{events:?}");
}
