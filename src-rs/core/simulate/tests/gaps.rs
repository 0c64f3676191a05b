//! Gap junctions compared with Brian2.

use super::{build, with_threads};
use crate::Recording;
use lapicque_base::control::Control;
use serde_json::{Value, json};

pub(crate) fn fixture(name: &str) -> Value {
    let path =
        format!("{}/../../../__test__/circuit/fixtures/brian2/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn numbers<T: serde::de::DeserializeOwned>(value: &Value) -> Vec<T> {
    serde_json::from_value(value.clone()).unwrap()
}

/// A ring of 60 neurons, each with a junction to its next two.
fn ring() -> Value {
    let each = |f: &dyn Fn(f64) -> f64| (0..60).map(|n| f(f64::from(n))).collect::<Vec<_>>();
    let pairs: Vec<(u32, u32)> = (0..60).flat_map(|k| [1, 2].map(|step| (k, (k + step) % 60))).collect();
    let (sources, targets): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    let g: Vec<f64> = sources.iter().map(|&k| 0.05 + 0.001 * f64::from(k)).collect();
    json!({
        "dt": 0.1,
        "populations": [{
            "name": "P", "size": 60,
            "neuron": {"model": "custom", "equations": {
                "states": [{"name": "v", "init": 0}], "input": "i", "update": "v' = (drive + i - v) / 10",
                "spike": "v >= 20", "reset": "v = 0"
            }, "params": {"drive": each(&|n| 15.0 + 0.2 * n)}},
            "initial": {"v": each(&|n| n / 4.0)}
        }],
        "gaps": [{"from": "P", "to": "P", "rule": {"kind": "list", "sources": sources, "targets": targets}, "conductance": g}],
        "record": {"traces": [{"population": "P", "state": "v", "neurons": [0, 7, 31, 59]}]}
    })
}

fn run(threads: usize, cuts: &[u64]) -> Recording {
    with_threads(threads, || {
        let mut simulation = build::<f64>(ring(), 1).unwrap();
        let mut all = Recording::default();
        for &steps in cuts {
            let next = simulation.run(steps, &Control::detached()).unwrap();
            all.steps.extend(next.steps);
            all.neurons.extend(next.neurons);
            all.traces.resize_with(1, Default::default);
            all.traces[0].values.extend(&next.traces[0].values);
        }
        all
    })
}

#[test]
fn spikes_and_potentials_are_those_of_brian2() {
    let expected = fixture("gap_junctions");
    let found = run(1, &[1000]);
    assert_eq!(found.steps, numbers::<u64>(&expected["steps"]));
    assert_eq!(found.neurons, numbers::<u32>(&expected["neurons"]));
    let v: Vec<Vec<f64>> = numbers(&expected["v"]);
    for (&step, row) in numbers::<u64>(&expected["sampled_steps"]).iter().zip(&v) {
        for (k, &x) in row.iter().enumerate() {
            let own = found.traces[0].values[(step as usize - 1) * 4 + k];
            assert!((own - x).abs() < 1e-9, "step {step}, neuron {k}: {own} for {x}");
        }
    }
    for (threads, cuts) in [(2, &[1000][..]), (3, &[1, 400, 599][..])] {
        assert!(run(threads, cuts) == found, "{threads} threads");
    }
}

/// 200 neurons that relax towards the input of their graded synapses. Neuron k has one from each neuron before it, so
/// all neurons of a group that is summed together have different numbers of synapses.
#[test]
fn graded_synapses_are_summed_in_the_order_of_their_sources() {
    const N: usize = 200;
    let pairs: Vec<(usize, usize)> = (0..N).flat_map(|to| (0..=to).map(move |from| (from, to))).collect();
    let weight = |(from, to): (usize, usize)| ((from * 31 + to * 17) % 101) as f64 / 997.0 - 0.05;
    let start = |n: usize| (n as f64 * 0.7).sin();
    let (sources, targets): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    let network = json!({
        "dt": 0.1,
        "populations": [{
            "name": "P", "size": N,
            "neuron": {"model": "custom", "equations": {
                "states": [{"name": "v", "init": 0}], "input": "i", "update": "v = 0.5*v + i"
            }},
            "initial": {"v": (0..N).map(start).collect::<Vec<_>>()}
        }],
        "gaps": [{"from": "P", "to": "P", "rule": {"kind": "list", "sources": sources, "targets": targets},
                  "conductance": pairs.iter().copied().map(weight).collect::<Vec<_>>(), "symmetric": false, "state": "v"}],
    });
    let mut expected: Vec<f64> = (0..N).map(start).collect();
    for _ in 0..5 {
        let sum = |to: usize| (0..=to).fold(0.0, |sum, from| sum + weight((from, to)) * expected[from]);
        expected = (0..N).map(|to| 0.5 * expected[to] + sum(to)).collect();
    }
    for threads in 1..=3 {
        let found = with_threads(threads, || {
            let mut simulation = build::<f64>(network.clone(), 1).unwrap();
            // Twenty thousand synapses are enough work for a second thread.
            assert_eq!(simulation.threads, threads);
            simulation.run(5, &Control::detached()).unwrap();
            simulation.get("P", 0..N, "v").unwrap()
        });
        assert_eq!(found, expected, "{threads} threads");
    }
}

#[test]
fn junctions_are_checked() {
    let error = |change: &dyn Fn(&mut Value)| {
        let mut network = ring();
        change(&mut network);
        build::<f32>(network, 1).err().unwrap().to_string()
    };
    assert!(error(&|n| n["gaps"][0]["conductance"] = json!(-1.0)).contains("conductances of at least 0"));
    assert!(error(&|n| n["gaps"][0]["to"] = json!("Q")).contains("unknown population"));
    assert!(error(&|n| n["gaps"][0]["port"] = json!("j")).contains("unknown port of P"));
}
