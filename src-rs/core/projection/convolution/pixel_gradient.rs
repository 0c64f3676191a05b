//! The weight gradient of a pointwise convolution (a window of one pixel), several rows of the batch at a time. The
//! weights and the weight gradients of each channel are read and written once for all rows, because a channel has few
//! spikes in one row. Output gradients are `[panel of channels][row][pixel][64]`, padded with 0. Some channels of all
//! pixels are contiguous, so that they stay in L1 while those at the pixels of each input channel are summed,
//! ascending.

use super::pixel_lists::PixelLists;
use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch};
use lapicque_base::SimdLevel;
use std::ops::Range;

/// Registers of sums; the powers of two below handle the remainder.
const TOGETHER: usize = 8;

/// Channels by which the sums are prefetched.
const PREFETCH_DISTANCE: usize = 2;

/// Bytes of gradients that stay in L1 while they are summed.
const STRIP_BYTES: usize = 32 * 1024;

/// Number of rows of this number of pixels that are processed at a time: the gradients of one strip of channels take
/// `STRIP_BYTES`.
pub fn rows_of_pixels<F>(level: SimdLevel, pixels: usize) -> usize {
    let channels = if level == SimdLevel::Avx512 { 2 * PANEL } else { PANEL };
    (STRIP_BYTES / (pixels * channels * size_of::<F>()).max(1)).max(1)
}

/// Adds the contribution of some rows to the weight gradient, `[channel in][width]`. `channels`: output channels for
/// which `gradient` has whole panels; `pixels` counts those of all rows.
pub fn add_pixels<F: Element>(
    level: SimdLevel,
    lists: &PixelLists<F>,
    gradient: &[F],
    pixels: usize,
    channels: Range<usize>,
    (dw, width): (&mut [F], usize),
) {
    let count = channels.len();
    assert!(
        channels.end <= width && channels.start.is_multiple_of(PANEL),
        "channels {channels:?} of {width}"
    );
    assert!(gradient.len() >= count.div_ceil(PANEL) * pixels * PANEL, "gradients of {count} channels");
    assert_eq!(dw.len(), lists.channels().count() * width, "the gradient of the weights");
    assert!(lists.are_below(pixels), "pixels of these rows");
    dispatch(level, AddPixels { lists, gradient, pixels, channels, dw, width });
}

pub struct AddPixels<'a, F: Element> {
    lists: &'a PixelLists<F>,
    gradient: &'a [F],
    pixels: usize,
    channels: Range<usize>,
    dw: &'a mut [F],
    width: usize,
}

impl<F: Element> Kernel<F> for AddPixels<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        let count = self.channels.len();
        assert!(count.is_multiple_of(V::WIDTH), "{count} channels");
        let mut first = 0;
        while first < count {
            let registers = ((count - first) / V::WIDTH).min(TOGETHER);
            // SAFETY: registers lie within the channels, as was checked; the caller guarantees the instructions of `V`.
            unsafe {
                match registers.ilog2() {
                    0 => self.strip::<V, 1>(first),
                    1 => self.strip::<V, 2>(first),
                    2 => self.strip::<V, 4>(first),
                    _ => self.strip::<V, TOGETHER>(first),
                }
            }
            first += V::WIDTH << registers.ilog2();
        }
    }
}

impl<F: Element> AddPixels<'_, F> {
    /// `N` registers from the channel `first` on lie within the channels, and listed pixels within the gradient; the
    /// CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn strip<V: Lanes<F = F>, const N: usize>(&mut self, first: usize) {
        let panel = self.pixels * PANEL;
        let gradient = self.gradient[first / PANEL * panel + first % PANEL..].as_ptr();
        let dw = self.dw.as_mut_ptr().wrapping_add(self.channels.start + first);
        for (channel, (pixels, values)) in self.lists.channels().enumerate() {
            if pixels.is_empty() {
                continue;
            }
            // Each channel's sums come from L2, and the end of its list cannot be predicted.
            let later = dw.wrapping_add((channel + PREFETCH_DISTANCE) * self.width);
            (0..N).for_each(|v| prefetch(later.wrapping_add(v * V::WIDTH)));
            // SAFETY: the contract above; a strip of more than one panel begins at a panel.
            unsafe {
                let dw = dw.add(channel * self.width);
                let mut sums = [V::splat(F::ZERO); N];
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(dw.add(v * V::WIDTH));
                }
                if values.is_empty() {
                    for &pixel in pixels {
                        let row = gradient.add(pixel as usize * PANEL);
                        for (v, sum) in sums.iter_mut().enumerate() {
                            let offset = v * V::WIDTH;
                            *sum = sum.add(V::load(row.add(offset / PANEL * panel + offset % PANEL)));
                        }
                    }
                }
                for (&pixel, &x) in pixels.iter().zip(values) {
                    let (row, x) = (gradient.add(pixel as usize * PANEL), V::splat(x));
                    for (v, sum) in sums.iter_mut().enumerate() {
                        let offset = v * V::WIDTH;
                        *sum = x.mul_add(V::load(row.add(offset / PANEL * panel + offset % PANEL)), *sum);
                    }
                }
                for (v, sum) in sums.into_iter().enumerate() {
                    sum.store(dw.add(v * V::WIDTH));
                }
            }
        }
    }
}
