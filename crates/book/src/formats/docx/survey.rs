//! A first look at the paragraphs: which are headings, which of them start chapters, and whether the document
//! begins with a title page.

use std::collections::HashMap;

use super::package::Package;
use super::styles::{Kind, child, outline};
use crate::dom::{Dom, NodeId, Step};
use crate::formats::outline::{Levels, byline};
use crate::formats::text::headings::{Candidate, candidate};

/// Most paragraphs of a title page, and the longest, in characters, that its style does not tell.
const TITLE_PAGE_PARAGRAPHS: usize = 16;
const TITLE_PAGE_LONGEST: usize = 80;

/// What a paragraph is to the book's structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// The first paragraph of the title page.
    TitlePage,
    /// A heading that starts a chapter.
    Chapter(u8),
    /// A heading within a chapter.
    Section(u8),
}

/// What the first look found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) heads: HashMap<NodeId, Head>,
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
}

/// A paragraph of the running text that is not empty.
struct Paragraph {
    id: NodeId,
    kind: Kind,
    text: String,
}

impl Paragraph {
    /// Whether it may stand on a title page: by its style, or because it is short and no sentence.
    fn is_of_title_page(&self) -> bool {
        let is_sentence = self.text.ends_with(['.', '!', '?', '\u{201d}', '"', ':']);
        matches!(self.kind, Kind::Title | Kind::Subtitle)
            || byline(&self.text).is_some()
            || !is_sentence && self.text.chars().count() <= TITLE_PAGE_LONGEST
    }
}

impl Survey {
    pub(super) fn of(package: &Package) -> Self {
        let paragraphs = paragraphs(package);
        let mut headings: Vec<(usize, u8)> = Vec::new();
        for (index, paragraph) in paragraphs.iter().enumerate() {
            if let Kind::Heading(level) = paragraph.kind {
                headings.push((index, level));
            }
        }
        if headings.is_empty() {
            // Typed without styles, like a plain text.
            let is_head = |p: &Paragraph| {
                p.kind == Kind::Body
                    && matches!(candidate(&p.text), Some(Candidate::Numbered { .. } | Candidate::Named(_)))
            };
            headings.extend(paragraphs.iter().enumerate().filter(|(_, p)| is_head(p)).map(|(i, _)| (i, 1)));
        }
        let first = headings.first().map_or(paragraphs.len(), |h| h.0);
        let titled = paragraphs[..first].iter().position(|p| p.kind == Kind::Title);
        let levels: Vec<_> =
            headings.iter().map(|&(i, level)| (level, paragraphs[i].text.as_str())).collect();
        let levels = Levels::of(&levels, first == 0);
        let mut survey = Self::default();
        for &(index, level) in &headings {
            let starts = level <= levels.chapter;
            let head = if starts { Head::Chapter(level) } else { Head::Section(level) };
            survey.heads.insert(paragraphs[index].id, head);
        }
        // The title page goes from the first paragraph to the first heading of a chapter.
        let (opening, title) = match (titled, levels.titled) {
            (Some(title), _) => (&paragraphs[..first], Some(title)),
            (None, true) => (&paragraphs[..headings.get(1).map_or(0, |h| h.0)], Some(0)),
            (None, false) => (&paragraphs[..0], None),
        };
        if let Some(title) = title {
            survey.title = Some(opening[title].text.clone());
            survey.author = opening.iter().find_map(|p| byline(&p.text)).map(str::to_owned);
            let is_page = opening.len() <= TITLE_PAGE_PARAGRAPHS
                && !headings.is_empty()
                && opening.iter().enumerate().all(|(index, p)| index == title || p.is_of_title_page());
            match is_page {
                true => survey.heads.insert(opening[0].id, Head::TitlePage),
                false => survey.heads.insert(opening[title].id, Head::Chapter(1)),
            };
        } else if let [only] = headings.as_slice() {
            survey.title = Some(paragraphs[only.0].text.clone());
        }
        survey
    }
}

/// The paragraphs outside of tables and text boxes, without those of a table of contents.
fn paragraphs(package: &Package) -> Vec<Paragraph> {
    let dom = &package.document;
    let mut paragraphs = Vec::new();
    let mut step = Some(Step::Enter(Dom::ROOT));
    while let Some(at) = step {
        let mut from = at;
        if let Step::Enter(id) = at {
            match dom.name(id) {
                "p" => {
                    let kind = kind(package, id);
                    let text = text(dom, id);
                    if !text.is_empty() && kind != Kind::Contents {
                        paragraphs.push(Paragraph { id, kind, text });
                    }
                    from = Step::Leave(id);
                }
                "tbl" | "txbxContent" | "Fallback" | "del" | "moveFrom" => from = Step::Leave(id),
                _ => {}
            }
        }
        step = dom.step_after(from, Dom::ROOT);
    }
    paragraphs
}

/// What the style, or the paragraph's own outline level, makes of a paragraph.
pub(super) fn kind(package: &Package, paragraph: NodeId) -> Kind {
    let dom = &package.document;
    kind_in(package, dom, paragraph)
}

/// As [`kind`], for a paragraph of another part.
pub(super) fn kind_in(package: &Package, dom: &Dom, paragraph: NodeId) -> Kind {
    let Some(properties) = child(dom, paragraph, "pPr") else { return package.styles.get(None).kind };
    let style = child(dom, properties, "pStyle").and_then(|id| dom.attribute(id, "val"));
    let kind = package.styles.get(style).kind;
    match outline(dom, properties) {
        Some(9) if matches!(kind, Kind::Heading(_)) => Kind::Body,
        Some(level) if level < 9 && kind == Kind::Body => Kind::Heading(level.min(5) + 1),
        _ => kind,
    }
}

/// The text of a paragraph on one line, without its text boxes and what was deleted.
fn text(dom: &Dom, paragraph: NodeId) -> String {
    let mut text = String::new();
    let mut step = Some(Step::Enter(paragraph));
    while let Some(at) = step {
        let mut from = at;
        if let Step::Enter(id) = at {
            match dom.name(id) {
                "t" => text.push_str(&dom.text(id)),
                "tab" | "br" | "cr" => text.push(' '),
                "txbxContent" | "Fallback" | "del" | "moveFrom" | "pPr" => from = Step::Leave(id),
                _ => {}
            }
        }
        step = dom.step_after(from, paragraph);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
