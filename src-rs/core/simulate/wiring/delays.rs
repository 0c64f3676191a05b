//! Delays in whole steps.

use super::source_row::Row;
use crate::random::alias::{Column, columns};
use crate::random::distribution::{Distribution, Sampler};
use lapicque_base::error::{Error, Result};

/// `ms` in steps. Errors: `invalid-parameter` with `name` if it is not a multiple of `dt`, below one step, or too long.
pub fn exact(name: &str, ms: f64, dt: f64) -> Result<u32> {
    let steps = (ms / dt).round();
    if steps.is_nan() || steps < 1.0 || (ms - steps * dt).abs() > 1e-6 * dt {
        let expected = format!("a whole number of steps of {dt} ms, at least one");
        return Err(Error::invalid(name, format!("{ms} ms"), expected));
    }
    within(name, steps)
}

/// The longest delay; longer ones would need a calendar as long as a simulation.
pub const MOST_STEPS: u32 = 65_535;

/// The delays of one connection.
#[derive(Debug, Clone)]
pub enum Delays {
    Constant(u32),
    Values(Vec<u32>),
    /// The upper bits of a word select a column, the lower ones (from `shift` down) a number of it: the steps minus `first`.
    Sampled {
        bounds: [u32; 2],
        columns: Vec<Column>,
        shift: u32,
    },
    /// Bounds of delays that depend on the connected neurons; the values are stored with the rows of synapses.
    OfDistance([u32; 2]),
}

impl Delays {
    /// Errors: `invalid-parameter` with `name` for a delay below `dt`, one that is not a multiple of `dt` (sampled ones are
    /// rounded), or one above 65,535 steps.
    pub fn new(name: &str, distribution: Distribution, count: Option<usize>, dt: f64) -> Result<Delays> {
        let exact = |name: &str, ms: f64| exact(name, ms, dt);
        let sampler = Sampler::new(name, distribution, count)?;
        match &sampler {
            Sampler::Constant(ms) => exact(name, *ms).map(Delays::Constant),
            Sampler::Values { values, .. } => {
                // In a list only the first invalid value is named.
                let one = |(i, &ms)| exact(name, ms).or_else(|_| exact(&format!("{name}[{i}]"), ms));
                values.iter().enumerate().map(one).collect::<Result<_>>().map(Delays::Values)
            }
            sampler => {
                let [low, high] = sampler.bounds();
                let steps = |word: u32| rounded(sampler.value(0, word), dt);
                if steps(0) < 1.0 {
                    let expected = format!("delays of at least {} ms, which round to one step", dt / 2.0);
                    return Err(Error::invalid(name, format!("a distribution from {low} ms"), expected));
                }
                let first = within(name, steps(0))?;
                let last = within(name, steps(u32::MAX)).map_err(|_| {
                    Error::invalid(name, format!("a distribution up to {high} ms"), at_most())
                })?;
                // The words of each number of steps are contiguous.
                let mut ends: Vec<u64> =
                    (first + 1..=last).map(|k| lowest(|w| steps(w) >= f64::from(k)).into()).collect();
                ends.push(1 << 32);
                let mut start = 0;
                let shares: Vec<u64> =
                    ends.iter().map(|&end| end - std::mem::replace(&mut start, end)).collect();
                let shift = 32 - shares.len().next_power_of_two().max(2).trailing_zeros();
                let columns = columns(&shares, 1 << (32 - shift), 1 << shift);
                Ok(Delays::Sampled { bounds: [first, last], columns, shift })
            }
        }
    }

    /// Delays that depend on the distance, between `low` and `high` ms, rounded to steps.
    ///
    /// # Errors
    /// `invalid-parameter` with `name` for bounds that round to 0 steps or to too many.
    pub fn of_distance(name: &str, text: &str, [low, high]: [f64; 2], dt: f64) -> Result<Delays> {
        let [first, last] = [low, high].map(|ms| rounded(ms, dt));
        if first < 1.0 {
            let expected = format!("delays of at least {} ms, which round to one step", dt / 2.0);
            return Err(Error::invalid(name, format!("\"{text}\", which reaches {low} ms"), expected));
        }
        Ok(Delays::OfDistance([within(name, first)?, within(name, last)?]))
    }

    #[inline]
    pub fn steps(&self, index: usize, word: u32) -> u32 {
        match self {
            Delays::Constant(steps) | Delays::OfDistance([steps, _]) => *steps,
            Delays::Values(values) => values[index],
            Delays::Sampled { bounds, columns, shift } => bounds[0] + alias_sample(columns, *shift, word),
        }
    }

    /// The delays of all synapses of a row, in steps.
    #[inline(always)]
    pub fn all(&self, row: &Row, steps: &mut Vec<u32>) {
        steps.clear();
        match self {
            Delays::Constant(constant) => steps.resize(row.targets.len(), *constant),
            Delays::Sampled { bounds, columns, shift } => {
                // Not by `extend`, which would not be compiled for the SIMD level.
                steps.resize(row.delays.len(), 0);
                for (steps, &word) in steps.iter_mut().zip(&row.delays) {
                    *steps = bounds[0] + alias_sample(columns, *shift, word);
                }
            }
            _ => steps.extend((0..row.targets.len()).map(|i| row.delay(i, self))),
        }
    }

    /// Whether [`steps`](Delays::steps) needs a random word.
    pub fn is_sampled(&self) -> bool {
        matches!(self, Delays::Sampled { .. })
    }

    pub fn bounds(&self) -> [u32; 2] {
        match self {
            Delays::Constant(steps) => [*steps; 2],
            Delays::OfDistance(bounds) | Delays::Sampled { bounds, .. } => *bounds,
            Delays::Values(values) => {
                [values.iter().copied().min().unwrap_or(1), values.iter().copied().max().unwrap_or(1)]
            }
        }
    }
}

/// Without a branch, which would be mispredicted half of the time.
#[inline(always)]
fn alias_sample(columns: &[Column], shift: u32, word: u32) -> u32 {
    let column = columns[(word >> shift) as usize];
    let own = word & ((1 << shift) - 1) < column.threshold;
    std::hint::select_unpredictable(own, word >> shift, column.other)
}

/// Rounds to the nearest step.
pub fn rounded(ms: f64, dt: f64) -> f64 {
    (ms / dt + 0.5).floor()
}

fn at_most() -> String {
    format!("at most {MOST_STEPS} steps")
}

fn within(name: &str, steps: f64) -> Result<u32> {
    match steps <= f64::from(MOST_STEPS) {
        true => Ok(steps as u32),
        false => Err(Error::invalid(name, format!("{steps} steps"), at_most())),
    }
}

/// The lowest word for which a monotonic condition holds; it must hold for the highest word.
fn lowest(holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0u32, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}
