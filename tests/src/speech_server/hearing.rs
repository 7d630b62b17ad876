//! Hears songs in a sound: which texts a finished book says, and in what order.

use std::collections::HashMap;

use super::song::{MARK, SYLLABLE, Song, Syllable, TONES, frequency};

/// What was heard at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Heard {
    /// A whole song.
    Song {
        /// Its hash.
        hash: u32,
        /// Where it begins, in seconds.
        at: f64,
    },
    /// A sound that is no whole song of those that are known.
    Unknown {
        /// Where it begins, in seconds.
        at: f64,
    },
}

/// There is sound where the level is above this, RMS of full scale 1.0.
const SOUNDS: f32 = 0.005;
/// A syllable below this is a rest. Tones are four times as loud; encoders smear their neighbours into rests.
const RESTS: f32 = 0.02;
/// A tone is heard if it has this share of the power.
const CLEAR: f32 = 0.6;
/// How far encoders smear the last tone of a song past its end, in seconds. Nothing begins so soon after one.
const SMEAR: f64 = 0.01;
/// The step of the search, in seconds.
const STEP: f64 = 0.005;
/// Length of a window, in seconds: the steady middle of a syllable.
const WINDOW: f64 = 0.03;

/// Hears the songs of a sound in their order. Everything that sounds and is no whole song is told as unknown.
#[must_use]
pub fn hear(samples: &[i16], rate: u32, songs: &HashMap<u32, Song>) -> Vec<Heard> {
    let ear = Ear { samples, rate: f64::from(rate) };
    let seconds = samples.len() as f64 / ear.rate;
    let (mut heard, mut at) = (Vec::new(), 0.0);
    let mut lost = false;
    while at + WINDOW < seconds {
        let window = ear.window(at + WINDOW / 2.0);
        if level(window) < SOUNDS {
            lost = false;
            at += STEP;
            continue;
        }
        let song = ear.onset(at).and_then(|onset| Some((onset, ear.song_at(onset, songs)?)));
        if let Some((onset, song)) = song {
            heard.push(Heard::Song { hash: song.hash, at: onset });
            at = onset + SYLLABLE * song.syllables.len() as f64 + SMEAR;
            lost = false;
        } else {
            // Once for each stretch of sound.
            if !lost {
                heard.push(Heard::Unknown { at });
                lost = true;
            }
            at += STEP;
        }
    }
    heard
}

struct Ear<'a> {
    samples: &'a [i16],
    rate: f64,
}

impl<'a> Ear<'a> {
    /// The window around a time.
    fn window(&self, middle: f64) -> &'a [i16] {
        let place = |seconds: f64| ((seconds * self.rate).max(0.0) as usize).min(self.samples.len());
        &self.samples[place(middle - WINDOW / 2.0)..place(middle + WINDOW / 2.0)]
    }

    /// Where the mark begins whose first sound is at `at`, to a millisecond or two: windows have the more of it the
    /// nearer they are to its middle, on both sides alike.
    fn onset(&self, at: f64) -> Option<f64> {
        let power = |onset: f64| tone_power(self.window(onset + SYLLABLE / 2.0), MARK, self.rate as f32);
        let found: Vec<(f64, f32)> =
            (-40..80).map(|ms| at + f64::from(ms) / 1_000.0).map(|onset| (onset, power(onset))).collect();
        let loudest = found.iter().map(|(_, power)| *power).fold(0.0, f32::max);
        let near = found.iter().filter(|(_, power)| *power > loudest * 0.25);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (onset, power) in near {
            sum += onset * f64::from(*power);
            weight += f64::from(*power);
        }
        let onset = sum / weight;
        (self.syllable(onset, 0) == Some(Syllable::Mark)).then_some(onset)
    }

    /// The song that is sung from `onset` to its end, with silence or another song after it.
    fn song_at<'s>(&self, onset: f64, songs: &'s HashMap<u32, Song>) -> Option<&'s Song> {
        let mut hash = 0;
        for place in 0..8 {
            let Some(Syllable::Tone(tone)) = self.syllable(onset, place + 1) else { return None };
            hash |= u32::from(tone) << (place * 4);
        }
        let song = songs.get(&hash)?;
        let sung =
            song.syllables.iter().enumerate().all(|(place, &s)| self.syllable(onset, place) == Some(s));
        let after = self.syllable(onset, song.syllables.len());
        (sung && matches!(after, Some(Syllable::Rest | Syllable::Mark))).then_some(song)
    }

    /// The syllable at a place of a song; nothing if it is none that there is.
    fn syllable(&self, onset: f64, place: usize) -> Option<Syllable> {
        let window = self.window(onset + SYLLABLE * (place as f64 + 0.5));
        let all = level(window);
        if all < RESTS {
            return Some(Syllable::Rest);
        }
        let clear = |frequency: f32| tone_power(window, frequency, self.rate as f32) > CLEAR * all * all;
        if clear(MARK) {
            return Some(Syllable::Mark);
        }
        (0..TONES as u8).find(|&tone| clear(frequency(tone))).map(Syllable::Tone)
    }
}

/// RMS, full scale 1.0.
fn level(window: &[i16]) -> f32 {
    let energy: f32 = window.iter().map(|&sample| (f32::from(sample) / 32_768.0).powi(2)).sum();
    (energy / window.len().max(1) as f32).sqrt()
}

/// Mean power of a tone in a window (Goertzel).
fn tone_power(window: &[i16], frequency: f32, rate: f32) -> f32 {
    let turn = 2.0 * (std::f32::consts::TAU * frequency / rate).cos();
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    for &sample in window {
        (one, two) = (f32::from(sample) / 32_768.0 + turn * one - two, one);
    }
    let count = window.len().max(1) as f32;
    2.0 * (one * one + two * two - turn * one * two) / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 4] = ["No.", "The lamp was lit at six.", "The lamp was lit at sev.", "She rowed on."];

    fn known() -> HashMap<u32, Song> {
        TEXTS.map(|text| Song::of(text, "", 0.06)).map(|song| (song.hash, song)).into()
    }

    fn samples(song: &Song, gain: f32) -> Vec<i16> {
        song.samples(24_000).iter().map(|sample| (sample * gain * 32_768.0) as i16).collect()
    }

    #[test]
    fn songs_are_heard_in_their_order_at_any_place_and_level() {
        let songs = known();
        let mut sound = vec![0; 1_234];
        for text in TEXTS {
            sound.extend(samples(&Song::of(text, "", 0.06), 0.5));
            sound.extend(vec![0; 777]);
        }
        let heard: Vec<_> = hear(&sound, 24_000, &songs)
            .into_iter()
            .map(|heard| match heard {
                Heard::Song { hash, .. } => hash,
                Heard::Unknown { at } => panic!("nothing known is heard at {at}"),
            })
            .collect();
        assert_eq!(heard, TEXTS.map(|text| Song::of(text, "", 0.06).hash));
    }

    #[test]
    fn a_song_that_was_cut_or_goes_on_is_not_known() {
        let songs = known();
        let song = Song::of(TEXTS[1], "", 0.06);
        let whole = samples(&song, 1.0);
        let cut = &whole[..whole.len() - 24_000 * 3 / 10];
        assert!(hear(cut, 24_000, &songs).iter().any(|heard| matches!(heard, Heard::Unknown { .. })));
        let longer = samples(&Song::of(TEXTS[1], "", 0.1), 1.0);
        assert!(hear(&longer, 24_000, &songs).iter().any(|heard| matches!(heard, Heard::Unknown { .. })));
    }

    #[test]
    fn a_song_of_another_timbre_is_not_known() {
        let other = samples(&Song::of(TEXTS[1], "other", 0.06), 1.0);
        assert!(matches!(hear(&other, 24_000, &known())[..], [Heard::Unknown { .. }, ..]));
    }

    #[test]
    fn songs_are_heard_through_lossy_formats() {
        use crate::speech_server::encoding::{Lossy, lossy};
        let songs = known();
        for format in [Lossy::Mp3, Lossy::Opus] {
            for song in songs.values() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("song");
                std::fs::write(&path, lossy(song.hash, &song.samples(24_000), 24_000, format)).unwrap();
                let rate = if format == Lossy::Opus { 48_000 } else { 24_000 };
                let heard = hear(&crate::decode(&path), rate, &songs);
                assert!(
                    matches!(heard[..], [Heard::Song { hash, .. }] if hash == song.hash),
                    "{format:?}: {heard:?}"
                );
            }
        }
    }
}
