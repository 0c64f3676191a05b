//! Between the kernels' layout and the public `[time, batch, neurons]`.

use crate::exec::geometry::Geometry;
use crate::exec::tape::LayerTape;
use crate::projection::{Element, PANEL};

/// Where a segment of one chunk of samples lies in a public `[steps][batch][neurons]` array.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub neurons: usize,
    /// Samples of the public array, and the chunk's first sample in it.
    pub batch: usize,
    pub first_sample: usize,
    pub first_step: usize,
}

impl Window {
    /// Calls `visit` with `(panel, tile, step, sample)` and the matching public range.
    fn each(&self, g: &Geometry, mut visit: impl FnMut(usize, usize, usize, usize, std::ops::Range<usize>)) {
        for panel in 0..self.neurons.div_ceil(PANEL) {
            let width = PANEL.min(self.neurons - panel * PANEL);
            for tile in 0..g.tiles {
                for step in 0..g.steps {
                    for sample in 0..g.valid(tile) {
                        let row = (self.first_step + step) * self.batch + self.first_sample + tile * g.tile + sample;
                        let start = row * self.neurons + panel * PANEL;
                        visit(panel, tile, step, sample, start..start + width);
                    }
                }
            }
        }
    }

    /// Copies state `index` after every step; the tape must have kept all of them.
    pub fn collect_state<F: Element>(&self, g: &Geometry, tape: &LayerTape<F>, index: usize, out: &mut [F]) {
        self.each(g, |panel, tile, step, sample, range| {
            let block = (panel * g.tiles + tile) * tape.blocks + step + 1;
            let from = &tape.states[index][block * g.lanes() + sample * PANEL..];
            let width = range.len();
            out[range].copy_from_slice(&from[..width]);
        });
    }

    pub fn collect_spikes<F: Element, T: Copy>(&self, g: &Geometry, tape: &LayerTape<F>, values: [T; 2], out: &mut [T]) {
        let rows = g.rows();
        self.each(g, |panel, tile, step, sample, range| {
            let word = tape.spikes.bits[panel * rows + g.row(tile, step) + sample];
            for (j, x) in out[range].iter_mut().enumerate() {
                *x = values[(word >> j & 1) as usize];
            }
        });
    }

    /// Brings a public gradient into `[panel][tile][step][sample][64]`.
    pub fn inject<F: Element>(&self, g: &Geometry, public: &[F], out: &mut Vec<F>) {
        out.clear();
        out.resize(self.neurons.div_ceil(PANEL) * g.rows() * PANEL, F::ZERO);
        self.each(g, |panel, tile, step, sample, range| {
            let to = ((panel * g.rows()) + g.row(tile, step) + sample) * PANEL;
            out[to..to + range.len()].copy_from_slice(&public[range]);
        });
    }
}
