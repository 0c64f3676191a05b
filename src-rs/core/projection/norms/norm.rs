//! Normalization: `y = (x - mean) / √(variance + ε)`, over one row or over many.

use crate::simd::registers::Element;

/// Replaces the gradient `g` of the normalized values by that of the original values, given the mean of `g` and of `g
/// x̂`: `inverse (g - mean(g) - x̂ mean(g x̂))`.
#[inline(always)]
pub fn normalized_gradient<F: Element>(g: F, hat: F, inverse: F, [mean_g, mean_g_hat]: [F; 2]) -> F {
    inverse * (g - mean_g - hat * mean_g_hat)
}

/// Sums over one channel in f64: rows and pixels ascend, and the result is rounded once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    pub count: f64,
    pub sum: f64,
    pub squares: f64,
}

impl Moments {
    #[inline(always)]
    pub fn add(&mut self, x: f64) {
        self.count += 1.0;
        self.sum += x;
    }

    /// The statistics of repeated values.
    pub fn times(&self, repeated: f64) -> Moments {
        Moments { count: self.count * repeated, sum: self.sum * repeated, squares: self.squares * repeated }
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Divided by n.
    pub fn variance(&self) -> f64 {
        self.squares / self.count
    }
}
