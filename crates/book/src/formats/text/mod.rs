//! Plain text. There is no markup, so that structure is guessed from custom: blank lines, indents, headings
//! that say "Chapter", verse that breaks its lines early. Every character of the decoded file is in the ledger.

mod contents;
pub(super) mod decode;
mod gutenberg;
pub(super) mod headings;
mod lines;
mod paragraph;
mod survey;

use std::path::Path;

use self::decode::decode;
use self::headings::{Candidate, candidate, is_subtitle};
use self::lines::{Layout, Piece, Pieces};
use self::survey::{Chapters, Survey};
use crate::assemble::{Assembler, ChapterStart};
use crate::{Book, Format, Matter, Metadata, ReadError, ReadPolicy, SectionRole, SkipReason};

pub(super) fn read(bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
    let decoded = decode(bytes, Format::Text)?;
    let mut out = Assembler::new(name, policy);
    decoded.remarks.into_iter().for_each(|remark| out.remark(remark));
    let gutenberg = gutenberg::split(&decoded.text);
    let (body, licence, mut metadata) = match gutenberg {
        Some(parts) => {
            out.skip(parts.header, SkipReason::GutenbergBoilerplate);
            (parts.body, parts.licence, parts.metadata)
        }
        None => (&*decoded.text, "", Metadata::default()),
    };
    let layout = Layout::of(body);
    let survey = Survey::of(body, layout);
    if metadata.title.is_empty() {
        metadata.title = match &survey.title {
            Some(title) => title.clone(),
            None => name.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
    }
    if metadata.authors.is_empty() {
        metadata.authors.extend(survey.author.clone());
    }
    let mut reader = Reader { out, policy, survey, body, after_number: false, begun: false };
    reader.read(layout);
    let mut out = reader.out;
    out.close_block();
    out.skip(licence, SkipReason::GutenbergBoilerplate);
    out.finish(metadata, None, Format::Text, bytes)
}

struct Reader<'a, 'p> {
    out: Assembler,
    policy: &'p ReadPolicy,
    survey: Survey,
    body: &'a str,
    /// Whether the paragraph before was a chapter's number without a title, which may follow.
    after_number: bool,
    /// Whether a chapter has begun, so that no table of contents is to be expected.
    begun: bool,
}

impl Reader<'_, '_> {
    fn read(&mut self, layout: Layout) {
        let mut at = 0;
        if self.survey.title_page > 0 {
            self.start_chapter(Some(SectionRole::TitlePage));
            at = self.survey.title_page;
            self.paragraphs(&self.body[..at], layout);
        }
        while at < self.body.len() {
            let rest = &self.body[at..];
            // The paragraphs before a table of contents are read first, then the table as a whole.
            let Some((start, end)) = self.next_contents(rest, layout) else {
                self.chapters(rest, layout);
                return;
            };
            self.chapters(&rest[..start], layout);
            self.start_chapter(Some(SectionRole::Contents));
            self.paragraphs(&rest[start..end], layout);
            at += end;
            self.begun = true;
        }
    }

    /// The byte range of a table of contents ahead, if no chapter has begun before it.
    fn next_contents(&self, text: &str, layout: Layout) -> Option<(usize, usize)> {
        if self.begun {
            return None;
        }
        let mut at = 0;
        for piece in Pieces::new(text, layout) {
            let (Piece::Gap(stretch) | Piece::Paragraph(stretch)) = piece;
            if let Piece::Paragraph(paragraph) = piece {
                match candidate(lines::lines(paragraph).next().unwrap_or_default()) {
                    Some(Candidate::Named(SectionRole::Contents)) => {
                        let heading = lines::lines(paragraph).next().map_or(0, str::len);
                        let length = contents::length(&text[at + heading..])?;
                        return Some((at, at + heading + length));
                    }
                    Some(Candidate::Numbered { .. }) => {
                        let is_list = contents::begins_with_list(&text[at..]);
                        return is_list
                            .then(|| contents::length(&text[at..]))
                            .flatten()
                            .map(|l| (at, at + l));
                    }
                    _ => {}
                }
            }
            at += stretch.len();
            if at > survey::OPENING {
                break;
            }
        }
        None
    }

    /// Reads text whose headings start chapters.
    fn chapters(&mut self, text: &str, layout: Layout) {
        for piece in Pieces::new(text, layout) {
            match piece {
                Piece::Gap(gap) => {
                    self.out.close_block();
                    self.out.skip(gap, SkipReason::WhiteSpace);
                }
                Piece::Paragraph(paragraph) => self.paragraph(paragraph),
            }
        }
    }

    /// Reads text in which nothing starts a chapter.
    fn paragraphs(&mut self, text: &str, layout: Layout) {
        for piece in Pieces::new(text, layout) {
            match piece {
                Piece::Gap(gap) => {
                    self.out.close_block();
                    self.out.skip(gap, SkipReason::WhiteSpace);
                }
                Piece::Paragraph(text) => {
                    paragraph::read(text, self.survey.width, self.survey.notes, self.policy, &mut self.out);
                }
            }
        }
    }

    fn paragraph(&mut self, text: &str) {
        let candidate = candidate(text);
        let after_number = std::mem::take(&mut self.after_number);
        match candidate {
            Some(Candidate::Numbered { role, titled }) => {
                self.start_chapter(None);
                let level = if role == SectionRole::Part { 1 } else { 2 };
                paragraph::heading(text, level, &mut self.out);
                self.after_number = !titled && lines::lines(text).count() == 1;
            }
            Some(Candidate::Named(_)) => {
                self.start_chapter(None);
                paragraph::heading(text, 2, &mut self.out);
            }
            Some(Candidate::Numeral(_)) if self.survey.chapters == Chapters::Numeral => {
                self.start_chapter(Some(SectionRole::Chapter));
                paragraph::heading(text, 2, &mut self.out);
                self.after_number = true;
            }
            Some(Candidate::Numeral(_)) if self.survey.numerals_count_up => {
                paragraph::heading(text, 3, &mut self.out);
            }
            Some(Candidate::Capitals) if self.survey.chapters == Chapters::Capitals && !after_number => {
                self.start_chapter(None);
                paragraph::heading(text, 2, &mut self.out);
            }
            _ if after_number && is_subtitle(text) => paragraph::heading(text, 3, &mut self.out),
            _ if !self.begun && self.survey.heads_the_text(text) => {
                self.start_chapter(None);
                paragraph::heading(text, 1, &mut self.out);
            }
            _ => paragraph::read(text, self.survey.width, self.survey.notes, self.policy, &mut self.out),
        }
    }

    fn start_chapter(&mut self, role: Option<SectionRole>) {
        let is_front = matches!(role, Some(SectionRole::TitlePage | SectionRole::Contents));
        self.begun |= !is_front;
        let matter = if is_front { Matter::Front } else { Matter::Body };
        self.out.start_chapter(ChapterStart { title: None, matter, role });
    }
}
