//! The targets and lengths of one batch, with what a loss needs of its whole batch.

use super::definition::Definition;
use super::options::{CommonOptions, Reduction, SteppedOptions, WeightedMean};
use super::targets::Targets;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;

pub struct Bound<'a> {
    pub definition: &'static Definition,
    pub common: CommonOptions,
    pub stepped: SteppedOptions,
    pub targets: Targets<'a>,
    pub targets_vary_in_time: bool,
    pub lengths: Option<&'a [u32]>,
    /// Steps that count, from `from` on.
    pub steps: usize,
    pub from: usize,
    pub batch: usize,
    pub neurons: usize,
    /// `neurons`, or the number of blocks of a population code.
    pub classes: usize,
    pub simd: SimdLevel,
    /// The weight of one sample in the batch's loss.
    pub share: f64,
}

/// Outputs of some samples, `[steps, count, neurons]`, and the buffers for their gradient.
pub struct Chunk<'c, F> {
    pub first: usize,
    pub count: usize,
    pub signal: &'c [F],
    pub grad: Option<&'c mut [F]>,
    /// `[count, LossPlan::elements]`, to be overwritten.
    pub per_sample: &'c mut [f64],
}

impl Bound<'_> {
    /// # Errors
    /// `invalid-parameter` for class weights that are all 0 for the labels present.
    pub fn sample_share(&self) -> Result<f64> {
        if self.common.reduction == Reduction::Sum {
            return Ok(1.0);
        }
        let default = self.definition.weighted_mean;
        match self.common.weighted_mean.unwrap_or(default) {
            WeightedMean::Samples => Ok(1.0 / self.batch as f64),
            WeightedMean::Weights => {
                let total: f64 = (0..self.batch).map(|b| self.weight(b)).sum();
                if total > 0.0 {
                    Ok(1.0 / total)
                } else {
                    Err(Error::invalid(
                        "loss.classWeights",
                        "0 in total",
                        "a positive weight for a label present",
                    ))
                }
            }
        }
    }

    pub fn length(&self, sample: usize) -> usize {
        self.lengths.map_or(self.steps, |lengths| lengths[sample] as usize - self.from)
    }

    /// The class weight of a sample's label.
    pub fn weight(&self, sample: usize) -> f64 {
        match (&self.common.class_weights, self.targets) {
            (Some(weights), Targets::Classes(labels)) => weights[labels[sample] as usize],
            _ => 1.0,
        }
    }

    /// d(batch loss) / d(sample's unweighted value).
    pub fn scale(&self, sample: usize) -> f64 {
        self.weight(sample) * self.share
    }

    /// Number of outputs that vote for one class.
    pub fn block(&self) -> usize {
        self.neurons / self.classes
    }
}
