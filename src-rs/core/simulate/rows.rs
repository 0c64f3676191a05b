//! The synapses of a partition by source: a row for each source, sorted by delay, so that what
//! arrives at one step lies together.
//!
//! Rows are drawn source by source, twice: the first time they are counted, so that each has its
//! place; the second time a row is sorted where it fits the cache and written out. Nothing larger
//! than the rows themselves is held.

use super::at_level::{Work, at_level};
use super::dense::{Dense, Kind, Places, Reached};
use super::numbering::{BLOCK, Numbering};
use super::outgoing::{Outgoing, Row, Words};
use super::partition::prefetch;
use super::plan::{Connection, Plan};
use super::precision::Precision;
use super::quantised::{Quantised, Weighed};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Sources whose rows are built together.
const SOURCES: usize = 64;

/// Synapses that are delivered at once. The synapses of one source and delay fill whole ones; what is
/// left over weighs nothing.
pub const QUAD: usize = 4;

/// Synapses of a row with the same delay.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub delay: u16,
    pub count: u16,
}

pub struct Rows<F: Precision> {
    pub quads: Vec<[F::Synapse; QUAD]>,
    /// Synapses, without what weighs nothing, nor those of dense rows.
    pub synapses: u64,
    pub dense: Vec<Dense<F>>,
    /// By source: its first quad and its first segment; one more at the end.
    first: Vec<(u32, u32)>,
    segments: Vec<Segment>,
}

impl<F: Precision> Rows<F> {
    /// The first quad of a source's row, and its segments.
    #[inline]
    pub fn row(&self, source: usize) -> (u32, &[Segment]) {
        let (quad, segment) = self.first[source];
        (quad, &self.segments[segment as usize..self.first[source + 1].1 as usize])
    }

    /// Calls into the cache where a source's row is.
    #[inline]
    pub fn call_place(&self, source: usize) {
        prefetch(&self.first[source]);
    }

    /// Calls a source's segments into the cache.
    #[inline]
    pub fn call_segments(&self, source: usize) {
        /// Segments of a cache line.
        const LINE: usize = 64 / size_of::<Segment>();
        let (_, segments) = self.row(source);
        segments.iter().step_by(LINE).chain(segments.last()).for_each(prefetch);
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        let listed = self.segments.iter().map(|segment| u32::from(segment.delay));
        listed.chain(self.dense.iter().map(|dense| dense.delay)).min()
    }
}

/// The segments of a chunk's rows, and how many each row has.
#[derive(Default, Clone)]
struct Segments {
    of_rows: Vec<Segment>,
    counts: Vec<u32>,
}

/// Where the neurons of a population are: partition and first lane of each block.
type Blocks = Vec<(u32, u32)>;

/// What both passes know.
pub struct Builder<'a> {
    pub plan: &'a Plan,
    pub outgoing: &'a [Outgoing],
    pub control: &'a Control,
    pub level: SimdLevel,
    partitions: usize,
    numbering: &'a Numbering,
    blocks: Vec<Blocks>,
    /// Of each connection whose rows are dense: which of them it is, and how.
    dense: Vec<Option<(usize, Kind)>>,
    /// The connections of each block of sources.
    connections: Vec<Vec<usize>>,
}

/// What the first pass leaves to the second.
pub struct Counts {
    /// Quads by source and partition.
    rows: Vec<u32>,
    /// The most synapses onto one neuron.
    pub in_degree: u64,
}

impl<'a> Builder<'a> {
    pub fn new<F: Precision>(
        plan: &'a Plan,
        outgoing: &'a [Outgoing],
        numbering: &'a Numbering,
        level: SimdLevel,
        control: &'a Control,
    ) -> Self {
        let partitions = numbering.partitions;
        let blocks = (0..plan.populations.len()).map(|population| {
            let mut blocks = vec![(0, 0); plan.populations[population].size.div_ceil(BLOCK)];
            for partition in 0..partitions {
                let first = numbering.first_block(population, partition);
                for (i, block) in blocks.iter_mut().skip(first).step_by(partitions).enumerate() {
                    *block = (partition as u32, (i * BLOCK) as u32);
                }
            }
            blocks
        });
        let connections = (0..plan.sources.div_ceil(SOURCES)).map(|chunk| {
            let sources = chunk * SOURCES..(chunk + 1) * SOURCES;
            let meet = |c: &Connection| c.sources.start < sources.end && sources.start < c.sources.end;
            (0..plan.connections.len()).filter(|&c| meet(&plan.connections[c])).collect()
        });
        Builder {
            plan,
            outgoing,
            control,
            level,
            partitions,
            numbering,
            blocks: blocks.collect(),
            dense: (plan.connections.iter())
                .scan(0, |next, c| {
                    let kind = Kind::of::<F>(plan, c);
                    *next += usize::from(kind.is_some());
                    Some(kind.map(|kind| (*next - 1, kind)))
                })
                .collect(),
            connections: connections.collect(),
        }
    }

    /// The first pass.
    pub fn count(&self) -> Result<Counts> {
        let mut rows = try_vec("the rows of the network", self.plan.sources * self.partitions, 0u32)?;
        let degrees = || vec![0u32; self.plan.neurons];
        let degrees = rows
            .par_chunks_mut(SOURCES * self.partitions)
            .enumerate()
            .try_fold(degrees, |mut degrees, (chunk, rows)| {
                self.control.check()?;
                at_level(self.level, CountChunk { builder: self, chunk, rows, degrees: &mut degrees });
                Ok::<_, Error>(degrees)
            })
            .try_reduce(degrees, |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                Ok(a)
            })?;
        let in_degree = degrees.into_iter().max().unwrap_or(0).into();
        Ok(Counts { rows, in_degree })
    }

    /// The second pass: the rows of all partitions. `slots[partition][population][port]`: where a
    /// population's accumulators of a port begin; `units` their units by population and port.
    pub fn build<F: Precision>(
        &self,
        counts: Counts,
        slots: &[Vec<Vec<usize>>],
        units: &'a [Vec<f64>],
    ) -> Result<Vec<Rows<F>>> {
        let partitions = self.partitions;
        let mut totals = vec![0u64; partitions];
        for row in counts.rows.chunks_exact(partitions) {
            totals.iter_mut().zip(row).for_each(|(total, &n)| *total += u64::from(n));
        }
        if let Some(total) = totals.iter().find(|&&total| total > u64::from(u32::MAX)) {
            let needed = total * size_of::<[F::Synapse; QUAD]>() as u64;
            let what = "a partition's synapses (more threads make smaller partitions)";
            return Err(Error::TooLarge {
                what: what.into(),
                needed,
                allowed: needed / total * u64::from(u32::MAX),
            });
        }
        let pages = |&total: &u64| memory::huge_pages("the synapses of the network", total as usize);
        let mut quads = totals.iter().map(pages).collect::<Result<Vec<_>>>()?;
        // The places of each chunk of sources in each partition.
        let mut rest: Vec<&mut [[F::Synapse; QUAD]]> =
            quads.iter_mut().map(|quads: &mut Vec<_>| &mut quads[..]).collect();
        let mut places = Vec::new();
        for rows in counts.rows.chunks(SOURCES * partitions) {
            let mut chunk = Vec::with_capacity(partitions);
            for (p, rest) in rest.iter_mut().enumerate() {
                let n: usize = rows.iter().skip(p).step_by(partitions).map(|&n| n as usize).sum();
                chunk.push(rest.split_off_mut(..n).unwrap_or_default());
            }
            places.push(chunk);
        }
        let (weights, lanes) = (self.weights::<F>(units), self.lanes(slots));
        let mut dense = (0..partitions)
            .map(|p| self.dense_rows::<F>(p, &slots[p], units))
            .collect::<Result<Vec<Vec<Dense<F>>>>>()?;
        // By chunk, partition and dense connection.
        let chunks = self.plan.sources.div_ceil(SOURCES);
        let mut dense_places: Vec<Vec<Vec<Places>>> =
            (0..chunks).map(|_| (0..partitions).map(|_| Vec::new()).collect()).collect();
        for (p, dense) in dense.iter_mut().enumerate() {
            for dense in dense {
                let places = dense.places((0..chunks).map(|chunk| self.sources(chunk)));
                dense_places.iter_mut().zip(places).for_each(|(chunk, places)| chunk[p].push(places));
            }
        }
        let mut segments = places
            .into_par_iter()
            .zip(dense_places)
            .enumerate()
            .map(|(chunk, (places, dense))| {
                self.control.check()?;
                let mut segments = vec![Segments::default(); partitions];
                let builder = self;
                at_level(
                    self.level,
                    FillChunk::<F> {
                        builder,
                        chunk,
                        places,
                        dense,
                        weights: &weights,
                        lanes: &lanes,
                        segments: &mut segments,
                    },
                );
                Ok(segments)
            })
            .collect::<Result<Vec<_>>>()?;
        let rows = quads.into_iter().zip(dense).enumerate().map(|(p, (quads, dense))| {
            let mut first = Vec::with_capacity(self.plan.sources + 1);
            let (mut quad, mut segment) = (0, 0);
            let rows = segments.iter().flat_map(|chunk| &chunk[p].counts);
            for (&count, quads) in rows.zip(counts.rows.iter().skip(p).step_by(partitions)) {
                first.push((quad, segment));
                quad += quads;
                segment += count;
            }
            first.push((quad, segment));
            let mut joined = Vec::with_capacity(segment as usize);
            segments.iter_mut().for_each(|chunk| joined.append(&mut std::mem::take(&mut chunk[p].of_rows)));
            let synapses = joined.iter().map(|segment: &Segment| u64::from(segment.count)).sum();
            Rows { quads, synapses, dense, first, segments: joined }
        });
        Ok(rows.collect())
    }

    /// Dense rows of a partition, empty.
    fn dense_rows<F: Precision>(
        &self,
        partition: usize,
        slots: &[Vec<usize>],
        units: &[Vec<f64>],
    ) -> Result<Vec<Dense<F>>> {
        let kinds = self.dense.iter().enumerate().filter_map(|(c, dense)| Some((c, (*dense)?.1)));
        let place = (self.numbering, partition);
        kinds.map(|(c, kind)| Dense::new(self.plan, c, kind, place, slots, units, self.level)).collect()
    }

    /// Of each connection. Equal ones are one table, so that it stays in the cache.
    fn weights<F: Precision>(&self, units: &'a [Vec<f64>]) -> Vec<Arc<Quantised<'a>>> {
        let connections = &self.plan.connections;
        let mut weights: Vec<Arc<Quantised>> = Vec::new();
        for c in connections {
            let alike = |other: &&Connection| {
                c.weight == other.weight
                    && c.route == other.route
                    && units[c.population] == units[other.population]
            };
            weights.push(match connections[..weights.len()].iter().position(|other| alike(&other)) {
                Some(same) => Arc::clone(&weights[same]),
                None => Arc::new(Quantised::new(
                    &c.weight,
                    c.route,
                    &units[c.population],
                    F::MOST_WEIGHT,
                    c.expected,
                )),
            });
        }
        weights
    }

    /// By population, port and block: the first key of its partition and its first accumulator.
    fn lanes(&self, slots: &[Vec<Vec<usize>>]) -> Vec<Vec<Blocks>> {
        let delays = self.delays() as u32;
        let of = |population: usize, port: usize| {
            let accumulator = |&(partition, lane): &(u32, u32)| {
                (partition * delays, slots[partition as usize][population][port] as u32 + lane)
            };
            self.blocks[population].iter().map(accumulator).collect()
        };
        let ports = self.plan.populations.iter().map(|population| population.connected.len());
        ports.enumerate().map(|(i, ports)| (0..ports).map(|port| of(i, port)).collect()).collect()
    }

    /// Delays that a synapse may have.
    fn delays(&self) -> usize {
        let [first, last] = self.plan.delays();
        (last - first + 1) as usize
    }

    fn sources(&self, chunk: usize) -> Range<usize> {
        chunk * SOURCES..((chunk + 1) * SOURCES).min(self.plan.sources)
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

struct CountChunk<'a> {
    builder: &'a Builder<'a>,
    chunk: usize,
    rows: &'a mut [u32],
    degrees: &'a mut [u32],
}

impl Work for CountChunk<'_> {
    #[inline(always)]
    fn run(self) {
        let CountChunk { builder, chunk, rows, degrees } = self;
        let (plan, partitions) = (builder.plan, builder.partitions);
        let ([first_delay, _], delays) = (plan.delays(), builder.delays());
        let (mut drawn, mut reached, mut steps) = (Row::default(), Reached::default(), vec![]);
        let mut counts = vec![0u32; partitions * delays];
        for source in builder.sources(chunk) {
            counts.fill(0);
            for &c in &builder.connections[chunk] {
                let connection = &plan.connections[c];
                let Some(from) = within(connection, source) else { continue };
                let blocks = &builder.blocks[connection.population];
                let degrees = &mut degrees[plan.populations[connection.population].first..];
                let words = if connection.delays.is_drawn() { Words::Delays } else { Words::Neither };
                builder.outgoing[c].row(from, words, &mut drawn);
                // Plastic connections have rows of their own.
                let listed = connection.synapse.is_none();
                drawn.targets.iter().for_each(|&target| degrees[target as usize] += 1);
                if !listed {
                    continue;
                }
                connection.delays.all(&drawn, &mut steps);
                let key = |target: u32, steps: u32| {
                    blocks[target as usize / BLOCK].0 as usize * delays + (steps - first_delay) as usize
                };
                if builder.dense[c].is_some() {
                    reached.clear(plan.populations[connection.population].size);
                    for (&target, &steps) in drawn.targets.iter().zip(&steps) {
                        counts[key(target, steps)] += u32::from(!reached.first(target));
                    }
                } else {
                    for (&target, &steps) in drawn.targets.iter().zip(&steps) {
                        counts[key(target, steps)] += 1;
                    }
                }
            }
            let rows = &mut rows[source % SOURCES * partitions..][..partitions];
            for (row, counts) in rows.iter_mut().zip(counts.chunks_exact(delays)) {
                *row = counts.iter().map(|count| count.div_ceil(QUAD as u32)).sum();
            }
        }
    }
}

struct FillChunk<'a, F: Precision> {
    builder: &'a Builder<'a>,
    chunk: usize,
    /// By partition: where the rows of the chunk go.
    places: Vec<&'a mut [[F::Synapse; QUAD]]>,
    /// By partition and dense connection.
    dense: Vec<Vec<Places<'a>>>,
    weights: &'a [Arc<Quantised<'a>>],
    lanes: &'a [Vec<Blocks>],
    /// By partition.
    segments: &'a mut [Segments],
}

impl<F: Precision> Work for FillChunk<'_, F> {
    #[inline(always)]
    fn run(self) {
        let FillChunk { builder, chunk, mut places, mut dense, weights, lanes, segments } = self;
        let (plan, partitions) = (builder.plan, builder.partitions);
        let ([first_delay, _], delays) = (plan.delays(), builder.delays());
        let (mut drawn, mut keyed, mut sorted, mut ends) = (Row::default(), vec![], vec![], vec![]);
        let (mut counts, mut reached) = (vec![0u32; partitions * delays], Reached::default());
        let (mut steps, mut weighed) = (vec![], Weighed::default());
        for source in builder.sources(chunk) {
            keyed.clear();
            counts.fill(0);
            for &c in &builder.connections[chunk] {
                let connection = &plan.connections[c];
                if connection.synapse.is_some() {
                    continue;
                }
                let Some(from) = within(connection, source) else { continue };
                let (population, lanes) = (connection.population, &lanes[connection.population]);
                let constant = connection.weight.constant().is_some();
                let words = match (constant, connection.delays.is_drawn()) {
                    (false, _) => Words::Both,
                    (true, true) => Words::Delays,
                    (true, false) => Words::Neither,
                };
                builder.outgoing[c].row(from, words, &mut drawn);
                connection.delays.all(&drawn, &mut steps);
                weights[c].all(&drawn, &mut weighed);
                let synapses = drawn.targets.iter().zip(&steps).zip(&weighed.units);
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
                            let synapse =
                                keyed_synapse::<F>(&lanes[port], target, steps - first_delay, weight);
                            counts[synapse.0 as usize] += 1;
                            keyed.push(synapse);
                        }
                    }
                    continue;
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
                        *place =
                            keyed_synapse::<F>(&lanes[port as usize], target, steps - first_delay, weight);
                        counts[place.0 as usize] += 1;
                    }
                }
            }
            // From counts to places: each becomes where the next synapse goes.
            let mut next = 0u32;
            for (counts, segments) in counts.chunks_exact_mut(delays).zip(segments.iter_mut()) {
                let before = segments.of_rows.len();
                for (delay, count) in counts.iter_mut().enumerate() {
                    let mut left = *count;
                    *count = next;
                    next += left.next_multiple_of(QUAD as u32);
                    while left > 0 {
                        // Whole quads but for the last.
                        let part = left.min(u32::from(u16::MAX) / QUAD as u32 * QUAD as u32);
                        segments
                            .of_rows
                            .push(Segment { delay: (first_delay + delay as u32) as u16, count: part as u16 });
                        left -= part;
                    }
                }
                ends.push(next as usize / QUAD);
                segments.counts.push((segments.of_rows.len() - before) as u32);
            }
            sorted.clear();
            sorted.resize(next as usize / QUAD, [F::synapse(0, 0); QUAD]);
            let flat = sorted.as_flattened_mut();
            for &(key, synapse) in &keyed {
                let next = &mut counts[key as usize];
                flat[*next as usize] = synapse;
                *next += 1;
            }
            let mut from = 0;
            for (to, place) in ends.drain(..).zip(&mut places) {
                let row = place.split_off_mut(..to - from).unwrap_or_default();
                row.copy_from_slice(&sorted[from..to]);
                from = to;
            }
        }
    }
}
