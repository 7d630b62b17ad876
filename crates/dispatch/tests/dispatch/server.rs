//! A fake server with a speed, slots of its own, limits and faults, for tests in paused time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rhapsode_audio::{judge::Bounds, learn::Learner};
use rhapsode_dispatch::{
    BackendPool, DispatchError, DispatchEvent, DispatchOptions, DispatchOutcome, Member, Order, PoolOptions,
    StopSignal,
};
use rhapsode_speech::{
    Backend, Call, Description, EngineIdentity, Price, Purpose, Request, SharedBackend, Speech, SpeechError,
    SpeechFuture,
};
use rhapsode_store::TakeStore;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::Instant,
};

use crate::fake::{speech, work};

/// What the server does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Speak,
    /// It takes this many times longer.
    Slowly(u32),
    Hang,
    Silence,
    Fail,
    Panic,
    Drop,
    Busy(Option<Duration>),
    LeaveOut,
}

type Script = Box<dyn Fn(&str, usize) -> Act + Send + Sync>;

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub text: String,
    pub at: Instant,
    pub probe: bool,
}

/// A server. By default it speaks a hundred characters a second in each slot.
pub struct Server {
    description: Description,
    script: Script,
    per_character: Duration,
    slots: Semaphore,
    /// Characters that it takes, and whether it says how many.
    limit: Option<(usize, bool)>,
    pub up: AtomicBool,
    /// How often it was asked whether it is ready.
    pub asked_ready: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    asked: Mutex<HashMap<String, usize>>,
    speaking: AtomicUsize,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.description.name)
    }
}

impl Server {
    pub fn new(name: &str, slots: usize) -> Self {
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
            max_chars: 1_000,
            phonemes: false,
            price: None,
        };
        Self {
            description,
            script: Box::new(|_, _| Act::Speak),
            per_character: Duration::from_millis(10),
            slots: Semaphore::new(slots),
            limit: None,
            up: AtomicBool::new(true),
            asked_ready: AtomicUsize::new(0),
            seen: Mutex::default(),
            asked: Mutex::default(),
            speaking: AtomicUsize::new(0),
        }
    }

    /// What it does: by the text and how often that was asked for before.
    pub fn acts(mut self, script: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        self.script = Box::new(script);
        self
    }

    pub fn per_character(mut self, time: Duration) -> Self {
        self.per_character = time;
        self
    }

    pub fn with_limit(mut self, characters: usize, says_so: bool) -> Self {
        self.limit = Some((characters, says_so));
        self
    }

    pub fn priced(mut self) -> Self {
        self.description.price = Some(Price { per_million_chars: 15.0 });
        self
    }

    pub fn down(self) -> Self {
        self.up.store(false, Ordering::SeqCst);
        self
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The texts of takes that it was asked for.
    pub fn texts(&self) -> Vec<String> {
        self.seen().into_iter().filter(|seen| !seen.probe).map(|seen| seen.text).collect()
    }

    pub fn probes(&self) -> usize {
        self.seen().iter().filter(|seen| seen.probe).count()
    }

    pub fn speaking(&self) -> usize {
        self.speaking.load(Ordering::SeqCst)
    }

    async fn answer(&self, request: &Request, call: Call) -> Result<Speech, SpeechError> {
        let (text, backend) = (request.plain_text(), self.description.name.clone());
        let probe = call.purpose == Purpose::Probe;
        self.seen.lock().unwrap().push(Seen { text: text.clone(), at: Instant::now(), probe });
        let characters = text.chars().count();
        if !self.up.load(Ordering::SeqCst) {
            return Err(SpeechError::Unreachable { backend, reason: "connection refused".to_owned() });
        }
        if let Some((limit, says_so)) = self.limit.filter(|&(limit, _)| characters > limit) {
            let (limit, reason) = (says_so.then_some(limit), "too long".to_owned());
            return Err(SpeechError::TooLong { backend, characters, limit, reason });
        }
        let act = if probe {
            Act::Speak
        } else {
            let mut asked = self.asked.lock().unwrap();
            let before = asked.entry(text.clone()).or_default();
            *before += 1;
            (self.script)(&text, *before - 1)
        };
        let times = match act {
            Act::Busy(retry_after) => {
                return Err(SpeechError::Busy { backend, reason: "no room".to_owned(), retry_after });
            }
            Act::Fail => {
                return Err(SpeechError::Transient { backend, reason: "the line broke".to_owned() });
            }
            Act::Drop => {
                return Err(SpeechError::Unreachable { backend, reason: "connection reset".to_owned() });
            }
            Act::Panic => panic!("the server was told to panic"),
            Act::Hang => std::future::pending().await,
            Act::Slowly(times) => times,
            Act::Speak | Act::Silence | Act::LeaveOut => 1,
        };
        let _slot = self.slots.acquire().await.unwrap();
        tokio::time::sleep(self.per_character * characters as u32 * times).await;
        let mut pcm = speech(characters, 0.07);
        if act == Act::Silence {
            pcm.samples.fill(0.0);
        }
        let dropped_text = (act == Act::LeaveOut).then(|| "the rest".to_owned());
        Ok(Speech { pcm, seed: call.seed, dropped_text })
    }
}

/// Counts a request for as long as it is there.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Backend for Server {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        Box::pin(async move {
            self.speaking.fetch_add(1, Ordering::SeqCst);
            let _counted = Counted(&self.speaking);
            self.answer(request, call).await
        })
    }

    fn ready(&self) -> SpeechFuture<'_, ()> {
        self.asked_ready.fetch_add(1, Ordering::SeqCst);
        let reason = || "connection refused".to_owned();
        let refused =
            || SpeechError::Unreachable { backend: self.description.name.clone(), reason: reason() };
        let up = self.up.load(Ordering::SeqCst);
        Box::pin(std::future::ready(if up { Ok(()) } else { Err(refused()) }))
    }
}

/// A store and a pool, and the orders that a test gives it.
pub struct Hall {
    pub pool: Arc<BackendPool>,
    pub store: Arc<TakeStore>,
    pub stop: watch::Sender<StopSignal>,
    _dir: tempfile::TempDir,
}

impl Hall {
    pub fn new(servers: &[&Arc<Server>]) -> Self {
        Self::with(servers, PoolOptions::default())
    }

    pub fn with(servers: &[&Arc<Server>], options: PoolOptions) -> Self {
        let members =
            servers.iter().map(|&server| Member::new(Arc::clone(server) as SharedBackend)).collect();
        let dir = tempfile::tempdir().unwrap();
        Self {
            pool: Arc::new(BackendPool::start(members, options)),
            store: Arc::new(TakeStore::open(dir.path()).unwrap()),
            stop: watch::Sender::new(StopSignal::Running),
            _dir: dir,
        }
    }

    /// An order of these texts, numbered from 0, for every backend.
    pub fn order(&self, texts: &[String]) -> Order {
        Order {
            work: texts.iter().zip(0..).map(|(text, ordinal)| work(ordinal, text)).collect(),
            variant_of: vec![Some(0); self.pool.members().len()],
            learners: vec![Learner::new(Bounds::default())],
            options: DispatchOptions::default(),
        }
    }

    /// Begins an order.
    pub fn begin(&self, order: Order) -> Running {
        let (tell, events) = mpsc::unbounded_channel();
        let (pool, store, stop) = (Arc::clone(&self.pool), Arc::clone(&self.store), self.stop.subscribe());
        let result = tokio::spawn(async move { pool.dispatch(order, store, stop, tell).await });
        Running { result, events }
    }

    /// Runs an order to its end.
    pub async fn run(&self, order: Order) -> (Result<DispatchOutcome, DispatchError>, Vec<DispatchEvent>) {
        self.begin(order).end().await
    }
}

/// An order that is being worked on.
pub struct Running {
    pub result: tokio::task::JoinHandle<Result<DispatchOutcome, DispatchError>>,
    pub events: mpsc::UnboundedReceiver<DispatchEvent>,
}

impl Running {
    pub async fn end(mut self) -> (Result<DispatchOutcome, DispatchError>, Vec<DispatchEvent>) {
        let mut events = Vec::new();
        while let Some(event) = self.events.recv().await {
            events.push(event);
        }
        (self.result.await.unwrap(), events)
    }

    /// Waits for an event.
    pub async fn until(&mut self, is_it: impl Fn(&DispatchEvent) -> bool) -> DispatchEvent {
        loop {
            let event = self.events.recv().await.expect("the event comes before the end");
            if is_it(&event) {
                return event;
            }
        }
    }
}

/// Texts of different lengths, each another.
pub fn texts(count: usize) -> Vec<String> {
    let words = ["the whale", "a long voyage", "my old friend", "one cold morning", "no money", "the sea"];
    (0..count)
        .map(|n| {
            let said: Vec<_> = (0..3 + n * 7 % 6).map(|word| words[(n + word) % words.len()]).collect();
            format!("Sentence {n} is of {}.", said.join(" and "))
        })
        .collect()
}

/// The chunks that are said to be finished, in ascending order.
pub fn finished(events: &[DispatchEvent]) -> Vec<u32> {
    let ordinal = |event: &DispatchEvent| match event {
        DispatchEvent::Finished { ordinal, .. } => Some(*ordinal),
        _ => None,
    };
    let mut finished: Vec<_> = events.iter().filter_map(ordinal).collect();
    finished.sort_unstable();
    finished
}
