//! Conversion between the kernels' layout and the public `[time, batch, neurons]`.

use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::{MapTape, steps_of};
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, PANEL, panel_width};
use std::ops::Range;

/// Number of output steps that a task copies.
const TASK_STEPS: usize = 8;

/// The position of a segment of one chunk of samples in a public `[steps][batch][neurons]` array.
#[derive(Clone, Copy)]
pub struct Window {
    pub neurons: usize,
    /// Number of samples in the public array, and the chunk's first sample in it.
    pub batch: usize,
    pub first_sample: usize,
    pub first_step: usize,
}

impl Window {
    /// Calls `visit` with `(panel, tile, step, sample)` and the matching public range.
    fn each(&self, g: &Geometry, mut visit: impl FnMut(usize, usize, usize, usize, Range<usize>)) {
        for panel in 0..self.neurons.div_ceil(PANEL) {
            for (tile, step) in (0..g.tiles).flat_map(|tile| (0..g.steps).map(move |step| (tile, step))) {
                self.samples(g, [panel, tile, step], |sample, range| visit(panel, tile, step, sample, range));
            }
        }
    }

    /// The samples of one panel of a tile at one step, each with the matching public range.
    fn samples(
        &self,
        g: &Geometry,
        [panel, tile, step]: [usize; 3],
        mut visit: impl FnMut(usize, Range<usize>),
    ) {
        let width = panel_width(self.neurons, panel);
        let row = (self.first_step + step) * self.batch + self.first_sample + tile * g.tile;
        for sample in 0..g.valid(tile) {
            let start = (row + sample) * self.neurons + panel * PANEL;
            visit(sample, start..start + width);
        }
    }

    /// Calls `copy` for each step and each sample of one panel of a tile, to fill its public range; a task takes
    /// several steps.
    fn fill<T: Send>(
        &self,
        g: &Geometry,
        out: &mut [T],
        copy: impl Fn([usize; 3], usize, &mut [T]) + Sync + Send,
    ) {
        let row = self.batch * self.neurons;
        let segment = &mut out[self.first_step * row..][..g.steps * row];
        let tasks: Vec<_> = segment.chunks_mut(TASK_STEPS * row).enumerate().collect();
        parallel::for_each(tasks, |(i, out)| {
            let first = i * TASK_STEPS;
            let before = (self.first_step + first) * row;
            for step in first..(first + TASK_STEPS).min(g.steps) {
                for panel in 0..self.neurons.div_ceil(PANEL) {
                    for tile in 0..g.tiles {
                        self.samples(g, [panel, tile, step], |sample, range| {
                            copy(
                                [panel, tile, step],
                                sample,
                                &mut out[range.start - before..range.end - before],
                            );
                        });
                    }
                }
            }
        });
    }

    /// Copies state `index` after every step; the tape must store all steps.
    pub fn collect_state<F: Element>(&self, g: &Geometry, tape: &LayerTape<F>, index: usize, out: &mut [F]) {
        self.fill(g, out, |[panel, tile, step], sample, out| {
            let block = (panel * g.tiles + tile) * tape.blocks + step;
            let from = &tape.states[index][block * g.elements() + sample * PANEL..];
            out.copy_from_slice(&from[..out.len()]);
        });
    }

    /// Copies the current of a port at every step; the tape must have been created to store it.
    pub fn collect_port<F: Element>(&self, g: &Geometry, tape: &LayerTape<F>, port: usize, out: &mut [F]) {
        self.fill(g, out, |[panel, tile, step], sample, out| {
            let block = (panel * g.tiles + tile) * g.steps + step;
            let from = &tape.currents[port][block * g.elements() + sample * PANEL..];
            out.copy_from_slice(&from[..out.len()]);
        });
    }

    /// Copies the values of an operation after every step.
    pub fn collect_values<F: Element>(&self, g: &Geometry, tape: &MapTape<F>, plan: &MapPlan, out: &mut [F]) {
        self.each(g, |panel, tile, step, sample, range| {
            let row = tape.row(g, tile, step, sample);
            for (x, n) in out[range].iter_mut().zip(panel * PANEL..) {
                *x = row[plan.offset(n)];
            }
        });
    }

    pub fn collect_spikes<F: Element, T: Copy + Send + Sync>(
        &self,
        g: &Geometry,
        tape: &LayerTape<F>,
        values: [T; 2],
        out: &mut [T],
    ) {
        let rows = g.rows();
        self.fill(g, out, |[panel, tile, step], sample, out| {
            let word = tape.spikes.bits[panel * rows + g.row(tile, step) + sample];
            for (j, x) in out.iter_mut().enumerate() {
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

    /// Adds a gradient `[samples][neurons]`, the same at every step that counts, to `[panel][tile][step][sample][64]`.
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

    /// Converts a public gradient of an operation's values to `[row][element]` as its tape stores them; if these are
    /// constant, summed over the steps.
    pub fn inject_values<F: Element>(
        &self,
        g: &Geometry,
        public: &[F],
        tape: (&MapPlan, bool),
        out: &mut Vec<F>,
    ) {
        let (plan, constant) = tape;
        let own = steps_of(g, constant);
        out.clear();
        out.resize(own.rows() * self.neurons, F::ZERO);
        self.each(g, |panel, tile, step, sample, range| {
            let row = own.row(tile, if constant { 0 } else { step }) + sample;
            let row = &mut out[row * self.neurons..][..self.neurons];
            for (&x, n) in public[range].iter().zip(panel * PANEL..) {
                row[plan.offset(n)] += x;
            }
        });
    }

    /// Converts a public gradient to `[panel][tile][step][sample][64]`; `out` is empty unless `is_present`.
    pub fn inject<F: Element>(&self, g: &Geometry, public: &[F], is_present: bool, out: &mut Vec<F>) {
        let len = if is_present { self.neurons.div_ceil(PANEL) * g.rows() * PANEL } else { 0 };
        // If the length is unchanged, the padding is still zero.
        if out.len() != len {
            out.clear();
            out.resize(len, F::ZERO);
        }
        let tasks: Vec<_> = out.chunks_mut(g.tile_rows() * PANEL).enumerate().collect();
        parallel::for_each(tasks, |(i, out)| {
            for (step, out) in out.chunks_mut(g.elements()).enumerate() {
                out[g.valid(i % g.tiles) * PANEL..].fill(F::ZERO);
                self.samples(g, [i / g.tiles, i % g.tiles, step], |sample, range| {
                    out[sample * PANEL..][..range.len()].copy_from_slice(&public[range]);
                });
            }
        });
    }
}
