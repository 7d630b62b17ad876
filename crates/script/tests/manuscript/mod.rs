//! Books made by hand, with a ledger that fits them.

#![allow(dead_code, reason = "each test binary uses its own part")]

use rhapsode_book::{
    Block, BlockKind, Book, Chapter, Disposition, Format, Inline, Ledger, LedgerEntry, Matter, Metadata,
    SkipReason, Span, TextRun, TitleOrigin,
};
use rhapsode_script::{Chunk, Packing, PauseReason, Profile, Script, ScriptOptions, Skip};

/// Builds a book; characters are counted as they come.
#[derive(Debug, Default)]
pub struct Manuscript {
    /// Every character of the source, so that a test can look up what stands at a span.
    pub source: Vec<char>,
    chapters: Vec<Chapter>,
    entries: Vec<LedgerEntry>,
    language: Option<String>,
}

impl Manuscript {
    pub fn new() -> Self {
        Self { language: Some("en".into()), ..Self::default() }
    }

    pub fn in_language(language: &str) -> Self {
        Self { language: Some(language.into()), ..Self::default() }
    }

    pub fn chapter(mut self, title: &str, title_origin: TitleOrigin) -> Self {
        let blocks = Vec::new();
        self.chapters.push(Chapter {
            title: title.into(),
            title_origin,
            matter: Matter::Body,
            role: None,
            blocks,
        });
        self
    }

    /// A block of one run a part; `/` alone is a break, and `[text]` is left out of the book.
    pub fn block(self, kind: BlockKind, parts: &[&str]) -> Self {
        let parts: Vec<(&str, Option<&str>)> = parts.iter().map(|part| (*part, None)).collect();
        self.tagged(kind, None, &parts)
    }

    pub fn paragraph(self, text: &str) -> Self {
        self.block(BlockKind::Paragraph, &[text])
    }

    pub fn heading(self, text: &str) -> Self {
        self.block(BlockKind::Heading { level: 1 }, &[text])
    }

    pub fn scene_break(self) -> Self {
        self.block(BlockKind::SceneBreak, &["* * *"])
    }

    pub fn tagged(mut self, kind: BlockKind, language: Option<&str>, parts: &[(&str, Option<&str>)]) -> Self {
        let mut inlines = Vec::new();
        for (part, tag) in parts {
            if *part == "/" {
                inlines.push(Inline::Break);
            } else if let Some(gap) = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
                self.source_text(gap, Disposition::Skipped(SkipReason::NoteReference));
            } else {
                let span = self.source_text(part, Disposition::Kept);
                inlines.push(Inline::Text(TextRun {
                    span,
                    text: (*part).into(),
                    language: tag.map(Into::into),
                }));
            }
        }
        if self.chapters.is_empty() {
            self = self.chapter("Chapter 1", TitleOrigin::Inferred);
        }
        let block = Block { kind, inlines, language: language.map(Into::into) };
        self.chapters.last_mut().expect("a chapter was begun").blocks.push(block);
        self
    }

    fn source_text(&mut self, text: &str, disposition: Disposition) -> Span {
        let start = self.source.len() as u64;
        self.source.extend(text.chars());
        let span = Span { start, end: self.source.len() as u64 };
        self.entries.push(LedgerEntry { span, disposition });
        span
    }

    pub fn book(&self) -> Book {
        let ledger = Ledger::from_entries(self.entries.clone(), self.source.len() as u64)
            .expect("the parts were counted as they came");
        let book = Book {
            metadata: Metadata {
                title: "A Book".into(),
                language: self.language.clone(),
                ..Metadata::default()
            },
            cover: None,
            chapters: self.chapters.clone(),
            ledger,
            format: Format::Markdown,
            source_hash: [0; 32],
            remarks: Vec::new(),
        };
        book.verify().expect("the book holds what its ledger keeps");
        book
    }

    pub fn script(&self) -> Script {
        self.script_with(&ScriptOptions::new(SENTENCES))
    }

    pub fn script_with(&self, options: &ScriptOptions) -> Script {
        rhapsode_script::write(&self.book(), options).expect("the book has words")
    }

    /// What stands at a chunk's spans, white space collapsed.
    pub fn at_spans(&self, chunk: &Chunk) -> String {
        let spans = chunk.source.spans.iter();
        let text: String =
            spans.flat_map(|span| &self.source[span.start as usize..span.end as usize]).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The characters of the source that are skipped for a reason.
    pub fn skipped(&self, script: &Script, reason: SkipReason) -> Vec<String> {
        let text = |s: &Skip| self.source[s.span.start as usize..s.span.end as usize].iter().collect();
        script.skips.iter().filter(|s| s.reason == reason).map(text).collect()
    }
}

/// One sentence a chunk, as the built-in voice wants it.
pub const SENTENCES: Profile = Profile { min_chars: 1, max_chars: 300, packing: Packing::Sentence };

/// Several sentences a chunk, as large voices want it.
pub const FILL: Profile = Profile { min_chars: 60, max_chars: 120, packing: Packing::Fill };

/// What the voice gets, chunk by chunk.
pub fn texts(script: &Script) -> Vec<String> {
    script.chunks().map(Chunk::plain_text).collect()
}

/// The pause after each chunk.
pub fn pauses(script: &Script) -> Vec<PauseReason> {
    script.chunks().map(|chunk| chunk.pause_after.reason).collect()
}
