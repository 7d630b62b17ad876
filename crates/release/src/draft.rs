//! A release on its way: it takes its tracks as they are made and writes what can be written before the last one
//! is there. A book of twenty hours then ends with its last chapter, not with half a gigabyte to bring to the disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::formats::{
    Expected, Files, Finished, GrowingFile, Label, Piece, PieceOfBook, chapters, parts, write_beside,
    write_whole,
};
use crate::publish::{check_replaceable, check_tracks, entries, place, recover, sync_file};
use crate::staging::{Staging, sync_folder};
use crate::{CoverArt, FileChapter, Format, Layout, Published, PublishedFile, ReleaseError, Tags, Track};

/// What a release is made of beside its tracks.
#[derive(Debug, Clone)]
pub struct DraftSettings {
    /// What it becomes.
    pub format: Format,
    /// How it lies on disk.
    pub layout: Layout,
    /// Titles of its chapters, in order.
    pub titles: Vec<String>,
    /// Samples of all tracks together, as well as is known before they are made. Room for the tables is reserved by
    /// it; if it is too little, the file is written once more at the end.
    pub expected_samples: u64,
    /// Tags.
    pub tags: Tags,
    /// Cover.
    pub cover: Option<CoverArt>,
    /// Where it goes: a file or, for layouts with several files, a folder.
    pub destination: PathBuf,
}

/// A release that is being written beside its destination. Dropped, it leaves nothing behind.
pub struct Draft {
    settings: DraftSettings,
    staging: Staging,
    tracks: Vec<Track>,
    /// The file that grows, once the first track has told how it is encoded; none for folders.
    growing: Option<Box<dyn GrowingFile>>,
}

impl Draft {
    /// Begins a release. Completes or takes back what a program that ended while it published left there.
    ///
    /// # Errors
    /// If the format has no such layout, if the folder cannot be written, or if what is to be replaced is a folder with
    /// something in it that is not part of a release.
    pub fn begin(settings: DraftSettings) -> Result<Self, ReleaseError> {
        let DraftSettings { format, layout, destination, .. } = &settings;
        if !format.holds_books() && *layout != Layout::FilePerChapter {
            return Err(ReleaseError::OneChapterAFile { format: *format });
        }
        let (folder, _) = place(destination)?;
        fs::create_dir_all(folder).map_err(ReleaseError::io("create", folder))?;
        recover(folder)?;
        if layout.is_folder() {
            check_replaceable(destination, *format)?;
        }
        let staging = Staging::open(folder)?;
        Ok(Self { settings, staging, tracks: Vec::new(), growing: None })
    }

    /// Takes the next track, in reading order. For a release of one file its sound is on the disk when this returns.
    ///
    /// # Errors
    /// If the track does not fit to those before or is cut, or if it cannot be written.
    pub fn add(&mut self, track: Track) -> Result<(), ReleaseError> {
        self.tracks.push(track);
        check_tracks(self.settings.format, &self.tracks)?;
        if let (Layout::OneFile, Files::OfManyChapters { begin, .. }) =
            (self.settings.layout, self.settings.format.files())
        {
            let track = &self.tracks[self.tracks.len() - 1];
            let growing = match &mut self.growing {
                Some(growing) => growing,
                none => {
                    let titles: Vec<&str> = self.settings.titles.iter().map(String::as_str).collect();
                    let samples = self.settings.expected_samples;
                    let expected = Expected { titles: &titles, samples, label: self.settings.label() };
                    none.insert(begin(&self.staging.path(), track, &expected)?)
                }
            };
            growing.push(track)?;
            growing.sync()?;
        }
        Ok(())
    }

    /// Writes what is left, checks the release, and moves it to its destination. What was there is replaced: a file
    /// by one rename; a folder by two, which [`recover`] completes or takes back if the program ends between them.
    ///
    /// # Errors
    /// If there is not a track for each title, if a file cannot be written, or if what was written does not hold
    /// every sample of the tracks. The old release is then still in its place.
    pub fn publish(mut self) -> Result<Published, ReleaseError> {
        let titles = self.settings.titles.len();
        if self.tracks.is_empty() || self.tracks.len() != titles {
            let reason = format!("there are {} for {titles} chapters", self.tracks.len());
            return Err(ReleaseError::Tracks { reason });
        }
        let pieces = match self.settings.layout {
            Layout::OneFile => return self.publish_file(),
            Layout::Parts { longest } => {
                parts(&self.tracks, longest, &self.settings.tags, self.settings.format)
            }
            Layout::FilePerChapter => chapters(&self.tracks, self.settings.format),
        };
        let files = self.write_folder(&pieces)?;
        self.publish_folder(files)
    }

    fn publish_file(&mut self) -> Result<Published, ReleaseError> {
        let staged = self.staging.path();
        let path = &self.settings.destination;
        let (folder, _) = place(path)?;
        let label = self.settings.label();
        let Files::OfManyChapters { begin, check, .. } = self.settings.format.files() else {
            return Err(ReleaseError::OneChapterAFile { format: self.settings.format });
        };
        let growing = self.growing.take().expect("every track of a release of one file went to its file");
        match growing.finish(&label)? {
            Finished::Whole => check(&staged, &self.tracks)?,
            // Now its length is known.
            Finished::HeadTooLong => write_whole((begin, check), &self.tracks, &label, &staged)?,
        }
        let bytes = sync_file(&staged)?;
        fs::rename(&staged, path).map_err(ReleaseError::io("replace", path))?;
        sync_folder(folder)?;
        let file = self.file(0..self.tracks.len(), path.clone(), bytes);
        Ok(Published { path: path.clone(), bytes, files: vec![file] })
    }

    /// Writes the files into the staged folder.
    fn write_folder(&self, pieces: &[PieceOfBook<'_>]) -> Result<Vec<PublishedFile>, ReleaseError> {
        let DraftSettings { tags, cover, destination, .. } = &self.settings;
        let cover = cover.as_ref();
        let staged = self.staging.path();
        fs::create_dir(&staged).map_err(ReleaseError::io("create", &staged))?;
        let write = |PieceOfBook { name, piece, tracks }: &PieceOfBook<'_>| {
            let (path, label) = (staged.join(name), Label::of_many(tags, cover, *piece));
            write_piece(self.settings.format, &self.tracks[tracks.clone()], &label, &path)?;
            Ok(self.file(tracks.clone(), destination.join(name), sync_file(&path)?))
        };
        let files = pieces.iter().map(write).collect::<Result<_, ReleaseError>>()?;
        write_beside(&self.tracks, pieces, (tags, cover), &staged)?;
        Ok(files)
    }

    /// Moves the staged folder into its place.
    fn publish_folder(self, files: Vec<PublishedFile>) -> Result<Published, ReleaseError> {
        let staged = self.staging.path();
        let mut bytes = 0;
        for entry in entries(&staged)? {
            bytes += sync_file(&entry)?;
        }
        sync_folder(&staged)?;
        let path = self.settings.destination;
        let (_, name) = place(&path)?;
        self.staging.swap_folder(name)?;
        Ok(Published { path: path.clone(), bytes, files })
    }

    /// What is to be known of a file that holds these tracks.
    fn file(&self, tracks: std::ops::Range<usize>, path: PathBuf, bytes: u64) -> PublishedFile {
        file_of(self.settings.format, tracks.start, &self.tracks[tracks], path, bytes)
    }
}

impl DraftSettings {
    /// The label of the file that is the whole book.
    fn label(&self) -> Label<'_> {
        Label { tags: &self.tags, cover: self.cover.as_ref(), piece: Piece::Book }
    }
}

/// Writes the chapters of a book into a folder that is there, one file each, checks them, and tells of them in reading
/// order. For packages that carry a book's sound in files of their own.
///
/// # Errors
/// If a file cannot be written, or does not hold every sample of its track.
pub fn write_chapters(
    format: Format,
    tracks: &[Track],
    tags: &Tags,
    folder: &Path,
) -> Result<Vec<PublishedFile>, ReleaseError> {
    check_tracks(format, tracks)?;
    let write = |PieceOfBook { name, piece, tracks: range }: PieceOfBook<'_>| {
        let (path, label) = (folder.join(name), Label { tags, cover: None, piece });
        let first = range.start;
        let tracks = &tracks[range];
        write_piece(format, tracks, &label, &path)?;
        let bytes = fs::metadata(&path).map_err(ReleaseError::io("read", &path))?.len();
        Ok(file_of(format, first, tracks, path, bytes))
    };
    chapters(tracks, format).into_iter().map(write).collect()
}

/// Writes a file with these tracks and reads it back.
fn write_piece(format: Format, tracks: &[Track], label: &Label<'_>, path: &Path) -> Result<(), ReleaseError> {
    match (format.files(), tracks) {
        (Files::OfManyChapters { begin, check, .. }, tracks) => {
            write_whole((begin, check), tracks, label, path)
        }
        (Files::OfOneChapter { write }, [track]) => write(track, label, path),
        (Files::OfOneChapter { .. }, _) => Err(ReleaseError::OneChapterAFile { format }),
    }
}

/// What is to be known of a file that holds these tracks, of which the first is the `first`-th of the book.
fn file_of(format: Format, first: usize, tracks: &[Track], path: PathBuf, bytes: u64) -> PublishedFile {
    PublishedFile {
        path,
        media_type: format.media_type().to_owned(),
        bytes,
        rate: tracks[0].encoded.rate,
        samples: tracks.iter().map(|track| track.samples).sum(),
        chapters: FileChapter::of(first, tracks),
    }
}
