//! The declarations of an optimizer's file.

use super::elements::Step;
use lapicque_base::error::Result;
use lapicque_options::OptionSet;

/// An optimizer as documentation describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in plain data and checkpoints, and in TypeScript.
    pub kind: &'static str,
    pub title: &'static str,
    /// One step, as it is computed: `g` gradient, `w` weight.
    pub update: &'static str,
    pub source: &'static str,
}

/// The data of a parameter's step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// The learning rate of the parameter's group times the factor of the schedule.
    pub lr: f64,
    pub weight_decay: f64,
    /// The number of the parameter's step, from 1.
    pub step: u64,
    /// Whether its moments begin with this step.
    pub fresh: bool,
    /// Multiplies the gradient first: 1, or the factor of a clipped norm.
    pub grad_scale: f64,
}

/// An optimizer. `lr` and `weightDecay` are among its options; a group of parameters may have others.
pub trait Optimizer {
    type Options: OptionSet;
    type Step: Step;

    fn definition() -> Definition;

    /// Learning rate and weight decay.
    fn common(options: &Self::Options) -> (f64, f64);

    /// Refuses options that contradict each other.
    fn check(options: &Self::Options) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// The scalars of one parameter's step.
    fn step(options: &Self::Options, at: At) -> Self::Step;
}
