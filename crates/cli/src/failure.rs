//! Every error as a person meets it: the message, a hint and the exit code. The only file that maps errors.

use std::process::ExitCode;

use rhapsode_engine::{
    DispatchError, EngineError, book::ReadError, release::ReleaseError, store::StoreError,
};

use crate::layers::ConfigError;

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
    Stopped = 130,
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(kind as u8)
    }
}

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { kind, message: message.into(), hint: hint.map(str::to_owned) }
    }

    /// Prints the failure on stderr.
    pub(crate) fn print(&self) {
        eprintln!("error: {}", self.message);
        if let Some(hint) = &self.hint {
            eprintln!("hint: {hint}");
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let (kind, hint) = classify(&error);
        Self { kind, message: format!("failed to {error}"), hint }
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
            _ => (Kind::Configuration, "`rhapsode config show` lists every setting and where it comes from"),
        };
        Self::new(kind, format!("failed to {}", error.to_string().trim_end()), Some(hint))
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
from_stage!(
    StoreError,
    rhapsode_engine::voice::VoiceError,
    rhapsode_engine::script::ScriptError,
    ReleaseError
);

fn classify(error: &EngineError) -> (Kind, Option<String>) {
    let hint = |text: &str| Some(text.to_owned());
    match error {
        EngineError::Read { source, .. } => (Kind::Manuscript, reading_hint(source)),
        EngineError::Script(rhapsode_engine::script::ScriptError::Lexicon { .. }) => (
            Kind::Configuration,
            hint("each entry is a [[word]] table with `word` and either `respelling` or `phonemes`"),
        ),
        EngineError::Script(_) | EngineError::NoSuchChapter { .. } => {
            (Kind::Manuscript, hint("`rhapsode plan BOOK` shows the chapters and what is skipped"))
        }
        EngineError::Voice(_) | EngineError::Speech(_) => {
            (Kind::Voice, hint("`rhapsode voices` lists the voices, `rhapsode voices fetch` gets one"))
        }
        EngineError::Store(error) => store(error),
        EngineError::Dispatch(DispatchError::Store(error)) => store(error),
        EngineError::Dispatch(_) => {
            (Kind::Voice, hint("everything spoken so far is kept; run the same command again"))
        }
        EngineError::Release(error) => release(error),
        EngineError::Occupied(_) => {
            (Kind::Files, hint("name another output with -o, or replace it with --force"))
        }
        EngineError::OutputIsNotThatFormat { .. } => {
            (Kind::Usage, hint("name a folder with -o, and the formats with --format"))
        }
        EngineError::NotASoundFile(_) => (Kind::Usage, None),
        EngineError::OutputFolder { source, .. } => files(source),
        EngineError::Unspoken { .. } => {
            (Kind::Defects, hint("the report and the events name them; everything else is kept"))
        }
        EngineError::Stopped { .. } => (Kind::Stopped, hint("run the same command again to go on")),
        _ => {
            (Kind::Defect, hint("this is a defect of rhapsode; please report it with the manuscript's kind"))
        }
    }
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
        _ => (Kind::Files, None),
    }
}

fn release(error: &ReleaseError) -> (Kind, Option<String>) {
    match error {
        ReleaseError::Io { source, .. } => files(source),
        ReleaseError::Store(error) => store(error),
        ReleaseError::TakeMissing { .. } => {
            (Kind::Files, Some("run the same command again: the missing take is spoken again".to_owned()))
        }
        ReleaseError::Encoder { .. } => {
            (Kind::Files, Some("`rhapsode --version` names the encoder that is used".to_owned()))
        }
        _ => (Kind::Defect, Some("this is a defect of rhapsode; please report it".to_owned())),
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
