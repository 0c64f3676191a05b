//! How a batch is divided: neurons into panels of 64, samples into tiles, time into blocks. The division follows from
//! the shape alone, so no sum depends on the number of threads.

use lapicque_graph::LayerPlan;
use lapicque_projection::{PANEL, panels};
use std::ops::Range;

/// Maximum number of samples per tile. A step of one panel is then 1024 elements, and stays in L1 with its neighbors in
/// time.
const TILE: usize = 16;

/// Number of blocks of rows whose gradients of a weight exist at once, before they are added in their order.
pub(crate) const BLOCKS_AT_ONCE: usize = 8;

/// Rows of a time block: enough to use a block of weights several times while it is in cache.
const BLOCK_ROWS: usize = 256;

/// Number of elements that fit into the second-level cache of most CPUs.
const NEAR: usize = 1 << 18;

/// Samples `first..first + batch` of the whole batch over `steps` steps. Rows are numbered
/// `(tile, step, sample in the tile)`. The last tile may contain samples that do not exist; their input and gradients
/// are zero.
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

    /// Number of rows of one tile.
    pub fn tile_rows(&self) -> usize {
        self.steps * self.tile
    }

    pub fn rows(&self) -> usize {
        self.tiles * self.tile_rows()
    }

    /// Number of elements of one panel at one step of one tile.
    pub fn elements(&self) -> usize {
        self.tile * PANEL
    }

    pub fn row(&self, tile: usize, step: usize) -> usize {
        (tile * self.steps + step) * self.tile
    }

    /// Number of samples of a tile that exist.
    pub fn valid(&self, tile: usize) -> usize {
        self.tile.min(self.batch - tile * self.tile)
    }

    /// Whether a layer's tape is larger than the second-level cache, so that the cache lines of a step should be
    /// prefetched.
    pub fn is_large(&self, plan: &LayerPlan) -> bool {
        panels(plan.neurons) * PANEL * self.rows() * plan.bound.states.len() > NEAR
    }

    /// Number of elements of the states of one panel over all steps of a tile.
    pub fn panel_states(&self, plan: &LayerPlan) -> usize {
        self.steps.saturating_mul(self.elements()).saturating_mul(plan.bound.states.len())
    }

    /// Whether they fit into the second-level cache.
    pub fn is_near(&self, plan: &LayerPlan) -> bool {
        self.panel_states(plan) <= NEAR
    }

    /// Time divided into blocks, ascending.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + use<> {
        let (steps, size) = (self.steps, (BLOCK_ROWS / self.tile).max(1));
        (0..steps.div_ceil(size)).map(move |i| i * size..((i + 1) * size).min(steps))
    }
}
