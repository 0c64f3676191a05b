//! The loop over time: threads advance their partitions by a batch of steps, meet, and read what spikes
//! the others have shown.

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

/// How often is looked for a state that is not finite where the steps before can be taken again.
pub(crate) const CHECK_EVERY: u64 = 1000;

/// After so many batches progress is reported: the clock costs as much as some neurons.
const REPORT_EVERY: u32 = 16;

impl<F: Precision> Simulation<F> {
    /// Runs to step `end` or until it is told to stop; the simulation is then between two batches. What is wrong with
    /// the network then, if anything is, which is looked for after every `check_every` steps.
    pub(crate) fn advance(
        &mut self,
        end: u64,
        told: Option<[u64; 2]>,
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
            told,
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
        let sleepy = run.barrier.is_sleepy(time);
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
            self.pace.took(step - first, time, sleepy);
        }
        Ok(fault.map(|(_, error)| error))
    }
}

/// One call of `run`, seen by all its threads.
struct Run<'a, F: Precision> {
    simulation: &'a Simulation<F>,
    control: &'a Control,
    end: u64,
    /// From where to where all is to go, of which this may be a part; none where nobody is told.
    told: Option<[u64; 2]>,
    check_every: u64,
    /// Spikes of a batch, by thread.
    fired: Published<ExchangeBuffer>,
    /// What gap junctions see.
    potentials: Published<Vec<F>>,
    /// Set in a batch, seen by all after its barrier.
    stop: [AtomicBool; 2],
    fault: Mutex<Option<Fault>>,
    barrier: Barrier,
}

impl<F: Precision> Run<'_, F> {
    /// What one thread does; returns the step reached and, of thread 0, the spikes under way.
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
        let (mut turn, mut rounds) = (0, 0u32);
        let (mut fired, mut room) = (vec![], vec![]);
        let weights = sim.plan.weights.iter().map(|weights| weights.every);
        let keeps = index == 0 || weights.len() > 0;
        let gaps = !sim.plan.gaps.is_empty();
        if gaps {
            own.iter().for_each(|(i, partition)| self.show(*i, partition, 1));
            self.barrier.arrive(index);
            self.barrier.wait(index)?;
        }
        while step < self.end {
            // Weights are read when all know of all spikes.
            let read = weights.clone().map(|every| (step / every + 1) * every).min();
            let to = (step + sim.batch).min(self.end).min(read.unwrap_or(u64::MAX));
            fired.clear();
            for (i, partition) in &mut own {
                if gaps {
                    // SAFETY: written before the last barrier, and again after the one below.
                    let shown: Vec<_> = unsafe { self.potentials.read(1 - turn) }.collect();
                    partition.bridge(&shown);
                }
                for now in step + 1..=to {
                    partition.step(&sim.plan, &sim.shared, sim.level, (now, self.end + 1), &mut fired);
                    if now.is_multiple_of(self.check_every) || now == self.end {
                        self.check(partition, now, turn);
                    }
                }
                if gaps {
                    self.show(*i, partition, turn);
                }
            }
            if index == 0 {
                // The others sleep at the barrier while this thread makes way for other tasks.
                if self.control.check().is_err() {
                    self.stop[turn].store(true, Ordering::Release);
                }
                if let Some([begin, end]) = self.told
                    && (rounds.is_multiple_of(REPORT_EVERY) || to == self.end)
                {
                    self.control.report(to - begin, end - begin, || serde_json::Value::Null);
                }
                rounds = rounds.wrapping_add(1);
            }
            if threads > 1 {
                // SAFETY: the place is this thread's. Who has read the turn has been at the barrier of the other one
                // since, and who will read it waits at the barrier below.
                unsafe { self.fired.write(turn, index) }.set(&fired, step);
            }
            self.barrier.arrive(index);
            let mut hear = |spikes: &[Spike]| {
                own.iter_mut().for_each(|(_, partition)| partition.schedule(spikes, to));
                if keeps {
                    in_flight.extend_from_slice(spikes);
                }
            };
            let trains = &sim.plan.trains;
            hear(
                &trains
                    [trains.partition_point(|&(s, _)| s <= step)..trains.partition_point(|&(s, _)| s <= to)],
            );
            // What its own partitions have fired a thread hears before it waits for the others.
            hear(&fired);
            self.barrier.wait(index)?;
            for other in (0..threads).filter(|&other| other != index) {
                // SAFETY: written before the barrier, and again after the next one.
                hear(unsafe { self.fired.read_one(turn, other) }.spikes(step, &mut room));
            }
            if keeps && to / sim.longest != step / sim.longest {
                in_flight.retain(|&(s, _)| s + sim.longest > to);
            }
            let plastic = own.iter_mut().flat_map(|(_, partition)| &mut partition.plastic);
            plastic.for_each(|plastic| plastic.sample(&in_flight, to));
            step = to;
            if self.stop[turn].load(Ordering::Acquire) {
                break;
            }
            turn = 1 - turn;
        }
        if index > 0 {
            return Ok((step, None));
        }
        in_flight.retain(|&(s, _)| s + sim.longest > step);
        in_flight.sort_unstable();
        Ok((step, Some(in_flight)))
    }

    fn show(&self, i: usize, partition: &Partition<F>, turn: usize) {
        // SAFETY: the partition is this thread's; who reads the turn waits at the next barrier, and who has
        // read it has been at one since.
        partition.show(&self.simulation.plan, unsafe { self.potentials.write(turn, i) });
    }

    fn check(&self, partition: &Partition<F>, step: u64, turn: usize) {
        for (at, error) in faults(&self.simulation.plan, partition, self.simulation.level, step) {
            self.stop[turn].store(true, Ordering::Release);
            let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
            // The same one is named whatever the partition.
            if fault.as_ref().is_none_or(|(known, _)| at < *known) {
                *fault = Some((at, error));
            }
        }
    }
}
