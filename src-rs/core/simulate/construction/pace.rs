//! Measures whether several threads are currently faster than one. They are not if other processes use the cores: then
//! waiting threads are parked at every barrier, and a small network takes ten times as long. Results do not depend on
//! the number of threads.

use std::time::Duration;

/// Number of steps between two measurements, so large that starting and stopping threads is negligible.
const INTERVAL: u64 = 2000;

/// Number of steps of a trial, so small that an unsuccessful trial costs little.
const TRIAL: u64 = 400;

/// Number of steps before a trial, in which the data come to the core that needs them now.
const WARMING: u64 = 200;

/// Maximum number of intervals for which a result is used.
const HOLDS: u32 = 32;

/// If one thread takes more than `CLEAR` times as long as all, the next trial is after at least `CLEAR_HOLDS` intervals. Otherwise trials of one thread
/// would take a sixth of a run of 10,000 steps.
const CLEAR: f64 = 1.25;
const CLEAR_HOLDS: u32 = 8;

/// All threads are used if they leave less than this of the time of one: those that gain nothing only use the cores.
const FASTER: f64 = 0.97;

/// How a run is divided: one thread or all, whichever was faster when both were last tried, one right after the other.
#[derive(Debug, Default)]
pub struct Pace {
    is_alone: bool,
    /// The other way is being tried, against this number of seconds per step.
    trial: Option<f64>,
    /// The trial has not begun to be measured.
    is_warming: bool,
    /// Remaining intervals before the other way is tried.
    left: u32,
    /// By way, all threads first: the number of intervals for which it is used when it has been faster again. It doubles each time, so
    /// that a core that was busy only for a moment has little effect.
    holds: [u32; 2],
    /// Threads were often parked in the last interval of all threads.
    was_contended: bool,
    /// Intervals so far, up to 2. The first one fills the caches.
    begun: u32,
}

impl Pace {
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Whether one thread was faster when both ways were last tried; during a trial, what was used before it.
    pub fn prefers_one(&self) -> bool {
        self.is_alone != self.trial.is_some()
    }

    /// The number of steps until the next measurement, of a run that has these threads.
    pub fn interval(&self, threads: usize) -> u64 {
        match threads > 1 && (self.trial.is_some() || self.begun < 2) {
            true if self.is_warming || self.begun == 0 => WARMING,
            true => TRIAL,
            false => INTERVAL,
        }
    }

    /// Reports the time of an interval of this number of steps, and whether threads were often parked in it.
    pub fn report(&mut self, steps: u64, time: Duration, contended: bool) {
        let each = time.as_secs_f64() / steps.max(1) as f64;
        if self.begun < 2 {
            self.begun += 1;
            if self.begun == 2 {
                self.try_other(each);
            }
            return;
        }
        if std::mem::take(&mut self.is_warming) {
            return;
        }
        match self.trial.take() {
            Some(before) => {
                let (alone, all) = if self.is_alone { (each, before) } else { (before, each) };
                self.is_alone = all >= alone * FASTER;
                self.settle(alone > all * CLEAR);
            }
            None => {
                self.left = self.left.saturating_sub(1);
                // Other processes have begun to use the cores.
                let begins = contended && !self.was_contended;
                self.was_contended = contended;
                if self.left == 0 || begins {
                    self.try_other(each);
                }
            }
        }
    }

    fn try_other(&mut self, each: f64) {
        (self.trial, self.is_warming) = (Some(each), true);
        self.is_alone = !self.is_alone;
    }

    /// Uses the present way for some intervals.
    fn settle(&mut self, is_clear: bool) {
        let holds = &mut self.holds[usize::from(self.is_alone)];
        *holds = (2 * *holds).clamp(if is_clear { CLEAR_HOLDS } else { 1 }, HOLDS);
        self.left = *holds;
        self.holds[usize::from(!self.is_alone)] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of `intervals` in which one thread ran, when a step takes `together` with all threads and 100 with one.
    fn alone(pace: &mut Pace, intervals: u32, together: u64, contended: bool) -> f64 {
        let [mut alone, mut all] = [0; 2];
        for _ in 0..intervals {
            let (steps, is_alone) = (pace.interval(2), pace.is_alone());
            all += steps;
            alone += if is_alone { steps } else { 0 };
            let each = if is_alone { 100 } else { together };
            pace.report(steps, Duration::from_nanos(each * steps), contended && !is_alone);
        }
        alone as f64 / all as f64
    }

    #[test]
    fn the_faster_way_is_used_with_occasional_trials_of_the_other() {
        for contended in [false, true] {
            assert!(alone(&mut Pace::default(), 1000, 60, contended) < 0.02);
            assert!(alone(&mut Pace::default(), 1000, 90, contended) < 0.02);
            assert!(alone(&mut Pace::default(), 1000, 100, contended) > 0.98);
            assert!(alone(&mut Pace::default(), 1000, 1000, contended) > 0.98);
        }
    }

    #[test]
    fn a_clear_difference_is_not_tried_again_soon() {
        let mut pace = Pace::default();
        // The beginning and one trial, then eight intervals of all threads.
        assert!(alone(&mut pace, 4, 60, false) > 0.0);
        assert_eq!(alone(&mut pace, CLEAR_HOLDS, 60, false), 0.0);
    }

    #[test]
    fn a_short_network_is_decided_after_four_short_intervals() {
        let mut pace = Pace::default();
        assert!(alone(&mut pace, 4, 200, false) <= 0.5);
        assert_eq!((pace.is_alone(), pace.interval(2)), (true, INTERVAL));
    }

    #[test]
    fn a_core_that_is_briefly_busy_costs_few_intervals() {
        let mut pace = Pace::default();
        alone(&mut pace, 100, 60, false);
        // One interval together that is slow, the trial, and the interval of one thread until the next trial.
        assert!(alone(&mut pace, 1, 1000, true) < 0.01);
        assert!(alone(&mut pace, 3, 1000, true) > 0.99);
        assert!(alone(&mut pace, 100, 60, false) < 0.03);
    }
}
