//! A first look at the whole text: how its chapters are marked, how wide its lines are, and what stands before
//! the first chapter. One pass, nothing kept but counts.

use super::headings::{Candidate, candidate, is_title};
use super::lines::{Layout, Piece, Pieces, lines};
use crate::SectionRole;
use crate::formats::outline::byline;

/// How far into the text, in bytes, a title page or a table of contents is looked for.
pub(super) const OPENING: usize = 32 << 10;

/// Longest paragraph, in bytes, that may be a title or stand on a title page.
const LONGEST_TITLE: usize = 400;

/// What marks the chapters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chapters {
    /// "Chapter 1"; the surest.
    Numbered,
    /// "I", "II", "III", counting up.
    Numeral,
    /// Lines in capitals.
    Capitals,
    /// Nothing.
    Unmarked,
}

/// What the first look found.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) chapters: Chapters,
    /// Whether the bare numbers that stand alone count up from one, and so are headings of some kind.
    pub(super) numerals_count_up: bool,
    /// Characters that a full line of wrapped prose has.
    pub(super) width: usize,
    /// Whether the text has notes in the manner of `[Footnote 1: …]`, so that `[1]` is a reference.
    pub(super) notes: bool,
    /// Bytes of the title page before the first heading.
    pub(super) title_page: usize,
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
}

impl Survey {
    pub(super) fn of(text: &str, layout: Layout) -> Self {
        let (mut numbered, mut capitals, mut paragraphs) = (0usize, 0usize, 0usize);
        let mut numerals = Numerals::default();
        let mut opening = Some(Opening::default());
        let mut title_page: Option<Opening> = None;
        let mut widths = vec![0usize; 256];
        let mut at = 0;
        for piece in Pieces::new(text, layout) {
            let (Piece::Gap(stretch) | Piece::Paragraph(stretch)) = piece;
            if let Piece::Paragraph(paragraph) = piece {
                paragraphs += 1;
                let candidate = candidate(paragraph);
                match candidate {
                    Some(Candidate::Numbered { .. } | Candidate::Named(SectionRole::Prologue)) => {
                        numbered += 1
                    }
                    Some(Candidate::Capitals) => capitals += 1,
                    Some(Candidate::Numeral(number)) => numerals.see(number),
                    Some(Candidate::Named(_)) | None => {}
                }
                measure(paragraph, &mut widths);
                opening = opening.and_then(|opening| opening.see(paragraph, candidate, at, &mut title_page));
            }
            at += stretch.len();
        }
        let numerals_count_up = numerals.count >= 2 && !numerals.broken;
        let chapters = if numbered > 0 {
            Chapters::Numbered
        } else if numerals_count_up {
            Chapters::Numeral
        } else if capitals >= 2 && capitals * 4 <= paragraphs {
            Chapters::Capitals
        } else {
            Chapters::Unmarked
        };
        let found = title_page.filter(|o| match chapters {
            // The lines of a title page and those of such chapters look alike.
            Chapters::Capitals => o.author.is_some(),
            Chapters::Numeral => true,
            Chapters::Numbered | Chapters::Unmarked => !o.ended_by_numeral,
        });
        let head = Self::head(text, layout);
        Self {
            chapters,
            numerals_count_up,
            width: full_width(&widths),
            notes: text.contains("[Footnote"),
            title_page: found.as_ref().map_or(0, |o| o.end),
            title: found.as_ref().and_then(|o| o.title.clone()).or(head),
            author: found.and_then(|o| o.author),
        }
    }

    /// Whether this paragraph is the title over a text without a title page.
    pub(super) fn heads_the_text(&self, paragraph: &str) -> bool {
        self.title_page == 0
            && paragraph.len() <= LONGEST_TITLE
            && self.title.as_deref() == Some(collapsed(paragraph).as_str())
    }

    /// The first paragraph, if it looks like a title.
    fn head(text: &str, layout: Layout) -> Option<String> {
        let first = Pieces::new(text, layout).find_map(|piece| match piece {
            Piece::Paragraph(paragraph) => Some(paragraph),
            Piece::Gap(_) => None,
        })?;
        if first.len() > LONGEST_TITLE {
            return None;
        }
        let title = collapsed(first);
        let looks = match candidate(first) {
            Some(Candidate::Capitals) => true,
            None => is_title(&title),
            _ => false,
        };
        (looks && lines(first).count() <= 2).then_some(title)
    }
}

/// Bare numbers that stand alone. They are headings if each is one more than the last, or starts again.
#[derive(Debug, Default)]
struct Numerals {
    last: u32,
    count: usize,
    broken: bool,
}

impl Numerals {
    fn see(&mut self, number: u32) {
        self.broken |= number != 1 && number != self.last + 1;
        self.last = number;
        self.count += 1;
    }
}

/// The short paragraphs before the first heading.
#[derive(Debug, Default)]
struct Opening {
    title: Option<String>,
    author: Option<String>,
    paragraphs: usize,
    by_follows: bool,
    end: usize,
    /// A bare number ended it, which is a heading only if such numbers are.
    ended_by_numeral: bool,
}

impl Opening {
    /// Takes in one more paragraph; `None` when the opening is over. It is a title page if a heading ends it.
    fn see(
        mut self,
        paragraph: &str,
        candidate: Option<Candidate>,
        at: usize,
        page: &mut Option<Opening>,
    ) -> Option<Self> {
        const MOST_PARAGRAPHS: usize = 12;
        if let Some(Candidate::Numbered { .. } | Candidate::Named(_) | Candidate::Numeral(1)) = candidate {
            if self.paragraphs > 0 {
                self.end = at;
                self.ended_by_numeral = candidate == Some(Candidate::Numeral(1));
                *page = Some(self);
            }
            return None;
        }
        self.paragraphs += 1;
        if paragraph.len() > LONGEST_TITLE || self.paragraphs > MOST_PARAGRAPHS || at > OPENING {
            return None;
        }
        let text = collapsed(paragraph);
        if let Some(author) = byline(&text).or(self.by_follows.then_some(text.as_str())) {
            self.author.get_or_insert_with(|| author.to_owned());
            self.by_follows = false;
        } else if text.eq_ignore_ascii_case("by") {
            self.by_follows = true;
        } else if text.ends_with(['.', '!', '?', '\u{201d}', '"']) && text.split(' ').count() > 8 {
            // A sentence: this is an epigraph or the story, not a title page.
            return None;
        } else if self.paragraphs == 1 {
            self.take_title(paragraph, text);
        }
        Some(self)
    }

    /// The first paragraph is the title; its last line may name the author.
    fn take_title(&mut self, paragraph: &str, text: String) {
        let mut below = lines(paragraph).map(str::trim).skip(1);
        match below.find_map(|line| Some((line, byline(line)?))) {
            Some((line, author)) => {
                self.author = Some(author.to_owned());
                let title = lines(paragraph).map(str::trim).take_while(|l| *l != line);
                self.title = Some(collapsed(&title.collect::<Vec<_>>().join(" ")));
            }
            None => self.title = Some(text),
        }
    }
}

/// Counts the widths of the lines that are followed by another in their paragraph.
fn measure(paragraph: &str, widths: &mut [usize]) {
    let mut each = lines(paragraph).peekable();
    while let Some(line) = each.next() {
        if each.peek().is_some() {
            widths[line.trim_end().chars().count().min(255)] += 1;
        }
    }
}

/// The width that nine tenths of these lines do not pass.
fn full_width(widths: &[usize]) -> usize {
    let total: usize = widths.iter().sum();
    let mut seen = 0;
    widths
        .iter()
        .position(|count| {
            seen += count;
            seen * 10 >= total * 9 && total > 0
        })
        .unwrap_or(0)
}

pub(super) fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
