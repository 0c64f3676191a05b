//! Where the random numbers of an encoder come from.

use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;

/// The random numbers of `[…, sample, …]`: one stream for all of it, or one for each sample, so that what a sample draws
/// does not depend on those beside it.
#[derive(Debug, Clone)]
pub struct Draws(Vec<Rng>);

impl From<Rng> for Draws {
    fn from(rng: Rng) -> Self {
        Draws(vec![rng])
    }
}

impl Draws {
    /// A stream for each sample, named by the numbers in `path` and its own.
    pub fn of_samples(seed: u64, path: &[u64], samples: &[u32]) -> Self {
        let of = |&sample: &u32| {
            let path: Vec<u64> = path.iter().copied().chain([u64::from(sample)]).collect();
            Rng::named(seed, &path)
        };
        Draws(samples.iter().map(of).collect())
    }

    /// The streams, and how many of `width` values belong to each.
    ///
    /// # Errors
    /// `shape-mismatch` when the values do not divide into the samples.
    pub(super) fn over(&self, width: usize) -> Result<(&[Rng], usize)> {
        let samples = self.0.len();
        if samples == 0 || !width.is_multiple_of(samples) {
            let (expected, got) = (format!("{samples} samples"), format!("{width} values"));
            return Err(Error::ShapeMismatch { layer: "data".into(), expected, got });
        }
        Ok((&self.0, width / samples))
    }
}
