//! A partition that nothing reaches and whose states no longer change is not advanced: a step without arrivals left all states as
//! they were, bit for bit, and no neuron fired, so all further ones do the same until something arrives. This needs inputs that
//! are constant from now on, and nobody that reads what happens at each step.

use super::partition::Partition;
use crate::neurons::drive::Drive;
use crate::neurons::part::Shared;
use crate::representation::precision::Precision;

/// Number of steps between two comparisons of all states, while nothing arrives.
const EVERY: u64 = 64;

#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub enum Rest {
    /// Not known; compared at a later step.
    #[default]
    Moving,
    /// Nothing changes until something arrives.
    Resting,
}

impl<F: Precision> Partition<F> {
    /// Whether the states should be compared in this step, at which nothing has arrived.
    pub(super) fn may_rest(&self, shared: &[Shared<F>], step: u64) -> bool {
        step.is_multiple_of(EVERY)
            && self.plastic.is_empty()
            && self.growing.is_empty()
            && self.rates.is_empty()
            && self.means.is_empty()
            && self.junctions.is_empty()
            && shared.iter().all(|shared| is_constant(shared, step))
    }

    /// All states, and the low parts of those that are computed in double precision.
    pub(super) fn all_states(&self) -> Vec<F> {
        self.parts.iter().flat_map(|part| part.states.all()).copied().collect()
    }

    /// Notes whether a step without arrivals left the states as they were.
    pub(super) fn note_rest(&mut self, before: &[F], fired: bool) {
        let mut rest = before;
        let is_same = self.parts.iter().all(|part| {
            let (own, after) = rest.split_at(part.states.all().len());
            rest = after;
            F::same_bits(own, part.states.all()) && part.low.is_none()
        });
        self.rest = if is_same && !fired { Rest::Resting } else { Rest::Moving };
    }
}

/// Whether the inputs of a population are the same at every step from now on.
fn is_constant<F: Precision>(shared: &Shared<F>, step: u64) -> bool {
    let is_constant = |drive: &Drive<F>| match drive {
        Drive::Current { begins, .. } => begins.last().is_none_or(|&begin| begin <= step),
        _ => false,
    };
    // States of cells with morphologies are copies of variables, not all that they have.
    shared.cells.is_none()
        && shared.wide.is_none()
        && shared.noise.is_empty()
        && shared.drives.iter().all(|driven| is_constant(&driven.drive))
}
