//! Rules with traces compared with the sums over all earlier spikes in their papers.

use super::bound;
use crate::synapse::{Samples, Trains, drive};
use lapicque_base::control::Control;
use lapicque_base::rng::Rng;
use serde_json::{Value, json};

fn train(stream: u64, count: usize, mean: f64) -> Vec<f64> {
    let rng = Rng::new(11, stream);
    let mut t = 0.0;
    (0..count)
        .map(|i| {
            // Never at the same time as a spike of another train.
            t += 0.3
                + mean * f64::from(rng.u32_at(i as u64)) / f64::from(u32::MAX) * 2.0
                + 1e-3 * stream as f64;
            t
        })
        .collect()
}

/// The sum over the spikes before `t`.
fn sum(train: &[f64], t: f64, tau: f64) -> f64 {
    train.iter().filter(|&&spike| spike < t).map(|spike| (-(t - spike) / tau).exp()).sum()
}

/// Compares with `pre(w, t)` at spikes of the source and `post(w, t)` at those of the target.
fn compare(
    spec: Value,
    w0: f64,
    (source, target): (&[f64], &[f64]),
    pre: impl Fn(f64, f64) -> f64,
    post: impl Fn(f64, f64) -> f64,
) {
    let rule = bound(spec);
    let mut events: Vec<(f64, bool)> =
        source.iter().map(|&t| (t, true)).chain(target.iter().map(|&t| (t, false))).collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut w, mut sent) = (w0, vec![]);
    for (t, is_pre) in events {
        w = if is_pre { pre(w, t) } else { post(w, t) };
        if is_pre {
            sent.push(w);
        }
    }
    let trains = Trains { pre: source.to_vec(), post: target.to_vec(), ..Trains::default() };
    let response = drive(&rule, w0, 0.0, &trains, &Samples::default(), &Control::detached()).unwrap();
    assert!((w - w0).abs() > 1e-3, "nothing happens");
    for (got, want) in response.transmitted.iter().zip(&sent).chain([(&response.last[0], &w)]) {
        assert!((got - want).abs() < 1e-11, "{got}, expected {want}");
    }
}

#[test]
fn triplets() {
    let (x, y) = (train(1, 80, 12.0), train(2, 80, 12.0));
    let spec = json!({"model": "triplet-stdp", "params": {"aPlus": 0.004, "aPlusTriplet": 0.0062, "aMinus": 0.007, "aMinusTriplet": 0.002, "wMin": -100}});
    compare(
        spec,
        1.0,
        (&x, &y),
        |w, t| w - sum(&y, t, 33.7) * (0.007 + 0.002 * sum(&x, t, 101.0)),
        |w, t| w + sum(&x, t, 16.8) * (0.004 + 0.0062 * sum(&y, t, 125.0)),
    );
}

#[test]
fn inhibition() {
    let (x, y) = (train(3, 60, 15.0), train(4, 60, 18.0));
    let spec = json!({"model": "inhibitory-stdp", "params": {"eta": 0.01, "rate": 5, "wMax": 50}});
    let alpha = 2.0 * 5.0 * 20.0 / 1000.0;
    compare(
        spec,
        1.0,
        (&x, &y),
        |w, t| w + 0.01 * (sum(&y, t, 20.0) - alpha),
        |w, t| w + 0.01 * sum(&x, t, 20.0),
    );
}

#[test]
fn oja() {
    let (x, y) = (train(5, 90, 10.0), train(6, 70, 12.0));
    compare(
        json!({"model": "oja", "params": {"eta": 2e-4}}),
        0.5,
        (&x, &y),
        |w, _| w,
        |w, t| w + 2e-4 * (1000.0 * sum(&x, t, 100.0) / 100.0 - w * 1000.0 * sum(&y, t, 100.0) / 100.0),
    );
}

#[test]
fn a_threshold_that_slides() {
    let (x, y) = (train(7, 90, 10.0), train(8, 70, 12.0));
    let spec = json!({"model": "bcm", "params": {"tauTheta": 400, "rateTarget": 20, "wMin": -50}});
    let rate = |t: f64| 1000.0 * sum(&y, t, 400.0) / 400.0;
    compare(
        spec,
        1.0,
        (&x, &y),
        |w, t| w - 7.1e-3 * (rate(t) / 20.0).powi(2) * sum(&y, t, 33.7),
        |w, t| w + 6.5e-3 * sum(&x, t, 16.8) * sum(&y, t, 114.0),
    );
}

#[test]
fn reward_of_what_was_eligible() {
    let (x, y, dopamine) = (train(1, 20, 60.0), train(2, 20, 60.0), [100.0, 300.0, 300.0, 700.5]);
    let spec = json!({"model": "reward-stdp", "params": {"aPlus": 0.2, "aMinus": 0.1, "tauC": 400, "tauN": 150, "baseline": 5e-4, "wMin": -50, "wMax": 50}});
    let end = 1500.0;
    let samples = Samples { times: vec![end], after: true };
    let trains = Trains { pre: x.clone(), post: y.clone(), modulator: dopamine.to_vec() };
    let got = drive(&bound(spec), 1.0, 0.0, &trains, &samples, &Control::detached()).unwrap().samples;
    // Each jump of the eligibility is multiplied by each dose: the integral of two exponentials from the later of both times
    // on.
    let jumps =
        y.iter().map(|&t| (t, 0.2 * sum(&x, t, 20.0))).chain(x.iter().map(|&t| (t, -0.1 * sum(&y, t, 20.0))));
    let (mut w, mut c) = (1.0, 0.0);
    for (t, jump) in jumps.filter(|(t, _)| *t < end) {
        c += jump * (-(end - t) / 400.0).exp();
        w -= 5e-4 * jump * 400.0 * (1.0 - (-(end - t) / 400.0).exp());
        for &dose in &dopamine {
            let (from, both) = (t.max(dose), 1.0 / 400.0 + 1.0 / 150.0);
            let start = (-(from - t) / 400.0 - (from - dose) / 150.0).exp() / 150.0;
            w += jump * start / both * (1.0 - (-(end - from) * both).exp());
        }
    }
    let n: f64 = dopamine.iter().map(|dose| (-(end - dose) / 150.0).exp() / 150.0).sum();
    for (got, want) in got.iter().zip([w, c, n]) {
        assert!((got - want).abs() < 1e-11, "{got}, expected {want}");
    }
    assert!((w - 1.0f64).abs() > 1e-3);
}

#[test]
fn scaling_towards_a_rate() {
    let y = train(9, 60, 25.0);
    let spec = json!({"model": "synaptic-scaling", "params": {
        "rateTarget": 12, "tauRate": 300, "tauScaling": 800, "rateInit": 4}});
    let end = 1400.0;
    let (pre, times) = (vec![50.0, 700.25, end], vec![end]);
    let trains = Trains { pre: pre.clone(), post: y.clone(), ..Trains::default() };
    let samples = Samples { times, after: true };
    let got = drive(&bound(spec), 2.0, 0.0, &trains, &samples, &Control::detached()).unwrap();
    // The differential equations, solved by small Runge-Kutta steps from spike to spike.
    let slope = |[w, y]: [f64; 2]| [w * (1.0 - y / 12.0) / 800.0, -y / 300.0];
    let advance = |mut state: [f64; 2], from: f64, to: f64| {
        let steps = ((to - from) / 0.5).ceil().max(1.0);
        let h = (to - from) / steps;
        let moved = |[w, y]: [f64; 2], [dw, dy]: [f64; 2], h: f64| [w + h * dw, y + h * dy];
        for _ in 0..steps as usize {
            let k1 = slope(state);
            let k2 = slope(moved(state, k1, h / 2.0));
            let k3 = slope(moved(state, k2, h / 2.0));
            let k4 = slope(moved(state, k3, h));
            let mean = |i: usize| (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0;
            state = moved(state, [mean(0), mean(1)], h);
        }
        state
    };
    let (mut state, mut now) = ([2.0, 4.0], 0.0);
    let mut sent = vec![];
    let mut events: Vec<(f64, bool)> = pre
        .iter()
        .map(|&t| (t, true))
        .chain(y.iter().map(|&t| (t, false)))
        .filter(|(t, _)| *t <= end)
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (t, is_pre) in events {
        state = advance(state, now, t);
        now = t;
        match is_pre {
            true => sent.push(state[0]),
            false => state[1] += 1000.0 / 300.0,
        }
    }
    for (got, want) in got.transmitted.iter().chain(&got.samples).zip(sent.iter().chain(&state)) {
        assert!((got - want).abs() < 1e-10, "{got}, expected {want}");
    }
    assert!((state[0] - 2.0).abs() > 0.1);
}
