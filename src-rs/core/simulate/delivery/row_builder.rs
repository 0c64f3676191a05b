//! Builds the rows of all partitions: source by source, each sampled once, sorted within the cache, and written to the
//! next free memory. No temporary data are larger than the rows themselves.
//!
//! Two values are known only when all synapses have been sampled: the largest in-degree, which determines the units of
//! weights, and the memory of the rows. Both are estimated, nearly always well enough; otherwise the rows are sampled a
//! second time. The result is the same as if both had been known.

use super::arena::{Arena, ArenaChunk};
use super::dense_rows::{Dense, DenseRange, Kind};
use super::row_chunk::{Chunk, Destination, FillChunk, SamplingScratch};
use super::rows::Rows;
use super::units::{Units, check_changing, weight_of};
use crate::plan::network::{Connection, Plan};
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::representation::synapse_format::QUAD;
use crate::representation::synapse_format::{Synapse, Wide};
use crate::representation::unit::refused;
use crate::wiring::outgoing::Outgoing;
use crate::wiring::quantized::Quantized;
use lapicque_base::at_level::{at_avx2, at_level};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// The synapses of a partition in quads.
type Quads<Y> = Vec<[Y; QUAD]>;

/// Sources whose rows are built together.
pub const SOURCES: usize = 64;

/// The location of a population's neurons: partition and first slot of each block.
pub type Blocks = Vec<(u32, u32)>;

pub struct Builder<'a> {
    pub plan: &'a Plan,
    pub outgoing: &'a [Outgoing],
    pub control: &'a Control,
    pub level: SimdLevel,
    pub partitions: usize,
    /// The smallest delay, and the number of different delays.
    pub first_delay: u32,
    pub delays: usize,
    numbering: &'a Numbering,
    /// The estimated units of weights.
    units: Units,
    pub blocks: Vec<Blocks>,
    /// For each connection with dense rows: its index among them, and their kind.
    pub dense: Vec<Option<(usize, Kind)>>,
    /// The connections of each chunk of sources.
    pub connections: Vec<Vec<usize>>,
}

/// The rows of all partitions.
#[derive(Clone)]
pub struct Built<F: Precision> {
    pub rows: Vec<Arc<Rows<F::Synapse>>>,
    /// `None` if all synapses are compact.
    pub wide: Option<Vec<Arc<Rows<Wide>>>>,
    pub dense: Vec<Vec<Dense<F>>>,
    pub units: Units,
    /// By population and port: whether there are wide synapses.
    pub widened: Vec<Vec<bool>>,
}

/// The result of sampling all synapses once.
struct Sampled<F: Precision> {
    rows: Vec<Rows<F::Synapse>>,
    wide: Option<Vec<Rows<Wide>>>,
    dense: Vec<Vec<Dense<F>>>,
    widened: Vec<Vec<bool>>,
    /// The largest in-degree.
    in_degree: u64,
    /// A weight that cannot be stored, and its connection.
    refused: Option<(usize, f64)>,
    /// The memory that each partition would have needed, if the capacity of one did not suffice.
    needed: Option<Capacity>,
}

/// Capacity of the rows by partition; 0 for wide rows if none are expected.
struct Capacity {
    compact: Vec<Needs>,
    wide: Option<Vec<Needs>>,
}

/// Number of quads of a partition.
#[derive(Clone, Copy)]
struct Needs {
    /// Synapses.
    expected: u64,
    least: usize,
    most: usize,
}

impl Needs {
    fn of(quads: usize) -> Needs {
        Needs { expected: (quads * QUAD) as u64, least: quads, most: quads }
    }
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
        let [first_delay, last_delay] = plan.delays();
        let units = Units::estimated::<F>(plan);
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
            let overlaps = |c: &Connection| c.sources.start < sources.end && sources.start < c.sources.end;
            (0..plan.connections.len()).filter(|&c| overlaps(&plan.connections[c])).collect()
        });
        Builder {
            plan,
            outgoing,
            control,
            level,
            partitions,
            first_delay,
            delays: (last_delay - first_delay + 1) as usize,
            numbering,
            blocks: blocks.collect(),
            dense: (plan.connections.iter())
                .scan(0, |next, c| {
                    let kind = Kind::of::<F>(plan, c, &units);
                    *next += usize::from(kind.is_some());
                    Some(kind.map(|kind| (*next - 1, kind)))
                })
                .collect(),
            connections: connections.collect(),
            units,
        }
    }

    /// Builds the rows of all partitions. `slots[partition][population][port]`: the offset of a population's accumulators of a
    /// port.
    ///
    /// # Errors
    /// `too-large` if a partition has more synapses than can be numbered; `invalid-parameter` if the rounding error of a
    /// weight would be too large; `aborted`.
    pub fn build<F: Precision>(&self, slots: &[Vec<Vec<usize>>]) -> Result<Built<F>> {
        let of = |is_wide| (0..self.partitions).map(|p| self.estimated_quads(p, is_wide)).collect();
        let wide: Vec<Needs> = of(true);
        let is_wide = F::WIDENS && wide.iter().any(|needs| needs.expected > 0);
        let mut capacity = Capacity { compact: of(false), wide: is_wide.then_some(wide) };
        let mut units = self.units.clone();
        loop {
            let sampled = self.draw::<F>(&capacity, slots, &units)?;
            let now = Units::new::<F>(self.plan, sampled.in_degree + self.plan.future_synapses());
            if sampled.needed.is_none() && now == units {
                check_changing::<F>(self.plan, &units)?;
                if let Some((c, weight)) = sampled.refused {
                    let connection = &self.plan.connections[c];
                    let unit = &units.of(connection.population)[connection.route.of(weight).0];
                    return Err(refused::<F>(weight_of(self.plan, c), weight, unit));
                }
                let Sampled { rows, wide, dense, widened, .. } = sampled;
                let rows = rows.into_iter().map(Arc::new).collect();
                let wide = wide.map(|wide| wide.into_iter().map(Arc::new).collect());
                return Ok(Built { rows, wide, dense, units, widened });
            }
            units = now;
            capacity = sampled.needed.unwrap_or(capacity);
        }
    }

    /// The capacity of a partition, in quads of one form. Pages that are never written take no memory.
    fn estimated_quads(&self, partition: usize, is_wide: bool) -> Needs {
        let of = |(c, dense): (&Connection, &Option<(usize, Kind)>)| {
            let compact = self.units.compact_share(c);
            match dense {
                _ if c.synapse.is_some() => 0.0,
                _ if is_wide => c.expected as f64 * (1.0 - compact),
                Some(_) => Kind::left_over(self.plan, c),
                None => c.expected as f64 * compact,
            }
        };
        let in_partition = |(c, dense): (&Connection, &Option<(usize, Kind)>)| {
            let neuron_slots = self.numbering.blocks(c.population, partition) * BLOCK;
            let share = neuron_slots as f64 / self.plan.populations[c.population].size as f64;
            of((c, dense)) * share.min(1.0)
        };
        let synapses: f64 = self.plan.connections.iter().zip(&self.dense).map(in_partition).sum();
        let spread = 6.0 * synapses.sqrt();
        // Padding of a segment to whole quads takes up to three slots.
        let segments = (self.plan.sources * self.delays) as f64;
        let quads = |synapses: f64| (synapses / QUAD as f64) as usize;
        let most = quads(synapses + spread) + segments.min(synapses + spread) as usize;
        Needs {
            expected: synapses.round() as u64,
            least: quads((synapses - spread).max(0.0)),
            most: most + most / 64 + QUAD,
        }
    }

    /// Memory for the rows of all partitions in one form, and the size of the chunks that threads take.
    fn memory<Y: Synapse>(&self, capacity: &[Needs]) -> Result<(Vec<Quads<Y>>, Vec<usize>)> {
        let workers = rayon::current_num_threads();
        let chunk_sizes: Vec<usize> =
            capacity.iter().map(|needs| chunk_size::<Y>(needs.most, workers)).collect();
        let with_ends =
            |(needs, &each): (&Needs, &usize)| needs.most + needs.most / 32 + (workers + 1) * each;
        let most = u32::MAX as usize;
        let totals = capacity.iter().zip(&chunk_sizes).map(with_ends).map(|quads| quads.min(most));
        if let Some(&Needs { most: quads, .. }) = capacity.iter().find(|needs| needs.least > most) {
            let bytes = |quads: usize| (quads * size_of::<[Y; QUAD]>()) as u64;
            let what = "a partition's synapses (more threads make smaller partitions)";
            return Err(Error::TooLarge { what: what.into(), needed: bytes(quads), allowed: bytes(most) });
        }
        let pages = |(total, needs): (usize, &Needs)| {
            memory::zeros_in_huge_pages("the synapses of the network", total, needs.least)
        };
        Ok((totals.zip(capacity).map(pages).collect::<Result<_>>()?, chunk_sizes))
    }

    /// Samples all synapses, with capacity for this number of quads in each partition plus what threads may leave
    /// empty.
    fn draw<F: Precision>(
        &self,
        capacity: &Capacity,
        slots: &[Vec<Vec<usize>>],
        units: &Units,
    ) -> Result<Sampled<F>> {
        let (partitions, workers) = (self.partitions, rayon::current_num_threads());
        let (mut compact, compact_sizes) = self.memory::<F::Synapse>(&capacity.compact)?;
        let (mut wide, wide_sizes) = self.memory::<Wide>(capacity.wide.as_deref().unwrap_or(&[]))?;
        let (weights, neuron_slots) = (self.weights::<F>(units), self.neuron_slots(slots));
        let mut dense = (0..partitions)
            .map(|p| self.dense_rows::<F>(p, &slots[p], units))
            .collect::<Result<Vec<Vec<Dense<F>>>>>()?;
        let compact_arenas = arenas(&mut compact, &compact_sizes);
        let wide_arenas = arenas(&mut wide, &wide_sizes);
        let work = Mutex::new(self.dense_ranges(&mut dense).into_iter().enumerate());
        let done = (0..workers)
            .into_par_iter()
            .map(|_| {
                let mut compact_chunks = arena_chunks(&compact_arenas);
                let mut wide_chunks = arena_chunks(&wide_arenas);
                let (mut scratch, mut chunks, mut unexpected) = (SamplingScratch::new(self), vec![], 0);
                loop {
                    self.control.check()?;
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, dense)) = next else { break };
                    let [mut compact, mut wide] =
                        [compact_arenas.len(), wide_arenas.len()].map(|len| vec![Chunk::default(); len]);
                    let fill = FillChunk::<F> {
                        builder: self,
                        number,
                        compact: Destination {
                            arenas: &compact_arenas,
                            arena_chunks: &mut compact_chunks,
                            chunk: &mut compact,
                        },
                        wide: capacity.wide.as_ref().map(|_| Destination {
                            arenas: &wide_arenas,
                            arena_chunks: &mut wide_chunks,
                            chunk: &mut wide,
                        }),
                        dense,
                        weights: &weights,
                        neuron_slots: &neuron_slots,
                        scratch: &mut scratch,
                        unexpected: &mut unexpected,
                    };
                    // In the portable version: wider registers would make it hardly faster.
                    match size_of::<F>() == size_of::<f64>() {
                        true => at_avx2(self.level, fill),
                        false => at_level(self.level, fill),
                    }
                    chunks.push((number, [compact, wide]));
                }
                let rejected = [rejected(&compact_chunks), rejected(&wide_chunks)];
                Ok((chunks, rejected, scratch, unexpected))
            })
            .collect::<Result<Vec<_>>>()?;
        drop(work);
        let mut needed = [taken(&compact_arenas), taken(&wide_arenas)];
        drop((compact_arenas, wide_arenas));
        let (mut chunks, mut degrees, mut fits) = (vec![], vec![0u32; self.plan.neurons], true);
        let (mut refused, mut unexpected_in_all) = (None, 0);
        let mut widened: Vec<Vec<bool>> =
            self.plan.populations.iter().map(|population| vec![false; population.connected.len()]).collect();
        for (own, rejected, scratch, unexpected) in done {
            chunks.extend(own);
            degrees.iter_mut().zip(&scratch.degrees).for_each(|(all, own)| *all += own);
            let own = scratch.refused.into_iter();
            refused = own.chain(refused).min_by_key(|&(source, c, i, _)| (source, c, i));
            let ports = widened.iter_mut().flatten().zip(scratch.widened.iter().flatten());
            ports.for_each(|(all, own)| *all |= own);
            unexpected_in_all += unexpected;
            for (needed, rejected) in needed.iter_mut().zip(rejected) {
                fits &= rejected.iter().all(|&rejected| rejected == 0);
                needed.iter_mut().zip(rejected).for_each(|(needed, rejected)| *needed += rejected);
            }
        }
        chunks.sort_unstable_by_key(|&(number, _)| number);
        let [needed, needed_wide] = needed.map(|all| all.into_iter().map(Needs::of).collect());
        let needed_capacity = match unexpected_in_all {
            0 => (!fits)
                .then(|| Capacity { compact: needed, wide: capacity.wide.as_ref().map(|_| needed_wide) }),
            // Each synapse may need a quad, in any partition.
            quads => Some(Capacity {
                compact: needed,
                wide: Some(vec![Needs { least: 0, ..Needs::of(quads + QUAD) }; partitions]),
            }),
        };
        Ok(Sampled {
            rows: self.joined(compact, &mut chunks, 0)?,
            wide: capacity.wide.as_ref().map(|_| self.joined(wide, &mut chunks, 1)).transpose()?,
            dense,
            widened,
            in_degree: degrees.into_iter().max().unwrap_or(0).into(),
            refused: refused.map(|(_, c, _, weight)| (c, weight)),
            needed: needed_capacity,
        })
    }

    /// Joins the rows of all partitions in one form.
    fn joined<Y>(
        &self,
        quads: Vec<Vec<[Y; QUAD]>>,
        chunks: &mut [(usize, [Vec<Chunk>; 2])],
        form: usize,
    ) -> Result<Vec<Rows<Y>>> {
        let rows = quads.into_iter().enumerate().map(|(p, quads)| {
            self.control.check()?;
            let mut first = Vec::with_capacity(self.plan.sources + 1);
            let count = chunks.iter().map(|(_, chunk)| chunk[form][p].segments.len()).sum();
            let mut segments = Vec::with_capacity(count);
            for (_, chunk) in &mut *chunks {
                let chunk = std::mem::take(&mut chunk[form][p]);
                let offset = segments.len() as u32;
                first.extend(chunk.first.iter().map(|&(quad, segment)| (quad, offset + segment)));
                segments.extend(chunk.segments);
            }
            first.push((0, segments.len() as u32));
            let synapses = segments.iter().map(|segment| u64::from(segment.count)).sum();
            Ok(Rows { quads, synapses, first, segments })
        });
        rows.collect()
    }

    /// Empty dense rows of a partition.
    fn dense_rows<F: Precision>(
        &self,
        partition: usize,
        slots: &[Vec<usize>],
        units: &Units,
    ) -> Result<Vec<Dense<F>>> {
        let kinds = self.dense.iter().enumerate().filter_map(|(c, dense)| Some((c, (*dense)?.1)));
        let location = (self.numbering, partition);
        kinds.map(|(c, kind)| Dense::new(self.plan, c, kind, location, slots, units, self.level)).collect()
    }

    /// The ranges of dense rows, by chunk, partition and dense connection.
    fn dense_ranges<'d, F: Precision>(
        &self,
        dense: &'d mut [Vec<Dense<F>>],
    ) -> Vec<Vec<Vec<DenseRange<'d>>>> {
        let chunks = self.plan.sources.div_ceil(SOURCES);
        let mut all: Vec<Vec<Vec<DenseRange>>> =
            (0..chunks).map(|_| (0..self.partitions).map(|_| Vec::new()).collect()).collect();
        for (p, dense) in dense.iter_mut().enumerate() {
            for dense in dense {
                let ranges = dense.split_by_sources((0..chunks).map(|chunk| self.sources(chunk)));
                all.iter_mut().zip(ranges).for_each(|(chunk, ranges)| chunk[p].push(ranges));
            }
        }
        all
    }

    /// The quantized weights of each connection. Connections with equal weights share a table, so that it stays in the cache.
    fn weights<'u, F: Precision>(&self, units: &'u Units) -> Vec<Arc<Quantized<'u>>>
    where
        'a: 'u,
    {
        let connections = &self.plan.connections;
        let mut weights: Vec<Arc<Quantized>> = Vec::new();
        for c in connections {
            let alike = |other: &&Connection| {
                c.weight == other.weight
                    && c.route == other.route
                    && units.of(c.population) == units.of(other.population)
            };
            weights.push(match connections[..weights.len()].iter().position(|other| alike(&other)) {
                Some(same) => Arc::clone(&weights[same]),
                None => Arc::new(Quantized::new(
                    &c.weight,
                    c.route,
                    units.of(c.population),
                    F::MOST_WEIGHT,
                    c.expected,
                )),
            });
        }
        weights
    }

    /// By population, port and block: the first key of its partition and its first accumulator.
    fn neuron_slots(&self, slots: &[Vec<Vec<usize>>]) -> Vec<Vec<Blocks>> {
        let delays = self.delays as u32;
        let of = |population: usize, port: usize| {
            let accumulator = |&(partition, neuron_slot): &(u32, u32)| {
                (partition * delays, slots[partition as usize][population][port] as u32 + neuron_slot)
            };
            self.blocks[population].iter().map(accumulator).collect()
        };
        let ports = self.plan.populations.iter().map(|population| population.connected.len());
        ports.enumerate().map(|(i, ports)| (0..ports).map(|port| of(i, port)).collect()).collect()
    }

    pub fn sources(&self, chunk: usize) -> Range<usize> {
        chunk * SOURCES..((chunk + 1) * SOURCES).min(self.plan.sources)
    }
}

/// Quads of a chunk: large enough that little is left empty at the ends, and small enough that all threads get their share.
fn chunk_size<Y>(capacity: usize, threads: usize) -> usize {
    const MOST_BYTES: usize = 16 << 20;
    let most = MOST_BYTES / size_of::<[Y; QUAD]>();
    (capacity / (16 * threads)).clamp(1, most)
}

fn arenas<'a, T>(memory: &'a mut [Vec<T>], sizes: &[usize]) -> Vec<Arena<'a, T>> {
    memory.iter_mut().zip(sizes).map(|(all, &each)| Arena::new(all, each)).collect()
}

fn arena_chunks<'a, T>(arenas: &[Arena<'a, T>]) -> Vec<ArenaChunk<'a, T>> {
    arenas.iter().map(|_| ArenaChunk::default()).collect()
}

fn rejected<T>(chunks: &[ArenaChunk<T>]) -> Vec<usize> {
    chunks.iter().map(|chunk| chunk.rejected).collect()
}

fn taken<T>(arenas: &[Arena<T>]) -> Vec<usize> {
    arenas.iter().map(Arena::taken).collect()
}
