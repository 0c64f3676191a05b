//! Lists of events from spike bits: for each row the neurons that fired in it. Buffers are reused
//! from step to step. `TransposedLists` are the same by neuron; `gather` sums over both.

use super::positions::{SLACK, append};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::Lanes;
use crate::{PANEL, panel_mask, panels};
use lapicque_base::{Error, Result, SimdLevel, memory};
use rayon::prelude::*;

/// Ends every list, above any event: a loop may run to any limit without the length of the list.
pub(crate) const END: u32 = u32::MAX;

/// Number of spikes in bits, by population count, for which the levels above `portable` have an instruction.
pub fn count_events(level: SimdLevel, bits: &[u64]) -> usize {
    dispatch(level, Count { bits })
}

pub struct Count<'a> {
    bits: &'a [u64],
}

impl Kernel<f32> for Count<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = f32>>(self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Lists of ascending indices below `bound`, in blocks of up to 64 lists that threads fill independently.
#[derive(Debug, Clone, Default)]
pub struct EventLists {
    lists: usize,
    bound: usize,
    /// Lists of a block, as an exponent of two.
    shift: u32,
    blocks: Vec<Block>,
}

/// Up to this number of rows, blocks have 8 rows, whose bits fill a cache line; otherwise one thread would process all
/// rows.
const FEW_ROWS: usize = 8 * PANEL;

impl EventLists {
    /// The number of lists.
    pub fn len(&self) -> usize {
        self.lists
    }

    pub fn is_empty(&self) -> bool {
        self.lists == 0
    }

    /// Every event is below this.
    pub fn bound(&self) -> usize {
        self.bound
    }

    /// The ascending events of list `i`.
    #[inline(always)]
    pub fn list(&self, i: usize) -> &[u32] {
        let ended = self.ended_list(i);
        &ended[..ended.len() - 1]
    }

    /// The same followed by `END`.
    #[inline(always)]
    pub(crate) fn ended_list(&self, i: usize) -> &[u32] {
        assert!(i < self.lists, "list {i} of {}", self.lists);
        let block = &self.blocks[i >> self.shift];
        let j = i & ((1 << self.shift) - 1);
        &block.events[block.offsets[j] as usize..block.offsets[j + 1] as usize]
    }

    /// Number of events in all lists.
    pub fn count(&self) -> usize {
        let ended: usize = self.blocks.iter().map(|block| block.offsets[PANEL] as usize).sum();
        ended - self.lists
    }

    /// For each of the `rows` rows of the bits `[panels(neurons)][rows]`, the neurons that fired. Padding bits are
    /// ignored. An allocation that fails is `too-large` and leaves no list.
    pub fn rebuild_rows(
        &mut self,
        level: SimdLevel,
        bits: &[u64],
        neurons: usize,
        rows: usize,
    ) -> Result<()> {
        check_bits(bits, neurons, rows);
        let shift = shift_of(rows);
        let mut blocks = self.prepare_rows(rows, neurons)?.iter_mut().enumerate();
        blocks.try_for_each(|(b, block)| block.rows(level, bits, neurons, [rows, b << shift, 1 << shift]))?;
        self.finish(rows);
        Ok(())
    }

    /// `rebuild_rows` by the threads of the current pool.
    pub fn par_rebuild_rows(
        &mut self,
        level: SimdLevel,
        bits: &[u64],
        neurons: usize,
        rows: usize,
    ) -> Result<()> {
        check_bits(bits, neurons, rows);
        let shift = shift_of(rows);
        let blocks = self.prepare_rows(rows, neurons)?.par_iter_mut().enumerate();
        blocks.try_for_each(|(b, block)| block.rows(level, bits, neurons, [rows, b << shift, 1 << shift]))?;
        self.finish(rows);
        Ok(())
    }

    fn prepare_rows(&mut self, rows: usize, neurons: usize) -> Result<&mut [Block]> {
        self.prepare_blocks(rows, neurons, shift_of(rows))
    }

    /// Blocks of 64 lists for this number of lists, as [`Self::prepare_blocks`].
    pub(crate) fn prepare(&mut self, lists: usize, bound: usize) -> Result<&mut [Block]> {
        self.prepare_blocks(lists, bound, PANEL.ilog2())
    }

    /// Prepares blocks for this number of lists. Until `finish` the number of lists is 0, so that no incomplete list
    /// can be read.
    fn prepare_blocks(&mut self, lists: usize, bound: usize, shift: u32) -> Result<&mut [Block]> {
        assert!(bound < END as usize, "{bound} indices do not fit 32 bits");
        let blocks = lists.div_ceil(1 << shift);
        (self.lists, self.bound, self.shift) = (0, bound, shift);
        self.blocks.try_reserve(blocks.saturating_sub(self.blocks.len())).map_err(|_| too_large(blocks))?;
        self.blocks.resize_with(blocks, Block::default);
        Ok(&mut self.blocks)
    }

    pub(crate) fn blocks(&mut self) -> &mut [Block] {
        &mut self.blocks
    }

    /// Marks all prepared blocks as filled.
    pub(crate) fn finish(&mut self, lists: usize) {
        self.lists = lists;
    }
}

/// The exponent of two of the number of rows in a block.
fn shift_of(rows: usize) -> u32 {
    if rows <= FEW_ROWS { 3 } else { PANEL.ilog2() }
}

/// Up to 64 lists. The buffer only grows; data after the last list are left from an earlier use.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// List `i` of the block is `events[offsets[i]..offsets[i + 1]]`, the last of them `END`.
    offsets: [u32; PANEL + 1],
    events: Vec<u32>,
}

impl Default for Block {
    fn default() -> Self {
        Block { offsets: [0; PANEL + 1], events: Vec::new() }
    }
}

impl Block {
    /// `most` of all `rows` from `first` on, or fewer.
    fn rows(
        &mut self,
        level: SimdLevel,
        bits: &[u64],
        neurons: usize,
        [rows, first, most]: [usize; 3],
    ) -> Result<()> {
        let words = Words {
            words: &bits[first.min(bits.len())..],
            stride: rows,
            lists: most.min(rows - first),
            count: panels(neurons),
            last_mask: panel_mask(neurons, neurons.saturating_sub(1) / PANEL),
        };
        dispatch(level, Fill { block: self, words })
    }
}

/// The bits of up to 64 lists: word `w` of list `i` is `words[w * stride + i]`, `w` ascending below `count`; the last
/// word is masked.
pub(crate) struct Words<'a> {
    pub words: &'a [u64],
    pub stride: usize,
    pub lists: usize,
    pub count: usize,
    pub last_mask: u64,
}

pub struct Fill<'a, 'b> {
    pub block: &'a mut Block,
    pub words: Words<'b>,
}

impl Kernel<f32> for Fill<'_, '_> {
    type Output = Result<()>;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = f32>>(self) -> Result<()> {
        let Words { words, stride, lists, count, last_mask } = self.words;
        let mut capacity = lists + SLACK;
        for w in 0..count {
            capacity +=
                words[w * stride..][..lists].iter().map(|word| word.count_ones() as usize).sum::<usize>();
        }
        let events = &mut self.block.events;
        if events.len() < capacity {
            events.try_reserve(capacity - events.len()).map_err(|_| too_large(capacity))?;
            events.resize(capacity, 0);
        }
        let out = events.as_mut_ptr();
        let mut len = 0;
        for i in 0..lists {
            self.block.offsets[i] = len as u32;
            for w in 0..count {
                let mask = if w + 1 == count { last_mask } else { u64::MAX };
                // SAFETY: the loop above has read all these words. `capacity` counts all bits, the ends of the lists and
                // the slack, so the remaining events fit after `len`.
                len += unsafe {
                    let word = words.get_unchecked(w * stride + i) & mask;
                    append::<V>(out.add(len), word, (w * PANEL) as u32)
                };
            }
            // SAFETY: as above.
            unsafe { *out.add(len) = END };
            len += 1;
        }
        self.block.offsets[lists..].fill(len as u32);
        Ok(())
    }
}

pub(crate) fn check_bits(bits: &[u64], neurons: usize, rows: usize) {
    assert_eq!(bits.len(), panels(neurons) * rows, "words of {neurons} neurons in {rows} rows");
}

fn too_large(events: usize) -> Error {
    memory::refused::<u32>("the lists of events", events)
}
