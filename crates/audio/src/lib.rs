//! PCM: decode, resample, trim, loudness, and the checks of a take.
//!
//! This crate exists so that sound is measured and changed in one place, by pure functions on samples. It
//! knows no take store, no encoder and no backend.

mod pcm;

pub use pcm::{Pcm, SampleRate};
