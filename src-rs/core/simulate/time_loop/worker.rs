//! One thread of a run: its partitions, and its tasks in a min-delay epoch.

use super::epochs::Run;
use crate::construction::simulation::lock;
use crate::partitions::faults::faults;
use crate::partitions::partition::Partition;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::error::Result;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

/// Progress is reported once per this number of epochs, because reading the clock costs as much as some neurons.
const REPORT_EVERY: u32 = 16;

pub(super) struct Worker<'a, F: Precision> {
    run: &'a Run<'a, F>,
    index: usize,
    threads: usize,
    /// The partitions of this thread, each with its index.
    own: Vec<(usize, MutexGuard<'a, Partition<F>>)>,
    /// Steps done.
    pub step: u64,
    /// Buffers that threads share exist twice: this epoch uses those of this parity.
    parity: usize,
    epochs: u32,
    /// Spikes of the own partitions in this epoch.
    fired: Vec<Spike>,
    unpacked: Vec<Spike>,
    /// Spikes that may not have arrived everywhere; only if `keeps_in_flight`.
    in_flight: Vec<Spike>,
    keeps_in_flight: bool,
    has_gap_junctions: bool,
}

impl<'a, F: Precision> Worker<'a, F> {
    pub fn new(run: &'a Run<'a, F>, index: usize, threads: usize) -> Self {
        let sim = run.simulation;
        let own = sim.partitions.iter().enumerate().skip(index).step_by(threads);
        Worker {
            run,
            index,
            threads,
            own: own.map(|(i, partition)| (i, lock(partition))).collect(),
            step: sim.step,
            parity: 0,
            epochs: 0,
            fired: vec![],
            unpacked: vec![],
            in_flight: sim.in_flight.clone(),
            // Thread 0 returns them, and recorded weights depend on them.
            keeps_in_flight: index == 0 || !sim.plan.weights.is_empty(),
            has_gap_junctions: !sim.plan.gaps.is_empty(),
        }
    }

    /// Gap junctions read the states of the previous step; the first epoch reads those at the beginning.
    pub fn publish_first_potentials(&self) -> Result<()> {
        if !self.has_gap_junctions {
            return Ok(());
        }
        self.own.iter().for_each(|(i, partition)| self.publish_potentials(*i, partition, 1));
        self.run.barrier.arrive(self.index);
        self.run.barrier.wait(self.index)
    }

    /// The last step of the epoch that begins now.
    pub fn epoch_end(&self) -> u64 {
        let sim = self.run.simulation;
        // Weights are recorded at the end of an epoch, when all threads know all spikes.
        let read =
            sim.plan.weights.iter().map(|weights| (self.step / weights.every + 1) * weights.every).min();
        (self.step + sim.epoch_steps).min(self.run.end).min(read.unwrap_or(u64::MAX))
    }

    /// Advances the own partitions to step `to` and collects their spikes.
    pub fn advance_partitions(&mut self, to: u64) {
        let (run, sim) = (self.run, self.run.simulation);
        self.fired.clear();
        for k in 0..self.own.len() {
            let (i, partition) = &mut self.own[k];
            if self.has_gap_junctions {
                // SAFETY: written before the last barrier, and not again before the next one.
                let published: Vec<_> = unsafe { run.potentials.read(1 - self.parity) }.collect();
                partition.compute_gap_currents(&published);
            }
            for now in self.step + 1..=to {
                partition.step(&sim.plan, &sim.shared, sim.level, (now, run.end + 1), &mut self.fired);
                if now.is_multiple_of(run.check_every) || now == run.end {
                    run.check(partition, now, self.parity);
                }
            }
            if self.has_gap_junctions {
                let i = *i;
                self.publish_potentials(i, &self.own[k].1, self.parity);
            }
        }
    }

    /// On thread 0: stops the run after this epoch if it is canceled, and reports the progress.
    pub fn check_canceled_and_report(&mut self, to: u64) {
        if self.index > 0 {
            return;
        }
        let run = self.run;
        // While this thread yields to other tasks, the others are parked at the barrier.
        if run.control.check().is_err() {
            run.stop[self.parity].store(true, Ordering::Release);
        }
        if let Some([begin, end]) = run.progress
            && (self.epochs.is_multiple_of(REPORT_EVERY) || to == run.end)
        {
            run.control.report(to - begin, end - begin, || serde_json::Value::Null);
        }
        self.epochs = self.epochs.wrapping_add(1);
    }

    /// Makes the spikes of this epoch readable for the other threads after the barrier.
    pub fn publish_spikes(&self) {
        if self.threads > 1 {
            // SAFETY: only this thread writes the buffer. Every thread that has read this parity has passed the barrier of
            // the other parity since, and later readers wait at the next barrier.
            unsafe { self.run.fired.write(self.parity, self.index) }.set(&self.fired, self.step);
        }
    }

    /// The spikes of trains in this epoch.
    pub fn receive_trains(&mut self, to: u64) {
        let trains = &self.run.simulation.plan.trains;
        let from = trains.partition_point(|&(s, _)| s <= self.step);
        let end = trains.partition_point(|&(s, _)| s <= to);
        receive(&mut self.own, self.keeps_in_flight.then_some(&mut self.in_flight), &trains[from..end], to);
    }

    /// A thread receives the spikes of its own partitions before it waits for the others.
    pub fn receive_own_spikes(&mut self, to: u64) {
        receive(&mut self.own, self.keeps_in_flight.then_some(&mut self.in_flight), &self.fired, to);
    }

    /// The spikes that the other threads have published before the barrier.
    pub fn receive_published_spikes(&mut self, to: u64) {
        for other in (0..self.threads).filter(|&other| other != self.index) {
            // SAFETY: written before the barrier, and not again before the next one.
            let published = unsafe { self.run.fired.read_one(self.parity, other) };
            let spikes = published.spikes(self.step, &mut self.unpacked);
            receive(&mut self.own, self.keeps_in_flight.then_some(&mut self.in_flight), spikes, to);
        }
    }

    /// From time to time, forgets spikes that have arrived everywhere.
    pub fn drop_arrived_spikes(&mut self, to: u64) {
        let longest = self.run.simulation.longest;
        if self.keeps_in_flight && to / longest != self.step / longest {
            self.in_flight.retain(|&(s, _)| s + longest > to);
        }
    }

    /// Records weights that are due at the end of this epoch.
    pub fn sample_weights(&mut self, to: u64) {
        let plastic = self.own.iter_mut().flat_map(|(_, partition)| &mut partition.plastic);
        plastic.for_each(|plastic| plastic.sample(&self.in_flight, to));
    }

    /// Ends the epoch. True if the run stops.
    pub fn end_epoch(&mut self, to: u64) -> bool {
        self.step = to;
        let stops = self.run.stop[self.parity].load(Ordering::Acquire);
        self.parity = 1 - self.parity;
        stops
    }

    /// The step reached, and for thread 0 the spikes in flight.
    pub fn finish(mut self) -> (u64, Option<Vec<Spike>>) {
        if self.index > 0 {
            return (self.step, None);
        }
        let longest = self.run.simulation.longest;
        self.in_flight.retain(|&(s, _)| s + longest > self.step);
        self.in_flight.sort_unstable();
        (self.step, Some(self.in_flight))
    }

    fn publish_potentials(&self, i: usize, partition: &Partition<F>, parity: usize) {
        // SAFETY: only this thread owns the partition. Readers of this parity wait at the next barrier, and those of the
        // previous use have passed a barrier since.
        partition.publish(&self.run.simulation.plan, unsafe { self.run.potentials.write(parity, i) });
    }
}

/// Enters spikes of the epoch that ends at step `to` into the calendars of a thread's partitions.
fn receive<F: Precision>(
    own: &mut [(usize, MutexGuard<Partition<F>>)],
    in_flight: Option<&mut Vec<Spike>>,
    spikes: &[Spike],
    to: u64,
) {
    own.iter_mut().for_each(|(_, partition)| partition.schedule(spikes, to));
    if let Some(in_flight) = in_flight {
        in_flight.extend_from_slice(spikes);
    }
}

impl<F: Precision> Run<'_, F> {
    /// Stops the run after this epoch if a value of the partition is not finite or cannot be represented.
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
