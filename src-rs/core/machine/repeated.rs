//! Repeats work on several threads at once and takes the best of some rounds, since other work on the machine can only slow one
//! down.

use lapicque_base::error::{Error, Result};
use std::sync::Barrier;
use std::time::{Duration, Instant};

const ROUNDS: usize = 4;
const ROUND: Duration = Duration::from_millis(30);

/// `units` that all threads together do in a second. Each thread makes what it works on with `prepare`, and then repeats `work`,
/// which does `units` of them, until a round is over.
pub fn rate<S>(
    threads: usize,
    units: f64,
    prepare: impl Fn(usize) -> Result<S> + Sync,
    work: impl Fn(&mut S) + Sync,
) -> Result<f64> {
    let start = Barrier::new(threads);
    let (start, prepare, work) = (&start, &prepare, &work);
    let on_thread = move |thread: usize| {
        let prepared = prepare(thread);
        // All threads come here, also those whose memory was refused.
        start.wait();
        let mut state = prepared?;
        work(&mut state);
        let mut best = 0.0_f64;
        for _ in 0..ROUNDS {
            let (mut count, began) = (0.0, Instant::now());
            while began.elapsed() < ROUND {
                work(&mut state);
                count += 1.0;
            }
            best = best.max(units * count / began.elapsed().as_secs_f64());
        }
        Ok(best)
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || on_thread(thread))).collect();
        let mut sum: Result<f64> = on_thread(0);
        for other in others {
            let rate = other.join().unwrap_or_else(|_| {
                Err(Error::Internal { reason: "a thread of a probe has panicked".into() })
            });
            sum = Ok(sum? + rate?);
        }
        sum
    })
}
