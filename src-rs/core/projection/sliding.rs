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
use super::patches::Leaving;
use super::pool_choice::Chosen;
use super::positions::{SLACK, append_low};
use super::row::Order;
use super::taps::Taps;
use super::transpose::transpose_columns;
use lapicque_base::SimdLevel;

/// Input channels of a block.
pub(super) const BLOCK: usize = 16;

/// Output channels that are summed over all pixels before the next.
pub(super) const PART: usize = 32;

/// Weights are `[block of 16 channels in][channel out][ky][kx][16]`.
#[derive(Debug, Clone)]
pub(super) struct Sliding {
    /// Channels in and out.
    pub channels: [usize; 2],
    pub kernel: [usize; 2],
    pub padding: [usize; 2],
    /// Of what entered, and of what left.
    pub size: [[usize; 2]; 2],
    /// Output channels as gradients are kept.
    pub width: usize,
}

/// Buffers that one row leaves to the next.
#[derive(Default)]
pub(super) struct SlidingScratch<F: Element> {
    /// Output channels that have a gradient, pixel by pixel for each part of the channels, and where
    /// each pixel's begin.
    list: Vec<u32>,
    starts: Vec<u32>,
    /// Where the gradients of each pixel begin.
    pixels: Vec<u32>,
    /// Behind a pool what was chosen in each window, as numbers to compare.
    choices: Aligned<F>,
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
        let row = (input / BLOCK * self.channels[1] + output) * self.kernel[0] + ky;
        (row * self.kernel[1] + kx) * BLOCK + input % BLOCK
    }

    /// Rows and columns of what entered with the padding around, as far as the window reaches.
    pub fn around(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.size[1][axis] + self.kernel[axis] - 1)
    }

    pub fn input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        leaving: Leaving<F>,
        scratch: &mut SlidingScratch<F>,
        to: Order,
        dx: &mut [F],
    ) {
        let [[height, width], left] = self.size;
        assert_eq!(weights.len(), self.weights(), "turned weights of a convolution");
        assert_eq!(dx.len(), self.channels[0] * height * width, "the gradient of a row");
        let around = self.around();
        let mut sums = std::mem::take(&mut scratch.sums);
        sums.resize(around[0] * around[1] * BLOCK);
        scratch.list.resize(left[0] * left[1] * self.channels[1] + SLACK, 0);
        let gradient = match leaving {
            Leaving::Values(gradient) => {
                assert_eq!(gradient.len(), left[0] * left[1] * self.width, "a gradient row of a convolution");
                dispatch(level, List { sliding: self, gradient, scratch });
                gradient
            }
            Leaving::Chosen(chosen) => {
                dispatch(level, ListChosen { sliding: self, chosen, scratch });
                chosen.gradient
            }
        };
        let block_weights = BLOCK * self.kernel[0] * self.kernel[1] * self.channels[1];
        for (block, weights) in weights.chunks_exact(block_weights).enumerate() {
            sums.fill(F::ZERO);
            for part in 0..self.channels[1].div_ceil(PART) {
                let starts = &scratch.starts[part * left[0] * left[1]..];
                let (list, pixels) = (&scratch.list[..], &scratch.pixels[..]);
                let sums = &mut sums[..];
                dispatch(level, Block { sliding: self, weights, gradient, list, starts, pixels, sums });
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
        let (outputs, SlidingScratch { list, starts, pixels, .. }) = (self.sliding.channels[1], self.scratch);
        starts.clear();
        pixels.clear();
        pixels.extend((0..self.gradient.len()).step_by(self.sliding.width).map(|first| first as u32));
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
                count += unsafe { append_low::<V, PART>(list.as_mut_ptr().add(count), bits, part as u32) };
            }
        }
        starts.push(count as u32);
    }
}

struct ListChosen<'a, F: Element> {
    sliding: &'a Sliding,
    chosen: Chosen<'a, F>,
    scratch: &'a mut SlidingScratch<F>,
}

impl<F: Element> Kernel<F> for ListChosen<'_, F> {
    type Output = ();

    /// Lists for each pixel the channels that chose it.
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (outputs, Chosen { pool, gradient, choices }) = (self.sliding.channels[1], self.chosen);
        let SlidingScratch { list, starts, pixels, choices: numbers, .. } = self.scratch;
        let count = self.sliding.size[1][0] * self.sliding.size[1][1];
        assert!(gradient.len() == pool.windows().len() * outputs, "a gradient row of a pool");
        assert!(choices.len() == gradient.len(), "choices of a pool");
        numbers.resize(choices.len());
        for (number, &choice) in numbers.iter_mut().zip(choices) {
            *number = F::from_f64(f64::from(choice));
        }
        let seats = &pool.seats()[..count];
        pixels.clear();
        pixels.extend(seats.iter().map(|seat| seat.map_or(0, |[window, _]| window * outputs as u32)));
        starts.clear();
        let mut listed = 0;
        for part in (0..outputs).step_by(PART) {
            for seat in seats {
                starts.push(listed as u32);
                let &Some([window, place]) = seat else { continue };
                let window = window as usize;
                let at = window * outputs + part..window * outputs + outputs.min(part + PART);
                let (gradient, numbers) = (&gradient[at.clone()], &numbers[at]);
                let place = F::from_f64(f64::from(place));
                let (mut bits, mut first) = (0, 0);
                while first + V::WIDTH <= gradient.len() {
                    // SAFETY: a whole register is left of both; the caller vouches for the instructions.
                    let (zero, own) = unsafe {
                        let (gradient, numbers) = (gradient.as_ptr().add(first), numbers.as_ptr().add(first));
                        (V::load(gradient).equal(V::splat(F::ZERO)), V::load(numbers).equal(V::splat(place)))
                    };
                    bits |= (own & !zero) << first;
                    first += V::WIDTH;
                }
                for i in first..gradient.len() {
                    bits |= u64::from(gradient[i] != F::ZERO && numbers[i] == place) << i;
                }
                // SAFETY: the list has room for all channels of all pixels, and the slack.
                listed += unsafe { append_low::<V, PART>(list.as_mut_ptr().add(listed), bits, part as u32) };
            }
        }
        starts.push(listed as u32);
    }
}

struct Block<'a, F> {
    sliding: &'a Sliding,
    /// Of the block.
    weights: &'a [F],
    gradient: &'a [F],
    list: &'a [u32],
    starts: &'a [u32],
    pixels: &'a [u32],
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
        let window_of_weights = s.kernel[0] * KX * BLOCK;
        let line = (columns + KX - 1) * BLOCK;
        for lane in (0..BLOCK).step_by(V::WIDTH) {
            // SAFETY: pixels are within the sums, which reach as far as the window does; an entry of the
            // list is an output channel, which has a gradient and a row of weights.
            unsafe {
                let weights = self.weights.as_ptr().add(ky * KX * BLOCK + lane);
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
                        let gradient = self.gradient.as_ptr().add(*self.pixels.get_unchecked(pixel) as usize);
                        for &o in self.list.get_unchecked(list) {
                            let g = V::splat(*gradient.add(o as usize));
                            let weights = weights.add(o as usize * window_of_weights);
                            for (j, window) in window.iter_mut().enumerate() {
                                for (k, sum) in window.iter_mut().enumerate() {
                                    let w = V::load(weights.add((j * KX + k) * BLOCK));
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
