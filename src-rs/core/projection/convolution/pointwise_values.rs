//! The forward pass of a pointwise convolution of values: the sums of some output channels at a pixel stay in registers
//! over all nonzero input channels, ascending. The weight gradient is in [`super::pixel_gradient`].

use super::stride1_spikes::Stride1;
use crate::layouts::row::Order;
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;

/// For each pixel the nonzero input channels, ascending, with their values.
struct Lists<F> {
    events: Vec<(u32, F)>,
    /// End of each pixel's channels; the first begins at 0.
    ends: Vec<usize>,
}

impl<F> Lists<F> {
    #[inline(always)]
    fn of(&self, pixel: usize) -> &[(u32, F)] {
        &self.events[self.ends[pixel]..self.ends[pixel + 1]]
    }
}

impl Stride1 {
    /// Whether [`Stride1::pixels`] applies.
    pub fn is_pixel(&self) -> bool {
        self.kernel == [1, 1] && self.padding == [0, 0]
    }

    /// `out = Σ x w` of a row of values, `[pixel][width]`.
    ///
    /// # Safety
    /// The window is one pixel; weights are packed, `out` has the stated length; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn pixels<F: Element, V: Lanes<F = F>>(
        &self,
        packed: &[F],
        (x, from): (&[F], Order),
        out: &mut [F],
    ) {
        let mut lists = Lists { events: Vec::with_capacity(x.len() / 4), ends: vec![0] };
        for pixel in 0..out.len() / self.width {
            let of_pixel = |channel: usize| x[from.at(channel, pixel)];
            let whole = if from.channel == 1 { self.inputs / V::WIDTH * V::WIDTH } else { 0 };
            for first in (0..whole).step_by(V::WIDTH) {
                let values = &x[from.at(first, pixel)..][..V::WIDTH];
                // SAFETY: a register of values; the caller guarantees the instructions of `V`.
                let zeros = unsafe { V::load(values.as_ptr()).equal(V::splat(F::ZERO)) };
                let mut rest = !zeros & ((1 << V::WIDTH) - 1);
                while rest != 0 {
                    let channel = first + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    lists.events.push((channel as u32, of_pixel(channel)));
                }
            }
            let others = (whole..self.inputs).filter(|&channel| of_pixel(channel) != F::ZERO);
            lists.events.extend(others.map(|channel| (channel as u32, of_pixel(channel))));
            lists.ends.push(lists.events.len());
        }
        // SAFETY: the caller's contract; a block is a whole number of these registers.
        unsafe {
            match self.block() / V::WIDTH {
                1 => self.sums::<F, V, 1>(packed, &lists, out),
                2 => self.sums::<F, V, 2>(packed, &lists, out),
                _ => self.sums::<F, V, 4>(packed, &lists, out),
            }
        }
    }

    /// The sums of two pixels at a time, `N` registers each, so that their additions are independent. All pixels are
    /// processed for one part of the channels, whose weights then stay in L1.
    ///
    /// # Safety
    /// As for `pixels`; blocks are a whole number of `N` registers, and listed channels are input channels.
    #[inline(always)]
    unsafe fn sums<F: Element, V: Lanes<F = F>, const N: usize>(
        &self,
        packed: &[F],
        lists: &Lists<F>,
        out: &mut [F],
    ) {
        let (block, pixels) = (self.block(), lists.ends.len() - 1);
        for first in (0..self.width).step_by(N * V::WIDTH) {
            let weights = packed[first / block * block * self.inputs + first % block..].as_ptr();
            for pixel in (0..pixels).step_by(2) {
                let (one, other) = (lists.of(pixel), lists.of((pixel + 1).min(pixels - 1)));
                let both = one.len().min(other.len());
                // SAFETY: the contract above.
                unsafe {
                    let row = |channel: u32| Strip::<V, N>::load(weights.add(channel as usize * block));
                    let mut sums = [Strip::<V, N>::splat(F::ZERO); 2];
                    for (&(a, x), &(b, y)) in one[..both].iter().zip(&other[..both]) {
                        sums[0].mul_add(V::splat(x), &row(a));
                        sums[1].mul_add(V::splat(y), &row(b));
                    }
                    for (sum, rest) in sums.iter_mut().zip([&one[both..], &other[both..]]) {
                        rest.iter().for_each(|&(channel, x)| sum.mul_add(V::splat(x), &row(channel)));
                    }
                    for (sum, pixel) in sums.into_iter().zip(pixel..pixels) {
                        sum.store(out.as_mut_ptr().add(pixel * self.width + first));
                    }
                }
            }
        }
    }
}
