//! Measures whether several threads are currently faster than one. They are not if other processes use the cores: then
//! waiting threads are parked at every barrier, and a small network takes ten times as long. Results do not depend on
//! the number of threads.

use std::time::Duration;

/// Number of steps between two measurements, so large that starting and stopping threads is negligible.
const INTERVAL: u64 = 2000;

/// Number of steps of a trial, so small that an unsuccessful trial costs little.
const TRIAL: u64 = 200;

/// Maximum number of intervals for which a result is used.
const HOLDS: u32 = 32;

#[derive(Debug, Default)]
pub struct Pace {
    /// Remaining intervals with one thread.
    alone: u32,
    /// The number of intervals with one thread after the last successful trial. It doubles with each success, so that a core
    /// that was busy only for a moment has little effect.
    alone_intervals: u32,
    /// Intervals before the next trial with one thread.
    patience: u32,
    now: Now,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Now {
    #[default]
    Settled,
    /// Runs one thread as a trial, to see whether it is faster than this number of seconds per step.
    Alone(f64),
    /// Runs all threads as a trial, to see whether they are no longer parked often.
    Together,
}

impl Pace {
    pub fn is_alone(&self) -> bool {
        self.alone > 0
    }

    /// The number of steps until the next measurement.
    pub fn interval(&self) -> u64 {
        if self.now == Now::Settled { INTERVAL } else { TRIAL }
    }

    /// Reports the time of an interval of this number of steps, and whether threads were often parked in it.
    pub fn report(&mut self, steps: u64, time: Duration, contended: bool) {
        let each = time.as_secs_f64() / steps.max(1) as f64;
        match std::mem::take(&mut self.now) {
            // The time of a step varies with the activity of the network, so only a large difference counts.
            Now::Alone(together) if each < 0.7 * together => {
                self.alone_intervals = (2 * self.alone_intervals).clamp(1, HOLDS);
                self.alone = self.alone_intervals;
            }
            Now::Alone(_) => (self.alone, self.alone_intervals, self.patience) = (0, 0, HOLDS),
            _ if self.alone > 0 => {
                self.alone -= 1;
                if self.alone == 0 {
                    self.now = Now::Together;
                }
            }
            _ if contended && self.patience == 0 => (self.alone, self.now) = (1, Now::Alone(each)),
            Now::Together => self.alone_intervals = 0,
            Now::Settled => self.patience = self.patience.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of intervals out of `intervals` with one thread, when an interval takes `together` with all threads
    /// and 2 with one.
    fn alone(intervals: u32, together: u64, contended: bool) -> u32 {
        let (mut pace, mut alone) = (Pace::default(), 0);
        for _ in 0..intervals {
            let was_alone = pace.is_alone();
            alone += u32::from(was_alone);
            let (steps, each) = (pace.interval(), if was_alone { 2 } else { together });
            pace.report(steps, Duration::from_micros(each * steps), contended && !was_alone);
        }
        alone
    }

    #[test]
    fn one_thread_is_used_while_it_is_faster_with_occasional_trials() {
        assert_eq!(alone(1000, 1, false), 0);
        assert!(alone(1000, 2, true) <= 1000 / 30);
        assert!((900..1000).contains(&alone(1000, 20, true)));
    }

    #[test]
    fn a_core_that_is_briefly_busy_costs_one_interval() {
        let mut pace = Pace::default();
        let interval = |pace: &mut Pace, each: u64, contended: bool| {
            let (steps, was_alone) = (pace.interval(), pace.is_alone());
            pace.report(steps, Duration::from_micros(each * steps), contended);
            (steps, was_alone)
        };
        assert_eq!(interval(&mut pace, 20, true), (INTERVAL, false));
        assert_eq!(interval(&mut pace, 2, false), (TRIAL, true));
        assert_eq!(interval(&mut pace, 2, false), (INTERVAL, true));
        assert_eq!(interval(&mut pace, 1, false), (TRIAL, false));
        (0..100).for_each(|_| assert_eq!(interval(&mut pace, 1, false), (INTERVAL, false)));
    }
}
