//! Valid and invalid descriptions.

use crate::{Bound, MODELS, describe};
use lapicque_base::error::Error;
use lapicque_expr::{ArgSlot, OutSlot};
use serde_json::{Value, json};

fn bind(spec: Value) -> Result<Bound, Error> {
    Bound::new(&spec, 4, 1.0)
}

#[test]
fn the_adjoint_of_plain_lif_reads_the_tape_and_not_the_input() {
    let bound = bind(json!({"model": "lif", "params": {"beta": 0.9}})).unwrap();
    assert_eq!(bound.forward.outs, [OutSlot::State(0), OutSlot::Spike]);
    assert_eq!(bound.adjoint.outs, [OutSlot::GradState(0), OutSlot::GradPort(0)]);
    assert!(bound.adjoint.args.contains(&ArgSlot::NewState(0)));
    let reads = |slot| bound.adjoint.args.contains(&slot);
    assert!(!reads(ArgSlot::Port(0)) && !reads(ArgSlot::State(0)));
}

#[test]
fn only_learned_parameters_have_gradients() {
    let spec = |learn: Value| json!({"model": "lif", "params": {"beta": 0.9}, "learn": learn});
    let outs = |learn| bind(spec(learn)).unwrap().adjoint.outs;
    let coefs =
        |outs: Vec<OutSlot>| outs.into_iter().filter(|out| matches!(out, OutSlot::GradCoef(_))).count();
    assert_eq!(coefs(outs(json!([]))), 0);
    assert_eq!(coefs(outs(json!(["beta"]))), 1);
    assert_eq!(coefs(outs(json!(["beta", "vThreshold"]))), 2);
}

#[test]
fn a_neutral_parameter_costs_nothing() {
    let plain = bind(json!({"model": "lif", "params": {"beta": 0.9}})).unwrap();
    let told = json!({"model": "lif", "params": {"beta": 0.9, "vLeak": 0, "r": 1, "gradedSpikes": 1}});
    assert_eq!(plain.forward, bind(told).unwrap().forward);
    let leak = json!({"model": "lif", "params": {"beta": 0.9, "vLeak": 0.1}});
    assert_ne!(plain.forward, bind(leak).unwrap().forward);
}

#[test]
fn surrogate_parameters_are_coefficients() {
    let spec = |alpha: f64| json!({"model": "lif", "params": {"beta": 0.9}, "surrogate": {"name": "atan", "alpha": alpha}});
    let (two, five) = (bind(spec(2.0)).unwrap(), bind(spec(5.0)).unwrap());
    assert_eq!(two.adjoint, five.adjoint);
    assert_eq!(two.coefs.last().unwrap(), "surrogate.alpha");
    let params: Vec<Vec<f64>> = five.params.iter().map(|param| param.values.clone()).collect();
    assert_eq!(five.derive(&params).last().unwrap(), &[5.0]);
}

/// A complete description of each model.
fn complete(key: &str) -> Value {
    let params = match key {
        "lif" | "li" | "alif" | "klif" | "delta-lif" | "multi-level-lif" => json!({"beta": 0.9}),
        "cuba-lif" | "cuba-li" => json!({"beta": 0.9, "alpha": 0.8}),
        "alpha" => json!({"alpha": 0.9, "beta": 0.8}),
        "lapicque" => json!({"r": 5.0, "c": 2.0}),
        _ => json!({}),
    };
    json!({"model": key, "params": params})
}

#[test]
fn every_model_and_preset_binds_and_resolves_to_itself() {
    for model in MODELS {
        let definition = (model.definition)();
        let presets = definition.presets.iter().map(|preset| Some(preset.name));
        for like in presets.chain([None]) {
            let mut spec = complete(definition.key);
            if let Some(like) = like {
                spec["like"] = like.into();
            }
            let bound =
                Bound::new(&spec, 3, 0.5).unwrap_or_else(|e| panic!("{} {like:?}: {e}", definition.key));
            let resolved = bound.resolved();
            let again = Bound::new(&resolved, 3, 0.5).unwrap_or_else(|e| panic!("{resolved}: {e}"));
            assert_eq!(resolved, again.resolved());
            assert_eq!((&bound.forward, &bound.adjoint), (&again.forward, &again.adjoint));
        }
        for preset in &definition.presets {
            for (name, value) in &preset.options {
                let option = definition.options.iter().find(|option| option.name == *name);
                let known = option.is_some_and(|option| option.values.contains(value));
                assert!(known, "{} {}: {name} {value}", definition.key, preset.name);
            }
            for (name, _) in &preset.params {
                assert!(
                    definition.params.iter().any(|param| param.name == *name),
                    "{} {name}",
                    definition.key
                );
            }
        }
    }
    let described = describe();
    assert_eq!(described["models"].as_array().unwrap().len(), MODELS.len());
}

#[test]
fn wrong_descriptions_say_what_is_wrong() {
    let near = |spec: Value| match bind(spec) {
        Err(Error::UnknownName { did_you_mean, .. }) => did_you_mean.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(near(json!({"model": "lf"})), "lif");
    assert_eq!(near(json!({"model": "lif", "params": {"bta": 1}})), "beta");
    assert_eq!(near(json!({"model": "lif", "params": {"beta": 0.9}, "options": {"rset": 1}})), "reset");
    assert_eq!(
        near(json!({"model": "lif", "params": {"beta": 0.9}, "options": {"reset": "substract"}})),
        "subtract"
    );
    assert_eq!(near(json!({"model": "lif", "params": {"beta": 0.9}, "like": "snntorch "})), "snntorch");
    assert_eq!(near(json!({"model": "lif", "params": {"beta": 0.9}, "learn": ["betta"]})), "beta");
    assert_eq!(near(json!({"model": "lif", "params": {"beta": 0.9}, "surrogate": "attan"})), "atan");

    let invalid = |spec: Value| match bind(spec) {
        Err(Error::InvalidParameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(invalid(json!({"model": "lif"})), "beta");
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": 1.5}})), "beta");
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": [0.5, 0.5, -0.1, 0.5]}})), "beta");
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": 0.9, "tauMem": 5}})), "tauMem");
    assert_eq!(invalid(json!({"model": "lif", "params": {"tauMem": 0}})), "tauMem");
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": "high"}})), "beta");
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": [0.5, null, 0.5, 0.5]}})), "beta");
    assert_eq!(
        invalid(json!({"model": "lif", "params": {"tauMem": 0.5}, "options": {"method": "euler"}})),
        "tauMem"
    );
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": 0.9}, "learn": ["tauMem"]})), "learn");
    assert_eq!(invalid(json!({"model": "alpha", "params": {"alpha": 0.8, "beta": 0.9}})), "alpha");
    assert_eq!(invalid(json!({"model": "lapicque", "params": {"r": 5}})), "r");
    assert_eq!(invalid(json!([1])), "neuron");
    assert_eq!(invalid(json!({"model": "adex", "params": {"subSteps": 2.5}})), "subSteps");
    assert_eq!(invalid(json!({"model": "adex", "params": {"subSteps": [1, 2, 1, 1]}})), "subSteps");
    assert_eq!(invalid(json!({"model": "qif", "params": {"b": 0.1}})), "tauW");
    assert_eq!(
        invalid(json!({"model": "coba-lif", "params": {"tauE": 0.5}, "options": {"method": "euler"}})),
        "tauE"
    );
    let equal = json!({"tauSyn": 4, "tauMem": 4});
    let kernel = json!({"kernel": "double-exponential"});
    assert_eq!(invalid(json!({"model": "srm", "params": equal, "options": kernel})), "tauSyn");
    let late = json!({"resetTiming": "next-step"});
    assert_eq!(invalid(json!({"model": "eif", "params": {"tauRef": 2}, "options": late})), "resetTiming");
    let both = json!({"resetTiming": "snntorch-no-delay", "thresholdBefore": true});
    assert_eq!(invalid(json!({"model": "lif", "params": {"beta": 0.9}, "options": both})), "resetTiming");

    let shape = bind(json!({"model": "lif", "params": {"beta": [0.5, 0.5]}}));
    assert!(matches!(shape, Err(Error::ShapeMismatch { .. })), "{shape:?}");
    let equation =
        bind(json!({"model": "lif", "params": {"beta": 0.9}, "surrogate": {"derivative": "1 - y"}}));
    assert!(matches!(equation, Err(Error::Equation { column: 5, .. })), "{equation:?}");
}

#[test]
fn a_spike_sets_v_below_where_the_next_is_emitted() {
    let told = |model: &str, params: Value, options: Value| {
        let spec = json!({"model": model, "params": params, "options": options});
        bind(spec).map_err(|error| error.to_string()).err()
    };
    let refused = |text: &str| Some(text.to_string());
    let lists = json!({"vThreshold": [-50, -50, -50, -60], "vReset": [-60, -60, -60, -60]});
    let fourth = "vReset[3]: expected a number below vThreshold[3], -60 but got -60";
    for model in ["iaf-psc-exp", "iaf-psc-alpha", "iaf-cond-exp", "iaf-cond-alpha", "iaf-psc-exp-shared"] {
        assert_eq!(told(model, lists.clone(), json!({})), refused(fourth), "{model}");
    }
    // If the upstroke is cut off at another parameter, that is the spike condition.
    for model in ["adex", "aeif-cond-exp", "aeif-psc-exp", "eif", "qif", "two-compartment"] {
        let mut spec = complete(model);
        let params = spec["params"].as_object_mut().unwrap();
        params.extend([("vPeak".into(), 1.0.into()), ("vReset".into(), 2.0.into())]);
        let error = bind(spec).map(|_| ()).unwrap_err().to_string();
        assert_eq!(error, "vReset: expected a number below vPeak, 1 but got 2", "{model}");
    }
    assert_eq!(told("aeif-cond-exp", json!({"vT": -50, "vReset": -40, "vPeak": 0}), json!({})), None);
    assert_eq!(told("izhikevich", json!({"c": -40}), json!({})), None);
    let equal = json!({"vThreshold": -55, "vReset": -55});
    let refused_equal = "vReset: expected a number below vThreshold, -55 but got -55";
    assert_eq!(told("iaf-psc-exp", equal, json!({})), refused(refused_equal));
    // Trained neurons accept what reference libraries accept.
    let trained = json!({"beta": 0.9, "vThreshold": 1.0, "vReset": 1.5});
    assert_eq!(told("lif", trained, json!({"reset": "value"})), None);
    // Only if v is set to it.
    let mut spec = complete("eif");
    let params = spec["params"].as_object_mut().unwrap();
    params.extend([("vPeak".into(), 1.0.into()), ("vReset".into(), 2.0.into())]);
    spec["options"]["reset"] = "subtract".into();
    assert!(bind(spec.clone()).is_ok());
    // A learned one may reach it.
    spec["options"]["reset"] = "value".into();
    spec["learn"] = json!(["vPeak"]);
    assert!(bind(spec).is_ok());
}

#[test]
fn a_learned_beta_is_clamped_with_no_gradient_outside() {
    let spec = json!({"model": "lif", "params": {"beta": [0.5, 1.25, -0.1, 1.0]}, "learn": ["beta"]});
    let bound = bind(spec).unwrap();
    let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
    let beta = bound.coefs.iter().position(|name| name == "beta").unwrap();
    assert_eq!(bound.derive(&params)[beta], [0.5, 1.0, 0.0, 1.0]);
    let mut gradients = vec![None; bound.coefs.len()];
    gradients[beta] = Some(vec![1.0, 2.0, 3.0, 4.0]);
    let gradient = bound.derive_adjoint(&params, &gradients, &[]);
    assert_eq!(gradient[0].as_deref().unwrap(), [1.0, 0.0, 0.0, 4.0]);
}

#[test]
fn a_neuron_has_the_coefficients_that_it_has_alone() {
    let lists = [
        ("iaf-psc-exp", "tauMem", [10.0, 12.5, 2.0, 2.5]),
        ("iaf-psc-exp", "iBias", [0.0, 3.0, -4.0, 0.5]),
        ("iaf-cond-exp", "tauE", [5.0, 1.0, 0.3, 9.0]),
        ("lif", "beta", [0.9, 0.5, 0.99, 1.0]),
        ("aeif-cond-exp", "deltaT", [2.0, 1.0, 3.0, 0.5]),
    ];
    for (key, name, values) in lists {
        let with = |value: Value, n: usize| {
            let mut spec = complete(key);
            spec["params"][name] = value;
            Bound::new(&spec, n, 0.1).unwrap()
        };
        let together = with(json!(values), 4).derived();
        assert!(together.iter().any(|coef| coef.len() == 4), "{key}");
        for (i, value) in values.into_iter().enumerate() {
            // As a list with one value, so that the same is folded as with different values.
            let alone = with(json!([value, value, value, value]), 4).derived();
            for (together, alone) in together.iter().zip(&alone) {
                assert_eq!(together[if together.len() == 1 { 0 } else { i }], alone[0], "{key} {name} {i}");
            }
        }
    }
}

#[test]
fn a_shared_parameter_gets_the_sum_of_its_gradients() {
    let spec = json!({"model": "lif", "params": {"tauMem": 5.0}, "learn": ["tauMem"]});
    let bound = bind(spec).unwrap();
    let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
    let beta = bound.coefs.iter().position(|name| name == "beta").unwrap();
    let slope = libm::exp(-1.0 / 5.0) / 25.0;
    for arrived in [vec![1.0, 2.0, 3.0, 4.0], vec![10.0]] {
        let mut gradients = vec![None; bound.coefs.len()];
        gradients[beta] = Some(arrived);
        let gradient = bound.derive_adjoint(&params, &gradients, &[]);
        assert!((gradient[0].as_ref().unwrap()[0] - 10.0 * slope).abs() < 1e-14);
    }
}
