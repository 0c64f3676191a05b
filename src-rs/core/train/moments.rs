//! Which optimizer the moments of the parameters belong to, and how many steps they have taken. Together with the
//! moments themselves, this is the whole state of an optimizer.

use super::optimizer::OptimizerKind;
use super::step::Training;
use lapicque_base::error::Result;
use lapicque_exec::Parameter;
use lapicque_projection::Element;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// As passed over the boundary and stored in checkpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    /// `None` before the first step.
    pub kind: Option<OptimizerKind>,
    /// Number of steps of each parameter that has moments.
    pub steps: BTreeMap<String, u64>,
}

impl<F: Element> Training<F> {
    #[inline(never)]
    pub fn moments(&self) -> Moments {
        let taken = self.network.parameters.iter().filter(|p| p.steps > 0);
        Moments { kind: self.moments_of, steps: taken.map(|p| (p.name.clone(), p.steps)).collect() }
    }

    /// # Errors
    /// `unknown-name` for a parameter that does not exist.
    #[inline(never)]
    pub fn set_moments(&mut self, moments: &Moments) -> Result<()> {
        for (name, &steps) in &moments.steps {
            self.network.parameter_mut(name)?.steps = steps;
        }
        self.moments_of = moments.kind;
        Ok(())
    }

    /// Discards the gradients of all batches since the last step.
    pub fn clear_gradients(&mut self) {
        self.network.parameters.iter_mut().for_each(Parameter::clear_grad);
        self.applied = false;
    }
}
