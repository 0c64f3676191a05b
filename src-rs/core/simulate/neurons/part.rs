//! The neurons of one population in one partition, and the data of a population that all partitions share.

use super::double_step::{Low, Wide as DoubleStep};
use super::drive::Driven;
use super::generated_step::GeneratedStep;
use super::presampled_poisson::PresampledPoisson;
use super::sub_steps::SubSteps;
use crate::plan::network::Read;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::{TILE, Tiles};
use lapicque_expr::Kernel;
use lapicque_morphology::cable::{CellModel, Cells};
use lapicque_projection::Aligned;
use std::sync::Arc;

/// The data of a population that all partitions share.
pub struct Shared<F: Precision> {
    pub kernel: Arc<Kernel<F>>,
    /// If present, replaces the kernel and all that replaces it.
    pub cells: Option<Arc<CellModel>>,
    /// If present, replaces `generated`, `rolled` and the kernel.
    pub wide: Option<DoubleStep>,
    /// If present, replaces the kernel.
    pub generated: Option<GeneratedStep<F>>,
    /// If present, replaces the kernel.
    pub rolled: Option<SubSteps<F>>,
    pub drives: Vec<Driven<F>>,
    /// The random numbers of equations in a step; `port` is their index.
    pub noise: Vec<Driven<F>>,
    /// By port: whether it has a drive.
    pub driven: Vec<bool>,
    /// The units of compact sums by port, followed by those of wide sums if there are any.
    pub units: Vec<F>,
    pub wide_units: Vec<Option<f64>>,
    pub blocks: usize,
}

/// A population's neurons in a partition.
pub struct Part<F: Precision> {
    pub population: usize,
    /// First block, counted within the population.
    pub block: usize,
    /// Number of neuron slots, a multiple of the block size.
    pub neuron_slots: usize,
    pub states: Tiles<F>,
    /// Present if the neurons are cells with morphologies, whose variables `states` then are.
    pub cells: Option<Cells>,
    /// Present if the step is computed in double precision.
    pub low: Option<Low<F>>,
    /// Coefficients in slot order: one value, or one per neuron.
    pub coefs: Vec<Aligned<F>>,
    /// By port: the offset of its accumulators, if it gets synapses.
    pub slots: Vec<Option<usize>>,
    /// By block: bits of the slots that are neurons.
    pub masks: Vec<u64>,
    /// By block: the spikes of the step.
    pub words: Vec<u64>,
    pub taps: Vec<Tap<F>>,
    /// By port: Poisson counts that its first drive has sampled for the next steps.
    pub presampled: Vec<PresampledPoisson>,
    /// The input of recorded ports in the last step, by neuron slot.
    pub recorded_inputs: Vec<(usize, Vec<F>)>,
}

/// The neurons of a trace in a partition.
pub struct Tap<F> {
    pub trace: usize,
    pub read: Read,
    pub every: u64,
    pub neuron_slots: Vec<u32>,
    /// Samples, all neurons of one step after the other.
    pub samples: Vec<F>,
}

impl<F: Precision> Part<F> {
    /// The neuron of a slot, counted within its population.
    pub fn neuron(&self, neuron_slot: usize, stride: usize) -> usize {
        (self.block + neuron_slot / BLOCK * stride) * BLOCK + neuron_slot % BLOCK
    }

    /// Number of tiles of its neurons.
    pub fn tiles(&self) -> usize {
        self.neuron_slots.div_ceil(TILE)
    }

    /// The slot of a neuron that is in this part.
    pub fn neuron_slot(&self, neuron: usize, stride: usize) -> usize {
        (neuron / BLOCK - self.block) / stride * BLOCK + neuron % BLOCK
    }
}
