//! The states of a partition's neurons in tiles: a tile contains all states of `TILE` neurons, or of all if there are
//! fewer, state after state, so a step reads contiguous memory.

use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_projection::Aligned;

/// Neurons per tile: the data of a step stay in the first-level cache.
pub const TILE: usize = 512;

pub struct Tiles<F: Real> {
    values: Aligned<F>,
    states: usize,
    /// Neurons per tile. If small populations had tiles of `TILE` neurons, thousands of them would all map to the same cache
    /// sets.
    width: usize,
}

impl<F: Real> Tiles<F> {
    /// A tile for each range of neurons, with states `value(state, neuron_slot)`.
    ///
    /// # Errors
    /// `too-large`, `aborted`.
    pub fn new(
        states: usize,
        neuron_slots: usize,
        value: impl Fn(usize, usize) -> F,
        control: &Control,
    ) -> Result<Self> {
        let width = neuron_slots.clamp(1, TILE);
        let tiles = neuron_slots.div_ceil(width);
        let values = Aligned::zeroed("the states of the network", tiles * states * width)?;
        let mut tiles = Tiles { values, states, width };
        for from in (0..neuron_slots).step_by(TILE) {
            control.check()?;
            for state in 0..states {
                let own = from..(from + TILE).min(neuron_slots);
                own.for_each(|neuron_slot| *tiles.at_mut(state, neuron_slot) = value(state, neuron_slot));
            }
        }
        Ok(tiles)
    }

    pub fn states(&self) -> usize {
        self.states
    }

    fn index(&self, state: usize, neuron_slot: usize) -> usize {
        (neuron_slot / self.width * self.states + state) * self.width + neuron_slot % self.width
    }

    pub fn at(&self, state: usize, neuron_slot: usize) -> F {
        self.values[self.index(state, neuron_slot)]
    }

    pub fn at_mut(&mut self, state: usize, neuron_slot: usize) -> &mut F {
        let index = self.index(state, neuron_slot);
        &mut self.values[index]
    }

    /// Copies one state of all neurons from the first slot on.
    pub fn copy_to(&self, state: usize, to: &mut [F]) {
        for (tile, to) in to.chunks_mut(self.width).enumerate() {
            to.copy_from_slice(&self.values[(tile * self.states + state) * self.width..][..to.len()]);
        }
    }

    /// All states of all slots; those after the last slot are 0.
    pub fn all(&self) -> &[F] {
        &self.values
    }

    /// Restores what [`Tiles::all`] returned.
    pub fn set_all(&mut self, values: &[F]) {
        self.values.copy_from_slice(values);
    }

    /// Neurons per tile.
    pub fn width(&self) -> usize {
        self.width
    }

    /// `[state][width]`
    pub fn tile(&mut self, tile: usize) -> &mut [F] {
        let size = self.states * self.width;
        &mut self.values[tile * size..][..size]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_hold_the_states_of_their_neurons() {
        let value = |state: usize, neuron_slot: usize| (state * 10_000 + neuron_slot) as f64;
        let mut tiles = Tiles::new(3, 1100, value, &Control::detached()).unwrap();
        for tile in 0..3 {
            tiles.tile(tile).iter_mut().for_each(|x| *x += 0.5);
        }
        for neuron_slot in [0, 511, 512, 1099] {
            assert!((0..3).all(|state| tiles.at(state, neuron_slot) == value(state, neuron_slot) + 0.5));
        }
        let mut row = vec![0.0; 1100];
        tiles.copy_to(1, &mut row);
        assert!((0..1100).all(|neuron_slot| row[neuron_slot] == tiles.at(1, neuron_slot)));
        let small = Tiles::new(3, 128, value, &Control::detached()).unwrap();
        assert_eq!((small.width(), small.all().len()), (128, 3 * 128));
        assert!((0..128).all(|neuron_slot| {
            (0..3).all(|state| small.at(state, neuron_slot) == value(state, neuron_slot))
        }));
    }
}
