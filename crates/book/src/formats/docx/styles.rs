//! What the styles of a document mean: headings, quotations, and what is hidden. Names count, since every
//! language of Word has its own ids but the built-in names are English in all of them.

use std::collections::HashMap;

use crate::dom::{Dom, NodeId};

/// How many styles may be based on each other.
const DEEPEST: usize = 16;

/// What a paragraph style makes of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Body,
    Title,
    Subtitle,
    /// 1 is the highest.
    Heading(u8),
    Quotation,
    Verse,
    Caption,
    Code,
    /// A line of a table of contents, or its heading.
    Contents,
}

/// A style, with what it takes from those that it is based on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    pub(super) kind: Kind,
    pub(super) hidden: bool,
    /// List and level of its paragraphs.
    pub(super) list: Option<(u32, u8)>,
}

/// The styles of a document by id.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
    default: Style,
    /// Language of the document's defaults.
    pub(super) language: Option<String>,
}

/// A style as written.
#[derive(Debug, Default)]
struct Raw {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    hidden: Option<bool>,
    list: Option<(u32, u8)>,
    is_default: bool,
}

impl Styles {
    pub(super) fn of(dom: &Dom) -> Self {
        let raw: HashMap<String, Raw> = dom
            .descendants(Dom::ROOT)
            .filter(|id| dom.name(*id) == "style")
            .filter_map(|id| Some((dom.attribute(id, "styleId")?.to_owned(), Raw::of(dom, id))))
            .collect();
        let by_id: HashMap<String, Style> = raw.keys().map(|id| (id.clone(), resolve(&raw, id))).collect();
        let default = raw.iter().find(|(_, raw)| raw.is_default).map(|(id, _)| by_id[id]);
        let language = dom
            .find(Dom::ROOT, "docDefaults")
            .and_then(|defaults| dom.find(defaults, "lang"))
            .and_then(|lang| crate::walk::Language::normal(dom.attribute(lang, "val")?));
        Self { by_id, default: default.unwrap_or_default(), language }
    }

    /// The style of this id, or what the id says where the document has no such style.
    pub(super) fn get(&self, id: Option<&str>) -> Style {
        let Some(id) = id else { return self.default };
        let by_name = || Style { kind: kind_of(id).unwrap_or_default(), ..Style::default() };
        self.by_id.get(id).copied().unwrap_or_else(by_name)
    }
}

impl Raw {
    fn of(dom: &Dom, style: NodeId) -> Self {
        let value = |parent: NodeId, name: &str| {
            child(dom, parent, name).and_then(|id| dom.attribute(id, "val")).map(str::to_owned)
        };
        let paragraph = child(dom, style, "pPr");
        Self {
            name: value(style, "name").unwrap_or_default(),
            based_on: value(style, "basedOn"),
            outline: paragraph.and_then(|p| outline(dom, p)),
            hidden: child(dom, style, "rPr").and_then(|r| child(dom, r, "vanish")).map(|v| is_on(dom, v)),
            list: paragraph.and_then(|p| list(dom, p)),
            is_default: dom.attribute(style, "default").is_some_and(|v| v != "0" && v != "false")
                // The attribute `w:type` carries the name that the tree gives to `epub:type`.
                && dom.attribute(style, "epub:type") == Some("paragraph"),
        }
    }
}

/// Follows a style through those that it is based on; what is nearer wins.
fn resolve(raw: &HashMap<String, Raw>, id: &str) -> Style {
    let chain = || {
        std::iter::successors(raw.get_key_value(id), |(_, style)| raw.get_key_value(style.based_on.as_ref()?))
            .take(DEEPEST)
    };
    let by_name = chain().find_map(|(id, style)| kind_of(&style.name).or_else(|| kind_of(id)));
    let by_outline = chain().find_map(|(_, style)| style.outline).filter(|level| *level < 9);
    let kind = match (by_name, by_outline) {
        (Some(kind), _) => kind,
        (None, Some(level)) => Kind::Heading(level.min(5) + 1),
        (None, None) => Kind::Body,
    };
    let hidden = chain().find_map(|(_, style)| style.hidden).unwrap_or(false);
    Style { kind, hidden, list: chain().find_map(|(_, style)| style.list) }
}

/// What a built-in name, or an id, says.
fn kind_of(name: &str) -> Option<Kind> {
    let name = name.to_lowercase().replace([' ', '-', '_'], "");
    if let Some(level) = name.strip_prefix("heading").and_then(|level| level.parse::<u8>().ok()) {
        return (1..=9).contains(&level).then(|| Kind::Heading(level.min(6)));
    }
    match name.as_str() {
        "title" | "booktitle" => Some(Kind::Title),
        "subtitle" => Some(Kind::Subtitle),
        "quote" | "intensequote" | "quotations" | "blocktext" | "blockquote" | "blockquotation" => {
            Some(Kind::Quotation)
        }
        "verse" | "poem" | "poetry" | "lyrics" => Some(Kind::Verse),
        "caption" | "figure" | "illustration" => Some(Kind::Caption),
        "code" | "sourcecode" | "htmlpreformatted" | "preformattedtext" | "codeblock" => Some(Kind::Code),
        "tocheading" | "contentsheading" | "tableoffigures" => Some(Kind::Contents),
        name => {
            let level = name.strip_prefix("toc").or_else(|| name.strip_prefix("contents"))?;
            matches!(level, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9").then_some(Kind::Contents)
        }
    }
}

/// The first child element of this name.
pub(super) fn child(dom: &Dom, parent: NodeId, name: &str) -> Option<NodeId> {
    dom.children(parent).find(|id| dom.name(*id) == name)
}

/// Whether a switch such as `w:vanish` is on: it is unless its value says otherwise.
pub(super) fn is_on(dom: &Dom, switch: NodeId) -> bool {
    !matches!(dom.attribute(switch, "val"), Some("0" | "false" | "off"))
}

/// The outline level of paragraph properties: 0 is the highest, 9 is body text.
pub(super) fn outline(dom: &Dom, properties: NodeId) -> Option<u8> {
    dom.attribute(child(dom, properties, "outlineLvl")?, "val")?.parse().ok()
}

/// List and level of paragraph properties; list 0 is none.
pub(super) fn list(dom: &Dom, properties: NodeId) -> Option<(u32, u8)> {
    let numbering = child(dom, properties, "numPr")?;
    let number = |name: &str| dom.attribute(child(dom, numbering, name)?, "val")?.parse::<u32>().ok();
    Some((number("numId")?, number("ilvl").and_then(|level| level.try_into().ok()).unwrap_or(0)))
}
