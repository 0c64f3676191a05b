//! The input gradient of a convolution of which only some elements are requested (see [`crate::sparse::sampled`]). The
//! weights of an input channel are contiguous over neighboring outputs and their channels, and so is the gradient of a
//! row of outputs. So each row of the window is one product of two contiguous runs.
//!
//! An element has sixteen partial sums. The values of a run are added to them in rotation; runs ascend.

use super::scatter::Scatter;
use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, WIDEST};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;

impl Scatter {
    /// Whether [`Scatter::sampled_input_gradient`] has a kernel for this shape: one group whose output channels fill whole
    /// registers.
    pub fn is_sampled(&self) -> bool {
        self.groups == 1 && self.width().is_multiple_of(WIDEST)
    }

    /// Outputs that read an input pixel, on average, with their channels.
    pub fn mean_window(&self) -> usize {
        let pairs = (self.taps[0].count() * self.taps[1].count()) as usize;
        pairs * self.width() / self.pixels().max(1)
    }

    /// The gradient of the elements of one row whose bits are set in `requested`, 0 for the others. `requested` are words of
    /// 64 elements in the public order `[channel][pixel]`, as is `dx`; `gradient` is `[pixel][width]`, `weights` are
    /// those of the forward pass. Returns the number of requested elements. Panics if a slice is too short or the shape
    /// has no kernel.
    pub fn sampled_input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        requested: impl Iterator<Item = u64>,
        gradient: &[F],
        list: &mut Vec<u32>,
        dx: &mut [F],
    ) -> usize {
        assert!(self.is_sampled(), "{} groups of {} channels", self.groups, self.width());
        assert_eq!(weights.len(), self.weights(), "the weights of a convolution");
        assert_eq!(gradient.len(), self.sums(), "the gradient of a row");
        assert_eq!(dx.len(), self.channels[0] * self.pixels(), "the gradient of the input of a row");
        list.clear();
        for (w, mut left) in requested.enumerate() {
            while left != 0 {
                list.push((w * PANEL) as u32 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        let last = list.last().map_or(0, |&at| at as usize + 1);
        assert!(last <= dx.len(), "element {last} of {}", dx.len());
        dx.fill(F::ZERO);
        dispatch(level, SampledWindows { scatter: self, weights, requested: list, gradient, dx });
        list.len()
    }
}

pub struct SampledWindows<'a, F> {
    scatter: &'a Scatter,
    weights: &'a [F],
    requested: &'a [u32],
    gradient: &'a [F],
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for SampledWindows<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: by the contract; the lengths were checked.
        unsafe {
            match V::WIDTH {
                16 => self.elements::<V, 1>(),
                8 => self.elements::<V, 2>(),
                4 => self.elements::<V, 4>(),
                _ => self.elements::<V, 8>(),
            }
        }
    }
}

impl<F: Element> SampledWindows<'_, F> {
    #[inline(always)]
    unsafe fn elements<V: Lanes<F = F>, const N: usize>(self) {
        debug_assert_eq!(Strip::<V, N>::WIDTH, WIDEST);
        let (s, pixels, width) = (self.scatter, self.scatter.pixels(), self.scatter.width());
        for &at in self.requested {
            let (channel, pixel) = (at as usize / pixels, at as usize % pixels);
            let [y, x] = s.coordinates[pixel];
            let window = &self.weights[channel * s.window()..][..s.window()];
            // SAFETY: the caller guarantees the instructions of `V`; slices are cut to whole runs of whole registers.
            unsafe {
                let mut sum = Strip::<V, N>::splat(F::ZERO);
                for rows in s.taps[0].runs(y as usize) {
                    for i in 0..rows.len {
                        let (ky, row) = ((rows.k + i) as usize, (rows.at + i) as usize * s.size[1]);
                        for run in s.taps[1].runs(x as usize) {
                            let len = run.len as usize * width;
                            let w = &window[(ky * s.kernel[1] + run.k as usize) * width..][..len];
                            let g = &self.gradient[(row + run.at as usize) * width..][..len];
                            for column in (0..len).step_by(WIDEST) {
                                let g = Strip::load(g.as_ptr().add(column));
                                sum.add_product(&g, &Strip::load(w.as_ptr().add(column)));
                            }
                        }
                    }
                }
                self.dx[at as usize] = sum.total();
            }
        }
    }
}
