//! Defaults and initial values that are expressions of other parameters follow these: over every model and preset, moving a
//! parameter equals describing the neuron with it.

use crate::definition::{Definition, Fallback, ParamDef};
use crate::{Bound, MODELS};
use serde_json::{Value, json};

/// A complete description of each model, with two neurons that differ.
fn complete(definition: &Definition, like: Option<&str>) -> Value {
    let params = match definition.key {
        "lif" | "li" | "alif" | "klif" | "delta-lif" | "multi-level-lif" => json!({"beta": [0.9, 0.8]}),
        "cuba-lif" | "cuba-li" => json!({"beta": [0.9, 0.8], "alpha": 0.7}),
        "alpha" => json!({"alpha": 0.9, "beta": 0.8}),
        "lapicque" => json!({"r": 5.0, "c": 2.0}),
        _ => json!({}),
    };
    let mut spec = json!({"model": definition.key, "params": params, "options": {}, "learn": []});
    if definition.options.iter().any(|option| option.name == "reset" && option.values.contains(&"value")) {
        spec["options"]["reset"] = "value".into();
    }
    if let Some(like) = like {
        spec["like"] = like.into();
    }
    spec
}

/// Every description with a parameter whose default is an expression.
fn followers() -> Vec<(Definition, Value, &'static str, Fallback)> {
    let mut all = vec![];
    for model in MODELS {
        let definition = (model.definition)();
        let presets = definition.presets.iter().map(|preset| Some(preset.name));
        for like in presets.chain([None]) {
            let spec = complete(&definition, like);
            for param in &Bound::new(&spec, 2, 0.5).unwrap().params {
                if let Some(expression) = param.follows {
                    all.push((definition.clone(), spec.clone(), param.name, expression));
                }
            }
        }
    }
    all
}

fn values(bound: &Bound, name: &str) -> Vec<f64> {
    bound.params.iter().find(|param| param.name == name).unwrap().values.clone()
}

fn all_values(bound: &Bound) -> Vec<Vec<f64>> {
    bound.params.iter().map(|param| param.values.clone()).collect()
}

/// Both lists, each with one value or one per neuron, are equal.
fn near(a: &[f64], b: &[f64]) -> bool {
    let at = |list: &[f64], i: usize| if list.len() == 1 { list[0] } else { list[i] };
    (0..a.len().max(b.len())).all(|i| (at(a, i) - at(b, i)).abs() <= 1e-12 * (1.0 + at(b, i).abs()))
}

/// What its table says of a default, computed without the library.
fn stated(key: &str, name: &str, expression: Fallback, bound: &Bound) -> Vec<f64> {
    let of = |name: &str| values(bound, name);
    match (expression, key, name) {
        (Fallback::Same(other), ..) => of(other),
        (Fallback::MembraneOver(c), ..) => match bound.params.iter().any(|param| param.name == "tauMem") {
            true => of("tauMem").iter().map(|tau| tau / c).collect(),
            false => of("beta").iter().map(|beta| -bound.dt() / beta.ln() / c).collect(),
        },
        (Fallback::Computed("b vInit"), ..) => vec![of("b")[0] * of("vInit")[0]],
        (_, "hodgkin-huxley" | "hh-psc-alpha", _)
            if !bound.resolved()["options"]["rates"].eq("traub-miles") =>
        {
            let v = of("vInit")[0];
            let over = |x: f64| x / (1.0 - (-x).exp());
            let (opening, closing) = match name {
                "mInit" => (over((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()),
                "hInit" => (0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())),
                _ => (0.1 * over((v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()),
            };
            vec![opening / (opening + closing)]
        }
        _ => {
            let v = of("vInit")[0] - of("vT")[0];
            let over = |x: f64, scale: f64| x / ((x / scale).exp() - 1.0);
            let (opening, closing) = match name {
                "mInit" => (0.32 * over(13.0 - v, 4.0), 0.28 * over(v - 40.0, 5.0)),
                "hInit" => (0.128 * ((17.0 - v) / 18.0).exp(), 4.0 / (1.0 + ((40.0 - v) / 5.0).exp())),
                _ => (0.032 * over(15.0 - v, 5.0), 0.5 * ((10.0 - v) / 40.0).exp()),
            };
            vec![opening / (opening + closing)]
        }
    }
}

#[test]
fn every_default_is_what_its_table_states() {
    let all = followers();
    assert!(all.len() > 60, "{}", all.len());
    for (definition, spec, name, expression) in all {
        let bound = Bound::new(&spec, 2, 0.5).unwrap();
        let (got, expected) = (values(&bound, name), stated(definition.key, name, expression, &bound));
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        let same_length = got.len() == expected.len();
        assert!(same_length && got.iter().zip(&expected).all(close), "{spec} {name}: {got:?}, {expected:?}");
    }
}

/// Another value of a parameter, within its range.
fn moved(param: &ParamDef, value: f64) -> f64 {
    [value + 0.01 * (1.0 + value.abs()), value - 0.01 * (1.0 + value.abs())]
        .into_iter()
        .find(|&x| param.range.holds(x))
        .unwrap_or(value)
}

/// Each description with one more learned parameter.
fn learned() -> Vec<(Definition, Value, &'static str)> {
    let mut all = vec![];
    for model in MODELS {
        let definition = (model.definition)();
        let presets = definition.presets.iter().map(|preset| Some(preset.name));
        for like in presets.chain([None]) {
            let spec = complete(&definition, like);
            for param in definition.params.iter().filter(|param| param.learnable) {
                let mut spec = spec.clone();
                spec["learn"] = json!([param.name]);
                if Bound::new(&spec, 2, 0.5).is_ok() {
                    all.push((definition.clone(), spec, param.name));
                }
            }
        }
    }
    all
}

#[test]
fn a_moved_parameter_equals_a_described_one() {
    let all = learned();
    assert!(all.len() > 150, "{}", all.len());
    let mut followed = 0;
    for (definition, spec, name) in all {
        let bound = Bound::new(&spec, 2, 0.5).unwrap();
        let i = bound.params.iter().position(|param| param.name == name).unwrap();
        let def = definition.params.iter().find(|param| param.name == name).unwrap();
        // One value, and one per neuron.
        let one = moved(def, bound.params[i].values[0]);
        for list in [vec![one], vec![one, moved(def, one)]] {
            let mut described = spec.clone();
            described["params"][name] = json!(list);
            let described = Bound::new(&described, 2, 0.5).unwrap();
            let mut params = all_values(&bound);
            params[i] = list;
            for (a, b) in bound.derive(&params).iter().zip(described.derived()) {
                assert!(near(a, &b), "{spec} {name}: {a:?}, {b:?}");
            }
            for (a, b) in bound.starts(&params).iter().zip(&described.states) {
                assert!(near(a, &b.init), "{spec} {name}: start of {}: {a:?}, {:?}", b.name, b.init);
            }
            for (k, a) in bound.defaults(&params) {
                let b = values(&described, bound.params[k].name);
                assert!(near(&a, &b), "{spec} {name}: {}: {a:?}, {b:?}", bound.params[k].name);
                followed += usize::from(a != bound.params[k].values);
            }
        }
    }
    assert!(followed > 10, "{followed}");
}

#[test]
fn gradients_through_defaults_and_starts_equal_finite_differences() {
    const H: f64 = 1e-6;
    for (definition, spec, name) in learned() {
        let bound = Bound::new(&spec, 2, 0.5).unwrap();
        let params = all_values(&bound);
        let weights = |lists: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let weight = |k: usize, i: usize| 0.3 + 0.1 * k as f64 - 0.07 * i as f64;
            lists.iter().enumerate().map(|(k, l)| (0..l.len()).map(|i| weight(k, i)).collect()).collect()
        };
        let coefs = weights(&bound.derive(&params));
        // A start that is not learned may be as large as -1e38.
        let mut starts = weights(&bound.starts(&params));
        let fixed = starts.iter_mut().enumerate().filter(|(state, _)| !bound.learns_start(*state));
        fixed.for_each(|(_, weights)| weights.fill(0.0));
        let some = |lists: &[Vec<f64>]| lists.iter().cloned().map(Some).collect::<Vec<_>>();
        let got = bound.derive_adjoint(&params, &some(&coefs), &some(&starts));
        let loss = |params: &[Vec<f64>]| -> f64 {
            let sum = |lists: Vec<Vec<f64>>, weights: &[Vec<f64>]| -> f64 {
                lists.iter().flatten().zip(weights.iter().flatten()).map(|(x, w)| x * w).sum()
            };
            sum(bound.derive(params), &coefs) + sum(bound.starts(params), &starts)
        };
        let p = bound.params.iter().position(|param| param.name == name).unwrap();
        for i in 0..params[p].len() {
            let at = |by: f64| {
                let mut params = params.clone();
                params[p][i] += by;
                loss(&params)
            };
            let slope = (at(H) - at(-H)) / (2.0 * H);
            let gradient = got[p].as_ref().map_or(0.0, |gradient| gradient[i]);
            let close = (gradient - slope).abs() < 1e-5 * (1.0 + slope.abs());
            assert!(close, "{} {spec} {name}: {gradient}, slope {slope}", definition.key);
        }
    }
}

#[test]
fn a_resolved_description_keeps_what_follows() {
    for (_, spec, name) in learned() {
        let bound = Bound::new(&spec, 2, 0.5).unwrap();
        let again = Bound::new(&bound.resolved(), 2, 0.5).unwrap();
        let moved = |bound: &Bound| {
            let mut params = all_values(bound);
            let p = bound.params.iter().position(|param| param.name == name).unwrap();
            params[p].iter_mut().for_each(|x| *x *= 1.0 + 1e-3);
            params
        };
        let (ours, theirs) = (moved(&bound), moved(&again));
        assert_eq!(bound.derive(&ours), again.derive(&theirs), "{spec}");
        assert_eq!(bound.starts(&ours), again.starts(&theirs), "{spec}");
        assert_eq!(bound.resolved(), again.resolved());
        let moving = bound.defaults(&ours).into_iter().filter(|(k, x)| *x != bound.params[*k].values);
        for name in moving.map(|(k, _)| bound.params[k].name) {
            let follows = again.params.iter().any(|param| param.name == name && param.follows.is_some());
            assert!(follows, "{spec}: {name}");
        }
    }
}

#[test]
fn only_defaults_may_be_said_to_be_defaults() {
    let spec = |names: Value| json!({"model": "lif", "params": {"beta": 0.9, "vInit": 3}, "defaults": names});
    assert_eq!(values(&Bound::new(&spec(json!([])), 1, 1.0).unwrap(), "vInit"), [3.0]);
    assert_eq!(values(&Bound::new(&spec(json!(["vInit"])), 1, 1.0).unwrap(), "vInit"), [0.0]);
    for wrong in [json!(["beta"]), json!(["v"]), json!([1]), json!("vInit")] {
        assert!(Bound::new(&spec(wrong.clone()), 1, 1.0).is_err(), "{wrong}");
    }
}
