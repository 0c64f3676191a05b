//! Operations that mix time: the input of one step contributes to the outputs of several steps. Between segments, and
//! between the steps of a session, the pending outputs are carried over.
//!
//! A task is one tile of samples over a whole segment. Each row is added to the rows that it reaches, in the order of
//! time; a session stores the rows of future steps, so it adds in the same order. In the backward pass, the gradients of
//! rows beyond a segment are passed to the previous segment; it vectorizes over steps (`delay_gradients.rs` of
//! `projection`) or elements (`filter_rows.rs`), and each sum keeps its order. A mixture that reads only earlier steps
//! can stream; its state includes the position in its sequence. Learned delays are clipped to their range after each
//! optimizer step.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{Filter, MapPlan, Mixture, Temporal};
use lapicque_projection::{Delayed, Element, Filtered, Lags, Order, Reached, Row, transpose};

/// The data of a temporal operation: its plan, its weights, and the lags of its delays.
pub(crate) struct OverTime<'a, F: Element> {
    pub plan: &'a MapPlan,
    pub temporal: Temporal,
    pub weights: &'a [F],
    pub bias: &'a [F],
    timing: &'a Timing<F>,
    level: SimdLevel,
}

/// Data that are computed once for many rows of an operation that mixes time, as long as its parameters do not change.
pub(crate) struct Timing<F: Element> {
    /// The lags of delays.
    lags: Option<Lags<F>>,
    /// The weights with a mask that is partly applied, and the factor of the masked weights.
    masked: Option<(Vec<F>, F)>,
}

impl<F: Element> Network<F> {
    pub(crate) fn timing(&self, map: usize, mode: Mode) -> Timing<F> {
        Timing { lags: self.lags(map, mode), masked: self.masked(map) }
    }

    /// `None` unless the operation is delays.
    fn lags(&self, map: usize, mode: Mode) -> Option<Lags<F>> {
        let plan = &self.plan.maps[map];
        let Some(Temporal::Delays { reach, dt, learned }) = plan.operation.temporal() else { return None };
        let delays = &self.parameters[self.slots[plan.projection?].delay?].data;
        Some(Lags::new(delays, dt, reach, learned && mode != Mode::Evaluate))
    }

    /// `None` unless the operation is a mixture whose mask is not fully applied.
    fn masked(&self, map: usize) -> Option<(Vec<F>, F)> {
        let plan = &self.plan.maps[map];
        let temporal = plan.operation.temporal()?;
        let left = F::ONE - self.parameters[self.lambdas[map]?].data[0];
        let weights = &self.parameters[self.slots[plan.projection?].weight].data;
        let share = |(i, &w): (usize, &F)| if hides(temporal, i) { w * left } else { w };
        (left != F::ZERO).then(|| (weights.iter().enumerate().map(share).collect(), left))
    }

    /// The layer that cannot stream, and the number of steps of its sequences: all of them must be known before the
    /// first output.
    pub fn needs_whole_sequence(&self) -> Option<(usize, &str)> {
        self.plan.maps.iter().enumerate().find_map(|(m, map)| match map.operation.temporal()? {
            Temporal::Mixture(Mixture { steps, order, .. })
                if order.is_none() || self.masked(m).is_some() =>
            {
                Some((steps, map.name.as_str()))
            }
            _ => None,
        })
    }

    /// `None` for an operation that does not spread its input over time.
    pub(crate) fn over_time<'a>(&'a self, map: usize, timing: &'a Timing<F>) -> Option<OverTime<'a, F>> {
        let plan = &self.plan.maps[map];
        let temporal = plan.operation.temporal()?;
        let slots = self.slots[plan.projection?];
        let weights = match &timing.masked {
            Some((masked, _)) => masked,
            None => &self.parameters[slots.weight].data[..],
        };
        let bias = slots.bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        Some(OverTime { plan, temporal, weights, bias, timing, level: self.level })
    }
}

impl<F: Element> OverTime<'_, F> {
    pub fn size(&self) -> usize {
        self.plan.shape.elements()
    }

    pub fn from(&self) -> Order {
        order_of(self.plan.sources[0], self.plan.input_shapes[0])
    }

    pub fn delayed(&self) -> Option<Delayed<'_, F>> {
        let (inputs, outputs) = (self.plan.input_shapes[0].elements(), self.size());
        Some(Delayed { weights: self.weights, lags: self.timing.lags.as_ref()?, inputs, outputs })
    }

    pub fn filtered(&self) -> Filtered<'_, F> {
        let shape = self.plan.shape;
        Filtered { weights: self.weights, channels: shape.channels, pixels: shape.pixels() }
    }

    /// The rows, from step `first` on, to which the input of `step` contributes, and the offset at which these begin.
    pub fn reached(&self, step: usize, first: usize) -> (Reached, usize) {
        match self.temporal {
            Temporal::Filter(Filter { lags, each }) => (Reached::Lags { lags, each }, step - first),
            Temporal::Mixture(Mixture { steps, order, .. }) => {
                let order = order.filter(|_| self.timing.masked.is_none());
                (Reached::Steps { steps, from: step, order, first }, 0)
            }
            _ => (Reached::Lags { lags: 0, each: false }, step - first),
        }
    }

    /// One step of a session; `pending` contains the pending rows from this step on, `[reach + 1][element]`.
    pub fn stream(&self, x: Row<F>, pending: &mut [F], out: &mut [F]) {
        let size = self.size();
        // For a mixture, the last row carried over contains the number of steps so far. It restarts after a complete
        // sequence.
        let (clock, mut step) = ((self.temporal.reach().max(1) - 1) * size, 0);
        let sequence = self.temporal.whole();
        if sequence.is_some() {
            step = pending[clock].to_f64() as usize;
            pending[clock..][..size].fill(F::ZERO);
        }
        self.spread(x, [step, step], pending);
        out.copy_from_slice(&pending[..size]);
        self.add_bias(step, out);
        pending.copy_within(size.., 0);
        let kept = pending.len() - size;
        pending[kept..].fill(F::ZERO);
        if let Some(steps) = sequence {
            pending[clock..][..size].fill(F::from_f64(((step + 1) % steps) as f64));
        }
    }

    /// The factor of a weight's gradient.
    pub fn share(&self, weight: usize) -> F {
        match self.timing.masked {
            Some((_, left)) if hides(self.temporal, weight) => left,
            _ => F::ONE,
        }
    }

    /// Adds the contributions of a step's input to `rows`, `[step][element]` from step `first` on.
    pub fn spread(&self, x: Row<F>, [step, first]: [usize; 2], rows: &mut [F]) {
        let (reached, first) = self.reached(step, first);
        let rows = &mut rows[first * self.size()..];
        match self.delayed() {
            Some(delayed) => delayed.spread(x, rows),
            None => self.filtered().spread(self.level, (x, self.from()), reached, rows),
        }
    }

    /// Adds the bias to the output of a step.
    pub fn add_bias(&self, step: usize, row: &mut [F]) {
        let channels = self.plan.shape.channels;
        if self.bias.is_empty() {
            return;
        }
        for (at, x) in row.iter_mut().enumerate() {
            *x += self.bias[self.bias_of(step, at, channels)];
        }
    }

    pub fn bias_of(&self, step: usize, at: usize, channels: usize) -> usize {
        match self.temporal {
            Temporal::Delays { .. } => at,
            Temporal::Filter(Filter { each: true, .. }) => at % channels,
            Temporal::Filter(_) => 0,
            _ => step,
        }
    }
}

/// Whether the mask of a mixture covers a weight.
fn hides(temporal: Temporal, weight: usize) -> bool {
    let Temporal::Mixture(Mixture { steps, order: Some(order), .. }) = temporal else { return false };
    let (to, from) = (weight / steps, weight % steps);
    !(from..from + order).contains(&to)
}

/// The part of each tile; there is one part per tile even if nothing is pending.
pub(crate) fn of_tiles<'a, T>(pending: &'a mut [T], g: &Geometry) -> Vec<&'a mut [T]> {
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

impl<F: Element> Network<F> {
    /// Clamps learned delays to the range in which they have an effect, from 0 to the last step that a spike can reach.
    /// Descent then continues from the boundary.
    pub fn bound_delays(&mut self) {
        for map in &self.plan.maps {
            let Some(Temporal::Delays { reach, dt, learned: true }) = map.operation.temporal() else {
                continue;
            };
            let Some(slot) = map.projection.and_then(|j| self.slots[j].delay) else { continue };
            let (least, most) = (F::ZERO, F::from_f64(reach as f64 * dt));
            for delay in self.parameters[slot].data.iter_mut() {
                *delay = if *delay < least {
                    least
                } else if *delay > most {
                    most
                } else {
                    *delay
                };
            }
        }
    }
}

/// Runs a temporal operation over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, mode: Mode, tape: &mut MapTape<F>) {
    let timing = sources.network.timing(map, mode);
    let Some(over) = sources.network.over_time(map, &timing) else { return };
    let (g, size, shape) = (sources.g, over.size(), over.plan.shape);
    let reach = over.temporal.reach() * size;
    let (begin, transposed) = (&tape.begin, tape.public && !over.plan.is_public());
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
                    over.spread(x[0], [step, 0], &mut rows);
                });
            }
            for (step, row) in rows.chunks_mut(size).take(g.steps).enumerate() {
                over.add_bias(step, row);
                let out = &mut values[(step * g.tile + sample) * size..][..size];
                match transposed {
                    true => transpose(sources.network.level, row, [shape.pixels(), shape.channels], out),
                    false => out.copy_from_slice(row),
                }
            }
            end[sample * reach..][..reach].copy_from_slice(&rows[g.steps * size..]);
        }
    });
}
