//! The settings of the whole process: number of threads and SIMD level. Neither changes results, only the speed.

use crate::error::{Error, Result};
use crate::simd::SimdLevel;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

static AVAILABLE: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// The number of threads that the machine offers to this process.
pub fn available_threads() -> usize {
    *AVAILABLE
}

/// The largest number of threads that a task may request: four times those of the machine, and at least 64, so that a test
/// with many threads runs on any machine. More threads would only wait for each other.
pub fn most_threads() -> usize {
    available_threads().saturating_mul(4).max(64)
}

/// # Errors
/// `invalid-parameter` outside `1..=most_threads()`.
pub fn check_threads(name: &str, threads: usize) -> Result<usize> {
    if (1..=most_threads()).contains(&threads) {
        return Ok(threads);
    }
    Err(Error::invalid(name, threads, expected_threads()))
}

fn expected_threads() -> String {
    let (most, available) = (most_threads(), available_threads());
    let machine = if available == 1 { "1 thread".into() } else { format!("{available} threads") };
    format!("a whole number from 1 to {most} (this machine offers {machine})")
}

/// 0 until it is first read or set.
static THREADS: AtomicUsize = AtomicUsize::new(0);
/// 0 until it is first read or set, then one more than the index in `SimdLevel::ALL`.
static SIMD: AtomicU8 = AtomicU8::new(0);

/// Threads of one task: `set_threads`, otherwise `LAPICQUE_THREADS`, otherwise what the machine offers.
pub fn threads() -> Result<usize> {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let threads = match chosen("LAPICQUE_THREADS") {
                Some(text) => parse_threads(&text)?,
                None => available_threads(),
            };
            THREADS.store(threads, Ordering::Relaxed);
            Ok(threads)
        }
        threads => Ok(threads),
    }
}

/// Takes effect for tasks that start later. Errors: `invalid-parameter` outside `1..=most_threads()`.
pub fn set_threads(threads: usize) -> Result<()> {
    THREADS.store(check_threads("threads", threads)?, Ordering::Relaxed);
    Ok(())
}

/// The value of an environment variable; an empty one counts as not set.
fn chosen(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|text| !text.trim().is_empty())
}

fn parse_threads(text: &str) -> Result<usize> {
    let threads = text.trim().parse().unwrap_or(0);
    if (1..=most_threads()).contains(&threads) {
        Ok(threads)
    } else {
        Err(Error::invalid("LAPICQUE_THREADS", format!("\"{text}\""), expected_threads()))
    }
}

/// The SIMD level in use: `set_simd`, otherwise `LAPICQUE_SIMD`, otherwise the best of this CPU. Errors: `invalid-parameter`
/// for an unknown name, `unsupported` for a level that this CPU lacks.
pub fn simd() -> Result<SimdLevel> {
    match SIMD.load(Ordering::Relaxed) {
        0 => {
            let level = match chosen("LAPICQUE_SIMD") {
                Some(name) => SimdLevel::from_name(name.trim())?,
                None => SimdLevel::detect(),
            };
            set_simd(level);
            Ok(level)
        }
        stored => Ok(SimdLevel::ALL[stored as usize - 1]),
    }
}

/// As [`simd`], for results that are the same at every level, where the call must not fail: portable if the level is not
/// available.
pub fn simd_or_portable() -> SimdLevel {
    simd().ok().filter(|level| level.is_supported()).unwrap_or(SimdLevel::Portable)
}

/// Takes effect for tasks that start later. The CPU must have the level, which is the case for those from
/// `SimdLevel::from_name` and `SimdLevel::detect`.
pub fn set_simd(level: SimdLevel) {
    let index = SimdLevel::ALL.iter().position(|&other| other == level).unwrap_or(0);
    SIMD.store(index as u8 + 1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_counts_are_checked() {
        assert_eq!(parse_threads(" 3 "), Ok(3));
        let too_many = (most_threads() + 1).to_string();
        for bad in ["", "0", "-1", "1.5", "many", &too_many, "99999999999999999999999"] {
            assert!(parse_threads(bad).is_err(), "{bad:?} was taken");
        }
        assert!(set_threads(0).is_err() && set_threads(most_threads() + 1).is_err());
    }

    #[test]
    fn a_level_set_is_the_level_in_force() {
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            set_simd(level);
            assert_eq!(simd(), Ok(level));
        }
    }
}
