//! Normalisation: `y = (x - mean) / √(variance + ε)`, over one row or over many.

use super::lanes::Element;

/// Mean and 1 / √(variance + ε) of one row; the variance is that of a population (divided by n).
pub fn moments<F: Element>(x: &[F], epsilon: f64) -> (F, F) {
    let n = F::from_f64(x.len() as f64);
    let mean = x.iter().fold(F::ZERO, |sum, &x| sum + x) / n;
    let squares = x.iter().fold(F::ZERO, |sum, &x| (x - mean).mul_add(x - mean, sum));
    (mean, F::ONE / (squares / n + F::from_f64(epsilon)).sqrt())
}

/// The gradient of what was normalised, in place of that of the normalised values `g`, given
/// `g`'s mean and the mean of `g x̂`: `inverse (g - mean(g) - x̂ mean(g x̂))`.
#[inline(always)]
pub fn normalised_gradient<F: Element>(g: F, hat: F, inverse: F, [mean_g, mean_g_hat]: [F; 2]) -> F {
    inverse * (g - mean_g - hat * mean_g_hat)
}

/// Sums over one channel, in f64: the order of rows and pixels is ascending and the figure is
/// rounded once.
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

    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Divided by n.
    pub fn variance(&self) -> f64 {
        self.squares / self.count
    }
}
