//! Losses over the output layer's spikes and membrane, with their gradients.
//!
//! A [`LossSpec`] says what is computed, a [`LossPlan`] binds it to one batch's targets and
//! lengths. The plan knows the whole batch, so chunks of samples may be evaluated in any order and
//! on any thread: every sample's value and gradient depend on that sample and the plan alone.

mod cross_entropy;
mod first_spike;
mod mean_squared;
mod plan;
mod regulariser;
mod softmax;
mod spec;
mod targets;

#[cfg(test)]
mod tests;

pub use plan::LossPlan;
pub use regulariser::{RateOver, RegulariserPlan, RegulariserSpec, penalty_of};
pub use spec::{Inverse, LossKind, LossSpec, PerStep, Reduction, WeightedMean};
pub use targets::Targets;
