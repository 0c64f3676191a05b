//! The synapses of a partition by source: a row for each source, sorted by delay, so that what
//! arrives at one step lies together.
//!
//! Built in two passes over the same draws: the first counts, the second writes every synapse to its
//! place. Nothing is sorted, and nothing larger than the rows themselves is held.

use super::incoming::Incoming;
use super::numbering::{BLOCK, Numbering};
use super::plan::{Connection, Plan};
use super::precision::Precision;
use crate::control::Control;
use crate::error::{Error, Result, try_vec};

/// Synapses of a row with the same delay.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub delay: u16,
    pub count: u16,
}

pub struct Rows<F: Precision> {
    pub synapses: Vec<F::Synapse>,
    /// By source: its first synapse and its first segment; one more at the end.
    first: Vec<(u32, u32)>,
    segments: Vec<Segment>,
}

impl<F: Precision> Rows<F> {
    /// The first synapse of a source's row, and its segments.
    #[inline]
    pub fn row(&self, source: usize) -> (u32, &[Segment]) {
        let (synapse, segment) = self.first[source];
        (synapse, &self.segments[segment as usize..self.first[source + 1].1 as usize])
    }

    pub fn smallest_delay(&self) -> Option<u16> {
        self.segments.iter().map(|segment| segment.delay).min()
    }
}

/// What the first pass of a partition leaves to the second.
pub struct Counts {
    partition: usize,
    /// By source and delay.
    counts: Vec<u32>,
    first_delay: u32,
    delays: usize,
    /// The most synapses onto one neuron.
    pub in_degree: u64,
}

/// The target neurons of a connection that a partition has, as `(neuron, lane)`.
pub fn targets<'a>(
    plan: &'a Plan,
    numbering: &Numbering,
    partition: usize,
    c: &Connection,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (first, stride) = (numbering.first_block(c.population, partition), numbering.partitions);
    let size = plan.populations[c.population].size;
    (0..numbering.blocks(c.population, partition)).flat_map(move |i| {
        let block = first + i * stride;
        (0..BLOCK.min(size - block * BLOCK)).map(move |lane| (block * BLOCK + lane, i * BLOCK + lane))
    })
}

impl Counts {
    pub fn new(
        plan: &Plan,
        incoming: &[Incoming],
        numbering: &Numbering,
        partition: usize,
        control: &Control,
    ) -> Result<Counts> {
        let [first_delay, last] = plan.delays();
        let delays = (last - first_delay + 1) as usize;
        let mut counts = try_vec("the rows of the network", plan.sources * delays + 1, 0u32)?;
        let lanes = |p: usize| numbering.blocks(p, partition) * BLOCK;
        let mut degrees: Vec<Vec<u32>> = (0..plan.populations.len()).map(|p| vec![0; lanes(p)]).collect();
        let mut taken = Vec::new();
        for (c, incoming) in plan.connections.iter().zip(incoming) {
            for (i, (neuron, lane)) in targets(plan, numbering, partition, c).enumerate() {
                if i % 256 == 0 {
                    control.check()?;
                }
                let degree = &mut degrees[c.population][lane];
                incoming.visit(neuron, &mut taken, |synapse| {
                    *degree += 1;
                    // Plastic connections have rows of their own.
                    if c.synapse.is_none() {
                        let delay = c.delays.steps(synapse.number, synapse.delay) - first_delay;
                        counts[(c.sources.start + synapse.source as usize) * delays + delay as usize] += 1;
                    }
                });
            }
        }
        let in_degree = degrees.iter().flatten().copied().max().unwrap_or(0).into();
        Ok(Counts { partition, counts, first_delay, delays, in_degree })
    }

    /// `slots[population][port]`: where a population's accumulators of a port begin; `units` their
    /// units by population and port.
    pub fn build<F: Precision>(
        self,
        plan: &Plan,
        incoming: &[Incoming],
        numbering: &Numbering,
        slots: &[Vec<usize>],
        units: &[Vec<f64>],
        control: &Control,
    ) -> Result<Rows<F>> {
        let Counts { partition, mut counts, first_delay, delays, .. } = self;
        let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
        if total > u64::from(u32::MAX) {
            let needed = total * size_of::<F::Synapse>() as u64;
            let what = "a partition's synapses (more threads make smaller partitions)";
            return Err(Error::TooLarge { what: what.into(), needed, allowed: 4 << 32 });
        }
        // From counts to places: each entry becomes where the next synapse goes.
        let (mut first, mut segments) = (Vec::with_capacity(plan.sources + 1), Vec::new());
        let mut place = 0u32;
        for row in counts[..plan.sources * delays].chunks_exact_mut(delays) {
            first.push((place, segments.len() as u32));
            for (delay, count) in row.iter_mut().enumerate() {
                let mut left = *count;
                *count = place;
                place += left;
                while left > 0 {
                    let part = left.min(u32::from(u16::MAX));
                    segments.push(Segment { delay: (first_delay + delay as u32) as u16, count: part as u16 });
                    left -= part;
                }
            }
        }
        first.push((place, segments.len() as u32));
        segments.shrink_to_fit();

        let mut synapses = try_vec("the synapses of the network", place as usize, F::Synapse::default())?;
        let mut taken = Vec::new();
        for (c, incoming) in plan.connections.iter().zip(incoming).filter(|(c, _)| c.synapse.is_none()) {
            let (slots, units) = (&slots[c.population], &units[c.population]);
            let synapse_of = |weight: f64| {
                let (port, weight) = c.route.of(weight);
                (slots[port], (weight / units[port]).round() as i64)
            };
            let constant = c.weight.constant().map(synapse_of);
            for (i, (neuron, lane)) in targets(plan, numbering, partition, c).enumerate() {
                if i % 256 == 0 {
                    control.check()?;
                }
                incoming.visit(neuron, &mut taken, |synapse| {
                    let delay = c.delays.steps(synapse.number, synapse.delay) - first_delay;
                    let row = (c.sources.start + synapse.source as usize) * delays;
                    let place = &mut counts[row + delay as usize];
                    let (slot, weight) = constant
                        .unwrap_or_else(|| synapse_of(c.weight.value(synapse.number, synapse.weight)));
                    synapses[*place as usize] = F::synapse((slot + lane) as u32, weight);
                    *place += 1;
                });
            }
        }
        Ok(Rows { synapses, first, segments })
    }
}
