//! Why a book cannot be made speakable.

/// Why a book cannot be made speakable. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// A character would be lost or spoken twice: a defect of this crate.
    #[error(transparent)]
    Ledger(#[from] rhapsode_book::LedgerError),
    /// Nothing is left to speak.
    #[error("find a sentence to speak: {0}")]
    Empty(String),
    /// A lexicon is wrong; `line` counts from 1.
    #[error("read the lexicon at line {line}: {reason}")]
    Lexicon {
        /// Line of the file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
