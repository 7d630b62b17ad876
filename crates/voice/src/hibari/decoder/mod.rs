//! The graph's last stage, the decoder, over frames instead of nodes.
//!
//! It is eight ConvNeXt blocks and a linear layer (Liu et al., 2022), and half of all the work. Node by node, every
//! block turns the whole sentence around twice and convolves it value by value; here a frame's values stay side by
//! side, and neighbouring steps are taken together while they are in the cache. The arithmetic is the graph's own,
//! with the same dynamic quantisation and the same integer products.

mod kernels;
mod linear;

use rten_gemm::GemmExecutor;

use super::graph::Graph;
use crate::{VoiceError, vocoder::FRAME_VALUES};

use kernels::{ConvNorm, Extent, LANES, Norm, Quantise};
use linear::{Linear, Quantised};

/// Frames that a convolution sees.
const TAPS: usize = 7;
/// What keeps a division by the deviation finite, as in the graph.
const EPSILON: f32 = 1e-5;

/// The weights.
pub(super) struct Decoder {
    blocks: Vec<Block>,
    norm: Affine,
    head: Linear,
}

/// A block: convolution of each channel, normalisation, and two linear layers around a GELU.
struct Block {
    /// [`TAPS`] rows of a value for each channel.
    taps: Vec<f32>,
    tap_bias: Vec<f32>,
    norm: Affine,
    widen: Linear,
    narrow: Linear,
    /// What the block's outcome is scaled by before it is added.
    gamma: Vec<f32>,
}

/// Gain and offset of a normalisation.
struct Affine {
    gain: Vec<f32>,
    offset: Vec<f32>,
}

/// The buffers that a session runs a decoder in.
#[derive(Default)]
pub(super) struct Workspace {
    frames: Vec<f32>,
    normal: Vec<f32>,
    hidden: Vec<f32>,
    quantised: Quantised,
    sums: Vec<i32>,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self::default()
    }
}

impl Decoder {
    /// Takes the decoder out of a graph, if it has one of this shape.
    pub(super) fn of(graph: &Graph) -> Result<Option<Self>, VoiceError> {
        let mut blocks = Vec::new();
        while graph.find(&format!("m.dec.{}.dw.weight", blocks.len())).is_some() {
            match Block::of(graph, blocks.len())? {
                Some(block) => blocks.push(block),
                None => return Ok(None),
            }
        }
        let norm = Affine::of(graph, "m.dec_norm")?;
        let head = Linear::of(graph, "/head", "m.head.bias")?;
        let (Some(norm), Some(head), false) = (norm, head, blocks.is_empty()) else { return Ok(None) };
        let channels = norm.gain.len();
        let fits = head.rows() == channels
            && head.columns() == FRAME_VALUES
            && blocks.iter().all(|block| block.channels() == channels)
            && channels.is_multiple_of(LANES);
        Ok(fits.then_some(Self { blocks, norm, head }))
    }

    /// Values of a frame at the entrance.
    pub(super) fn channels(&self) -> usize {
        self.norm.gain.len()
    }

    /// Decodes what the graph hands over, `[channels][frames]`, to [`FRAME_VALUES`] a frame.
    pub(super) fn run(&self, entrance: &[f32], work: &mut Workspace) -> Vec<f32> {
        let channels = self.channels();
        let count = entrance.len() / channels;
        // Cannot go from thread to thread, and is made in no time.
        let gemm = GemmExecutor::default();
        turn(entrance, count, &mut work.frames);
        for block in &self.blocks {
            block.run(&gemm, work);
        }
        let extent = Norm::run(&work.frames, &self.norm, &mut work.normal);
        Quantise::run(&work.normal, extent, &mut work.quantised);
        let mut values = vec![0.0; count * FRAME_VALUES];
        let Workspace { quantised, sums, .. } = work;
        self.head.each_tile(&gemm, quantised, sums, |first, tile, scale| {
            let values = &mut values[first * FRAME_VALUES..];
            kernels::offset(tile, scale, self.head.bias(), values);
        });
        values
    }
}

impl Block {
    fn of(graph: &Graph, number: usize) -> Result<Option<Self>, VoiceError> {
        let weights = |name: &str| graph.constant_floats(&format!("m.dec.{number}.{name}"));
        let linear = |name: &str| {
            Linear::of(graph, &format!("/dec.{number}/{name}"), &format!("m.dec.{number}.{name}.bias"))
        };
        let taps = weights("dw.weight")?;
        let (tap_bias, gamma) = (weights("dw.bias")?, weights("gamma")?);
        let norm = Affine::of(graph, &format!("m.dec.{number}.norm"))?;
        let (widen, narrow) = (linear("pw1")?, linear("pw2")?);
        let (Some(taps), Some(tap_bias), Some(gamma), Some(norm), Some(widen), Some(narrow)) =
            (taps, tap_bias, gamma, norm, widen, narrow)
        else {
            return Ok(None);
        };
        let channels = norm.gain.len();
        let fits = taps.len() == channels * TAPS
            && tap_bias.len() == channels
            && gamma.len() == channels
            && widen.rows() == channels
            && widen.columns() == narrow.rows()
            && narrow.columns() == channels
            && narrow.rows().is_multiple_of(LANES);
        // The graph has a channel's taps side by side; a vector wants a tap's channels side by side.
        let mut by_tap = Vec::new();
        turn(&taps, TAPS, &mut by_tap);
        Ok(fits.then_some(Self { taps: by_tap, tap_bias, norm, widen, narrow, gamma }))
    }

    fn channels(&self) -> usize {
        self.gamma.len()
    }

    /// Adds the block's outcome to the frames.
    fn run(&self, gemm: &GemmExecutor<u8, i8, i32>, work: &mut Workspace) {
        let Workspace { frames, normal, hidden, quantised, sums } = work;
        let extent = ConvNorm::run(frames, &self.taps, &self.tap_bias, &self.norm, normal);
        Quantise::run(normal, extent, quantised);
        let width = self.widen.columns();
        hidden.resize(frames.len() / self.channels() * width, 0.0);
        let mut extent = Extent::default();
        self.widen.each_tile(gemm, quantised, sums, |first, tile, scale| {
            let seen = kernels::offset_gelu(tile, scale, self.widen.bias(), &mut hidden[first * width..]);
            extent = extent.with(seen);
        });
        Quantise::run(hidden, extent, quantised);
        let width = self.channels();
        self.narrow.each_tile(gemm, quantised, sums, |first, tile, scale| {
            kernels::offset_add(tile, scale, self.narrow.bias(), &self.gamma, &mut frames[first * width..]);
        });
    }
}

impl Affine {
    fn of(graph: &Graph, name: &str) -> Result<Option<Self>, VoiceError> {
        let gain = graph.constant_floats(&format!("{name}.weight"))?;
        let offset = graph.constant_floats(&format!("{name}.bias"))?;
        Ok(gain
            .zip(offset)
            .filter(|(gain, offset)| gain.len() == offset.len())
            .map(|(gain, offset)| Self { gain, offset }))
    }
}

/// Rows of `columns` values each as columns.
fn turn(rows: &[f32], columns: usize, turned: &mut Vec<f32>) {
    // Blocks that fit the nearest cache on both sides.
    const SIDE: usize = 16;
    let height = rows.len() / columns.max(1);
    turned.clear();
    turned.resize(rows.len(), 0.0);
    for top in (0..height).step_by(SIDE) {
        for left in (0..columns).step_by(SIDE) {
            for row in top..height.min(top + SIDE) {
                for column in left..columns.min(left + SIDE) {
                    turned[column * height + row] = rows[row * columns + column];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_turned_to_columns() {
        let (height, width) = (37, 21);
        let rows: Vec<f32> = (0..height * width).map(|value| value as f32).collect();
        let mut turned = Vec::new();
        turn(&rows, width, &mut turned);
        for row in 0..height {
            for column in 0..width {
                assert_eq!(turned[column * height + row], rows[row * width + column]);
            }
        }
    }
}
