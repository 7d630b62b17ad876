//! The cast of a job: which backends have its voice, what each calls it, and how many different renditions of a chunk
//! that makes. Takes are looked up under every rendition, and each backend speaks its own.

use std::{collections::BTreeMap, sync::Arc};

use rhapsode_dispatch::{Variant, Work};
use rhapsode_script::{Chunk, Piece, Pronunciation};
use rhapsode_speech::{EngineIdentity, Part, ProbeVoice, Reference, Request, TakeKey};
use serde_json::Value;

use crate::{
    EngineError, Mixing, Settings, VoiceOrigin, VoiceSource,
    ensemble::{Candidate, VoiceList},
    prepare::Prepared,
};

/// What a request calls the voice that is cloned from a recording: the recording decides, not the name.
const CLONED: &str = "reference";

/// One way in which a chunk is asked for: all that goes into a take's key beside the chunk itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rendition {
    identity: EngineIdentity,
    voice: String,
    reference: Option<Reference>,
    /// Whether phonemes are sent as such.
    phonemes: bool,
    speed: f32,
    /// Of every chunk's first attempt.
    seed: u64,
}

/// The job's voice, cast.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cast {
    /// Each different rendition once, the preferred one first. At least one.
    pub(crate) renditions: Vec<Arc<Rendition>>,
    /// For each candidate, which of them it speaks; none if it does not have the voice.
    pub(crate) rendition_of: Vec<Option<usize>>,
}

/// How far the backends are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Some may not have been asked yet, and get the benefit of the doubt.
    NotYet,
    /// All were; one that has never answered takes part only if it fits the others.
    Now,
}

/// Casts the voice of `settings`. `absent` are backends that cannot take part at all, each with the reason.
///
/// # Errors
/// [`EngineError::VoiceNotThere`] if no backend has the voice, and [`EngineError::Mixing`] if they would speak it
/// differently and nobody allowed that.
pub(crate) fn cast(
    candidates: &[Candidate],
    absent: &[(String, String)],
    settings: &Settings,
    asked: Asked,
) -> Result<Cast, EngineError> {
    let mut renditions = candidates
        .iter()
        .map(|candidate| Rendition::of(candidate, settings))
        .collect::<Result<Vec<_>, EngineError>>()?;
    if settings.mixing == Mixing::Refuse {
        refuse_mixing(candidates, &mut renditions, asked)?;
    }
    let mut distinct: Vec<Arc<Rendition>> = Vec::new();
    let mut place = |rendition: Rendition| {
        distinct.iter().position(|known| **known == rendition).unwrap_or_else(|| {
            distinct.push(Arc::new(rendition));
            distinct.len() - 1
        })
    };
    let rendition_of = renditions.into_iter().map(|rendition| rendition.map(&mut place)).collect();
    if distinct.is_empty() {
        return Err(voice_not_there(candidates, absent, settings));
    }
    Ok(Cast { renditions: distinct, rendition_of })
}

/// Finds renditions that do not sound alike. While some backends were not asked they may prove to be the same.
fn refuse_mixing(
    candidates: &[Candidate],
    renditions: &mut [Option<Rendition>],
    asked: Asked,
) -> Result<(), EngineError> {
    let known = |index: usize| candidates[index].asked;
    let speaking: Vec<usize> = (0..renditions.len()).filter(|&index| renditions[index].is_some()).collect();
    let Some(&first) = speaking.iter().find(|&&index| known(index)).or(speaking.first()) else {
        return Ok(());
    };
    let differs = |index: &usize| match (&renditions[*index], &renditions[first]) {
        (Some(one), Some(other)) => !one.sounds_like(other),
        _ => false,
    };
    let differing: Vec<usize> = speaking.iter().copied().filter(differs).collect();
    if differing.iter().any(|&index| known(index) && known(first))
        || asked == Asked::Now && !known(first) && !differing.is_empty()
    {
        let engines = std::iter::once(first).chain(differing).map(|index| {
            let name = &candidates[index].description.name;
            renditions[index]
                .as_ref()
                .map_or_else(String::new, |rendition| format!("{name} speaks {rendition}"))
        });
        return Err(EngineError::Mixing { engines: engines.collect() });
    }
    if asked == Asked::Now {
        // Silent since it was configured: whether it is the same engine cannot be told.
        differing.into_iter().for_each(|index| renditions[index] = None);
    }
    Ok(())
}

fn voice_not_there(
    candidates: &[Candidate],
    absent: &[(String, String)],
    settings: &Settings,
) -> EngineError {
    let has = |candidate: &Candidate| {
        let voices = &candidate.description.voices;
        format!("{} has {}", candidate.description.name, voices.join(", "))
    };
    let mut backends: Vec<String> = candidates.iter().map(has).collect();
    backends.extend(absent.iter().map(|(name, reason)| format!("{name} failed to {reason}")));
    EngineError::VoiceNotThere { voice: settings.voice.clone(), backends }
}

impl Rendition {
    /// How a backend would speak the job's voice; none if it does not have it.
    fn of(candidate: &Candidate, settings: &Settings) -> Result<Option<Self>, EngineError> {
        let Candidate { settings: backend, description, .. } = candidate;
        let table = settings.voices.get(&settings.voice);
        let source = table.and_then(|table| {
            [&backend.name, &description.name, &description.identity.engine, &backend.kind]
                .into_iter()
                .find_map(|name| table.get(name))
        });
        let (voice, reference) = match source {
            Some(VoiceSource::Named(name)) => (Some(name.clone()), None),
            Some(VoiceSource::Recording(path)) => (Some(CLONED.to_owned()), Some(recording(path)?)),
            None => (own_voice(candidate, settings), None),
        };
        Ok(voice.map(|voice| Self {
            identity: description.identity.clone(),
            voice,
            reference,
            phonemes: description.phonemes,
            speed: settings.speed,
            seed: settings.seed,
        }))
    }

    /// Name of the voice as the engine knows it; of a cloned one there is none.
    pub(crate) fn voice(&self) -> Option<&str> {
        self.reference.is_none().then_some(self.voice.as_str())
    }

    /// What a backend proves with that it can speak this.
    pub(crate) fn probe_voice(&self, language: &str) -> ProbeVoice {
        ProbeVoice {
            voice: self.voice.clone(),
            reference: self.reference.clone(),
            language: language.to_owned(),
            parameters: BTreeMap::new(),
        }
    }

    /// Whether a listener would take the two for one speaker.
    fn sounds_like(&self, other: &Self) -> bool {
        let sound = |rendition: &Self| {
            let recording = rendition.reference.as_ref().map(|reference| reference.blake3.clone());
            (rendition.identity.clone(), rendition.voice.clone(), recording)
        };
        sound(self) == sound(other)
    }

    /// The request for a chunk, in the form that the engine accepts.
    pub(crate) fn request(&self, chunk: &Chunk, generation: u32) -> Request {
        Request {
            text: chunk.text.iter().map(|piece| self.part(piece)).collect(),
            voice: chunk.voice.clone().unwrap_or_else(|| self.voice.clone()),
            reference: self.reference.clone(),
            language: chunk.language.clone(),
            speed: self.speed,
            // Those that a backend is configured with are part of its identity.
            parameters: BTreeMap::new(),
            seed: self.seed,
            generation,
        }
    }

    fn part(&self, piece: &Piece) -> Part {
        match piece {
            Piece::Plain(text) => Part::Text(text.clone()),
            Piece::Pronounced { pronunciation: Pronunciation::Respelling(respelling), .. } => {
                Part::Text(respelling.clone())
            }
            Piece::Pronounced { word, pronunciation: Pronunciation::Phonemes(phonemes) } if self.phonemes => {
                Part::Phonemes { word: word.clone(), phonemes: phonemes.clone() }
            }
            Piece::Pronounced { word, pronunciation: Pronunciation::Phonemes(_) } => Part::Text(word.clone()),
        }
    }
}

impl std::fmt::Display for Rendition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let EngineIdentity { engine, model, revision, .. } = &self.identity;
        match &self.reference {
            Some(reference) => write!(f, "the recording {}", reference.path.display())?,
            None => write!(f, "{}", self.voice)?,
        }
        write!(f, " with {engine} {model} ({revision})")
    }
}

impl Cast {
    /// The key of a chunk's take in every rendition.
    pub(crate) fn keys(&self, chunk: &Chunk, generation: u32) -> Vec<TakeKey> {
        let key = |rendition: &Arc<Rendition>| rendition.request(chunk, generation).key(&rendition.identity);
        self.renditions.iter().map(key).collect()
    }

    /// A chunk of a book in every rendition.
    pub(crate) fn work(&self, prepared: &Arc<Prepared>, chunk: &Chunk, generation: u32) -> Work {
        let ordinal = chunk.ordinal;
        let variant = |rendition: &Arc<Rendition>| {
            let request = rendition.request(chunk, generation);
            let characters = request.plain_text().chars().count();
            let (prepared, rendition) = (Arc::clone(prepared), Arc::clone(rendition));
            Variant::new(request.key(&rendition.identity), characters, move || {
                let chunk = prepared.chunk(ordinal).expect("a book does not lose its chunks");
                rendition.request(chunk, generation)
            })
        };
        Work { ordinal, variants: self.renditions.iter().map(variant).collect() }
    }
}

/// What a backend without an entry in the voice's table would speak with.
fn own_voice(candidate: &Candidate, settings: &Settings) -> Option<String> {
    let Candidate { settings: backend, description, voices, .. } = candidate;
    let configured = backend.options.get("voice").and_then(Value::as_str).map(str::to_owned);
    let wanted = || settings.voice.clone();
    match settings.voice_origin {
        _ if description.voices.contains(&settings.voice) => Some(wanted()),
        VoiceOrigin::Default => {
            Some(configured.or_else(|| description.voices.first().cloned()).unwrap_or_else(wanted))
        }
        VoiceOrigin::Chosen => match voices {
            VoiceList::Whole => None,
            VoiceList::Partial => Some(wanted()),
        },
    }
}

fn recording(path: &std::path::Path) -> Result<Reference, EngineError> {
    let bytes =
        std::fs::read(path).map_err(|source| EngineError::Recording { path: path.to_owned(), source })?;
    Ok(Reference { path: path.to_owned(), blake3: blake3::hash(&bytes).to_hex().to_string() })
}

#[cfg(test)]
pub(crate) mod tests {
    use rhapsode_speech::{BackendSettings, Description};

    use super::*;

    /// A backend that was asked, with an engine of this revision and these voices.
    pub(crate) fn candidate(name: &str, revision: &str, voices: &[&str]) -> Candidate {
        Candidate {
            settings: BackendSettings::new(name, "openai", BTreeMap::new()),
            description: Description {
                name: name.to_owned(),
                identity: EngineIdentity {
                    engine: "chime".to_owned(),
                    model: "m".to_owned(),
                    revision: revision.to_owned(),
                    sound_revision: 0,
                },
                voices: voices.iter().map(ToString::to_string).collect(),
                languages: vec!["en".to_owned()],
                rate: None,
                max_concurrency: 1,
                min_chars: 1,
                max_chars: 300,
                phonemes: false,
                price: None,
            },
            asked: true,
            voices: VoiceList::Whole,
        }
    }

    /// The cast of one backend with an engine of this revision.
    pub(crate) fn cast_of(revision: &str) -> Cast {
        cast(&[candidate("a", revision, &["hibari"])], &[], &Settings::for_tests(), Asked::Now).unwrap()
    }

    fn chosen(voice: &str) -> Settings {
        let voice_origin = VoiceOrigin::Chosen;
        Settings { voice: voice.to_owned(), voice_origin, ..Settings::for_tests() }
    }

    fn voices(cast: &Cast) -> Vec<&str> {
        cast.renditions.iter().filter_map(|rendition| rendition.voice()).collect()
    }

    #[test]
    fn backends_with_the_same_engine_and_voice_share_a_rendition_and_others_stay_out() {
        let pool = [
            candidate("a", "1", &["ann"]),
            candidate("b", "1", &["ben"]),
            candidate("c", "1", &["ben", "ann"]),
        ];
        let cast = cast(&pool, &[], &chosen("ann"), Asked::Now).unwrap();
        assert_eq!(cast.rendition_of, [Some(0), None, Some(0)]);
        assert_eq!(voices(&cast), ["ann"]);
    }

    #[test]
    fn a_voice_that_nobody_has_is_an_error_that_names_what_each_has() {
        let pool = [candidate("a", "1", &["ann", "ben"])];
        let absent = [("builtin".to_owned(), "find it".to_owned())];
        let error = cast(&pool, &absent, &chosen("zoe"), Asked::Now).unwrap_err().to_string();
        assert!(error.contains("\"zoe\": a has ann, ben; builtin failed to find it"), "{error}");
    }

    #[test]
    fn a_voice_that_nobody_chose_is_each_backends_own() {
        let mut pool = [candidate("a", "1", &["ann", "ben"])];
        assert_eq!(voices(&cast(&pool, &[], &Settings::for_tests(), Asked::Now).unwrap()), ["ann"]);
        pool[0].settings.options.insert("voice".to_owned(), "ben".into());
        assert_eq!(voices(&cast(&pool, &[], &Settings::for_tests(), Asked::Now).unwrap()), ["ben"]);
    }

    #[test]
    fn the_table_of_a_voice_counts_by_backend_and_by_engine_and_may_name_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one.wav"), folder.path().join("other.wav"));
        std::fs::write(&one, "the same sound").unwrap();
        std::fs::write(&other, "the same sound").unwrap();
        let mut settings = chosen("narrator");
        let table = [
            ("a".to_owned(), VoiceSource::Recording(one)),
            ("chime".to_owned(), VoiceSource::Recording(other)),
        ];
        settings.voices.insert("narrator".to_owned(), table.into());
        let pool = [candidate("a", "1", &[]), candidate("b", "1", &[])];
        let same = cast(&pool, &[], &settings, Asked::Now).unwrap();
        assert_eq!(same.renditions.len(), 2, "two files");
        let chunk = Prepared::for_tests(&["Words."], &settings);
        let chunk = chunk.chunk(0).unwrap();
        let keys = same.keys(chunk, 0);
        assert_eq!(keys[0], keys[1], "their bytes are the same");
        let named = [("chime".to_owned(), VoiceSource::Named("ann".to_owned()))];
        settings.voices.insert("narrator".to_owned(), named.into());
        assert_eq!(voices(&cast(&pool, &[], &settings, Asked::Now).unwrap()), ["ann"]);
    }

    #[test]
    fn engines_that_differ_do_not_speak_one_book_by_accident() {
        let pool = [candidate("a", "1", &["ann"]), candidate("b", "2", &["ann"])];
        let error = cast(&pool, &[], &chosen("ann"), Asked::Now).unwrap_err();
        assert!(matches!(&error, EngineError::Mixing { engines } if engines.len() == 2), "{error}");
        let allowed = Settings { mixing: Mixing::Allow, ..chosen("ann") };
        let cast = cast(&pool, &[], &allowed, Asked::Now).unwrap();
        assert_eq!(cast.rendition_of, [Some(0), Some(1)]);
    }

    #[test]
    fn voices_that_differ_do_not_speak_one_book_by_accident_either() {
        let pool = [candidate("a", "1", &["ann"]), candidate("b", "1", &["ben"])];
        let error = cast(&pool, &[], &Settings::for_tests(), Asked::Now).unwrap_err();
        assert!(matches!(error, EngineError::Mixing { .. }), "{error}");
    }

    #[test]
    fn a_server_that_was_never_asked_may_prove_to_be_the_same_until_it_stays_silent() {
        let silent = Candidate { asked: false, ..candidate("b", "http://b", &["ann"]) };
        let pool = [candidate("a", "1", &["ann"]), silent];
        let before = cast(&pool, &[], &chosen("ann"), Asked::NotYet).unwrap();
        assert_eq!(before.rendition_of, [Some(0), Some(1)]);
        let after = cast(&pool, &[], &chosen("ann"), Asked::Now).unwrap();
        assert_eq!(after.rendition_of, [Some(0), None]);
    }

    #[test]
    fn a_server_that_lists_no_voices_may_have_any() {
        let any = Candidate { voices: VoiceList::Partial, ..candidate("a", "1", &["alloy"]) };
        assert_eq!(voices(&cast(&[any], &[], &chosen("zoe"), Asked::Now).unwrap()), ["zoe"]);
    }
}
