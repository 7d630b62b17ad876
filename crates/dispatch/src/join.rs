//! Joins what was spoken in pieces to one take. The pauses are those of one breath: the listener must not hear that
//! the engine could not take the whole text.

use rhapsode_audio::{
    Pcm,
    resample::resample,
    trim::{TrimSettings, speech_range},
};

/// Between two sentences, in seconds. Trimming leaves almost a tenth more.
const SENTENCE_PAUSE: f64 = 0.25;
/// Within a sentence, in seconds.
const CLAUSE_PAUSE: f64 = 0.06;

/// A piece of a text as it was spoken.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) pcm: Pcm,
}

/// One sound of all pieces, at the rate of the first. One piece alone stays as it is.
pub(crate) fn join(mut pieces: Vec<Piece>) -> Pcm {
    if pieces.len() == 1 {
        return pieces.remove(0).pcm;
    }
    let Some(rate) = pieces.first().map(|piece| piece.pcm.rate) else {
        return Pcm { rate: rhapsode_audio::SampleRate(0), samples: Vec::new() };
    };
    let last = pieces.len() - 1;
    let mut samples = Vec::new();
    for (index, Piece { text, pcm }) in pieces.into_iter().enumerate() {
        let pcm = resample(pcm, rate);
        let speech = speech_range(&pcm.samples, rate, &TrimSettings::default());
        // What is no speech is not hidden by trimming it away: the checks are to see it.
        let broken = speech.is_empty() || pcm.samples.iter().any(|sample| !sample.is_finite());
        let (from, to) = if broken { (0, pcm.samples.len()) } else { (speech.start, speech.end) };
        // The quiet before the first piece and after the last are the take's own.
        let from = if index == 0 { 0 } else { from };
        let to = if index == last { pcm.samples.len() } else { to };
        samples.extend_from_slice(&pcm.samples[from..to]);
        if index < last {
            samples.resize(samples.len() + rate.samples(pause_after(&text)), 0.0);
        }
    }
    Pcm { rate, samples }
}

fn pause_after(text: &str) -> f64 {
    let closing = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']');
    match text.trim_end_matches(closing).chars().next_back() {
        Some('.' | '!' | '?' | '…' | '。' | '！' | '？') => SENTENCE_PAUSE,
        _ => CLAUSE_PAUSE,
    }
}

#[cfg(test)]
mod tests {
    use rhapsode_audio::SampleRate;

    use super::*;

    const RATE: SampleRate = SampleRate(24_000);

    fn piece(text: &str, rate: SampleRate, before: f64, after: f64) -> Piece {
        let tone = (0..rate.samples(0.5)).map(|n| (n as f32 * 0.05).sin() * 0.3);
        let quiet = |seconds| vec![0.0; rate.samples(seconds)];
        let samples = quiet(before).into_iter().chain(tone).chain(quiet(after)).collect();
        Piece { text: text.to_owned(), pcm: Pcm { rate, samples } }
    }

    #[test]
    fn one_piece_stays_as_it_is() {
        let whole = piece("Hello.", RATE, 0.5, 0.5);
        let expected = whole.pcm.clone();
        assert_eq!(join(vec![whole]), expected);
    }

    #[test]
    fn long_silences_at_the_joints_become_short_pauses() {
        let joined = join(vec![piece("He came,", RATE, 0.1, 2.0), piece("she left.", RATE, 2.0, 0.1)]);
        // Speech 1.0 s, the take's own ends 0.2 s, the margins of trimming 0.085 s, one pause.
        assert!((joined.seconds() - (1.0 + 0.2 + 0.085 + CLAUSE_PAUSE)).abs() < 0.02, "{}", joined.seconds());
        let longer = join(vec![piece("He came.”", RATE, 0.1, 2.0), piece("She left.", RATE, 2.0, 0.1)]);
        assert!((longer.seconds() - joined.seconds() - (SENTENCE_PAUSE - CLAUSE_PAUSE)).abs() < 1e-3);
    }

    #[test]
    fn pieces_of_another_rate_are_converted() {
        let joined =
            join(vec![piece("He came,", RATE, 0.1, 0.1), piece("she left.", SampleRate(16_000), 0.1, 0.1)]);
        assert_eq!(joined.rate, RATE);
        assert!((joined.seconds() - (1.0 + 0.2 + 0.085 + CLAUSE_PAUSE)).abs() < 0.03, "{}", joined.seconds());
    }

    #[test]
    fn a_silent_or_broken_piece_is_not_trimmed_away() {
        let mut broken = piece("she left.", RATE, 0.1, 0.1);
        broken.pcm.samples[5_000] = f32::NAN;
        assert!(join(vec![piece("He came,", RATE, 0.1, 0.1), broken]).samples.iter().any(|s| s.is_nan()));
        let silent = Piece { text: "x".to_owned(), pcm: Pcm { rate: RATE, samples: vec![0.0; 48_000] } };
        assert!(join(vec![piece("He came,", RATE, 0.1, 0.1), silent]).seconds() > 2.5);
    }
}
