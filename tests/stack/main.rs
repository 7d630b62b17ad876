//! The compose stack on a real Docker Engine: what a user gets with `docker compose up`. One test at a time, because a
//! stack has a whole machine to itself. Where there is no engine the tests fail; `scripts/docker-engine` starts one.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod container;
mod file;
mod http;
mod image;
mod project;

mod command;
mod containment;
mod killing;
mod sharing;
mod speaking;
mod stopping;
