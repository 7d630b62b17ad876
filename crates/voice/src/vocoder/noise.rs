//! The random bits behind the breath and hiss of a voice.
//!
//! ChaCha8 gives the same bits on every machine for the same seed, at a cost that does not show; the Gaussian
//! values themselves are made from them where they are used, in vectors.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random words for one piece of speech.
#[derive(Debug)]
pub(super) struct NoiseBits(ChaCha8Rng);

impl NoiseBits {
    /// The stream of `piece`, the n-th piece of what is spoken with `seed`.
    pub(super) fn new(seed: u64, piece: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(piece);
        Self(rng)
    }

    /// Fills `words` with independent uniform bits.
    pub(super) fn fill(&mut self, words: &mut [i32]) {
        for word in words {
            *word = self.0.next_u32() as i32;
        }
    }
}
