//! What the file of an optimizer declares.

use super::elements::Step;
use lapicque_base::error::Result;
use lapicque_options::OptionSet;

/// An optimizer as documentation tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in plain data and checkpoints, and in TypeScript.
    pub kind: &'static str,
    pub title: &'static str,
    /// One step, as it is computed: `g` gradient, `w` weight.
    pub update: &'static str,
    pub source: &'static str,
}

/// What is known when a parameter takes a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// That of the parameter's group times the schedule's factor.
    pub lr: f64,
    pub weight_decay: f64,
    /// The parameter's own, from 1.
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

    /// Refuses options that do not go together.
    fn check(options: &Self::Options) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// The scalars of one parameter's step.
    fn step(options: &Self::Options, at: At) -> Self::Step;
}
