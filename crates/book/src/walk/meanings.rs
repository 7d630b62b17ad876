//! What an element says about itself beyond its name: `epub:type` (EPUB 3 Structural Semantics Vocabulary 1.1
//! and its Z39.98 words), ARIA roles (DPUB-ARIA 1.1), and the class names that books without either use.

use crate::SectionRole;
use crate::dom::Element;

/// A meaning that changes how an element is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The text names a page.
    PageBreak,
    /// The mark of a note.
    NoteReference,
    /// The way back from a note to its mark.
    BackLink,
    /// A footnote or endnote.
    Note,
    /// Several notes with their heading.
    Notes,
    /// A table of contents, landmarks, a list of pages.
    Navigation,
    /// Verse.
    Verse,
    /// One line of verse.
    Line,
    /// A caption.
    Caption,
    /// A heading without a heading element.
    Heading,
    /// A listing.
    Code,
    /// The space between two scenes.
    SceneBreak,
    /// A table or list that is only layout.
    Presentation,
    /// Not shown.
    Hidden,
    /// A section of the book.
    Section(SectionRole),
}

use Meaning as M;
use SectionRole as R;

const TYPES: &[(&str, Meaning)] = &[
    ("pagebreak", M::PageBreak),
    ("noteref", M::NoteReference),
    ("annoref", M::NoteReference),
    ("backlink", M::BackLink),
    ("referrer", M::BackLink),
    ("footnote", M::Note),
    ("endnote", M::Note),
    ("rearnote", M::Note),
    ("note", M::Note),
    ("footnotes", M::Notes),
    ("endnotes", M::Notes),
    ("rearnotes", M::Notes),
    ("landmarks", M::Navigation),
    ("page-list", M::Navigation),
    ("loi", M::Section(R::Contents)),
    ("lot", M::Section(R::Contents)),
    ("loa", M::Section(R::Contents)),
    ("lov", M::Section(R::Contents)),
    ("toc", M::Section(R::Contents)),
    ("toc-brief", M::Section(R::Contents)),
    ("title", M::Heading),
    ("subtitle", M::Heading),
    ("fulltitle", M::Heading),
    ("bridgehead", M::Heading),
    ("z3998:poem", M::Verse),
    ("z3998:verse", M::Verse),
    ("z3998:song", M::Verse),
    ("z3998:hymn", M::Verse),
    ("z3998:lyrics", M::Verse),
    ("cover", M::Section(R::Cover)),
    ("titlepage", M::Section(R::TitlePage)),
    ("halftitlepage", M::Section(R::TitlePage)),
    ("halftitle", M::Section(R::TitlePage)),
    ("copyright-page", M::Section(R::Copyright)),
    ("imprint", M::Section(R::Copyright)),
    ("imprimatur", M::Section(R::Copyright)),
    ("dedication", M::Section(R::Dedication)),
    ("epigraph", M::Section(R::Epigraph)),
    ("foreword", M::Section(R::Foreword)),
    ("preface", M::Section(R::Preface)),
    ("introduction", M::Section(R::Introduction)),
    ("preamble", M::Section(R::Introduction)),
    ("prologue", M::Section(R::Prologue)),
    ("chapter", M::Section(R::Chapter)),
    ("part", M::Section(R::Part)),
    ("volume", M::Section(R::Part)),
    ("division", M::Section(R::Part)),
    ("epilogue", M::Section(R::Epilogue)),
    ("conclusion", M::Section(R::Epilogue)),
    ("afterword", M::Section(R::Afterword)),
    ("acknowledgments", M::Section(R::Acknowledgements)),
    ("appendix", M::Section(R::Appendix)),
    ("bibliography", M::Section(R::Bibliography)),
    ("glossary", M::Section(R::Glossary)),
    ("index", M::Section(R::Index)),
    ("colophon", M::Section(R::Colophon)),
    ("seriespage", M::Section(R::Advertisement)),
    ("other-credits", M::Section(R::Copyright)),
];

/// ARIA roles; most are `doc-` and a word of the vocabulary above.
const ROLES: &[(&str, Meaning)] = &[
    ("presentation", M::Presentation),
    ("none", M::Presentation),
    ("navigation", M::Navigation),
    ("doc-toc", M::Navigation),
    ("doc-pagelist", M::Navigation),
    ("heading", M::Heading),
    ("doc-subtitle", M::Heading),
    ("doc-cover", M::Section(R::Cover)),
];

const CLASSES: &[(&str, Meaning)] = &[
    ("pagenum", M::PageBreak),
    ("pageno", M::PageBreak),
    ("pagenumber", M::PageBreak),
    ("page-number", M::PageBreak),
    ("page_number", M::PageBreak),
    ("pagebreak-number", M::PageBreak),
    ("noteref", M::NoteReference),
    ("footnoteref", M::NoteReference),
    ("footnote-ref", M::NoteReference),
    ("footnote-reference", M::NoteReference),
    ("fnref", M::NoteReference),
    ("endnote-ref", M::NoteReference),
    ("footnote-back", M::BackLink),
    ("footnote-backref", M::BackLink),
    ("backlink", M::BackLink),
    ("footnote", M::Note),
    ("endnote", M::Note),
    ("footnotes", M::Notes),
    ("endnotes", M::Notes),
    ("poem", M::Verse),
    ("poetry", M::Verse),
    ("verse", M::Verse),
    ("stanza", M::Verse),
    ("lyrics", M::Verse),
    ("line", M::Line),
    ("verseline", M::Line),
    ("verse-line", M::Line),
    ("poem-line", M::Line),
    ("caption", M::Caption),
    ("figcaption", M::Caption),
    ("chapter-title", M::Heading),
    ("chaptertitle", M::Heading),
    ("chapter_title", M::Heading),
    ("chapter-number", M::Heading),
    ("chapternumber", M::Heading),
    ("chapter_number", M::Heading),
    ("chapter-heading", M::Heading),
    ("chapterhead", M::Heading),
    ("code", M::Code),
    ("programlisting", M::Code),
    ("sourcecode", M::Code),
    ("source-code", M::Code),
    ("highlight", M::Code),
    ("scenebreak", M::SceneBreak),
    ("scene-break", M::SceneBreak),
    ("scene_break", M::SceneBreak),
    ("sectionbreak", M::SceneBreak),
    ("section-break", M::SceneBreak),
    ("transition", M::SceneBreak),
];

/// The meanings of one element.
#[derive(Debug, Default)]
pub(crate) struct Meanings(Vec<Meaning>);

impl Meanings {
    pub(crate) fn of(element: &Element) -> Self {
        let mut found = Vec::new();
        for word in element.words("epub:type") {
            found.extend(lookup(TYPES, word));
        }
        for word in element.words("role") {
            found.extend(lookup(ROLES, word).or_else(|| lookup(TYPES, word.strip_prefix("doc-")?)));
        }
        for word in element.words("class") {
            found.extend(lookup(CLASSES, word));
            if word.starts_with("language-") && matches!(&*element.name, "pre" | "code") {
                found.push(M::Code);
            }
        }
        let aria_hidden =
            element.attribute("aria-hidden").is_some_and(|v| v.trim().eq_ignore_ascii_case("true"));
        if aria_hidden || element.attribute("hidden").is_some() {
            found.push(M::Hidden);
        }
        Self(found)
    }

    pub(crate) fn has(&self, meaning: Meaning) -> bool {
        self.0.contains(&meaning)
    }

    /// The section that the element is; the last word counts, as in `frontmatter copyright-page`.
    pub(crate) fn section(&self) -> Option<SectionRole> {
        self.0.iter().rev().find_map(|m| match m {
            M::Section(role) => Some(*role),
            M::Notes => Some(R::Endnotes),
            _ => None,
        })
    }
}

/// The section that a word of a guide or of landmarks names.
pub(crate) fn section_named(word: &str) -> Option<SectionRole> {
    let word = match word {
        "title-page" => "titlepage",
        "acknowledgements" => "acknowledgments",
        "notes" => "endnotes",
        word => word,
    };
    match lookup(TYPES, word) {
        Some(M::Section(role)) => Some(role),
        Some(M::Notes) => Some(R::Endnotes),
        _ => None,
    }
}

fn lookup(table: &[(&str, Meaning)], word: &str) -> Option<Meaning> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}
