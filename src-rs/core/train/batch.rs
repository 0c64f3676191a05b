//! The input and the result of a training step.

use super::decision::Decision;
use super::declared::Declared;
use super::loss::{LossSpec, RegularizerSpec, Targets};
use super::traced::TracedLoss;
use lapicque_base::error::{Error, Result};
use lapicque_exec::ActiveCounts;
use lapicque_exec::input::InputValues;
use lapicque_exec::online_plan::OnlineRule;
use lapicque_exec::state::NetworkState;

/// A batch with its loss.
pub struct Batch<'a, F> {
    pub input: InputValues<'a, F>,
    pub targets: Targets<'a>,
    /// Number of steps of each sample that count; `None`: all.
    pub lengths: Option<&'a [u32]>,
    /// Further tensors by name, which traced losses read.
    pub extra: &'a [(String, Vec<f64>)],
    /// The state before the first step, which is constant for the gradient; `None`: at rest.
    pub initial: Option<&'a NetworkState<F>>,
}

/// How gradients are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Back-propagation through the whole sequence.
    #[default]
    Bptt,
    /// Back-propagation through time, but not across segments of this many steps (R. J. Williams & J. Peng, Neural
    /// Computation 2(4), 1990): states are carried from segment to segment, gradients are not.
    Truncated(usize),
    /// Forward in time.
    Online(OnlineRule),
}

/// What a training step minimizes.
pub enum ObjectiveLoss {
    /// A loss of the registry.
    Registered(LossSpec),
    Traced(TracedLoss),
}

impl ObjectiveLoss {
    /// # Errors
    /// Those of [`LossSpec::from_json`] and [`TracedLoss::from_json`].
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        match value.get("kind").and_then(serde_json::Value::as_str) {
            Some(TracedLoss::KIND) => TracedLoss::from_json(value).map(ObjectiveLoss::Traced),
            _ => LossSpec::from_json(value).map(ObjectiveLoss::Registered),
        }
    }

    /// The decision of labels that the loss suggests.
    pub(super) fn decision(&self) -> Option<Decision> {
        match self {
            ObjectiveLoss::Registered(loss) => loss.kind.definition().decision,
            ObjectiveLoss::Traced(_) => None,
        }
    }
}

/// The options of a training step, in addition to its batch.
pub struct Objective {
    pub loss: ObjectiveLoss,
    /// Traced functions that are evaluated beside the loss, without gradients.
    pub metrics: Vec<TracedLoss>,
    /// What decides the labels in place of `by`.
    pub readout: Option<TracedLoss>,
    /// `(layer, penalty)` on the firing of hidden or output populations.
    pub regularizers: Vec<(usize, RegularizerSpec)>,
    /// Steps per segment of time: short segments need less memory, but one more forward pass.
    pub segment: Option<usize>,
    pub method: Method,
    /// Number of classes whose neurons vote for the labels, if the loss does not state it.
    pub population_classes: Option<usize>,
    /// How labels are decided; `None`: as the loss and the output suggest.
    pub by: Option<Decision>,
}

impl Objective {
    /// The parameters that its traced functions declare.
    pub fn declared(&self) -> Vec<Declared> {
        let of_loss = match &self.loss {
            ObjectiveLoss::Registered(_) => None,
            ObjectiveLoss::Traced(loss) => Some(loss),
        };
        of_loss
            .into_iter()
            .chain(&self.metrics)
            .chain(&self.readout)
            .flat_map(|loss| loss.parameters())
            .cloned()
            .collect()
    }

    /// Number of classes of the labels: blocks of neurons of a population code, otherwise the neurons themselves.
    ///
    /// # Errors
    /// `invalid-parameter` if the outputs cannot be divided into this many equal blocks.
    pub(super) fn classes(&self, neurons: usize) -> Result<usize> {
        let of_loss = match &self.loss {
            ObjectiveLoss::Registered(loss) => loss.pooled.population_classes,
            ObjectiveLoss::Traced(_) => None,
        };
        let classes = self.population_classes.or(of_loss).unwrap_or(neurons);
        if classes == 0 || !neurons.is_multiple_of(classes) {
            let expected = format!("a divisor of the {neurons} outputs");
            return Err(Error::invalid("populationClasses", classes, expected));
        }
        Ok(classes)
    }
}

impl BatchReport {
    /// Sets the labels from sums, if sums decide.
    pub(super) fn decide(&mut self, by: Decision) {
        match by {
            Decision::Count => self.labels.clone_from(&self.by_count),
            Decision::Membrane => self.labels.clone_from(&self.by_membrane),
            Decision::MaxMembrane | Decision::FirstSpike => {}
        }
    }
}

/// The result of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchReport {
    pub loss: f64,
    /// The loss of each sample, without regularizers.
    pub per_sample: Vec<f64>,
    /// The terms of a traced loss by name, without regularizers.
    pub terms: Vec<(String, f64)>,
    /// By metric: its results by name.
    pub metrics: Vec<Vec<(String, f64)>>,
    /// The class of each sample with the most output spikes (`by_membrane`: with the largest membrane summed over
    /// time); the lowest if several are equal. In a population code all neurons of a class vote.
    pub by_count: Vec<u32>,
    pub by_membrane: Vec<u32>,
    /// The class of each sample according to the decision.
    pub labels: Vec<u32>,
    /// The scores of the decision, `[samples, classes]`; the label has the largest one. Empty for methods forward in
    /// time.
    pub scores: Vec<f64>,
    /// Number of classes that the labels are decided between.
    pub classes: usize,
    /// Number of spikes of each population.
    pub spikes: Vec<u64>,
    /// By population: where the gradient of its spikes is read, and how much of it was computed; empty without a
    /// backward pass.
    pub active: Vec<ActiveCounts>,
    /// Number of spikes (or non-zero values) of the input.
    pub input_events: u64,
    /// The state after the last step, if the batch has an initial one; exact for either precision.
    pub state: Option<NetworkState<f64>>,
    /// Norm of all gradients before clipping, if the update asks for it.
    pub gradient_norm: Option<f64>,
}
