//! Squared error of the steps of first spikes.

use super::bound::{Bound, Chunk};
use super::definition::{Definition, Loss, Output};
use super::first_spike::spike_steps;
use super::mean_squared::{Tally, target};
use super::options::{CommonOptions, Reduction, WeightedMean};
use crate::decision::Decision;
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_options::{OneOrMany, Range, options};

pub struct MeanSquaredFirstSpike;

options! {
    pub struct SpikeTimeOptions {
        /// Step of the label's first spike, or of its first spikes; below 0 counts from the end.
        on_target: OneOrMany = OneOrMany::One(0.0),
        /// Step of the others' first spike, or of as many spikes as `onTarget` has.
        off_target: OneOrMany = OneOrMany::One(-1.0),
        /// A spike less than this number of steps from its target has no error.
        tolerance: f64 [Range::NotNegative] = 0.0,
    }
}

impl Loss for MeanSquaredFirstSpike {
    type Options = SpikeTimeOptions;

    fn definitions() -> Vec<Definition> {
        vec![Definition {
            kind: "mean-squared-first-spike",
            meaning: "((step of the spike - target) / steps)², averaged over classes, of the first spike, or \
                      averaged over as many spikes as there are targets: `onTarget` (default 0, the first step) for \
                      the label, otherwise `offTarget` (-1, the last step: negative numbers count from the end). A \
                      spike less than `tolerance` (0) steps from its target has no error; a missing spike counts as \
                      one in the last step. The gradient is -1 at the step of the spike.",
            source: "snnTorch's `mse_temporal_loss`",
            reads: Output::Spikes,
            of_each_step: false,
            pooled: false,
            logits: None,
            decision: Some(Decision::FirstSpike),
            weighted_mean: WeightedMean::Samples,
            options: &["onTarget", "offTarget", "tolerance"],
        }]
    }

    fn check(_: &Definition, _: &CommonOptions, options: &SpikeTimeOptions) -> Result<()> {
        let (on, off) = (options.on_target.as_slice().len(), options.off_target.as_slice().len());
        match on == off {
            true => Ok(()),
            false => {
                let (got, expected) = (format!("{off} targets"), format!("{on}, as onTarget"));
                Err(Error::invalid("loss.offTarget", got, expected))
            }
        }
    }

    fn evaluate<F: Real>(plan: &Bound, options: &SpikeTimeOptions, chunk: Chunk<F>) -> Result<()> {
        spike_times(plan, options, chunk)
    }
}

fn spike_times<F: Real>(plan: &Bound, options: &SpikeTimeOptions, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, mut grad, per_sample } = chunk;
    let (on, off) = (options.on_target.as_slice(), options.off_target.as_slice());
    let tolerance = options.tolerance;
    let width = count * plan.neurons;
    let spikes = on.len();
    let share = if plan.common.reduction == Reduction::Sum { 1.0 } else { 1.0 / spikes as f64 };
    let at = spike_steps(plan, first, count, signal, spikes)?;
    let mut tally = Tally::new(plan, per_sample);
    if let Some(grad) = grad.as_deref_mut() {
        grad.fill(F::ZERO);
    }
    for (n, (&on, &off)) in on.iter().zip(off).enumerate() {
        for j in 0..width {
            let (s, i) = (j / plan.neurons, j % plan.neurons);
            let (b, length) = (first + s, plan.length(first + s) as f64);
            let from_end = |step: f64| if step < 0.0 { length + step } else { step };
            let target_step = from_end(target(plan, 0, b, i, on, off));
            let t = at[n * width + j] as usize;
            let late = t as f64 - target_step;
            let difference = if late.abs() < tolerance { 0.0 } else { late / length };
            tally.add(s, i, plan.weight(b) * difference * difference * share);
            if let Some(grad) = grad.as_deref_mut() {
                // dt/dS = -1 at the spike; missing spikes all count at the last step.
                let slope = -2.0 * difference * share / length;
                grad[t * width + j] += F::from_f64(slope * plan.scale(b) * tally.class_share());
            }
        }
    }
    Ok(())
}
