//! A chapter's title is heard once. This is the place that knows what was heard already.

use rhapsode_book::{Block, BlockKind, Chapter, Inline, TitleOrigin};

/// The titles at the head of a chapter that were heard already.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Letters and digits of each heading, and of the announced title.
    titles: Vec<String>,
    /// Headings since the last of them that was a whole title.
    parts: String,
    /// Whether text came that is no heading.
    over: bool,
}

impl Heard {
    /// Begins a chapter; an announced title was heard before its first block.
    pub(crate) fn before(chapter: &Chapter) -> Self {
        let mut heard = Self::default();
        if chapter.title_origin == TitleOrigin::Contents {
            heard.titles.push(letters(&chapter.title));
        }
        heard
    }

    /// The blocks at the head of a chapter that only repeat an announced title: one heading that says it, or
    /// several that say it together.
    pub(crate) fn repeats_at_head(chapter: &Chapter) -> usize {
        if chapter.title_origin != TitleOrigin::Contents {
            return 0;
        }
        let title = letters(&chapter.title);
        let mut said = String::new();
        for (i, block) in chapter.blocks.iter().enumerate() {
            if !is_heading(block) {
                return 0;
            }
            said.push_str(&block_letters(block));
            if said == title && !title.is_empty() {
                return i + 1;
            }
            if !title.starts_with(&said) {
                return 0;
            }
        }
        0
    }

    /// Whether a block says again what was said a moment before, and remembers it if it is a heading.
    pub(crate) fn repeats(&mut self, block: &Block) -> bool {
        if !is_heading(block) {
            self.over |= block.kind != BlockKind::SceneBreak && !block_letters(block).is_empty();
            return false;
        }
        if std::mem::take(&mut self.over) {
            *self = Self::default();
        }
        let said = block_letters(block);
        if said.is_empty() {
            return false;
        }
        if self.titles.contains(&said) || self.parts == said {
            return true;
        }
        self.parts.push_str(&said);
        self.titles.push(said);
        false
    }
}

fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. })
}

fn block_letters(block: &Block) -> String {
    let texts = block.inlines.iter().filter_map(|inline| match inline {
        Inline::Text(run) => Some(run.text.as_str()),
        Inline::Break => None,
    });
    texts.map(letters).collect()
}

/// Letters and digits alone, small: capitals, stops and dashes make no other title.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
