//! The state of one task in the schedule.

use super::schedule;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, OnceLock};
use std::time::{Duration, Instant};

/// The data of a task that the schedule uses.
pub struct Task {
    /// A counter over all tasks of the process.
    pub id: u64,
    pub name: &'static str,
    /// Number of threads that it requests.
    pub threads: usize,
    /// Whether the task is known to be long before it begins.
    pub long: bool,
    pub canceled: Arc<AtomicBool>,
    /// Whether it must pause at its next check.
    pub(super) pause_requested: AtomicBool,
    pub(super) resumed: Condvar,
    pub queued: Instant,
    started: OnceLock<Instant>,
    /// Nanoseconds for which it has been paused, up to the last time it was resumed.
    paused: AtomicU64,
}

impl Task {
    pub fn new(name: &'static str, threads: usize, long: bool, canceled: Arc<AtomicBool>) -> Arc<Task> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Task {
            id: COUNT.fetch_add(1, Ordering::Relaxed) + 1,
            name,
            threads,
            long,
            canceled,
            pause_requested: AtomicBool::new(false),
            resumed: Condvar::new(),
            queued: Instant::now(),
            started: OnceLock::new(),
            paused: AtomicU64::new(0),
        })
    }

    /// A point where a task may pause; returns when it may continue. The task must not hold anything that others wait for.
    pub fn yield_now(self: &Arc<Self>) {
        if self.pause_requested.load(Ordering::Relaxed) {
            schedule::pause(self);
        }
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.canceled.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) {
        let _ = self.started.set(Instant::now());
    }

    pub(super) fn add_pause(&self, time: Duration) {
        self.paused.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// How long it has waited before it began, or until now if it has not begun.
    pub fn waited(&self) -> Duration {
        self.started.get().map_or_else(|| self.queued.elapsed(), |&started| started - self.queued)
    }

    /// Time since the beginning, including pauses; 0 before.
    pub fn since_start(&self) -> Duration {
        self.started.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// How long it has been paused.
    pub fn paused(&self) -> Duration {
        Duration::from_nanos(self.paused.load(Ordering::Relaxed))
    }
}
