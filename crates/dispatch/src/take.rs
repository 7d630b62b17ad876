//! A take that was made, on its way to the store or waiting for a better one.

use std::fmt;

use rhapsode_audio::{
    Pcm,
    judge::{Defect, Findings},
};
use rhapsode_speech::{SharedBackend, TakeKey};
use rhapsode_store::{Pcm16, StoreError, TakeRecord, TakeStore, Verdict};

/// What can be wrong with a take. Display gives its name, as it stands in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// What its sound shows.
    Sound(Defect),
    /// The backend says that it left out a part of the text.
    TextDropped,
    /// Somebody listened and heard other words.
    OtherWords,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound(defect) => defect.fmt(f),
            Self::TextDropped => f.write_str("text-dropped"),
            Self::OtherWords => f.write_str("other-words"),
        }
    }
}

impl Flaw {
    /// Lost words weigh more than any number of blemishes, lost speech more than lost words.
    fn weight(self) -> u32 {
        match self {
            Self::Sound(Defect::Broken | Defect::Silent) => 10_000,
            Self::Sound(
                Defect::TooShort | Defect::TooLong | Defect::CutOff | Defect::NoTail | Defect::StuckLoop,
            ) => 100,
            Self::TextDropped | Self::OtherWords => 100,
            Self::Sound(_) => 1,
        }
    }
}

/// A take with what is known of it. The sound is kept as it is stored.
#[derive(Debug)]
pub(crate) struct Candidate {
    key: TakeKey,
    rate: u32,
    samples: Vec<i16>,
    seconds: f64,
    seed: u64,
    measurements: serde_json::Value,
    identity: serde_json::Value,
    flaws: Vec<Flaw>,
    backend: String,
    /// Whether it cost money.
    priced: bool,
    /// What is wrong, for people.
    pub(crate) reason: String,
}

/// A take that is in the store.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) key: TakeKey,
    pub(crate) verdict: Verdict,
    pub(crate) seconds: f64,
    pub(crate) backend: String,
}

impl Candidate {
    /// A take whose sound was judged, and `dropped` by its backend.
    pub(crate) fn new(
        key: TakeKey,
        pcm: &Pcm,
        seed: u64,
        findings: &Findings,
        dropped: &[String],
        backend: &SharedBackend,
    ) -> Self {
        let json = |value: Result<_, serde_json::Error>| {
            value.expect("numbers and strings in named fields can always be written as JSON")
        };
        let description = backend.describe();
        let mut candidate = Self {
            key,
            rate: pcm.rate.0,
            samples: pcm.to_16_bit(),
            seconds: pcm.seconds(),
            seed,
            measurements: json(serde_json::to_value(findings.measurements)),
            identity: json(serde_json::to_value(&description.identity)),
            flaws: findings.defects.iter().copied().map(Flaw::Sound).collect(),
            backend: description.name.clone(),
            priced: description.price.is_some(),
            reason: findings.breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        if !dropped.is_empty() {
            candidate.blame(Flaw::TextDropped, &dropped.join(", "));
        }
        candidate
    }

    /// Notes a flaw that its sound does not show.
    pub(crate) fn blame(&mut self, flaw: Flaw, what: &str) {
        let separator = if self.reason.is_empty() { "" } else { ", " };
        self.reason = format!("{}{separator}{flaw} ({what})", self.reason);
        self.flaws.push(flaw);
    }

    pub(crate) fn is_good(&self) -> bool {
        self.flaws.is_empty()
    }

    /// Puts the take into the store.
    pub(crate) fn store(self, store: &TakeStore) -> Result<Stored, StoreError> {
        let verdict = match self.flaws.as_slice() {
            [] => Verdict::Accepted,
            flaws => Verdict::Defect(flaws.iter().map(ToString::to_string).collect()),
        };
        let record = TakeRecord {
            measurements: self.measurements,
            verdict: verdict.clone(),
            seed: self.seed,
            identity: self.identity,
        };
        store.put(&self.key.0, Pcm16 { rate: self.rate, samples: &self.samples }, &record)?;
        // Free takes are forced to the disk in groups; money is not spent twice for a power cut.
        if self.priced {
            store.sync()?;
        }
        Ok(Stored { key: self.key, verdict, seconds: self.seconds, backend: self.backend })
    }

    /// The better of two takes, the earlier one of equals.
    pub(crate) fn better_of(earlier: Option<Self>, later: Self) -> Self {
        match earlier {
            Some(earlier) if earlier.badness() <= later.badness() => earlier,
            _ => later,
        }
    }

    fn badness(&self) -> u32 {
        self.flaws.iter().map(|flaw| flaw.weight()).sum()
    }
}
