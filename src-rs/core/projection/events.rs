//! Lists of events from spike bits: for each row the inputs that fired in it, or for each input the
//! rows in which it fired. Both are lists of ascending indices, made by the same loop over words,
//! and both are summed by the same kernel (`gather`). Buffers are reused from step to step.

use super::{PANEL, last_panel_mask, panels};
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Rows in a segment of `TransposedLists`: a segment of a gradient panel in f32 is 256 KiB, so it
/// stays in a core's L2 cache while all inputs' lists are summed over it.
pub const SEGMENT: usize = 1024;

/// Ends every list, above any event: a loop may run over a list up to any limit without its length.
pub(super) const END: u32 = u32::MAX;

/// Spikes in bits, by population count.
pub fn count_events(bits: &[u64]) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}

/// Lists of ascending indices below `bound`, in blocks of 64 lists that threads fill by themselves.
#[derive(Debug, Clone, Default)]
pub struct EventLists {
    lists: usize,
    bound: usize,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
struct Block {
    /// List `i` of the block is `events[offsets[i]..offsets[i + 1]]`, the last of them `END`.
    offsets: [u32; PANEL + 1],
    events: Vec<u32>,
}

impl Default for Block {
    fn default() -> Self {
        Block { offsets: [0; PANEL + 1], events: Vec::new() }
    }
}

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
        assert!(i < self.lists, "list {i} of {}", self.lists);
        let (list, _) = self.ended_list(i).split_at(self.ended_list(i).len() - 1);
        list
    }

    /// The same followed by `END`.
    #[inline(always)]
    pub(super) fn ended_list(&self, i: usize) -> &[u32] {
        let block = &self.blocks[i / PANEL];
        let j = i % PANEL;
        &block.events[block.offsets[j] as usize..block.offsets[j + 1] as usize]
    }

    /// Events in all lists.
    pub fn count(&self) -> usize {
        self.blocks.iter().map(|block| block.events.len()).sum::<usize>() - self.lists
    }

    /// For each of the `rows` rows of the bits `[panels(neurons)][rows]` the neurons that fired.
    /// Bits of the padding are ignored. An allocation that fails is `too-large`.
    pub fn rebuild_rows(&mut self, bits: &[u64], neurons: usize, rows: usize) -> Result<()> {
        self.resize(rows, neurons, bits)?;
        self.blocks
            .iter_mut()
            .enumerate()
            .try_for_each(|(b, block)| block.rows(bits, neurons, rows, b * PANEL))
    }

    /// `rebuild_rows` by the threads of the current pool.
    pub fn par_rebuild_rows(&mut self, bits: &[u64], neurons: usize, rows: usize) -> Result<()> {
        self.resize(rows, neurons, bits)?;
        self.blocks
            .par_iter_mut()
            .enumerate()
            .try_for_each(|(b, block)| block.rows(bits, neurons, rows, b * PANEL))
    }

    fn resize(&mut self, rows: usize, neurons: usize, bits: &[u64]) -> Result<()> {
        check_bits(bits, neurons, rows);
        self.shape(rows, neurons)
    }

    fn shape(&mut self, lists: usize, bound: usize) -> Result<()> {
        assert!(bound < END as usize, "{bound} indices do not fit 32 bits");
        let blocks = lists.div_ceil(PANEL);
        self.blocks.try_reserve(blocks.saturating_sub(self.blocks.len())).map_err(|_| too_large(blocks))?;
        self.blocks.resize_with(blocks, Block::default);
        self.lists = lists;
        self.bound = bound;
        Ok(())
    }
}

impl Block {
    /// The 64 rows (or fewer) from `first` on.
    fn rows(&mut self, bits: &[u64], neurons: usize, rows: usize, first: usize) -> Result<()> {
        let lists = PANEL.min(rows - first);
        self.fill(&bits[first.min(bits.len())..], rows, lists, panels(neurons), last_panel_mask(neurons))
    }

    /// List `i` gets the set bits of the words `words[w * stride + i]`, `w` ascending below `count`,
    /// the last of them masked.
    fn fill(
        &mut self,
        words: &[u64],
        stride: usize,
        lists: usize,
        count: usize,
        last_mask: u64,
    ) -> Result<()> {
        let mut needed = 0;
        for w in 0..count {
            needed += count_events(&words[w * stride..][..lists]);
        }
        // Each word writes eight slots at a time, so up to seven beyond the last event.
        let room = needed + lists + 8;
        self.events.clear();
        self.events.try_reserve(room).map_err(|_| too_large(room))?;
        self.events.resize(room, 0);
        let mut len = 0;
        for i in 0..lists {
            self.offsets[i] = len as u32;
            for w in 0..count {
                let word = words[w * stride + i] & if w + 1 == count { last_mask } else { u64::MAX };
                len += append(&mut self.events[len..], word, (w * PANEL) as u32);
            }
            self.events[len] = END;
            len += 1;
        }
        self.offsets[lists..].fill(len as u32);
        self.events.truncate(len);
        Ok(())
    }
}

/// Writes `base` plus the position of every set bit, ascending, and returns how many there are.
/// Works in groups of eight so that a sparse word costs no mispredicted branch.
#[inline(always)]
fn append(out: &mut [u32], mut word: u64, base: u32) -> usize {
    let count = word.count_ones() as usize;
    let mut done = 0;
    while done < count {
        for slot in &mut out[done..done + 8] {
            *slot = base + word.trailing_zeros();
            word &= word.wrapping_sub(1);
        }
        done += 8;
    }
    count
}

/// For each input the ascending rows in which it fired, in segments of `SEGMENT` rows: the lists of
/// segment `s` count rows from `s * SEGMENT`.
#[derive(Debug, Clone, Default)]
pub struct TransposedLists {
    inputs: usize,
    rows: usize,
    segments: Vec<EventLists>,
}

impl TransposedLists {
    pub fn inputs(&self) -> usize {
        self.inputs
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

    /// From the `range` of rows of bits `[panels(neurons)][rows]`; list entries count from the start
    /// of the range. An allocation that fails is `too-large`.
    pub fn rebuild(&mut self, bits: &[u64], neurons: usize, rows: usize, range: Range<usize>) -> Result<()> {
        check_bits(bits, neurons, rows);
        self.shape(neurons, range.len())?;
        let units = self.segments.iter_mut().enumerate();
        units
            .flat_map(|(s, segment)| segment.blocks.iter_mut().enumerate().map(move |unit| (s, unit)))
            .try_for_each(|(s, (p, block))| {
                block.columns(&bits[p * rows..][range.clone()], s * SEGMENT, last_word_of(neurons, p))
            })
    }

    fn shape(&mut self, neurons: usize, rows: usize) -> Result<()> {
        (self.inputs, self.rows) = (neurons, rows);
        self.segments.resize_with(rows.div_ceil(SEGMENT), EventLists::default);
        for (s, segment) in self.segments.iter_mut().enumerate() {
            segment.shape(neurons, SEGMENT.min(rows - s * SEGMENT))?;
        }
        Ok(())
    }
}

impl Block {
    /// The lists of one panel's neurons for the segment of rows from `first` on.
    fn columns(&mut self, panel: &[u64], first: usize, neurons: usize) -> Result<()> {
        let rows = &panel[first..][..SEGMENT.min(panel.len() - first)];
        let mut words = [0u64; SEGMENT];
        let tiles = rows.len().div_ceil(PANEL);
        for (tile, from) in words.chunks_exact_mut(PANEL).zip(rows.chunks(PANEL)) {
            tile[..from.len()].copy_from_slice(from);
            transpose_64(tile.try_into().expect("a tile has 64 words"));
        }
        self.fill(&words, PANEL, neurons, tiles, u64::MAX)
    }
}

/// Neurons in panel `p`.
fn last_word_of(neurons: usize, p: usize) -> usize {
    PANEL.min(neurons - p * PANEL)
}

/// Transposes a 64 × 64 matrix of bits: bit `j` of word `i` becomes bit `i` of word `j`, by
/// exchanging the off-diagonal quarters of ever smaller blocks (Warren, Hacker's Delight, 7-3).
pub(super) fn transpose_64(words: &mut [u64; 64]) {
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

fn check_bits(bits: &[u64], neurons: usize, rows: usize) {
    assert_eq!(bits.len(), panels(neurons) * rows, "words of {neurons} neurons in {rows} rows");
}

fn too_large(events: usize) -> Error {
    let needed = (events as u64).saturating_mul(size_of::<u32>() as u64);
    Error::TooLarge { what: "the lists of events".into(), needed, allowed: 0 }
}
