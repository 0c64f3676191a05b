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

/// Where a projection's tensors are in [`Network::parameters`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProjectionSlots {
    pub weight: usize,
    pub bias: Option<usize>,
    /// The delay of each synapse, in the layout of the weights.
    pub delay: Option<usize>,
}

/// What one population needs while it runs.
pub(crate) struct Layer<F: Element> {
    pub forward: Kernel<F>,
    pub adjoint: Kernel<F>,
    /// Where the adjoint reads the gradient with respect to the spike, as spikes; of surrogates whose derivative vanishes.
    pub active: Option<Kernel<F>>,
    /// Coefficients in slot order: one value, or one a neuron padded to whole panels.
    pub coefs: Vec<Vec<F>>,
    /// `(index in bound.params, index in parameters)` of what is learned.
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
    /// What each map needs beside its weights.
    pub(crate) maps: Vec<MapKernel>,
    /// The kernels of each map that is a registered operation.
    pub(crate) registered: Vec<Option<Arc<dyn OperationKernels<F>>>>,
    /// Kernels of the projections that are convolutions within a loop.
    pub(crate) feedback: Vec<Kernels>,
    /// Running mean and variance of each map that is a batch norm.
    pub running: Vec<Option<[usize; 2]>>,
    /// Of each map whether it is a batch norm that normalizes by its running averages in training, too, and leaves them.
    pub fixed: Vec<bool>,
    /// Of each map that mixes a masked sequence how much of its mask holds, where that may change: one number.
    pub lambdas: Vec<Option<usize>>,
    /// Batches for which units were dropped, where some are: one number.
    pub draws: Option<usize>,
    /// Of the tasks that are at work.
    pub(crate) buffers: Buffers<F>,
    /// What the last run computed in, for the next one, if that is not too much, and its bytes: pages that are new have to be cleared first, on one
    /// thread.
    pub(crate) ran_in: Mutex<Option<(u64, Workspace<F>)>>,
    /// Apart from those, since it is larger than any of them: all parts of one convolution's weights' gradient.
    pub(crate) weight_parts: Buffers<F>,
}

impl<F: Element> Network<F> {
    /// The weights of one part of a projection, as the kernels take them.
    pub(crate) fn weights(&self, projection: usize, part: usize) -> &[F] {
        let weights = &self.parameters[self.slots[projection].weight].data;
        let each = weights.len() / self.plan.projections[projection].parts;
        &weights[part * each..(part + 1) * each]
    }

    /// The bias of one panel of a part, zeros where there is none.
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

    /// Whether all kernels of a population, forward and backward, are compiled ones.
    pub fn is_native(&self, layer: usize) -> bool {
        self.layers[layer].forward.is_native() && self.layers[layer].adjoint.is_native()
    }

    /// Bytes that a batch needs beyond its input.
    pub fn estimate(&self, work: &Workload) -> Estimate {
        estimate(&self.plan, self.plan.fusions.uses(), self.stored_elements(), work, size_of::<F>() as u64)
    }

    /// Elements of all parameters as they are kept.
    pub fn stored_elements(&self) -> u64 {
        self.parameters.iter().map(|p| p.data.len() as u64).sum()
    }
}
