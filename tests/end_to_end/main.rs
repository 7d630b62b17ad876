//! The program as a user meets it, judged by programs that we did not write.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic is a test's verdict, and its output a test's log"
)]

mod backends;
mod bad_input;
mod books;
mod captions;
mod commands;
mod configuration;
mod deps;
mod documents;
mod faults;
mod gate;
mod listening;
mod messages;
mod protocol;
mod python_server;
mod read_along;
mod release_formats;
mod releases;
mod resume;
mod server;
mod stack_command;
mod terminal;
mod watch_folder;
mod watching;
