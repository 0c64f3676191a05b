//! Losses over the output layer's spikes and membrane, with their gradients.
//!
//! Each loss is one file, declared and listed below. A [`LossSpec`] states what is computed; a [`LossPlan`] binds it to
//! the targets and lengths of one batch. The plan knows the whole batch, so chunks of samples may be evaluated in any
//! order and on any thread. The value and gradient of a sample depend only on that sample and the plan.

mod bound;
mod cross_entropy;
mod definition;
mod first_spike;
mod focal;
mod logits;
mod mean_squared;
mod mean_squared_first_spike;
mod options;
mod outputs;
mod plan;
mod registry;
mod regularizer;
mod softmax;
mod spec;
mod targets;

#[cfg(test)]
mod tests;

use bound::{Bound, Chunk};
use definition::Loss;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_options::OptionSet;

pub use definition::{Definition, Output};
pub use options::{CommonOptions, PerStep, PooledOptions, Reduction, SteppedOptions, WeightedMean};
pub use outputs::LossOfOutputs;
pub use plan::LossPlan;
pub use registry::{LossKind, describe};
pub use regularizer::{RateOver, RegularizerPlan, RegularizerSpec, penalty_of};
pub use spec::LossSpec;
pub use targets::Targets;

macro_rules! losses {
    ($($file:ident::$Loss:ident),* $(,)?) => {
        /// The options of a file of losses.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Own {
            $($Loss(<$file::$Loss as Loss>::Options)),*
        }

        impl Own {
            fn evaluate<F: Real>(&self, bound: &Bound, chunk: Chunk<F>) -> Result<()> {
                match self {
                    $(Own::$Loss(options) => $file::$Loss::evaluate(bound, options, chunk)),*
                }
            }
        }

        fn entries() -> Vec<registry::Entry> {
            let mut all = Vec::new();
            $(all.extend(registry::entries_of::<$file::$Loss>(|definition, common, reader| {
                let options = <$file::$Loss as Loss>::Options::read(reader)?;
                $file::$Loss::check(definition, common, &options)?;
                Ok(Own::$Loss(options))
            }));)*
            all
        }
    };
}

losses![
    cross_entropy::CrossEntropy,
    mean_squared::MeanSquared,
    mean_squared_first_spike::MeanSquaredFirstSpike,
    focal::Focal,
];
