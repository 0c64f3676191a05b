//! Mean and deviation with which a batch norm normalizes.

use lapicque_projection::{Element, Normal};

/// Mean and 1 / deviation.
#[derive(Debug, Clone, Default)]
pub struct Norms<F> {
    pub mean: Vec<F>,
    pub inverse: Vec<F>,
}

impl<F: Element> Norms<F> {
    /// From a mean and a variance for each channel.
    pub fn new(statistics: impl Iterator<Item = [f64; 2]>, epsilon: f64) -> Self {
        let pairs = statistics
            .map(|[mean, variance]| (F::from_f64(mean), F::from_f64(1.0 / libm::sqrt(variance + epsilon))));
        let (mean, inverse) = pairs.unzip();
        Norms { mean, inverse }
    }

    pub fn normal(&self) -> Normal<'_, F> {
        Normal { mean: &self.mean, inverse: &self.inverse }
    }

    /// The norms of each step.
    pub fn split(&self, channels: usize) -> impl Iterator<Item = Norms<F>> {
        let steps = self.mean.chunks(channels).zip(self.inverse.chunks(channels));
        steps.map(|(mean, inverse)| Norms { mean: mean.to_vec(), inverse: inverse.to_vec() })
    }
}
