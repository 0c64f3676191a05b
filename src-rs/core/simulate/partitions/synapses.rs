//! The synapses of plastic connections in an order that does not depend on partitions: by target, then source, then delay.
//! They are read back, saved and restored in this order.

use super::partition::Partition;
use crate::plan::network::Plan;
use crate::plan::plastic_synapse::PlasticSynapse;
use crate::plasticity::learning::{learning, u32_of};
use crate::plasticity::plastic_rows::Segment;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::real::Real;
use std::ops::{Deref, DerefMut};

/// Synapses of one connection, read back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Synapses {
    /// Neurons, counted within their populations.
    pub sources: Vec<u32>,
    pub targets: Vec<u32>,
    /// In steps.
    pub delays: Vec<u32>,
    /// Each variable of the rule by name. The first is the weight `w`, with its sign.
    pub variables: Vec<(String, Vec<f64>)>,
}

/// The position of each partition's synapses in this order, and the number of synapses.
pub fn order<F: Precision, P: Deref<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &[P],
) -> (Vec<Vec<usize>>, usize) {
    let mut next = starts(plan, connection, partitions);
    let total = next.last().copied().unwrap_or(0);
    let neurons = partitions.iter().map(|partition| {
        partition.learning(connection).map_or(vec![], |plastic| partition.targets(plastic).collect())
    });
    let neurons: Vec<Vec<usize>> = neurons.collect();
    let mut next_position = |&n: &usize| {
        next[n] += 1;
        next[n] - 1
    };
    (neurons.iter().map(|neurons| neurons.iter().map(&mut next_position).collect()).collect(), total)
}

/// Visits the synapses of a connection chunk by chunk, as they are at the end of a step with these spikes in flight.
/// `see` receives their segment, their positions in the order, and the values of each variable.
pub fn visit<F: Precision, P: DerefMut<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &mut [P],
    (spikes, now): (&[Spike], u64),
    mut see: impl FnMut(&Segment, &[usize], &[u32], &dyn Fn(usize, usize) -> f64),
) {
    let mut next = starts(plan, connection, partitions);
    let (mut positions, mut targets) = (vec![], vec![]);
    for partition in partitions {
        let partition: &mut Partition<F> = partition;
        let Some(i) = partition.learning_at(connection) else { continue };
        let neurons: Vec<usize> = partition.neuron_slots_of(&partition.plastic[i]).collect();
        learning!(&mut partition.plastic[i], plastic => {
            plastic.reveal_all(now);
            let sent = plastic.sent(spikes);
            for segment in 0..plastic.segments.len() {
                let of = plastic.segments[segment].clone();
                plastic.peek(segment, &sent[of.source as usize], now, |neuron_slots, variables| {
                    targets.clear();
                    targets.extend(neuron_slots.iter().map(|&neuron_slot| neurons[u32_of(neuron_slot) as usize] as u32));
                    positions.clear();
                    positions.extend(targets.iter().map(|&n: &u32| {
                        next[n as usize] += 1;
                        next[n as usize] - 1
                    }));
                    see(&of, &positions, &targets, &|k, j| variables[k][j].to_f64());
                });
            }
        });
    }
}

/// The offset of each target's synapses in the order; the last entry is the number of all synapses.
fn starts<F: Precision, P: Deref<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &[P],
) -> Vec<usize> {
    let size = plan.populations[plan.connections[connection].population].size;
    let mut starts = vec![0; size + 1];
    for partition in partitions {
        let Some(plastic) = partition.learning(connection) else { continue };
        partition.targets(plastic).for_each(|neuron| starts[neuron + 1] += 1);
    }
    for n in 0..size {
        starts[n + 1] += starts[n];
    }
    starts
}

/// Number of synapses of a connection.
pub fn count<F: Precision, P: Deref<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &[P],
) -> usize {
    starts(plan, connection, partitions).last().copied().unwrap_or(0)
}

pub fn plastic(plan: &Plan, connection: usize) -> Result<&PlasticSynapse> {
    let synapse = plan.connections.get(connection).and_then(|c| c.synapse.as_ref());
    synapse.ok_or_else(|| Error::invalid("connection", connection, "a connection with a synapse model"))
}

pub fn read<F: Precision, P: DerefMut<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &mut [P],
    now: (&[Spike], u64),
) -> Result<Synapses> {
    let synapse = plastic(plan, connection)?;
    let total = count(plan, connection, partitions);
    let names = synapse.rule.variables.iter().map(|variable| (variable.name.to_string(), vec![0.0; total]));
    let [sources, targets, delays] = [(); 3].map(|()| vec![0; total]);
    let mut read = Synapses { sources, targets, delays, variables: names.collect() };
    visit(plan, connection, partitions, now, |segment, positions, targets, value| {
        for (j, &position) in positions.iter().enumerate() {
            (read.sources[position], read.targets[position]) = (segment.source, targets[j]);
            read.delays[position] = segment.delay;
            for (k, (_, values)) in read.variables.iter_mut().enumerate() {
                values[position] = value(k, j);
            }
        }
    });
    read.variables[0].1.iter_mut().for_each(|w| *w *= synapse.sign);
    Ok(read)
}

/// One variable in the same order, rounded to `V`; variable 0 is the weight.
pub fn variable<V: Real, F: Precision, P: DerefMut<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &mut [P],
    now: (&[Spike], u64),
    number: usize,
) -> Result<Vec<V>> {
    let sign = if number == 0 { plastic(plan, connection)?.sign } else { 1.0 };
    let total = count(plan, connection, partitions);
    let mut all = try_vec("weights", total, V::ZERO)?;
    visit(plan, connection, partitions, now, |_, positions, _, value| {
        let read = |j: usize| V::from_f64(sign * value(number, j));
        positions.iter().enumerate().for_each(|(j, &position)| all[position] = read(j));
    });
    Ok(all)
}
