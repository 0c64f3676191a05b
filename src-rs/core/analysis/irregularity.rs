//! Irregularity of a train from its intervals in ms. NaN for fewer than two intervals.

/// The intervals between successive spikes.
pub fn intervals(train: &[f64]) -> impl Iterator<Item = f64> + Clone {
    train.windows(2).map(|pair| pair[1] - pair[0])
}

/// Coefficient of variation: standard deviation (over n, not n - 1) over mean; 1 for a Poisson process.
pub fn cv(train: &[f64]) -> f64 {
    let count = train.len().saturating_sub(1) as f64;
    if count < 2.0 {
        return f64::NAN;
    }
    let mean = intervals(train).sum::<f64>() / count;
    let variance =
        intervals(train).map(|interval| (interval - mean) * (interval - mean)).sum::<f64>() / count;
    variance.sqrt() / mean
}

/// Mean of `2 |b - a| / (b + a)` over neighboring intervals (G. R. Holt et al., J. Neurophysiol. 75, 1996).
pub fn cv2(train: &[f64]) -> f64 {
    over_neighbors(train, |a, b| 2.0 * (b - a).abs() / (b + a))
}

/// Local variation: 3 times the mean of `((a - b) / (a + b))^2` (S. Shinomoto et al., Neural Comput. 15, 2003).
pub fn lv(train: &[f64]) -> f64 {
    3.0 * over_neighbors(train, |a, b| {
        let ratio = (a - b) / (a + b);
        ratio * ratio
    })
}

/// Local variation with the refractory period `r` ms taken into account: 3 times the mean of
/// `(1 - 4ab / (a + b)^2)(1 + 4r / (a + b))` (S. Shinomoto et al., PLoS Comput. Biol. 5, 2009).
pub fn lvr(train: &[f64], r: f64) -> f64 {
    3.0 * over_neighbors(train, |a, b| {
        let sum = a + b;
        (1.0 - 4.0 * a * b / (sum * sum)) * (1.0 + 4.0 * r / sum)
    })
}

fn over_neighbors(train: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    let count = train.len().saturating_sub(2);
    let sum: f64 = intervals(train).zip(intervals(train).skip(1)).map(|(a, b)| of(a, b)).sum();
    // 0 / 0 for fewer than two intervals.
    sum / count as f64
}
