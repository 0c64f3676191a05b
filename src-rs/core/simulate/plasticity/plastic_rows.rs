//! The rows of plastic connections: the targets of each source are sampled, and every partition stores its own.

use super::learning::Learning;
use super::plastic::Plastic;
use crate::delivery::units::{Units, weight_of};
use crate::plan::network::{Connection, Plan};
use crate::plan::plastic_synapse::PlasticSynapse;
use crate::plan::signs;
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::representation::unit::{Stored, Unit, refused};
use crate::wiring::outgoing::Outgoing;
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;

/// Synapses of one source with the same delay.
#[derive(Debug, Clone)]
pub struct Segment {
    pub source: u32,
    pub start: u32,
    pub count: u32,
    /// The delay after which the weight arrives at the target.
    pub delay: u32,
    /// The step at which the source's last arrived spike reached the synapses.
    pub last: Option<u64>,
    /// All spikes of targets that reached the synapses up to this step have been applied.
    pub done: u64,
}

/// The target of a connection's synapses.
pub struct PlasticSpec {
    pub connection: usize,
    pub population: usize,
    pub sources: Range<usize>,
    pub modulator: Option<Range<usize>>,
    pub neuron_slots: usize,
    pub slot: usize,
    /// Units of the port for a weight of 1, compact and wide.
    pub units: f64,
    /// Whether transmitted weights may fall below 0, which the port does not accept.
    pub checked: bool,
    pub wide_units: f64,
    pub longest: u64,
    /// The shortest and the longest delay of the connection over all partitions, so that the stored data have the same shape
    /// in each.
    pub spread: [u32; 2],
    pub dendrite: u32,
    pub every: Option<u64>,
}

/// The rows of a connection in a partition.
pub struct Built<F: Precision> {
    pub first: Vec<u32>,
    pub segments: Vec<Segment>,
    pub targets: Vec<F::Target>,
    pub weights: Vec<F>,
    /// The first weight whose rounding error is too large.
    refused: Option<f64>,
}

/// Builds the plastic connections of all partitions; `slots[partition]` and `units` by population and port.
pub fn plastic<F: Precision>(
    plan: &Plan,
    outgoing: &[Outgoing],
    numbering: &Numbering,
    (slots, units): (&[Vec<Vec<usize>>], &Units),
    level: SimdLevel,
    control: &Control,
) -> Result<Vec<Vec<Learning<F>>>> {
    let mut all: Vec<Vec<Learning<F>>> = (0..numbering.partitions).map(|_| vec![]).collect();
    let from = (plan, numbering, level, control);
    for (i, outgoing) in outgoing.iter().enumerate() {
        let Some(synapse) = &plan.connections[i].synapse else { continue };
        let c = &plan.connections[i];
        let (port, _) = c.route.of(synapse.sign);
        let at = (&units.of(c.population)[port], |p: usize| slots[p][c.population][port]);
        if synapse.is_double::<F>() {
            let rows = of_connection::<f64>(from, (i, c, synapse), outgoing, at)?;
            all.iter_mut().zip(rows).for_each(|(all, rows)| all.push(Learning::Double(Box::new(rows))));
        } else {
            let rows = of_connection::<F>(from, (i, c, synapse), outgoing, at)?;
            all.iter_mut().zip(rows).for_each(|(all, rows)| all.push(Learning::Own(Box::new(rows))));
        }
    }
    Ok(all)
}

/// The rows of a connection in each partition. `unit`: the unit of the port; `slot` returns the offset of the port's
/// accumulators in a partition.
fn of_connection<F: Precision>(
    (plan, numbering, level, control): (&Plan, &Numbering, SimdLevel, &Control),
    (i, c, synapse): (usize, &Connection, &PlasticSynapse),
    outgoing: &Outgoing,
    (unit, slot): (&Unit, impl Fn(usize) -> usize),
) -> Result<Vec<Plastic<F>>> {
    let population = &plan.populations[c.population];
    let built = (0..numbering.partitions)
        .into_par_iter()
        .map(|p| rows(c, (synapse.sign, unit), outgoing, (numbering, p, population.size), control))
        .collect::<Result<Vec<Built<F>>>>()?;
    let delays = built.iter().flat_map(|rows| &rows.segments).map(|segment| segment.delay);
    let spread = [delays.clone().min().unwrap_or(1), delays.max().unwrap_or(1)];
    for rows in &built {
        if let Some(weight) = rows.refused {
            return Err(refused::<F>(weight_of(plan, i), weight, unit));
        }
    }
    // The sign of the connection is applied when magnitudes are transmitted.
    let (port, sign) = c.route.of(synapse.sign);
    let states = &population.bound.states;
    let state = |name: &str| states.iter().position(|state| state.name == name).unwrap_or(0);
    let rows = built.into_iter().enumerate().map(|(p, built)| {
        let spec = PlasticSpec {
            connection: i,
            population: c.population,
            sources: c.sources.clone(),
            modulator: synapse.modulator.clone(),
            neuron_slots: numbering.blocks(c.population, p) * BLOCK,
            slot: slot(p),
            units: sign / unit.compact,
            wide_units: sign / unit.wide,
            checked: synapse.rule.beyond && signs::is_unsigned(population, port),
            longest: u64::from(plan.delays()[1]),
            spread,
            dendrite: synapse.dendrite,
            every: (plan.weights.iter().find(|weights| weights.connection == i)).map(|weights| weights.every),
        };
        Plastic::new(&synapse.rule, plan.description.dt, level, spec, built, state)
    });
    Ok(rows.collect())
}

fn rows<F: Precision>(
    c: &Connection,
    (sign, unit): (f64, &Unit),
    outgoing: &Outgoing,
    (numbering, partition, population): (&Numbering, usize, usize),
    control: &Control,
) -> Result<Built<F>> {
    let (first_block, partitions) = (numbering.first_block(c.population, partition), numbering.partitions);
    let neuron_slot = |target: u32| {
        let block_distance = (target as usize / BLOCK).checked_sub(first_block)?;
        let own = block_distance.is_multiple_of(partitions);
        own.then(|| (block_distance / partitions * BLOCK + target as usize % BLOCK) as u32)
    };
    let (mut first, mut segments): (Vec<u32>, Vec<Segment>) = (vec![], vec![]);
    let what = "the synapses of a plastic connection";
    // Rows are read at random, and huge pages need fewer TLB entries. The lists grow if there are more synapses than expected.
    let neuron_slots = (numbering.blocks(c.population, partition) * BLOCK).min(population);
    let share = c.expected as f64 * neuron_slots as f64 / population as f64;
    let expected = (share + 6.0 * share.sqrt()) as usize + 1;
    let mut targets: Vec<F::Target> = memory::huge_pages(what, expected)?;
    let mut weights: Vec<F> = memory::huge_pages(what, expected)?;
    targets.clear();
    weights.clear();
    // Synapses of one source: delay, slot and weight.
    let mut own: Vec<(u32, u32, f64)> = vec![];
    let (mut row, mut refused) = (Row::default(), None);
    let is_constant = c.weight.constant().is_some();
    for source in 0..c.sources.len() {
        control.check()?;
        first.push(segments.len() as u32);
        own.clear();
        outgoing.row(source, Words::Both, &mut row);
        for (i, &target) in row.targets.iter().enumerate() {
            let Some(neuron_slot) = neuron_slot(target) else { continue };
            let weight = sign * row.exact_weight(i, &c.weight);
            if !is_constant && unit.store(weight) == Stored::Refused {
                refused = refused.or(Some(sign * weight));
            }
            own.push((row.delay(i, &c.delays), neuron_slot, weight));
        }
        own.sort_by_key(|&(delay, ..)| delay);
        targets
            .try_reserve(own.len())
            .map_err(|_| memory::refused::<F::Target>(what, targets.len() + own.len()))?;
        weights.try_reserve(own.len()).map_err(|_| memory::refused::<F>(what, weights.len() + own.len()))?;
        if c.structural.is_some() && own.is_empty() {
            // With structural plasticity, a source without synapses needs a segment too.
            let (source, start, delay) = (source as u32, targets.len() as u32, c.delays.bounds()[0]);
            segments.push(Segment { source, start, count: 0, delay, last: None, done: 0 });
        }
        for same in own.chunk_by(|a, b| a.0 == b.0) {
            let (start, count) = (targets.len() as u32, same.len() as u32);
            let (source, delay) = (source as u32, same[0].0);
            segments.push(Segment { source, start, count, delay, last: None, done: 0 });
            targets.extend(same.iter().map(|&(_, neuron_slot, _)| F::target(neuron_slot)));
            weights.extend(same.iter().map(|&(.., weight)| <F as lapicque_base::Real>::from_f64(weight)));
        }
        if targets.len() > u32::MAX as usize {
            let what =
                "the synapses of a plastic connection in a partition (more threads make smaller partitions)";
            return Err(Error::TooLarge {
                what: what.into(),
                needed: targets.len() as u64 * 8,
                allowed: 8 << 32,
            });
        }
    }
    first.push(segments.len() as u32);
    Ok(Built { first, segments, targets, weights, refused })
}
