//! Softmax cross-entropy of labels.

use super::bound::{Bound, Chunk};
use super::definition::{Definition, Loss};
use super::logits::{self, Inverse, Logits, RowLoss};
use super::options::{CommonOptions, WeightedMean};
use super::softmax::{Rows, cross_entropy_rows};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_options::{Range, options};

pub struct CrossEntropy;

options! {
    pub struct CrossEntropyOptions {
        /// Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not
        /// together with `classWeights`.
        label_smoothing: f64 [Range::Unit] = 0.0,
        /// How the step t of a first spike becomes a logit: -t (`'negate'`) or 1/(t+1) (`'reciprocal'`).
        inverse: Inverse = Inverse::Negate,
    }
}

impl Loss for CrossEntropy {
    type Options = CrossEntropyOptions;

    fn definitions() -> Vec<Definition> {
        let of = |kind, logits, meaning, source| {
            Definition::of_logits(kind, logits, meaning, source, &["labelSmoothing"])
        };
        vec![
            of(
                "cross-entropy-rate",
                Logits::Rate,
                "mean (or, with `perStep: 'sum'`, sum) over steps of CE(S[t], y), or of CE(S[t], y[t]) where every step has a label",
                "snnTorch's `ce_rate_loss`",
            ),
            of(
                "cross-entropy-count",
                Logits::Count,
                "CE(sum over steps of S, y)",
                "snnTorch's `ce_count_loss`",
            ),
            of(
                "cross-entropy-mean-rate",
                Logits::MeanRate,
                "CE(mean over steps of S, y), with `populationClasses` the mean over the neurons of a class too",
                "as usual in SpikingJelly: `cross_entropy(out.mean(0), y)`, with its `VotingLayer`",
            ),
            of(
                "cross-entropy-membrane",
                Logits::Membrane,
                "mean (or, with `perStep: 'sum'`, sum) over steps of CE(v[t], y), or of CE(v[t], y[t]) where every step has a label, as in \
                 a language model",
                "snnTorch's `ce_rate_loss` on the membrane",
            ),
            of(
                "cross-entropy-max-membrane",
                Logits::MaxMembrane,
                "CE(max over steps of v, y)",
                "snnTorch's `ce_max_membrane_loss`",
            ),
            of(
                "cross-entropy-mean-membrane",
                Logits::MeanMembrane,
                "CE(mean over steps of v, y): the usual loss of a readout that does not spike",
                "torch's `cross_entropy(v.mean(0), y)`",
            ),
            of(
                "cross-entropy-sum-membrane",
                Logits::SumMembrane,
                "CE(sum over steps of v, y)",
                "torch's `cross_entropy(v.sum(0), y)`",
            ),
            Definition {
                weighted_mean: WeightedMean::Weights,
                options: &["labelSmoothing", "inverse"],
                ..of(
                    "cross-entropy-first-spike",
                    Logits::FirstSpike,
                    "CE(f(step of the first spike), y), f = -t (`inverse: 'negate'`, the default) or 1/(t+1) (`'reciprocal'`). A neuron that \
                     is silent has its first spike at the last step.",
                    "snnTorch's `ce_temporal_loss`",
                )
            },
        ]
    }

    fn check(_: &Definition, common: &CommonOptions, options: &CrossEntropyOptions) -> Result<()> {
        if options.label_smoothing > 0.0 && common.class_weights.is_some() {
            let expected = "no such option beside class weights";
            return Err(Error::invalid("loss.labelSmoothing", options.label_smoothing, expected));
        }
        Ok(())
    }

    fn evaluate<F: Real>(plan: &Bound, options: &CrossEntropyOptions, chunk: Chunk<F>) -> Result<()> {
        logits::evaluate(plan, options, chunk)
    }
}

impl RowLoss for CrossEntropyOptions {
    fn rows<F: Real>(
        &self,
        level: SimdLevel,
        rows: &Rows,
        logits: &mut [F],
        values: &mut [f64],
    ) -> Result<()> {
        cross_entropy_rows(level, rows, self.label_smoothing, logits, values)
    }

    fn inverse(&self) -> Inverse {
        self.inverse
    }
}
