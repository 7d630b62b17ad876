//! The graph that turns phoneme ids into spectra, and the layout that the vocoder wants them in.

use std::sync::Arc;

use rten::{NodeId, ThreadPool};
use rten_tensor::NdTensor;

use super::graph::{Graph, row};
use crate::{
    VoiceError,
    pack::PackFile,
    vocoder::{BINS, FRAME_VALUES},
};

/// The five planes that the graph gives, `[1, BINS, F]` each.
const PLANES: [&str; 5] = ["lh", "theta", "ln", "lr", "phi"];

/// The graph's value that the planes are cut from, `[1, F, 5·BINS]`: already in the vocoder's order. Taking it
/// saves turning three thousand values a frame around, twice.
const JOINED: &str = "/head/Add_output_0";

/// Phoneme ids to spectra.
pub(crate) struct Spectra {
    graph: Graph,
    ids: NodeId,
    speed: NodeId,
    f0: NodeId,
    layout: Layout,
}

/// Where the spectra are taken from.
enum Layout {
    /// One value, frame by frame.
    Joined(NodeId),
    /// The documented outputs, plane by plane; for exports whose inner names are others.
    Planes([NodeId; PLANES.len()]),
}

impl Spectra {
    pub(super) fn load(file: &PackFile, bytes: Vec<u8>) -> Result<Self, VoiceError> {
        let graph = Graph::load(file, bytes)?;
        let [lh, theta, ln, lr, phi] = PLANES.map(|plane| graph.node(plane));
        let planes = [lh?, theta?, ln?, lr?, phi?];
        let layout = graph.find(JOINED).map_or(Layout::Planes(planes), Layout::Joined);
        let (ids, speed, f0) = (graph.node("ids")?, graph.node("speed")?, graph.node("f0")?);
        Ok(Self { graph, ids, speed, f0, layout })
    }

    /// The spectra, [`FRAME_VALUES`] a frame, and the pitch in Hz, one value a frame.
    pub(crate) fn run(
        &self,
        ids: Vec<i32>,
        speed: f32,
        pool: &Arc<ThreadPool>,
    ) -> Result<(Vec<f32>, Vec<f32>), VoiceError> {
        let inputs = [(self.ids, row(ids)), (self.speed, NdTensor::from_data([1], vec![speed]).into())];
        let (values, f0) = match self.layout {
            Layout::Joined(joined) => {
                let [values, f0] = self.graph.run(pool, inputs, [joined, self.f0])?;
                (self.graph.floats(values)?, self.graph.floats(f0)?)
            }
            Layout::Planes([lh, theta, ln, lr, phi]) => {
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
