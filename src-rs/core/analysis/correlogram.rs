//! Cross-correlogram: counts of the lags between the spikes of two trains.

use super::allocate;
use super::bins::Bins;
use lapicque_base::error::{Error, Result};

/// Lags in bins, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lags {
    pub first: i64,
    pub last: i64,
}

impl Lags {
    /// From a window in ms.
    ///
    /// # Errors
    /// `invalid-parameter` for ends in the wrong order, not multiples of the bin, or longer than the trains.
    pub fn new([from, to]: [f64; 2], bins: Bins) -> Result<Self> {
        let in_bins = |name: &str, time: f64| {
            let lag = (time / bins.width).round();
            let whole = (time - lag * bins.width).abs() <= 1e-6 * bins.width && lag.abs() < bins.count as f64;
            if whole {
                return Ok(lag as i64);
            }
            let expected =
                format!("a multiple of the bin ({} ms), shorter than all {} bins", bins.width, bins.count);
            Err(Error::invalid(name, time, expected))
        };
        let lags = Lags { first: in_bins("window[0]", from)?, last: in_bins("window[1]", to)? };
        if lags.first > lags.last {
            return Err(Error::invalid("window[1]", to, format!("at least window[0] ({from} ms)")));
        }
        Ok(lags)
    }

    pub fn iter(self) -> impl Iterator<Item = i64> {
        self.first..=self.last
    }
}

/// `counts[lag] = sum over t of a[t] b[t + lag]`, a and b in bins. Costs the pairs of spikes within the window.
///
/// # Errors
/// `too-large`
pub fn cross_correlogram(a: &[f64], b: &[f64], bins: Bins, lags: Lags) -> Result<Vec<f64>> {
    let mut counts = allocate("lags", (lags.last - lags.first + 1) as usize, 0.0)?;
    let (a, b) = (bins.occupied(a, false), bins.occupied(b, false));
    let mut from = 0;
    for (at, here) in a {
        let lag = |bin: usize| bin as i64 - at as i64;
        from += b[from..].iter().take_while(|&&(bin, _)| lag(bin) < lags.first).count();
        for &(bin, there) in b[from..].iter().take_while(|&&(bin, _)| lag(bin) <= lags.last) {
            counts[(lag(bin) - lags.first) as usize] += f64::from(here) * f64::from(there);
        }
    }
    Ok(counts)
}
