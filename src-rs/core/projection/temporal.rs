//! Kernels that carry what enters at one step to later ones. A sum takes its terms in the order of
//! the steps at which they entered, then of the inputs, whether a sequence comes whole, in segments
//! or step by step.

use super::PANEL;
use super::lanes::Element;
use super::row::{Order, Row};

/// Where the delay of each synapse ends: `lag` whole steps, and a `share` that comes a step later.
/// In the layout of the weights.
pub struct Lags<F> {
    lag: Vec<u32>,
    share: Vec<F>,
}

impl<F: Element> Lags<F> {
    /// From delays in ms. `between` steps they are interpolated, else rounded.
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
}

/// A dense projection with delays: `weights` and `lags` as `[panel of outputs][input][64]`.
pub struct Delayed<'a, F> {
    pub weights: &'a [F],
    pub lags: &'a Lags<F>,
    pub inputs: usize,
    pub outputs: usize,
}

impl<F: Element> Delayed<'_, F> {
    /// Adds what one row causes to `rows`, `[lag][output]`.
    pub fn spread(&self, x: Row<F>, rows: &mut [F]) {
        self.each_input(x, |input, x| {
            self.each_synapse(input, |at, output| {
                let (lag, share) = (self.lags.lag[at] as usize, self.lags.share[at]);
                let (whole, place) = (x * self.weights[at], lag * self.outputs + output);
                if share == F::ZERO {
                    rows[place] += whole;
                } else {
                    rows[place] += whole * (F::ONE - share);
                    rows[place + self.outputs] += whole * share;
                }
            });
        });
    }

    /// The gradient of one row, from those of the `rows` that it reached.
    pub fn input_gradient(&self, rows: &[F], dx: &mut [F]) {
        for (input, dx) in dx.iter_mut().enumerate() {
            let mut sum = F::ZERO;
            self.each_synapse(input, |at, output| sum += self.weights[at] * self.arriving(rows, at, output));
            *dx = sum;
        }
    }

    /// Adds the gradients of the weights and of the delays in steps; either may be empty: not wanted.
    pub fn weight_gradient(&self, x: Row<F>, rows: &[F], weights: &mut [F], delays: &mut [F]) {
        self.each_input(x, |input, x| {
            self.each_synapse(input, |at, output| {
                if let Some(weight) = weights.get_mut(at) {
                    *weight += x * self.arriving(rows, at, output);
                }
                if let Some(delay) = delays.get_mut(at) {
                    let place = self.lags.lag[at] as usize * self.outputs + output;
                    let later = rows.get(place + self.outputs).copied().unwrap_or(F::ZERO);
                    *delay += x * self.weights[at] * (later - rows[place]);
                }
            });
        });
    }

    /// The gradient where the spikes of a synapse arrive.
    #[inline(always)]
    fn arriving(&self, rows: &[F], at: usize, output: usize) -> F {
        let (place, share) = (self.lags.lag[at] as usize * self.outputs + output, self.lags.share[at]);
        if share == F::ZERO {
            return rows[place];
        }
        rows[place] * (F::ONE - share) + rows[place + self.outputs] * share
    }

    fn each_input(&self, x: Row<F>, mut visit: impl FnMut(usize, F)) {
        let flat = Order { channel: 1, pixel: 1 };
        x.nonzero(flat, 1, 0..self.inputs, |input: usize, _: usize, x: F| visit(input, x));
    }

    /// Calls `visit` with the place in the layout and the output of each synapse of an input.
    #[inline(always)]
    fn each_synapse(&self, input: usize, mut visit: impl FnMut(usize, usize)) {
        for output in 0..self.outputs {
            visit((output / PANEL * self.inputs + input) * PANEL + output % PANEL, output);
        }
    }
}

/// What is done to each element by itself: which rows it reaches with which weight.
#[derive(Clone, Copy)]
pub enum Reached {
    /// `weights[channel or 0][lag]`.
    Lags { lags: usize, each: bool },
    /// `weights[to][from]` of a whole sequence, of which the row is step `from`; rows begin at step `first`.
    Steps { steps: usize, from: usize, order: Option<usize>, first: usize },
}

impl Reached {
    /// `(row, weight)` for each row that an element of `channel` reaches, ascending.
    #[inline(always)]
    pub fn each(self, channel: usize, mut visit: impl FnMut(usize, usize)) {
        match self {
            Reached::Lags { lags, each } => {
                let first = if each { channel * lags } else { 0 };
                (0..lags).for_each(|lag| visit(lag, first + lag));
            }
            Reached::Steps { steps, from, order, first } => {
                let (begin, end) = match order {
                    None => (0, steps),
                    Some(order) => (from, (from + order).min(steps)),
                };
                (begin..end).for_each(|to| visit(to - first, to * steps + from));
            }
        }
    }
}

/// A filter of elements; rows hold `channels` × `pixels` elements, the channels of a pixel side by side.
pub struct Filtered<'a, F> {
    pub weights: &'a [F],
    pub channels: usize,
    pub pixels: usize,
}

impl<F: Element> Filtered<'_, F> {
    fn size(&self) -> usize {
        self.channels * self.pixels
    }

    /// Adds what one row causes to the rows that it reaches.
    pub fn spread(&self, (x, from): (Row<F>, Order), reached: Reached, rows: &mut [F]) {
        let (own, size) = (Order::of_values(self.channels), self.size());
        x.nonzero(from, self.pixels, 0..self.channels, |channel: usize, pixel: usize, x: F| {
            let at = own.at(channel, pixel);
            reached.each(channel, |row, weight| rows[row * size + at] += x * self.weights[weight]);
        });
    }

    /// The gradient of one row, in the order `to`.
    pub fn input_gradient(&self, rows: &[F], reached: Reached, to: Order, dx: &mut [F]) {
        let (own, size) = (Order::of_values(self.channels), self.size());
        for pixel in 0..self.pixels {
            for channel in 0..self.channels {
                let (at, mut sum) = (own.at(channel, pixel), F::ZERO);
                reached.each(channel, |row, weight| sum += self.weights[weight] * rows[row * size + at]);
                dx[to.at(channel, pixel)] = sum;
            }
        }
    }

    /// Adds the gradient of the weights.
    pub fn weight_gradient(&self, (x, from): (Row<F>, Order), reached: Reached, rows: &[F], dw: &mut [F]) {
        let (own, size) = (Order::of_values(self.channels), self.size());
        x.nonzero(from, self.pixels, 0..self.channels, |channel: usize, pixel: usize, x: F| {
            let at = own.at(channel, pixel);
            reached.each(channel, |row, weight| dw[weight] += x * rows[row * size + at]);
        });
    }
}
