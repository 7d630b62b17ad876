//! A release that is a folder: how a book is cut into its files, what these are called, and what stands beside them.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::{Format, Layout, Number, Piece};
use crate::file_name::safe_file_name;
use crate::{CoverArt, ReleaseError, Tags, Track};

/// Bytes that a file's name may have on every file system.
const NAME_BYTES: usize = 255;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PieceOfBook<'a> {
    /// The file's name.
    pub name: String,
    pub piece: Piece<'a>,
    /// The tracks that it has.
    pub tracks: Range<usize>,
}

/// A file for each chapter: `07 - Loomings.flac`, the number as wide as the last one's.
pub(crate) fn chapters<'a>(tracks: &'a [Track], format: Format) -> Vec<PieceOfBook<'a>> {
    let of = tracks.len();
    let width = of.to_string().len().max(2);
    let extension = format.extension(Layout::FilePerChapter);
    let piece = |(index, track): (usize, &'a Track)| {
        let number = index + 1;
        let prefix = format!("{number:0width$} - ");
        let title = safe_file_name(&track.title, NAME_BYTES - prefix.len() - 1 - extension.len());
        PieceOfBook {
            name: format!("{prefix}{title}.{extension}"),
            piece: Piece::Chapter(Number { number, of }, &track.title),
            tracks: index..number,
        }
    };
    tracks.iter().enumerate().map(piece).collect()
}

/// Files of whole chapters, none longer than `longest` but for a chapter that is: `Moby-Dick, Part 1 of 3.m4b`. A book
/// that fits into one is not called a part.
pub(crate) fn parts(
    tracks: &[Track],
    longest: Duration,
    tags: &Tags,
    format: Format,
) -> Vec<PieceOfBook<'static>> {
    let mut ends = Vec::new();
    let mut seconds = 0.0;
    for (index, track) in tracks.iter().enumerate() {
        let more = track.encoded.rate.seconds(track.samples);
        if index > 0 && seconds + more > longest.as_secs_f64() {
            ends.push(index);
            seconds = 0.0;
        }
        seconds += more;
    }
    ends.push(tracks.len());
    let of = ends.len();
    let width = of.to_string().len();
    let extension = format.extension(Layout::Parts { longest });
    let starts = std::iter::once(0).chain(ends.clone());
    let pieces = (1..).zip(starts.zip(ends)).map(|(number, (start, end))| {
        let suffix = if of > 1 { format!(", Part {number:0width$} of {of}") } else { String::new() };
        let title = safe_file_name(&tags.title, NAME_BYTES - suffix.len() - 1 - extension.len());
        PieceOfBook {
            name: format!("{title}{suffix}.{extension}"),
            piece: if of > 1 { Piece::Part(Number { number, of }) } else { Piece::Book },
            tracks: start..end,
        }
    });
    pieces.collect()
}

/// Writes the cover and a playlist of the files.
pub(crate) fn write_beside(
    tracks: &[Track],
    pieces: &[PieceOfBook<'_>],
    (tags, cover): (&Tags, Option<&CoverArt>),
    folder: &Path,
) -> Result<(), ReleaseError> {
    if let Some(CoverArt { kind, bytes }) = cover {
        let path = folder.join("cover").with_extension(kind.extension());
        fs::write(&path, bytes).map_err(ReleaseError::io("write", &path))?;
    }
    let mut playlist = String::from("#EXTM3U\n");
    for PieceOfBook { name, piece, tracks: range } in pieces {
        let tracks = &tracks[range.clone()];
        let seconds: f64 = tracks.iter().map(|track| track.encoded.rate.seconds(track.samples)).sum();
        let title = super::Label { tags, cover: None, piece: *piece }.title();
        // A line is an entry, so that a title must stay on one.
        let title = title.replace(['\r', '\n'], " ");
        playlist.push_str(&format!("#EXTINF:{},{title}\n{name}\n", seconds.round()));
    }
    let path = folder.join("playlist.m3u8");
    fs::write(&path, playlist).map_err(ReleaseError::io("write", &path))
}

/// Whether a file's name is one that a release folder of this format holds, or litter that file managers leave
/// everywhere.
pub(crate) fn belongs(name: &str, format: Format) -> bool {
    let named = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    let extension_is =
        |wanted: &str| Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted));
    [Layout::OneFile, Layout::FilePerChapter].into_iter().any(|layout| extension_is(format.extension(layout)))
        || extension_is("m3u8")
        || ["cover.jpg", "cover.png", ".DS_Store", "Thumbs.db", "desktop.ini"].into_iter().any(named)
        || name.starts_with("._")
}
