//! Speech without a job: a text from the command line, or the beginning of a book to hear the voice. Takes go
//! through the same store under the same keys, so that a later conversion uses them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use rhapsode_audio::{judge::Bounds, learn::Learner};
use rhapsode_book::{Format as ManuscriptFormat, ReadOptions};
use rhapsode_dispatch::{DispatchEvent, Order, StopSignal, Work};
use rhapsode_gate::GateMode;
use rhapsode_release::{ChapterPlan, Codec, PlannedTake, master};
use rhapsode_script::Chunk;
use rhapsode_speech::TakeKey;
use rhapsode_store::TakeStore;
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{
    EngineError, Ensemble, Event, GateTerms, Listener, SECONDS_PER_CHARACTER, Settings,
    admission::{Admission, Machine, Missing, Room, language_of},
    casting::Cast,
    ensemble::profile,
    lookup::look_up,
    prepare::{Prepared, dispatch_options},
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
    ensemble: &Ensemble,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<SoundFile, EngineError> {
    let began = Instant::now();
    let name = Path::new("text");
    let options = ReadOptions { format: Some(ManuscriptFormat::Text), policy: settings.policy.clone() };
    let book = rhapsode_book::read_bytes(text.as_bytes(), name, &options)
        .map_err(|source| EngineError::Read { path: name.to_owned(), source })?;
    let prepared = Arc::new(Prepared::script(book, profile(settings)?, settings, began)?);
    let chunks: Vec<&Chunk> = prepared.script.chunks().collect();
    // It is how a backend is tried that the gate refuses.
    let terms = GateTerms { mode: GateMode::Off, ..settings.gate.clone() };
    let settings = &Settings { gate: terms, ..settings.clone() };
    let speaker = Speaker { prepared: &prepared, settings, ensemble, stop, listener };
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
    ensemble: &Ensemble,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<SoundFile, EngineError> {
    let prepared = Arc::new(Prepared::read(manuscript, profile(settings)?, settings)?);
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
    let speaker = Speaker { prepared: &prepared, settings, ensemble, stop, listener };
    speaker.speak_to_file(&chunks, extent.seconds, &output).await
}

struct Speaker<'a> {
    prepared: &'a Arc<Prepared>,
    settings: &'a Settings,
    ensemble: &'a Ensemble,
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
        let takes = self.takes(chunks).await?;
        let store = self.ensemble.store();
        let plan = self.plan(chunks, &takes, seconds, store)?;
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let failed = |source| EngineError::OutputFolder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".rhapsode-").tempdir_in(folder).map_err(failed)?;
        let mut settings = self.settings.master.clone();
        if let Some(rate) = self.ensemble.rate() {
            settings.rate = rate;
        }
        let track = master(&plan, &settings, codec, store, staging.path())?;
        std::fs::rename(&track.encoded.path, output).map_err(failed)?;
        Ok(SoundFile { path: output.to_owned(), seconds: settings.rate.seconds(track.samples) })
    }

    /// The takes of chunks by ordinal; those that are missing are spoken.
    async fn takes(&self, chunks: &[&Chunk]) -> Result<HashMap<u32, TakeKey>, EngineError> {
        let store = self.ensemble.store();
        let look = |cast: &Cast| {
            let work = chunks.iter().map(|chunk| cast.work(self.prepared, chunk, 0)).collect();
            look_up(work, |_| None, store)
        };
        let mut cast = self.ensemble.cast(self.settings)?;
        let mut found = look(&cast)?;
        let mut spoken = HashMap::new();
        if !found.missing.is_empty() {
            self.ensemble.open(self.settings, self.stop.clone(), self.listener).await?;
            let asked = self.ensemble.cast(self.settings)?;
            if asked.renditions != cast.renditions {
                found = look(&asked)?;
            }
            cast = asked;
        }
        if !found.missing.is_empty() {
            self.pass_the_gate(&found.missing, &cast).await?;
            spoken = self.speak(found.missing, &cast).await?;
        }
        spoken.extend(found.present.into_iter().map(|present| (present.ordinal, present.take.key)));
        Ok(spoken)
    }

    async fn pass_the_gate(&self, missing: &[Work], cast: &Cast) -> Result<(), EngineError> {
        let store = self.ensemble.store();
        let language = language_of(missing);
        let admission = Admission {
            settings: self.settings,
            machine: Machine {
                room: Room::of_takes(store, Missing::of(missing), self.settings),
                requests: self.ensemble.requests(),
                ..Machine::default()
            },
            store,
            stop: self.stop.clone(),
            listener: self.listener,
        };
        let backends = || self.ensemble.at_the_gate(Some(cast), self.settings, language.as_deref());
        admission.ask(backends, self.ensemble.pool()).await.map(drop)
    }

    async fn speak(&self, missing: Vec<Work>, cast: &Cast) -> Result<HashMap<u32, TakeKey>, EngineError> {
        let chunks = missing.len();
        let words: Vec<(u32, String)> =
            missing.iter().map(|w| (w.ordinal, w.variants[0].request().plain_text())).collect();
        let opened = self.ensemble.open(self.settings, self.stop.clone(), self.listener).await?;
        let order = Order {
            work: missing,
            variant_of: cast.rendition_of.clone(),
            learners: vec![Learner::new(Bounds::default()); cast.renditions.len()],
            options: dispatch_options(self.settings),
        };
        let (tell, mut events) = unbounded_channel();
        let store = Arc::clone(self.ensemble.store());
        let mut dispatching = Box::pin(opened.pool.dispatch(order, store, self.stop.clone(), tell));
        let mut unspoken = Vec::new();
        let mut done = HashMap::new();
        let mut hear = |event| match event {
            DispatchEvent::Finished { ordinal, key, .. } => {
                done.insert(ordinal, key);
            }
            DispatchEvent::Failed { ordinal, reason, .. } => {
                unspoken.push(ordinal);
                self.listener.tell(Event::Unspoken { ordinal, reason });
            }
            other => Event::of_pool(other).into_iter().for_each(|event| self.listener.tell(event)),
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
            return Err(EngineError::Stopped { done: done.len(), chunks });
        }
        match unspoken.first() {
            None => Ok(done),
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
        keys: &HashMap<u32, TakeKey>,
        seconds: f64,
        store: &TakeStore,
    ) -> Result<ChapterPlan, EngineError> {
        let mut takes = Vec::new();
        let mut length = 0.0;
        for chunk in chunks {
            let Some(TakeKey(key)) = keys.get(&chunk.ordinal).copied() else { continue };
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
