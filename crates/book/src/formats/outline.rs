//! Which headings are the book's title and which start chapters, in formats whose headings have levels but no
//! table of contents.
//!
//! The rule: when the text begins with a heading that is the only one of the highest level, and there are
//! lower ones, it is the book's title and the next level down starts the chapters. Otherwise the highest level
//! starts them. When all headings of that level are parts ("Part One"), the level below starts chapters too.

use crate::SectionRole;
use crate::roles::role_by_title;

/// What a book's headings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    /// Whether the first of them is the book's title.
    pub(super) titled: bool,
    /// Headings of this level and above start chapters; 1 is the highest.
    pub(super) chapter: u8,
}

impl Levels {
    /// Judges headings, given as level and text in order; `opens` says whether nothing stands before the first.
    pub(super) fn of(headings: &[(u8, &str)], opens: bool) -> Self {
        let level_below = |above: u8| headings.iter().map(|h| h.0).filter(|level| *level > above).min();
        let top = level_below(0).unwrap_or(1);
        let first = headings.first().filter(|h| opens && h.0 == top && role_by_title(h.1).is_none());
        let alone = headings.iter().filter(|h| h.0 == top).count() == 1;
        let (titled, chapter) = match level_below(top) {
            Some(next) if first.is_some() && alone => (true, next),
            _ => (false, top),
        };
        let mut parts = headings.iter().skip(usize::from(titled)).filter(|h| h.0 == chapter).peekable();
        let only_parts =
            parts.peek().is_some() && parts.all(|h| role_by_title(h.1) == Some(SectionRole::Part));
        let below = level_below(chapter).filter(|_| only_parts);
        Self { titled, chapter: below.unwrap_or(chapter) }
    }
}

/// The author in a line "by …" under a title.
pub(super) fn byline(line: &str) -> Option<&str> {
    const LONGEST: usize = 120;
    let by = line.get(..3)?;
    (by.eq_ignore_ascii_case("by ") && line.len() <= LONGEST).then(|| line[3..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_judged_by_what_stands_alone_and_what_are_parts() {
        let levels = |titled, chapter| Levels { titled, chapter };
        assert_eq!(Levels::of(&[(1, "Salt"), (2, "One"), (2, "Two")], true), levels(true, 2));
        assert_eq!(Levels::of(&[(1, "Salt"), (2, "One"), (2, "Two")], false), levels(false, 1));
        assert_eq!(Levels::of(&[(1, "Chapter 1"), (2, "One")], true), levels(false, 1));
        assert_eq!(Levels::of(&[(2, "One"), (2, "Two")], true), levels(false, 2));
        let parts = [(1, "Salt"), (2, "Part One"), (3, "Chapter 1"), (2, "Part Two"), (3, "Chapter 2")];
        assert_eq!(Levels::of(&parts, true), levels(true, 3));
        assert_eq!(Levels::of(&[], true), levels(false, 1));
    }
}
