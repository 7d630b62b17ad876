//! For whom a book is checked.

use serde::Serialize;

/// The rules that are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What every listener expects: whole, readable, of a sane level, with chapters and tags.
    #[default]
    General,
    /// What ACX asks of each file, and of the set.
    Acx,
    /// EBU R 128.
    R128,
    /// What Audiobookshelf reads.
    Audiobookshelf,
}
