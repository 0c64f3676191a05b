//! The backward pass through operations that mix time.

use crate::ops::backward::MapBackward;
use crate::ops::temporal::{OverTime, of_tiles};
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_graph::Temporal;
use lapicque_projection::{Aligned, Arrivals, Delayed, Element, EventsByInput};

/// The contribution of one tile to the gradients of weights, bias and delays.
struct Shares<F> {
    weight: Vec<F>,
    bias: Vec<F>,
    delay: Vec<F>,
}

impl<F: Element> MapBackward<'_, F> {
    /// Computes the gradient of the input. Returns the new gradients of the weights, with this segment's contribution
    /// included. `carry` contains the gradients of outputs after the segment, and on return those of the outputs that
    /// were pending before it.
    pub(crate) fn temporal(
        &self,
        g: &Geometry,
        tape: &mut MapTape<F>,
        carry: &mut Aligned<F>,
    ) -> Vec<(usize, Aligned<F>)> {
        let network = self.network;
        let timing = network.timing(self.map, self.mode);
        let Some(over) = network.over_time(self.map, &timing) else { return vec![] };
        let Some(j) = over.plan.projection else { return vec![] };
        let (slots, projection) = (network.slots[j], &network.plan.projections[j]);
        let learned = projection.delay.as_ref().is_some_and(|delay| delay.trainable);
        let inputs = over.plan.input_shapes[0].elements();
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(1, Aligned::default);
        gradients[0].clear();
        gradients[0].resize(if self.needs_gradient[0] { g.rows() * inputs } else { 0 });
        let tasks: Vec<_> = (of_tiles(&mut gradients[0], g).into_iter())
            .zip(of_tiles(carry, g))
            .zip(tape.values.chunks(g.tile_rows() * over.size()))
            .enumerate()
            .collect();
        let shares = parallel::map(tasks, |(tile, ((dx, carry), dy))| {
            let zeros =
                |needs_gradient: bool, like: &[F]| vec![F::ZERO; if needs_gradient { like.len() } else { 0 }];
            let mut shares = Shares {
                weight: zeros(projection.trainable, over.weights),
                bias: zeros(projection.trainable, over.bias),
                delay: zeros(learned, over.weights),
            };
            self.tile_over_time(&over, g, tile, [dx, carry], dy, &mut shares);
            shares
        });
        tape.gradients = gradients;
        let per_ms = match over.temporal {
            Temporal::Delays { dt, .. } => F::from_f64(1.0 / dt),
            _ => F::ONE,
        };
        let mut added = Vec::new();
        let mut add = |slot: Option<usize>, needs_gradient: bool, share: &dyn Fn(&Shares<F>, usize) -> F| {
            let Some(slot) = slot.filter(|_| needs_gradient) else { return };
            let mut grad = network.parameters[slot].grad.clone();
            for (i, grad) in grad.iter_mut().enumerate().take(over.weights.len()) {
                shares.iter().for_each(|shares| *grad += share(shares, i));
            }
            added.push((slot, grad));
        };
        let of = |values: &[F], i: usize| values.get(i).copied().unwrap_or(F::ZERO);
        add(Some(slots.weight), projection.trainable, &|shares, i| of(&shares.weight, i) * over.share(i));
        add(slots.bias, projection.trainable, &|shares, i| of(&shares.bias, i));
        add(slots.delay, learned, &|shares, i| of(&shares.delay, i) * per_ms);
        added
    }

    fn tile_over_time(
        &self,
        over: &OverTime<F>,
        g: &Geometry,
        tile: usize,
        [dx, carry]: [&mut [F]; 2],
        dy: &[F],
        shares: &mut Shares<F>,
    ) {
        let (size, inputs) = (over.size(), over.plan.input_shapes[0].elements());
        let (reach, channels) = (over.temporal.reach() * size, over.plan.shape.channels);
        let mut buffers =
            Scratch { scratch: Vec::new(), events: EventsByInput::new(inputs), projection_input: Vec::new() };
        let mut rows = vec![F::ZERO; g.steps * size + reach];
        for sample in 0..g.valid(tile) {
            for (step, row) in rows.chunks_mut(size).take(g.steps).enumerate() {
                row.copy_from_slice(&dy[(step * g.tile + sample) * size..][..size]);
                for (at, &dy) in row.iter().enumerate().take(size * shares.bias.len().min(1)) {
                    shares.bias[over.bias_of(step, at, channels)] += dy;
                }
            }
            let carry = &mut carry[sample * reach..][..reach];
            rows[g.steps * size..].copy_from_slice(carry);
            carry.copy_from_slice(&rows[..reach]);
            let sample = Sample { g, tile, sample, rows: &rows };
            match over.delayed() {
                Some(delayed) => self.through_delays(&delayed, &sample, dx, shares, &mut buffers),
                None => self.through_filter(over, &sample, dx, shares, &mut buffers),
            }
        }
    }

    fn through_delays(
        &self,
        delayed: &Delayed<F>,
        at: &Sample<F>,
        dx: &mut [F],
        shares: &mut Shares<F>,
        buffers: &mut Scratch<F>,
    ) {
        let steps = at.g.steps;
        let arrivals = Arrivals::new(at.rows, delayed.outputs);
        if !dx.is_empty() {
            let mut by_input = vec![F::ZERO; delayed.inputs * steps];
            delayed.input_gradients(self.network.level, &arrivals, &mut by_input);
            for (input, gradient) in by_input.chunks_exact(steps).enumerate() {
                for (step, &gradient) in gradient.iter().enumerate() {
                    dx[at.row(step) * delayed.inputs + input] = gradient;
                }
            }
        }
        if shares.weight.is_empty() && shares.delay.is_empty() {
            return;
        }
        let Scratch { scratch, events, .. } = buffers;
        events.clear();
        for step in 0..steps {
            self.sources.with_rows(&self.plan().sources, at.row_index(step), scratch, |x| {
                delayed.each_input(x[0], |input, x| events.push(input, step, x));
            });
        }
        delayed.weight_gradients(events, &arrivals, &mut shares.weight, &mut shares.delay);
    }

    fn through_filter(
        &self,
        over: &OverTime<F>,
        at: &Sample<F>,
        dx: &mut [F],
        shares: &mut Shares<F>,
        buffers: &mut Scratch<F>,
    ) {
        let (filtered, level, from) = (over.filtered(), self.network.level, over.from());
        let (size, inputs) = (over.size(), over.plan.input_shapes[0].elements());
        if !dx.is_empty() {
            for step in 0..at.g.steps {
                let (reached, first) = over.reached(step, 0);
                let dx = &mut dx[at.row(step) * inputs..][..inputs];
                filtered.input_gradient(level, &at.rows[first * size..], reached, from, dx);
            }
        }
        if shares.weight.is_empty() {
            return;
        }
        let by_element = filtered.by_element(at.rows);
        let Scratch { scratch, projection_input, .. } = buffers;
        for step in 0..at.g.steps {
            let reached = over.reached(step, 0);
            self.sources.with_rows(&over.plan.sources, at.row_index(step), scratch, |x| {
                let dw = &mut shares.weight;
                filtered.weight_gradient(level, (x[0], from), reached, &by_element, projection_input, dw);
            });
        }
    }
}

/// A sample of a tile, and the gradients of its outputs, `[step][element]`.
struct Sample<'a, F> {
    g: &'a Geometry,
    tile: usize,
    sample: usize,
    rows: &'a [F],
}

impl<F> Sample<'_, F> {
    /// The row of this sample at a step, counted within the tile.
    fn row(&self, step: usize) -> usize {
        step * self.g.tile + self.sample
    }

    fn row_index(&self, step: usize) -> [usize; 3] {
        [self.tile, step, self.sample]
    }
}

/// Scratch buffers for the samples of a tile.
struct Scratch<F: Element> {
    scratch: Vec<Vec<F>>,
    events: EventsByInput<F>,
    projection_input: Vec<(u32, F)>,
}
