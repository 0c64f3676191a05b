//! Statistics of spike trains: pure functions of sorted spike times in ms, independent of the source of the spikes.
//! Costs grow with the number of spikes, not with time or with pairs of neurons, unless stated otherwise. Every sum has
//! one order for any number of threads; elementary functions are those of `libm`, equal on all CPUs.

mod bins;
mod correlation;
mod correlogram;
mod fano;
mod fourier;
mod histogram;
mod irregularity;
mod isi_distance;
mod knots;
mod measure;
mod pairs;
mod profile;
mod spectrum;
mod spike_distance;
mod synchronization;
mod trains;
mod van_rossum;
mod victor_purpura;

pub use bins::Bins;
pub use fano::windowed_fano_factors;
pub use irregularity::{cv, cv2, lv};
pub use measure::{Column, Measure};
pub use trains::Trains;

#[cfg(test)]
mod tests;

use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;

/// A vector of `len` values, if the memory allows it.
fn allocate(what: &str, len: usize, value: f64) -> Result<Vec<f64>> {
    fits(what, len)?;
    try_vec(what, len, value)
}

/// Refuses an answer that memory cannot hold together with the copy that the caller gets.
fn fits(what: &str, len: usize) -> Result<()> {
    memory::check(what, (len as u64).saturating_mul(2 * size_of::<f64>() as u64))
}
