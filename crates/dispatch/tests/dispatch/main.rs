//! The rules of dispatch, each a test, against a fake backend behind the real trait and a real store.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic in a test is its verdict, and a skipped test says so"
)]

mod durability;
mod fake;
mod faults;
mod full_disk;
mod limits;
mod outage;
mod rules;
mod server;
mod sharing;
mod speed;
