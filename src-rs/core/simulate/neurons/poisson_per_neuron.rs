//! Poisson numbers of neurons with individual means: by inversion, from 53 random bits each.

use crate::representation::numbering::BLOCK;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;

/// Means, and the probability of zero events for each.
pub struct OwnCounts {
    means: Vec<f64>,
    none: Vec<f64>,
}

impl OwnCounts {
    pub fn new(means: &[f64]) -> OwnCounts {
        OwnCounts { means: means.to_vec(), none: means.iter().map(|&mean| libm::exp(-mean)).collect() }
    }

    /// The numbers of a block of neurons. Slot `i` has the mean with index `first + i`; slots outside the range of means get
    /// 0. `number` counts blocks and steps together.
    pub fn draw(&self, level: SimdLevel, rng: &Rng, number: u64, first: isize, counts: &mut [i16; BLOCK]) {
        /// Random words per neuron.
        const WORDS: usize = 2;
        let mut bits = [Eight::ZERO; WORDS * BLOCK / 32];
        rng.fill(level, number.wrapping_mul(bits.len() as u64 * 8), 0, bits.len(), &mut bits);
        *counts = [0; BLOCK];
        for (i, count) in counts.iter_mut().enumerate() {
            let Ok(own) = usize::try_from(first + i as isize) else { continue };
            let Some((&mean, &none)) = self.means.get(own).zip(self.none.get(own)) else { continue };
            let word = |k: usize| u64::from(bits[(WORDS * i + k) / 32].0[(WORDS * i + k) % 32]);
            let u = ((word(0) << 32 | word(1)) >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
            if u >= none {
                *count = more(u, mean, none);
            }
        }
    }
}

/// The smallest number, at least 1, whose distribution function is above `u`.
fn more(u: f64, mean: f64, none: f64) -> i16 {
    let (mut p, mut below) = (none, none);
    // Far beyond the largest number that 53 bits can give; the sum of probabilities may end slightly below 1.
    let most = mean + 12.0 * mean.sqrt() + 40.0;
    let mut k = 0.0;
    while u >= below && k < most {
        k += 1.0;
        p *= mean / k;
        below += p;
    }
    k as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_neuron_has_its_own_distribution_at_every_level() {
        let means: Vec<f64> = (0..100).map(|i| [0.0, 1e-3, 0.1, 1.0, 12.0, 80.0, 499.0][i % 7]).collect();
        let (own, rng, draws) = (OwnCounts::new(&means), Rng::new(5, 77), 4000u64);
        let (mut sums, mut squares, mut zeros) = (vec![0.0; 100], vec![0.0; 100], vec![0.0; 100]);
        for number in 0..draws {
            for (block, first) in [(0, -10), (1, 54)] {
                let mut counts = [0; BLOCK];
                let number = number * 2 + block;
                own.draw(SimdLevel::Portable, &rng, number, first, &mut counts);
                for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                    let mut again = [7; BLOCK];
                    own.draw(level, &rng, number, first, &mut again);
                    assert!(again == counts);
                }
                for (i, &count) in counts.iter().enumerate() {
                    match usize::try_from(first + i as isize).ok().filter(|&own| own < 100) {
                        None => assert_eq!(count, 0),
                        Some(own) => {
                            sums[own] += f64::from(count);
                            squares[own] += f64::from(count).powi(2);
                            zeros[own] += f64::from(u8::from(count == 0));
                        }
                    }
                }
            }
        }
        let n = draws as f64;
        for (i, &mean) in means.iter().enumerate() {
            let average = sums[i] / n;
            let variance = squares[i] / n - average * average;
            assert!((average - mean).abs() <= 5.0 * (mean / n).sqrt(), "{mean}: {average}");
            let spread = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!((variance - mean).abs() <= 5.5 * spread, "{mean}: variance {variance}");
            let p = (-mean).exp();
            assert!((zeros[i] / n - p).abs() <= 5.0 * (p * (1.0 - p) / n).sqrt() + 1e-12, "{mean}: zeros");
        }
    }
}
