//! A thread that detects when a short task has become long, and when the time slice of a long one is over. It sleeps while
//! nothing waits and no short task runs.

use super::schedule::{Schedule, lock, unlock};
use std::sync::{Condvar, Once, PoisonError};
use std::time::Duration;

/// The interval between two checks.
const TICK: Duration = Duration::from_millis(10);

static WAKE: Condvar = Condvar::new();

/// Starts the checks. If the thread cannot be created, tasks still run, but without time slices.
pub fn watch(schedule: &mut Schedule) {
    static START: Once = Once::new();
    START.call_once(|| {
        let _ = std::thread::Builder::new().name("lapicque-clock".into()).stack_size(256 << 10).spawn(run);
    });
    if std::mem::take(&mut schedule.clock_sleeps) {
        WAKE.notify_one();
    }
}

fn run() {
    loop {
        std::thread::sleep(TICK);
        let mut schedule = lock();
        if !schedule.tick() {
            schedule.clock_sleeps = true;
            while schedule.clock_sleeps {
                schedule = WAKE.wait(schedule).unwrap_or_else(PoisonError::into_inner);
            }
        }
        unlock(schedule);
    }
}
