//! Sound as our client decodes it.

use rhapsode_audio::{
    Pcm, SampleRate,
    decode::{Expected, decode},
    judge::{Bounds, Defect, Expectation, judge},
};

use super::{
    Judged,
    answer::Answer,
    seen::{Fault, demand},
};

/// The rate that OpenAI's API has for samples alone.
pub(crate) const PCM_RATE: u32 = 24_000;

/// The formats of the protocol, as servers most often have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Wav,
    Flac,
    Mp3,
    Opus,
    Pcm,
}

impl Format {
    pub(crate) const ALL: [Self; 5] = [Self::Wav, Self::Flac, Self::Mp3, Self::Opus, Self::Pcm];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Opus => "opus",
            Self::Pcm => "pcm",
        }
    }

    /// The content type that ours has for it.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
            Self::Opus => "audio/ogg",
            Self::Pcm => "audio/pcm",
        }
    }

    /// What bytes look like; samples alone look like nothing.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'R', b'I', b'F', b'F', ..] => Self::Wav,
            [b'f', b'L', b'a', b'C', ..] => Self::Flac,
            [b'O', b'g', b'g', b'S', ..] => Self::Opus,
            [b'I', b'D', b'3', ..] => Self::Mp3,
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Self::Mp3,
            _ => Self::Pcm,
        }
    }
}

/// A sound with the answer that it came in.
#[derive(Debug, Clone)]
pub(crate) struct Sound {
    pub(crate) pcm: Pcm,
    pub(crate) format: Format,
    pub(crate) answer: Answer,
}

impl Sound {
    /// The sound in an answer: all of it is there, and every sample is a number.
    pub(crate) fn of(answer: Answer) -> Result<Self, Fault> {
        if !answer.status.is_success() {
            let refused = answer.status.is_client_error();
            return Err(if refused { Fault::absent(answer.shown()) } else { Fault::wrong(answer.shown()) });
        }
        let format = Format::of(&answer.body);
        let rate = stated_rate(&answer).unwrap_or(PCM_RATE);
        let raw = (format == Format::Pcm).then_some(SampleRate(rate));
        let pcm = decode(&answer.body, Expected { raw, ..Expected::default() });
        let pcm = pcm.map_err(|error| Fault::wrong(format!("failed to {error}")))?;
        demand(pcm.samples.iter().all(|sample| sample.is_finite()), || "a sample is no number".to_owned())?;
        Ok(Self { pcm, format, answer })
    }

    /// Whether it can be the speech of a text: heard, and of a length that fits. A text of a few characters may have
    /// any length.
    pub(crate) fn judged(self, text: &str, speed: f32, judged: Judged) -> Result<Self, Fault> {
        if judged == Judged::Sound {
            return Ok(self);
        }
        let characters = text.chars().filter(|c| !c.is_control()).count();
        let characters = if characters < 20 { 0 } else { characters };
        let findings = judge(&self.pcm, &Expectation { characters, speed }, &Bounds::default());
        let counts = [Defect::Broken, Defect::Silent, Defect::TooShort, Defect::TooLong];
        let breach = findings.breaches.iter().find(|breach| counts.contains(&breach.defect));
        breach.map_or(Ok(self), |breach| Err(Fault::wrong(breach.to_string())))
    }

    /// `wav, 24000 Hz, 2.7 s`
    pub(crate) fn shown(&self) -> String {
        format!("{}, {} Hz, {:.2} s", self.format.name(), self.pcm.rate.0, self.pcm.seconds())
    }

    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.pcm == other.pcm
    }
}

/// The rate in a content type such as `audio/pcm;rate=22050`.
fn stated_rate(answer: &Answer) -> Option<u32> {
    let kind = answer.header("content-type")?;
    let rate = kind.split(';').find_map(|parameter| parameter.trim().strip_prefix("rate="))?;
    rate.trim_matches('"').parse().ok()
}
