//! The recurrences of RWKV compared with the sums that they compute.

use super::one_neuron::{run, run_ports};
use serde_json::json;

/// Numbers between -1 and 1, all different.
fn series(n: usize, seed: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1_000_003) as f64 / 500_001.5 - 1.0).collect()
}

#[test]
fn wkv_is_the_weighted_mean_of_all_that_was_seen() {
    let (keys, values) = (series(200, 1), series(200, 2));
    // Including keys whose exponentials overflow f64.
    for (scale, decay, bonus) in [(2.0, -1.0, 0.4), (5.0, -4.0, -1.2), (0.5, 1.5, 3.0), (900.0, -2.0, 0.0)] {
        let keys: Vec<f64> = keys.iter().map(|k| k * scale).collect();
        let spec = json!({"model": "wkv", "params": {"decay": decay, "bonus": bonus}});
        let trace = run_ports(spec, 1.0, &[&keys, &values]);
        let rate = f64::exp(decay);
        for (t, outs) in trace.iter().enumerate() {
            let exponent = |i: usize| match i == t {
                true => bonus + keys[t],
                false => keys[i] - (t - 1 - i) as f64 * rate,
            };
            let most = (0..=t).map(exponent).fold(f64::MIN, f64::max);
            let weights: Vec<f64> = (0..=t).map(|i| (exponent(i) - most).exp()).collect();
            let sum: f64 = weights.iter().zip(&values).map(|(w, v)| w * v).sum();
            let want = sum / weights.iter().sum::<f64>();
            assert!((outs[0] - want).abs() < 1e-11, "{scale} {decay} {bonus}, step {t}: {} {want}", outs[0]);
        }
    }
}

#[test]
fn a_token_shift_mixes_two_steps() {
    let input = series(50, 3);
    let trace = run(json!({"model": "token-shift", "params": {"mix": 0.3}}), 1.0, &input);
    for (t, outs) in trace.iter().enumerate() {
        let last = if t == 0 { 0.0 } else { input[t - 1] };
        assert!((outs[0] - (0.3 * input[t] + 0.7 * last)).abs() < 1e-15);
    }
}

#[test]
fn gates_and_rectifiers_are_their_functions() {
    let (gate, value) = (series(50, 4), series(50, 5));
    let spec = |model: &str| json!({"model": model});
    for (t, outs) in run_ports(spec("sigmoid-gate"), 1.0, &[&gate, &value]).iter().enumerate() {
        assert!((outs[0] - value[t] / (1.0 + (-gate[t]).exp())).abs() < 1e-15);
    }
    for (t, outs) in
        run(json!({"model": "rate-unit", "options": {"activation": "squared-relu"}}), 1.0, &value)
            .iter()
            .enumerate()
    {
        assert_eq!(outs[0], if value[t] > 0.0 { value[t] * value[t] } else { 0.0 });
    }
}
