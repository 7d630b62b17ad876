//! What the end-to-end tests share: the built program in a world of its own, and independent programs that
//! judge what it made. The tests use the program as a user does and link none of its crates; only
//! the protocol suite reads answers with the client's own parsers.

pub mod browser;
pub mod fleet;
mod judges;
pub mod kills;
mod program;
pub mod protocol;
mod python;
pub mod shelf;
mod skipping;
pub mod speech_server;
pub mod survival;
pub mod watcher;
mod world;

pub use judges::{Chapter, Media, chpl_chapters, decode, mediainfo, probe, tags};
pub use program::{Outcome, program, voices_folder};
pub use python::python;
pub use skipping::skip;
pub use world::{World, sample, workspace};
