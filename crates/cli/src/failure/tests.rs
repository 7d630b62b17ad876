//! Every error has a message that reads well, a hint where there is a remedy, and its exit code.

use std::{
    io::{Error, ErrorKind},
    path::PathBuf,
};

use rhapsode_engine::release::Format;

use super::*;

fn path() -> PathBuf {
    PathBuf::from("place")
}

fn read(source: ReadError) -> EngineError {
    EngineError::Read { path: path(), source }
}

/// An error of every kind, with its code and a word of its hint; no word where it needs none.
fn cases() -> Vec<(EngineError, Kind, &'static str)> {
    let full = || Error::from(ErrorKind::StorageFull);
    let io = |source| StoreError::Io { action: "write", path: path(), source };
    vec![
        (read(ReadError::Io(ErrorKind::NotFound.into())), Kind::Manuscript, ""),
        (read(ReadError::UnknownFormat("no reader takes it".into())), Kind::Manuscript, "EPUB"),
        (read(ReadError::Encrypted { place: "a".into(), scheme: "b".into() }), Kind::Manuscript, "DRM"),
        (
            read(ReadError::TooLarge { place: "a".into(), what: "b".into(), limit: "c".into() }),
            Kind::Manuscript,
            "docs/reading.md",
        ),
        (read(ReadError::Empty("all is skipped".into())), Kind::Manuscript, "plan"),
        (ScriptError::Empty("all is skipped".into()).into(), Kind::Manuscript, "plan"),
        (ScriptError::Selection { missing: 9, chapters: 2 }.into(), Kind::Manuscript, "plan"),
        (
            ScriptError::Lexicon { line: 1, reason: "no word".into() }.into(),
            Kind::Configuration,
            "respelling",
        ),
        (EngineError::NoSuchChapter { wanted: 9, chapters: 2 }, Kind::Manuscript, "plan"),
        (
            VoiceError::UnknownVoice { name: "a".into(), known: vec!["b".into()] }.into(),
            Kind::Voice,
            "voices fetch",
        ),
        (VoiceError::BrokenPack { dir: path(), reason: "a".into() }.into(), Kind::Voice, ""),
        (VoiceError::Io { action: "write", path: path(), source: full() }.into(), Kind::Files, "full"),
        (
            VoiceError::UnknownPhoneme { phonemes: "x".into(), character: 'x' }.into(),
            Kind::Configuration,
            "lexicon",
        ),
        (io(full()).into(), Kind::Files, "everything so far is kept"),
        (io(ErrorKind::PermissionDenied.into()).into(), Kind::Files, "may write"),
        (StoreError::Locked { path: path(), owner: "1".into() }.into(), Kind::Locked, "wait"),
        (StoreError::Newer { path: path(), found: 2, known: 1 }.into(), Kind::Files, "newer"),
        (StoreError::Corrupt { path: path(), reason: "a".into() }.into(), Kind::Files, "delete"),
        (DispatchError::Store(io(full())).into(), Kind::Files, "everything so far is kept"),
        (DispatchError::NoBackend { reasons: "a".into() }.into(), Kind::Voice, "--wait"),
        (ReleaseError::TakeMissing { ordinal: 1, chapter: "a".into() }.into(), Kind::Files, "made again"),
        (ReleaseError::Encoder { encoder: "a", reason: "b".into() }.into(), Kind::Files, "--version"),
        (
            ReleaseError::BitrateOutside { codec: "a", bitrate: 1, rate: 2, lowest: 3, highest: 4 }.into(),
            Kind::Configuration,
            "--bitrate",
        ),
        (
            ReleaseError::Bitrate { codec: "a", bitrate: 1, known: vec![2] }.into(),
            Kind::Configuration,
            "--bitrate",
        ),
        (ReleaseError::OneChapterAFile { format: Format::Flac }.into(), Kind::Usage, "--files"),
        (EngineError::NoBookInOneFile(Format::Flac), Kind::Usage, "--files"),
        (
            EngineError::ChapterTooLong { title: "a".into(), minutes: 121, longest: 120 },
            Kind::Configuration,
            "longest-chapter",
        ),
        (
            EngineError::Credits { which: "opening", reason: "a".into() },
            Kind::Configuration,
            "opening-credits",
        ),
        (ReleaseError::NotARelease { path: path(), stranger: path() }.into(), Kind::Files, "-o"),
        (ReleaseError::Tracks { reason: "a".into() }.into(), Kind::Defect, "report"),
        (EngineError::Occupied(path()), Kind::Files, "--force"),
        (EngineError::NotMade { book: path(), searched: vec![path()] }, Kind::Files, "--work"),
        (SpeechError::Unreachable { backend: "a".into(), reason: "b".into() }.into(), Kind::Voice, "--wait"),
        (
            SpeechError::Unavailable { backend: "a".into(), reason: "b".into() }.into(),
            Kind::Voice,
            "rhapsode backends",
        ),
        (
            EngineError::VoiceNotThere { voice: "a".into(), backends: vec!["b has c".into()] },
            Kind::Voice,
            "--voice",
        ),
        (EngineError::Gate(Box::new(findings::tests::report())), Kind::Gate, "--gate warn"),
        (EngineError::Mixing { engines: vec!["a speaks b".into()] }, Kind::Configuration, "mixing"),
        (EngineError::Recording { path: path(), source: full() }, Kind::Files, "full"),
        (EngineError::NoSuchChunk { wanted: 9, chunks: 2 }, Kind::Usage, "plan"),
        (EngineError::MasteringPanicked { chapter: "a".into(), reason: "b".into() }, Kind::Defect, "report"),
        (EngineError::OutputIsNotThatFormat { path: path(), format: Format::M4b }, Kind::Usage, "--format"),
        (EngineError::SeveralFormatsOnAShelf(vec![Format::M4b, Format::Mp3]), Kind::Usage, "--format"),
        (EngineError::NotASoundFile(path()), Kind::Usage, ".wav"),
        (EngineError::OutputFolder { path: path(), source: full() }, Kind::Files, "full"),
        (EngineError::Unspoken { ordinals: vec![1], first: "a".into() }, Kind::Voice, "respelling"),
        (EngineError::Stopped { done: 1, chunks: 2 }, Kind::Stopped, "again"),
    ]
}

#[test]
fn every_error_has_its_exit_code_a_message_and_a_hint_where_one_helps() {
    for (error, kind, word) in cases() {
        let failure = Failure::from(error);
        let message = &failure.message;
        assert_eq!(failure.kind, kind, "{message}");
        assert!(message.starts_with("failed to ") && !message.contains("failed to failed"), "{message}");
        let hint = failure.hint.unwrap_or_default();
        assert_eq!(word.is_empty(), hint.is_empty(), "{message}: {hint}");
        assert!(hint.contains(word), "{message}: {hint}");
    }
}

#[test]
fn the_help_and_the_guide_tell_every_exit_code() {
    let readme = include_str!("../../../../README.md");
    for line in crate::args::EXIT_CODES.lines().skip(1) {
        let (code, meaning) = line.trim().split_once(' ').unwrap();
        let meaning = meaning.trim().split(';').next().unwrap();
        let row = readme.lines().find(|row| row.starts_with(&format!("| {code} |")));
        assert!(row.is_some_and(|row| row.contains(meaning)), "{code}: {meaning:?}, {row:?}");
    }
}

#[test]
fn an_audit_that_cannot_begin_names_the_path_and_what_would_do() {
    let failure = Failure::from(AuditError::NoSound { path: path() });
    assert_eq!(failure.kind, Kind::Files);
    assert!(failure.message.contains("place") && failure.hint.unwrap().contains("MP3"));
    let source = ErrorKind::NotFound.into();
    let failure = Failure::from(AuditError::Io { doing: "open", path: path(), source });
    assert!(failure.message.starts_with("failed to open place: "), "{}", failure.message);
}
