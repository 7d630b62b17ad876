//! How loud a chapter becomes: one linear gain for all of it, and the ceiling of the limiter.

use rayon::prelude::*;
use rhapsode_audio::level::{energy, from_db, to_db};
use rhapsode_audio::limiter::Limiter;

use super::Chapter;
use super::survey::{Survey, SurveyedTake};
use super::verify::Verified;
use crate::{Codec, LoudnessTarget, MasterSettings, ReleaseError};

/// Highest gain, dB: more would make a defect of near silence as loud as a hall full of people.
const MOST_GAIN: f64 = 30.0;
/// Takes whose samples come this close to the ceiling, in dB, may have a wave above it.
const BETWEEN_SAMPLES: f64 = 1.5;
/// Loudness that the limiter may take without being given it back, in LU: nobody hears it.
const EATEN: f64 = 0.05;
/// Times the limiter is tried for what it takes at the gain that gives that back.
const TRIES: u32 = 4;
/// A ceiling comes down by the excess and this much more, in dB.
const BEYOND_EXCESS: f64 = 0.2;
/// EBU R 128.
const R128_LUFS: f64 = -23.0;
/// In the middle of the −23 to −18 dB RMS that ACX takes.
const ACX_RMS: f64 = -20.5;
/// ACX takes 2.5 dB more and less; the limiter and the encoder may change a little.
const ACX_SPAN: f64 = 1.5;

/// How far an encoder's true peak rises above what it was given, in dB, so that one encode is enough nearly
/// always. Measured on 53 minutes of speech limited to −4.5 dBTP: FDK at 128 kbit/s +0.3, 64 +0.7, 32 +1.0,
/// 24 +1.3; ffmpeg's own AAC at 64 kbit/s +2.5 to +3.5. Lossless formats add nothing.
fn peak_growth(codec: Codec) -> f64 {
    match codec {
        Codec::Aac { .. } if cfg!(feature = "fdk-aac") => 1.5,
        Codec::Aac { .. } => 3.5,
        Codec::Mp3 { .. } => 1.0,
        Codec::Opus { .. } => 1.5,
        Codec::Flac | Codec::Wav => 0.0,
    }
}

/// Gain and ceiling of one try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mix {
    /// Gain on every take, dB.
    pub(super) gain_db: f64,
    /// Ceiling of the limiter, dBTP.
    pub(super) ceiling_dbtp: f64,
    aim: Aim,
}

/// Where the gain comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// The chapter's own speech: the track must reach the target.
    Own,
    /// Another chapter's, or the most there is: the track has the loudness that comes of it.
    Given,
}

/// The gain and the ceiling to begin with.
pub(super) fn first_mix(chapter: &Chapter<'_>) -> Result<Mix, ReleaseError> {
    let Chapter { plan, settings, survey, layout, .. } = chapter;
    let by_reference = survey.is_short() && !plan.loudness_reference.is_empty();
    let wanted = if by_reference {
        let reference = Survey::of_reference(plan, chapter.store)?;
        let theirs = wanted_gain(settings, &reference, reference.reference_seconds());
        match settings.loudness {
            LoudnessTarget::Acx => theirs.map(|gain| within_acx(gain, chapter)),
            LoudnessTarget::Lufs(_) | LoudnessTarget::R128 => theirs,
        }
    } else {
        wanted_gain(settings, survey, settings.rate.seconds(layout.total))
    };
    let ceiling_dbtp = settings.true_peak_dbtp - peak_growth(chapter.codec);
    let gain_db = wanted.unwrap_or(0.0).clamp(-MOST_GAIN, MOST_GAIN);
    let reached = wanted == Some(gain_db);
    // A short chapter has another's gain as it is, unless the file itself is measured.
    let as_given = by_reference && settings.loudness != LoudnessTarget::Acx;
    if as_given || !reached {
        return Ok(Mix { gain_db, ceiling_dbtp, aim: Aim::Given });
    }
    let mut back = 0.0;
    for _ in 0..TRIES {
        let eaten = eaten_by_limiter(chapter, (gain_db + back).min(MOST_GAIN), ceiling_dbtp)?;
        if eaten - back <= EATEN {
            break;
        }
        back = eaten;
    }
    let aim = if by_reference { Aim::Given } else { Aim::Own };
    Ok(Mix { gain_db: (gain_db + back).min(MOST_GAIN), ceiling_dbtp, aim })
}

/// The gain nearest to this one with which a short chapter is a file that ACX takes: it measures each file, head and tail
/// with it, so that few words alone are too quiet at the gain of the others.
fn within_acx(gain: f64, chapter: &Chapter<'_>) -> f64 {
    let Chapter { settings, survey, layout, .. } = chapter;
    let own = wanted_gain(settings, survey, settings.rate.seconds(layout.total));
    own.map_or(gain, |own| gain.clamp(own - ACX_SPAN, own + ACX_SPAN))
}

/// The gain that brings what was surveyed to the target, in dB; none if nothing is heard. `seconds` is the length
/// with all silence, over which ACX takes its RMS.
fn wanted_gain(settings: &MasterSettings, survey: &Survey, seconds: f64) -> Option<f64> {
    let integrated = survey.integrated()?;
    Some(match settings.loudness {
        LoudnessTarget::Lufs(target) => target - integrated,
        LoudnessTarget::R128 => R128_LUFS - integrated,
        LoudnessTarget::Acx => {
            // The room tone is there already and does not grow with the gain.
            let power = from_db(ACX_RMS).powi(2) - from_db(settings.room_tone_dbfs).powi(2);
            to_db((power.max(0.0) * seconds / survey.energy()).sqrt())
        }
    })
}

/// Loudness that the limiter takes at this gain, in LU. Reckoned from plain energy: where the limiter works it turns
/// all frequencies down alike, so that their weighting changes nothing that a second try would have to mend.
fn eaten_by_limiter(chapter: &Chapter<'_>, gain_db: f64, ceiling_dbtp: f64) -> Result<f64, ReleaseError> {
    let gain = from_db(gain_db) as f32;
    let harmless = from_db(ceiling_dbtp - BETWEEN_SAMPLES) as f32;
    let takes: Vec<_> = chapter.plan.takes.iter().zip(&chapter.survey.takes).collect();
    let kept = takes
        .into_par_iter()
        .map(|(planned, surveyed): (_, &SurveyedTake)| {
            if surveyed.peak * gain <= harmless {
                return Ok(surveyed.energy);
            }
            let mut samples = chapter.speech(planned, surveyed)?;
            samples.iter_mut().for_each(|sample| *sample *= gain);
            let mut limiter = Limiter::new(surveyed.rate, ceiling_dbtp);
            let mut limited = Vec::with_capacity(samples.len());
            limiter.process(&samples, &mut limited);
            limiter.finish(&mut limited);
            let share = if limiter.limited() { energy(&limited) / energy(&samples) } else { 1.0 };
            Ok(surveyed.energy * share)
        })
        .collect::<Result<Vec<f64>, ReleaseError>>()?
        .iter()
        .sum::<f64>();
    Ok(if kept > 0.0 { 10.0 * (chapter.survey.energy() / kept).log10() } else { 0.0 })
}

impl Mix {
    /// What to do better after a try whose peak was over.
    pub(super) fn corrected(self, settings: &MasterSettings, found: &Verified) -> Option<Self> {
        let excess = found.true_peak_dbtp - settings.true_peak_dbtp;
        if excess <= 0.0 {
            return None;
        }
        let missing = match (self.aim, settings.loudness) {
            (Aim::Given, _) => 0.0,
            (Aim::Own, LoudnessTarget::Lufs(target)) => target - found.integrated_lufs,
            (Aim::Own, LoudnessTarget::R128) => R128_LUFS - found.integrated_lufs,
            (Aim::Own, LoudnessTarget::Acx) => ACX_RMS - found.rms_dbfs,
        };
        let back = if missing.abs() > EATEN { missing } else { 0.0 };
        Some(Self {
            gain_db: (self.gain_db + back).clamp(-MOST_GAIN, MOST_GAIN),
            ceiling_dbtp: self.ceiling_dbtp - excess - BEYOND_EXCESS,
            ..self
        })
    }
}
