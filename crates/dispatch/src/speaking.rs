//! A backend speaks a chunk: in one request if it takes the whole text, else in as many as it wants. It runs by itself
//! on what it is given and returns what came of it; the scheduler decides what follows.

use std::{collections::VecDeque, time::Duration};

use rhapsode_speech::{Call, Part, Purpose, Request, SharedBackend, SpeechError};
use tokio::time::Instant;

use crate::{
    PoolOptions,
    join::Piece,
    remedy::{Remedy, Trouble, remedy},
    speed::Speed,
    split::{characters, split},
};

/// A limit that no server named is not halved below this: what refuses so little does not refuse it for its length.
const LEAST_LIMIT: usize = 20;

/// A text on its way to be spoken. What was spoken is kept if the rest has to wait for another attempt.
#[derive(Debug)]
pub(crate) struct Utterance {
    /// The form of the chunk that is spoken.
    pub(crate) variant: usize,
    /// The seed that is asked for.
    pub(crate) asked: u64,
    /// The seed that the backend says it used.
    pub(crate) seed: u64,
    pub(crate) spoken: Vec<Piece>,
    /// What the backend says that it left out.
    pub(crate) dropped: Vec<String>,
    rest: VecDeque<Vec<Part>>,
}

impl Utterance {
    pub(crate) fn new(variant: usize, seed: u64, request: &Request) -> Self {
        let rest = VecDeque::from([request.text.clone()]);
        Self { variant, asked: seed, seed, spoken: Vec::new(), dropped: Vec::new(), rest }
    }

    /// Cuts what is left to pieces of so many characters.
    fn shorten(&mut self, max_chars: usize) {
        if self.rest.iter().any(|piece| characters(piece) > max_chars) {
            self.rest = self.rest.iter().flat_map(|piece| split(piece, max_chars)).collect();
        }
    }
}

/// How long a request may take.
#[derive(Debug)]
pub(crate) struct Patience {
    pub(crate) speed: Speed,
    pub(crate) options: PoolOptions,
    /// How often it is doubled, because earlier requests took too long.
    pub(crate) doubled: u32,
}

/// What speaking needs.
#[derive(Debug)]
pub(crate) struct Speaking {
    pub(crate) backend: SharedBackend,
    pub(crate) request: Request,
    pub(crate) utterance: Utterance,
    pub(crate) max_chars: usize,
    pub(crate) patience: Patience,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Spoke {
    /// The whole text, or why not and how far it came.
    pub(crate) result: Result<Utterance, (Trouble, Utterance)>,
    /// The requests that were answered with sound: their characters and their time.
    pub(crate) answers: Vec<(usize, Duration)>,
    /// Time that the backend worked on it.
    pub(crate) elapsed: Duration,
    /// Characters that the backend turned out to take.
    pub(crate) limit: Option<usize>,
}

impl Speaking {
    pub(crate) async fn run(mut self) -> Spoke {
        let began = Instant::now();
        let (mut answers, mut limit) = (Vec::new(), None);
        self.utterance.shorten(self.max_chars);
        let trouble = self.speak_all(&mut answers, &mut limit).await;
        let result = match trouble {
            Ok(()) => Ok(self.utterance),
            Err(trouble) => Err((trouble, self.utterance)),
        };
        Spoke { result, answers, elapsed: began.elapsed(), limit }
    }

    async fn speak_all(
        &mut self,
        answers: &mut Vec<(usize, Duration)>,
        limit: &mut Option<usize>,
    ) -> Result<(), Trouble> {
        // Halved, but not yet known to be short enough.
        let mut guess = None;
        while let Some(piece) = self.utterance.rest.front().cloned() {
            let characters = characters(&piece);
            let began = Instant::now();
            match self.speak(&piece, characters).await {
                Ok(()) => {
                    answers.push((characters, began.elapsed()));
                    self.utterance.rest.pop_front();
                    *limit = guess.take().or(*limit);
                }
                Err(trouble) => {
                    let Remedy::Shrink { limit: named } = remedy(&trouble) else { return Err(trouble) };
                    let named = named.filter(|&named| (1..characters).contains(&named));
                    let shorter = named.unwrap_or(characters / 2);
                    let hopeless = named.is_none() && shorter < LEAST_LIMIT;
                    if hopeless || split(&piece, shorter).len() < 2 {
                        return Err(trouble);
                    }
                    match named {
                        Some(_) => (*limit, guess) = (named, None),
                        None => guess = Some(shorter),
                    }
                    self.utterance.shorten(shorter);
                }
            }
        }
        Ok(())
    }

    /// One request.
    async fn speak(&mut self, piece: &[Part], characters: usize) -> Result<(), Trouble> {
        let shortened;
        let request = if piece == self.request.text {
            &self.request
        } else {
            shortened = Request { text: piece.to_vec(), ..self.request.clone() };
            &shortened
        };
        let Patience { speed, options, doubled } = &self.patience;
        let after = speed.time_out(characters, options).saturating_mul(1 << (*doubled).min(6));
        let call = Call { seed: self.utterance.asked, purpose: Purpose::Take };
        let answer = tokio::time::timeout(after, self.backend.speak(request, call)).await;
        let backend = || self.backend.describe().name.clone();
        let speech = answer
            .map_err(|_| Trouble::Late { backend: backend(), after })?
            .map_err(|error: SpeechError| Trouble::Speech(error))?;
        if speech.pcm.samples.is_empty() {
            return Err(Trouble::NoSound { backend: backend() });
        }
        let text = request.plain_text();
        let utterance = &mut self.utterance;
        if utterance.spoken.is_empty() {
            utterance.seed = speech.seed;
        }
        utterance.dropped.extend(speech.dropped_text);
        utterance.spoken.push(Piece { text, pcm: speech.pcm });
        Ok(())
    }
}
