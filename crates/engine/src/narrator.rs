//! The voice of a job. Finding it is cheap and comes before the book is read; its model is loaded only when a
//! chunk has no take.

use std::sync::Arc;

use rhapsode_speech::{Builtin, Description, SharedBackend};
use rhapsode_voice::{Voice, VoicePack};
use tokio::sync::OnceCell;

use crate::{EngineError, Event, Listener, Settings};

/// A voice that was found, and is opened on demand. Shared by all books of a run.
#[derive(Debug)]
pub struct Narrator {
    pack: VoicePack,
    description: Description,
    workers: usize,
    backend: OnceCell<SharedBackend>,
}

impl Narrator {
    /// Finds the voice, fetching it if it is not on this machine.
    ///
    /// # Errors
    /// If it is nowhere to be had.
    pub async fn find(settings: &Settings, listener: Arc<dyn Listener>) -> Result<Self, EngineError> {
        let (packs, name) = (settings.packs.clone(), settings.voice.clone());
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
        let workers = settings.workers.max(1);
        let description = Builtin::description(&pack, workers);
        Ok(Self { pack, description, workers, backend: OnceCell::new() })
    }

    /// What the voice can do; known without loading it.
    #[must_use]
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// The voice, loaded.
    pub(crate) async fn open(&self) -> Result<SharedBackend, EngineError> {
        let open = || async {
            let (pack, workers) = (self.pack.clone(), self.workers);
            tokio::task::spawn_blocking(move || {
                let voice = Voice::open(&pack)?;
                Ok(Arc::new(Builtin::new(voice, &pack, workers)?) as SharedBackend)
            })
            .await
            .map_err(EngineError::Panicked)?
        };
        self.backend.get_or_try_init(open).await.cloned()
    }
}
