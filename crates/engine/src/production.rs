//! Dispatch and mastering side by side: every take that lands goes to its chapter, every chapter that is
//! complete goes to the encoders, while the next chunks are spoken.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use rhapsode_dispatch::{BackendPool, DispatchEvent, DispatchOptions, Member, PoolOptions, StopSignal, Work};
use rhapsode_store::{JobDir, TakeStore, Verdict};
use serde::Serialize;
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{
    EngineError, Event, Listener, Narrator,
    drafts::Drafts,
    lookup::Found,
    prepare::{Prepared, order},
    tracks::Board,
};

/// A book on its way through dispatch and mastering.
pub(crate) struct Production<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) job: &'a JobDir,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) board: Board,
    pub(crate) drafts: Drafts,
    pub(crate) listener: &'a dyn Listener,
    /// Defects by chunk.
    pub(crate) defects: BTreeMap<u32, Vec<String>>,
    /// Chunks spoken in this run.
    pub(crate) spoken: usize,
    /// Seconds of speaking, summed over the workers.
    pub(crate) speech_seconds: f64,
    /// When the last take landed.
    pub(crate) last_take: Instant,
}

/// A line of the journal.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Record<'a> {
    Defect { ordinal: u32, defects: &'a [String] },
    Unspoken { ordinal: u32, reason: &'a str },
    Track { chapter: usize, title: &'a str, seconds: f64 },
}

impl Production<'_> {
    /// Speaks what is missing and masters everything. Returns with every chapter mastered, or with an error;
    /// what was committed until then is kept.
    pub(crate) async fn run(
        &mut self,
        found: Found,
        narrator: &Narrator,
        options: DispatchOptions,
        stop: watch::Receiver<StopSignal>,
    ) -> Result<(), EngineError> {
        for chapter in self.board.complete_chapters() {
            self.tell_of_track(chapter)?;
        }
        let present = found.present.len();
        for present in found.present {
            if !present.defects.is_empty() {
                self.defects.insert(present.ordinal, present.defects);
            }
            self.board.take_is_there(present.ordinal);
        }
        if !found.missing.is_empty() {
            self.speak(found.missing, present, narrator, options, stop).await?;
        }
        while self.board.in_flight() > 0 {
            self.next_track().await?;
        }
        Ok(())
    }

    async fn speak(
        &mut self,
        missing: Vec<Work>,
        present: usize,
        narrator: &Narrator,
        options: DispatchOptions,
        stop: watch::Receiver<StopSignal>,
    ) -> Result<(), EngineError> {
        let chunks = present + missing.len();
        let pool = BackendPool::start(vec![Member::new(narrator.open().await?)], PoolOptions::default());
        let (tell, mut events) = unbounded_channel();
        let mut dispatching =
            Box::pin(pool.dispatch(order(missing, options), Arc::clone(&self.store), stop, tell));
        let mut unspoken = Vec::new();
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => self.hear(event, &mut unspoken)?,
                mastered = self.board.next() => self.take_in(mastered)?,
                outcome = &mut dispatching => break outcome?,
            }
        };
        while let Ok(event) = events.try_recv() {
            self.hear(event, &mut unspoken)?;
        }
        if outcome.stopped {
            // What is being mastered is kept too: the next run begins after it.
            while self.board.in_flight() > 0 {
                self.next_track().await?;
            }
            return Err(EngineError::Stopped { done: present + self.spoken, chunks });
        }
        if let Some(first) = unspoken.first() {
            let words = self.prepared.chunk(*first).map(|c| c.source.text.clone()).unwrap_or_default();
            return Err(EngineError::Unspoken { first: words, ordinals: unspoken });
        }
        Ok(())
    }

    fn hear(&mut self, event: DispatchEvent, unspoken: &mut Vec<u32>) -> Result<(), EngineError> {
        match event {
            DispatchEvent::Finished { ordinal, verdict, seconds_of_audio, elapsed, backend, .. } => {
                self.spoken += 1;
                self.speech_seconds += elapsed.as_secs_f64();
                self.last_take = Instant::now();
                let defects = match verdict {
                    Verdict::Accepted => Vec::new(),
                    Verdict::Defect(names) => names,
                };
                if !defects.is_empty() {
                    self.job.journal(&Record::Defect { ordinal, defects: &defects })?;
                    self.defects.insert(ordinal, defects.clone());
                }
                let characters =
                    self.prepared.chunk(ordinal).map_or(0, |chunk| chunk.plain_text().chars().count());
                let chapter = self.board.chapter_of(ordinal).unwrap_or_default();
                self.listener.tell(Event::Take {
                    ordinal,
                    chapter,
                    characters,
                    seconds: seconds_of_audio,
                    defects,
                    backend,
                });
                self.board.take_is_there(ordinal);
            }
            DispatchEvent::Retried { ordinal, reason, .. } => {
                self.listener.tell(Event::Retry { ordinal, reason })
            }
            DispatchEvent::Failed { ordinal, reason, .. } => {
                self.job.journal(&Record::Unspoken { ordinal, reason: &reason })?;
                unspoken.push(ordinal);
                self.listener.tell(Event::Unspoken { ordinal, reason });
            }
            _ => {}
        }
        Ok(())
    }

    async fn next_track(&mut self) -> Result<(), EngineError> {
        let mastered = self.board.next().await;
        self.take_in(mastered)
    }

    fn take_in(&mut self, mastered: crate::tracks::Mastered) -> Result<(), EngineError> {
        let chapter = mastered.chapter;
        self.board.accept(mastered)?;
        self.tell_of_track(chapter)
    }

    /// Hands new tracks to the releases, and says that a chapter is there, once it is there in every codec.
    fn tell_of_track(&mut self, chapter: usize) -> Result<(), EngineError> {
        self.drafts.take_from(&self.board);
        let Some(track) = self.board.complete(chapter) else { return Ok(()) };
        let seconds = track.encoded.rate.seconds(track.samples);
        self.job.journal(&Record::Track { chapter, title: &track.title, seconds })?;
        self.listener.tell(Event::Track {
            chapter,
            title: track.title.clone(),
            seconds,
            lufs: track.loudness.integrated_lufs,
            true_peak_dbtp: track.loudness.true_peak_dbtp,
        });
        Ok(())
    }
}
