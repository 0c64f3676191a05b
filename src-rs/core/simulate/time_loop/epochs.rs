//! The loop over time: threads advance their partitions by a min-delay epoch, wait at a barrier, and read the spikes that the
//! other threads have published. What a thread does in an epoch: [`worker`](super::worker).

use super::worker::Worker;
use crate::construction::simulation::Simulation;
use crate::exchange::barrier::Barrier;
use crate::exchange::exchange_buffer::ExchangeBuffer;
use crate::exchange::published::Published;
use crate::partitions::faults::Fault;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Number of steps between two checks for states that are not finite, if the steps since the last check can be repeated.
pub(crate) const CHECK_EVERY: u64 = 1000;

impl<F: Precision> Simulation<F> {
    /// The most threads that a run uses here.
    pub(crate) fn useful_threads(&self) -> usize {
        self.threads.min(rayon::current_num_threads())
    }

    /// Runs to step `end`, or until it is canceled; the simulation is then between two epochs. Returns the error in the
    /// network's values, if a check has found one; values are checked every `check_every` steps.
    pub(crate) fn advance(
        &mut self,
        end: u64,
        progress: Option<[u64; 2]>,
        check_every: u64,
        control: &Control,
    ) -> Result<Option<Error>> {
        let several = self.useful_threads();
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
pub(super) struct Run<'a, F: Precision> {
    pub(super) simulation: &'a Simulation<F>,
    pub(super) control: &'a Control,
    pub(super) end: u64,
    /// The first and the last step of the whole progress, of which this call may be a part; `None` if progress is not
    /// reported.
    pub(super) progress: Option<[u64; 2]>,
    pub(super) check_every: u64,
    /// The spikes of an epoch, by thread.
    pub(super) fired: Published<ExchangeBuffer>,
    /// The states that gap junctions read.
    pub(super) potentials: Published<Vec<F>>,
    /// By parity: set in an epoch, read by all threads after its barrier.
    pub(super) stop: [AtomicBool; 2],
    pub(super) fault: Mutex<Option<Fault>>,
    pub(super) barrier: Barrier,
}

impl<F: Precision> Run<'_, F> {
    /// The loop of one thread. Returns the step reached, and for thread 0 the spikes in flight.
    ///
    /// In each min-delay epoch, a thread advances its partitions and publishes their spikes. Between the arrival at the barrier and the wait for
    /// the other threads it enters its own spikes into its calendars; after the wait it enters those of the others.
    fn thread(&self, index: usize, threads: usize) -> Result<(u64, Option<Vec<Spike>>)> {
        let _guard = self.barrier.guard();
        let mut worker = Worker::new(self, index, threads);
        worker.publish_first_potentials()?;
        while worker.step < self.end {
            let to = worker.epoch_end();
            worker.advance_partitions(to);
            worker.check_canceled_and_report(to);
            worker.publish_spikes();
            self.barrier.arrive(index);
            worker.receive_trains(to);
            worker.receive_own_spikes(to);
            self.barrier.wait(index)?;
            worker.receive_published_spikes(to);
            worker.drop_arrived_spikes(to);
            worker.sample_weights(to);
            if worker.end_epoch(to) {
                break;
            }
        }
        Ok(worker.finish())
    }
}
