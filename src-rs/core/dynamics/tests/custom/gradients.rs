//! The adjoints of neurons with every kind of statement compared with finite differences.

use super::{neuron, noise, run, used, with};
use crate::Bound;
use crate::custom::{Custom, Equations};
use crate::tests::probe::{Probe, forget, replay};
use lapicque_expr::OutSlot;
use serde_json::{Value, json};

/// Neurons with every kind of statement, each smooth at the tested points.
fn varied() -> Vec<Value> {
    let learned = |spec: Value, names: Value| with(spec, "learn", names);
    let hard = json!({"spike": "v > vThreshold", "reset": "v = vReset; w += b*v; w *= 0.9"});
    let adaptive = |update: &str, more: Value| {
        let params =
            json!({"tauMem": 9.0, "tauW": 30.0, "a": 0.3, "b": 0.2, "vThreshold": 0.6, "vReset": -0.1});
        let params = used(params, &format!("{update} {more}"));
        let names: Vec<String> = params.as_object().unwrap().keys().cloned().collect();
        learned(neuron(&["v", "w"], params, update, more), json!(names))
    };
    let linear = "v' = (i - v - w)/tauMem; w' = (a*v - w)/tauW";
    let curved = "drive = exp(-v^2) + i; v' = (drive - v*w)/tauMem; w' = (a*tanh(v) - w)/tauW + 0.1*v*xi";
    let gates = "v' = (rate(v) - v*w)/tauMem; w' = (rate(v)*(1 - w) - a*w)/tauW";
    let gate = "v' = (a - v*w)/tauMem + i; w' = (rate(v)*(1 - w) - a*w)/tauW";
    let functions = json!({"functions": "rate(x) = 1/exprel(-(x + a)/b)", "spike": "v - w >= vThreshold",
                           "reset": "v -= vThreshold", "refractory": {"period": 2}});
    let held = with(hard.clone(), "refractory", json!({"period": 3, "hold": ["v", "w"]}));
    let assigned = "w = a*w + i; v = w - v*where(v > b, a, b) + clip(v, vReset - 0.2, vThreshold)*xi_a";
    let jump = "v' = -v/tauMem - w*v; w' = -w/tauW";
    let jumps = with(hard.clone(), "arrival", json!("w += a*i; v += i*where(v > b, a, b); w *= vThreshold"));
    let steps = "drive[t] = a*i[t] + w[t-1]; v[t] = b*v[t-1] + w[t]*tauMem; w[t] = drive*a + v[t-1]/tauW";
    // Powers with bases that may be 0 or negative, the time, and combined conditions.
    let timed = "v' = (i + cos(t)*abs(v)^1.5 - v*relu(w + a)^(1 + a))/tauMem; w' = (t^0.3*a^v - w)/tauW";
    let either =
        json!({"spike": "v > vThreshold or (not w < vReset and v > w)", "reset": "v -= 0.1*t^0.5; w += b"});
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
            add(adaptive(jump, jumps.clone()), "rk4");
            add(adaptive(timed, either.clone()), "rk4");
            add(adaptive(jump, with(jumps.clone(), "refractory", json!({"period": 2}))), "exponential-euler");
        }
    }
    // Values of the step before.
    let before =
        json!({"spike": "v - 0.3*v[t-1] > vThreshold", "reset": "v = vReset*i[t-1] + w[t-1]; w += b*v[t-1]"});
    for update in ["v = a*v + i - b*i[t-1]^2; w = w + v*v[t-1]", steps, linear] {
        let options = json!({"resetTiming": "same-step", "detachReset": false});
        all.push(with(adaptive(update, before.clone()), "options", options));
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
        let compiled = Custom::read(equations, object).unwrap().compile(&bound.settings, None).unwrap();
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
            let with_new = |name: &str, element: usize| match name.strip_prefix("new ") {
                Some(state) => {
                    new[bound.states.iter().position(|info| info.name == state).unwrap()].1[element]
                }
                None => value(name, element),
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
            for (k, gradient) in bound.derive_adjoint(&values, &coefs, &[]).iter().enumerate() {
                if let Some(gradient) = gradient {
                    check(gradient[0], bound.states.len() + 1 + draws + k, bound.params[k].name);
                }
            }
        }
    }
}

/// With `smoothed` the whole step is smooth in states, input and learned parameters, the spike's surrogate is not used, and
/// the output is the logistic function of the distance to the threshold.
#[test]
fn smoothed_steps_agree_with_finite_differences() {
    for (i, spec) in varied().iter().enumerate() {
        let spec = with(spec.clone(), "smoothed", json!(2.0));
        let bound = Bound::new(&spec, 1, 0.7).unwrap_or_else(|e| panic!("{e}\n{spec}"));
        // Step counters have no gradient.
        let counts = |name: &str| ["refractory", "clock", "clockTurns"].iter().any(|end| name.ends_with(end));
        for point in 0..10 {
            // Awake and refractory.
            let value = |name: &str, _: usize| match name {
                "old refractory" => (point % 2) as f64 * 2.0,
                _ if name.starts_with("grad") && counts(name) => 0.0,
                _ => noise(name, 100 * i + point),
            };
            let loss = |bound: &Bound, moved: &str, by: f64| -> f64 {
                let value =
                    |name: &str, element: usize| value(name, element) + if name == moved { by } else { 0.0 };
                let weight = |slot: OutSlot| match slot {
                    OutSlot::State(k) => value(&format!("grad {}", bound.states[k].name), 0),
                    OutSlot::Spike => value("grad spike", 0),
                    other => panic!("{other:?} of a step"),
                };
                run::<f64>(bound, false, 1, &value).iter().map(|(slot, out)| out[0] * weight(*slot)).sum()
            };
            let near = |got: f64, moved: &dyn Fn(f64) -> f64, what: &str| {
                let h = 1e-4;
                let want = (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
                let near = (got - want).abs() < 1e-7 * (1.0 + want.abs());
                assert!(near, "{what}: {got}, by differences {want}\n{spec}");
            };
            let new = run::<f64>(&bound, false, 1, &value);
            let at = |name: &str| new[bound.states.iter().position(|info| info.name == name).unwrap()].1[0];
            if bound.spiking {
                let spike = new.iter().find(|(slot, _)| *slot == OutSlot::Spike).unwrap().1[0];
                assert_eq!(at("graded"), spike);
                assert_eq!(bound.output, Some(bound.states.len() - 1));
            }
            let with_new = |name: &str, element: usize| match name.strip_prefix("new ") {
                Some(state) => at(state),
                None => value(name, element),
            };
            let mut coefs = vec![None; bound.coefs.len()];
            let mut known = vec![0.0; bound.states.len() + 1];
            for (slot, values) in run::<f64>(&bound, true, 1, &with_new) {
                match slot {
                    OutSlot::GradState(k) => known[k] = values[0],
                    OutSlot::GradPort(_) => known[bound.states.len()] = values[0],
                    OutSlot::GradCoef(k) => coefs[k] = Some(values),
                    other => panic!("{other:?} in an adjoint"),
                }
            }
            let names = bound.states.iter().map(|info| format!("old {}", info.name));
            for (got, name) in known.iter().zip(names.chain(["input".into()])) {
                if !counts(&name) {
                    near(*got, &|by| loss(&bound, &name, by), &name);
                }
            }
            let values: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
            for (param, gradient) in bound.params.iter().zip(bound.derive_adjoint(&values, &coefs, &[])) {
                if let Some(gradient) = gradient {
                    let moved = |by: f64| {
                        let mut spec = spec.clone();
                        spec["params"][param.name] = (param.values[0] + by).into();
                        loss(&Bound::new(&spec, 1, 0.7).unwrap(), "", 0.0)
                    };
                    near(gradient[0], &moved, param.name);
                }
            }
        }
    }
}
