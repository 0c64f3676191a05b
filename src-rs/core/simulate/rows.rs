//! The synapses of a partition by source: a row for each source, sorted by delay, so that what
//! arrives at one step lies together.
//!
//! Rows are drawn source by source, twice: the first time they are counted, so that each has its
//! place; the second time a row is sorted where it fits the cache and written out. Nothing larger
//! than the rows themselves is held.

use super::at_level::{Work, at_level};
use super::dense::{Dense, Kind, Places, Reached};
use super::numbering::{BLOCK, Numbering};
use super::outgoing::{Outgoing, Row};
use super::partition::prefetch;
use super::plan::{Connection, Plan};
use super::precision::Precision;
use super::quantised::Quantised;
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
        let weights = self.weights::<F>(units);
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
        let segments = places
            .into_par_iter()
            .zip(dense_places)
            .enumerate()
            .map(|(chunk, (places, dense))| {
                self.control.check()?;
                let mut segments = vec![vec![]; partitions];
                let builder = self;
                at_level(
                    self.level,
                    FillChunk::<F> {
                        builder,
                        chunk,
                        places,
                        dense,
                        weights: &weights,
                        slots,
                        segments: &mut segments,
                    },
                );
                Ok(segments)
            })
            .collect::<Result<Vec<_>>>()?;
        let rows = quads.into_iter().zip(dense).enumerate().map(|(p, (quads, dense))| {
            let (mut first, mut joined) = (Vec::with_capacity(self.plan.sources + 1), Vec::new());
            let (mut quad, mut source) = (0u32, 0);
            for chunk in &segments {
                for row in &chunk[p] {
                    first.push((quad, joined.len() as u32));
                    quad += counts.rows[source * partitions + p];
                    source += 1;
                    joined.extend_from_slice(row);
                }
            }
            first.push((quad, joined.len() as u32));
            joined.shrink_to_fit();
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

    fn sources(&self, chunk: usize) -> Range<usize> {
        chunk * SOURCES..((chunk + 1) * SOURCES).min(self.plan.sources)
    }
}

/// The source as a connection counts it.
#[inline(always)]
fn within(c: &Connection, source: usize) -> Option<usize> {
    c.sources.contains(&source).then(|| source - c.sources.start)
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
        let [first_delay, last_delay] = plan.delays();
        let delays = (last_delay - first_delay + 1) as usize;
        let (mut drawn, mut reached, mut steps) = (Row::default(), Reached::default(), vec![]);
        let mut counts = vec![0u32; partitions * delays];
        for source in builder.sources(chunk) {
            counts.fill(0);
            for &c in &builder.connections[chunk] {
                let connection = &plan.connections[c];
                let Some(from) = within(connection, source) else { continue };
                let blocks = &builder.blocks[connection.population];
                let degrees = &mut degrees[plan.populations[connection.population].first..];
                builder.outgoing[c].row(from, connection.delays.is_drawn(), &mut drawn);
                // Plastic connections have rows of their own.
                let listed = connection.synapse.is_none();
                let dense = builder.dense[c].is_some();
                if dense {
                    reached.clear(plan.populations[connection.population].size);
                }
                connection.delays.all(&drawn, &mut steps);
                for (&target, &steps) in drawn.targets.iter().zip(&steps) {
                    let delay = steps - first_delay;
                    degrees[target as usize] += 1;
                    let listed = u32::from(listed && !(dense && reached.first(target)));
                    counts[blocks[target as usize / BLOCK].0 as usize * delays + delay as usize] += listed;
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
    slots: &'a [Vec<Vec<usize>>],
    /// By partition: the segments of each row.
    segments: &'a mut [Vec<Vec<Segment>>],
}

impl<F: Precision> Work for FillChunk<'_, F> {
    #[inline(always)]
    fn run(self) {
        let FillChunk { builder, chunk, mut places, mut dense, weights, slots, segments } = self;
        let (plan, partitions) = (builder.plan, builder.partitions);
        let [first_delay, last_delay] = plan.delays();
        let delays = (last_delay - first_delay + 1) as usize;
        let (mut drawn, mut keyed, mut sorted, mut ends) = (Row::default(), vec![], vec![], vec![]);
        let (mut counts, mut reached) = (vec![0u32; partitions * delays], Reached::default());
        let (mut steps, mut bases) = (vec![], vec![]);
        for source in builder.sources(chunk) {
            keyed.clear();
            counts.fill(0);
            for &c in &builder.connections[chunk] {
                let connection = &plan.connections[c];
                if connection.synapse.is_some() {
                    continue;
                }
                let Some(from) = within(connection, source) else { continue };
                let (population, weights) = (connection.population, &weights[c]);
                let blocks = &builder.blocks[population];
                let needs_words = connection.weight.constant().is_none() || connection.delays.is_drawn();
                builder.outgoing[c].row(from, needs_words, &mut drawn);
                if builder.dense[c].is_some() {
                    reached.clear(plan.populations[population].size);
                }
                connection.delays.all(&drawn, &mut steps);
                // Where the accumulators of each port begin in each partition.
                bases.clear();
                for port in 0..plan.populations[population].connected.len() {
                    bases.extend(slots.iter().map(|slots| slots[population][port] as u32));
                }
                let targets = &drawn.targets[..steps.len()];
                weights.each(&drawn, |i, port, weight| {
                    let target = targets[i];
                    let (partition, lane) = blocks[target as usize / BLOCK];
                    if let Some((index, _)) = builder.dense[c]
                        && reached.first(target)
                    {
                        let lane = lane as usize + target as usize % BLOCK;
                        dense[partition as usize][index].put(source, lane, weight);
                        return;
                    }
                    let slot = bases[port * partitions + partition as usize] + lane + target % BLOCK as u32;
                    let key = partition * delays as u32 + steps[i] - first_delay;
                    counts[key as usize] += 1;
                    keyed.push((key, F::synapse(slot, weight)));
                });
            }
            // From counts to places: each becomes where the next synapse goes.
            let mut next = 0u32;
            for (counts, segments) in counts.chunks_exact_mut(delays).zip(segments.iter_mut()) {
                let mut row = Vec::new();
                for (delay, count) in counts.iter_mut().enumerate() {
                    let mut left = *count;
                    *count = next;
                    next += left.next_multiple_of(QUAD as u32);
                    while left > 0 {
                        // Whole quads but for the last.
                        let part = left.min(u32::from(u16::MAX) / QUAD as u32 * QUAD as u32);
                        row.push(Segment { delay: (first_delay + delay as u32) as u16, count: part as u16 });
                        left -= part;
                    }
                }
                ends.push(next as usize / QUAD);
                segments.push(row);
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
