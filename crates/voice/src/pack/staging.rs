//! Packs in the making: written beside their place, checked, synced, and put there by one rename.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{MANIFEST, Manifest, PackFile, VoicePack};
use crate::VoiceError;

/// A folder that becomes a pack, or vanishes.
pub(super) struct Staging {
    dir: TempDir,
    voices_dir: PathBuf,
}

impl Staging {
    /// Makes the folder, and the voices directory if need be.
    pub(super) fn begin(voices_dir: &Path) -> Result<Self, VoiceError> {
        fs::create_dir_all(voices_dir).map_err(|source| io_error("create", voices_dir, source))?;
        let dir = tempfile::Builder::new()
            .prefix(".installing-")
            .tempdir_in(voices_dir)
            .map_err(|source| io_error("create a folder in", voices_dir, source))?;
        Ok(Self { dir, voices_dir: voices_dir.to_owned() })
    }

    /// A place for what is downloaded on the way; it does not become part of the pack.
    pub(super) fn scratch(&self) -> Result<TempDir, VoiceError> {
        tempfile::Builder::new()
            .prefix(".downloading-")
            .tempdir_in(&self.voices_dir)
            .map_err(|source| io_error("create a folder in", &self.voices_dir, source))
    }

    /// Writes a file if it is the one that is wanted.
    ///
    /// # Errors
    /// The inner error says why the content is not what was wanted.
    pub(super) fn put(&self, wanted: &PackFile, content: &[u8]) -> Result<Result<(), String>, VoiceError> {
        if content.len() as u64 != wanted.bytes {
            return Ok(Err(format!(
                "{} has {} bytes instead of {}",
                wanted.name,
                content.len(),
                wanted.bytes
            )));
        }
        let hash = hex::encode(Sha256::digest(content));
        if hash != wanted.sha256 {
            return Ok(Err(format!("{} has the hash {hash} instead of {}", wanted.name, wanted.sha256)));
        }
        self.write(&wanted.name, content)?;
        Ok(Ok(()))
    }

    /// Puts the pack in place. If another process was faster, its pack stays; a broken one makes way.
    pub(super) fn publish(self, manifest: &Manifest) -> Result<VoicePack, VoiceError> {
        self.write(MANIFEST, manifest.to_json().as_bytes())?;
        sync_dir(self.dir.path())?;
        let place = self.voices_dir.join(&manifest.name);
        loop {
            match fs::rename(self.dir.path(), &place) {
                Ok(()) => break,
                Err(_) if place.exists() => {
                    if let Ok(theirs) = VoicePack::open(&place)
                        && theirs.manifest().files == manifest.files
                        && theirs.verify().is_ok()
                    {
                        return Ok(theirs);
                    }
                    self.remove(&place)?;
                }
                Err(source) => return Err(io_error("rename a finished voice to", &place, source)),
            }
        }
        sync_dir(&self.voices_dir)?;
        // It is no longer where the guard would remove it.
        let _ = self.dir.keep();
        VoicePack::open(&place)
    }

    /// Takes a broken pack away in one step, so that no other process sees half of it.
    fn remove(&self, place: &Path) -> Result<(), VoiceError> {
        let grave = self.scratch()?;
        match fs::rename(place, grave.path().join("broken")) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(io_error("replace", place, source))
            }
            // Gone already: another process is at the same work.
            _ => Ok(()),
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), VoiceError> {
        let path = self.dir.path().join(name);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        });
        written.map_err(|source| io_error("write", &path, source))
    }
}

/// Makes a rename in `dir` last.
fn sync_dir(dir: &Path) -> Result<(), VoiceError> {
    if cfg!(unix) {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| io_error("sync", dir, source))?;
    }
    Ok(())
}

pub(super) fn io_error(action: &'static str, path: &Path, source: io::Error) -> VoiceError {
    VoiceError::Io { action, path: path.to_owned(), source }
}
