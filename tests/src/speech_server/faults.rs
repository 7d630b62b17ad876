//! What goes wrong, and when: faults strike requests by a seeded plan that several servers can share.

use std::{collections::HashMap, fmt, str::FromStr, sync::Mutex};

use crate::kills::Dice;

/// Something that goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The server takes no connections for a while; what it works at is finished.
    RefusesConnections,
    /// The server dies with everything in flight, and comes back.
    Dies,
    /// Status 500.
    InternalError,
    /// Status 503 without a word on when to come again.
    Unavailable,
    /// Status 503 with `Retry-After`.
    UnavailableForASecond,
    /// Status 429 without a word on when to come again.
    TooMany,
    /// Status 429 with `Retry-After`.
    TooManyForASecond,
    /// The answer takes ten times as long.
    Slow,
    /// The body stops half-way, with its length in the header.
    HalfBody,
    /// The body stops half-way, sent in pieces without a length.
    HalfStream,
    /// A good answer that calls itself plain text.
    WrongType,
    /// An error page with status 200.
    HtmlPage,
    /// A WAV whose header says 0 for its lengths, as streaming servers send it.
    ZeroLength,
    /// A WAV whose header says 0xFFFFFFFF for its lengths, as other streaming servers send it.
    EndlessLength,
    /// A WAV whose header says the lengths of its first piece only.
    FirstPieceLength,
    /// A WAV whose header promises more than there is.
    TooLongLength,
    /// A WAV without a sample.
    NoSamples,
    /// An answer without a byte.
    NoBytes,
    /// A float WAV with a sample that is not a number.
    NotANumber,
    /// A float WAV with an infinite sample.
    Infinite,
    /// Silence of the right length.
    Silence,
    /// The sound of a text that is far longer.
    WrongText,
    /// The sound of a text that is far shorter.
    ShorterText,
    /// MP3, whatever was asked for.
    Mp3,
    /// Ogg Opus, whatever was asked for.
    Opus,
    /// 20 MB of noise.
    Junk,
    /// No answer at all.
    Never,
    /// The answer comes after those of later requests.
    OutOfOrder,
    /// From now on the server takes shorter texts only.
    ShorterLimit,
}

/// Every fault with its name on command lines and in tables.
const NAMES: [(Fault, &str); 29] = [
    (Fault::RefusesConnections, "refuses-connections"),
    (Fault::Dies, "dies"),
    (Fault::InternalError, "500"),
    (Fault::Unavailable, "503"),
    (Fault::UnavailableForASecond, "503-retry-after"),
    (Fault::TooMany, "429"),
    (Fault::TooManyForASecond, "429-retry-after"),
    (Fault::Slow, "slow"),
    (Fault::HalfBody, "half-body"),
    (Fault::HalfStream, "half-stream"),
    (Fault::WrongType, "wrong-type"),
    (Fault::HtmlPage, "html-page"),
    (Fault::ZeroLength, "zero-length"),
    (Fault::EndlessLength, "endless-length"),
    (Fault::FirstPieceLength, "first-piece-length"),
    (Fault::TooLongLength, "too-long-length"),
    (Fault::NoSamples, "no-samples"),
    (Fault::NoBytes, "no-bytes"),
    (Fault::NotANumber, "not-a-number"),
    (Fault::Infinite, "infinite"),
    (Fault::Silence, "silence"),
    (Fault::WrongText, "wrong-text"),
    (Fault::ShorterText, "shorter-text"),
    (Fault::Mp3, "mp3"),
    (Fault::Opus, "opus"),
    (Fault::Junk, "junk"),
    (Fault::Never, "never"),
    (Fault::OutOfOrder, "out-of-order"),
    (Fault::ShorterLimit, "shorter-limit"),
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(fault, _)| fault == self).map_or("", |(_, name)| *name);
        f.pad(name)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || NAMES.map(|(_, name)| name).join(", ");
        let found = NAMES.iter().find(|(_, known)| *known == name);
        found
            .map(|(fault, _)| *fault)
            .ok_or_else(|| format!("there is no fault {name:?}, known are {}", known()))
    }
}

impl Fault {
    /// Every fault.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(fault, _)| fault)
    }

    /// Whether the whole server suffers, or its client waits long: these come seldom.
    #[must_use]
    pub fn is_grave(self) -> bool {
        matches!(self, Self::RefusesConnections | Self::Dies | Self::Never | Self::ShorterLimit)
    }

    /// Whether the answer is sound that only the checks of a take can refuse.
    #[must_use]
    pub fn spoils_the_sound(self) -> bool {
        matches!(
            self,
            Self::NoSamples
                | Self::NotANumber
                | Self::Infinite
                | Self::Silence
                | Self::WrongText
                | Self::ShorterText
        )
    }

    /// Whether it shows with a text: a limit of a few words is no server's, and a few words may be said quickly.
    fn shows_with(self, text: &str) -> bool {
        let characters = text.chars().count();
        match self {
            Self::ShorterLimit => shorter_limit(characters) >= SHORTEST_LIMIT,
            Self::ShorterText => characters >= FEWEST_CHARACTERS,
            _ => true,
        }
    }
}

/// Strikes by one text at most, so that a book is finished: a job gives up a text that fails again and again.
const MOST_STRIKES: u32 = 3;
/// Of these, answers that only the checks of a take can refuse.
const MOST_SPOILT: u32 = 1;
/// A limit never falls below this, in characters.
const SHORTEST_LIMIT: usize = 40;
/// The checks know that the sound of a word or two is none of a text of so many characters, whoever speaks it.
const FEWEST_CHARACTERS: usize = 40;

/// One in so many strikes of a grave fault is carried out.
const GRAVE_ONE_IN: u64 = 6;

/// Requests before one may stay without an answer: a client has to learn first how long answers take.
const ANSWERED_AT_FIRST: u64 = 24;

/// When which fault strikes. What strikes a request follows from the seed, the text and how often the text was asked
/// for, not from the order in which requests arrive.
#[derive(Debug)]
pub struct FaultPlan {
    seed: u64,
    faults: Vec<Fault>,
    percent: u64,
    history: Mutex<History>,
}

#[derive(Debug, Default)]
struct History {
    drawn: u64,
    of: HashMap<String, Strikes>,
    struck: HashMap<Fault, u64>,
}

#[derive(Debug, Default)]
struct Strikes {
    asked: u64,
    all: u32,
    spoilt: u32,
}

impl FaultPlan {
    /// A plan by which one of `faults` strikes `percent` of the requests; grave ones strike fewer.
    #[must_use]
    pub fn new(seed: u64, faults: impl IntoIterator<Item = Fault>, percent: u64) -> Self {
        let faults = faults.into_iter().collect();
        Self { seed, faults, percent, history: Mutex::default() }
    }

    /// What strikes the next request for a text.
    pub(crate) fn draw(&self, text: &str) -> Option<Fault> {
        let mut history = self.lock();
        history.drawn += 1;
        let early = history.drawn <= ANSWERED_AT_FIRST;
        let strikes = history.of.entry(text.to_owned()).or_default();
        strikes.asked += 1;
        let hash = text
            .bytes()
            .fold(self.seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut dice = Dice::new(hash.wrapping_add(strikes.asked));
        if strikes.all == MOST_STRIKES || self.faults.is_empty() || dice.below(100) >= self.percent {
            return None;
        }
        let fault = self.faults[dice.below(self.faults.len() as u64) as usize];
        let seldom = fault.is_grave() && dice.below(GRAVE_ONE_IN) > 0;
        if seldom || fault == Fault::Never && early || !fault.shows_with(text) {
            return None;
        }
        if fault.spoils_the_sound() {
            if strikes.spoilt == MOST_SPOILT {
                return None;
            }
            strikes.spoilt += 1;
        }
        strikes.all += 1;
        *history.struck.entry(fault).or_default() += 1;
        Some(fault)
    }

    /// How often each fault struck.
    #[must_use]
    pub fn struck(&self) -> HashMap<Fault, u64> {
        self.lock().struck.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, History> {
        self.history.lock().expect("no thread panics while it draws a fault")
    }
}

/// The longest text that a server still takes after it refused one of so many characters.
pub(crate) fn shorter_limit(characters: usize) -> usize {
    characters * 2 / 3
}
