//! Convolutions by scatter. Each nonzero value adds its window of weights to the outputs around it: spikes add, zeros
//! cost nothing, and no image is unfolded. The gradient of the weights is the mirror image: it adds the gradients
//! around the value to the value's window. Weights are stored with the window reversed, so that the weights of
//! neighboring outputs are contiguous. The transposed convolution is the same with input and output exchanged.
//!
//! An output is one sum over `(channel, row, column)` of the input, ascending, or over `(row, column, channel)` if the
//! shape has kernels for bits (see [`super::stride1_spikes`]). A weight gradient is one sum over `(row of the batch,
//! row, column)`.

use super::stride1_spikes::Stride1;
use super::tap_lists::{TapJoins, TapLists, TapSums};
use super::taps::Taps;
use crate::elementwise::add::add_all;
use crate::layouts::aligned::Aligned;
use crate::layouts::row::{Order, Row, Visit, nonzero_by_pixel};
use crate::layouts::transpose::transpose;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::add_scaled;
use lapicque_base::SimdLevel;
use std::marker::PhantomData;
use std::ops::Range;

/// A convolution. Weights are `[channel in][ky][kx][width]`, with the window reversed.
#[derive(Debug, Clone)]
pub struct Scatter {
    /// Channels of the input and of the output.
    pub channels: [usize; 2],
    pub groups: usize,
    pub kernel: [usize; 2],
    /// Rows and columns, from the input to the output.
    pub taps: [Taps; 2],
    /// Size of the output.
    pub size: [usize; 2],
    /// Row and column of each input pixel.
    pub(crate) coordinates: Vec<[u32; 2]>,
    joins: TapJoins,
    stride1: Option<Stride1>,
}

/// Output channels of a group, padded to a power of two or to whole vectors.
pub fn padded_channels(channels: usize) -> usize {
    match channels {
        ..=16 => channels.next_power_of_two(),
        _ => channels.next_multiple_of(16),
    }
}

impl Scatter {
    pub fn new(
        channels: [usize; 2],
        groups: usize,
        kernel: [usize; 2],
        taps: [Taps; 2],
        size: [usize; 2],
    ) -> Self {
        let columns = taps[1].len();
        let pixels = 0..taps[0].len() * columns;
        let coordinates = pixels.map(|i| [(i / columns) as u32, (i % columns) as u32]).collect();
        let joins = TapJoins::new(&taps, kernel, size[1]);
        let mut scatter = Scatter { channels, groups, kernel, taps, size, coordinates, joins, stride1: None };
        if groups == 1 {
            let reversed = [0, 1].map(|axis| scatter.taps[axis].reversed(size[axis]));
            let sizes = [[scatter.taps[0].len(), columns], size];
            scatter.stride1 = Stride1::new(channels[0], scatter.width(), kernel, &reversed, sizes);
        }
        scatter
    }

    /// Whether an output is a sum over `(row, column, channel)`.
    pub fn is_by_pixel(&self) -> bool {
        self.stride1.is_some()
    }

    /// The weights in the layout that some kernels of [`Scatter::row`] use, for many rows; empty if there is no such
    /// kernel.
    pub fn pack<F: Element>(&self, weights: &[F]) -> Aligned<F> {
        self.stride1.as_ref().map(|stride1| stride1.pack(weights)).unwrap_or_default()
    }

    /// Output channels of a group, padded.
    pub fn width(&self) -> usize {
        padded_channels(self.channels[1] / self.groups)
    }

    pub fn weights(&self) -> usize {
        self.channels[0] * self.window()
    }

    /// Weights of one input channel.
    pub fn window(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.width()
    }

    /// Number of input pixels.
    pub fn pixels(&self) -> usize {
        self.coordinates.len()
    }

    pub fn pixels_out(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Elements of the sums of one row, `[pixel][group][width]`.
    pub fn sums(&self) -> usize {
        self.pixels_out() * self.groups * self.width()
    }

    /// Whether the sums have no padding, and therefore the order of values.
    pub fn is_unpadded(&self) -> bool {
        self.groups * self.width() == self.channels[1]
    }

    /// Number of connections of each input element, `[channel][pixel]`, counting the weights in use.
    pub fn fan_outs<F: Element>(&self, weights: &[F], counts: impl Fn(F) -> bool) -> Vec<u64> {
        let width = self.width();
        let mut fan = Vec::with_capacity(self.channels[0] * self.pixels());
        for window in weights.chunks_exact(self.window()) {
            let taps: Vec<u64> =
                window.chunks_exact(width).map(|w| w.iter().filter(|&&w| counts(w)).count() as u64).collect();
            for &[y, x] in &self.coordinates {
                let rows = self.taps[0].pairs(y as usize);
                let of_row = |(ky, _): (usize, usize)| -> u64 {
                    self.taps[1].pairs(x as usize).map(|(kx, _)| taps[ky * self.kernel[1] + kx]).sum()
                };
                fan.push(rows.map(of_row).sum());
            }
        }
        fan
    }

    /// Total number of connections.
    pub fn synapses(&self) -> u64 {
        let channels = self.channels[0] * self.channels[1] / self.groups;
        self.taps[0].count() * self.taps[1].count() * channels as u64
    }

    /// `out = Σ x w (+ bias)` for one row. Weights are given in the plain and in the packed layout; `sums` is scratch
    /// of [`Scatter::sums`] elements; `out` has the order `to`; `bias` has one element per channel or is empty.
    #[allow(clippy::too_many_arguments)]
    pub fn row<F: Element>(
        &self,
        level: SimdLevel,
        (weights, packed): (&[F], &[F]),
        (x, from): (Row<F>, Order),
        bias: &[F],
        sums: &mut [F],
        to: Order,
        out: &mut [F],
    ) {
        assert_eq!(weights.len(), self.weights(), "weights of a convolution");
        assert!(self.stride1.is_none() || packed.len() == self.weights(), "packed weights of a convolution");
        assert!(bias.is_empty() || bias.len() == self.channels[1], "the bias of a convolution");
        let (weights, x) = ((weights, packed), (x, from));
        if to == Order::of_values(self.channels[1]) && self.is_unpadded() {
            return self.sum(level, weights, x, bias, out);
        }
        assert_eq!(sums.len(), self.sums(), "sums of a convolution");
        if to == Order::public(self.pixels_out()) && self.is_unpadded() {
            self.sum(level, weights, x, bias, sums);
            return transpose(level, sums, [self.pixels_out(), self.channels[1]], out);
        }
        self.sum(level, weights, x, &[], sums);
        let (group, width) = (self.channels[1] / self.groups, self.width());
        for (pixel, sums) in sums.chunks_exact(self.groups * width).enumerate() {
            for (g, sums) in sums.chunks_exact(width).enumerate() {
                for (o, &sum) in sums[..group].iter().enumerate() {
                    let channel = g * group + o;
                    let sum = if bias.is_empty() { sum } else { sum + bias[channel] };
                    out[to.at(channel, pixel)] = sum;
                }
            }
        }
    }

    /// `out = Σ x w (+ bias)`, `[pixel][group][width]`; with a bias, without padding.
    fn sum<F: Element>(
        &self,
        level: SimdLevel,
        (weights, packed): (&[F], &[F]),
        (x, from): (Row<F>, Order),
        bias: &[F],
        out: &mut [F],
    ) {
        assert_eq!(out.len(), self.sums(), "a row of a convolution");
        match (&self.stride1, x) {
            (Some(stride1), Row::Events(events)) => {
                return dispatch(level, OfBits { stride1, packed, events, bias, out });
            }
            (Some(stride1), Row::Values(values)) if stride1.takes_values(values) => {
                stride1.values(level, packed, (values, from), out);
            }
            _ => dispatch(level, Sums { scatter: self, weights, packed, x, from, sums: &mut *out }),
        }
        for pixel in out.chunks_exact_mut(self.channels[1]).filter(|_| !bias.is_empty()) {
            pixel.iter_mut().zip(bias).for_each(|(out, &b)| *out += b);
        }
    }

    /// A gradient row in the order of values, converted to the padded layout of [`Scatter::sums`] for the backward
    /// kernels.
    pub fn pad<F: Element>(&self, gradient: &[F], padded: &mut [F]) {
        let (group, width) = (self.channels[1] / self.groups, self.width());
        for (to, from) in padded.chunks_exact_mut(width).zip(gradient.chunks_exact(group)) {
            to[..group].copy_from_slice(from);
            to[group..].fill(F::ZERO);
        }
    }

    /// Adds the contribution of one row to the gradient of the bias, padded as the sums of one pixel.
    pub fn bias_gradient<F: Element>(&self, level: SimdLevel, gradient: &[F], db: &mut [F]) {
        assert_eq!(gradient.len(), self.sums(), "a gradient row of a convolution");
        assert_eq!(db.len(), self.groups * self.width(), "a padded bias");
        add_all(level, gradient, db);
    }

    /// Adds a padded bias to an unpadded one.
    pub fn unpad_add<F: Element>(&self, padded: &[F], bias: &mut [F]) {
        for (to, from) in
            bias.chunks_exact_mut(self.channels[1] / self.groups).zip(padded.chunks(self.width()))
        {
            to.iter_mut().zip(from).for_each(|(to, &x)| *to += x);
        }
    }

    /// Adds the contribution of one row to the gradients of the weights of some input channels. `gradient` is padded as
    /// [`Scatter::sums`].
    pub fn weight_gradient<F: Element>(
        &self,
        level: SimdLevel,
        (x, from): (Row<F>, Order),
        gradient: &[F],
        channels: Range<usize>,
        lists: &mut TapLists<F>,
        dw: &mut [F],
    ) {
        assert_eq!(gradient.len(), self.sums(), "a gradient row of a convolution");
        assert_eq!(dw.len(), channels.len() * self.window(), "weights of channels {channels:?}");
        dispatch(level, WeightGradient { scatter: self, x, from, gradient, channels, lists, dw });
    }
}

pub struct Sums<'a, F> {
    scatter: &'a Scatter,
    weights: &'a [F],
    packed: &'a [F],
    x: Row<'a, F>,
    from: Order,
    sums: &'a mut [F],
}

impl<F: Element> Kernel<F> for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let s = self.scatter;
        if let (Some(stride1), Row::Values(values)) =
            (s.stride1.as_ref().filter(|stride1| stride1.is_pixel()), self.x)
        {
            assert_eq!(values.len(), s.channels[0] * s.pixels(), "the input of a convolution");
            // SAFETY: the sizes are those of the convolution, as `Scatter::row` and this checked; the caller guarantees
            // the instructions of `V`.
            return unsafe { stride1.pixels::<F, V>(self.packed, (values, self.from), self.sums) };
        }
        self.sums.fill(F::ZERO);
        let around = Around::<V, false>::new(s, self.weights, self.sums, 0);
        match self.x {
            Row::Values(values) if s.is_by_pixel() => {
                nonzero_by_pixel(values, self.from, s.pixels(), s.channels[0], around);
            }
            x => x.nonzero(self.from, s.pixels(), 0..s.channels[0], around),
        }
    }
}

pub struct OfBits<'a, F> {
    stride1: &'a Stride1,
    packed: &'a [F],
    events: &'a [u32],
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for OfBits<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let OfBits { stride1, packed, events, bias, out } = self;
        // SAFETY: sizes are as `Scatter::row` checks them: if there is a bias, it has the padded output channels; the
        // caller guarantees the instructions of `V`.
        unsafe { stride1.row::<F, V>(packed, events, bias, out) }
    }
}

pub struct WeightGradient<'a, F: Element> {
    scatter: &'a Scatter,
    x: Row<'a, F>,
    from: Order,
    gradient: &'a [F],
    channels: Range<usize>,
    lists: &'a mut TapLists<F>,
    dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for WeightGradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (s, width) = (self.scatter, self.scatter.width());
        if !width.is_multiple_of(V::WIDTH) {
            let around = Around::<V, true>::new(s, self.gradient, self.dw, self.channels.start);
            return self.x.nonzero(self.from, s.pixels(), self.channels, around);
        }
        if let (Some(stride1), Row::Events(events)) = (&s.stride1, self.x) {
            let below = |limit: usize| events.partition_point(|&e| (e as usize) < limit * s.pixels());
            let own = &events[below(self.channels.start)..below(self.channels.end)];
            let bits = &mut self.lists.bits;
            // SAFETY: the gradient has `width` elements for each pixel, as was checked; the caller guarantees the
            // instructions of `V`.
            return unsafe {
                stride1.weight_gradient::<F, V>(
                    (own, self.channels),
                    &s.coordinates,
                    self.gradient,
                    bits,
                    self.dw,
                )
            };
        }
        for (channel, dw) in self.channels.zip(self.dw.chunks_exact_mut(s.window())) {
            let group = channel / (s.channels[0] / s.groups);
            let sums = TapSums {
                joins: &s.joins,
                coordinates: &s.coordinates,
                x: self.x,
                from: self.from,
                gradient: &self.gradient[group * width..],
                stride: s.groups * width,
                width,
            };
            // SAFETY: the gradient has `width` elements for each pixel and group, as was checked; the caller guarantees
            // the instructions of `V`.
            unsafe { sums.add::<V>(channel, self.lists, dw) }
        }
    }
}

/// Connects a value with the outputs around it: in the forward pass it adds the window of weights to the sums, in the
/// backward pass the gradients to the window.
struct Around<'a, V: Lanes, const BACK: bool> {
    scatter: &'a Scatter,
    from: &'a [V::F],
    to: &'a mut [V::F],
    /// The channel of the first window.
    first: usize,
    width: usize,
    group: usize,
    registers: PhantomData<V>,
}

impl<'a, V: Lanes, const BACK: bool> Around<'a, V, BACK> {
    #[inline(always)]
    fn new(scatter: &'a Scatter, from: &'a [V::F], to: &'a mut [V::F], first: usize) -> Self {
        let (width, group) = (scatter.width(), scatter.channels[0] / scatter.groups);
        Around { scatter, from, to, first, width, group, registers: PhantomData }
    }

    #[inline(always)]
    fn add(&mut self, x: V::F, weight: usize, sum: usize, len: usize) {
        let (from, to) = if BACK { (sum, weight) } else { (weight, sum) };
        let (from, to) = (&self.from[from..][..len], &mut self.to[to..][..len]);
        // SAFETY: the kernel that constructed this was called with the instructions of `V`.
        unsafe { add_scaled::<V>(x, from, to) }
    }
}

impl<V: Lanes, const BACK: bool> Visit<V::F> for Around<'_, V, BACK> {
    #[inline(always)]
    fn visit(&mut self, channel: usize, pixel: usize, x: V::F) {
        let (s, width) = (self.scatter, self.width);
        let [y, column] = s.coordinates[pixel];
        let window = (channel - self.first) * s.window();
        for rows in s.taps[0].runs(y as usize) {
            for i in 0..rows.len {
                let (ky, row) = ((rows.k + i) as usize, (rows.at + i) as usize * s.size[1]);
                for run in s.taps[1].runs(column as usize) {
                    let weight = window + (ky * s.kernel[1] + run.k as usize) * width;
                    let (pixel, len) = (row + run.at as usize, run.len as usize);
                    if s.groups == 1 {
                        self.add(x, weight, pixel * width, len * width);
                        continue;
                    }
                    for j in 0..len {
                        let sum = (pixel + j) * s.groups + channel / self.group;
                        self.add(x, weight + j * width, sum * width, width);
                    }
                }
            }
        }
    }
}
