//! Finds the step at which a state first became infinite or NaN. A check after every step would cost a few percent of the time
//! of a small network. So values are checked after many steps, and these steps are repeated from a copy of their initial state
//! if a check fails. Plastic rows are too large to be copied; with them values are checked after every step, which is cheap
//! compared with learning.

use super::epochs::CHECK_EVERY;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::firing_rates::Rates;
use crate::partitions::rest::Rest;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};

/// Fewer steps than this are checked one by one: copying the initial state would cost as much.
const FEW: u64 = 64;

impl<F: Precision> Simulation<F> {
    /// As [`advance`](Simulation::advance); an error states the step at which it first occurred.
    pub(crate) fn advance_watched(
        &mut self,
        end: u64,
        progress: Option<[u64; 2]>,
        control: &Control,
    ) -> Result<Option<Error>> {
        let learns = self.plan.connections.iter().any(|connection| connection.synapse.is_some());
        // States of cells are as large, and a check costs little beside their step.
        let has_cells = self.plan.populations.iter().any(|population| population.bound.cells().is_some());
        if learns || has_cells || end - self.step < FEW {
            return self.advance(end, progress, 1, control);
        }
        let beginning = Beginning::of(self);
        let found = self.advance(end, progress, CHECK_EVERY, control)?;
        if found.is_none() {
            return Ok(None);
        }
        beginning.restore(self);
        Ok(self.advance(end, progress, 1, &Control::detached())?.or(found))
    }
}

/// The state that changes in a run of a network without plasticity, at the beginning of an interval.
struct Beginning<F> {
    step: u64,
    in_flight: Vec<Spike>,
    partitions: Vec<OfPartition<F>>,
}

struct OfPartition<F> {
    /// The states of each population and their remainders.
    states: Vec<[Vec<F>; 2]>,
    rates: Vec<Rates>,
    delivered: u64,
    /// The number of recorded spikes, and of samples of each trace.
    recorded: usize,
    samples: Vec<usize>,
}

impl<F: Precision> Beginning<F> {
    fn of(simulation: &Simulation<F>) -> Self {
        let partitions = simulation.partitions.iter().map(|partition| {
            let partition = lock(partition);
            let taps = partition.parts.iter().flat_map(|part| &part.taps);
            OfPartition {
                states: partition
                    .parts
                    .iter()
                    .map(|part| [part.states.all().to_vec(), part.lows()])
                    .collect(),
                rates: partition.rates.clone(),
                delivered: partition.delivered,
                recorded: partition.recorded.len(),
                samples: taps.map(|tap| tap.samples.len()).collect(),
            }
        });
        let in_flight = simulation.in_flight.clone();
        Beginning { step: simulation.step, in_flight, partitions: partitions.collect() }
    }

    fn restore(self, simulation: &mut Simulation<F>) {
        let Beginning { step, in_flight, partitions } = self;
        for (partition, was) in simulation.partitions.iter().zip(partitions) {
            let mut partition = lock(partition);
            partition.rest = Rest::Moving;
            let partition = &mut *partition;
            for (part, [states, lows]) in partition.parts.iter_mut().zip(&was.states) {
                part.states.set_all(states);
                part.set_lows(lows);
            }
            let taps = partition.parts.iter_mut().flat_map(|part| &mut part.taps);
            taps.zip(was.samples).for_each(|(tap, kept)| tap.samples.truncate(kept));
            partition.rates = was.rates;
            partition.delivered = was.delivered;
            partition.recorded.truncate(was.recorded);
            partition.clear_due(step);
            partition.schedule(&in_flight, step);
        }
        (simulation.step, simulation.in_flight) = (step, in_flight);
    }
}
