//! Whether the recording that a voice is taken from can be used. Engines take a breath of silence as readily as a
//! minute of speech, and speak the whole book with what they heard in it.

use rhapsode_audio::decode::{Expected, decode};
use rhapsode_speech::{Reference, Statement};
use tokio::time::{Instant, timeout_at};

use crate::{CheckId, Outcome};

/// Engines whose needs are known, by the beginning of their names: seconds below which they cannot take a voice from a
/// recording, and below which it is hardly the voice. From the notes of their makers.
const ENGINES: [(&str, f64, f64); 4] =
    [("chatterbox", 3.0, 5.0), ("index", 1.0, 3.0), ("sesame", 1.0, 3.0), ("csm", 1.0, 3.0)];

/// The same for engines of which nothing is known.
const UNKNOWN: (f64, f64) = (1.0, 3.0);

/// Peak, of 1.0, below which a recording has no voice in it: -50 dB.
const SILENT: f32 = 0.003;

/// What is on a recording.
#[derive(Debug)]
pub(super) enum Recording {
    /// The voice needs none.
    NotNeeded,
    /// It cannot be read.
    Unreadable { path: String, why: String },
    /// It is another one than the job was planned with.
    Changed { path: String },
    /// It has sound.
    Heard { path: String, seconds: f64, peak: f32 },
}

/// Listens to the recording of a voice.
pub(super) async fn listen(reference: Option<Reference>, deadline: Instant) -> Recording {
    let Some(Reference { path, blake3 }) = reference else { return Recording::NotNeeded };
    let shown = path.display().to_string();
    let unreadable = |why: String| Recording::Unreadable { path: shown.clone(), why };
    let listening = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        let same = blake3::hash(&bytes).to_hex().as_str() == blake3;
        let pcm = decode(&bytes, Expected::default()).map_err(|error| format!("failed to {error}"))?;
        let peak = pcm.samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        Ok::<_, String>((same, pcm.seconds(), peak))
    });
    let Ok(heard) = timeout_at(deadline, listening).await else {
        return unreadable("reading it takes too long".to_owned());
    };
    match heard {
        Ok(Ok((true, seconds, peak))) => Recording::Heard { path: shown, seconds, peak },
        Ok(Ok((false, ..))) => Recording::Changed { path: shown },
        Ok(Err(why)) => unreadable(why),
        Err(_) => unreadable("its sound cannot be decoded".to_owned()),
    }
}

pub(super) fn judge(recording: &Recording, statement: &Statement) -> Outcome {
    let id = CheckId::Reference;
    let (path, seconds, peak) = match recording {
        Recording::NotNeeded => return Outcome::pass(id, "recording", "the voice needs no recording"),
        Recording::Unreadable { path, why } => {
            return Outcome::fail(id, path, why)
                .but("a recording of the voice", "name one in WAV, FLAC, MP3 or Opus that can be read");
        }
        Recording::Changed { path } => {
            return Outcome::fail(id, path, "it was changed since the job was planned")
                .but("the recording of the plan", "start again: another recording is another voice");
        }
        Recording::Heard { path, seconds, peak } => (path, *seconds, *peak),
    };
    let engine = statement.identity.as_ref().map_or("", |identity| identity.engine.as_str()).to_lowercase();
    let known = ENGINES.iter().find(|(name, ..)| engine.starts_with(name));
    let (least, good) = known.map_or(UNKNOWN, |&(_, least, good)| (least, good));
    let least = statement.min_reference_ms.map_or(least, |ms| f64::from(ms) / 1_000.0);
    let seen = format!("{seconds:.1} s");
    if peak < SILENT {
        Outcome::fail(id, path, format!("{seen} without a voice")).but("a voice", "name another recording")
    } else if seconds < least {
        Outcome::fail(id, path, seen)
            .but(format!("{least} s at least"), "name a longer recording; five to fifteen seconds are good")
    } else if seconds < good {
        Outcome::warn(id, path, seen)
            .but(format!("{good} s, for a voice that is like it"), "name a longer recording")
    } else {
        Outcome::pass(id, path, seen)
    }
}
