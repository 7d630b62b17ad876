//! The parts of a document and how they refer to each other.

use super::numbering::Numbering;
use super::styles::Styles;
use crate::archive::{Archive, Limits, malformed};
use crate::dom::{Dom, NodeId, decode, parse_xml};
use crate::{Format, ReadError};

/// The parts that are read.
pub(super) struct Package {
    pub(super) document: Dom,
    pub(super) styles: Styles,
    pub(super) numbering: Numbering,
    /// Footnotes and endnotes, with the names of the elements that hold one.
    pub(super) notes: Vec<(Dom, &'static str)>,
    pub(super) core: Option<Dom>,
}

impl Package {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut archive = Archive::open(bytes, Format::Docx, Limits::default())?;
        let root = Relations::of(&mut archive, "")?;
        let main = root.target("officeDocument")?.unwrap_or_else(|| "word/document.xml".into());
        let document = part(&mut archive, &main)?;
        let relations = Relations::of(&mut archive, &main)?;
        let mut optional =
            |relations: &Relations, kind: &str, usual: &str| -> Result<Option<Dom>, ReadError> {
                let path = relations.target(kind)?.unwrap_or_else(|| usual.to_owned());
                if archive.contains(&path) { part(&mut archive, &path).map(Some) } else { Ok(None) }
            };
        let styles = optional(&relations, "styles", "word/styles.xml")?;
        let numbering = optional(&relations, "numbering", "word/numbering.xml")?;
        let footnotes = optional(&relations, "footnotes", "word/footnotes.xml")?;
        let endnotes = optional(&relations, "endnotes", "word/endnotes.xml")?;
        let core = optional(&root, "core-properties", "docProps/core.xml")?;
        let notes = [(footnotes, "footnote"), (endnotes, "endnote")];
        Ok(Self {
            document,
            styles: styles.as_ref().map(Styles::of).unwrap_or_default(),
            numbering: numbering.as_ref().map(Numbering::of).unwrap_or_default(),
            notes: notes.into_iter().filter_map(|(dom, name)| Some((dom?, name))).collect(),
            core,
        })
    }
}

/// Reads and parses a part.
fn part(archive: &mut Archive<'_>, path: &str) -> Result<Dom, ReadError> {
    let bytes = archive.read(path)?;
    let (text, _) = decode(&bytes);
    parse_xml(&text).map_err(|error| malformed(Format::Docx, path, error.reason()))
}

/// The relationships of a part: kind and path of the target.
struct Relations(Vec<(String, Result<String, ReadError>)>);

impl Relations {
    fn of(archive: &mut Archive<'_>, path: &str) -> Result<Self, ReadError> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let slash = if folder.is_empty() { "" } else { "/" };
        let relations = format!("{folder}{slash}_rels/{file}.rels");
        if !archive.contains(&relations) {
            return Ok(Self(Vec::new()));
        }
        let dom = part(archive, &relations)?;
        let relation = |id: NodeId| {
            let element = dom.element(id).filter(|e| &*e.name == "Relationship")?;
            if element.attribute("TargetMode") == Some("External") {
                return None;
            }
            // Transitional and strict documents differ in the address before the last word.
            let kind = element.attribute("Type")?.rsplit('/').next()?.to_owned();
            Some((kind, resolve(folder, element.attribute("Target")?)))
        };
        Ok(Self(dom.descendants(Dom::ROOT).filter_map(relation).collect()))
    }

    fn target(&self, kind: &str) -> Result<Option<String>, ReadError> {
        match self.0.iter().find(|(known, _)| known == kind) {
            Some((_, Ok(path))) => Ok(Some(path.clone())),
            Some((_, Err(ReadError::PathEscape(path)))) => Err(ReadError::PathEscape(path.clone())),
            Some((_, Err(_))) | None => Ok(None),
        }
    }
}

/// The path in the archive that a target means, from the folder of the part that refers to it.
fn resolve(folder: &str, target: &str) -> Result<String, ReadError> {
    let (base, target) = match target.strip_prefix('/') {
        Some(absolute) => ("", absolute),
        None => (folder, target),
    };
    let mut path: Vec<&str> = base.split('/').filter(|s| !s.is_empty()).collect();
    for step in target.split('/').filter(|s| !s.is_empty() && *s != ".") {
        if step != ".." {
            path.push(step);
        } else if path.pop().is_none() {
            return Err(ReadError::PathEscape(target.to_owned()));
        }
    }
    Ok(path.join("/"))
}
