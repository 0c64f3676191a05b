//! The executor of large sparse networks: populations of any model, spikes with delays, noise, recorders. It knows no
//! model by name.
//!
//! Targets are distributed to partitions in blocks of 64. Only its partition writes the data of a target, so there are
//! no atomics. Inputs of a neuron are summed in fixed point (64 bits, or 32 if they suffice for f32), so the sum does not depend
//! on the order of its terms. Results have the same bits for any number of threads and partitions. All random numbers
//! are functions of a counter.
//!
//! A description (`spec`) becomes a `Plan`, then a `Simulation`: partitions of neurons with the rows of synapses onto
//! them. One step of a partition:
//!
//! 1. Deliver: the weights of all synapses that are due are added to fixed-point accumulators.
//! 2. Fill the ports: arrivals, Poisson and normal noise, currents.
//! 3. Run the program of the neurons over a tile of 512.
//! 4. Read off the spikes as bits.
//!
//! A spike at the end of step `k` over a delay of `d` steps arrives in step `k + d`. Partitions exchange spikes once per
//! min-delay epoch. Values that are set between runs (parameters, inputs, static weights) are part of the state; setting
//! static weights rebuilds the rows with the code that built them first. Means over neurons are exact sums, so they do
//! not depend on the partitions.

mod any_simulation;
mod between_runs;
mod construction;
mod delivery;
mod exchange;
mod neurons;
mod partitions;
mod plan;
mod plasticity;
mod random;
mod representation;
mod spec;
mod time_loop;
mod wiring;

pub use any_simulation::AnySimulation;
pub use between_runs::changes::{Changes, InputValues};
pub use between_runs::state::{
    IntrinsicState, PlasticState, PopulationState, SimulationState, SourceState, StructureState, TargetState,
};
pub use construction::reuse::{Reuse, ReuseKey};
pub use construction::simulation::Simulation;
pub use delivery::storage::{Form, Storage};
pub use partitions::synapses::Synapses;
pub use plan::network::Plan;
pub use random::distribution;
pub use representation::precision::Precision;
pub use spec::description;
pub use spec::description::Description;
pub use spec::milliseconds::Milliseconds;
pub use time_loop::recording::{Recording, Trace};

#[cfg(test)]
mod tests;
