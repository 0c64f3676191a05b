//! The barrier of the threads of a run, once per min-delay epoch. Threads spin for some microseconds, because the
//! others arrive soon, and then park.

use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a thread spins at least and at most, in between for half of what lies between two meetings. To wake who sleeps takes
/// the one that all have waited for tens of microseconds.
const SPIN: [Duration; 2] = [Duration::from_micros(40), Duration::from_micros(200)];

/// The number of arrivals of a thread, alone in a cache line: reading it takes one transfer between cores.
/// thread of it.
#[repr(align(128))]
struct Came(AtomicU64);

pub struct Barrier {
    came: Vec<Came>,
    begun: Instant,
    /// A thread has panicked and will not come.
    broken: AtomicBool,
    /// So many threads sleep, or are about to.
    sleepers: AtomicUsize,
    /// How often a thread has slept.
    slept: AtomicU64,
    bed: Mutex<()>,
    woken: Condvar,
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier {
            came: (0..threads).map(|_| Came(AtomicU64::new(0))).collect(),
            begun: Instant::now(),
            broken: AtomicBool::new(false),
            sleepers: AtomicUsize::new(0),
            slept: AtomicU64::new(0),
            bed: Mutex::new(()),
            woken: Condvar::new(),
        }
    }

    /// Tells the others that a thread has come. What it does before it waits for them costs nothing where it would wait.
    pub fn arrive(&self, thread: usize) {
        if self.came.len() > 1 {
            self.came[thread].0.fetch_add(1, Ordering::SeqCst);
            self.wake();
        }
    }

    /// Returns when all threads have arrived as often as the one that calls it. Errors: `internal` when one has
    /// panicked.
    pub fn wait(&self, thread: usize) -> Result<()> {
        if self.came.len() > 1 {
            let round = self.came[thread].0.load(Ordering::Relaxed);
            if !self.spin(round) {
                self.sleep(round);
            }
        }
        match self.broken.load(Ordering::Acquire) {
            true => Err(Error::Internal { reason: "a thread of the simulation has panicked".into() }),
            false => Ok(()),
        }
    }

    fn passed(&self, round: u64) -> bool {
        self.came.iter().all(|came| came.0.load(Ordering::SeqCst) >= round)
            || self.broken.load(Ordering::Acquire)
    }

    fn spin(&self, round: u64) -> bool {
        let mut start = None;
        loop {
            for _ in 0..64 {
                if self.passed(round) {
                    return true;
                }
                std::hint::spin_loop();
            }
            let start = *start.get_or_insert_with(Instant::now);
            let between = (start - self.begun).div_f64(round as f64);
            if start.elapsed() > (between / 2).clamp(SPIN[0], SPIN[1]) {
                return false;
            }
        }
    }

    fn sleep(&self, round: u64) {
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted before the last look: who comes after that look sees a sleeper and waits for the lock.
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        self.slept.fetch_add(1, Ordering::Relaxed);
        while !self.passed(round) {
            bed = self.woken.wait(bed).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            let _bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
            self.woken.notify_all();
        }
    }

    /// Whether, in a time, meetings were so near one another that sleep takes most of it, and somebody slept at one in
    /// four or more.
    pub fn is_sleepy(&self, time: Duration) -> bool {
        /// Half of this is about the time to park and to be woken.
        const NEAR: Duration = Duration::from_micros(100);
        let meetings = self.came[0].0.load(Ordering::Relaxed);
        let near = time.as_secs_f64() < meetings as f64 * NEAR.as_secs_f64();
        near && 4 * self.slept.load(Ordering::Relaxed) > meetings
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
            self.0.broken.store(true, Ordering::SeqCst);
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
            for thread in 0..threads {
                let (barrier, count) = (&barrier, &count);
                scope.spawn(move || {
                    for round in 1..=rounds {
                        count.fetch_add(1, Ordering::SeqCst);
                        barrier.arrive(thread);
                        barrier.wait(thread).unwrap();
                        assert!(count.load(Ordering::SeqCst) >= round * threads);
                        barrier.arrive(thread);
                        barrier.wait(thread).unwrap();
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
            let waiting = scope.spawn(|| {
                barrier.arrive(0);
                barrier.wait(0)
            });
            let panicking = scope.spawn(|| {
                let _guard = barrier.guard();
                panic!("on purpose");
            });
            assert!(panicking.join().is_err());
            assert!(waiting.join().unwrap().is_err());
        });
    }
}
