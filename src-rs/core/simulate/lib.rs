//! The executor of large sparse networks: populations of any Dynamics, spikes that arrive after
//! delays, noise, recorders. It knows no model by name.
//!
//! Targets are dealt out to partitions in blocks of 64; a partition alone writes what belongs to
//! them, so there are no atomics. What arrives at a neuron is summed in whole numbers (32 bits for
//! f32, 64 for f64): the sum does not depend on the order of its terms, so results are the same
//! bits for any number of threads and partitions. All random numbers are functions of a counter.

mod advance;
mod ages;
mod ahead;
mod alias;
mod barrier;
mod batches;
mod bit_rows;
mod by_distance;
mod by_target;
mod calendar;
mod changes;
mod construction;
mod delays;
mod dense;
mod described_draws;
pub mod description;
mod discrete;
pub mod distribution;
mod drawn;
mod drive;
mod event_log;
mod events;
mod exact_sum;
mod faults;
mod formula;
mod gaps;
mod handed;
mod held;
mod history;
mod in_degree;
mod inputs;
mod intrinsic;
mod known;
mod layout;
mod learning;
mod means;
mod merged;
mod milliseconds;
mod needed_memory;
mod neighbours;
mod neurons;
mod numbering;
mod outgoing;
mod pace;
mod pages;
mod pairs;
mod parameters;
mod partition;
mod picked;
mod plan;
mod plastic;
mod plastic_row;
mod plastic_rows;
mod plastic_synapse;
mod poisson;
mod poisson_each;
mod precision;
mod printed;
mod quantile;
mod quantised;
mod read_back;
mod recording;
mod replay;
mod reuse;
mod rolled;
mod room;
mod route;
mod row_builder;
mod row_chunk;
mod row_loops;
mod row_work;
mod rows;
mod rules;
mod set_synapses;
mod set_weights;
mod shown;
mod signs;
mod simulation;
mod state;
mod storage;
mod stored;
mod structure;
mod sums;
mod synapses;
mod tiles;
mod turns;
mod units;
mod watch;
mod wide;

pub use changes::{Changes, InputValues};
pub use description::Description;
pub use milliseconds::Milliseconds;
pub use plan::Plan;
pub use precision::Precision;
pub use recording::{Recording, Trace};
pub use reuse::{Alike, Reuse};
pub use simulation::Simulation;
pub use state::{
    IntrinsicState, PlasticState, PopulationState, SimulationState, SourceState, StructureState, TargetState,
};
pub use storage::{Form, Storage};
pub use synapses::Synapses;

#[cfg(test)]
mod tests;
