//! Voices in memory, and the sessions that speak with them.

use std::sync::Arc;

use rhapsode_audio::{Pcm, SampleRate};

use crate::{VoiceError, VoicePack, hibari, pack::Role};

/// Raised whenever pronunciation, graph handling or vocoder change what is heard. It is part of the key of every
/// take; a golden test fails until it is raised.
pub const SOUND_REVISION: u32 = 2;

/// The rate of every voice so far.
pub(crate) const RATE: SampleRate = SampleRate(24_000);

/// The slowest and the fastest speed; 1.0 is normal.
pub const SPEEDS: std::ops::RangeInclusive<f32> = 0.5..=2.0;

/// A kind of voice. A new kind is a module and a row in [`KINDS`].
pub(crate) struct Kind {
    /// Its name in manifests.
    pub(crate) name: &'static str,
    /// The files that its packs have.
    pub(crate) roles: &'static [Role],
    open: fn(&VoicePack) -> Result<Arc<dyn Engine>, VoiceError>,
}

/// All kinds of voices.
pub(crate) const KINDS: &[Kind] = &[Kind { name: "hibari", roles: hibari::ROLES, open: hibari::open }];

/// What a kind of voice loads a pack into.
pub(crate) trait Engine: Send + Sync {
    /// Something that speaks on one thread.
    fn speaker(self: Arc<Self>) -> Box<dyn Speaker>;
}

/// What a session speaks with.
pub(crate) trait Speaker: Send {
    /// Speaks, at a speed within [`SPEEDS`].
    fn speak(&mut self, text: &[Fragment<'_>], speed: f32, seed: u64) -> Result<Pcm, VoiceError>;
}

/// A part of what is spoken. Parts join without anything between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragment<'a> {
    /// Words as they are read.
    Text(&'a str),
    /// Phonemes in the voice's alphabet, spoken as they stand.
    Phonemes(&'a str),
}

impl Fragment<'_> {
    /// What it holds.
    pub(crate) fn content(&self) -> &str {
        match self {
            Self::Text(content) | Self::Phonemes(content) => content,
        }
    }
}

/// A voice in memory, shared by all its sessions.
pub struct Voice {
    engine: Arc<dyn Engine>,
    name: String,
    revision: String,
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voice")
            .field("name", &self.name)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl Voice {
    /// Loads a pack. Takes about half a second and some 150 MB, once for all sessions.
    ///
    /// # Errors
    /// When a file cannot be read or is not what its kind wants.
    pub fn open(pack: &VoicePack) -> Result<Arc<Self>, VoiceError> {
        let engine = (pack.kind().open)(pack)?;
        Ok(Arc::new(Self { engine, name: pack.manifest().name.clone(), revision: pack.revision() }))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Samples a second of all that it speaks.
    #[must_use]
    pub fn sample_rate(&self) -> SampleRate {
        RATE
    }

    /// A hash of its files, in hex: the same for the same files on any machine.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Something that speaks, on one thread. Make one for each core.
    #[must_use]
    pub fn session(&self) -> Session {
        Session { speaker: Arc::clone(&self.engine).speaker() }
    }
}

/// Speaks on one thread of its own.
pub struct Session {
    speaker: Box<dyn Speaker>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    /// Speaks, and returns all of it, untrimmed, at [`Voice::sample_rate`]. One sentence a call sounds best;
    /// longer ones than the voice can hold in mind are spoken in parts. The same text, speed and seed give the
    /// same samples on the same build and instruction set.
    ///
    /// # Errors
    /// [`VoiceError::Unspeakable`] when nothing in the text can be pronounced, [`VoiceError::UnknownPhoneme`]
    /// when given phonemes hold anything else, [`VoiceError::Speed`] outside of [`SPEEDS`].
    pub fn speak(&mut self, text: &[Fragment<'_>], speed: f32, seed: u64) -> Result<Pcm, VoiceError> {
        if !SPEEDS.contains(&speed) {
            return Err(VoiceError::Speed { speed });
        }
        self.speaker.speak(text, speed, seed)
    }
}
