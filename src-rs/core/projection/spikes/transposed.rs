//! Lists of events by neuron: the rows in which it fired, over which the weight gradient sums.

use super::events::{Block, EventLists, Fill, Words, check_bits};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::Lanes;
use crate::{PANEL, panels};
use lapicque_base::{Result, SimdLevel};
use rayon::prelude::*;

/// Rows of a segment of `TransposedLists`: a segment of a gradient panel in f32 is 256 KiB, so it stays in a core's L2
/// cache while all neurons' lists are summed over it.
pub const SEGMENT: usize = 1024;

/// For each neuron the ascending rows in which it fired, in segments of `SEGMENT` rows: the lists of
/// segment `s` count rows from `s * SEGMENT`.
#[derive(Debug, Clone, Default)]
pub struct TransposedLists {
    neurons: usize,
    rows: usize,
    segments: Vec<EventLists>,
}

impl TransposedLists {
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn segments(&self) -> &[EventLists] {
        &self.segments
    }

    /// Events in all lists.
    pub fn count(&self) -> usize {
        self.segments.iter().map(EventLists::count).sum()
    }

    /// From bits `[panels(neurons)][rows]`; padding bits are ignored. An allocation that fails is `too-large` and
    /// leaves no list.
    pub fn rebuild(&mut self, level: SimdLevel, bits: &[u64], neurons: usize, rows: usize) -> Result<()> {
        self.prepare(bits, neurons, rows)?;
        for (s, segment) in self.segments.iter_mut().enumerate() {
            for (p, block) in segment.blocks().iter_mut().enumerate() {
                fill(level, block, &bits[p * rows..][..rows], s, neurons - p * PANEL)?;
            }
        }
        self.finish();
        Ok(())
    }

    /// `rebuild` by the threads of the current pool.
    pub fn par_rebuild(&mut self, level: SimdLevel, bits: &[u64], neurons: usize, rows: usize) -> Result<()> {
        self.prepare(bits, neurons, rows)?;
        self.segments.par_iter_mut().enumerate().try_for_each(|(s, segment)| {
            let blocks = segment.blocks().par_iter_mut().enumerate();
            blocks.try_for_each(|(p, block)| {
                fill(level, block, &bits[p * rows..][..rows], s, neurons - p * PANEL)
            })
        })?;
        self.finish();
        Ok(())
    }

    fn prepare(&mut self, bits: &[u64], neurons: usize, rows: usize) -> Result<()> {
        check_bits(bits, neurons, rows);
        (self.neurons, self.rows) = (neurons, rows);
        self.segments.resize_with(rows.div_ceil(SEGMENT), EventLists::default);
        for (s, segment) in self.segments.iter_mut().enumerate() {
            let blocks = segment.prepare(neurons, SEGMENT.min(rows - s * SEGMENT))?;
            debug_assert_eq!(blocks.len(), panels(neurons));
        }
        Ok(())
    }

    fn finish(&mut self) {
        for segment in &mut self.segments {
            segment.finish(self.neurons);
        }
    }
}

/// The lists of up to 64 neurons of one panel in segment `s`; `neurons` counts the neurons from this panel on.
fn fill(level: SimdLevel, block: &mut Block, panel: &[u64], s: usize, neurons: usize) -> Result<()> {
    let rows = &panel[s * SEGMENT..];
    dispatch(level, Columns { block, rows: &rows[..SEGMENT.min(rows.len())], neurons: PANEL.min(neurons) })
}

pub struct Columns<'a, 'b> {
    block: &'a mut Block,
    rows: &'b [u64],
    neurons: usize,
}

impl Kernel<f32> for Columns<'_, '_> {
    type Output = Result<()>;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = f32>>(self) -> Result<()> {
        let mut words = [0u64; SEGMENT];
        for (tile, rows) in words.chunks_exact_mut(PANEL).zip(self.rows.chunks(PANEL)) {
            tile[..rows.len()].copy_from_slice(rows);
            transpose_64(tile.try_into().expect("a tile has 64 words"));
        }
        let words = Words {
            words: &words,
            stride: PANEL,
            lists: self.neurons,
            count: self.rows.len().div_ceil(PANEL),
            last_mask: u64::MAX,
        };
        // SAFETY: the caller guarantees the instructions of `V`.
        unsafe { Fill { block: self.block, words }.run::<V>() }
    }
}

/// Transposes a 64 × 64 matrix of bits: bit `j` of word `i` becomes bit `i` of word `j`, by
/// exchanging the off-diagonal quarters of ever smaller blocks (Warren, Hacker's Delight, 7-3).
#[inline(always)]
pub(crate) fn transpose_64(words: &mut [u64; 64]) {
    let mut half = 32;
    let mut mask = 0x0000_0000_ffff_ffff_u64;
    while half > 0 {
        for block in words.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                let swap = ((*a >> half) ^ *b) & mask;
                *a ^= swap << half;
                *b ^= swap;
            }
        }
        half /= 2;
        mask ^= mask << half;
    }
}
