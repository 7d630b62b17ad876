//! What the package says about the book: Dublin Core with the refinements of EPUB 3, the attributes of EPUB 2,
//! and calibre's series.

use std::collections::HashMap;

use crate::dom::{Dom, NodeId, SelfClosing, parse_html};
use crate::formats::year::year_of;
use crate::walk::Language;
use crate::{Identifier, Metadata, Series};

/// Reads the metadata of a package document.
pub(super) fn read(dom: &Dom) -> Metadata {
    let Some(top) = dom.find(Dom::ROOT, "metadata") else { return Metadata::default() };
    let fields = Fields::of(dom, top);
    let (title, subtitle) = titles(&fields);
    let (authors, narrators) = people(&fields);
    Metadata {
        title,
        subtitle,
        authors,
        narrators,
        series: series(&fields),
        language: fields.texts("language").find_map(|tag| Language::normal(&tag)),
        year: year(&fields),
        publisher: fields.texts("publisher").next(),
        description: fields.texts("description").next().map(|text| plain(&text)).filter(|t| !t.is_empty()),
        identifiers: fields.named("identifier").filter_map(|node| identifier(&fields, node)).collect(),
        subjects: fields.texts("subject").collect(),
        rights: fields.texts("rights").next(),
    }
}

/// The elements of the metadata, and what refines them.
struct Fields<'a> {
    dom: &'a Dom,
    nodes: Vec<NodeId>,
    /// By the id of what is refined: property and value.
    refinements: HashMap<&'a str, Vec<(&'a str, String)>>,
}

impl<'a> Fields<'a> {
    fn of(dom: &'a Dom, top: NodeId) -> Self {
        let nodes: Vec<NodeId> = dom.descendants(top).skip(1).filter(|n| dom.element(*n).is_some()).collect();
        let mut refinements: HashMap<&str, Vec<(&str, String)>> = HashMap::new();
        for node in &nodes {
            if let (Some(id), Some(property)) =
                (dom.attribute(*node, "refines"), dom.attribute(*node, "property"))
            {
                let value = collapsed(&dom.text(*node));
                refinements
                    .entry(id.trim().trim_start_matches('#'))
                    .or_default()
                    .push((property.trim(), value));
            }
        }
        Self { dom, nodes, refinements }
    }

    fn named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = NodeId> + 'f {
        self.nodes.iter().copied().filter(move |n| self.dom.name(*n).eq_ignore_ascii_case(name))
    }

    fn texts<'f>(&'f self, name: &'f str) -> impl Iterator<Item = String> + 'f {
        self.named(name).map(|n| self.text(n)).filter(|t| !t.is_empty())
    }

    fn text(&self, node: NodeId) -> String {
        collapsed(&self.dom.text(node))
    }

    fn refined(&self, node: NodeId, property: &str) -> Option<&str> {
        let refinements = self.refinements.get(self.dom.attribute(node, "id")?)?;
        refinements.iter().find(|(known, _)| *known == property).map(|(_, value)| value.as_str())
    }

    /// `<meta name="…" content="…">` of EPUB 2.
    fn meta(&self, name: &str) -> Option<String> {
        let node = self.named("meta").find(|n| self.dom.attribute(*n, "name") == Some(name))?;
        self.dom.attribute(node, "content").map(collapsed).filter(|c| !c.is_empty())
    }
}

fn titles(fields: &Fields<'_>) -> (String, Option<String>) {
    let of_type = |wanted: &str| {
        fields
            .named("title")
            .find(|n| fields.refined(*n, "title-type") == Some(wanted))
            .map(|n| fields.text(n))
    };
    let untyped = || fields.named("title").find(|n| fields.refined(*n, "title-type").is_none());
    let first = || fields.texts("title").next();
    let title = of_type("main").or_else(|| untyped().map(|n| fields.text(n))).or_else(first);
    (title.unwrap_or_default(), of_type("subtitle").filter(|t| !t.is_empty()))
}

/// Authors and narrators, by MARC relator codes. Creators without a role are authors; where every creator has
/// another role (an edited collection), they all are.
fn people(fields: &Fields<'_>) -> (Vec<String>, Vec<String>) {
    let role = |node: NodeId| {
        let told = fields.refined(node, "role").or_else(|| fields.dom.attribute(node, "opf:role"));
        told.map(|role| role.trim().to_ascii_lowercase())
    };
    let mut creators: Vec<NodeId> = fields.named("creator").collect();
    creators.sort_by_key(|n| {
        fields.refined(*n, "display-seq").and_then(|s| s.parse::<u32>().ok()).unwrap_or(u32::MAX)
    });
    let names = |wanted: &dyn Fn(Option<&str>) -> bool, nodes: &[NodeId]| -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for node in nodes.iter().filter(|n| wanted(role(**n).as_deref())) {
            let name = fields.text(*node);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let mut authors = names(&|role| matches!(role, None | Some("aut" | "author")), &creators);
    if authors.is_empty() {
        authors = names(&|role| !matches!(role, Some("nrt" | "narrator")), &creators);
    }
    let everyone: Vec<NodeId> = creators.iter().copied().chain(fields.named("contributor")).collect();
    (authors, names(&|role| matches!(role, Some("nrt" | "narrator")), &everyone))
}

fn series(fields: &Fields<'_>) -> Option<Series> {
    let collections = || {
        let is_collection =
            |n: &NodeId| fields.dom.attribute(*n, "property") == Some("belongs-to-collection");
        fields.named("meta").filter(is_collection)
    };
    let is_series = |n: &NodeId| fields.refined(*n, "collection-type") == Some("series");
    let untyped = |n: &NodeId| fields.refined(*n, "collection-type").is_none();
    if let Some(node) = collections().find(is_series).or_else(|| collections().find(untyped)) {
        let position = fields.refined(node, "group-position").map(str::to_owned);
        return Some(Series { name: fields.text(node), position }).filter(|s| !s.name.is_empty());
    }
    let name = fields.meta("calibre:series")?;
    let position = fields.meta("calibre:series_index");
    // calibre writes whole numbers as `1.0`.
    let position = position.map(|p| p.strip_suffix(".0").map_or(p.clone(), str::to_owned));
    Some(Series { name, position })
}

fn year(fields: &Fields<'_>) -> Option<i32> {
    let event = |node: &NodeId| fields.dom.attribute(*node, "opf:event").map(str::to_ascii_lowercase);
    let dates = || fields.named("date");
    let published =
        dates().find(|n| matches!(event(n).as_deref(), Some("publication" | "original-publication")));
    let plain = || dates().find(|n| event(n).is_none());
    year_of(&fields.text(published.or_else(plain).or_else(|| dates().next())?))
}

/// An identifier with its scheme, told by attribute, by refinement, by prefix or by shape.
fn identifier(fields: &Fields<'_>, node: NodeId) -> Option<Identifier> {
    let text = fields.text(node);
    let told = fields.dom.attribute(node, "opf:scheme").or_else(|| fields.refined(node, "identifier-type"));
    let lower = text.to_ascii_lowercase();
    let prefixes = [
        ("urn:isbn:", "ISBN"),
        ("isbn:", "ISBN"),
        ("urn:uuid:", "UUID"),
        ("uuid:", "UUID"),
        ("urn:doi:", "DOI"),
        ("doi:", "DOI"),
        ("https://doi.org/", "DOI"),
        ("urn:asin:", "ASIN"),
        ("asin:", "ASIN"),
    ];
    let (scheme, value) = match prefixes.iter().find(|(prefix, _)| lower.starts_with(prefix)) {
        Some((prefix, scheme)) => ((*scheme).to_owned(), text[prefix.len()..].trim().to_owned()),
        None => (scheme_of(told, &lower), text),
    };
    (!value.is_empty()).then_some(Identifier { scheme, value })
}

fn scheme_of(told: Option<&str>, lower: &str) -> String {
    let told = told.map(|t| t.trim().to_ascii_uppercase()).filter(|t| !t.is_empty());
    match told.as_deref() {
        // ONIX code list 5, which EPUB 3 uses for identifier types.
        Some("02" | "15" | "ISBN-10" | "ISBN-13") => return "ISBN".into(),
        Some("06") => return "DOI".into(),
        Some("MOBI-ASIN" | "AMAZON") => return "ASIN".into(),
        Some(told) => return told.into(),
        None => {}
    }
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let isbn_like = lower.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ' | 'x'));
    let uuid_like = lower.len() == 36 && lower.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    match () {
        () if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("urn:") => {
            "URI"
        }
        () if uuid_like => "UUID",
        () if lower.starts_with("10.") && lower.contains('/') => "DOI",
        () if isbn_like && (digits == 13 && lower.starts_with("97") || digits == 10 || digits == 9) => "ISBN",
        () => "ID",
    }
    .into()
}

/// The text of a description that may be HTML, itself often escaped.
fn plain(text: &str) -> String {
    if !text.contains('<') && !text.contains('&') {
        return text.to_owned();
    }
    let spaced = text.replace("</p>", "</p> ").replace("<br", " <br").replace("</div>", "</div> ");
    match parse_html(&spaced, SelfClosing::Ignored) {
        Ok(dom) => collapsed(&dom.find(Dom::ROOT, "body").map(|body| dom.text(body)).unwrap_or_default()),
        Err(_) => text.to_owned(),
    }
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
