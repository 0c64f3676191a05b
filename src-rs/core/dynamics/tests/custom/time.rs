//! Equations that read the time, and neurons with many states.

use super::{Runner, neuron, with};
use crate::Bound;
use lapicque_base::error::Error;
use lapicque_expr::OutSlot;
use serde_json::{Value, json};

/// The states after each of `count` steps, without an input.
fn steps(spec: &Value, dt: f64, count: usize, clock: f64) -> Vec<Vec<f64>> {
    let bound = Bound::new(spec, 1, dt).unwrap_or_else(|e| panic!("{e}\n{spec}"));
    let runner = Runner::<f64>::new(&bound, false);
    let start = |name: &str| if name == "clock" { clock } else { 0.0 };
    let mut states: Vec<f64> = bound.states.iter().map(|state| start(state.name)).collect();
    let mut all = vec![];
    for _ in 0..count {
        let old = |name: &str, _: usize| {
            let state = bound.states.iter().position(|info| name == format!("old {}", info.name));
            state.map_or(0.0, |i| states[i])
        };
        let outs = runner.run(1, &old);
        for (slot, values) in outs {
            if let OutSlot::State(i) = slot {
                states[i] = values[0];
            }
        }
        all.push(states.clone());
    }
    all
}

#[test]
fn the_time_is_that_of_the_steps_beginning_and_of_stages_in_between() {
    let spec = |update: &str, method: &str| {
        with(neuron(&["v"], json!({}), update, json!({})), "options", json!({"method": method}))
    };
    let dt = 0.1;
    // v' = 3 t^2: the sum of Euler's steps, and t^3 by methods of order 2 and higher with their error.
    let of = |method: &str| steps(&spec("v' = 3*t^2", method), dt, 100, 0.0).last().unwrap()[0];
    let euler: f64 = (0..100).map(|k| 3.0 * (f64::from(k) * dt).powi(2) * dt).sum();
    assert!((of("euler") - euler).abs() < 1e-9 && (of("auto") - euler).abs() < 1e-9);
    // The midpoint rule has an error of t dt^2 / 4 for a cubic; Simpson's rule is exact.
    assert!((of("rk2") - (1000.0 - 10.0 * dt * dt / 4.0)).abs() < 1e-9);
    assert!((of("rk4") - 1000.0).abs() < 1e-9);
    // v' = cos(t) - v in closed form.
    let exact = |t: f64| 0.5 * (t.cos() + t.sin() - (-t).exp());
    let found = steps(&spec("v' = cos(t) - v", "rk4"), dt, 100, 0.0);
    for (k, state) in found.iter().enumerate() {
        let t = (k + 1) as f64 * dt;
        assert!((state[0] - exact(t)).abs() < 1e-6, "{t}: {} {}", state[0], exact(t));
    }
    let assigned = steps(&spec("v = t", "auto"), dt, 3, 0.0);
    assert_eq!(assigned.iter().map(|state| state[0]).collect::<Vec<_>>(), [0.0, dt, 2.0 * dt]);
}

#[test]
fn a_reset_reads_the_time_of_the_spike() {
    let more = json!({"spike": "v > 0.95", "reset": "last = t; v = 0"});
    let spec = neuron(&["v", "last"], json!({}), "v = v + dt; last = last", more);
    let found = steps(&spec, 0.25, 6, 0.0);
    // The step that ends at 1 ms is the fourth.
    assert_eq!(found.iter().map(|state| state[1]).collect::<Vec<_>>(), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn the_clock_goes_on_where_it_begins_anew() {
    let spec = neuron(&["v"], json!({}), "v = t", json!({}));
    let end = f64::from((1u32 << 24) - 2);
    let found = steps(&spec, 1.0, 4, end);
    let times: Vec<f64> = found.iter().map(|state| state[0]).collect();
    assert_eq!(times, [end, end + 1.0, end + 2.0, end + 3.0]);
    assert_eq!(found[1][1..], [0.0, 1.0]);
}

#[test]
fn spikes_may_be_joined_by_or_and_not() {
    let fired = |spike: &str, v: f64, w: f64| {
        let more = json!({"spike": spike, "reset": "v = v"});
        let bound = Bound::new(&neuron(&["v", "w"], json!({}), "v = v; w = w", more), 1, 1.0).unwrap();
        let outs = Runner::<f64>::new(&bound, false).run(1, &|name, _| if name == "old v" { v } else { w });
        outs.iter().find(|(slot, _)| *slot == OutSlot::Spike).unwrap().1[0]
    };
    for v in [-1.0, 1.0, 3.0] {
        for w in [-1.0, 2.0] {
            let cases: [(&str, bool); 6] = [
                ("v > 2 or w > 1", v > 2.0 || w > 1.0),
                ("v > 2 or w == 2", v > 2.0 || w == 2.0),
                ("not v < 1", v >= 1.0),
                ("not (v > 2 or w > 1)", !(v > 2.0 || w > 1.0)),
                ("v > 0 and (w > 1 or v > 2)", v > 0.0 && (w > 1.0 || v > 2.0)),
                ("(v > 0 and w > 1) or (v < 0 and w < 0)", (v > 0.0 && w > 1.0) || (v < 0.0 && w < 0.0)),
            ];
            for (text, want) in cases {
                assert_eq!(fired(text, v, w), f64::from(u8::from(want)), "{text} at {v} and {w}");
            }
        }
    }
}

#[test]
fn a_hundred_states_fit() {
    let names: Vec<String> = (0..100).map(|i| format!("x{i}")).collect();
    let states: Vec<&str> = names.iter().map(String::as_str).collect();
    let ring = |method: &str, power: &str| {
        let update: Vec<String> =
            (0..100).map(|i| format!("x{i}' = (x{} - x{i}{power} + {i})/tauMem", (i + 1) % 100)).collect();
        let spec = neuron(&states, json!({"tauMem": 10.0}), &update.join("\n"), json!({}));
        with(spec, "options", json!({"method": method}))
    };
    // An Euler step of each, in the same order of operations.
    let mut want = vec![0.0f64; 100];
    for _ in 0..20 {
        let old = want.clone();
        for i in 0..100 {
            let rate = (old[(i + 1) % 100] - old[i] + i as f64) / 10.0;
            want[i] += 0.1 * rate;
        }
    }
    let found = steps(&ring("auto", ""), 0.1, 20, 0.0);
    for (x, y) in found.last().unwrap().iter().zip(&want) {
        assert!((x - y).abs() < 1e-12 * (1.0 + y.abs()), "{x} {y}");
    }
    assert_eq!(Bound::new(&ring("auto", ""), 1, 0.1).unwrap().resolved()["options"]["method"], "euler");
    match Bound::new(&ring("exact", ""), 1, 0.1) {
        Err(Error::Equation { reason, .. }) => assert!(reason.contains("at most 16 coupled"), "{reason}"),
        other => panic!("{:?}", other.map(|_| ())),
    }
    // The same number of learned ones.
    let learned = with(ring("rk4", "^2"), "learn", json!(["tauMem"]));
    assert_eq!(Bound::new(&learned, 1, 0.1).unwrap().states.len(), 100);
}
