//! What a file says of its book, in the words that audiobook libraries ask for.

mod id3;
mod ilst;
mod vorbis;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::AudioFile;
use lofty::flac::FlacFile;
use lofty::iff::wav::WavFile;
use lofty::mp4::Mp4File;
use lofty::mpeg::MpegFile;
use lofty::ogg::OpusFile;
use lofty::picture::Picture;
use serde::Serialize;

use crate::chapters::ChapterList;
use crate::sound::Container;

/// What a file says of its book.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tags {
    /// Title of the file: the book, or a chapter of it.
    pub title: Option<String>,
    /// Title of the book, where the file is a part of it.
    pub album: Option<String>,
    /// Authors.
    pub author: Option<String>,
    /// Readers, where a tag is called so.
    pub narrator: Option<String>,
    /// Composer: where a file has no other place for its reader, and the only one that Audiobookshelf looks into.
    pub composer: Option<String>,
    /// The series it belongs to.
    pub series: Option<String>,
    /// Its place in the series.
    pub series_part: Option<String>,
    /// Year or date of publication.
    pub year: Option<String>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// Genres.
    pub genre: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Place of the file among those of the book.
    pub track: Option<u32>,
    /// The cover.
    pub cover: Option<Cover>,
}

/// A cover picture in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cover {
    /// Its media type, by its bytes.
    pub media_type: Option<&'static str>,
    /// Its size.
    pub bytes: u64,
    /// Width and height, where they can be read.
    pub pixels: Option<(u32, u32)>,
}

impl Cover {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let media_type = match bytes {
            [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
            [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
            [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
            _ => None,
        };
        Self { media_type, bytes: bytes.len() as u64, pixels: pixels(bytes) }
    }

    fn picture(picture: &Picture) -> Self {
        Self::of(picture.data())
    }
}

fn pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let picture = Picture::unchecked(bytes.to_vec()).build();
    let found = lofty::picture::PictureInformation::from_picture(&picture).ok()?;
    (found.width > 0).then_some((found.width, found.height))
}

impl Tags {
    /// Sets what is not set: the first of several tags of one meaning counts.
    fn set(field: &mut Option<String>, value: &str) {
        // ID3v2.4 separates values by zeros.
        let value =
            value.split('\0').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        if field.is_none() && !value.is_empty() {
            *field = Some(value);
        }
    }

    /// Sets what a name means that formats with free names use: Vorbis comments, and the user's fields of the others.
    fn named(&mut self, name: &str, value: &str) {
        let field = match name.to_ascii_lowercase().as_str() {
            "title" => &mut self.title,
            "album" => &mut self.album,
            "artist" | "author" | "albumartist" | "album artist" | "album_artist" => &mut self.author,
            "narrator" | "performer" => &mut self.narrator,
            "composer" => &mut self.composer,
            "series" | "mvnm" | "movementname" => &mut self.series,
            "series-part" | "series_part" | "mvin" | "movement" => &mut self.series_part,
            "date" | "year" | "originaldate" => &mut self.year,
            "publisher" | "organization" | "label" => &mut self.publisher,
            "language" | "lang" => &mut self.language,
            "genre" => &mut self.genre,
            "description" | "comment" | "synopsis" => &mut self.description,
            "tracknumber" | "track" => {
                self.track = self.track.or_else(|| number(value));
                return;
            }
            _ => return,
        };
        Self::set(field, value);
    }

    /// Who reads, by whichever tag says so.
    #[must_use]
    pub fn reader(&self) -> Option<&str> {
        self.narrator.as_deref().or(self.composer.as_deref())
    }

    /// The title of the book: the album of a chapter's file, or the title of a book's.
    #[must_use]
    pub fn book(&self) -> Option<&str> {
        self.album.as_deref().or(self.title.as_deref())
    }
}

/// The number before a slash: `3` of `3/12`.
fn number(value: &str) -> Option<u32> {
    value.split('/').next()?.trim().parse().ok()
}

/// What the tags of a file hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) tags: Tags,
    pub(crate) chapters: Vec<ChapterList>,
    /// Why the tags cannot be read, if they cannot.
    pub(crate) problem: Option<String>,
}

/// Reads the tags of a file.
pub(crate) fn read(path: &Path, container: Container) -> Read {
    match attempt(path, container) {
        Ok(read) => read,
        Err(problem) => Read { problem: Some(problem), ..Read::default() },
    }
}

fn attempt(path: &Path, container: Container) -> Result<Read, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut file = BufReader::new(file);
    let options = ParseOptions::new().read_properties(false).parsing_mode(ParsingMode::BestAttempt);
    let said = |error: lofty::error::FileParseError| error.to_string();
    Ok(match container {
        Container::Mp4 => {
            let file = Mp4File::read_from(&mut file, options).map_err(said)?;
            file.ilst().map(ilst::read).unwrap_or_default()
        }
        Container::Mp3 => {
            let file = MpegFile::read_from(&mut file, options).map_err(said)?;
            file.id3v2().map(id3::read).unwrap_or_default()
        }
        Container::Flac => {
            let file = FlacFile::read_from(&mut file, options).map_err(said)?;
            file.vorbis_comments().map(|tag| vorbis::read(tag, &file)).unwrap_or_default()
        }
        Container::Ogg => {
            let file = OpusFile::read_from(&mut file, options).map_err(said)?;
            vorbis::read(file.vorbis_comments(), file.vorbis_comments())
        }
        Container::Wav => wav(&mut file, options)?,
    })
}

/// A WAV has ID3 or, mostly, a list of its own. Its long forms have tags that no library reads.
fn wav(file: &mut BufReader<File>, options: ParseOptions) -> Result<Read, String> {
    let Ok(file) = WavFile::read_from(file, options) else { return Ok(Read::default()) };
    let mut read = file.id3v2().map(id3::read).unwrap_or_default();
    for (key, value) in file.riff_info().into_iter().flatten() {
        let name = match key.as_str() {
            "INAM" => "title",
            "IPRD" => "album",
            "IART" => "artist",
            "IGNR" => "genre",
            "ICRD" => "date",
            "ICMT" => "comment",
            "ILNG" => "language",
            "IPRT" | "ITRK" => "track",
            _ => continue,
        };
        read.tags.named(name, value);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_tags_of_one_meaning_counts() {
        let mut tags = Tags::default();
        for (name, value) in [
            ("ARTIST", "Ann\0Ben"),
            ("AlbumArtist", "Nobody"),
            ("SERIES", " "),
            ("series", "Tides"),
            ("TRACK", "3/12"),
        ] {
            tags.named(name, value);
        }
        assert_eq!(tags.author.as_deref(), Some("Ann, Ben"));
        assert_eq!(tags.series.as_deref(), Some("Tides"));
        assert_eq!(tags.track, Some(3));
    }

    #[test]
    fn a_cover_is_what_its_bytes_are() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05\x08\x02\0\0\0\0\0\0\0";
        let cover = Cover::of(png);
        assert_eq!((cover.media_type, cover.pixels), (Some("image/png"), Some((7, 5))));
        assert_eq!(Cover::of(b"<svg/>").media_type, None);
    }
}
