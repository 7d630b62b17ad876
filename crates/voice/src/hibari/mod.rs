//! The engine kind `hibari`: phoneme ids to spectra by a graph, spectra to sound by the vocoder.

mod decoder;
pub(crate) mod graph;
mod spectra;
pub(crate) mod vocabulary;

use std::sync::Arc;

use rhapsode_audio::Pcm;
use rten::ThreadPool;

use crate::{
    Fragment, VoiceError,
    g2p::{Accent, Beginning, English, Speller},
    pack::{Role, VoicePack},
    vocoder::{NoiseSeed, Vocoder},
    voice::{Engine, Speaker},
};

use decoder::Workspace;
use graph::{Graph, one_thread};
use spectra::Spectra;
use vocabulary::{Vocabulary, pieces};

/// The files that a pack of this kind has.
pub(crate) const ROLES: &[Role] = &[Role::Graph, Role::Vocabulary, Role::Speller, Role::SpellerAlphabet];

/// A voice of this kind in memory.
pub(crate) struct Hibari {
    spectra: Spectra,
    vocabulary: Vocabulary,
    english: English,
}

/// Loads a pack as an engine.
pub(crate) fn open(pack: &VoicePack) -> Result<Arc<dyn Engine>, VoiceError> {
    Ok(Arc::new(Hibari::load(pack)?))
}

impl Engine for Hibari {
    fn speaker(self: Arc<Self>) -> Box<dyn Speaker> {
        Box::new(HibariSpeaker {
            voice: self,
            pool: one_thread(),
            work: Workspace::new(),
            vocoder: Vocoder::new(),
        })
    }
}

impl Hibari {
    /// Loads a pack.
    pub(crate) fn load(pack: &VoicePack) -> Result<Self, VoiceError> {
        let spectra = Spectra::load(pack.file(Role::Graph)?, pack.read(Role::Graph)?)?;
        let vocabulary = Vocabulary::parse(&pack.read(Role::Vocabulary)?)
            .map_err(|reason| pack.broken(Role::Vocabulary, &reason))?;
        let speller = Graph::load(pack.file(Role::Speller)?, pack.read(Role::Speller)?)?;
        let speller = Speller::new(speller, &pack.read(Role::SpellerAlphabet)?)?;
        let english = English::new(Accent::of(&pack.manifest().language), speller);
        Ok(Self { spectra, vocabulary, english })
    }

    #[cfg(test)]
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Spectra and pitch of phonemes.
    #[cfg(test)]
    pub(crate) fn spectra(&self, ids: Vec<i32>) -> (Vec<f32>, Vec<f32>) {
        self.spectra.run(ids, 1.0, &one_thread(), &mut Workspace::new()).expect("the graph runs")
    }

    /// The phonemes of all fragments. Those that were given stay as they are.
    pub(crate) fn phonemes(
        &self,
        fragments: &[Fragment<'_>],
        pool: &Arc<ThreadPool>,
    ) -> Result<String, VoiceError> {
        let mut phonemes = String::new();
        for (index, fragment) in fragments.iter().enumerate() {
            match fragment {
                Fragment::Text(text) => {
                    if text.starts_with(char::is_whitespace) && !phonemes.is_empty() {
                        phonemes.push(' ');
                    }
                    let next = match fragments.get(index + 1) {
                        Some(Fragment::Phonemes(given)) if text.ends_with(char::is_whitespace) => {
                            Beginning::of(given)
                        }
                        _ => None,
                    };
                    let spoken = self.english.phonemes(text, next, pool)?;
                    phonemes.extend(spoken.chars().filter_map(as_taught));
                    if text.ends_with(char::is_whitespace) && !spoken.is_empty() {
                        phonemes.push(' ');
                    }
                }
                Fragment::Phonemes(given) => {
                    self.vocabulary.check(given)?;
                    phonemes.push_str(given);
                }
            }
        }
        Ok(phonemes)
    }
}

/// A phoneme as the voice was taught it: it never saw quotation marks, and has no ʀ, which the speller knows.
fn as_taught(phoneme: char) -> Option<char> {
    match phoneme {
        '"' | '“' | '”' => None,
        'ʀ' => Some('ɹ'),
        other => Some(other),
    }
}

/// A session: its thread, and the buffers that it uses again and again.
struct HibariSpeaker {
    voice: Arc<Hibari>,
    pool: Arc<ThreadPool>,
    work: Workspace,
    vocoder: Vocoder,
}

impl Speaker for HibariSpeaker {
    fn speak(&mut self, text: &[Fragment<'_>], speed: f32, seed: u64) -> Result<Pcm, VoiceError> {
        let Self { voice, pool, work, vocoder } = self;
        // Everything runs on the one thread of the pool: handing over each graph run would cost a switch.
        pool.run(|| {
            let phonemes = voice.phonemes(text, pool)?;
            let mut samples = Vec::new();
            for (piece, number) in pieces(&phonemes).into_iter().zip(0..) {
                let ids = voice.vocabulary.ids(piece);
                if ids.len() > 2 {
                    let noise = NoiseSeed::Piece { seed, piece: number };
                    let (values, f0) = voice.spectra.run(ids, speed, pool, work)?;
                    vocoder.render(&values, &f0, noise, &mut samples);
                }
            }
            if samples.is_empty() {
                let text = text.iter().map(|fragment| fragment.content()).collect();
                return Err(VoiceError::Unspeakable { text });
            }
            Ok(Pcm { rate: crate::voice::RATE, samples })
        })
    }
}
