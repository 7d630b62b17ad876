//! Vorbis comments, of Opus and FLAC; chapters among them.

use lofty::ogg::OggPictureStorage;
use lofty::ogg::tag::VorbisComments;

use super::{Cover, Read, Tags};
use crate::chapters::{Chapter, ChapterKind, ChapterList};

pub(super) fn read(comments: &VorbisComments, pictures: &impl OggPictureStorage) -> Read {
    let mut tags = Tags::default();
    for (name, value) in comments.items() {
        tags.named(name, value);
    }
    tags.cover = pictures.pictures().first().map(|(picture, _)| Cover::picture(picture));
    let chapters = chapters(comments.items());
    let lists =
        if chapters.is_empty() { vec![] } else { vec![ChapterList::new(ChapterKind::Vorbis, chapters)] };
    Read { tags, chapters: lists, problem: None }
}

/// `CHAPTER001=00:00:00.000` with `CHAPTER001NAME=…`, in the order of the numbers.
fn chapters<'a>(items: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Chapter> {
    let mut starts = Vec::new();
    let mut names = std::collections::BTreeMap::new();
    for (key, value) in items {
        let key = key.to_ascii_uppercase();
        let Some(rest) = key.strip_prefix("CHAPTER") else { continue };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, kind) = rest.split_at(digits);
        let Ok(number) = number.parse::<u32>() else { continue };
        match kind {
            "" => starts.push((number, seconds(value))),
            "NAME" => {
                names.insert(number, value.to_owned());
            }
            _ => {}
        }
    }
    starts.sort_by_key(|(number, _)| *number);
    let chapter = |(number, start): (u32, Option<f64>)| Chapter {
        // A time that cannot be read lies nowhere in the file.
        start: start.unwrap_or(f64::NAN),
        end: None,
        title: names.remove(&number).unwrap_or_default(),
    };
    starts.into_iter().map(chapter).collect()
}

/// `01:02:03.456`.
fn seconds(text: &str) -> Option<f64> {
    text.trim().split(':').try_fold(0.0, |total, part| {
        let part: f64 = part.parse().ok()?;
        (part.is_finite() && part >= 0.0).then_some(total * 60.0 + part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_are_in_the_order_of_their_numbers_with_their_names() {
        let items = [
            ("CHAPTER002", "00:01:00.5"),
            ("chapter002name", "Two"),
            ("CHAPTER001", "00:00:00.000"),
            ("CHAPTER003", "soon"),
            ("CHAPTERS", "3"),
        ];
        let found = chapters(items.into_iter());
        assert_eq!((found[0].start, found[0].title.as_str()), (0.0, ""));
        assert_eq!((found[1].start, found[1].title.as_str()), (60.5, "Two"));
        assert!(found[2].start.is_nan() && found.len() == 3);
    }
}
