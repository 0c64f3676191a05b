//! A loss bound to one batch: everything that needs the whole batch is determined here.

use super::bound::{Bound, Chunk};
use super::spec::LossSpec;
use super::targets::{Targets, check_classes, check_lengths, check_values};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;

pub struct LossPlan<'a> {
    pub(super) bound: Bound<'a>,
    pub(super) spec: LossSpec,
}

impl<'a> LossPlan<'a> {
    /// `lengths[b]`: only this many steps of sample `b` count, from the first on (default: all).
    ///
    /// # Errors
    /// `invalid-parameter` naming the entry for a label out of range, a length outside 1..=steps,
    /// a target that is not finite; `shape-mismatch` for lists of wrong length.
    pub fn new(
        spec: &LossSpec,
        targets: Targets<'a>,
        lengths: Option<&'a [u32]>,
        steps: usize,
        batch: usize,
        neurons: usize,
    ) -> Result<Self> {
        for (name, size) in [("steps", steps), ("batch", batch), ("neurons", neurons)] {
            if size == 0 {
                return Err(Error::invalid(name, 0, "at least 1"));
            }
        }
        let classes = spec.pooled.population_classes.unwrap_or(neurons);
        if !neurons.is_multiple_of(classes) {
            let expected = format!("a divisor of the {neurons} outputs");
            return Err(Error::invalid("loss.populationClasses", classes, expected));
        }
        if spec.kind.is_of_labels() && classes == 1 {
            let expected = "a cross-entropy of at least 2 outputs: of one it is 0 whatever the output, and nothing is learned; \
                            such as loss.meanSquaredMembrane() with values as targets, or 2 outputs";
            return Err(Error::invalid("loss", "a cross-entropy of 1 output", expected));
        }
        if let Some(weights) = &spec.common.class_weights
            && weights.len() != classes
        {
            let got = format!("{} weights", weights.len());
            return Err(Error::invalid("loss.classWeights", got, format!("{classes}, one a class")));
        }
        let of_each_step = spec.kind.definition().of_each_step;
        let targets_vary_in_time = match targets {
            Targets::Classes(labels) => {
                let vary = check_classes(labels, steps, batch, classes, of_each_step)?;
                if vary && spec.common.class_weights.is_some() {
                    let expected = "no such option where every step has a label";
                    return Err(Error::invalid("loss.classWeights", "weights", expected));
                }
                vary
            }
            Targets::Values(_) if spec.kind.is_of_labels() || spec.common.class_weights.is_some() => {
                return Err(Error::invalid("targets", "values", "labels, one a sample"));
            }
            Targets::Values(values) => check_values(values, steps, batch, classes, of_each_step)?,
        };
        if let Some(lengths) = lengths {
            check_lengths(lengths, steps, batch)?;
        }
        let from = spec.common.from;
        let shortest =
            lengths.map_or(steps, |lengths| lengths.iter().map(|&l| l as usize).min().unwrap_or(steps));
        if from >= shortest {
            return Err(Error::invalid("loss.from", from, format!("a step below {shortest}")));
        }
        let mut bound = Bound {
            definition: spec.kind.definition(),
            common: spec.common.clone(),
            stepped: spec.stepped.clone(),
            targets,
            targets_vary_in_time,
            lengths,
            steps: steps - from,
            from,
            batch,
            neurons,
            classes,
            simd: SimdLevel::detect(),
            share: 1.0,
        };
        bound.share = bound.sample_share()?;
        Ok(LossPlan { bound, spec: spec.clone() })
    }

    /// The SIMD level to use instead of the CPU's best; the bits do not change.
    pub fn with_simd(mut self, level: SimdLevel) -> Self {
        self.bound.simd = level;
        self
    }

    /// Number of values per sample: 1, or one per class for an unreduced squared error.
    pub fn elements(&self) -> usize {
        if self.spec.keeps_classes_apart() { self.bound.classes } else { 1 }
    }

    /// The loss of samples `first..first + count`. `spikes` and `v` (F32 or F64, spikes 0/1 or
    /// graded) are `[steps, count, neurons]`; so are the gradients, which are those of the whole
    /// batch's loss and are overwritten (with zeros for an output that the loss does not read).
    /// `per_sample`, `[count, elements()]`, receives each sample's value.
    ///
    /// # Errors
    /// `shape-mismatch` when a slice has another length or an output that the loss reads is absent.
    #[allow(clippy::too_many_arguments)]
    pub fn evaluate<F: Real>(
        &self,
        first: usize,
        count: usize,
        spikes: Option<&[F]>,
        v: Option<&[F]>,
        grad_spikes: Option<&mut [F]>,
        grad_v: Option<&mut [F]>,
        per_sample: &mut [f64],
    ) -> Result<()> {
        let shape = |name: &str, got: usize, expected: &[usize]| {
            if got == expected.iter().product::<usize>() {
                return Ok(());
            }
            let (expected, got) = (format!("{expected:?}"), format!("{got} values"));
            Err(Error::ShapeMismatch { layer: format!("loss: {name}"), expected, got })
        };
        if first.checked_add(count).is_none_or(|end| end > self.bound.batch) {
            return Err(Error::invalid(
                "samples",
                format!("{first} + {count}"),
                format!("at most {}", self.bound.batch),
            ));
        }
        let skipped = self.bound.from * count * self.bound.neurons;
        let size = [self.bound.from + self.bound.steps, count, self.bound.neurons];
        let (read, read_name, grad, other_grad) = match self.spec.kind.reads_membrane() {
            true => (v, "v", grad_v, grad_spikes),
            false => (spikes, "spikes", grad_spikes, grad_v),
        };
        shape(read_name, read.map_or(0, <[F]>::len), &size)?;
        shape("per sample", per_sample.len(), &[count, self.elements()])?;
        if let Some(other) = other_grad {
            shape("gradient", other.len(), &size)?;
            other.fill(F::ZERO);
        }
        if let Some(grad) = &grad {
            shape("gradient", grad.len(), &size)?;
        }
        let (Some(signal), true) = (read, count > 0) else { return Ok(()) };
        let signal = &signal[skipped..];
        let grad = grad.map(|grad| {
            let (before, counted) = grad.split_at_mut(skipped);
            before.fill(F::ZERO);
            counted
        });
        let chunk = Chunk { first, count, signal, grad, per_sample };
        self.spec.own.evaluate(&self.bound, chunk)
    }

    /// The batch's loss from every sample's value, `[batch, elements()]`, summed in order.
    pub fn reduce(&self, per_sample: &[f64]) -> f64 {
        per_sample.iter().sum::<f64>() * self.bound.share / self.elements() as f64
    }
}
