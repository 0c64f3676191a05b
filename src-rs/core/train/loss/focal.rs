//! Focal loss: a cross-entropy in which samples that are classified well count less.

use super::bound::{Bound, Chunk};
use super::definition::{Definition, Loss};
use super::logits::{self, Logits, RowLoss};
use super::softmax::Rows;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_options::{Range, options};

pub struct Focal;

options! {
    pub struct FocalOptions {
        /// Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy.
        gamma: f64 [Range::NotNegative] = 2.0,
    }
}

/// The source of all kinds; `classWeights` are the paper's alpha.
const SOURCE: &str = "T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`";

impl Loss for Focal {
    type Options = FocalOptions;

    fn definitions() -> Vec<Definition> {
        let of = |kind, logits, meaning| Definition::of_logits(kind, logits, meaning, SOURCE, &["gamma"]);
        vec![
            of(
                "focal-rate",
                Logits::Rate,
                "mean (or, with `perStep: 'sum'`, sum) over steps of (1 - p)^gamma CE(S[t], y), p = softmax(S[t])[y]; with y[t] where \
                 every step has a label",
            ),
            of(
                "focal-count",
                Logits::Count,
                "(1 - p)^gamma CE(sum over steps of S, y), p = softmax(sum over steps of S)[y]",
            ),
            of(
                "focal-mean-rate",
                Logits::MeanRate,
                "(1 - p)^gamma CE(mean over steps of S, y), p = softmax(mean over steps of S)[y]; with `populationClasses` the mean over \
                 the neurons of a class too",
            ),
            of(
                "focal-membrane",
                Logits::Membrane,
                "mean (or, with `perStep: 'sum'`, sum) over steps of (1 - p)^gamma CE(v[t], y), p = softmax(v[t])[y]; with y[t] where \
                 every step has a label",
            ),
            of(
                "focal-max-membrane",
                Logits::MaxMembrane,
                "(1 - p)^gamma CE(max over steps of v, y), p = softmax(max over steps of v)[y]",
            ),
            of(
                "focal-mean-membrane",
                Logits::MeanMembrane,
                "(1 - p)^gamma CE(mean over steps of v, y), p = softmax(mean over steps of v)[y]",
            ),
            of(
                "focal-sum-membrane",
                Logits::SumMembrane,
                "(1 - p)^gamma CE(sum over steps of v, y), p = softmax(sum over steps of v)[y]",
            ),
        ]
    }

    fn evaluate<F: Real>(plan: &Bound, options: &FocalOptions, chunk: Chunk<F>) -> Result<()> {
        logits::evaluate(plan, options, chunk)
    }
}

impl RowLoss for FocalOptions {
    fn rows<F: Real>(&self, _: SimdLevel, rows: &Rows, logits: &mut [F], values: &mut [f64]) -> Result<()> {
        let mut p = try_vec("probabilities", rows.classes, 0.0f64)?;
        let of_row = |s: usize, label: usize, row: &mut [F]| {
            let (value, slope) = self.of_row(row, label, &mut p);
            values[s] += value;
            // d log p[y] / d z[j] is 1 at the label minus p[j].
            for (j, (x, &p)) in row.iter_mut().zip(&p).enumerate() {
                let own = if j == label { 1.0 } else { 0.0 };
                *x = F::from_f64(rows.scales[s] * slope * (own - p));
            }
        };
        rows.each(logits, of_row, |row| row.fill(F::ZERO));
        Ok(())
    }
}

impl FocalOptions {
    /// The value, and its derivative with respect to log p\[y\]; the softmax in `p`.
    fn of_row<F: Real>(&self, row: &[F], label: usize, p: &mut [f64]) -> (f64, f64) {
        let mut max = row[0].to_f64();
        for x in row {
            max = if x.to_f64() > max { x.to_f64() } else { max };
        }
        p.iter_mut().zip(row).for_each(|(p, x)| *p = libm::exp(x.to_f64() - max));
        let sum: f64 = p.iter().sum();
        let log_p = row[label].to_f64() - max - libm::log(sum);
        p.iter_mut().for_each(|p| *p /= sum);
        // Computed from the other probabilities, so that it keeps its digits if p is near 1.
        let rest: f64 = p.iter().enumerate().filter(|&(j, _)| j != label).map(|(_, p)| p).sum();
        let factor = libm::pow(rest, self.gamma);
        // gamma (1 - p)^(gamma - 1) p log p; its limit is 0 for p = 1 and gamma > 0.
        let bend = match rest > 0.0 {
            true => self.gamma * factor / rest * p[label] * log_p,
            false => 0.0,
        };
        (-factor * log_p, bend - factor)
    }
}
