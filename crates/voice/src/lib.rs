//! The built-in voice: text or phonemes to PCM, in pure Rust.
//!
//! A [`VoicePack`] is a verified folder with a voice's files; a [`Voice`] is a pack in memory, shared by all
//! threads; a [`Session`] speaks on one thread. The crate knows nothing of backends, books or takes.

mod error;
mod g2p;
#[cfg(test)]
mod golden;
mod hibari;
pub mod pack;
pub mod vocoder;
mod voice;

pub use error::VoiceError;
pub use pack::VoicePack;
pub use voice::{Fragment, SOUND_REVISION, SPEEDS, Session, Voice};
