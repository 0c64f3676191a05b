//! States that partitions publish after a step, and the gap junction currents from them.

use super::partition::Partition;
use crate::neurons::junctions::{ABREAST, Junctions, sums};
use crate::plan::network::Plan;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;

impl<F: Precision> Partition<F> {
    /// Publishes states after a step.
    pub fn publish(&self, plan: &Plan, into: &mut Vec<F>) {
        into.clear();
        for &(population, state) in &plan.published {
            let parts = self.parts.iter().filter(|part| part.population == population);
            parts.for_each(|part| {
                into.extend((0..part.neuron_slots).map(|neuron_slot| part.states.at(state, neuron_slot)))
            });
        }
    }

    /// Computes the currents of the next step from the published states of all partitions.
    pub fn compute_gap_currents<P: std::ops::Deref<Target = Vec<F>>>(&mut self, published: &[P]) {
        self.published.clear();
        published.iter().for_each(|states| self.published.extend_from_slice(states));
        for junctions in &mut self.junctions {
            let states = &self.parts[junctions.part].states;
            let Junctions { state, starts, others, conductances, currents, .. } = junctions;
            let v = |neuron_slot| state.map_or(<F as Real>::ZERO, |state| states.at(state, neuron_slot));
            let all = (&others[..], &conductances[..], &self.published[..]);
            for (group, currents) in currents.as_chunks_mut::<ABREAST>().0.iter_mut().enumerate() {
                let first = group * ABREAST;
                let own = std::array::from_fn(|i| starts[first + i] as usize..starts[first + i + 1] as usize);
                *currents = sums(all, own, std::array::from_fn(|i| v(first + i)));
            }
        }
    }
}
