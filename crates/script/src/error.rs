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
    /// A chapter was asked for that the book does not have.
    #[error("select chapter {missing}: the book has {chapters} chapter{}", if *.chapters == 1 { "" } else { "s" })]
    Selection {
        /// The first such number.
        missing: u32,
        /// How many there are.
        chapters: u32,
    },
    /// A lexicon has more than can be searched for at once.
    #[error("search for the words of the lexicon: {0}")]
    LexiconTooLarge(String),
    /// A lexicon is wrong; `line` counts from 1.
    #[error("read the lexicon at line {line}: {reason}")]
    Lexicon {
        /// Line of the file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
