//! The backends of a run: what is known of them without asking, and the pool that they make once they are asked.
//! Finding them is cheap and comes before the book is read; they are opened only when a chunk has no take.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rhapsode_dispatch::{BackendPool, DispatchError, Member, Outage, PoolOptions, StopSignal};
use rhapsode_script::{Packing, Profile};
use rhapsode_speech::{
    BackendSettings, Description, SharedBackend, SpeechError, expect_backend, open_backend,
};
use rhapsode_store::TakeStore;
use rhapsode_voice::VoicePack;
use tokio::{
    sync::{OnceCell, watch},
    task::JoinSet,
};

use crate::{
    BUILTIN_PROFILE, EngineError, Event, Listener, Settings, VoiceSource,
    casting::{Asked, Cast, cast},
    notes::Note,
};

/// The kind of the built-in voice, and its name where nobody configured one.
const BUILTIN: &str = "builtin";
/// A server that has not said within this time whether it is ready does not answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Waits between two attempts to open backends of which none answers: the first, and the longest.
const REOPEN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

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

/// A backend of the configuration with what is known of it.
#[derive(Debug)]
struct Known {
    settings: BackendSettings,
    /// What the configuration alone says of it.
    expected: Description,
    note: Mutex<Note>,
}

/// The backends after they were asked.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) pool: Arc<BackendPool>,
    /// For each member of the pool, whose it is.
    members: Vec<OpenedMember>,
}

#[derive(Debug, Clone, Copy)]
struct OpenedMember {
    /// Index of the backend in the configuration.
    backend: usize,
    answers: bool,
}

/// A backend that was asked what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// What the configuration says of it.
    pub settings: BackendSettings,
    /// What it says of itself; what is expected of it if it does not answer.
    pub description: Description,
    /// Why it does not work, if it does not. The text fits after "failed to ".
    pub trouble: Option<String>,
}

/// A backend that may speak, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) settings: BackendSettings,
    pub(crate) description: Description,
    /// Whether it said this itself, now or in an earlier run.
    pub(crate) asked: bool,
    /// Whether its voices are all that it has.
    pub(crate) voices: VoiceList,
}

/// Whether the voices of a description are all that a backend has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VoiceList {
    /// They are.
    Whole,
    /// It was not asked yet, or does not say.
    Partial,
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

    /// Opens the backends. Those that do not answer are told and the others go on without them.
    ///
    /// # Errors
    /// If none can be opened; with [`Outage::Wait`] only if none ever can.
    pub(crate) async fn open(
        &self,
        outage: Outage,
        stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<&Opened, EngineError> {
        self.opened.get_or_try_init(|| self.open_or_wait(outage, stop, listener)).await
    }

    /// The first backend that can be opened, by itself.
    ///
    /// # Errors
    /// If none can be opened; with [`Outage::Wait`] only if none ever can.
    pub async fn first_backend(
        &self,
        outage: Outage,
        stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<SharedBackend, EngineError> {
        let opened = self.open(outage, stop, listener).await?;
        let first = opened.pool.members().first().expect("a pool is opened with at least one member");
        Ok(Arc::clone(&first.backend))
    }

    /// Opens the backends; with [`Outage::Wait`] again and again until one can be opened.
    async fn open_or_wait(
        &self,
        outage: Outage,
        mut stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<Opened, EngineError> {
        let (mut delay, longest) = REOPEN;
        let mut waiting = false;
        loop {
            let failed = match self.open_all(listener).await? {
                Ok(opened) => {
                    waiting.then(|| listener.tell(Event::GoesOn));
                    return Ok(opened);
                }
                Err(failed) => failed,
            };
            let hopeless = failed.iter().all(|error| matches!(error, SpeechError::Unavailable { .. }));
            if outage == Outage::Stop || hopeless {
                return Err(none_opened(failed));
            }
            listener.tell(Event::Waiting { reasons: reasons(&failed) });
            waiting = true;
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = stopped(&mut stop) => return Err(none_opened(failed)),
            }
            delay = (delay * 2).min(longest);
        }
    }

    /// Opens all backends at once: those that can be opened, or why none can.
    async fn open_all(
        &self,
        listener: &dyn Listener,
    ) -> Result<Result<Opened, Vec<SpeechError>>, EngineError> {
        let mut opening = JoinSet::new();
        for (index, known) in self.backends.iter().enumerate() {
            let settings = known.settings.clone();
            opening.spawn(async move { (index, open_one(&settings).await) });
        }
        let mut opened = Vec::new();
        while let Some(outcome) = opening.join_next().await {
            opened.push(outcome.map_err(EngineError::Panicked)?);
        }
        opened.sort_by_key(|(index, _)| *index);

        let (mut members, mut of, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (index, outcome) in opened {
            let known = &self.backends[index];
            match outcome {
                Ok(addresses) => {
                    known.note_what_is_said(&addresses, &self.store)?;
                    for (backend, silence) in addresses {
                        let answers = silence.is_none();
                        if let Some(reason) = silence {
                            let backend = backend.describe().name.clone();
                            listener.tell(Event::BackendSilent { backend, reason });
                        }
                        members.push(known.join(backend));
                        of.push(OpenedMember { backend: index, answers });
                    }
                }
                Err(error) => {
                    let backend = known.settings.name.clone();
                    listener.tell(Event::BackendSilent { backend, reason: error.to_string() });
                    failed.push(error);
                }
            }
        }
        if members.is_empty() {
            return Ok(Err(failed));
        }
        let pool = Arc::new(BackendPool::start(members, PoolOptions::default()));
        Ok(Ok(Opened { pool, members: of }))
    }

    /// Asks every backend what it can do and whether it is ready. Nothing is spoken.
    pub async fn survey(&self) -> Vec<Surveyed> {
        let mut asking = JoinSet::new();
        for (index, known) in self.backends.iter().enumerate() {
            let (settings, expected) = (known.settings.clone(), known.expected.clone());
            asking.spawn(async move {
                let surveyed =
                    |description, trouble| Surveyed { settings: settings.clone(), description, trouble };
                let surveyed: Vec<Surveyed> = match open_one(&settings).await {
                    Ok(addresses) => addresses
                        .into_iter()
                        .map(|(backend, silence)| surveyed(backend.describe().clone(), silence))
                        .collect(),
                    Err(error) => vec![surveyed(expected, Some(error.to_string()))],
                };
                (index, surveyed)
            });
        }
        let mut surveyed = asking.join_all().await;
        surveyed.sort_by_key(|(index, _)| *index);
        surveyed.into_iter().flat_map(|(_, surveyed)| surveyed).collect()
    }

    /// Remembers a limit that a backend taught.
    pub(crate) fn learn_limit(&self, backend: &str, max_chars: usize) -> Result<(), EngineError> {
        let Some(opened) = self.opened.get() else { return Ok(()) };
        let of = opened.pool.members().iter().zip(&opened.members);
        for (_, of) in of.filter(|(member, _)| member.backend.describe().name == backend) {
            let known = &self.backends[of.backend];
            let mut note = known.note();
            note.limits.insert(backend.to_owned(), max_chars);
            note.write(&known.settings, &self.store)?;
        }
        Ok(())
    }
}

impl Known {
    fn note(&self) -> MutexGuard<'_, Note> {
        // A note is replaced whole, so it is whole whatever thread panicked beside it.
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The backend before it is asked: what it said last, or what the configuration says.
    fn candidates(&self) -> Vec<Candidate> {
        let candidate = |description, asked| self.candidate(description, asked);
        match self.note().said.as_slice() {
            [] => vec![candidate(&self.expected, false)],
            said => said.iter().map(|description| candidate(description, true)).collect(),
        }
    }

    /// An address of the backend after it was asked. One that does not answer is still what it was.
    fn member(&self, description: &Description, answers: bool) -> Candidate {
        let note = self.note();
        let earlier = note.said_by(&description.name).filter(|_| !answers);
        self.candidate(earlier.unwrap_or(description), answers || earlier.is_some())
    }

    fn candidate(&self, description: &Description, asked: bool) -> Candidate {
        // A server that lists no voices is described with those of its configuration.
        let told = asked && description.voices != self.expected.voices;
        let whole = told || self.settings.kind == BUILTIN || self.settings.options.contains_key("voices");
        Candidate {
            settings: self.settings.clone(),
            description: description.clone(),
            asked,
            voices: if whole { VoiceList::Whole } else { VoiceList::Partial },
        }
    }

    fn join(&self, backend: SharedBackend) -> Member {
        let member = Member::new(backend);
        let learnt = self.note().limits.get(&member.backend.describe().name).copied();
        Member { max_chars: learnt.map_or(member.max_chars, |limit| limit.min(member.max_chars)), ..member }
    }

    fn note_what_is_said(
        &self,
        addresses: &[(SharedBackend, Option<String>)],
        store: &TakeStore,
    ) -> Result<(), EngineError> {
        let answering = addresses.iter().filter(|(_, silence)| silence.is_none());
        let said: Vec<Description> = answering.map(|(backend, _)| backend.describe().clone()).collect();
        let mut note = self.note();
        if !said.is_empty() && note.said != said {
            note.said = said;
            note.write(&self.settings, store)?;
        }
        Ok(())
    }
}

/// Opens a backend and asks each of its addresses whether it is ready; with the reason where one does not answer.
async fn open_one(settings: &BackendSettings) -> Result<Vec<(SharedBackend, Option<String>)>, SpeechError> {
    let mut addresses = Vec::new();
    for backend in open_backend(settings).await? {
        let silence = match tokio::time::timeout(ANSWER, backend.ready()).await {
            Ok(Err(error @ SpeechError::Unreachable { .. })) => Some(error.to_string()),
            Err(_) => Some("it does not say whether it is ready".to_owned()),
            Ok(_) => None,
        };
        addresses.push((backend, silence));
    }
    Ok(addresses)
}

fn reasons(failed: &[SpeechError]) -> String {
    failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn none_opened(mut failed: Vec<SpeechError>) -> EngineError {
    match (failed.len(), failed.pop()) {
        (1, Some(error)) => error.into(),
        (_, last) => {
            failed.extend(last);
            DispatchError::NoBackend { reasons: reasons(&failed) }.into()
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<StopSignal>) {
    if stop.wait_for(|signal| *signal != StopSignal::Running).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The voice pack that a built-in backend speaks with.
fn builtin_voice(backend: &str, settings: &Settings) -> String {
    let table = settings.voices.get(&settings.voice);
    match table.and_then(|table| table.get(backend).or_else(|| table.get(BUILTIN))) {
        Some(VoiceSource::Named(name)) => name.clone(),
        Some(VoiceSource::Recording(_)) | None => settings.voice.clone(),
    }
}

/// Finds a voice pack, fetching it if it is not on this machine.
async fn builtin_pack(
    settings: &Settings,
    name: String,
    listener: &Arc<dyn Listener>,
) -> Result<VoicePack, EngineError> {
    let (packs, listener) = (settings.packs.clone(), Arc::clone(listener));
    let pack = tokio::task::spawn_blocking(move || {
        rhapsode_voice::pack::resolve(&packs, &name, &|progress| {
            listener.tell(Event::FetchingVoice {
                voice: name.clone(),
                source: progress.source.to_string(),
                bytes: progress.done,
                total: progress.total,
            });
        })
    })
    .await
    .map_err(EngineError::Panicked)??;
    Ok(pack)
}
