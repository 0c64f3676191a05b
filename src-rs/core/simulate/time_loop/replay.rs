//! At which step a state first left the numbers. To look after every step costs some hundredths of a small network's
//! time, so it is looked after many, and those are taken again from where they began once something is found. Rows that
//! learn are too large to be kept for that, and cost so much that a look after every step does not show beside them.

use super::epochs::CHECK_EVERY;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::firing_rates::Rates;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};

/// Fewer steps than this are looked after one by one: to keep where they began would cost as much.
const FEW: u64 = 64;

impl<F: Precision> Simulation<F> {
    /// As [`advance`](Simulation::advance); what is wrong is told with the step at which it first was.
    pub(crate) fn advance_watched(
        &mut self,
        end: u64,
        told: Option<[u64; 2]>,
        control: &Control,
    ) -> Result<Option<Error>> {
        let learns = self.plan.connections.iter().any(|connection| connection.synapse.is_some());
        if learns || end - self.step < FEW {
            return self.advance(end, told, 1, control);
        }
        let beginning = Beginning::of(self);
        let found = self.advance(end, told, CHECK_EVERY, control)?;
        if found.is_none() {
            return Ok(None);
        }
        beginning.restore(self);
        Ok(self.advance(end, told, 1, &Control::detached())?.or(found))
    }
}

/// What changes in a stretch of steps of a network that does not learn.
struct Beginning<F> {
    step: u64,
    in_flight: Vec<Spike>,
    partitions: Vec<OfPartition<F>>,
}

struct OfPartition<F> {
    /// Of each population, and what is left over of them.
    states: Vec<[Vec<F>; 2]>,
    rates: Vec<Rates>,
    delivered: u64,
    /// How much was recorded: spikes, and samples of each trace.
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
