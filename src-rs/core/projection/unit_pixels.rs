//! A convolution of values whose window is one pixel: each pixel's sums of some channels stay in registers
//! over all channels that enter and are not zero, ascending.

use super::lanes::{Element, Lanes};
use super::row::Order;
use super::strip::Strip;
use super::unit_steps::UnitSteps;

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
            for channel in 0..self.inputs {
                let x = x[from.at(channel, pixel)];
                if x != F::ZERO {
                    list.push((channel as u32, x));
                }
            }
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
}
