//! A meeting of threads that do nothing but meet.

use lapicque_base::error::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const MEETINGS: u64 = 20_000;

/// The meetings that a thread has come to, alone in its cache lines.
#[repr(align(128))]
struct Came(AtomicU64);

/// Seconds of one meeting, the best of some rounds: each thread writes its number and reads those of the others until all have come.
pub fn seconds(threads: usize) -> Result<f64> {
    if threads == 1 {
        return Ok(0.0);
    }
    let came: Vec<Came> = (0..threads).map(|_| Came(AtomicU64::new(0))).collect();
    let came = &came[..];
    let meet = move |thread: usize| {
        let mut best = f64::INFINITY;
        for round in 0..4 {
            let began = Instant::now();
            for meeting in round * MEETINGS + 1..=(round + 1) * MEETINGS {
                came[thread].0.store(meeting, Ordering::Release);
                let mut spins = 0_u32;
                while came.iter().any(|other| other.0.load(Ordering::Acquire) < meeting) {
                    std::hint::spin_loop();
                    spins += 1;
                    // More threads than cores: the others need this one.
                    if spins.is_multiple_of(10_000) {
                        std::thread::yield_now();
                    }
                }
            }
            best = best.min(began.elapsed().as_secs_f64() / MEETINGS as f64);
        }
        best
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || meet(thread))).collect();
        let mut slowest = meet(0);
        for other in others {
            let panicked = |_| Error::Internal { reason: "a thread of a probe has panicked".into() };
            slowest = slowest.max(other.join().map_err(panicked)?);
        }
        Ok(slowest)
    })
}
