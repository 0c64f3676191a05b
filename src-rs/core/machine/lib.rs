//! What this machine can do at most. Each probe is a loop of nothing but one kind of work, on as many threads as a task has;
//! benchmarks compare a task with the time that its work takes at these rates.

mod additions;
mod arithmetic;
mod barrier;
mod memory;
mod repeated;

use lapicque_base::error::Result;
use lapicque_base::{Control, SimdLevel};

/// Sizes of the tables that additions read, in bytes a thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels<T> {
    /// 16 KiB, which any first-level cache holds.
    pub l1: T,
    /// 256 KiB, which most second-level caches hold.
    pub l2: T,
    /// 4 MiB, which third-level caches hold.
    pub l3: T,
    /// 128 MiB, which no cache of a core holds.
    pub memory: T,
}

impl Levels<usize> {
    pub const BYTES: Self = Levels { l1: 16 << 10, l2: 256 << 10, l3: 4 << 20, memory: 128 << 20 };

    fn map<T>(self, mut of: impl FnMut(usize) -> Result<T>) -> Result<Levels<T>> {
        Ok(Levels { l1: of(self.l1)?, l2: of(self.l2)?, l3: of(self.l3)?, memory: of(self.memory)? })
    }
}

/// Units of all threads together in a second, f32.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub threads: usize,
    /// Floating-point operations of multiply-adds whose operands are in the first-level cache; a multiply-add is two.
    pub dense: f64,
    /// Additions of whole rows of weights to sums: the event-driven product of a layer.
    pub row_additions: Levels<f64>,
    /// Additions of weights to sums at random entries: the delivery of spikes in a large network. The table holds the sums; the
    /// weights and their targets are read in order.
    pub scattered_additions: Levels<f64>,
    /// Bytes read in order from memory.
    pub read: f64,
    /// Bytes read and written, in order, by a copy in memory.
    pub copy: f64,
    /// Exponentials of numbers near 0.
    pub exponentials: f64,
    /// Divisions; square roots take about as long.
    pub divisions: f64,
    /// Words of 32 bits of the engine's random numbers.
    pub random_words: f64,
    /// Seconds of one barrier of all threads; 0 for one thread.
    pub barrier: f64,
}

/// Bytes that a probe with `threads` threads takes at its peak.
pub fn bytes(threads: usize) -> u64 {
    threads as u64 * (Levels::BYTES.memory as u64 + memory::BYTES as u64 + additions::LIST_BYTES as u64)
}

/// Probes for about 3 s. The machine should have nothing else to do.
///
/// # Errors
/// `aborted`; `out-of-memory` unless there is memory for [`bytes`].
pub fn rates(threads: usize, level: SimdLevel, control: &Control) -> Result<Rates> {
    let mut done = 0;
    let mut step = || {
        control.report(done, 14, || ().into());
        done += 1;
        control.check()
    };
    step()?;
    let dense = arithmetic::multiply_adds(threads, level)?;
    let row_additions = Levels::BYTES.map(|bytes| {
        step()?;
        additions::rows(threads, level, bytes)
    })?;
    let scattered_additions = Levels::BYTES.map(|bytes| {
        step()?;
        additions::scattered(threads, bytes)
    })?;
    step()?;
    let [read, copy] = memory::bandwidths(threads, level)?;
    step()?;
    let exponentials = arithmetic::exponentials(threads, level)?;
    let divisions = arithmetic::divisions(threads, level)?;
    step()?;
    let random_words = arithmetic::random_words(threads, level)?;
    step()?;
    let barrier = barrier::seconds(threads)?;
    control.report(14, 14, || ().into());
    Ok(Rates {
        threads,
        dense,
        row_additions,
        scattered_additions,
        read,
        copy,
        exponentials,
        divisions,
        random_words,
        barrier,
    })
}

#[cfg(test)]
mod tests;
