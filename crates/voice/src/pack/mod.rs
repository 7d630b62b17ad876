//! Voice packs: folders with a voice's files and a manifest that names, sizes and hashes them.
//!
//! The format is described in `docs/voice.md`. A pack is verified in full when it is put in place; opening it
//! compares sizes only, since hashing every file at every start would cost more than it finds.

pub mod catalog;
mod manifest;
mod python_index;
mod repository;
mod resolve;
mod shelf;
mod staging;

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

pub use catalog::DEFAULT_VOICE;
use manifest::ManifestError;
pub use manifest::{Manifest, PackFile, Provenance, Role, SCHEMA};
pub use python_index::PythonClient;
pub use resolve::{PackSettings, Progress, Source, add_from_file, fetch, installed, resolve};

use crate::{
    VoiceError,
    voice::{KINDS, Kind},
};

/// Name of the manifest in a pack.
pub const MANIFEST: &str = "voice.json";

/// A source that was asked for a voice, and why it had none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The source, for people.
    pub source: String,
    /// What went wrong.
    pub reason: String,
}

/// A voice on disk.
#[derive(Debug, Clone)]
pub struct VoicePack {
    dir: PathBuf,
    manifest: Manifest,
    kind: usize,
}

impl VoicePack {
    /// Opens a pack and checks that its files are there and as long as they should be.
    ///
    /// # Errors
    /// [`VoiceError::BrokenPack`] with what is wrong, [`VoiceError::NewerPack`] for a later format.
    pub fn open(dir: &Path) -> Result<Self, VoiceError> {
        let broken = |reason: String| VoiceError::BrokenPack { dir: dir.to_owned(), reason };
        let text =
            fs::read(dir.join(MANIFEST)).map_err(|error| broken(format!("its {MANIFEST}: {error}")))?;
        let manifest = Manifest::parse(&text).map_err(|error| match error {
            ManifestError::Newer(found) => {
                VoiceError::NewerPack { dir: dir.to_owned(), found, known: SCHEMA }
            }
            ManifestError::Broken(error) => broken(format!("its {MANIFEST}: {error}")),
        })?;
        let kind = KINDS
            .iter()
            .position(|kind| kind.name == manifest.engine)
            .ok_or_else(|| broken(format!("its engine {:?} is not known", manifest.engine)))?;
        for role in KINDS[kind].roles {
            let file = manifest.files.get(role).ok_or_else(|| broken(format!("it has no {role}")))?;
            if !file.has_plain_name() {
                return Err(broken(format!("{:?} is no file name", file.name)));
            }
            let length = fs::metadata(dir.join(&file.name))
                .map_err(|error| broken(format!("its {}: {error}", file.name)))?
                .len();
            if length != file.bytes {
                return Err(broken(format!(
                    "its {} has {length} bytes instead of {}",
                    file.name, file.bytes
                )));
            }
        }
        Ok(Self { dir: dir.to_owned(), manifest, kind })
    }

    /// Hashes every file.
    ///
    /// # Errors
    /// [`VoiceError::BrokenPack`] naming the first file that is not what it was.
    pub fn verify(&self) -> Result<(), VoiceError> {
        for role in self.manifest.files.keys() {
            let file = self.file(*role)?;
            if hex::encode(Sha256::digest(self.read(*role)?)) != file.sha256 {
                return Err(self.broken(*role, "its content has changed"));
            }
        }
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the pack says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// A hash over the hashes of all files, in hex.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hash = Sha256::new();
        for (role, file) in &self.manifest.files {
            hash.update(format!("{role} {}\n", file.sha256));
        }
        hex::encode(hash.finalize())
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        &KINDS[self.kind]
    }

    pub(crate) fn file(&self, role: Role) -> Result<&PackFile, VoiceError> {
        self.manifest.files.get(&role).ok_or_else(|| VoiceError::BrokenPack {
            dir: self.dir.clone(),
            reason: format!("it has no {role}"),
        })
    }

    pub(crate) fn read(&self, role: Role) -> Result<Vec<u8>, VoiceError> {
        let file = self.file(role)?;
        fs::read(self.dir.join(&file.name)).map_err(|error| self.broken(role, &error.to_string()))
    }

    pub(crate) fn broken(&self, role: Role, reason: &str) -> VoiceError {
        let name = self.manifest.files.get(&role).map_or("file", |file| &file.name);
        VoiceError::BrokenPack { dir: self.dir.clone(), reason: format!("its {name}: {reason}") }
    }
}
