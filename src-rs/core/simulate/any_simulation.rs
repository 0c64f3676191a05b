//! A simulation whose precision is chosen at run time.

use crate::between_runs::changes::InputValues;
use crate::between_runs::state::SimulationState;
use crate::construction::simulation::Simulation;
use crate::delivery::storage::Storage;
use crate::partitions::synapses::Synapses;
use crate::plan::network::Plan;
use crate::representation::precision;
use crate::spec::description::Description;
use crate::time_loop::recording::Recording;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_base::{AnyReals, Precision, any_precision, by_precision};
use std::ops::Range;

any_precision! {
    /// A [`Simulation`] in either precision. Methods are documented there.
    pub enum AnySimulation of Simulation
}

impl AnySimulation {
    pub fn new(
        description: Description,
        seed: u64,
        precision: Precision,
        level: SimdLevel,
        control: &Control,
    ) -> Result<Self> {
        Ok(match precision {
            Precision::F32 => Self::Single(Simulation::new(description, seed, level, control)?),
            Precision::F64 => Self::Double(Simulation::new(description, seed, level, control)?),
        })
    }

    pub fn plan(&self) -> &Plan {
        by_precision!(self, s => &s.plan)
    }

    /// The memory estimate before it was built.
    pub fn bytes(&self) -> u64 {
        by_precision!(self, s => s.bytes)
    }

    /// The bytes of all synapses in lists.
    pub fn synapse_bytes(&self) -> u64 {
        fn of<F: precision::Precision>(simulation: &Simulation<F>) -> u64 {
            simulation.synapses() * size_of::<F::Synapse>() as u64
        }
        by_precision!(self, s => of(s))
    }

    pub fn step(&self) -> u64 {
        by_precision!(self, s => s.step())
    }

    pub fn chosen_threads(&self) -> usize {
        by_precision!(self, s => s.chosen_threads())
    }

    pub fn synapses(&self) -> u64 {
        by_precision!(self, s => s.synapses())
    }

    pub fn in_double_precision(&self) -> Vec<String> {
        by_precision!(self, s => s.in_double_precision())
    }

    pub fn run(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        by_precision!(self, s => s.run(steps, control))
    }

    pub fn save(&self) -> SimulationState {
        by_precision!(self, s => s.save())
    }

    pub fn restore(&mut self, state: &SimulationState) -> Result<()> {
        by_precision!(self, s => s.restore(state))
    }

    pub fn get(&self, population: &str, neurons: Range<usize>, name: &str) -> Result<Vec<f64>> {
        by_precision!(self, s => s.get(population, neurons, name))
    }

    pub fn set(
        &mut self,
        population: &str,
        neurons: Range<usize>,
        values: &[(String, Vec<f64>)],
    ) -> Result<()> {
        by_precision!(self, s => s.set(population, neurons, values))
    }

    pub fn input(&self, number: usize) -> Result<InputValues> {
        by_precision!(self, s => s.input(number))
    }

    pub fn set_input(&mut self, number: usize, values: &InputValues) -> Result<()> {
        by_precision!(self, s => s.set_input(number, values))
    }

    pub fn trains(&self, source: &str, trains: Range<usize>) -> Result<Vec<Vec<f64>>> {
        by_precision!(self, s => s.trains(source, trains))
    }

    pub fn set_trains(&mut self, source: &str, trains: Range<usize>, times: &[Vec<f64>]) -> Result<()> {
        by_precision!(self, s => s.set_trains(source, trains, times))
    }

    pub fn synapses_of(&self, connection: usize) -> Result<Synapses> {
        by_precision!(self, s => s.synapses_of(connection))
    }

    pub fn set_synapses(&mut self, connections: &[usize], values: &[(String, Vec<f64>)]) -> Result<()> {
        by_precision!(self, s => s.set_synapses(connections, values))
    }

    pub fn elements_of(&self, connection: usize) -> Result<[[Vec<f64>; 2]; 2]> {
        by_precision!(self, s => s.elements_of(connection))
    }

    pub fn weights_of(&self, connection: usize) -> Result<AnyReals> {
        by_precision!(self, s => s.weights_of(connection).map(AnyReals::from))
    }

    pub fn set_weights(&mut self, connections: &[usize], values: &[f64]) -> Result<()> {
        by_precision!(self, s => s.set_weights(connections, values))
    }
}

impl Plan {
    /// [`Plan::needed`] in a precision that is chosen at run time.
    ///
    /// # Errors
    /// Those of [`Plan::needed`].
    pub fn needed_in(&self, precision: Precision, at_most: usize) -> Result<u64> {
        match precision {
            Precision::F32 => self.needed::<f32>(at_most),
            Precision::F64 => self.needed::<f64>(at_most),
        }
    }

    /// [`Plan::storage`] in a precision that is chosen at run time.
    pub fn storage_in(&self, precision: Precision) -> Vec<Storage> {
        match precision {
            Precision::F32 => self.storage::<f32>(),
            Precision::F64 => self.storage::<f64>(),
        }
    }
}
