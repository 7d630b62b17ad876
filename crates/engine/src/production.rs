//! Dispatch and mastering side by side: every take that lands goes to its chapter, every chapter that is
//! complete is judged once more and goes to the encoders, while the next chunks are spoken.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use rhapsode_dispatch::{
    BackendPool, DispatchError, DispatchEvent, DispatchOutcome, Order, StopSignal, Work,
};
use rhapsode_store::{TakeStore, Verdict};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::{JoinError, JoinSet},
};

use crate::{
    EngineError, Event, Listener, Settings,
    casting::Cast,
    ensemble::Ensemble,
    lookup::{Found, Take, look_up},
    prepare::{Prepared, dispatch_options},
    selections::Choice,
    takes::Takes,
    tracks::Board,
    writing::Writing,
};

/// A book on its way through dispatch and mastering.
pub(crate) struct Production<'a> {
    pub(crate) prepared: &'a Arc<Prepared>,
    pub(crate) settings: &'a Settings,
    pub(crate) ensemble: &'a Ensemble,
    pub(crate) cast: &'a Cast,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) board: Board,
    pub(crate) writing: Writing,
    pub(crate) takes: Takes,
    /// For each chunk, the take that it has or should get.
    pub(crate) choices: Vec<Choice>,
    pub(crate) listener: &'a dyn Listener,
    pub(crate) figures: Figures,
}

/// What a production counted.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Chunks spoken in this run.
    pub(crate) spoken: usize,
    /// Seconds of speaking, summed over the slots.
    pub(crate) speech_seconds: f64,
    /// When the last take landed.
    pub(crate) last_take: Instant,
}

impl Default for Figures {
    fn default() -> Self {
        Self { spoken: 0, speech_seconds: 0.0, last_take: Instant::now() }
    }
}

/// Orders in flight, and what they tell.
struct Speaking {
    pool: Arc<BackendPool>,
    stop: watch::Receiver<StopSignal>,
    orders: JoinSet<(Ordered, Result<DispatchOutcome, DispatchError>)>,
    tell: UnboundedSender<DispatchEvent>,
    events: UnboundedReceiver<DispatchEvent>,
    /// Chapters with takes of this run: the others were judged before.
    fresh: HashSet<usize>,
    /// Chunks that are asked for once more, with the chapter that waits for them.
    again: HashMap<usize, Vec<Work>>,
    unspoken: Vec<u32>,
    stopped: bool,
}

/// What an order is for.
#[derive(Debug, Clone, Copy)]
enum Ordered {
    /// What is missing of the book.
    Book,
    /// Takes of a chapter that do not pass any more.
    Again { chapter: usize },
}

impl Production<'_> {
    /// Speaks what is missing and masters everything. Returns with every chapter mastered, or with an error;
    /// what was committed until then is kept.
    pub(crate) async fn run(
        &mut self,
        found: Found,
        stop: watch::Receiver<StopSignal>,
    ) -> Result<(), EngineError> {
        let present = found.present.len();
        let mut complete = Vec::new();
        for there in found.present {
            complete.extend(self.land(there.ordinal, there.take));
        }
        complete.into_iter().for_each(|chapter| self.board.settle(chapter));
        if !found.missing.is_empty() {
            self.speak(found.missing, present, stop).await?;
        }
        while self.board.in_flight() > 0 {
            self.next_track().await?;
        }
        Ok(())
    }

    /// Takes a take in. Gives the chapter that it completes.
    fn land(&mut self, ordinal: u32, take: Take) -> Option<usize> {
        let key = take.key;
        self.choices[ordinal as usize].key = key;
        self.takes.insert(ordinal, take);
        self.board.take_is_there(ordinal, key)
    }

    async fn speak(
        &mut self,
        missing: Vec<Work>,
        present: usize,
        stop: watch::Receiver<StopSignal>,
    ) -> Result<(), EngineError> {
        let chunks = present + missing.len();
        let opened = self.ensemble.open(self.settings, stop.clone(), self.listener).await?;
        let (tell, events) = unbounded_channel();
        let mut speaking = Speaking {
            pool: Arc::clone(&opened.pool),
            stop,
            orders: JoinSet::new(),
            tell,
            events,
            fresh: HashSet::new(),
            again: HashMap::new(),
            unspoken: Vec::new(),
            stopped: false,
        };
        self.order(&mut speaking, Ordered::Book, missing);
        while !speaking.orders.is_empty() {
            tokio::select! {
                biased;
                Some(event) = speaking.events.recv() => self.hear(event, &mut speaking)?,
                mastered = self.board.next() => self.take_in(mastered)?,
                Some(ended) = speaking.orders.join_next() => self.end(ended, &mut speaking)?,
            }
        }
        if speaking.stopped {
            // What is being mastered is kept too: the next run begins after it.
            while self.board.in_flight() > 0 {
                self.next_track().await?;
            }
            return Err(EngineError::Stopped { done: present + self.figures.spoken, chunks });
        }
        if let Some(first) = speaking.unspoken.first() {
            let words = self.prepared.chunk(*first).map(|c| c.source.text.clone()).unwrap_or_default();
            return Err(EngineError::Unspoken { first: words, ordinals: speaking.unspoken });
        }
        Ok(())
    }

    /// Gives the pool work. Many orders may run at the same time; the pool has them take turns.
    fn order(&self, speaking: &mut Speaking, what: Ordered, work: Vec<Work>) {
        let order = Order {
            work,
            variant_of: self.cast.rendition_of.clone(),
            learners: self.takes.learners().to_vec(),
            options: dispatch_options(self.settings),
        };
        let (pool, store) = (Arc::clone(&speaking.pool), Arc::clone(&self.store));
        let (stop, tell) = (speaking.stop.clone(), speaking.tell.clone());
        speaking.orders.spawn(async move { (what, pool.dispatch(order, store, stop, tell).await) });
    }

    /// Takes in that an order ended; everything that it told comes first.
    fn end(
        &mut self,
        ended: Result<(Ordered, Result<DispatchOutcome, DispatchError>), JoinError>,
        speaking: &mut Speaking,
    ) -> Result<(), EngineError> {
        let (what, outcome) = ended.map_err(EngineError::Panicked)?;
        while let Ok(event) = speaking.events.try_recv() {
            self.hear(event, speaking)?;
        }
        match (what, outcome) {
            (Ordered::Book, outcome) => speaking.stopped |= outcome?.stopped,
            (Ordered::Again { .. }, Err(DispatchError::Store(error))) => return Err(error.into()),
            // Whatever else came of it: the take that was there is good enough if there is no better one.
            (Ordered::Again { chapter }, _) => {
                let asked = speaking.again.remove(&chapter).unwrap_or_default();
                self.compare(look_up(asked, |_| None, &self.store)?)?;
                self.board.settle(chapter);
            }
        }
        Ok(())
    }

    fn hear(&mut self, event: DispatchEvent, speaking: &mut Speaking) -> Result<(), EngineError> {
        let asked_again =
            |ordinal: u32| speaking.again.values().flatten().any(|work| work.ordinal == ordinal);
        match event {
            DispatchEvent::Finished { ordinal, elapsed, .. } if asked_again(ordinal) => {
                self.figures.speech_seconds += elapsed.as_secs_f64();
                self.figures.last_take = Instant::now();
            }
            DispatchEvent::Failed { ordinal, .. } if asked_again(ordinal) => {}
            DispatchEvent::Finished { ordinal, key, verdict, seconds_of_audio, elapsed, backend } => {
                self.figures.spoken += 1;
                self.figures.speech_seconds += elapsed.as_secs_f64();
                self.figures.last_take = Instant::now();
                let take = self.made(ordinal, key, verdict)?;
                let characters =
                    self.prepared.chunk(ordinal).map_or(0, |chunk| chunk.plain_text().chars().count());
                let chapter = self.board.chapter_of(ordinal);
                self.listener.tell(Event::Take {
                    ordinal,
                    chapter,
                    characters,
                    seconds: seconds_of_audio,
                    defects: take.defects.clone(),
                    backend,
                });
                speaking.fresh.insert(chapter);
                let complete = self.land(ordinal, take);
                self.board.measure(ordinal, |chunk| self.takes.get(chunk).is_some());
                if let Some(chapter) = complete {
                    self.judge_again(chapter, speaking)?;
                }
            }
            DispatchEvent::Failed { ordinal, reason, .. } => {
                speaking.unspoken.push(ordinal);
                self.listener.tell(Event::Unspoken { ordinal, reason });
            }
            other => self.pass_on(other)?,
        }
        Ok(())
    }

    /// The take that a backend has just made, as it lies in the store.
    fn made(
        &self,
        ordinal: u32,
        key: rhapsode_speech::TakeKey,
        verdict: Verdict,
    ) -> Result<Take, EngineError> {
        let generation = self.choices[ordinal as usize].generation;
        let keys = self.prepared.chunk(ordinal).map(|chunk| self.cast.keys(chunk, generation));
        let variant = keys.iter().flatten().position(|known| *known == key).unwrap_or_default();
        Ok(match self.store.get(&key.0)? {
            Some(stored) => Take::new(key, variant, stored),
            // Mastering will say that it is gone.
            None => Take {
                key,
                variant,
                measured: None,
                defects: match verdict {
                    Verdict::Accepted => Vec::new(),
                    Verdict::Defect(names) => names,
                },
            },
        })
    }

    /// Judges a complete chapter by all that is known of its voices now, and asks once more for takes that were let
    /// through before that. Without any it is settled.
    fn judge_again(&mut self, chapter: usize, speaking: &mut Speaking) -> Result<(), EngineError> {
        let running = *speaking.stop.borrow() == StopSignal::Running;
        let doubtful: BTreeSet<u32> = self.board.chapters()[chapter]
            .chunks
            .iter()
            .map(|&(ordinal, _)| ordinal)
            .filter(|_| running && speaking.fresh.contains(&chapter))
            .filter(|&ordinal| {
                let take = self.takes.get(ordinal).filter(|take| take.defects.is_empty());
                take.is_some_and(|take| !self.takes.breaches(ordinal, take).is_empty())
            })
            .collect();
        let next = |&ordinal: &u32| {
            let chunk = self.prepared.chunk(ordinal)?;
            Some(self.cast.work(self.prepared, chunk, self.choices[ordinal as usize].generation + 1))
        };
        let asked: Vec<Work> = doubtful.iter().filter_map(next).collect();
        // An earlier run may have asked already.
        let found = look_up(asked, |_| None, &self.store)?;
        let missing = found.missing.clone();
        self.compare(found)?;
        if missing.is_empty() {
            self.board.settle(chapter);
            return Ok(());
        }
        for item in &missing {
            let reason = self.doubt(item.ordinal);
            self.listener.tell(Event::Retry { ordinal: item.ordinal, reason });
        }
        speaking.again.insert(chapter, missing.clone());
        self.order(speaking, Ordered::Again { chapter }, missing);
        Ok(())
    }

    /// Takes those second takes that are better than the first.
    fn compare(&mut self, found: Found) -> Result<(), EngineError> {
        for second in found.present {
            let ordinal = second.ordinal;
            if !self.takes.is_better(ordinal, &second.take) {
                continue;
            }
            let reason = self.doubt(ordinal);
            let choice = &mut self.choices[ordinal as usize];
            *choice = Choice { key: second.take.key, generation: choice.generation + 1 };
            self.board.replace(ordinal, second.take.key);
            self.takes.insert(ordinal, second.take);
            self.listener.tell(Event::Replaced { ordinal, reason });
        }
        Ok(())
    }

    /// What is wrong with the take of a chunk, for people.
    fn doubt(&self, ordinal: u32) -> String {
        let breaches = self.takes.get(ordinal).map(|take| self.takes.breaches(ordinal, take));
        breaches.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// Tells what the pool tells of itself, and remembers what it learnt.
    fn pass_on(&self, event: DispatchEvent) -> Result<(), EngineError> {
        if let DispatchEvent::LimitLearnt { backend, max_chars } = &event {
            self.ensemble.learn_limit(backend, *max_chars)?;
        }
        Event::of_pool(event).into_iter().for_each(|event| self.listener.tell(event));
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
        self.writing.take_from(&self.board);
        let Some(track) = self.board.complete(chapter) else { return Ok(()) };
        let seconds = track.encoded.rate.seconds(track.samples);
        if let Some(longest) = self.settings.longest_chapter.filter(|most| seconds > most.as_secs_f64()) {
            return Err(EngineError::ChapterTooLong {
                title: track.title.clone(),
                minutes: (seconds / 60.0).ceil() as u64,
                longest: longest.as_secs() / 60,
            });
        }
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
