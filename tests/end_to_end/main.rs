//! The program as a user meets it, judged by programs that we did not write.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic is a test's verdict, and its output a test's log"
)]

mod backends;
mod bad_input;
mod batches;
mod book_report;
mod books;
mod captions;
mod check;
mod commands;
mod configuration;
mod defects;
mod deps;
mod documents;
mod edge_book;
mod faults;
mod faults_and_kills;
mod gate;
mod library;
mod listening;
mod messages;
mod packaging;
mod protocol;
mod python_server;
mod read_along;
mod release_formats;
mod releases;
mod resume;
mod server;
mod stack_command;
mod status_page;
mod status_page_in_chromium;
mod terminal;
mod voices;
mod watch_folder;
#[cfg(target_os = "linux")]
mod watch_folder_disks;
mod watch_folder_faults;
mod watch_folder_hooks;
mod watching;
