//! `rhapsode queue`: what a watcher has before it, and what the user wants of it.

use std::{path::PathBuf, process::ExitCode};

use rhapsode_watch::{QueueView, State, Wish, find, view, wish};

use super::print;
use crate::{
    args::watch::{QueueArgs, QueueCommand},
    environment,
    failure::{Failure, Kind},
};

pub(super) fn run(args: &QueueArgs) -> Result<ExitCode, Failure> {
    let state = match (&args.state, &args.inbox) {
        (Some(state), _) => state.clone(),
        (None, Some(inbox)) => environment::watch_state(inbox)?,
        (None, None) => only_one(environment::watch_states())?,
    };
    let queue = view(&state)?;
    let wanted = match &args.command {
        QueueCommand::List { json: true, .. } => {
            return print(&serde_json::to_string_pretty(&queue).map_err(std::io::Error::from)?);
        }
        QueueCommand::List { open, .. } => return print(&table(&queue, *open)),
        QueueCommand::Up { book } => Wish::Up { id: find(&queue, book)? },
        QueueCommand::Cancel { book } => Wish::Cancel { id: find(&queue, book)? },
        QueueCommand::Retry { book } => Wish::Retry { id: find(&queue, book)? },
        QueueCommand::Pause => Wish::Pause,
        QueueCommand::Resume => Wish::Resume,
    };
    wish(&state, wanted)?;
    Ok(ExitCode::SUCCESS)
}

/// The queue that is meant where nobody says which.
fn only_one(mut states: Vec<PathBuf>) -> Result<PathBuf, Failure> {
    match (states.pop(), states.is_empty()) {
        (Some(state), true) => Ok(state),
        (None, _) => Err(Failure::new(
            Kind::Usage,
            "failed to find a queue: no folder was watched yet",
            Some("name the inbox with --inbox, or its watcher's state directory with --state"),
        )),
        (Some(_), false) => Err(Failure::new(
            Kind::Usage,
            "failed to tell which queue is meant: several folders were watched",
            Some("name the inbox with --inbox"),
        )),
    }
}

fn table(queue: &QueueView, only_open: bool) -> String {
    let mut lines = Vec::new();
    match &queue.watcher {
        Some(watcher) => lines.push(format!("watched by {watcher}")),
        None => lines.push("nobody watches".to_owned()),
    }
    if queue.paused {
        lines.push("paused".to_owned());
    }
    for entry in queue.books.iter().filter(|entry| !only_open || !entry.state.is_final()) {
        let more = match &entry.state {
            State::Done { place, .. } => format!("  {}", place.display()),
            State::Failed { reason } => format!("  {}", reason.lines().next().unwrap_or_default()),
            State::Duplicate { of } => format!("  of {of}"),
            _ => String::new(),
        };
        lines.push(format!(
            "{:>5}  {:<10}  {}{more}",
            entry.id,
            entry.state.name(),
            entry.manuscript.display()
        ));
    }
    lines.join("\n")
}
