//! Builds the initial neurons of a partition from the plan.

use super::double_step::Wide;
use super::drive::{Drive, Driven};
use super::generated_step::GeneratedStep;
use super::part::Shared;
use super::part::{Part, Tap};
use super::presampled_poisson::PresampledPoisson;
use super::sub_steps::SubSteps;
use crate::plan::inputs::InputKind;
use crate::plan::network::Plan;
use crate::random::stream;
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::representation::tiles::Tiles;
use crate::representation::unit::Unit;
use lapicque_base::control::Control;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::Aligned;
use std::ops::Range;

/// `units`: the units of the population's weights, by port; `widened`: ports with wide sums.
pub fn shared<F: Precision>(
    plan: &Plan,
    i: usize,
    level: SimdLevel,
    seed: u64,
    (units, widened): (&[Unit], &[bool]),
    derived: &[Vec<f64>],
) -> Result<Shared<F>> {
    let population = &plan.populations[i];
    let is_wide = plan.is_wide::<F>(i, derived);
    let (drives, currents) = drives(plan, i, seed, is_wide);
    let mut driven = vec![false; population.connected.len()];
    drives.iter().for_each(|drive| driven[drive.port] = true);
    // The recorded input of a port is read where drives are added, so this includes recorded ports without drives.
    let filled = |port| plan.gap_port(i, port) || plan.traces_port(i, port);
    driven.iter_mut().enumerate().for_each(|(port, driven)| *driven |= filled(port));
    // Wide sums are added to ports that are filled before the step.
    driven.iter_mut().zip(widened).for_each(|(driven, widened)| *driven |= widened);
    let wide = is_wide.then(|| Wide::new(&population.bound, currents, level));
    let wide_units = units.iter().zip(widened).map(|(unit, widened)| widened.then_some(unit.wide)).collect();
    let units: Vec<F> = units.iter().map(|unit| <F as lapicque_base::Real>::from_f64(unit.compact)).collect();
    let cells = population.bound.cells_at(level)?;
    Ok(Shared {
        kernel: population.bound.kernel(level),
        generated: match (&wide, &cells) {
            (None, None) => {
                GeneratedStep::new(&population.bound, derived, &population.connected, &driven, &units, level)
            }
            _ => None,
        },
        cells,
        wide,
        rolled: SubSteps::new(&population.bound, level),
        driven,
        drives,
        noise: (0..population.bound.noise.map_or(0, |noise| noise.draws))
            .map(|draw| {
                let stream = stream::NOISE | (i as u64) << 8 | draw as u64;
                let standard = InputKind::Normal { mean: 0.0, sd: 1.0 };
                Driven {
                    port: draw,
                    neurons: neuron_slots(&(0..population.size), population.size),
                    drive: Drive::new(&standard, seed, stream),
                }
            })
            .collect(),
        units,
        wide_units,
        blocks: population.size.div_ceil(BLOCK),
    })
}

/// The inputs of a population, and those of their parts that double precision keeps, which are empty without it.
pub fn drives<F: Precision>(
    plan: &Plan,
    i: usize,
    seed: u64,
    is_wide: bool,
) -> (Vec<Driven<F>>, Vec<Driven<f64>>) {
    let size = plan.populations[i].size;
    let inputs = plan.inputs.iter().enumerate().filter(|(_, input)| input.population == i);
    let both = inputs.map(|(k, input)| {
        let (port, neurons) = (input.port, neuron_slots(&input.neurons, size));
        let (drive, current) = Drive::of(&input.kind, seed, stream::INPUT | k as u64, is_wide);
        (Driven { port, neurons: neurons.clone(), drive }, Driven { port, neurons, drive: current })
    });
    both.unzip()
}

/// The slots of some neurons. Padding slots copy the last neuron, because whole blocks are faster.
fn neuron_slots(neurons: &Range<usize>, size: usize) -> Range<usize> {
    let last = neurons.end == size;
    neurons.start..if last { neurons.end.next_multiple_of(BLOCK) } else { neurons.end }
}

/// The coefficients of some neuron slots, in slot order: one value, or one per slot. `derived`: those of the population.
pub fn coefs<F: Precision>(
    derived: &[Vec<f64>],
    neuron_slots: usize,
    neuron: impl Fn(usize) -> usize,
) -> Vec<Aligned<F>> {
    let real = <F as lapicque_base::Real>::from_f64;
    let spread = |values: &Vec<f64>| -> Vec<F> {
        match &values[..] {
            [one] => vec![real(*one)],
            many => (0..neuron_slots).map(|neuron_slot| real(many[neuron(neuron_slot)])).collect(),
        }
    };
    derived.iter().map(|values| Aligned::from(&spread(values)[..])).collect()
}

/// Which of `neurons` a part has, as `(position in neurons, neuron slot)`.
pub fn columns(neurons: &[u32], block: usize, neuron_slots: usize, stride: usize) -> Vec<(usize, u32)> {
    let neuron_slot = |neuron: usize| {
        let block_distance = (neuron / BLOCK).checked_sub(block)?;
        let neuron_slot = block_distance / stride * BLOCK + neuron % BLOCK;
        (block_distance.is_multiple_of(stride) && neuron_slot < neuron_slots).then_some(neuron_slot as u32)
    };
    neurons.iter().enumerate().filter_map(|(i, &n)| Some((i, neuron_slot(n as usize)?))).collect()
}

/// A population's neurons in a partition at the start, with its accumulators by port and the coefficients of all neurons.
pub fn part<F: Precision>(
    plan: &Plan,
    numbering: &Numbering,
    i: usize,
    partition: usize,
    (slots, derived): (&[usize], &[Vec<f64>]),
    (seed, level): (u64, SimdLevel),
    control: &Control,
) -> Result<Part<F>> {
    let population = &plan.populations[i];
    let (block, stride) = (numbering.first_block(i, partition), numbering.partitions);
    let neuron_slots = numbering.blocks(i, partition) * BLOCK;
    let neuron = |neuron_slot: usize| (block + neuron_slot / BLOCK * stride) * BLOCK + neuron_slot % BLOCK;
    // Padding slots are simulated like the last neuron, and their spikes are ignored.
    let last = population.size - 1;
    let real = <F as lapicque_base::Real>::from_f64;
    let bound = &population.bound;
    let coefs = coefs(derived, neuron_slots, |neuron_slot| neuron(neuron_slot).min(last));
    let exact = |s: usize, neuron_slot: usize| {
        let (info, n) = (&bound.states[s], neuron(neuron_slot).min(last));
        let rng = Rng::new(seed, stream::INITIAL | (i as u64) << 16 | s as u64);
        match &population.initial[s] {
            Some(sampler) => sampler.value(n, rng.u32_at(n as u64)),
            None => info.init[if info.init.len() == 1 { 0 } else { n }],
        }
    };
    let state = |s: usize, neuron_slot: usize| real(exact(s, neuron_slot));
    let masks = (0..neuron_slots / BLOCK).map(|b| {
        let left = population.size - (block + b * stride) * BLOCK;
        if left >= BLOCK { u64::MAX } else { (1 << left) - 1 }
    });
    let masks: Vec<u64> = masks.collect();
    let count = masks.iter().map(|mask: &u64| mask.count_ones() as usize).sum();
    let cells = bound.cells_at(level)?.map(|cells| cells.cells_of(count, neuron)).transpose()?;
    let taps = plan.traces.iter().enumerate().filter(|(_, trace)| trace.population == i);
    let mut part = Part {
        population: i,
        block,
        neuron_slots,
        states: Tiles::new(bound.states.len(), neuron_slots, state, control)?,
        cells,
        low: None,
        coefs,
        slots: slots.iter().zip(&population.connected).map(|(&slot, &on)| on.then_some(slot)).collect(),
        masks,
        words: vec![0; neuron_slots / BLOCK],
        presampled: (0..bound.ports.len()).map(|_| PresampledPoisson::default()).collect(),
        taps: taps
            .map(|(k, trace)| Tap {
                trace: k,
                read: trace.read,
                every: trace.every,
                neuron_slots: columns(&trace.neurons, block, neuron_slots, stride)
                    .iter()
                    .map(|&(_, neuron_slot)| neuron_slot)
                    .collect(),
                samples: vec![],
            })
            .collect(),
        recorded_inputs: (0..bound.ports.len())
            .filter(|&port| plan.traces_port(i, port))
            .map(|port| Ok((port, try_vec("a partition", neuron_slots, <F as lapicque_base::Real>::ZERO)?)))
            .collect::<Result<_>>()?,
    };
    if plan.is_wide::<F>(i, derived) {
        part.widen(true, derived, |neuron_slot| neuron(neuron_slot).min(last))?;
        for s in 0..bound.states.len() {
            (0..neuron_slots).for_each(|neuron_slot| part.set_value(s, neuron_slot, exact(s, neuron_slot)));
        }
    }
    Ok(part)
}
