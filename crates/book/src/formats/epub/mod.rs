//! EPUB 2 and 3: the container, the package, the contents, and the content documents in spine order.

mod chapters;
mod contents;
mod cover;
mod document;
mod encryption;
mod metadata;
mod package;
mod source;

use std::collections::HashMap;
use std::path::Path;

use contents::{ContentsChapter, Navigation};
use document::{Document, Documents};
use package::Package;
pub use source::{EpubSource, SourceDocument, SourceEntry, SourceItem};

use crate::archive::{self, Archive, Limits};
use crate::assemble::{Assembler, ChapterStart};
use crate::dom::{Dom, Step, decode, parse_xml};
use crate::walk::{Linked, Mark, Page, Walker, find_notes};
use crate::{Book, Format, ReadError, ReadPolicy, SectionRole, SkipReason};

/// Whether the bytes are a ZIP archive that starts with the EPUB media type, as OCF 3.3 section 4.3 demands.
pub(super) fn magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && bytes.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/epub+zip"))
}

/// Reads an EPUB.
pub(super) fn read(bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
    let mut remarks = Vec::new();
    let mut archive = Archive::open(bytes, Format::Epub, Limits::default())?;
    check_media_type(&mut archive, &mut remarks);
    encryption::note_encrypted(&mut archive)?;
    let package = package::read(&mut archive, &mut remarks)?;
    let navigation = navigation(&mut archive, &package, &mut remarks)?;
    let roles = told_roles(&package, &navigation);
    let chapters = contents::chapters(&navigation.entries);
    if chapters.is_empty() {
        remarks.push("there is no table of contents; each document of the spine is a chapter".into());
    }

    let mut reader = Documents::default();
    let mut documents = Vec::new();
    let mut linear = Vec::new();
    for item in &package.spine {
        if !item.is_content {
            remarks.push(format!("{}: the spine names it, but it holds no text", item.path));
            continue;
        }
        documents.push(reader.read(&mut archive, &item.path, &mut remarks)?);
        linear.push(item.linear);
    }
    let cover = cover::read(&mut archive, &package, &mut remarks);

    let mut out = Assembler::new(name, policy);
    Spine { documents: &documents, linear: &linear, roles: &roles, package: &package, policy }.walk(
        &chapters,
        &mut out,
        &mut remarks,
    );
    for remark in remarks {
        out.remark(remark);
    }
    out.finish(package.metadata, cover, Format::Epub, bytes)
}

/// The `mimetype` file must come first and hold the media type; other tools care, reading does not.
fn check_media_type(archive: &mut Archive<'_>, remarks: &mut Vec<String>) {
    match archive.first_entry() {
        Some((name, bytes)) if name == "mimetype" => {
            if bytes != b"application/epub+zip" {
                let found = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).into_owned();
                remarks.push(format!("mimetype: it says {found:?} instead of \"application/epub+zip\""));
            }
        }
        _ if archive.contains("mimetype") => {
            remarks.push("mimetype: it is not the archive's first file".into())
        }
        _ => remarks.push("mimetype: the archive has no such file".into()),
    }
}

/// The table of contents: EPUB 3's if there is one with entries, else EPUB 2's.
fn navigation(
    archive: &mut Archive<'_>,
    package: &Package,
    remarks: &mut Vec<String>,
) -> Result<Navigation, ReadError> {
    let mut navigation = Navigation::default();
    if let Some(path) = &package.nav {
        match archive.read(path) {
            Ok(bytes) => navigation = contents::read_nav(&document::parse(&bytes, path, remarks)?, path),
            Err(error @ ReadError::Malformed { .. }) => {
                remarks.push(format!("no navigation document: failed to {error}"))
            }
            Err(error) => return Err(error),
        }
    }
    if navigation.entries.is_empty()
        && let Some(path) = &package.ncx
    {
        match archive.read(path) {
            Ok(bytes) => {
                let (text, _) = decode(&bytes);
                match parse_xml(&text) {
                    Ok(dom) => navigation.entries = contents::read_ncx(&dom, path),
                    Err(error) => {
                        remarks.push(format!("{path}: the table of contents is not used: {}", error.reason()))
                    }
                }
            }
            Err(error @ ReadError::Malformed { .. }) => {
                remarks.push(format!("no table of contents: failed to {error}"))
            }
            Err(error) => return Err(error),
        }
    }
    Ok(navigation)
}

/// Roles of documents that the guide and the landmarks tell.
fn told_roles(package: &Package, navigation: &Navigation) -> HashMap<String, SectionRole> {
    let mut roles = HashMap::new();
    for (kinds, target) in navigation.landmarks.iter().chain(&package.guide) {
        if let Some(role) = kinds.split_ascii_whitespace().find_map(crate::walk::section_named) {
            roles.entry(target.path.clone()).or_insert(role);
        }
    }
    roles
}

/// The documents of the spine, ready to be walked.
struct Spine<'a> {
    documents: &'a [Document],
    /// Whether each is part of the main reading order.
    linear: &'a [bool],
    roles: &'a HashMap<String, SectionRole>,
    package: &'a Package,
    policy: &'a ReadPolicy,
}

impl Spine<'_> {
    fn walk(&self, chapters: &[ContentsChapter], out: &mut Assembler, remarks: &mut Vec<String>) {
        let linked: Vec<Linked<'_>> =
            self.documents.iter().map(|d| Linked { path: &d.path, dom: &d.dom }).collect();
        let marks: Vec<HashMap<_, Mark>> = find_notes(&linked);
        let starts = chapters::place(chapters, self.documents, self.roles, remarks);
        let is_skipped = |role: SectionRole| self.policy.skip_sections.contains(&role);
        let mut walker = Walker::new(out, self.policy, self.package.metadata.language.as_deref());
        // The role of the chapter that is open.
        let mut open: Option<Option<SectionRole>> = None;
        for (number, document) in self.documents.iter().enumerate() {
            let starts = &starts[number];
            let told = document.role.or_else(|| self.roles.get(&document.path).copied());
            let mut role = told.or(document.heading_role);
            let is_outside = !self.linear[number] && !starts.is_named && role != Some(SectionRole::Cover);
            if !starts.is_named
                && role.is_none()
                && (open.is_none() || open.flatten().is_some_and(is_skipped))
            {
                role = document::role_by_text(&document.dom, &self.package.metadata.title);
            }
            let start = match (&starts.at_top, starts.is_named) {
                (Some(start), _) => Some(start.clone()),
                (None, true) => None,
                (None, false) if chapters.is_empty() => chapters::unnamed(role, None, is_skipped),
                (None, false) if is_outside => None,
                (None, false) => chapters::unnamed(role, open, is_skipped),
            };
            if let Some(start) = start {
                open = Some(start.role);
                walker.out().start_chapter(start);
            }
            let skip = is_outside.then_some(SkipReason::OutsideReadingOrder);
            let page = Page {
                dom: &document.dom,
                styles: &document.styles,
                marks: &marks[number],
                starts: &starts.inside,
                skip,
            };
            walker.walk(&page);
            if let Some(last) = last_start(document, &starts.inside) {
                open = Some(last);
            }
        }
    }
}

/// The role of the last chapter that starts inside of a document.
fn last_start(document: &Document, inside: &HashMap<Step, ChapterStart>) -> Option<Option<SectionRole>> {
    if inside.is_empty() {
        return None;
    }
    document.dom.walk(Dom::ROOT).filter_map(|step| inside.get(&step)).last().map(|start| start.role)
}

/// A fault of an EPUB, with its place.
fn malformed(place: &str, reason: &str) -> ReadError {
    archive::malformed(Format::Epub, place, reason)
}
