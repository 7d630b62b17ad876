//! An EPUB 3 of a book that came as something else: a document for each chapter, its blocks as the reader found them.
//! Pictures and looks of the manuscript are not part of a book, so they are not part of this.

use quick_xml::escape::escape;
use rhapsode_book::{Block, BlockKind, Chapter, Inline, SourceEntry, SourceItem, TitleOrigin};
use rhapsode_release::{CoverArt, Tags, identity, xml::Xml};

use crate::{
    Narration,
    document::Age,
    material::{Files, Material, TextDocument},
    navigation,
};

const PACKAGE: &str = "EPUB/package.opf";
const NAVIGATION: &str = "EPUB/nav.xhtml";
const STYLE: &str = "EPUB/book.css";
const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n  <rootfiles>\n    \
    <rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/>\n  \
    </rootfiles>\n</container>\n";
const LOOKS: &str = "body {\n  margin: 5%;\n  line-height: 1.5;\n}\n.verse, .note, .caption {\n  margin-left: 1.5em;\n}\n\
    .break {\n  text-align: center;\n}\npre {\n  white-space: pre-wrap;\n}\n";

/// What is packed for a book that is no EPUB.
pub(crate) fn material<'a>(narration: &Narration<'a>) -> Material<'a> {
    let tags = narration.tags;
    let chapters = &narration.book.chapters;
    let documents: Vec<TextDocument> =
        (1..).zip(chapters).map(|(n, chapter)| document(n, chapter, tags)).collect();
    let contents: Vec<SourceEntry> = chapters
        .iter()
        .zip(&documents)
        .map(|(chapter, document)| SourceEntry {
            label: chapter.title.clone(),
            target: Some((document.path.clone(), None)),
            depth: 0,
        })
        .collect();
    let item = |id: String, path: &str, media_type: &str, property: Option<&str>| SourceItem {
        id,
        path: path.to_owned(),
        media_type: media_type.to_owned(),
        properties: property.into_iter().map(str::to_owned).collect(),
    };
    let mut items = vec![
        item("nav".to_owned(), NAVIGATION, "application/xhtml+xml", Some("nav")),
        item("style".to_owned(), STYLE, "text/css", None),
    ];
    let paths: Vec<String> = documents.iter().map(|document| document.path.clone()).collect();
    let nav = navigation::write(&contents, &paths, NAVIGATION, tags);
    let mut files = vec![
        ("META-INF/container.xml".to_owned(), CONTAINER.as_bytes().to_vec()),
        (PACKAGE.to_owned(), Vec::new()),
        (NAVIGATION.to_owned(), nav.into_bytes()),
        (STYLE.to_owned(), LOOKS.as_bytes().to_vec()),
    ];
    if let Some(CoverArt { kind, bytes }) = narration.cover {
        let path = format!("EPUB/cover.{}", kind.extension());
        items.push(item("cover".to_owned(), &path, kind.media_type(), Some("cover-image")));
        files.push((path, bytes.clone()));
    }
    for (number, path) in paths.iter().enumerate() {
        items.push(item(format!("chapter-{}", number + 1), path, "application/xhtml+xml", None));
        files.push((path.clone(), Vec::new()));
    }
    Material {
        files: Files::Made(files),
        age: Age::Three,
        package_path: PACKAGE.to_owned(),
        package: package(&items, tags),
        items,
        documents,
        contents,
    }
}

fn package(items: &[SourceItem], tags: &Tags) -> String {
    let mut xml = Xml::new();
    let package =
        [("xmlns", "http://www.idpf.org/2007/opf"), ("version", "3.0"), ("unique-identifier", "book")];
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    xml.element("package", &package, |xml| {
        xml.element("metadata", &[("xmlns:dc", "http://purl.org/dc/elements/1.1/")], |xml| {
            xml.text("dc:identifier", &[("id", "book")], &format!("urn:uuid:{}", identity(tags)));
            xml.text("dc:title", &[], &tags.title);
            xml.text("dc:language", &[], tags.language.as_deref().unwrap_or("und"));
            for author in &tags.authors {
                xml.text("dc:creator", &[], author);
            }
            xml.text("dc:publisher", &[], &optional(&tags.publisher));
            xml.text("dc:description", &[], &optional(&tags.description));
            xml.text("dc:rights", &[], &optional(&tags.copyright));
            for genre in &tags.genres {
                xml.text("dc:subject", &[], genre);
            }
            let year = tags.year.filter(|year| (1..10_000).contains(year));
            xml.text("dc:date", &[], &year.map(|year| format!("{year:04}")).unwrap_or_default());
            // The same book has the same bytes: its year stands for the day on which the package was made.
            let modified = format!("{:04}-01-01T00:00:00Z", year.unwrap_or(2000));
            xml.text("meta", &[("property", "dcterms:modified")], &modified);
        });
        xml.element("manifest", &[], |xml| {
            for item in items {
                let href = crate::package::address(PACKAGE, &item.path);
                let properties = item.properties.join(" ");
                let mut attributes =
                    vec![("id", item.id.as_str()), ("href", &href), ("media-type", &item.media_type)];
                if !properties.is_empty() {
                    attributes.push(("properties", &properties));
                }
                xml.empty("item", &attributes);
            }
        });
        xml.element("spine", &[], |xml| {
            for item in items.iter().filter(|item| item.id.starts_with("chapter-")) {
                xml.empty("itemref", &[("idref", &item.id)]);
            }
        });
    });
    xml.finish()
}

fn document(number: usize, chapter: &Chapter, tags: &Tags) -> TextDocument {
    let language = escape(tags.language.as_deref().unwrap_or("und")).into_owned();
    let mut out = Writing::default();
    out.markup(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" \
         xml:lang=\"{language}\"><head><title>"
    ));
    out.text(&chapter.title);
    out.markup("</title><link rel=\"stylesheet\" type=\"text/css\" href=\"book.css\"/></head><body>");
    if chapter.title_origin == TitleOrigin::Contents {
        out.markup("<h1>");
        out.text(&chapter.title);
        out.markup("</h1>");
    }
    let mut group: Option<Group> = None;
    for block in &chapter.blocks {
        let wanted = Group::of(block.kind);
        if group != wanted {
            out.markup(group.map_or("", Group::end));
            out.markup(wanted.map_or("", Group::start));
            group = wanted;
        }
        out.block(block);
    }
    out.markup(group.map_or("", Group::end));
    out.markup("</body></html>\n");
    out.pieces.sort_by_key(|(span, _)| *span);
    TextDocument {
        path: format!("EPUB/chapter-{number}.xhtml"),
        markup: out.markup,
        pieces: out.pieces,
        characters: Some(out.characters),
    }
}

/// What blocks of a kind stand in together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Ordered,
    Bulleted,
    Table,
}

impl Group {
    fn of(kind: BlockKind) -> Option<Self> {
        match kind {
            BlockKind::ListItem { ordinal: Some(_) } => Some(Self::Ordered),
            BlockKind::ListItem { ordinal: None } => Some(Self::Bulleted),
            BlockKind::TableRow => Some(Self::Table),
            _ => None,
        }
    }

    fn start(self) -> &'static str {
        match self {
            Self::Ordered => "<ol>",
            Self::Bulleted => "<ul>",
            Self::Table => "<table><tbody>",
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Ordered => "</ol>",
            Self::Bulleted => "</ul>",
            Self::Table => "</tbody></table>",
        }
    }
}

#[derive(Default)]
struct Writing {
    markup: String,
    characters: u64,
    pieces: Vec<(rhapsode_book::Span, u64)>,
}

impl Writing {
    fn markup(&mut self, markup: &str) {
        self.markup.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        // What XML cannot write, and the line ends that it would change, become blanks: the count stays.
        let is_legal =
            |c: char| matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
        let text: String = text.chars().map(|c| if is_legal(c) { c } else { ' ' }).collect();
        self.characters += text.chars().count() as u64;
        self.markup.push_str(&escape(&text));
    }

    fn block(&mut self, block: &Block) {
        let (start, end, line) = match block.kind {
            BlockKind::Heading { level } => {
                let level = level.clamp(1, 6);
                (format!("<h{level}>"), format!("</h{level}>"), "<br/>")
            }
            BlockKind::Paragraph => ("<p>".into(), "</p>".into(), "<br/>"),
            BlockKind::Verse => ("<p class=\"verse\">".into(), "</p>".into(), "<br/>"),
            BlockKind::Quotation => ("<blockquote><p>".into(), "</p></blockquote>".into(), "<br/>"),
            BlockKind::ListItem { ordinal: Some(n) } => {
                (format!("<li value=\"{n}\">"), "</li>".into(), "<br/>")
            }
            BlockKind::ListItem { ordinal: None } => ("<li>".into(), "</li>".into(), "<br/>"),
            BlockKind::TableRow => ("<tr><td>".into(), "</td></tr>".into(), "</td><td>"),
            BlockKind::Caption => ("<p class=\"caption\">".into(), "</p>".into(), "<br/>"),
            BlockKind::Code => ("<pre>".into(), "</pre>".into(), "<br/>"),
            BlockKind::Note => ("<p class=\"note\">".into(), "</p>".into(), "<br/>"),
            BlockKind::SceneBreak if block.inlines.is_empty() => ("<hr/>".into(), String::new(), ""),
            BlockKind::SceneBreak => ("<p class=\"break\">".into(), "</p>".into(), "<br/>"),
        };
        self.markup(&start);
        for inline in &block.inlines {
            match inline {
                Inline::Text(run) => {
                    self.pieces.push((run.span, self.characters));
                    self.text(&run.text);
                }
                Inline::Break => self.markup(line),
            }
        }
        self.markup(&end);
    }
}
