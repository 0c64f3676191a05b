//! Small populations of equal neurons are advanced together. A call of a program has a constant cost, and a population has at
//! least the neuron slots of a block, so hundreds of populations of a few neurons would take ten times as long as one population with
//! all of their neurons. Here their neurons are copied to consecutive slots of a group before a step, and back after it. What a
//! neuron computes does not depend on its slot, so results have the same bits.

use super::drive::{Fill, only_poisson};
use super::generated_step::GeneratedStep;
use super::part::{Part, Shared};
use super::tile_step::{Scratch, run_program};
use crate::plan::network::Plan;
use crate::plan::population::Population;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot};
use lapicque_projection::Aligned;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::Arc;

/// Neuron slots that are copied at once. A population gets a multiple of them in its group.
const CHUNK: usize = 8;

/// The largest population that joins a group: the copies of a larger one cost as much as its own call.
const MOST: usize = 32;

/// The groups of a partition.
pub struct Together<F: Precision> {
    groups: Vec<Group<F>>,
    /// By part: whether a group advances it.
    is_member: Vec<bool>,
    /// By part: whether a neuron of a member spiked in the last step.
    spiked: Vec<bool>,
}

/// Populations whose neurons are advanced in one call.
struct Group<F: Precision> {
    /// One of the populations; the others have the same neurons.
    population: usize,
    members: Vec<Member>,
    /// Slots of the group: a multiple of the block size, at most [`TILE`].
    neuron_slots: usize,
    generated: Option<GeneratedStep<F>>,
    /// `[state][neuron slot]`
    states: Aligned<F>,
    words: Vec<u64>,
}

/// The slots that a part has in its group.
#[derive(Clone, Copy)]
struct Member {
    part: usize,
    from: usize,
    neuron_slots: usize,
}

impl Member {
    fn of(&self) -> std::ops::Range<usize> {
        self.from..self.from + self.neuron_slots
    }
}

impl<F: Precision> Together<F> {
    /// Groups the small populations of a partition.
    pub fn new(plan: &Plan, shared: &[Shared<F>], parts: &[Part<F>], level: SimdLevel) -> Self {
        let mut open: HashMap<usize, (Vec<Member>, usize)> = HashMap::new();
        let mut groups = vec![];
        let mut close = |members: Vec<Member>| {
            if members.len() > 1 {
                groups.push(Group::new(members, plan, parts, level));
            }
        };
        for (i, part) in parts.iter().enumerate() {
            if !is_small(part, plan, &shared[part.population]) {
                continue;
            }
            let population = &plan.populations[part.population];
            let neuron_slots = population.size.next_multiple_of(CHUNK);
            let (members, end) = open.entry(Arc::as_ptr(&population.bound) as usize).or_default();
            // The spikes of a part are in one word.
            let mut from =
                if *end % BLOCK + neuron_slots > BLOCK { end.next_multiple_of(BLOCK) } else { *end };
            if from + neuron_slots > TILE {
                close(std::mem::take(members));
                from = 0;
            }
            members.push(Member { part: i, from, neuron_slots });
            *end = from + neuron_slots;
        }
        // In the order of their populations, so that two runs do the same.
        let mut rest: Vec<Vec<Member>> = open.into_values().map(|(members, _)| members).collect();
        rest.sort_unstable_by_key(|members| members.first().map(|member| member.part));
        rest.into_iter().for_each(close);
        let mut is_member = vec![false; parts.len()];
        groups.iter().flat_map(|group| &group.members).for_each(|member| is_member[member.part] = true);
        Together { groups, spiked: vec![false; parts.len()], is_member }
    }

    /// Whether a group advances a part.
    pub fn has(&self, part: usize) -> bool {
        self.is_member[part]
    }

    /// Whether a group advances a part, none of whose neurons spiked in the last step.
    pub fn is_silent(&self, part: usize) -> bool {
        self.is_member[part] && !self.spiked[part]
    }

    /// Advances the neurons of all groups, and writes their spikes to the words of their parts.
    pub fn advance(
        &mut self,
        (plan, shared): (&Plan, &[Shared<F>]),
        level: SimdLevel,
        at: (u64, u64),
        parts: &mut [Part<F>],
        sums: &mut [F::Sum],
        scratch: &mut Scratch<F>,
    ) {
        for group in &mut self.groups {
            let (states, ports) = (&mut group.states, &mut scratch.ports);
            let (neuron_slots, members) = (group.neuron_slots, &group.members);
            at_level(level, Gather { neuron_slots, members, states, ports, shared, level, at, parts, sums });
            group.step(&plan.populations[group.population], &shared[group.population], scratch);
            at_level(level, Scatter { group, parts, spiked: &mut self.spiked });
        }
    }
}

/// Whether a part may be advanced with others: all its neurons have the same coefficients, and its ports have no inputs other
/// than synapses and drives.
fn is_small<F: Precision>(part: &Part<F>, plan: &Plan, shared: &Shared<F>) -> bool {
    let population = &plan.populations[part.population];
    part.neuron_slots == BLOCK
        && population.size <= MOST
        && population.bound.same_coefs().is_some()
        && part.cells.is_none()
        && shared.wide.is_none()
        && shared.noise.is_empty()
        && shared.wide_units.iter().all(Option::is_none)
        && part.recorded_inputs.is_empty()
        && !(0..part.slots.len()).any(|port| plan.gap_port(part.population, port))
}

impl<F: Precision> Group<F> {
    fn new(members: Vec<Member>, plan: &Plan, parts: &[Part<F>], level: SimdLevel) -> Self {
        let first = &parts[members[0].part];
        let neuron_slots = members[members.len() - 1].of().end.next_multiple_of(BLOCK);
        let bound = &plan.populations[first.population].bound;
        let generated =
            bound.same_coefs().and_then(|coefs| GeneratedStep::with_filled_ports(bound, coefs, level));
        Group {
            population: first.population,
            members,
            neuron_slots,
            generated,
            states: Aligned::from(&vec![<F as Real>::ZERO; first.states.states() * neuron_slots][..]),
            words: vec![0; neuron_slots / BLOCK],
        }
    }

    /// Runs the program of the neurons.
    fn step(&mut self, population: &Population, shared: &Shared<F>, scratch: &mut Scratch<F>) {
        let neuron_slots = self.neuron_slots;
        if let Some(generated) = &self.generated {
            let port = |&slot: &ArgSlot| match slot {
                ArgSlot::Port(port) => &scratch.ports[port * TILE..][..neuron_slots],
                _ => &scratch.zeros[..neuron_slots],
            };
            let read: SmallVec<[&[F]; 8]> = generated.elements.iter().map(port).collect();
            (generated.step)(
                &mut self.states,
                neuron_slots,
                &mut [],
                &read,
                &generated.values,
                &mut self.words,
            );
            return;
        }
        let coefs = population.bound.same_coefs().unwrap_or_default();
        let Scratch { ports, outs, sub_steps, kernel, .. } = scratch;
        let states = &self.states;
        let read = |slot: ArgSlot, start: usize, count: usize| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i * neuron_slots + start..][..count]),
            ArgSlot::Port(port) => Arg::Elements(&ports[port * TILE + start..][..count]),
            ArgSlot::Coef(k) => Arg::Uniform(<F as Real>::from_f64(coefs[k][0])),
            // A forward program reads no other arguments.
            _ => Arg::Uniform(<F as Real>::ZERO),
        };
        let program = (&*shared.kernel, shared.rolled.as_ref(), &**population.bound);
        run_program(program, neuron_slots, read, outs, &mut self.words, sub_steps, kernel);
        for (state, out) in self.states.chunks_exact_mut(neuron_slots).zip(scratch.outs.chunks_exact(TILE)) {
            state.copy_from_slice(&out[..neuron_slots]);
        }
    }
}

/// Copies the states of all members to the slots of their group, and fills their ports.
struct Gather<'a, F: Precision> {
    neuron_slots: usize,
    members: &'a [Member],
    states: &'a mut [F],
    ports: &'a mut [F],
    shared: &'a [Shared<F>],
    level: SimdLevel,
    at: (u64, u64),
    parts: &'a mut [Part<F>],
    sums: &'a mut [F::Sum],
}

impl<F: Precision> Work for Gather<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Gather { neuron_slots, members, states, ports, shared, level, at, parts, sums } = self;
        for member in members {
            let part = &mut parts[member.part];
            let shared = &shared[part.population];
            let own_states = part.states.tile(0).chunks_exact(BLOCK);
            for (own, to) in own_states.zip(states.chunks_exact_mut(neuron_slots)) {
                copy(&own[..member.neuron_slots], &mut to[member.of()]);
            }
            for port in 0..part.slots.len() {
                let to = &mut ports[port * TILE..][member.of()];
                fill_port(part, shared, port, level, at, sums, to);
            }
        }
        // Slots between and after the members are computed like the first ones, and nobody reads them.
        let read_ports = parts[members[0].part].slots.len();
        let ends = members.iter().map(|member| member.of().end);
        let starts = members[1..].iter().map(|member| member.from).chain([neuron_slots]);
        for gap in ends.zip(starts).filter(|(end, start)| end < start) {
            for port in ports.chunks_exact_mut(TILE).take(read_ports) {
                repeat(&mut port[..neuron_slots], gap);
            }
            states.chunks_exact_mut(neuron_slots).for_each(|state| repeat(state, gap));
        }
    }
}

/// Returns the states and spikes of a group to its members.
struct Scatter<'a, F: Precision> {
    group: &'a Group<F>,
    parts: &'a mut [Part<F>],
    spiked: &'a mut [bool],
}

impl<F: Precision> Work for Scatter<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Scatter { group, parts, spiked } = self;
        for member in &group.members {
            let part = &mut parts[member.part];
            let states = part.states.tile(0).chunks_exact_mut(BLOCK);
            for (own, from) in states.zip(group.states.chunks_exact(group.neuron_slots)) {
                copy(&from[member.of()], &mut own[..member.neuron_slots]);
            }
            let word = group.words[member.from / BLOCK] >> (member.from % BLOCK) & part.masks[0];
            part.words[0] = word;
            spiked[member.part] = word != 0;
        }
    }
}

/// The input of a port at step `step` of a run to `end`, for as many slots of a part as `to` has.
#[inline(always)]
fn fill_port<F: Precision>(
    part: &mut Part<F>,
    shared: &Shared<F>,
    port: usize,
    level: SimdLevel,
    (step, end): (u64, u64),
    sums: &mut [F::Sum],
    to: &mut [F],
) {
    let slot = part.slots[port];
    let mut presampled = part.presampled.get_mut(port);
    let poisson = match &mut presampled {
        Some(presampled) if shared.driven[port] => {
            only_poisson(&shared.drives, (port, to.len()), presampled, (step, end), level)
        }
        _ => None,
    };
    if shared.driven[port] && poisson.is_none() {
        let mut buffer = [<F as Real>::ZERO; BLOCK];
        let fill = Fill {
            buffer: &mut buffer,
            sums: slot.map(|slot| (&mut sums[slot..][..BLOCK], shared.units[port])),
            presampled: presampled.map(|presampled| (presampled, end)),
            drives: &shared.drives,
            port,
            step,
            block: 0,
            stride: 1,
            blocks: 1,
            level,
        };
        at_level(level, fill);
        return copy(&buffer[..to.len()], to);
    }
    match slot {
        Some(slot) => take_sums(&mut sums[slot..][..to.len()], shared.units[port], to),
        None => to.fill(<F as Real>::ZERO),
    }
    if let Some((counts, weight)) = poisson {
        add_counts(&counts[..to.len()], weight, to);
    }
}

/// Copies a multiple of [`CHUNK`] values. A call of `memcpy` would take longer than the copy.
#[inline(always)]
fn copy<F: Copy>(from: &[F], to: &mut [F]) {
    from.as_chunks::<CHUNK>().0.iter().zip(to.as_chunks_mut::<CHUNK>().0).for_each(|(from, to)| *to = *from);
}

/// Reads and clears a multiple of [`CHUNK`] sums.
#[inline(always)]
fn take_sums<F: Precision>(sums: &mut [F::Sum], unit: F, to: &mut [F]) {
    for (sums, to) in sums.as_chunks_mut::<CHUNK>().0.iter_mut().zip(to.as_chunks_mut::<CHUNK>().0) {
        for (sum, x) in sums.iter_mut().zip(to) {
            *x = F::of_sum(*sum) * unit;
            *sum = F::Sum::default();
        }
    }
}

/// Adds a weight as often as was counted.
#[inline(always)]
fn add_counts<F: Precision>(counts: &[i16], weight: F, to: &mut [F]) {
    for (counts, to) in counts.as_chunks::<CHUNK>().0.iter().zip(to.as_chunks_mut::<CHUNK>().0) {
        counts.iter().zip(to).for_each(|(&count, x)| *x += F::of_count(count) * weight);
    }
}

/// Fills a gap with copies of the first chunk.
fn repeat<F: Copy>(values: &mut [F], (from, to): (usize, usize)) {
    (from..to).step_by(CHUNK).for_each(|at| values.copy_within(..CHUNK, at));
}
