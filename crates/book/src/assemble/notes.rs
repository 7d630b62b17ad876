//! Footnotes and endnotes: where they stand in the manuscript is rarely where they are read. A note is
//! collected apart, and at the end it goes behind the paragraph, or to the end of the chapter, that first
//! refers to it.

use std::collections::HashMap;

use super::Assembler;
use crate::{Block, BlockKind, NotePolicy};

/// A note that is being collected, and the block that it interrupts.
#[derive(Debug)]
pub(super) struct OpenNote {
    id: String,
    interrupted: Option<Block>,
    blocks: Vec<Block>,
    /// Notes inside of this one; they are part of it.
    depth: usize,
}

impl OpenNote {
    pub(super) fn push(&mut self, mut block: Block) {
        if matches!(block.kind, BlockKind::Paragraph | BlockKind::Quotation | BlockKind::ListItem { .. }) {
            block.kind = BlockKind::Note;
        }
        self.blocks.push(block);
    }
}

/// A collected note and where it stood.
#[derive(Debug)]
pub(super) struct Note {
    id: String,
    blocks: Vec<Block>,
    stood: Place,
}

/// The place of a note's mark in the text.
#[derive(Debug)]
pub(super) struct Reference {
    id: String,
    place: Place,
}

/// A chapter, and a block of it that may not have been closed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    chapter: usize,
    block: usize,
}

impl Assembler {
    /// Begins a note: everything until [`Assembler::end_note`] belongs to it, and the open block goes on after
    /// it. `id` is what references name; one without references is read where it stands.
    pub(crate) fn start_note(&mut self, id: &str) {
        match &mut self.note {
            Some(note) => note.depth += 1,
            None => {
                let interrupted = self.block.take();
                self.note = Some(OpenNote { id: id.to_owned(), interrupted, blocks: Vec::new(), depth: 0 });
            }
        }
    }

    /// Ends the innermost note.
    pub(crate) fn end_note(&mut self) {
        match &mut self.note {
            Some(note) if note.depth > 0 => note.depth -= 1,
            Some(_) => {
                self.close_block();
                if let Some(note) = self.note.take() {
                    self.block = note.interrupted;
                    if !note.blocks.is_empty() {
                        self.notes.push(Note { id: note.id, blocks: note.blocks, stood: self.place() });
                    }
                }
            }
            None => {}
        }
    }

    /// Says that the mark of the note `id` stands here. The mark's own text is handed over as usual.
    pub(crate) fn note_reference(&mut self, id: &str) {
        if self.note.is_none() && self.note_policy != NotePolicy::Skip {
            let place = self.place();
            self.references.push(Reference { id: id.to_owned(), place });
        }
    }

    /// Whether the text at hand belongs to a note that is not read.
    pub(super) fn skips_note(&self) -> bool {
        self.note.is_some() && self.note_policy == NotePolicy::Skip
    }

    fn place(&self) -> Place {
        Place {
            chapter: self.chapters.len().saturating_sub(1),
            block: self.chapters.last().map_or(0, |c| c.blocks.len()),
        }
    }

    /// Puts every collected note where the policy reads it.
    pub(super) fn place_notes(&mut self) {
        if self.notes.is_empty() {
            return;
        }
        let mut first_reference: HashMap<&str, Place> = HashMap::new();
        for reference in &self.references {
            first_reference.entry(&reference.id).or_insert(reference.place);
        }
        let mut placed: Vec<(Place, Vec<Block>)> = Vec::with_capacity(self.notes.len());
        for note in std::mem::take(&mut self.notes) {
            let mut place = match first_reference.get(note.id.as_str()) {
                // Behind the block that holds the mark.
                Some(place) => Place { block: place.block + 1, ..*place },
                None => note.stood,
            };
            if self.note_policy == NotePolicy::ChapterEnd {
                place.block = usize::MAX;
            }
            placed.push((place, note.blocks));
        }
        // Stable: notes at one place keep the order in which they were found.
        placed.sort_by_key(|(place, _)| *place);
        if self.chapters.is_empty() {
            self.start_chapter(super::ChapterStart { title: None, matter: crate::Matter::Body, role: None });
        }
        let mut placed = placed.into_iter().peekable();
        for (number, chapter) in self.chapters.iter_mut().enumerate() {
            if placed.peek().is_none_or(|(place, _)| place.chapter != number) {
                continue;
            }
            let mut blocks = Vec::with_capacity(chapter.blocks.len());
            for (index, block) in std::mem::take(&mut chapter.blocks).into_iter().enumerate() {
                while let Some((_, mut note)) =
                    placed.next_if(|(place, _)| place.chapter == number && place.block <= index)
                {
                    blocks.append(&mut note);
                }
                blocks.push(block);
            }
            while let Some((_, mut note)) = placed.next_if(|(place, _)| place.chapter == number) {
                blocks.append(&mut note);
            }
            chapter.blocks = blocks;
        }
    }
}
