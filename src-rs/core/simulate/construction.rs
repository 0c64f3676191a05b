//! The pieces of a simulation, from its plan: how many partitions, where accumulators are, the units
//! of weights, kernels, and the neurons of a partition at their start.

use super::drive::{Drive, Driven};
use super::inputs::{Input, InputKind};
use super::numbering::{BLOCK, Numbering};
use super::partition::{Part, Shared, Tap};
use super::plan::{Connection, Plan, Population};
use super::precision::{Precision, unit};
use super::printed::Printed;
use super::rolled::Rolled;
use super::tiles::Tiles;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Kernel;
use lapicque_projection::Aligned;
use std::ops::Range;

/// Streams of random numbers of one seed; the lower half numbers connections, inputs or states.
pub mod stream {
    pub const CONNECTION: u64 = 1 << 32;
    pub const INPUT: u64 = 2 << 32;
    pub const INITIAL: u64 = 3 << 32;
    pub const VALUES: u64 = 4 << 32;
    pub const NOISE: u64 = 5 << 32;
    pub const GAP: u64 = 6 << 32;
    /// Numbered by a hash of 56 bits of what is drawn.
    pub const DESCRIBED: u64 = 7 << 56;
    pub const STRUCTURE: u64 = 7 << 32;
}

/// How many threads are of use: waiting for one another costs as much as some thousands of operations.
/// It changes no result.
pub fn threads(plan: &Plan, at_most: usize) -> usize {
    /// Operations of a thread between two meetings, at least.
    const WORTH: u64 = 25_000;
    /// Of a random number that is normal, and of one that counts events.
    const NORMAL: u64 = 60;
    const COUNT: u64 = 12;
    /// Of a gap junction or graded synapse: some of what is read is not in the first-level cache.
    const JUNCTION: u64 = 4;
    let program = |p: &Population| {
        let drawn = p.bound.noise.map_or(0, |noise| noise.draws as u64 * NORMAL);
        p.size as u64 * (p.bound.forward.operations() as u64 + drawn)
    };
    let input = |input: &Input| {
        let each = match input.kind {
            InputKind::Poisson { .. } => COUNT,
            InputKind::Normal { .. } => NORMAL,
            InputKind::Current(_) => 1,
        };
        input.neurons.len() as u64 * each
    };
    let junctions = plan.gaps.iter().map(|gaps| gaps.expected * (1 + u64::from(gaps.symmetric)) * JUNCTION);
    let inputs = plan.inputs.iter().map(input);
    let step = plan.populations.iter().map(program).chain(inputs).chain(junctions).sum::<u64>();
    let between = step * if plan.gaps.is_empty() { u64::from(plan.delays()[0]) } else { 1 };
    usize::try_from(between / WORTH).map_or(at_most, |threads| threads.clamp(1, at_most))
}

/// How many partitions: at least one for each thread, a multiple of them, and so many that the
/// accumulators of each can be numbered.
pub fn partitions<F: Precision>(plan: &Plan, threads: usize) -> Result<usize> {
    let needed = |partitions: usize| -> usize {
        let numbering = Numbering::new(plan.populations.iter().map(|p| p.size), partitions);
        (0..partitions).map(|partition| slots(plan, &numbering, partition).1).max().unwrap_or(0)
    };
    (1..=4096).map(|k| k * threads).find(|&partitions| needed(partitions) <= F::MOST_SLOTS).ok_or_else(|| {
        Error::invalid(
            "populations",
            format!("{} neurons", plan.neurons),
            "a network whose inputs can be numbered",
        )
    })
}

/// Where the accumulators of each population and port begin in a partition, and how many there are.
pub fn slots(plan: &Plan, numbering: &Numbering, partition: usize) -> (Vec<Vec<usize>>, usize) {
    let mut next = 0;
    let slots = plan.populations.iter().enumerate().map(|(i, population)| {
        let lanes = numbering.blocks(i, partition) * BLOCK;
        let place = |&connected: &bool| {
            let slot = next;
            next += if connected { lanes } else { 0 };
            slot
        };
        population.connected.iter().map(place).collect()
    });
    (slots.collect(), next)
}

/// The units of weights by population and port.
pub fn units<F: Precision>(plan: &Plan, in_degree: u64) -> Vec<Vec<f64>> {
    let mut onto = vec![vec![]; plan.populations.len()];
    plan.connections.iter().for_each(|c| onto[c.population].push(c));
    let of = |population: usize, port: usize| {
        let (most, constants) = largest::<F>(&onto[population], port);
        unit::<F>(constants.as_deref(), most, in_degree)
    };
    (plan.populations.iter().enumerate())
        .map(|(i, population)| (0..population.connected.len()).map(|port| of(i, port)).collect())
        .collect()
}

/// The largest weight that may arrive at a port, and all weights if they are constant.
fn largest<F: Precision>(onto: &[&Connection], port: usize) -> (f64, Option<Vec<f64>>) {
    let (mut most, mut constants) = (0.0f64, Some(Vec::new()));
    for c in onto {
        if let Some(synapse) = &c.synapse {
            if c.route.of(synapse.sign).0 == port {
                let keeps = synapse.rule.bounds.is_some() && !synapse.rule.beyond;
                let growth = if keeps { 1.0 } else { F::GROWTH };
                (most, constants) = (most.max(synapse.most * growth), None);
            }
            continue;
        }
        let arriving = c.weight.bounds().map(|w| c.route.of(w)).into_iter().filter(|&(to, _)| to == port);
        most = arriving.fold(most, |most, (_, w)| most.max(w.abs()));
        match c.weight.constant().map(|w| c.route.of(w)) {
            Some((to, w)) if to == port && w != 0.0 => constants.iter_mut().for_each(|list| list.push(w)),
            Some(_) => {}
            None => constants = None,
        }
    }
    (most, constants)
}

/// Error: `invalid-parameter` where weights that begin at 0 and grow without bounds, or become something else on their way,
/// have nothing to be counted in.
pub fn check_units(plan: &Plan) -> Result<()> {
    for (i, c) in plan.connections.iter().enumerate() {
        let Some(synapse) = c.synapse.as_ref().filter(|synapse| synapse.rule.beyond && synapse.most == 0.0)
        else {
            continue;
        };
        let onto: Vec<_> = plan.connections.iter().filter(|other| other.population == c.population).collect();
        if largest::<f64>(&onto, c.route.of(synapse.sign).0).0 == 0.0 {
            let name = plan.description.connections[i].name(i);
            let expected = "a weight other than 0, or wMin and wMax in the rule: what arrives is counted in parts of the largest";
            return Err(Error::invalid(format!("{name}.weight"), 0, expected));
        }
    }
    Ok(())
}

/// Error: `invalid-parameter` where a connection would do nothing, since even its largest weight is less than half a unit of
/// its port: next to another one a small weight may be nothing.
pub fn check_weights(plan: &Plan, units: &[Vec<f64>]) -> Result<()> {
    for (i, c) in plan.connections.iter().enumerate() {
        let weights = match &c.synapse {
            Some(synapse) => [synapse.most.copysign(synapse.sign); 2],
            None => c.weight.bounds(),
        };
        let [low, high] = weights;
        let unit_of = |w: f64| units[c.population][c.route.of(w).0];
        let is_lost = |w: f64| (w / unit_of(w)).round() == 0.0;
        let most = if low.abs() > high.abs() { low } else { high };
        if most != 0.0 && weights.into_iter().all(is_lost) {
            let name = plan.description.connections[i].name(i);
            let expected = format!(
                "0, or a magnitude of at least {:.3e}: in this precision weights are counted in parts of the largest onto the same \
                 input; 'f64' has room for both",
                unit_of(most) / 2.0
            );
            return Err(Error::invalid(format!("{name}.weight"), most, expected));
        }
    }
    Ok(())
}

pub fn shared<F: Precision>(
    plan: &Plan,
    i: usize,
    level: SimdLevel,
    seed: u64,
    units: &[f64],
    derived: &[Vec<f64>],
) -> Shared<F> {
    let population = &plan.populations[i];
    let inputs = plan.inputs.iter().enumerate().filter(|(_, input)| input.population == i);
    // Lanes past the last neuron have what it has: whole blocks are quicker.
    let lanes = |neurons: &Range<usize>| {
        let last = neurons.end == population.size;
        neurons.start..if last { neurons.end.next_multiple_of(BLOCK) } else { neurons.end }
    };
    let mut driven = vec![false; population.connected.len()];
    inputs.clone().for_each(|(_, input)| driven[input.port] = true);
    driven.iter_mut().enumerate().for_each(|(port, driven)| *driven |= plan.gap_port(i, port));
    let units: Vec<F> = units.iter().map(|&unit| <F as lapicque_base::Real>::from_f64(unit)).collect();
    Shared {
        kernel: Kernel::new(&population.bound.forward, level),
        printed: Printed::new(&population.bound, derived, &population.connected, &driven, &units, level),
        rolled: Rolled::new(&population.bound, level),
        driven,
        drives: inputs
            .map(|(k, input)| Driven {
                port: input.port,
                neurons: lanes(&input.neurons),
                drive: Drive::new(&input.kind, seed, stream::INPUT | k as u64),
            })
            .collect(),
        noise: (0..population.bound.noise.map_or(0, |noise| noise.draws))
            .map(|draw| {
                let stream = stream::NOISE | (i as u64) << 8 | draw as u64;
                let standard = InputKind::Normal { mean: 0.0, sd: 1.0 };
                Driven {
                    port: draw,
                    neurons: lanes(&(0..population.size)),
                    drive: Drive::new(&standard, seed, stream),
                }
            })
            .collect(),
        units,
        blocks: population.size.div_ceil(BLOCK),
    }
}

/// A population's neurons of a partition, at the start; with its accumulators by port, and the coefficients of all of them.
pub fn part<F: Precision>(
    plan: &Plan,
    numbering: &Numbering,
    i: usize,
    partition: usize,
    (slots, derived): (&[usize], &[Vec<f64>]),
    seed: u64,
    control: &Control,
) -> Result<Part<F>> {
    let population = &plan.populations[i];
    let (block, stride) = (numbering.first_block(i, partition), numbering.partitions);
    let lanes = numbering.blocks(i, partition) * BLOCK;
    let neuron = |lane: usize| (block + lane / BLOCK * stride) * BLOCK + lane % BLOCK;
    // Lanes past the last neuron live like it, and nobody hears of them.
    let last = population.size - 1;
    let real = <F as lapicque_base::Real>::from_f64;
    let bound = &population.bound;
    let coefs = coefs(derived, lanes, |lane| neuron(lane).min(last));
    let state = |s: usize, lane: usize| {
        let (info, n) = (&bound.states[s], neuron(lane).min(last));
        let rng = Rng::new(seed, stream::INITIAL | (i as u64) << 16 | s as u64);
        real(match &population.initial[s] {
            Some(sampler) => sampler.value(n, rng.u32_at(n as u64)),
            None => info.init[if info.init.len() == 1 { 0 } else { n }],
        })
    };
    let masks = (0..lanes / BLOCK).map(|b| {
        let left = population.size - (block + b * stride) * BLOCK;
        if left >= BLOCK { u64::MAX } else { (1 << left) - 1 }
    });
    let taps = plan.traces.iter().enumerate().filter(|(_, trace)| trace.population == i);
    Ok(Part {
        population: i,
        block,
        lanes,
        states: Tiles::new(bound.states.len(), lanes, state, control)?,
        coefs,
        slots: slots.iter().zip(&population.connected).map(|(&slot, &on)| on.then_some(slot)).collect(),
        masks: masks.collect(),
        words: vec![0; lanes / BLOCK],
        taps: taps
            .map(|(k, trace)| Tap {
                trace: k,
                state: trace.state,
                every: trace.every,
                lanes: columns(&trace.neurons, block, lanes, stride).iter().map(|&(_, lane)| lane).collect(),
                samples: vec![],
            })
            .collect(),
    })
}

/// The coefficients of some lanes, in slot order: one value, or one a lane. `derived`: those of the population.
pub fn coefs<F: Precision>(
    derived: &[Vec<f64>],
    lanes: usize,
    neuron: impl Fn(usize) -> usize,
) -> Vec<Aligned<F>> {
    let real = <F as lapicque_base::Real>::from_f64;
    let spread = |values: &Vec<f64>| -> Vec<F> {
        match &values[..] {
            [one] => vec![real(*one)],
            many => (0..lanes).map(|lane| real(many[neuron(lane)])).collect(),
        }
    };
    derived.iter().map(|values| Aligned::from(&spread(values)[..])).collect()
}

/// Which of `neurons` a part has, as `(position in neurons, lane)`.
pub fn columns(neurons: &[u32], block: usize, lanes: usize, stride: usize) -> Vec<(usize, u32)> {
    let lane = |neuron: usize| {
        let ahead = (neuron / BLOCK).checked_sub(block)?;
        let lane = ahead / stride * BLOCK + neuron % BLOCK;
        (ahead.is_multiple_of(stride) && lane < lanes).then_some(lane as u32)
    };
    neurons.iter().enumerate().filter_map(|(i, &n)| Some((i, lane(n as usize)?))).collect()
}
