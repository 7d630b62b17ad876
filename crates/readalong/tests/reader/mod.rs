//! An edition as a reading system sees it: overlays by way of the package, sound by way of the overlays. It shares no
//! code with the writer but the reader of manuscripts.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
    path::Path,
    process::Command,
};

use quick_xml::{events::Event, reader::Reader};
use rhapsode_book::{
    EpubSource,
    markup::{TokenKind, tokens},
};

/// A clip of an overlay.
#[derive(Debug, Clone)]
pub struct Clip {
    pub document: String,
    pub id: String,
    pub sound: String,
    pub begin: f64,
    pub end: f64,
}

/// An edition, opened.
pub struct Edition {
    bytes: Vec<u8>,
    pub package: String,
    /// By overlay's path.
    pub overlays: Vec<(String, Vec<Clip>)>,
}

/// An element of a document: local name, attributes, text.
pub struct Element {
    pub name: String,
    pub attributes: HashMap<String, String>,
    pub text: String,
}

impl Edition {
    pub fn open(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut source = EpubSource::open(&bytes).unwrap();
        let package = source.package().unwrap();
        let items: Vec<_> = source.items().collect();
        let mut overlays = Vec::new();
        for smil in items.iter().filter(|item| item.media_type == "application/smil+xml") {
            let text = String::from_utf8(source.read(&smil.path).unwrap()).unwrap();
            overlays.push((smil.path.clone(), clips(&text, &smil.path)));
        }
        Self { bytes, package, overlays }
    }

    pub fn clips(&self) -> impl Iterator<Item = &Clip> {
        self.overlays.iter().flat_map(|(_, clips)| clips)
    }

    pub fn file(&self, name: &str) -> Vec<u8> {
        let mut zip = zip::ZipArchive::new(Cursor::new(&self.bytes)).unwrap();
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// A sound file as ffmpeg plays it.
    pub fn sound(&self, name: &str) -> Vec<i16> {
        let file = tempfile::Builder::new().suffix(".m4a").tempfile().unwrap();
        std::fs::write(file.path(), self.file(name)).unwrap();
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(file.path())
            .args(["-map", "0:a", "-f", "s16le", "-c:a", "pcm_s16le", "-"])
            .output()
            .expect("ffmpeg is there: scripts/setup");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    /// The text under an id of a document.
    pub fn text_of(&self, document: &str, id: &str) -> String {
        let markup = String::from_utf8(self.file(document)).unwrap();
        let quoted = format!("id=\"{id}\"");
        let (mut depth, mut inside, mut text) = (0, None, String::new());
        for token in tokens(&markup).unwrap() {
            let raw = &markup[token.bytes];
            match token.kind {
                TokenKind::Start(_) => {
                    depth += 1;
                    if raw.contains(&quoted) {
                        inside = Some(depth);
                    }
                }
                TokenKind::End => {
                    if inside == Some(depth) {
                        return text;
                    }
                    depth -= 1;
                }
                TokenKind::Text if inside.is_some() => text.push_str(raw),
                TokenKind::Whole(found) if inside.is_some() => text.push_str(&found),
                _ => {}
            }
        }
        panic!("{document} has no {id}")
    }

    /// Elements of the package.
    pub fn package_elements(&self) -> Vec<Element> {
        elements(&self.package)
    }
}

/// The text of every document in reading order.
pub fn texts(epub: &[u8]) -> Vec<(String, String)> {
    let mut source = EpubSource::open(epub).unwrap();
    let text = |markup: &str| -> String {
        let mut depth = 0;
        tokens(markup)
            .unwrap()
            .into_iter()
            .map(|token| match token.kind {
                TokenKind::Start(_) => {
                    depth += 1;
                    String::new()
                }
                TokenKind::End => {
                    depth -= 1;
                    String::new()
                }
                TokenKind::Text if depth > 0 => markup[token.bytes].replace("\r\n", "\n"),
                TokenKind::Whole(text) => text,
                _ => String::new(),
            })
            .collect()
    };
    source.documents().unwrap().into_iter().map(|d| (d.path.clone(), text(&d.markup))).collect()
}

fn clips(smil: &str, path: &str) -> Vec<Clip> {
    let mut clips: Vec<Clip> = Vec::new();
    let mut text = (String::new(), String::new());
    for element in elements(smil) {
        match element.name.as_str() {
            "text" => {
                let (document, id) = element.attributes["src"].split_once('#').unwrap();
                text = (resolve(path, document), id.to_owned());
            }
            "audio" => {
                let seconds =
                    |name: &str| element.attributes[name].strip_suffix('s').unwrap().parse().unwrap();
                clips.push(Clip {
                    document: text.0.clone(),
                    id: text.1.clone(),
                    sound: resolve(path, &element.attributes["src"]),
                    begin: seconds("clipBegin"),
                    end: seconds("clipEnd"),
                });
            }
            _ => {}
        }
    }
    clips
}

fn resolve(base: &str, href: &str) -> String {
    let mut steps: Vec<&str> = base.split('/').collect();
    steps.pop();
    for step in href.split('/') {
        match step {
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/").replace("%20", " ")
}

pub fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    let mut elements: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return elements,
            Event::Start(tag) | Event::Empty(tag) => elements.push(Element {
                name: tag.local_name().as_ref().to_owned(),
                attributes: tag
                    .attributes()
                    .map(|a| a.unwrap())
                    .map(|a| (a.key.as_ref().to_owned(), a.value.into_owned()))
                    .collect(),
                text: String::new(),
            }),
            Event::Text(text) => {
                if let Some(last) = elements.last_mut() {
                    last.text.push_str(text.xml10_content().trim());
                }
            }
            _ => {}
        }
    }
}

/// Warnings about what the manuscript calls its files, which stays.
const NAMES: [&str; 2] = ["WARNING(HTM-014a)", "WARNING(PKG-010)"];

/// What epubcheck finds. It is run by its archive: the wrapper needs more of the system.
pub fn epubcheck(path: &Path) -> Vec<String> {
    let jar = Path::new("/usr/share/java/epubcheck.jar");
    let output = Command::new("java").arg("-jar").arg(jar).arg(path).output();
    let output = output.expect("java and epubcheck are there: scripts/setup");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("Messages:"), "{said}");
    said.lines()
        .filter(|line| line.starts_with("ERROR") || line.starts_with("FATAL") || line.starts_with("WARNING"))
        .filter(|line| !NAMES.iter().any(|name| line.starts_with(name)))
        .map(str::to_owned)
        .collect()
}
