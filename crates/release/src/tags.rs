//! What a release says about the book. Plain data: the engine fills it in, each format writes what it can.

use serde::{Deserialize, Serialize};

/// Tags of a release. Empty lists and `None` are left out of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The book's title.
    pub title: String,
    /// Its subtitle.
    pub subtitle: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Who reads it.
    pub narrators: Vec<String>,
    /// The series it belongs to.
    pub series: Option<String>,
    /// Its place in the series: mostly a number, `2.5` and `II` happen.
    pub series_part: Option<String>,
    /// Year of publication.
    pub year: Option<i32>,
    /// Publisher.
    pub publisher: Option<String>,
    /// What the book is about.
    pub description: Option<String>,
    /// Language as a BCP 47 tag.
    pub language: Option<String>,
    /// Genres or subjects; a release without any says `Audiobook`.
    pub genres: Vec<String>,
    /// Copyright notice.
    pub copyright: Option<String>,
    /// ISBN.
    pub isbn: Option<String>,
    /// Amazon's number.
    pub asin: Option<String>,
}

/// What a release was made with, for the encoder tags.
pub(crate) const MADE_WITH: &str = concat!("rhapsode ", env!("CARGO_PKG_VERSION"));

impl Tags {
    /// Authors in one line.
    pub(crate) fn author(&self) -> Option<String> {
        line(&self.authors)
    }

    /// Narrators in one line.
    pub(crate) fn narrator(&self) -> Option<String> {
        line(&self.narrators)
    }

    /// Genres in one line.
    pub(crate) fn genre(&self) -> String {
        line(&self.genres).unwrap_or_else(|| "Audiobook".to_owned())
    }

    /// Series, part and title, by which books of a series stand in their order; none for a book of no series.
    pub(crate) fn in_series(&self) -> Option<String> {
        let series = self.series.as_deref().filter(|series| !series.is_empty())?;
        let part = self.series_part.as_deref().filter(|part| !part.is_empty());
        Some(part.map_or_else(
            || format!("{series} - {}", self.title),
            |part| format!("{series} {part} - {}", self.title),
        ))
    }

    /// Everything that has no place in a format's own vocabulary, by the names that audiobook players read.
    pub(crate) fn further(&self) -> impl Iterator<Item = (&'static str, String)> {
        let series_part = self.series.as_ref().and(self.series_part.clone());
        [
            ("SUBTITLE", self.subtitle.clone()),
            ("SERIES", self.series.clone()),
            ("SERIES-PART", series_part),
            ("NARRATOR", self.narrator()),
            ("PUBLISHER", self.publisher.clone()),
            ("LANGUAGE", self.language.clone()),
            ("ISBN", self.isbn.clone()),
            ("ASIN", self.asin.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
    }
}

fn line(values: &[String]) -> Option<String> {
    let values: Vec<&str> = values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The cover picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverArt {
    /// Its file type.
    pub kind: CoverKind,
    /// The file as it is.
    pub bytes: Vec<u8>,
}

/// Picture types that every player shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoverKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl CoverKind {
    /// Extension of a file of this type, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// The first `bytes` bytes of `text`, less what would cut a character.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("", 255), "");
    }

    #[test]
    fn empty_values_are_left_out() {
        let tags = Tags {
            authors: vec![String::new()],
            narrators: vec!["A".into(), String::new(), "B".into()],
            isbn: Some(String::new()),
            series_part: Some("2".into()),
            ..Tags::default()
        };
        assert_eq!(tags.author(), None);
        assert_eq!(tags.further().collect::<Vec<_>>(), [("NARRATOR", "A, B".to_owned())]);
    }
}
