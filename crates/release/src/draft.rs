//! A release on its way: it takes its tracks as they are made and writes what can be written before the last one
//! is there. A book of twenty hours then ends with its last chapter, not with half a gigabyte to bring to the disk.

use std::fs;
use std::path::{Path, PathBuf};

use crate::formats::{Begin, Expected, Files, Finished, GrowingFile, Release};
use crate::publish::{Published, check_replaceable, check_tracks, entries, place, recover, sync_file};
use crate::staging::{Staging, sync_folder};
use crate::{CoverArt, Format, Layout, ReleaseError, Tags, Track};

/// What a release is made of beside its tracks.
#[derive(Debug, Clone)]
pub struct DraftSettings {
    /// What it becomes.
    pub format: Format,
    /// Titles of its chapters, in order.
    pub titles: Vec<String>,
    /// Samples of all tracks together, as well as is known before they are made. Room for the tables is reserved by
    /// it; if it is too little, the file is written once more at the end.
    pub expected_samples: u64,
    /// Tags.
    pub tags: Tags,
    /// Cover.
    pub cover: Option<CoverArt>,
    /// Where it goes: a file or, for formats with a file for each chapter, a folder.
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
    /// If the folder cannot be written, or what is to be replaced is a folder with something in it that is not part
    /// of a release.
    pub fn begin(settings: DraftSettings) -> Result<Self, ReleaseError> {
        let (folder, _) = place(&settings.destination)?;
        fs::create_dir_all(folder).map_err(ReleaseError::io("create", folder))?;
        recover(folder)?;
        if settings.format.layout() == Layout::FilePerChapter {
            check_replaceable(&settings.destination, settings.format)?;
        }
        let staging = Staging::open(folder)?;
        Ok(Self { settings, staging, tracks: Vec::new(), growing: None })
    }

    /// Takes the next track, in reading order. For formats of one file its sound is on the disk when this returns.
    ///
    /// # Errors
    /// If the track does not fit to those before or is cut, or if it cannot be written.
    pub fn add(&mut self, track: Track) -> Result<(), ReleaseError> {
        self.tracks.push(track);
        check_tracks(self.settings.format, &self.tracks)?;
        if let Files::OneForTheBook { begin, .. } = self.settings.format.files() {
            let track = &self.tracks[self.tracks.len() - 1];
            let growing = match &mut self.growing {
                Some(growing) => growing,
                none => {
                    let path = self.staging.path();
                    none.insert(self.settings.expecting(self.settings.expected_samples, |expected| {
                        begin(&path, track, expected)
                    })?)
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
        let staged = self.staging.path();
        let path = self.settings.destination.clone();
        let (folder, name) = place(&path)?;
        match self.settings.format.files() {
            Files::OneForTheBook { begin, check } => {
                if self.finish_file()? == Finished::HeadTooLong {
                    self.write_again(begin, &staged)?;
                }
                check(&staged, &self.tracks)?;
                let bytes = sync_file(&staged)?;
                fs::rename(&staged, &path).map_err(ReleaseError::io("replace", &path))?;
                sync_folder(folder)?;
                Ok(Published { path: path.clone(), bytes })
            }
            Files::OneForEachChapter { write } => {
                let DraftSettings { tags, cover, .. } = &self.settings;
                fs::create_dir(&staged).map_err(ReleaseError::io("create", &staged))?;
                write(&Release { tracks: &self.tracks, tags, cover: cover.as_ref() }, &staged)?;
                let mut bytes = 0;
                for entry in entries(&staged)? {
                    bytes += sync_file(&entry)?;
                }
                sync_folder(&staged)?;
                self.staging.swap_folder(name)?;
                Ok(Published { path: path.clone(), bytes })
            }
        }
    }

    fn finish_file(&mut self) -> Result<Finished, ReleaseError> {
        let growing = self.growing.take().expect("every track of a format of one file went to its file");
        growing.finish(&self.settings.tags, self.settings.cover.as_ref())
    }

    /// Writes the file once more, now that its length is known.
    fn write_again(&mut self, begin: Begin, staged: &Path) -> Result<(), ReleaseError> {
        let samples = self.tracks.iter().map(|track| track.samples).sum();
        let mut growing =
            self.settings.expecting(samples, |expected| begin(staged, &self.tracks[0], expected))?;
        self.tracks.iter().try_for_each(|track| growing.push(track))?;
        self.growing = Some(growing);
        match self.finish_file()? {
            Finished::Whole => Ok(()),
            Finished::HeadTooLong => Err(ReleaseError::Broken {
                path: staged.to_owned(),
                reason: "its head is longer than its tracks can make it".to_owned(),
            }),
        }
    }
}

impl DraftSettings {
    /// Calls with what is expected of a book with so many samples.
    fn expecting<T>(&self, samples: u64, call: impl FnOnce(&Expected<'_>) -> T) -> T {
        let titles: Vec<&str> = self.titles.iter().map(String::as_str).collect();
        call(&Expected { titles: &titles, samples, tags: &self.tags, cover: self.cover.as_ref() })
    }
}
