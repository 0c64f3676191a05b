//! What a training step takes and gives back.

use super::decision::Decision;
use super::loss::{LossSpec, RegularizerSpec, Targets};
use lapicque_base::error::{Error, Result};
use lapicque_exec::ActiveCounts;
use lapicque_exec::input::InputValues;
use lapicque_exec::online_plan::OnlineRule;

/// A batch with its loss.
pub struct Batch<'a, F> {
    pub input: InputValues<'a, F>,
    pub targets: Targets<'a>,
    /// Steps of each sample that count; `None`: all.
    pub lengths: Option<&'a [u32]>,
}

/// How gradients are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Back-propagation through the whole sequence.
    #[default]
    Bptt,
    /// Back-propagation through time, but not out of segments of so many steps (R. J. Williams & J. Peng,
    /// Neural Computation 2(4), 1990): states go on from segment to segment, gradients do not go back.
    Truncated(usize),
    /// Forward in time.
    Online(OnlineRule),
}

/// What a training step is besides its batch.
pub struct Objective {
    pub loss: LossSpec,
    /// `(layer, penalty)` on the firing of hidden or output populations.
    pub regularizers: Vec<(usize, RegularizerSpec)>,
    /// Steps per segment of time: fewer need less memory and one more forward pass.
    pub segment: Option<usize>,
    pub method: Method,
    /// Classes whose neurons vote for the labels, where it is not the loss that says.
    pub population_classes: Option<usize>,
    /// What decides the labels; `None`: what the loss and the output suggest.
    pub by: Option<Decision>,
}

impl Objective {
    /// Classes of the labels: blocks of neurons of a population code, or else the neurons themselves.
    ///
    /// # Errors
    /// `invalid-parameter` for classes that are no equal blocks.
    pub(super) fn classes(&self, neurons: usize) -> Result<usize> {
        let classes = self.population_classes.or(self.loss.pooled.population_classes).unwrap_or(neurons);
        if classes == 0 || !neurons.is_multiple_of(classes) {
            let expected = format!("a divisor of the {neurons} outputs");
            return Err(Error::invalid("populationClasses", classes, expected));
        }
        Ok(classes)
    }
}

impl BatchReport {
    /// The labels by sums, where these decide.
    pub(super) fn decide(&mut self, by: Decision) {
        match by {
            Decision::Count => self.labels.clone_from(&self.by_count),
            Decision::Membrane => self.labels.clone_from(&self.by_membrane),
            Decision::MaxMembrane | Decision::FirstSpike => {}
        }
    }
}

/// What a batch said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchReport {
    pub loss: f64,
    /// Each sample's share, without regularizers.
    pub per_sample: Vec<f64>,
    /// The class with the most output spikes of each sample (`membrane`: the largest membrane
    /// summed over time), the lowest of equal ones; of a population code all neurons of a class vote.
    pub by_count: Vec<u32>,
    pub by_membrane: Vec<u32>,
    /// The class of each sample by what was to decide.
    pub labels: Vec<u32>,
    /// What decided, `[samples, classes]`: the largest is that of the label. None of methods forward in time.
    pub scores: Vec<f64>,
    /// Spikes of each population.
    pub spikes: Vec<u64>,
    /// Of each population where the gradient of its spikes is read, and how much of it was computed; empty without a backward pass.
    pub active: Vec<ActiveCounts>,
    /// Spikes (or non-zero values) of the input.
    pub input_events: u64,
    /// Norm of all gradients before clipping, where the update asked for it.
    pub gradient_norm: Option<f64>,
}
