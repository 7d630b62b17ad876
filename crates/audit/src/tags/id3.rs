//! ID3v2, of MP3 and WAV; `CHAP` and `CTOC` among its frames.

use std::collections::HashSet;

use lofty::id3::v2::{ChapterFrame, ChapterTableOfContentsFrame, Frame, Id3v2Tag};

use super::{Cover, Read, Tags};
use crate::chapters::{Chapter, ChapterKind, ChapterList};

pub(super) fn read(tag: &Id3v2Tag) -> Read {
    let mut tags = Tags::default();
    let mut chapters = Vec::new();
    let mut contents = Vec::new();
    // The user's fields first: some programs write the narrator and the series there and something else into TCOM.
    for frame in tag {
        if let Frame::UserText(text) = frame {
            tags.named(&text.description, &text.content);
        }
    }
    for frame in tag {
        match frame {
            Frame::Text(text) => named(&mut tags, frame.id_str(), &text.value),
            Frame::Timestamp(time) => tags.named("date", &time.timestamp.to_string()),
            Frame::Comment(comment) => tags.named("comment", &comment.content),
            Frame::Picture(picture) => {
                tags.cover.get_or_insert_with(|| Cover::picture(&picture.picture));
            }
            Frame::Chapter(chapter) => chapters.push(chapter),
            Frame::TableOfContents(table) => contents.push(table),
            _ => {}
        }
    }
    let lists =
        if chapters.is_empty() && contents.is_empty() { vec![] } else { vec![list(&chapters, &contents)] };
    Read { tags, chapters: lists, problem: None }
}

fn named(tags: &mut Tags, frame: &str, value: &str) {
    let name = match frame {
        "TIT2" => "title",
        "TALB" => "album",
        "TPE1" | "TPE2" => "artist",
        "TCOM" => "composer",
        "TDRC" | "TYER" | "TDRL" => "date",
        "TPUB" => "publisher",
        "TLAN" => "language",
        "TCON" => "genre",
        "TRCK" => "track",
        "MVNM" => "mvnm",
        "MVIN" => "mvin",
        _ => return,
    };
    tags.named(name, value);
}

/// Chapters in the order in which they stand, which is the one that most readers show, and what is odd about them.
fn list(chapters: &[&ChapterFrame<'_>], contents: &[&ChapterTableOfContentsFrame<'_>]) -> ChapterList {
    let found = chapters.iter().map(|chapter| Chapter {
        start: f64::from(chapter.times.start) / 1_000.0,
        end: Some(f64::from(chapter.times.end) / 1_000.0),
        title: title(chapter),
    });
    let mut list = ChapterList::new(ChapterKind::Id3, found.collect());
    let mut odd = |oddity: String| list.oddities.push(oddity);
    let mut ids = HashSet::new();
    for id in chapters.iter().map(|chapter| &chapter.id).chain(contents.iter().map(|table| &table.id)) {
        if !ids.insert(id.as_ref()) {
            odd(format!("two of its frames are called {id:?}"));
        }
    }
    match contents.iter().filter(|table| table.flags.top_level).count() {
        1 => {}
        0 => odd("it has no table of contents (CTOC) of the top level".to_owned()),
        count => odd(format!("it has {count} tables of contents (CTOC) of the top level")),
    }
    let listed: HashSet<&str> =
        contents.iter().flat_map(|table| table.entries.iter()).map(AsRef::as_ref).collect();
    let unlisted = chapters.iter().filter(|chapter| !listed.contains(chapter.id.as_ref())).count();
    if unlisted > 0 && !contents.is_empty() {
        odd(format!("{unlisted} chapters are in no table of contents"));
    }
    let missing = listed.iter().filter(|id| !ids.contains(*id)).count();
    if missing > 0 {
        odd(format!("{missing} entries of its table of contents are not there"));
    }
    list
}

fn title(chapter: &ChapterFrame<'_>) -> String {
    let title = chapter.children.iter().find_map(|frame| match frame {
        Frame::Text(text) if frame.id_str() == "TIT2" => Some(text.value.trim_end_matches('\0').to_owned()),
        _ => None,
    });
    title.unwrap_or_default()
}
