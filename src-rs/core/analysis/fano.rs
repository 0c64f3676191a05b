//! Fano factor: variance over mean of spike counts (over n, not n - 1); 1 for a Poisson process.

use super::allocate;
use super::bins::Bins;
use super::trains::Trains;
use lapicque_base::error::Result;

/// Of the trains' counts: trains are trials of one neuron. NaN without any spike.
pub fn fano_factor(trains: &Trains) -> f64 {
    ratio(trains.iter().map(|train| train.len() as f64))
}

/// Of each train's counts in successive windows. NaN for a train without a spike.
///
/// # Errors
/// `too-large`
pub fn windowed_fano_factors(trains: &Trains, windows: Bins) -> Result<Vec<f64>> {
    let mut counts = allocate("windows", windows.count, 0.0)?;
    let factor = |train| {
        counts.fill(0.0);
        windows.add(train, &mut counts);
        ratio(counts.iter().copied())
    };
    Ok(trains.iter().map(factor).collect())
}

fn ratio(counts: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = counts.clone().count() as f64;
    let mean = counts.clone().sum::<f64>() / n;
    counts.map(|count| (count - mean) * (count - mean)).sum::<f64>() / n / mean
}
