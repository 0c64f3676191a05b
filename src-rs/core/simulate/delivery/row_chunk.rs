//! The rows of some sources in all partitions: sampled, sorted by partition and delay, and written to free memory.

use super::arena::{Arena, ArenaChunk};
use super::dense_rows::{DenseRange, Reached};
use super::row_builder::{Blocks, Builder, SOURCES};
use super::rows::Segment;
use crate::plan::network::Connection;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::synapse_format::QUAD;
use crate::representation::synapse_format::{Synapse, Wide};
use crate::representation::unit::Stored;
use crate::wiring::quantized::{Quantized, QuantizedWeights};
use crate::wiring::source_row::{Row, Words};
use lapicque_base::at_level::Work;
use std::sync::Arc;

/// A chunk's rows in one partition.
#[derive(Default, Clone)]
pub struct Chunk {
    /// By source: its first quad in the partition, and its first segment in the chunk.
    pub first: Vec<(u32, u32)>,
    pub segments: Vec<Segment>,
}

/// Scratch buffers of a thread for sampling.
pub struct SamplingScratch<F: Precision> {
    /// By neuron: the number of synapses onto it that this thread has sampled.
    pub degrees: Vec<u32>,
    /// The first weight, in order of sources, that cannot be stored.
    pub refused: Option<Refusal>,
    /// By population and port: whether there are wide synapses.
    pub widened: Vec<Vec<bool>>,
    row: Row,
    steps: Vec<u32>,
    quantized: QuantizedWeights,
    reached: Reached,
    compact: Sorter<F::Synapse>,
    wide: Sorter<Wide>,
}

/// A weight that cannot be stored: source, connection, index of the synapse in the row, and the weight.
pub type Refusal = (usize, usize, usize, f64);

/// Sorts the synapses of a source in one form.
struct Sorter<Y> {
    /// Synapses with their key, the number of partition and delay together.
    keyed: Vec<(u32, Y)>,
    /// By key: the number of synapses, later the offset of the next one.
    counts: Vec<u32>,
    sorted: Vec<[Y; QUAD]>,
}

impl<Y> Sorter<Y> {
    fn new(keys: usize) -> Self {
        Sorter { keyed: vec![], counts: vec![0; keys], sorted: vec![] }
    }

    fn clear(&mut self) {
        self.keyed.clear();
        self.counts.fill(0);
    }

    #[inline(always)]
    fn push(&mut self, (key, synapse): (u32, Y)) {
        self.counts[key as usize] += 1;
        self.keyed.push((key, synapse));
    }
}

impl<F: Precision> SamplingScratch<F> {
    pub fn new(builder: &Builder) -> Self {
        let keys = builder.partitions * builder.delays;
        let ports = builder.plan.populations.iter().map(|population| vec![false; population.connected.len()]);
        SamplingScratch {
            degrees: vec![0; builder.plan.neurons],
            refused: None,
            widened: ports.collect(),
            row: Row::default(),
            steps: vec![],
            quantized: QuantizedWeights::default(),
            reached: Reached::default(),
            compact: Sorter::new(keys),
            wide: Sorter::new(keys),
        }
    }
}

/// The destination of rows in one form.
pub struct Destination<'c, 'a, Y> {
    /// By partition.
    pub arenas: &'c [Arena<'a, [Y; QUAD]>],
    pub arena_chunks: &'c mut [ArenaChunk<'a, [Y; QUAD]>],
    pub chunk: &'c mut [Chunk],
}

pub struct FillChunk<'c, 'a, F: Precision> {
    pub builder: &'c Builder<'c>,
    pub number: usize,
    pub compact: Destination<'c, 'a, F::Synapse>,
    /// Present if wide synapses are expected.
    pub wide: Option<Destination<'c, 'a, Wide>>,
    /// By partition and dense connection.
    pub dense: Vec<Vec<DenseRange<'a>>>,
    pub weights: &'c [Arc<Quantized<'c>>],
    /// By population, port and block: the first key of its partition and its first accumulator.
    pub neuron_slots: &'c [Vec<Blocks>],
    pub scratch: &'c mut SamplingScratch<F>,
    /// Number of wide synapses, if none were expected.
    pub unexpected: &'c mut usize,
}

impl<F: Precision> Work for FillChunk<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let sources = self.number * SOURCES..((self.number + 1) * SOURCES).min(self.builder.plan.sources);
        for source in sources {
            // The caller that distributes the chunks checks again and stops.
            if self.builder.control.canceled() {
                return;
            }
            self.scratch.compact.clear();
            if self.wide.is_some() {
                self.scratch.wide.clear();
            }
            for &c in &self.builder.connections[self.number] {
                self.draw(source, c);
            }
            self.compact.put(self.builder, &mut self.scratch.compact);
            if let Some(wide) = &mut self.wide {
                wide.put(self.builder, &mut self.scratch.wide);
            }
        }
    }
}

impl<F: Precision> FillChunk<'_, '_, F> {
    /// Samples the synapses of a source in one connection.
    #[inline(always)]
    fn draw(&mut self, source: usize, c: usize) {
        let FillChunk { builder, dense, weights, neuron_slots, scratch, .. } = self;
        let plan = builder.plan;
        let connection = &plan.connections[c];
        let Some(from) = within(connection, source) else { return };
        let SamplingScratch { degrees, row, steps, quantized, reached, compact, .. } = &mut **scratch;
        let constant = connection.weight.constant().is_some();
        let words = match (constant, connection.delays.is_sampled()) {
            // Plastic connections have separate rows.
            _ if connection.synapse.is_some() => Words::Neither,
            (false, _) => Words::Both,
            (true, true) => Words::Delays,
            (true, false) => Words::Neither,
        };
        builder.outgoing[c].row(from, words, row);
        let population = connection.population;
        let degrees = &mut degrees[plan.populations[population].first..];
        row.targets.iter().for_each(|&target| degrees[target as usize] += 1);
        if connection.synapse.is_some() {
            return;
        }
        connection.delays.all(row, steps);
        weights[c].all(row, quantized);
        let (first_delay, neuron_slots) = (builder.first_delay, &neuron_slots[population]);
        let synapses = row.targets.iter().zip(&*steps).zip(&quantized.units);
        // Synapses that are not compact are added below.
        let has_others = !quantized.others.is_empty();
        let mut others = quantized.others.iter().map(|&(i, _)| i as usize).peekable();
        let port_of = |i: usize| quantized.ports.get(i).map_or(quantized.port, |&port| port as usize);
        // If all neurons are in one partition, the dense row itself shows whether a target has a synapse already.
        let alone = builder.partitions == 1 && !has_others && quantized.ports.is_empty();
        let bits = match builder.dense[c] {
            Some((index, _)) if alone => dense[0][index].bits(source),
            _ => None,
        };
        if let Some((words, count)) = bits {
            let neuron_slots = &neuron_slots[quantized.port];
            for ((&target, &steps), &weight) in synapses {
                let (word, bit) = (&mut words[target as usize / 64], 1 << (target % 64));
                if *word & bit == 0 {
                    *word |= bit;
                    *count += 1;
                } else {
                    compact.push(keyed_synapse(neuron_slots, target, steps - first_delay, weight));
                }
            }
        } else if let Some((index, _)) = builder.dense[c] {
            reached.clear(plan.populations[population].size);
            for (i, ((&target, &steps), &weight)) in synapses.enumerate() {
                if has_others && others.next_if_eq(&i).is_some() {
                    continue;
                }
                if reached.first(target) {
                    let (partition, neuron_slot) = builder.blocks[population][target as usize / BLOCK];
                    let neuron_slot = neuron_slot as usize + target as usize % BLOCK;
                    dense[partition as usize][index].put(source, neuron_slot, weight);
                } else {
                    let neuron_slots = &neuron_slots[port_of(i)];
                    compact.push(keyed_synapse(neuron_slots, target, steps - first_delay, weight));
                }
            }
        } else if has_others {
            for (i, ((&target, &steps), &weight)) in synapses.enumerate() {
                if others.next_if_eq(&i).is_none() {
                    let neuron_slots = &neuron_slots[port_of(i)];
                    compact.push(keyed_synapse(neuron_slots, target, steps - first_delay, weight));
                }
            }
        } else {
            let Sorter { keyed, counts, .. } = compact;
            let before = keyed.len();
            keyed.resize(before + steps.len(), (0, F::Synapse::new(0, 0)));
            let entries = keyed[before..].iter_mut().zip(synapses);
            if quantized.ports.is_empty() {
                let neuron_slots = &neuron_slots[quantized.port][..];
                for (entry, ((&target, &steps), &weight)) in entries {
                    *entry = keyed_synapse(neuron_slots, target, steps - first_delay, weight);
                    counts[entry.0 as usize] += 1;
                }
            } else {
                for ((entry, ((&target, &steps), &weight)), &port) in entries.zip(&quantized.ports) {
                    *entry = keyed_synapse(&neuron_slots[port as usize], target, steps - first_delay, weight);
                    counts[entry.0 as usize] += 1;
                }
            }
        }
        if has_others {
            self.add_others(source, c);
        }
    }

    /// Adds the synapses of the sampled row that are not compact.
    #[inline(never)]
    fn add_others(&mut self, source: usize, c: usize) {
        let FillChunk { builder, neuron_slots, scratch, .. } = self;
        let connection = &builder.plan.connections[c];
        let SamplingScratch { row, steps, quantized, wide, refused, widened, .. } = &mut **scratch;
        for &(i, stored) in &quantized.others {
            let i = i as usize;
            let port = quantized.ports.get(i).map_or(quantized.port, |&port| port as usize);
            match (stored, &self.wide) {
                (Stored::Wide(weight), Some(_)) => {
                    widened[connection.population][port] = true;
                    let neuron_slots = &neuron_slots[connection.population][port];
                    let delay = steps[i] - builder.first_delay;
                    wide.push(keyed_synapse(neuron_slots, row.targets[i], delay, weight));
                }
                (Stored::Wide(_), None) => *self.unexpected += 1,
                _ => {
                    let refusal = (source, c, i, row.exact_weight(i, &connection.weight));
                    if refused
                        .is_none_or(|first| (refusal.0, refusal.1, refusal.2) < (first.0, first.1, first.2))
                    {
                        *refused = Some(refusal);
                    }
                }
            }
        }
    }
}

impl<Y: Synapse> Destination<'_, '_, Y> {
    /// Sorts the sampled synapses of a source and writes its row into each partition.
    #[inline(always)]
    fn put(&mut self, builder: &Builder, sorter: &mut Sorter<Y>) {
        let Destination { arenas, arena_chunks, chunk } = self;
        let (first_delay, delays) = (builder.first_delay, builder.delays);
        let Sorter { keyed, counts, sorted } = sorter;
        // Converts counts to offsets: each becomes the slot of the next synapse.
        let mut next = 0u32;
        for (counts, chunk) in counts.chunks_exact_mut(delays).zip(chunk.iter_mut()) {
            // Temporarily, the offset of the row in the sorted data.
            chunk.first.push((next / QUAD as u32, chunk.segments.len() as u32));
            for (delay, count) in counts.iter_mut().enumerate() {
                let mut left = *count;
                *count = next;
                next += left.next_multiple_of(QUAD as u32);
                while left > 0 {
                    // A segment of more synapses is split into parts of whole quads.
                    let part = left.min(u32::from(u16::MAX) / QUAD as u32 * QUAD as u32);
                    let delay = (first_delay + delay as u32) as u16;
                    chunk.segments.push(Segment { delay, count: part as u16 });
                    left -= part;
                }
            }
        }
        sorted.clear();
        sorted.resize(next as usize / QUAD, [Y::new(0, 0); QUAD]);
        let flat = sorted.as_flattened_mut();
        for &(key, synapse) in &*keyed {
            let next = &mut counts[key as usize];
            flat[*next as usize] = synapse;
            *next += 1;
        }
        let mut to = sorted.len();
        for ((chunk, arena_chunk), arena) in chunk.iter_mut().zip(&mut **arena_chunks).zip(*arenas).rev() {
            if let Some((first, _)) = chunk.first.last_mut() {
                let row = &sorted[*first as usize..to];
                to = *first as usize;
                let (start, destination) = arena_chunk.next(row.len(), arena);
                *first = start as u32;
                destination.into_iter().for_each(|destination| destination.copy_from_slice(row));
            }
        }
    }
}

/// The index of the source within the connection.
#[inline(always)]
fn within(c: &Connection, source: usize) -> Option<usize> {
    c.sources.contains(&source).then(|| source - c.sources.start)
}

/// A synapse and its key, the number of its partition and delay together; `neuron_slots` are those of a population and port.
#[inline(always)]
fn keyed_synapse<Y: Synapse>(neuron_slots: &[(u32, u32)], target: u32, delay: u32, weight: i64) -> (u32, Y) {
    let (first_key, first_slot) = neuron_slots[target as usize / BLOCK];
    (first_key + delay, Y::new(first_slot + target % BLOCK as u32, weight))
}
