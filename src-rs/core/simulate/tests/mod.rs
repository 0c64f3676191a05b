mod aeif;
mod bad_input;
mod between_runs;
mod cells;
mod determinism;
mod equations;
mod faults;
mod gaps;
mod generated_steps;
mod many_populations;
mod neighbors;
mod nest;
mod plastic;
mod rules;
mod signs;
mod slices;
mod slow;
mod slow_approach;
mod structure;
mod tolerance;
mod two_compartment;
mod unforeseen;
mod watch;
mod wide;

use crate::{Description, Precision, Simulation};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;

/// Runs `work` in a separate pool, because the threads of a simulation wait for each other.
fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn build<F: Precision>(description: serde_json::Value, seed: u64) -> Result<Simulation<F>> {
    let description = Description::from_json(&description.to_string())?;
    Simulation::new(description, seed, SimdLevel::detect(), &Control::detached())
}
