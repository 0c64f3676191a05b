//! Where the threads of a run wait for one another, once for each minimum delay: they spin for some
//! microseconds, because the others are about to come, and then sleep.

use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

const SPIN: Duration = Duration::from_micros(40);

pub struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
    /// A thread has panicked and will not come.
    broken: AtomicBool,
    sleepers: Mutex<usize>,
    woken: Condvar,
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier {
            threads,
            arrived: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            sleepers: Mutex::new(0),
            woken: Condvar::new(),
        }
    }

    /// Returns when all threads have called it. Errors: `internal` when one has panicked.
    pub fn wait(&self) -> Result<()> {
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::SeqCst);
            self.wake();
        } else if !self.spin(generation) {
            self.sleep(generation);
        }
        match self.broken.load(Ordering::Acquire) {
            true => Err(Error::Internal { reason: "a thread of the simulation has panicked".into() }),
            false => Ok(()),
        }
    }

    fn passed(&self, generation: usize) -> bool {
        self.generation.load(Ordering::SeqCst) != generation || self.broken.load(Ordering::Acquire)
    }

    fn spin(&self, generation: usize) -> bool {
        let start = Instant::now();
        loop {
            for _ in 0..64 {
                if self.passed(generation) {
                    return true;
                }
                std::hint::spin_loop();
            }
            if start.elapsed() > SPIN {
                return false;
            }
        }
    }

    fn sleep(&self, generation: usize) {
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        *sleepers += 1;
        while !self.passed(generation) {
            sleepers = self.woken.wait(sleepers).unwrap_or_else(PoisonError::into_inner);
        }
        *sleepers -= 1;
    }

    fn wake(&self) {
        let sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        if *sleepers > 0 {
            self.woken.notify_all();
        }
    }

    /// Lets the others go when the holder is dropped by a panic.
    pub fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

pub struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Release);
            self.0.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_before_all_have_come() {
        let (threads, rounds) = (4, 300);
        let (barrier, count) = (Barrier::new(threads), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for round in 1..=rounds {
                        count.fetch_add(1, Ordering::SeqCst);
                        barrier.wait().unwrap();
                        assert!(count.load(Ordering::SeqCst) >= round * threads);
                        barrier.wait().unwrap();
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), threads * rounds);
    }

    #[test]
    fn a_panic_releases_the_others() {
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| barrier.wait());
            let panicking = scope.spawn(|| {
                let _guard = barrier.guard();
                panic!("on purpose");
            });
            assert!(panicking.join().is_err());
            assert!(waiting.join().unwrap().is_err());
        });
    }
}
