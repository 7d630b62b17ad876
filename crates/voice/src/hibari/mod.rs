//! The engine kind `hibari`: phoneme ids to spectra by a graph, spectra to sound by the vocoder.

pub(crate) mod graph;
pub(crate) mod vocabulary;

use std::sync::Arc;

use rhapsode_audio::Pcm;
use rten::ThreadPool;
use rten_tensor::NdTensor;

use crate::{
    Fragment, VoiceError,
    g2p::{Accent, English, Speller},
    pack::{Role, VoicePack},
    vocoder::{BINS, NoiseSeed, Planes, Vocoder},
    voice::{Engine, Speaker},
};

use graph::{Graph, one_thread, row};
use vocabulary::{Vocabulary, pieces};

/// The files that a pack of this kind has.
pub(crate) const ROLES: &[Role] = &[Role::Graph, Role::Vocabulary, Role::Speller, Role::SpellerAlphabet];

/// A voice of this kind in memory.
pub(crate) struct Hibari {
    graph: Graph<2, 6>,
    vocabulary: Vocabulary,
    english: English,
}

/// Loads a pack.
pub(crate) fn open(pack: &VoicePack) -> Result<Arc<dyn Engine>, VoiceError> {
    let graph = Graph::load(
        pack.file(Role::Graph)?,
        pack.read(Role::Graph)?,
        ["ids", "speed"],
        ["lh", "theta", "ln", "lr", "phi", "f0"],
    )?;
    let vocabulary =
        Vocabulary::parse(&pack.read(Role::Vocabulary)?).map_err(|reason| pack.broken(Role::Vocabulary, &reason))?;
    let speller = Graph::load(pack.file(Role::Speller)?, pack.read(Role::Speller)?, ["chars"], ["ids"])?;
    let speller = Speller::new(speller, &pack.read(Role::SpellerAlphabet)?)?;
    let english = English::new(Accent::of(&pack.manifest().language), speller);
    Ok(Arc::new(Hibari { graph, vocabulary, english }))
}

impl Engine for Hibari {
    fn speaker(self: Arc<Self>) -> Box<dyn Speaker> {
        Box::new(HibariSpeaker { voice: self, pool: one_thread(), vocoder: Vocoder::new() })
    }
}

impl Hibari {
    /// The phonemes of all fragments. Those that were given stay as they are.
    fn phonemes(&self, text: &[Fragment<'_>], pool: &Arc<ThreadPool>) -> Result<String, VoiceError> {
        let mut phonemes = String::new();
        for fragment in text {
            match fragment {
                Fragment::Text(text) => {
                    if text.starts_with(char::is_whitespace) && !phonemes.is_empty() {
                        phonemes.push(' ');
                    }
                    let spoken = self.english.phonemes(text, pool)?;
                    phonemes.push_str(&spoken.replace('ʀ', "ɹ"));
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

/// A session: its thread, and the buffers that it uses again and again.
struct HibariSpeaker {
    voice: Arc<Hibari>,
    pool: Arc<ThreadPool>,
    vocoder: Vocoder,
}

impl Speaker for HibariSpeaker {
    fn speak(&mut self, text: &[Fragment<'_>], speed: f32, seed: u64) -> Result<Pcm, VoiceError> {
        let Self { voice, pool, vocoder } = self;
        // Everything runs on the one thread of the pool: handing over each graph run would cost a switch.
        pool.run(|| {
            let phonemes = voice.phonemes(text, pool)?;
            let mut samples = Vec::new();
            for (piece, number) in pieces(&phonemes).into_iter().zip(0..) {
                let ids = voice.vocabulary.ids(piece);
                if ids.len() > 2 {
                    let noise = NoiseSeed::Piece { seed, piece: number };
                    voice.render(ids, speed, pool, vocoder, noise, &mut samples)?;
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

impl Hibari {
    /// Appends the sound of a piece.
    fn render(
        &self,
        ids: Vec<i32>,
        speed: f32,
        pool: &Arc<ThreadPool>,
        vocoder: &mut Vocoder,
        noise: NoiseSeed,
        samples: &mut Vec<f32>,
    ) -> Result<(), VoiceError> {
        let speed = NdTensor::from_data([1], vec![speed]).into();
        let [lh, theta, ln, lr, phi, f0] = self.graph.run(pool, [row(ids), speed])?;
        let [lh, theta, ln] = [self.graph.floats(lh)?, self.graph.floats(theta)?, self.graph.floats(ln)?];
        let [lr, phi, f0] = [self.graph.floats(lr)?, self.graph.floats(phi)?, self.graph.floats(f0)?];
        for plane in [&lh, &theta, &ln, &lr, &phi] {
            if plane.len() != BINS * f0.len() {
                return Err(self.graph.failed("its outputs do not fit together"));
            }
        }
        let planes = Planes { lh: &lh, theta: &theta, ln: &ln, lr: &lr, phi: &phi };
        vocoder.render(planes, &f0, noise, samples);
        Ok(())
    }
}
