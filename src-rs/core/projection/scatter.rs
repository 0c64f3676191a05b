//! Convolutions. Every value that is not zero adds its window of weights to the outputs around it:
//! spikes add, zeros cost nothing, and no image is unfolded. The gradient of the input is the same
//! computation with the two sides exchanged, as is the transposed convolution.
//!
//! An output is one sum over `(channel, row, column)` of what enters, ascending.

use super::PANEL;
use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use super::row::{Order, Row, Visit};
use super::taps::Taps;
use crate::SimdLevel;

/// One direction of a convolution. Weights are `[channel in][ky][kx][width]`.
#[derive(Debug, Clone)]
pub struct Scatter {
    /// Channels in and out.
    pub channels: [usize; 2],
    pub groups: usize,
    pub kernel: [usize; 2],
    /// Rows and columns, from what enters to what leaves.
    pub taps: [Taps; 2],
    /// Of what leaves.
    pub size: [usize; 2],
}

/// Output channels of a group as kernels take them: a power of two, or whole vectors.
pub fn padded_channels(channels: usize) -> usize {
    match channels {
        ..=16 => channels.next_power_of_two(),
        _ => channels.next_multiple_of(16),
    }
}

impl Scatter {
    /// Output channels of a group, padded.
    pub fn width(&self) -> usize {
        padded_channels(self.channels[1] / self.groups)
    }

    pub fn weights(&self) -> usize {
        self.channels[0] * self.window()
    }

    /// Weights of one channel that enters.
    pub fn window(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.width()
    }

    /// Pixels that enter.
    pub fn pixels(&self) -> usize {
        self.pixels_in()
    }

    fn pixels_in(&self) -> usize {
        self.taps[0].len() * self.taps[1].len()
    }

    fn pixels_out(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Elements of the sums of one row, `[pixel][group][width]`.
    pub fn sums(&self) -> usize {
        self.pixels_out() * self.groups * self.width()
    }

    /// Connections that leave each element that enters, `[channel][pixel]`, of weights that count.
    pub fn fan_outs<F: Element>(&self, weights: &[F], counts: impl Fn(F) -> bool) -> Vec<u64> {
        let (columns, width) = (self.taps[1].len(), self.width());
        let mut fan = Vec::with_capacity(self.channels[0] * self.pixels_in());
        for window in weights.chunks_exact(self.window()) {
            let taps: Vec<u64> =
                window.chunks_exact(width).map(|w| w.iter().filter(|&&w| counts(w)).count() as u64).collect();
            for pixel in 0..self.pixels_in() {
                let mut sum = 0;
                for &(ky, _) in self.taps[0].of(pixel / columns) {
                    for &(kx, _) in self.taps[1].of(pixel % columns) {
                        sum += taps[ky as usize * self.kernel[1] + kx as usize];
                    }
                }
                fan.push(sum);
            }
        }
        fan
    }

    /// All connections.
    pub fn synapses(&self) -> u64 {
        let pairs = |taps: &Taps| (0..taps.len()).map(|i| taps.of(i).len() as u64).sum::<u64>();
        let channels = self.channels[0] * self.channels[1] / self.groups;
        pairs(&self.taps[0]) * pairs(&self.taps[1]) * channels as u64
    }

    /// The other direction.
    pub fn reversed(&self) -> Scatter {
        Scatter {
            channels: [self.channels[1], self.channels[0]],
            groups: self.groups,
            kernel: self.kernel,
            taps: [self.taps[0].reversed(self.size[0]), self.taps[1].reversed(self.size[1])],
            size: [self.taps[0].len(), self.taps[1].len()],
        }
    }

    /// Weights of [`Scatter::reversed`] from those of this direction.
    pub fn reverse_weights<F: Element>(&self, weights: &[F], reversed: &mut [F]) {
        let [inputs, outputs] = self.channels.map(|channels| channels / self.groups);
        let (width, other) = (self.width(), padded_channels(inputs));
        let taps = self.kernel[0] * self.kernel[1];
        reversed.fill(F::ZERO);
        for channel in 0..self.channels[0] {
            let (group, i) = (channel / inputs, channel % inputs);
            for o in 0..outputs {
                for k in 0..taps {
                    reversed[((group * outputs + o) * taps + k) * other + i] =
                        weights[(channel * taps + k) * width + o];
                }
            }
        }
    }

    /// `out = Σ x w (+ bias)` for one row. `sums` is scratch of [`Scatter::sums`] elements; `out` has
    /// the order `to`, `bias` an element for each channel or none.
    #[allow(clippy::too_many_arguments)]
    pub fn row<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        (x, from): (Row<F>, Order),
        bias: &[F],
        sums: &mut [F],
        to: Order,
        out: &mut [F],
    ) {
        assert_eq!(weights.len(), self.weights(), "weights of a convolution");
        assert_eq!(sums.len(), self.sums(), "sums of a convolution");
        assert!(bias.is_empty() || bias.len() == self.channels[1], "the bias of a convolution");
        dispatch(level, Sums { scatter: self, weights, x, from, sums });
        let (group, width) = (self.channels[1] / self.groups, self.width());
        for (pixel, sums) in sums.chunks_exact(self.groups * width).enumerate() {
            for (g, sums) in sums.chunks_exact(width).enumerate() {
                if to.channel == 1 {
                    let out = &mut out[to.at(g * group, pixel)..][..group];
                    out.copy_from_slice(&sums[..group]);
                    if !bias.is_empty() {
                        out.iter_mut().zip(&bias[g * group..]).for_each(|(out, &b)| *out += b);
                    }
                    continue;
                }
                for (o, &sum) in sums[..group].iter().enumerate() {
                    let channel = g * group + o;
                    let sum = if bias.is_empty() { sum } else { sum + bias[channel] };
                    out[to.at(channel, pixel)] = sum;
                }
            }
        }
    }

    /// Adds one row's share to the weight gradient of one channel in and one row of the window,
    /// `dw = [kx][width]`. `gradient` is that of one output row, in the order of values.
    pub fn weight_gradient<F: Element>(
        &self,
        level: SimdLevel,
        (x, from): (Row<F>, Order),
        gradient: &[F],
        (channel, ky): (usize, usize),
        dw: &mut [F],
    ) {
        assert_eq!(gradient.len(), self.channels[1] * self.pixels_out(), "a gradient row of a convolution");
        assert_eq!(dw.len(), self.kernel[1] * self.width(), "one row of a window of weights");
        dispatch(level, Window { scatter: self, x, from, gradient, channel, ky, dw });
    }
}

struct Sums<'a, F> {
    scatter: &'a Scatter,
    weights: &'a [F],
    x: Row<'a, F>,
    from: Order,
    sums: &'a mut [F],
}

impl<F: Element> Kernel<F> for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        match self.scatter.width() {
            1 => self.blocks::<1>(),
            2 => self.blocks::<2>(),
            4 => self.blocks::<4>(),
            8 => self.blocks::<8>(),
            width if width.is_multiple_of(PANEL) => self.blocks::<PANEL>(),
            width if width.is_multiple_of(32) => self.blocks::<32>(),
            _ => self.blocks::<16>(),
        }
    }
}

impl<F: Element> Sums<'_, F> {
    #[inline(always)]
    fn blocks<const N: usize>(self) {
        let s = self.scatter;
        self.sums.fill(F::ZERO);
        let add = AddWindow::<F, N> {
            scatter: s,
            weights: self.weights,
            width: s.width(),
            columns: s.taps[1].len(),
            group: s.channels[0] / s.groups,
            sums: self.sums,
        };
        self.x.nonzero(self.from, s.pixels_in(), 0..s.channels[0], add);
    }
}

/// Adds a value's window of weights to the sums around it.
struct AddWindow<'a, F, const N: usize> {
    scatter: &'a Scatter,
    weights: &'a [F],
    width: usize,
    columns: usize,
    group: usize,
    sums: &'a mut [F],
}

impl<F: Element, const N: usize> Visit<F> for AddWindow<'_, F, N> {
    #[inline(always)]
    fn visit(&mut self, channel: usize, pixel: usize, x: F) {
        let (s, width) = (self.scatter, self.width);
        let window = &self.weights[channel * s.window()..][..s.window()];
        for &(ky, oy) in s.taps[0].of(pixel / self.columns) {
            for &(kx, ox) in s.taps[1].of(pixel % self.columns) {
                let at = (oy as usize * s.size[1] + ox as usize) * s.groups + channel / self.group;
                let sums = &mut self.sums[at * width..][..width];
                let weights = &window[(ky as usize * s.kernel[1] + kx as usize) * width..][..width];
                let sums = sums.as_chunks_mut::<N>().0.iter_mut();
                for (sums, weights) in sums.zip(weights.as_chunks::<N>().0) {
                    for (sum, &w) in sums.iter_mut().zip(weights) {
                        *sum = x.mul_add(w, *sum);
                    }
                }
            }
        }
    }
}

struct Window<'a, F> {
    scatter: &'a Scatter,
    x: Row<'a, F>,
    from: Order,
    gradient: &'a [F],
    channel: usize,
    ky: usize,
    dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for Window<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        match self.scatter.channels[1] / self.scatter.groups {
            outputs if outputs.is_multiple_of(PANEL) => self.blocks::<PANEL>(),
            outputs if outputs.is_multiple_of(16) => self.blocks::<16>(),
            outputs if outputs.is_multiple_of(4) => self.blocks::<4>(),
            _ => self.blocks::<1>(),
        }
    }
}

impl<F: Element> Window<'_, F> {
    #[inline(always)]
    fn blocks<const N: usize>(self) {
        let s = self.scatter;
        let (group, outputs) = (s.channels[0] / s.groups, s.channels[1] / s.groups);
        let add = AddGradient::<F, N> {
            scatter: s,
            gradient: self.gradient,
            first: self.channel / group * outputs,
            outputs,
            width: s.width(),
            columns: s.taps[1].len(),
            ky: self.ky as u32,
            dw: self.dw,
        };
        self.x.nonzero(self.from, s.pixels_in(), self.channel..self.channel + 1, add);
    }
}

/// Adds the gradients around a value to those of one row of its window of weights.
struct AddGradient<'a, F, const N: usize> {
    scatter: &'a Scatter,
    gradient: &'a [F],
    /// The group's first output channel, and how many it has.
    first: usize,
    outputs: usize,
    width: usize,
    columns: usize,
    ky: u32,
    dw: &'a mut [F],
}

impl<F: Element, const N: usize> Visit<F> for AddGradient<'_, F, N> {
    #[inline(always)]
    fn visit(&mut self, _: usize, pixel: usize, x: F) {
        let s = self.scatter;
        let row = s.taps[0].of(pixel / self.columns).iter().find(|&&(ky, _)| ky == self.ky);
        let Some(&(_, oy)) = row else { return };
        for &(kx, ox) in s.taps[1].of(pixel % self.columns) {
            let at = (oy as usize * s.size[1] + ox as usize) * s.channels[1] + self.first;
            let dw = &mut self.dw[kx as usize * self.width..][..self.outputs];
            let gradient = self.gradient[at..][..self.outputs].as_chunks::<N>().0;
            for (dw, gradient) in dw.as_chunks_mut::<N>().0.iter_mut().zip(gradient) {
                for (dw, &g) in dw.iter_mut().zip(gradient) {
                    *dw = x.mul_add(g, *dw);
                }
            }
        }
    }
}
