//! Builds the rows of all partitions: source by source, each drawn once, sorted where it fits the cache,
//! and written where there is room next. Nothing larger than the rows themselves is held.
//!
//! Two things are known only when all synapses have been drawn: the largest in-degree, on which the units
//! of weights depend, and how much memory the rows take. Both are foreseen, and nearly always well enough;
//! where not, the rows are drawn once more. What comes out is what it would be had both been known.

use super::at_level::{at_avx2, at_level};
use super::construction::{check_weights, units};
use super::dense::{Dense, Kind, Places};
use super::description::Rule;
use super::numbering::{BLOCK, Numbering};
use super::outgoing::Outgoing;
use super::plan::{Connection, Plan};
use super::precision::Precision;
use super::quantised::Quantised;
use super::room::{Room, Stretch};
use super::row_chunk::{Chunk, Drawing, FillChunk};
use super::rows::{QUAD, Rows};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

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
    pub blocks: Vec<Blocks>,
    /// Of each connection whose rows are dense: which of them it is, and how.
    pub dense: Vec<Option<(usize, Kind)>>,
    /// The connections of each chunk of sources.
    pub connections: Vec<Vec<usize>>,
}

/// Rows, and by population and port the units of their weights.
pub type Built<F> = (Vec<Rows<F>>, Vec<Vec<f64>>);

/// What one time of drawing gave.
struct Drawn<F: Precision> {
    rows: Vec<Rows<F>>,
    /// The most synapses onto one neuron.
    in_degree: u64,
    /// What each partition should have had room for, where one had too little.
    needed: Option<Vec<Needs>>,
}

/// Quads of a partition.
#[derive(Clone, Copy)]
struct Needs {
    least: usize,
    most: usize,
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
                    let kind = Kind::of::<F>(plan, c);
                    *next += usize::from(kind.is_some());
                    Some(kind.map(|kind| (*next - 1, kind)))
                })
                .collect(),
            connections: connections.collect(),
        }
    }

    /// The rows of all partitions. `slots[partition][population][port]`: where a population's accumulators
    /// of a port begin; `to_come`: synapses that a neuron may get later.
    ///
    /// # Errors
    /// `too-large` for a partition of more synapses than can be numbered; `invalid-parameter` for weights that would be nothing;
    /// `aborted`.
    pub fn build<F: Precision>(&self, slots: &[Vec<Vec<usize>>], to_come: u64) -> Result<Built<F>> {
        let mut in_degree = self.foreseen_in_degree();
        let mut room: Vec<Needs> = (0..self.partitions).map(|p| self.foreseen_quads::<F>(p)).collect();
        loop {
            let units_then = units::<F>(self.plan, in_degree + to_come);
            check_weights(self.plan, &units_then)?;
            let drawn = self.draw::<F>(&room, slots, &units_then)?;
            if drawn.needed.is_none() && units::<F>(self.plan, drawn.in_degree + to_come) == units_then {
                return Ok((drawn.rows, units_then));
            }
            in_degree = drawn.in_degree;
            room = drawn.needed.unwrap_or(room);
        }
    }

    /// About the most synapses onto one neuron.
    fn foreseen_in_degree(&self) -> u64 {
        let onto = |population: usize| {
            let connections = self.plan.connections.iter().filter(|c| c.population == population);
            let exact = |c: &&Connection| {
                matches!(c.wiring.rule, Rule::AllToAll | Rule::OneToOne | Rule::FixedInDegree { .. })
            };
            let mean = |c: &Connection| c.expected.div_ceil(c.wiring.ends.targets.max(1) as u64);
            let all: u64 = connections.clone().map(mean).sum();
            let certain: u64 = connections.filter(exact).map(mean).sum();
            all + 4 * (all - certain).isqrt()
        };
        (0..self.plan.populations.len()).map(onto).max().unwrap_or(0)
    }

    /// Quads that a partition has room for: pages that nobody writes take no memory.
    fn foreseen_quads<F: Precision>(&self, partition: usize) -> Needs {
        let listed = |c: &Connection| match Kind::of::<F>(self.plan, c) {
            _ if c.synapse.is_some() => 0.0,
            Some(_) => Kind::left_over(self.plan, c),
            None => c.expected as f64,
        };
        let in_partition = |c: &Connection| {
            let lanes = self.numbering.blocks(c.population, partition) * BLOCK;
            let share = lanes as f64 / self.plan.populations[c.population].size as f64;
            listed(c) * share.min(1.0)
        };
        let synapses: f64 = self.plan.connections.iter().map(in_partition).sum();
        let spread = 6.0 * synapses.sqrt();
        // Each segment may lack up to three synapses of a whole quad.
        let segments = (self.plan.sources * self.delays) as f64;
        let quads = |synapses: f64| (synapses / QUAD as f64) as usize;
        let most = quads(synapses + spread) + segments.min(synapses + spread) as usize;
        Needs { least: quads((synapses - spread).max(0.0)), most: most + most / 64 + QUAD }
    }

    /// Draws all synapses, with room for so many quads in each partition and what threads may leave empty.
    fn draw<F: Precision>(
        &self,
        room: &[Needs],
        slots: &[Vec<Vec<usize>>],
        units: &[Vec<f64>],
    ) -> Result<Drawn<F>> {
        let (partitions, workers) = (self.partitions, rayon::current_num_threads());
        let stretches: Vec<usize> = room.iter().map(|needs| stretch::<F>(needs.most, workers)).collect();
        let with_ends =
            |(needs, &each): (&Needs, &usize)| needs.most + needs.most / 32 + (workers + 1) * each;
        let most = u32::MAX as usize;
        let totals: Vec<usize> =
            room.iter().zip(&stretches).map(with_ends).map(|quads| quads.min(most)).collect();
        if let Some(&Needs { most: quads, .. }) = room.iter().find(|needs| needs.least > most) {
            let bytes = |quads: usize| (quads * size_of::<[F::Synapse; QUAD]>()) as u64;
            let what = "a partition's synapses (more threads make smaller partitions)";
            return Err(Error::TooLarge { what: what.into(), needed: bytes(quads), allowed: bytes(most) });
        }
        let pages = |(&total, needs): (&usize, &Needs)| {
            memory::room_in_huge_pages("the synapses of the network", total, needs.least)
        };
        let mut quads: Vec<Vec<[F::Synapse; QUAD]>> =
            totals.iter().zip(room).map(pages).collect::<Result<_>>()?;
        let (weights, lanes) = (self.weights::<F>(units), self.lanes(slots));
        let mut dense = (0..partitions)
            .map(|p| self.dense_rows::<F>(p, &slots[p], units))
            .collect::<Result<Vec<Vec<Dense<F>>>>>()?;
        let rooms: Vec<Room<_>> =
            quads.iter_mut().zip(&stretches).map(|(quads, &each)| Room::new(quads, each)).collect();
        let work = Mutex::new(self.dense_places(&mut dense).into_iter().enumerate());
        let done = (0..workers)
            .into_par_iter()
            .map(|_| {
                let mut stretches: Vec<Stretch<_>> = (0..partitions).map(|_| Stretch::default()).collect();
                let (mut drawing, mut chunks) = (Drawing::new(self), vec![]);
                loop {
                    self.control.check()?;
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, dense)) = next else { break };
                    let mut chunk = vec![Chunk::default(); partitions];
                    let fill = FillChunk::<F> {
                        builder: self,
                        number,
                        rooms: &rooms,
                        stretches: &mut stretches,
                        dense,
                        weights: &weights,
                        lanes: &lanes,
                        chunk: &mut chunk,
                        drawing: &mut drawing,
                    };
                    // The reference: wider registers would save it next to nothing.
                    match size_of::<F>() == size_of::<f64>() {
                        true => at_avx2(self.level, fill),
                        false => at_level(self.level, fill),
                    }
                    chunks.push((number, chunk));
                }
                let lacking: Vec<usize> = stretches.iter().map(|stretch| stretch.lacking).collect();
                Ok((chunks, lacking, drawing.degrees))
            })
            .collect::<Result<Vec<_>>>()?;
        drop(work);
        let mut needed: Vec<usize> = rooms.iter().map(Room::taken).collect();
        drop(rooms);
        let (mut chunks, mut degrees, mut fits) = (vec![], vec![0u32; self.plan.neurons], true);
        for (own, lacking, own_degrees) in done {
            chunks.extend(own);
            degrees.iter_mut().zip(own_degrees).for_each(|(all, own)| *all += own);
            fits &= lacking.iter().all(|&lacking| lacking == 0);
            needed.iter_mut().zip(lacking).for_each(|(needed, lacking)| *needed += lacking);
        }
        chunks.sort_unstable_by_key(|&(number, _)| number);
        let rows = quads.into_iter().zip(dense).enumerate().map(|(p, (quads, dense))| {
            self.control.check()?;
            let mut first = Vec::with_capacity(self.plan.sources + 1);
            let count = chunks.iter().map(|(_, chunk)| chunk[p].segments.len()).sum();
            let mut segments = Vec::with_capacity(count);
            for (_, chunk) in &mut chunks {
                let chunk = std::mem::take(&mut chunk[p]);
                let ahead = segments.len() as u32;
                first.extend(chunk.first.iter().map(|&(quad, segment)| (quad, ahead + segment)));
                segments.extend(chunk.segments);
            }
            first.push((0, segments.len() as u32));
            let synapses = segments.iter().map(|segment| u64::from(segment.count)).sum();
            Ok(Rows { quads, synapses, dense, first, segments })
        });
        Ok(Drawn {
            rows: rows.collect::<Result<_>>()?,
            in_degree: degrees.into_iter().max().unwrap_or(0).into(),
            needed: (!fits)
                .then(|| needed.iter().map(|&quads| Needs { least: quads, most: quads }).collect()),
        })
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

    /// By chunk, partition and dense connection.
    fn dense_places<'d, F: Precision>(&self, dense: &'d mut [Vec<Dense<F>>]) -> Vec<Vec<Vec<Places<'d>>>> {
        let chunks = self.plan.sources.div_ceil(SOURCES);
        let mut all: Vec<Vec<Vec<Places>>> =
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
    fn weights<'u, F: Precision>(&self, units: &'u [Vec<f64>]) -> Vec<Arc<Quantised<'u>>>
    where
        'a: 'u,
    {
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
fn stretch<F: Precision>(room: usize, threads: usize) -> usize {
    const MOST_BYTES: usize = 16 << 20;
    let most = MOST_BYTES / size_of::<[F::Synapse; QUAD]>();
    (room / (16 * threads)).clamp(1, most)
}
