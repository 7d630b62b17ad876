//! Collects what a reader finds into chapters and blocks, and writes the ledger as it goes. Readers hand over
//! every text node once, by [`Assembler::text`] or [`Assembler::skip`]; there is no third way.
//!
//! What can only be decided with the whole book in view (titles, roles by title, where notes are read) happens
//! in [`Assembler::finish`]; its steps live in the modules below.

mod notes;
mod sections;
mod titles;

use std::collections::BTreeSet;
use std::path::Path;

use crate::{
    Block, BlockKind, Book, Chapter, Cover, Disposition, Format, Inline, Ledger, LedgerEntry, Matter,
    Metadata, NotePolicy, ReadError, ReadPolicy, SectionRole, SkipReason, Span, TextRun, TitleOrigin,
};

/// Builds a [`Book`] from text handed over in reading order.
#[derive(Debug)]
pub(crate) struct Assembler {
    /// The file's stem, the title of last resort.
    stem: String,
    note_policy: NotePolicy,
    skip_sections: BTreeSet<SectionRole>,
    position: u64,
    entries: Vec<LedgerEntry>,
    chapters: Vec<Chapter>,
    block: Option<Block>,
    note: Option<notes::OpenNote>,
    notes: Vec<notes::Note>,
    references: Vec<notes::Reference>,
    remarks: Vec<String>,
}

/// What starts a chapter.
#[derive(Debug, Clone)]
pub(crate) struct ChapterStart {
    /// Title, if it is known before the text; otherwise the first heading gives it.
    pub(crate) title: Option<String>,
    /// Place in the book.
    pub(crate) matter: Matter,
    /// Role, if known; otherwise the title may tell it.
    pub(crate) role: Option<SectionRole>,
}

impl Assembler {
    /// `name` is the manuscript's file name, `policy` says which notes and sections are read.
    pub(crate) fn new(name: &Path, policy: &ReadPolicy) -> Self {
        Self {
            stem: name.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
            note_policy: policy.notes,
            skip_sections: policy.skip_sections.clone(),
            position: 0,
            entries: Vec::new(),
            chapters: Vec::new(),
            block: None,
            note: None,
            notes: Vec::new(),
            references: Vec::new(),
            remarks: Vec::new(),
        }
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

    /// Opens a block, closing the one before. In a note that is skipped this does nothing.
    pub(crate) fn open_block(&mut self, kind: BlockKind, language: Option<String>) {
        if self.skips_note() {
            return;
        }
        self.close_block();
        self.block = Some(Block { kind, inlines: Vec::new(), language });
    }

    /// Whether a block is open, so that white space belongs to it.
    pub(crate) fn in_block(&self) -> bool {
        self.block.is_some()
    }

    /// Hands over text that is read; opens a paragraph if no block is open.
    pub(crate) fn text(&mut self, text: &str, language: Option<&str>) {
        if text.is_empty() {
            return;
        }
        if self.skips_note() {
            return self.skip(text, SkipReason::Note);
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
        match block.inlines.last_mut() {
            Some(Inline::Text(run)) if run.span.end == span.start && run.language.as_deref() == language => {
                run.text.push_str(text);
                run.span.end = span.end;
            }
            _ => block.inlines.push(Inline::Text(TextRun {
                span,
                text: text.to_owned(),
                language: language.map(str::to_owned),
            })),
        }
    }

    /// Hands over text that is not read, with the reason.
    pub(crate) fn skip(&mut self, text: &str, reason: SkipReason) {
        if !text.is_empty() {
            self.account(text, Disposition::Skipped(reason));
        }
    }

    /// Marks a forced line break or a cell border in the open block.
    pub(crate) fn line_break(&mut self) {
        if self.skips_note() {
            return;
        }
        if let Some(block) = &mut self.block {
            block.inlines.push(Inline::Break);
        }
    }

    /// Closes the open block. One without visible text is dropped and its characters are white space, but a
    /// scene break stays. A paragraph of ornaments alone is a scene break.
    pub(crate) fn close_block(&mut self) {
        if self.skips_note() {
            return;
        }
        let Some(mut block) = self.block.take() else { return };
        let has_text = block.inlines.iter().any(|i| match i {
            Inline::Text(run) => !run.text.chars().all(char::is_whitespace),
            Inline::Break => false,
        });
        if !has_text {
            for inline in block.inlines.drain(..) {
                if let Inline::Text(run) = inline {
                    self.mark(run.span, Disposition::Skipped(SkipReason::WhiteSpace));
                }
            }
            if block.kind != BlockKind::SceneBreak {
                return;
            }
        }
        if block.kind == BlockKind::Paragraph && sections::is_scene_break(&block) {
            block.kind = BlockKind::SceneBreak;
        }
        // Most blocks hold one run; a book of a million paragraphs should not pay for four.
        block.inlines.shrink_to_fit();
        if let Some(note) = &mut self.note {
            return note.push(block);
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

    /// Ends the book: places the notes, settles titles and roles, drops chapters without text, checks the
    /// ledger. A title missing from `metadata` comes from the first heading, then from the file's stem.
    ///
    /// # Errors
    /// [`ReadError::Empty`] without any text; [`ReadError::Ledger`] if a character is unaccounted for.
    pub(crate) fn finish(
        mut self,
        mut metadata: Metadata,
        cover: Option<Cover>,
        format: Format,
        bytes: &[u8],
    ) -> Result<Book, ReadError> {
        while self.note.is_some() {
            self.end_note();
        }
        self.close_block();
        self.place_notes();
        let mut skipped = titles::settle(&mut self.chapters);
        skipped.extend(sections::settle(&mut self.chapters, &self.skip_sections));
        let entries = override_dispositions(self.entries, skipped);
        if metadata.title.trim().is_empty() {
            metadata.title = titles::first_heading(&self.chapters).unwrap_or(self.stem);
        }
        titles::name_the_nameless(&mut self.chapters, &metadata.title);
        if self.chapters.is_empty() {
            return Err(ReadError::Empty("every part of it is empty or skipped".into()));
        }
        let book = Book {
            metadata,
            cover,
            chapters: self.chapters,
            ledger: Ledger::from_entries(entries, self.position)?,
            format,
            source_hash: *blake3::hash(bytes).as_bytes(),
            remarks: self.remarks,
        };
        book.verify()?;
        Ok(book)
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
        let first = self.entries.partition_point(|e| e.span.end <= span.start);
        let last = self.entries.partition_point(|e| e.span.start < span.end);
        let stretch = self.entries[first..last].to_vec();
        self.entries.splice(first..last, overridden(&stretch, span, disposition));
    }
}

/// `entries` with `disposition` inside of `span` and unchanged outside of it.
fn overridden(entries: &[LedgerEntry], span: Span, disposition: Disposition) -> Vec<LedgerEntry> {
    let mut split = Vec::with_capacity(entries.len() + 2);
    for entry in entries {
        let start = span.start.clamp(entry.span.start, entry.span.end);
        let end = span.end.clamp(start, entry.span.end);
        split.push(LedgerEntry { span: Span { start: entry.span.start, end: start }, ..*entry });
        split.push(LedgerEntry { span: Span { start, end }, disposition });
        split.push(LedgerEntry { span: Span { start: end, end: entry.span.end }, ..*entry });
    }
    split.retain(|e| !e.span.is_empty());
    split
}

/// Applies many late decisions in one pass; `entries` and `overrides` are in order and without overlap.
fn override_dispositions(
    entries: Vec<LedgerEntry>,
    mut overrides: Vec<(Span, SkipReason)>,
) -> Vec<LedgerEntry> {
    overrides.sort_by_key(|(span, _)| *span);
    let mut overrides = overrides.into_iter().peekable();
    let mut result = Vec::with_capacity(entries.len());
    for mut entry in entries {
        while let Some((span, reason)) = overrides.peek().copied() {
            if span.start >= entry.span.end {
                break;
            }
            let mut parts = overridden(&[entry], span, Disposition::Skipped(reason));
            if span.end > entry.span.end {
                result.append(&mut parts);
                entry.span.start = entry.span.end;
                break;
            }
            overrides.next();
            match parts.last() {
                Some(last) if last.span.start >= span.end => {
                    entry = *last;
                    parts.pop();
                }
                _ => entry.span.start = entry.span.end,
            }
            result.append(&mut parts);
        }
        result.push(entry);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Option<&str> = None;

    fn assembler(notes: NotePolicy) -> Assembler {
        Assembler::new(Path::new("x/tide.txt"), &ReadPolicy { notes, ..ReadPolicy::default() })
    }

    fn finish(out: Assembler) -> Book {
        out.finish(Metadata::default(), None, Format::Text, b"").unwrap()
    }

    fn texts(book: &Book) -> Vec<String> {
        book.chapters.iter().flat_map(|c| &c.blocks).map(titles::plain_text).collect()
    }

    /// `One[1] two.` and `Three.`, the note standing before both.
    fn noted(policy: NotePolicy) -> Book {
        let mut out = assembler(policy);
        out.start_note("n");
        out.text("A note.", EN);
        out.end_note();
        out.text("One", EN);
        out.note_reference("n");
        out.skip("[1]", SkipReason::NoteReference);
        out.text(" two.", EN);
        out.open_block(BlockKind::Paragraph, None);
        out.text("Three.", EN);
        finish(out)
    }

    #[test]
    fn notes_go_where_the_policy_reads_them() {
        assert_eq!(texts(&noted(NotePolicy::Skip)), ["One two.", "Three."]);
        assert_eq!(texts(&noted(NotePolicy::InPlace)), ["One two.", "A note.", "Three."]);
        assert_eq!(texts(&noted(NotePolicy::ChapterEnd)), ["One two.", "Three.", "A note."]);
        assert_eq!(noted(NotePolicy::Skip).ledger.skipped()[&SkipReason::Note], 7);
    }

    #[test]
    fn blocks_without_visible_text_are_white_space() {
        let mut out = assembler(NotePolicy::Skip);
        out.text("One.", EN);
        out.open_block(BlockKind::Paragraph, None);
        out.text(" ", EN);
        out.skip("7", SkipReason::PageNumber);
        out.text("\n", EN);
        out.open_block(BlockKind::Paragraph, None);
        out.text("Two.", EN);
        let book = finish(out);
        assert_eq!(texts(&book), ["One.", "Two."]);
        assert_eq!(book.ledger.skipped()[&SkipReason::WhiteSpace], 2);
        assert_eq!(book.ledger.skipped()[&SkipReason::PageNumber], 1);
    }

    #[test]
    fn a_chapter_that_is_not_read_takes_its_text_to_the_ledger() {
        let mut out = assembler(NotePolicy::Skip);
        for (title, text) in [("Index", "clerk, 1"), ("One", "Text."), ("Index", "tide, 2")] {
            let start = ChapterStart { title: Some(title.into()), matter: Matter::Body, role: None };
            out.start_chapter(start);
            out.text(text, EN);
            out.skip("x", SkipReason::PageNumber);
        }
        let book = finish(out);
        assert_eq!(texts(&book), ["Text."]);
        assert_eq!(book.ledger.skipped()[&SkipReason::Section(SectionRole::Index)], 15);
        assert_eq!(book.ledger.kept(), 5);
    }

    #[test]
    fn a_book_without_text_is_an_error() {
        let mut out = assembler(NotePolicy::Skip);
        out.text(" ", EN);
        assert!(matches!(out.finish(Metadata::default(), None, Format::Text, b""), Err(ReadError::Empty(_))));
    }

    #[test]
    fn a_text_that_vanished_is_an_error_at_run_time() {
        let mut out = assembler(NotePolicy::Skip);
        out.text("One.", EN);
        out.open_block(BlockKind::Paragraph, None);
        out.text("Two.", EN);
        out.close_block();
        out.chapters[0].blocks.remove(0);
        let error = out.finish(Metadata::default(), None, Format::Text, b"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "account for characters 0 to 4 of the manuscript: they are neither spoken nor skipped"
        );
    }

    #[test]
    fn late_decisions_split_the_entries_that_they_touch() {
        let span = |start, end| Span { start, end };
        let entries = vec![
            LedgerEntry { span: span(0, 10), disposition: Disposition::Kept },
            LedgerEntry { span: span(10, 12), disposition: Disposition::Skipped(SkipReason::WhiteSpace) },
            LedgerEntry { span: span(12, 20), disposition: Disposition::Kept },
        ];
        let overrides = vec![(span(15, 20), SkipReason::Table), (span(2, 4), SkipReason::Code)];
        let result = override_dispositions(entries, overrides);
        let ledger = Ledger::from_entries(result, 20).unwrap();
        let ends: Vec<u64> = ledger.entries().iter().map(|e| e.span.end).collect();
        assert_eq!(ends, [2, 4, 10, 12, 15, 20]);
        assert_eq!((ledger.kept(), ledger.skipped()[&SkipReason::Table]), (11, 5));
    }
}
