//! Packs an edition: marks, times, overlays, sound and package into one archive.

use std::{
    collections::HashMap,
    io::{Seek, Write},
    path::Path,
};

use rhapsode_book::{
    Book,
    markup::{Token, tokens},
};
use rhapsode_release::{PublishedFile, ReleaseError, Tags, packages::CHAPTERS, whole_file, write_chapters};
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    NarratedChapter, Narration, ReadAlongError,
    document::{Age, Changes, change, without_document_type},
    marks::{Map, Mark},
    material::{Material, TextDocument},
    navigation,
    overlay::{Clip, duration, smil},
    package::{self, ACTIVE, Additions, Item, address},
    timing::{heard, phrases_in, stretches},
};

/// The folder of what is added.
const FOLDER: &str = "rhapsode";

/// Media types of documents.
const XHTML: [&str; 3] = ["application/xhtml+xml", "text/html", "text/x-oeb1-document"];

/// Media type of the table of contents of EPUB 2.
const NCX: &str = "application/x-dtbncx+xml";

/// Writes the edition to a file, by one rename.
///
/// # Errors
/// [`ReadAlongError`] if the manuscript has a narration of its own, if a document of it cannot be marked, or if a file
/// cannot be written. What stood at `path` is then still there.
pub fn write(narration: &Narration<'_>, path: &Path) -> Result<(), ReadAlongError> {
    let mut material = Material::of(narration)?;
    let texts = std::mem::take(&mut material.documents);
    let marked = mark(&texts, narration)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let io = |source| ReleaseError::Io { action: "write", path: path.to_owned(), source };
    let sounds = tempfile::Builder::new().prefix(".rhapsode-").tempdir_in(folder).map_err(io)?;
    let heard = heard(&narration.chapters, &marked.marks);
    let of_heard = |(number, _): &(usize, &NarratedChapter<'_>)| heard.contains(number);
    let tracks: Vec<_> = narration
        .chapters
        .iter()
        .enumerate()
        .filter(of_heard)
        .map(|(_, chapter)| chapter.track.clone())
        .collect();
    let files = write_chapters(CHAPTERS, &tracks, narration.tags, sounds.path())?;
    whole_file::write(path, |file| {
        Packing { narration, texts: &texts, marked: &marked, heard: &heard, files: &files }
            .pack(material, file)
    })
}

/// Whether an edition can be made of a manuscript, to be asked before it is spoken.
///
/// # Errors
/// [`ReadAlongError`] if the manuscript has a narration of its own, or if a document of it cannot be marked.
pub fn check(manuscript: &[u8], book: &Book, tags: &Tags) -> Result<(), ReadAlongError> {
    let narration = Narration { manuscript, book, chapters: Vec::new(), tags, cover: None };
    let material = Material::of(&narration)?;
    mark(&material.documents, &narration).map(drop)
}

/// The documents with their tokens and marks.
struct Marked {
    tokens: Vec<Vec<Token>>,
    /// Marks of all documents in reading order.
    marks: Vec<Mark>,
    /// For each document, how many of the marks are before it.
    before: Vec<usize>,
}

fn mark(texts: &[TextDocument], narration: &Narration<'_>) -> Result<Marked, ReadAlongError> {
    let mut marked = Marked { tokens: Vec::new(), marks: Vec::new(), before: Vec::new() };
    for text in texts {
        let place = |reason: String| ReadAlongError::Document { place: text.path.clone(), reason };
        let tokens = tokens(&text.markup).map_err(place)?;
        let map = Map::of(&text.markup, &tokens);
        if let Some(expected) = text.characters
            && expected != map.characters()
        {
            let reason = format!("it has {} characters where {expected} were read", map.characters());
            return Err(place(reason));
        }
        marked.before.push(marked.marks.len());
        marked.marks.extend(map.marks(&phrases_in(text, &narration.chapters)));
        marked.tokens.push(tokens);
    }
    Ok(marked)
}

struct Packing<'a> {
    narration: &'a Narration<'a>,
    texts: &'a [TextDocument],
    marked: &'a Marked,
    /// The chapters whose sound is packed, in order: those of which some words stand in the text.
    heard: &'a [usize],
    files: &'a [PublishedFile],
}

impl Packing<'_> {
    fn pack(&self, mut material: Material<'_>, file: impl Write + Seek) -> Result<(), ReadAlongError> {
        let names = Names::new(&material, self.texts);
        let clips = self.clips(&names);
        let additions = self.additions(&material, &names, &clips);
        let mut zip = Archive(ZipWriter::new(file));
        zip.stored("mimetype", b"application/epub+zip")?;
        let mut properties: HashMap<String, Vec<&'static str>> = HashMap::new();
        let by_path: HashMap<&str, usize> =
            self.texts.iter().enumerate().map(|(number, text)| (text.path.as_str(), number)).collect();
        let types: HashMap<String, String> =
            material.items.iter().map(|item| (item.path.clone(), item.media_type.clone())).collect();
        for path in material.paths() {
            let media_type = types.get(&path).map_or("", String::as_str);
            if path == material.package_path {
                continue;
            }
            let changed = match by_path.get(path.as_str()) {
                Some(&number) => {
                    let text = &self.texts[number];
                    Some(self.changed(&material, &names, number, (&text.markup, &self.marked.tokens[number])))
                }
                // Documents beside the reading order are of the same age.
                None if material.age == Age::Two && XHTML.contains(&media_type) => {
                    let markup = String::from_utf8(material.read(&path)?).ok();
                    let cut = markup.and_then(|markup| Some((tokens(&markup).ok()?, markup)));
                    cut.map(|(tokens, markup)| {
                        let changes = Changes { age: Age::Two, marks: Vec::new(), style_sheet: None };
                        change(&markup, &tokens, &changes)
                    })
                }
                None => None,
            };
            match changed {
                Some(changed) => {
                    zip.deflated(&path, changed.markup.as_bytes())?;
                    properties.insert(path, changed.properties);
                }
                None if material.age == Age::Two && media_type == NCX => {
                    let bytes = material.read(&path)?;
                    let contents = std::str::from_utf8(&bytes)
                        .ok()
                        .and_then(|markup| Some(without_document_type(markup, &tokens(markup).ok()?)));
                    zip.deflated(&path, contents.as_deref().map_or(bytes.as_slice(), str::as_bytes))?;
                }
                None if media_type.starts_with("image/") || media_type.starts_with("audio/") => {
                    zip.stored(&path, &material.read(&path)?)?;
                }
                None => zip.deflated(&path, &material.read(&path)?)?,
            }
        }
        let package = self.package(&material, &properties, &additions);
        let package = package
            .map_err(|reason| ReadAlongError::Document { place: material.package_path.clone(), reason })?;
        zip.deflated(&material.package_path, package.as_bytes())?;
        self.added(&material, &names, &clips, &mut zip)?;
        for (number, sound) in self.files.iter().enumerate() {
            zip.sound(&names.sound(number), sound)?;
        }
        zip.0.finish()?;
        Ok(())
    }

    /// The clips of each document.
    fn clips(&self, names: &Names) -> Vec<Vec<Clip>> {
        let stretches = stretches(&self.narration.chapters, &self.marked.marks);
        let clip = |number: usize| {
            let at = stretches[number];
            let sound = self.heard.partition_point(|&chapter| chapter < at.chapter);
            Clip { id: names.id(number), sound, begin: at.begin, end: at.end }
        };
        let ends = self.marked.before[1..].iter().copied().chain([self.marked.marks.len()]);
        self.marked.before.iter().zip(ends).map(|(&start, end)| (start..end).map(clip).collect()).collect()
    }

    fn additions(&self, material: &Material<'_>, names: &Names, clips: &[Vec<Clip>]) -> Additions {
        let mut additions = Additions::default();
        let mut add = |id: String, path: String, media_type, properties| {
            additions.items.push(Item { id, path, media_type, properties });
        };
        if material.age == Age::Two && !material.has_navigation() {
            add(
                format!("{}nav", names.prefix),
                names.path("nav.xhtml"),
                "application/xhtml+xml",
                Some("nav"),
            );
        }
        add(format!("{}css", names.prefix), names.path("reading.css"), "text/css", None);
        for number in 0..self.files.len() {
            add(format!("{}sound-{}", names.prefix, number + 1), names.sound(number), "audio/mp4", None);
        }
        for (number, clips) in clips.iter().enumerate().filter(|(_, clips)| !clips.is_empty()) {
            let id = format!("{}overlay-{}", names.prefix, number + 1);
            add(id.clone(), names.overlay(number), "application/smil+xml", None);
            additions.overlays.insert(self.texts[number].path.clone(), id.clone());
            additions.durations.push((id, duration(clips)));
        }
        additions
    }

    /// A document with its marks.
    fn changed(
        &self,
        material: &Material<'_>,
        names: &Names,
        number: usize,
        (markup, tokens): (&str, &[Token]),
    ) -> crate::document::Changed {
        let first = self.marked.before[number];
        let end = self.marked.before.get(number + 1).copied().unwrap_or(self.marked.marks.len());
        let marks = &self.marked.marks[first..end];
        let ids: Vec<String> = (first..end).map(|number| names.id(number)).collect();
        let changes = Changes {
            age: material.age,
            marks: marks.iter().zip(ids.iter().map(String::as_str)).collect(),
            style_sheet: (!marks.is_empty())
                .then(|| address(&self.texts[number].path, &names.path("reading.css"))),
        };
        change(markup, tokens, &changes)
    }

    fn package(
        &self,
        material: &Material<'_>,
        properties: &HashMap<String, Vec<&'static str>>,
        additions: &Additions,
    ) -> Result<String, String> {
        let (text, path) = (&material.package, &material.package_path);
        match material.age {
            Age::Three => package::kept(text, path, &material.items, additions, self.narration.tags),
            Age::Two => package::upgraded(&package::Upgrade {
                package: text,
                path,
                items: &material.items,
                properties,
                additions,
                tags: self.narration.tags,
            }),
        }
    }

    /// Writes the new files but for the sound.
    fn added<W: Write + Seek>(
        &self,
        material: &Material<'_>,
        names: &Names,
        clips: &[Vec<Clip>],
        zip: &mut Archive<W>,
    ) -> Result<(), ReadAlongError> {
        if material.age == Age::Two && !material.has_navigation() {
            let documents: Vec<String> = self.texts.iter().map(|text| text.path.clone()).collect();
            let path = names.path("nav.xhtml");
            let nav = navigation::write(&material.contents, &documents, &path, self.narration.tags);
            zip.deflated(&path, nav.as_bytes())?;
        }
        // Over any colour of the book and of the reader, day and night.
        let style = format!(".{ACTIVE} {{\n  background-color: rgba(255, 200, 0, 0.35);\n}}\n");
        zip.deflated(&names.path("reading.css"), style.as_bytes())?;
        for (number, clips) in clips.iter().enumerate().filter(|(_, clips)| !clips.is_empty()) {
            let path = names.overlay(number);
            let text = address(&path, &self.texts[number].path);
            let smil = smil(clips, &text, |sound| address(&path, &names.sound(sound)));
            zip.deflated(&path, smil.as_bytes())?;
        }
        Ok(())
    }
}

/// What is added, by names that the manuscript does not use.
struct Names {
    folder: String,
    prefix: String,
}

impl Names {
    fn new(material: &Material<'_>, texts: &[TextDocument]) -> Self {
        let root =
            material.package_path.rsplit_once('/').map_or(String::new(), |(root, _)| format!("{root}/"));
        let paths = material.paths();
        let free = |name: &String| !paths.iter().any(|path| path.starts_with(&format!("{root}{name}/")));
        let unused = |name: &String| {
            let quoted = [format!("\"{name}-"), format!("'{name}-")];
            let holds = |text: &str| quoted.iter().any(|quoted| text.contains(quoted));
            !holds(&material.package) && !texts.iter().any(|text| holds(&text.markup))
        };
        let names = || (1..).map(|n| if n == 1 { FOLDER.to_owned() } else { format!("{FOLDER}{n}") });
        let found =
            |wanted: &dyn Fn(&String) -> bool| names().find(wanted).expect("there are names without end");
        Self { folder: format!("{root}{}", found(&free)), prefix: format!("{}-", found(&unused)) }
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    fn sound(&self, number: usize) -> String {
        self.path(&format!("sound-{}.m4a", number + 1))
    }

    fn overlay(&self, number: usize) -> String {
        self.path(&format!("overlay-{}.smil", number + 1))
    }

    /// Id of a mark.
    fn id(&self, mark: usize) -> String {
        format!("{}{}", self.prefix, mark + 1)
    }
}

/// The archive that is written. Nothing in it carries a date.
struct Archive<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Archive<W> {
    fn stored(&mut self, path: &str, bytes: &[u8]) -> Result<(), ZipError> {
        self.file(path, CompressionMethod::Stored, bytes)
    }

    fn deflated(&mut self, path: &str, bytes: &[u8]) -> Result<(), ZipError> {
        self.file(path, CompressionMethod::Deflated, bytes)
    }

    fn file(&mut self, path: &str, method: CompressionMethod, bytes: &[u8]) -> Result<(), ZipError> {
        self.0.start_file(path, SimpleFileOptions::default().compression_method(method))?;
        Ok(self.0.write_all(bytes)?)
    }

    fn sound(&mut self, path: &str, sound: &PublishedFile) -> Result<(), ZipError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(sound.bytes > u64::from(u32::MAX));
        self.0.start_file(path, options)?;
        std::io::copy(&mut std::fs::File::open(&sound.path)?, &mut self.0)?;
        Ok(())
    }
}
