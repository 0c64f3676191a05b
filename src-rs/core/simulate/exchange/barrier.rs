//! The barrier of the threads of a run, once per min-delay epoch. Threads spin for some microseconds, because the
//! others arrive soon, and then park.

use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum and maximum time that a thread spins before it parks; between them, half of the mean time between two
/// barriers. Unparking threads takes the last thread to arrive tens of microseconds.
const SPIN: [Duration; 2] = [Duration::from_micros(40), Duration::from_micros(200)];

/// The number of arrivals of a thread, alone in a cache line: reading it takes one transfer between cores.
#[repr(align(128))]
struct Arrived(AtomicU64);

pub struct Barrier {
    arrived: Vec<Arrived>,
    begun: Instant,
    /// A thread has panicked and will not arrive at the barrier.
    broken: AtomicBool,
    /// Number of threads that are parked or about to park.
    parked: AtomicUsize,
    /// How often a thread has parked.
    parks: AtomicU64,
    lock: Mutex<()>,
    released: Condvar,
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Barrier {
            arrived: (0..threads).map(|_| Arrived(AtomicU64::new(0))).collect(),
            begun: Instant::now(),
            broken: AtomicBool::new(false),
            parked: AtomicUsize::new(0),
            parks: AtomicU64::new(0),
            lock: Mutex::new(()),
            released: Condvar::new(),
        }
    }

    /// Signals the arrival of a thread. Work that the thread does between `arrive` and [`wait`](Barrier::wait) is free if it
    /// would have to wait anyway.
    pub fn arrive(&self, thread: usize) {
        if self.arrived.len() > 1 {
            self.arrived[thread].0.fetch_add(1, Ordering::SeqCst);
            self.unpark();
        }
    }

    /// Returns when every thread has arrived as often as the calling one. Errors: `internal` if a thread has panicked.
    pub fn wait(&self, thread: usize) -> Result<()> {
        if self.arrived.len() > 1 {
            let arrivals = self.arrived[thread].0.load(Ordering::Relaxed);
            if !self.spin(arrivals) {
                self.park(arrivals);
            }
        }
        match self.broken.load(Ordering::Acquire) {
            true => Err(Error::Internal { reason: "a thread of the simulation has panicked".into() }),
            false => Ok(()),
        }
    }

    fn passed(&self, arrivals: u64) -> bool {
        self.arrived.iter().all(|arrived| arrived.0.load(Ordering::SeqCst) >= arrivals)
            || self.broken.load(Ordering::Acquire)
    }

    fn spin(&self, arrivals: u64) -> bool {
        let mut start = None;
        loop {
            for _ in 0..64 {
                if self.passed(arrivals) {
                    return true;
                }
                std::hint::spin_loop();
            }
            let start = *start.get_or_insert_with(Instant::now);
            let between = (start - self.begun).div_f64(arrivals as f64);
            if start.elapsed() > (between / 2).clamp(SPIN[0], SPIN[1]) {
                return false;
            }
        }
    }

    fn park(&self, arrivals: u64) {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // Incremented before the last check: a thread that arrives after this check sees the count and waits for the lock.
        self.parked.fetch_add(1, Ordering::SeqCst);
        self.parks.fetch_add(1, Ordering::Relaxed);
        while !self.passed(arrivals) {
            lock = self.released.wait(lock).unwrap_or_else(PoisonError::into_inner);
        }
        self.parked.fetch_sub(1, Ordering::SeqCst);
    }

    fn unpark(&self) {
        if self.parked.load(Ordering::SeqCst) > 0 {
            let _lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.released.notify_all();
        }
    }

    /// Whether barriers followed each other so closely during `time` that parking took most of it, with at least one park per
    /// four barriers.
    pub fn is_contended(&self, time: Duration) -> bool {
        /// About twice the time that it takes to park and to be unparked.
        const NEAR: Duration = Duration::from_micros(100);
        let barriers = self.arrived[0].0.load(Ordering::Relaxed);
        let near = time.as_secs_f64() < barriers as f64 * NEAR.as_secs_f64();
        near && 4 * self.parks.load(Ordering::Relaxed) > barriers
    }

    /// Releases the other threads if the guard is dropped by a panic.
    pub fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

pub struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::SeqCst);
            self.0.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_passes_before_all_have_arrived() {
        let (threads, barriers) = (4, 300);
        let (barrier, count) = (Barrier::new(threads), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (barrier, count) = (&barrier, &count);
                scope.spawn(move || {
                    for arrivals in 1..=barriers {
                        count.fetch_add(1, Ordering::SeqCst);
                        barrier.arrive(thread);
                        barrier.wait(thread).unwrap();
                        assert!(count.load(Ordering::SeqCst) >= arrivals * threads);
                        barrier.arrive(thread);
                        barrier.wait(thread).unwrap();
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), threads * barriers);
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
