//! How a batch is cut: neurons into panels of 64, samples into tiles, time into blocks. The cuts
//! follow from the shape alone, so that no sum depends on the number of threads.

use lapicque_graph::LayerPlan;
use lapicque_projection::{PANEL, panels};
use std::ops::Range;

/// Samples per tile at the most: a step of a panel of them, 1024 elements, and its neighbors in time
/// stay in L1.
const TILE: usize = 16;

/// Rows of a time block: enough to use a block of weights several times while it is in cache.
const BLOCK_ROWS: usize = 256;

/// Numbers that the second-level cache of most CPUs has room for.
const NEAR: usize = 1 << 18;

/// Samples `first..first + batch` of the whole batch over `steps` steps. Rows are numbered
/// `(tile, step, sample in the tile)`; the last tile may hold samples that do not exist, whose
/// input and gradients are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    pub first: usize,
    pub batch: usize,
    /// Samples per tile.
    pub tile: usize,
    pub tiles: usize,
    pub steps: usize,
}

impl Geometry {
    /// Samples per tile for a batch of this size.
    pub fn tile_of(batch: usize) -> usize {
        batch.div_ceil(batch.div_ceil(TILE))
    }

    pub fn new(first: usize, batch: usize, tile: usize, steps: usize) -> Self {
        Geometry { first, batch, tile, tiles: batch.div_ceil(tile), steps }
    }

    /// Rows of one tile.
    pub fn tile_rows(&self) -> usize {
        self.steps * self.tile
    }

    pub fn rows(&self) -> usize {
        self.tiles * self.tile_rows()
    }

    /// Elements of one panel at one step of one tile.
    pub fn elements(&self) -> usize {
        self.tile * PANEL
    }

    pub fn row(&self, tile: usize, step: usize) -> usize {
        (tile * self.steps + step) * self.tile
    }

    /// Samples of a tile that exist.
    pub fn valid(&self, tile: usize) -> usize {
        self.tile.min(self.batch - tile * self.tile)
    }

    /// Whether a layer's tape is larger than the caches near to a core, so that a step's lines must be asked for before
    /// they are wanted.
    pub fn is_large(&self, plan: &LayerPlan) -> bool {
        panels(plan.neurons) * PANEL * self.rows() * plan.bound.states.len() > NEAR
    }

    /// Numbers that the states of one panel over all steps of a tile take.
    pub fn panel_states(&self, plan: &LayerPlan) -> usize {
        self.steps.saturating_mul(self.elements()).saturating_mul(plan.bound.states.len())
    }

    /// Whether they have room in the caches near to a core.
    pub fn is_near(&self, plan: &LayerPlan) -> bool {
        self.panel_states(plan) <= NEAR
    }

    /// Time cut into blocks, ascending.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + use<> {
        let (steps, size) = (self.steps, (BLOCK_ROWS / self.tile).max(1));
        (0..steps.div_ceil(size)).map(move |i| i * size..((i + 1) * size).min(steps))
    }
}
