//! The cost of a barrier: threads that only wait for each other.

use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const BARRIERS: u64 = 20_000;

/// The number of barriers that a thread has arrived at, alone in its cache lines.
#[repr(align(128))]
struct Arrivals(AtomicU64);

/// Seconds of one barrier, the best of four runs: each thread stores its count and reads the others until all have arrived.
pub fn seconds(threads: usize) -> Result<f64> {
    if threads == 1 {
        return Ok(0.0);
    }
    let arrivals: Vec<Arrivals> = (0..threads).map(|_| Arrivals(AtomicU64::new(0))).collect();
    let arrivals = &arrivals[..];
    let wait_at_barriers = move |thread: usize| {
        let mut best = f64::INFINITY;
        for run in 0..4 {
            let began = Instant::now();
            for barrier in run * BARRIERS + 1..=(run + 1) * BARRIERS {
                arrivals[thread].0.store(barrier, Ordering::Release);
                let mut spins = 0_u32;
                while arrivals.iter().any(|other| other.0.load(Ordering::Acquire) < barrier) {
                    std::hint::spin_loop();
                    spins += 1;
                    // More threads than cores: the others need this one.
                    if spins.is_multiple_of(10_000) {
                        std::thread::yield_now();
                    }
                }
            }
            best = best.min(began.elapsed().as_secs_f64() / BARRIERS as f64);
        }
        best
    };
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads).map(|thread| scope.spawn(move || wait_at_barriers(thread))).collect();
        let mut slowest = wait_at_barriers(0);
        for other in others {
            let panicked = |_| Error::Internal { reason: "a thread of a probe has panicked".into() };
            slowest = slowest.max(other.join().map_err(panicked)?);
        }
        Ok(slowest)
    })
}
