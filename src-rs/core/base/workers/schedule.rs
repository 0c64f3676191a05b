//! Which task runs when: a feedback queue of two levels. A task begins on the short level, at once unless many short tasks
//! run. One that has run for [`SHORT`] moves to the long level. Long tasks run in time slices of [`SLICE`] where more of them
//! want to run than fit, in the order in which they came. So a call that takes a millisecond waits for no simulation of an
//! hour, and nobody has to say which kind of call is short.
//!
//! A long task that has run for less than [`MIDDLE`] is taken every other time before older ones: it may be a short one on a
//! machine that is busy.
//!
//! A task pauses only where it checks for cancelling, and keeps its worker meanwhile. Nothing that it computes depends on
//! when it runs.

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

/// Gets an error where it cannot run: it was cancelled before it began, or there is no thread.
pub type Job = Box<dyn FnOnce(Result<()>) + Send>;

pub struct Entry {
    pub task: Arc<Task>,
    /// The object that it works on, where its tasks run one after the other.
    pub strand: Option<Strand>,
    pub job: Job,
}

enum Waiting {
    Start(Entry),
    Resume {
        task: Arc<Task>,
        /// It has run for less than [`MIDDLE`].
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
    /// When the phase began.
    since: Instant,
    /// When it was asked to pause.
    asked: Option<Instant>,
}

#[derive(Default)]
pub struct Schedule {
    short: VecDeque<Entry>,
    long: VecDeque<Waiting>,
    /// By object on which a task waits or runs: those behind it.
    strands: HashMap<Strand, VecDeque<Entry>>,
    /// The last long task that went on was taken before an older one.
    favoured: bool,
    pub started: Vec<Started>,
    pub groups: HashMap<usize, Group>,
    /// Threads of all workers.
    pub threads: usize,
    pub limits: Limits,
    /// The clock looks at nothing until it is woken.
    pub clock_sleeps: bool,
    /// Jobs for which there is no thread, until the lock is free.
    pub failed: Vec<(Entry, Error)>,
}

static SCHEDULE: LazyLock<Mutex<Schedule>> = LazyLock::new(Mutex::default);

/// No code that can panic runs under this lock, so a poisoned one is still whole.
pub fn lock() -> MutexGuard<'static, Schedule> {
    SCHEDULE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the lock back, and then its error to each job for which there was no thread.
pub fn unlock(mut schedule: MutexGuard<'static, Schedule>) {
    let failed = std::mem::take(&mut schedule.failed);
    drop(schedule);
    for (entry, error) in failed {
        super::worker::call(entry.job, Err(error));
    }
}

/// Runs a job when its turn has come and returns at once.
///
/// # Errors
/// `busy` where as many tasks wait as may; the job is dropped.
pub fn submit(entry: Entry) -> Result<()> {
    let mut schedule = lock();
    schedule.check_queue()?;
    if let Some(strand) = entry.strand
        && let Some(behind) = schedule.strands.get_mut(&strand)
    {
        behind.push_back(entry);
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

/// Lets the jobs of tasks that were cancelled before they began end now, and those that are paused go on to their end.
pub fn drop_cancelled() {
    let mut schedule = lock();
    let mut dropped = VecDeque::new();
    for behind in schedule.strands.values_mut() {
        dropped.extend(cut(behind, |entry| entry.task.is_cancelled()));
    }
    let first = dropped.len();
    dropped.extend(cut(&mut schedule.short, |entry| entry.task.is_cancelled()));
    let starting = |waiting: &Waiting| matches!(waiting, Waiting::Start(entry) if entry.task.is_cancelled());
    for waiting in cut(&mut schedule.long, starting) {
        if let Waiting::Start(entry) = waiting {
            dropped.push_back(entry);
        }
    }
    // Those that were about to begin make way for the next on their objects.
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

/// Takes some out of a queue.
fn cut<T>(queue: &mut VecDeque<T>, wanted: impl Fn(&T) -> bool) -> VecDeque<T> {
    let (cut, kept) = std::mem::take(queue).into_iter().partition(wanted);
    *queue = kept;
    cut
}

/// Called by a task that was asked to pause: returns when it may go on.
pub fn pause(task: &Arc<Task>) {
    /// How soon a paused task sees that its cancel flag was set without a word to the schedule.
    const LOOK: Duration = Duration::from_millis(50);
    let mut schedule = lock();
    loop {
        let cancelled = task.is_cancelled();
        let Some(own) = schedule.started.iter_mut().find(|started| started.task.id == task.id) else { break };
        match own.phase {
            Phase::Paused if cancelled => schedule.resume(task),
            Phase::Paused => {
                let waited = task.resumed.wait_timeout(schedule, LOOK);
                schedule = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            Phase::Long if own.asked.is_some() && !cancelled => {
                own.phase = Phase::Paused;
                own.since = Instant::now();
                let young = task.since_start().saturating_sub(task.paused()) < MIDDLE;
                schedule.long.push_back(Waiting::Resume { task: Arc::clone(task), young });
                schedule.dispatch();
                // It may have gone to sleep since it asked this task.
                clock::watch(&mut schedule);
            }
            _ => break,
        }
    }
    unlock(schedule);
}

impl Schedule {
    /// # Errors
    /// `busy` where as many tasks wait as may.
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

    /// The next task on an object whose task has ended.
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

    /// Starts what may start, and lets go on what may go on.
    pub fn dispatch(&mut self) {
        while self.count(|phase| phase == Phase::Short) < SHORT_TASKS && self.started.len() < STARTED {
            let Some(entry) = self.short.pop_front() else { break };
            self.start(entry, Phase::Short);
        }
        while let Some(next) = self.next_long() {
            let first = self.long.iter().position(|waiting| self.is_ready(waiting));
            self.favoured = first != Some(next);
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
        let started = Started { task: Arc::clone(&entry.task), phase, since: Instant::now(), asked: None };
        self.started.push(started);
        self.hand_over(entry);
    }

    fn resume(&mut self, task: &Arc<Task>) {
        self.long
            .retain(|waiting| !matches!(waiting, Waiting::Resume { task: other, .. } if other.id == task.id));
        let now = Instant::now();
        if let Some(own) = self.started.iter_mut().find(|started| started.task.id == task.id) {
            task.add_pause(now - own.since);
            (own.phase, own.since, own.asked) = (Phase::Long, now, None);
        }
        task.asked.store(false, Ordering::Relaxed);
        task.resumed.notify_all();
    }

    /// The long task that is to run next, if one more may: the first, or every other time the first that has not run for long.
    fn next_long(&self) -> Option<usize> {
        let first = self.long.iter().position(|waiting| self.is_ready(waiting))?;
        let young =
            self.long.iter().position(|waiting| matches!(waiting, Waiting::Resume { young: true, .. }));
        let next = young.filter(|_| !self.favoured).unwrap_or(first);
        let (Waiting::Start(Entry { task, .. }) | Waiting::Resume { task, .. }) = &self.long[next];
        self.has_room(task.threads).then_some(next)
    }

    fn is_ready(&self, waiting: &Waiting) -> bool {
        let long = self.count(|phase| phase != Phase::Short);
        matches!(waiting, Waiting::Resume { .. }) || long < LONG_STARTED && self.started.len() < STARTED
    }

    /// Whether one more long task of so many threads may run.
    fn has_room(&self, threads: usize) -> bool {
        let holds = |started: &&Started| {
            let responds = started.asked.is_none_or(|asked| asked.elapsed() < UNRESPONSIVE);
            started.phase == Phase::Long && responds
        };
        let running = self.started.iter().filter(holds);
        match self.limits.running {
            Some(limit) => running.count() < limit,
            None => {
                let taken: usize = running.clone().map(|started| started.task.threads).sum();
                running.count() < 2 || taken + threads <= settings::available_threads()
            }
        }
    }

    /// Short tasks that have run for long become long, and long ones whose time is over are asked to pause where others
    /// wait. Whether there is anything to look at the next time.
    pub fn tick(&mut self) -> bool {
        let now = Instant::now();
        for i in 0..self.started.len() {
            let Started { phase, since, asked, .. } = &self.started[i];
            let (phase, since, asked) = (*phase, *since, *asked);
            let time = now - since;
            let must_pause = match phase {
                Phase::Short if time >= SHORT => {
                    let room = self.has_room(self.started[i].task.threads);
                    (self.started[i].phase, self.started[i].since) = (Phase::Long, now);
                    !room || !self.long.is_empty()
                }
                Phase::Long => asked.is_none() && time >= SLICE && !self.long.is_empty(),
                _ => false,
            };
            if must_pause {
                self.started[i].asked = Some(now);
                self.started[i].task.asked.store(true, Ordering::Relaxed);
            }
        }
        self.dispatch();
        !self.short.is_empty() || !self.long.is_empty() || self.count(|phase| phase == Phase::Short) > 0
    }
}
