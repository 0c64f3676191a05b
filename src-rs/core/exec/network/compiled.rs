//! A compiled network: the plan, the kernels of its neurons and all its parameters.

use crate::plan::estimate::{Estimate, Workload, estimate};
use crate::plan::kernels::{Kernels, MapKernel};
use crate::storage::buffers::Buffers;
use crate::storage::parameter::Parameter;
use crate::tape::workspace::Workspace;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Kernel;
use lapicque_graph::{Description, Plan};
use lapicque_operations::Kernels as OperationKernels;
use lapicque_projection::{Element, PANEL, panels};
use std::sync::{Arc, Mutex};

/// The indices of a projection's tensors in [`Network::parameters`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProjectionSlots {
    pub weight: usize,
    pub bias: Option<usize>,
    /// The delay of each synapse, in the layout of the weights.
    pub delay: Option<usize>,
}

/// The kernels and coefficients of one population.
pub(crate) struct Layer<F: Element> {
    pub forward: Kernel<F>,
    pub adjoint: Kernel<F>,
    /// Marks where the adjoint reads the gradient with respect to the spike; only for surrogates whose derivative
    /// vanishes. The marks have the form of spikes.
    pub active: Option<Kernel<F>>,
    /// Coefficients in slot order: one value, or one value per neuron padded to whole panels.
    pub coefs: Vec<Vec<F>>,
    /// By state: its initial values, like `coefs`.
    pub starts: Vec<Vec<F>>,
    /// `(index in bound.params, index in parameters)` of each learned parameter.
    pub learned: Vec<(usize, usize)>,
}

pub struct Network<F: Element> {
    /// With every default written out.
    pub description: Description,
    pub plan: Arc<Plan>,
    pub level: SimdLevel,
    /// Projections in the order of the description, then the learned parameters of neurons.
    pub parameters: Vec<Parameter<F>>,
    pub(crate) layers: Vec<Layer<F>>,
    pub(crate) slots: Vec<ProjectionSlots>,
    /// The kernel of each operation.
    pub(crate) maps: Vec<MapKernel>,
    /// The kernels of each operation that is registered with its own kernels.
    pub(crate) registered: Vec<Option<Arc<dyn OperationKernels<F>>>>,
    /// Kernels of the projections that are convolutions within a loop.
    pub(crate) feedback: Vec<Kernels>,
    /// By operation: the parameter indices of running mean and variance, if it is a batch norm.
    pub running: Vec<Option<[usize; 2]>>,
    /// By operation: whether it is a batch norm that normalizes by its running averages in training too, and does not
    /// update them.
    pub fixed: Vec<bool>,
    /// By operation: the parameter index of the strength of a mixture's mask, if it can change. The parameter is one
    /// number.
    pub lambdas: Vec<Option<usize>>,
    /// The parameter index of the number of batches with dropout, if there is dropout. The parameter is one number.
    pub draws: Option<usize>,
    /// Scratch buffers of the running tasks.
    pub(crate) buffers: Buffers<F>,
    /// The workspace of the last run and its size in bytes, for the next run, unless it is too large. Newly allocated
    /// pages would have to be cleared first, on one thread.
    pub(crate) ran_in: Mutex<Option<(u64, Workspace<F>)>>,
    /// All parts of the gradient of one convolution's weights. Separate from `buffers`, because it is larger than any
    /// of those.
    pub(crate) weight_parts: Buffers<F>,
}

impl<F: Element> Network<F> {
    /// The weights of one part of a projection, in the layout of the kernels.
    pub(crate) fn weights(&self, projection: usize, part: usize) -> &[F] {
        let weights = &self.parameters[self.slots[projection].weight].data;
        let each = weights.len() / self.plan.projections[projection].parts;
        &weights[part * each..(part + 1) * each]
    }

    /// The bias of one panel of a part; zeros if there is none.
    pub(crate) fn bias(&self, projection: usize, part: usize, panel: usize) -> &[F] {
        let Some(slot) = self.slots[projection].bias else { return F::ZERO_PANEL };
        let from = part * panels(self.plan.projections[projection].outputs) + panel;
        &self.parameters[slot].data[from * PANEL..(from + 1) * PANEL]
    }

    pub fn parameter(&self, name: &str) -> Result<&Parameter<F>> {
        self.parameters.iter().find(|p| p.name == name).ok_or_else(|| self.unknown(name))
    }

    pub fn parameter_mut(&mut self, name: &str) -> Result<&mut Parameter<F>> {
        match self.parameters.iter().position(|p| p.name == name) {
            Some(i) => Ok(&mut self.parameters[i]),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> Error {
        Error::unknown("parameter", name, self.parameters.iter().map(|p| &p.name))
    }

    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().filter(|p| p.trainable).map(|p| p.layout.public_len()).sum()
    }

    /// Whether all kernels of a population, forward and backward, are compiled.
    pub fn is_native(&self, layer: usize) -> bool {
        self.layers[layer].forward.is_native() && self.layers[layer].adjoint.is_native()
    }

    /// Bytes that a batch needs beyond its input.
    pub fn estimate(&self, work: &Workload) -> Estimate {
        estimate(&self.plan, self.plan.fusions.uses(), self.stored_elements(), work, size_of::<F>() as u64)
    }

    /// Number of stored elements of all parameters.
    pub fn stored_elements(&self) -> u64 {
        self.parameters.iter().map(|p| p.data.len() as u64).sum()
    }
}
