//! Rows of connections with so many targets per source that a slot for every neuron takes less memory than a list of
//! targets. A slot is a bit per neuron if all weights are equal, or a weight per neuron if they differ. A second
//! synapse between the same pair is stored in the list.

use super::ring::Ring;
use super::units::Units;
use crate::plan::network::{Connection, Plan};
use crate::representation::bit_rows::{BitRows, MOST_ROWS, WIDE};
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::representation::synapse_format::QUAD;
use crate::wiring::delays::Delays;
use crate::wiring::route::Route;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::cache::prefetch_second_level;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use std::ops::Range;
use std::sync::Arc;

/// The content of a dense row's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bits,
    Weights,
}

impl Kind {
    /// The kind for a connection. `None` if lists are smaller, or if there would be many dense connections with little work
    /// each. The choice depends only on the description; `units` are the estimated units.
    pub fn of<F: Precision>(plan: &Plan, c: &Connection, units: &Units) -> Option<Kind> {
        /// Maximum number of dense connections, whatever their size.
        const FEW: usize = 16;
        /// A dense connection costs some 100 ns in every step. This number of synapses of a list costs the same if neurons
        /// fire at 10 Hz.
        const WORTH: u64 = 1 << 16;
        let Delays::Constant(_) = c.delays else { return None };
        if c.synapse.is_some()
            || matches!(c.route, Route::Places { .. })
            || (plan.connections.len() > FEW && c.expected < WORTH)
        {
            return None;
        }
        let pairs = c.sources.len() as f64 * plan.populations[c.population].size as f64;
        // Synapses that are not compact are stored in lists in any case.
        let compact = c.expected as f64 * units.compact_share(c);
        let listed = compact * 8.0 * size_of::<F::Synapse>() as f64;
        let ports = c.weight.bounds().map(|w| c.route.of(w).0);
        match c.weight.constant() {
            Some(_) => (listed > pairs).then_some(Kind::Bits),
            // Dense weights have 16 bits.
            None if F::MOST_WEIGHT > i64::from(i16::MAX) || ports[0] != ports[1] => None,
            None => (listed >= 16.0 * pairs).then_some(Kind::Weights),
        }
    }

    /// Bytes of a connection's rows, including the remaining lists.
    pub fn bytes<F: Precision>(self, plan: &Plan, c: &Connection) -> u64 {
        let pairs = c.sources.len() as u64 * plan.populations[c.population].size.next_multiple_of(512) as u64;
        let rows = if self == Kind::Bits { pairs / 8 } else { pairs * 2 };
        rows + Kind::left_over(plan, c) as u64 * (size_of::<F::Synapse>() * QUAD) as u64
    }

    /// Expected number of synapses beyond the first of each pair; they are stored in lists.
    pub fn left_over(plan: &Plan, c: &Connection) -> f64 {
        let pairs = c.sources.len() as f64 * plan.populations[c.population].size as f64;
        let expected = c.expected as f64;
        let first = if c.wiring.multapses { -pairs * libm::expm1(-expected / pairs) } else { pairs };
        (expected - first).max(0.0)
    }
}

#[derive(Clone)]
enum Cells {
    /// Rows begin at this word, which is at the start of a cache line, so that eight words are in one line.
    Bits(Vec<u64>, usize),
    Weights(Vec<i16>),
}

/// The dense rows of one connection in a partition. Clones share the synapses.
#[derive(Clone)]
pub struct Dense<F: Precision> {
    pub sources: Range<usize>,
    pub delay: u32,
    /// Offset of the first accumulator.
    slot: usize,
    neuron_slots: usize,
    /// Words or weights per row.
    stride: usize,
    cells: Arc<Cells>,
    /// Number of synapses of each row.
    counts: Arc<Vec<u32>>,
    /// The weight of all synapses, in units, if rows are bits.
    weight: i64,
    /// Rows that deliver, by arrival step modulo the length of the ring.
    due: Ring<u32>,
    level: SimdLevel,
    precision: std::marker::PhantomData<fn(F)>,
}

impl<F: Precision> Dense<F> {
    /// `slot`: the first accumulator of the population's port.
    pub fn new(
        plan: &Plan,
        connection: usize,
        kind: Kind,
        (numbering, partition): (&Numbering, usize),
        slots: &[Vec<usize>],
        units: &Units,
        level: SimdLevel,
    ) -> Result<Self> {
        /// Words of a huge page.
        const HUGE: usize = (2 << 20) / size_of::<u64>();
        let c = &plan.connections[connection];
        let neuron_slots = numbering.blocks(c.population, partition) * BLOCK;
        let (port, weight) = c.route.of(c.weight.bounds()[0]);
        let rows = c.sources.len() + 1;
        // Bits: the last row is empty.
        let (stride, cells) = match kind {
            Kind::Bits => {
                let stride = neuron_slots.div_ceil(64 * WIDE) * WIDE;
                // Rows that nearly fill a huge page start at one and fill the last one, because spikes access them
                // randomly.
                let page = if rows * stride < HUGE / 2 { WIDE } else { HUGE };
                let capacity = rows * stride + if page == HUGE { 2 * HUGE } else { WIDE };
                let words: Vec<u64> = memory::huge_pages("dense rows", capacity)?;
                // The offset must be within the line or page.
                let begin = words.as_ptr().align_offset(page * size_of::<u64>()).min(page);
                (stride, Cells::Bits(words, begin))
            }
            Kind::Weights => {
                (neuron_slots, Cells::Weights(memory::huge_pages("dense rows", rows * neuron_slots)?))
            }
        };
        Ok(Dense {
            sources: c.sources.clone(),
            delay: c.delays.bounds()[0],
            slot: slots[c.population][port],
            neuron_slots,
            stride,
            cells: Arc::new(cells),
            counts: Arc::new(vec![0; rows]),
            // A weight that is not compact is in no row of bits.
            weight: units.of(c.population)[port].rounded(weight).unwrap_or(0),
            due: Ring::new(plan.delays()[1].into()),
            level,
            precision: std::marker::PhantomData,
        })
    }

    pub fn synapses(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    pub fn clear_due(&mut self) {
        self.due.clear();
    }

    /// Enters a spike of a source if the connection has that source. Arrivals up to step `now` are past.
    #[inline]
    pub fn schedule(&mut self, step: u64, source: usize, now: u64) {
        let arrival = step + u64::from(self.delay);
        if self.sources.contains(&source) && arrival > now {
            self.due.at_mut(arrival).push((source - self.sources.start) as u32);
        }
    }

    /// Adds the weights that arrive at `step`; returns the number of synapses.
    pub fn deliver(&mut self, step: u64, sums: &mut [F::Sum]) -> u64 {
        /// Carry-save addition costs about as much per slot as this number of single bits.
        const WORTH: usize = 6;
        let due = self.due.at_mut(step);
        if due.is_empty() || self.neuron_slots == 0 {
            due.clear();
            return 0;
        }
        let delivered = due.iter().map(|&row| u64::from(self.counts[row as usize])).sum();
        let sums = &mut sums[self.slot..][..self.neuron_slots];
        match &*self.cells {
            Cells::Bits(words, begin) => {
                let bits = BitRows { words: &words[*begin..], stride: self.stride };
                if (delivered as usize) < self.neuron_slots / WORTH {
                    bits.add_each::<F>(due, self.weight, sums);
                } else {
                    let empty = self.counts.len() as u32 - 1;
                    due.resize(due.len().next_multiple_of(8), empty);
                    for rows in due.chunks(MOST_ROWS) {
                        F::add_bits(self.level, bits, rows, self.weight, sums);
                    }
                }
            }
            Cells::Weights(weights) => {
                let row = |row: u32| &weights[row as usize * self.stride..][..self.neuron_slots];
                let (fours, rest) = due.as_chunks::<4>();
                for rows in fours {
                    at_level(self.level, AddWeights::<F, 4> { rows: rows.map(row), sums });
                }
                let (twos, rest) = rest.as_chunks::<2>();
                for rows in twos {
                    at_level(self.level, AddWeights::<F, 2> { rows: rows.map(row), sums });
                }
                for &one in rest {
                    at_level(self.level, AddWeights::<F, 1> { rows: [row(one)], sums });
                }
            }
        }
        due.clear();
        delivered
    }

    /// Prefetches one of `parts` parts of the rows that deliver at a step. Prefetches are spread over the work of a step,
    /// because a core stalls when it has too many outstanding loads.
    #[inline]
    pub fn prefetch(&self, step: u64, part: usize, parts: usize) {
        /// Number of lines that fit into a second-level cache in addition to the data of the neurons.
        const MOST: usize = 1 << 12;
        let due = self.due.at(step);
        if due.is_empty() {
            return;
        }
        let Cells::Bits(words, begin) = &*self.cells else { return };
        let lines = self.stride / WIDE;
        if lines == 0 {
            return;
        }
        let all = (due.len() * lines).min(MOST);
        let (from, to) = (part * all / parts, (part + 1) * all / parts);
        let (mut row, mut line, mut left) = (from / lines, from % lines, to - from);
        while left > 0 {
            let n = left.min(lines - line);
            let at = begin + due[row] as usize * self.stride + line * WIDE;
            words[at..][..n * WIDE].iter().step_by(WIDE).for_each(|word| prefetch_second_level(word));
            (row, line, left) = (row + 1, 0, left - n);
        }
    }

    /// The rows of consecutive ranges of sources (numbered as spikes are), to be filled.
    pub fn split_by_sources<'a>(
        &'a mut self,
        chunks: impl Iterator<Item = Range<usize>>,
    ) -> Vec<DenseRange<'a>> {
        // The rows are not shared yet while they are built.
        let mut cells = match Arc::make_mut(&mut self.cells) {
            Cells::Bits(words, begin) => CellsMut::Bits(&mut words[*begin..]),
            Cells::Weights(weights) => CellsMut::Weights(weights),
        };
        let (mut counts, stride, sources) =
            (&mut Arc::make_mut(&mut self.counts)[..], self.stride, self.sources.clone());
        let take_range = |chunk: Range<usize>| {
            let first = chunk.start.clamp(sources.start, sources.end);
            let rows = chunk.end.clamp(sources.start, sources.end) - first;
            let counts = counts.split_off_mut(..rows).unwrap_or_default();
            DenseRange { first, stride, counts, cells: cells.take(rows * stride) }
        };
        chunks.map(take_range).collect()
    }
}

/// Adds several rows at once, so that each sum is read and written once for all of them.
struct AddWeights<'a, F: Precision, const ROWS: usize> {
    rows: [&'a [i16]; ROWS],
    sums: &'a mut [F::Sum],
}

impl<F: Precision, const ROWS: usize> Work for AddWeights<'_, F, ROWS> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.rows.map(|row| &row[..self.sums.len()]);
        for (i, sum) in self.sums.iter_mut().enumerate() {
            let together: i32 = rows.iter().map(|row| i32::from(row[i])).sum();
            F::increase(sum, i64::from(together));
        }
    }
}

enum CellsMut<'a> {
    Bits(&'a mut [u64]),
    Weights(&'a mut [i16]),
}

impl<'a> CellsMut<'a> {
    fn take(&mut self, n: usize) -> CellsMut<'a> {
        match self {
            CellsMut::Bits(words) => CellsMut::Bits(words.split_off_mut(..n).unwrap_or_default()),
            CellsMut::Weights(weights) => CellsMut::Weights(weights.split_off_mut(..n).unwrap_or_default()),
        }
    }
}

/// Some rows of a connection in a partition during construction.
pub struct DenseRange<'a> {
    /// The source of the first row, numbered as spikes are.
    first: usize,
    stride: usize,
    counts: &'a mut [u32],
    cells: CellsMut<'a>,
}

impl DenseRange<'_> {
    /// Stores a synapse in its slot, which must be empty.
    #[inline(always)]
    pub fn put(&mut self, source: usize, neuron_slot: usize, weight: i64) {
        let row = source - self.first;
        self.counts[row] += 1;
        match &mut self.cells {
            CellsMut::Bits(words) => words[row * self.stride + neuron_slot / 64] |= 1 << (neuron_slot % 64),
            CellsMut::Weights(weights) => weights[row * self.stride + neuron_slot] = weight as i16,
        }
    }
}

impl DenseRange<'_> {
    /// The bits of a source's row and its number of synapses; `None` if rows are weights.
    #[inline(always)]
    pub fn bits(&mut self, source: usize) -> Option<(&mut [u64], &mut u32)> {
        let row = source - self.first;
        match &mut self.cells {
            CellsMut::Bits(words) => {
                Some((&mut words[row * self.stride..][..self.stride], &mut self.counts[row]))
            }
            CellsMut::Weights(_) => None,
        }
    }
}

/// The targets that a source has reached already.
#[derive(Default)]
pub struct Reached(Vec<u64>);

impl Reached {
    pub fn clear(&mut self, targets: usize) {
        self.0.clear();
        self.0.resize(targets.div_ceil(64), 0);
    }

    /// Whether it is the first synapse onto a target.
    #[inline(always)]
    pub fn first(&mut self, target: u32) -> bool {
        let (word, bit) = (&mut self.0[target as usize / 64], 1 << (target % 64));
        let first = *word & bit == 0;
        *word |= bit;
        first
    }
}
