//! Dense operations, many rows at a time: a single row would have to load all weights. The order of each sum is that of
//! `map_row`, which a session uses: inputs ascending; in the backward pass outputs and rows ascending.

use crate::network::sources::Sources;
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::storage::rows::row_tasks;
use crate::tape::map_tape::MapTape;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{
    Aligned, Element, Fired, PANEL, Row, add_bias, column_sums, dense_weight_gradient, gather_rows,
    gemm_columns, panel_width, panels,
};
use std::ops::Range;

/// Number of inputs whose gradients one task sums: small enough that even few outputs give enough tasks for all
/// threads.
const INPUTS: usize = 4 * PANEL;

/// Values are listed if fewer than one in `SPARSE` is not zero: a dense product multiplies eight values at the cost of
/// one listed value.
const SPARSE: usize = 8;

/// Runs a dense operation over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, tape: &mut MapTape<F>) {
    let network = sources.network;
    let plan = &network.plan.maps[map];
    let Some(j) = plan.projection else { return };
    let (g, level) = (tape.geometry(&sources.g), network.level);
    let (inputs, outputs) = (plan.input_shapes[0].elements(), plan.shape.elements());
    let lists = sources.lists(plan.sources[0]);
    parallel::for_each(row_tasks(&mut tape.values, &g, outputs), |(tile, first, values)| {
        let count = values.len() / outputs;
        let steps = first..first + count / g.tile;
        let rows = g.row(tile, first)..g.row(tile, first) + count;
        let mut x = Aligned::default();
        if lists.is_none() {
            x.resize(count * inputs);
            sources.with_rows_of(
                plan.sources[0],
                row_indices(&g, tile, steps),
                &mut Vec::new(),
                |projection_input| {
                    for (row, projection_input) in valid(&g, tile, count).zip(projection_input) {
                        if let Row::Values(values) = projection_input {
                            x[row * inputs..][..inputs].copy_from_slice(&values[..inputs]);
                        }
                    }
                },
            );
        }
        let mut product = Aligned::default();
        product.resize(count * PANEL);
        for panel in 0..panels(outputs) {
            let weights = &network.weights(j, 0)[panel * inputs * PANEL..][..inputs * PANEL];
            let (bias, width) = (network.bias(j, 0, panel), panel_width(outputs, panel));
            match lists {
                Some(lists) => {
                    gather_rows(level, weights, lists, rows.clone(), g.tile, bias, width, &mut product);
                }
                None => {
                    let out = &mut product;
                    gemm_columns(level, width, count, inputs, &x, inputs, 1, weights, out, false);
                    add_bias(level, out, bias);
                }
            }
            for row in valid(&g, tile, count) {
                values[row * outputs + panel * PANEL..][..width]
                    .copy_from_slice(&product[row * PANEL..][..width]);
            }
        }
    });
}

/// Positions of the samples that exist, at some steps of a tile, ascending.
fn row_indices(g: &Geometry, tile: usize, steps: Range<usize>) -> impl Iterator<Item = [usize; 3]> + Clone {
    let samples = g.valid(tile);
    steps.flat_map(move |step| (0..samples).map(move |sample| [tile, step, sample]))
}

/// The same samples as row indices below `count`.
fn valid(g: &Geometry, tile: usize, count: usize) -> impl Iterator<Item = usize> {
    let (each, samples) = (g.tile, g.valid(tile));
    (0..count).filter(move |row| row % each < samples)
}

/// The part of the gradients to which one task adds.
struct Share<'a, F> {
    panel: usize,
    /// The first input of the task.
    first: usize,
    weight: &'a mut [F],
    bias: Option<&'a mut [F]>,
}

impl<F: Element> MapBackward<'_, F> {
    /// As `run`, for a dense operation.
    pub(crate) fn dense(&self, g: &Geometry, tape: &mut MapTape<F>) -> Vec<(usize, Aligned<F>)> {
        let added = self.dense_gradients(g, &tape.values);
        let (plan, level) = (self.plan(), self.network.level);
        let (inputs, outputs) = (plan.input_shapes[0].elements(), plan.shape.elements());
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(1, Aligned::default);
        gradients[0].clear();
        let Some(j) = plan.projection.filter(|_| self.needs_gradient[0]) else {
            tape.gradients = gradients;
            return added;
        };
        gradients[0].resize(g.rows() * inputs);
        parallel::for_each(row_tasks(&mut gradients[0], g, inputs), |(tile, first, dx)| {
            let count = dx.len() / inputs;
            let gradient = &tape.values[g.row(tile, first) * outputs..][..count * outputs];
            let mut product = Aligned::default();
            product.resize(count * PANEL);
            for panel in 0..panels(inputs) {
                let weights = &self.transposed[j][panel * outputs * PANEL..][..outputs * PANEL];
                let (width, out) = (panel_width(inputs, panel), &mut product);
                gemm_columns(level, width, count, outputs, gradient, outputs, 1, weights, out, false);
                for row in valid(g, tile, count) {
                    dx[row * inputs + panel * PANEL..][..width]
                        .copy_from_slice(&product[row * PANEL..][..width]);
                }
            }
        });
        tape.gradients = gradients;
        added
    }

    /// `(parameter, its gradient including this segment's contribution)`.
    fn dense_gradients(&self, g: &Geometry, gradient: &[F]) -> Vec<(usize, Aligned<F>)> {
        let (network, plan) = (self.network, self.plan());
        let Some(j) = plan.projection.filter(|&j| network.plan.projections[j].trainable) else {
            return vec![];
        };
        let (slots, inputs) = (network.slots[j], plan.input_shapes[0].elements());
        let mut weight = network.parameters[slots.weight].grad.clone();
        let mut bias = slots.bias.map(|slot| network.parameters[slot].grad.clone());
        let mut biases = bias.iter_mut().flat_map(|bias| bias.chunks_mut(PANEL));
        let mut shares = Vec::new();
        for (panel, weight) in weight.chunks_mut(inputs * PANEL).enumerate() {
            for (block, weight) in weight.chunks_mut(INPUTS * PANEL).enumerate() {
                let bias = if block == 0 { biases.next() } else { None };
                shares.push(Share { panel, first: block * INPUTS, weight, bias });
            }
        }
        parallel::for_each(shares, |mut share| {
            let (mut scratch, mut buffers) = (Vec::new(), Buffers::default());
            for (tile, steps) in (0..g.tiles).flat_map(|tile| g.blocks().map(move |steps| (tile, steps))) {
                buffers.take_rows(g, gradient, plan.shape.elements(), (tile, steps.clone()), share.panel);
                let row_indices = row_indices(g, tile, steps);
                self.sources.with_rows_of(plan.sources[0], row_indices, &mut scratch, |projection_input| {
                    buffers.add(network.level, projection_input, plan.shape.elements(), &mut share);
                });
            }
        });
        let mut added = vec![(slots.weight, weight)];
        added.extend(slots.bias.zip(bias));
        added
    }
}

/// A block of rows of samples that exist, in the form that a task reads.
#[derive(Default)]
struct Buffers<F> {
    /// The panel's part of the gradient, `[row][64]`.
    gradient: Vec<F>,
    /// The values of the task's inputs, `[row][input]`.
    x: Vec<F>,
    /// The indices of the non-zero values, row by row, and the end of each row.
    listed: Vec<u32>,
    ends: Vec<usize>,
}

impl<F: Element> Buffers<F> {
    fn take_rows(
        &mut self,
        g: &Geometry,
        gradient: &[F],
        size: usize,
        (tile, steps): (usize, Range<usize>),
        panel: usize,
    ) {
        self.gradient.clear();
        let elements = panel * PANEL..panel * PANEL + panel_width(size, panel);
        let rows = &gradient[g.row(tile, steps.start) * size..g.row(tile, steps.end) * size];
        for row in valid(g, tile, rows.len() / size) {
            self.gradient.extend_from_slice(&rows[row * size..][elements.clone()]);
            self.gradient.resize(self.gradient.len().next_multiple_of(PANEL), F::ZERO);
        }
    }

    fn add(&mut self, level: SimdLevel, projection_input: &[Row<F>], outputs: usize, share: &mut Share<F>) {
        if let Some(bias) = &mut share.bias {
            column_sums(level, &self.gradient, bias, true);
        }
        let count = share.weight.len() / PANEL;
        let inputs = share.first..share.first + count;
        self.x.clear();
        self.listed.clear();
        self.ends.clear();
        for row in projection_input {
            if let Row::Values(values) = row {
                self.x.extend_from_slice(&values[inputs.clone()]);
            }
        }
        let nonzero = self.x.iter().filter(|&&x| x != F::ZERO).count();
        if nonzero * SPARSE >= self.x.len().max(1) {
            let (width, rows) = (panel_width(outputs, share.panel), projection_input.len());
            let (x, gradient) = (&self.x, &self.gradient);
            return gemm_columns(level, width, count, rows, x, 1, count, gradient, share.weight, true);
        }
        for values in self.x.chunks_exact(count) {
            let numbered = (share.first as u32..).zip(values);
            self.listed.extend(numbered.filter(|&(_, &x)| x != F::ZERO).map(|(i, _)| i));
            self.ends.push(self.listed.len());
        }
        let mut begin = 0;
        let of_values = self.ends.iter().map(|&end| &self.listed[std::mem::replace(&mut begin, end)..end]);
        let mut of_values = of_values.collect::<Vec<_>>().into_iter();
        let rows: Vec<Fired<F>> = (projection_input.iter())
            .map(|row| match row {
                Row::Events(events) => Fired { events, values: None },
                Row::Values(values) => {
                    Fired { events: of_values.next().unwrap_or(&[]), values: Some(values) }
                }
            })
            .collect();
        dense_weight_gradient(level, &rows, &self.gradient, share.first, share.weight);
    }
}
