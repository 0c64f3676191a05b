//! Squared error against on/off targets of the label, or against given values.
//!
//! A sample's value is the mean over the classes (`sum`: their sum; `none`: each class apart).

use super::cross_entropy::{spread, sum_over_steps};
use super::first_spike::spike_steps;
use super::plan::{Chunk, LossPlan};
use super::spec::{LossKind, PerStep, Reduction};
use super::targets::Targets;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;

pub(super) fn evaluate<F: Real>(plan: &LossPlan, chunk: Chunk<F>) -> Result<()> {
    match plan.spec.kind {
        LossKind::MeanSquaredMembrane => membrane(plan, chunk),
        LossKind::MeanSquaredFirstSpike => spike_times(plan, chunk),
        _ => count(plan, chunk),
    }
}

/// Adds a class's squared error to its sample, and says what one class weighs in the sample.
struct Tally<'p> {
    reduction: Reduction,
    classes: usize,
    per_sample: &'p mut [f64],
}

impl<'p> Tally<'p> {
    fn new(plan: &LossPlan, per_sample: &'p mut [f64]) -> Self {
        per_sample.fill(0.0);
        Tally { reduction: plan.spec.reduction, classes: plan.classes, per_sample }
    }

    fn class_share(&self) -> f64 {
        if self.reduction == Reduction::Sum { 1.0 } else { 1.0 / self.classes as f64 }
    }

    fn add(&mut self, sample: usize, class: usize, weighted_square: f64) {
        match self.reduction {
            Reduction::None => self.per_sample[sample * self.classes + class] += weighted_square,
            _ => self.per_sample[sample] += weighted_square * self.class_share(),
        }
    }
}

/// The target of one class: the given value, or `on` for the label and `off` for the rest.
fn target(plan: &LossPlan, t: usize, sample: usize, class: usize, on: f64, off: f64) -> f64 {
    match plan.targets {
        Targets::Classes(labels) => {
            if labels[sample] as usize == class {
                on
            } else {
                off
            }
        }
        Targets::Values(values) => {
            let row = if plan.targets_vary_in_time { (plan.from + t) * plan.batch } else { 0 };
            values[(row + sample) * plan.classes + class]
        }
    }
}

fn count<F: Real>(plan: &LossPlan, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, grad, per_sample } = chunk;
    let (neurons, block) = (plan.neurons, plan.block());
    let mut sums = try_vec("spike counts", count * neurons, F::ZERO)?;
    sum_over_steps(plan, first, signal, &mut sums);
    let (on_rate, off_rate) =
        (plan.spec.correct_rate.unwrap_or(1.0), plan.spec.incorrect_rate.unwrap_or(0.0));
    let (on, off) = plan.spec.on_off(1.0, 0.0);
    let mut tally = Tally::new(plan, per_sample);
    for s in 0..count {
        let (b, length) = (first + s, plan.length(first + s) as f64);
        let (unit, over, on, off) = match plan.spec.kind {
            LossKind::MeanSquaredRate => (1.0 / (length * block as f64), 1.0, on[0], off[0]),
            // snnTorch wants a whole number of spikes, and divides the square by the steps.
            _ => {
                let whole = |rate: f64| (length * rate * block as f64).trunc();
                (1.0, length, whole(on_rate), whole(off_rate))
            }
        };
        for class in 0..plan.classes {
            let outputs = &mut sums[s * neurons + class * block..][..block];
            let value = outputs.iter().map(|x| x.to_f64()).sum::<f64>() * unit;
            let difference = value - target(plan, 0, b, class, on, off);
            tally.add(s, class, plan.weight(b) * difference * difference / over);
            let slope = 2.0 * difference * unit / over;
            outputs.fill(F::from_f64(slope * plan.scale(b) * tally.class_share()));
        }
    }
    if let Some(grad) = grad {
        spread(plan, first, &sums, grad);
    }
    Ok(())
}

fn membrane<F: Real>(plan: &LossPlan, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, mut grad, per_sample } = chunk;
    let (on, off) = plan.spec.on_off(1.0, 0.0);
    let width = count * plan.neurons;
    let mut tally = Tally::new(plan, per_sample);
    for (t, row) in signal.chunks_exact(width).enumerate() {
        for (s, values) in row.chunks_exact(plan.neurons).enumerate() {
            let (b, length) = (first + s, plan.length(first + s));
            let counts = t < length;
            let share = match plan.spec.per_step.unwrap_or_default() {
                PerStep::Mean => 1.0 / length as f64,
                PerStep::Sum => 1.0,
            };
            let into = t * width + s * plan.neurons;
            if !counts {
                if let Some(grad) = grad.as_deref_mut() {
                    grad[into..into + plan.neurons].fill(F::ZERO);
                }
                continue;
            }
            for (i, value) in values.iter().enumerate() {
                let difference = value.to_f64() - target(plan, t, b, i, on[0], off[0]);
                tally.add(s, i, plan.weight(b) * difference * difference * share);
                if let Some(grad) = grad.as_deref_mut() {
                    let slope = 2.0 * difference * share;
                    grad[into + i] = F::from_f64(slope * plan.scale(b) * tally.class_share());
                }
            }
        }
    }
    Ok(())
}

fn spike_times<F: Real>(plan: &LossPlan, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, mut grad, per_sample } = chunk;
    let (on, off) = plan.spec.on_off(0.0, -1.0);
    let tolerance = plan.spec.tolerance.unwrap_or(0.0);
    let width = count * plan.neurons;
    let spikes = on.len();
    let share = if plan.spec.reduction == Reduction::Sum { 1.0 } else { 1.0 / spikes as f64 };
    let at = spike_steps(plan, first, count, signal, spikes)?;
    let mut tally = Tally::new(plan, per_sample);
    if let Some(grad) = grad.as_deref_mut() {
        grad.fill(F::ZERO);
    }
    for (n, (&on, &off)) in on.iter().zip(&off).enumerate() {
        for j in 0..width {
            let (s, i) = (j / plan.neurons, j % plan.neurons);
            let (b, length) = (first + s, plan.length(first + s) as f64);
            let from_end = |step: f64| if step < 0.0 { length + step } else { step };
            let wanted = from_end(target(plan, 0, b, i, on, off));
            let t = at[n * width + j] as usize;
            let late = t as f64 - wanted;
            let difference = if late.abs() < tolerance { 0.0 } else { late / length };
            tally.add(s, i, plan.weight(b) * difference * difference * share);
            if let Some(grad) = grad.as_deref_mut() {
                // dt/dS = -1 at the spike; spikes that never came share the last step.
                let slope = -2.0 * difference * share / length;
                grad[t * width + j] += F::from_f64(slope * plan.scale(b) * tally.class_share());
            }
        }
    }
    Ok(())
}
