//! Structurally plastic connections: neurons grow axonal and dendritic elements depending on their calcium; free
//! elements are paired from time to time, and a neuron with fewer elements than synapses loses some.

use super::partition::Partition;
use crate::plan::network::Connection;
use crate::plan::structural::Structural;
use crate::plasticity::growth::{Elements, Growing};
use crate::plasticity::learning::{learning, u32_of};
use crate::random::stream;
use crate::representation::precision::Precision;
use lapicque_base::rng::Rng;
use std::collections::HashSet;

/// Decides which synapses stay and which are created. `synapses`: `(source, target)` in an order that does not depend on
/// partitions; then the elements of axons and dendrites; `draw(n)` returns a random number below `n`.
pub fn changes(
    synapses: &[(u32, u32)],
    elements: [&[f64]; 2],
    allowed: impl Fn(u32, u32) -> bool,
    multapses: bool,
    mut draw: impl FnMut(usize) -> usize,
) -> (Vec<bool>, Vec<(u32, u32)>) {
    let mut stays = vec![true; synapses.len()];
    let end = |side: usize, (source, target): (u32, u32)| if side == 0 { source } else { target } as usize;
    for (side, z) in elements.iter().enumerate() {
        let mut own: Vec<Vec<usize>> = vec![vec![]; z.len()];
        (0..synapses.len()).filter(|&i| stays[i]).for_each(|i| own[end(side, synapses[i])].push(i));
        for (own, z) in own.iter_mut().zip(*z) {
            while own.len() > z.floor() as usize {
                stays[own.swap_remove(draw(own.len()))] = false;
            }
        }
    }
    let mut vacant: [Vec<u32>; 2] = Default::default();
    for (side, z) in elements.iter().enumerate() {
        let mut connected = vec![0; z.len()];
        (0..synapses.len()).filter(|&i| stays[i]).for_each(|i| connected[end(side, synapses[i])] += 1);
        for (n, (z, connected)) in z.iter().zip(connected).enumerate() {
            vacant[side]
                .extend(std::iter::repeat_n(n as u32, (z.floor() as usize).saturating_sub(connected)));
        }
        for i in (1..vacant[side].len()).rev() {
            vacant[side].swap(i, draw(i + 1));
        }
    }
    let mut pairs_taken: HashSet<(u32, u32)> = HashSet::new();
    if !multapses {
        pairs_taken.extend((0..synapses.len()).filter(|&i| stays[i]).map(|i| synapses[i]));
    }
    let pairs = vacant[0].iter().copied().zip(vacant[1].iter().copied());
    let new = pairs.filter(|&(s, t)| allowed(s, t) && (multapses || pairs_taken.insert((s, t)))).collect();
    (stays, new)
}

/// The location of a synapse: target and source, counted in the connection, partition and offset there.
type Placed = (u32, u32, usize, usize);

/// The participating neurons of a side: the first of them in its population, and their number.
pub fn participants(plan_first: usize, c: &Connection, side: usize) -> (usize, usize) {
    match side {
        0 => (c.sources.start - plan_first, c.sources.len()),
        _ => (c.wiring.first_target as usize, c.wiring.ends.targets),
    }
}

pub fn growing<F: Precision>(partition: &Partition<F>, connection: usize) -> Option<&Growing> {
    partition.growing.iter().find(|growing| growing.connection == connection)
}

/// Calcium and elements of a side, by neuron of the connection.
pub(crate) fn elements<'a, F: Precision>(
    c: &Connection,
    connection: usize,
    side: usize,
    partitions: impl Iterator<Item = &'a Partition<F>>,
) -> [Vec<f64>; 2] {
    let (first, count) = participants(c.source_first, c, side);
    let mut all = [vec![0.0; count], vec![0.0; count]];
    for partition in partitions {
        let Some(growing) = growing(partition, connection) else { continue };
        let own = &growing.sides[side];
        for neuron_slot in 0..own.calcium.len() {
            let neuron = partition.parts[own.population].neuron(neuron_slot, partition.stride);
            if let Some(n) = neuron.checked_sub(first).filter(|&n| n < count) {
                (all[0][n], all[1][n]) = (own.calcium[neuron_slot], own.elements[neuron_slot]);
            }
        }
    }
    all
}

/// Sets the values that [`elements`] visits.
pub fn set_elements<F: Precision>(
    c: &Connection,
    connection: usize,
    side: usize,
    partitions: &mut [&mut Partition<F>],
    values: [&[f64]; 2],
) {
    let (first, count) = participants(c.source_first, c, side);
    for partition in partitions {
        let stride = partition.stride;
        let Some(growing) = partition.growing.iter_mut().find(|growing| growing.connection == connection)
        else {
            continue;
        };
        let own = &mut growing.sides[side];
        let part = &partition.parts[own.population];
        for neuron_slot in 0..own.calcium.len() {
            if let Some(n) = part.neuron(neuron_slot, stride).checked_sub(first).filter(|&n| n < count) {
                (own.calcium[neuron_slot], own.elements[neuron_slot]) = (values[0][n], values[1][n]);
            }
        }
    }
}

/// All synapses of a connection by target, source and age.
pub fn placed<F: Precision>(
    connection: usize,
    c: &Connection,
    partitions: &[&mut Partition<F>],
) -> Vec<Placed> {
    let mut all = Vec::new();
    for (p, partition) in partitions.iter().enumerate() {
        let Some(plastic) = partition.learning(connection) else { continue };
        learning!(plastic, plastic => for segment in &plastic.segments {
            for i in segment.start as usize..(segment.start + segment.count) as usize {
                let neuron = partition.neuron(plastic, u32_of(plastic.targets[i]) as usize);
                let target = neuron - c.wiring.first_target as usize;
                all.push((target as u32, segment.source, p, i));
            }
        });
    }
    // Synapses of the same pair are in one partition, in order of age.
    all.sort_unstable();
    all
}

/// Replaces the synapses of a connection: `kept` synapses stay, new ones `(source, target)` are created at the end of step
/// `now`, unless their variables will be set.
pub fn rebuild<F: Precision>(
    connection: usize,
    c: &Connection,
    weight: f64,
    partitions: &mut [&mut Partition<F>],
    kept: &[Placed],
    (new, now): (&[(u32, u32)], Option<u64>),
) {
    for (p, partition) in partitions.iter_mut().enumerate() {
        let (block, stride) = {
            let part = &partition.parts[c.population];
            (part.block, partition.stride)
        };
        let Some(k) = partition.learning_at(connection) else { continue };
        let part = &partition.parts[c.population];
        // By source: the offset of a synapse, or the neuron slot of a new one.
        let mut rows: Vec<Vec<(u32, Option<usize>)>> = vec![vec![]; c.sources.len()];
        for &(target, source, _, i) in kept.iter().filter(|placed| placed.2 == p) {
            let neuron = target as usize + c.wiring.first_target as usize;
            rows[source as usize].push((part.neuron_slot(neuron, stride) as u32, Some(i)));
        }
        for &(source, target) in new {
            let neuron = target as usize + c.wiring.first_target as usize;
            let block_distance = (neuron / crate::representation::numbering::BLOCK).checked_sub(block);
            if block_distance.is_some_and(|block_distance| block_distance.is_multiple_of(stride)) {
                rows[source as usize].push((part.neuron_slot(neuron, stride) as u32, None));
            }
        }
        partition.plastic[k].rebuild(&rows, weight, now);
    }
}

pub fn change<F: Precision>(
    seed: u64,
    in_flight: &[(u64, u32)],
    now: u64,
    connection: usize,
    c: &Connection,
    structural: &Structural,
    mut partitions: Vec<&mut Partition<F>>,
) {
    for partition in &mut partitions {
        let own = partition.plastic.iter_mut().filter(|plastic| plastic.connection() == connection);
        own.for_each(|plastic| plastic.catch_up(now));
    }
    let sides = [0, 1].map(|side| elements(c, connection, side, partitions.iter().map(|p| &**p)));
    let synapses = placed(connection, c, &partitions);
    let pairs: Vec<(u32, u32)> = synapses.iter().map(|&(target, source, ..)| (source, target)).collect();
    let rng = Rng::new(seed, stream::STRUCTURE | connection as u64);
    let mut number = (now / structural.interval) << 32;
    let draw = |n: usize| {
        number += 1;
        ((u128::from(rng.u64_at(number)) * n as u128) >> 64) as usize
    };
    let allowed =
        |source: u32, target: u32| c.wiring.ends.own_target(source as usize) != Some(target as usize);
    let z = [&sides[0][1][..], &sides[1][1][..]];
    let (stays, new) = changes(&pairs, z, allowed, c.wiring.multapses, draw);
    let kept: Vec<Placed> =
        synapses.into_iter().zip(&stays).filter(|(_, stays)| **stays).map(|(s, _)| s).collect();
    // Only whole elements without a partner decay; an element that is still growing could not be paired yet.
    for (side, [calcium, elements]) in sides.iter().enumerate() {
        let mut z = elements.clone();
        let mut connected = vec![0.0f64; z.len()];
        let end = |source: u32, target: u32| if side == 0 { source } else { target } as usize;
        kept.iter().for_each(|&(target, source, ..)| connected[end(source, target)] += 1.0);
        new.iter().for_each(|&(source, target)| connected[end(source, target)] += 1.0);
        for (z, connected) in z.iter_mut().zip(connected) {
            *z -= structural.vacant_decay * (z.floor() - connected).max(0.0);
        }
        set_elements(c, connection, side, &mut partitions, [calcium, &z]);
    }
    let weight =
        c.synapse.as_ref().map_or(structural.weight, |of| of.rule.clipped(of.sign * structural.weight));
    rebuild(connection, c, weight, &mut partitions, &kept, (&new, Some(now)));
    for partition in &mut partitions {
        let own = partition.plastic.iter_mut().filter(|plastic| plastic.connection() == connection);
        own.for_each(|plastic| plastic.reschedule(in_flight, now));
    }
}

/// The initial elements of a connection: as many as there are synapses.
pub fn start<F: Precision>(connection: usize, c: &Connection, partitions: &mut [Partition<F>]) {
    let mut partitions: Vec<&mut Partition<F>> = partitions.iter_mut().collect();
    let (source, target) = (c.source_population, c.population);
    for partition in &mut partitions {
        let side = |population: usize| {
            let neuron_slots = partition.parts[population].neuron_slots;
            Elements { population, calcium: vec![0.0; neuron_slots], elements: vec![0.0; neuron_slots] }
        };
        let sides = [side(source), side(target)];
        partition.growing.push(Growing { connection, sides });
    }
    let synapses = placed(connection, c, &partitions);
    for side in 0..2 {
        let mut z = vec![0.0; participants(c.source_first, c, side).1];
        synapses
            .iter()
            .for_each(|&(target, source, ..)| z[if side == 0 { source } else { target } as usize] += 1.0);
        let calcium = vec![0.0; z.len()];
        set_elements(c, connection, side, &mut partitions, [&calcium, &z]);
    }
}
