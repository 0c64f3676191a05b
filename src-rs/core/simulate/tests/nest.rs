//! Traces and spikes of NEST, compared through the whole executor: sources, delays, ports, neurons, recorders.

use super::{build, with_threads};
use crate::{Precision, Recording};
use lapicque_base::control::Control;
use lapicque_references::Case;
use serde_json::{Value, json};

fn case(name: &str) -> Case {
    Case::all("../../circuit/fixtures/networks/neurons").into_iter().find(|case| case.name == name).unwrap()
}

/// NEST's parameters, renamed to ours.
fn params(case: &Case, names: &[(&str, &str)]) -> Value {
    let pairs = names.iter().map(|(ours, nest)| (ours.to_string(), case.car["params"][nest].clone()));
    Value::Object(pairs.collect())
}

/// One neuron with the two spike trains of the reference file as input; returns its states over time.
fn one_neuron<F: Precision>(case: &Case, neuron: Value, states: &[&str]) -> Recording {
    let stimulus = &case.car["stimulus"];
    let dt = &case.car["dt_ms"];
    let train = |name| case.tensor(name).values;
    let connection = |from: &str, weight: &str| {
        json!({"from": from, "to": "n", "rule": {"kind": "one-to-one"}, "weight": stimulus[weight],
               "delay": stimulus["delay_ms"]})
    };
    let (mut sources, mut connections, mut inputs) = (vec![], vec![], vec![]);
    if stimulus["kind"] == "spikes" {
        for (name, times, weight) in [("e", "exc_times", "weight_exc"), ("i", "inh_times", "weight_inh")] {
            sources.push(json!({"name": name, "trains": [train(times)]}));
            connections.push(connection(name, weight));
        }
    } else {
        let delay = stimulus["delay_ms"].as_f64().unwrap();
        let times = stimulus["amplitude_times_ms"].as_array().unwrap();
        let times: Vec<f64> = times.iter().map(|t| t.as_f64().unwrap() + delay).collect();
        inputs.push(
            json!({"kind": "current", "to": "n", "times": times, "values": stimulus["amplitude_values_pA"]}),
        );
    }
    let traces: Vec<Value> = states.iter().map(|state| json!({"population": "n", "state": state})).collect();
    let network = json!({
        "dt": dt, "populations": [{"name": "n", "size": 1, "neuron": neuron}], "sources": sources,
        "connections": connections, "inputs": inputs, "record": {"traces": traces},
    });
    let steps = case.car["n_steps_recorded"].as_u64().unwrap();
    with_threads(1, || build::<F>(network, 0).unwrap().run(steps, &Control::detached()).unwrap())
}

fn times(recording: &Recording, dt: f64) -> Vec<f64> {
    recording.steps.iter().map(|&step| step as f64 * dt).collect()
}

const PSC: [(&str, &str); 10] = [
    ("c", "C_m"),
    ("vLeak", "E_L"),
    ("iBias", "I_e"),
    ("vReset", "V_reset"),
    ("vThreshold", "V_th"),
    ("tauRef", "t_ref"),
    ("tauMem", "tau_m"),
    ("tauE", "tau_syn_ex"),
    ("tauI", "tau_syn_in"),
    ("vInit", "E_L"),
];

#[test]
fn exact_integration_is_nests() {
    for (name, model) in [
        ("iaf_psc_exp", "iaf-psc-exp"),
        ("iaf_psc_exp_step_current", "iaf-psc-exp"),
        ("iaf_psc_alpha", "iaf-psc-alpha"),
    ] {
        let case = case(name);
        let neuron = json!({"model": model, "params": params(&case, &PSC)});
        let recording = one_neuron::<f64>(&case, neuron.clone(), &["v", "iE", "iI"]);
        case.compare("V_m", &recording.traces[0].values);
        if case.car["tolerance"]["I_syn_ex"].is_object() {
            case.compare("I_syn_ex", &recording.traces[1].values);
            case.compare("I_syn_in", &recording.traces[2].values);
        }
        case.compare("spike_times", &times(&recording, 0.1));
        // In f32, v agrees within 1e-5 of its range, and the spikes are the same.
        let single = one_neuron::<f32>(&case, neuron, &["v"]);
        let want = case.tensor("V_m").values;
        let near = |(got, want): (&f64, &f64)| (got - want).abs() < 1e-5 * 70.0;
        assert!(single.traces[0].values.iter().zip(&want).all(near), "{name}");
        assert_eq!(single.steps, recording.steps, "{name}");
    }
}

/// With equal time constants the two currents of NEST's neuron are equivalent to one.
#[test]
fn a_shared_current_is_the_sum_of_two() {
    let case = case("iaf_psc_exp");
    let mut params = params(&case, &PSC);
    params["tauI"] = params["tauE"].clone();
    let two = one_neuron::<f64>(&case, json!({"model": "iaf-psc-exp", "params": params}), &["v"]);
    let names = params.as_object_mut().unwrap();
    let tau = names.remove("tauE").unwrap();
    names.remove("tauI");
    names.insert("tauSyn".into(), tau);
    let one = one_neuron::<f64>(&case, json!({"model": "iaf-psc-exp-shared", "params": params}), &["v"]);
    let apart = |(a, b): (&f64, &f64)| (a - b).abs();
    let most = one.traces[0].values.iter().zip(&two.traces[0].values).map(apart).fold(0.0, f64::max);
    assert!(most < 1e-11 && !one.steps.is_empty() && one.steps == two.steps, "{most}");
}

#[test]
fn jumps_of_the_membrane_are_nests() {
    let case = case("iaf_psc_delta");
    let number = |key: &str| case.car["params"][key].as_f64().unwrap();
    let leak = number("E_L") + number("I_e") * number("tau_m") / number("C_m");
    let neuron = json!({"model": "lif", "like": "nest", "params": {
        "tauMem": number("tau_m"), "vLeak": leak, "vInit": number("E_L"), "vReset": number("V_reset"),
        "vThreshold": number("V_th"), "tauRef": number("t_ref")}});
    let recording = one_neuron::<f64>(&case, neuron, &["v"]);
    case.compare("V_m", &recording.traces[0].values);
    case.compare("spike_times", &times(&recording, 0.1));
}

#[test]
fn conductances_are_nests_within_the_error_of_its_solver() {
    let case = case("iaf_cond_exp");
    let names = [
        ("c", "C_m"),
        ("vLeak", "E_L"),
        ("vE", "E_ex"),
        ("vI", "E_in"),
        ("iBias", "I_e"),
        ("vReset", "V_reset"),
        ("vThreshold", "V_th"),
        ("gL", "g_L"),
        ("tauRef", "t_ref"),
        ("tauE", "tau_syn_ex"),
        ("tauI", "tau_syn_in"),
        ("vInit", "E_L"),
    ];
    let neuron = json!({"model": "iaf-cond-exp", "params": params(&case, &names)});
    let recording = one_neuron::<f64>(&case, neuron, &["v", "gE", "gI"]);
    case.compare("spike_times", &times(&recording, 0.1));
    let spikes = case.tensor("spike_times").values;
    let away = |j: usize| {
        let t = (j + 1) as f64 * 0.1;
        spikes.iter().all(|s| t < s - 1.0 || t > s + 2.5)
    };
    for (trace, name, of_max) in [(0, "V_m", None), (1, "g_ex", Some(0.001)), (2, "g_in", Some(0.001))] {
        let want = case.tensor(name).values;
        let largest = want.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let allowed = of_max.map_or(0.05, |share| share * largest);
        let worst =
            (0..want.len()).filter(|&j| away(j)).map(|j| (recording.traces[trace].values[j] - want[j]).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst <= allowed, "{name}: {worst} above {allowed}");
    }
}

/// 500 neurons without random numbers: every spike agrees.
#[test]
fn a_network_without_random_numbers_spikes_as_in_nest() {
    let case: Value = {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../__test__/circuit/fixtures/networks");
        let text = std::fs::read_to_string(format!("{folder}/randomfree_iaf_psc_alpha.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let p = &case["params"];
    let whole = |key: &str| p[key].as_u64().unwrap();
    let number = |key: &str| p[key].as_f64().unwrap();
    let (n, k) = (whole("n"), whole("K"));
    let (mut sources, mut targets, mut weights) = (vec![], vec![], vec![]);
    for source in 0..n {
        for synapse in 0..k {
            sources.push(source);
            targets.push((source * whole("mult") + synapse * whole("step") + whole("offset")) % n);
            let inhibits = source % whole("inh_every") == whole("inh_residue");
            weights.push(number(if inhibits { "w_inh_pA" } else { "w_exc_pA" }));
        }
    }
    let cell = &p["neuron"]["params"];
    let bias: Vec<f64> = (0..n).map(|i| number("i0_pA") + number("di_pA") * i as f64).collect();
    let network = json!({
        "dt": number("dt_ms"),
        "populations": [{"name": "n", "size": n, "neuron": {"model": "iaf-psc-alpha", "params": {
            "c": cell["C_m"], "tauMem": cell["tau_m"], "tauE": cell["tau_syn_ex"], "tauI": cell["tau_syn_in"],
            "tauRef": cell["t_ref"], "vLeak": cell["E_L"], "vReset": cell["V_reset"], "vThreshold": cell["V_th"],
            "iBias": bias}}}],
        "connections": [{"from": "n", "to": "n", "rule": {"kind": "list", "sources": sources, "targets": targets},
            "weight": weights, "delay": number("delay_ms")}],
    });
    let steps = (number("ms") / number("dt_ms")).round() as u64;
    let run = |threads| {
        with_threads(threads, || {
            build::<f64>(network.clone(), 0).unwrap().run(steps, &Control::detached()).unwrap()
        })
    };
    let recording = run(2);
    let list =
        |key: &str| case[key].as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(recording.steps, list("step"));
    assert_eq!(recording.neurons.iter().map(|&id| u64::from(id)).collect::<Vec<_>>(), list("id"));
    assert_eq!(recording, run(3));
}
