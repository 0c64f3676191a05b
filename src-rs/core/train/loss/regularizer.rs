//! Penalties on a layer's firing rates, from spike counts alone.
//!
//! Such a penalty has the same gradient at every step. So the executor needs neither the layer's raster nor a gradient
//! of that size: one number per sample and neuron is added at each step.

use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::real::Real;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum RegularizerSpec {
    /// `lambda` · sum of all spikes of the batch (snnTorch's `l1_rate_sparsity`).
    L1Count { lambda: f64 },
    /// `lambda` · mean over samples and neurons of the rate, in spikes per step.
    L1Rate { lambda: f64 },
    /// `lambda` · mean over samples and neurons of (below `low`)² + (above `high`)², rates in
    /// spikes per step; of a rate over the batch, mean over neurons.
    RateBand {
        lambda: f64,
        low: f64,
        high: f64,
        #[serde(default, skip_serializing_if = "is_default")]
        over: RateOver,
    },
}

/// The rate that a penalty reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateOver {
    /// The rate of a neuron in each sample.
    #[default]
    Sample,
    /// The rate of a neuron over all samples of the batch.
    Batch,
}

fn is_default(over: &RateOver) -> bool {
    *over == RateOver::Sample
}

impl RegularizerSpec {
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option, or a value out of range.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        let spec: Self = serde_json::from_value(value.clone())
            .map_err(|reason| Error::invalid("regularizer", value, reason.to_string()))?;
        spec.validate()?;
        Ok(spec)
    }

    /// Whether the value of a sample depends on the other samples, so that all have to be in memory at once.
    pub fn needs_whole_batch(&self) -> bool {
        matches!(self, RegularizerSpec::RateBand { over: RateOver::Batch, .. })
    }

    fn validate(&self) -> Result<()> {
        let (RegularizerSpec::L1Count { lambda }
        | RegularizerSpec::L1Rate { lambda }
        | RegularizerSpec::RateBand { lambda, .. }) = self;
        if !lambda.is_finite() {
            return Err(Error::invalid("regularizer.lambda", lambda, "a finite number"));
        }
        if let RegularizerSpec::RateBand { low, high, .. } = self
            && !(*low >= 0.0 && low <= high && high.is_finite())
        {
            let got = format!("[{low}, {high}]");
            return Err(Error::invalid("regularizer.low, high", got, "0 <= low <= high"));
        }
        Ok(())
    }
}

/// The penalty of given spikes, `[steps, batch, neurons]`, 0 and 1 or graded, of the whole batch.
///
/// # Errors
/// Those of [`RegularizerPlan::new`]; `shape-mismatch` for spikes of another number.
pub fn penalty_of(
    spec: &RegularizerSpec,
    spikes: &[f32],
    lengths: Option<&[u32]>,
    [steps, batch, neurons]: [usize; 3],
) -> Result<f64> {
    let plan = RegularizerPlan::new(spec, lengths, steps, batch, neurons)?;
    let width = batch.saturating_mul(neurons);
    if width.checked_mul(steps) != Some(spikes.len()) {
        return Err(Error::ShapeMismatch {
            layer: "spikes".into(),
            expected: format!("[{steps}, {batch}, {neurons}]"),
            got: format!("{} values", spikes.len()),
        });
    }
    let mut counts = try_vec("spike counts", width, 0.0f64)?;
    for (step, row) in spikes.chunks_exact(width).enumerate() {
        for (i, (count, &s)) in counts.iter_mut().zip(row).enumerate() {
            if lengths.is_none_or(|lengths| step < lengths[i / neurons] as usize) {
                *count += f64::from(s);
            }
        }
    }
    let mut per_sample = try_vec("penalties", batch, 0.0f64)?;
    plan.evaluate(0, &counts, None, &mut per_sample)?;
    Ok(per_sample.iter().sum())
}

/// A regularizer bound to one batch and layer.
pub struct RegularizerPlan<'a> {
    spec: RegularizerSpec,
    lengths: Option<&'a [u32]>,
    steps: usize,
    batch: usize,
    neurons: usize,
}

impl<'a> RegularizerPlan<'a> {
    /// # Errors
    /// `invalid-parameter` for an empty batch or a length outside 1..=steps.
    pub fn new(
        spec: &RegularizerSpec,
        lengths: Option<&'a [u32]>,
        steps: usize,
        batch: usize,
        neurons: usize,
    ) -> Result<Self> {
        spec.validate()?;
        for (name, size) in [("steps", steps), ("batch", batch), ("neurons", neurons)] {
            if size == 0 {
                return Err(Error::invalid(name, 0, "at least 1"));
            }
        }
        if let Some(lengths) = lengths {
            super::targets::check_lengths(lengths, steps, batch)?;
        }
        Ok(RegularizerPlan { spec: spec.clone(), lengths, steps, batch, neurons })
    }

    /// `counts` `[count, neurons]`: spikes (or the sum of graded ones) of samples `first..` over the steps that count.
    /// *Adds* each sample's part of the loss to `per_sample`. Writes to `grad`, `[count, neurons]`, the value to be
    /// added to d(loss)/d(spike) at every such step.
    ///
    /// # Errors
    /// `shape-mismatch` when a slice has another length.
    pub fn evaluate<F: Real>(
        &self,
        first: usize,
        counts: &[F],
        grad: Option<&mut [F]>,
        per_sample: &mut [f64],
    ) -> Result<()> {
        let samples = per_sample.len();
        let grad_fits = grad.as_ref().is_none_or(|grad| grad.len() == counts.len());
        if counts.len() != samples * self.neurons || !grad_fits || first + samples > self.batch {
            return Err(Error::ShapeMismatch {
                layer: "regularizer: counts".into(),
                expected: format!("[{samples}, {}]", self.neurons),
                got: format!("{} values", counts.len()),
            });
        }
        let mut grad = grad;
        if self.spec.needs_whole_batch() {
            return self.over_batch(counts, grad, per_sample);
        }
        for (s, total) in per_sample.iter_mut().enumerate() {
            let steps = self.lengths.map_or(self.steps, |lengths| lengths[first + s] as usize) as f64;
            for j in s * self.neurons..(s + 1) * self.neurons {
                let (value, slope) = self.penalty(counts[j].to_f64(), steps);
                *total += value;
                if let Some(grad) = grad.as_deref_mut() {
                    grad[j] = F::from_f64(slope);
                }
            }
        }
        Ok(())
    }

    /// The penalty of rates over the batch; every sample has the same part of it.
    fn over_batch<F: Real>(
        &self,
        counts: &[F],
        mut grad: Option<&mut [F]>,
        per_sample: &mut [f64],
    ) -> Result<()> {
        if per_sample.len() != self.batch {
            return Err(Error::Internal { reason: "a part of the batch for a rate over all of it".into() });
        }
        let steps = self.lengths.map_or((self.steps * self.batch) as f64, |lengths| {
            lengths.iter().map(|&length| f64::from(length)).sum()
        });
        for j in 0..self.neurons {
            let count: f64 = counts.iter().skip(j).step_by(self.neurons).map(|x| x.to_f64()).sum();
            let (value, slope) = self.band(count, steps, self.neurons as f64);
            per_sample.iter_mut().for_each(|total| *total += value / self.batch as f64);
            if let Some(grad) = grad.as_deref_mut() {
                grad.iter_mut().skip(j).step_by(self.neurons).for_each(|g| *g = F::from_f64(slope));
            }
        }
        Ok(())
    }

    /// A rate's part of the mean of `entries` squared distances from the band, and its derivative with respect to one
    /// spike.
    fn band(&self, count: f64, steps: f64, entries: f64) -> (f64, f64) {
        let RegularizerSpec::RateBand { lambda, low, high, .. } = self.spec else { return (0.0, 0.0) };
        let rate = count / steps;
        let outside = if rate < low {
            rate - low
        } else if rate > high {
            rate - high
        } else {
            0.0
        };
        (lambda * outside * outside / entries, 2.0 * lambda * outside / (entries * steps))
    }

    /// One neuron's part of the loss, and its derivative with respect to one spike.
    fn penalty(&self, count: f64, steps: f64) -> (f64, f64) {
        let entries = (self.batch * self.neurons) as f64;
        match self.spec {
            RegularizerSpec::L1Count { lambda } => (lambda * count, lambda),
            RegularizerSpec::L1Rate { lambda } => {
                let slope = lambda / (entries * steps);
                (slope * count, slope)
            }
            RegularizerSpec::RateBand { .. } => self.band(count, steps, entries),
        }
    }
}
