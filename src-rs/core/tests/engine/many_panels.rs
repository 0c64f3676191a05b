//! A population behind a map whose panels are taken together, since it has so many, against two halves of it whose
//! panels go one by one: channels of a convolution and of batch norm are independent, so all bits are equal.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};

/// 128 channels of 8 × 8 pixels are 128 panels.
const CHANNELS: usize = 128;
const SIZE: usize = 8;
const INPUTS: usize = 2 * SIZE * SIZE;
const CLASSES: usize = 3;
const STEPS: usize = 3;
/// Two tiles, the second of which is not full.
const BATCH: usize = 21;

/// So many branches of as many channels less, with batch norm or without.
fn training(branches: usize, norm: bool, level: SimdLevel) -> Training<f32> {
    let channels = CHANNELS / branches;
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for i in 0..branches {
        let names = ["conv", "norm", "lif"].map(|name| format!("{name}{i}"));
        nodes.push(json!({ "kind": "conv", "name": names[0], "in": 2, "out": channels, "kernel": [3, 3],
            "stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 3 } }));
        edges.push(json!(["input", names[0]]));
        let mut before = &names[0];
        if norm {
            nodes.push(json!({ "kind": "batch-norm", "name": names[1], "epsilon": 1e-5, "momentum": 0.1,
                "affine": true, "scale": 1 }));
            edges.push(json!([before, names[1]]));
            before = &names[1];
        }
        nodes.push(json!({ "kind": "dynamics", "name": names[2], "neurons": channels * SIZE * SIZE,
            "dynamics": { "model": "lif", "params": { "beta": 0.9 }, "surrogate": { "name": "atan", "alpha": 2 } } }));
        edges.extend([json!([before, names[2]]), json!([names[2], "join"])]);
    }
    nodes.extend([
        json!({ "kind": "concat", "name": "join" }),
        json!({ "kind": "pool", "name": "pool", "pooling": "average", "kernel": [SIZE, SIZE],
            "stride": [SIZE, SIZE], "padding": [0, 0] }),
        json!({ "kind": "flatten", "name": "flat" }),
        json!({ "kind": "dense", "name": "read", "in": CHANNELS, "out": CLASSES, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } }),
        json!({ "kind": "dynamics", "name": "out", "neurons": CLASSES,
            "dynamics": { "model": "li", "params": { "beta": 0.7 } } }),
    ]);
    edges.extend([
        json!(["join", "pool"]),
        json!(["pool", "flat"]),
        json!(["flat", "read"]),
        json!(["read", "out"]),
    ]);
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 5,
        "input": { "size": INPUTS, "shape": [2, SIZE, SIZE] }, "nodes": nodes, "edges": edges, "output": "out" });
    Training::new(Network::new(&Description::from_json(&description.to_string()).unwrap(), level).unwrap())
}

/// The values of a tensor, or its gradient; of branches one after the other.
fn tensor(training: &Training<f32>, name: &str, gradient: bool) -> Vec<f32> {
    let own = training.network.parameters.iter().filter(|p| {
        let digits = |c: char| c.is_ascii_digit();
        p.name.replace(digits, "") == name
    });
    own.flat_map(|p| p.layout.to_public(if gradient { &p.grad } else { &p.data })).collect()
}

fn learn(training: &mut Training<f32>, level: SimdLevel) -> f64 {
    let mut x = vec![0.0_f32; STEPS * BATCH * INPUTS];
    Rng::new(11, 5).fill_uniform(&mut x, 0);
    let labels: Vec<u32> = (0..BATCH).map(|i| (i % CLASSES) as u32).collect();
    let loss: Value = json!({ "kind": "cross-entropy-mean-membrane" });
    let objective = Objective {
        loss: ObjectiveLoss::from_json(&loss).unwrap(),
        metrics: vec![],
        readout: None,
        regularizers: vec![],
        segment: None,
        method: Method::Bptt,
        population_classes: None,
        by: None,
    };
    let input = InputValues::new(&x, [STEPS, BATCH, INPUTS], false, level).unwrap();
    let batch = Batch { input, targets: Targets::Classes(&labels), lengths: None, extra: &[], initial: None };
    let report = training.gradients(&batch, &objective, None, &Control::detached()).unwrap();
    assert!(report.spikes.iter().sum::<u64>() > 0, "something fires");
    report.loss
}

#[test]
fn panels_that_go_together_learn_as_panels_one_by_one() {
    let level = SimdLevel::detect();
    for norm in [false, true] {
        let (mut whole, mut halves) = (training(1, norm, level), training(2, norm, level));
        let weights = tensor(&halves, "conv.weight", false);
        for parameter in &mut whole.network.parameters {
            if parameter.name == "conv0.weight" {
                parameter.set(&weights).unwrap();
            }
        }
        let read = tensor(&whole, "read.weight", false);
        for parameter in &mut halves.network.parameters {
            if parameter.name == "read.weight" {
                parameter.set(&read).unwrap();
            }
        }
        assert_eq!(learn(&mut whole, level), learn(&mut halves, level), "norm: {norm}");
        let mut names = vec!["conv.weight", "read.weight"];
        names.extend(if norm { &["norm.weight", "norm.bias"][..] } else { &[] });
        for name in names {
            let [of_whole, of_halves] = [&whole, &halves].map(|training| tensor(training, name, true));
            assert!(of_whole.iter().any(|&g| g != 0.0), "{name} has a gradient");
            assert_eq!(of_whole, of_halves, "{name}, norm: {norm}");
        }
    }
}
