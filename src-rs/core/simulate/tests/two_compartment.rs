//! Soma and dendrite with separate conductances, compared with Brian2.

use super::gaps::{fixture, numbers};
use super::{build, with_threads};
use lapicque_base::control::Control;
use serde_json::{Value, json};

#[test]
fn potentials_and_spikes_of_brian2() {
    let said = fixture("two_compartment");
    let dt = said["dt"].as_f64().unwrap();
    // A spike that arrives at the end of a step was emitted one step before.
    let trains: Vec<Vec<f64>> = numbers(&said["trains"]);
    let trains: Vec<Vec<f64>> = trains.iter().map(|train| train.iter().map(|t| t - dt).collect()).collect();
    let ports =
        [("excitatory", 2.5), ("inhibitory", 3.0), ("dendriteExcitatory", 4.0), ("dendriteInhibitory", 2.0)];
    let connections: Vec<Value> = (ports.iter().enumerate())
        .map(|(k, (port, weight))| {
            json!({"from": {"of": "S", "from": k, "to": k + 1}, "to": "P", "rule": {"kind": "all-to-all"},
                   "weight": weight, "delay": dt, "port": port})
        })
        .collect();
    let current = |n: usize, port: &str, value: f64| json!({"kind": "current", "to": {"of": "P", "from": n, "to": n + 1}, "port": port, "times": [0], "values": [value]});
    let trace = |state: &str| json!({"population": "P", "state": state});
    let network = json!({
        "dt": dt,
        "populations": [{"name": "P", "size": 3, "neuron": {"model": "two-compartment", "params": {
            "a": 4, "b": 40, "subSteps": 1}}}],
        "sources": [{"name": "S", "trains": trains}],
        "connections": connections,
        "inputs": [current(0, "current", 500.0), current(1, "dendriteCurrent", 900.0), current(2, "current", 120.0)],
        "record": {"traces": [trace("v"), trace("d"), trace("w")]},
    });
    let run = with_threads(1, || build::<f64>(network, 1).unwrap().run(4000, &Control::detached()).unwrap());
    let mut spikes: Vec<(u64, u32)> =
        numbers(&said["steps"]).into_iter().zip(numbers::<u32>(&said["neurons"])).collect();
    spikes.sort_unstable();
    assert!(spikes.len() > 20);
    assert_eq!(run.steps.iter().copied().zip(run.neurons.iter().copied()).collect::<Vec<_>>(), spikes);
    for (trace, name) in run.traces.iter().zip(["v", "d", "w"]) {
        let want: Vec<Vec<f64>> = numbers(&said[name]);
        for (k, want) in want.iter().enumerate() {
            let got = &trace.values[20 * k * 3..][..3];
            for (got, want) in got.iter().zip(want) {
                assert!(
                    (got - want).abs() < 1e-9 * want.abs().max(1.0),
                    "{name} at {k} ms: {got}, in Brian2 {want}"
                );
            }
        }
    }
}
