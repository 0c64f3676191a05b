//! Convolutions of spikes whose window moves by one pixel, as bits. Forward, the pixels of a row under
//! the window, all channels of a pixel side by side, are one field of a bit string: for a column of
//! what leaves the sums of as many rows as the window has stay in registers, and each spike adds its
//! column of the window to them. For the weights' gradient the outputs that a tap joins to a channel's
//! spikes are one field as well, whose set bits say which gradients are added.
//!
//! Orders of sums are those of [`super::scatter`].

use super::aligned::Aligned;
use super::lanes::{Element, Lanes};
use super::strip::Strip;
use super::taps::Taps;

/// Bits of a word.
const WORD: usize = 64;

/// Sizes of such a convolution.
#[derive(Debug, Clone)]
pub(super) struct UnitSteps {
    /// Channels that enter.
    pub inputs: usize,
    /// Channels that leave, whole blocks.
    pub width: usize,
    pub kernel: [usize; 2],
    pub padding: [usize; 2],
    /// Of what enters, and of what leaves.
    pub size: [[usize; 2]; 2],
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
        (whole && fits).then_some(UnitSteps { inputs, width, kernel, padding, size })
    }

    /// Channels of a block: few registers where many rows are summed together.
    fn block(&self) -> usize {
        match self.kernel[0] {
            1 if self.width.is_multiple_of(128) => 128,
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
        let mut places = packed.chunks_exact_mut(block);
        for first in (0..self.width).step_by(block) {
            for (kx, channel) in (0..columns).flat_map(|kx| (0..self.inputs).map(move |c| (kx, c))) {
                for (ky, place) in (0..rows).zip(&mut places) {
                    let from = ((channel * rows + ky) * columns + columns - 1 - kx) * self.width + first;
                    place.copy_from_slice(&weights[from..][..block]);
                }
            }
        }
        packed
    }

    /// `out = Σ w (+ bias)` at the spikes of a row, `[channel][pixel]`; `places` are the row and column of
    /// each pixel.
    ///
    /// # Safety
    /// The weights are packed; `out` has `width` elements for each pixel that leaves, `bias` as many or
    /// none; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn row<F: Element, V: Lanes<F = F>>(
        &self,
        weights: &[F],
        events: &[u32],
        places: &[[u32; 2]],
        bias: &[F],
        out: &mut [F],
    ) {
        let pitch = self.pitch();
        let mut bits = vec![0; pitch * self.size[0][0]];
        let (mut channel, mut first) = (0, 0);
        for &event in events {
            while event as usize >= first + places.len() {
                first += places.len();
                channel += 1;
            }
            let [y, x] = places[event as usize - first].map(|i| i as usize);
            let bit = (x + self.padding[1]) * self.inputs + channel;
            bits[y * pitch + bit / WORD] |= 1 << (bit % WORD);
        }
        let bits = &bits[..];
        // SAFETY: the caller's contract; blocks and strings are as this made them.
        unsafe {
            match (self.kernel[0], self.block()) {
                (1, 16) => self.block_of::<F, V, 1, 16>(weights, bits, bias, out),
                (1, 128) => self.columns::<F, V, 1, 8, 128>(weights, bits, bias, out),
                (1, _) => self.block_of::<F, V, 1, 32>(weights, bits, bias, out),
                (2, 16) => self.block_of::<F, V, 2, 16>(weights, bits, bias, out),
                (3, 16) => self.block_of::<F, V, 3, 16>(weights, bits, bias, out),
                (4, 16) => self.block_of::<F, V, 4, 16>(weights, bits, bias, out),
                (5, 16) => self.block_of::<F, V, 5, 16>(weights, bits, bias, out),
                (7, 16) => self.block_of::<F, V, 7, 16>(weights, bits, bias, out),
                (2, _) => self.block_of::<F, V, 2, 32>(weights, bits, bias, out),
                (3, _) => self.block_of::<F, V, 3, 32>(weights, bits, bias, out),
                (4, _) => self.block_of::<F, V, 4, 32>(weights, bits, bias, out),
                (5, _) => self.block_of::<F, V, 5, 32>(weights, bits, bias, out),
                _ => self.block_of::<F, V, 7, 32>(weights, bits, bias, out),
            }
        }
    }

    /// # Safety
    /// As for `row`; the window has `KY` rows, and blocks have `BLOCK` channels.
    #[inline(always)]
    unsafe fn block_of<F: Element, V: Lanes<F = F>, const KY: usize, const BLOCK: usize>(
        &self,
        weights: &[F],
        bits: &[u64],
        bias: &[F],
        out: &mut [F],
    ) {
        // SAFETY: the same contract; a block is one register, or several times two.
        unsafe {
            match BLOCK / V::WIDTH {
                1 => self.columns::<F, V, KY, 1, BLOCK>(weights, bits, bias, out),
                _ => self.columns::<F, V, KY, 2, BLOCK>(weights, bits, bias, out),
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
        bits: &[u64],
        bias: &[F],
        out: &mut [F],
    ) {
        let (pitch, field) = (self.pitch(), self.kernel[1] * self.inputs);
        let [[height, _], [rows, columns]] = self.size;
        for first in (0..self.width).step_by(N * V::WIDTH) {
            let from = first / BLOCK * BLOCK * field * KY + first % BLOCK;
            // SAFETY: a bit of a field has its column of the window among the block's weights; an output
            // that is stored is one of the rows and columns that leave.
            unsafe {
                let weights = weights.as_ptr().add(from);
                let mut offset = [V::splat(F::ZERO); N];
                if !bias.is_empty() {
                    for (v, offset) in offset.iter_mut().enumerate() {
                        *offset = V::load(bias.as_ptr().add(first + v * V::WIDTH));
                    }
                }
                for x in 0..columns {
                    let mut sums = [[V::splat(F::ZERO); N]; KY];
                    for top in 0..rows + KY - 1 {
                        // Above and below the image there is nothing.
                        if let Some(y) = top.checked_sub(self.padding[0]).filter(|&y| y < height) {
                            let string = bits.get_unchecked(y * pitch..(y + 1) * pitch);
                            let field = Field { string, from: x * self.inputs, len: field, weights };
                            // At the edges some of the rows that the sums are of do not exist.
                            let first = (KY - 1).saturating_sub(top);
                            match (first, (rows + KY - 1 - top).min(KY)) {
                                (0, 1) => field.add::<V, KY, N, BLOCK, 0, 1>(&mut sums),
                                (0, 2) => field.add::<V, KY, N, BLOCK, 0, 2>(&mut sums),
                                (0, 3) => field.add::<V, KY, N, BLOCK, 0, 3>(&mut sums),
                                (0, 4) => field.add::<V, KY, N, BLOCK, 0, 4>(&mut sums),
                                (1, end) if end == KY => field.add::<V, KY, N, BLOCK, 1, 7>(&mut sums),
                                (2, end) if end == KY => field.add::<V, KY, N, BLOCK, 2, 7>(&mut sums),
                                (3, end) if end == KY => field.add::<V, KY, N, BLOCK, 3, 7>(&mut sums),
                                (4, end) if end == KY => field.add::<V, KY, N, BLOCK, 4, 7>(&mut sums),
                                _ => field.add::<V, KY, N, BLOCK, 0, 7>(&mut sums),
                            }
                        }
                        if let Some(row) = top.checked_sub(KY - 1) {
                            let out = out.as_mut_ptr().add((row * columns + x) * self.width + first);
                            for (v, (sum, offset)) in sums[0].iter().zip(offset).enumerate() {
                                let sum = if bias.is_empty() { *sum } else { sum.add(offset) };
                                sum.store(out.add(v * V::WIDTH));
                            }
                        }
                        for k in 1..KY {
                            sums[k - 1] = sums[k];
                        }
                        sums[KY - 1] = [V::splat(F::ZERO); N];
                    }
                }
            }
        }
    }

    /// Adds one row's share to the gradient of the weights of one channel, `[ky][kx][width]`, the window
    /// from its end. `spikes`: row and column of the pixels at which the channel fired.
    ///
    /// # Safety
    /// `gradient` has `width` elements for each pixel that left; the CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn weight_gradient<F: Element, V: Lanes<F = F>>(
        &self,
        spikes: impl Iterator<Item = [u32; 2]>,
        gradient: &[F],
        bits: &mut Vec<u64>,
        dw: &mut [F],
    ) {
        assert_eq!(dw.len(), self.kernel[0] * self.kernel[1] * self.width, "a window of weights");
        let ([[height, _], [rows, columns]], [ky, kx]) = (self.size, self.kernel);
        let around = height + 2 * self.padding[0];
        let pitch = (around * columns).div_ceil(WORD) + 1;
        bits.clear();
        bits.resize(around + pitch, 0);
        let (masks, string) = bits.split_at_mut(around);
        for [y, x] in spikes {
            masks[y as usize + self.padding[0]] |= 1 << (x as usize + self.padding[1]);
        }
        let outputs = rows * columns;
        for x in 0..kx {
            // The outputs that column `x` of the window joins to spikes, if its first row did.
            let ones = u64::MAX >> (WORD - columns);
            let (mut word, mut filled, mut at) = (0, 0, 0);
            for mask in masks.iter() {
                let field = mask >> x & ones;
                word |= field << filled;
                filled += columns;
                if filled >= WORD {
                    string[at] = word;
                    at += 1;
                    filled -= WORD;
                    word = if filled == 0 { 0 } else { field >> (columns - filled) };
                }
            }
            string[at] = word;
            for y in 0..ky {
                let place = ((ky - 1 - y) * kx + kx - 1 - x) * self.width;
                let dw = &mut dw[place..][..self.width];
                let joined = |first: usize| extract(string, y * columns + first, outputs - first);
                for first in (0..self.width).step_by(4 * V::WIDTH) {
                    // SAFETY: the caller's contract; registers lie within the width.
                    unsafe {
                        let (dw, gradient) = (dw.as_mut_ptr().add(first), gradient.as_ptr().add(first));
                        match (self.width - first) / V::WIDTH {
                            1 => self.tap::<F, V, 1>(joined, gradient, dw),
                            2 => self.tap::<F, V, 2>(joined, gradient, dw),
                            3 => self.tap::<F, V, 3>(joined, gradient, dw),
                            _ => self.tap::<F, V, 4>(joined, gradient, dw),
                        }
                    }
                }
            }
        }
    }

    /// # Safety
    /// As for `weight_gradient`, with `N` registers at `dw` and from `gradient` on.
    #[inline(always)]
    unsafe fn tap<F: Element, V: Lanes<F = F>, const N: usize>(
        &self,
        joined: impl Fn(usize) -> u64,
        gradient: *const F,
        dw: *mut F,
    ) {
        // SAFETY: set bits are pixels that left, each of which has a gradient.
        unsafe {
            let mut sums = Strip::<V, N>::load(dw);
            for word in 0..(self.size[1][0] * self.size[1][1]).div_ceil(WORD) {
                let mut rest = joined(word * WORD);
                let gradient = gradient.add(word * WORD * self.width);
                while rest != 0 {
                    let pixel = gradient.add(rest.trailing_zeros() as usize * self.width);
                    rest &= rest - 1;
                    sums.add_row(pixel);
                }
            }
            sums.store(dw);
        }
    }
}

/// What lies under the window, in one row of the image.
struct Field<'a, F> {
    string: &'a [u64],
    from: usize,
    len: usize,
    /// Of the block of channels.
    weights: *const F,
}

impl<F: Element> Field<'_, F> {
    /// Adds each spike's column of the window to the sums `FROM..TO`.
    ///
    /// # Safety
    /// Each bit of the field has its column of `KY` rows among the weights; the CPU has the instructions
    /// of `V`.
    #[inline(always)]
    unsafe fn add<
        V: Lanes<F = F>,
        const KY: usize,
        const N: usize,
        const BLOCK: usize,
        const FROM: usize,
        const TO: usize,
    >(
        &self,
        sums: &mut [[V; N]; KY],
    ) {
        for word in 0..self.len.div_ceil(WORD) {
            let begin = word * WORD;
            let mut rest = extract(self.string, self.from + begin, self.len - begin);
            while rest != 0 {
                let bit = begin + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                // SAFETY: the contract above.
                let weights = unsafe { self.weights.add(bit * KY * BLOCK) };
                for (k, sums) in sums.iter_mut().enumerate() {
                    if FROM <= k && k < TO {
                        for (v, sum) in sums.iter_mut().enumerate() {
                            // SAFETY: the contract above.
                            unsafe {
                                *sum = sum.add(V::load(weights.add(k * BLOCK + v * V::WIDTH)));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Up to 64 of the `len` bits from `from` on.
#[inline(always)]
fn extract(string: &[u64], from: usize, len: usize) -> u64 {
    let (word, shift) = (from / WORD, from % WORD);
    let low = string[word] >> shift;
    // In two shifts, since one by all bits is none.
    let high = if shift == 0 { 0 } else { string[word + 1] << (WORD - shift) };
    let bits = low | high;
    if len < WORD { bits & ((1 << len) - 1) } else { bits }
}
