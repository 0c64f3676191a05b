//! The recording of a run, and the memory that it takes.

use crate::construction::simulation::{Simulation, lock};
use crate::exchange::merge::merge;
use crate::neurons::build_part::columns;
use crate::partitions::partition::Partition;
use crate::partitions::synapses::order;
use crate::plan::network::Plan;
use crate::plasticity::learning::learning;
use crate::representation::exact_sum::ExactSum;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;
use lapicque_base::real::Real;
use std::ops::DerefMut;

/// Spikes and traces of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// Steps at whose end neurons spiked, ascending; counted from the start of the simulation.
    pub steps: Vec<u64>,
    /// The neuron of each spike, ascending within a step; populations in the order of their declaration.
    pub neurons: Vec<u32>,
    pub traces: Vec<Trace>,
    /// The recorded weights of each connection: `[steps][synapses]`, with their signs, in the order in which synapses are read
    /// back.
    pub weights: Vec<Trace>,
    /// Means over neurons, and proxies of the local field potential: `[steps]`.
    pub means: Vec<Trace>,
    pub fields: Vec<Trace>,
    /// The number of spikes times the synapses that they reached.
    pub synaptic_events: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The steps after which the state was read.
    pub steps: Vec<u64>,
    /// `[steps][neurons]` or `[steps][synapses]`
    pub values: Vec<f64>,
}

const READ: &str = "the recorded states and weights (a run in chunks needs less)";
const SPIKES: &str = "the recorded spikes (a run in chunks needs less)";

impl<F: Precision> Simulation<F> {
    /// Allocates memory for the samples up to step `end`, whose number is known beforehand.
    ///
    /// # Errors
    /// `too-large` if memory does not suffice for the samples and the recording made from them.
    pub(crate) fn reserve_samples(&self, end: u64) -> Result<()> {
        let readings = |every: u64| end / every - self.step / every;
        // Samples are stored in the partitions, then in the recording, then in the copy in JavaScript.
        let sums = (self.plan.means.iter())
            .fold(0, |sum: u64, mean| sum.saturating_add(readings(mean.every)))
            .saturating_mul((self.partitions.len() * size_of::<ExactSum>() / size_of::<F>()) as u64);
        let (mut new, mut whole) = (sums, 0u64);
        let mut count = |capacity: usize, values: u64| {
            whole = whole.saturating_add(values);
            new = new.saturating_add(values.saturating_sub(capacity as u64));
        };
        for partition in &self.partitions {
            let partition = lock(partition);
            for tap in partition.parts.iter().flat_map(|part| &part.taps) {
                count(
                    tap.samples.capacity(),
                    readings(tap.every).saturating_mul(tap.neuron_slots.len() as u64),
                );
            }
            for plastic in &partition.plastic {
                learning!(plastic, rows => if let Some(every) = rows.every {
                    let values = readings(every).saturating_mul(rows.targets.len() as u64);
                    count(rows.samples.capacity(), values);
                });
            }
        }
        let (own, copies) = (size_of::<F>() as u64, 2 * size_of::<f64>() as u64);
        memory::check(READ, new.saturating_mul(own).saturating_add(whole.saturating_mul(copies)))?;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let Partition { parts, plastic, means, .. } = &mut *partition;
            let taps = parts.iter_mut().flat_map(|part| &mut part.taps);
            let taps = taps.map(|tap| (tap.neuron_slots.len(), tap.every, &mut tap.samples));
            for (mean, tap) in self.plan.means.iter().zip(means) {
                let sums = readings(mean.every) as usize + 1;
                tap.samples.try_reserve_exact(sums).map_err(|_| memory::refused::<ExactSum>(READ, sums))?;
            }
            for (width, every, samples) in taps {
                let values = readings(every) as usize * width;
                samples.try_reserve_exact(values).map_err(|_| memory::refused::<F>(READ, values))?;
            }
            for plastic in plastic {
                learning!(plastic, rows => if let Some(every) = rows.every {
                    let values = readings(every) as usize * rows.targets.len();
                    rows.samples.try_reserve_exact(values).map_err(|_| memory::refused::<f64>(READ, values))?;
                });
            }
        }
        Ok(())
    }

    /// # Errors
    /// `too-large` if memory did not suffice for the recorded spikes.
    pub(crate) fn check_spike_memory(&self) -> Result<()> {
        let lost = self.partitions.iter().map(|partition| lock(partition).lost).max().unwrap_or(0);
        if lost > 0 { Err(memory::refused::<Spike>(SPIKES, lost)) } else { Ok(()) }
    }

    /// Collects the recording since step `start`.
    pub(crate) fn collect(&mut self, start: u64) -> Result<Recording> {
        let mut synaptic_events = 0;
        let end = self.step;
        let sampled = |every: u64| (start / every + 1..=end / every).map(move |k| k * every);
        let count = self.partitions.iter().map(|partition| lock(partition).recorded.len()).sum();
        let mut steps: Vec<u64> = memory::huge_pages(SPIKES, count)?;
        let mut neurons: Vec<u32> = memory::huge_pages(SPIKES, count)?;
        let mut traces: Vec<Trace> = (self.plan.traces.iter())
            .map(|trace| {
                let steps: Vec<u64> = sampled(trace.every).collect();
                let values = try_vec(READ, steps.len() * trace.neurons.len(), 0.0)?;
                Ok(Trace { steps, values })
            })
            .collect::<Result<_>>()?;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let partition = &mut *partition;
            synaptic_events += partition.delivered;
            for part in &mut partition.parts {
                for tap in &mut part.taps {
                    let (plan, trace) = (&self.plan.traces[tap.trace], &mut traces[tap.trace]);
                    let columns =
                        columns(plan.neurons.as_slice(), part.block, part.neuron_slots, partition.stride);
                    let width = plan.neurons.len();
                    let mut samples = tap.samples.drain(..);
                    for row in trace.values.chunks_exact_mut(width) {
                        for (column, _) in &columns {
                            row[*column] =
                                samples.next().map_or(f64::NAN, <F as lapicque_base::Real>::to_f64);
                        }
                    }
                }
            }
        }
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let spikes: Vec<&[Spike]> = partitions.iter().map(|partition| &partition.recorded[..]).collect();
        merge(&spikes, &mut steps, &mut neurons);
        partitions.iter_mut().for_each(|partition| partition.recorded.clear());
        let weights = self.plan.weights.iter().map(|weights| {
            let steps = sampled(weights.every).collect();
            recorded(&self.plan, weights.connection, &mut partitions, steps)
        });
        let weights = weights.collect::<Result<_>>()?;
        drop(partitions);
        let [means, fields] = self.collect_means(start);
        Ok(Recording { steps, neurons, traces, weights, means, fields, synaptic_events })
    }
}

/// The weights that the partitions have sampled at `steps`, moved out of them. Error: `too-large`.
fn recorded<F: Precision, P: DerefMut<Target = Partition<F>>>(
    plan: &Plan,
    connection: usize,
    partitions: &mut [P],
    steps: Vec<u64>,
) -> Result<Trace> {
    let (positions, total) = order(plan, connection, partitions);
    let sign = plan.connections[connection].synapse.as_ref().map_or(1.0, |synapse| synapse.sign);
    let mut values = try_vec("recorded weights", steps.len() * total, 0.0)?;
    for (partition, positions) in partitions.iter_mut().zip(&positions) {
        let Some(i) = partition.learning_at(connection) else { continue };
        learning!(&mut partition.plastic[i], plastic => {
            let mut samples = std::mem::take(&mut plastic.samples).into_iter();
            for row in values.chunks_exact_mut(total.max(1)) {
                for (&position, sample) in positions.iter().zip(&mut samples) {
                    row[position] = sign * sample.to_f64();
                }
            }
        });
    }
    Ok(Trace { steps, values })
}
