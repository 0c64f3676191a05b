//! Populations of cells with morphologies, compared with the simulation of cells alone, which is compared with NEURON and Arbor.

use super::with_threads;
use crate::{Description, Precision, Recording, Simulation};
use lapicque_base::control::Control;
use lapicque_base::error::Error;
use lapicque_base::simd::SimdLevel;
use lapicque_morphology::cable;
use serde_json::{Value, json};

const DT: f64 = 0.025;

/// A soma with channels of squid axon, and a passive dendrite of four compartments and its end. `g`: leak of the dendrite, by cell.
fn cell(g: &[f64]) -> Value {
    json!({
        "nodes": {
            "parent": [-1, 0, 1, 2, 3, 4],
            "area": [800, 150, 150, 150, 150, 0],
            "axial": [0, 30, 60, 60, 60, 30],
            "capacitance": [1, 1, 1, 1, 1, 1]
        },
        "paint": [
            {"mechanism": "hh", "nodes": [0]},
            {"mechanism": "passive", "nodes": [1, 2, 3, 4], "values": {"e": -65, "g": 0.0003}, "scales": {"g": g}}
        ],
        "celsius": 6.3, "vInit": -65, "secondOrder": false,
        "detector": {"node": 0, "threshold": 0},
        "targets": [
            {"name": "exc", "nodes": [3], "synapse": {"kinetics": {"kind": "exponential", "tau": 2}, "reversal": 0}},
            {"name": "anywhere", "nodes": [1, 2, 4], "shares": [1, 2, 1],
             "synapse": {"kinetics": {"kind": "nmda", "rise": 2, "decay": 20, "magnesium": 1}, "reversal": 0}},
            {"name": "soma", "nodes": [0]}
        ],
        "variables": [
            {"name": "tip", "node": 5, "quantity": "voltage"},
            {"name": "m", "node": 0, "quantity": {"state": ["hh", "m"]}}
        ]
    })
}

fn scales(n: usize) -> Vec<f64> {
    (0..n).map(|i| 1.0 + 0.05 * i as f64).collect()
}

fn population(n: usize) -> Value {
    json!({"name": "P", "size": n, "neuron": {"model": "cells", "cell": cell(&scales(n))}})
}

fn build<F: Precision>(description: &Value, level: SimdLevel) -> Simulation<F> {
    let description = Description::from_json(&description.to_string()).unwrap();
    Simulation::new(description, 1, level, &Control::detached()).unwrap()
}

/// The same cells alone. `events`: times in ms and weights, by cell.
fn alone(n: usize, events: &[Vec<(f64, f64)>], delay: Option<f64>, steps: usize) -> cable::Run {
    let given = cell(&scales(n));
    let synapses: Vec<Value> = events
        .iter()
        .enumerate()
        .map(|(i, events)| {
            json!({"cell": i, "node": 3, "kinetics": {"kind": "exponential", "tau": 2}, "reversal": 0, "events": events})
        })
        .collect();
    let connections: Vec<Value> = (0..n)
        .filter_map(|i| Some(json!({"detector": i, "synapse": (i + 1) % n, "weight": 0.02, "delay": delay?})))
        .collect();
    let records: Vec<Value> = (0..n).map(|i| json!({"cell": i, "node": 5, "quantity": "voltage"})).collect();
    let detectors: Vec<Value> = (0..n).map(|i| json!({"cell": i, "node": 0, "threshold": 0})).collect();
    let description = json!({
        "inputs": {"cells": n, "synapses": synapses, "detectors": detectors, "connections": connections, "records": records},
        "paint": given["paint"], "celsius": 6.3, "vInit": -65, "dt": DT, "steps": steps, "sampleEvery": 1,
        "secondOrder": false, "asNeuron": false
    });
    let list = |name: &str| -> Vec<f64> { serde_json::from_value(given["nodes"][name].clone()).unwrap() };
    let passive = cable::Passive {
        parent: list("parent").iter().map(|&x| (x >= 0.0).then_some(x as usize)).collect(),
        area: list("area"),
        axial: list("axial"),
        capacitance: list("capacitance"),
    };
    let description = cable::Description::from_json(&description.to_string()).unwrap();
    description.run(passive, SimdLevel::detect(), &Control::detached()).unwrap()
}

/// The step at whose end a spike of the cells alone is one.
fn step_of(time: f64) -> u64 {
    (time / DT - 1e-9).ceil() as u64
}

fn spikes_of(run: &cable::Run) -> Vec<(u64, u32)> {
    let mut spikes: Vec<(u64, u32)> =
        run.spikes.iter().map(|spike| (step_of(spike.time), spike.detector as u32)).collect();
    spikes.sort_unstable();
    spikes
}

fn spikes(recording: &Recording, neurons: std::ops::Range<u32>) -> Vec<(u64, u32)> {
    let all = recording.steps.iter().copied().zip(recording.neurons.iter().copied());
    all.filter(|(_, neuron)| neurons.contains(neuron)).collect()
}

fn ring(n: usize, delay: f64) -> Value {
    let next: Vec<usize> = (0..n).map(|i| (i + 1) % n).collect();
    json!({
        "dt": DT,
        "populations": [population(n)],
        "sources": [{"name": "S", "trains": [[1]]}],
        "connections": [
            {"from": "P", "to": "P", "port": "exc", "weight": 0.02, "delay": delay,
             "rule": {"kind": "list", "sources": (0..n).collect::<Vec<_>>(), "targets": next}},
            {"from": "S", "to": {"of": "P", "from": 0, "to": 1}, "port": "exc", "weight": 0.02, "delay": 0.5, "rule": {"kind": "all-to-all"}}
        ],
        "record": {"traces": [{"population": "P", "state": "tip"}]}
    })
}

#[test]
fn a_ring_spikes_as_cells_alone() {
    // Alone, a spike is within its step; here it is at its end, so its delay is one step longer.
    for n in [1, 8, 11] {
        let recording = with_threads(2, || {
            let steps = 2400;
            build::<f64>(&ring(n, 5.0 - DT), SimdLevel::detect()).run(steps, &Control::detached()).unwrap()
        });
        let mut events = vec![vec![]; n];
        events[0].push((1.5, 0.02));
        let run = alone(n, &events, Some(5.0), 2400);
        assert_eq!(spikes(&recording, 0..n as u32), spikes_of(&run), "{n}");
        assert!(recording.steps.len() >= n.min(5), "{}", recording.steps.len());
        let [trace] = &recording.traces[..] else { panic!("a trace") };
        for (i, alone) in run.traces.iter().enumerate() {
            let own: Vec<f64> = trace.values.iter().skip(i).step_by(n).copied().collect();
            assert_eq!(own, alone[1..], "{n} {i}");
        }
    }
}

/// Point neurons that drive cells, which drive point neurons.
fn mixed(n: usize) -> Value {
    json!({
        "dt": DT,
        "populations": [
            population(n),
            {"name": "I", "size": 20, "neuron": {"model": "iaf-psc-exp", "params": {"tauMem": 10, "tauE": 2, "tauI": 2}}}
        ],
        "connections": [
            {"from": "I", "to": "P", "port": "anywhere", "weight": {"kind": "uniform", "low": 0.001, "high": 0.004},
             "delay": 1.5, "rule": {"kind": "fixed-in-degree", "count": 8}},
            {"from": "P", "to": "I", "weight": 600, "delay": 1, "rule": {"kind": "bernoulli", "p": 0.5}}
        ],
        "inputs": [
            {"kind": "poisson", "to": "I", "rate": 4000, "weight": 180},
            {"kind": "poisson", "to": "P", "port": "exc", "rate": 500, "weight": 0.002},
            {"kind": "current", "to": "P", "port": "soma", "times": [5, 20], "values": [0.05, 0]}
        ],
        "record": {"traces": [{"population": "P", "state": "tip", "every": 0.5}, {"population": "P", "state": "m", "every": 0.5}]}
    })
}

#[test]
fn point_neurons_drive_cells_as_given_spikes_do() {
    let n = 6;
    let mut network = mixed(n);
    network["connections"][0] = json!({"from": "I", "to": "P", "port": "exc", "weight": 0.004, "delay": 1.5,
        "rule": {"kind": "all-to-all"}});
    network["inputs"] = json!([{"kind": "poisson", "to": "I", "rate": 4000, "weight": 180}]);
    network["record"]["traces"] = json!([{"population": "P", "state": "tip"}]);
    let mut simulation = build::<f64>(&network, SimdLevel::detect());
    let recording = with_threads(1, || simulation.run(2000, &Control::detached()).unwrap());
    let points = spikes(&recording, n as u32..n as u32 + 20);
    assert!(points.len() > 20);
    // Equal events of one step are one here.
    let mut events: Vec<(f64, f64)> = vec![];
    for &(step, _) in &points {
        let time = (step + 60) as f64 * DT;
        match events.last_mut() {
            Some((last, weight)) if *last == time => *weight += 0.004,
            _ => events.push((time, 0.004)),
        }
    }
    let run = alone(n, &vec![events; n], None, 2000);
    assert_eq!(spikes(&recording, 0..n as u32), spikes_of(&run));
    assert!(!run.spikes.is_empty());
    for (i, alone) in run.traces.iter().enumerate() {
        let own = recording.traces[0].values.iter().skip(i).step_by(n);
        // Weights are sums of a fixed-point unit here.
        assert!(own.zip(&alone[1..]).all(|(a, b)| (a - b).abs() < 1e-9), "{i}");
    }
}

fn bits<F: Precision>(network: &Value, threads: usize, level: SimdLevel, cuts: &[u64]) -> Recording {
    with_threads(threads, || {
        let mut simulation = build::<F>(network, level);
        let mut all = Recording::default();
        for (i, &steps) in cuts.iter().enumerate() {
            if i > 0 {
                // Through a saved state into another simulation.
                let state = simulation.save();
                simulation = build::<F>(network, level);
                simulation.restore(&state).unwrap();
            }
            let next = simulation.run(steps, &Control::detached()).unwrap();
            all.steps.extend(next.steps);
            all.neurons.extend(next.neurons);
            all.traces.resize_with(2, Default::default);
            (0..2).for_each(|k| all.traces[k].values.extend(&next.traces[k].values));
        }
        all
    })
}

#[test]
fn results_depend_on_neither_threads_nor_level_nor_saved_states() {
    // More than two blocks of 64, so that partitions share the population.
    let network = mixed(150);
    let once = bits::<f32>(&network, 1, SimdLevel::detect(), &[400]);
    assert!(once.neurons.iter().any(|&neuron| neuron < 150));
    assert_eq!(once, bits::<f32>(&network, 2, SimdLevel::detect(), &[400]));
    assert_eq!(once, bits::<f32>(&network, 2, SimdLevel::detect(), &[90, 210, 100]));
    assert_eq!(once, bits::<f32>(&network, 1, SimdLevel::Portable, &[400]));
    let double = bits::<f64>(&network, 1, SimdLevel::detect(), &[400]);
    assert_eq!(double, bits::<f64>(&network, 2, SimdLevel::detect(), &[250, 150]));
}

#[test]
fn places_are_chosen_by_their_shares_and_read_back() {
    let mut network = mixed(150);
    network["connections"][0]["rule"] = json!({"kind": "all-to-all"});
    network["connections"][0]["weight"] = json!(0.001);
    let simulation = build::<f32>(&network, SimdLevel::detect());
    let synapses = simulation.synapses_of(0).unwrap();
    let (_, places) = synapses.variables.iter().find(|(name, _)| name == "place").unwrap();
    assert_eq!(places.len(), 3000);
    for (place, share) in [0.25, 0.5, 0.25].into_iter().enumerate() {
        let count = places.iter().filter(|&&x| x == place as f64).count() as f64;
        // Four standard deviations.
        assert!((count - 3000.0 * share).abs() < 4.0 * (3000.0 * share * (1.0 - share)).sqrt());
    }
}

#[test]
fn sub_steps_are_steps() {
    let mut fine = ring(3, 5.0);
    let mut coarse = fine.clone();
    coarse["dt"] = json!(4.0 * DT);
    coarse["populations"][0]["neuron"]["cell"]["dt"] = json!(DT);
    // Only the event from outside.
    for network in [&mut fine, &mut coarse] {
        network["connections"].as_array_mut().unwrap().remove(0);
        network["record"]["traces"][0]["every"] = json!(4.0 * DT);
    }
    let run = |network: &Value, steps| {
        with_threads(1, || {
            build::<f64>(network, SimdLevel::detect()).run(steps, &Control::detached()).unwrap().traces
        })
    };
    let [fine, coarse] = [run(&fine, 400), run(&coarse, 100)];
    assert_eq!(fine[0].values, coarse[0].values);
}

#[test]
fn what_cells_cannot_do_is_refused() {
    let with = |edit: &dyn Fn(&mut Value)| {
        let mut network = mixed(4);
        edit(&mut network);
        let description = Description::from_json(&network.to_string()).unwrap();
        Simulation::<f32>::new(description, 1, SimdLevel::detect(), &Control::detached())
            .map(|_| ())
            .unwrap_err()
    };
    let unsupported: [&dyn Fn(&mut Value); 4] = [
        &|n| n["gaps"] = json!([{"from": "P", "to": "P", "rule": {"kind": "one-to-one"}, "conductance": 1}]),
        &|n| n["populations"][0]["initial"] = json!({"v": -60}),
        &|n| n["populations"][0]["intrinsic"] = json!({"parameter": "g", "rateTarget": 5, "gain": 1}),
        &|n| n["connections"][0]["synapse"] = json!({"model": "stdp"}),
    ];
    for edit in unsupported {
        assert!(matches!(with(edit), Error::Unsupported { .. }), "{}", with(edit));
    }
    let invalid: [&dyn Fn(&mut Value); 7] = [
        &|n| n["connections"][0]["port"] = json!("soma"),
        &|n| n["inputs"][2]["port"] = json!("exc"),
        &|n| n["inputs"][1]["port"] = json!("anywhere"),
        &|n| n["connections"][0]["weight"] = json!(-0.01),
        &|n| n["populations"][0]["neuron"]["cell"]["dt"] = json!(0.01),
        &|n| n["populations"][0]["neuron"]["cell"]["targets"][0]["nodes"] = json!([6]),
        &|n| n["populations"][0]["neuron"]["cell"]["targets"][0]["name"] = json!("tip"),
    ];
    for edit in invalid {
        let error = with(edit);
        assert!(matches!(error, Error::InvalidParameter { .. } | Error::UnknownName { .. }), "{error}");
    }
    let mut simulation = build::<f32>(&mixed(4), SimdLevel::detect());
    let set = simulation.set("P", 0..4, &[("v".into(), vec![-60.0])]);
    assert!(matches!(set, Err(Error::Unsupported { .. })));
    assert_eq!(simulation.get("P", 0..4, "tip").unwrap(), vec![-65.0; 4]);
    let mut state = simulation.save();
    state.populations[0].states.last_mut().unwrap().1.pop();
    assert!(matches!(simulation.restore(&state), Err(Error::ShapeMismatch { .. })));
}

/// STDP reads the spikes of its targets, whatever these are: weights change as those onto point neurons that spike in the same steps.
#[test]
fn synapses_onto_cells_learn_by_their_spikes() {
    let mut network = ring(3, 5.0);
    network["connections"][1] = json!({"from": "S", "to": "P", "port": "exc", "weight": 0.02, "delay": 0.5,
        "rule": {"kind": "all-to-all"}, "synapse": {"model": "stdp", "params": {"wMax": 0.05}}});
    network["sources"][0]["trains"] = json!([[1, 12, 19, 31]]);
    network["connections"].as_array_mut().unwrap().remove(0);
    network["record"] = json!({"weights": [{"connection": 0, "every": 50}]});
    let recording = with_threads(1, || {
        build::<f64>(&network, SimdLevel::detect()).run(2000, &Control::detached()).unwrap()
    });
    let fired = spikes(&recording, 0..3);
    assert!(!fired.is_empty());
    // Repeaters of one step, driven to spike in the steps of the cells.
    let times = |n: u32| -> Vec<f64> {
        fired.iter().filter(|&&(_, neuron)| neuron == n).map(|&(step, _)| (step - 1) as f64 * DT).collect()
    };
    let mut points = network.clone();
    points["populations"] = json!([{"name": "P", "size": 3, "neuron": {"model": "custom", "equations": {
        "states": [{"name": "v", "init": 0}], "input": ["exc", "force"], "update": "v = force + 0 * exc", "spike": "v > 0.5"
    }}}]);
    points["sources"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "T", "trains": [times(0), times(1), times(2)]}));
    points["connections"]
        .as_array_mut()
        .unwrap()
        .push(json!({"from": "T", "to": "P", "port": "force", "weight": 1,
        "delay": DT, "rule": {"kind": "one-to-one"}}));
    let repeated = with_threads(1, || {
        build::<f64>(&points, SimdLevel::detect()).run(2000, &Control::detached()).unwrap()
    });
    assert_eq!(spikes(&repeated, 0..3), fired);
    assert_eq!(repeated.weights[0].values, recording.weights[0].values);
    assert!(recording.weights[0].values.iter().any(|&w| w != 0.02));
}
