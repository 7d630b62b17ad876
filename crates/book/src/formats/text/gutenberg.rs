//! The header and the licence of Project Gutenberg, in the wordings of its thirty years.

use crate::Metadata;
use crate::formats::year::year_of;

use super::lines::lines;

/// How far into the file the header may reach; the longest of them hold the old "small print".
const LONGEST_HEADER: usize = 64 << 10;

/// A Project Gutenberg text, taken apart. The three parts in order are the whole text.
#[derive(Debug)]
pub(super) struct Gutenberg<'a> {
    pub(super) header: &'a str,
    pub(super) body: &'a str,
    pub(super) licence: &'a str,
    pub(super) metadata: Metadata,
}

/// Takes the text apart if it is from Project Gutenberg.
pub(super) fn split(text: &str) -> Option<Gutenberg<'_>> {
    let start = header_end(text)?;
    let (header, rest) = text.split_at(start);
    let (body, licence) = rest.split_at(licence_start(rest));
    Some(Gutenberg { header, body, licence, metadata: metadata(header) })
}

/// Where the header ends, with the line of the producers behind it.
fn header_end(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut end = None;
    // A marker may be wrapped; it ends with the line that ends with asterisks.
    let mut in_marker = 0;
    for line in lines(text) {
        if at > LONGEST_HEADER {
            break;
        }
        at += line.len();
        let upper = line.trim().to_uppercase();
        if in_marker > 0 {
            in_marker -= 1;
            if upper.ends_with("***") {
                (end, in_marker) = (Some(at), 0);
            }
        } else if is_start(&upper) {
            end = Some(at);
            in_marker = if upper.ends_with('*') { 0 } else { 3 };
        }
    }
    let end = end?;
    Some(end + credits_length(&text[end..]))
}

fn is_start(upper: &str) -> bool {
    let asterisks = upper.trim_start_matches('*').trim_start();
    upper.starts_with('*')
        && upper.contains("GUTENBERG")
        && (asterisks.starts_with("START OF") || asterisks.starts_with("START: "))
        || upper.starts_with("*END*THE SMALL PRINT")
        || upper.starts_with("*END THE SMALL PRINT")
}

/// The length of a paragraph that names the producers, if the text begins with one.
fn credits_length(text: &str) -> usize {
    const OPENINGS: &[&str] = &[
        "produced by",
        "e-text prepared by",
        "etext prepared by",
        "transcribed from",
        "this etext was prepared",
    ];
    let mut length = 0;
    let mut inside = false;
    for line in lines(text) {
        let lower = line.trim().to_lowercase();
        match (inside, lower.is_empty()) {
            (false, true) => {}
            (true, true) => return length,
            (false, false) if OPENINGS.iter().any(|opening| lower.starts_with(opening)) => inside = true,
            (false, false) => return 0,
            (true, false) => {}
        }
        length += line.len();
    }
    if inside { length } else { 0 }
}

/// Where the licence starts, or the end of the text.
fn licence_start(text: &str) -> usize {
    let mut at = 0;
    for line in lines(text) {
        let trimmed = line.trim_start().trim_start_matches('*').trim_start();
        let is_end = trimmed.get(..6).is_some_and(|end| end.eq_ignore_ascii_case("end of")) && {
            let upper = trimmed.to_uppercase();
            let rest = upper.trim_start_matches("END OF").trim_start();
            let rest = rest.strip_prefix("THE ").or_else(|| rest.strip_prefix("THIS ")).unwrap_or(rest);
            rest.starts_with("PROJECT GUTENBERG")
        };
        if is_end {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// `Title:`, `Author:`, `Language:` and the release date, with their continuation lines.
fn metadata(header: &str) -> Metadata {
    let mut metadata = Metadata::default();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut continues = false;
    for line in lines(header) {
        let text = line.trim();
        match text.split_once(':') {
            Some((name, value)) if !line.starts_with(char::is_whitespace) && name.len() <= 24 => {
                fields.push((name.to_lowercase(), value.trim().to_owned()));
                continues = true;
            }
            _ if text.is_empty() => continues = false,
            _ => {
                if let Some((_, value)) = fields.last_mut().filter(|_| continues) {
                    value.push(' ');
                    value.push_str(text);
                }
            }
        }
    }
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "title" if metadata.title.is_empty() => metadata.title = value,
            "author" | "authors" => metadata.authors.push(value),
            "language" => metadata.language = language(&value),
            "release date" | "posting date" => metadata.year = metadata.year.or_else(|| year_of(&value)),
            _ => {}
        }
    }
    metadata
}

/// The tag of a language that the header names in English.
fn language(name: &str) -> Option<String> {
    const NAMES: &[(&str, &str)] = &[
        ("chinese", "zh"),
        ("czech", "cs"),
        ("danish", "da"),
        ("dutch", "nl"),
        ("english", "en"),
        ("esperanto", "eo"),
        ("finnish", "fi"),
        ("french", "fr"),
        ("german", "de"),
        ("greek", "el"),
        ("hungarian", "hu"),
        ("italian", "it"),
        ("japanese", "ja"),
        ("latin", "la"),
        ("norwegian", "no"),
        ("polish", "pl"),
        ("portuguese", "pt"),
        ("russian", "ru"),
        ("spanish", "es"),
        ("swedish", "sv"),
        ("tagalog", "tl"),
    ];
    let name = name.to_lowercase();
    NAMES.iter().find(|(known, _)| name.starts_with(known)).map(|(_, tag)| (*tag).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "The Project Gutenberg eBook of Moby Dick\n\nTitle: Moby Dick;\n       Or, The Whale\n\n\
        Author: Herman Melville\n\nRelease date: June 1, 2001 [eBook #2701]\n\nLanguage: English\n\n\
        *** START OF THE PROJECT GUTENBERG EBOOK MOBY DICK ***\n\nProduced by Two People\nand a third.\n\n\
        Call me Ishmael.\n\nEnd of Project Gutenberg's Moby Dick\n\n*** END OF THE PROJECT GUTENBERG EBOOK ***\n\
        Licence.\n";

    #[test]
    fn today_s_markers_part_header_body_and_licence() {
        let parts = split(TODAY).unwrap();
        assert_eq!(parts.body.trim(), "Call me Ishmael.");
        assert_eq!(format!("{}{}{}", parts.header, parts.body, parts.licence), TODAY);
        assert_eq!(parts.metadata.title, "Moby Dick; Or, The Whale");
        assert_eq!(parts.metadata.authors, ["Herman Melville"]);
        assert_eq!((parts.metadata.year, parts.metadata.language.as_deref()), (Some(2001), Some("en")));
    }

    #[test]
    fn the_old_small_print_and_wrapped_markers_are_known() {
        let old = "Legal words\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04*\n\nText.\n";
        assert_eq!(split(old).unwrap().body.trim(), "Text.");
        let wrapped = "***START OF THIS PROJECT GUTENBERG EBOOK\nA LONG TITLE***\n\nText.\n";
        assert_eq!(split(wrapped).unwrap().body.trim(), "Text.");
    }

    #[test]
    fn a_book_that_speaks_of_gutenberg_is_not_from_there() {
        assert!(split("Project Gutenberg was founded in 1971.\n\n*** A new start ***\n").is_none());
    }
}
