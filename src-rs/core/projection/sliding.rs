//! The gradient of what entered a convolution whose window moves by one pixel: along a row of what
//! left, the sums of the pixels under the window stay in registers, and each gradient adds its row of
//! the window to them: some rows of the window and 32 channels of what left at a time, whose weights
//! stay in cache.
//!
//! Input channels are taken 16 at a time, so that a pixel's are whole registers. An element is one sum
//! over `(32 channels, row, column, channel)` of what left, ascending.

use super::aligned::Aligned;
use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use super::positions::{SLACK, append};
use super::row::Order;
use super::taps::Taps;
use super::transpose::transpose_columns;
use lapicque_base::SimdLevel;

/// Input channels of a block.
const BLOCK: usize = 16;

/// Output channels that are summed over all pixels before the next.
pub(super) const PART: usize = 32;

/// Weights are `[block of 16 channels in][ky][channel out][kx][16]`.
#[derive(Debug, Clone)]
pub(super) struct Sliding {
    /// Channels in and out.
    channels: [usize; 2],
    kernel: [usize; 2],
    padding: [usize; 2],
    /// Of what entered, and of what left.
    size: [[usize; 2]; 2],
    /// Output channels as gradients are kept.
    width: usize,
}

/// Buffers that one row leaves to the next.
#[derive(Default)]
pub(super) struct SlidingScratch<F: Element> {
    /// Output channels that have a gradient, pixel by pixel for each part of the channels, and where
    /// each pixel's begin.
    list: Vec<u32>,
    starts: Vec<u32>,
    /// A block of channels of what entered, with the padding around: `[row][column][16]`.
    sums: Aligned<F>,
}

impl Sliding {
    /// Nothing if the window moves otherwise, or its width has no kernel. `taps`: from what left to
    /// what entered.
    pub fn new(
        channels: [usize; 2],
        kernel: [usize; 2],
        taps: &[Taps; 2],
        size: [[usize; 2]; 2],
        width: usize,
    ) -> Option<Self> {
        let [entered, left] = size;
        if !matches!(kernel[1], 2..=5 | 7) {
            return None;
        }
        let padding =
            [taps[0].padding_of_unit_steps(entered[0])?, taps[1].padding_of_unit_steps(entered[1])?];
        // A window that has room for one place along an axis takes no step there, however wide it would be: what
        // lies beyond enters nothing.
        if (0..2).any(|axis| left[axis] + kernel[axis] <= entered[axis] + padding[axis]) {
            return None;
        }
        Some(Sliding { channels, kernel, padding, size, width })
    }

    pub fn weights(&self) -> usize {
        self.channels[0].div_ceil(BLOCK) * BLOCK * self.kernel[0] * self.kernel[1] * self.channels[1]
    }

    /// Where a weight is kept.
    pub fn place(&self, input: usize, ky: usize, kx: usize, output: usize) -> usize {
        let row = (input / BLOCK * self.kernel[0] + ky) * self.channels[1] + output;
        (row * self.kernel[1] + kx) * BLOCK + input % BLOCK
    }

    pub fn input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        gradient: &[F],
        scratch: &mut SlidingScratch<F>,
        to: Order,
        dx: &mut [F],
    ) {
        let [[height, width], left] = self.size;
        assert_eq!(weights.len(), self.weights(), "turned weights of a convolution");
        assert_eq!(gradient.len(), left[0] * left[1] * self.width, "a gradient row of a convolution");
        assert_eq!(dx.len(), self.channels[0] * height * width, "the gradient of a row");
        let around = [0, 1].map(|axis| left[axis] + self.kernel[axis] - 1);
        let mut sums = std::mem::take(&mut scratch.sums);
        sums.resize(around[0] * around[1] * BLOCK);
        scratch.list.resize(left[0] * left[1] * self.channels[1] + SLACK, 0);
        dispatch(level, List { sliding: self, gradient, scratch });
        let block_weights = BLOCK * self.kernel[0] * self.kernel[1] * self.channels[1];
        for (block, weights) in weights.chunks_exact(block_weights).enumerate() {
            sums.fill(F::ZERO);
            for part in 0..self.channels[1].div_ceil(PART) {
                let starts = &scratch.starts[part * left[0] * left[1]..];
                let list = &scratch.list[..];
                dispatch(level, Block { sliding: self, weights, gradient, list, starts, sums: &mut sums });
            }
            let first = block * BLOCK;
            let count = BLOCK.min(self.channels[0] - first);
            if to == Order::public(height * width) && self.padding == [0, 0] {
                let dx = &mut dx[first * height * width..][..count * height * width];
                transpose_columns(level, &sums, (BLOCK, count), dx);
                continue;
            }
            for y in 0..height {
                let row = ((y + self.padding[0]) * around[1] + self.padding[1]) * BLOCK;
                let row = &sums[row..][..width * BLOCK];
                for c in 0..count {
                    for (x, pixel) in row.chunks_exact(BLOCK).enumerate() {
                        dx[to.at(first + c, y * width + x)] = pixel[c];
                    }
                }
            }
        }
        scratch.sums = sums;
    }
}

struct List<'a, F: Element> {
    sliding: &'a Sliding,
    gradient: &'a [F],
    scratch: &'a mut SlidingScratch<F>,
}

impl<F: Element> Kernel<F> for List<'_, F> {
    type Output = ();

    /// Lists what is not zero.
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (outputs, SlidingScratch { list, starts, .. }) = (self.sliding.channels[1], self.scratch);
        starts.clear();
        let mut count = 0;
        for part in (0..outputs).step_by(PART) {
            for gradient in self.gradient.chunks_exact(self.sliding.width) {
                starts.push(count as u32);
                let gradient = &gradient[part..outputs.min(part + PART)];
                let registers = gradient.chunks_exact(V::WIDTH);
                let (mut bits, mut first) = (0, 0);
                let tail = registers.remainder();
                for register in registers {
                    // SAFETY: the chunk is one register wide; the caller vouches for the instructions.
                    let zero = unsafe { V::load(register.as_ptr()).equal(V::splat(F::ZERO)) };
                    bits |= (!zero & ((1u64 << V::WIDTH) - 1)) << first;
                    first += V::WIDTH;
                }
                for (i, &g) in tail.iter().enumerate() {
                    bits |= u64::from(g != F::ZERO) << (first + i);
                }
                // SAFETY: the list has room for all channels of all pixels, and the slack.
                count += unsafe { append::<V>(list.as_mut_ptr().add(count), bits, part as u32) };
            }
        }
        starts.push(count as u32);
    }
}

struct Block<'a, F> {
    sliding: &'a Sliding,
    /// Of the block.
    weights: &'a [F],
    gradient: &'a [F],
    list: &'a [u32],
    starts: &'a [u32],
    sums: &'a mut [F],
}

impl<F: Element> Kernel<F> for Block<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: the caller vouches for the instructions of `V`.
        unsafe {
            match self.sliding.kernel[1] {
                2 => self.window::<V, 2>(),
                3 => self.window::<V, 3>(),
                4 => self.window::<V, 4>(),
                5 => self.window::<V, 5>(),
                _ => self.window::<V, 7>(),
            }
        }
    }
}

impl<F: Element> Block<'_, F> {
    #[inline(always)]
    unsafe fn window<V: Lanes<F = F>, const KX: usize>(&mut self) {
        // From the last row of the window on, so that rows of what left ascend for each that entered.
        let mut ky = self.sliding.kernel[0];
        while ky > 0 {
            // SAFETY: the caller's contract; the rows of the window exist.
            unsafe {
                if ky >= 3 && 3 * KX + 2 <= V::REGISTERS {
                    ky -= 3;
                    self.rows::<V, KX, 3>(ky);
                } else if ky >= 2 && 2 * KX + 2 <= V::REGISTERS {
                    ky -= 2;
                    self.rows::<V, KX, 2>(ky);
                } else {
                    ky -= 1;
                    self.rows::<V, KX, 1>(ky);
                }
            }
        }
    }

    /// `KY` rows of the window from `ky` on.
    ///
    /// # Safety
    /// The CPU has the instructions of `V`; the window has `KX` columns and those rows. Sizes are as
    /// [`Sliding::input_gradient`] checks them, and the list is of the gradient's channels.
    #[inline(always)]
    unsafe fn rows<V: Lanes<F = F>, const KX: usize, const KY: usize>(&mut self, ky: usize) {
        let s = self.sliding;
        let [rows, columns] = s.size[1];
        let row_of_window = s.channels[1] * KX * BLOCK;
        let line = (columns + KX - 1) * BLOCK;
        for lane in (0..BLOCK).step_by(V::WIDTH) {
            // SAFETY: pixels are within the sums, which reach as far as the window does; an entry of the
            // list is an output channel, which has a gradient and a row of weights.
            unsafe {
                let weights = self.weights.as_ptr().add(ky * row_of_window + lane);
                for row in 0..rows {
                    let sums = self.sums.as_mut_ptr().add((row + ky) * line + lane);
                    let mut window = [[V::splat(F::ZERO); KX]; KY];
                    for (j, window) in window.iter_mut().enumerate() {
                        for (k, sum) in window.iter_mut().enumerate() {
                            *sum = V::load(sums.add(j * line + k * BLOCK));
                        }
                    }
                    for x in 0..columns {
                        let pixel = row * columns + x;
                        let list = *self.starts.get_unchecked(pixel) as usize
                            ..*self.starts.get_unchecked(pixel + 1) as usize;
                        let gradient = self.gradient.as_ptr().add(pixel * s.width);
                        for &o in self.list.get_unchecked(list) {
                            let g = V::splat(*gradient.add(o as usize));
                            let weights = weights.add(o as usize * KX * BLOCK);
                            for (j, window) in window.iter_mut().enumerate() {
                                for (k, sum) in window.iter_mut().enumerate() {
                                    let w = V::load(weights.add(j * row_of_window + k * BLOCK));
                                    *sum = g.mul_add(w, *sum);
                                }
                            }
                        }
                        let last = x + 1 == columns;
                        for (j, window) in window.iter_mut().enumerate() {
                            let sums = sums.add(j * line + x * BLOCK);
                            if last {
                                for (k, sum) in window.iter().enumerate() {
                                    sum.store(sums.add(k * BLOCK));
                                }
                                continue;
                            }
                            window[0].store(sums);
                            for k in 1..KX {
                                window[k - 1] = window[k];
                            }
                            window[KX - 1] = V::load(sums.add(KX * BLOCK));
                        }
                    }
                }
            }
        }
    }
}
