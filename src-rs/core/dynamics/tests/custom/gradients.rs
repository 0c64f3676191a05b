//! The adjoints of neurons with every kind of statement against finite differences.

use super::{neuron, noise, run, with};
use crate::Bound;
use crate::custom::{Custom, Equations};
use crate::tests::probe::{Probe, forget, replay};
use lapicque_expr::OutSlot;
use serde_json::{Value, json};

/// Neurons that have every kind of statement, each smooth where it is looked at.
fn varied() -> Vec<Value> {
    let learned = |spec: Value, names: Value| with(spec, "learn", names);
    let hard = json!({"spike": "v > vThreshold", "reset": "v = vReset; w += b*v; w *= 0.9"});
    let adaptive = |update: &str, more: Value| {
        let params =
            json!({"tauMem": 9.0, "tauW": 30.0, "a": 0.3, "b": 0.2, "vThreshold": 0.6, "vReset": -0.1});
        let spec = neuron(&["v", "w"], params, update, more);
        learned(spec, json!(["tauMem", "tauW", "a", "b", "vThreshold", "vReset"]))
    };
    let linear = "v' = (i - v - w)/tauMem; w' = (a*v - w)/tauW";
    let curved = "drive = exp(-v^2) + i; v' = (drive - v*w)/tauMem; w' = (a*tanh(v) - w)/tauW + 0.1*v*xi";
    let gates = "v' = (rate(v) - v*w)/tauMem; w' = (rate(v)*(1 - w) - a*w)/tauW";
    let gate = "v' = (a - v*w)/tauMem + i; w' = (rate(v)*(1 - w) - a*w)/tauW";
    let functions = json!({"functions": "rate(x) = 1/exprel(-(x + a)/b)", "spike": "v - w >= vThreshold",
                           "reset": "v -= vThreshold", "refractory": {"period": 2}});
    let held = with(hard.clone(), "refractory", json!({"period": 3, "hold": ["v", "w"]}));
    let assigned = "w = a*w + i; v = w - v*where(v > b, a, b) + clip(v, vReset - 0.2, vThreshold)*xi_a";
    let steps = "drive[t] = a*i[t] + w[t-1]; v[t] = b*v[t-1] + w[t]*tauMem; w[t] = drive*a + v[t-1]/tauW";
    let mut all = Vec::new();
    for detach in [true, false] {
        for timing in ["same-step", "next-step", "start-of-next-step"] {
            let options =
                |method: &str| json!({"method": method, "resetTiming": timing, "detachReset": detach});
            let mut add = |spec: Value, method: &str| all.push(with(spec, "options", options(method)));
            add(adaptive(linear, hard.clone()), "exact");
            add(adaptive(linear, held.clone()), "rk2");
            add(adaptive(curved, hard.clone()), "euler");
            add(adaptive(gates, functions.clone()), "rk4");
            add(adaptive(gate, functions.clone()), "exponential-euler");
            add(adaptive(assigned, hard.clone()), "auto");
            add(adaptive(steps, held.clone()), "auto");
        }
    }
    let pure = json!({"alpha": 1.3, "beta": 0.8});
    let readout = neuron(&["v", "s"], pure, "s = s*beta + i^2; v = v*alpha + min(s, abs(v))", json!({}));
    all.push(learned(readout, json!(["alpha"])));
    all
}

#[test]
fn adjoints_agree_with_finite_differences() {
    for (i, spec) in varied().iter().enumerate() {
        let bound = Bound::new(spec, 1, 0.7).unwrap_or_else(|e| panic!("{e}\n{spec}"));
        let object = spec.as_object().unwrap();
        let equations = Equations::read(object).unwrap();
        let compiled = Custom::read(equations, object).unwrap().compile(&bound.settings).unwrap();
        for point in 0..20 {
            let value = |name: &str, _: usize| noise(name, 100 * i + point);
            let draws = bound.noise.map_or(0, |noise| noise.draws);
            let states =
                bound.states.iter().map(|info| noise(&format!("old {}", info.name), 100 * i + point));
            let noises = (0..draws).map(|k| noise(&format!("noise {k}"), 100 * i + point));
            let params = bound.params.iter().map(|param| param.values[0]);
            let inputs: Vec<f64> = states.chain([value("input", 0)]).chain(noises).chain(params).collect();
            let weights: Vec<f64> = (bound.states.iter().map(|info| format!("grad {}", info.name)))
                .chain(["grad spike".into()])
                .map(|name| value(&name, 0))
                .collect();
            let loss = |inputs: &[f64]| -> f64 {
                let outs = compiled.values(&inputs.iter().map(|&x| Probe(x)).collect::<Vec<_>>());
                outs.iter().zip(&weights).map(|(out, weight)| out.0 * weight).sum()
            };
            forget();
            loss(&inputs);
            let slope = |at: usize| {
                let moved = |h: f64| {
                    let mut inputs = inputs.clone();
                    inputs[at] += h;
                    replay();
                    loss(&inputs)
                };
                (8.0 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4
            };
            let new = run::<f64>(&bound, false, 1, &value);
            let with_new = |name: &str, lane: usize| match name.strip_prefix("new ") {
                Some(state) => new[bound.states.iter().position(|info| info.name == state).unwrap()].1[lane],
                None => value(name, lane),
            };
            let mut coefs = vec![None; bound.coefs.len()];
            let check = |got: f64, at: usize, what: &str| {
                let want = slope(at);
                let near = (got - want).abs() < 1e-6 * (1.0 + want.abs());
                assert!(near, "{what}: {got}, by differences {want}\n{spec}");
            };
            let mut known = vec![0.0; bound.states.len() + 1];
            for (slot, values) in run::<f64>(&bound, true, 1, &with_new) {
                match slot {
                    OutSlot::GradState(k) => known[k] = values[0],
                    OutSlot::GradPort(_) => known[bound.states.len()] = values[0],
                    OutSlot::GradCoef(k) => coefs[k] = Some(values),
                    other => panic!("{other:?} in an adjoint"),
                }
            }
            for (at, &got) in known.iter().enumerate() {
                check(got, at, "state or input");
            }
            let values: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
            for (k, gradient) in bound.derive_adjoint(&values, &coefs).iter().enumerate() {
                if let Some(gradient) = gradient {
                    check(gradient[0], bound.states.len() + 1 + draws + k, bound.params[k].name);
                }
            }
        }
    }
}
