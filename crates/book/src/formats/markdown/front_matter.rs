//! The metadata block at the start of a Markdown file: YAML between `---` lines or TOML between `+++` lines.
//!
//! It is cut off here and not by the Markdown parser, which would take any two `---` scene breaks with text
//! between them for such a block and swallow the scene.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::formats::year::year_of;
use crate::{Identifier, Metadata, Series};

/// A front matter that was recognised.
#[derive(Debug)]
pub(super) struct FrontMatter<'a> {
    /// The block with its fences, to the end of the closing line.
    pub(super) block: &'a str,
    /// What it says about the book.
    pub(super) metadata: Metadata,
    /// The cover's path as written.
    pub(super) cover: Option<String>,
    /// Why it could not be understood, if it could not.
    pub(super) fault: Option<String>,
}

/// Any value of YAML or TOML. Front matter is written by hand, so that a value of an unexpected type is
/// ignored rather than an error.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// Flags and nothing, which say nothing about a book.
    Other(serde::de::IgnoredAny),
}

/// Recognises a front matter at the very start of the text.
pub(super) fn split(text: &str) -> Option<FrontMatter<'_>> {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next()?;
    let closings: &[&str] = match opening.trim_end() {
        "---" => &["---", "..."],
        "+++" => &["+++"],
        _ => return None,
    };
    let mut length = 0;
    let mut closing = None;
    for line in lines {
        if closings.contains(&line.trim_end()) {
            closing = Some(line);
            break;
        }
        length += line.len();
    }
    let body = &text[opening.len()..opening.len() + length];
    let block = &text[..opening.len() + length + closing?.len()];
    let parsed = match opening.trim_end() {
        "---" => serde_saphyr::from_str(body).map_err(|e| e.to_string()),
        _ => toml::from_str(body).map_err(|e| e.to_string()),
    };
    match parsed {
        Ok(values) => {
            let (metadata, cover) = interpret(&Values(values));
            Some(FrontMatter { block, metadata, cover, fault: None })
        }
        // Prose between two scene breaks is no mapping and does not look like one; it is text, not a fault.
        Err(_) if !looks_like_a_mapping(body) => None,
        Err(fault) => {
            let fault = fault.lines().next().unwrap_or_default().to_owned();
            Some(FrontMatter { block, metadata: Metadata::default(), cover: None, fault: Some(fault) })
        }
    }
}

/// Whether the first line that says anything is `key: value` or `key = value`.
fn looks_like_a_mapping(body: &str) -> bool {
    let line = body.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    let key_length = line.find([':', '=']).unwrap_or(0);
    key_length > 0 && line[..key_length].trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

struct Values(BTreeMap<String, Value>);

impl Values {
    /// The first of these keys that is there, in any case and with `-` or `_`.
    fn find(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().find_map(|key| {
            self.0.iter().find(|(k, _)| k.to_lowercase().replace(['-', ' '], "_") == *key).map(|(_, v)| v)
        })
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        self.find(keys).and_then(Value::text)
    }

    fn texts(&self, keys: &[&str]) -> Vec<String> {
        self.find(keys).map(Value::texts).unwrap_or_default()
    }
}

impl Value {
    /// The value as one line of text; a map says it under `name`, `text` or `title`.
    fn text(&self) -> Option<String> {
        let text = match self {
            Self::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Other(_) => return None,
            Self::List(values) => values.iter().filter_map(Self::text).collect::<Vec<_>>().join(", "),
            Self::Map(values) => {
                // The last key is how the TOML library hands over its dates.
                let keys = ["name", "text", "title", "$__toml_private_datetime"];
                return keys.iter().find_map(|key| values.get(*key).and_then(Self::text));
            }
        };
        (!text.is_empty()).then_some(text)
    }

    fn texts(&self) -> Vec<String> {
        match self {
            Self::List(values) => values.iter().filter_map(Self::text).collect(),
            value => value.text().into_iter().collect(),
        }
    }
}

fn interpret(values: &Values) -> (Metadata, Option<String>) {
    let position = match values.find(&["series"]) {
        Some(Value::Map(series)) => {
            ["position", "part", "index", "number"].iter().find_map(|k| series.get(*k).and_then(Value::text))
        }
        _ => None,
    };
    let position = position
        .or_else(|| values.text(&["series_index", "series_part", "series_position", "part", "volume"]));
    // An ISBN-10 that is not quoted is a number to the parser, and its leading zeros are gone.
    let isbn = values
        .text(&["isbn"])
        .map(|isbn| Identifier { scheme: "ISBN".into(), value: format!("{isbn:0>10}") });
    let identifier = values.text(&["identifier", "id", "uuid"]).map(|value| {
        let scheme = if value.starts_with("http") { "URI" } else { "UUID" };
        Identifier { scheme: scheme.into(), value: value.trim_start_matches("urn:uuid:").to_owned() }
    });
    let metadata = Metadata {
        title: values.text(&["title"]).unwrap_or_default(),
        subtitle: values.text(&["subtitle"]),
        authors: values.texts(&["authors", "author", "creator", "by"]),
        narrators: values.texts(&["narrators", "narrator", "read_by"]),
        series: values.text(&["series"]).map(|name| Series { name, position }),
        language: values.text(&["language", "lang"]).map(|tag| language_tag(&tag)),
        year: values.text(&["year", "date", "published"]).and_then(|date| year_of(&date)),
        publisher: values.text(&["publisher"]),
        description: values.text(&["description", "abstract", "summary"]),
        identifiers: isbn.into_iter().chain(identifier).collect(),
        subjects: values.texts(&["subjects", "subject", "genre", "genres", "keywords", "tags"]),
        rights: values.text(&["rights", "copyright"]),
    };
    (metadata, values.text(&["cover", "cover_image"]))
}

/// A BCP 47 tag with its primary part in lower case, from `EN-gb`, `en_GB` and the like.
fn language_tag(written: &str) -> String {
    let tag = written.trim().replace('_', "-");
    match tag.split_once('-') {
        Some((primary, rest)) => format!("{}-{rest}", primary.to_lowercase()),
        None => tag.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_front_matter_becomes_metadata() {
        let text = "---\ntitle: The Tide Table\nauthor:\n  - Tamsin Orrery\n  - name: Ivo Quill\nnarrator: none yet\n\
                    series: Harbours\nseries-index: 2.5\nlang: en_GB\ndate: 2024-03-09\nisbn: 9780141439600\n\
                    cover: art/cover.png\n---\nText.";
        let front = split(text).unwrap();
        assert_eq!(front.block.len(), text.len() - "Text.".len());
        assert_eq!(front.metadata.title, "The Tide Table");
        assert_eq!(front.metadata.authors, ["Tamsin Orrery", "Ivo Quill"]);
        assert_eq!(front.metadata.narrators, ["none yet"]);
        let series = Series { name: "Harbours".into(), position: Some("2.5".into()) };
        assert_eq!(front.metadata.series, Some(series));
        assert_eq!(front.metadata.language.as_deref(), Some("en-GB"));
        assert_eq!(front.metadata.year, Some(2024));
        assert_eq!(front.metadata.identifiers[0].value, "9780141439600");
        assert_eq!(front.cover.as_deref(), Some("art/cover.png"));
    }

    #[test]
    fn toml_front_matter_becomes_metadata_with_its_dates() {
        let text = "+++\ntitle = \"Salt\"\nauthors = [\"A. B.\"]\ndate = 1851-10-18\n\
                    [series]\nname = \"Sea\"\nposition = 1\n+++\n";
        let front = split(text).unwrap();
        assert_eq!(front.fault, None);
        assert_eq!(front.metadata.year, Some(1851));
        let series = Series { name: "Sea".into(), position: Some("1".into()) };
        assert_eq!(front.metadata.series, Some(series));
    }

    #[test]
    fn prose_between_two_scene_breaks_is_no_front_matter() {
        assert!(split("---\nThe sea was calm.\n---\nThen it was not.").is_none());
        assert!(split("---\nnever closed: true\n").is_none());
    }

    #[test]
    fn broken_front_matter_is_still_front_matter_and_says_its_fault() {
        let front = split("---\ntitle: [never closed\n---\nText.").unwrap();
        assert!(front.fault.is_some());
        assert_eq!(front.metadata, Metadata::default());
    }
}
