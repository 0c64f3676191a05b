//! The weight gradient of a convolution of stride 1 before a max pool. Only the output pixels that the pool chose have
//! a gradient. For one output channel, the sums of the whole window (as many rows as fit in registers) over 16 input
//! channels stay in registers; each gradient is multiplied by the inputs under its window. The cost is the same for
//! spikes and values, and for any number of zeros. With mask registers, spikes are masks ([`super::chosen_masks`]).
//!
//! Sums have the same order as in [`super::scatter`]: over `(row of the batch, row, column)`.

use super::chosen_masks::{ChosenMasks, MaskRows, MaskedSums};
use super::pool::Pool;
use super::pool_choice::{Bands, Chosen};
use super::sliding::{BLOCK, Sliding};
use crate::elementwise::add::add_all;
use crate::layouts::aligned::Aligned;
use crate::layouts::row::{Order, Row};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Rows of the batch that are processed together: the sums are loaded and stored once for all of them, and the input
/// stays in L1.
pub(crate) const ROWS: usize = 2;

/// A window costs about as much as adding this number of values one by one.
const VALUES_OF_WINDOW: usize = 12;

/// The same for spikes in 256-bit registers: there are half as many registers, and a window needs twice as many.
/// Measured: both methods take 100 ms for 28 of 100 inputs of `conv` on a Zen 3 (against `stride1_spike_gradient`).
/// They give the same bits.
const SPIKES_OF_NARROW_WINDOW: usize = 28;

/// The weight gradient of a convolution from the gradient of its max pool.
#[derive(Debug, Clone)]
pub struct ChosenTaps {
    sliding: Sliding,
    bands: Bands,
    /// Offset of each pixel in a block of the input.
    pixels: Vec<u32>,
    masks: Option<ChosenMasks>,
}

/// Sums over the rows of a batch.
#[derive(Default)]
pub struct ChosenSums<F: Element> {
    /// Number of rows that have not been added yet, and whether they are masks.
    waiting: usize,
    masked: bool,
    /// The input with padding, `[row of the batch][block][pixel][16]`; for spikes the masks are used instead.
    input: Aligned<F>,
    masks: MaskRows,
    /// For each row and window, in ascending order of the chosen pixels: the offset in `input` at which the window
    /// begins, and the gradient. `[row of the batch][window][channel]`.
    places: Vec<u32>,
    gradient: Aligned<F>,
    /// Sums of the weights, in the layout of [`Sliding`].
    weights: Aligned<F>,
    bias: Vec<F>,
}

impl ChosenTaps {
    /// `None` if the pool's windows overlap, or if most of a block of channels would be empty.
    pub(crate) fn new(sliding: &Sliding, pool: &Pool) -> Option<Self> {
        let inputs = sliding.channels[0];
        if 2 * inputs <= inputs.next_multiple_of(BLOCK) {
            return None;
        }
        let (columns, around) = (sliding.size[1][1], sliding.around());
        let place = |pixel: usize| (pixel / columns * around[1] + pixel % columns) * BLOCK;
        let [[height, width], _] = sliding.size;
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| [y, x]));
        let pixels = rows
            .map(|[y, x]| (((y + sliding.padding[0]) * around[1] + x + sliding.padding[1]) * BLOCK) as u32);
        Some(ChosenTaps {
            bands: Bands::new(pool, place)?,
            pixels: pixels.collect(),
            masks: ChosenMasks::new(sliding, pool),
            sliding: sliding.clone(),
        })
    }

    fn blocks(&self) -> usize {
        self.sliding.channels[0].div_ceil(self.sliding.block)
    }

    /// Elements of one row of the input.
    fn input(&self) -> usize {
        self.blocks() * self.block()
    }

    /// Elements of one block of the input.
    fn block(&self) -> usize {
        let around = self.sliding.around();
        around[0] * around[1] * BLOCK
    }

    /// Elements of a row of the pool.
    fn pooled(&self) -> usize {
        self.bands.windows() * self.sliding.channels[1]
    }

    /// Whether this is faster than adding one by one, for a row with this number of nonzero inputs, which are spikes or
    /// values.
    pub fn is_faster(&self, level: SimdLevel, nonzero: usize, spikes: bool) -> bool {
        let of_window = match level {
            SimdLevel::Avx2 if spikes => SPIKES_OF_NARROW_WINDOW,
            _ => VALUES_OF_WINDOW,
        };
        nonzero > of_window * self.bands.windows() * self.blocks()
    }

    /// Adds the contribution of one row.
    pub fn add<F: Element>(
        &self,
        level: SimdLevel,
        x: (Row<F>, Order),
        chosen: Chosen<F>,
        sums: &mut ChosenSums<F>,
    ) {
        let masks = self.masks.as_ref().filter(|_| ChosenMasks::exist::<F>(level));
        let masked = match x.0 {
            Row::Events(events) => masks.map(|masks| (masks, events)),
            Row::Values(_) => None,
        };
        if sums.waiting > 0 && masked.is_some() != sums.masked {
            self.add_waiting(level, sums);
        }
        sums.masked = masked.is_some();
        if sums.bias.is_empty() {
            // With one extra register, because the last sums extend beyond the end.
            sums.weights.resize(self.weights() + BLOCK);
            sums.bias.resize(self.sliding.channels[1], F::ZERO);
            sums.places.resize(ROWS * self.pooled(), 0);
            sums.gradient.resize(ROWS * self.pooled());
        }
        let row = sums.waiting;
        let pooled = row * self.pooled()..(row + 1) * self.pooled();
        let (places, gradient) = (&mut sums.places[pooled.clone()], &mut sums.gradient[pooled]);
        if let Some((masks, events)) = masked {
            masks.mark(events, row, &mut sums.masks);
            masks.bands.sort(level, chosen, (row * masks.row()) as u32, places, gradient);
        } else {
            sums.input.resize(ROWS * self.input());
            self.store_input(x, &mut sums.input[row * self.input()..][..self.input()]);
            self.bands.sort(level, chosen, (row * self.input()) as u32, places, gradient);
        }
        add_all(level, gradient, &mut sums.bias);
        sums.waiting += 1;
        if sums.waiting == ROWS {
            self.add_waiting(level, sums);
        }
    }

    /// The sums of the weights, in the order of [`ChosenTaps::to_sum_order`]; those of the bias are added to `db`.
    pub fn finish<F: Element>(&self, level: SimdLevel, mut sums: ChosenSums<F>, db: &mut [F]) -> Aligned<F> {
        self.add_waiting(level, &mut sums);
        db.iter_mut().zip(&sums.bias).for_each(|(db, &sum)| *db += sum);
        sums.weights.resize(self.weights());
        sums.weights
    }

    /// Converts the weight gradient from the layout of [`super::scatter`] to the padded layout in which sums are
    /// accumulated.
    pub fn to_sum_order<F: Element>(&self, dw: &[F]) -> Aligned<F> {
        let mut ordered = Aligned::default();
        ordered.resize(self.weights());
        self.rows(dw.len()).zip(dw.chunks_exact(self.sliding.width)).for_each(|(first, dw)| {
            let places = ordered[first..].iter_mut().step_by(self.window());
            places.zip(&dw[..self.sliding.channels[1]]).for_each(|(to, &x)| *to = x);
        });
        ordered
    }

    /// The inverse.
    pub fn from_sum_order<F: Element>(&self, ordered: &[F], dw: &mut [F]) {
        self.rows(dw.len()).zip(dw.chunks_exact_mut(self.sliding.width)).for_each(|(first, dw)| {
            let places = ordered[first..].iter().step_by(self.window());
            dw[..self.sliding.channels[1]].iter_mut().zip(places).for_each(|(to, &x)| *to = x);
        });
    }

    /// The offset of the sums of the first output channel, for each row of the weights.
    fn rows(&self, weights: usize) -> impl Iterator<Item = usize> {
        let (Sliding { channels, kernel: [rows, columns], width, .. }, s) = (&self.sliding, &self.sliding);
        let taps = rows * columns;
        assert_eq!(weights, channels[0] * taps * width, "weights of a convolution");
        (0..channels[0] * taps).map(move |row| {
            let tap = taps - 1 - row % taps;
            s.place(row / taps, tap / columns, tap % columns, 0)
        })
    }

    fn weights(&self) -> usize {
        self.sliding.weights()
    }

    /// Weights of one block and one output channel.
    fn window(&self) -> usize {
        self.sliding.kernel[0] * self.sliding.row()
    }

    /// Stores the input with padding.
    fn store_input<F: Element>(&self, (x, from): (Row<F>, Order), to: &mut [F]) {
        let (inputs, block, pixels) = (self.sliding.channels[0], self.block(), &self.pixels[..]);
        to.fill(F::ZERO);
        let of_block = self.sliding.block;
        let place = |channel: usize| channel / of_block * block + channel % of_block;
        match x {
            Row::Events(events) => {
                let (mut channel, mut first) = (0, 0);
                let mut to_channel = &mut to[..];
                for &event in events {
                    while event as usize >= first + pixels.len() {
                        first += pixels.len();
                        channel += 1;
                        to_channel = &mut to[place(channel)..];
                    }
                    to_channel[pixels[event as usize - first] as usize] = F::ONE;
                }
            }
            Row::Values(_) => x.nonzero(from, pixels.len(), 0..inputs, |channel: usize, pixel: usize, x| {
                to[place(channel) + pixels[pixel] as usize] = x;
            }),
        }
    }

    fn add_waiting<F: Element>(&self, level: SimdLevel, sums: &mut ChosenSums<F>) {
        let count = std::mem::take(&mut sums.waiting) * self.bands.windows();
        if let Some(of_row) = self.masks.as_ref().filter(|_| count > 0 && sums.masked) {
            let outputs = self.sliding.channels[1];
            let weights = sums.weights[..self.weights()].chunks_exact_mut(outputs * self.window());
            for (block, weights) in weights.enumerate() {
                let (masks, pooled) = (&sums.masks.masks[block * of_row.block()..], ..count * outputs);
                let (places, gradient) = (&sums.places[pooled], &sums.gradient[pooled]);
                dispatch(level, MaskedSums { masks, places, gradient, outputs, weights });
            }
        } else if count > 0 {
            dispatch(level, Sums { taps: self, count, sums });
        }
    }
}

pub struct Sums<'a, F: Element> {
    taps: &'a ChosenTaps,
    /// Windows of all rows that have not been added yet.
    count: usize,
    sums: &'a mut ChosenSums<F>,
}

impl<F: Element> Kernel<F> for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: the caller guarantees the instructions of `V`.
        unsafe {
            match self.taps.sliding.kernel[1] {
                2 => self.columns::<V, 2>(),
                3 => self.columns::<V, 3>(),
                4 => self.columns::<V, 4>(),
                5 => self.columns::<V, 5>(),
                _ => self.columns::<V, 7>(),
            }
        }
    }
}

impl<F: Element> Sums<'_, F> {
    /// # Safety
    /// The window has `KX` columns; the CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const KX: usize>(&mut self) {
        let (outputs, window) = (self.taps.sliding.channels[1], self.taps.window());
        let (rows, line) = (self.taps.sliding.kernel[0], self.taps.sliding.around()[1] * BLOCK);
        // Other numbers of rows are not compiled.
        let most = if V::SPECIAL { ((V::REGISTERS - 2) / KX).min(5) } else { 1 };
        for block in 0..self.taps.blocks() {
            for output in 0..outputs {
                let weights = (block * outputs + output) * window;
                for lane in (0..self.taps.sliding.block).step_by(V::WIDTH) {
                    let mut ky = 0;
                    while ky < rows {
                        let from = block * self.taps.block() + ky * line + lane;
                        let to = weights + ky * self.taps.sliding.row() + lane;
                        let some = (rows - ky).min(most);
                        ky += some;
                        // SAFETY: the caller's contract; these rows of the window exist.
                        unsafe {
                            match some {
                                5 if const { V::SPECIAL && (V::REGISTERS - 2) / KX >= 5 } => {
                                    self.rows::<V, KX, 5>(output, from, to)
                                }
                                4 if const { V::SPECIAL && (V::REGISTERS - 2) / KX >= 4 } => {
                                    self.rows::<V, KX, 4>(output, from, to)
                                }
                                3 if const { V::SPECIAL && (V::REGISTERS - 2) / KX >= 3 } => {
                                    self.rows::<V, KX, 3>(output, from, to)
                                }
                                2 if const { V::SPECIAL && (V::REGISTERS - 2) / KX >= 2 } => {
                                    self.rows::<V, KX, 2>(output, from, to)
                                }
                                _ => self.rows::<V, KX, 1>(output, from, to),
                            }
                        }
                    }
                }
            }
        }
    }

    /// `KY` rows of the window of one output channel. `from` is the offset of the input under the first pixel's first
    /// row, `to` that of the first sum. A register extends beyond the channels of its pixel. There the input is zero
    /// and the sums are those of the next pixel; they are stored unchanged, before the next pixel's own store or as the
    /// final value.
    ///
    /// # Safety
    /// As for `columns`; the window has those rows.
    #[inline(always)]
    unsafe fn rows<V: Lanes<F = F>, const KX: usize, const KY: usize>(
        &mut self,
        output: usize,
        from: usize,
        to: usize,
    ) {
        let (outputs, line) = (self.taps.sliding.channels[1], self.taps.sliding.around()[1] * BLOCK);
        let (row, pixel) = (self.taps.sliding.row(), self.taps.sliding.block);
        debug_assert!(self.count * outputs <= self.sums.places.len());
        // SAFETY: a place is an output pixel in a row that has not been added, and its whole window lies within the
        // padded input. The sums have a window for each output channel and block, and one register after the last.
        unsafe {
            let to = self.sums.weights.as_mut_ptr().add(to);
            let input = self.sums.input.as_ptr().add(from);
            let mut place = self.sums.places.as_ptr().add(output);
            let mut gradient = self.sums.gradient.as_ptr().add(output);
            let mut sums = [[V::splat(F::ZERO); KX]; KY];
            for (j, sums) in sums.iter_mut().enumerate() {
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(to.add(j * row + k * pixel));
                }
            }
            for _ in 0..self.count {
                let (g, input) = (V::splat(*gradient), input.add(*place as usize));
                (gradient, place) = (gradient.wrapping_add(outputs), place.wrapping_add(outputs));
                for (j, sums) in sums.iter_mut().enumerate() {
                    for (k, sum) in sums.iter_mut().enumerate() {
                        *sum = g.mul_add(V::load(input.add(j * line + k * BLOCK)), *sum);
                    }
                }
            }
            for (j, sums) in sums.iter().enumerate() {
                for (k, sum) in sums.iter().enumerate() {
                    sum.store(to.add(j * row + k * pixel));
                }
            }
        }
    }
}
