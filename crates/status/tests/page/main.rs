//! A real page on the loopback over a state directory and a library, met as browsers, programs and attackers meet it.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod changes;
mod following;
mod reading;
mod refusals;
mod sound;
mod stage;
