//! What a file of a release says of itself: the tags of the book, and which piece of it the file is.

use std::borrow::Cow;

use crate::{CoverArt, Tags};

/// A cover that is larger stands beside the files of a release of many, and not in each of them.
const IN_EVERY_FILE: usize = 2 << 20;

/// What a file says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    pub tags: &'a Tags,
    pub cover: Option<&'a CoverArt>,
    pub piece: Piece<'a>,
}

/// Which piece of a book a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// All of it.
    Book,
    /// Some of its chapters.
    Part(Number),
    /// One chapter.
    Chapter(Number, &'a str),
}

/// The place of a file among those of its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// From 1.
    pub number: usize,
    pub of: usize,
}

impl<'a> Label<'a> {
    /// The label of a file of many.
    pub(crate) fn of_many(tags: &'a Tags, cover: Option<&'a CoverArt>, piece: Piece<'a>) -> Self {
        Self { tags, cover: cover.filter(|cover| cover.bytes.len() <= IN_EVERY_FILE), piece }
    }

    /// The file's title.
    pub(crate) fn title(&self) -> Cow<'a, str> {
        match self.piece {
            Piece::Book => self.tags.title.as_str().into(),
            Piece::Part(Number { number, of }) => {
                format!("{}, Part {number} of {of}", self.tags.title).into()
            }
            Piece::Chapter(_, title) => title.into(),
        }
    }

    /// The file's place, if it is one of several.
    pub(crate) fn number(&self) -> Option<Number> {
        match self.piece {
            Piece::Book => None,
            Piece::Part(number) | Piece::Chapter(number, _) => Some(number),
        }
    }

    /// Whether it has chapters to mark.
    pub(crate) fn has_chapters(&self) -> bool {
        !matches!(self.piece, Piece::Chapter(..))
    }
}
