//! Squared error against on/off targets of the label, or against given values.
//!
//! A sample's value is the mean over the classes (`sum`: their sum; `none`: each class apart).

use super::bound::{Bound, Chunk};
use super::definition::{Definition, Loss, Output};
use super::logits::{spread, sum_over_steps};
use super::options::{PerStep, Reduction, WeightedMean};
use super::targets::Targets;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;
use lapicque_options::{Range, options};

pub struct MeanSquared;

options! {
    pub struct MeanSquaredOptions {
        /// Target spikes per step of the label's output.
        correct_rate: f64 [Range::Unit] = 1.0,
        /// Target spikes per step of the other outputs.
        incorrect_rate: f64 [Range::Unit] = 0.0,
        /// Target of the label's output.
        on_target: f64 = 1.0,
        /// Target of the other outputs.
        off_target: f64 = 0.0,
    }
}

const COUNT: &str = "mean-squared-count";
const RATE: &str = "mean-squared-rate";
const MEMBRANE: &str = "mean-squared-membrane";

impl Loss for MeanSquared {
    type Options = MeanSquaredOptions;

    fn definitions() -> Vec<Definition> {
        let plain = Definition {
            kind: RATE,
            meaning: "(mean over steps of S - target)², averaged over classes: `onTarget` (default 1) for the label, `offTarget` (0) else",
            source: "torch's `mse_loss` of the mean over steps",
            reads: Output::Spikes,
            of_each_step: false,
            pooled: true,
            logits: None,
            decision: None,
            weighted_mean: WeightedMean::Samples,
            options: &["onTarget", "offTarget"],
        };
        vec![
            Definition {
                kind: COUNT,
                meaning: "(count - target)² / steps, averaged over classes; targets are the whole part of steps times `correctRate` (default 1) \
                          for the label and `incorrectRate` (0) for the others, in spikes per step, with `populationClasses` times the \
                          neurons of a class",
                source: "snnTorch's `mse_count_loss`",
                options: &["correctRate", "incorrectRate"],
                ..plain.clone()
            },
            plain.clone(),
            Definition {
                kind: MEMBRANE,
                meaning: "mean (or, with `perStep: 'sum'`, sum) over steps of (v[t] - target)², averaged over classes: `onTarget` (default 1) \
                          for the label, `offTarget` (0) else",
                source: "snnTorch's `mse_membrane_loss`",
                reads: Output::Membrane,
                of_each_step: true,
                pooled: false,
                ..plain
            },
        ]
    }

    fn evaluate<F: Real>(plan: &Bound, options: &MeanSquaredOptions, chunk: Chunk<F>) -> Result<()> {
        match plan.definition.kind {
            MEMBRANE => membrane(plan, options, chunk),
            _ => count(plan, options, chunk),
        }
    }
}

/// Adds a class's squared error to that of its sample, and returns the weight of one class in the sample.
pub(super) struct Tally<'p> {
    reduction: Reduction,
    classes: usize,
    per_sample: &'p mut [f64],
}

impl<'p> Tally<'p> {
    pub(super) fn new(plan: &Bound, per_sample: &'p mut [f64]) -> Self {
        per_sample.fill(0.0);
        Tally { reduction: plan.common.reduction, classes: plan.classes, per_sample }
    }

    pub(super) fn class_share(&self) -> f64 {
        if self.reduction == Reduction::Sum { 1.0 } else { 1.0 / self.classes as f64 }
    }

    pub(super) fn add(&mut self, sample: usize, class: usize, weighted_square: f64) {
        match self.reduction {
            Reduction::None => self.per_sample[sample * self.classes + class] += weighted_square,
            _ => self.per_sample[sample] += weighted_square * self.class_share(),
        }
    }
}

/// The target of one class: the given value, or `on` for the label and `off` for the rest.
pub(super) fn target(plan: &Bound, t: usize, sample: usize, class: usize, on: f64, off: f64) -> f64 {
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

fn count<F: Real>(plan: &Bound, options: &MeanSquaredOptions, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, grad, per_sample } = chunk;
    let (neurons, block) = (plan.neurons, plan.block());
    let mut sums = try_vec("spike counts", count * neurons, F::ZERO)?;
    sum_over_steps(plan, first, signal, &mut sums);
    let (on_rate, off_rate) = (options.correct_rate, options.incorrect_rate);
    let (on, off) = (options.on_target, options.off_target);
    let mut tally = Tally::new(plan, per_sample);
    for s in 0..count {
        let (b, length) = (first + s, plan.length(first + s) as f64);
        let (unit, over, on, off) = match plan.definition.kind {
            RATE => (1.0 / (length * block as f64), 1.0, on, off),
            // snnTorch uses an integer number of spikes, and divides the square by the number of steps.
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

fn membrane<F: Real>(plan: &Bound, options: &MeanSquaredOptions, chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, mut grad, per_sample } = chunk;
    let (on, off) = (options.on_target, options.off_target);
    let width = count * plan.neurons;
    let mut tally = Tally::new(plan, per_sample);
    for (t, row) in signal.chunks_exact(width).enumerate() {
        for (s, values) in row.chunks_exact(plan.neurons).enumerate() {
            let (b, length) = (first + s, plan.length(first + s));
            let counts = t < length;
            let share = match plan.stepped.per_step {
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
                let difference = value.to_f64() - target(plan, t, b, i, on, off);
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
