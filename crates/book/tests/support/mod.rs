//! EPUBs made on the spot, and what tests ask of a book.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]
#![allow(dead_code, reason = "each test file uses its part of this module")]

use std::io::{Cursor, Write};
use std::path::Path;

use rhapsode_book::{
    Block, BlockKind, Book, Chapter, Inline, ReadError, ReadOptions, ReadPolicy, read_bytes,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An EPUB under construction: two folders, so that relative references matter.
#[derive(Debug, Clone)]
pub struct Epub {
    pub metadata: String,
    /// More of the manifest, as XML.
    pub manifest: String,
    /// Elements behind the spine.
    pub guide: String,
    /// Items of the table of contents, as the inside of a list; none leaves the document out.
    pub contents: Option<String>,
    pub documents: Vec<Document>,
    pub files: Vec<(String, Vec<u8>)>,
}

#[derive(Debug, Clone)]
pub struct Document {
    pub name: String,
    pub bytes: Vec<u8>,
    pub itemref: String,
}

impl Epub {
    pub fn new() -> Self {
        Self {
            metadata: "<dc:title>The Tide Clerk</dc:title><dc:language>en</dc:language>".into(),
            manifest: String::new(),
            guide: String::new(),
            contents: None,
            documents: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Adds a document of the spine with this body.
    pub fn page(self, name: &str, body: &str) -> Self {
        self.xhtml(name, &format!("<body>{body}</body>"), "")
    }

    /// Adds a document of the spine with a body element of its own and attributes for the `itemref`.
    pub fn xhtml(mut self, name: &str, body: &str, itemref: &str) -> Self {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><html xmlns=\"http://www.w3.org/1999/xhtml\" \
             xmlns:epub=\"http://www.idpf.org/2007/ops\"><head><title>{name}</title>\
             <link rel=\"stylesheet\" href=\"../css/book.css\"/></head>{body}</html>"
        );
        self.documents.push(Document {
            name: name.into(),
            bytes: text.into_bytes(),
            itemref: itemref.into(),
        });
        self
    }

    pub fn contents(mut self, items: &str) -> Self {
        self.contents = Some(items.into());
        self
    }

    pub fn metadata(mut self, xml: &str) -> Self {
        self.metadata = xml.into();
        self
    }

    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.into(), bytes.into()));
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let mut files: Vec<(String, Vec<u8>)> = vec![
            ("mimetype".into(), b"application/epub+zip".to_vec()),
            (
                "META-INF/container.xml".into(),
                b"<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" version=\"1.0\"><rootfiles>\
                  <rootfile full-path=\"OPS/package.opf\" media-type=\"application/oebps-package+xml\"/>\
                  </rootfiles></container>"
                    .to_vec(),
            ),
            ("OPS/package.opf".into(), self.package().into_bytes()),
            ("OPS/css/book.css".into(), b"p { margin: 0 }".to_vec()),
        ];
        if let Some(items) = &self.contents {
            let nav = format!(
                "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><head>\
                 <title>x</title></head><body><nav epub:type=\"toc\"><ol>{items}</ol></nav></body></html>"
            );
            files.push(("OPS/nav.xhtml".into(), nav.into_bytes()));
        }
        files.extend(self.documents.iter().map(|d| (format!("OPS/text/{}", d.name), d.bytes.clone())));
        for (path, bytes) in &self.files {
            files.retain(|(known, _)| known != path);
            files.push((path.clone(), bytes.clone()));
        }
        archive(&files)
    }

    fn package(&self) -> String {
        let mut manifest = self.manifest.clone();
        let mut spine = String::new();
        if self.contents.is_some() {
            manifest +=
                "<item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>";
        }
        for (number, document) in self.documents.iter().enumerate() {
            let Document { name, itemref, .. } = document;
            let href = name.replace(' ', "%20");
            manifest +=
                &format!("<item id='d{number}' href='text/{href}' media-type='application/xhtml+xml'/>");
            spine += &format!("<itemref idref='d{number}' {itemref}/>");
        }
        format!(
            "<package xmlns='http://www.idpf.org/2007/opf' xmlns:opf='http://www.idpf.org/2007/opf' version='3.0'>\
             <metadata xmlns:dc='http://purl.org/dc/elements/1.1/'>{}</metadata>\
             <manifest>{manifest}</manifest><spine>{spine}</spine>{}</package>",
            self.metadata, self.guide
        )
    }

    pub fn read(&self) -> Book {
        self.read_with(ReadPolicy::default())
    }

    pub fn read_with(&self, policy: ReadPolicy) -> Book {
        let book = read_epub(&self.build(), policy).unwrap();
        check(&book);
        book
    }

    pub fn error(&self) -> ReadError {
        read_epub(&self.build(), ReadPolicy::default()).unwrap_err()
    }
}

/// A ZIP archive of files in this order; `mimetype` is stored.
pub fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let method = match path.as_str() {
            "mimetype" => zip::CompressionMethod::Stored,
            _ => zip::CompressionMethod::Deflated,
        };
        zip.start_file(path.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn read_epub(bytes: &[u8], policy: ReadPolicy) -> Result<Book, ReadError> {
    read_bytes(bytes, Path::new("book.epub"), &ReadOptions { format: None, policy })
}

pub fn read_html(html: &str, policy: ReadPolicy) -> Book {
    let book =
        read_bytes(html.as_bytes(), Path::new("book.html"), &ReadOptions { format: None, policy }).unwrap();
    check(&book);
    book
}

/// What holds for every book: the ledger's kept characters are those of the runs.
pub fn check(book: &Book) {
    book.verify().unwrap();
    let runs: u64 = runs(book).map(|run| run.text.chars().count() as u64).sum();
    assert_eq!(runs, book.ledger.kept());
}

pub fn runs(book: &Book) -> impl Iterator<Item = &rhapsode_book::TextRun> {
    book.chapters.iter().flat_map(|c| &c.blocks).flat_map(|b| &b.inlines).filter_map(|i| match i {
        Inline::Text(run) => Some(run),
        Inline::Break => None,
    })
}

/// A block's text, white space collapsed, breaks as ` / `.
pub fn text(block: &Block) -> String {
    let joined: String = block
        .inlines
        .iter()
        .map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { " / " })
        .collect();
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn texts(chapter: &Chapter) -> Vec<String> {
    chapter.blocks.iter().map(text).collect()
}

pub fn titles(book: &Book) -> Vec<&str> {
    book.chapters.iter().map(|c| c.title.as_str()).collect()
}

pub fn kinds(chapter: &Chapter) -> Vec<BlockKind> {
    chapter.blocks.iter().map(|b| b.kind).collect()
}
