//! Weights below 0 are refused at ports that accept none: a negative conductance or inhibition would excite silently.

use super::{build, with_threads};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_dynamics::MODELS;
use lapicque_dynamics::definition::Sign;
use serde_json::{Map, Value, json};

/// A network with one connection, merged with `more`.
fn network(model: &str, connection: &Value, more: &Value) -> Value {
    let mut joined: Map<String, Value> =
        json!({"from": "s", "to": "n", "rule": {"kind": "all-to-all"}, "delay": 1, "weight": 1})
            .as_object()
            .unwrap()
            .clone();
    joined.extend(connection.as_object().unwrap().clone());
    let mut network = json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 2, "neuron": {"model": model}}],
        "sources": [{"name": "s", "trains": [[1.0], [2.0]]}],
        "connections": [joined],
    });
    network.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    network
}

fn error_of(network: Value) -> Option<String> {
    let run = || -> Result<()> {
        let mut simulation = build::<f32>(network.clone(), 1)?;
        simulation.run(100, &Control::detached()).map(|_| ())
    };
    with_threads(1, run).err().map(|error| error.to_string())
}

/// Models of large networks with the ports that take no weights below 0.
fn unsigned() -> Vec<(&'static str, &'static str)> {
    let of = |model: &lapicque_dynamics::registry::Model| {
        let key = (model.definition)().key;
        (model.signs)().iter().map(|&(port, _)| (key, port)).collect::<Vec<_>>()
    };
    MODELS.iter().flat_map(of).collect()
}

#[test]
fn every_conductance_and_every_inhibitory_port_is_named() {
    for model in MODELS {
        let definition = (model.definition)();
        for port in &definition.ports {
            let sign =
                (model.signs)().iter().find(|(name, _)| name == port).map_or(Sign::Any, |&(_, sign)| sign);
            let opens =
                definition.states.iter().any(|state| state.unit == "nS") && definition.ports.len() > 1;
            let lower = port.to_lowercase();
            let want = match (lower.contains("citatory") || lower.contains("hibitory"), opens) {
                (true, true) => Sign::Conductance,
                (true, false) if lower.contains("hibitory") => Sign::Inhibition,
                _ => Sign::Any,
            };
            assert_eq!(sign, want, "{} {port}", definition.key);
        }
    }
}

#[test]
fn weights_below_0_are_refused_wherever_they_enter() {
    let ports = unsigned();
    assert!(ports.len() > 15);
    for (model, port) in ports {
        let connection = |more: Value| {
            let mut connection = json!({"port": port});
            connection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            error_of(network(model, &connection, &json!({})))
        };
        let layout = json!([
            {"name": "n", "size": 2, "neuron": {"model": model}, "layout": {"dimensions": 1, "positions": [0.0, 1.0]}},
        ]);
        let refused = [
            connection(json!({"weight": -2})),
            connection(
                json!({"rule": {"kind": "list", "sources": [0, 1], "targets": [1, 0]}, "weight": [1, -2]}),
            ),
            connection(json!({"weight": {"kind": "normal", "mean": 1, "sd": 1}})),
            connection(json!({"weight": {"kind": "uniform", "low": -1, "high": 1}})),
            connection(json!({"weight": 1, "synapse": {"model": "stdp", "params": {"wMin": -1, "wMax": 2}}})),
            connection(json!({"weight": -1, "synapse": {"model": "tsodyks-markram"}})),
            connection(
                json!({"weight": 0.5, "synapse": {"model": "custom", "equations": {"pre": "w -= 1"}}}),
            ),
            connection(
                json!({"weight": 0.5, "synapse": {"model": "custom", "equations": {"transmit": "w - 1"}}}),
            ),
            error_of(network(
                model,
                &json!({"port": port}),
                &json!({"inputs": [
                {"kind": "poisson", "to": "n", "port": port, "rate": 100, "weight": -1}]}),
            )),
            error_of(network(
                model,
                &json!({"port": port}),
                &json!({"inputs": [
                {"kind": "normal", "to": "n", "port": port, "mean": 1, "sd": 1}]}),
            )),
            error_of(network(
                model,
                &json!({"port": port}),
                &json!({"inputs": [
                {"kind": "current", "to": "n", "port": port, "times": [0, 1], "values": [1, -1]}]}),
            )),
            error_of(network(
                model,
                &json!({"from": "n", "port": port, "weight": "0.5 - d"}),
                &json!({"populations": layout}),
            )),
        ];
        for (i, refused) in refused.iter().enumerate() {
            let text = refused.clone().unwrap_or_else(|| panic!("{model} {port}: case {i} is taken"));
            assert!(text.contains("at least 0") && text.contains(port), "{model} {port} {i}: {text}");
        }
        let taken = [
            connection(json!({"weight": 0})),
            connection(json!({"weight": {"kind": "normal", "mean": 1, "sd": 1, "min": 0}})),
            connection(json!({"weight": {"kind": "log-normal", "mu": 0, "sigma": 1}})),
            connection(
                json!({"weight": 0.5, "synapse": {"model": "custom", "equations": {"pre": "w += 1"}}}),
            ),
        ];
        assert_eq!(taken, [const { None }; 4], "{model} {port}");
    }
}

#[test]
fn currents_take_weights_of_both_signs_and_signs_choose_a_port() {
    let normal = json!({"kind": "normal", "mean": 0, "sd": 1});
    for model in ["iaf-psc-exp", "iaf-cond-exp", "aeif-cond-exp", "hh-psc-alpha"] {
        assert_eq!(error_of(network(model, &json!({"weight": normal}), &json!({}))), None, "{model}");
        assert_eq!(
            error_of(network(model, &json!({"weight": normal, "port": "current"}), &json!({}))),
            None,
            "{model}"
        );
    }
    assert_eq!(
        error_of(network("iaf-psc-exp", &json!({"weight": -1, "port": "excitatory"}), &json!({}))),
        None
    );
    assert_eq!(error_of(network("iaf-psc-exp-shared", &json!({"weight": -1}), &json!({}))), None);
}

#[test]
fn an_input_of_equations_says_whether_it_takes_both_signs() {
    let of = |signed: Value| {
        let neuron = json!({"model": "custom", "equations": {"states": [{"name": "v", "init": 0.0}],
            "input": ["excitatory", "inhibitory"], "signed": signed, "update": "v = 0.9 * v + excitatory - inhibitory",
            "spike": "v > 1", "reset": "v = 0"}});
        let populations = json!([{"name": "n", "size": 2, "neuron": neuron}]);
        error_of(network(
            "lif",
            &json!({"weight": -1, "port": "inhibitory"}),
            &json!({"populations": populations}),
        ))
    };
    assert!(of(json!([])).is_some_and(|text| text.contains("at least 0")));
    assert_eq!(of(json!(["inhibitory"])), None);
    assert!(of(json!(["excitation"])).is_some_and(|text| text.contains("excitation")));
}

#[test]
fn weights_that_are_set_are_looked_at_like_those_at_the_start() {
    let stdp = json!({"model": "custom", "equations": {"pre": "w += 0"}});
    let network = network("iaf-cond-exp", &json!({"port": "inhibitory", "synapse": stdp}), &json!({}));
    let error = with_threads(1, || {
        let mut simulation = build::<f32>(network, 1).unwrap();
        simulation.set_synapses(&[0], &[("w".into(), vec![0.5])]).unwrap();
        simulation.set_synapses(&[0], &[("w".into(), vec![1.0, 1.0, -0.5, 1.0])]).unwrap_err()
    });
    assert!(error.to_string().starts_with("weights[2]: expected at least 0: port inhibitory"), "{error}");
}

#[test]
fn gap_junctions_lead_to_currents() {
    let of = |port: &str| {
        error_of(network(
            "iaf-cond-exp",
            &json!({}),
            &json!({"gaps": [
            {"from": "n", "to": "n", "rule": {"kind": "all-to-all"}, "conductance": 1, "port": port}]}),
        ))
    };
    assert!(of("excitatory").is_some_and(|text| text.contains("a port for currents")));
    assert_eq!(of("current"), None);
}
