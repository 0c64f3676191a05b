//! Maps that mix time at work: what enters at one step leaves at several. Between segments, and between
//! the steps of a session, stays what is still to leave.

use crate::geometry::Geometry;
use crate::map::{MapTape, Mode};
use crate::map_backward::MapBackward;
use crate::network::Network;
use crate::parallel;
use crate::sources::{Sources, order_of};
use lapicque_graph::{MapPlan, Temporal};
use lapicque_projection::{Aligned, Delayed, Element, Filtered, Lags, Order, Reached, Row};

/// What a temporal map computes with: its plan, weights, and where delays end.
pub(crate) struct OverTime<'a, F: Element> {
    plan: &'a MapPlan,
    temporal: Temporal,
    weights: &'a [F],
    bias: &'a [F],
    lags: Option<&'a Lags<F>>,
}

impl<F: Element> Network<F> {
    /// Where the delays of a map end; of none but delays.
    pub(crate) fn lags(&self, map: usize, mode: Mode) -> Option<Lags<F>> {
        let plan = &self.plan.maps[map];
        let Some(Temporal::Delays { reach, dt, learned }) = plan.operation.temporal() else { return None };
        let delays = &self.parameters[self.slots[plan.projection?].delay?].data;
        Some(Lags::new(delays, dt, reach, learned && mode != Mode::Evaluate))
    }

    /// `None` for a map that mixes no time.
    pub(crate) fn over_time<'a>(&'a self, map: usize, lags: Option<&'a Lags<F>>) -> Option<OverTime<'a, F>> {
        let plan = &self.plan.maps[map];
        let temporal = plan.operation.temporal()?;
        let slots = self.slots[plan.projection?];
        let weights = &self.parameters[slots.weight].data;
        let bias = slots.bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        Some(OverTime { plan, temporal, weights, bias, lags })
    }
}

impl<F: Element> OverTime<'_, F> {
    fn size(&self) -> usize {
        self.plan.shape.elements()
    }

    fn from(&self) -> Order {
        order_of(self.plan.sources[0], self.plan.entering[0])
    }

    fn delayed(&self) -> Option<Delayed<'_, F>> {
        let (inputs, outputs) = (self.plan.entering[0].elements(), self.size());
        Some(Delayed { weights: self.weights, lags: self.lags?, inputs, outputs })
    }

    fn filtered(&self) -> Filtered<'_, F> {
        let shape = self.plan.shape;
        Filtered { weights: self.weights, channels: shape.channels, pixels: shape.pixels() }
    }

    /// What a row of `step` reaches, and the first of those rows.
    fn reached(&self, step: usize) -> (Reached, usize) {
        match self.temporal {
            Temporal::Filter { lags, each } => (Reached::Lags { lags, each }, step),
            Temporal::Mixture { steps, order } => (Reached::Steps { steps, from: step, order }, 0),
            Temporal::Delays { .. } => (Reached::Lags { lags: 0, each: false }, step),
        }
    }

    /// Adds what enters at a step to `rows`, `[step][element]` from the first step on.
    pub fn spread(&self, x: Row<F>, step: usize, rows: &mut [F]) {
        let (reached, first) = self.reached(step);
        let rows = &mut rows[first * self.size()..];
        match self.delayed() {
            Some(delayed) => delayed.spread(x, rows),
            None => self.filtered().spread((x, self.from()), reached, rows),
        }
    }

    /// Adds the bias to what leaves at a step.
    pub fn add_bias(&self, step: usize, row: &mut [F]) {
        let channels = self.plan.shape.channels;
        if self.bias.is_empty() {
            return;
        }
        for (at, x) in row.iter_mut().enumerate() {
            *x += self.bias[self.bias_of(step, at, channels)];
        }
    }

    fn bias_of(&self, step: usize, at: usize, channels: usize) -> usize {
        match self.temporal {
            Temporal::Delays { .. } => at,
            Temporal::Filter { each: true, .. } => at % channels,
            Temporal::Filter { .. } => 0,
            Temporal::Mixture { .. } => step,
        }
    }
}

/// Rows of each sample that are still to come, `[sample][reach][element]` over all tiles.
pub(crate) fn pending(plan: &MapPlan, g: &Geometry) -> usize {
    let reach = plan.operation.temporal().map_or(0, Temporal::reach);
    g.tiles * g.tile * reach * plan.shape.elements()
}

/// The part of each tile; as many as there are tiles even where nothing is pending.
fn of_tiles<'a, T>(pending: &'a mut [T], g: &Geometry) -> Vec<&'a mut [T]> {
    let each = pending.len() / g.tiles;
    let mut rest = pending;
    let mut parts = Vec::with_capacity(g.tiles);
    for _ in 0..g.tiles {
        let (part, after) = rest.split_at_mut(each);
        parts.push(part);
        rest = after;
    }
    parts
}

/// Runs a temporal map over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, mode: Mode, tape: &mut MapTape<F>) {
    let lags = sources.network.lags(map, mode);
    let Some(over) = sources.network.over_time(map, lags.as_ref()) else { return };
    let (g, size) = (sources.g, over.size());
    let reach = over.temporal.reach() * size;
    let begin = &tape.begin;
    let values = tape.values.chunks_mut(g.tile_rows() * size);
    let tasks: Vec<_> = values.zip(of_tiles(&mut tape.end, &g)).enumerate().collect();
    parallel::for_each(tasks, |(tile, (values, end))| {
        let mut scratch = Vec::new();
        let mut rows = vec![F::ZERO; g.steps * size + reach];
        for sample in 0..g.valid(tile) {
            rows.fill(F::ZERO);
            rows[..reach].copy_from_slice(&begin[(tile * g.tile + sample) * reach..][..reach]);
            for step in 0..g.steps {
                sources.with_rows(&over.plan.sources, [tile, step, sample], &mut scratch, |x| {
                    over.spread(x[0], step, &mut rows);
                });
            }
            for (step, row) in rows.chunks(size).take(g.steps).enumerate() {
                let out = &mut values[(step * g.tile + sample) * size..][..size];
                out.copy_from_slice(row);
                over.add_bias(step, out);
            }
            end[sample * reach..][..reach].copy_from_slice(&rows[g.steps * size..]);
        }
    });
}

/// What one tile adds to the gradients of weights, bias and delays.
struct Shares<F> {
    weight: Vec<F>,
    bias: Vec<F>,
    delay: Vec<F>,
}

impl<F: Element> MapBackward<'_, F> {
    /// Puts the gradient of what entered in place; returns those of the weights as they are to be added.
    /// `carry` holds the gradients of what leaves after the segment, and then of what entered it pending.
    pub(super) fn temporal(
        &self,
        g: &Geometry,
        tape: &mut MapTape<F>,
        carry: &mut Aligned<F>,
    ) -> Vec<(usize, Aligned<F>)> {
        let network = self.network;
        let lags = network.lags(self.map, self.mode);
        let Some(over) = network.over_time(self.map, lags.as_ref()) else { return vec![] };
        let Some(j) = over.plan.projection else { return vec![] };
        let (slots, projection) = (network.slots[j], &network.plan.projections[j]);
        let learned = projection.delay.as_ref().is_some_and(|delay| delay.trainable);
        let entering = over.plan.entering[0].elements();
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(1, Aligned::default);
        gradients[0].clear();
        gradients[0].resize(if self.wanted[0] { g.rows() * entering } else { 0 });
        let tasks: Vec<_> = (of_tiles(&mut gradients[0], g).into_iter())
            .zip(of_tiles(carry, g))
            .zip(tape.values.chunks(g.tile_rows() * over.size()))
            .enumerate()
            .collect();
        let shares = parallel::map(tasks, |(tile, ((dx, carry), dy))| {
            let room = |wanted: bool, like: &[F]| vec![F::ZERO; if wanted { like.len() } else { 0 }];
            let mut shares = Shares {
                weight: room(projection.trainable, over.weights),
                bias: room(projection.trainable, over.bias),
                delay: room(learned, over.weights),
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
        let mut add = |slot: Option<usize>, wanted: bool, share: &dyn Fn(&Shares<F>, usize) -> F| {
            let Some(slot) = slot.filter(|_| wanted) else { return };
            let mut grad = network.parameters[slot].grad.clone();
            for (i, grad) in grad.iter_mut().enumerate().take(over.weights.len()) {
                shares.iter().for_each(|shares| *grad += share(shares, i));
            }
            added.push((slot, grad));
        };
        let of = |values: &[F], i: usize| values.get(i).copied().unwrap_or(F::ZERO);
        add(Some(slots.weight), projection.trainable, &|shares, i| of(&shares.weight, i));
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
        let (size, entering) = (over.size(), over.plan.entering[0].elements());
        let (reach, channels) = (over.temporal.reach() * size, over.plan.shape.channels);
        let mut scratch = Vec::new();
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
            for step in 0..g.steps {
                let (reached, first) = over.reached(step);
                let rows = &rows[first * size..];
                if !dx.is_empty() {
                    let dx = &mut dx[(step * g.tile + sample) * entering..][..entering];
                    match over.delayed() {
                        Some(delayed) => delayed.input_gradient(rows, dx),
                        None => over.filtered().input_gradient(rows, reached, over.from(), dx),
                    }
                }
                self.sources.with_rows(&over.plan.sources, [tile, step, sample], &mut scratch, |x| {
                    let Shares { weight, delay, .. } = &mut *shares;
                    match over.delayed() {
                        _ if weight.is_empty() && delay.is_empty() => {}
                        Some(delayed) => delayed.weight_gradient(x[0], rows, weight, delay),
                        None => over.filtered().weight_gradient((x[0], over.from()), reached, rows, weight),
                    }
                });
            }
        }
    }
}
