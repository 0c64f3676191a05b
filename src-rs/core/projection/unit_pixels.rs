//! A convolution whose window is one pixel. Forward, of values: each pixel's sums of some channels stay in
//! registers over all channels that enter and are not zero, ascending. The weights' gradient, of values and of
//! spikes: some channels of all gradients are copied, so that they stay in L1 (in most networks their rows are a power
//! of two apart, which few of its sets hold), while those at the pixels of each channel that enters are summed,
//! ascending.

use super::lanes::{Element, Lanes};
use super::row::{Order, Row};
use super::strip::Strip;
use super::tap_lists::TapLists;
use super::unit_steps::UnitSteps;
use std::ops::Range;

/// Registers of sums.
const TOGETHER: usize = 8;

impl UnitSteps {
    /// Whether [`UnitSteps::pixels`] is there.
    pub fn is_pixel(&self) -> bool {
        self.kernel == [1, 1] && self.padding == [0, 0]
    }

    /// `out = Σ x w` of a row of values; weights are `[channel in][width]`, `out` `[pixel][width]`.
    ///
    /// # Safety
    /// The window is one pixel; weights and `out` are as long as said; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn pixels<F: Element, V: Lanes<F = F>>(
        &self,
        weights: &[F],
        (x, from): (&[F], Order),
        out: &mut [F],
    ) {
        let mut list: Vec<(u32, F)> = Vec::with_capacity(self.inputs);
        for (pixel, out) in out.chunks_exact_mut(self.width).enumerate() {
            list.clear();
            let of_pixel = |channel: usize| x[from.at(channel, pixel)];
            let whole = if from.channel == 1 { self.inputs / V::WIDTH * V::WIDTH } else { 0 };
            for first in (0..whole).step_by(V::WIDTH) {
                let values = &x[from.at(first, pixel)..][..V::WIDTH];
                // SAFETY: a register of values; the caller vouches for the instructions of `V`.
                let zeros = unsafe { V::load(values.as_ptr()).equal(V::splat(F::ZERO)) };
                let mut rest = !zeros & ((1 << V::WIDTH) - 1);
                while rest != 0 {
                    let channel = first + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    list.push((channel as u32, of_pixel(channel)));
                }
            }
            let others = (whole..self.inputs).filter(|&channel| of_pixel(channel) != F::ZERO);
            list.extend(others.map(|channel| (channel as u32, of_pixel(channel))));
            for first in (0..self.width).step_by(TOGETHER * V::WIDTH) {
                // SAFETY: the caller's contract; registers lie within the width.
                unsafe {
                    let (weights, out) = (weights.as_ptr().add(first), out.as_mut_ptr().add(first));
                    match (self.width - first) / V::WIDTH {
                        1 => self.sums::<F, V, 1>(&list, weights, out),
                        2 => self.sums::<F, V, 2>(&list, weights, out),
                        3 => self.sums::<F, V, 3>(&list, weights, out),
                        4 => self.sums::<F, V, 4>(&list, weights, out),
                        5 => self.sums::<F, V, 5>(&list, weights, out),
                        6 => self.sums::<F, V, 6>(&list, weights, out),
                        7 => self.sums::<F, V, 7>(&list, weights, out),
                        _ => self.sums::<F, V, TOGETHER>(&list, weights, out),
                    }
                }
            }
        }
    }

    /// # Safety
    /// As for `pixels`, with `N` registers from `weights` and `out` on; channels of the list enter.
    #[inline(always)]
    unsafe fn sums<F: Element, V: Lanes<F = F>, const N: usize>(
        &self,
        list: &[(u32, F)],
        weights: *const F,
        out: *mut F,
    ) {
        // SAFETY: the contract above.
        unsafe {
            let mut sums = Strip::<V, N>::splat(F::ZERO);
            for &(channel, x) in list {
                sums.mul_add(V::splat(x), &Strip::load(weights.add(channel as usize * self.width)));
            }
            sums.store(out);
        }
    }

    /// Adds one row's share to the gradient of the weights of some channels, `[channel in][width]`.
    ///
    /// # Safety
    /// The window is one pixel; `x` has a value for each pixel and channel that enters, or ascending events;
    /// `gradient` has `width` elements for each pixel, `dw` for each of the channels; the CPU has the instructions
    /// of `V`.
    #[inline(always)]
    pub unsafe fn pixels_gradient<F: Element, V: Lanes<F = F>>(
        &self,
        (x, from): (Row<F>, Order),
        gradient: &[F],
        channels: Range<usize>,
        lists: &mut TapLists<F>,
        dw: &mut [F],
    ) {
        let pixels = self.size[0][0] * self.size[0][1];
        // SAFETY: the caller's contract.
        unsafe { lists.list_channels::<V>((x, from), pixels, channels) };
        let mut strip = std::mem::take(&mut lists.strip);
        for first in (0..self.width).step_by(TOGETHER * V::WIDTH) {
            let width = (self.width - first).min(TOGETHER * V::WIDTH);
            strip.resize(pixels * width);
            for (to, from) in strip.chunks_exact_mut(width).zip(gradient.chunks_exact(self.width)) {
                to.copy_from_slice(&from[first..first + width]);
            }
            // SAFETY: the caller's contract; registers lie within the width, and what is listed are pixels.
            unsafe {
                let (dw, gradient) = (dw.as_mut_ptr().add(first), strip.as_ptr());
                match width / V::WIDTH {
                    1 => self.channels::<F, V, 1>(lists, gradient, dw),
                    2 => self.channels::<F, V, 2>(lists, gradient, dw),
                    3 => self.channels::<F, V, 3>(lists, gradient, dw),
                    4 => self.channels::<F, V, 4>(lists, gradient, dw),
                    5 => self.channels::<F, V, 5>(lists, gradient, dw),
                    6 => self.channels::<F, V, 6>(lists, gradient, dw),
                    7 => self.channels::<F, V, 7>(lists, gradient, dw),
                    _ => self.channels::<F, V, TOGETHER>(lists, gradient, dw),
                }
            }
        }
        lists.strip = strip;
    }

    /// # Safety
    /// As for `pixels_gradient`, with `N` registers of each channel from `dw` on, and `gradient` `N` registers for
    /// each pixel.
    #[inline(always)]
    unsafe fn channels<F: Element, V: Lanes<F = F>, const N: usize>(
        &self,
        lists: &TapLists<F>,
        gradient: *const F,
        dw: *mut F,
    ) {
        for (channel, (pixels, values)) in lists.channels().enumerate() {
            if pixels.is_empty() {
                continue;
            }
            // SAFETY: the contract above.
            unsafe {
                let dw = dw.add(channel * self.width);
                let at = |pixel: u32| gradient.add(pixel as usize * Strip::<V, N>::WIDTH);
                let mut sums = Strip::<V, N>::load(dw);
                if values.is_empty() {
                    pixels.iter().for_each(|&pixel| sums.add_row(at(pixel)));
                }
                for (&pixel, &x) in pixels.iter().zip(values) {
                    sums.mul_add(V::splat(x), &Strip::load(at(pixel)));
                }
                sums.store(dw);
            }
        }
    }
}
