//! What an element hands down to the text in it.

use std::rc::Rc;

use crate::dom::Element;
use crate::{BlockKind, SkipReason};

/// What holds for the text at hand.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// Why it is not read, if so.
    pub(super) skip: Option<SkipReason>,
    /// The kind of a block that starts here.
    pub(super) kind: BlockKind,
    pub(super) flow: Flow,
    /// Line feeds are line ends.
    pub(super) preserved: bool,
    pub(super) verse: bool,
    pub(super) code: bool,
    pub(super) data_table: bool,
    /// Language where it is not the book's.
    pub(super) language: Option<Rc<str>>,
    /// Language of the block, where it is not the book's.
    pub(super) block_language: Option<Rc<str>>,
}

/// What the border of a block does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// It ends the block before.
    Blocks,
    /// It breaks the line: the whole is one block, such as a heading or the row of a table.
    Line,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            skip: None,
            kind: BlockKind::Paragraph,
            flow: Flow::Blocks,
            preserved: false,
            verse: false,
            code: false,
            data_table: false,
            language: None,
            block_language: None,
        }
    }
}

/// Languages as BCP 47 tags, against the book's.
#[derive(Debug)]
pub(crate) struct Language {
    book: Option<Rc<str>>,
}

impl Language {
    pub(super) fn of_book(language: Option<&str>) -> Self {
        Self { book: language.and_then(Self::normal).map(Rc::from) }
    }

    /// A tag with its primary subtag in lower case and hyphens between subtags; `None` for no tag.
    pub(crate) fn normal(tag: &str) -> Option<String> {
        let tag = tag.trim().replace('_', "-");
        let (primary, rest) = tag.split_once('-').map_or((tag.as_str(), None), |(p, r)| (p, Some(r)));
        if primary.is_empty() || !primary.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        let primary = primary.to_ascii_lowercase();
        Some(rest.map_or_else(|| primary.clone(), |rest| format!("{primary}-{rest}")))
    }

    /// Takes an element's language into the context.
    pub(super) fn enter(&self, context: &mut Context, element: &Element) {
        let declared = element.attribute("xml:lang").or_else(|| element.attribute("lang"));
        if let Some(tag) = declared.and_then(Self::normal) {
            context.language = (!self.is_book(&tag)).then(|| tag.into());
        }
    }

    /// The language to note on a run: where it differs from its block's.
    pub(super) fn of_run<'b>(&'b self, context: &'b Context) -> Option<&'b str> {
        if context.language == context.block_language {
            return None;
        }
        context.language.as_deref().or(self.book.as_deref())
    }

    /// Whether the tag says nothing that the book's does not: `en` in a book in `en-GB`.
    fn is_book(&self, tag: &str) -> bool {
        let Some(book) = self.book.as_deref() else { return false };
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        book.eq_ignore_ascii_case(tag)
            || primary(book) == primary(tag) && !(book.contains('-') && tag.contains('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_region_is_the_books() {
        let language = Language::of_book(Some("en-US"));
        assert!(language.is_book("en") && language.is_book("en-us"));
        assert!(!language.is_book("en-GB") && !language.is_book("fr"));
        assert_eq!(Language::normal("EN_gb").as_deref(), Some("en-gb"));
        assert_eq!(Language::normal(""), None);
    }
}
