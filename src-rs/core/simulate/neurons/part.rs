//! The neurons of one population in one partition, and the data of a population that all partitions share.

use super::double_step::{Low, Wide as DoubleStep};
use super::drive::Driven;
use super::generated_step::GeneratedStep;
use super::poisson_ahead::PoissonAhead;
use super::sub_steps::SubSteps;
use crate::plan::network::Read;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::Tiles;
use lapicque_expr::Kernel;
use lapicque_projection::Aligned;
use std::sync::Arc;

/// What all partitions share of a population.
pub struct Shared<F: Precision> {
    pub kernel: Arc<Kernel<F>>,
    /// Used in place of all others.
    pub wide: Option<DoubleStep>,
    /// Used in place of the kernel.
    pub printed: Option<GeneratedStep<F>>,
    /// Used in place of the kernel.
    pub rolled: Option<SubSteps<F>>,
    pub drives: Vec<Driven<F>>,
    /// The random numbers of equations in a step: their index in place of a port.
    pub noise: Vec<Driven<F>>,
    /// Whether a port has a drive.
    pub driven: Vec<bool>,
    /// Of compact sums, by port, and of wide sums where there are some.
    pub units: Vec<F>,
    pub wide_units: Vec<Option<f64>>,
    pub blocks: usize,
}

/// A population's neurons in a partition.
pub struct Part<F: Precision> {
    pub population: usize,
    /// First block, counted in the population.
    pub block: usize,
    /// Whole blocks.
    pub lanes: usize,
    pub states: Tiles<F>,
    /// Where the step is computed in double precision.
    pub low: Option<Low<F>>,
    /// In slot order: one value, or one a lane.
    pub coefs: Vec<Aligned<F>>,
    /// Where the accumulators of each port begin, for ports that get synapses.
    pub slots: Vec<Option<usize>>,
    /// By block: the lanes that are neurons.
    pub masks: Vec<u64>,
    /// By block: the spikes of the step.
    pub words: Vec<u64>,
    pub taps: Vec<Tap<F>>,
    /// By port: what its first drive has drawn for the next steps.
    pub ahead: Vec<PoissonAhead>,
    /// What entered ports in the last step, of those that are recorded, by lane.
    pub entered: Vec<(usize, Vec<F>)>,
}

/// A trace's neurons in a partition.
pub struct Tap<F> {
    pub trace: usize,
    pub read: Read,
    pub every: u64,
    pub lanes: Vec<u32>,
    /// Samples of all lanes after one another.
    pub samples: Vec<F>,
}

impl<F: Precision> Part<F> {
    /// The neuron of a lane, counted in its population.
    pub fn neuron(&self, lane: usize, stride: usize) -> usize {
        (self.block + lane / BLOCK * stride) * BLOCK + lane % BLOCK
    }

    /// The lane of a neuron that the part has.
    pub fn lane(&self, neuron: usize, stride: usize) -> usize {
        (neuron / BLOCK - self.block) / stride * BLOCK + neuron % BLOCK
    }
}
