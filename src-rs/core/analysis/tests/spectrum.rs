use super::{close, measure, poisson, trains};
use crate::fourier::transform;
use serde_json::json;
use std::f64::consts::{PI, TAU};

#[test]
fn the_transform_is_the_sum_it_stands_for() {
    for n in [1usize, 2, 8, 64] {
        let x: Vec<[f64; 2]> = (0..n).map(|t| [(t * t % 7) as f64, (t % 3) as f64 - 1.0]).collect();
        let mut fast = x.clone();
        transform(&mut fast);
        for (k, got) in fast.iter().enumerate() {
            let mut sum = [0.0, 0.0];
            for (t, [re, im]) in x.iter().enumerate() {
                let (sin, cos) = (-TAU * (k * t % n) as f64 / n as f64).sin_cos();
                sum[0] += re * cos - im * sin;
                sum[1] += re * sin + im * cos;
            }
            close(got[0], sum[0], 1e-11);
            close(got[1], sum[1], 1e-11);
        }
    }
}

#[test]
fn the_area_below_a_spectrum_is_the_variance() {
    let trains = poisson(3, 40.0, 1000.0, 4);
    for bin in [1.0, 3.0] {
        let counts = &measure(&trains, json!({ "measure": "psth", "bin": bin }))[0];
        let rates: Vec<f64> = counts.iter().map(|count| count / 3.0 / (bin / 1000.0)).collect();
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / rates.len() as f64;
        let options = json!({ "measure": "power-spectrum", "welch": { "bin": bin, "taper": "none" } });
        let columns = measure(&trains, options);
        let area = columns[1].iter().sum::<f64>() * columns[0][1];
        close(area, variance, 1e-9 * variance);
    }
}

#[test]
fn segments_are_averaged_as_welch_does() {
    // Two bins a segment, its mean removed: (x - y) / 2 and (y - x) / 2, the Hann weights are 0 and 1.
    let trains = trains(&[&[0.5, 2.5, 2.6, 3.5]], 0.0, 4.0);
    let options = json!({ "measure": "power-spectrum", "welch": { "bin": 1.0, "segment": 2.0 } });
    let columns = measure(&trains, options);
    assert_eq!(columns[0], [0.0, 500.0]);
    // Counts 1, 0, 2, 1: half differences 0.5, 1, 0.5 spikes a ms, in Hz a thousand times that.
    let wanted = (0.25 + 1.0 + 0.25) * 1e6 / 3.0 / 1000.0;
    close(columns[1][0], wanted, 1e-9);
    close(columns[1][1], wanted, 1e-9);
}

#[test]
fn poisson_is_white_and_a_rhythm_is_a_peak() {
    let noise = poisson(20, 30.0, 60_000.0, 8);
    let welch = json!({ "bin": 1.0, "segment": 1024.0 });
    let columns = measure(&noise, json!({ "measure": "power-spectrum", "welch": welch }));
    let level = columns[1][5..500].iter().sum::<f64>() / 495.0;
    // 2 r over the number of trains; sinc^2 of the bin is 1 within it: a binned Poisson process is white.
    close(level, 3.0, 0.1);

    let rhythm: Vec<f64> = (0..600).map(|i| 25.0 * f64::from(i) + 3.0 * (PI * f64::from(i)).sin()).collect();
    let columns = measure(
        &trains(&[&rhythm], 0.0, 15_000.0),
        json!({ "measure": "power-spectrum", "welch": { "bin": 1.0, "segment": 1000.0 } }),
    );
    let peak = (1..60).max_by(|&i, &j| columns[1][i].total_cmp(&columns[1][j])).unwrap();
    close(columns[0][peak], 40.0, 1.0);
}
