//! Random integers by inversion from the mode: probabilities are added, the most likely first and then its neighbors
//! alternately, until they exceed a uniform number. The work grows with the standard deviation only.

/// Samples a number from `low` to `high`. `p`: the probability of `mode`; `ratio(k)`: the probability of `k` divided by that
/// of `k - 1`.
fn from_mode(u: f64, [low, mode, high]: [u64; 3], p: f64, ratio: impl Fn(u64) -> f64) -> u64 {
    let (mut left, mut below, mut above) = (u - p, (mode, p), (mode, p));
    while left >= 0.0 {
        let (down, up) = (below.0 > low && below.1 > 0.0, above.0 < high && above.1 > 0.0);
        if up {
            above = (above.0 + 1, above.1 * ratio(above.0 + 1));
            left -= above.1;
            if left < 0.0 {
                return above.0;
            }
        }
        if down {
            below = (below.0 - 1, below.1 / ratio(below.0));
            left -= below.1;
            if left < 0.0 {
                return below.0;
            }
        }
        if !up && !down {
            // `u` is in the rounding error of the sum.
            break;
        }
    }
    mode
}

fn ln_factorial(n: u64) -> f64 {
    libm::lgamma(n as f64 + 1.0)
}

/// A Poisson number; `u` is uniform in [0, 1).
pub fn poisson(u: f64, mean: f64) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    let mode = mean as u64;
    let p = libm::exp(mode as f64 * libm::log(mean) - mean - ln_factorial(mode));
    from_mode(u, [0, mode, u64::MAX], p, |k| mean / k as f64)
}

/// The number of marked items in `draws` draws without replacement from `all` items, of which `marked` are marked.
pub fn hypergeometric(u: f64, draws: u64, marked: u64, all: u64) -> u64 {
    let (low, high) = ((draws + marked).saturating_sub(all), draws.min(marked));
    if low == high {
        return low;
    }
    let (n, k, m) = (draws as f64, marked as f64, all as f64);
    let mode = (((n + 1.0) * (k + 1.0) / (m + 2.0)) as u64).clamp(low, high);
    let choose = |n: u64, k: u64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let p = libm::exp(choose(marked, mode) + choose(all - marked, draws - mode) - choose(all, draws));
    let ratio = |x: u64| {
        let x = x as f64;
        (k - x + 1.0) * (n - x + 1.0) / (x * (m - k - n + x))
    };
    from_mode(u, [low, mode, high], p, ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;

    /// Pearson's chi-squared statistic of samples against probabilities, and its degrees of freedom.
    fn chi2(draws: impl Iterator<Item = u64>, p: impl Fn(u64) -> f64, n: usize) -> (f64, f64) {
        let (mut counts, mut total) = (vec![0.0; n + 1], 0.0);
        for x in draws {
            counts[(x as usize).min(n)] += 1.0;
            total += 1.0;
        }
        let (mut sum, mut cells, mut rest) = (0.0, 0.0, (0.0, 0.0));
        for (x, &count) in counts.iter().enumerate() {
            let expected = total * p(x as u64);
            if expected < 5.0 {
                rest = (rest.0 + count, rest.1 + expected);
                continue;
            }
            sum += (count - expected) * (count - expected) / expected;
            cells += 1.0;
        }
        if rest.1 > 0.5 {
            sum += (rest.0 - rest.1) * (rest.0 - rest.1) / rest.1;
            cells += 1.0;
        }
        (sum, cells - 1.0)
    }

    /// Below the 99.99th percentile (Wilson and Hilferty's approximation).
    fn fits((sum, freedom): (f64, f64)) -> bool {
        let spread = 2.0 / (9.0 * freedom);
        sum < freedom * (1.0 - spread + 3.72 * spread.sqrt()).powi(3)
    }

    #[test]
    fn poisson_numbers_have_their_distribution() {
        let rng = Rng::new(1, 2);
        for mean in [0.05, 0.9, 7.3, 250.0] {
            let draws = (0..40_000).map(|i| poisson(rng.uniform_f64_at(i), mean));
            let p = |k: u64| (k as f64 * mean.ln() - mean - ln_factorial(k)).exp();
            assert!(fits(chi2(draws, p, 600)), "{mean}");
        }
        assert_eq!(poisson(0.5, 0.0), 0);
    }

    #[test]
    fn hypergeometric_numbers_have_their_distribution() {
        let rng = Rng::new(1, 3);
        for [draws, marked, all] in [[5, 7, 20], [300, 400, 1000], [990, 30, 1000], [2, 1, 1000]] {
            let found = (0..40_000).map(|i| hypergeometric(rng.uniform_f64_at(i), draws, marked, all));
            // Computed as products of factors, without logarithms.
            let p = |x: u64| {
                if x > marked || x > draws || draws - x > all - marked {
                    return 0.0;
                }
                let choose =
                    |n: u64, k: u64| (0..k).map(|i| ((n - i) as f64 / (k - i) as f64).ln()).sum::<f64>();
                (choose(marked, x) + choose(all - marked, draws - x) - choose(all, draws)).exp()
            };
            assert!(fits(chi2(found, p, 600)), "{draws} {marked} {all}");
        }
        assert_eq!(hypergeometric(0.3, 10, 10, 10), 10);
        assert_eq!(hypergeometric(0.3, 0, 5, 10), 0);
    }
}
