//! With whom a failure lies: the watch folder puts a book aside that will fail again, and waits where it may not.

use rhapsode_engine::{
    EngineError,
    gate::{CheckId, GateReport, Verdict},
    readalong::ReadAlongError,
    release::{Format, ReleaseError},
    speech::SpeechError,
    voice::VoiceError,
};

use super::Kind;

/// With whom a failure lies, as far as it tells itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The manuscript and what is beside it: another attempt ends the same.
    Book,
    /// This machine, its backends and its configuration: it may pass.
    Surroundings,
    /// Whoever asked for what cannot be had, be it the book or the configuration.
    Wishes(Vec<Wished>),
}

/// Something that was asked for and cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wished {
    Voice,
    Language,
    Format(Format),
}

impl From<Kind> for Blame {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Voice | Kind::Files | Kind::Locked | Kind::Gate | Kind::Stopped => Self::Surroundings,
            Kind::Defect
            | Kind::Usage
            | Kind::Manuscript
            | Kind::Configuration
            | Kind::Defects
            | Kind::Partial
            | Kind::Audit => Self::Book,
        }
    }
}

impl Blame {
    /// With whom an error of this kind lies.
    pub(super) fn of(error: &EngineError, kind: Kind) -> Self {
        match error {
            EngineError::VoiceNotThere { .. } | EngineError::Mixing { .. } => {
                Self::Wishes(vec![Wished::Voice])
            }
            EngineError::Gate(report) => refused(report),
            EngineError::Voice(error) => voice(error, kind),
            EngineError::Unspoken { .. }
            | EngineError::Occupied(_)
            | EngineError::Speech(SpeechError::Unspeakable(_)) => Self::Book,
            EngineError::NoBookInOneFile(format) => Self::Wishes(vec![Wished::Format(*format)]),
            EngineError::Release(error) => release(error),
            EngineError::ReadAlong(ReadAlongError::Release(error)) => release(error),
            _ => kind.into(),
        }
    }
}

/// A backend that is not there might have had what the others lack.
fn refused(report: &GateReport) -> Blame {
    let is_absent = |id| matches!(id, CheckId::Reachable | CheckId::Ready);
    let is_bad = |verdict| matches!(verdict, Verdict::Warn | Verdict::Fail);
    if report.outcomes.iter().any(|outcome| is_absent(outcome.id) && is_bad(outcome.verdict)) {
        return Blame::Surroundings;
    }
    let wishes = report.with(Verdict::Fail).map(|outcome| match outcome.id {
        CheckId::Voice => Some(Wished::Voice),
        CheckId::Language => Some(Wished::Language),
        CheckId::Encoder => outcome.subject.parse().ok().map(Wished::Format),
        _ => None,
    });
    wishes.collect::<Option<_>>().map_or(Blame::Surroundings, Blame::Wishes)
}

fn voice(error: &VoiceError, kind: Kind) -> Blame {
    match error {
        VoiceError::UnknownVoice { .. }
        | VoiceError::NotAVoice { .. }
        | VoiceError::BrokenPack { .. }
        | VoiceError::NewerPack { .. } => Blame::Wishes(vec![Wished::Voice]),
        VoiceError::Unspeakable { .. } | VoiceError::Speed { .. } => Blame::Book,
        _ => kind.into(),
    }
}

fn release(error: &ReleaseError) -> Blame {
    match error {
        ReleaseError::Io { .. } | ReleaseError::Store(_) => Blame::Surroundings,
        ReleaseError::OneChapterAFile { format } => Blame::Wishes(vec![Wished::Format(*format)]),
        _ => Blame::Book,
    }
}

#[cfg(test)]
mod tests {
    use rhapsode_engine::gate::Outcome;

    use super::*;

    fn report(outcomes: Vec<Outcome>) -> Blame {
        let report = GateReport {
            schema: GateReport::SCHEMA,
            verdict: Verdict::Fail,
            seconds: 0.0,
            outcomes,
            unused: Vec::new(),
        };
        Blame::of(&EngineError::Gate(Box::new(report)), Kind::Gate)
    }

    #[test]
    fn what_the_gate_does_not_find_lies_with_whoever_asked_for_it() {
        let fail = |id, subject: &str| Outcome::fail(id, subject, "nothing").of_backend("a");
        let voice = || fail(CheckId::Voice, "zoe");
        assert_eq!(
            report(vec![voice(), fail(CheckId::Encoder, "mp3")]),
            Blame::Wishes(vec![Wished::Voice, Wished::Format("mp3".parse().unwrap())])
        );
        assert_eq!(report(vec![fail(CheckId::Language, "de")]), Blame::Wishes(vec![Wished::Language]));
        assert_eq!(report(vec![voice(), fail(CheckId::Disk, "/")]), Blame::Surroundings);
        let away = Outcome::warn(CheckId::Reachable, "b", "nobody answers").of_backend("b");
        assert_eq!(report(vec![voice(), away]), Blame::Surroundings, "b might have the voice");
    }

    #[test]
    fn a_full_disk_lies_with_nobody_and_words_that_no_voice_can_say_with_the_book() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let io = ReleaseError::Io { action: "write", path: "m4b".into(), source: full() };
        assert_eq!(Blame::of(&io.into(), Kind::Files), Blame::Surroundings);
        let broken = ReleaseError::Broken { path: "m4b".into(), reason: "cut off".to_owned() };
        assert_eq!(Blame::of(&broken.into(), Kind::Files), Blame::Book);
        let unspoken = EngineError::Unspoken { ordinals: vec![3], first: "\u{16ef}".to_owned() };
        assert_eq!(Blame::of(&unspoken, Kind::Voice), Blame::Book);
    }
}
