//! XHTML 1.1, the markup of EPUB 2, as the HTML of EPUB 3: attributes and elements that only said how something looks
//! become style, and what has no place any more goes. Text is not touched.

use std::collections::HashSet;

use crate::{marks::local, tag::Tag};

/// What becomes of a tag.
pub(crate) enum Tagged {
    /// It is written so.
    Tag(Tag),
    /// It goes, and its end tag with it.
    Gone,
}

/// A tag of EPUB 2 as one of EPUB 3. `ids` are those of the document; a name that becomes an id is added.
pub(crate) fn modernise(mut tag: Tag, ids: &mut HashSet<String>) -> Tagged {
    let (prefix, name) = match tag.name.split_once(':') {
        Some((prefix, name)) => (format!("{prefix}:"), name.to_ascii_lowercase()),
        None => (String::new(), tag.name.to_ascii_lowercase()),
    };
    if name == "meta"
        && let Some(kind) = tag.attribute("http-equiv")
    {
        if !kind.eq_ignore_ascii_case("content-type") {
            return Tagged::Gone;
        }
        tag.attributes = vec![("charset".to_owned(), "utf-8".to_owned())];
        return Tagged::Tag(tag);
    }
    if name == "basefont" {
        return Tagged::Gone;
    }
    let mut style: Vec<String> = Vec::new();
    let (renamed, look) = element(&name);
    style.extend(look.map(str::to_owned));
    let has_id = tag.attribute("id").is_some();
    let mut kept: Vec<(String, String)> = Vec::new();
    for (attribute, value) in std::mem::take(&mut tag.attributes) {
        match fate(&name, &attribute, value.trim()) {
            Fate::Kept => kept.push((attribute, value)),
            Fate::Gone => {}
            Fate::Style(declaration) => style.push(declaration),
            Fate::Id => {
                if !has_id && is_id(&value) && ids.insert(value.clone()) {
                    kept.push(("id".to_owned(), value));
                }
            }
        }
    }
    if !style.is_empty() {
        let own = kept.iter().position(|(attribute, _)| attribute == "style").map(|at| kept.remove(at).1);
        // What the author wrote as style comes last and wins.
        style.extend(own);
        kept.push(("style".to_owned(), style.join("; ")));
    }
    tag.attributes = kept;
    if let Some(renamed) = renamed {
        tag.name = format!("{prefix}{renamed}");
    }
    Tagged::Tag(tag)
}

enum Fate {
    Kept,
    Gone,
    Style(String),
    /// It becomes the element's id.
    Id,
}

/// The element that stands for one that HTML 5 dropped, and what it looked like.
fn element(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    match name {
        "tt" => (Some("span"), Some("font-family: monospace")),
        "big" => (Some("span"), Some("font-size: larger")),
        "font" => (Some("span"), None),
        "center" => (Some("div"), Some("text-align: center")),
        "strike" => (Some("s"), None),
        "acronym" => (Some("abbr"), None),
        "dir" | "menu" => (Some("ul"), None),
        _ => (None, None),
    }
}

fn fate(element: &str, attribute: &str, value: &str) -> Fate {
    let style = |property: &str, value: &str| Fate::Style(format!("{property}: {value}"));
    let lower = value.to_ascii_lowercase();
    match (element, attribute) {
        ("img" | "table" | "object", "align") => match lower.as_str() {
            "left" | "right" => style("float", &lower),
            "center" => style("margin", "0 auto"),
            "top" | "middle" | "bottom" => style("vertical-align", &lower),
            _ => Fate::Gone,
        },
        ("caption", "align") => style("caption-side", if lower == "bottom" { "bottom" } else { "top" }),
        ("hr", "align" | "size" | "noshade" | "color") => Fate::Gone,
        (_, "align") if ["left", "right", "center", "justify"].contains(&&*lower) => {
            style("text-align", &lower)
        }
        (_, "align") => Fate::Gone,
        (_, "valign") => style("vertical-align", &lower),
        (_, "nowrap") => style("white-space", "nowrap"),
        (_, "bgcolor") => style("background-color", value),
        ("font" | "basefont", "color") => style("color", value),
        ("font", "face") => style("font-family", &value.replace('"', "'")),
        ("font", "size") => style("font-size", font_size(value)),
        ("br", "clear") => style("clear", if lower == "left" || lower == "right" { &lower } else { "both" }),
        ("img" | "video" | "object", "width" | "height") if value.parse::<u32>().is_ok() => Fate::Kept,
        ("canvas" | "svg" | "embed" | "iframe", "width" | "height") => Fate::Kept,
        (_, "width" | "height") => match length(value) {
            Some(length) => style(attribute, &length),
            None => Fate::Gone,
        },
        ("table" | "img" | "object", "border") => match value.parse::<u32>() {
            Ok(0) => style("border", "0"),
            Ok(pixels) => Fate::Style(format!("border: {pixels}px solid")),
            Err(_) => Fate::Gone,
        },
        ("a" | "img", "name") => Fate::Id,
        ("td", "scope" | "abbr") | ("li" | "ul", "type") | ("a", "coords" | "shape") => Fate::Gone,
        ("a" | "link" | "script", "charset") | ("html", "version") | ("meta", "scheme") => Fate::Gone,
        ("body", "text" | "link" | "vlink" | "alink" | "background") => Fate::Gone,
        (
            _,
            "cellpadding" | "cellspacing" | "summary" | "rules" | "frame" | "axis" | "char" | "charoff"
            | "compact" | "profile" | "longdesc" | "rev" | "hspace" | "vspace" | "language" | "xml:space",
        ) => Fate::Gone,
        _ => Fate::Kept,
    }
}

fn length(value: &str) -> Option<String> {
    let (number, unit) = match value.strip_suffix('%') {
        Some(number) => (number, "%"),
        None => (value.strip_suffix("px").unwrap_or(value), "px"),
    };
    number.trim().parse::<f32>().ok().map(|number| format!("{number}{unit}"))
}

fn font_size(value: &str) -> &'static str {
    match value {
        "1" => "x-small",
        "2" => "small",
        "4" => "large",
        "5" => "x-large",
        "6" | "7" => "xx-large",
        larger if larger.starts_with('+') => "larger",
        smaller if smaller.starts_with('-') => "smaller",
        _ => "medium",
    }
}

/// Whether a name can be an id in HTML: something without white space.
fn is_id(value: &str) -> bool {
    !value.is_empty() && !value.contains(|c: char| c.is_whitespace())
}

/// The ids of a document's tags.
pub(crate) fn ids<'a>(tags: impl Iterator<Item = &'a Tag>) -> HashSet<String> {
    let id =
        |tag: &'a Tag| tag.attributes.iter().find(|(name, _)| local(name) == "id" && !name.contains(':'));
    tags.filter_map(id).map(|(_, value)| value.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(markup: &str) -> String {
        match modernise(Tag::parse(markup), &mut HashSet::new()) {
            Tagged::Tag(tag) => tag.write(),
            Tagged::Gone => String::new(),
        }
    }

    #[test]
    fn what_only_said_how_something_looks_becomes_style() {
        assert_eq!(
            modern("<p align='Center' style='margin: 0'>"),
            "<p style=\"text-align: center; margin: 0\">"
        );
        assert_eq!(modern("<td width='50%' valign='top'>"), "<td style=\"width: 50%; vertical-align: top\">");
        assert_eq!(modern("<big class='x'>"), "<span class=\"x\" style=\"font-size: larger\">");
        assert_eq!(
            modern("<font color='#c00' size='+1'>"),
            "<span style=\"color: #c00; font-size: larger\">"
        );
    }

    #[test]
    fn anchors_keep_their_names_as_ids() {
        assert_eq!(modern("<a name='chap_1'/>"), "<a id=\"chap_1\"/>");
        assert_eq!(modern("<a id='x' name='x'/>").matches("id=").count(), 1);
    }

    #[test]
    fn declarations_of_the_encoding_are_in_the_new_form_and_other_headers_go() {
        assert_eq!(
            modern("<meta http-equiv='Content-Type' content='application/xhtml+xml; charset=utf-8'/>"),
            "<meta charset=\"utf-8\"/>"
        );
        assert_eq!(modern("<meta http-equiv='Content-Style-Type' content='text/css'/>"), "");
    }

    #[test]
    fn what_is_right_stays() {
        for markup in
            ["<p id=\"a\" class=\"b\">", "<img src=\"a.png\" alt=\"\" width=\"20\"/>", "<ol start=\"3\">"]
        {
            assert_eq!(modern(markup), markup);
        }
    }
}
