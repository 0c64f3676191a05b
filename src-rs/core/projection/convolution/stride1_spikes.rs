//! Convolutions of stride 1 for spikes as bits. In the forward pass, the pixels of a row under the window, with all
//! channels of a pixel contiguous, are one field of a bit string. For an output column, the sums of as many rows as the
//! window has stay in registers, and each spike adds its column of weights to them. The weight gradient is in
//! [`super::stride1_spike_gradient`].
//!
//! Sums have the same orders as in [`super::scatter`].

use super::taps::Taps;
use crate::layouts::aligned::Aligned;
use crate::simd::registers::{Element, Lanes};
use lapicque_base::Real;
use rayon::prelude::*;

/// Minimum number of weights that a thread packs.
const PACKED: usize = 1 << 13;

/// Bits of a word.
pub(crate) const WORD: usize = 64;

/// Sizes of a convolution of stride 1.
#[derive(Debug, Clone)]
pub(crate) struct Stride1 {
    /// Number of input channels.
    pub inputs: usize,
    /// Number of output channels, in whole blocks.
    pub width: usize,
    pub kernel: [usize; 2],
    pub padding: [usize; 2],
    /// Sizes of the input and of the output.
    pub size: [[usize; 2]; 2],
    /// Bit offset of the first channel of each pixel in the strings of all rows.
    pixel_offsets: Vec<usize>,
}

impl Stride1 {
    /// `None` if the stride is not 1 or there is no kernel for its height. `taps`: from the output to the input.
    pub fn new(
        inputs: usize,
        width: usize,
        kernel: [usize; 2],
        taps: &[Taps; 2],
        size: [[usize; 2]; 2],
    ) -> Option<Self> {
        let [input_size, output_size] = size;
        let padding = [taps[0].stride1_padding(input_size[0])?, taps[1].stride1_padding(input_size[1])?];
        let whole =
            (0..2).all(|axis| input_size[axis] + 2 * padding[axis] + 1 == output_size[axis] + kernel[axis]);
        let fits = matches!(kernel[0], 1..=5 | 7)
            && width.is_multiple_of(16)
            && input_size[1] + 2 * padding[1] <= WORD;
        let mut stride1 = Stride1 { inputs, width, kernel, padding, size, pixel_offsets: vec![] };
        let [height, columns] = input_size;
        let offset = |y: usize, x: usize| y * stride1.pitch() * WORD + (x + padding[1]) * inputs;
        stride1.pixel_offsets =
            (0..height * columns).map(|pixel| offset(pixel / columns, pixel % columns)).collect();
        (whole && fits).then_some(stride1)
    }

    /// Channels of a block: few registers if many rows are summed together.
    pub(crate) fn block(&self) -> usize {
        match self.kernel[0] {
            1 if self.width.is_multiple_of(128) => 64,
            _ if self.width.is_multiple_of(32) => 32,
            _ => 16,
        }
    }

    /// Words of a row's string.
    fn pitch(&self) -> usize {
        ((self.size[0][1] + 2 * self.padding[1]) * self.inputs).div_ceil(WORD) + 1
    }

    /// Converts weights `[channel in][ky][kx][width]` with the window reversed to `[block of channels][kx][channel
    /// in][ky, from the last][channel]`.
    pub fn pack<F: Element>(&self, weights: &[F]) -> Aligned<F> {
        let ([rows, columns], block) = (self.kernel, self.block());
        let mut packed = Aligned::default();
        packed.resize(weights.len());
        // One column of the window over all input channels, for a block of output channels.
        let size = self.inputs * rows * block;
        let columns_of_blocks = packed.par_chunks_mut(size).with_min_len(PACKED.div_ceil(size)).enumerate();
        columns_of_blocks.for_each(|(i, columns_of_block)| {
            let (first, kx) = (i / columns * block, i % columns);
            for (k, column) in columns_of_block.chunks_exact_mut(block).enumerate() {
                let from = (k * columns + columns - 1 - kx) * self.width + first;
                column.copy_from_slice(&weights[from..][..block]);
            }
        });
        packed
    }

    /// `out = Σ w (+ bias)` at the spikes of a row, `[channel][pixel]`.
    ///
    /// # Safety
    /// The weights are packed; `out` has `width` elements for each output pixel, `bias` has as many or none; the CPU
    /// has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn row<F: Element, V: Lanes<F = F>>(
        &self,
        weights: &[F],
        events: &[u32],
        bias: &[F],
        out: &mut [F],
    ) {
        let fields = &self.fields(events)[..];
        // SAFETY: the caller's contract; blocks and fields are as constructed here.
        unsafe {
            match (self.kernel[0], self.block()) {
                (1, 16) => self.block_of::<F, V, 1, 16>(weights, fields, bias, out),
                (1, 64) => self.columns::<F, V, 1, 8, 64>(weights, fields, bias, out),
                (1, _) => self.block_of::<F, V, 1, 32>(weights, fields, bias, out),
                (2, 16) => self.block_of::<F, V, 2, 16>(weights, fields, bias, out),
                (3, 16) => self.block_of::<F, V, 3, 16>(weights, fields, bias, out),
                (4, 16) => self.block_of::<F, V, 4, 16>(weights, fields, bias, out),
                (5, 16) => self.block_of::<F, V, 5, 16>(weights, fields, bias, out),
                (7, 16) => self.block_of::<F, V, 7, 16>(weights, fields, bias, out),
                (2, _) => self.block_of::<F, V, 2, 32>(weights, fields, bias, out),
                (3, _) => self.block_of::<F, V, 3, 32>(weights, fields, bias, out),
                (4, _) => self.block_of::<F, V, 4, 32>(weights, fields, bias, out),
                (5, _) => self.block_of::<F, V, 5, 32>(weights, fields, bias, out),
                _ => self.block_of::<F, V, 7, 32>(weights, fields, bias, out),
            }
        }
    }

    /// # Safety
    /// As for `row`; the window has `KY` rows, and blocks have `BLOCK` channels.
    #[inline(always)]
    unsafe fn block_of<F: Element, V: Lanes<F = F>, const KY: usize, const BLOCK: usize>(
        &self,
        weights: &[F],
        fields: &[u64],
        bias: &[F],
        out: &mut [F],
    ) {
        // SAFETY: the same contract; a block is one register, or several times two.
        unsafe {
            if const { BLOCK == V::WIDTH } {
                self.columns::<F, V, KY, 1, BLOCK>(weights, fields, bias, out)
            } else {
                self.columns::<F, V, KY, 2, BLOCK>(weights, fields, bias, out)
            }
        }
    }

    /// # Safety
    /// As for `row`; the window has `KY` rows, and blocks have `BLOCK` channels, a whole number of `N` registers.
    #[inline(always)]
    unsafe fn columns<F: Element, V: Lanes<F = F>, const KY: usize, const N: usize, const BLOCK: usize>(
        &self,
        weights: &[F],
        fields: &[u64],
        bias: &[F],
        out: &mut [F],
    ) {
        let field = self.kernel[1] * self.inputs;
        let (words, [[height, _], [rows, columns]]) = (field.div_ceil(WORD), self.size);
        for first in (0..self.width).step_by(N * V::WIDTH) {
            let from = first / BLOCK * BLOCK * field * KY + first % BLOCK;
            // SAFETY: the block's weights begin there; a bias has an element for each channel, and the output has one
            // for each channel of every pixel.
            unsafe {
                let mut offset = [V::splat(F::ZERO); N];
                if !bias.is_empty() {
                    for (v, offset) in offset.iter_mut().enumerate() {
                        *offset = V::load(bias.as_ptr().add(first + v * V::WIDTH));
                    }
                }
                for (x, fields) in fields.chunks_exact(height * words).enumerate() {
                    Column {
                        words,
                        fields,
                        weights: weights.as_ptr().add(from),
                        next: BLOCK * field * KY,
                        padding: self.padding[0],
                        height,
                        offset: (!bias.is_empty()).then_some(offset),
                        out: out.as_mut_ptr().add(x * self.width + first),
                        stride: columns * self.width,
                        sums: [[V::splat(F::ZERO); N]; KY],
                    }
                    .run::<BLOCK>(rows);
                }
            }
        }
    }

    /// The bits under the window, `[output column][row][word]`.
    #[inline(always)]
    fn fields(&self, events: &[u32]) -> Vec<u64> {
        let pitch = self.pitch();
        let mut bits = vec![0; pitch * self.size[0][0]];
        let (mut channel, mut first) = (0, 0);
        for &event in events {
            while event as usize >= first + self.pixel_offsets.len() {
                first += self.pixel_offsets.len();
                channel += 1;
            }
            let bit = self.pixel_offsets[event as usize - first] + channel;
            bits[bit / WORD] |= 1 << (bit % WORD);
        }
        let (field, columns) = (self.kernel[1] * self.inputs, self.size[1][1]);
        let mut fields = vec![0; columns * self.size[0][0] * field.div_ceil(WORD)];
        let mut slots = fields.iter_mut();
        for x in 0..columns {
            for string in bits.chunks_exact(pitch) {
                for (word, slot) in (0..field).step_by(WORD).zip(&mut slots) {
                    *slot = extract(string, x * self.inputs + word, field - word);
                }
            }
        }
        fields
    }
}

/// One output column, from the top: sums of as many rows as the window has.
struct Column<'a, V: Lanes, const KY: usize, const N: usize> {
    /// The bits under the window in each row of the image, `words` words each.
    fields: &'a [u64],
    words: usize,
    /// Weights of the block of channels; those of the next block follow after this number of elements.
    weights: *const V::F,
    next: usize,
    padding: usize,
    /// Number of input rows.
    height: usize,
    offset: Option<[V; N]>,
    out: *mut V::F,
    /// Elements from one output row to the next.
    stride: usize,
    sums: [[V; N]; KY],
}

impl<V: Lanes, const KY: usize, const N: usize> Column<'_, V, KY, N> {
    /// At the edges some rows of the sums lie outside the output; they are summed and not stored. A branch would be
    /// mispredicted, among others that depend on the spikes.
    ///
    /// # Safety
    /// Each bit of a field has its column of `KY` rows of `BLOCK` weights; `out` has `rows` rows; the CPU has the
    /// instructions of `V`.
    #[inline(always)]
    unsafe fn run<const BLOCK: usize>(mut self, rows: usize) {
        for top in 0..rows + KY - 1 {
            // SAFETY: the same contract.
            unsafe { self.step::<BLOCK>(top) };
        }
    }

    /// Adds the spikes of a row to the sums, stores the completed sums of the first row, and advances to the next row.
    #[inline(always)]
    unsafe fn step<const BLOCK: usize>(&mut self, top: usize) {
        // SAFETY: as for `run`.
        unsafe {
            // Above and below the image there are no spikes.
            if let Some(y) = top.checked_sub(self.padding).filter(|&y| y < self.height) {
                let words = self.fields.get_unchecked(y * self.words..(y + 1) * self.words);
                for (i, &word) in words.iter().enumerate() {
                    let weights = self.weights.wrapping_add(i * WORD * KY * BLOCK);
                    let mut rest = word;
                    while rest != 0 {
                        let weights = weights.add(rest.trailing_zeros() as usize * KY * BLOCK);
                        rest &= rest - 1;
                        for (k, sums) in self.sums.iter_mut().enumerate() {
                            for (v, sum) in sums.iter_mut().enumerate() {
                                let (block, offset) = (v * V::WIDTH / BLOCK, v * V::WIDTH % BLOCK);
                                let weight = block * self.next + k * BLOCK + offset;
                                *sum = sum.add(V::load(weights.add(weight)));
                            }
                        }
                    }
                }
            }
            if let Some(row) = top.checked_sub(KY - 1) {
                let out = self.out.add(row * self.stride);
                for (v, &sum) in self.sums[0].iter().enumerate() {
                    let sum = if let Some(offset) = &self.offset { sum.add(offset[v]) } else { sum };
                    sum.store(out.add(v * V::WIDTH));
                }
            }
            for k in 1..KY {
                self.sums[k - 1] = self.sums[k];
            }
            self.sums[KY - 1] = [V::splat(V::F::ZERO); N];
        }
    }
}

/// Up to 64 of the `len` bits from `from` on.
#[inline(always)]
pub(crate) fn extract(string: &[u64], from: usize, len: usize) -> u64 {
    let (word, shift) = (from / WORD, from % WORD);
    let low = string[word] >> shift;
    // In two shifts, because a shift by the full width is undefined.
    let high = if shift == 0 { 0 } else { string[word + 1] << (WORD - shift) };
    let bits = low | high;
    if len < WORD { bits & ((1 << len) - 1) } else { bits }
}
