//! Division of time into bins of equal width.

use super::allocate;
use super::trains::Trains;
use lapicque_base::error::{Error, Result};

/// A spike that rounding has put this share of a bin below a bin's right edge lies on the edge.
pub(super) const EDGE: f64 = 1e-8;

/// Bin `k` is `[start + k width, start + (k + 1) width)`. What is left after the last whole bin is in none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bins {
    start: f64,
    /// In ms.
    pub width: f64,
    pub count: usize,
}

impl Bins {
    /// # Errors
    /// `invalid-parameter` under `name` for a width that is not positive or longer than the trains.
    pub fn new(name: &str, width: f64, trains: &Trains) -> Result<Self> {
        let count = (trains.duration() / width + EDGE).floor();
        if !(width.is_finite() && width > 0.0 && (1.0..=2f64.powi(53)).contains(&count)) {
            let expected = format!("a time above 0 and at most {} ms", trains.duration());
            return Err(Error::invalid(name, width, expected));
        }
        Ok(Bins { start: trains.start, width, count: count as usize })
    }

    /// Bins that begin anywhere.
    pub fn from(start: f64, width: f64, count: usize) -> Self {
        Bins { start, width, count }
    }

    /// The beginning of each bin, and the end of the last.
    pub fn edges(&self) -> Vec<f64> {
        (0..=self.count).map(|k| self.start + k as f64 * self.width).collect()
    }

    pub fn of(&self, time: f64) -> Option<usize> {
        let bin = ((time - self.start) / self.width + EDGE).floor();
        (bin >= 0.0 && bin < self.count as f64).then_some(bin as usize)
    }

    /// The bins of a train that have spikes, ascending, with how many; 1 for any number if `binary`.
    pub fn occupied(&self, train: &[f64], binary: bool) -> Vec<(usize, u32)> {
        let mut occupied: Vec<(usize, u32)> = Vec::new();
        for bin in train.iter().filter_map(|&time| self.of(time)) {
            match occupied.last_mut() {
                Some((last, count)) if *last == bin => *count += u32::from(!binary),
                _ => occupied.push((bin, 1)),
            }
        }
        occupied
    }

    /// Adds each spike to its bin.
    pub fn add(&self, train: &[f64], counts: &mut [f64]) {
        for bin in train.iter().filter_map(|&time| self.of(time)) {
            counts[bin] += 1.0;
        }
    }
}

/// Spike counts `[trains, bins]`; 0 and 1 if `binary`.
///
/// # Errors
/// `too-large`
pub fn binned(trains: &Trains, bins: Bins, binary: bool) -> Result<Vec<f64>> {
    let mut counts = allocate("binned spike trains", trains.len().saturating_mul(bins.count), 0.0)?;
    for (train, row) in trains.iter().zip(counts.chunks_exact_mut(bins.count)) {
        for (bin, count) in bins.occupied(train, binary) {
            row[bin] = f64::from(count);
        }
    }
    Ok(counts)
}
