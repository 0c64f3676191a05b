//! The weight gradient of a convolution of stride 1, for values that are mostly nonzero. Each input channel is a padded
//! plane; each row of the window moves along the gradients over it. The sums of some positions of the window and some
//! output channels stay in registers over all pixels.
//!
//! Terms have the same order as in [`super::scatter`]; those of zeros and of the padding add nothing.

use super::stride1_spikes::Stride1;
use super::stride1_values::mostly_values;
use super::tap_lists::TapLists;
use crate::layouts::row::Order;
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;

/// Positions of a row of the window whose sums are in registers, four registers each: 12 sums hide the latency of an
/// addition, and 16 registers can hold them.
const TOGETHER: usize = 3;

impl Stride1 {
    /// If most of a channel's values are nonzero, adds the contribution of one row to the weight gradient of an input
    /// channel, `[ky][kx][width]` with the window reversed, and returns true. Otherwise adds nothing and returns false.
    ///
    /// # Safety
    /// `x` has a value for each pixel and input channel; `gradient` has `width` elements for each output pixel, which
    /// fill whole registers; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn plane_gradient<F: Element, V: Lanes<F = F>>(
        &self,
        (x, from, channel): (&[F], Order, usize),
        gradient: &[F],
        lists: &mut TapLists<F>,
        dw: &mut [F],
    ) -> bool {
        let [[height, columns], output_size] = self.size;
        let ([rows, places], [above, edge]) = (self.kernel, self.padding);
        let line = columns + 2 * edge;
        let plane = &mut lists.plane;
        plane.resize(height * line);
        for (y, line) in plane.chunks_exact_mut(line).enumerate() {
            line[..edge].fill(F::ZERO);
            line[edge + columns..].fill(F::ZERO);
            for (i, to) in line[edge..edge + columns].iter_mut().enumerate() {
                *to = x[from.at(channel, y * columns + i)];
            }
        }
        if !mostly_values(plane) {
            return false;
        }
        assert_eq!(
            gradient.len(),
            output_size[0] * output_size[1] * self.width,
            "a gradient row of a convolution"
        );
        assert_eq!(dw.len(), rows * places * self.width, "a window of weights");
        for ky in 0..rows {
            // The output rows for which this row of the window lies on the image.
            let own = above.saturating_sub(ky)..output_size[0].min((height + above).saturating_sub(ky));
            let along = Along {
                rows: own.len(),
                columns: output_size[1],
                x: plane.as_ptr().wrapping_add((own.start + ky).saturating_sub(above) * line),
                line,
                gradient: gradient.as_ptr().wrapping_add(own.start * output_size[1] * self.width),
                width: self.width,
            };
            let mut kx = 0;
            while kx < places {
                let count = if kx + TOGETHER <= places { TOGETHER } else { 1 };
                // The last of these positions is the first in the reversed window.
                let from = ((rows - 1 - ky) * places + places - kx - count) * self.width;
                let mut first = 0;
                while first < self.width {
                    // SAFETY: positions and channels are those of the window and of the gradients; rows are within the
                    // plane, and so is the part of them that the window reads. The caller guarantees the instructions
                    // of `V`.
                    unsafe {
                        let dw = dw.as_mut_ptr().add(from + first);
                        first += match (count, first + 4 * V::WIDTH <= self.width) {
                            (TOGETHER, true) => along.add::<V, TOGETHER, 4>(kx, first, dw),
                            (TOGETHER, false) => along.add::<V, TOGETHER, 1>(kx, first, dw),
                            (_, true) => along.add::<V, 1, 4>(kx, first, dw),
                            (_, false) => along.add::<V, 1, 1>(kx, first, dw),
                        };
                    }
                }
                kx += count;
            }
        }
        true
    }
}

/// One row of the window and the rows of gradients along which it moves.
struct Along<F> {
    rows: usize,
    columns: usize,
    /// Offset of the first of them in the plane.
    x: *const F,
    line: usize,
    gradient: *const F,
    width: usize,
}

impl<F: Element> Along<F> {
    /// Adds to `M` positions of the window from `kx` on and to `N` registers of channels from `first` on; returns the
    /// number of channels. `dw` points to the last of these positions.
    ///
    /// # Safety
    /// All rows have `columns` gradients of `width` elements, and as many values from each of these positions on. The
    /// CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn add<V: Lanes<F = F>, const M: usize, const N: usize>(
        &self,
        kx: usize,
        first: usize,
        dw: *mut F,
    ) -> usize {
        // SAFETY: the contract above.
        unsafe {
            let mut sums = [Strip::<V, N>::splat(F::ZERO); M];
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = Strip::load(dw.add((M - 1 - i) * self.width));
            }
            for y in 0..self.rows {
                let x = self.x.wrapping_add(y * self.line + kx);
                let mut gradient = self.gradient.wrapping_add(y * self.columns * self.width + first);
                for column in 0..self.columns {
                    let g = Strip::load(gradient);
                    for (i, sum) in sums.iter_mut().enumerate() {
                        sum.mul_add(V::splat(*x.wrapping_add(column + i)), &g);
                    }
                    gradient = gradient.wrapping_add(self.width);
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                sum.store(dw.add((M - 1 - i) * self.width));
            }
        }
        Strip::<V, N>::WIDTH
    }
}
