//! A fake backend behind the real trait. It answers what a test told it to, and notes what it was asked.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rhapsode_audio::{Pcm, SampleRate, judge::Bounds, learn::Learner};
use rhapsode_dispatch::{
    BackendPool, DispatchError, DispatchEvent, DispatchOptions, DispatchOutcome, Member, Order, PoolOptions,
    StopSignal, Variant, Work,
};
use rhapsode_speech::{
    Backend, Call, Description, EngineIdentity, Part, Price, Request, SharedBackend, Speech, SpeechError,
    SpeechFuture,
};
use rhapsode_store::TakeStore;
use tokio::sync::{Semaphore, mpsc, watch};

/// What the fake answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A take that passes.
    Good,
    /// Far too much of a take: a defect, but one with all words in it.
    Long,
    /// Nothing but zeros.
    Silence,
    /// Not one sample.
    Nothing,
    Unspeakable,
    Transient,
    Unavailable,
    Panic,
}

type Script = Box<dyn Fn(&str, usize) -> Answer + Send + Sync>;

/// A backend that answers as its script says: the script gets the text and how often it was asked before.
pub struct Fake {
    description: Description,
    script: Script,
    /// Every request lets itself be held back by this.
    gate: Option<Arc<Semaphore>>,
    calls: Mutex<Vec<(String, u64)>>,
    speaking: AtomicUsize,
    most_speaking: AtomicUsize,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.description.name)
    }
}

impl Fake {
    pub fn new(
        name: &str,
        slots: usize,
        script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let identity = EngineIdentity {
            engine: "fake".to_owned(),
            model: "test".to_owned(),
            revision: "1".to_owned(),
            sound_revision: 1,
        };
        let description = Description {
            name: name.to_owned(),
            identity,
            voices: vec!["fake".to_owned()],
            languages: vec!["en".to_owned()],
            rate: None,
            max_concurrency: slots,
            min_chars: 1,
            max_chars: 300,
            phonemes: false,
            price: None,
        };
        Self {
            description,
            script: Box::new(script),
            gate: None,
            calls: Mutex::default(),
            speaking: AtomicUsize::new(0),
            most_speaking: AtomicUsize::new(0),
        }
    }

    /// Every request waits for one of these permits.
    pub fn behind(mut self, gate: &Arc<Semaphore>) -> Self {
        self.gate = Some(Arc::clone(gate));
        self
    }

    pub fn priced(mut self) -> Self {
        self.description.price = Some(Price { per_million_chars: 15.0 });
        self
    }

    /// The texts it was asked for, in order.
    pub fn texts(&self) -> Vec<String> {
        self.calls.lock().unwrap().iter().map(|(text, _)| text.clone()).collect()
    }

    /// The seeds it was asked for a text, in order.
    pub fn seeds(&self, text: &str) -> Vec<u64> {
        self.calls.lock().unwrap().iter().filter(|(asked, _)| asked == text).map(|&(_, seed)| seed).collect()
    }

    pub fn most_speaking(&self) -> usize {
        self.most_speaking.load(Ordering::SeqCst)
    }
}

impl Backend for Fake {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        let seed = call.seed;
        Box::pin(async move {
            let text = request.plain_text();
            let before = {
                let mut calls = self.calls.lock().unwrap();
                calls.push((text.clone(), seed));
                calls.iter().filter(|(asked, _)| *asked == text).count() - 1
            };
            let speaking = self.speaking.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_speaking.fetch_max(speaking, Ordering::SeqCst);
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            } else {
                // Lets others begin, so that a limit that is not kept shows.
                tokio::task::yield_now().await;
            }
            self.speaking.fetch_sub(1, Ordering::SeqCst);
            let backend = self.description.name.clone();
            let pcm = match (self.script)(&text, before) {
                Answer::Good => speech(text.chars().count(), 0.07),
                Answer::Long => speech(text.chars().count(), 1.0),
                Answer::Silence => Pcm { rate: RATE, samples: vec![0.0; RATE.samples(2.0)] },
                Answer::Nothing => Pcm { rate: RATE, samples: Vec::new() },
                Answer::Unspeakable => return Err(SpeechError::Unspeakable("no such sounds".to_owned())),
                Answer::Transient => {
                    return Err(SpeechError::Transient { backend, reason: "the line broke".to_owned() });
                }
                Answer::Unavailable => {
                    return Err(SpeechError::Unavailable { backend, reason: "it is not there".to_owned() });
                }
                Answer::Panic => panic!("the fake was told to panic"),
            };
            Ok(Speech { pcm, seed, dropped_text: None })
        })
    }
}

const RATE: SampleRate = SampleRate(24_000);

/// A voice-like tone of syllables, as long as so many characters take, with quiet around it.
pub fn speech(characters: usize, seconds_per_character: f64) -> Pcm {
    let spoken = characters as f64 * seconds_per_character;
    let tone = |n: usize| {
        let t = n as f64 / f64::from(RATE.0);
        let syllable = (std::f64::consts::PI * 4.0 * t).sin().powi(2);
        (0.3 * syllable * (std::f64::consts::TAU * 180.0 * t).sin()) as f32
    };
    let quiet = vec![0.0; RATE.samples(0.2)];
    let samples = [quiet.clone(), (0..RATE.samples(spoken)).map(tone).collect(), quiet].concat();
    Pcm { rate: RATE, samples }
}

/// A dispatch that a test runs.
pub struct Run {
    pub work: Vec<Work>,
    pub store: Arc<TakeStore>,
    pub options: DispatchOptions,
    pub stop: watch::Sender<StopSignal>,
    pub dir: tempfile::TempDir,
}

impl Run {
    /// One chunk for each text, numbered from 0.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_store_in(tempfile::tempdir().unwrap(), texts)
    }

    /// The same with the store in a directory that a test prepared.
    pub fn with_store_in<'a>(dir: tempfile::TempDir, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let work = texts.into_iter().zip(0..).map(|(text, ordinal)| work(ordinal, text)).collect();
        let options = DispatchOptions::default();
        let store = Arc::new(TakeStore::open(dir.path()).unwrap());
        Self { work, store, options, stop: watch::Sender::new(StopSignal::Running), dir }
    }

    /// Runs it to its end and hands out every event.
    pub async fn with(
        &self,
        pool: &[&Arc<Fake>],
    ) -> (Result<DispatchOutcome, DispatchError>, Vec<DispatchEvent>) {
        let (tell, mut hear) = mpsc::unbounded_channel();
        let result = self.begin(pool, tell).await;
        let mut events = Vec::new();
        while let Some(event) = hear.recv().await {
            events.push(event);
        }
        (result, events)
    }

    /// The dispatch, not yet running.
    pub fn begin(
        &self,
        pool: &[&Arc<Fake>],
        tell: mpsc::UnboundedSender<DispatchEvent>,
    ) -> impl Future<Output = Result<DispatchOutcome, DispatchError>> + Send + use<> {
        let members: Vec<_> =
            pool.iter().map(|&fake| Member::new(Arc::clone(fake) as SharedBackend)).collect();
        let order = Order {
            work: self.work.clone(),
            variant_of: vec![Some(0); members.len()],
            learners: vec![Learner::new(Bounds::default())],
            options: self.options.clone(),
        };
        let ms = Duration::from_millis;
        let options = PoolOptions { retry_delay: ms(1), breaker_delay: ms(2), ..PoolOptions::default() };
        let (store, stop) = (Arc::clone(&self.store), self.stop.subscribe());
        async move { BackendPool::start(members, options).dispatch(order, store, stop, tell).await }
    }

    /// The record of a chunk's take.
    pub fn record(&self, ordinal: usize) -> Option<rhapsode_store::TakeRecord> {
        self.store.get(&self.work[ordinal].variants[0].key().0).unwrap().map(|take| take.record)
    }
}

pub fn work(ordinal: u32, text: &str) -> Work {
    let request = Request {
        text: vec![Part::Text(text.to_owned())],
        voice: "fake".to_owned(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 100,
        generation: 0,
    };
    let key = request.key(&EngineIdentity {
        engine: "fake".to_owned(),
        model: "test".to_owned(),
        revision: "1".to_owned(),
        sound_revision: 1,
    });
    let variant = Variant::new(key, text.chars().count(), move || request.clone());
    Work { ordinal, variants: vec![variant] }
}
