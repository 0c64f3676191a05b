//! Invalid networks are refused with a precise error before anything is built.

use super::{build, with_threads};
use lapicque_base::control::Control;
use lapicque_base::error::Error;
use serde_json::{Value, json};

fn network() -> Value {
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "E", "size": 10, "neuron": {"model": "iaf-psc-exp"}},
            {"name": "I", "size": 5, "neuron": {"model": "iaf-psc-exp"}},
        ],
        "sources": [{"name": "S", "trains": [[1.0]]}],
        "connections": [{"from": "E", "to": "I", "rule": {"kind": "fixed-in-degree", "count": 3}, "weight": 1.0, "delay": 1.0}],
        "inputs": [{"kind": "poisson", "to": "E", "rate": 100, "weight": 1}],
        "record": {"traces": [{"population": "E", "state": "v"}]},
    })
}

/// The error after `change`.
fn error(change: impl FnOnce(&mut Value)) -> Error {
    let mut network = network();
    change(&mut network);
    with_threads(1, || build::<f32>(network, 0).err()).unwrap()
}

fn text(change: impl FnOnce(&mut Value)) -> String {
    error(change).to_string()
}

#[test]
fn the_network_itself_is_right() {
    assert!(with_threads(1, || build::<f32>(network(), 0).is_ok()));
}

#[test]
fn unknown_names_are_told_with_the_nearest() {
    let says = |change: fn(&mut Value), what: &str| {
        let text = text(change);
        assert!(text.contains(what), "{text}");
    };
    says(|n| n["connections"][0]["to"] = "i1".into(), "unknown population \"i1\"; did you mean \"I\"?");
    says(|n| n["connections"][0]["from"] = "Q".into(), "unknown population or source \"Q\"");
    says(|n| n["connections"][0]["port"] = "exitatory".into(), "did you mean \"excitatory\"?");
    says(|n| n["inputs"][0]["to"] = "F".into(), "unknown population \"F\"");
    says(
        |n| n["record"]["traces"][0]["state"] = "V".into(),
        "unknown state or port of E \"V\"; did you mean \"v\"?",
    );
    says(|n| n["record"]["spikes"] = json!(["X"]), "unknown population \"X\"");
    says(|n| n["populations"][0]["neuron"]["model"] = "iaf-psc-ex".into(), "did you mean \"iaf-psc-exp\"?");
    says(|n| n["populations"][0]["initial"] = json!({"u": 1}), "unknown state of E \"u\"");
    says(|n| n["populations"][1]["name"] = "E".into(), "a unique name");
}

#[test]
fn numbers_out_of_range_are_told_with_their_path() {
    let says = |change: fn(&mut Value), path: &str, expected: &str| match error(change) {
        Error::InvalidParameter { name, expected: told, .. } => {
            assert!(name.contains(path) && told.contains(expected), "{name}: {told}");
        }
        other => panic!("{other:?}"),
    };
    says(|n| n["dt"] = 0.into(), "dt", "above 0");
    says(|n| n["populations"][0]["size"] = 0.into(), "E.size", "neurons");
    says(|n| n["populations"][0]["neuron"]["params"] = json!({"tauMem": -1}), "E.tauMem", "above 0");
    let delay = "connections[0] (E to I).delay";
    says(|n| n["connections"][0]["delay"] = json!(0.05), delay, "whole number of steps");
    says(|n| n["connections"][0]["delay"] = json!(0.25), delay, "whole number of steps");
    says(|n| n["connections"][0]["delay"] = json!(0), delay, "at least one");
    says(|n| n["connections"][0]["delay"] = json!(1e6), delay, "at most 65535 steps");
    let early = |n: &mut Value| n["connections"][0]["delay"] = json!({"kind": "normal", "mean": 1, "sd": 1});
    says(early, delay, "round to one step");
    let change = |n: &mut Value| {
        n["connections"][0]["rule"]["count"] = 11.into();
        n["connections"][0]["multapses"] = false.into();
    };
    says(change, "rule.count", "at most 10");
    says(|n| n["connections"][0]["rule"] = json!({"kind": "bernoulli", "p": 1.5}), "rule.p", "0 to 1");
    says(
        |n| n["connections"][0]["weight"] = json!({"kind": "normal", "mean": 1, "sd": -1}),
        "weight.sd",
        "at least 0",
    );
    let far = |n: &mut Value| {
        n["connections"][0]["weight"] = json!({"kind": "normal", "mean": 0, "sd": 1, "min": 50})
    };
    says(far, "weight", "reaches");
    says(|n| n["connections"][0]["weight"] = json!([1, 2]), "weight", "needs the rule list");
    says(|n| n["inputs"][0]["rate"] = json!(-5), "inputs[0].rate", "from 0");
    says(|n| n["inputs"][0]["rate"] = json!(1e9), "inputs[0].rate", "from 0");
    says(|n| n["sources"][0]["trains"] = json!([[2.0, 1.0]]), "S.trains[0][1]", "ascending");
    says(|n| n["sources"][0]["trains"] = json!([[-0.1]]), "S.trains[0][0]", "whole multiples");
    says(|n| n["sources"][0]["trains"] = json!([[0.0, 0.0]]), "S.trains[0][1]", "one spike per step");
    says(|n| n["record"]["traces"][0]["every"] = json!(0.15), "every", "whole number");
    says(|n| n["record"]["traces"][0]["neurons"] = json!([10]), "neurons[0]", "below 10");
    says(|n| n["record"]["traces"][0]["neurons"] = json!([]), "record.traces[0].neurons", "at least one");
    says(|n| n["populations"][1]["neuron"]["model"] = "gated-leaky".into(), "port of I", "current, gate");
}

#[test]
fn a_network_that_does_not_fit_is_refused_before_it_is_built() {
    let large = |n: &mut Value| {
        n["populations"][0]["size"] = 2_000_000.into();
        n["connections"][0] =
            json!({"from": "E", "to": "E", "rule": {"kind": "all-to-all"}, "weight": 1.0, "delay": 1.0});
    };
    match error(large) {
        // 2e6 x 2e6 synapses of 4 bytes.
        Error::TooLarge { needed, allowed, .. } => assert!(needed > 16_000_000_000_000 && allowed < needed),
        other => panic!("{other:?}"),
    }
}

#[test]
fn misspelled_keys_are_malformed() {
    assert!(matches!(error(|n| n["conections"] = json!([])), Error::MalformedFile { .. }));
    assert!(matches!(
        error(|n| n["connections"][0]["rule"]["kind"] = "ring".into()),
        Error::MalformedFile { .. }
    ));
}

#[test]
fn a_state_that_leaves_the_numbers_is_named() {
    let mut network = network();
    network["populations"][0]["neuron"] = json!({"model": "li", "params": {"beta": 0.9}});
    network["inputs"][0] = json!({"kind": "current", "to": "E", "times": [0], "values": [3e38]});
    network["connections"] = json!([]);
    network["record"] = json!({});
    let error =
        with_threads(2, || build::<f32>(network, 0).unwrap().run(50, &Control::detached()).err()).unwrap();
    match error {
        Error::NonFinite { layer, step, name } => {
            assert_eq!((layer.as_str(), step, name.as_str()), ("E", 2, "v of neuron 0"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn populations_whose_spikes_synapses_cannot_carry_are_no_sources() {
    let refused = |neuron: Value, what: &str| {
        let change = |n: &mut Value| n["populations"][0]["neuron"] = neuron.clone();
        let error = error(|n| {
            change(n);
            n["inputs"] = json!([]);
        });
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(&format!("synapses from E, whose {what}")), "{error}");
        // As a target it is allowed.
        let mut network = network();
        change(&mut network);
        network["inputs"] = json!([]);
        network["connections"][0]["from"] = "S".into();
        network["connections"][0]["to"] = "E".into();
        network["connections"][0]["rule"] = json!({"kind": "all-to-all"});
        assert!(with_threads(1, || build::<f32>(network, 0).is_ok()));
    };
    let lif = |grade: Value| json!({"model": "lif", "params": {"beta": 0.9, "gradedSpikes": grade}});
    refused(lif(3.0.into()), "spikes are worth other than 1");
    refused(lif(json!([1, 1, 1, 1, 1, 1, 1, 1, 1, 2])), "spikes are worth other than 1");
    refused(json!({"model": "multi-level-lif", "params": {"beta": 0.9}}), "spikes are worth other than 1");
    refused(json!({"model": "li", "params": {"beta": 0.9}}), "neurons do not spike");
    let change = |n: &mut Value| {
        n["populations"][0]["neuron"] = lif(1.0.into());
        n["inputs"] = json!([]);
    };
    let mut right = network();
    change(&mut right);
    assert!(with_threads(1, || build::<f32>(right, 0).is_ok()));
}

/// Weights are stored in units of the largest weight onto their port; one with too large a rounding error is refused.
#[test]
fn a_weight_that_would_be_nothing_beside_another_one_is_refused() {
    let built = |small: Value, single: bool| {
        let mut network = network();
        network["connections"][0]["weight"] = 1000.0.into();
        let second =
            json!({"from": "E", "to": "I", "rule": {"kind": "all-to-all"}, "weight": small, "delay": 1.0});
        network["connections"].as_array_mut().unwrap().push(second);
        with_threads(1, || match single {
            true => build::<f32>(network, 0).map(|_| ()).map_err(|e| e.to_string()),
            false => build::<f64>(network, 0).map(|_| ()).map_err(|e| e.to_string()),
        })
    };
    // The small ones are compact, the large one is wide.
    for kept in [0.01, 1e-4, 3.8e-9, 1e-9, 0.0, -0.01] {
        assert_eq!(built(kept.into(), true), Ok(()), "{kept}");
    }
    for kept in [1e-9, 0.01] {
        assert_eq!(built(kept.into(), false), Ok(()), "{kept}");
    }
    let refused = built(1e-13.into(), false).unwrap_err();
    assert!(refused.contains("(E to I).weight: expected 0, or a magnitude of at least"), "{refused}");
    // A weight that f32 itself cannot represent.
    let mut network = network();
    network["connections"][0]["weight"] = 1e-44.into();
    let refused = with_threads(1, || build::<f32>(network, 0).err().unwrap().to_string());
    assert!(
        refused.contains("connections[0] (E to I).weight: expected 0, or a magnitude of at least 7.175e-43"),
        "{refused}"
    );
}
