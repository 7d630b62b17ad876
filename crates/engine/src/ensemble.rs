//! The backends of a run: what is known of them without asking, and the pool that they make once they are asked.
//! Finding them is cheap and comes before the book is read; they are opened only when a chunk has no take.

mod builtin;
mod known;
mod opening;
mod survey;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use rhapsode_dispatch::BackendPool;
use rhapsode_gate::{GateReport, GatedBackend, Proof};
use rhapsode_script::{Packing, Profile};
use rhapsode_speech::{BackendSettings, Description, Expectation, ProbeVoice, SpeechError, expect_backend};
use rhapsode_store::TakeStore;
use tokio::sync::OnceCell;

use crate::{
    BUILTIN_PROFILE, EngineError, Listener, Settings,
    casting::{Asked, Cast, cast},
    notes::Note,
};
use builtin::{builtin_pack, builtin_voice};
use known::Known;
pub(crate) use known::{Candidate, VoiceList};
pub(crate) use opening::Opened;
pub use survey::Surveyed;

/// The kind of the built-in voice, and its name where nobody configured one.
const BUILTIN: &str = "builtin";

/// The ensembles of a run, one for each set of backends, so that all books share the pools.
#[derive(Debug, Default)]
pub struct Ensembles(Vec<Arc<Ensemble>>);

impl Ensembles {
    /// Finds the backends of a job, fetching the built-in voice if it is needed and not on this machine.
    ///
    /// # Errors
    /// If the built-in voice is nowhere to be had, or a backend's kind cannot use its options.
    pub async fn find(
        &mut self,
        settings: &Settings,
        listener: Arc<dyn Listener>,
    ) -> Result<Arc<Ensemble>, EngineError> {
        let found = Ensemble::find(settings, listener).await?;
        if let Some(same) = self.0.iter().find(|ensemble| ensemble.is_same(&found)) {
            return Ok(Arc::clone(same));
        }
        let found = Arc::new(found);
        self.0.push(Arc::clone(&found));
        Ok(found)
    }
}

/// The backends of a run, opened on demand.
#[derive(Debug)]
pub struct Ensemble {
    backends: Vec<Known>,
    /// Backends that cannot take part, each with the reason.
    absent: Vec<(String, String)>,
    store: Arc<TakeStore>,
    opened: OnceCell<Opened>,
}

/// How a book is cut for the backends of a job: by the first one's configuration alone, so that nothing that a server
/// says or teaches moves a chunk's boundaries.
///
/// # Errors
/// If its kind cannot use its options.
pub(crate) fn profile(settings: &Settings) -> Result<Profile, EngineError> {
    match settings.backends.first() {
        Some(first) if first.kind != BUILTIN => Ok(fill(&expect_backend(first)?)),
        _ => Ok(BUILTIN_PROFILE),
    }
}

fn fill(expected: &Description) -> Profile {
    let max_chars = expected.max_chars.max(1);
    Profile { min_chars: expected.min_chars.clamp(1, max_chars), max_chars, packing: Packing::Fill }
}

impl Ensemble {
    async fn find(settings: &Settings, listener: Arc<dyn Listener>) -> Result<Self, EngineError> {
        let mut configured = settings.backends.clone();
        if configured.is_empty() {
            configured.push(BackendSettings::new(BUILTIN, BUILTIN, BTreeMap::new()));
        }
        let alone = configured.len() == 1;
        let store = Arc::new(TakeStore::open(&settings.store)?);
        let (mut backends, mut absent) = (Vec::new(), Vec::new());
        for mut backend in configured {
            if backend.kind == BUILTIN && !backend.options.contains_key("pack") {
                let voice = builtin_voice(&backend.name, settings);
                match builtin_pack(settings, voice, &listener).await {
                    Ok(pack) => {
                        let pack = pack.dir().to_string_lossy().into_owned();
                        backend.options.insert("pack".to_owned(), pack.into());
                        let workers = settings.workers.max(1);
                        backend.options.entry("workers".to_owned()).or_insert(workers.into());
                    }
                    Err(EngineError::Voice(error)) if !alone => {
                        absent.push((backend.name, error.to_string()));
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            let expected = expect_backend(&backend)?;
            let note = Mutex::new(Note::read(&backend, &store)?);
            backends.push(Known { settings: backend, expected, note });
        }
        Ok(Self { backends, absent, store, opened: OnceCell::new() })
    }

    fn is_same(&self, other: &Self) -> bool {
        let settings = |ensemble: &Self| -> Vec<BackendSettings> {
            ensemble.backends.iter().map(|known| known.settings.clone()).collect()
        };
        self.store.path() == other.store.path() && settings(self) == settings(other)
    }

    /// The take store, where the notes on the backends lie too.
    pub(crate) fn store(&self) -> &Arc<TakeStore> {
        &self.store
    }

    /// Those that may speak: the members of the pool once it is open, before that whoever is known to be there.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        match self.opened.get() {
            Some(opened) => opened
                .members
                .iter()
                .zip(opened.pool.members())
                .map(|(of, member)| self.backends[of.backend].member(member.backend.describe(), of.answers))
                .collect(),
            None => self.backends.iter().flat_map(Known::candidates).collect(),
        }
    }

    /// The backends as the gate checks them, each with the voice that it is cast with; without a cast, with the voice that
    /// was asked for. Those that do not take part are left out. In `language`, or in each one's first.
    pub(crate) fn at_the_gate(
        &self,
        cast: Option<&Cast>,
        settings: &Settings,
        language: Option<&str>,
    ) -> Vec<GatedBackend> {
        let Some(opened) = self.opened.get() else { return Vec::new() };
        let mut gated = Vec::new();
        for (index, (of, member)) in opened.members.iter().zip(opened.pool.members()).enumerate() {
            let (known, description) = (&self.backends[of.backend], member.backend.describe());
            let language = language.or(description.languages.first().map(String::as_str)).unwrap_or("en");
            let voice = match cast {
                None => wanted(&settings.voice, language),
                Some(cast) => match cast.rendition_of.get(index).copied().flatten() {
                    Some(rendition) => cast.renditions[rendition].probe_voice(language),
                    None => continue,
                },
            };
            gated.push(known.at_the_gate(&description.name, Ok(Arc::clone(&member.backend)), voice));
        }
        let language = language.unwrap_or("en");
        for failed in &opened.failed {
            let known = &self.backends[failed.backend];
            let (name, voice) = (&known.settings.name, wanted(&settings.voice, language));
            gated.push(known.at_the_gate(name, Err(failed.error.clone()), voice));
        }
        for (name, reason) in &self.absent {
            let error = SpeechError::Unavailable { backend: name.clone(), reason: reason.clone() };
            gated.push(GatedBackend {
                name: name.clone(),
                address: BUILTIN.to_owned(),
                opened: Err(error),
                expected: Expectation::default(),
                voice: wanted(&settings.voice, language),
            });
        }
        gated
    }

    /// The pool, if the backends were opened.
    pub(crate) fn pool(&self) -> Option<&BackendPool> {
        Some(&self.opened.get()?.pool)
    }

    /// Requests that the backends take at the same time, all together.
    pub(crate) fn requests(&self) -> usize {
        self.candidates().iter().map(|candidate| candidate.description.max_concurrency).sum()
    }

    /// Casts the voice of a job over the backends, as far as they are known.
    pub(crate) fn cast(&self, settings: &Settings) -> Result<Cast, EngineError> {
        let asked = if self.opened.initialized() { Asked::Now } else { Asked::NotYet };
        cast(&self.candidates(), &self.absent, settings, asked)
    }

    /// Rate of the takes, where the configuration of the first backend says it.
    pub(crate) fn rate(&self) -> Option<rhapsode_audio::SampleRate> {
        self.backends.first()?.expected.rate
    }

    /// Whether the backends were asked in this run.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.initialized()
    }

    /// Remembers a limit that a backend taught.
    pub(crate) fn learn_limit(&self, backend: &str, max_chars: usize) -> Result<(), EngineError> {
        self.learn(backend, |note| {
            note.limits.insert(backend.to_owned(), max_chars);
        })
    }

    /// Remembers how fast backends proved to be.
    pub(crate) fn learn_speeds(&self, report: &GateReport) -> Result<(), EngineError> {
        for Proof { backend, times_real_time, .. } in report.proofs() {
            self.learn(backend, |note| {
                note.times_real_time.insert(backend.clone(), *times_real_time);
            })?;
        }
        Ok(())
    }

    /// Writes something into the note of the backend with an address of this name.
    fn learn(&self, backend: &str, write: impl Fn(&mut Note)) -> Result<(), EngineError> {
        let Some(opened) = self.opened.get() else { return Ok(()) };
        let of = opened.pool.members().iter().zip(&opened.members);
        for (_, of) in of.filter(|(member, _)| member.backend.describe().name == backend) {
            let known = &self.backends[of.backend];
            let mut note = known.note();
            write(&mut note);
            note.write(&known.settings, &self.store)?;
        }
        Ok(())
    }
}

/// The voice that somebody asked for, as it is called where no backend has another name for it.
fn wanted(voice: &str, language: &str) -> ProbeVoice {
    ProbeVoice {
        voice: voice.to_owned(),
        reference: None,
        language: language.to_owned(),
        parameters: BTreeMap::new(),
    }
}
