//! The voice pack of a built-in backend.

use std::sync::Arc;

use rhapsode_voice::VoicePack;

use super::BUILTIN;
use crate::{EngineError, Event, Listener, Settings, VoiceSource};

/// The voice pack that a built-in backend speaks with.
pub(super) fn builtin_voice(backend: &str, settings: &Settings) -> String {
    let table = settings.voices.get(&settings.voice);
    match table.and_then(|table| table.get(backend).or_else(|| table.get(BUILTIN))) {
        Some(VoiceSource::Named(name)) => name.clone(),
        Some(VoiceSource::Recording(_)) | None => settings.voice.clone(),
    }
}

/// Finds a voice pack, fetching it if it is not on this machine.
pub(super) async fn builtin_pack(
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
