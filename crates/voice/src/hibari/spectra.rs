//! The graph that turns phoneme ids into spectra, and the layout that the vocoder wants them in.

use std::sync::Arc;

use rten::{NodeId, ThreadPool};
use rten_tensor::NdTensor;

use super::{
    decoder::{Decoder, Workspace},
    graph::{Graph, row},
};
use crate::{
    VoiceError,
    pack::PackFile,
    vocoder::{BINS, FRAME_VALUES},
};

/// The five planes that the graph gives, `[1, BINS, F]` each.
const PLANES: [&str; 5] = ["lh", "theta", "ln", "lr", "phi"];

/// The graph's value that its decoder begins with, `[1, channels, F]`.
const ENTRANCE: &str = "/dec_in/Conv_output_0";

/// Phoneme ids to spectra.
pub(crate) struct Spectra {
    graph: Graph,
    ids: NodeId,
    speed: NodeId,
    f0: NodeId,
    way: Way,
}

/// How the spectra come about.
enum Way {
    /// The graph runs as far as this value, and the decoder takes over.
    Decoder(NodeId, Box<Decoder>),
    /// The graph runs to its documented outputs; for exports that are built or named in another way.
    Planes([NodeId; PLANES.len()]),
}

impl Spectra {
    pub(super) fn load(file: &PackFile, bytes: Vec<u8>) -> Result<Self, VoiceError> {
        let graph = Graph::load(file, bytes)?;
        let way = match (graph.find(ENTRANCE), Decoder::of(&graph)?) {
            (Some(entrance), Some(decoder)) => Way::Decoder(entrance, Box::new(decoder)),
            _ => Way::planes(&graph)?,
        };
        let (ids, speed, f0) = (graph.node("ids")?, graph.node("speed")?, graph.node("f0")?);
        Ok(Self { graph, ids, speed, f0, way })
    }

    /// The spectra, [`FRAME_VALUES`] a frame, and the pitch in Hz, one value a frame.
    pub(crate) fn run(
        &self,
        ids: Vec<i32>,
        speed: f32,
        pool: &Arc<ThreadPool>,
        work: &mut Workspace,
    ) -> Result<(Vec<f32>, Vec<f32>), VoiceError> {
        let inputs = [(self.ids, row(ids)), (self.speed, NdTensor::from_data([1], vec![speed]).into())];
        let (values, f0) = match &self.way {
            Way::Decoder(entrance, decoder) => {
                let [entrance, f0] = self.graph.run(pool, inputs, [*entrance, self.f0])?;
                let (entrance, f0) = (self.graph.floats(entrance)?, self.graph.floats(f0)?);
                if entrance.len() != f0.len() * decoder.channels() {
                    return Err(self.graph.failed("its decoder does not begin with what it should"));
                }
                (decoder.run(&entrance, work), f0)
            }
            &Way::Planes([lh, theta, ln, lr, phi]) => {
                let [planes @ .., f0] = self.graph.run(pool, inputs, [lh, theta, ln, lr, phi, self.f0])?;
                let mut parts = Vec::with_capacity(PLANES.len());
                for plane in planes {
                    parts.push(self.graph.floats(plane)?);
                }
                let f0 = self.graph.floats(f0)?;
                (join(&parts, f0.len()), f0)
            }
        };
        if values.len() != f0.len() * FRAME_VALUES {
            return Err(self.graph.failed("its outputs do not fit together"));
        }
        Ok((values, f0))
    }
}

impl Way {
    fn planes(graph: &Graph) -> Result<Self, VoiceError> {
        let [lh, theta, ln, lr, phi] = PLANES.map(|plane| graph.node(plane));
        Ok(Self::Planes([lh?, theta?, ln?, lr?, phi?]))
    }
}

/// Planes of `[BINS][frames]` each as one value, frame by frame.
fn join(planes: &[Vec<f32>], frames: usize) -> Vec<f32> {
    let mut joined = Vec::with_capacity(frames * FRAME_VALUES);
    for frame in 0..frames {
        for plane in planes {
            joined.extend(plane.iter().skip(frame).step_by(frames).take(BINS));
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, hibari::graph::one_thread, pack::Role};

    #[test]
    fn the_decoder_gives_what_the_graph_gives() {
        let pack = golden::pack();
        let load =
            || Spectra::load(pack.file(Role::Graph).unwrap(), pack.read(Role::Graph).unwrap()).unwrap();
        let decoded = load();
        assert!(
            matches!(decoded.way, Way::Decoder(..)),
            "the default voice has a decoder that is understood"
        );
        let mut planes = load();
        planes.way = Way::planes(&planes.graph).unwrap();
        let pool = one_thread();
        let mut work = Workspace::new();
        for length in [1, 5, 90] {
            let ids: Vec<i32> =
                (0..length).map(|index| if index == 0 { 0 } else { 43 + index * 7 % 100 }).collect();
            let (ours, pitch) = decoded.run(ids.clone(), 1.0, &pool, &mut work).unwrap();
            let (theirs, same_pitch) = planes.run(ids, 1.0, &pool, &mut work).unwrap();
            assert_eq!(pitch, same_pitch);
            // A value at the edge between two quantised ones may fall to either side; most do not.
            let difference = golden::difference(&ours, &theirs);
            assert!(difference < 0.01, "{length} ids: differs by {difference}");
        }
    }

    #[test]
    fn planes_are_joined_frame_by_frame() {
        let frames = 3;
        let planes: Vec<Vec<f32>> =
            (0..5).map(|plane| (0..BINS * frames).map(|at| (plane * 10_000 + at) as f32).collect()).collect();
        let joined = join(&planes, frames);
        assert_eq!(joined.len(), frames * FRAME_VALUES);
        assert_eq!(joined[0], 0.0);
        assert_eq!(joined[1], 3.0);
        assert_eq!(joined[BINS], 10_000.0);
        assert_eq!(joined[2 * FRAME_VALUES + 4 * BINS + 600], 40_000.0 + 600.0 * 3.0 + 2.0);
    }
}
