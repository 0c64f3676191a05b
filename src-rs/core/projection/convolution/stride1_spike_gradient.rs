//! The weight gradient of a convolution of stride 1, for spikes as bits. For each column of the window, the output
//! pixels that its first row connects to a channel's spikes form a bit string; the other rows use shifted fields of it.
//! The set bits of a field select the gradients that are added, in registers, to one tap.
//!
//! Sums have the same orders as in [`super::scatter`].

use super::stride1_spikes::{Stride1, WORD, extract};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use std::ops::Range;

/// Registers of sums.
const TOGETHER: usize = 4;

/// The same for narrow registers: with fewer, additions would wait for each other, and the end of a field cannot be
/// predicted.
const TOGETHER_NARROW: usize = 8;

/// Columns of the window whose strings are made together.
const COLUMNS: usize = 5;

impl Stride1 {
    /// Adds the contribution of one row to the weight gradient of some channels, `[channel][ky][kx][width]` with the
    /// window reversed. `spikes` are those of these channels, `coordinates` the row and column of each pixel.
    ///
    /// # Safety
    /// `gradient` has `width` elements for each output pixel; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn weight_gradient<F: Element, V: Lanes<F = F>>(
        &self,
        (spikes, channels): (&[u32], Range<usize>),
        coordinates: &[[u32; 2]],
        gradient: &[F],
        bits: &mut Vec<u64>,
        dw: &mut [F],
    ) {
        let window = self.kernel[0] * self.kernel[1] * self.width;
        assert_eq!(dw.len(), channels.len() * window, "windows of weights");
        let (around, reach) = (self.size[0][0] + 2 * self.padding[0], self.reach());
        bits.clear();
        bits.resize(channels.len() * (around + self.kernel[1] * reach), 0);
        let (masks, bits) = bits.split_at_mut(channels.len() * around);
        self.mark((spikes, channels.start), coordinates, masks);
        let strings = masks.chunks_exact(around).zip(bits.chunks_exact_mut(self.kernel[1] * reach));
        for (masks, strings) in strings {
            for (i, strings) in strings.chunks_mut(COLUMNS * reach).enumerate() {
                let first = i * COLUMNS;
                match strings.len() / reach {
                    1 => self.join::<1>(masks, first, strings),
                    2 => self.join::<2>(masks, first, strings),
                    3 => self.join::<3>(masks, first, strings),
                    4 => self.join::<4>(masks, first, strings),
                    _ => self.join::<COLUMNS>(masks, first, strings),
                }
            }
        }
        let mut first = 0;
        while first < self.width {
            let registers = (self.width - first) / V::WIDTH;
            // SAFETY: the caller's contract; registers lie within the width.
            unsafe {
                let (gradient, dw) = (gradient.as_ptr().add(first), dw.as_mut_ptr().add(first));
                if V::REGISTERS < 32 && registers >= TOGETHER_NARROW {
                    self.taps::<F, V, TOGETHER_NARROW>(bits, gradient, dw);
                    first += TOGETHER_NARROW * V::WIDTH;
                    continue;
                }
                first += TOGETHER * V::WIDTH;
                match registers {
                    1 => self.taps::<F, V, 1>(bits, gradient, dw),
                    2 => self.taps::<F, V, 2>(bits, gradient, dw),
                    3 => self.taps::<F, V, 3>(bits, gradient, dw),
                    _ => self.taps::<F, V, TOGETHER>(bits, gradient, dw),
                }
            }
        }
    }

    /// Words of one column's string: the padded input rows, each with as many pixels as an output row.
    fn reach(&self) -> usize {
        let [[height, _], [_, columns]] = self.size;
        ((height + 2 * self.padding[0]) * columns).div_ceil(WORD) + 1
    }

    /// Sets the bits of the spikes in padded masks of the rows: `[channel][row]`.
    #[inline(always)]
    fn mark(&self, (spikes, channel): (&[u32], usize), coordinates: &[[u32; 2]], masks: &mut [u64]) {
        let around = self.size[0][0] + 2 * self.padding[0];
        let (mut first, mut row) = (channel * coordinates.len(), self.padding[0]);
        for &spike in spikes {
            while spike as usize >= first + coordinates.len() {
                first += coordinates.len();
                row += around;
            }
            let [y, x] = coordinates[spike as usize - first];
            masks[row + y as usize] |= 1 << (x as usize + self.padding[1]);
        }
    }

    /// Makes the strings of `N` columns of the window from `first` on.
    #[inline(always)]
    fn join<const N: usize>(&self, masks: &[u64], first: usize, strings: &mut [u64]) {
        let (columns, reach) = (self.size[1][1], self.reach());
        assert_eq!(strings.len(), N * reach, "strings of {N} columns");
        let ones = u64::MAX >> (WORD - columns);
        let (mut words, mut filled, mut at) = ([0; N], 0, 0);
        for mask in masks {
            let fields: [u64; N] = std::array::from_fn(|k| mask >> (first + k) & ones);
            words.iter_mut().zip(fields).for_each(|(word, field)| *word |= field << filled);
            filled += columns;
            if filled >= WORD {
                filled -= WORD;
                for (k, (word, field)) in words.iter_mut().zip(fields).enumerate() {
                    strings[k * reach + at] = *word;
                    *word = if filled == 0 { 0 } else { field >> (columns - filled) };
                }
                at += 1;
            }
        }
        words.iter().enumerate().for_each(|(k, &word)| strings[k * reach + at] = word);
    }

    /// # Safety
    /// As for `weight_gradient`, of `N` registers from `gradient` and `dw` on.
    #[inline(always)]
    unsafe fn taps<F: Element, V: Lanes<F = F>, const N: usize>(
        &self,
        bits: &[u64],
        gradient: *const F,
        mut dw: *mut F,
    ) {
        let ([_, [rows, columns]], [ky, kx], width) = (self.size, self.kernel, self.width);
        let (outputs, reach) = (rows * columns, self.reach());
        for strings in bits.chunks_exact(kx * reach) {
            for (x, string) in strings.chunks_exact(reach).enumerate() {
                if string.iter().all(|&word| word == 0) {
                    continue;
                }
                for y in 0..ky {
                    // SAFETY: the tap is one of the window; set bits are output pixels, each of which has a gradient.
                    unsafe {
                        let dw = dw.add(((ky - 1 - y) * kx + kx - 1 - x) * width);
                        let mut sums = Strip::<V, N>::load(dw);
                        for first in (0..outputs).step_by(WORD) {
                            let mut rest = extract(string, y * columns + first, outputs - first);
                            let gradient = gradient.add(first * width);
                            while rest != 0 {
                                sums.add_row(gradient.add(rest.trailing_zeros() as usize * width));
                                rest &= rest - 1;
                            }
                        }
                        sums.store(dw);
                    }
                }
            }
            dw = dw.wrapping_add(ky * kx * width);
        }
    }
}
