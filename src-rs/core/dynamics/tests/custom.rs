//! Neurons of the user's own: against the registered ones bit for bit, against closed forms, and what
//! is said about bad ones.

use super::derivatives::{Probe, forget, replay};
use crate::Real;
use crate::dynamics::Bound;
use crate::dynamics::custom::{Custom, Equations};
use crate::error::Error;
use crate::expr::{Arg, ArgSlot, Kernel, OutSlot};
use crate::simd::SimdLevel;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A description of states, parameters and texts.
fn neuron(states: &[&str], params: Value, update: &str, more: Value) -> Value {
    let states: Vec<Value> = states.iter().map(|name| json!({"name": name, "init": 0.0})).collect();
    let mut equations = json!({"states": states, "update": update});
    for (key, value) in more.as_object().unwrap() {
        equations[key] = value.clone();
    }
    json!({"model": "custom", "equations": equations, "params": params})
}

fn with(mut spec: Value, key: &str, value: Value) -> Value {
    spec[key] = value;
    spec
}

fn bind(spec: &Value) -> Bound {
    Bound::new(spec, 3, 1.0).unwrap_or_else(|e| panic!("{e}\n{spec}"))
}

/// Runs one program on lanes: `arg` gives the value of an argument in a lane.
fn run<F: Real>(
    bound: &Bound,
    adjoint: bool,
    lanes: usize,
    arg: &dyn Fn(&str, usize) -> f64,
) -> Vec<(OutSlot, Vec<F>)> {
    let program = if adjoint { &bound.adjoint } else { &bound.forward };
    let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
    let coefs = bound.derive(&params);
    let name = |slot: &ArgSlot| match *slot {
        ArgSlot::State(i) => format!("old {}", bound.states[i].name),
        ArgSlot::NewState(i) => format!("new {}", bound.states[i].name),
        ArgSlot::GradState(i) => format!("grad {}", bound.states[i].name),
        ArgSlot::Port(_) => "input".into(),
        ArgSlot::GradSpike => "grad spike".into(),
        ArgSlot::Noise(k) => format!("noise {k}"),
        ArgSlot::Coef(_) => String::new(),
    };
    let values: Vec<Vec<F>> = (program.args.iter())
        .map(|slot| match slot {
            ArgSlot::Coef(k) => vec![F::from_f64(coefs[*k][0])],
            _ => (0..lanes).map(|lane| F::from_f64(arg(&name(slot), lane))).collect(),
        })
        .collect();
    let args: Vec<Arg<F>> = (program.args.iter().zip(&values))
        .map(|(slot, values)| match slot {
            ArgSlot::Coef(_) => Arg::Uniform(values[0]),
            _ => Arg::Lanes(values),
        })
        .collect();
    let mut outs = vec![vec![F::ZERO; lanes]; program.outs.len()];
    let mut slices: Vec<&mut [F]> = outs.iter_mut().map(|out| &mut out[..]).collect();
    Kernel::<F>::new(program, SimdLevel::detect()).run(lanes, &args, &mut slices, &mut Vec::new());
    program.outs.iter().copied().zip(outs).collect()
}

/// The same numbers for the same name and lane, of all sizes that matter here.
fn noise(name: &str, lane: usize) -> f64 {
    let mut x = lane as u64 + 1;
    for byte in name.bytes().chain([7, 3]) {
        x = (x ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
    let unit = (x >> 11) as f64 / (1u64 << 53) as f64;
    match name {
        "old refractory" => (unit * 4.0).floor(),
        _ => unit * 4.0 - 1.5,
    }
}

fn same_bits<F: Real>(ours: &Bound, theirs: &Bound) {
    const LANES: usize = 997;
    let forward = run::<F>(ours, false, LANES, &noise);
    assert_eq!(forward, run::<F>(theirs, false, LANES, &noise), "{}", ours.resolved());
    let new = |name: &str, lane: usize| match name.strip_prefix("new ") {
        Some(state) => {
            let i = ours.states.iter().position(|info| info.name == state).unwrap();
            forward[i].1[lane].to_f64()
        }
        None => noise(name, lane),
    };
    let sorted = |bound: &Bound| {
        let mut grads = run::<F>(bound, true, LANES, &new);
        // Zeros of both signs add up to the same.
        grads.iter_mut().for_each(|(_, values)| values.iter_mut().for_each(|x| *x = *x + F::ZERO));
        grads.retain(|(_, values)| values.iter().any(|x| x.to_f64() != 0.0));
        grads
    };
    let (ours_sorted, theirs_sorted) = (sorted(ours), sorted(theirs));
    assert_eq!(ours_sorted.len(), theirs_sorted.len());
    for (a, b) in ours_sorted.iter().zip(&theirs_sorted) {
        assert_eq!(a.1, b.1, "{:?} of {}", a.0, ours.resolved());
    }
}

#[test]
fn a_custom_lif_gives_the_bits_of_the_built_in() {
    let params = || json!({"beta": 0.9, "vThreshold": 1.0});
    let custom = |reset: &str, more: Value, options: Value| {
        let mut texts = json!({"spike": "v > vThreshold", "reset": reset});
        for (key, value) in more.as_object().unwrap() {
            texts[key] = value.clone();
        }
        with(neuron(&["v"], params(), "v = beta*v + i", texts), "options", options)
    };
    let lif = |options: Value, more: Value| {
        let mut all = params();
        for (key, value) in more.as_object().unwrap() {
            all[key] = value.clone();
        }
        json!({"model": "lif", "params": all, "options": options})
    };
    let none = || json!({});
    let cases = [
        (custom("v -= vThreshold", none(), json!({"resetTiming": "next-step"})), lif(none(), none())),
        (custom("v -= vThreshold", none(), none()), lif(json!({"resetTiming": "same-step"}), none())),
        (custom("v = 0", none(), none()), lif(json!({"resetTiming": "same-step", "reset": "value"}), none())),
        (
            custom("v = 0", none(), json!({"resetTiming": "start-of-next-step"})),
            lif(json!({"reset": "value"}), none()),
        ),
        (
            custom("v -= vThreshold", none(), json!({"resetTiming": "start-of-next-step"})),
            lif(json!({"resetScale": "beta-threshold"}), none()),
        ),
        (
            custom("v -= vThreshold", json!({"refractory": {"period": 2}}), none()),
            lif(json!({"resetTiming": "same-step"}), json!({"tauRef": 2})),
        ),
        (
            custom(
                "v -= vThreshold",
                json!({"refractory": {"period": 2}}),
                json!({"resetTiming": "next-step"}),
            ),
            lif(none(), json!({"tauRef": 2})),
        ),
        (
            custom("v -= vThreshold", none(), json!({"detachReset": false})),
            lif(json!({"resetTiming": "same-step", "detachReset": false}), none()),
        ),
        (
            custom("v = 0", none(), json!({"detachReset": false})),
            lif(json!({"resetTiming": "same-step", "reset": "value", "detachReset": false}), none()),
        ),
    ];
    for (ours, theirs) in cases {
        for learn in [json!([]), json!(["beta", "vThreshold"])] {
            let (ours, theirs) = (
                bind(&with(ours.clone(), "learn", learn.clone())),
                bind(&with(theirs.clone(), "learn", learn)),
            );
            same_bits::<f32>(&ours, &theirs);
            same_bits::<f64>(&ours, &theirs);
        }
    }
}

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

fn method(spec: &Value, name: &str) -> Value {
    with(spec.clone(), "options", json!({"method": name}))
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

    // A current that decays drives a membrane: the difference of two exponentials; and where both time
    // constants are one, t exp(-t).
    let chain = |tau_syn: f64| {
        let params = json!({"tauMem": 10.0, "tauSyn": tau_syn});
        neuron(&["v", "iSyn"], params, "v' = (iSyn - v)/tauMem\niSyn' = -iSyn/tauSyn", json!({}))
    };
    let got = solve(&chain(5.0), 0.5, 8.0, &[0.0, 1.0], 0.0);
    let want = 5.0 / (10.0 - 5.0) * ((-0.8_f64).exp() - (-1.6_f64).exp());
    assert!((got[0] - want).abs() < 1e-13 && (got[1] - (-1.6_f64).exp()).abs() < 1e-13, "{got:?}");
    let got = solve(&chain(10.0), 2.0, 8.0, &[0.0, 1.0], 0.0);
    assert!((got[0] - 0.8 * (-0.8_f64).exp()).abs() < 1e-13, "{got:?}");

    // An oscillator, whose matrix has no real eigenvalues, over steps of several turns.
    let turning = neuron(&["x", "y"], json!({"omega": 2.0}), "x' = -omega*y; y' = omega*x", json!({}));
    let got = solve(&turning, 5.0, 10.0, &[1.0, 0.0], 0.0);
    assert!((got[0] - 20.0_f64.cos()).abs() < 1e-12 && (got[1] - 20.0_f64.sin()).abs() < 1e-12, "{got:?}");
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
    // Two variables, each linear in itself alone: first order, and exact where the other rests.
    let params = json!({"tau": 5.0});
    let gate = neuron(&["v", "w"], params, "v' = (1 - v)*w^2; w' = -w/tau", json!({}));
    let error = |dt| {
        let want = 1.0 - (-2.5 * (1.0 - (-2.0_f64 / 2.5).exp())).exp();
        (solve(&method(&gate, "exponential-euler"), dt, 2.0, &[0.0, 1.0], 0.0)[0] - want).abs()
    };
    let measured = (error(0.1) / error(0.05)).log2();
    assert!((measured - 1.0).abs() < 0.15, "exponential Euler is of order {measured}");
}

#[test]
fn texts_that_say_nothing_are_refused_with_their_place() {
    let fails = |states: &[&str], params: Value, update: &str, more: Value| match Bound::new(
        &neuron(states, params, update, more),
        1,
        1.0,
    ) {
        Err(Error::Equation { line, column, reason, .. }) => (line, column, reason),
        Err(other) => panic!("{update}: {other:?}"),
        Ok(_) => panic!("{update} is accepted"),
    };
    let update = |text: &str| fails(&["v"], json!({"tauMem": 10.0}), text, json!({}));
    let says = |(line, column, reason): (usize, usize, String), at: (usize, usize), what: &str| {
        assert_eq!((line, column), at, "{reason}");
        assert!(reason.contains(what), "\"{reason}\" does not say \"{what}\"");
    };
    says(update("v' = (v - 1"), (1, 12), "expected \")\"");
    says(update("v' = -v/tauMen"), (1, 9), "did you mean \"tauMem\"?");
    says(update("v' = -v\nw' = 1"), (2, 1), "w is not a state");
    says(update("a = b\nb = a\nv' = a"), (1, 1), "algebraic loop without delay: a needs b needs a");
    says(update("a = a + 1\nv' = a"), (1, 1), "algebraic loop without delay: a needs a");
    says(update("v[t] = a[t]; a = v[t]"), (1, 1), "algebraic loop");
    says(update("v = a; a = v + 1"), (1, 1), "a is used before it is assigned");
    says(update("a = 1"), (1, 1), "no state is updated");
    says(fails(&["v", "w"], json!({}), "v' = -v", json!({})), (1, 1), "the state w has no derivative");
    says(update("v' = 1; v' = 2"), (1, 9), "two equations");
    says(update("v' = 1; v = 2"), (1, 9), "write all states as derivatives");
    says(update("v' = exp(v, v)"), (1, 6), "exp takes one argument but got 2");
    says(update("v' = expp(v)"), (1, 6), "did you mean \"exp\"?");
    says(update("v' = 1e999"), (1, 6), "too large");
    says(update("i = 1; v' = i"), (1, 1), "i cannot be assigned to");
    says(update("v' = v[t-2]"), (1, 8), "an index is");
    says(update(&format!("v' = {}v", "(".repeat(5000))), (1, 70), "deep");
    says(update(&format!("v' = v{}", " + v".repeat(4000))), (1, 1), "characters");
    let spike = |text: &str, reset: &str| {
        fails(&["v"], json!({"b": 1.0}), "v' = -v", json!({"spike": text, "reset": reset}))
    };
    says(spike("v", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("v > 1 or v < 0", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("v > 1", "u = 0"), (1, 1), "reset: u is not a state");
    says(spike("v > 1", "v' = 0"), (1, 1), "a reset is");
    let function = |text: &str| fails(&["v"], json!({}), "v' = f(v)", json!({"functions": text}));
    says(function("f(x) = g(x); g(x) = f(x)"), (1, 8), "unknown function \"g\"");
    says(function("f(x) = x + v"), (1, 12), "make v an argument");
    says(function("f(x, y) = x + y"), (1, 6), "f takes two arguments but got 1");
    says(function("f(x) = 1; f(y) = 2"), (1, 18), "there already");
    // Sixty doublings come to more operations than memory.
    let doublings: Vec<String> =
        (1..60).map(|i| format!("f{i}(x) = f{}(x) + f{}(x)", i - 1, i - 1)).collect();
    let text = format!("f0(x) = x + 1\n{}\nf(x) = f59(x)", doublings.join("\n"));
    assert!(function(&text).2.contains("operations"));

    let method_fails = |update: &str, name: &str| {
        let spec = method(&neuron(&["v"], json!({}), update, json!({})), name);
        match Bound::new(&spec, 1, 1.0) {
            Err(Error::Equation { reason, .. }) => reason,
            Err(Error::InvalidParameter { name, expected, .. }) => format!("{name}: {expected}"),
            other => panic!("{:?}", other.map(|_| ())),
        }
    };
    assert!(method_fails("v' = v^2", "exact").contains("the method exact needs v' to be linear"));
    assert!(method_fails("v' = where(v > 0, 1, 2)", "exact").contains("needs v' to be linear"));
    assert!(method_fails("v' = exp(v)", "exponential-euler").contains("needs v' to be linear in v"));
    assert!(method_fails("v = v + i", "rk4").contains("method"));
    assert!(method_fails("v' = -v + xi", "rk4").contains("euler"));
}

#[test]
fn units_are_checked_where_they_are_given() {
    let units = json!({"v": "mV", "tauMem": "ms", "vLeak": "mV", "r": "MOhm", "i": "nA"});
    let check = |update: &str, units: &Value, spike: &str| {
        let params = json!({"tauMem": 10.0, "vLeak": -65.0, "r": 10.0, "free": 1.0});
        let spec = neuron(&["v"], params, update, json!({"units": units, "spike": spike}));
        Bound::new(&spec, 1, 1.0).map(|_| ()).map_err(|e| e.to_string())
    };
    let says = |result: Result<(), String>, what: &str| match result {
        Err(text) => assert!(text.contains(what), "\"{text}\" does not say \"{what}\""),
        Ok(()) => panic!("accepted, but should say {what}"),
    };
    let good = "v' = (vLeak - v + r*i)/tauMem";
    assert_eq!(check(good, &units, "v > -50*mV"), Ok(()));
    assert_eq!(check("v' = free*(vLeak - v)", &units, "v > vLeak"), Ok(()));
    assert_eq!(check("v' = (vLeak - v)/tauMem + mV*sqrt(1/tauMem)*xi", &units, "v > vLeak"), Ok(()));
    says(check(good, &units, "v > -50"), "\"v\" is in mV but \"-50\" has no unit");
    says(check("v' = (vLeak - v + i)/tauMem", &units, "v > vLeak"), "\"vLeak\" is in mV but \"i\" is in nA");
    says(check("v' = vLeak - v", &units, "v > vLeak"), "v' must be in mV/ms but \"vLeak - v\" is in mV");
    says(check("v' = exp(v)*vLeak/tauMem", &units, "v > vLeak"), "exp takes a number without a unit");
    // The product is right in kind but 1000 times too large.
    says(check(good, &with(units.clone(), "i", "pA".into()), "v > vLeak"), "\"r*i\" is in 10^-3 mV");
    says(check(good, &with(units.clone(), "i", "pAA".into()), "v > vLeak"), "did you mean \"pA\"");
    says(check(good, &with(units.clone(), "j", "pA".into()), "v > vLeak"), "\"j\"");
}

#[test]
fn what_is_described_is_described_again() {
    let spec = neuron(
        &["v", "w"],
        json!({"tauMem": [10.0, 11.0, 12.0], "b": 0.1, "tauRef": 2.0}),
        "v' = (i - v - w + xi)/tauMem; w' = f(w)/tauMem",
        json!({"spike": "v > 1", "reset": "v = 0; w += b", "functions": "f(x) = -x/b",
               "refractory": {"period": "tauRef", "hold": ["v"]}}),
    );
    let spec = with(with(spec, "learn", json!(["tauMem"])), "surrogate", json!({"name": "atan"}));
    let bound = bind(&spec);
    let again = bind(&bound.resolved());
    assert_eq!(bound.resolved(), again.resolved());
    assert_eq!((&bound.forward, &bound.adjoint), (&again.forward, &again.adjoint));
    let names: Vec<&str> = bound.states.iter().map(|state| state.name).collect();
    assert_eq!(names, ["v", "w", "refractory", "clock"]);
}

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

proptest! {
    /// Words of the language in any order: an error or a neuron, never a panic.
    #[test]
    fn no_equations_panic(words in prop::collection::vec(0..WORDS.len(), 0..40), more in 0..WORDS.len()) {
        let text: Vec<&str> = words.iter().map(|&i| WORDS[i]).collect();
        let (text, half) = (text.join(" "), words.len() / 2);
        let rest = words[half..].iter().map(|&i| WORDS[i]).collect::<Vec<_>>().join(" ");
        let texts = json!({"spike": format!("v > {rest}"), "reset": format!("v = {}", WORDS[more]), "functions": rest});
        for update in [text.clone(), format!("v' = {text}"), format!("v = {text}"), format!("v[t] = {text}")] {
            for more in [json!({}), texts.clone(), json!({"units": {"v": "mV", "k": "ms"}})] {
                let _ = Bound::new(&neuron(&["v"], json!({"k": 2.0}), &update, more), 2, 0.5);
            }
        }
    }
}

const WORDS: &[&str] = &[
    "v", "v", "k", "i", "a", "xi", "xi_1", "dt", "t", "pi", "1", "2.5e3", "0", "+", "-", "*", "/", "^", "2",
    "(", ")", "(", ")", ",", "=", "+=", "-=", "'", "[t]", "[t-1]", ">", ">=", "==", "and", "or", "not", ";",
    "\n", "#", "exp(", "where(", "min(", "f(", "f(x) =", "x", "exprel(", "floor(", "v' =", "v =", "a =",
    "mV", "é", "$",
];

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../__test__/fixtures/custom");
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Runs `steps` of one neuron from rest; `input` by step. Each step's states and spike, in f64.
fn trace(spec: &Value, dt: f64, steps: usize, input: &dyn Fn(usize) -> f64) -> Vec<Vec<f64>> {
    let bound = Bound::new(spec, 1, dt).unwrap_or_else(|e| panic!("{e}"));
    let mut states: Vec<f64> = bound.states.iter().map(|info| info.init[0]).collect();
    let mut all = Vec::new();
    for k in 0..steps {
        let arg = |name: &str, _: usize| match name.strip_prefix("old ") {
            Some(state) => states[bound.states.iter().position(|info| info.name == state).unwrap()],
            None => input(k),
        };
        let outs: Vec<f64> = run::<f64>(&bound, false, 1, &arg).iter().map(|(_, x)| x[0]).collect();
        let count = states.len();
        states.copy_from_slice(&outs[..count]);
        all.push(outs);
    }
    all
}

#[test]
fn hodgkin_and_huxley_as_text() {
    const DT: f64 = 0.01;
    let known = fixture("hodgkin-huxley.json");
    let states: Vec<Value> = [("v", "V"), ("m", "m"), ("h", "h"), ("n", "n")]
        .iter()
        .map(|(name, key)| json!({"name": name, "init": known["init"][key]}))
        .collect();
    let spec = |method: &str| {
        json!({
            "model": "custom",
            "params": known["params"],
            "options": {"method": method},
            "equations": {
                "states": states,
                "functions": "
                    am(v) = 1/exprel(-(v + 40)/10)
                    bm(v) = 4*exp(-(v + 65)/18)
                    ah(v) = 0.07*exp(-(v + 65)/20)
                    bh(v) = 1/(1 + exp(-(v + 35)/10))
                    an(v) = 0.1/exprel(-(v + 55)/10)
                    bn(v) = 0.125*exp(-(v + 65)/80)",
                "update": "
                    v' = (i - gNa*m^3*h*(v - ENa) - gK*n^4*(v - EK) - gL*(v - EL))/C
                    m' = am(v)*(1 - m) - bm(v)*m
                    h' = ah(v)*(1 - h) - bh(v)*h
                    n' = an(v)*(1 - n) - bn(v)*n",
            },
        })
    };
    let (from, level) = (numbers(&known["stimulus"]["t_ms"])[1], numbers(&known["stimulus"]["I_uA_cm2"])[1]);
    let input = |k: usize| if k as f64 * DT >= from - 1e-9 { level } else { 0.0 };
    let v = |method: &str| -> Vec<f64> {
        let first = known["init"]["V"].as_f64().unwrap();
        let later = trace(&spec(method), DT, 6000, &input);
        std::iter::once(first).chain(later.iter().map(|outs| outs[0])).collect()
    };
    let runge_kutta = v("rk4");
    for (ms, &want) in numbers(&known["V"]).iter().enumerate() {
        let got = runge_kutta[ms * 100];
        assert!((got - want).abs() < 1e-3, "rk4 at {ms} ms: {got}, expected {want}");
    }
    let crossings: Vec<f64> = (1..runge_kutta.len())
        .filter(|&k| runge_kutta[k - 1] < 0.0 && runge_kutta[k] >= 0.0)
        .map(|k| (k as f64 - runge_kutta[k] / (runge_kutta[k] - runge_kutta[k - 1])) * DT)
        .collect();
    let wanted = numbers(&known["upcrossings"]);
    assert_eq!(crossings.len(), wanted.len());
    for (got, want) in crossings.iter().zip(&wanted) {
        assert!((got - want).abs() < 1e-3, "spike at {got}, expected {want}");
    }
    let exponential = v("exponential-euler");
    for (ms, &want) in numbers(&known["exponentialEuler"]).iter().enumerate() {
        let got = exponential[ms * 100];
        assert!((got - want).abs() < 1e-6, "exponential Euler at {ms} ms: {got}, expected {want}");
    }
}

#[test]
fn izhikevich_as_text() {
    for case in fixture("izhikevich.json")["cases"].as_array().unwrap() {
        let param = |name: &str| case["params"][name].as_f64().unwrap();
        let update = match case["update"].as_str().unwrap() {
            "sequential" => "v = v + dt*(0.04*v^2 + 5*v + 140 - u + i); u = u + dt*a*(b*v - u)",
            _ => "v' = 0.04*v^2 + 5*v + 140 - u + i; u' = a*(b*v - u)",
        };
        let spec = json!({
            "model": "custom",
            "params": {"a": param("a"), "b": param("b"), "c": param("c"), "d": param("d"), "vPeak": param("V_peak")},
            "equations": {
                "states": [{"name": "v", "init": param("V0")}, {"name": "u", "init": param("u0")}],
                "update": update,
                "spike": "v > vPeak",
                "reset": "v = c; u += d",
            },
        });
        let segments: Vec<Vec<f64>> = case["segments"].as_array().unwrap().iter().map(numbers).collect();
        let input = |k: usize| {
            let inside = segments.iter().find(|s| k as f64 >= s[0] && (k as f64) < s[1]);
            inside.map_or(0.0, |segment| segment[2])
        };
        let steps = case["steps"].as_u64().unwrap() as usize;
        let outs = trace(&spec, case["dt"].as_f64().unwrap(), steps, &input);
        let spikes: Vec<f64> = (0..steps).filter(|&k| outs[k][2] == 1.0).map(|k| k as f64).collect();
        assert_eq!(spikes, numbers(&case["spikeSteps"]), "{} {}", case["pattern"], case["update"]);
        let every = case["every"].as_u64().unwrap() as usize;
        for (j, &want) in numbers(&case["V"]).iter().enumerate() {
            let got = outs[j * every][0];
            assert!(
                (got - want).abs() < 1e-9,
                "{} step {}: {got}, expected {want}",
                case["pattern"],
                j * every
            );
        }
    }
}
