//! The sound of a text. Each syllable is a tone; the first eight spell a hash of the text, the others follow from
//! it. So two texts never sound the same, a sound is known for that of its text, and one that was cut, repeated or
//! stretched is known for none. Levels, rests and length are those of speech, so that the take checks pass.

use std::f32::consts::TAU;

use crate::kills::Dice;

/// Syllables that spell the hash, four bits each.
const SPELLING: usize = 8;
/// Tones that syllables choose from.
pub(crate) const TONES: usize = 16;
/// Frequency of the lowest tone, and from each to the next, in Hz.
const LOWEST: f32 = 500.0;
const STEP: f32 = 100.0;
/// Frequency of the syllable that begins every song and comes nowhere else, in Hz.
pub(crate) const MARK: f32 = 2_400.0;
/// Length of a syllable, in seconds.
pub(crate) const SYLLABLE: f64 = 0.05;
/// Silence before and after, in seconds.
const BEFORE: f64 = 0.08;
const AFTER: f64 = 0.12;
/// Rise and fall of a syllable, in seconds: a tone that begins at once clicks.
const RISE: f32 = 0.006;
/// Loudest amplitude; syllables are up to 4 dB below.
const LOUDEST: f32 = 0.16;
/// Amplitude of the noise under everything, about -75 dBFS RMS; it differs from song to song by 6 dB either way.
const NOISE: f32 = 0.000_3;

/// A syllable of a song.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syllable {
    /// The one that begins a song.
    Mark,
    /// One of [`TONES`].
    Tone(u8),
    /// Nothing for the length of a syllable.
    Rest,
}

/// Frequency of a tone, in Hz.
pub(crate) fn frequency(tone: u8) -> f32 {
    LOWEST + STEP * f32::from(tone)
}

/// The sound of a text, as a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Song {
    /// Hash of the text and of the server's timbre.
    pub hash: u32,
    pub(crate) syllables: Vec<Syllable>,
}

impl Song {
    /// The song of a text. Servers of another `timbre` sing the same text otherwise. `pace` is the seconds of sound
    /// for a character.
    #[must_use]
    pub fn of(text: &str, timbre: &str, pace: f64) -> Self {
        let hash = hash(text, timbre);
        let mut dice = Dice::new(u64::from(hash));
        // A voice takes now more and now less time for as many characters, and bounds are learnt from how much.
        let haste = 0.9 + 0.2 * dice.below(1_000) as f64 / 1_000.0;
        let spoken = 0.45 + haste * pace * text.chars().count() as f64;
        let spelling = (0..SPELLING).map(|place| Syllable::Tone((hash >> (place * 4) & 0xf) as u8));
        let mut syllables: Vec<_> = std::iter::once(Syllable::Mark).chain(spelling).collect();
        let count = (spoken / SYLLABLE).round() as usize;
        let mut until_rest = 6;
        while syllables.len() < count {
            // A rest every few syllables, as between words; never the last, so that the end is heard.
            if until_rest == 0 && syllables.len() + 2 < count {
                syllables.push(Syllable::Rest);
                until_rest = 5 + dice.below(6);
            }
            syllables.push(Syllable::Tone(dice.below(TONES as u64) as u8));
            until_rest = until_rest.saturating_sub(1);
        }
        Self { hash, syllables }
    }

    /// Length, silence included, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        BEFORE + AFTER + SYLLABLE * self.syllables.len() as f64
    }

    /// The samples at a rate. The same on every call.
    #[must_use]
    pub fn samples(&self, rate: u32) -> Vec<f32> {
        let length = |seconds: f64| (seconds * f64::from(rate)).round() as usize;
        let mut levels = Dice::new(u64::from(self.hash) << 32);
        let mut noise = Noise(self.hash | 1);
        let room = NOISE * (0.5 + levels.below(1_500) as f32 / 1_000.0);
        let mut samples = vec![0.0; length(BEFORE)];
        samples.reserve(length(self.seconds() + SYLLABLE));
        for (place, syllable) in self.syllables.iter().enumerate() {
            let end = length(BEFORE + SYLLABLE * (place + 1) as f64);
            let amplitude = LOUDEST * (1.0 - 0.37 * levels.below(1_000) as f32 / 1_000.0);
            match syllable {
                Syllable::Mark => tone(&mut samples, end, MARK, LOUDEST, rate),
                Syllable::Tone(number) => tone(&mut samples, end, frequency(*number), amplitude, rate),
                Syllable::Rest => samples.resize(end, 0.0),
            }
        }
        samples.resize(length(self.seconds()), 0.0);
        samples.iter_mut().for_each(|sample| *sample += room * noise.next());
        samples
    }
}

/// Appends a tone up to `end`.
fn tone(samples: &mut Vec<f32>, end: usize, frequency: f32, amplitude: f32, rate: u32) {
    let count = end - samples.len();
    let rate = rate as f32;
    // A rotating phasor: one sine and one cosine for each tone instead of a sine for each sample.
    let (turn_im, turn_re) = (TAU * frequency / rate).sin_cos();
    let (mut re, mut im) = (1.0_f32, 0.0_f32);
    for n in 0..count {
        let edge = n.min(count - 1 - n) as f32 / (RISE * rate);
        let envelope = if edge < 1.0 { 0.5 - 0.5 * (edge * TAU / 2.0).cos() } else { 1.0 };
        samples.push(amplitude * envelope * im);
        (re, im) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
    }
}

/// FNV-1a, folded and mixed.
fn hash(text: &str, timbre: &str) -> u32 {
    let bytes = timbre.bytes().chain([0]).chain(text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (Dice::new(hash).below(u64::MAX) >> 32) as u32
}

/// White noise (xorshift).
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 as f32 / u32::MAX as f32 - 0.5) * 2.0
    }
}
