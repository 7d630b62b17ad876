//! Why the built-in voice could not do what it was asked to.

use std::path::PathBuf;

use crate::pack::Attempt;

/// Why the voice failed. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoiceError {
    /// The text has nothing that can be spoken.
    #[error("speak {text:?}: nothing in it can be pronounced")]
    Unspeakable {
        /// The text.
        text: String,
    },
    /// Phonemes that were given hold a character that no phoneme is written with.
    #[error("speak the phonemes {phonemes:?}: {character:?} (U+{:04X}) is not in the voice's alphabet", *character as u32)]
    UnknownPhoneme {
        /// What was given.
        phonemes: String,
        /// The first character that is not known.
        character: char,
    },
    /// The speed is out of range.
    #[error("speak at speed {speed}: the voice takes 0.5 to 2.0")]
    Speed {
        /// What was asked for.
        speed: f32,
    },
    /// A graph could not be run.
    #[error("run the voice's graph {graph}: {reason}")]
    Graph {
        /// File name of the graph.
        graph: String,
        /// What the runtime says.
        reason: String,
    },
    /// The pack on disk is not usable.
    #[error("open the voice in {}: {reason}; mend it with `rhapsode voices fetch`", dir.display())]
    BrokenPack {
        /// The pack's folder.
        dir: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The pack was made for a newer program.
    #[error("open the voice in {}: its manifest has version {found}, this program reads up to {known}; use a newer rhapsode", dir.display())]
    NewerPack {
        /// The pack's folder.
        dir: PathBuf,
        /// The manifest's version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// No voice goes by this name.
    #[error("find the voice {name:?}: known are {}", known.join(", "))]
    UnknownVoice {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// No source had the voice.
    #[error(
        "get the voice {name:?}:{}\nget it with `rhapsode voices fetch`, or from a file with `rhapsode voices add FILE`",
        list(attempts)
    )]
    Unavailable {
        /// The voice.
        name: String,
        /// What was tried, in order.
        attempts: Vec<Attempt>,
    },
    /// A file that was to be added is no voice.
    #[error("add {} as a voice: {reason}", path.display())]
    NotAVoice {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The disk refused.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb: "read", "write".
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

fn list(attempts: &[Attempt]) -> String {
    attempts.iter().map(|attempt| format!("\n  {}: {}", attempt.source, attempt.reason)).collect()
}
