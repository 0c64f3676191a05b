//! Kernels that carry the input of one step to later steps. A sum takes its terms in the order of the steps of the
//! inputs, then of the inputs, whether a sequence is processed whole, in segments or step by step.

use super::filter_rows::{self, ByElement};
use crate::PANEL;
use crate::layouts::row::{Order, Row};
use crate::simd::registers::Element;
use lapicque_base::SimdLevel;

/// The delay of each synapse: `lag` whole steps, and a `share` that arrives one step later. In the layout of the
/// weights.
pub struct Lags<F> {
    lag: Vec<u32>,
    share: Vec<F>,
}

impl<F: Element> Lags<F> {
    /// From delays in ms. With `between`, delays between steps are interpolated, otherwise rounded.
    pub fn new(delays: &[F], dt: f64, reach: usize, between: bool) -> Self {
        let (mut lag, mut share) = (Vec::with_capacity(delays.len()), Vec::with_capacity(delays.len()));
        for &delay in delays {
            let steps = (delay.to_f64() / dt).clamp(0.0, reach as f64);
            if between && reach > 0 {
                let whole = libm::floor(steps).min((reach - 1) as f64);
                lag.push(whole as u32);
                share.push(F::from_f64(steps - whole));
            } else {
                lag.push(libm::floor(steps + 0.5) as u32);
                share.push(F::ZERO);
            }
        }
        Lags { lag, share }
    }

    /// The delay of the synapse at an offset of the layout.
    #[inline(always)]
    pub(crate) fn of(&self, at: usize) -> (usize, F) {
        (self.lag[at] as usize, self.share[at])
    }
}

/// A dense projection with delays: `weights` and `lags` as `[panel of outputs][input][64]`.
pub struct Delayed<'a, F> {
    pub weights: &'a [F],
    pub lags: &'a Lags<F>,
    pub inputs: usize,
    pub outputs: usize,
}

impl<F: Element> Delayed<'_, F> {
    /// Adds the outputs that one row causes to `rows`, `[lag][output]`.
    pub fn spread(&self, x: Row<F>, rows: &mut [F]) {
        self.each_input(x, |input, x| {
            self.each_synapse(input, |at, output| {
                let (lag, share) = (self.lags.lag[at] as usize, self.lags.share[at]);
                let (whole, to) = (x * self.weights[at], lag * self.outputs + output);
                if share == F::ZERO {
                    rows[to] += whole;
                } else {
                    rows[to] += whole * (F::ONE - share);
                    rows[to + self.outputs] += whole * share;
                }
            });
        });
    }

    /// Calls `visit` with each nonzero input and its value, ascending.
    pub fn each_input(&self, x: Row<F>, mut visit: impl FnMut(usize, F)) {
        let flat = Order { channel: 1, pixel: 1 };
        x.nonzero(flat, 1, 0..self.inputs, |input: usize, _: usize, x: F| visit(input, x));
    }

    /// Calls `visit` with the offset in the layout and the output of each synapse of an input.
    #[inline(always)]
    fn each_synapse(&self, input: usize, mut visit: impl FnMut(usize, usize)) {
        for output in 0..self.outputs {
            visit((output / PANEL * self.inputs + input) * PANEL + output % PANEL, output);
        }
    }
}

/// An operation on each element separately: the rows that it reaches, with their weights.
#[derive(Debug, Clone, Copy)]
pub enum Reached {
    /// `weights[channel or 0][lag]`.
    Lags { lags: usize, each: bool },
    /// `weights[to][from]` of a whole sequence, where the row is step `from`; rows begin at step `first`.
    Steps { steps: usize, from: usize, order: Option<usize>, first: usize },
}

/// Rows from `row` on, each with its weight.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub row: usize,
    pub count: usize,
    first: usize,
    stride: usize,
}

impl Line {
    /// Index of the weight of a row.
    #[inline(always)]
    pub fn weight(self, k: usize) -> usize {
        self.first + k * self.stride
    }
}

impl Reached {
    /// The rows that an element of `channel` reaches, ascending.
    #[inline(always)]
    fn line(self, channel: usize) -> Line {
        match self {
            Reached::Lags { lags, each } => {
                Line { row: 0, count: lags, first: if each { channel * lags } else { 0 }, stride: 1 }
            }
            Reached::Steps { steps, from, order, first } => {
                let (begin, end) = match order {
                    None => (0, steps),
                    Some(order) => (from, (from + order).min(steps)),
                };
                Line { row: begin - first, count: end - begin, first: begin * steps + from, stride: steps }
            }
        }
    }

    /// Whether all elements have the same weights.
    fn is_shared(self) -> bool {
        !matches!(self, Reached::Lags { each: true, .. })
    }
}

/// A filter of elements; rows have `channels` × `pixels` elements, with the channels of a pixel contiguous.
pub struct Filtered<'a, F> {
    pub weights: &'a [F],
    pub channels: usize,
    pub pixels: usize,
}

impl<F: Element> Filtered<'_, F> {
    fn size(&self) -> usize {
        self.channels * self.pixels
    }

    /// Adds the values of one row to the rows that it reaches.
    pub fn spread(&self, level: SimdLevel, (x, from): (Row<F>, Order), reached: Reached, rows: &mut [F]) {
        let (own, size) = (Order::of_values(self.channels), self.size());
        match x {
            Row::Values(values) if reached.is_shared() && self.is_own(from) => {
                filter_rows::spread(level, &values[..size], reached.line(0), self.weights, rows);
            }
            _ => x.nonzero(from, self.pixels, 0..self.channels, |channel: usize, pixel: usize, x: F| {
                let (at, line) = (own.at(channel, pixel), reached.line(channel));
                for k in 0..line.count {
                    rows[(line.row + k) * size + at] += x * self.weights[line.weight(k)];
                }
            }),
        }
    }

    /// Whether rows in this order have their elements at the same offsets as here.
    fn is_own(&self, order: Order) -> bool {
        self.pixels == 1 || order == Order::of_values(self.channels)
    }

    /// The gradient of one row, in the order `to`.
    pub fn input_gradient(&self, level: SimdLevel, rows: &[F], reached: Reached, to: Order, dx: &mut [F]) {
        let (own, size) = (Order::of_values(self.channels), self.size());
        if reached.is_shared() && self.is_own(to) {
            return filter_rows::input_gradient(level, rows, reached.line(0), self.weights, &mut dx[..size]);
        }
        for pixel in 0..self.pixels {
            for channel in 0..self.channels {
                let (at, line, mut sum) = (own.at(channel, pixel), reached.line(channel), F::ZERO);
                for k in 0..line.count {
                    sum += self.weights[line.weight(k)] * rows[(line.row + k) * size + at];
                }
                dx[to.at(channel, pixel)] = sum;
            }
        }
    }

    /// The rows of a sample in the form that `weight_gradient` reads.
    pub fn by_element(&self, rows: &[F]) -> ByElement<F> {
        let own = Order::of_values(self.channels);
        ByElement::new(rows, self.size(), |n| own.at(n / self.pixels, n % self.pixels))
    }

    /// Adds the weight gradient; the rows that were reached begin at row `first`. `inputs` is scratch for the nonzero
    /// values.
    pub fn weight_gradient(
        &self,
        level: SimdLevel,
        (x, from): (Row<F>, Order),
        (reached, first): (Reached, usize),
        by_element: &ByElement<F>,
        inputs: &mut Vec<(u32, F)>,
        dw: &mut [F],
    ) {
        inputs.clear();
        x.nonzero(from, self.pixels, 0..self.channels, |channel: usize, pixel: usize, x: F| {
            inputs.push(((channel * self.pixels + pixel) as u32, x));
        });
        let channel_of = |&(element, _): &(u32, F)| element as usize / self.pixels;
        let groups: Vec<&[(u32, F)]> = match reached.is_shared() {
            true => vec![inputs],
            false => inputs.chunk_by(|a, b| channel_of(a) == channel_of(b)).collect(),
        };
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            let mut line = reached.line(channel_of(&group[0]));
            line.row += first;
            filter_rows::weight_gradient(level, group, line, by_element, dw);
        }
    }
}
