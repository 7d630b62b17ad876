//! The built-in voice as a backend: sessions in a pool, one for each worker, on blocking threads.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rhapsode_voice::{Fragment, SOUND_REVISION, Session, Voice, VoiceError, VoicePack};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::{
    Backend, BackendSettings, Call, Description, EngineIdentity, Part, Request, SharedBackend, SlotPolicy,
    Speech, SpeechError, SpeechFuture, table::BackendKind,
};

/// The row of this kind in the table.
pub(crate) const KIND: BackendKind =
    BackendKind { name: "builtin", about: "the voice in this program", expect, open };

/// Characters of spoken text that fit into one call of the graph, which takes about 400 phonemes.
const MAX_CHARS: usize = 300;

/// The built-in voice.
#[derive(Debug)]
pub struct Builtin {
    description: Description,
    voice: Arc<Voice>,
    workers: Arc<Semaphore>,
    /// Sessions that nobody speaks with at the moment; made on demand, at most one for each worker.
    idle: Arc<Mutex<Vec<Session>>>,
}

impl Builtin {
    /// A loaded voice with so many workers; best as many as there are cores, because a session uses one.
    ///
    /// # Errors
    /// [`SpeechError::Unavailable`] if the voice was not loaded from this pack: its takes would be stored under
    /// another voice's keys.
    pub fn new(voice: Arc<Voice>, pack: &VoicePack, workers: usize) -> Result<Self, SpeechError> {
        let description = Self::description(pack, workers);
        if voice.revision() != description.identity.revision {
            return Err(unavailable(format!(
                "the voice that was loaded is not the one in {}",
                pack.dir().display()
            )));
        }
        Ok(Self {
            workers: Arc::new(Semaphore::new(description.max_concurrency)),
            idle: Arc::default(),
            description,
            voice,
        })
    }

    /// Loads a pack. Blocks for about half a second.
    ///
    /// # Errors
    /// [`SpeechError::Unavailable`] if the pack cannot be loaded.
    pub fn open(pack: &VoicePack, workers: usize) -> Result<Self, SpeechError> {
        let voice = Voice::open(pack).map_err(speech_error)?;
        Self::new(voice, pack, workers)
    }

    /// This one under another name, for people and for `--backend`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.description.name = name.into();
        self
    }

    /// What this voice can do, without loading it.
    #[must_use]
    pub fn description(pack: &VoicePack, workers: usize) -> Description {
        let manifest = pack.manifest();
        let language = manifest.language.split('-').next().unwrap_or_default();
        Description {
            name: KIND.name.to_owned(),
            identity: EngineIdentity {
                engine: manifest.engine.clone(),
                model: manifest.name.clone(),
                revision: pack.revision(),
                sound_revision: SOUND_REVISION,
            },
            voices: vec![manifest.name.clone()],
            languages: vec![language.to_owned()],
            rate: None,
            max_concurrency: workers.clamp(1, Semaphore::MAX_PERMITS),
            min_chars: 1,
            max_chars: MAX_CHARS,
            phonemes: true,
            price: None,
        }
    }
}

impl Backend for Builtin {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn slot_policy(&self) -> SlotPolicy {
        SlotPolicy::Fixed
    }

    /// Speaks on a blocking thread of the runtime that polls the future. Dropping the future does not end the
    /// speech that has begun, and its worker stays busy until then.
    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        let seed = call.seed;
        Box::pin(async move {
            if !self.description.voices.contains(&request.voice) {
                return Err(SpeechError::Unspeakable(format!("there is no voice {:?} here", request.voice)));
            }
            let worker = Arc::clone(&self.workers).acquire_owned().await;
            let worker = worker.expect("nothing closes the semaphore");
            let (voice, idle) = (Arc::clone(&self.voice), Arc::clone(&self.idle));
            let (text, speed) = (request.text.clone(), request.speed);
            let speaking = tokio::task::spawn_blocking(move || {
                let taken = sessions(&idle).pop();
                let mut session = taken.unwrap_or_else(|| voice.session());
                let fragments: Vec<Fragment<'_>> = text.iter().map(fragment).collect();
                let spoken = session.speak(&fragments, speed, seed);
                // A panic passes this by: a session that broke off half-way is not used again.
                sessions(&idle).push(session);
                drop(worker);
                spoken
            });
            match speaking.await {
                Ok(Ok(pcm)) => Ok(Speech { pcm, seed, dropped_text: None }),
                Ok(Err(error)) => Err(speech_error(error)),
                Err(error) => Err(SpeechError::Transient {
                    backend: KIND.name.to_owned(),
                    reason: if error.is_panic() { "it panicked" } else { "it was cancelled" }.to_owned(),
                }),
            }
        })
    }
}

/// What the configuration of this kind says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Options {
    /// Folder of the voice pack.
    pack: PathBuf,
    /// Chunks spoken at the same time.
    #[serde(default = "one")]
    workers: usize,
}

fn one() -> usize {
    1
}

fn expect(settings: &BackendSettings) -> Result<Description, SpeechError> {
    let Options { pack, workers } = settings.options()?;
    let pack = VoicePack::open(&pack).map_err(speech_error)?;
    Ok(Description { name: settings.name.clone(), ..Builtin::description(&pack, workers) })
}

fn open(settings: BackendSettings) -> SpeechFuture<'static, Vec<SharedBackend>> {
    Box::pin(async move {
        let Options { pack, workers } = settings.options()?;
        let loading = tokio::task::spawn_blocking(move || {
            let pack = VoicePack::open(&pack).map_err(speech_error)?;
            Builtin::open(&pack, workers)
        });
        let loaded = loading.await.map_err(|error| unavailable(error.to_string()))??;
        Ok(vec![Arc::new(loaded.named(settings.name)) as SharedBackend])
    })
}

fn sessions(idle: &Mutex<Vec<Session>>) -> MutexGuard<'_, Vec<Session>> {
    // Only pushes and pops happen under the lock, so a panic elsewhere leaves the list whole.
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fragment(part: &Part) -> Fragment<'_> {
    match part {
        Part::Text(text) => Fragment::Text(text),
        Part::Phonemes { phonemes, .. } => Fragment::Phonemes(phonemes),
    }
}

fn unavailable(reason: String) -> SpeechError {
    SpeechError::Unavailable { backend: KIND.name.to_owned(), reason }
}

/// Sorts the voice's errors: the text's fault, the machine's for the moment, or the voice's for good.
fn speech_error(error: VoiceError) -> SpeechError {
    match error {
        VoiceError::Unspeakable { .. } => {
            SpeechError::Unspeakable("nothing in it can be pronounced".to_owned())
        }
        VoiceError::UnknownPhoneme { phonemes, character } => SpeechError::Unspeakable(format!(
            "its phonemes {phonemes:?} hold {character:?}, which is not in the voice's alphabet"
        )),
        VoiceError::Speed { speed } => {
            SpeechError::Unspeakable(format!("the voice does not speak at speed {speed}"))
        }
        VoiceError::Graph { graph, reason } => SpeechError::Transient {
            backend: KIND.name.to_owned(),
            reason: format!("its graph {graph} failed: {reason}"),
        },
        other => unavailable(format!("failed to {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_text_is_to_blame_for_is_not_tried_again() {
        let errors = [
            VoiceError::Unspeakable { text: "…".to_owned() },
            VoiceError::UnknownPhoneme { phonemes: "h€".to_owned(), character: '€' },
            VoiceError::Speed { speed: 9.0 },
        ];
        for error in errors {
            let error = speech_error(error);
            assert!(matches!(error, SpeechError::Unspeakable(_)), "{error}");
        }
    }

    #[test]
    fn a_graph_may_do_better_next_time_and_a_broken_pack_will_not() {
        let graph = VoiceError::Graph { graph: "hibari.onnx".to_owned(), reason: "no memory".to_owned() };
        assert!(matches!(speech_error(graph), SpeechError::Transient { .. }));
        let broken = VoiceError::BrokenPack { dir: "voices/x".into(), reason: "it has no graph".to_owned() };
        let error = speech_error(broken);
        assert!(matches!(error, SpeechError::Unavailable { .. }));
        assert!(error.to_string().contains("it has no graph"), "{error}");
    }
}
