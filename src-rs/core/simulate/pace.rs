//! Whether several threads are faster than one just now. They are not where other processes have the cores:
//! then who waits falls asleep at every meeting, and a small network takes ten times as long. Results are the same
//! whoever computes them.

use std::time::Duration;

/// Steps after which it is asked again: so many that what it costs to begin and to end them is nothing.
const STRETCH: u64 = 2000;

/// Steps of a trial: what it costs where it fails is little.
const TRIAL: u64 = 200;

/// Stretches for which what was found holds.
const HOLDS: u32 = 32;

#[derive(Debug, Default)]
pub struct Pace {
    /// Stretches that one thread still goes alone.
    alone: u32,
    /// Stretches before going alone is tried again.
    patience: u32,
    /// One thread goes alone to see whether it is faster than so many seconds a step.
    trial: Option<f64>,
}

impl Pace {
    pub fn is_alone(&self) -> bool {
        self.alone > 0
    }

    /// How many steps to go before it is asked again.
    pub fn stretch(&self) -> u64 {
        if self.trial.is_some() { TRIAL } else { STRETCH }
    }

    /// What a stretch of so many steps took, and whether threads often fell asleep in it.
    pub fn took(&mut self, steps: u64, time: Duration, sleepy: bool) {
        let each = time.as_secs_f64() / steps.max(1) as f64;
        match (self.trial.take(), self.alone) {
            // What a step takes varies with what the network does: only much less is less.
            (Some(together), _) if each < 0.7 * together => self.alone = HOLDS,
            (Some(_), _) => (self.alone, self.patience) = (0, HOLDS),
            (None, 1..) => self.alone -= 1,
            (None, 0) if sleepy && self.patience == 0 => (self.alone, self.trial) = (1, Some(each)),
            (None, 0) => self.patience = self.patience.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many of `stretches` a thread went alone, when one together takes `together` and one alone takes 2.
    fn alone(stretches: u32, together: u64, sleepy: bool) -> u32 {
        let (mut pace, mut alone) = (Pace::default(), 0);
        for _ in 0..stretches {
            let went = pace.is_alone();
            alone += u32::from(went);
            let (steps, each) = (pace.stretch(), if went { 2 } else { together });
            pace.took(steps, Duration::from_micros(each * steps), sleepy && !went);
        }
        alone
    }

    #[test]
    fn one_thread_goes_alone_where_it_is_faster_and_now_and_then_asks_again() {
        assert_eq!(alone(1000, 1, false), 0);
        assert!(alone(1000, 2, true) <= 1000 / 30);
        assert!((900..1000).contains(&alone(1000, 20, true)));
    }
}
