//! Pools: the maximum, the sum or the mean of each window, channel by channel. For spikes the maximum is whether any
//! neuron fired.

use super::taps::Taps;
use crate::layouts::row::{Order, Row};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// The gradient goes to the first of several equal maxima, as in torch.
    Max,
    Sum,
    /// The mean of all elements of the window, including padding.
    Mean,
    /// The mean of those pixels of the window that are in the image.
    MeanOfImage,
}

#[derive(Debug, Clone)]
pub struct Pool {
    kind: PoolKind,
    channels: usize,
    /// Elements of a window.
    window: usize,
    /// For each output pixel, its input pixels, ascending.
    windows: Vec<Vec<u32>>,
    /// For each input pixel, its output pixels.
    outputs: Vec<Vec<u32>>,
}

impl Pool {
    /// `taps`: rows and columns, from the input to the output, whose size is `size`.
    pub fn new(kind: PoolKind, channels: usize, window: usize, taps: [Taps; 2], size: [usize; 2]) -> Self {
        let columns = taps[1].len();
        let mut outputs = vec![Vec::new(); taps[0].len() * columns];
        let mut windows = vec![Vec::new(); size[0] * size[1]];
        for (pixel, outputs) in outputs.iter_mut().enumerate() {
            for (_, oy) in taps[0].pairs(pixel / columns) {
                for (_, ox) in taps[1].pairs(pixel % columns) {
                    let output = oy * size[1] + ox;
                    outputs.push(output as u32);
                    windows[output].push(pixel as u32);
                }
            }
        }
        Pool { kind, channels, window, windows, outputs }
    }

    /// `out` is `[pixel][channel]`.
    pub fn row<F: Element>(&self, level: SimdLevel, x: Row<F>, from: Order, out: &mut [F]) {
        assert_eq!(out.len(), self.channels * self.windows.len(), "a row of a pool");
        if let (PoolKind::Max, Row::Values(values)) = (self.kind, x) {
            return dispatch(level, Largest { pool: self, values, from, out });
        }
        out.fill(F::ZERO);
        match x {
            Row::Values(values) if from.channel == 1 => {
                dispatch(level, Total { pool: self, values, from, out })
            }
            _ => x.nonzero(from, self.outputs.len(), 0..self.channels, |channel, pixel, x| {
                for &o in &self.outputs[pixel] {
                    let out = &mut out[o as usize * self.channels + channel];
                    *out = if self.kind == PoolKind::Max { x } else { *out + x };
                }
            }),
        }
        if let PoolKind::Mean | PoolKind::MeanOfImage = self.kind {
            for (o, out) in out.chunks_exact_mut(self.channels).enumerate() {
                let count = F::from_f64(self.count(o));
                out.iter_mut().for_each(|out| *out = *out / count);
            }
        }
    }

    /// The divisor of a window's sum.
    fn count(&self, output: usize) -> f64 {
        match self.kind {
            PoolKind::Max | PoolKind::Sum => 1.0,
            PoolKind::Mean => self.window as f64,
            PoolKind::MeanOfImage => self.windows[output].len() as f64,
        }
    }

    /// Whether [`Pool::choose`] can record the position of the maximum.
    pub fn is_choice(&self) -> bool {
        self.kind == PoolKind::Max && self.window <= 1 << 8
    }

    /// The maximum of each window of `values`, all `[pixel][channel]`, and its index in the window: the first of
    /// several equal ones.
    pub fn choose<F: Element>(&self, level: SimdLevel, values: &[F], out: &mut [F], chosen: &mut [u8]) {
        assert!(self.is_choice(), "a pool that chooses");
        assert_eq!(values.len(), self.channels * self.outputs.len(), "the input of a pool");
        assert_eq!(out.len(), self.channels * self.windows.len(), "a row of a pool");
        assert_eq!(out.len(), chosen.len(), "choices of a pool");
        dispatch(level, Choose { pool: self, values, out, chosen });
    }

    /// The input gradient from the output gradient and the chosen indices.
    pub fn spread<F: Element>(&self, level: SimdLevel, gradient: &[F], chosen: &[u8], dx: &mut [F]) {
        assert_eq!(dx.len(), self.channels * self.outputs.len(), "the gradient of the input of a pool");
        assert_eq!(gradient.len(), self.channels * self.windows.len(), "a gradient row of a pool");
        assert_eq!(gradient.len(), chosen.len(), "choices of a pool");
        dispatch(level, Spread { pool: self, gradient, chosen, dx });
    }

    /// The input gradient, in its own order, from the output gradient, `[pixel][channel]`.
    pub fn input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        x: Row<F>,
        from: Order,
        gradient: &[F],
        dx: &mut [F],
    ) {
        dx.fill(F::ZERO);
        match (self.kind, x) {
            (PoolKind::Max, Row::Values(values)) => {
                dispatch(level, ToLargest { pool: self, values, from, gradient, dx })
            }
            (PoolKind::Max, Row::Events(events)) => self.to_first_event(events, from, gradient, dx),
            _ => {
                for (pixel, outputs) in self.outputs.iter().enumerate() {
                    for &o in outputs {
                        let count = F::from_f64(self.count(o as usize));
                        for channel in 0..self.channels {
                            dx[from.at(channel, pixel)] +=
                                gradient[o as usize * self.channels + channel] / count;
                        }
                    }
                }
            }
        }
    }

    /// In a silent window, the first pixel is the maximum.
    fn to_first_event<F: Element>(&self, events: &[u32], from: Order, gradient: &[F], dx: &mut [F]) {
        let pixels = self.outputs.len();
        let mut fired = vec![false; pixels];
        let mut rest = events;
        for channel in 0..self.channels {
            let count = rest.partition_point(|&e| (e as usize) < (channel + 1) * pixels);
            let (own, others) = rest.split_at(count);
            rest = others;
            own.iter().for_each(|&e| fired[e as usize - channel * pixels] = true);
            for (o, window) in self.windows.iter().enumerate() {
                let first = window.iter().find(|&&pixel| fired[pixel as usize]).or(window.first());
                if let Some(&pixel) = first {
                    dx[from.at(channel, pixel as usize)] += gradient[o * self.channels + channel];
                }
            }
            own.iter().for_each(|&e| fired[e as usize - channel * pixels] = false);
        }
    }
}

/// Channels that are processed together.
const TOGETHER: usize = 64;

/// The sum of each window of values `[pixel][channel]`, pixels ascending.
pub struct Total<'a, F> {
    pool: &'a Pool,
    values: &'a [F],
    from: Order,
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Total<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Total { pool, values, from, out } = self;
        for (pixel, outputs) in pool.outputs.iter().enumerate() {
            let values = &values[pixel * from.pixel..][..pool.channels];
            for &o in outputs {
                let out = &mut out[o as usize * pool.channels..][..pool.channels];
                out.iter_mut().zip(values).for_each(|(sum, &x)| *sum += x);
            }
        }
    }
}

pub struct Largest<'a, F> {
    pool: &'a Pool,
    values: &'a [F],
    from: Order,
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Largest<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let channels = self.pool.channels;
        for (window, out) in self.pool.windows.iter().zip(self.out.chunks_exact_mut(channels)) {
            largest(self.values, self.from, window, 0, out);
        }
    }
}

/// The maximum of a window, for the channels from `first` on.
#[inline(always)]
fn largest<F: Element>(values: &[F], from: Order, window: &[u32], first: usize, out: &mut [F]) {
    for (i, &pixel) in window.iter().enumerate() {
        let at = from.at(first, pixel as usize);
        if i == 0 {
            for (c, out) in out.iter_mut().enumerate() {
                *out = values[at + c * from.channel];
            }
        } else if from.channel == 1 {
            for (out, &x) in out.iter_mut().zip(&values[at..]) {
                *out = if x > *out { x } else { *out };
            }
        } else {
            for (c, out) in out.iter_mut().enumerate() {
                let x = values[at + c * from.channel];
                *out = if x > *out { x } else { *out };
            }
        }
    }
}

pub struct Choose<'a, F> {
    pool: &'a Pool,
    values: &'a [F],
    out: &'a mut [F],
    chosen: &'a mut [u8],
}

impl<F: Element> Kernel<F> for Choose<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let channels = self.pool.channels;
        let rows = self.out.chunks_exact_mut(channels).zip(self.chosen.chunks_exact_mut(channels));
        for ((out, chosen), window) in rows.zip(&self.pool.windows) {
            let whole = channels / CHOSEN * CHOSEN;
            for channel in (0..whole).step_by(CHOSEN) {
                choose::<F, CHOSEN>(self.values, channels, window, channel, out, chosen);
            }
            for channel in whole..channels {
                choose::<F, 1>(self.values, channels, window, channel, out, chosen);
            }
        }
    }
}

/// Channels that are processed together, in registers.
const CHOSEN: usize = 16;

/// The maximum of a window, for `N` channels.
#[inline(always)]
fn choose<F: Element, const N: usize>(
    values: &[F],
    channels: usize,
    window: &[u32],
    channel: usize,
    out: &mut [F],
    chosen: &mut [u8],
) {
    let Some((&first, others)) = window.split_first() else { return };
    let (mut most, mut which) = ([F::ZERO; N], [0u32; N]);
    most.copy_from_slice(&values[first as usize * channels + channel..][..N]);
    for (i, &pixel) in others.iter().enumerate() {
        let x = &values[pixel as usize * channels + channel..][..N];
        for ((most, which), &x) in most.iter_mut().zip(&mut which).zip(x) {
            let larger = x > *most;
            *most = if larger { x } else { *most };
            *which = if larger { i as u32 + 1 } else { *which };
        }
    }
    out[channel..][..N].copy_from_slice(&most);
    chosen[channel..][..N].iter_mut().zip(which).for_each(|(chosen, i)| *chosen = i as u8);
}

pub struct Spread<'a, F> {
    pool: &'a Pool,
    gradient: &'a [F],
    chosen: &'a [u8],
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for Spread<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let channels = self.pool.channels;
        self.dx.fill(F::ZERO);
        let rows = self.gradient.chunks_exact(channels).zip(self.chosen.chunks_exact(channels));
        for ((gradient, chosen), window) in rows.zip(&self.pool.windows) {
            // All channels of each pixel are processed, though most get nothing, so that no address depends on the
            // chosen indices.
            for (i, &pixel) in window.iter().enumerate() {
                let dx = &mut self.dx[pixel as usize * channels..][..channels];
                for ((dx, &g), &chosen) in dx.iter_mut().zip(gradient).zip(chosen) {
                    *dx += if chosen == i as u8 { g } else { F::ZERO };
                }
            }
        }
    }
}

pub struct ToLargest<'a, F> {
    pool: &'a Pool,
    values: &'a [F],
    from: Order,
    gradient: &'a [F],
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for ToLargest<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (channels, from) = (self.pool.channels, self.from);
        for (window, gradient) in self.pool.windows.iter().zip(self.gradient.chunks_exact(channels)) {
            for (block, gradient) in gradient.chunks(TOGETHER).enumerate() {
                let (first, count) = (block * TOGETHER, gradient.len());
                let (mut most, mut rest) = ([F::ZERO; TOGETHER], [F::ZERO; TOGETHER]);
                let (most, rest) = (&mut most[..count], &mut rest[..count]);
                largest(self.values, from, window, first, most);
                rest.copy_from_slice(gradient);
                for &pixel in window {
                    let at = from.at(first, pixel as usize);
                    for (c, (&most, rest)) in most.iter().zip(rest.iter_mut()).enumerate() {
                        let offset = at + c * from.channel;
                        let hit = self.values[offset] == most;
                        self.dx[offset] += if hit { *rest } else { F::ZERO };
                        *rest = if hit { F::ZERO } else { *rest };
                    }
                }
            }
        }
    }
}
