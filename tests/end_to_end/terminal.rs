//! The program on a terminal: a pseudo-terminal of util-linux's `script`, 48 columns wide.

use std::process::Command;

use rhapsode_tests::World;

const COLUMNS: usize = 48;

/// Everything that the program writes to a terminal while it converts a sample.
fn shown(no_color: bool) -> String {
    let world = World::new();
    let book = world.write(
        "b.md",
        format!(
            "---\ntitle: A title that is much wider than the terminal on which it is to be shown\n---\n\n\
             # One\n\n{}\n\n# Two\n\nThe end.\n",
            "A sentence that takes a little while to speak. Another one, in its way. ".repeat(10)
        ),
    );
    let inner = world.command(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()]);
    let line =
        std::iter::once(inner.get_program()).chain(inner.get_args()).map(|word| word.to_string_lossy());
    let line = format!("stty cols {COLUMNS} rows 24; exec {}", line.collect::<Vec<_>>().join(" "));
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).current_dir(world.path(""));
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    terminal.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    if no_color {
        terminal.env("NO_COLOR", "1");
    }
    let output =
        terminal.output().unwrap_or_else(|e| panic!("script cannot be started ({e}): run scripts/setup"));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    shown
}

/// The text without its control sequences, and the final letters of these.
fn parse(shown: &str) -> (String, Vec<char>) {
    let (mut text, mut controls) = (String::new(), Vec::new());
    let mut characters = shown.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            text.push(character);
        } else if characters.next() == Some('[') {
            controls.extend(characters.by_ref().find(char::is_ascii_alphabetic));
        }
    }
    (text, controls)
}

#[test]
fn progress_is_drawn_in_colour_and_no_line_is_wider_than_the_terminal() {
    let (text, controls) = parse(&shown(false));
    assert!(text.contains(" chunks") && text.contains("/2 chapters"), "{text}");
    assert!(text.contains("x real time"), "{text}");
    assert!(controls.contains(&'m'), "no colour was used: {controls:?}");
    // The summary holds a path, which is never cut.
    for line in text.split(['\r', '\n']).filter(|line| line.contains("chapters") || line.contains("chunks "))
    {
        let told = line.contains(" spoken now");
        assert!(told || line.trim_end().chars().count() <= COLUMNS, "{line:?} is too wide");
    }
    assert!(text.contains("report: "), "{text}");
}

#[test]
fn no_color_takes_the_colours_and_leaves_the_progress() {
    let (text, controls) = parse(&shown(true));
    assert!(text.contains(" chunks") && text.contains("/2 chapters"), "{text}");
    assert!(!controls.contains(&'m'), "colour was used: {controls:?}");
}
