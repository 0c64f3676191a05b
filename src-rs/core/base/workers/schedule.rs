//! The schedule of tasks: a feedback queue with two levels. A task starts on the short level, immediately unless many short
//! tasks run. After [`SHORT`] it moves to the long level. If there are more long tasks than may run, they run in time slices
//! of [`SLICE`], in the order of submission. So a call that takes a millisecond does not wait for a simulation of an hour, and
//! callers do not have to declare how long a call will take.
//!
//! A long task that has run for less than [`MIDDLE`] is preferred over older ones every other time: on a busy machine it may
//! be a short one.
//!
//! A task pauses only where it checks for cancellation, and keeps its worker while it is paused. Results never depend on the
//! schedule.

use super::clock;
use super::limits::{LONG_STARTED, Limits, MIDDLE, SHORT, SHORT_TASKS, SLICE, STARTED, UNRESPONSIVE};
use super::strand::Strand;
use super::task::Task;
use super::worker::Group;
use crate::error::{Error, Result};
use crate::settings;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Called with an error if the job cannot run: it was canceled before it began, or no thread could be created.
pub type Job = Box<dyn FnOnce(Result<()>) + Send>;

pub struct Entry {
    pub task: Arc<Task>,
    /// The object that the task works on, if tasks on it must run one after the other.
    pub strand: Option<Strand>,
    pub job: Job,
}

enum Waiting {
    Start(Entry),
    Resume {
        task: Arc<Task>,
        /// Whether the task has run for less than [`MIDDLE`].
        young: bool,
    },
}

#[derive(Clone, Copy, PartialEq)]
pub enum Phase {
    Short,
    Long,
    Paused,
}

/// A task that has begun and not ended.
pub struct Started {
    pub task: Arc<Task>,
    pub phase: Phase,
    /// Start of the current phase.
    since: Instant,
    /// The time at which the task was asked to pause.
    pause_requested: Option<Instant>,
}

#[derive(Default)]
pub struct Schedule {
    short: VecDeque<Entry>,
    long: VecDeque<Waiting>,
    /// By object: the tasks that wait for the current task on it.
    strands: HashMap<Strand, VecDeque<Entry>>,
    /// Whether the last long task to continue was preferred over an older one.
    favored: bool,
    pub started: Vec<Started>,
    pub groups: HashMap<usize, Group>,
    /// Number of threads of all workers.
    pub threads: usize,
    pub limits: Limits,
    /// Whether the clock thread sleeps until it is woken.
    pub clock_sleeps: bool,
    /// Jobs for which no thread could be created; they are called with the error after the lock is released.
    pub failed: Vec<(Entry, Error)>,
}

static SCHEDULE: LazyLock<Mutex<Schedule>> = LazyLock::new(Mutex::default);

/// No code that can panic runs under this lock, so the data are valid even if it is poisoned.
pub fn lock() -> MutexGuard<'static, Schedule> {
    SCHEDULE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Releases the lock, then calls each failed job with its error.
pub fn unlock(mut schedule: MutexGuard<'static, Schedule>) {
    let failed = std::mem::take(&mut schedule.failed);
    drop(schedule);
    for (entry, error) in failed {
        super::worker::call(entry.job, Err(error));
    }
}

/// Queues a job and returns immediately.
///
/// # Errors
/// `busy` if the maximum number of tasks is waiting; the job is dropped.
pub fn submit(entry: Entry) -> Result<()> {
    let mut schedule = lock();
    schedule.check_queue()?;
    if let Some(strand) = entry.strand
        && let Some(queue) = schedule.strands.get_mut(&strand)
    {
        queue.push_back(entry);
    } else {
        if let Some(strand) = entry.strand {
            schedule.strands.insert(strand, VecDeque::new());
        }
        schedule.enqueue(entry);
        schedule.dispatch();
    }
    clock::watch(&mut schedule);
    unlock(schedule);
    Ok(())
}

/// Ends the jobs of tasks that were canceled before they began, and lets paused ones continue to their end.
pub fn drop_canceled() {
    let mut schedule = lock();
    let mut dropped = VecDeque::new();
    for queue in schedule.strands.values_mut() {
        dropped.extend(remove_where(queue, |entry| entry.task.is_canceled()));
    }
    let first = dropped.len();
    dropped.extend(remove_where(&mut schedule.short, |entry| entry.task.is_canceled()));
    let starting = |waiting: &Waiting| matches!(waiting, Waiting::Start(entry) if entry.task.is_canceled());
    for waiting in remove_where(&mut schedule.long, starting) {
        if let Waiting::Start(entry) = waiting {
            dropped.push_back(entry);
        }
    }
    // Canceled tasks that were next on their object are replaced by the following task on it.
    for entry in dropped.iter().skip(first) {
        schedule.advance(entry.strand);
    }
    for started in schedule.started.iter().filter(|started| started.phase == Phase::Paused) {
        started.task.resumed.notify_all();
    }
    schedule.dispatch();
    unlock(schedule);
    for entry in dropped {
        super::worker::call(entry.job, Err(Error::Aborted));
    }
}

/// Removes the entries that satisfy `condition` from a queue.
fn remove_where<T>(queue: &mut VecDeque<T>, condition: impl Fn(&T) -> bool) -> VecDeque<T> {
    let (removed, kept) = std::mem::take(queue).into_iter().partition(condition);
    *queue = kept;
    removed
}

/// Called by a task that was asked to pause; returns when it may continue.
pub fn pause(task: &Arc<Task>) {
    /// Interval at which a paused task checks its cancel flag, which may be set without notifying the schedule.
    const CANCEL_CHECK_INTERVAL: Duration = Duration::from_millis(50);
    let mut schedule = lock();
    loop {
        let canceled = task.is_canceled();
        let Some(own) = schedule.started.iter_mut().find(|started| started.task.id == task.id) else { break };
        match own.phase {
            Phase::Paused if canceled => schedule.resume(task),
            Phase::Paused => {
                let waited = task.resumed.wait_timeout(schedule, CANCEL_CHECK_INTERVAL);
                schedule = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            Phase::Long if own.pause_requested.is_some() && !canceled => {
                own.phase = Phase::Paused;
                own.since = Instant::now();
                let young = task.since_start().saturating_sub(task.paused()) < MIDDLE;
                schedule.long.push_back(Waiting::Resume { task: Arc::clone(task), young });
                schedule.dispatch();
                // The clock may have gone to sleep since it asked this task to pause.
                clock::watch(&mut schedule);
            }
            _ => break,
        }
    }
    unlock(schedule);
}

impl Schedule {
    /// # Errors
    /// `busy` if the maximum number of tasks is waiting.
    pub fn check_queue(&self) -> Result<()> {
        match self.limits.queued {
            Some(limit) if self.queued() >= limit => Err(Error::Busy { queued: self.queued(), limit }),
            _ => Ok(()),
        }
    }

    /// Tasks that have not begun.
    pub fn queued(&self) -> usize {
        let long = self.long.iter().filter(|waiting| matches!(waiting, Waiting::Start(_))).count();
        self.short.len() + long + self.strands.values().map(VecDeque::len).sum::<usize>()
    }

    fn enqueue(&mut self, entry: Entry) {
        match entry.task.long {
            true => self.long.push_back(Waiting::Start(entry)),
            false => self.short.push_back(entry),
        }
    }

    /// Queues the next task on an object after a task on it has ended.
    pub fn advance(&mut self, strand: Option<Strand>) {
        let Some(strand) = strand else { return };
        match self.strands.get_mut(&strand).and_then(VecDeque::pop_front) {
            Some(next) => self.enqueue(next),
            None => drop(self.strands.remove(&strand)),
        }
    }

    pub fn ended(&mut self, task: &Task, strand: Option<Strand>) {
        self.started.retain(|started| started.task.id != task.id);
        self.advance(strand);
        self.dispatch();
    }

    /// Starts tasks that may start, and resumes tasks that may continue.
    pub fn dispatch(&mut self) {
        while self.count(|phase| phase == Phase::Short) < SHORT_TASKS && self.started.len() < STARTED {
            let Some(entry) = self.short.pop_front() else { break };
            self.start(entry, Phase::Short);
        }
        while let Some(next) = self.next_long() {
            let first = self.long.iter().position(|waiting| self.is_ready(waiting));
            self.favored = first != Some(next);
            match self.long.remove(next) {
                Some(Waiting::Start(entry)) => self.start(entry, Phase::Long),
                Some(Waiting::Resume { task, .. }) => self.resume(&task),
                None => break,
            }
        }
    }

    fn count(&self, of: impl Fn(Phase) -> bool) -> usize {
        self.started.iter().filter(|started| of(started.phase)).count()
    }

    fn start(&mut self, entry: Entry, phase: Phase) {
        let started =
            Started { task: Arc::clone(&entry.task), phase, since: Instant::now(), pause_requested: None };
        self.started.push(started);
        self.assign(entry);
    }

    fn resume(&mut self, task: &Arc<Task>) {
        self.long
            .retain(|waiting| !matches!(waiting, Waiting::Resume { task: other, .. } if other.id == task.id));
        let now = Instant::now();
        if let Some(own) = self.started.iter_mut().find(|started| started.task.id == task.id) {
            task.add_pause(now - own.since);
            (own.phase, own.since, own.pause_requested) = (Phase::Long, now, None);
        }
        task.pause_requested.store(false, Ordering::Relaxed);
        task.resumed.notify_all();
    }

    /// The long task to run next, if another may run: the first, or every other time the first young one.
    fn next_long(&self) -> Option<usize> {
        let first = self.long.iter().position(|waiting| self.is_ready(waiting))?;
        let young =
            self.long.iter().position(|waiting| matches!(waiting, Waiting::Resume { young: true, .. }));
        let next = young.filter(|_| !self.favored).unwrap_or(first);
        let (Waiting::Start(Entry { task, .. }) | Waiting::Resume { task, .. }) = &self.long[next];
        self.may_run_long(task.threads).then_some(next)
    }

    fn is_ready(&self, waiting: &Waiting) -> bool {
        let long = self.count(|phase| phase != Phase::Short);
        matches!(waiting, Waiting::Resume { .. }) || long < LONG_STARTED && self.started.len() < STARTED
    }

    /// Whether another long task with this number of threads may run.
    fn may_run_long(&self, threads: usize) -> bool {
        let is_running = |started: &&Started| {
            let responds = started
                .pause_requested
                .is_none_or(|pause_requested| pause_requested.elapsed() < UNRESPONSIVE);
            started.phase == Phase::Long && responds
        };
        let running = self.started.iter().filter(is_running);
        match self.limits.running {
            Some(limit) => running.count() < limit,
            None => {
                let taken: usize = running.clone().map(|started| started.task.threads).sum();
                running.count() < 2 || taken + threads <= settings::available_threads()
            }
        }
    }

    /// Moves short tasks that have run long enough to the long level, and asks long ones to pause if their time slice is over
    /// and others wait. Returns whether another check is needed.
    pub fn tick(&mut self) -> bool {
        let now = Instant::now();
        for i in 0..self.started.len() {
            let Started { phase, since, pause_requested, .. } = &self.started[i];
            let (phase, since, pause_requested) = (*phase, *since, *pause_requested);
            let time = now - since;
            let must_pause = match phase {
                Phase::Short if time >= SHORT => {
                    let may_run = self.may_run_long(self.started[i].task.threads);
                    (self.started[i].phase, self.started[i].since) = (Phase::Long, now);
                    !may_run || !self.long.is_empty()
                }
                Phase::Long => pause_requested.is_none() && time >= SLICE && !self.long.is_empty(),
                _ => false,
            };
            if must_pause {
                self.started[i].pause_requested = Some(now);
                self.started[i].task.pause_requested.store(true, Ordering::Relaxed);
            }
        }
        self.dispatch();
        !self.short.is_empty() || !self.long.is_empty() || self.count(|phase| phase == Phase::Short) > 0
    }
}
