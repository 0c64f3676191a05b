//! The rows of a plastic connection in one partition, drawn like all others in two passes: one counts,
//! one writes every synapse to its place.

use super::incoming::Incoming;
use super::numbering::{BLOCK, Numbering};
use super::plan::{Connection, Plan};
use super::plastic::{Built, Place, Plastic, Segment};
use super::precision::Precision;
use super::rows::targets;
use crate::control::Control;
use crate::error::{Error, Result, try_vec};
use crate::plasticity::Bound;
use crate::simd::SimdLevel;

/// The plastic connections of a partition; `slots` and `units` by population and port.
pub fn plastic<F: Precision>(
    plan: &Plan,
    incoming: &[Incoming],
    numbering: &Numbering,
    partition: usize,
    (slots, units): (&[Vec<usize>], &[Vec<f64>]),
    level: SimdLevel,
    control: &Control,
) -> Result<Vec<Plastic<F>>> {
    let mut all = Vec::new();
    for (i, (c, incoming)) in plan.connections.iter().zip(incoming).enumerate() {
        let Some(synapse) = &c.synapse else { continue };
        let built = rows(plan, c, synapse.sign, incoming, numbering, partition, control)?;
        // Magnitudes take the sign of the connection on their way to the port.
        let (port, sign) = c.route.of(synapse.sign);
        let place = Place {
            connection: i,
            population: c.population,
            sources: c.sources.clone(),
            modulator: synapse.modulator.clone(),
            lanes: numbering.blocks(c.population, partition) * BLOCK,
            slot: slots[c.population][port],
            units: sign / units[c.population][port],
            longest: u64::from(plan.delays()[1]),
        };
        let rule: &Bound = &synapse.rule;
        all.push(Plastic::new(rule, plan.description.dt, level, place, built));
    }
    Ok(all)
}

fn rows<F: Precision>(
    plan: &Plan,
    c: &Connection,
    sign: f64,
    incoming: &Incoming,
    numbering: &Numbering,
    partition: usize,
    control: &Control,
) -> Result<Built<F>> {
    let [first_delay, last] = c.delays.bounds();
    let delays = (last - first_delay + 1) as usize;
    let mut places = try_vec("the rows of a plastic connection", c.sources.len() * delays, 0u32)?;
    let mut taken = Vec::new();
    let mut total = 0u64;
    for (k, (neuron, _)) in targets(plan, numbering, partition, c).enumerate() {
        if k % 256 == 0 {
            control.check()?;
        }
        incoming.visit(neuron, &mut taken, |synapse| {
            let delay = c.delays.steps(synapse.number, synapse.delay) - first_delay;
            places[synapse.source as usize * delays + delay as usize] += 1;
            total += 1;
        });
    }
    if total > u64::from(u32::MAX) {
        let what =
            "the synapses of a plastic connection in a partition (more threads make smaller partitions)";
        return Err(Error::TooLarge { what: what.into(), needed: total * 8, allowed: 8 << 32 });
    }
    let (mut first, mut segments, mut start) = (vec![], vec![], 0);
    for (source, row) in places.chunks_exact_mut(delays).enumerate() {
        first.push(segments.len() as u32);
        for (delay, place) in row.iter_mut().enumerate() {
            let count = std::mem::replace(place, start);
            if count > 0 {
                let (source, delay) = (source as u32, first_delay + delay as u32);
                segments.push(Segment { source, start, count, delay, last: None, done: 0 });
                start += count;
            }
        }
    }
    first.push(segments.len() as u32);
    let mut lanes = try_vec("the targets of a plastic connection", start as usize, 0u32)?;
    let mut weights = try_vec("the weights of a plastic connection", start as usize, F::default())?;
    for (k, (neuron, lane)) in targets(plan, numbering, partition, c).enumerate() {
        if k % 256 == 0 {
            control.check()?;
        }
        incoming.visit(neuron, &mut taken, |synapse| {
            let delay = c.delays.steps(synapse.number, synapse.delay) - first_delay;
            let place = &mut places[synapse.source as usize * delays + delay as usize];
            lanes[*place as usize] = lane as u32;
            let weight = sign * c.weight.value(synapse.number, synapse.weight);
            weights[*place as usize] = <F as crate::Real>::from_f64(weight);
            *place += 1;
        });
    }
    Ok(Built { first, segments, targets: lanes, weights })
}
