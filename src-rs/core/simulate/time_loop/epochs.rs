//! The loop over time: threads advance their partitions by a min-delay epoch, wait at a barrier, and read the spikes that the
//! other threads have published.

use crate::construction::simulation::{Simulation, lock};
use crate::exchange::barrier::Barrier;
use crate::exchange::exchange_buffer::ExchangeBuffer;
use crate::exchange::published::Published;
use crate::partitions::faults::{Fault, faults};
use crate::partitions::partition::Partition;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Number of steps between two checks for states that are not finite, if the steps since the last check can be repeated.
pub(crate) const CHECK_EVERY: u64 = 1000;

/// Progress is reported once per this number of epochs, because reading the clock costs as much as some neurons.
const REPORT_EVERY: u32 = 16;

impl<F: Precision> Simulation<F> {
    /// Runs to step `end`, or until it is canceled; the simulation is then between two epochs. Returns the error in the
    /// network's values, if a check has found one; values are checked every `check_every` steps.
    pub(crate) fn advance(
        &mut self,
        end: u64,
        progress: Option<[u64; 2]>,
        check_every: u64,
        control: &Control,
    ) -> Result<Option<Error>> {
        let several = self.threads.min(rayon::current_num_threads());
        let threads = if self.pace.is_alone() { 1 } else { several };
        let (begin, first, paused) = (Instant::now(), self.step, control.paused());
        let run = Run {
            simulation: self,
            control,
            end,
            progress,
            check_every,
            fired: Published::new(threads),
            potentials: Published::new(self.partitions.len()),
            stop: [AtomicBool::new(false), AtomicBool::new(false)],
            fault: Mutex::new(None),
            barrier: Barrier::new(threads),
        };
        let reached = match threads {
            1 => vec![run.thread(0, 1)],
            _ => rayon::broadcast(|context| {
                (context.index() < threads).then(|| run.thread(context.index(), threads))
            })
            .into_iter()
            .flatten()
            .collect(),
        };
        let time = begin.elapsed().saturating_sub(control.paused() - paused);
        let contended = run.barrier.is_contended(time);
        let fault = run.fault.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut in_flight = None;
        let mut step = self.step;
        for reached in reached {
            let (at, spikes) = reached?;
            step = at;
            in_flight = spikes.or(in_flight);
        }
        self.step = step;
        self.in_flight = in_flight.unwrap_or_default();
        if several > 1 {
            self.pace.report(step - first, time, contended);
        }
        Ok(fault.map(|(_, error)| error))
    }
}

/// The data of one call of `advance` that all its threads share.
struct Run<'a, F: Precision> {
    simulation: &'a Simulation<F>,
    control: &'a Control,
    end: u64,
    /// The first and the last step of the whole progress, of which this call may be a part; `None` if progress is not
    /// reported.
    progress: Option<[u64; 2]>,
    check_every: u64,
    /// The spikes of an epoch, by thread.
    fired: Published<ExchangeBuffer>,
    /// The states that gap junctions read.
    potentials: Published<Vec<F>>,
    /// By parity: set in an epoch, read by all threads after its barrier.
    stop: [AtomicBool; 2],
    fault: Mutex<Option<Fault>>,
    barrier: Barrier,
}

impl<F: Precision> Run<'_, F> {
    /// The loop of one thread. Returns the step reached, and for thread 0 the spikes in flight.
    fn thread(&self, index: usize, threads: usize) -> Result<(u64, Option<Vec<Spike>>)> {
        let _guard = self.barrier.guard();
        let sim = self.simulation;
        let mut own: Vec<_> = sim
            .partitions
            .iter()
            .enumerate()
            .skip(index)
            .step_by(threads)
            .map(|(i, p)| (i, lock(p)))
            .collect();
        let mut in_flight = sim.in_flight.clone();
        let mut step = sim.step;
        let (mut parity, mut epochs) = (0, 0u32);
        let (mut fired, mut unpacked) = (vec![], vec![]);
        let weights = sim.plan.weights.iter().map(|weights| weights.every);
        let keeps = index == 0 || weights.len() > 0;
        let gaps = !sim.plan.gaps.is_empty();
        if gaps {
            own.iter().for_each(|(i, partition)| self.publish(*i, partition, 1));
            self.barrier.arrive(index);
            self.barrier.wait(index)?;
        }
        while step < self.end {
            // Weights are recorded at the end of an epoch, when all threads know all spikes.
            let read = weights.clone().map(|every| (step / every + 1) * every).min();
            let to = (step + sim.batch).min(self.end).min(read.unwrap_or(u64::MAX));
            fired.clear();
            for (i, partition) in &mut own {
                if gaps {
                    // SAFETY: written before the last barrier, and not again before the one below.
                    let published: Vec<_> = unsafe { self.potentials.read(1 - parity) }.collect();
                    partition.compute_gap_currents(&published);
                }
                for now in step + 1..=to {
                    partition.step(&sim.plan, &sim.shared, sim.level, (now, self.end + 1), &mut fired);
                    if now.is_multiple_of(self.check_every) || now == self.end {
                        self.check(partition, now, parity);
                    }
                }
                if gaps {
                    self.publish(*i, partition, parity);
                }
            }
            if index == 0 {
                // While this thread yields to other tasks, the others are parked at the barrier.
                if self.control.check().is_err() {
                    self.stop[parity].store(true, Ordering::Release);
                }
                if let Some([begin, end]) = self.progress
                    && (epochs.is_multiple_of(REPORT_EVERY) || to == self.end)
                {
                    self.control.report(to - begin, end - begin, || serde_json::Value::Null);
                }
                epochs = epochs.wrapping_add(1);
            }
            if threads > 1 {
                // SAFETY: only this thread writes the buffer. Every thread that has read this parity has passed the barrier of
                // the other parity since, and later readers wait at the barrier below.
                unsafe { self.fired.write(parity, index) }.set(&fired, step);
            }
            self.barrier.arrive(index);
            let mut receive = |spikes: &[Spike]| {
                own.iter_mut().for_each(|(_, partition)| partition.schedule(spikes, to));
                if keeps {
                    in_flight.extend_from_slice(spikes);
                }
            };
            let trains = &sim.plan.trains;
            receive(
                &trains
                    [trains.partition_point(|&(s, _)| s <= step)..trains.partition_point(|&(s, _)| s <= to)],
            );
            // A thread receives the spikes of its own partitions before it waits for the others.
            receive(&fired);
            self.barrier.wait(index)?;
            for other in (0..threads).filter(|&other| other != index) {
                // SAFETY: written before the barrier, and not again before the next one.
                receive(unsafe { self.fired.read_one(parity, other) }.spikes(step, &mut unpacked));
            }
            if keeps && to / sim.longest != step / sim.longest {
                in_flight.retain(|&(s, _)| s + sim.longest > to);
            }
            let plastic = own.iter_mut().flat_map(|(_, partition)| &mut partition.plastic);
            plastic.for_each(|plastic| plastic.sample(&in_flight, to));
            step = to;
            if self.stop[parity].load(Ordering::Acquire) {
                break;
            }
            parity = 1 - parity;
        }
        if index > 0 {
            return Ok((step, None));
        }
        in_flight.retain(|&(s, _)| s + sim.longest > step);
        in_flight.sort_unstable();
        Ok((step, Some(in_flight)))
    }

    fn publish(&self, i: usize, partition: &Partition<F>, parity: usize) {
        // SAFETY: only this thread owns the partition. Readers of this parity wait at the next barrier, and those of the
        // previous use have passed a barrier since.
        partition.publish(&self.simulation.plan, unsafe { self.potentials.write(parity, i) });
    }

    fn check(&self, partition: &Partition<F>, step: u64, parity: usize) {
        for (at, error) in faults(&self.simulation.plan, partition, self.simulation.level, step) {
            self.stop[parity].store(true, Ordering::Release);
            let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
            // The error with the smallest key is reported, so the result does not depend on partitions.
            if fault.as_ref().is_none_or(|(reported, _)| at < *reported) {
                *fault = Some((at, error));
            }
        }
    }
}
