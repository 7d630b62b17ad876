//! PCM: decoding, quantising, resampling, trimming, loudness, limiting, and the checks of a take.
//!
//! This crate exists so that sound is measured and changed in one place, by pure functions on samples. It
//! knows no take store, no encoder and no backend.

pub mod course;
pub mod decode;
pub mod judge;
pub mod learn;
pub mod level;
pub mod limiter;
pub mod loudness;
mod oversample;
mod pcm;
pub mod resample;
pub mod room_tone;
pub mod trim;

pub use pcm::{Pcm, SampleRate, from_i16, to_i16};
