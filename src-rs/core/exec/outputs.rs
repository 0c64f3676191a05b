//! Between the kernels' layout and the public `[time, batch, neurons]`.

use crate::geometry::Geometry;
use crate::map::MapTape;
use crate::tape::LayerTape;
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, PANEL, panel_width};

/// Where a segment of one chunk of samples lies in a public `[steps][batch][neurons]` array.
#[derive(Clone, Copy)]
pub struct Window {
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
            let width = panel_width(self.neurons, panel);
            for tile in 0..g.tiles {
                for step in 0..g.steps {
                    for sample in 0..g.valid(tile) {
                        let row = (self.first_step + step) * self.batch
                            + self.first_sample
                            + tile * g.tile
                            + sample;
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
            let block = (panel * g.tiles + tile) * tape.blocks + step;
            let from = &tape.states[index][block * g.lanes() + sample * PANEL..];
            let width = range.len();
            out[range].copy_from_slice(&from[..width]);
        });
    }

    /// Copies the values of a map after every step.
    pub fn collect_values<F: Element>(&self, g: &Geometry, tape: &MapTape<F>, plan: &MapPlan, out: &mut [F]) {
        self.each(g, |panel, tile, step, sample, range| {
            let row = tape.row(g, tile, step, sample);
            for (x, n) in out[range].iter_mut().zip(panel * PANEL..) {
                *x = row[plan.place(n)];
            }
        });
    }

    pub fn collect_spikes<F: Element, T: Copy>(
        &self,
        g: &Geometry,
        tape: &LayerTape<F>,
        values: [T; 2],
        out: &mut [T],
    ) {
        let rows = g.rows();
        self.each(g, |panel, tile, step, sample, range| {
            let word = tape.spikes.bits[panel * rows + g.row(tile, step) + sample];
            for (j, x) in out[range].iter_mut().enumerate() {
                *x = values[(word >> j & 1) as usize];
            }
        });
    }

    /// Adds up the spikes of each sample and neuron, `[samples][neurons]`, over the steps that count.
    pub fn count_spikes<F: Element>(
        &self,
        g: &Geometry,
        tape: &LayerTape<F>,
        lengths: Option<&[u32]>,
        counts: &mut [F],
    ) {
        let rows = g.rows();
        self.each(g, |panel, tile, step, sample, range| {
            let index = tile * g.tile + sample;
            if lengths.is_some_and(|l| self.first_step + step >= l[index] as usize) {
                return;
            }
            let word = tape.spikes.bits[panel * rows + g.row(tile, step) + sample];
            let counts = &mut counts[index * self.neurons + panel * PANEL..][..range.len()];
            for (j, x) in counts.iter_mut().enumerate() {
                *x += if word >> j & 1 == 1 { F::ONE } else { F::ZERO };
            }
        });
    }

    /// Adds a gradient `[samples][neurons]` that is the same at every step that counts to
    /// `[panel][tile][step][sample][64]`.
    pub fn inject_rate<F: Element>(
        &self,
        g: &Geometry,
        grad: &[F],
        lengths: Option<&[u32]>,
        out: &mut Vec<F>,
    ) {
        out.resize(self.neurons.div_ceil(PANEL) * g.rows() * PANEL, F::ZERO);
        self.each(g, |panel, tile, step, sample, range| {
            let index = tile * g.tile + sample;
            if lengths.is_some_and(|l| self.first_step + step >= l[index] as usize) {
                return;
            }
            let to = ((panel * g.rows()) + g.row(tile, step) + sample) * PANEL;
            let from = &grad[index * self.neurons + panel * PANEL..][..range.len()];
            out[to..to + range.len()].iter_mut().zip(from).for_each(|(x, &y)| *x += y);
        });
    }

    /// Brings a public gradient into `[panel][tile][step][sample][64]`; leaves it empty unless `there`.
    pub fn inject<F: Element>(&self, g: &Geometry, public: &[F], there: bool, out: &mut Vec<F>) {
        out.clear();
        if !there {
            return;
        }
        out.resize(self.neurons.div_ceil(PANEL) * g.rows() * PANEL, F::ZERO);
        self.each(g, |panel, tile, step, sample, range| {
            let to = ((panel * g.rows()) + g.row(tile, step) + sample) * PANEL;
            out[to..to + range.len()].copy_from_slice(&public[range]);
        });
    }
}
