//! Sparse sums against the same sums over dense arrays of bins.

use super::{close, measure, poisson, trains};
use serde_json::json;

const BIN: f64 = 5.0;

#[test]
fn correlation_is_pearsons() {
    let trains = poisson(6, 60.0, 2000.0, 1);
    for binary in [false, true] {
        let options = |name: &str| json!({ "measure": name, "bin": BIN, "binary": binary });
        let counts = &measure(&trains, options("binned"))[0];
        let rows: Vec<&[f64]> = counts.chunks_exact(400).collect();
        let mean = |row: &[f64]| row.iter().sum::<f64>() / 400.0;
        let covariance =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - mean(a)) * (y - mean(b))).sum::<f64>();
        let values = &measure(&trains, options("correlation"))[0];
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let wanted = covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt();
                close(values[i * 6 + j], wanted, 1e-13);
            }
            assert_eq!(values[i * 6 + i], 1.0);
        }
    }
}

#[test]
fn a_silent_train_has_no_correlation() {
    let trains = trains(&[&[3.0, 7.0], &[], &[3.5]], 0.0, 100.0);
    let values = &measure(&trains, json!({ "measure": "correlation", "bin": BIN, "binary": false }))[0];
    assert!([1, 3, 4, 5, 7].iter().all(|&i| values[i].is_nan()));
    assert_eq!((values[0], values[8]), (1.0, 1.0));
}

#[test]
fn correlogram_is_a_sum_over_bins() {
    let trains = poisson(2, 80.0, 3000.0, 2);
    let counts = &measure(&trains, json!({ "measure": "binned", "bin": BIN, "binary": false }))[0];
    let (a, b) = counts.split_at(600);
    for [first, last] in [[-20i64, 20], [3, 9], [-7, -7], [-599, 599]] {
        let window = [first as f64 * BIN, last as f64 * BIN];
        let options = json!({ "measure": "cross-correlogram", "pair": [0, 1], "bin": BIN, "window": window });
        let columns = measure(&trains, options);
        let wanted: Vec<f64> = (first..=last)
            .map(|lag| {
                let at = |t: i64| usize::try_from(t + lag).ok().and_then(|t| b.get(t)).unwrap_or(&0.0);
                a.iter().enumerate().map(|(t, x)| x * at(t as i64)).sum()
            })
            .collect();
        assert_eq!(columns[1], wanted);
        assert_eq!(columns[0], (first..=last).map(|lag| lag as f64 * BIN).collect::<Vec<_>>());
    }
}
