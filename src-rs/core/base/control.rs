//! Cancellation and progress of long work, independent of who requested it.

use crate::error::{Error, Result};
use crate::workers::Task;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A progress report: `done` of `total` units (steps, batches, trials, bytes …), and additional values of the work, for
/// example `{ "loss": 0.3 }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
    pub payload: Value,
}

type Listener = Box<dyn Fn(Progress) + Send + Sync>;

/// An argument of every long operation. `check` should be called about once per millisecond of work.
pub struct Control {
    canceled: Arc<AtomicBool>,
    listener: Option<Listener>,
    task: Option<Arc<Task>>,
    start: Instant,
    /// Nanoseconds after `start` before which further reports are dropped.
    next: AtomicU64,
}

impl Control {
    /// About 20 reports per second: smooth for a viewer, negligible for the event loop.
    const INTERVAL: Duration = Duration::from_millis(50);

    pub fn new(canceled: Arc<AtomicBool>, listener: Option<Listener>) -> Self {
        Control { canceled, listener, task: None, start: Instant::now(), next: AtomicU64::new(0) }
    }

    /// For a task that may be paused in `check` in favor of other tasks.
    pub fn of_task(task: Arc<Task>, listener: Option<Listener>) -> Self {
        let canceled = Arc::clone(&task.canceled);
        Control { task: Some(task), ..Control::new(canceled, listener) }
    }

    /// A control that is never canceled and has no listener.
    pub fn detached() -> Self {
        Control::new(Arc::default(), None)
    }

    pub fn canceled(&self) -> bool {
        self.canceled.load(Ordering::Relaxed)
    }

    /// Returns `aborted` after a cancellation. May pause the task in favor of others, so it must not be called while holding a
    /// lock or anything else that another task needs.
    pub fn check(&self) -> Result<()> {
        if let Some(task) = &self.task {
            task.yield_now();
        }
        if self.canceled() { Err(Error::Aborted) } else { Ok(()) }
    }

    /// How long the task has been paused in `check`.
    pub fn paused(&self) -> Duration {
        self.task.as_ref().map_or(Duration::ZERO, |task| task.paused())
    }

    /// Reports `done` of `total`, at most 20 times per second; the last report (`done == total`) is never dropped. `payload`
    /// is called only for reports that are sent.
    pub fn report(&self, done: u64, total: u64, payload: impl FnOnce() -> Value) {
        let Some(listener) = &self.listener else { return };
        let now = self.start.elapsed().as_nanos() as u64;
        let next = self.next.load(Ordering::Relaxed);
        if now < next && done < total {
            return;
        }
        let later = now + Self::INTERVAL.as_nanos() as u64;
        // If two threads report at the same time, only one report is sent.
        let ours = self.next.compare_exchange(next, later, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if ours || done == total {
            listener(Progress { done, total, payload: payload() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn reports_are_throttled_but_the_last_one_passes() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let control =
            Control::new(Arc::default(), Some(Box::new(move |p| sink.lock().unwrap().push(p.done))));
        for done in 1..=10_000 {
            control.report(done, 10_000, || Value::Null);
        }
        let seen = seen.lock().unwrap();
        assert_eq!((seen.first(), seen.last()), (Some(&1), Some(&10_000)));
        assert!(seen.len() < 100, "{} of 10000 reports passed", seen.len());
    }

    #[test]
    fn check_fails_once_canceled() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = Control::new(Arc::clone(&flag), None);
        assert_eq!(control.check(), Ok(()));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(control.check(), Err(Error::Aborted));
    }
}
