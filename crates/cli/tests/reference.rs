//! `docs/cli.md` is what the program itself says: the help of every command, word for word.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a panic is a test's verdict")]

use std::{
    env,
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Stdio},
};

const HEAD: &str = "# Commands\n\nThe help of every command, as the program prints it.\n";

fn help(command: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rhapsode"));
    // Without a terminal the help is as wide as COLUMNS says, wherever the test runs.
    program.args(command).arg("--help").env("COLUMNS", "100").stdin(Stdio::null());
    let output = program.output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Writes the help of a command and, after it, that of the commands that it lists.
fn write(command: &[&str], reference: &mut String) {
    let help = help(command);
    let name = ["rhapsode"].iter().chain(command).copied().collect::<Vec<_>>().join(" ");
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(reference, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    let listed =
        lines.iter().skip_while(|line| **line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for line in listed {
        // Lines that go on with a long description are further in.
        let Some(name) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) else { continue };
        let name = name.split_whitespace().next().unwrap();
        write(&[command, &[name]].concat(), reference);
    }
}

#[test]
fn the_reference_in_the_documents_is_the_programs_help() {
    let mut reference = HEAD.to_owned();
    write(&[], &mut reference);
    assert!(reference.matches("\n## ").count() >= 18, "commands are missing:\n{reference}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    // As for the snapshots of insta.
    if env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        fs::write(&path, &reference).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/cli.md is out of date: read the new text and accept it with `INSTA_UPDATE=always cargo test -p rhapsode`"
    );
}
