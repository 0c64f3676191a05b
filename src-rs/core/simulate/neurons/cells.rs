//! One step of neurons that are cells with morphologies, always in double precision: their ports are read, and their variables
//! written, in the precision of the network.

use super::part::Part;
use super::tile_step::{Scratch, TileRange};
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_base::real::Real;
use lapicque_morphology::cable::CellModel;

impl<F: Precision> Part<F> {
    /// Advances the cells of a tile, whose ports have been filled, and writes their spikes to the part's words.
    pub fn step_cells(&mut self, at: &TileRange, model: &CellModel, driven: &[bool], scratch: &Scratch<F>) {
        let (from, to) = (at.from, at.from + at.neuron_slots);
        let Part { cells: Some(cells), slots, words, masks, states, .. } = self else { return };
        words[from / BLOCK..to / BLOCK].fill(0);
        let input = |port: usize, neuron_slot: usize| match slots[port].is_some() || driven[port] {
            true => scratch.ports[port * TILE + neuron_slot - from].to_f64(),
            false => 0.0,
        };
        let spiked = |neuron_slot: usize| words[neuron_slot / BLOCK] |= 1 << (neuron_slot % BLOCK);
        cells.step(model, at.step, from..to, input, spiked);
        for neuron_slot in (from..to).filter(|slot| masks[slot / BLOCK] >> (slot % BLOCK) & 1 == 1) {
            for variable in 0..states.states() {
                *states.at_mut(variable, neuron_slot) =
                    <F as Real>::from_f64(cells.value(variable, neuron_slot));
            }
        }
    }
}
