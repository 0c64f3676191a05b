//! How long work is told to stop and how it tells its progress, without knowing who asks.

use crate::error::{Error, Result};
use crate::workers::Task;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a listener gets: `done` of `total` units (steps, batches, trials, bytes …) and whatever the
/// work wants shown with them (for example `{ "loss": 0.3 }`).
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
    pub payload: Value,
}

type Listener = Box<dyn Fn(Progress) + Send + Sync>;

/// Handed to every long operation. `check` belongs at the top of each step of about a millisecond.
pub struct Control {
    cancelled: Arc<AtomicBool>,
    listener: Option<Listener>,
    task: Option<Arc<Task>>,
    start: Instant,
    /// Nanoseconds after `start` before which no further report passes.
    next: AtomicU64,
}

impl Control {
    /// About 20 reports a second: smooth for an eye, nothing for an event loop.
    const INTERVAL: Duration = Duration::from_millis(50);

    pub fn new(cancelled: Arc<AtomicBool>, listener: Option<Listener>) -> Self {
        Control { cancelled, listener, task: None, start: Instant::now(), next: AtomicU64::new(0) }
    }

    /// For a task that makes way for others where it checks.
    pub fn of_task(task: Arc<Task>, listener: Option<Listener>) -> Self {
        let cancelled = Arc::clone(&task.cancelled);
        Control { task: Some(task), ..Control::new(cancelled, listener) }
    }

    /// Never cancelled, heard by nobody.
    pub fn detached() -> Self {
        Control::new(Arc::default(), None)
    }

    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// `aborted` as soon as someone has cancelled. Waits where others are to run first: belongs where nothing is held that
    /// another task needs.
    pub fn check(&self) -> Result<()> {
        if let Some(task) = &self.task {
            task.yield_now();
        }
        if self.cancelled() { Err(Error::Aborted) } else { Ok(()) }
    }

    /// How long the work has waited in `check`.
    pub fn paused(&self) -> Duration {
        self.task.as_ref().map_or(Duration::ZERO, |task| task.paused())
    }

    /// Tells `done` of `total`, at most 20 times a second; the last one (`done == total`) always
    /// passes. `payload` is only made when the report passes.
    pub fn report(&self, done: u64, total: u64, payload: impl FnOnce() -> Value) {
        let Some(listener) = &self.listener else { return };
        let now = self.start.elapsed().as_nanos() as u64;
        let next = self.next.load(Ordering::Relaxed);
        if now < next && done < total {
            return;
        }
        let later = now + Self::INTERVAL.as_nanos() as u64;
        // Of two threads that report at once, one passes.
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
    fn check_fails_once_cancelled() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = Control::new(Arc::clone(&flag), None);
        assert_eq!(control.check(), Ok(()));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(control.check(), Err(Error::Aborted));
    }
}
