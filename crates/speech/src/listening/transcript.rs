//! What a recogniser says it heard, and how sure it is.

use serde::{Deserialize, Deserializer};

/// What a recogniser heard: the body of a transcription, `json` or `verbose_json`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Transcript {
    /// The words.
    pub text: String,
    /// Pieces of the recording with what the recogniser says of each; not every server tells.
    #[serde(default, deserialize_with = "null_is_nothing")]
    pub segments: Vec<Segment>,
}

/// A piece of a recording.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Segment {
    /// Where it begins, in seconds.
    #[serde(default, deserialize_with = "null_is_nothing")]
    pub start: f64,
    /// Where it ends, in seconds.
    #[serde(default, deserialize_with = "null_is_nothing")]
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

/// Servers that know nothing of a field leave it out, or send `null`.
fn null_is_nothing<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_tell_everything_or_only_the_words() {
        let whole = r#"{"task": "transcribe", "text": "aye", "segments": [
            {"start": 0.0, "end": 3.0, "avg_logprob": -0.2, "no_speech_prob": 0.0, "tokens": [1]},
            {"start": 3.0, "end": 4.0, "avg_logprob": -1.0, "no_speech_prob": 0.4}]}"#;
        let whole: Transcript = serde_json::from_str(whole).unwrap();
        assert_eq!((whole.confidence(), whole.no_speech()), (Some(-0.4), Some(0.1)));
        for bare in [
            r#"{"text": "aye"}"#,
            r#"{"text": "aye", "segments": null}"#,
            r#"{"text": "aye", "segments": [{"start": null, "avg_logprob": null}]}"#,
        ] {
            let bare: Transcript = serde_json::from_str(bare).unwrap();
            assert_eq!((bare.text.as_str(), bare.confidence(), bare.no_speech()), ("aye", None, None));
        }
    }
}
