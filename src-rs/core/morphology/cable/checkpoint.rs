//! What the adjoint needs of the steps of a run: checkpoints, from which a segment of steps is repeated, and a frame of each step of
//! the repeated segment.

use super::placed::{IonArrays, Surroundings};
use super::tile::{Shared, Tile};

/// The variables of a tile between two steps.
pub struct Checkpoint {
    pub(super) v: Vec<f64>,
    /// `[mechanism][state]`.
    pub(super) states: Vec<Vec<Vec<f64>>>,
    pub(super) parts: Vec<[f64; 2]>,
}

/// What the adjoint of a step reads.
pub(super) struct Frame {
    pub(super) before: Checkpoint,
    /// Of the eliminated diagonal.
    pub(super) reciprocal: Vec<f64>,
    pub(super) ions: Vec<IonArrays>,
}

impl Checkpoint {
    pub fn of(tile: &Tile) -> Self {
        Checkpoint {
            v: tile.around.v.clone(),
            states: tile.locals.iter().map(|local| local.states.clone()).collect(),
            parts: tile.synapses.iter().map(|(_, synapse)| synapse.parts).collect(),
        }
    }

    /// Copies into memory that exists.
    pub(super) fn save(&mut self, tile: &Tile) {
        self.v.copy_from_slice(&tile.around.v);
        for (states, local) in self.states.iter_mut().zip(&tile.locals) {
            states.iter_mut().zip(&local.states).for_each(|(to, from)| to.copy_from_slice(from));
        }
        self.parts.iter_mut().zip(&tile.synapses).for_each(|(parts, (_, synapse))| *parts = synapse.parts);
    }

    pub(super) fn restore(&self, tile: &mut Tile, shared: &Shared) {
        tile.around.v.copy_from_slice(&self.v);
        for (i, states) in self.states.iter().enumerate() {
            let local = &mut tile.locals[i];
            local.states.iter_mut().zip(states).for_each(|(to, from)| to.copy_from_slice(from));
            shared.placed[i].publish_states(states, local.cells, &mut tile.around);
        }
        tile.synapses.iter_mut().zip(&self.parts).for_each(|((_, synapse), &parts)| synapse.parts = parts);
    }
}

impl Frame {
    pub(super) fn of(tile: &Tile) -> Self {
        let ion = |ion: &IonArrays| IonArrays {
            reversal: ion.reversal.clone(),
            inside: vec![],
            current: ion.current.clone(),
        };
        Frame {
            before: Checkpoint::of(tile),
            reciprocal: tile.diagonal.clone(),
            ions: tile.around.ions.iter().map(ion).collect(),
        }
    }

    pub(super) fn save_ions(&mut self, around: &Surroundings) {
        for (to, from) in self.ions.iter_mut().zip(&around.ions) {
            to.reversal.copy_from_slice(&from.reversal);
            to.current.copy_from_slice(&from.current);
        }
    }
}
