//! A backend for tests: it sings a note for every letter, as long as speech would be, and waits where a test wants.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rhapsode_audio::{Pcm, SampleRate};
use rhapsode_speech::{
    Backend, Call, Description, EngineIdentity, Purpose, Request, Speech, SpeechError, SpeechFuture,
};
use tokio::sync::{Semaphore, watch};

/// The singer.
#[derive(Debug)]
pub(crate) struct Singer {
    description: Description,
    /// Songs that may end; a probe never waits.
    cues: Semaphore,
    begun: watch::Sender<usize>,
    ended: AtomicUsize,
    abandoned: watch::Sender<usize>,
    /// Warm-ups that still fail.
    stage_fright: AtomicUsize,
    last: Mutex<Option<Request>>,
}

impl Singer {
    /// One who sings whenever asked.
    pub(crate) fn new(rate: u32) -> Self {
        let singer = Self::on_cue(2, rate);
        singer.cues.add_permits(1_000);
        singer
    }

    /// One who sings so many songs at a time, each to its end only on cue.
    pub(crate) fn on_cue(slots: usize, rate: u32) -> Self {
        Self {
            description: Description {
                name: "singer".to_owned(),
                identity: EngineIdentity {
                    engine: "choir".to_owned(),
                    model: "scale".to_owned(),
                    revision: "r1".to_owned(),
                    sound_revision: 3,
                },
                voices: vec!["alto".to_owned(), "bass".to_owned()],
                languages: vec!["en".to_owned()],
                rate: Some(SampleRate(rate)),
                max_concurrency: slots,
                min_chars: 1,
                max_chars: 120,
                phonemes: true,
                price: None,
            },
            cues: Semaphore::new(0),
            begun: watch::Sender::new(0),
            ended: AtomicUsize::new(0),
            abandoned: watch::Sender::new(0),
            stage_fright: AtomicUsize::new(0),
            last: Mutex::new(None),
        }
    }

    /// Lets so many warm-ups fail first.
    pub(crate) fn with_stage_fright(self, times: usize) -> Self {
        self.stage_fright.store(times, Ordering::SeqCst);
        self
    }

    /// Lets so many songs end.
    pub(crate) fn cue(&self, songs: usize) {
        self.cues.add_permits(songs);
    }

    /// Returns when so many songs have begun.
    pub(crate) async fn begun(&self, songs: usize) {
        self.begun.subscribe().wait_for(|begun| *begun >= songs).await.unwrap();
    }

    /// Returns when so many songs were broken off.
    pub(crate) async fn abandoned(&self, songs: usize) {
        self.abandoned.subscribe().wait_for(|abandoned| *abandoned >= songs).await.unwrap();
    }

    /// Songs that were sung to their end.
    pub(crate) fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }

    /// What was asked for last.
    pub(crate) fn last(&self) -> Request {
        self.last.lock().unwrap().clone().unwrap()
    }

    fn fright(&self) -> Result<(), SpeechError> {
        let left =
            self.stage_fright.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(transient("stage fright")),
            Err(_) => Ok(()),
        }
    }
}

/// Counts a song as abandoned unless it came to its end.
struct Song<'a>(&'a Singer, bool);

impl Drop for Song<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.abandoned.send_modify(|abandoned| *abandoned += 1);
        }
    }
}

impl Backend for Singer {
    fn describe(&self) -> &Description {
        &self.description
    }

    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        Box::pin(async move {
            let text = request.plain_text();
            if call.purpose == Purpose::Probe {
                self.fright()?;
            } else {
                *self.last.lock().unwrap() = Some(request.clone());
                let mut song = Song(self, false);
                self.begun.send_modify(|begun| *begun += 1);
                self.cues.acquire().await.unwrap().forget();
                song.1 = true;
                self.ended.fetch_add(1, Ordering::SeqCst);
            }
            if let Some(error) = error(&text) {
                return Err(error);
            }
            let rate = self.description.rate.unwrap();
            let dropped_text = text.contains('☃').then(|| "☃\nthe snowman".to_owned());
            Ok(Speech { pcm: sing(&text, rate), seed: call.seed, dropped_text })
        })
    }
}

fn transient(reason: &str) -> SpeechError {
    SpeechError::Transient { backend: "singer".to_owned(), reason: reason.to_owned() }
}

/// Texts that go wrong, each in its way.
fn error(text: &str) -> Option<SpeechError> {
    let (backend, reason) = ("singer".to_owned(), "as asked".to_owned());
    Some(match text {
        "hoarse" => transient("a frog in the throat"),
        "busy" => SpeechError::Busy { backend, reason, retry_after: Some(Duration::from_secs(7)) },
        "gone" => SpeechError::Unreachable { backend, reason },
        "broken" => SpeechError::Unavailable { backend, reason },
        "unsingable" => SpeechError::Unspeakable(reason),
        "too long" => SpeechError::TooLong { backend, characters: 8, limit: Some(5), reason },
        _ => return None,
    })
}

/// A note for every letter and a rest for all else, 65 ms each, with a rest at the end.
pub(crate) fn sing(text: &str, rate: SampleRate) -> Pcm {
    let length = rate.samples(0.065);
    let mut samples = Vec::new();
    for letter in text.chars() {
        let hertz = 200.0 + 20.0 * f64::from(u32::from(letter) % 32);
        let loud = if letter.is_alphanumeric() { 0.3 } else { 0.0 };
        samples.extend((0..length).map(|n| {
            let (time, place) = (rate.seconds(n as u64), n as f64 / length as f64);
            let swell = (place * std::f64::consts::PI).sin();
            (loud * swell * (time * hertz * std::f64::consts::TAU).sin()) as f32
        }));
    }
    samples.resize(samples.len() + rate.samples(0.2), 0.0);
    Pcm { rate, samples }
}
