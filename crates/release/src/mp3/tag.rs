//! The ID3 tag. Version 2.3, which every player reads, those in cars among them.

use std::io;

use id3::frame::{Chapter, Comment, ExtendedText, Picture, PictureType, TableOfContents};
use id3::{Content, Encoder, Frame, Tag, TagLike, Version};

use crate::formats::{Label, Number, Piece};
use crate::tags::MADE_WITH;

/// Chapters that one table of contents can list: it counts them in a byte.
const LISTED: usize = 255;
/// The offset of a chapter that says that its times count.
const TIMES_COUNT: u32 = u32::MAX;

/// A chapter, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    pub title: &'a str,
    pub start: u32,
    pub end: u32,
}

/// The tag in at least `room` bytes; more, if it needs more.
pub(super) fn encode(label: &Label<'_>, marks: &[Mark<'_>], room: usize) -> io::Result<Vec<u8>> {
    let tag = tag(label, marks);
    let encode = |padding: usize| {
        let mut bytes = Vec::new();
        let encoder = Encoder::new().version(Version::Id3v23).padding(padding);
        encoder.encode(&tag, &mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        Ok::<_, io::Error>(bytes)
    };
    let bytes = encode(0)?;
    match room.saturating_sub(bytes.len()) {
        0 => Ok(bytes),
        padding => encode(padding),
    }
}

fn tag(label: &Label<'_>, marks: &[Mark<'_>]) -> Tag {
    let tags = label.tags;
    let number = label.number().map(|Number { number, of }| format!("{number}/{of}"));
    let part = matches!(label.piece, Piece::Part(_)).then(|| number.clone()).flatten();
    let mut tag = Tag::with_version(Version::Id3v23);
    let texts = [
        ("TIT2", Some(label.title().into_owned())),
        ("TALB", Some(tags.title.clone())),
        ("TPE1", tags.author()),
        ("TPE2", tags.author()),
        ("TCOM", tags.narrator()),
        ("TCON", Some(tags.genre())),
        ("TRCK", number),
        ("TPOS", part),
        ("TYER", tags.year.map(|year| year.to_string())),
        ("TPUB", tags.publisher.clone()),
        ("TCOP", tags.copyright.clone()),
        ("TIT3", tags.subtitle.clone()),
        ("TSOA", tags.in_series()),
        ("TENC", Some(MADE_WITH.to_owned())),
    ];
    for (id, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let _ = tag.add_frame(Frame::text(id, text));
        }
    }
    if let Some(language) = tags.language.as_deref().and_then(three_letters) {
        let _ = tag.add_frame(Frame::text("TLAN", language));
    }
    for (description, value) in tags.further() {
        let _ = tag.add_frame(ExtendedText { description: description.to_owned(), value });
    }
    if let Some(description) = tags.description.clone().filter(|text| !text.is_empty()) {
        let lang = tags.language.as_deref().and_then(three_letters).unwrap_or("und").to_owned();
        let _ = tag.add_frame(Comment { lang, description: String::new(), text: description });
    }
    if let Some(cover) = label.cover {
        let _ = tag.add_frame(Picture {
            mime_type: cover.kind.media_type().to_owned(),
            picture_type: PictureType::CoverFront,
            description: String::new(),
            data: cover.bytes.clone(),
        });
    }
    contents(&mut tag, marks);
    tag
}

/// The chapters and their table of contents, of more than one level if it has to be.
fn contents(tag: &mut Tag, marks: &[Mark<'_>]) {
    if marks.is_empty() {
        return;
    }
    let name = |index: usize| format!("chp{index}");
    let table = |element_id: String, top_level: bool, elements: Vec<String>| TableOfContents {
        element_id,
        top_level,
        ordered: true,
        elements,
        frames: Vec::new(),
    };
    let names: Vec<String> = (0..marks.len()).map(name).collect();
    if names.len() <= LISTED {
        let _ = tag.add_frame(table("toc".to_owned(), true, names));
    } else {
        let groups: Vec<TableOfContents> = (0..)
            .zip(names.chunks(LISTED))
            .map(|(index, names)| table(format!("toc{index}"), false, names.to_vec()))
            .collect();
        let listed = groups.iter().map(|group| group.element_id.clone()).collect();
        let _ = tag.add_frame(table("toc".to_owned(), true, listed));
        for group in groups {
            let _ = tag.add_frame(group);
        }
    }
    for (element_id, mark) in (0..).map(name).zip(marks) {
        let _ = tag.add_frame(Frame::with_content(
            "CHAP",
            Content::Chapter(Chapter {
                element_id,
                start_time: mark.start,
                end_time: mark.end,
                start_offset: TIMES_COUNT,
                end_offset: TIMES_COUNT,
                frames: vec![Frame::text("TIT2", mark.title)],
            }),
        ));
    }
}

/// A language as ISO 639-2 has it.
fn three_letters(language: &str) -> Option<&'static str> {
    let primary = language.split(['-', '_']).next()?.to_ascii_lowercase();
    let known =
        isolang::Language::from_639_1(&primary).or_else(|| isolang::Language::from_639_3(&primary))?;
    Some(known.to_639_3())
}
