//! Running and waiting tasks.

use super::limits::{self, Limits};
use super::schedule::{Phase, lock, unlock};
use std::time::Duration;

/// A snapshot of the engine.
#[derive(Debug, Clone)]
pub struct Status {
    /// Threads of all workers, idle ones included.
    pub threads: usize,
    pub most_threads: usize,
    /// Tasks that have not begun.
    pub queued: usize,
    /// Tasks that have begun, in the order in which they began.
    pub tasks: Vec<TaskStatus>,
    pub limits: Limits,
}

/// A task that has begun and not ended.
#[derive(Debug, Clone)]
pub struct TaskStatus {
    pub id: u64,
    pub name: &'static str,
    pub threads: usize,
    pub paused: bool,
    /// Time from submission to the beginning.
    pub waited: Duration,
    /// Time since the beginning.
    pub since_start: Duration,
}

pub fn status() -> Status {
    let schedule = lock();
    let tasks = schedule.started.iter().map(|started| TaskStatus {
        id: started.task.id,
        name: started.task.name,
        threads: started.task.threads,
        paused: started.phase == Phase::Paused,
        waited: started.task.waited(),
        since_start: started.task.since_start(),
    });
    Status {
        threads: schedule.threads,
        most_threads: *limits::THREADS,
        queued: schedule.queued(),
        tasks: tasks.collect(),
        limits: schedule.limits,
    }
}

/// Number of tasks that have not begun, and of tasks that have.
pub fn counts() -> [usize; 2] {
    let schedule = lock();
    [schedule.queued(), schedule.started.len()]
}

/// Takes effect immediately; the current time slices of running tasks do not change.
pub fn set_limits(limits: Limits) {
    let mut schedule = lock();
    schedule.limits = limits;
    schedule.dispatch();
    unlock(schedule);
}
