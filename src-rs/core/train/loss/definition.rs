//! The declarations of a file of losses: a row for each kind, its options, and the computation.

use super::bound::{Bound, Chunk};
use super::logits::Logits;
use super::options::{CommonOptions, WeightedMean};
use crate::decision::Decision;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_options::OptionSet;

/// The outputs of the last population that a loss reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    Spikes,
    Membrane,
}

/// One kind of loss. `S` spikes, `v` membrane, `y` label, CE softmax cross-entropy.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in plain data; the member of `loss` in TypeScript is the same word in camel case.
    pub kind: &'static str,
    /// The value of one sample as a formula, and what else is to be known.
    pub meaning: &'static str,
    /// Where it was published, or the function of a library that computes the same.
    pub source: &'static str,
    pub reads: Output,
    /// Whether a sample's value is the mean or sum of values of its steps: every step may then have its own target.
    pub of_each_step: bool,
    /// Whether the neurons of a class are pooled (`populationClasses`).
    pub pooled: bool,
    /// For losses of labels: how outputs become the logits of a softmax. Other losses accept values as targets too.
    pub logits: Option<Logits>,
    /// How the label is decided, if not by the count of spikes, or by the membrane of an output that does not spike.
    pub decision: Option<Decision>,
    /// The divisor of the mean with class weights.
    pub weighted_mean: WeightedMean,
    /// The options of its file that this kind reads.
    pub options: &'static [&'static str],
}

impl Definition {
    /// A loss of the softmax of logits: which outputs it reads follows from these.
    pub fn of_logits(
        kind: &'static str,
        logits: Logits,
        meaning: &'static str,
        source: &'static str,
        options: &'static [&'static str],
    ) -> Self {
        Definition {
            kind,
            meaning,
            source,
            reads: logits.reads(),
            of_each_step: logits.are_of_each_step(),
            pooled: logits.are_pooled(),
            logits: Some(logits),
            decision: logits.decision(),
            weighted_mean: WeightedMean::Samples,
            options,
        }
    }
}

/// The losses of a file: one computation, and a kind for each way to apply it.
pub trait Loss {
    /// The options of all kinds together; each kind reads those that its row names.
    type Options: OptionSet;

    fn definitions() -> Vec<Definition>;

    /// Refuses options that contradict each other.
    fn check(definition: &Definition, common: &CommonOptions, options: &Self::Options) -> Result<()> {
        let _ = (definition, common, options);
        Ok(())
    }

    /// The values of a chunk's samples, and the gradient if it is wanted.
    fn evaluate<F: Real>(plan: &Bound, options: &Self::Options, chunk: Chunk<F>) -> Result<()>;
}
