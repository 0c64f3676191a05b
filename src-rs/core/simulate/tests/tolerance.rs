//! Neurons whose number of sub-steps follows from an error estimate, compared with their equations in sub-steps a hundred
//! times as short.

use super::{build, with_threads};
use crate::Recording;
use lapicque_base::control::Control;
use serde_json::{Value, json};

const DT: f64 = 0.1;
const STEPS: usize = 2000;
const CURRENTS: [f64; 3] = [650.0, 0.0, 900.0];
/// Steps at whose end a spike arrives at every neuron, and its weight at the excitatory port.
const ARRIVALS: [usize; 6] = [100, 103, 104, 300, 555, 1200];

fn run(model: &str, params: &Value, weight: f64) -> Recording {
    let train: Vec<f64> = ARRIVALS.iter().map(|&step| step as f64 * DT).collect();
    let current = |i: usize| json!({"kind": "current", "to": {"of": "P", "from": i, "to": i + 1}, "port": "current", "times": [0], "values": [CURRENTS[i]]});
    let network = json!({
        "dt": DT,
        "populations": [{"name": "P", "size": 3, "neuron": {"model": model, "params": params}}],
        "sources": [{"name": "S", "trains": [train]}],
        "connections": [{"from": "S", "to": "P", "rule": {"kind": "all-to-all"}, "weight": weight, "delay": DT}],
        "inputs": [current(0), current(1), current(2)],
        "record": {"traces": [{"population": "P", "state": "v"}]},
    });
    with_threads(1, || build::<f64>(network, 1).unwrap().run(STEPS as u64, &Control::detached()).unwrap())
}

/// The Runge-Kutta method with a thousandth of a step.
fn finely<const N: usize>(f: &impl Fn(&[f64; N]) -> [f64; N], x: &mut [f64; N]) {
    let h = DT / 1000.0;
    let moved = |x: &[f64; N], k: &[f64; N], by: f64| std::array::from_fn(|i| x[i] + by * k[i]);
    let first = f(x);
    let second = f(&moved(x, &first, h / 2.0));
    let third = f(&moved(x, &second, h / 2.0));
    let fourth = f(&moved(x, &third, h));
    *x = std::array::from_fn(|i| x[i] + h / 6.0 * (first[i] + 2.0 * (second[i] + third[i]) + fourth[i]));
}

/// A neuron's potentials after each step. `at_end`: the update at the end of a fine step; `arrive`: the effect of a spike.
fn potentials<const N: usize>(
    mut x: [f64; N],
    f: impl Fn(&[f64; N]) -> [f64; N],
    mut at_end: impl FnMut(&mut [f64; N]),
    arrive: impl Fn(&mut [f64; N]),
) -> Vec<f64> {
    let step = |step: usize| {
        for _ in 0..1000 {
            finely(&f, &mut x);
            at_end(&mut x);
        }
        // A spike of step `k` with a delay of one step arrives at the end of the next step.
        if ARRIVALS.contains(&step) {
            arrive(&mut x);
        }
        x[0]
    };
    (0..STEPS).map(step).collect()
}

/// Potentials after each step and steps with a spike: with a peak of v above 0.
fn squid(current: f64, weight: f64) -> (Vec<f64>, Vec<u64>) {
    let linear = |x: f64| if x.abs() < 1e-7 { 1.0 + x / 2.0 } else { x / (1.0 - (-x).exp()) };
    let rates = |v: f64| {
        [
            [linear((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()],
            [0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())],
            [0.1 * linear((v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()],
        ]
    };
    let f = |&[v, m, h, n, i, rise]: &[f64; 6]| {
        let ions =
            12000.0 * m.powi(3) * h * (v - 50.0) + 3600.0 * n.powi(4) * (v + 77.0) + 30.0 * (v + 54.402);
        let [of_m, of_h, of_n] = rates(v);
        let gate = |[opening, closing]: [f64; 2], y: f64| opening * (1.0 - y) - closing * y;
        let tau = 0.2;
        [
            (current + i - ions) / 100.0,
            gate(of_m, m),
            gate(of_h, h),
            gate(of_n, n),
            rise - i / tau,
            -rise / tau,
        ]
    };
    let [m, h, n] = rates(-65.0).map(|[opening, closing]| opening / (opening + closing));
    let arrive = |x: &mut [f64; 6]| x[5] += weight * std::f64::consts::E / 0.2;
    let v = potentials([-65.0, m, h, n, 0.0, 0.0], f, |_| {}, arrive);
    let is_peak = |&k: &usize| v[k] >= 0.0 && v[k] < v[k - 1] && v[k - 1] >= v[k - 2];
    let spikes = (2..STEPS).filter(is_peak).map(|k| k as u64 + 1).collect();
    (v, spikes)
}

fn exponential(current: f64, weight: f64) -> (Vec<f64>, Vec<u64>) {
    let f = |&[v, w, g]: &[f64; 3]| {
        let v = v.min(0.0);
        let membrane = -30.0 * (v + 70.6) + 60.0 * ((v + 50.4) / 2.0).exp();
        [(membrane - w + current - g * v) / 281.0, (4.0 * (v + 70.6) - w) / 144.0, -g / 0.2]
    };
    let (mut fine, mut spikes) = (0, vec![]);
    let reset = |x: &mut [f64; 3]| {
        if x[0] >= 0.0 {
            x[0] = -60.0;
            x[1] += 80.5;
            spikes.push(fine / 1000 + 1);
        }
        fine += 1;
    };
    let v = potentials([-70.6, 0.0, 0.0], f, reset, |x| x[2] += weight);
    (v, spikes)
}

/// `most`: the allowed error in mV in addition to that of ten sub-steps, before the first spike, and later away from
/// upstrokes.
fn compare(model: &str, weight: f64, most: [f64; 2], reference: fn(f64, f64) -> (Vec<f64>, Vec<u64>)) {
    let [adaptive, fixed] = [json!({}), json!({"subSteps": 10})].map(|params| run(model, &params, weight));
    assert!(adaptive.traces[0].values != fixed.traces[0].values, "{model}: all rounds were taken");
    for (i, &current) in CURRENTS.iter().enumerate() {
        let (want, spikes) = reference(current, weight);
        let of = |run: &Recording| {
            let values = run.traces[0].values.iter().skip(i).step_by(CURRENTS.len());
            let errors = values.zip(&want).map(|(got, want)| (got - want).abs());
            // Before the first spike, and later where the potential is not steep.
            let first = want.iter().position(|&v| v > -50.0).unwrap_or(want.len());
            let steep =
                |k: usize| want[k.saturating_sub(15)..(k + 15).min(want.len())].iter().any(|&v| v > -55.0);
            let errors: Vec<f64> = errors.collect();
            let early = errors[..first.saturating_sub(10)].iter().copied().fold(0.0, f64::max);
            let late = (0..STEPS).filter(|&k| !steep(k)).map(|k| errors[k]).fold(0.0, f64::max);
            [early, late]
        };
        let [got, ten] = [of(&adaptive), of(&fixed)];
        println!("{model} at {current} pA: {got:?}, ten rounds {ten:?}");
        assert!(
            got[0] < most[0] && got[1] < most[1] + 2.0 * ten[1],
            "{model} at {current} pA: {got:?}, ten rounds {ten:?}"
        );
        let own = adaptive.steps.iter().zip(&adaptive.neurons).filter(|&(_, &neuron)| neuron == i as u32);
        let own: Vec<u64> = own.map(|(&step, _)| step).collect();
        let close = own.len() == spikes.len() && own.iter().zip(&spikes).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(close && (current == 0.0 || own.len() > 1), "{model} at {current} pA: {own:?}, {spikes:?}");
    }
}

#[test]
fn adaptive_rounds_follow_the_equations() {
    compare("hh-psc-alpha", 100.0, [1e-4, 1e-3], squid);
    compare("aeif-cond-exp", 5.0, [1e-4, 1e-3], exponential);
}

#[test]
fn a_tolerance_that_nothing_keeps_is_the_most_rounds() {
    for model in ["hh-psc-alpha", "aeif-cond-exp", "aeif-psc-exp"] {
        let [none, most] =
            [json!({"tolerance": 1e-300}), json!({"subSteps": 50})].map(|params| run(model, &params, 5.0));
        assert!(none == most, "{model}");
        // Above ten sub-steps, the tolerance makes a difference.
        let [coarse, fine] =
            [json!({"tolerance": 1e-4}), json!({"tolerance": 1e-7})].map(|params| run(model, &params, 5.0));
        assert!(coarse != fine, "{model}");
    }
}
