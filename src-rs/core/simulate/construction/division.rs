//! Division of a network: the number of useful threads, partitions, and the offsets of each partition's accumulators.

use crate::plan::inputs::{Input, InputKind};
use crate::plan::network::Plan;
use crate::plan::population::Population;
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};

/// The useful number of threads: a barrier costs as much as some thousands of operations. The number does not change results.
pub fn threads(plan: &Plan, at_most: usize) -> usize {
    /// Minimum number of operations of a thread between two barriers.
    const WORTH: u64 = 25_000;
    /// Cost of a normal random number and of a Poisson number, in operations.
    const NORMAL: u64 = 60;
    const COUNT: u64 = 12;
    /// Cost of a gap junction or graded synapse, in operations: some of the data that it reads are not in the first-level
    /// cache.
    const JUNCTION: u64 = 4;
    let program = |p: &Population| {
        if let Some(cells) = p.bound.cells() {
            return p.size as u64 * cells.operations() as u64;
        }
        let noise_cost = p.bound.noise.map_or(0, |noise| noise.draws as u64 * NORMAL);
        p.size as u64 * (p.bound.forward.operations() as u64 + noise_cost)
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

/// The number of partitions: a multiple of the number of threads, large enough that the accumulators of each partition can be
/// numbered.
pub fn partitions<F: Precision>(plan: &Plan, threads: usize) -> Result<usize> {
    let needed = |partitions: usize| -> usize {
        let numbering = Numbering::new(plan.populations.iter().map(|p| p.size), partitions);
        (0..partitions).map(|partition| slots(plan, &numbering, partition).1).max().unwrap_or(0)
    };
    (1..=4096).map(|k| k * threads).find(|&partitions| needed(partitions) <= F::MOST_SLOTS).ok_or_else(|| {
        Error::invalid(
            "populations",
            format!("{} neurons", plan.neurons),
            "fewer neurons, ports or places of targets, or f64: the inputs of this network cannot be numbered",
        )
    })
}

/// The offset of the accumulators of each population and port in a partition, and the number of accumulators.
pub fn slots(plan: &Plan, numbering: &Numbering, partition: usize) -> (Vec<Vec<usize>>, usize) {
    let mut next = 0;
    let slots = plan.populations.iter().enumerate().map(|(i, population)| {
        let neuron_slots = numbering.blocks(i, partition) * BLOCK;
        let reserve = |&connected: &bool| {
            let slot = next;
            next += if connected { neuron_slots } else { 0 };
            slot
        };
        population.connected.iter().map(reserve).collect()
    });
    (slots.collect(), next)
}
