//! Speech without a job: a text from the command line, or the beginning of a book to hear the voice. Takes go
//! through the same store under the same keys, so that a later conversion uses them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use rhapsode_book::{Format as ManuscriptFormat, ReadOptions};
use rhapsode_dispatch::{BackendPool, DispatchEvent, DispatchOptions, Member, PoolOptions, StopSignal, Work};
use rhapsode_release::{ChapterPlan, Codec, PlannedTake, master};
use rhapsode_script::Chunk;
use rhapsode_store::TakeStore;
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{
    EngineError, Event, Listener, Narrator, SECONDS_PER_CHARACTER, Settings,
    lookup::look_up,
    plan::BUILTIN_PROFILE,
    prepare::{Prepared, order, work},
};

/// Takes are spoken for this much more than the wanted length, because lengths are guessed before speaking.
const SAMPLE_MARGIN: f64 = 1.25;

/// Which part of a book a sample speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleExtent {
    /// Number of the chapter, from 1; the first without it.
    pub chapter: Option<u32>,
    /// Length in seconds; the sample ends with the sentence in which it is reached.
    pub seconds: f64,
}

/// A sound file that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundFile {
    /// The file.
    pub path: PathBuf,
    /// Its length in seconds.
    pub seconds: f64,
}

/// Speaks a text into a WAV or FLAC file.
///
/// # Errors
/// If the text has nothing to speak, the voice fails, or the file cannot be written.
pub async fn say(
    text: &str,
    output: &Path,
    settings: &Settings,
    narrator: &Narrator,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<SoundFile, EngineError> {
    let began = Instant::now();
    let name = Path::new("text");
    let options = ReadOptions { format: Some(ManuscriptFormat::Text), policy: settings.policy.clone() };
    let book = rhapsode_book::read_bytes(text.as_bytes(), name, &options)
        .map_err(|source| EngineError::Read { path: name.to_owned(), source })?;
    let prepared = Prepared::script(book, BUILTIN_PROFILE, settings, began)?;
    let chunks: Vec<&Chunk> = prepared.script.chunks().collect();
    let speaker = Speaker { settings, narrator, stop, listener };
    speaker.speak_to_file(&chunks, f64::INFINITY, output).await
}

/// Speaks the beginning of a book or of one of its chapters into a WAV or FLAC file.
///
/// # Errors
/// If the manuscript cannot be read, the chapter is not there, the voice fails, or the file cannot be written.
pub async fn sample(
    manuscript: &Path,
    extent: SampleExtent,
    output: Option<&Path>,
    settings: &Settings,
    narrator: &Narrator,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<SoundFile, EngineError> {
    let prepared = Prepared::read(manuscript, BUILTIN_PROFILE, settings)?;
    let chapters = &prepared.script.chapters;
    let first = match extent.chapter {
        None => 0,
        Some(wanted) => chapters
            .iter()
            .position(|chapter| chapter.number == wanted)
            .ok_or(EngineError::NoSuchChapter { wanted, chapters: chapters.len() })?,
    };
    let mut guess = 0.0;
    let mut chunks: Vec<&Chunk> = Vec::new();
    for chunk in chapters[first..].iter().flat_map(|chapter| &chapter.chunks) {
        if guess > extent.seconds * SAMPLE_MARGIN {
            break;
        }
        guess +=
            chunk.plain_text().chars().count() as f64 * SECONDS_PER_CHARACTER / f64::from(settings.speed);
        chunks.push(chunk);
    }
    let default_output = || {
        let name = rhapsode_release::safe_file_name(&format!("{} (sample)", prepared.metadata.title), 200);
        crate::Output::BesideManuscript.folder(manuscript).join(format!("{name}.wav"))
    };
    let output = output.map_or_else(default_output, Path::to_owned);
    let speaker = Speaker { settings, narrator, stop, listener };
    speaker.speak_to_file(&chunks, extent.seconds, &output).await
}

struct Speaker<'a> {
    settings: &'a Settings,
    narrator: &'a Narrator,
    stop: watch::Receiver<StopSignal>,
    listener: &'a dyn Listener,
}

impl Speaker<'_> {
    /// Speaks chunks as one track until `seconds` are reached.
    async fn speak_to_file(
        &self,
        chunks: &[&Chunk],
        seconds: f64,
        output: &Path,
    ) -> Result<SoundFile, EngineError> {
        let codec = match output.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref()
        {
            Some("wav") => Codec::Wav,
            Some("flac") => Codec::Flac,
            _ => return Err(EngineError::NotASoundFile(output.to_owned())),
        };
        let store = Arc::new(TakeStore::open(&self.settings.store)?);
        let work: Vec<Work> =
            chunks.iter().map(|chunk| work(chunk, self.narrator.describe(), self.settings)).collect();
        let keys: Vec<[u8; 32]> = work.iter().map(|item| item.variants[0].key.0).collect();
        let found = look_up(work, &store, self.settings.defects)?;
        if !found.missing.is_empty() {
            self.speak(found.missing, &store).await?;
        }
        let plan = self.plan(chunks, &keys, seconds, &store)?;
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let failed = |source| EngineError::OutputFolder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".rhapsode-").tempdir_in(folder).map_err(failed)?;
        let mut settings = self.settings.master.clone();
        if let Some(rate) = self.narrator.describe().rate {
            settings.rate = rate;
        }
        let track = master(&plan, &settings, codec, &store, staging.path())?;
        std::fs::rename(&track.encoded.path, output).map_err(failed)?;
        Ok(SoundFile { path: output.to_owned(), seconds: settings.rate.seconds(track.samples) })
    }

    async fn speak(&self, missing: Vec<Work>, store: &Arc<TakeStore>) -> Result<(), EngineError> {
        let chunks = missing.len();
        let words: Vec<(u32, String)> =
            missing.iter().map(|w| (w.ordinal, w.variants[0].request.plain_text())).collect();
        let pool = BackendPool::start(vec![Member::new(self.narrator.open().await?)], PoolOptions::default());
        let options = DispatchOptions { attempts: self.settings.attempts, ..DispatchOptions::default() };
        let (tell, mut events) = unbounded_channel();
        let order = order(missing, options);
        let mut dispatching = Box::pin(pool.dispatch(order, Arc::clone(store), self.stop.clone(), tell));
        let mut unspoken = Vec::new();
        let mut done = 0;
        let mut hear = |event| match event {
            DispatchEvent::Finished { .. } => done += 1,
            DispatchEvent::Failed { ordinal, reason, .. } => {
                unspoken.push(ordinal);
                self.listener.tell(Event::Unspoken { ordinal, reason });
            }
            _ => {}
        };
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => hear(event),
                outcome = &mut dispatching => break outcome?,
            }
        };
        while let Ok(event) = events.try_recv() {
            hear(event);
        }
        if outcome.stopped {
            return Err(EngineError::Stopped { done, chunks });
        }
        match unspoken.first() {
            None => Ok(()),
            Some(first) => {
                let words = words.into_iter().find(|(ordinal, _)| ordinal == first);
                Err(EngineError::Unspoken {
                    first: words.map(|(_, text)| text).unwrap_or_default(),
                    ordinals: unspoken,
                })
            }
        }
    }

    /// The takes up to the one in which `seconds` are reached.
    fn plan(
        &self,
        chunks: &[&Chunk],
        keys: &[[u8; 32]],
        seconds: f64,
        store: &TakeStore,
    ) -> Result<ChapterPlan, EngineError> {
        let mut takes = Vec::new();
        let mut length = 0.0;
        for (chunk, &key) in chunks.iter().zip(keys) {
            if length >= seconds {
                break;
            }
            let pause_after_ms = self.settings.pauses.milliseconds(chunk.pause_after.reason);
            if let Some(take) = store.get(&key)? {
                length +=
                    take.samples.len() as f64 / f64::from(take.rate) + f64::from(pause_after_ms) / 1_000.0;
            }
            takes.push(PlannedTake { ordinal: chunk.ordinal, key, pause_after_ms });
        }
        Ok(ChapterPlan { title: "speech".into(), takes, loudness_reference: Vec::new() })
    }
}
