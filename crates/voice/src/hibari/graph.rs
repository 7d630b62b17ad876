//! ONNX graphs on one thread each, their weights shared by all sessions.

use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::{NdTensor, Tensor};

use crate::{VoiceError, pack::PackFile};

/// A pool with a single thread. What runs inside it stays on that thread.
pub(crate) fn one_thread() -> Arc<ThreadPool> {
    Arc::new(ThreadPool::with_num_threads(1))
}

/// A loaded graph.
pub(crate) struct Graph {
    name: String,
    model: Model,
}

impl Graph {
    /// Loads a graph. Its weights are laid out for the processor once, which saves a twentieth of every run.
    pub(crate) fn load(file: &PackFile, bytes: Vec<u8>) -> Result<Self, VoiceError> {
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(bytes)
            .map_err(|error| VoiceError::Graph { graph: file.name.clone(), reason: error.to_string() })?;
        Ok(Self { name: file.name.clone(), model })
    }

    /// An input, output or inner value that the graph must have.
    pub(crate) fn node(&self, name: &str) -> Result<NodeId, VoiceError> {
        self.model.node_id(name).map_err(|error| self.failed(error))
    }

    /// A value that the graph may have.
    pub(crate) fn find(&self, name: &str) -> Option<NodeId> {
        self.model.find_node(name)
    }

    /// The values of a float constant, if the graph has one of this name.
    pub(crate) fn constant_floats(&self, name: &str) -> Result<Option<Vec<f32>>, VoiceError> {
        self.constant(name)?.map(|value| self.floats(value)).transpose()
    }

    /// An eight-bit constant, if the graph has one of this name.
    pub(crate) fn constant_bytes(&self, name: &str) -> Result<Option<Tensor<i8>>, VoiceError> {
        let constant = self.constant(name)?;
        constant.map(|value| Tensor::<i8>::try_from(value).map_err(|error| self.failed(error))).transpose()
    }

    fn constant(&self, name: &str) -> Result<Option<Value>, VoiceError> {
        let Some(node) = self.find(name) else { return Ok(None) };
        let [value] = self.model.run_n(Vec::new(), [node], None).map_err(|error| self.failed(error))?;
        Ok(Some(value))
    }

    /// Runs the graph in `pool`.
    pub(crate) fn run<const IN: usize, const OUT: usize>(
        &self,
        pool: &Arc<ThreadPool>,
        inputs: [(NodeId, Value); IN],
        outputs: [NodeId; OUT],
    ) -> Result<[Value; OUT], VoiceError> {
        let inputs = inputs.into_iter().map(|(node, value)| (node, value.into())).collect();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        self.model.run_n(inputs, outputs, Some(options)).map_err(|error| self.failed(error))
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
