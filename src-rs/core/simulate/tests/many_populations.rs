//! Populations of a few neurons each, compared with the same neurons as one population.

use super::{build, with_threads};
use lapicque_base::control::Control;
use serde_json::{Value, json};

const N: usize = 1200;

/// Spikes of a chain: neuron `i` makes neuron `i + 1` fire, and neuron `i + 7` a little earlier.
fn spikes(populations: Vec<Value>, connections: Vec<Value>, threads: usize) -> Vec<(u64, u32)> {
    let network = json!({
        "dt": 0.1,
        "populations": populations,
        "sources": [{"name": "start", "trains": [[1.0, 40.0]]}],
        "connections": connections,
    });
    with_threads(threads, || {
        let mut simulation = build::<f32>(network, 1).unwrap();
        let found = simulation.run(2000, &Control::detached()).unwrap();
        found.steps.into_iter().zip(found.neurons).collect()
    })
}

#[test]
fn neurons_of_many_populations_fire_as_those_of_one() {
    let neuron = json!({"model": "iaf-psc-exp", "params": {"tauRef": 5.0}});
    let values = |i: usize| (4000.0 + (i % 5) as f64 * 100.0, 0.3 + (i % 4) as f64 * 0.2);
    let pairs: Vec<(usize, usize)> =
        (0..N).flat_map(|i| [(i, i + 1), (i, i + 7)]).filter(|&(_, to)| to < N).collect();
    let start = |to: Value| json!({"from": "start", "to": to, "rule": {"kind": "all-to-all"}, "weight": 5000.0, "delay": 0.5});

    let one = vec![json!({"name": "all", "size": N, "neuron": neuron})];
    let [sources, targets] = [pairs.iter().map(|p| p.0).collect(), pairs.iter().map(|p| p.1).collect()]
        .map(|list: Vec<usize>| json!(list));
    let (weights, delays): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(i, _)| values(i)).unzip();
    let listed = json!({"from": "all", "to": "all", "rule": {"kind": "list", "sources": sources, "targets": targets},
                        "weight": weights, "delay": delays});
    let together = spikes(one, vec![start(json!({"of": "all", "from": 0, "to": 1})), listed], 1);
    assert!(together.len() > N, "{}", together.len());

    // More accumulators than one partition can number: 64 slots for each population, times two.
    let each = || (0..N).map(|i| json!({"name": format!("p{i}"), "size": 1, "neuron": neuron})).collect();
    let connect = |&(i, to): &(usize, usize)| {
        let (weight, delay) = values(i);
        json!({"from": format!("p{i}"), "to": format!("p{to}"), "rule": {"kind": "all-to-all"}, "weight": weight, "delay": delay})
    };
    for threads in 1..=2 {
        let connections = [start(json!("p0"))].into_iter().chain(pairs.iter().map(connect)).collect();
        assert!(spikes(each(), connections, threads) == together, "{threads} threads");
    }
}
