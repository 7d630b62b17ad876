//! What surrounds a stretch of text. Normalisation is full of words that only their neighbours explain, and the
//! lexicon cuts sentences into pieces, so the neighbours have to be handed in.

/// What surrounds a stretch of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// The text that stands before the stretch in the same block; only its last words are read.
    pub before: &'a str,
    /// The text that stands after the stretch in the same block; only its first words are read.
    pub after: &'a str,
    /// The kind of block.
    pub block: BlockKind,
    /// Whose English it is.
    pub dialect: Dialect,
}

/// What kind of block a stretch stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlockKind {
    /// Running text.
    #[default]
    Prose,
    /// A heading: a Roman numeral alone is a number here, and capitals are typography.
    Heading,
}

/// Whose English it is: it decides `3/4/1999`, "and" in numbers, and the names of fractions of the pound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Month first, "one hundred five".
    #[default]
    American,
    /// Day first, "one hundred and five". Also Irish, Australian, New Zealand, Indian and South African English.
    British,
}

impl Dialect {
    /// The dialect of a BCP 47 tag. Plain `en` is American, as is the built-in voice.
    #[must_use]
    pub fn of_language(tag: &str) -> Self {
        let region = tag.split(['-', '_']).skip(1).find(|part| part.len() == 2);
        match region.map(str::to_ascii_uppercase).as_deref() {
            Some("GB" | "UK" | "IE" | "AU" | "NZ" | "IN" | "ZA") => Self::British,
            _ => Self::American,
        }
    }
}
