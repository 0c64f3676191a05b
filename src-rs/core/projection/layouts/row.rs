//! One sample at one step, in the form that operations read.

use super::transpose::transpose;
use crate::simd::registers::Element;
use lapicque_base::SimdLevel;

/// The input: spikes as ascending indices of neurons, or a value for each neuron.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a, F> {
    /// In the order `[channel][pixel]`.
    Events(&'a [u32]),
    Values(&'a [F]),
}

/// The layout of channels and pixels in an array: element `(channel, pixel)` is at `channel * self.channel + pixel *
/// self.pixel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub channel: usize,
    pub pixel: usize,
}

impl Order {
    /// `[channel][pixel]`: populations, the input, and everything public.
    pub fn public(pixels: usize) -> Self {
        Order { channel: pixels, pixel: 1 }
    }

    /// `[pixel][channel]`: values of operations.
    pub fn of_values(channels: usize) -> Self {
        Order { channel: 1, pixel: channels }
    }

    #[inline(always)]
    pub fn at(self, channel: usize, pixel: usize) -> usize {
        channel * self.channel + pixel * self.pixel
    }
}

/// The action for a value. It is a separate type for code that is compiled for a SIMD level. There it must be inlined;
/// a closure might not be, and would then be compiled without the level's instructions.
pub(crate) trait Visit<F> {
    /// Must be `#[inline(always)]` in kernels.
    fn visit(&mut self, channel: usize, pixel: usize, x: F);
}

impl<F, T: FnMut(usize, usize, F)> Visit<F> for T {
    #[inline(always)]
    fn visit(&mut self, channel: usize, pixel: usize, x: F) {
        self(channel, pixel, x);
    }
}

/// Visits all nonzero values, pixel by pixel.
#[inline(always)]
pub(crate) fn nonzero_by_pixel<F: Element>(
    values: &[F],
    order: Order,
    pixels: usize,
    channels: usize,
    mut each: impl Visit<F>,
) {
    for pixel in 0..pixels {
        for channel in 0..channels {
            let x = values[order.at(channel, pixel)];
            if x != F::ZERO {
                each.visit(channel, pixel, x);
            }
        }
    }
}

impl<F: Element> Row<'_, F> {
    /// Visits all nonzero values, ascending; `order` is that of values. Only channels of the range are visited.
    #[inline(always)]
    pub(crate) fn nonzero(
        self,
        order: Order,
        pixels: usize,
        channels: std::ops::Range<usize>,
        mut each: impl Visit<F>,
    ) {
        match self {
            Row::Events(events) => {
                let below = |limit: usize| events.partition_point(|&e| (e as usize) < limit * pixels);
                let (mut channel, mut first) = (channels.start, channels.start * pixels);
                for &event in &events[below(channels.start)..below(channels.end)] {
                    while event as usize >= first + pixels {
                        first += pixels;
                        channel += 1;
                    }
                    each.visit(channel, event as usize - first, F::ONE);
                }
            }
            Row::Values(values) => {
                for channel in channels {
                    for pixel in 0..pixels {
                        let x = values[order.at(channel, pixel)];
                        if x != F::ZERO {
                            each.visit(channel, pixel, x);
                        }
                    }
                }
            }
        }
    }

    /// Copies into `out`, `[channels, pixels]`, from one order to another.
    pub fn write(self, level: SimdLevel, [from, to]: [Order; 2], image: [usize; 2], out: &mut [F]) {
        let [channels, pixels] = image;
        let [kept, public] = [Order::of_values(channels), Order::public(pixels)];
        match self {
            Row::Values(values) if from == to => out.copy_from_slice(&values[..out.len()]),
            Row::Values(values) if [from, to] == [kept, public] => {
                transpose(level, &values[..out.len()], [pixels, channels], out);
            }
            Row::Values(values) if [from, to] == [public, kept] => {
                transpose(level, &values[..out.len()], [channels, pixels], out);
            }
            _ => {
                out.fill(F::ZERO);
                self.write_into([from, to], image, out);
            }
        }
    }

    /// Copies nonzero values into `out`, which may have more channels and is 0 otherwise.
    pub fn write_into(self, [from, to]: [Order; 2], [channels, pixels]: [usize; 2], out: &mut [F]) {
        self.nonzero(from, pixels, 0..channels, |channel, pixel, x| out[to.at(channel, pixel)] = x);
    }

    /// Adds to `out`, from one order to another.
    pub fn add_into(self, [from, to]: [Order; 2], [channels, pixels]: [usize; 2], out: &mut [F]) {
        self.nonzero(from, pixels, 0..channels, |channel, pixel, x| out[to.at(channel, pixel)] += x);
    }
}
