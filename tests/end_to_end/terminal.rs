//! The program on a terminal, 48 columns wide: the pseudo-terminal of util-linux's `script`, and what an emulator of
//! a terminal shows of it, moment by moment.

use std::process::Command;

use rhapsode_tests::World;
use vt100::{Color, Parser};

const COLUMNS: u16 = 48;
const ROWS: u16 = 24;

/// What the screen showed while a book was converted, one text of rows after the other, and whether any of it had
/// a colour.
fn screens(no_color: bool) -> (Vec<Vec<String>>, bool) {
    let mut parser = Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
    let (mut screens, mut colour) = (Vec::new(), false);
    // Everything between two returns of the cursor is one step of a drawing.
    for step in written(no_color).split_inclusive(|byte| *byte == b'\r') {
        parser.process(step);
        let screen = parser.screen();
        screens.push(screen.rows(0, COLUMNS).map(|row| row.trim_end().to_owned()).collect());
        let places = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column)));
        colour |= places
            .filter_map(|(row, column)| screen.cell(row, column))
            .any(|cell| cell.bold() || cell.fgcolor() != Color::Default);
    }
    (screens, colour)
}

/// Everything that the program writes to a terminal while it converts a book.
fn written(no_color: bool) -> Vec<u8> {
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
    let line = format!("stty cols {COLUMNS} rows {ROWS}; exec {}", line.collect::<Vec<_>>().join(" "));
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
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    output.stdout
}

/// Whether these rows are a book's progress, each whole on its line.
fn is_progress(rows: &[String]) -> bool {
    let [title, bar, figures] = rows else { return false };
    let bar = bar.trim_start_matches([' ', '━', '╌']).strip_suffix(" chunks");
    title == "A title that is much wider than the terminal on"
        && bar.is_some_and(|counts| counts.split('/').all(|count| count.parse::<u32>().is_ok()))
        && figures.contains("/2 chapters, ")
        && figures.contains("x real time")
}

#[test]
fn progress_is_drawn_in_colour_within_the_width_and_leaves_only_the_summary() {
    let (screens, colour) = screens(false);
    assert!(colour, "no colour was used");
    let progress = screens.iter().filter(|screen| screen.windows(3).any(is_progress)).count();
    assert!(progress > 3, "progress was drawn {progress} times: {screens:#?}");
    for screen in &screens {
        let titles = screen.iter().filter(|row| row.starts_with("A title")).count();
        assert!(titles <= 1, "an older drawing was left on the screen: {screen:#?}");
    }
    let last = screens.last().unwrap().join("\n");
    assert!(last.contains("spoken now") && last.contains("report: "), "{last}");
    assert!(!last.contains(['━', '╌']), "a bar was left: {last}");
}

#[test]
fn no_color_takes_the_colours_and_leaves_the_progress() {
    let (screens, colour) = screens(true);
    assert!(!colour, "colour was used");
    assert!(screens.iter().any(|screen| screen.windows(3).any(is_progress)), "{screens:#?}");
}
