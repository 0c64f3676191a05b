//! Against closed forms.

use super::{close, measure, poisson, trains};
use serde_json::json;

/// Intervals 2, 6, 2, 6, ...
fn alternating(intervals: usize) -> Vec<f64> {
    let mut times = vec![5.0];
    for i in 0..intervals {
        times.push(times[i] + if i % 2 == 0 { 2.0 } else { 6.0 });
    }
    times
}

#[test]
fn two_alternating_intervals() {
    let trains = trains(&[&alternating(40)], 0.0, 200.0);
    let of = |measure: &str| self::measure(&trains, json!({ "measure": measure }))[0][0];
    close(of("cv"), 0.5, 1e-12);
    close(of("cv2"), 2.0 * 4.0 / 8.0, 1e-12);
    close(of("lv"), 3.0 * (4.0f64 / 8.0).powi(2), 1e-12);
    let lvr = measure(&trains, json!({ "measure": "lvr", "refractory": 1.5 }))[0][0];
    close(lvr, 3.0 * (1.0 - 4.0 * 12.0 / 64.0) * (1.0 + 6.0 / 8.0), 1e-12);
    close(of("rates"), 41.0 / 0.2, 1e-12);
}

#[test]
fn intervals_stand_train_by_train() {
    let trains = trains(&[&[1.0, 3.0, 7.0], &[], &[2.0], &[0.0, 10.0]], 0.0, 10.0);
    let columns = measure(&trains, json!({ "measure": "intervals" }));
    assert_eq!(columns, [vec![2.0, 4.0, 10.0], vec![0.0, 2.0, 2.0, 2.0, 3.0]]);
}

#[test]
fn fewer_than_two_intervals_have_no_irregularity() {
    let trains = trains(&[&[], &[1.0], &[1.0, 2.0], &[1.0, 2.0, 3.0]], 0.0, 10.0);
    for name in ["cv", "cv2", "lv"] {
        let values = measure(&trains, json!({ "measure": name }));
        assert!(values[0][..3].iter().all(|value| value.is_nan()), "{name}");
        assert_eq!(values[0][3], 0.0, "{name}");
    }
}

#[test]
fn poisson_trains_have_one_everywhere() {
    let trains = poisson(200, 50.0, 20_000.0, 3);
    let mean = |options| {
        let values = &measure(&trains, options)[0];
        values.iter().sum::<f64>() / values.len() as f64
    };
    // 200 trains of 1,000 intervals: the standard errors are below 0.005.
    close(mean(json!({ "measure": "cv" })), 1.0, 0.015);
    close(mean(json!({ "measure": "cv2" })), 1.0, 0.015);
    close(mean(json!({ "measure": "lv" })), 1.0, 0.02);
    close(mean(json!({ "measure": "windowed-fano-factors", "window": 100.0 })), 1.0, 0.04);
    close(mean(json!({ "measure": "rates" })), 50.0, 0.6);
}
