//! A book made on servers that fail: it must be the book that healthy servers make. The tests do it some hundred
//! times, the soak some thousand times.

use std::{collections::BTreeMap, ops::AddAssign, sync::Arc};

use crate::{
    World,
    fleet::{CHUNK, CONCURRENCY, Fleet, Identity, convert, manuscript, release, takes, words},
    speech_server::{Fault, FaultPlan, Settings},
};

/// Chapters and sentences in a chapter of the book.
const CHAPTERS: usize = 3;
const SENTENCES: usize = 16;

/// The book as healthy servers make it.
#[derive(Debug)]
pub struct Healthy {
    manuscript: String,
    takes: BTreeMap<String, (Vec<i16>, u32)>,
    texts: BTreeMap<String, String>,
}

/// Books that faults spare one after the other before a kind of fault is said to strike none.
const MOST_SPARED: u64 = 50;

/// What a book on failing servers cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Survival {
    /// Times that a fault struck.
    pub strikes: u64,
    /// Requests for speech of the book.
    pub requests: usize,
    /// Takes of the book.
    pub takes: usize,
    /// Books that no fault struck and that were made before it.
    pub spared: u64,
}

impl AddAssign for Survival {
    fn add_assign(&mut self, other: Self) {
        self.strikes += other.strikes;
        self.requests += other.requests;
        self.takes += other.takes;
        self.spared += other.spared;
    }
}

impl Healthy {
    /// Makes a short book on one healthy server.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn make() -> Result<Self, String> {
        Self::make_of(CHAPTERS, SENTENCES)
    }

    /// The same with so many chapters and sentences in a chapter.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn make_of(chapters: usize, sentences: usize) -> Result<Self, String> {
        let manuscript = manuscript(chapters, sentences);
        let fleet = Fleet::start([Settings { slots: CONCURRENCY, ..Settings::default() }]);
        let world = World::new();
        fleet.configure(&world, Identity::Stated);
        let book = world.write("book.md", &manuscript);
        let outcome = convert(&world, &book, &[]);
        if outcome.code != Some(0) {
            return Err(format!("rhapsode ended with {:?}:\n{}", outcome.code, outcome.stderr));
        }
        let takes = takes(&world);
        let text = |(key, (samples, rate)): (&String, &(Vec<i16>, u32))| {
            let heard = fleet.hear(samples, *rate).map_err(|e| format!("take {key}: {e}"))?;
            Ok((key.clone(), heard.join(" ")))
        };
        let texts = takes.iter().map(text).collect::<Result<_, String>>()?;
        let healthy = Self { manuscript, takes, texts };
        says(&world, &fleet, &healthy.manuscript)?;
        if let Some((text, times)) = fleet.asked().into_iter().find(|(_, times)| *times > 1) {
            return Err(format!("{text:?} was asked for {times} times without need"));
        }
        Ok(healthy)
    }

    /// Makes the book on `servers` servers where one of `faults` strikes `percent` of the requests, and compares. A book
    /// that no fault struck proves nothing: it is made again with the next of `seeds`.
    ///
    /// # Errors
    /// What differs, or whatever else is wrong, with the seed; or that nothing was ever struck.
    pub fn survive(
        &self,
        servers: usize,
        faults: &[Fault],
        percent: u64,
        seeds: impl IntoIterator<Item = u64>,
    ) -> Result<Survival, String> {
        for (seed, spared) in seeds.into_iter().zip(0..MOST_SPARED) {
            let made = self.make_on_failing(servers, faults, percent, seed);
            let survival = made.map_err(|error| format!("seed {seed}: {error}"))?;
            if survival.strikes > 0 {
                return Ok(Survival { spared, ..survival });
            }
        }
        Err("no fault struck any book".to_owned())
    }

    fn make_on_failing(
        &self,
        servers: usize,
        faults: &[Fault],
        percent: u64,
        seed: u64,
    ) -> Result<Survival, String> {
        let plan = Arc::new(FaultPlan::new(seed, faults.iter().copied(), percent));
        let settings =
            || Settings { slots: CONCURRENCY, faults: Some(Arc::clone(&plan)), ..Settings::default() };
        let fleet = Fleet::start((0..servers).map(|_| settings()));
        let world = World::new();
        fleet.configure(&world, Identity::Stated);
        let book = world.write("book.md", &self.manuscript);
        let outcome = convert(&world, &book, &["--wait"]);
        if outcome.code != Some(0) {
            let last = outcome.stdout.lines().last().unwrap_or_default();
            return Err(format!("rhapsode ended with {:?}:\n{last}\n{}", outcome.code, outcome.stderr));
        }
        self.same(&world, &fleet)?;
        Ok(Survival {
            strikes: plan.struck().values().sum(),
            requests: fleet.counts().iter().map(|counts| counts.of_books().count()).sum(),
            takes: self.takes.len(),
            spared: 0,
        })
    }

    /// Whether the book of a world is this one: whole, in order, each chunk once, with the same takes.
    ///
    /// # Errors
    /// What differs.
    pub fn same(&self, world: &World, fleet: &Fleet) -> Result<(), String> {
        says(world, fleet, &self.manuscript)?;
        let made = takes(world);
        if let Some(key) = self.takes.keys().find(|key| !made.contains_key(*key)) {
            return Err(format!("the take {key} of the healthy book is not there"));
        }
        let asked = fleet.counts().into_iter().flat_map(|counts| counts.asked).collect::<Vec<_>>();
        for (key, (samples, rate)) in &made {
            let healthy = self.takes.get(key).map(|(samples, _)| samples.as_slice()).unwrap_or_default();
            if samples == healthy {
                continue;
            }
            // A take that came in a lossy format, or in parts, has other samples, but says the same. It may be made
            // once more, when the job knows the voice better.
            let texts = fleet.hear(samples, *rate).map_err(|e| format!("take {key}: {e}"))?;
            let lossy = |text: &String| {
                asked.iter().any(|a| a.text == *text && matches!(a.fault, Some(Fault::Mp3 | Fault::Opus)))
            };
            let whole = fleet.hear(healthy, *rate).unwrap_or_default();
            let said = |texts: &[String]| texts.iter().flat_map(|text| words(text)).collect::<Vec<_>>();
            let in_parts = texts.len() > 1 && (whole.is_empty() || said(&whole) == said(&texts));
            if !in_parts && !texts.iter().all(lossy) {
                return Err(format!("take {key} of {texts:?} has other samples than the healthy one"));
            }
        }
        Ok(())
    }

    /// The manuscript.
    #[must_use]
    pub fn manuscript(&self) -> &str {
        &self.manuscript
    }

    /// The text of each take of the book, by the take's key.
    #[must_use]
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// Takes of the book.
    #[must_use]
    pub fn takes(&self) -> usize {
        self.takes.len()
    }
}

/// Whether the release of a world says every word of a manuscript, in its order, and nothing else.
///
/// # Errors
/// Where it does not.
pub fn says(world: &World, fleet: &Fleet, manuscript: &str) -> Result<(), String> {
    let (samples, rate) = release(world);
    let texts = fleet.hear(&samples, rate).map_err(|e| format!("the release: {e}"))?;
    if let Some(long) = texts.iter().find(|text| text.chars().count() > CHUNK) {
        return Err(format!("{long:?} is longer than a chunk may be"));
    }
    let said: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
    let body = manuscript.rsplit("---\n").next().unwrap_or(manuscript);
    let written = words(body);
    match said.iter().zip(&written).position(|(said, written)| said != written) {
        Some(place) => Err(format!("word {place} is {:?}, not {:?}", said[place], written[place])),
        None if said.len() != written.len() => {
            Err(format!("{} words are said, {} are written", said.len(), written.len()))
        }
        None => Ok(()),
    }
}
