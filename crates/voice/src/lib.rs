//! The built-in voice: text or phonemes to PCM, in pure Rust.
