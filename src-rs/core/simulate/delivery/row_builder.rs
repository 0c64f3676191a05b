//! Builds the rows of all partitions: source by source, each sampled once, sorted within the cache, and written to the
//! next free memory. No temporary data are larger than the rows themselves.
//!
//! Two values are known only when all synapses have been sampled: the largest in-degree, which determines the units of
//! weights, and the memory of the rows. Both are estimated, nearly always well enough; otherwise the rows are sampled a
//! second time. The result is the same as if both had been known.

use super::arena::{Arena, ArenaChunk};
use super::dense_rows::{Dense, Kind, Places as DensePlaces};
use super::row_chunk::{Chunk, Drawing, FillChunk, Places};
use super::rows::Rows;
use super::units::{Units, check_changing, weight_of};
use crate::plan::network::{Connection, Plan};
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::representation::synapse_format::QUAD;
use crate::representation::synapse_format::{Synapse, Wide};
use crate::representation::unit::refused;
use crate::wiring::outgoing::Outgoing;
use crate::wiring::quantized::Quantised;
use lapicque_base::at_level::{at_avx2, at_level};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// The synapses of a partition, four at a time.
type Quads<Y> = Vec<[Y; QUAD]>;

/// Sources whose rows are built together.
pub const SOURCES: usize = 64;

/// Where the neurons of a population are: partition and first lane of each block.
pub type Blocks = Vec<(u32, u32)>;

pub struct Builder<'a> {
    pub plan: &'a Plan,
    pub outgoing: &'a [Outgoing],
    pub control: &'a Control,
    pub level: SimdLevel,
    pub partitions: usize,
    /// The smallest delay, and how many delays a synapse may have.
    pub first_delay: u32,
    pub delays: usize,
    numbering: &'a Numbering,
    /// The units that weights are expected to have.
    units: Units,
    pub blocks: Vec<Blocks>,
    /// Of each connection whose rows are dense: which of them it is, and how.
    pub dense: Vec<Option<(usize, Kind)>>,
    /// The connections of each chunk of sources.
    pub connections: Vec<Vec<usize>>,
}

/// The rows of all partitions.
#[derive(Clone)]
pub struct Built<F: Precision> {
    pub rows: Vec<Arc<Rows<F::Synapse>>>,
    /// None where all synapses are compact.
    pub wide: Option<Vec<Arc<Rows<Wide>>>>,
    pub dense: Vec<Vec<Dense<F>>>,
    pub units: Units,
    /// By population and port: whether there are wide synapses.
    pub widened: Vec<Vec<bool>>,
}

/// What one time of drawing gave.
struct Drawn<F: Precision> {
    rows: Vec<Rows<F::Synapse>>,
    wide: Option<Vec<Rows<Wide>>>,
    dense: Vec<Vec<Dense<F>>>,
    widened: Vec<Vec<bool>>,
    /// The most synapses onto one neuron.
    in_degree: u64,
    /// A weight that cannot be stored, and its connection.
    refused: Option<(usize, f64)>,
    /// The memory that each partition would have needed, if one had too little.
    needed: Option<Wanted>,
}

/// Capacity of the rows by partition; 0 for wide rows if none are expected.
struct Wanted {
    compact: Vec<Needs>,
    wide: Option<Vec<Needs>>,
}

/// Quads of a partition.
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
        let units = Units::foreseen::<F>(plan);
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

    /// The rows of all partitions. `slots[partition][population][port]`: where a population's accumulators
    /// of a port begin.
    ///
    /// # Errors
    /// `too-large` for a partition of more synapses than can be numbered; `invalid-parameter` for weights that would be rounded
    /// by too much; `aborted`.
    pub fn build<F: Precision>(&self, slots: &[Vec<Vec<usize>>]) -> Result<Built<F>> {
        let of = |is_wide| (0..self.partitions).map(|p| self.foreseen_quads(p, is_wide)).collect();
        let wide: Vec<Needs> = of(true);
        let is_wide = F::WIDENS && wide.iter().any(|needs| needs.expected > 0);
        let mut room = Wanted { compact: of(false), wide: is_wide.then_some(wide) };
        let mut units = self.units.clone();
        loop {
            let drawn = self.draw::<F>(&room, slots, &units)?;
            let now = Units::new::<F>(self.plan, drawn.in_degree + self.plan.to_come());
            if drawn.needed.is_none() && now == units {
                check_changing::<F>(self.plan, &units)?;
                if let Some((c, weight)) = drawn.refused {
                    let connection = &self.plan.connections[c];
                    let unit = &units.of(connection.population)[connection.route.of(weight).0];
                    return Err(refused::<F>(weight_of(self.plan, c), weight, unit));
                }
                let Drawn { rows, wide, dense, widened, .. } = drawn;
                let rows = rows.into_iter().map(Arc::new).collect();
                let wide = wide.map(|wide| wide.into_iter().map(Arc::new).collect());
                return Ok(Built { rows, wide, dense, units, widened });
            }
            units = now;
            room = drawn.needed.unwrap_or(room);
        }
    }

    /// Quads of one form for which a partition has capacity; pages that are never written take no memory.
    fn foreseen_quads(&self, partition: usize, is_wide: bool) -> Needs {
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
            let lanes = self.numbering.blocks(c.population, partition) * BLOCK;
            let share = lanes as f64 / self.plan.populations[c.population].size as f64;
            of((c, dense)) * share.min(1.0)
        };
        let synapses: f64 = self.plan.connections.iter().zip(&self.dense).map(in_partition).sum();
        let spread = 6.0 * synapses.sqrt();
        // Each segment may lack up to three synapses of a whole quad.
        let segments = (self.plan.sources * self.delays) as f64;
        let quads = |synapses: f64| (synapses / QUAD as f64) as usize;
        let most = quads(synapses + spread) + segments.min(synapses + spread) as usize;
        Needs {
            expected: synapses.round() as u64,
            least: quads((synapses - spread).max(0.0)),
            most: most + most / 64 + QUAD,
        }
    }

    /// Memory for the rows of all partitions in one form, and the chunk that each thread takes at a time.
    fn memory<Y: Synapse>(&self, room: &[Needs]) -> Result<(Vec<Quads<Y>>, Vec<usize>)> {
        let workers = rayon::current_num_threads();
        let stretches: Vec<usize> = room.iter().map(|needs| stretch::<Y>(needs.most, workers)).collect();
        let with_ends =
            |(needs, &each): (&Needs, &usize)| needs.most + needs.most / 32 + (workers + 1) * each;
        let most = u32::MAX as usize;
        let totals = room.iter().zip(&stretches).map(with_ends).map(|quads| quads.min(most));
        if let Some(&Needs { most: quads, .. }) = room.iter().find(|needs| needs.least > most) {
            let bytes = |quads: usize| (quads * size_of::<[Y; QUAD]>()) as u64;
            let what = "a partition's synapses (more threads make smaller partitions)";
            return Err(Error::TooLarge { what: what.into(), needed: bytes(quads), allowed: bytes(most) });
        }
        let pages = |(total, needs): (usize, &Needs)| {
            memory::room_in_huge_pages("the synapses of the network", total, needs.least)
        };
        Ok((totals.zip(room).map(pages).collect::<Result<_>>()?, stretches))
    }

    /// Samples all synapses, with capacity for this number of quads in each partition plus what threads may leave
    /// empty.
    fn draw<F: Precision>(
        &self,
        room: &Wanted,
        slots: &[Vec<Vec<usize>>],
        units: &Units,
    ) -> Result<Drawn<F>> {
        let (partitions, workers) = (self.partitions, rayon::current_num_threads());
        let (mut compact, compact_stretches) = self.memory::<F::Synapse>(&room.compact)?;
        let (mut wide, wide_stretches) = self.memory::<Wide>(room.wide.as_deref().unwrap_or(&[]))?;
        let (weights, lanes) = (self.weights::<F>(units), self.lanes(slots));
        let mut dense = (0..partitions)
            .map(|p| self.dense_rows::<F>(p, &slots[p], units))
            .collect::<Result<Vec<Vec<Dense<F>>>>>()?;
        let compact_rooms = rooms(&mut compact, &compact_stretches);
        let wide_rooms = rooms(&mut wide, &wide_stretches);
        let work = Mutex::new(self.dense_places(&mut dense).into_iter().enumerate());
        let done = (0..workers)
            .into_par_iter()
            .map(|_| {
                let mut compact_stretches = stretches(&compact_rooms);
                let mut wide_stretches = stretches(&wide_rooms);
                let (mut drawing, mut chunks, mut unexpected) = (Drawing::new(self), vec![], 0);
                loop {
                    self.control.check()?;
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, dense)) = next else { break };
                    let [mut compact, mut wide] =
                        [compact_rooms.len(), wide_rooms.len()].map(|len| vec![Chunk::default(); len]);
                    let fill = FillChunk::<F> {
                        builder: self,
                        number,
                        compact: Places {
                            rooms: &compact_rooms,
                            stretches: &mut compact_stretches,
                            chunk: &mut compact,
                        },
                        wide: room.wide.as_ref().map(|_| Places {
                            rooms: &wide_rooms,
                            stretches: &mut wide_stretches,
                            chunk: &mut wide,
                        }),
                        dense,
                        weights: &weights,
                        lanes: &lanes,
                        drawing: &mut drawing,
                        unexpected: &mut unexpected,
                    };
                    // The reference: wider registers would save it next to nothing.
                    match size_of::<F>() == size_of::<f64>() {
                        true => at_avx2(self.level, fill),
                        false => at_level(self.level, fill),
                    }
                    chunks.push((number, [compact, wide]));
                }
                let lacking = [lacking(&compact_stretches), lacking(&wide_stretches)];
                Ok((chunks, lacking, drawing, unexpected))
            })
            .collect::<Result<Vec<_>>>()?;
        drop(work);
        let mut needed = [taken(&compact_rooms), taken(&wide_rooms)];
        drop((compact_rooms, wide_rooms));
        let (mut chunks, mut degrees, mut fits) = (vec![], vec![0u32; self.plan.neurons], true);
        let (mut refused, mut unexpected_in_all) = (None, 0);
        let mut widened: Vec<Vec<bool>> =
            self.plan.populations.iter().map(|population| vec![false; population.connected.len()]).collect();
        for (own, lacking, drawing, unexpected) in done {
            chunks.extend(own);
            degrees.iter_mut().zip(&drawing.degrees).for_each(|(all, own)| *all += own);
            let own = drawing.refused.into_iter();
            refused = own.chain(refused).min_by_key(|&(source, c, i, _)| (source, c, i));
            let ports = widened.iter_mut().flatten().zip(drawing.widened.iter().flatten());
            ports.for_each(|(all, own)| *all |= own);
            unexpected_in_all += unexpected;
            for (needed, lacking) in needed.iter_mut().zip(lacking) {
                fits &= lacking.iter().all(|&lacking| lacking == 0);
                needed.iter_mut().zip(lacking).for_each(|(needed, lacking)| *needed += lacking);
            }
        }
        chunks.sort_unstable_by_key(|&(number, _)| number);
        let [needed, needed_wide] = needed.map(|all| all.into_iter().map(Needs::of).collect());
        let wanted = match unexpected_in_all {
            0 => (!fits).then(|| Wanted { compact: needed, wide: room.wide.as_ref().map(|_| needed_wide) }),
            // Each may fill a quad, in any partition.
            quads => Some(Wanted {
                compact: needed,
                wide: Some(vec![Needs { least: 0, ..Needs::of(quads + QUAD) }; partitions]),
            }),
        };
        Ok(Drawn {
            rows: self.joined(compact, &mut chunks, 0)?,
            wide: room.wide.as_ref().map(|_| self.joined(wide, &mut chunks, 1)).transpose()?,
            dense,
            widened,
            in_degree: degrees.into_iter().max().unwrap_or(0).into(),
            refused: refused.map(|(_, c, _, weight)| (c, weight)),
            needed: wanted,
        })
    }

    /// The rows of all partitions in one form.
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
                let ahead = segments.len() as u32;
                first.extend(chunk.first.iter().map(|&(quad, segment)| (quad, ahead + segment)));
                segments.extend(chunk.segments);
            }
            first.push((0, segments.len() as u32));
            let synapses = segments.iter().map(|segment| u64::from(segment.count)).sum();
            Ok(Rows { quads, synapses, first, segments })
        });
        rows.collect()
    }

    /// Dense rows of a partition, empty.
    fn dense_rows<F: Precision>(
        &self,
        partition: usize,
        slots: &[Vec<usize>],
        units: &Units,
    ) -> Result<Vec<Dense<F>>> {
        let kinds = self.dense.iter().enumerate().filter_map(|(c, dense)| Some((c, (*dense)?.1)));
        let place = (self.numbering, partition);
        kinds.map(|(c, kind)| Dense::new(self.plan, c, kind, place, slots, units, self.level)).collect()
    }

    /// By chunk, partition and dense connection.
    fn dense_places<'d, F: Precision>(
        &self,
        dense: &'d mut [Vec<Dense<F>>],
    ) -> Vec<Vec<Vec<DensePlaces<'d>>>> {
        let chunks = self.plan.sources.div_ceil(SOURCES);
        let mut all: Vec<Vec<Vec<DensePlaces>>> =
            (0..chunks).map(|_| (0..self.partitions).map(|_| Vec::new()).collect()).collect();
        for (p, dense) in dense.iter_mut().enumerate() {
            for dense in dense {
                let places = dense.places((0..chunks).map(|chunk| self.sources(chunk)));
                all.iter_mut().zip(places).for_each(|(chunk, places)| chunk[p].push(places));
            }
        }
        all
    }

    /// Of each connection. Equal ones are one table, so that it stays in the cache.
    fn weights<'u, F: Precision>(&self, units: &'u Units) -> Vec<Arc<Quantised<'u>>>
    where
        'a: 'u,
    {
        let connections = &self.plan.connections;
        let mut weights: Vec<Arc<Quantised>> = Vec::new();
        for c in connections {
            let alike = |other: &&Connection| {
                c.weight == other.weight
                    && c.route == other.route
                    && units.of(c.population) == units.of(other.population)
            };
            weights.push(match connections[..weights.len()].iter().position(|other| alike(&other)) {
                Some(same) => Arc::clone(&weights[same]),
                None => Arc::new(Quantised::new(
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
    fn lanes(&self, slots: &[Vec<Vec<usize>>]) -> Vec<Vec<Blocks>> {
        let delays = self.delays as u32;
        let of = |population: usize, port: usize| {
            let accumulator = |&(partition, lane): &(u32, u32)| {
                (partition * delays, slots[partition as usize][population][port] as u32 + lane)
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

/// Quads of a stretch: so many that little is left empty at the ends, and so few that all threads get their
/// share.
fn stretch<Y>(room: usize, threads: usize) -> usize {
    const MOST_BYTES: usize = 16 << 20;
    let most = MOST_BYTES / size_of::<[Y; QUAD]>();
    (room / (16 * threads)).clamp(1, most)
}

fn rooms<'a, T>(memory: &'a mut [Vec<T>], stretches: &[usize]) -> Vec<Arena<'a, T>> {
    memory.iter_mut().zip(stretches).map(|(all, &each)| Arena::new(all, each)).collect()
}

fn stretches<'a, T>(rooms: &[Arena<'a, T>]) -> Vec<ArenaChunk<'a, T>> {
    rooms.iter().map(|_| ArenaChunk::default()).collect()
}

fn lacking<T>(stretches: &[ArenaChunk<T>]) -> Vec<usize> {
    stretches.iter().map(|stretch| stretch.lacking).collect()
}

fn taken<T>(rooms: &[Arena<T>]) -> Vec<usize> {
    rooms.iter().map(Arena::taken).collect()
}
