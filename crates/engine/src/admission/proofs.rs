//! Proofs of speech, kept beside the takes for a while.

use std::sync::Arc;

use rhapsode_gate::{Proof, ProofCache, ProofKey};
use rhapsode_store::TakeStore;

/// Keeps proofs as notes of the store.
#[derive(Debug)]
pub(crate) struct Proofs(Arc<TakeStore>);

impl Proofs {
    pub(crate) fn new(store: Arc<TakeStore>) -> Self {
        Self(store)
    }
}

impl ProofCache for Proofs {
    fn get(&self, key: &ProofKey) -> Option<Proof> {
        self.0.read_note(&name(key)).ok().flatten()
    }

    fn put(&self, key: &ProofKey, proof: &Proof) {
        // One that cannot be kept is made again, which costs a sentence.
        let _ = self.0.write_note(&name(key), proof);
    }
}

fn name(key: &ProofKey) -> String {
    format!("proof-{}", key.as_str())
}
