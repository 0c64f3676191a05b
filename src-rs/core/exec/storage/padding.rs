//! Elements of a panel that hold no neuron and those of a tile that hold no sample. Kernels compute them with the others,
//! and equations may make of their zeros what is no number: 1 / 0, or 0 times infinity. Where a sum or a product reads
//! all elements they are set to 0 again.

use crate::storage::geometry::Geometry;
use lapicque_projection::{Element, PANEL, panel_width};

/// What exists of one panel of one tile at one step, `[sample][64]`.
#[derive(Clone, Copy)]
pub(crate) struct Padding {
    samples: usize,
    tile: usize,
    neurons: usize,
    complete: bool,
}

impl Padding {
    /// Of panel `panel` of a population of so many neurons.
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

    /// Only the samples that do not exist: what reads a population's values knows how many neurons it has.
    pub fn clear_samples<F: Element>(&self, elements: &mut [F]) {
        elements[self.samples * PANEL..].fill(F::ZERO);
    }

    /// Whether all that exists is finite.
    pub fn is_finite<F: Element>(&self, elements: &[F]) -> bool {
        let rows = elements.chunks(PANEL).take(self.samples);
        rows.flat_map(|row| &row[..self.neurons]).all(|x| x.is_finite())
    }
}
