//! Neurons with an upstroke, compared with a solver of differential equations and with reimplemented published loops.

use super::one_neuron::run;
use super::solver::{crossings, integrate};
use serde_json::{Value, json};

/// The time at which v rises through `level`, by linear interpolation between two steps.
fn rises(v: &[f64], level: f64, dt: f64) -> Vec<f64> {
    (1..v.len())
        .filter(|&k| v[k - 1] < level && v[k] >= level)
        .map(|k| ((k - 1) as f64 + (level - v[k - 1]) / (v[k] - v[k - 1])) * dt)
        .collect()
}

/// `x / (exp(x) - 1)`.
fn bernoulli(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x / x.exp_m1() }
}

/// Opening and closing rates of m, h and n, as printed in the papers.
type RatesOf = fn(f64) -> [[f64; 2]; 3];

fn squid(v: f64) -> [[f64; 2]; 3] {
    let u = v + 65.0;
    [
        [bernoulli((25.0 - u) / 10.0), 4.0 * (-u / 18.0).exp()],
        [0.07 * (-u / 20.0).exp(), 1.0 / (1.0 + ((30.0 - u) / 10.0).exp())],
        [0.1 * bernoulli((10.0 - u) / 10.0), 0.125 * (-u / 80.0).exp()],
    ]
}

fn traub_miles(v: f64) -> [[f64; 2]; 3] {
    let u = v + 63.0;
    [
        [0.32 * 4.0 * bernoulli((13.0 - u) / 4.0), 0.28 * 5.0 * bernoulli((u - 40.0) / 5.0)],
        [0.128 * ((17.0 - u) / 18.0).exp(), 4.0 / (1.0 + ((40.0 - u) / 5.0).exp())],
        [0.032 * 5.0 * bernoulli((15.0 - u) / 5.0), 0.5 * ((10.0 - u) / 40.0).exp()],
    ]
}

struct Channels {
    /// Sodium, potassium and leak.
    conductances: [f64; 3],
    potentials: [f64; 3],
    rates: RatesOf,
}

impl Channels {
    fn derivative(&self, [v, m, h, n]: [f64; 4], current: f64) -> [f64; 4] {
        let [na, k, leak] = self.conductances;
        let [e_na, e_k, e_leak] = self.potentials;
        let ionic = na * m.powi(3) * h * (v - e_na) + k * n.powi(4) * (v - e_k) + leak * (v - e_leak);
        let [a, b, c] = (self.rates)(v);
        let gate = |[opens, closes]: [f64; 2], y: f64| opens * (1.0 - y) - closes * y;
        [current - ionic, gate(a, m), gate(b, h), gate(c, n)]
    }

    fn rest(&self, v: f64) -> [f64; 4] {
        let [m, h, n] = (self.rates)(v).map(|[opens, closes]| opens / (opens + closes));
        [v, m, h, n]
    }
}

/// `steps`: currents, each with the time in ms from which it holds.
fn spike_times(channels: &Channels, spec: Value, steps: &[(f64, f64)], end: f64) -> (Vec<f64>, Vec<f64>) {
    const DT: f64 = 0.01;
    let mut x = channels.rest(-65.0);
    let mut solved = Vec::new();
    let ends = steps.iter().skip(1).map(|&(start, _)| start).chain([end]);
    for (&(start, current), stop) in steps.iter().zip(ends) {
        let see = crossings(0.0, &mut solved);
        x = integrate(|x| channels.derivative(x, current), [start, stop], x, see);
    }
    let input: Vec<f64> = (0..(end / DT).round() as usize)
        .map(|k| steps.iter().rev().find(|(start, _)| *start <= (k as f64 + 0.5) * DT).unwrap().1)
        .collect();
    let trace = run(spec, DT, &input);
    let v: Vec<f64> = std::iter::once(-65.0).chain(trace.iter().map(|outs| outs[0])).collect();
    let times = rises(&v, 0.0, DT);
    let marked = trace.iter().filter(|outs| outs[4] == 1.0).count();
    assert_eq!(marked, times.len(), "a spike is an upward crossing");
    (times, solved)
}

#[test]
fn hodgkin_and_huxleys_axon_fires_when_the_equations_say() {
    let channels =
        Channels { conductances: [120.0, 36.0, 0.3], potentials: [50.0, -77.0, -54.387], rates: squid };
    let spec = json!({"model": "hodgkin-huxley", "options": {"method": "rk4"}});
    let tonic: &[(f64, f64)] = &[(0.0, 0.0), (5.0, 10.0)];
    let rebound: &[(f64, f64)] = &[(0.0, 0.0), (5.0, -12.0), (30.0, 0.0), (60.0, 25.0), (61.0, 0.0)];
    for (steps, spikes) in [(tonic, 7), (rebound, 2)] {
        let (times, solved) = spike_times(&channels, spec.clone(), steps, 100.0);
        assert_eq!((times.len(), solved.len()), (spikes, spikes), "{times:?} {solved:?}");
        for (time, solved) in times.iter().zip(&solved) {
            assert!((time - solved).abs() < 0.001, "{time} {solved}");
        }
    }
}

#[test]
fn traub_and_miles_neuron_fires_when_the_equations_say() {
    let channels =
        Channels { conductances: [100.0, 30.0, 0.05], potentials: [50.0, -90.0, -60.0], rates: traub_miles };
    let like = |method: &str| {
        json!({"model": "hodgkin-huxley", "like": "brian2", "options": {"method": method},
               "params": {"vThreshold": 0.0}})
    };
    let steps: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 1.5), (70.0, 0.0)];
    let (times, solved) = spike_times(&channels, like("rk4"), steps, 80.0);
    assert!(solved.len() > 3 && times.len() == solved.len(), "{times:?} {solved:?}");
    assert!(times.iter().zip(&solved).all(|(time, solved)| (time - solved).abs() < 0.001));
    // Exponential Euler is less accurate, but gives the same number of spikes.
    let (rough, _) = spike_times(&channels, like("exponential-euler"), steps, 80.0);
    assert_eq!(rough.len(), solved.len());
}

#[test]
fn the_rates_are_smooth_where_their_quotients_are_zero_by_zero() {
    // Around -40 mV and -55 mV: one step from exactly there and from slightly beside.
    for v in [-40.0, -55.0, -50.0, -48.0, -23.0] {
        for rates in ["squid", "traub-miles"] {
            let spec = |v: f64| json!({"model": "hodgkin-huxley", "params": {"vInit": v}, "options": {"rates": rates}});
            let (at, beside) = (run(spec(v), 0.01, &[0.0]), run(spec(v + 1e-7), 0.01, &[0.0]));
            for (x, y) in at[0].iter().zip(&beside[0]) {
                assert!(x.is_finite() && (x - y).abs() < 1e-6, "{rates} at {v}: {x} {y}");
            }
        }
    }
}

#[test]
fn the_exponential_neuron_fires_when_the_equation_says() {
    let (tau, slope, onset, leak, reset, peak, current, dt) = (9.0, 0.3, 0.7, 0.1, -0.2, 2.5, 1.1, 0.005);
    let f = |[v]: [f64; 1]| [(leak - v + slope * ((v - onset) / slope).exp() + current) / tau];
    let mut solved = Vec::new();
    integrate(f, [0.0, 60.0], [leak], |[from, to], old, new| {
        if new[0] < peak {
            return new;
        }
        solved.push(from + (to - from) * (peak - old[0]) / (new[0] - old[0]));
        [reset]
    });
    let params =
        json!({"tauMem": tau, "deltaT": slope, "vT": onset, "vLeak": leak, "vReset": reset, "vPeak": peak});
    let spec = json!({"model": "eif", "params": params, "options": {"method": "rk4"}});
    let trace = run(spec, dt, &vec![current; (60.0 / dt) as usize]);
    let times: Vec<f64> =
        (0..trace.len()).filter(|&k| trace[k][1] == 1.0).map(|k| (k as f64 + 1.0) * dt).collect();
    assert!(solved.len() > 3 && times.len() == solved.len(), "{times:?} {solved:?}");
    // A spike is detected at the end of its step, so each delays the following ones by up to one step.
    for (i, (time, solved)) in times.iter().zip(&solved).enumerate() {
        let late = time - solved;
        assert!(late > -1e-6 && late < (i as f64 + 1.0) * dt * 1.5, "{late}");
    }
}

#[test]
fn the_generalized_neuron_fires_when_the_equations_say() {
    // With all features: the threshold follows v, and spikes leave both currents.
    let (tau, a, tau_theta, current, dt) = (20.0, 0.005, 100.0, 38.0, 0.005);
    let f = |[v, theta, i1, i2]: [f64; 4]| {
        [
            (-70.0 - v + i1 + i2 + current) / tau,
            a * (v + 70.0) - (theta + 50.0) / tau_theta,
            -i1 / 5.0,
            -i2 / 50.0,
        ]
    };
    let mut solved = Vec::new();
    integrate(f, [0.0, 250.0], [-70.0, -50.0, 0.0, 0.0], |[from, to], old, new| {
        let [before, after] = [old[0] - old[1], new[0] - new[1]];
        if after < 0.0 {
            return new;
        }
        solved.push(from + (to - from) * before / (before - after));
        [-72.0, new[1].max(-58.0), 4.0, 0.9 * new[3] - 3.0]
    });
    let params =
        json!({"a": a, "vReset": -72.0, "thetaReset": -58.0, "jump1": 4.0, "keep2": 0.9, "jump2": -3.0});
    let spec = json!({"model": "gif", "params": params, "options": {"method": "rk4"}});
    let trace = run(spec, dt, &vec![current; (250.0 / dt) as usize]);
    let times: Vec<f64> =
        (0..trace.len()).filter(|&k| trace[k][4] == 1.0).map(|k| (k as f64 + 1.0) * dt).collect();
    assert!(solved.len() > 4 && times.len() == solved.len(), "{times:?} {solved:?}");
    let intervals = |x: &[f64]| x.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
    for (found, solved) in intervals(&times).iter().zip(intervals(&solved)) {
        assert!((found - solved).abs() < 3.0 * dt, "{times:?} {solved:?}");
    }
}

#[test]
fn the_network_of_2003_is_its_published_loop() {
    let (a, b, c, d) = (0.02, 0.2, -65.0, 8.0);
    let input: Vec<f64> = (0..1000).map(|t| 8.0 + 6.0 * libm::sin(0.05 * t as f64)).collect();
    let options = json!({"method": "half-steps", "compare": ">=", "resetTiming": "next-step"});
    let spec = json!({"model": "izhikevich", "params": {"a": a, "b": b, "c": c, "d": d}, "options": options});
    let trace = run(spec, 1.0, &input);
    let (mut v, mut u) = (-65.0, -13.0);
    let mut spikes = 0;
    for (outs, i) in trace.iter().zip(&input) {
        if v >= 30.0 {
            v = c;
            u += d;
            spikes += 1;
        }
        v += 0.5 * (0.04 * v * v + 5.0 * v + 140.0 - u + i);
        v += 0.5 * (0.04 * v * v + 5.0 * v + 140.0 - u + i);
        u += a * (b * v - u);
        assert!((outs[0] - v).abs() < 1e-6 * (1.0 + v.abs()), "{} {v}", outs[0]);
        assert!((outs[1] - u).abs() < 1e-6 * (1.0 + u.abs()));
        assert_eq!(outs[2], f64::from(v >= 30.0));
        (v, u) = (outs[0], outs[1]);
    }
    assert!(spikes > 10, "{spikes}");
}

#[test]
fn sub_steps_are_steps() {
    let adex = |sub: f64| json!({"model": "adex", "options": {"method": "rk4"}, "params": {"subSteps": sub}});
    let squid = |sub: f64| json!({"model": "hodgkin-huxley", "params": {"subSteps": sub}});
    for (spec, current, at) in [(&adex as &dyn Fn(f64) -> Value, 900.0, 2), (&squid, 12.0, 4)] {
        let coarse = run(spec(4.0), 0.125, &[current; 800]);
        let fine = run(spec(1.0), 0.03125, &[current; 3200]);
        for (k, outs) in coarse.iter().enumerate() {
            assert_eq!(outs[..at], fine[4 * k + 3][..at], "step {k}");
            let fired = (0..4).any(|i| fine[4 * k + i][at] == 1.0);
            assert_eq!(outs[at], f64::from(fired), "step {k}");
        }
        assert!(coarse.iter().filter(|outs| outs[at] == 1.0).count() > 3);
    }
}

#[test]
fn a_refractory_neuron_holds_v_while_w_goes_on() {
    let params = json!({"tauRef": 3.0, "a": 0.0, "vReset": -60.0});
    let trace = run(json!({"model": "adex", "params": params}), 0.25, &[1200.0; 400]);
    let fired: Vec<usize> = (0..400).filter(|&t| trace[t][3] == 1.0).collect();
    assert!(fired.len() > 4);
    for &t in fired.iter().take(4) {
        let w = trace[t][1];
        for k in 1..=12 {
            assert_eq!(trace[t + k][0], -60.0);
            // With a = 0, w decays alone: Euler steps of its decay.
            let left = w * (1.0 - 0.25 / 144.0_f64).powi(k as i32);
            assert!((trace[t + k][1] - left).abs() < 1e-9);
        }
        assert!(trace[t + 13][0] > -60.0);
    }
}
