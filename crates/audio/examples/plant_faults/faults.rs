//! What can go wrong with a take, done to a good one.

use std::ops::Range;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rhapsode_audio::level::{from_db, peak, rms_dbfs};
use rhapsode_audio::room_tone::room_tone;
use rhapsode_audio::trim::{TrimSettings, speech_range};
use rhapsode_audio::{Pcm, SampleRate};

/// A fault to plant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Digital zero, or a room without a voice.
    Silent,
    /// Driven 3 to 12 dB beyond full scale.
    Clipped,
    /// Two seconds of silence, between words or instead of some.
    Hole,
    /// White noise at so many dBFS, and up to 10 dB above.
    Noise(f64),
    /// 50 or 60 Hz with harmonics, at so many dBFS and up to 10 dB above.
    Hum(f64),
    /// The file ends at this part of its speech.
    Cut(f64),
    /// A fifth to a half of the speech is gone, from a gap to a gap.
    MissingWords,
    /// A fifth to a half of the speech comes twice.
    RepeatedWords,
    /// What another text says.
    WrongText,
    /// A sound of 0.15 to 0.9 s comes for two seconds or more, each time a little different.
    StuckLoop,
    /// 9 to 20 dB louder or quieter.
    Level,
    /// Off zero by 0.03 to 0.1.
    Offset,
    /// The samples of one rate with the label of another.
    WrongRate,
}

/// All of them, in the order of the table.
pub const FAULTS: [Fault; 19] = [
    Fault::Silent,
    Fault::Clipped,
    Fault::Hole,
    Fault::Noise(-45.0),
    Fault::Noise(-55.0),
    Fault::Hum(-45.0),
    Fault::Hum(-55.0),
    Fault::Cut(0.5),
    Fault::Cut(0.7),
    Fault::Cut(0.8),
    Fault::Cut(0.9),
    Fault::Cut(0.95),
    Fault::MissingWords,
    Fault::RepeatedWords,
    Fault::WrongText,
    Fault::StuckLoop,
    Fault::Level,
    Fault::Offset,
    Fault::WrongRate,
];

impl Fault {
    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Clipped => "clipped",
            Self::Hole => "hole of 2 s",
            Self::Noise(level) if level > -50.0 => "noise, -45 to -35 dBFS",
            Self::Noise(_) => "noise, -55 to -45 dBFS",
            Self::Hum(level) if level > -50.0 => "hum, -45 to -35 dBFS",
            Self::Hum(_) => "hum, -55 to -45 dBFS",
            Self::Cut(part) if part < 0.6 => "cut at 0.5",
            Self::Cut(part) if part < 0.75 => "cut at 0.7",
            Self::Cut(part) if part < 0.85 => "cut at 0.8",
            Self::Cut(part) if part < 0.93 => "cut at 0.9",
            Self::Cut(_) => "cut at 0.95",
            Self::MissingWords => "missing words",
            Self::RepeatedWords => "repeated words",
            Self::WrongText => "wrong text",
            Self::StuckLoop => "stuck loop",
            Self::Level => "level",
            Self::Offset => "offset",
            Self::WrongRate => "rate",
        }
    }
}

/// `good` with a fault, or with the speech of `other`; none where the take is too short for it.
pub fn plant(good: &Pcm, other: &Pcm, fault: Fault, random: &mut ChaCha8Rng) -> Option<Pcm> {
    let (rate, mut samples) = (good.rate, good.samples.clone());
    let speech = speech_range(&samples, rate, &TrimSettings::default());
    match fault {
        Fault::Silent if random.next_u32().is_multiple_of(2) => samples.fill(0.0),
        Fault::Silent => samples = room_tone(samples.len(), rate, -60.0, random.next_u64()),
        Fault::Clipped => {
            let gain = (from_db(between(random, 3.0, 12.0)) / f64::from(peak(&samples))) as f32;
            samples.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
        }
        Fault::Hole => {
            let hole = vec![0.0; rate.samples(2.0)];
            let at = within(&speech, between(random, 0.2, 0.8));
            // Instead of words where there is enough of them, between words otherwise.
            let lost = if at + hole.len() + rate.samples(0.5) < speech.end { hole.len() } else { 0 };
            samples.splice(at..at + lost, hole);
        }
        Fault::Noise(level) => {
            let noise: Vec<f32> = samples.iter().map(|_| between(random, -1.0, 1.0) as f32).collect();
            let level = level + between(random, 0.0, 10.0);
            mix(&mut samples, &noise, level);
        }
        Fault::Hum(level) => {
            let mains = if random.next_u32().is_multiple_of(2) { 50.0 } else { 60.0 };
            let tone = |n: usize| {
                let turn = std::f64::consts::TAU * mains * rate.seconds(n as u64);
                (turn.sin() + 0.5 * (2.0 * turn).sin() + 0.3 * (3.0 * turn).sin()) as f32
            };
            let hum: Vec<f32> = (0..samples.len()).map(tone).collect();
            let level = level + between(random, 0.0, 10.0);
            mix(&mut samples, &hum, level);
        }
        Fault::Cut(part) => samples.truncate(within(&speech, part)),
        Fault::MissingWords => {
            let words = words(&samples, rate, &speech, random)?;
            samples.drain(words);
        }
        Fault::RepeatedWords => {
            let words = words(&samples, rate, &speech, random)?;
            let again = samples[words.clone()].to_vec();
            samples.splice(words.end..words.end, again);
        }
        Fault::WrongText => samples = other.samples.clone(),
        Fault::StuckLoop => {
            let length = rate.samples(between(random, 0.15, 0.9));
            let latest = speech.len().checked_sub(length)?;
            let from = speech.start + (latest as f64 * between(random, 0.1, 0.9)) as usize;
            let sound = samples[from..from + length].to_vec();
            let times = rate.samples(2.0).div_ceil(length).max(3);
            let mut stuck = Vec::with_capacity(times * length);
            for _ in 0..times {
                let gain = from_db(between(random, -1.0, 1.0)) as f32;
                stuck.extend(sound.iter().map(|sample| sample * gain));
            }
            let noise: Vec<f32> = stuck.iter().map(|_| between(random, -1.0, 1.0) as f32).collect();
            mix(&mut stuck, &noise, -60.0);
            samples.splice(from + length..from + length, stuck);
        }
        Fault::Level => {
            let sign = if random.next_u32().is_multiple_of(2) { 1.0 } else { -1.0 };
            let gain = from_db(sign * between(random, 9.0, 20.0)) as f32;
            samples.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
        }
        Fault::Offset => {
            let offset = between(random, 0.03, 0.1) as f32;
            samples.iter_mut().for_each(|sample| *sample += offset);
        }
        Fault::WrongRate => return Some(Pcm { rate: SampleRate(22_050), samples }),
    }
    Some(Pcm { rate, samples })
}

fn between(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * f64::from(random.next_u32()) / f64::from(u32::MAX)
}

fn within(speech: &Range<usize>, part: f64) -> usize {
    speech.start + (speech.len() as f64 * part) as usize
}

/// Adds a sound at a level, dBFS RMS.
fn mix(samples: &mut [f32], sound: &[f32], level: f64) {
    let gain = from_db(level - rms_dbfs(sound)) as f32;
    samples.iter_mut().zip(sound).for_each(|(sample, sound)| *sample += gain * sound);
}

/// A fifth to a half of the speech from one quiet moment to another: as near to words as energy tells.
fn words(
    samples: &[f32],
    rate: SampleRate,
    speech: &Range<usize>,
    random: &mut ChaCha8Rng,
) -> Option<Range<usize>> {
    let part = between(random, 0.2, 0.5);
    let from = between(random, 0.02, 0.98 - part);
    let quiet = |part: f64| quietest_near(samples, rate, within(speech, part));
    let (start, end) = (quiet(from), quiet(from + part));
    // The edges moved: a take of few words has none that are a fifth of it.
    (start < end && (end - start) * 5 >= speech.len()).then_some(start..end)
}

/// The middle of the quietest 10 ms within 0.2 s of `place`.
fn quietest_near(samples: &[f32], rate: SampleRate, place: usize) -> usize {
    let (reach, window) = (rate.samples(0.2), rate.samples(0.01));
    let from = place.saturating_sub(reach);
    let near = &samples[from..(place + reach).min(samples.len())];
    let quietest = near
        .chunks(window)
        .map(rms_dbfs)
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0, |(number, _)| number);
    from + quietest * window + window / 2
}
