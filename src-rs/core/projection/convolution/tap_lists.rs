//! The weight gradient of a convolution whose groups have whole registers of output channels. For each tap of a
//! channel's window, the gradients of all outputs that the tap connects to a value are summed in registers. The outputs
//! are listed for one column of the window at a time.

use super::taps::Taps;
use crate::layouts::row::{Order, Row, Visit};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use std::ops::Range;

/// No output.
const NONE: u32 = u32::MAX;

/// Rows `from..from + len` of the input that one row of the window connects to as many output rows.
#[derive(Debug, Clone, Copy)]
struct Rows {
    from: usize,
    to: usize,
    len: usize,
}

/// The connections of a window, by tap.
#[derive(Debug, Clone)]
pub(crate) struct TapJoins {
    /// For each row of the window.
    rows: Vec<Vec<Rows>>,
    /// For each column of the window and of the input, the output column.
    columns: Vec<u32>,
    /// Size of the input.
    size: [usize; 2],
    /// Number of output columns.
    width: usize,
}

impl TapJoins {
    pub fn new(taps: &[Taps; 2], kernel: [usize; 2], width: usize) -> Self {
        let size = [taps[0].len(), taps[1].len()];
        let mut rows: Vec<Vec<Rows>> = vec![vec![]; kernel[0]];
        for from in 0..size[0] {
            for (k, to) in taps[0].pairs(from) {
                match rows[k].last_mut() {
                    Some(rows) if (rows.from + rows.len, rows.to + rows.len) == (from, to) => rows.len += 1,
                    _ => rows[k].push(Rows { from, to, len: 1 }),
                }
            }
        }
        let mut columns = vec![NONE; kernel[1] * size[1]];
        for from in 0..size[1] {
            taps[1].pairs(from).for_each(|(k, to)| columns[k * size[1] + from] = to as u32);
        }
        TapJoins { rows, columns, size, width }
    }
}

/// Buffers that are reused from row to row of the batch.
#[derive(Default)]
pub struct TapLists<F: Element> {
    /// Row times the number of output columns, and column, of each nonzero value.
    coordinates: Vec<[u32; 2]>,
    values: Vec<F>,
    /// The first value of each row.
    firsts: Vec<u32>,
    /// For one column of the window: the outputs, numbered as if their row were the input's.
    outputs: Vec<u32>,
    factors: Vec<F>,
    /// Number of outputs that belong to earlier values, for each value.
    ranks: Vec<u32>,
    /// For spikes as bits.
    pub(crate) bits: Vec<u64>,
}

/// One channel's window of weights.
pub(crate) struct TapSums<'a, F> {
    pub joins: &'a TapJoins,
    pub coordinates: &'a [[u32; 2]],
    pub x: Row<'a, F>,
    pub from: Order,
    /// From the first output channel of the group on.
    pub gradient: &'a [F],
    /// Elements from one output pixel to the next.
    pub stride: usize,
    /// Output channels, in whole registers.
    pub width: usize,
}

impl<F: Element> TapSums<'_, F> {
    /// Adds to `dw`, `[ky][kx][width]`.
    ///
    /// # Safety
    /// `joins` and `coordinates` are those of the pixels of `x`; `gradient` has `width` elements from `pixel * stride` on
    /// for each output pixel. The CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn add<V: Lanes<F = F>>(&self, channel: usize, lists: &mut TapLists<F>, dw: &mut [F]) {
        let spikes = matches!(self.x, Row::Events(_));
        self.list(channel, lists);
        if lists.coordinates.is_empty() {
            return;
        }
        let kernel = [self.joins.rows.len(), self.joins.columns.len() / self.joins.size[1]];
        assert_eq!(dw.len(), kernel[0] * kernel[1] * self.width, "a window of weights");
        for kx in 0..kernel[1] {
            self.column(kx, spikes, lists);
            for (ky, rows) in self.joins.rows.iter().enumerate() {
                let dw = &mut dw[(ky * kernel[1] + kx) * self.width..][..self.width];
                let all = rows.iter().map(|rows| lists.range(rows)).any(|range| !range.is_empty());
                if !all {
                    continue;
                }
                let mut first = 0;
                while first < self.width {
                    // Output channels are a power of two or a multiple of 16, so with narrower registers the only odd
                    // number is one.
                    // SAFETY: the caller's contract; the registers lie within the width.
                    let taken = unsafe {
                        let dw = dw.as_mut_ptr().add(first);
                        match (self.width - first) / V::WIDTH {
                            8.. if const { V::SPECIAL } => self.tap::<V, 8>(rows, spikes, first, lists, dw),
                            7 if const { V::SPECIAL && V::WIDTH == 16 } => {
                                self.tap::<V, 7>(rows, spikes, first, lists, dw)
                            }
                            6 if const { V::SPECIAL } => self.tap::<V, 6>(rows, spikes, first, lists, dw),
                            5 if const { V::SPECIAL && V::WIDTH == 16 } => {
                                self.tap::<V, 5>(rows, spikes, first, lists, dw)
                            }
                            4 if const { V::SPECIAL } => self.tap::<V, 4>(rows, spikes, first, lists, dw),
                            3 if const { V::SPECIAL && V::WIDTH == 16 } => {
                                self.tap::<V, 3>(rows, spikes, first, lists, dw)
                            }
                            2 if const { V::SPECIAL } => self.tap::<V, 2>(rows, spikes, first, lists, dw),
                            _ => self.tap::<V, 1>(rows, spikes, first, lists, dw),
                        }
                    };
                    first += taken * V::WIDTH;
                }
            }
        }
    }

    /// Lists a channel's nonzero values.
    #[inline(always)]
    fn list(&self, channel: usize, lists: &mut TapLists<F>) {
        let [height, _] = self.joins.size;
        lists.coordinates.clear();
        lists.values.clear();
        lists.firsts.clear();
        lists.firsts.resize(height + 1, 0);
        let collect = Collect { sums: self, lists };
        self.x.nonzero(self.from, self.coordinates.len(), channel..channel + 1, collect);
        let mut before = 0;
        for first in &mut lists.firsts {
            before += std::mem::replace(first, before);
        }
        let count = lists.coordinates.len();
        lists.outputs.resize(count.max(lists.outputs.len()), 0);
        lists.factors.resize(count.max(lists.factors.len()), F::ONE);
        lists.ranks.resize(count + 1, 0);
    }

    /// Lists the outputs that one column of the window connects to them.
    #[inline(always)]
    fn column(&self, kx: usize, spikes: bool, lists: &mut TapLists<F>) {
        let columns = &self.joins.columns[kx * self.joins.size[1]..][..self.joins.size[1]];
        let count = lists.coordinates.len();
        let (outputs, ranks) = (&mut lists.outputs[..count], &mut lists.ranks[..count + 1]);
        let mut n = 0;
        for (i, &[row, column]) in lists.coordinates.iter().enumerate() {
            let to = columns[column as usize];
            outputs[n] = row.wrapping_add(to);
            if !spikes {
                lists.factors[n] = lists.values[i];
            }
            ranks[i] = n as u32;
            n += usize::from(to != NONE);
        }
        ranks[count] = n as u32;
    }

    /// Adds to `N` registers of `dw` from the output channel `first` on; returns the number of channels.
    ///
    /// # Safety
    /// As for `add`; the registers exist.
    #[inline(always)]
    unsafe fn tap<V: Lanes<F = F>, const N: usize>(
        &self,
        rows: &[Rows],
        spikes: bool,
        first: usize,
        lists: &TapLists<F>,
        dw: *mut F,
    ) -> usize {
        // SAFETY: a listed output is the pixel `(row, column)` with the input's row in place of its own. So the
        // difference of the rows makes it an output pixel.
        unsafe {
            let mut sums = Strip::<V, N>::load(dw);
            for rows in rows {
                let range = lists.range(rows);
                let shift = (rows.to as isize - rows.from as isize) * self.joins.width as isize;
                let gradient = self.gradient.as_ptr().wrapping_add(first);
                let at =
                    |output: u32| gradient.wrapping_offset((output as isize + shift) * self.stride as isize);
                if spikes {
                    lists.outputs[range].iter().for_each(|&output| sums.add_row(at(output)));
                    continue;
                }
                for (&output, &x) in lists.outputs[range.clone()].iter().zip(&lists.factors[range]) {
                    sums.mul_add(V::splat(x), &Strip::load(at(output)));
                }
            }
            sums.store(dw);
        }
        N
    }
}

impl<F: Element> TapLists<F> {
    /// The outputs of values in these rows.
    #[inline(always)]
    fn range(&self, rows: &Rows) -> Range<usize> {
        let rank = |row: usize| self.ranks[self.firsts[row] as usize] as usize;
        rank(rows.from)..rank(rows.from + rows.len)
    }
}

struct Collect<'a, 'b, F: Element> {
    sums: &'a TapSums<'b, F>,
    lists: &'a mut TapLists<F>,
}

impl<F: Element> Visit<F> for Collect<'_, '_, F> {
    #[inline(always)]
    fn visit(&mut self, _: usize, pixel: usize, x: F) {
        let [y, column] = self.sums.coordinates[pixel];
        self.lists.coordinates.push([y * self.sums.joins.width as u32, column]);
        self.lists.values.push(x);
        self.lists.firsts[y as usize] += 1;
    }
}
