//! The program on a terminal: the pseudo-terminal of util-linux's `script`, and what an emulator of
//! a terminal shows of it, moment by moment.

use std::{path::Path, process::Command, sync::Arc};

use rhapsode_tests::{
    World,
    fleet::{CONCURRENCY, Fleet, Identity, manuscript},
    speech_server::{Fault, FaultPlan, Settings},
};
use vt100::{Color, Parser};

/// Columns of a narrow terminal, and of one that has room for all that is told of a backend.
const NARROW: u16 = 48;
const WIDE: u16 = 100;
const ROWS: u16 = 24;

/// Whether the program is told by `NO_COLOR` to use none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Any,
    None,
}

/// What the screen showed while the built-in voice spoke a book, one text of rows after the other, and whether any of it
/// had a colour.
fn screens(colours: Colours) -> (Vec<Vec<String>>, bool) {
    let world = World::new();
    let book = world.write(
        "b.md",
        format!(
            "---\ntitle: A title that is much wider than the terminal on which it is to be shown\n---\n\n\
             # One\n\n{}\n\n# Two\n\nThe end.\n",
            "A sentence that takes a little while to speak. Another one, in its way. ".repeat(10)
        ),
    );
    shown(&written(&world, &book, &[], NARROW, colours), NARROW)
}

/// What the screen showed of what was written to it.
fn shown(written: &[u8], columns: u16) -> (Vec<Vec<String>>, bool) {
    let mut parser = Parser::new(ROWS.try_into().unwrap(), columns.try_into().unwrap(), 0);
    let (mut screens, mut colour) = (Vec::new(), false);
    // Everything between two returns of the cursor is one step of a drawing.
    for step in written.split_inclusive(|byte| *byte == b'\r') {
        parser.process(step);
        let screen = parser.screen();
        screens.push(screen.rows(0, columns).map(|row| row.trim_end().to_owned()).collect());
        let places = (0..ROWS).flat_map(|row| (0..columns).map(move |column| (row, column)));
        colour |= places
            .filter_map(|(row, column)| screen.cell(row, column))
            .any(|cell| cell.bold() || cell.fgcolor() != Color::Default);
    }
    (screens, colour)
}

/// Everything that the program writes to a terminal while it converts a book.
fn written(world: &World, book: &Path, more: &[&str], columns: u16, colours: Colours) -> Vec<u8> {
    let mut inner = world.command(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "o.m4b".as_ref()]);
    inner.args(more);
    let line =
        std::iter::once(inner.get_program()).chain(inner.get_args()).map(|word| word.to_string_lossy());
    let line = format!("stty cols {columns} rows {ROWS}; exec {}", line.collect::<Vec<_>>().join(" "));
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).current_dir(world.path(""));
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    terminal.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    if colours == Colours::None {
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
    let (screens, colour) = screens(Colours::Any);
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
    let (screens, colour) = screens(Colours::None);
    assert!(!colour, "colour was used");
    assert!(screens.iter().any(|screen| screen.windows(3).any(is_progress)), "{screens:#?}");
}

#[test]
fn every_server_has_a_line_with_its_slots_its_speed_its_errors_and_whether_it_rests() {
    let failing = FaultPlan::new(3, [Fault::InternalError], 100);
    let sound = Settings { slots: CONCURRENCY, seconds_per_character: 0.005, ..Settings::default() };
    let fleet = Fleet::start([sound.clone(), Settings { faults: Some(Arc::new(failing)), ..sound }]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("b.md", manuscript(3, 16));
    let (screens, _) = shown(&written(&world, &book, &["--voice", "siren"], WIDE, Colours::Any), WIDE);
    let line = |rows: &[String], server: &str| {
        rows.iter().find(|row| row.trim_start().starts_with(server) && row.contains(" slots")).cloned()
    };
    let ever = |server: &str, says: &[&str]| {
        let lines = screens.iter().filter_map(|rows| line(rows, server));
        lines.into_iter().any(|line| says.iter().all(|words| line.contains(words)))
    };
    let all = format!("{CONCURRENCY}/{CONCURRENCY} slots");
    assert!(ever("server-0", &[&all, "x real time"]), "{screens:#?}");
    assert!(ever("server-1", &[" errors", "rests"]), "{screens:#?}");
    assert!(!ever("server-0", &[" error"]) && !ever("server-0", &["rests"]), "{screens:#?}");
    let both = |rows: &Vec<String>| line(rows, "server-0").is_some() && line(rows, "server-1").is_some();
    assert!(screens.iter().any(both), "the servers are never shown together: {screens:#?}");
    assert!(line(screens.last().unwrap(), "server-").is_none(), "a line was left: {:#?}", screens.last());
}
