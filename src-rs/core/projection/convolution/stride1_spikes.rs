//! Convolutions of spikes whose window moves by one pixel, as bits. Forward, the pixels of a row under
//! the window, all channels of a pixel side by side, are one field of a bit string: for a column of
//! what leaves the sums of as many rows as the window has stay in registers, and each spike adds its
//! column of the window to them. The way back to the weights is in [`super::stride1_spike_gradient`].
//!
//! Orders of sums are those of [`super::scatter`].

use super::taps::Taps;
use crate::layouts::aligned::Aligned;
use crate::simd::registers::{Element, Lanes};
use lapicque_base::Real;
use rayon::prelude::*;

/// Weights that a thread packs at least.
const PACKED: usize = 1 << 13;

/// Bits of a word.
pub(crate) const WORD: usize = 64;

/// Sizes of such a convolution.
#[derive(Debug, Clone)]
pub(crate) struct UnitSteps {
    /// Channels that enter.
    pub inputs: usize,
    /// Channels that leave, whole blocks.
    pub width: usize,
    pub kernel: [usize; 2],
    pub padding: [usize; 2],
    /// Of what enters, and of what leaves.
    pub size: [[usize; 2]; 2],
    /// Where in the strings of all rows the first channel of each pixel is.
    seats: Vec<usize>,
}

impl UnitSteps {
    /// Nothing if the window moves otherwise or there is no kernel for its height. `taps`: from what
    /// left to what entered.
    pub fn new(
        inputs: usize,
        width: usize,
        kernel: [usize; 2],
        taps: &[Taps; 2],
        size: [[usize; 2]; 2],
    ) -> Option<Self> {
        let [entered, left] = size;
        let padding =
            [taps[0].padding_of_unit_steps(entered[0])?, taps[1].padding_of_unit_steps(entered[1])?];
        let whole = (0..2).all(|axis| entered[axis] + 2 * padding[axis] + 1 == left[axis] + kernel[axis]);
        let fits =
            matches!(kernel[0], 1..=5 | 7) && width.is_multiple_of(16) && entered[1] + 2 * padding[1] <= WORD;
        let mut unit = UnitSteps { inputs, width, kernel, padding, size, seats: vec![] };
        let [height, columns] = entered;
        let seat = |y: usize, x: usize| y * unit.pitch() * WORD + (x + padding[1]) * inputs;
        unit.seats = (0..height * columns).map(|pixel| seat(pixel / columns, pixel % columns)).collect();
        (whole && fits).then_some(unit)
    }

    /// Channels of a block: few registers where many rows are summed together.
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

    /// The weights `[channel in][ky][kx][width]`, the window from its end, as
    /// `[block of channels][kx][channel in][ky, from the last][channel]`.
    pub fn pack<F: Element>(&self, weights: &[F]) -> Aligned<F> {
        let ([rows, columns], block) = (self.kernel, self.block());
        let mut packed = Aligned::default();
        packed.resize(weights.len());
        // Of all channels that enter one column of the window, for a block of those that leave.
        let size = self.inputs * rows * block;
        let columns_of_blocks = packed.par_chunks_mut(size).with_min_len(PACKED.div_ceil(size)).enumerate();
        columns_of_blocks.for_each(|(i, places)| {
            let (first, kx) = (i / columns * block, i % columns);
            for (k, place) in places.chunks_exact_mut(block).enumerate() {
                let from = (k * columns + columns - 1 - kx) * self.width + first;
                place.copy_from_slice(&weights[from..][..block]);
            }
        });
        packed
    }

    /// `out = Σ w (+ bias)` at the spikes of a row, `[channel][pixel]`.
    ///
    /// # Safety
    /// The weights are packed; `out` has `width` elements for each pixel that leaves, `bias` as many or
    /// none; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn row<F: Element, V: Lanes<F = F>>(
        &self,
        weights: &[F],
        events: &[u32],
        bias: &[F],
        out: &mut [F],
    ) {
        let fields = &self.fields(events)[..];
        // SAFETY: the caller's contract; blocks and fields are as this made them.
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
    /// As for `row`; the window has `KY` rows, and blocks have `BLOCK` channels, a whole number of `N`
    /// registers.
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
            // SAFETY: the block's weights begin there; a bias has an element for each channel, and what leaves
            // for each of every pixel.
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

    /// What lies under the window, `[column that leaves][row][word]`.
    #[inline(always)]
    fn fields(&self, events: &[u32]) -> Vec<u64> {
        let pitch = self.pitch();
        let mut bits = vec![0; pitch * self.size[0][0]];
        let (mut channel, mut first) = (0, 0);
        for &event in events {
            while event as usize >= first + self.seats.len() {
                first += self.seats.len();
                channel += 1;
            }
            let bit = self.seats[event as usize - first] + channel;
            bits[bit / WORD] |= 1 << (bit % WORD);
        }
        let (field, columns) = (self.kernel[1] * self.inputs, self.size[1][1]);
        let mut fields = vec![0; columns * self.size[0][0] * field.div_ceil(WORD)];
        let mut places = fields.iter_mut();
        for x in 0..columns {
            for string in bits.chunks_exact(pitch) {
                for (word, place) in (0..field).step_by(WORD).zip(&mut places) {
                    *place = extract(string, x * self.inputs + word, field - word);
                }
            }
        }
        fields
    }
}

/// One column of what leaves, from the top: sums of as many rows as the window has.
struct Column<'a, V: Lanes, const KY: usize, const N: usize> {
    /// What lies under the window in each row of the image, `words` of bits.
    fields: &'a [u64],
    words: usize,
    /// Of the block of channels; those of the next block come so many elements later.
    weights: *const V::F,
    next: usize,
    padding: usize,
    /// Rows that enter.
    height: usize,
    offset: Option<[V; N]>,
    out: *mut V::F,
    /// Elements from one row of what leaves to the next.
    stride: usize,
    sums: [[V; N]; KY],
}

impl<V: Lanes, const KY: usize, const N: usize> Column<'_, V, KY, N> {
    /// Whether each step at an edge is code of its own: windows of three and five rows in single precision. Each height takes as many
    /// more steps as the window has rows, twice: for all heights they were a third of the code of this crate.
    const EDGES: bool = V::SPECIAL && (KY == 3 || KY == 5) && size_of::<V::F>() == 4;

    /// At the edges some of the rows that the sums are of do not exist: they are summed and not stored or, where each of these
    /// steps is code of its own, left out; a branch among others that depend on the spikes could not be foreseen.
    ///
    /// # Safety
    /// Each bit of a field has its column of `KY` rows of `BLOCK` weights; `out` has `rows` rows; the CPU has the
    /// instructions of `V`.
    #[inline(always)]
    unsafe fn run<const BLOCK: usize>(mut self, rows: usize) {
        // SAFETY: the same contract.
        unsafe {
            if rows < KY || !Self::EDGES {
                for top in 0..rows + KY - 1 {
                    self.step::<BLOCK, 0, KY>(top);
                }
                return;
            }
            self.enter::<BLOCK, 6>();
            self.enter::<BLOCK, 5>();
            self.enter::<BLOCK, 4>();
            self.enter::<BLOCK, 3>();
            self.enter::<BLOCK, 2>();
            self.enter::<BLOCK, 1>();
            for top in KY - 1..rows {
                self.step::<BLOCK, 0, KY>(top);
            }
            self.leave::<BLOCK, 6>(rows);
            self.leave::<BLOCK, 5>(rows);
            self.leave::<BLOCK, 4>(rows);
            self.leave::<BLOCK, 3>(rows);
            self.leave::<BLOCK, 2>(rows);
            self.leave::<BLOCK, 1>(rows);
        }
    }

    /// The row before which the first `FROM` of the sums lie above what leaves.
    #[inline(always)]
    unsafe fn enter<const BLOCK: usize, const FROM: usize>(&mut self) {
        if const { FROM < KY } {
            // SAFETY: as for `run`.
            unsafe { self.step::<BLOCK, FROM, KY>(KY - 1 - FROM) }
        }
    }

    /// The row from which on only the first `TO` of the sums are of rows that leave.
    #[inline(always)]
    unsafe fn leave<const BLOCK: usize, const TO: usize>(&mut self, rows: usize) {
        if const { TO < KY } {
            // SAFETY: as for `run`.
            unsafe { self.step::<BLOCK, 0, TO>(rows + KY - 1 - TO) }
        }
    }

    /// Adds the spikes of a row to the sums `FROM..TO`, stores those of the first row, which then are done, and
    /// goes on to the next.
    #[inline(always)]
    unsafe fn step<const BLOCK: usize, const FROM: usize, const TO: usize>(&mut self, top: usize) {
        // SAFETY: as for `run`.
        unsafe {
            // Above and below the image there is nothing.
            if let Some(y) = top.checked_sub(self.padding).filter(|&y| y < self.height) {
                let words = self.fields.get_unchecked(y * self.words..(y + 1) * self.words);
                for (i, &word) in words.iter().enumerate() {
                    let weights = self.weights.wrapping_add(i * WORD * KY * BLOCK);
                    let mut rest = word;
                    while rest != 0 {
                        let weights = weights.add(rest.trailing_zeros() as usize * KY * BLOCK);
                        rest &= rest - 1;
                        for (k, sums) in self.sums.iter_mut().enumerate() {
                            if FROM <= k && k < TO {
                                for (v, sum) in sums.iter_mut().enumerate() {
                                    let (block, lane) = (v * V::WIDTH / BLOCK, v * V::WIDTH % BLOCK);
                                    let place = block * self.next + k * BLOCK + lane;
                                    *sum = sum.add(V::load(weights.add(place)));
                                }
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
    // In two shifts, since one by all bits is none.
    let high = if shift == 0 { 0 } else { string[word + 1] << (WORD - shift) };
    let bits = low | high;
    if len < WORD { bits & ((1 << len) - 1) } else { bits }
}
