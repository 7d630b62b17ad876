//! Every error as a person meets it: the message, a hint and the exit code. The only file that maps errors.

mod blame;

use std::process::ExitCode;

use rhapsode_audit::AuditError;
use rhapsode_engine::{
    DispatchError, EngineError, book::ReadError, gate::Verdict, readalong::ReadAlongError,
    release::ReleaseError, script::ScriptError, speech::SpeechError, store::StoreError, voice::VoiceError,
};
use rhapsode_server::ServerError;
use rhapsode_status::StatusError;
use rhapsode_watch::WatchError;

pub(crate) use blame::{Blame, Wished};

use crate::{batch::ManifestError, findings, layers::ConfigError};

/// Why the program ends without success, sorted by exit code. `args::EXIT_CODES` tells the same to users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Defect = 1,
    Usage = 2,
    Manuscript = 3,
    Configuration = 4,
    Voice = 5,
    Files = 6,
    Defects = 7,
    Locked = 8,
    Partial = 9,
    Gate = 10,
    Audit = 11,
    Stopped = 130,
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(kind as u8)
    }
}

/// An error on its way to the user.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) blame: Blame,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { kind, message: message.into(), hint: hint.map(str::to_owned), blame: kind.into() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error: {}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let (kind, hint) = classify(&error);
        let message = match &error {
            EngineError::Gate(report) => {
                format!("failed to {error}\n{}", findings::list(report, Verdict::Fail))
            }
            _ => format!("failed to {error}"),
        };
        Self { kind, message, hint, blame: Blame::of(&error, kind) }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let (kind, hint) = match &error {
            ConfigError::Flag { .. } => (Kind::Usage, "`rhapsode COMMAND --help` tells what each flag takes"),
            ConfigError::Sidecar { .. } => (
                Kind::Configuration,
                "beside a book only what it sounds like can be set, and no path may leave its folder; \
                 see docs/configuration.md",
            ),
            _ => (
                Kind::Configuration,
                "docs/configuration.md shows every setting, and `rhapsode init` writes them all into a file",
            ),
        };
        Self::new(kind, format!("failed to {}", error.to_string().trim_end()), Some(hint))
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        let kind = match &error {
            ManifestError::Io { .. } => Kind::Files,
            ManifestError::Kind { .. } => Kind::Usage,
            ManifestError::Toml { .. } | ManifestError::Line { .. } => Kind::Configuration,
        };
        let hint = "a column of a CSV manifest, or a key of a [[book]], is `output`, `chapters` or a setting of a sidecar; \
                    see docs/batches.md";
        Self::new(kind, format!("failed to {error}"), Some(hint))
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let hint = "name an address of this machine that nobody else listens at with --listen";
        Self::new(Kind::Configuration, format!("failed to {error}"), Some(hint))
    }
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Self {
        let hint = "name an address of this machine that nobody else listens at with --http, or port 0";
        Self::new(Kind::Configuration, format!("failed to {error}"), Some(hint))
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        let (kind, hint) = match error {
            WatchError::State(error) => return error.into(),
            WatchError::Nested { .. } => (Kind::Usage, None),
            WatchError::Hook { .. } => (Kind::Configuration, Some("docs/hooks.md shows what a hook may be")),
            WatchError::NoSuchBook { .. } | WatchError::Ambiguous { .. } => {
                (Kind::Usage, Some("`rhapsode queue list` shows the books with their numbers"))
            }
            WatchError::Io { .. } => (Kind::Files, Some("make the folder, or name another")),
            _ => (Kind::Defect, Some(REPORT_IT)),
        };
        Self::new(kind, format!("failed to {error}"), hint)
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        let (kind, hint) = match &error {
            AuditError::Io { source, .. } => files(source),
            _ => (
                Kind::Files,
                Some("name a sound file, or a folder with MP4, MP3, FLAC, Opus or WAV files".to_owned()),
            ),
        };
        Self { kind, message: format!("failed to {error}"), hint, blame: kind.into() }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Kind::Files, format!("failed to use a file: {error}"), None)
    }
}

macro_rules! from_stage {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                EngineError::from(error).into()
            }
        })*
    };
}
from_stage!(StoreError, VoiceError, ScriptError);

const REPORT_IT: &str =
    "this is a defect of rhapsode; please report it with the command and the manuscript's kind";

fn classify(error: &EngineError) -> (Kind, Option<String>) {
    let hint = |text: &str| Some(text.to_owned());
    match error {
        EngineError::Read { source: ReadError::Ledger(_), .. }
        | EngineError::Script(ScriptError::Ledger(_)) => (Kind::Defect, hint(REPORT_IT)),
        EngineError::Read { source, .. } => (Kind::Manuscript, reading_hint(source)),
        EngineError::NotMade { .. } => (
            Kind::Files,
            hint(
                "convert the book first; if it was made into another folder, name that with --work; \
                 a manuscript that was changed since is another book until it is converted again",
            ),
        ),
        EngineError::Script(ScriptError::Lexicon { .. } | ScriptError::LexiconTooLarge(_)) => (
            Kind::Configuration,
            hint("each entry is a [[word]] table with `word` and either `respelling` or `phonemes`"),
        ),
        EngineError::Script(_) | EngineError::NoSuchChapter { .. } => {
            (Kind::Manuscript, hint("`rhapsode plan BOOK` shows the chapters and what is skipped"))
        }
        EngineError::Voice(error) => voice(error),
        EngineError::Speech(SpeechError::Unreachable { .. })
        | EngineError::Dispatch(DispatchError::NoBackend { .. }) => (
            Kind::Voice,
            hint(
                "everything spoken so far is kept: run the same command again, or with --wait until one works; \
                 `rhapsode backends` shows which answer",
            ),
        ),
        EngineError::Speech(_) => (
            Kind::Voice,
            hint(
                "`rhapsode backends` shows what is configured, `rhapsode say` tries it with a text of your own",
            ),
        ),
        EngineError::Gate(_) => (
            Kind::Gate,
            hint(
                "nothing was asked for and nothing is lost: mend it and run the same command again; --wait waits for \
                 backends that are not there, --gate warn goes on in spite of it; `rhapsode doctor` shows every check",
            ),
        ),
        EngineError::VoiceNotThere { .. } => (
            Kind::Voice,
            hint(
                "choose one of them with --voice, or say in [voices.NAME] what a backend calls this voice; \
                 see docs/configuration.md",
            ),
        ),
        EngineError::Mixing { .. } => (
            Kind::Configuration,
            hint(
                "give servers that are the same the same `identity`, name one of them with --backend, \
                 or allow it with `mixing = \"allow\"` in [speech]",
            ),
        ),
        EngineError::Recording { source, .. } => files(source),
        EngineError::NoSuchChunk { .. } => (
            Kind::Usage,
            hint("`rhapsode plan BOOK` shows the chunks of each chapter; use the flags of the conversion"),
        ),
        EngineError::Store(error) => store(error),
        EngineError::Dispatch(DispatchError::Store(error)) => store(error),
        EngineError::Dispatch(_) => {
            (Kind::Voice, hint("everything spoken so far is kept; run the same command again"))
        }
        EngineError::Release(error) => release(error),
        EngineError::ReadAlong(error) => read_along(error),
        EngineError::Occupied(_) => {
            (Kind::Files, hint("name another output with -o, or replace it with --force"))
        }
        EngineError::OutputIsNotThatFormat { .. } => {
            (Kind::Usage, hint("name a folder with -o, and the formats with --format"))
        }
        EngineError::NoBookInOneFile(_) => {
            (Kind::Usage, hint("leave --files out, or choose m4b, mp3 or opus"))
        }
        EngineError::SeveralFormatsOnAShelf(_) => {
            (Kind::Usage, hint("choose one with --format, and put the others elsewhere with -o"))
        }
        EngineError::ChapterTooLong { .. } => (
            Kind::Configuration,
            hint(
                "set `longest-chapter` in [release] lower: chapters are cut before they are spoken, by their expected \
                 length; what was spoken is kept",
            ),
        ),
        EngineError::Credits { .. } => {
            (Kind::Configuration, hint("mend `opening-credits` or `closing-credits` in [release]"))
        }
        EngineError::NotASoundFile(_) => (Kind::Usage, hint("name it with -o, such as `-o speech.wav`")),
        EngineError::OutputFolder { source, .. } => files(source),
        EngineError::Unspoken { .. } => (
            Kind::Voice,
            hint(
                "everything else is kept; give these words a `respelling` in a lexicon and run the same command again",
            ),
        ),
        EngineError::Stopped { .. } => (Kind::Stopped, hint("run the same command again to go on")),
        _ => (Kind::Defect, hint(REPORT_IT)),
    }
}

fn voice(error: &VoiceError) -> (Kind, Option<String>) {
    let hint = match error {
        VoiceError::Io { source, .. } => return files(source),
        VoiceError::UnknownPhoneme { .. } => {
            return (
                Kind::Configuration,
                Some("mend the `phonemes` of the lexicon; see docs/script.md".to_owned()),
            );
        }
        // These say themselves what to do.
        VoiceError::BrokenPack { .. } | VoiceError::NewerPack { .. } | VoiceError::Unavailable { .. } => {
            return (Kind::Voice, None);
        }
        VoiceError::NotAVoice { .. } => "a voice is a wheel, or a folder with a voice pack",
        VoiceError::Unspeakable { .. } | VoiceError::Speed { .. } | VoiceError::Graph { .. } => REPORT_IT,
        _ => "`rhapsode voices` lists the voices, `rhapsode voices fetch` gets one",
    };
    (Kind::Voice, Some(hint.to_owned()))
}

fn reading_hint(error: &ReadError) -> Option<String> {
    let hint = match error {
        ReadError::UnknownFormat(_) => "rhapsode reads EPUB, Markdown, HTML, plain text and DOCX",
        ReadError::Encrypted { .. } => {
            "the file is protected (DRM or a password); rhapsode reads unprotected files only"
        }
        ReadError::Malformed { .. } => {
            "open and save it with an editor such as Calibre or Sigil, which mends broken files"
        }
        ReadError::TooLarge { .. } => {
            "the limits keep a hostile file from filling the memory; see docs/reading.md"
        }
        ReadError::Empty(_) => {
            "`rhapsode plan BOOK` shows what is skipped and why; --include reads skipped sections"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn store(error: &StoreError) -> (Kind, Option<String>) {
    match error {
        StoreError::Locked { .. } => {
            (Kind::Locked, Some("wait for it to end, or stop it; a lock ends with its process".to_owned()))
        }
        StoreError::Newer { .. } => (Kind::Files, Some("use the newer rhapsode that wrote it".to_owned())),
        StoreError::Io { source, .. } => files(source),
        StoreError::Corrupt { .. } => (
            Kind::Files,
            Some("delete that file and run the same command again; takes are kept apart".to_owned()),
        ),
        _ => (Kind::Files, None),
    }
}

fn release(error: &ReleaseError) -> (Kind, Option<String>) {
    match error {
        ReleaseError::Io { source, .. } => files(source),
        ReleaseError::Store(error) => store(error),
        ReleaseError::TakeMissing { .. }
        | ReleaseError::ReferenceMissing { .. }
        | ReleaseError::Broken { .. } => {
            (Kind::Files, Some("run the same command again: what is missing is made again".to_owned()))
        }
        ReleaseError::Encoder { .. } => {
            (Kind::Files, Some("`rhapsode --version` names the encoder that is used".to_owned()))
        }
        ReleaseError::Bitrate { .. } | ReleaseError::BitrateOutside { .. } => {
            (Kind::Configuration, Some("choose another --bitrate or `release.bitrate`".to_owned()))
        }
        ReleaseError::OneChapterAFile { .. } => {
            (Kind::Usage, Some("leave --files out, or choose m4b, mp3 or opus".to_owned()))
        }
        ReleaseError::NotARelease { .. } => {
            (Kind::Files, Some("name another output with -o, or move that file away".to_owned()))
        }
        _ => (Kind::Defect, Some(REPORT_IT.to_owned())),
    }
}

fn read_along(error: &ReadAlongError) -> (Kind, Option<String>) {
    match error {
        ReadAlongError::Release(error) => release(error),
        ReadAlongError::Read(error) => (Kind::Manuscript, reading_hint(error)),
        ReadAlongError::Narrated(_) => (
            Kind::Manuscript,
            Some("leave `epub` out of --with, or take the edition without its narration".to_owned()),
        ),
        ReadAlongError::Changed(_) => {
            (Kind::Manuscript, Some("run the same command again: what did not change is kept".to_owned()))
        }
        ReadAlongError::Pack(_) => (Kind::Files, None),
        _ => (Kind::Defect, Some(REPORT_IT.to_owned())),
    }
}

fn files(error: &std::io::Error) -> (Kind, Option<String>) {
    let hint = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "the disk is full; free some space and run the same command again: everything so far is kept"
        }
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to"
        }
        _ => return (Kind::Files, None),
    };
    (Kind::Files, Some(hint.to_owned()))
}

#[cfg(test)]
mod tests;
