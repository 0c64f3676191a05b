//! The state of populations of cells with morphologies: all numbers of each cell, one cell after the other.

use super::state::SimulationState;
use crate::construction::simulation::{Simulation, lock};
use crate::representation::precision::Precision;

/// The name of the array in the saved state of a population; variables cannot have it.
pub const CELLS: &str = "cells.state";

impl<F: Precision> Simulation<F> {
    /// The cells of a population, `[cell, number]`; `None` for point neurons.
    pub(crate) fn save_cells(&self, i: usize) -> Option<Vec<f64>> {
        let population = &self.plan.populations[i];
        let each = population.bound.cells()?.state_size();
        let mut all = vec![0.0; population.size * each];
        for partition in &self.partitions {
            let partition = lock(partition);
            let part = &partition.parts[i];
            let Some(cells) = &part.cells else { continue };
            for neuron_slot in 0..part.neuron_slots {
                let neuron = part.neuron(neuron_slot, partition.stride);
                if let Some(to) = all.chunks_exact_mut(each).nth(neuron) {
                    cells.save(neuron_slot, to);
                }
            }
        }
        Some(all)
    }

    /// Sets all cells to a checked state.
    pub(crate) fn restore_cells(&self, state: &SimulationState) {
        for (i, (from, shared)) in state.populations.iter().zip(&self.shared).enumerate() {
            let (Some(model), Some((_, all))) = (&shared.cells, from.states.last()) else { continue };
            for partition in &self.partitions {
                let mut partition = lock(partition);
                let stride = partition.stride;
                let part = &mut partition.parts[i];
                let neuron_slots = (0..part.neuron_slots).map(|slot| (slot, part.neuron(slot, stride)));
                let neuron_slots: Vec<(usize, usize)> = neuron_slots.collect();
                let Some(cells) = &mut part.cells else { continue };
                for (neuron_slot, neuron) in neuron_slots {
                    if let Some(from) = all.chunks_exact(model.state_size()).nth(neuron) {
                        cells.restore(model, neuron_slot, from);
                    }
                }
            }
        }
    }
}
