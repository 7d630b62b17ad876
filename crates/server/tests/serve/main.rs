//! A real server on the loopback with a backend that sings, met as clients meet it and judged by programs that we
//! did not write.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod access;
mod answers;
mod formats;
mod life;
mod queue;
mod singer;
mod stage;
