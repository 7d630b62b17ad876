//! Why a dispatch stopped before its work was done.

use rhapsode_store::StoreError;

/// Why a dispatch stopped before its work was done. The texts fit after "failed to ". Every take that was
/// reported as finished is in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// Takes cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No backend is left.
    #[error("find a backend that works: {reasons}")]
    NoBackend {
        /// What is wrong with each.
        reasons: String,
    },
}
