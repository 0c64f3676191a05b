//! The gradient of a convolution's weights behind a max pool, where the window moves by one pixel. Of
//! all that left only the chosen pixels have a gradient; for one channel that left, the sums of the
//! whole window (as many rows as there are registers for) of 16 channels that entered stay in
//! registers, and each of its gradients is multiplied by what it was chosen from. That costs the same
//! whether what entered is spikes or values, and however many of them are zero. Spikes are masks where
//! registers have some ([`super::chosen_masks`]).
//!
//! Sums have the order of [`super::scatter`]: over `(row of the batch, row, column)`.

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

/// Rows of the batch that are taken together: the sums are loaded and stored once for all of them,
/// and what entered stays in L1.
pub(crate) const ROWS: usize = 2;

/// A window costs about as much as so many values that are added one by one.
const VALUES_OF_WINDOW: usize = 12;

/// The same of spikes in 256-bit registers, of which there are half as many for a window that has twice as many: both ways
/// take 100 ms for 28 of 100 inputs of `conv` on a Zen 3, where spikes are bits (`unit_taps`). They give the same bits.
const SPIKES_OF_NARROW_WINDOW: usize = 28;

/// The way back to the weights of one convolution from what its pool chose.
#[derive(Debug, Clone)]
pub struct ChosenTaps {
    sliding: Sliding,
    bands: Bands,
    /// Where in a block of what entered each pixel is.
    pixels: Vec<u32>,
    masks: Option<ChosenMasks>,
}

/// What is summed over the rows of a batch.
#[derive(Default)]
pub struct ChosenSums<F: Element> {
    /// Rows that were not added yet, and whether they are masks.
    waiting: usize,
    masked: bool,
    /// What entered, with the padding around: `[row of the batch][block][pixel][16]`, or the masks of spikes.
    entered: Aligned<F>,
    masks: MaskRows,
    /// Of each row, window by window in ascending order of the chosen pixels, where among `entered` the
    /// window of weights begins, and the gradient: `[row of the batch][window][channel]`.
    places: Vec<u32>,
    gradient: Aligned<F>,
    /// Of the weights, as [`Sliding`] has them.
    weights: Aligned<F>,
    bias: Vec<F>,
}

impl ChosenTaps {
    /// Nothing if the pool's windows overlap, or most of a block of channels would be empty.
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

    /// Elements of a row of what entered.
    fn entered(&self) -> usize {
        self.blocks() * self.block()
    }

    /// Elements of a block of it.
    fn block(&self) -> usize {
        let around = self.sliding.around();
        around[0] * around[1] * BLOCK
    }

    /// Elements of a row of the pool.
    fn pooled(&self) -> usize {
        self.bands.windows() * self.sliding.channels[1]
    }

    /// Whether this takes less time than to add one by one, where so many of a row's inputs are not zero, which are
    /// spikes or values.
    pub fn is_faster(&self, level: SimdLevel, nonzero: usize, spikes: bool) -> bool {
        let of_window = match level {
            SimdLevel::Avx2 if spikes => SPIKES_OF_NARROW_WINDOW,
            _ => VALUES_OF_WINDOW,
        };
        nonzero > of_window * self.bands.windows() * self.blocks()
    }

    /// Adds a row's share.
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
            // With a register behind, which the last one of the sums reaches into.
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
            sums.entered.resize(ROWS * self.entered());
            self.enter(x, &mut sums.entered[row * self.entered()..][..self.entered()]);
            self.bands.sort(level, chosen, (row * self.entered()) as u32, places, gradient);
        }
        add_all(level, gradient, &mut sums.bias);
        sums.waiting += 1;
        if sums.waiting == ROWS {
            self.add_waiting(level, sums);
        }
    }

    /// The sums of the weights, in the order of [`ChosenTaps::turn`]; those of the bias are added to `db`.
    pub fn finish<F: Element>(&self, level: SimdLevel, mut sums: ChosenSums<F>, db: &mut [F]) -> Aligned<F> {
        self.add_waiting(level, &mut sums);
        db.iter_mut().zip(&sums.bias).for_each(|(db, &sum)| *db += sum);
        sums.weights.resize(self.weights());
        sums.weights
    }

    /// The gradient of the weights, as [`super::scatter`] keeps it, in the order in which sums are added to it, and
    /// padded as they are.
    pub fn turn<F: Element>(&self, dw: &[F]) -> Aligned<F> {
        let mut turned = Aligned::default();
        turned.resize(self.weights());
        self.rows(dw.len()).zip(dw.chunks_exact(self.sliding.width)).for_each(|(first, dw)| {
            let places = turned[first..].iter_mut().step_by(self.window());
            places.zip(&dw[..self.sliding.channels[1]]).for_each(|(to, &x)| *to = x);
        });
        turned
    }

    /// The other way round.
    pub fn turn_back<F: Element>(&self, turned: &[F], dw: &mut [F]) {
        self.rows(dw.len()).zip(dw.chunks_exact_mut(self.sliding.width)).for_each(|(first, dw)| {
            let places = turned[first..].iter().step_by(self.window());
            dw[..self.sliding.channels[1]].iter_mut().zip(places).for_each(|(to, &x)| *to = x);
        });
    }

    /// Where the sums of the first channel of what left begin, for each row of so many weights.
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

    /// Weights of one block and channel that left.
    fn window(&self) -> usize {
        self.sliding.kernel[0] * self.sliding.row()
    }

    /// Puts what entered in its place.
    fn enter<F: Element>(&self, (x, from): (Row<F>, Order), to: &mut [F]) {
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
    /// Windows of all rows that wait.
    count: usize,
    sums: &'a mut ChosenSums<F>,
}

impl<F: Element> Kernel<F> for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: the caller vouches for the instructions of `V`.
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
        // The other numbers of rows are not compiled.
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

    /// `KY` rows of the window of one output channel: `from` is where what entered under the first pixel's
    /// first row begins, `to` the first of the sums. A register reaches beyond the channels of its pixel, where nothing
    /// entered and the sums are those of the next pixel, as they were: these are stored after it, or stay the same.
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
        // SAFETY: a place is one of a pixel that left in a row that waits, whose whole window is among what
        // entered with the padding around; the sums have a window for each output channel and block, and a register
        // behind the last.
        unsafe {
            let to = self.sums.weights.as_mut_ptr().add(to);
            let entered = self.sums.entered.as_ptr().add(from);
            let mut place = self.sums.places.as_ptr().add(output);
            let mut gradient = self.sums.gradient.as_ptr().add(output);
            let mut sums = [[V::splat(F::ZERO); KX]; KY];
            for (j, sums) in sums.iter_mut().enumerate() {
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(to.add(j * row + k * pixel));
                }
            }
            for _ in 0..self.count {
                let (g, entered) = (V::splat(*gradient), entered.add(*place as usize));
                (gradient, place) = (gradient.wrapping_add(outputs), place.wrapping_add(outputs));
                for (j, sums) in sums.iter_mut().enumerate() {
                    for (k, sum) in sums.iter_mut().enumerate() {
                        *sum = g.mul_add(V::load(entered.add(j * line + k * BLOCK)), *sum);
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
