//! aeif_cond_exp with random parameters: every spike is in the same step as in NEST, in which the exact solution of the
//! equations reaches the peak (see fixtures/networks/aeif/make.py).

use super::{build, with_threads};
use crate::Precision;
use lapicque_base::control::Control;
use serde_json::{Map, Value, json};

const NAMES: [(&str, &str); 15] = [
    ("c", "C_m"),
    ("gL", "g_L"),
    ("vLeak", "E_L"),
    ("vT", "V_th"),
    ("deltaT", "Delta_T"),
    ("a", "a"),
    ("tauW", "tau_w"),
    ("b", "b"),
    ("vReset", "V_reset"),
    ("iBias", "I_e"),
    ("vPeak", "V_peak"),
    ("tauRef", "t_ref"),
    ("tauE", "tau_syn_ex"),
    ("tauI", "tau_syn_in"),
    ("vInit", "E_L"),
];

fn cases() -> Value {
    let path =
        format!("{}/../../../__test__/circuit/fixtures/networks/aeif/cases.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The steps of each neuron's spikes; all neurons are in one network.
fn spikes<F: Precision>(drawn: &Value, more: &Value) -> Vec<Vec<u64>> {
    let cases = drawn["cases"].as_array().unwrap();
    let (n, dt) = (cases.len(), drawn["dt"].as_f64().unwrap());
    let of = |name: &str| cases.iter().map(|case| case["params"][name].clone()).collect::<Vec<Value>>();
    let mut params: Map<String, Value> =
        NAMES.iter().map(|&(ours, nest)| (ours.into(), of(nest).into())).collect();
    params.extend(more.as_object().unwrap().clone());
    let targets: Vec<usize> = (0..n).collect();
    let side = |side: &str, port: &str| {
        let train = |case: &Value| -> Vec<f64> {
            let steps = case[side]["steps"].as_array().unwrap();
            steps.iter().map(|step| step.as_f64().unwrap() * dt).collect()
        };
        let weights: Vec<Value> = cases.iter().map(|case| case[side]["weight"].clone()).collect();
        let source = json!({"name": side, "trains": cases.iter().map(train).collect::<Vec<_>>()});
        let connection = json!({"from": side, "to": "n", "rule": {"kind": "list", "sources": targets, "targets": targets},
            "weight": weights, "delay": dt, "port": port});
        (source, connection)
    };
    let [(e, to_e), (i, to_i)] = [side("exc", "excitatory"), side("inh", "inhibitory")];
    let network = json!({
        "dt": dt,
        "populations": [{"name": "n", "size": n, "neuron": {"model": "aeif-cond-exp", "params": params}}],
        "sources": [e, i],
        "connections": [to_e, to_i],
    });
    let steps = drawn["steps"].as_u64().unwrap();
    let run = with_threads(1, || build::<F>(network, 0).unwrap().run(steps, &Control::detached()).unwrap());
    let mut spikes = vec![vec![]; n];
    run.steps.iter().zip(&run.neurons).for_each(|(&step, &neuron)| spikes[neuron as usize].push(step));
    spikes
}

#[test]
fn spikes_are_those_of_nest_and_of_the_exact_solution() {
    let drawn = cases();
    let dt = drawn["dt"].as_f64().unwrap();
    let wanted = drawn["cases"].as_array().unwrap().iter().map(|case| {
        let nest: Vec<u64> = case["nest"].as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect();
        let exact = case["exact"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() / dt);
        assert_eq!(exact.map(|x| (x - 1e-9).ceil() as u64).collect::<Vec<u64>>(), nest);
        nest
    });
    let wanted: Vec<Vec<u64>> = wanted.collect();
    let total: usize = wanted.iter().map(Vec::len).sum();
    assert!(total > 1000);
    let of = |got: &[Vec<u64>], most: u64| {
        let same = |got: &[u64], want: &[u64]| {
            got.len() == want.len() && got.iter().zip(want).all(|(a, b)| a.abs_diff(*b) <= most)
        };
        (0..wanted.len()).filter(|&i| !same(&got[i], &wanted[i])).collect::<Vec<_>>()
    };
    for tolerance in [1e-6, 1e-3] {
        let got = spikes::<f64>(&drawn, &json!({"tolerance": tolerance}));
        let exact: usize =
            got.iter().zip(&wanted).map(|(a, b)| a.iter().filter(|x| !b.contains(x)).count()).sum();
        println!("tolerance {tolerance}: {exact} of {total} elsewhere; trains {:?}", of(&got, 0));
        if tolerance < 1e-5 {
            assert_eq!(of(&got, 0), Vec::<usize>::new(), "trains that differ at tolerance {tolerance}");
        }
        assert_eq!(of(&got, 1), Vec::<usize>::new(), "trains that differ by more than a step at {tolerance}");
    }
    let single = spikes::<f32>(&drawn, &json!({"tolerance": 1e-6}));
    println!("f32: trains {:?}", of(&single, 1));
}
