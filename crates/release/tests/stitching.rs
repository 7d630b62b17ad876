//! Any takes with any pauses: the track is as long as the sum says, and every take lies where it is said to lie.

mod studio;

use proptest::prelude::*;
use rhapsode_audio::SampleRate;
use rhapsode_audio::room_tone::room_tone;
use rhapsode_release::{Codec, LoudnessTarget, MasterSettings};
use studio::{Studio, decoded};

/// A tone with one sample far above it, between two silences.
#[derive(Debug, Clone)]
struct Marked {
    rate: u32,
    before: usize,
    tone: usize,
    mark: usize,
    after: usize,
    pause_ms: u32,
}

impl Marked {
    fn samples(&self) -> Vec<f32> {
        let mut samples = vec![0.0; self.before];
        samples.extend(room_tone(self.tone, SampleRate(self.rate), -32.0, self.mark as u64));
        samples.extend(vec![0.0; self.after]);
        samples[self.marked()] = 0.5;
        samples
    }

    fn marked(&self) -> usize {
        self.before + self.mark
    }
}

fn marked() -> impl Strategy<Value = Marked> {
    let rate = prop::sample::select(vec![24_000_u32, 24_000, 22_050, 44_100, 16_000]);
    (rate, 0_usize..9_000, 1_200_usize..9_000, 0_usize..9_000, 0_u32..1_500).prop_flat_map(
        |(rate, before, tone, after, pause_ms)| {
            (600..tone - 500).prop_map(move |mark| Marked { rate, before, tone, mark, after, pause_ms })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_take_lies_where_the_timeline_says_and_the_length_is_the_sum(
        takes in prop::collection::vec(marked(), 1..7),
        rate in prop::sample::select(vec![24_000_u32, 22_050, 44_100]),
        head_ms in 0_u32..1_200, tail_ms in 0_u32..2_500,
    ) {
        let studio = Studio::new();
        let plan = studio.chapter(takes.iter().map(|t| studio.take(&t.samples(), t.rate, t.pause_ms)).collect());
        let settings = MasterSettings {
            rate: SampleRate(rate),
            // Low enough that no mark reaches the limiter.
            loudness: LoudnessTarget::Lufs(-45.0),
            head_ms,
            tail_ms,
            ..MasterSettings::default()
        };
        let track = studio.master(&plan, &settings, Codec::Wav).unwrap();
        let samples = decoded(&track);
        prop_assert!(!track.loudness.limited);

        // The sum.
        let last = takes.len() - 1;
        let pauses: u32 = takes[..last].iter().map(|take| take.pause_ms).sum();
        let silence_ms = head_ms + pauses + tail_ms.max(takes[last].pause_ms);
        let silence = (f64::from(silence_ms) * f64::from(rate) / 1_000.0).round() as u64;
        let speech: u64 = track.chunks.iter().map(|chunk| chunk.length).sum();
        prop_assert_eq!(track.samples, (speech + silence).next_multiple_of(1_024));
        prop_assert_eq!(samples.len() as u64, track.samples);

        // The order, and the pauses between.
        for (pair, take) in track.chunks.windows(2).zip(&takes) {
            let gap = pair[1].start.checked_sub(pair[0].start + pair[0].length);
            prop_assert!(gap.is_some(), "chunks overlap");
            let wanted = f64::from(take.pause_ms) * f64::from(rate) / 1_000.0;
            prop_assert!((gap.unwrap_or_default() as f64 - wanted).abs() <= 1.0);
        }

        // The marks.
        for (chunk, take) in track.chunks.iter().zip(&takes) {
            let into = (take.marked() as u64 - chunk.trimmed_start) as f64 * f64::from(rate) / f64::from(take.rate);
            let place = chunk.start as usize + into.round() as usize;
            prop_assert!(place < (chunk.start + chunk.length) as usize);
            let around = place - 100..place + 100;
            let found = around.max_by(|&a, &b| samples[a].abs().total_cmp(&samples[b].abs())).unwrap_or_default();
            let slack = usize::from(take.rate != rate);
            prop_assert!(found.abs_diff(place) <= slack, "the mark lies at {} instead of {}", found, place);
        }
    }
}
