//! Linear layers with eight-bit weights and inputs.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix, QuantParams};
use rten_tensor::{NdTensorView, prelude::*};

use super::super::graph::Graph;
use crate::VoiceError;

/// Rows that are multiplied at a time: few enough for their products to stay in the cache until they are used.
const TILE: usize = 48;

/// A layer: `[rows, columns]` weights that share a scale, and a bias for each column.
pub(super) struct Linear {
    weights: PackedBMatrix<i8>,
    rows: usize,
    columns: usize,
    scale: f32,
    bias: Vec<f32>,
}

/// Values in eight bits: (value − zero) · scale.
#[derive(Default)]
pub(super) struct Quantised {
    pub(super) values: Vec<u8>,
    pub(super) zero: u8,
    pub(super) scale: f32,
}

impl Linear {
    /// Takes a layer out of a graph, by the names that the quantiser of ONNX Runtime gives.
    pub(super) fn of(graph: &Graph, name: &str, bias: &str) -> Result<Option<Self>, VoiceError> {
        let weights = graph.constant_bytes(&format!("{name}/Transpose_output_0_quantized"))?;
        let scale = graph.constant_floats(&format!("{name}/Transpose_output_0_scale"))?;
        let zero = graph.constant_bytes(&format!("{name}/Transpose_output_0_zero_point"))?;
        let bias = graph.constant_floats(bias)?;
        let (Some(weights), Some(scale), Some(zero), Some(bias)) = (weights, scale, zero, bias) else {
            return Ok(None);
        };
        // Weights around zero, as the exports have them, spare a sum over every row.
        let (&[rows, columns], &[scale], Some(0)) = (weights.shape(), scale.as_slice(), zero.item().copied())
        else {
            return Ok(None);
        };
        if bias.len() != columns {
            return Ok(None);
        }
        let weights = weights.into_data();
        let matrix = NdTensorView::from_data([rows, columns], weights.as_slice());
        let weights = GemmExecutor::<u8, i8, i32>::default().prepack_b(matrix);
        Ok(Some(Self { weights, rows, columns, scale, bias }))
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Multiplies tile by tile: `used` is given the number of the tile's first row, its integer products, and what
    /// they have to be multiplied by.
    pub(super) fn each_tile(
        &self,
        gemm: &GemmExecutor<u8, i8, i32>,
        input: &Quantised,
        products: &mut Vec<i32>,
        mut used: impl FnMut(usize, &[i32], f32),
    ) {
        let zeros = [input.zero; TILE];
        products.resize(TILE * self.columns, 0);
        for (tile, values) in input.values.chunks(TILE * self.rows).enumerate() {
            let height = values.len() / self.rows;
            let products = &mut products[..height * self.columns];
            let options = GemmOptions {
                a_quant: Some(QuantParams { zero_point: &zeros[..height] }),
                ..GemmOptions::default()
            };
            let values = NdTensorView::from_data([height, self.rows], values);
            gemm.gemm(products, GemmInputA::Unpacked(values), GemmInputB::Packed(&self.weights), options)
                .expect("the shapes were compared when the decoder was put together");
            used(tile * TILE, products, input.scale * self.scale);
        }
    }
}
