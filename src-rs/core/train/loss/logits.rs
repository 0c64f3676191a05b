//! How outputs become the logits of a softmax, and how the gradient returns to them: losses of labels only state the
//! cost of a row of logits.
//!
//! Either every step has its own row of logits (rate, membrane), or a sample has one (count, max, mean, sum, first
//! spike). In the second case the gradient is distributed over the steps.

use super::bound::{Bound, Chunk};
use super::definition::Output;
use super::first_spike::spike_steps;
use super::options::PerStep;
use super::softmax::{Labels, Rows};
use super::targets::Targets;
use crate::decision::Decision;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_options::choices;

/// Which outputs of a sample become the logits. `S` spikes, `v` membrane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logits {
    /// `S[t]`, a row per step.
    Rate,
    /// The sum of S over steps.
    Count,
    /// The mean of S over steps, and over the neurons of a class.
    MeanRate,
    /// `v[t]`, a row per step.
    Membrane,
    /// The maximum of v over steps.
    MaxMembrane,
    /// The mean of v over steps.
    MeanMembrane,
    /// The sum of v over steps.
    SumMembrane,
    /// A function of the step of the first spike.
    FirstSpike,
}

choices! {
    /// How the step of a first spike becomes a logit; early spikes give large ones.
    pub enum Inverse {
        /// -t
        Negate = "negate",
        /// 1 / (t + 1)
        Reciprocal = "reciprocal",
    }
}

impl Logits {
    pub fn reads(self) -> Output {
        use Logits::{MaxMembrane, MeanMembrane, Membrane, SumMembrane};
        match self {
            Membrane | MaxMembrane | MeanMembrane | SumMembrane => Output::Membrane,
            _ => Output::Spikes,
        }
    }

    pub fn are_of_each_step(self) -> bool {
        matches!(self, Logits::Rate | Logits::Membrane)
    }

    pub fn are_pooled(self) -> bool {
        matches!(self, Logits::Rate | Logits::Count | Logits::MeanRate)
    }

    pub fn decision(self) -> Option<Decision> {
        match self {
            Logits::FirstSpike => Some(Decision::FirstSpike),
            Logits::MaxMembrane => Some(Decision::MaxMembrane),
            _ => None,
        }
    }
}

/// The cost of rows of logits.
pub(super) trait RowLoss {
    /// Overwrites `logits` with the gradient, and *adds* the value of each row that counts to that of its sample.
    fn rows<F: Real>(
        &self,
        level: SimdLevel,
        rows: &Rows,
        logits: &mut [F],
        values: &mut [f64],
    ) -> Result<()>;

    /// How first spikes become logits.
    fn inverse(&self) -> Inverse {
        Inverse::Negate
    }
}

/// A loss of labels, for any kind of logits.
pub(super) fn evaluate<F: Real>(plan: &Bound, of_rows: &impl RowLoss, chunk: Chunk<F>) -> Result<()> {
    let (Targets::Classes(labels), Some(logits)) = (plan.targets, plan.definition.logits) else {
        return Err(Error::Internal { reason: "a loss of labels without labels".into() });
    };
    match logits.are_of_each_step() {
        true => each_step(plan, of_rows, labels, chunk),
        false => once(plan, of_rows, logits, &labels[chunk.first..], chunk),
    }
}

fn each_step<F: Real>(plan: &Bound, of_rows: &impl RowLoss, labels: &[u32], chunk: Chunk<F>) -> Result<()> {
    let Chunk { first, count, signal, grad, per_sample } = chunk;
    let lengths: Vec<usize> = (first..first + count).map(|b| plan.length(b)).collect();
    let share = |s: usize| match plan.stepped.per_step {
        PerStep::Mean => 1.0 / lengths[s] as f64,
        PerStep::Sum => 1.0,
    };
    let scales: Vec<f64> = (0..count).map(|s| plan.scale(first + s) * share(s)).collect();
    let (start, stride) = match plan.targets_vary_in_time {
        true => (plan.from * plan.batch, plan.batch),
        false => (0, 0),
    };
    let labels = Labels { labels: &labels[start + first..], stride };
    let rows = Rows { classes: plan.classes, labels, lengths: &lengths, scales: &scales };
    per_sample.fill(0.0);
    match (plan.block(), grad) {
        (1, Some(grad)) => {
            grad.copy_from_slice(signal);
            of_rows.rows(plan.simd, &rows, grad, per_sample)?;
        }
        (block, grad) => {
            let mut logits = try_vec("logits", signal.len() / block, F::ZERO)?;
            for (logit, outputs) in logits.iter_mut().zip(signal.chunks_exact(block)) {
                outputs.iter().for_each(|&x| *logit += x);
            }
            of_rows.rows(plan.simd, &rows, &mut logits, per_sample)?;
            if let Some(grad) = grad {
                for (outputs, &logit) in grad.chunks_exact_mut(block).zip(&logits) {
                    outputs.fill(logit);
                }
            }
        }
    }
    for (s, value) in per_sample.iter_mut().enumerate() {
        *value *= plan.weight(first + s) * share(s);
    }
    Ok(())
}

fn once<F: Real>(
    plan: &Bound,
    of_rows: &impl RowLoss,
    kind: Logits,
    labels: &[u32],
    chunk: Chunk<F>,
) -> Result<()> {
    let Chunk { first, count, signal, grad, per_sample } = chunk;
    let width = count * plan.neurons;
    let mut outputs = try_vec("logits", width, F::ZERO)?;
    let mut at = Vec::new();
    match kind {
        Logits::MaxMembrane => at = maxima_over_steps(plan, first, signal, &mut outputs)?,
        Logits::FirstSpike => {
            at = spike_steps(plan, first, count, signal, 1)?;
            for (logit, &t) in outputs.iter_mut().zip(&at) {
                *logit = F::from_f64(match of_rows.inverse() {
                    Inverse::Negate => -f64::from(t),
                    Inverse::Reciprocal => 1.0 / (f64::from(t) + 1.0),
                });
            }
        }
        _ => sum_over_steps(plan, first, signal, &mut outputs),
    }
    average(plan, kind, first, &mut outputs);
    let block = plan.block();
    let mut logits = try_vec("logits", width / block, F::ZERO)?;
    for (logit, outputs) in logits.iter_mut().zip(outputs.chunks_exact(block)) {
        outputs.iter().for_each(|&x| *logit += x);
    }
    let scales: Vec<f64> = (first..first + count).map(|b| plan.scale(b)).collect();
    let lengths = vec![1; count];
    let labels = Labels { labels, stride: 0 };
    let rows = Rows { classes: plan.classes, labels, lengths: &lengths, scales: &scales };
    per_sample.fill(0.0);
    of_rows.rows(plan.simd, &rows, &mut logits, per_sample)?;
    for (s, value) in per_sample.iter_mut().enumerate() {
        *value *= plan.weight(first + s);
    }
    let Some(grad) = grad else { return Ok(()) };
    for (outputs, &logit) in outputs.chunks_exact_mut(block).zip(&logits) {
        outputs.fill(logit);
    }
    match kind {
        Logits::MaxMembrane => scatter(&at, &outputs, grad),
        Logits::FirstSpike => {
            // dz/dS = dz/dt * dt/dS with dt/dS = -1 at the spike.
            if of_rows.inverse() == Inverse::Reciprocal {
                for (g, &t) in outputs.iter_mut().zip(&at) {
                    let after = f64::from(t) + 1.0;
                    *g = *g * F::from_f64(1.0 / (after * after));
                }
            }
            scatter(&at, &outputs, grad);
        }
        _ => {
            average(plan, kind, first, &mut outputs);
            spread(plan, first, &outputs, grad);
        }
    }
    Ok(())
}

/// For a loss of means: divides sums over steps, or gradients with respect to means, by the number of terms.
fn average<F: Real>(plan: &Bound, kind: Logits, first: usize, outputs: &mut [F]) {
    let of_each = match kind {
        Logits::MeanMembrane => 1,
        Logits::MeanRate => plan.block(),
        _ => return,
    };
    for (s, row) in outputs.chunks_exact_mut(plan.neurons).enumerate() {
        let share = F::from_f64(1.0 / (plan.length(first + s) * of_each) as f64);
        row.iter_mut().for_each(|x| *x = *x * share);
    }
}

/// `into[s, i]` = sum over the sample's steps of `signal[t, s, i]`, t ascending.
pub(super) fn sum_over_steps<F: Real>(plan: &Bound, first: usize, signal: &[F], into: &mut [F]) {
    into.fill(F::ZERO);
    for (t, row) in signal.chunks_exact(into.len()).enumerate() {
        let samples = into.chunks_exact_mut(plan.neurons).zip(row.chunks_exact(plan.neurons)).enumerate();
        for (_, (sums, values)) in samples.filter(|(s, _)| t < plan.length(first + s)) {
            sums.iter_mut().zip(values).for_each(|(sum, &x)| *sum += x);
        }
    }
}

/// The step of the largest value (the first of equal ones); the value is stored in `into`.
fn maxima_over_steps<F: Real>(plan: &Bound, first: usize, signal: &[F], into: &mut [F]) -> Result<Vec<u32>> {
    let width = into.len();
    let mut at = try_vec("steps of the maxima", width, 0u32)?;
    into.copy_from_slice(&signal[..width]);
    for (t, row) in signal.chunks_exact(width).enumerate().skip(1) {
        for (j, &x) in row.iter().enumerate() {
            // A NaN is passed on, so that it appears in the loss.
            if (x > into[j] || x.partial_cmp(&x).is_none()) && t < plan.length(first + j / plan.neurons) {
                into[j] = x;
                at[j] = t as u32;
            }
        }
    }
    Ok(at)
}

/// The gradient of a sum over steps: the same at every step that counts.
pub(super) fn spread<F: Real>(plan: &Bound, first: usize, gradient: &[F], grad: &mut [F]) {
    for (t, row) in grad.chunks_exact_mut(gradient.len()).enumerate() {
        let samples = row.chunks_exact_mut(plan.neurons).zip(gradient.chunks_exact(plan.neurons)).enumerate();
        for (s, (into, from)) in samples {
            match t < plan.length(first + s) {
                true => into.copy_from_slice(from),
                false => into.fill(F::ZERO),
            }
        }
    }
}

/// The gradient of a value that is taken from one step.
fn scatter<F: Real>(at: &[u32], gradient: &[F], grad: &mut [F]) {
    grad.fill(F::ZERO);
    for (j, (&t, &g)) in at.iter().zip(gradient).enumerate() {
        grad[t as usize * at.len() + j] = g;
    }
}
