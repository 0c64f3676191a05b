//! The engine's threads. A worker runs one task at a time in a rayon pool in which it is thread 0. So a task enters its pool
//! without a thread switch, and a panic in a thread of the pool returns to it.

use super::limits;
use super::schedule::{Entry, Job, Schedule, lock, unlock};
use crate::error::{Error, Result};
use rayon::ThreadPoolBuilder;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, PoisonError};
use std::time::{Duration, Instant};

/// For the stack buffers of the network executor, and for the bounded recursion of parsers.
const STACK_BYTES: usize = 8 << 20;

/// How long a worker polls for the next task before it sleeps. A script that awaits one short step after another is faster
/// than waking a sleeping thread.
pub const POLL_TIME: Duration = Duration::from_micros(100);

/// The workers whose pools have the same number of threads. They live until their threads are needed by others: an idle worker
/// costs only address space.
#[derive(Default)]
pub struct Group {
    jobs: VecDeque<Entry>,
    signals: Arc<Signals>,
    /// Idle workers that poll for the next task.
    awake: usize,
    /// Idle workers that must be woken.
    asleep: usize,
    /// Workers that are to end.
    retiring: usize,
    workers: usize,
}

#[derive(Default)]
struct Signals {
    /// Number of the group's jobs, readable without the lock.
    pending: AtomicUsize,
    arrived: Condvar,
}

impl Schedule {
    /// Assigns a task to a worker.
    pub fn assign(&mut self, entry: Entry) {
        let mut threads = entry.task.threads;
        if !self.group(threads).has_idle() {
            threads = self.within_budget(threads);
        }
        if !self.group(threads).has_idle()
            && let Err(error) = self.start_worker(threads)
        {
            // An existing worker will run it.
            match self.groups.iter().find(|(_, group)| group.workers > 0) {
                Some((&other, _)) => threads = other,
                None => {
                    let error = Error::Io { path: "engine thread".into(), reason: error.to_string() };
                    self.started.retain(|started| started.task.id != entry.task.id);
                    self.advance(entry.strand);
                    return self.failed.push((entry, error));
                }
            }
        }
        let group = self.group(threads);
        group.jobs.push_back(entry);
        group.signals.pending.store(group.jobs.len(), Ordering::Relaxed);
        if group.jobs.len() > group.awake {
            group.signals.arrived.notify_one();
        }
    }

    fn group(&mut self, threads: usize) -> &mut Group {
        self.groups.entry(threads).or_default()
    }

    /// Ends idle workers of other groups until this number of additional threads is within the budget. Returns a smaller
    /// number if that is not possible.
    fn within_budget(&mut self, threads: usize) -> usize {
        for (&of, group) in &mut self.groups {
            while self.threads + threads > *limits::THREADS && group.retiring < group.asleep {
                group.retiring += 1;
                group.signals.arrived.notify_all();
                self.threads -= of;
            }
        }
        threads.min(limits::THREADS.saturating_sub(self.threads)).max(1)
    }

    fn start_worker(&mut self, threads: usize) -> std::io::Result<()> {
        let signals = Arc::clone(&self.group(threads).signals);
        let builder = std::thread::Builder::new().name("lapicque-worker".into()).stack_size(STACK_BYTES);
        builder.spawn(move || run(threads, &signals))?;
        self.threads += threads;
        let group = self.group(threads);
        group.awake += 1;
        group.workers += 1;
        Ok(())
    }
}

impl Group {
    fn has_idle(&self) -> bool {
        self.jobs.len() + self.retiring < self.awake + self.asleep
    }
}

fn run(threads: usize, signals: &Signals) {
    let pool = |threads| {
        let name = |index| format!("lapicque-{index}");
        ThreadPoolBuilder::new().num_threads(threads).use_current_thread().thread_name(name).build()
    };
    // If the system cannot create more threads, the worker runs alone: same results, but slower. Dropping the pool ends its
    // other threads.
    let _pool = pool(threads).or_else(|_| pool(1));
    let mut schedule = lock();
    loop {
        let group = schedule.group(threads);
        if let Some(entry) = group.jobs.pop_front() {
            signals.pending.store(group.jobs.len(), Ordering::Relaxed);
            group.awake -= 1;
            unlock(schedule);
            let Entry { task, strand, job } = entry;
            task.begin();
            call(job, Ok(()));
            schedule = lock();
            // Before other tasks are scheduled, since one of them may be for this worker.
            schedule.group(threads).awake += 1;
            schedule.ended(&task, strand);
            if schedule.group(threads).jobs.is_empty() {
                unlock(schedule);
                poll(&signals.pending);
                schedule = lock();
            }
        } else if group.retiring > 0 {
            group.retiring -= 1;
            group.awake -= 1;
            group.workers -= 1;
            return unlock(schedule);
        } else {
            group.awake -= 1;
            group.asleep += 1;
            schedule = signals.arrived.wait(schedule).unwrap_or_else(PoisonError::into_inner);
            let group = schedule.group(threads);
            group.asleep -= 1;
            group.awake += 1;
        }
    }
}

/// Callers catch panics where they send the result; this protects the worker from any others.
pub fn call(job: Job, start: Result<()>) {
    let _ = catch_unwind(AssertUnwindSafe(|| job(start)));
}

/// Polls until a job is there, at most for `POLL_TIME`.
fn poll(pending: &AtomicUsize) {
    let began = Instant::now();
    while pending.load(Ordering::Relaxed) == 0 && began.elapsed() < POLL_TIME {
        std::hint::spin_loop();
    }
}
