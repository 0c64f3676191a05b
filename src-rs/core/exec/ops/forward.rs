//! Forward pass of operations: one row of each operation, the same for a batch and for a session, and the tape that a
//! pass records.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::ops::attention::attend;
use crate::ops::batch_norm::batch_moments;
use crate::ops::dense_map;
use crate::ops::dropout::drop_out;
use crate::ops::prepared::Prepared;
use crate::ops::reductions::{self, running};
use crate::ops::registered;
use crate::ops::temporal;
use crate::plan::kernels::MapKernel;
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use crate::storage::rows::row_tasks;
use crate::tape::map_tape::MapTape;
use crate::tape::norms::Norms;
use lapicque_graph::{Attention, BatchNorm, Dropout, MapUse, NormSteps, OperationKind};
use lapicque_projection::{Aligned, Element, Order, Row, dense_row, normalize, transpose};

/// Runs one operation over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, mode: Mode, tape: &mut MapTape<F>) {
    let network = sources.network;
    let plan = &network.plan.maps[map];
    let g = tape.geometry(&sources.g);
    if let Some(running) = running(plan) {
        return reductions::forward(sources, map, running, tape);
    }
    if plan.operation.temporal().is_some() {
        return temporal::forward(sources, map, mode, tape);
    }
    if let Some(kernels) = &network.registered[map] {
        return registered::forward(sources, map, &**kernels, tape);
    }
    if plan.operation == OperationKind::Dense {
        return dense_map::forward(sources, map, tape);
    }
    if let Some(convolution) = tape.pooled {
        return forward_pooled(sources, [convolution, map], &g, tape);
    }
    let norms = match (plan.operation, mode) {
        (OperationKind::BatchNorm(BatchNorm { epsilon, steps, .. }), Mode::Train { .. })
            if !network.fixed[map] =>
        {
            let moments = batch_moments(sources, map, &g);
            let repeated = if tape.constant { sources.g.steps } else { 1 };
            let norms = Norms::new(moments.iter().map(|m| [m.mean(), m.variance()]), epsilon);
            tape.moments = match steps {
                NormSteps::Statistics => moments.repeat(repeated),
                _ => moments.iter().map(|m| m.times(repeated as f64)).collect(),
            };
            norms
        }
        _ => network.running_norms(map),
    };
    if let MapUse::Applied(_) = tape.usage {
        tape.norms = norms;
        return;
    }
    let samples = g.first..g.first + g.batch;
    let (size, prepared, transposed) =
        (tape.size, &network.prepare(map, &norms, mode, samples), tape.public && !plan.is_public());
    let drops = network.draws_each_step(map, mode);
    let tasks = row_tasks(&mut tape.values, &g, size);
    parallel::for_each(tasks, |(tile, first, values)| {
        let (mut scratch, mut sums, mut uniforms) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = Aligned::default();
        row.resize(if transposed { size } else { 0 });
        for (i, out) in values.chunks_mut(size).enumerate() {
            let (step, sample) = (first + i / g.tile, i % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |rows| {
                let out = if transposed { &mut row[..] } else { &mut *out };
                let prepared = &prepared[step.min(prepared.len() - 1)];
                network.map_row(map, rows, prepared, tile * g.tile + sample, &mut sums, out);
                if let Some((rate, draw)) = drops {
                    let at = [sources.first_step + step, g.first + tile * g.tile + sample];
                    network.draw_step(map, draw, at, &mut uniforms);
                    drop_out(rate, &uniforms, out);
                }
            });
            if transposed {
                transpose(network.level, &row, [plan.shape.pixels(), plan.shape.channels], out);
            }
        }
    });
    tape.norms = norms;
}

/// Runs a convolution and the pool that reads it, row by row.
fn forward_pooled<F: Element>(
    sources: &Sources<F>,
    [convolution, map]: [usize; 2],
    g: &Geometry,
    tape: &mut MapTape<F>,
) {
    let network = sources.network;
    let plan = &network.plan.maps[convolution];
    let MapKernel::Pool(pool) = &network.maps[map] else { return };
    let (size, prepared) =
        (tape.size, &network.prepare(convolution, &Norms::default(), Mode::Evaluate, 0..0)[0]);
    let shape = network.plan.maps[map].shape;
    let transposed = tape.public && !network.plan.maps[map].is_public();
    let values = row_tasks(&mut tape.values, g, size);
    let chosen = row_tasks(&mut tape.chosen, g, size);
    let tasks = values
        .into_iter()
        .zip(chosen)
        .map(|((tile, first, values), (.., chosen))| (tile, first, values, chosen));
    parallel::for_each(tasks.collect(), |(tile, first, values, chosen)| {
        let (mut scratch, mut sums) = (Vec::new(), Vec::new());
        let (mut between, mut row) = (Aligned::default(), Aligned::default());
        between.resize(plan.shape.elements());
        row.resize(if transposed { size } else { 0 });
        for (i, (out, chosen)) in values.chunks_mut(size).zip(chosen.chunks_mut(size)).enumerate() {
            let (step, sample) = (first + i / g.tile, i % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |rows| {
                network.map_row(convolution, rows, prepared, 0, &mut sums, &mut between);
            });
            if transposed {
                pool.choose(network.level, &between, &mut row, chosen);
                transpose(network.level, &row, [shape.pixels(), shape.channels], out);
            } else {
                pool.choose(network.level, &between, out, chosen);
            }
        }
    });
}

impl<F: Element> Network<F> {
    /// One row of an operation, `[pixel][channel]`, for one of the samples for which `prepared` was prepared.
    pub(crate) fn map_row(
        &self,
        map: usize,
        rows: &[Row<F>],
        prepared: &Prepared<F>,
        sample: usize,
        sums: &mut Vec<F>,
        out: &mut [F],
    ) {
        let plan = &self.plan.maps[map];
        let shape = plan.shape;
        let (channels, pixels) = (shape.channels, shape.pixels());
        let own = Order::of_values(channels);
        let (x, from) = (rows[0], order_of(plan.sources[0], plan.input_shapes[0]));
        let weights = plan.projection.map_or(&[][..], |j| &self.parameters[self.slots[j].weight].data);
        let bias = plan.projection.and_then(|j| self.slots[j].bias);
        let bias = bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        match plan.operation {
            OperationKind::Dense => {
                dense_row(self.level, weights, plan.input_shapes[0].elements(), x, bias, out)
            }
            OperationKind::OneToOne => {
                x.write(self.level, [from, own], [channels, pixels], out);
                for (n, &w) in weights[..out.len()].iter().enumerate() {
                    let out = &mut out[plan.offset(n)];
                    *out = *out * w;
                }
            }
            OperationKind::Conv { .. } => {
                if let MapKernel::Convolution(convolution) = &self.maps[map] {
                    let scatter = &convolution.forward;
                    sums.resize(scatter.sums(), F::ZERO);
                    scatter.row(self.level, (weights, &prepared.packed), (x, from), bias, sums, own, out);
                }
            }
            OperationKind::Pool(_) => {
                if let MapKernel::Pool(pool) = &self.maps[map] {
                    pool.row(self.level, x, from, out);
                }
            }
            OperationKind::Flatten => {
                let input_shape = plan.input_shapes[0];
                let public = Order::public(input_shape.pixels());
                x.write(self.level, [from, public], input_shape.image(), out);
            }
            OperationKind::Unflatten => {
                x.write(self.level, [Order::public(pixels), own], [channels, pixels], out)
            }
            OperationKind::OwnKernels => self.registered_row(map, rows, &prepared.packed, out),
            OperationKind::Attention(Attention { heads, scale }) => {
                attend(self.level, plan, (heads, scale), rows, sums, out);
            }
            OperationKind::Dropout(Dropout { rate, .. }) => {
                x.write(self.level, [from, own], [channels, pixels], out);
                if !prepared.uniforms.is_empty() {
                    drop_out(rate, &prepared.uniforms[sample * out.len()..], out);
                }
            }
            OperationKind::BatchNorm(BatchNorm { scale, .. }) => {
                let affine = prepared.affine.as_ref().map(|affine| affine.each_ref().map(|of| &of[..]));
                let x = match x {
                    Row::Values(values) if from == own => values,
                    other => {
                        sums.resize(out.len(), F::ZERO);
                        other.write(self.level, [from, own], [channels, pixels], sums);
                        &sums[..]
                    }
                };
                normalize(self.level, x, prepared.norms.normal(), F::from_f64(scale), affine, out);
            }
            OperationKind::Embedding => {
                let row = row_number(x);
                out.copy_from_slice(&weights[row * channels..][..channels]);
            }
            // Computed for all steps together: see `temporal` and `running`.
            OperationKind::Temporal(_) => {}
        }
    }
}

/// The row index that an embedding looks up.
pub(crate) fn row_number<F: Element>(x: Row<F>) -> usize {
    match x {
        Row::Events(events) => events.len(),
        Row::Values(values) => values[0].to_f64() as usize,
    }
}
