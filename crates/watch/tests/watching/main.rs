//! The watcher with real folders and a scribe in the place of an engine: it writes the manuscript's words where speech
//! would be, so that whatever is lost, doubled or mixed up shows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod crash;
mod folders;
mod hooks;
mod life;
mod receiver;
mod scribe;
mod sharing;
mod storm;
mod world;
