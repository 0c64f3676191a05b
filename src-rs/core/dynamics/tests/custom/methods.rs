//! Integration methods compared with closed forms.

use super::{bind, method, neuron, run};
use crate::Bound;
use serde_json::{Value, json};

/// Steps of `dt` until `t` from `start`, in f64.
fn solve(spec: &Value, dt: f64, t: f64, start: &[f64], input: f64) -> Vec<f64> {
    let bound = Bound::new(spec, 1, dt).unwrap_or_else(|e| panic!("{e}"));
    let mut states = start.to_vec();
    for _ in 0..(t / dt).round() as usize {
        let known = states.clone();
        let arg = |name: &str, _: usize| match name.strip_prefix("old ") {
            Some(state) => known[bound.states.iter().position(|info| info.name == state).unwrap()],
            None => input,
        };
        states = run::<f64>(&bound, false, 1, &arg).iter().map(|(_, x)| x[0]).take(states.len()).collect();
    }
    states
}

#[test]
fn linear_equations_are_solved_exactly() {
    let leaky = neuron(
        &["v"],
        json!({"tauMem": 7.0, "vLeak": -2.0, "r": 3.0}),
        "v' = (vLeak - v + r*i)/tauMem",
        json!({}),
    );
    let closed = |t: f64| -2.0 + 3.0 * 0.4 + (1.0 - (-2.0 + 3.0 * 0.4)) * (-t / 7.0).exp();
    for dt in [0.1, 1.0, 20.0] {
        let got = solve(&leaky, dt, 20.0, &[1.0], 0.4)[0];
        assert!((got - closed(20.0)).abs() < 1e-12, "{got} is not {}", closed(20.0));
    }
    assert_eq!(bind(&leaky).resolved()["options"]["method"], "exact");

    // A decaying current drives a membrane: the difference of two exponentials; if both time constants are 1, t exp(-t).
    let chain = |tau_syn: f64| {
        let params = json!({"tauMem": 10.0, "tauSyn": tau_syn});
        neuron(&["v", "iSyn"], params, "v' = (iSyn - v)/tauMem\niSyn' = -iSyn/tauSyn", json!({}))
    };
    let got = solve(&chain(5.0), 0.5, 8.0, &[0.0, 1.0], 0.0);
    let want = 5.0 / (10.0 - 5.0) * ((-0.8_f64).exp() - (-1.6_f64).exp());
    assert!((got[0] - want).abs() < 1e-13 && (got[1] - (-1.6_f64).exp()).abs() < 1e-13, "{got:?}");
    let got = solve(&chain(10.0), 2.0, 8.0, &[0.0, 1.0], 0.0);
    assert!((got[0] - 0.8 * (-0.8_f64).exp()).abs() < 1e-13, "{got:?}");

    // An oscillator, whose matrix has no real eigenvalues, with steps of several periods.
    let turning = neuron(&["x", "y"], json!({"omega": 2.0}), "x' = -omega*y; y' = omega*x", json!({}));
    let got = solve(&turning, 5.0, 10.0, &[1.0, 0.0], 0.0);
    assert!((got[0] - 20.0_f64.cos()).abs() < 1e-12 && (got[1] - 20.0_f64.sin()).abs() < 1e-12, "{got:?}");
}

/// A jump at the end of a step, whatever the method: afterwards the states continue from there.
#[test]
fn what_arrives_is_a_jump() {
    let params = json!({"tauMem": 10.0, "tauSyn": 5.0});
    let update = "v' = (iSyn - v)/tauMem\niSyn' = -iSyn/tauSyn";
    let jumps = neuron(&["v", "iSyn"], params, update, json!({"arrival": "iSyn += i; v += iSyn"}));
    assert_eq!(bind(&jumps).resolved()["options"]["method"], "exact");
    for (name, least) in [("exact", 1e-13), ("rk4", 1e-6), ("rk2", 1e-3), ("exponential-euler", 0.1)] {
        let spec = method(&jumps, name);
        let got = solve(&spec, 0.5, 0.5, &[2.0, 0.0], 3.0);
        let left = 2.0 * (-0.05_f64).exp();
        assert!((got[0] - left - 3.0).abs() < least && got[1] == 3.0, "{name}: {got:?}");
        // Without an input: the difference of two exponentials.
        let got = solve(&spec, 0.5, 8.0, &[0.0, 1.0], 0.0);
        let at = |t: f64| 5.0 / (10.0 - 5.0) * ((-t / 10.0).exp() - (-t / 5.0).exp());
        // The jump of iSyn is 0, but v is changed by the value of iSyn at the end of every step.
        let want: f64 = at(8.0)
            + (1..=16).map(|k| (-0.1 * f64::from(k)).exp() * (-0.05 * f64::from(16 - k)).exp()).sum::<f64>();
        assert!((got[0] - want).abs() < least * 20.0, "{name}: {got:?}, expected {want}");
    }
}

#[test]
fn methods_have_their_order() {
    // v' = v - v^2 from 0.1: the logistic curve.
    let logistic = neuron(&["v"], json!({}), "v' = v*(1 - v)", json!({}));
    let want = 1.0 / (1.0 + 9.0 * (-2.0_f64).exp());
    for (name, order) in [("euler", 1.0), ("rk2", 2.0), ("rk4", 4.0)] {
        let error = |dt| (solve(&method(&logistic, name), dt, 2.0, &[0.1], 0.0)[0] - want).abs();
        let measured = (error(0.1) / error(0.05)).log2();
        assert!((measured - order).abs() < 0.15, "{name} is of order {measured}");
    }
    assert_eq!(bind(&logistic).resolved()["options"]["method"], "euler");
    // Two variables, each linear in itself alone: first order, and exact if the other is constant.
    let params = json!({"tau": 5.0});
    let gate = neuron(&["v", "w"], params, "v' = (1 - v)*w^2; w' = -w/tau", json!({}));
    let error = |dt| {
        let want = 1.0 - (-2.5 * (1.0 - (-2.0_f64 / 2.5).exp())).exp();
        (solve(&method(&gate, "exponential-euler"), dt, 2.0, &[0.0, 1.0], 0.0)[0] - want).abs()
    };
    let measured = (error(0.1) / error(0.05)).log2();
    assert!((measured - 1.0).abs() < 0.15, "exponential Euler is of order {measured}");
}
