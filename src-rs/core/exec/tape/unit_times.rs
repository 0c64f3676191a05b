//! How long the units of a network take: layers that run together, and operations.

use std::time::{Duration, Instant};

/// Wall time since it was last taken, by place in the order of a plan.
#[derive(Debug, Default, Clone)]
pub struct UnitTimes {
    /// Forward passes, also those that a backward pass repeats.
    pub forward: Vec<Duration>,
    pub backward: Vec<Duration>,
    /// Optimizer steps.
    pub update: Duration,
}

impl UnitTimes {
    pub fn new(units: usize) -> Self {
        UnitTimes {
            forward: vec![Duration::ZERO; units],
            backward: vec![Duration::ZERO; units],
            ..Self::default()
        }
    }
}

/// Runs the work of a unit; adds its time to `times`, if times are taken.
pub(crate) fn timed<T>(times: &mut Option<&mut [Duration]>, unit: usize, work: impl FnOnce() -> T) -> T {
    let Some(times) = times else { return work() };
    let began = Instant::now();
    let done = work();
    times[unit] += began.elapsed();
    done
}
