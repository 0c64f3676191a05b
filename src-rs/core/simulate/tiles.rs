//! The states of a partition's neurons, in tiles that a step takes from one place to another.
//!
//! A tile holds all states of `TILE` neurons, state after state, so a step walks through one
//! stretch of memory. It is read where it lies and written to the place that is free; the place it
//! came from is then free for the next one. Nothing is copied, and two tiles of memory are warm.

use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_projection::Aligned;

/// Neurons of a tile: what a step needs of them stays in the first-level cache.
pub const TILE: usize = 512;

pub struct Tiles<F: Real> {
    values: Aligned<F>,
    states: usize,
    /// Which place each tile has.
    place: Vec<usize>,
    free: usize,
}

impl<F: Real> Tiles<F> {
    /// `value(state, lane)` for all lanes.
    pub fn new(states: usize, lanes: usize, value: impl Fn(usize, usize) -> F) -> Result<Self> {
        let tiles = lanes.div_ceil(TILE);
        let values = Aligned::zeroed("the states of the network", (tiles + 1) * states * TILE)?;
        let mut tiles = Tiles { values, states, place: (0..tiles).collect(), free: tiles };
        for state in 0..states {
            (0..lanes).for_each(|lane| *tiles.at_mut(state, lane) = value(state, lane));
        }
        Ok(tiles)
    }

    pub fn states(&self) -> usize {
        self.states
    }

    fn index(&self, state: usize, lane: usize) -> usize {
        (self.place[lane / TILE] * self.states + state) * TILE + lane % TILE
    }

    pub fn at(&self, state: usize, lane: usize) -> F {
        self.values[self.index(state, lane)]
    }

    pub fn at_mut(&mut self, state: usize, lane: usize) -> &mut F {
        let index = self.index(state, lane);
        &mut self.values[index]
    }

    /// A tile as it is, `[state][TILE]`, and the free place for what becomes of it.
    pub fn step(&mut self, tile: usize) -> (&[F], &mut [F]) {
        let size = self.states * TILE;
        let (from, to) = (self.place[tile], self.free);
        let (low, high) = self.values.split_at_mut(from.max(to) * size);
        match from < to {
            true => (&low[from * size..][..size], &mut high[..size]),
            false => (&high[..size], &mut low[to * size..][..size]),
        }
    }

    /// What was written to the free place becomes the tile.
    pub fn settle(&mut self, tile: usize) {
        std::mem::swap(&mut self.place[tile], &mut self.free);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_move_tiles_and_keep_their_values() {
        let start = |state: usize, lane: usize| (state * 10_000 + lane) as f64;
        let mut tiles = Tiles::new(3, 1100, start).unwrap();
        for _ in 0..5 {
            for tile in 0..3 {
                let (old, new) = tiles.step(tile);
                new.iter_mut().zip(old).for_each(|(new, old)| *new = old + 0.5);
                tiles.settle(tile);
            }
        }
        for lane in [0, 511, 512, 1099] {
            assert!((0..3).all(|state| tiles.at(state, lane) == start(state, lane) + 2.5));
        }
    }
}
