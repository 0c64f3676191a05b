//! Elements of a panel without a neuron, and of a tile without a sample. Kernels compute them like all others, and
//! equations may turn their zeros into NaN or infinity: 1 / 0, or 0 times infinity. They are set to 0 again before a
//! sum or a product reads all elements.

use crate::storage::geometry::Geometry;
use lapicque_projection::{Element, PANEL, panel_width};

/// The elements that exist in one panel of one tile at one step, `[sample][64]`.
#[derive(Clone, Copy)]
pub(crate) struct Padding {
    samples: usize,
    tile: usize,
    neurons: usize,
    complete: bool,
}

impl Padding {
    /// For panel `panel` of a population of `neurons` neurons.
    pub fn of(g: &Geometry, neurons: usize, panel: usize, tile: usize) -> Self {
        let (samples, neurons) = (g.valid(tile), panel_width(neurons, panel));
        Padding { samples, tile: g.tile, neurons, complete: samples == g.tile && neurons == PANEL }
    }

    pub fn has_all_samples(&self) -> bool {
        self.samples == self.tile
    }

    pub fn clear<F: Element>(&self, elements: &mut [F]) {
        if !self.complete {
            self.clear_samples(elements);
            for row in elements[..self.samples * PANEL].chunks_mut(PANEL) {
                row[self.neurons..].fill(F::ZERO);
            }
        }
    }

    /// Clears only the samples that do not exist: readers of a population's values know its number of neurons.
    pub fn clear_samples<F: Element>(&self, elements: &mut [F]) {
        elements[self.samples * PANEL..].fill(F::ZERO);
    }

    /// Whether all elements that exist are finite.
    pub fn is_finite<F: Element>(&self, elements: &[F]) -> bool {
        let rows = elements.chunks(PANEL).take(self.samples);
        rows.flat_map(|row| &row[..self.neurons]).all(|x| x.is_finite())
    }
}
