//! Finished tracks are kept under a hash of everything that they were made from, so that a resume, a changed
//! title or a second format does not encode again what is there.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use super::MASTERING_REVISION;
use crate::encode::encoder_info;
use crate::{ChapterPlan, Codec, MasterSettings, ReleaseError, Track};

/// Version of the files that describe kept tracks. Others are not read, and made again.
const VERSION: u32 = 1;
/// Length of a hash as it stands in file names.
const HASH: usize = 64;

/// The track of a chapter that is kept in `dir`, if it is there and whole.
#[must_use]
pub fn kept_track(plan: &ChapterPlan, settings: &MasterSettings, codec: Codec, dir: &Path) -> Option<Track> {
    Shelf::new(plan, settings, codec, dir).find(plan)
}

/// Deletes every track in `dir` that is not one of `keep`, and what a broken run left. Nothing may be mastered
/// into `dir` meanwhile. Files of other names stay.
///
/// # Errors
/// If the directory cannot be read or a file not deleted; a directory that is not there is clean.
pub fn sweep(dir: &Path, keep: &[Track]) -> Result<(), ReleaseError> {
    let kept: HashSet<&str> = keep.iter().filter_map(|track| hash_of(&track.encoded.path)).collect();
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(ReleaseError::io("read", dir))?,
    };
    for entry in entries {
        let path = entry.map_err(ReleaseError::io("read", dir))?.path();
        let part = path.extension().is_some_and(|extension| extension == PART);
        if hash_of(&path).is_some_and(|hash| part || !kept.contains(hash)) {
            fs::remove_file(&path).map_err(ReleaseError::io("delete", &path))?;
        }
    }
    Ok(())
}

/// Extension of a file that is being written.
const PART: &str = "part";

/// The hash that a file of ours is named by.
fn hash_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?.get(..HASH)?;
    name.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(name)
}

/// Everything that decides how a track sounds and where its takes lie. Title and ordinals do not.
#[derive(Serialize)]
struct Recipe<'a> {
    revision: u32,
    takes: Vec<(String, u32)>,
    settings: &'a MasterSettings,
    codec: Codec,
    encoder: (String, String),
}

/// A track as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// Hash of the loudness reference, if the gain came from there.
    reference: Option<String>,
    /// Length of the encoded file.
    bytes: u64,
    /// BLAKE3 of the encoded file.
    blake3: String,
    track: Track,
}

/// The place where a chapter's track is kept.
pub(super) struct Shelf<'a> {
    dir: &'a Path,
    hash: String,
    /// Hash of the plan's loudness reference.
    reference: String,
    extension: &'static str,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(plan: &ChapterPlan, settings: &'a MasterSettings, codec: Codec, dir: &'a Path) -> Self {
        let encoder = encoder_info(codec);
        let recipe = Recipe {
            revision: MASTERING_REVISION,
            takes: plan.takes.iter().map(|take| (hex::encode(take.key), take.pause_after_ms)).collect(),
            settings,
            codec,
            encoder: (encoder.name, encoder.version),
        };
        let json = serde_json::to_vec(&recipe).expect("a recipe is plain data with text keys");
        Self {
            dir,
            hash: blake3::hash(&json).to_hex().to_string(),
            reference: blake3::hash(&plan.loudness_reference.concat()).to_hex().to_string(),
            extension: codec.extension(),
        }
    }

    fn encoded(&self) -> PathBuf {
        self.dir.join(format!("{}.{}", self.hash, self.extension))
    }

    fn description(&self) -> PathBuf {
        self.dir.join(format!("{}.json", self.hash))
    }

    /// The track, with the plan's title and ordinals, if it is whole. Anything else is as if it were not there.
    pub(super) fn find(&self, plan: &ChapterPlan) -> Option<Track> {
        let kept: Kept = serde_json::from_slice(&fs::read(self.description()).ok()?).ok()?;
        let encoded = self.encoded();
        let same_reference = kept.reference.is_none_or(|reference| reference == self.reference);
        let whole = kept.version == VERSION
            && same_reference
            && kept.track.chunks.len() == plan.takes.len()
            && fs::metadata(&encoded).is_ok_and(|file| file.len() == kept.bytes)
            && blake3_of(&encoded).is_ok_and(|hash| hash == kept.blake3);
        if !whole {
            return None;
        }
        let mut track = kept.track;
        track.title.clone_from(&plan.title);
        track.encoded.path = encoded;
        for (chunk, take) in track.chunks.iter_mut().zip(&plan.takes) {
            chunk.ordinal = take.ordinal;
        }
        Some(track)
    }

    /// A file to encode into. It goes away unless it is kept.
    pub(super) fn new_file(&self) -> Result<TempPath, ReleaseError> {
        fs::create_dir_all(self.dir).map_err(ReleaseError::io("create", self.dir))?;
        tempfile::Builder::new()
            .prefix(&self.hash)
            .suffix(&format!(".{PART}"))
            // Made as any file is: a release may be a copy of it, and has to be readable by more than its owner.
            .make_in(self.dir, |path| File::create_new(path))
            .map(tempfile::NamedTempFile::into_temp_path)
            .map_err(ReleaseError::io("create a file in", self.dir))
    }

    /// Keeps a track whose audio is in `file`: the audio by a rename, then its description by another.
    pub(super) fn keep(&self, mut track: Track, file: TempPath, short: bool) -> Result<Track, ReleaseError> {
        track.encoded.path = self.encoded();
        let bytes = fs::metadata(&file).map_err(ReleaseError::io("read", &file))?.len();
        let blake3 = blake3_of(&file).map_err(ReleaseError::io("read", &file))?;
        let reference = short.then(|| self.reference.clone());
        let kept = Kept { version: VERSION, reference, bytes, blake3, track };
        self.rename(file, &self.encoded())?;

        let description = self.new_file()?;
        let json = serde_json::to_vec_pretty(&kept).expect("a track is plain data with text keys");
        fs::write(&description, json).map_err(ReleaseError::io("write", &description))?;
        self.rename(description, &self.description())?;
        Ok(kept.track)
    }

    fn rename(&self, from: TempPath, to: &Path) -> Result<(), ReleaseError> {
        from.persist(to).map_err(|error| ReleaseError::io("rename a file to", to)(error.error))
    }
}

fn blake3_of(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}
