//! Chance for delays, so that requests that failed together do not come back together.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// A source of chance, SplitMix64 (Steele, Lea, Flood 2014): no secret depends on it.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new() -> Self {
        Self(RandomState::new().hash_one(0))
    }

    /// Between a half and the whole of a delay.
    pub(crate) fn of(&mut self, delay: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let part = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        delay.mul_f64(0.5 + part / 2.0)
    }
}
