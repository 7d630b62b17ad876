//! `rhapsode queue`: what a watcher has before it, and what the user wants of it.

use std::{path::PathBuf, process::ExitCode};

use rhapsode_watch::{Progress, QueueView, State, Undelivered, Wish, find, view, wish};

use super::{Context, print, watch::configured_state};
use crate::{
    args::watch::{QueueArgs, QueueCommand},
    environment,
    failure::{Failure, Kind},
};

pub(super) fn run(args: &QueueArgs, context: &Context) -> Result<ExitCode, Failure> {
    let state = match (&args.state, &args.inbox) {
        (Some(state), _) => state.clone(),
        (None, Some(inbox)) => environment::watch_state(inbox)?,
        (None, None) => match configured_state(&context.layers(None)?.config()?.watch)? {
            Some(state) => state,
            None => only_one(environment::watch_states())?,
        },
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
    if let Some(reason) = &queue.parked {
        lines.push(format!("waits: {}", first_line(reason)));
    }
    for entry in queue.books.iter().filter(|entry| !only_open || !entry.state.is_final()) {
        let more = match &entry.state {
            State::Done { place, defects: 0 } => format!("  {}", place.display()),
            State::Done { place, defects } => format!("  {}  {defects} defects", place.display()),
            State::Failed { reason } => format!("  {}", first_line(reason)),
            State::Duplicate { of } => format!("  of {of}"),
            State::Working => match queue.progress.get(&entry.id) {
                Some(Progress { chunks, done }) => format!("  {done} of {chunks} chunks"),
                None => String::new(),
            },
            _ => String::new(),
        };
        lines.push(format!(
            "{:>5}  {:<10}  {}{more}",
            entry.id,
            entry.state.name(),
            entry.manuscript.display()
        ));
    }
    for Undelivered { hook, book, reason, given_up } in &queue.hooks {
        let step = if *given_up { "given up" } else { "waits" };
        let reason = reason.as_deref().map(|reason| format!(": {}", first_line(reason))).unwrap_or_default();
        lines.push(format!("{book:>5}  {step:<10}  hook {hook}{reason}"));
    }
    lines.join("\n")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
