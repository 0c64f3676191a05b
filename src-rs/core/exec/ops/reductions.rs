//! Reductions over time: the output of each step reduces all steps so far, so the last output reduces the whole
//! sequence. Between segments, and between the steps of a session, the result so far and the number of steps are
//! carried over.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::ops::backward::MapBackward;
use crate::ops::temporal::of_tiles;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_base::SimdLevel;
use lapicque_graph::{MapPlan, Temporal, TimeReduction};
use lapicque_projection::{Aligned, Element, Order, Row, Running, transpose};

/// `None` for other operations.
pub(crate) fn running(plan: &MapPlan) -> Option<Running> {
    match plan.operation.temporal()? {
        Temporal::Reduction(TimeReduction::Sum) => Some(Running::Sum),
        Temporal::Reduction(TimeReduction::Mean) => Some(Running::Mean),
        Temporal::Reduction(TimeReduction::Max) => Some(Running::Max),
        _ => None,
    }
}

/// One row in the order of an operation's values.
fn write<F: Element>(level: SimdLevel, plan: &MapPlan, x: Row<F>, out: &mut [F]) {
    let (shape, from) = (plan.shape, order_of(plan.sources[0], plan.input_shapes[0]));
    x.write(level, [from, Order::of_values(shape.channels)], shape.image(), out);
}

impl<F: Element> Network<F> {
    /// One step of an operation in a session.
    pub(crate) fn run_on(
        &self,
        map: usize,
        running: Running,
        x: Row<F>,
        [sums, state]: [&mut Vec<F>; 2],
        out: &mut [F],
    ) {
        sums.resize(out.len(), F::ZERO);
        write(self.level, &self.plan.maps[map], x, sums);
        running.take(sums, state, out);
    }
}

/// Runs a reduction over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, running: Running, tape: &mut MapTape<F>) {
    let (plan, g) = (&sources.network.plan.maps[map], sources.g);
    let (size, shape) = (plan.shape.elements(), plan.shape);
    let (begin, transposed) = (&tape.begin, tape.public && !plan.is_public());
    let values = tape.values.chunks_mut(g.tile_rows() * size);
    let tasks: Vec<_> = values.zip(of_tiles(&mut tape.end, &g)).enumerate().collect();
    parallel::for_each(tasks, |(tile, (values, end))| {
        let (mut scratch, mut row, mut reduced) = (Vec::new(), vec![F::ZERO; size], vec![F::ZERO; size]);
        for sample in 0..g.valid(tile) {
            let state = &mut end[sample * 2 * size..][..2 * size];
            state.copy_from_slice(&begin[(tile * g.tile + sample) * 2 * size..][..2 * size]);
            for step in 0..g.steps {
                sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |x| {
                    write(sources.network.level, plan, x[0], &mut row)
                });
                running.take(&row, state, &mut reduced);
                let out = &mut values[(step * g.tile + sample) * size..][..size];
                match transposed {
                    true => transpose(sources.network.level, &reduced, [shape.pixels(), shape.channels], out),
                    false => out.copy_from_slice(&reduced),
                }
            }
        }
    });
}

impl<F: Element> MapBackward<'_, F> {
    /// Computes the gradient of the input. `carry` contains the gradient of the state after the segment, and on return
    /// that of the state before it.
    pub(crate) fn reduction(
        &self,
        g: &Geometry,
        running: Running,
        tape: &mut MapTape<F>,
        carry: &mut Aligned<F>,
    ) {
        let plan = &self.network.plan.maps[self.map];
        let (size, shape) = (plan.shape.elements(), plan.shape);
        let (own, to) = (Order::of_values(shape.channels), order_of(plan.sources[0], plan.input_shapes[0]));
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(1, Aligned::default);
        gradients[0].clear();
        gradients[0].resize(if self.needs_gradient[0] { g.rows() * size } else { 0 });
        let begin = &tape.begin;
        let tasks: Vec<_> = (of_tiles(&mut gradients[0], g).into_iter())
            .zip(of_tiles(carry, g))
            .zip(tape.values.chunks_mut(g.tile_rows() * size))
            .enumerate()
            .collect();
        parallel::for_each(tasks, |(tile, ((dx, carry), dy))| {
            let (mut scratch, mut rows, mut reduced) =
                (Vec::new(), vec![F::ZERO; g.steps * size], vec![F::ZERO; size]);
            // The state before each step.
            let mut states = vec![F::ZERO; (g.steps + 1) * 2 * size];
            for sample in 0..g.valid(tile) {
                states[..2 * size].copy_from_slice(&begin[(tile * g.tile + sample) * 2 * size..][..2 * size]);
                for (step, row) in rows.chunks_mut(size).enumerate() {
                    self.sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |x| {
                        write(self.network.level, plan, x[0], row)
                    });
                    let (before, after) = states.split_at_mut((step + 1) * 2 * size);
                    let after = &mut after[..2 * size];
                    after.copy_from_slice(&before[step * 2 * size..]);
                    running.take(row, after, &mut reduced);
                }
                let carry = &mut carry[sample * 2 * size..][..size];
                for (step, row) in rows.chunks(size).enumerate().rev() {
                    let (state, at) =
                        (&states[step * 2 * size..][..2 * size], (step * g.tile + sample) * size);
                    let gradient = &mut dy[at..][..size];
                    running.backward(row, state, carry, gradient);
                    if !dx.is_empty() {
                        let dx = &mut dx[at..][..size];
                        Row::Values(gradient).write(self.network.level, [own, to], shape.image(), dx);
                    }
                }
            }
        });
        tape.gradients = gradients;
    }
}
