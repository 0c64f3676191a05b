//! The rows of some sources in all partitions: drawn, sorted by partition and delay, and put where there
//! is room.

use super::at_level::Work;
use super::dense::{Places, Reached};
use super::numbering::BLOCK;
use super::outgoing::{Row, Words};
use super::plan::Connection;
use super::precision::Precision;
use super::quantised::{Quantised, Weighed};
use super::room::{Room, Stretch};
use super::row_builder::{Blocks, Builder, SOURCES};
use super::rows::{QUAD, Segment};
use std::sync::Arc;

/// A chunk's rows in one partition.
#[derive(Default, Clone)]
pub struct Chunk {
    /// By source: its first quad in the partition, and its first segment in the chunk.
    pub first: Vec<(u32, u32)>,
    pub segments: Vec<Segment>,
}

/// What a thread draws in.
pub struct Drawing<F: Precision> {
    /// By neuron: the synapses onto it that this thread has drawn.
    pub degrees: Vec<u32>,
    drawn: Row,
    steps: Vec<u32>,
    weighed: Weighed,
    reached: Reached,
    /// The synapses of a source, each with the number of its partition and delay together.
    keyed: Vec<(u32, F::Synapse)>,
    /// By such a number: how many synapses, and then where the next of them goes.
    counts: Vec<u32>,
    sorted: Vec<[F::Synapse; QUAD]>,
}

impl<F: Precision> Drawing<F> {
    pub fn new(builder: &Builder) -> Self {
        Drawing {
            degrees: vec![0; builder.plan.neurons],
            drawn: Row::default(),
            steps: vec![],
            weighed: Weighed::default(),
            reached: Reached::default(),
            keyed: Vec::new(),
            counts: vec![0; builder.partitions * builder.delays],
            sorted: vec![],
        }
    }
}

pub struct FillChunk<'c, 'a, F: Precision> {
    pub builder: &'c Builder<'c>,
    pub number: usize,
    /// By partition: where rows go.
    pub rooms: &'c [Room<'a, [F::Synapse; QUAD]>],
    pub stretches: &'c mut [Stretch<'a, [F::Synapse; QUAD]>],
    /// By partition and dense connection.
    pub dense: Vec<Vec<Places<'a>>>,
    pub weights: &'c [Arc<Quantised<'c>>],
    /// By population, port and block: the first key of its partition and its first accumulator.
    pub lanes: &'c [Vec<Blocks>],
    /// By partition.
    pub chunk: &'c mut [Chunk],
    pub drawing: &'c mut Drawing<F>,
}

impl<F: Precision> Work for FillChunk<'_, '_, F> {
    #[inline(always)]
    fn run(mut self) {
        let sources = self.number * SOURCES..((self.number + 1) * SOURCES).min(self.builder.plan.sources);
        for source in sources {
            // Who hands out the chunks looks again, and gives up.
            if self.builder.control.cancelled() {
                return;
            }
            self.drawing.keyed.clear();
            self.drawing.counts.fill(0);
            for &c in &self.builder.connections[self.number] {
                self.draw(source, c);
            }
            self.put();
        }
    }
}

impl<F: Precision> FillChunk<'_, '_, F> {
    /// Draws the synapses of a source that one connection has.
    #[inline(always)]
    fn draw(&mut self, source: usize, c: usize) {
        let FillChunk { builder, dense, weights, lanes, drawing, .. } = self;
        let plan = builder.plan;
        let connection = &plan.connections[c];
        let Some(from) = within(connection, source) else { return };
        let Drawing { degrees, drawn, steps, weighed, reached, keyed, counts, .. } = &mut **drawing;
        let constant = connection.weight.constant().is_some();
        let words = match (constant, connection.delays.is_drawn()) {
            // Plastic connections have rows of their own.
            _ if connection.synapse.is_some() => Words::Neither,
            (false, _) => Words::Both,
            (true, true) => Words::Delays,
            (true, false) => Words::Neither,
        };
        builder.outgoing[c].row(from, words, drawn);
        let population = connection.population;
        let degrees = &mut degrees[plan.populations[population].first..];
        drawn.targets.iter().for_each(|&target| degrees[target as usize] += 1);
        if connection.synapse.is_some() {
            return;
        }
        connection.delays.all(drawn, steps);
        weights[c].all(drawn, weighed);
        let (first_delay, lanes) = (builder.first_delay, &lanes[population]);
        let synapses = drawn.targets.iter().zip(&*steps).zip(&weighed.units);
        if let Some((index, _)) = builder.dense[c] {
            reached.clear(plan.populations[population].size);
            // All of them are of one port.
            let port = weighed.ports.first().map_or(weighed.port, |&port| port as usize);
            for ((&target, &steps), &weight) in synapses {
                if reached.first(target) {
                    let (partition, lane) = builder.blocks[population][target as usize / BLOCK];
                    let lane = lane as usize + target as usize % BLOCK;
                    dense[partition as usize][index].put(source, lane, weight);
                } else {
                    let synapse = keyed_synapse::<F>(&lanes[port], target, steps - first_delay, weight);
                    counts[synapse.0 as usize] += 1;
                    keyed.push(synapse);
                }
            }
            return;
        }
        let before = keyed.len();
        keyed.resize(before + steps.len(), (0, F::synapse(0, 0)));
        let places = keyed[before..].iter_mut().zip(synapses);
        if weighed.ports.is_empty() {
            let lanes = &lanes[weighed.port][..];
            for (place, ((&target, &steps), &weight)) in places {
                *place = keyed_synapse::<F>(lanes, target, steps - first_delay, weight);
                counts[place.0 as usize] += 1;
            }
        } else {
            for ((place, ((&target, &steps), &weight)), &port) in places.zip(&weighed.ports) {
                *place = keyed_synapse::<F>(&lanes[port as usize], target, steps - first_delay, weight);
                counts[place.0 as usize] += 1;
            }
        }
    }

    /// Sorts what has been drawn of a source and puts its row into each partition.
    #[inline(always)]
    fn put(&mut self) {
        let FillChunk { builder, rooms, stretches, chunk, drawing, .. } = self;
        let (first_delay, delays) = (builder.first_delay, builder.delays);
        let Drawing { keyed, counts, sorted, .. } = &mut **drawing;
        // From counts to places: each becomes where the next synapse goes.
        let mut next = 0u32;
        for (counts, chunk) in counts.chunks_exact_mut(delays).zip(chunk.iter_mut()) {
            // For now where the row begins among what is sorted.
            chunk.first.push((next / QUAD as u32, chunk.segments.len() as u32));
            for (delay, count) in counts.iter_mut().enumerate() {
                let mut left = *count;
                *count = next;
                next += left.next_multiple_of(QUAD as u32);
                while left > 0 {
                    // Whole quads but for the last.
                    let part = left.min(u32::from(u16::MAX) / QUAD as u32 * QUAD as u32);
                    let delay = (first_delay + delay as u32) as u16;
                    chunk.segments.push(Segment { delay, count: part as u16 });
                    left -= part;
                }
            }
        }
        sorted.clear();
        sorted.resize(next as usize / QUAD, [F::synapse(0, 0); QUAD]);
        let flat = sorted.as_flattened_mut();
        for &(key, synapse) in &*keyed {
            let next = &mut counts[key as usize];
            flat[*next as usize] = synapse;
            *next += 1;
        }
        let mut to = sorted.len();
        for ((chunk, stretch), room) in chunk.iter_mut().zip(&mut **stretches).zip(*rooms).rev() {
            if let Some((first, _)) = chunk.first.last_mut() {
                let row = &sorted[*first as usize..to];
                to = *first as usize;
                let (start, places) = stretch.next(row.len(), room);
                *first = start as u32;
                places.into_iter().for_each(|places| places.copy_from_slice(row));
            }
        }
    }
}

/// The source as a connection counts it.
#[inline(always)]
fn within(c: &Connection, source: usize) -> Option<usize> {
    c.sources.contains(&source).then(|| source - c.sources.start)
}

/// A synapse, and before it the number of its partition and delay together; `lanes` are those of a population and port.
#[inline(always)]
fn keyed_synapse<F: Precision>(
    lanes: &[(u32, u32)],
    target: u32,
    delay: u32,
    weight: i64,
) -> (u32, F::Synapse) {
    let (first_key, first_slot) = lanes[target as usize / BLOCK];
    (first_key + delay, F::synapse(first_slot + target % BLOCK as u32, weight))
}
