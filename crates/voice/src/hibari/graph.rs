//! ONNX graphs on one thread each, their weights shared by all sessions.

use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::{NdTensor, Tensor};

use crate::{VoiceError, pack::PackFile};

/// A pool with a single thread. What runs inside it stays on that thread.
pub(crate) fn one_thread() -> Arc<ThreadPool> {
    Arc::new(ThreadPool::with_num_threads(1))
}

/// A loaded graph with its inputs and outputs by name.
pub(crate) struct Graph<const IN: usize, const OUT: usize> {
    name: String,
    model: Model,
    inputs: [NodeId; IN],
    outputs: [NodeId; OUT],
}

impl<const IN: usize, const OUT: usize> Graph<IN, OUT> {
    /// Loads a graph and finds its inputs and outputs.
    pub(crate) fn load(
        file: &PackFile,
        bytes: Vec<u8>,
        inputs: [&str; IN],
        outputs: [&str; OUT],
    ) -> Result<Self, VoiceError> {
        let name = file.name.clone();
        let failed = |reason: String| VoiceError::Graph { graph: name.clone(), reason };
        let model = Model::load(bytes).map_err(|error| failed(error.to_string()))?;
        let find = |wanted: &str| model.node_id(wanted).map_err(|error| failed(error.to_string()));
        let mut input_ids = Vec::with_capacity(IN);
        for input in inputs {
            input_ids.push(find(input)?);
        }
        let mut output_ids = Vec::with_capacity(OUT);
        for output in outputs {
            output_ids.push(find(output)?);
        }
        Ok(Self {
            name: file.name.clone(),
            inputs: input_ids.try_into().expect("one id was found for each input"),
            outputs: output_ids.try_into().expect("one id was found for each output"),
            model,
        })
    }

    /// Runs the graph in `pool`.
    pub(crate) fn run(&self, pool: &Arc<ThreadPool>, inputs: [Value; IN]) -> Result<[Value; OUT], VoiceError> {
        let inputs = self.inputs.iter().copied().zip(inputs.into_iter().map(Into::into)).collect();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        self.model.run_n(inputs, self.outputs, Some(options)).map_err(|error| self.failed(error))
    }

    /// A float output's values, in order.
    pub(crate) fn floats(&self, value: Value) -> Result<Vec<f32>, VoiceError> {
        Tensor::<f32>::try_from(value).map(Tensor::into_data).map_err(|error| self.failed(error))
    }

    /// An integer output's values, in order.
    pub(crate) fn integers(&self, value: Value) -> Result<Vec<i32>, VoiceError> {
        Tensor::<i32>::try_from(value).map(Tensor::into_data).map_err(|error| self.failed(error))
    }

    /// An error of this graph.
    pub(crate) fn failed(&self, reason: impl std::fmt::Display) -> VoiceError {
        VoiceError::Graph { graph: self.name.clone(), reason: reason.to_string() }
    }
}

/// A row of ids as the graphs want it, `[1, L]`.
pub(crate) fn row(ids: Vec<i32>) -> Value {
    let length = ids.len();
    NdTensor::from_data([1, length], ids).into()
}
