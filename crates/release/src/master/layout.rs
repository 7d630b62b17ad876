//! The timeline of a chapter: plain integer arithmetic, the same for every codec.

use rhapsode_audio::SampleRate;
use rhapsode_audio::resample::position;

use super::survey::Survey;
use crate::{ChapterPlan, Codec, MasterSettings};

/// Where every take of a chapter lies, in samples at the settings' rate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Each take's speech, in reading order.
    pub(super) places: Vec<Place>,
    /// Length of the track, a multiple of the codec's frame.
    pub(super) total: u64,
}

/// Where a take's speech lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: u64,
    pub(super) length: u64,
}

impl Layout {
    pub(super) fn new(settings: &MasterSettings, codec: Codec, survey: &Survey, plan: &ChapterPlan) -> Self {
        let takes = survey.takes.iter().zip(&plan.takes).map(|(surveyed, planned)| {
            let length = position(surveyed.speech.len() as u64, surveyed.rate, settings.rate);
            (length, planned.pause_after_ms)
        });
        Self::of(settings, codec.frame(settings.rate).into(), takes)
    }

    /// Lays out takes of these lengths with these pauses. Pauses are whole milliseconds, whose sum is converted, so
    /// that nothing adds up at rates such as 22,050 Hz; the lengths are whole samples already.
    fn of(settings: &MasterSettings, frame: u64, takes: impl Iterator<Item = (u64, u32)>) -> Self {
        let silence = |ms: u64| position(ms, SampleRate(1_000), settings.rate);
        let (mut places, mut spoken) = (Vec::new(), 0);
        let (mut ms, mut last_pause) = (u64::from(settings.head_ms), 0);
        for (length, pause) in takes {
            ms += last_pause;
            places.push(Place { start: spoken + silence(ms), length });
            spoken += length;
            last_pause = u64::from(pause);
        }
        ms += last_pause.max(u64::from(settings.tail_ms));
        Self { places, total: (spoken + silence(ms)).next_multiple_of(frame).max(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rate: u32) -> MasterSettings {
        MasterSettings { rate: SampleRate(rate), ..MasterSettings::default() }
    }

    #[test]
    fn pauses_of_odd_milliseconds_do_not_drift_over_a_long_chapter() {
        // 22.05 samples a millisecond: rounding each pause would lose half a sample in each.
        let layout = Layout::of(&settings(22_050), 1_024, (0..10_000).map(|_| (100, 333)));
        let last = layout.places[9_999];
        let exact = 22_050.0 * (0.75 + 9_999.0 * 0.333) + 9_999.0 * 100.0;
        assert!((last.start as f64 - exact).abs() <= 0.5);
    }

    #[test]
    fn the_tail_is_at_least_the_last_pause_and_the_track_ends_on_a_frame() {
        let total = |pause| Layout::of(&settings(24_000), 1_024, [(24_000, pause)].into_iter()).total;
        assert_eq!(total(100), (24_000_u64 + 66_000).next_multiple_of(1_024));
        assert_eq!(total(100), total(2_000));
        assert_eq!(total(3_000), (24_000_u64 + 90_000).next_multiple_of(1_024));
    }
}
