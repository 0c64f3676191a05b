//! Convolutions of stride 1 for values that are mostly nonzero. The pixels of a row under the window, with all channels
//! of a pixel contiguous, are one piece of memory. So an output row is a product of overlapping pieces with each row of
//! the window. The sums of some pixels and channels stay in registers over the whole window.
//!
//! Terms have the same order as in [`super::scatter`]; those of zeros and of the padding add nothing.

use super::stride1_spikes::Stride1;
use crate::layouts::aligned::Aligned;
use crate::layouts::row::Order;
use crate::layouts::transpose::transpose;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;

/// Pixels whose sums are in registers, two registers each: 12 sums hide the latency of an addition, and 16 registers
/// can hold them.
const TOGETHER: usize = 6;

/// Values count as mostly nonzero if at least one in this number is: about the speed-up of a product over adding each
/// value's window. Not tuned yet (docs/notes/convolutions-and-attention.md).
const SHARE: usize = 5;

impl Stride1 {
    /// Whether [`Stride1::values`] is the faster kernel for these values.
    pub fn takes_values<F: Element>(&self, values: &[F]) -> bool {
        let nonzero = || values.iter().filter(|&&x| x != F::ZERO).count();
        !self.is_pixel() && nonzero() * SHARE >= values.len()
    }

    /// `out = Σ x w` of a row of values, `[pixel][width]`, with packed weights.
    pub fn values<F: Element>(
        &self,
        level: SimdLevel,
        packed: &[F],
        (x, from): (&[F], Order),
        out: &mut [F],
    ) {
        let [[height, columns], output_size] = self.size;
        let pixels = height * columns;
        assert_eq!(x.len(), self.inputs * pixels, "the input of a convolution");
        assert_eq!(
            packed.len(),
            self.inputs * self.kernel[0] * self.kernel[1] * self.width,
            "packed weights"
        );
        assert_eq!(out.len(), output_size[0] * output_size[1] * self.width, "a row of a convolution");
        let mut by_channel = Aligned::default();
        let x = match from == Order::of_values(self.inputs) {
            true => x,
            false => {
                by_channel.resize(x.len());
                transpose(level, x, [self.inputs, pixels], &mut by_channel);
                &by_channel
            }
        };
        let (line, edge) = (columns * self.inputs, self.padding[1] * self.inputs);
        let mut image = Aligned::default();
        let x = match edge {
            0 => x,
            _ => {
                image.resize(height * (line + 2 * edge));
                for (to, from) in image.chunks_exact_mut(line + 2 * edge).zip(x.chunks_exact(line)) {
                    to[..edge].fill(F::ZERO);
                    to[edge..edge + line].copy_from_slice(from);
                    to[edge + line..].fill(F::ZERO);
                }
                &image
            }
        };
        dispatch(level, Values { unit: self, packed, x, out });
    }
}

pub struct Values<'a, F> {
    unit: &'a Stride1,
    packed: &'a [F],
    /// `[row][column][channel]`, including the columns of the padding.
    x: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Values<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: the sizes are as `Stride1::values` made and checked them; the caller guarantees the instructions. A
        // block is one register or a whole number of pairs.
        unsafe {
            match self.unit.block() / V::WIDTH {
                1 => self.strips::<V, 1>(),
                _ => self.strips::<V, 2>(),
            }
        }
    }
}

impl<F: Element> Values<'_, F> {
    /// # Safety
    /// The CPU has the instructions of `V`; blocks are a whole number of `N` registers.
    #[inline(always)]
    unsafe fn strips<V: Lanes<F = F>, const N: usize>(self) {
        let Stride1 { inputs, width, kernel, padding, size, .. } = *self.unit;
        let [[height, columns], output_size] = size;
        let (block, field) = (self.unit.block(), kernel[1] * inputs);
        let line = (columns + 2 * padding[1]) * inputs;
        for first in (0..width).step_by(Strip::<V, N>::WIDTH) {
            let weights = &self.packed[first / block * block * field * kernel[0] + first % block..];
            for y in 0..output_size[0] {
                // Above and below the image there are no values.
                let rows = padding[0].saturating_sub(y)..kernel[0].min(height + padding[0] - y);
                let window = Window {
                    // Only memory within the image is read.
                    x: self.x.as_ptr().wrapping_offset((y as isize - padding[0] as isize) * line as isize),
                    line,
                    rows,
                    field,
                    inputs,
                    weights: weights.as_ptr(),
                    // Rows of the window are packed from the last.
                    last: kernel[0] - 1,
                    block,
                    step: kernel[0] * block,
                };
                let mut x = 0;
                while x < output_size[1] {
                    // SAFETY: pixels up to `x + TOGETHER` are output pixels, and the data under their windows has been
                    // prepared.
                    unsafe {
                        let out = self.out.as_mut_ptr().add((y * output_size[1] + x) * width + first);
                        if output_size[1] < TOGETHER {
                            window.pixels::<V, N, 1>(x, out, width);
                            x += 1;
                        } else {
                            window.pixels::<V, N, TOGETHER>(x, out, width);
                            // The last pixels may be summed twice.
                            x = if x + TOGETHER < output_size[1] {
                                (x + TOGETHER).min(output_size[1] - TOGETHER)
                            } else {
                                output_size[1]
                            };
                        }
                    }
                }
            }
        }
    }
}

/// An output row: the offset of its input, and the weights of a strip of channels.
struct Window<F> {
    x: *const F,
    /// Elements from one row to the next.
    line: usize,
    /// The rows of the window that lie on the image.
    rows: std::ops::Range<usize>,
    /// Elements of a row of the window, and of a pixel.
    field: usize,
    inputs: usize,
    weights: *const F,
    last: usize,
    block: usize,
    /// Distance from the weights of one element of the field to those of the next.
    step: usize,
}

impl<F: Element> Window<F> {
    /// # Safety
    /// The window of `M` pixels from column `x` on lies on `line` elements of each row; `out` has `N` registers for
    /// each of these pixels, `width` elements apart; the CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn pixels<V: Lanes<F = F>, const N: usize, const M: usize>(
        &self,
        x: usize,
        out: *mut F,
        width: usize,
    ) {
        // SAFETY: the contract above.
        unsafe {
            let mut sums = [Strip::<V, N>::splat(F::ZERO); M];
            for ky in self.rows.clone() {
                let mut a = self.x.wrapping_add(ky * self.line + x * self.inputs);
                let mut weights = self.weights.wrapping_add((self.last - ky) * self.block);
                for _ in 0..self.field {
                    let w = Strip::load(weights);
                    for (i, sum) in sums.iter_mut().enumerate() {
                        sum.mul_add(V::splat(*a.wrapping_add(i * self.inputs)), &w);
                    }
                    a = a.wrapping_add(1);
                    weights = weights.wrapping_add(self.step);
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                sum.store(out.add(i * width));
            }
        }
    }
}
