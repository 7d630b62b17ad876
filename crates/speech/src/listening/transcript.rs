//! What a recogniser says it heard, and how sure it is.

use serde::Deserialize;

/// What a recogniser heard: the body of a transcription, `json` or `verbose_json`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Transcript {
    /// The words.
    pub text: String,
    /// Pieces of the recording with what the recogniser says of each; not every server tells.
    #[serde(default)]
    pub segments: Vec<Segment>,
}

/// A piece of a recording.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Segment {
    /// Where it begins, in seconds.
    #[serde(default)]
    pub start: f64,
    /// Where it ends, in seconds.
    #[serde(default)]
    pub end: f64,
    /// Mean logarithm of the probability of its words.
    pub avg_logprob: Option<f64>,
    /// Probability that nobody speaks.
    pub no_speech_prob: Option<f64>,
}

impl Transcript {
    /// Words of which nothing else is known.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), segments: Vec::new() }
    }

    /// Mean logarithm of the words' probability, weighted by length, if the server tells.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.mean(|segment| segment.avg_logprob)
    }

    /// Probability that nobody speaks, weighted by length, if the server tells.
    #[must_use]
    pub fn no_speech(&self) -> Option<f64> {
        self.mean(|segment| segment.no_speech_prob)
    }

    fn mean(&self, value: impl Fn(&Segment) -> Option<f64>) -> Option<f64> {
        let (sum, length) = self
            .segments
            .iter()
            .filter_map(|segment| {
                value(segment).map(|value| (value, (segment.end - segment.start).max(0.01)))
            })
            .fold((0.0, 0.0), |(sum, length), (value, weight)| (sum + value * weight, length + weight));
        (length > 0.0).then(|| sum / length)
    }
}
