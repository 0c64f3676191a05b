//! The window of sums for few input channels, whose pixels are contiguous without padding: a row of five pixels of 12
//! channels is four registers instead of five. The window advances by the elements of one pixel.
//!
//! Sums have the same orders as in [`super::sliding`].

use super::sliding::{BLOCK, Block, loaded};
use crate::simd::registers::{Element, Lanes};

/// Input channels of a block: the number that needs the fewest registers per row of the window, and the largest such
/// number. At some levels they fill whole registers; at others a pixel ends within one.
pub(crate) fn block(channels: usize, columns: usize) -> usize {
    let registers = |&block: &usize| channels.div_ceil(block) * (columns * block).div_ceil(BLOCK);
    // A store writes at most one window.
    let blocks = [BLOCK, 12, 8, 4].into_iter().filter(|block| columns * block >= BLOCK);
    blocks.min_by_key(registers).unwrap_or(BLOCK)
}

impl<F: Element> Block<'_, F> {
    /// # Safety
    /// The CPU has the instructions of `V`, whose registers a pixel of the block does not fill. Sizes are those that
    /// [`super::sliding::Sliding::input_gradient`] checks, and marked channels exist.
    #[inline(always)]
    pub unsafe fn packed<V: Lanes<F = F>>(&mut self) {
        let s = self.sliding;
        let registers = (s.kernel[1] * s.block).div_ceil(V::WIDTH);
        // SAFETY: the same contract. These are the windows that `block` produces for registers of 16 and of 8; smaller
        // registers are filled.
        unsafe {
            match registers {
                1 if const { V::WIDTH == 16 } => self.window_of::<V, 1, 0>(),
                2 if const { V::WIDTH >= 8 } => self.window_of::<V, 2, 0>(),
                3 if const { V::WIDTH >= 8 } => self.window_of::<V, 3, 0>(),
                4 if const { V::WIDTH >= 8 } => self.window_of::<V, 4, 0>(),
                6 if const { V::WIDTH == 16 } => self.window_of::<V, 6, 0>(),
                6 if const { V::WIDTH == 8 } => self.window_of::<V, 6, 1>(),
                8 if const { V::WIDTH == 8 } => self.window_of::<V, 8, 1>(),
                11 if const { V::WIDTH == 8 } => self.window_of::<V, 11, 1>(),
                _ => unreachable!("a window of {registers} registers"),
            }
        }
    }

    /// # Safety
    /// As for `packed`; a row of the window has `N` registers, and a pixel ends in register `JUMP`.
    #[inline(always)]
    unsafe fn window_of<V: Lanes<F = F>, const N: usize, const JUMP: usize>(&mut self) {
        // From the last row of the window on, so that for each input row the output rows ascend.
        let mut ky = self.sliding.kernel[0];
        while ky > 0 {
            // SAFETY: the caller's contract; the rows of the window exist.
            unsafe {
                if ky >= 5 && const { 5 * N + 3 <= V::REGISTERS } {
                    ky -= 5;
                    self.packed_rows::<V, N, JUMP, 5>(ky);
                } else if ky >= 3 && const { 3 * N + 3 <= V::REGISTERS } {
                    ky -= 3;
                    self.packed_rows::<V, N, JUMP, 3>(ky);
                } else if ky >= 2 && const { 2 * N + 3 <= V::REGISTERS } {
                    ky -= 2;
                    self.packed_rows::<V, N, JUMP, 2>(ky);
                } else {
                    ky -= 1;
                    self.packed_rows::<V, N, JUMP, 1>(ky);
                }
            }
        }
    }

    /// `KY` rows of the window from `ky` on.
    ///
    /// # Safety
    /// As for `window_of`; the window has those rows.
    #[inline(always)]
    unsafe fn packed_rows<V: Lanes<F = F>, const N: usize, const JUMP: usize, const KY: usize>(
        &mut self,
        ky: usize,
    ) {
        let s = self.sliding;
        let [rows, columns] = s.size[1];
        // A compile-time constant, so that loads use one address and constant offsets.
        let row_of_weights = (N * V::WIDTH).next_multiple_of(BLOCK);
        debug_assert_eq!(row_of_weights, s.row());
        // The same for the distance that the window moves, if it is more than a register. Only pixels of 12 channels
        // are longer than a register and end within another. Without the constant, each register would move by two
        // permutations and a blend rather than by one permutation.
        let (pixel_of_sums, columns_of_window) =
            if JUMP == 1 { (12, N * V::WIDTH / 12) } else { (s.block, s.kernel[1]) };
        debug_assert_eq!([pixel_of_sums, columns_of_window], [s.block, s.kernel[1]]);
        let line = s.line();
        let window_of_weights = s.kernel[0] * row_of_weights;
        let strides = [window_of_weights, row_of_weights, V::WIDTH];
        // Offset of the incoming pixel in the window.
        let incoming = (columns_of_window - 1) * pixel_of_sums;
        // SAFETY: a register of the window lies within a row of sums from any output pixel, and within a row of
        // weights, both padded to `BLOCK`. A marked channel is an output channel, which has a gradient and a row of
        // weights.
        unsafe {
            let weights = self.weights.as_ptr().add(self.first * window_of_weights + ky * row_of_weights);
            for row in 0..rows {
                let sums = self.sums.as_mut_ptr().add((row + ky) * line);
                let mut window = loaded::<V, N, KY>(sums, line, V::WIDTH);
                for x in 0..columns {
                    self.add::<V, N, KY>(row * columns + x, &mut window, weights, strides);
                    let last = x + 1 == columns;
                    for (j, window) in window.iter_mut().enumerate() {
                        let sums = sums.add(j * line + x * pixel_of_sums);
                        if last {
                            for (k, sum) in window.iter().enumerate() {
                                sum.store(sums.add(k * V::WIDTH));
                            }
                            continue;
                        }
                        for (k, sum) in window.iter().enumerate().take(JUMP + 1) {
                            sum.store(sums.add(k * V::WIDTH));
                        }
                        let old = *window;
                        let next = sums.add(pixel_of_sums);
                        for (k, sum) in window.iter_mut().enumerate() {
                            let first = k * V::WIDTH;
                            let (a, b) = ((k + JUMP).min(N - 1), (k + JUMP + 1).min(N - 1));
                            let moved = old[a].slide(old[b], pixel_of_sums - JUMP * V::WIDTH);
                            // Elements from the incoming pixel on are not among the old ones.
                            *sum = match (incoming.saturating_sub(first)).min(V::WIDTH) {
                                0 => V::load(next.add(first)),
                                kept if kept == V::WIDTH => moved,
                                kept => {
                                    let shifted = V::load(next.add(first)).slide(moved, kept);
                                    shifted.slide(shifted, V::WIDTH - kept)
                                }
                            };
                        }
                    }
                }
            }
        }
    }
}
