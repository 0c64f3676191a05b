//! The input gradient of a convolution of stride 1. Along a row of the output, the sums of the pixels under the window
//! stay in registers, and each gradient adds its row of weights to them. The kernel processes some rows of the window
//! and 32 output channels at a time, whose weights stay in cache.
//!
//! Input channels are processed 16 at a time, so that those of a pixel fill whole registers, or fewer if that needs
//! fewer registers per row of the window; see [`super::packed_window`]. An element is one sum over `(32 channels, row,
//! column, channel)` of the output, ascending.

use super::packed_window;
use super::taps::Taps;
use crate::layouts::aligned::Aligned;
use crate::layouts::row::Order;
use crate::layouts::transpose::transpose_columns;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::{Real, SimdLevel};

/// The maximum number of input channels of a block; a row of the window's weights is padded to a multiple of it.
pub(crate) const BLOCK: usize = 16;

/// Output channels that are summed over all pixels before the next ones.
pub(crate) const PART: usize = 32;

/// Weights are `[block of channels in][channel out][ky][kx][channel in]`, each `ky` padded to whole registers.
#[derive(Debug, Clone)]
pub struct Sliding {
    /// Channels of the input and of the output.
    pub channels: [usize; 2],
    pub kernel: [usize; 2],
    pub padding: [usize; 2],
    /// Sizes of the input and of the output.
    pub size: [[usize; 2]; 2],
    /// Output channels, padded as in gradients.
    pub width: usize,
    /// Input channels of a block.
    pub block: usize,
}

/// Buffers that are reused from row to row.
#[derive(Default)]
pub struct SlidingScratch<F: Element> {
    /// Which output channels of a part have a gradient, pixel by pixel for each part of the channels.
    fields: Vec<u32>,
    /// A block of input channels with padding: `[row][column][channel]`.
    sums: Aligned<F>,
}

impl Sliding {
    /// `None` if the stride is not 1 or its width has no kernel. `taps`: from the output to the input.
    pub fn new(
        channels: [usize; 2],
        kernel: [usize; 2],
        taps: &[Taps; 2],
        size: [[usize; 2]; 2],
        width: usize,
    ) -> Option<Self> {
        let [input_size, output_size] = size;
        if !matches!(kernel[1], 2..=5 | 7) {
            return None;
        }
        let padding = [taps[0].stride1_padding(input_size[0])?, taps[1].stride1_padding(input_size[1])?];
        // Along an axis with a single output, the stride does not matter, but input pixels beyond that window do not
        // contribute.
        if (0..2).any(|axis| output_size[axis] + kernel[axis] <= input_size[axis] + padding[axis]) {
            return None;
        }
        let block = packed_window::block(channels[0], kernel[1]);
        Some(Sliding { channels, kernel, padding, size, width, block })
    }

    pub fn weights(&self) -> usize {
        self.channels[0].div_ceil(self.block) * self.weights_of_block()
    }

    fn weights_of_block(&self) -> usize {
        self.channels[1] * self.kernel[0] * self.row()
    }

    /// Elements of a row of the window.
    pub fn row(&self) -> usize {
        (self.kernel[1] * self.block).next_multiple_of(BLOCK)
    }

    /// Elements of a row of sums. The last window may extend beyond it by the padding of a row of weights.
    pub fn line(&self) -> usize {
        (self.size[1][1] - 1) * self.block + self.row()
    }

    /// Offset of a weight.
    pub fn weight_offset(&self, input: usize, ky: usize, kx: usize, output: usize) -> usize {
        let row = (input / self.block * self.channels[1] + output) * self.kernel[0] + ky;
        row * self.row() + kx * self.block + input % self.block
    }

    /// Rows and columns of the padded input, as far as the window reaches.
    pub fn around(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.size[1][axis] + self.kernel[axis] - 1)
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
        let [[height, width], output_size] = self.size;
        assert_eq!(weights.len(), self.weights(), "weights of the backward pass");
        assert_eq!(dx.len(), self.channels[0] * height * width, "the gradient of a row");
        let around = self.around();
        let mut sums = std::mem::take(&mut scratch.sums);
        let (line, pixel) = (self.line(), self.block);
        sums.resize(around[0] * line);
        assert_eq!(
            gradient.len(),
            output_size[0] * output_size[1] * self.width,
            "a gradient row of a convolution"
        );
        dispatch(level, Mark { sliding: self, gradient, fields: &mut scratch.fields });
        for (block, weights) in weights.chunks_exact(self.weights_of_block()).enumerate() {
            sums.fill(F::ZERO);
            let of_parts = scratch.fields.chunks_exact(output_size[0] * output_size[1]);
            for (first, fields) in (0..self.channels[1]).step_by(PART).zip(of_parts) {
                let sums = &mut sums[..];
                dispatch(level, Block { sliding: self, weights, gradient, first, fields, sums });
            }
            let first = block * pixel;
            let count = pixel.min(self.channels[0] - first);
            if to == Order::public(height * width) && self.padding == [0, 0] {
                let dx = &mut dx[first * height * width..][..count * height * width];
                // Removes the padding of each line.
                for y in (1..height).filter(|_| line != width * pixel) {
                    sums.copy_within(y * line..y * line + width * pixel, y * width * pixel);
                }
                transpose_columns(level, &sums, pixel, [height * width, count], dx);
                continue;
            }
            for y in 0..height {
                let row = (y + self.padding[0]) * line + self.padding[1] * pixel;
                let row = &sums[row..][..width * pixel];
                for c in 0..count {
                    for (x, pixel) in row.chunks_exact(pixel).enumerate() {
                        dx[to.at(first + c, y * width + x)] = pixel[c];
                    }
                }
            }
        }
        scratch.sums = sums;
    }
}

pub struct Mark<'a, F: Element> {
    sliding: &'a Sliding,
    gradient: &'a [F],
    fields: &'a mut Vec<u32>,
}

impl<F: Element> Kernel<F> for Mark<'_, F> {
    type Output = ();

    /// Marks nonzero gradients.
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let outputs = self.sliding.channels[1];
        self.fields.clear();
        for part in (0..outputs).step_by(PART) {
            for gradient in self.gradient.chunks_exact(self.sliding.width) {
                let gradient = &gradient[part..outputs.min(part + PART)];
                let registers = gradient.chunks_exact(V::WIDTH);
                let (mut bits, mut first) = (0, 0);
                let tail = registers.remainder();
                for register in registers {
                    // SAFETY: the chunk is one register wide; the caller guarantees the instructions.
                    let zero = unsafe { V::load(register.as_ptr()).equal(V::splat(F::ZERO)) };
                    bits |= (!zero & ((1u64 << V::WIDTH) - 1)) << first;
                    first += V::WIDTH;
                }
                for (i, &g) in tail.iter().enumerate() {
                    bits |= u64::from(g != F::ZERO) << (first + i);
                }
                self.fields.push(bits as u32);
            }
        }
    }
}

/// A block of input channels and a part of the output channels.
pub struct Block<'a, F> {
    pub sliding: &'a Sliding,
    /// The weights of the block of input channels.
    pub weights: &'a [F],
    pub gradient: &'a [F],
    /// The first channel of the part of the output channels, and which of these have a gradient at each pixel.
    pub first: usize,
    pub fields: &'a [u32],
    pub sums: &'a mut [F],
}

impl<F: Element> Kernel<F> for Block<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: the caller guarantees the instructions of `V`.
        unsafe {
            if !self.sliding.block.is_multiple_of(V::WIDTH) {
                return self.packed::<V>();
            }
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
        // From the last row of the window on, so that for each input row the output rows ascend.
        let mut ky = self.sliding.kernel[0];
        while ky > 0 {
            // SAFETY: the caller's contract; the rows of the window exist.
            unsafe {
                if ky >= 3 && const { V::SPECIAL && 3 * KX + 2 <= V::REGISTERS } {
                    ky -= 3;
                    self.rows::<V, KX, 3>(ky);
                } else if ky >= 2 && const { V::SPECIAL && 2 * KX + 2 <= V::REGISTERS } {
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
    /// The CPU has the instructions of `V`; the window has `KX` columns and those rows. Sizes are those that
    /// [`Sliding::input_gradient`] checks, and marked channels exist.
    #[inline(always)]
    unsafe fn rows<V: Lanes<F = F>, const KX: usize, const KY: usize>(&mut self, ky: usize) {
        let s = self.sliding;
        let [rows, columns] = s.size[1];
        let (pixel_of_sums, row_of_weights, line) = (s.block, s.row(), s.line());
        let window_of_weights = s.kernel[0] * row_of_weights;
        let strides = [window_of_weights, row_of_weights, pixel_of_sums];
        for offset in (0..pixel_of_sums).step_by(V::WIDTH) {
            // SAFETY: pixels are within the sums, which extend as far as the window. A marked channel is an output
            // channel, which has a gradient and a row of weights.
            unsafe {
                let weights =
                    self.weights.as_ptr().add(self.first * window_of_weights + ky * row_of_weights + offset);
                for row in 0..rows {
                    let sums = self.sums.as_mut_ptr().add((row + ky) * line + offset);
                    let mut window = loaded::<V, KX, KY>(sums, line, pixel_of_sums);
                    for x in 0..columns {
                        self.add::<V, KX, KY>(row * columns + x, &mut window, weights, strides);
                        let last = x + 1 == columns;
                        for (j, window) in window.iter_mut().enumerate() {
                            let sums = sums.add(j * line + x * pixel_of_sums);
                            if last {
                                for (k, sum) in window.iter().enumerate() {
                                    sum.store(sums.add(k * pixel_of_sums));
                                }
                                continue;
                            }
                            window[0].store(sums);
                            for k in 1..KX {
                                window[k - 1] = window[k];
                            }
                            window[KX - 1] = V::load(sums.add(KX * pixel_of_sums));
                        }
                    }
                }
            }
        }
    }

    /// Adds the contributions of the marked channels of a pixel to a window, channel by channel. `weights` begins with
    /// the first channel; `strides` are those to the next channel, row and register.
    ///
    /// # Safety
    /// The CPU has the instructions of `V`; the pixel is an output pixel, and each marked channel has a gradient, and
    /// weights of the window's size.
    #[inline(always)]
    pub unsafe fn add<V: Lanes<F = F>, const N: usize, const KY: usize>(
        &self,
        pixel: usize,
        window: &mut [[V; N]; KY],
        weights: *const F,
        [channel, row, register]: [usize; 3],
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            let gradient = self.gradient.as_ptr().add(pixel * self.sliding.width + self.first);
            let mut rest = *self.fields.get_unchecked(pixel);
            while rest != 0 {
                let o = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let g = V::splat(*gradient.add(o));
                let weights = weights.add(o * channel);
                for (j, window) in window.iter_mut().enumerate() {
                    for (k, sum) in window.iter_mut().enumerate() {
                        *sum = g.mul_add(V::load(weights.add(j * row + k * register)), *sum);
                    }
                }
            }
        }
    }
}

/// `KY` rows of `N` registers; rows are `line` apart in memory and registers `register`.
///
/// # Safety
/// The CPU has the instructions of `V`, and all of the memory can be read.
#[inline(always)]
pub(crate) unsafe fn loaded<V: Lanes, const N: usize, const KY: usize>(
    sums: *const V::F,
    line: usize,
    register: usize,
) -> [[V; N]; KY] {
    // SAFETY: the caller's contract.
    unsafe {
        let mut window = [[V::splat(V::F::ZERO); N]; KY];
        for (j, window) in window.iter_mut().enumerate() {
            for (k, sum) in window.iter_mut().enumerate() {
                *sum = V::load(sums.add(j * line + k * register));
            }
        }
        window
    }
}
