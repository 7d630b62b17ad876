//! What a job needs of this machine: room, folders, encoders, open files and a clock that is right.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use rhapsode_gate::{Check, Clock, DiskNeed, DiskSpace, Encoder, JobLock, OpenFiles, Writable};
use rhapsode_release::{
    Codec, Format,
    encode::{encoder_info, outside_encoder},
};
use rhapsode_store::{JobDir, TakeStore};

use super::estimate::{Estimate, Missing};
use crate::Settings;

/// Files that are open whatever the job: the terminal, the lock, the journal, notes, the voice, drafts of releases.
const ALWAYS: u64 = 64;
/// Files of a chapter that is being mastered, in each codec: takes, the track, and what a program for it wants.
const A_CHAPTER: u64 = 8;

/// What a job needs of this machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    /// What is written, and where.
    pub(crate) room: Room,
    /// The formats of its releases with their codecs.
    pub(crate) formats: Vec<(Format, Codec)>,
    /// Requests to servers at the same time.
    pub(crate) requests: usize,
    /// The file that was written last by this program, as far as the job knows.
    pub(crate) newest: Option<PathBuf>,
    /// The job whose lock is to be free. A job that runs holds it itself.
    pub(crate) lock: Option<JobKey>,
}

/// The job that a manuscript makes.
#[derive(Debug, Clone)]
pub(crate) struct JobKey {
    pub(crate) folder: PathBuf,
    pub(crate) title: String,
    pub(crate) source_hash: [u8; 32],
}

/// What is written where: bytes, as far as they can be reckoned, and what they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room(Vec<(PathBuf, u64, &'static str)>);

impl Room {
    /// The store alone, for takes that are missing.
    pub(crate) fn of_takes(store: &TakeStore, missing: Missing, settings: &Settings) -> Self {
        let rate = settings.master.rate.0;
        let estimate = Estimate::new(0.0, rate, missing, &[], Path::new(""), settings);
        Self(vec![(store.path().to_owned(), estimate.takes, "takes")])
    }

    /// Store, job directory and output of a whole job of so many seconds. `tracks` is the folder of encoded chapters.
    pub(crate) fn of_job(
        (seconds, rate): (f64, u32),
        missing: Missing,
        formats: &[(Format, Codec)],
        (store, tracks, output): (&Path, &Path, &Path),
        settings: &Settings,
    ) -> Self {
        let codecs: Vec<Codec> = formats.iter().map(|(_, codec)| *codec).collect();
        let estimate = Estimate::new(seconds, rate, missing, &codecs, tracks, settings);
        Self(vec![
            (store.to_owned(), estimate.takes, "takes"),
            (tracks.to_owned(), estimate.tracks, "encoded chapters"),
            (output.to_owned(), estimate.releases, "releases"),
        ])
    }

    /// Folders of which nothing is known but that something will be written there.
    pub(crate) fn of_folders(folders: impl IntoIterator<Item = (PathBuf, &'static str)>) -> Self {
        Self(folders.into_iter().map(|(path, what)| (path, 0, what)).collect())
    }
}

impl Machine {
    /// The checks.
    pub(crate) fn checks(&self) -> Vec<Box<dyn Check>> {
        let mut checks: Vec<Box<dyn Check>> = Vec::new();
        let needs = self.room.0.iter().map(|(path, bytes, what)| DiskNeed {
            path: path.clone(),
            bytes: *bytes,
            what: (*what).to_owned(),
        });
        checks.push(Box::new(DiskSpace { needs: needs.collect() }));
        for (path, _, what) in &self.room.0 {
            checks.push(Box::new(Writable { path: path.clone(), what: (*what).to_owned() }));
        }
        for (format, codec) in &self.formats {
            checks.push(Box::new(encoder(*format, *codec)));
        }
        checks.push(Box::new(OpenFiles { needed: self.open_files() }));
        checks.push(Box::new(Clock { newest: self.newest.as_deref().and_then(written) }));
        if let Some(JobKey { folder, title, source_hash }) = self.lock.clone() {
            let job = title.clone();
            let holder = move || {
                JobDir::holder(&folder, &title, &source_hash).map_err(|error| format!("failed to {error}"))
            };
            checks.push(Box::new(JobLock::new(job, holder)));
        }
        checks
    }

    fn open_files(&self) -> u64 {
        let chapters = std::thread::available_parallelism().map_or(1, usize::from);
        ALWAYS + self.requests as u64 + (chapters * self.formats.len()) as u64 * A_CHAPTER
    }
}

/// The encoder of a format. One that is a program is asked; the others are part of this one.
fn encoder(format: Format, codec: Codec) -> Encoder {
    let info = encoder_info(codec);
    Encoder::new(format.to_string(), info.name, "install ffmpeg, or choose another format", move || {
        match outside_encoder(codec) {
            Some(outside) => outside.usable().map(str::to_owned),
            None => Ok(info.version.clone()),
        }
    })
}

/// When a file was written, with its name.
fn written(path: &Path) -> Option<(SystemTime, String)> {
    let time = std::fs::metadata(path).ok()?.modified().ok()?;
    Some((time, path.display().to_string()))
}
