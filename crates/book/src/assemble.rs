//! Collects what a reader finds into chapters and blocks, and writes the ledger as it goes. Readers hand over
//! every text node once, by [`Assembler::text`] or [`Assembler::skip`]; there is no third way.

use crate::{
    Block, BlockKind, Book, Chapter, Cover, Disposition, Format, Inline, Ledger, LedgerEntry, Matter, Metadata,
    ReadError, SectionRole, SkipReason, Span, TextRun, TitleOrigin,
};

/// Builds a [`Book`] from text handed over in reading order.
#[derive(Debug)]
pub(crate) struct Assembler {
    position: u64,
    entries: Vec<LedgerEntry>,
    chapters: Vec<Chapter>,
    block: Option<Block>,
    remarks: Vec<String>,
}

/// What starts a chapter.
#[derive(Debug, Clone)]
pub(crate) struct ChapterStart {
    /// Title, if it is known before the text; otherwise the first heading gives it.
    pub(crate) title: Option<String>,
    /// Place in the book.
    pub(crate) matter: Matter,
    /// Role, if known.
    pub(crate) role: Option<SectionRole>,
}

impl Assembler {
    pub(crate) fn new() -> Self {
        Self { position: 0, entries: Vec::new(), chapters: Vec::new(), block: None, remarks: Vec::new() }
    }

    /// Begins a chapter; text before the first call opens one without a title.
    pub(crate) fn start_chapter(&mut self, start: ChapterStart) {
        self.close_block();
        self.chapters.push(Chapter {
            title_origin: if start.title.is_some() { TitleOrigin::Contents } else { TitleOrigin::Inferred },
            title: start.title.unwrap_or_default(),
            matter: start.matter,
            role: start.role,
            blocks: Vec::new(),
        });
    }

    /// Opens a block, closing the one before.
    pub(crate) fn open_block(&mut self, kind: BlockKind, language: Option<String>) {
        self.close_block();
        self.block = Some(Block { kind, inlines: Vec::new(), language });
    }

    /// Hands over text that is read; opens a paragraph if no block is open.
    pub(crate) fn text(&mut self, text: &str, language: Option<&str>) {
        if text.is_empty() {
            return;
        }
        if self.block.is_none() && text.chars().all(char::is_whitespace) {
            return self.skip(text, SkipReason::WhiteSpace);
        }
        let span = self.account(text, Disposition::Kept);
        let block = self.block.get_or_insert_with(|| Block {
            kind: BlockKind::Paragraph,
            inlines: Vec::new(),
            language: None,
        });
        let language = language.map(str::to_owned);
        match block.inlines.last_mut() {
            Some(Inline::Text(run)) if run.span.end == span.start && run.language == language => {
                run.text.push_str(text);
                run.span.end = span.end;
            }
            _ => block.inlines.push(Inline::Text(TextRun { span, text: text.to_owned(), language })),
        }
    }

    /// Hands over text that is not read, with the reason.
    pub(crate) fn skip(&mut self, text: &str, reason: SkipReason) {
        self.account(text, Disposition::Skipped(reason));
    }

    /// Marks a forced line break or a cell border in the open block.
    pub(crate) fn line_break(&mut self) {
        if let Some(block) = &mut self.block {
            block.inlines.push(Inline::Break);
        }
    }

    /// Closes the open block. One without visible text is dropped and its characters are white space, but a
    /// scene break stays.
    pub(crate) fn close_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let has_text = block.inlines.iter().any(|i| match i {
            Inline::Text(run) => !run.text.chars().all(char::is_whitespace),
            Inline::Break => false,
        });
        if !has_text && block.kind != BlockKind::SceneBreak {
            for inline in block.inlines {
                if let Inline::Text(run) = inline {
                    self.mark(run.span, Disposition::Skipped(SkipReason::WhiteSpace));
                }
            }
            return;
        }
        if self.chapters.is_empty() {
            self.start_chapter(ChapterStart { title: None, matter: Matter::Body, role: None });
        }
        if let Some(chapter) = self.chapters.last_mut() {
            chapter.blocks.push(block);
        }
    }

    /// Notes an oddity that was worked around.
    pub(crate) fn remark(&mut self, remark: impl Into<String>) {
        self.remarks.push(remark.into());
    }

    /// Ends the book: drops chapters without text, names the nameless, checks the ledger.
    ///
    /// # Errors
    /// [`ReadError::Empty`] without any text; [`ReadError::Ledger`] if a character is unaccounted for.
    pub(crate) fn finish(
        mut self,
        metadata: Metadata,
        cover: Option<Cover>,
        format: Format,
        bytes: &[u8],
    ) -> Result<Book, ReadError> {
        self.close_block();
        self.chapters.retain(|c| !c.blocks.is_empty());
        if self.chapters.is_empty() {
            return Err(ReadError::Empty("every part of it is empty or skipped".into()));
        }
        let only = self.chapters.len() == 1;
        for (chapter, number) in self.chapters.iter_mut().zip(1..) {
            name_chapter(chapter, || match only && !metadata.title.is_empty() {
                true => metadata.title.clone(),
                false => format!("Chapter {number}"),
            });
        }
        let ledger = Ledger::from_entries(self.entries, self.position)?;
        Ok(Book {
            metadata,
            cover,
            chapters: self.chapters,
            ledger,
            format,
            source_hash: *blake3::hash(bytes).as_bytes(),
            remarks: self.remarks,
        })
    }

    fn account(&mut self, text: &str, disposition: Disposition) -> Span {
        let span = Span { start: self.position, end: self.position + text.chars().count() as u64 };
        self.position = span.end;
        match self.entries.last_mut() {
            Some(last) if last.disposition == disposition => last.span.end = span.end,
            _ => self.entries.push(LedgerEntry { span, disposition }),
        }
        span
    }

    /// Changes what became of a stretch that was handed over before.
    fn mark(&mut self, span: Span, disposition: Disposition) {
        let mut split = Vec::new();
        let first = self.entries.partition_point(|e| e.span.end <= span.start);
        let last = self.entries.partition_point(|e| e.span.start < span.end);
        for entry in &self.entries[first..last] {
            let before = Span { start: entry.span.start, end: span.start.max(entry.span.start) };
            let after = Span { start: span.end.min(entry.span.end), end: entry.span.end };
            let inside = Span { start: before.end, end: after.start };
            split.push(LedgerEntry { span: before, disposition: entry.disposition });
            split.push(LedgerEntry { span: inside, disposition });
            split.push(LedgerEntry { span: after, disposition: entry.disposition });
        }
        split.retain(|e| !e.span.is_empty());
        self.entries.splice(first..last, split);
    }
}

/// Settles a chapter's title and who speaks it: its leading headings, the table of contents, or nobody.
fn name_chapter(chapter: &mut Chapter, last_resort: impl FnOnce() -> String) {
    let mut heading = String::new();
    for block in &chapter.blocks {
        if !matches!(block.kind, BlockKind::Heading { .. }) {
            break;
        }
        if heading.ends_with(|c: char| c.is_alphanumeric()) {
            heading.push(':');
        }
        for word in plain_text(block).split_whitespace() {
            if !heading.is_empty() {
                heading.push(' ');
            }
            heading.push_str(word);
        }
    }
    chapter.title = chapter.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if chapter.title.is_empty() {
        (chapter.title, chapter.title_origin) = match heading.is_empty() {
            true => (last_resort(), TitleOrigin::Inferred),
            false => (heading, TitleOrigin::Heading),
        };
    } else if same_words(&chapter.title, &heading) {
        chapter.title_origin = TitleOrigin::Heading;
    }
}

/// The text of a block with its breaks as spaces.
pub(crate) fn plain_text(block: &Block) -> String {
    block.inlines.iter().map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { " " }).collect()
}

/// Whether two titles say the same, whatever their case, punctuation and white space.
fn same_words(a: &str, b: &str) -> bool {
    let words = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    words(a) == words(b)
}
