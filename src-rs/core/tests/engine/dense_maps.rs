//! A dense layer that a map reads, whose rows go many at a time, against the same layer read by a population: the same
//! losses and gradients, within rounding since the user's spikes are summed in another order there.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::json;

/// More inputs than a task sums, more outputs than a panel, more rows than a block; the last tile is not full.
const INPUTS: usize = 270;
const HIDDEN: usize = 130;
const OUTPUTS: usize = 70;
const STEPS: usize = 20;
const BATCH: usize = 21;

fn training(through_maps: bool) -> Training<f64> {
    let dense = |name: &str, inputs: usize, outputs: usize| {
        json!({ "kind": "dense", "name": name, "in": inputs, "out": outputs, "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": 3 } })
    };
    let lif =
        json!({ "model": "lif", "params": { "beta": 0.9 }, "surrogate": { "name": "atan", "alpha": 2 } });
    let nodes = json!([
        dense("first", INPUTS, HIDDEN),
        { "kind": "flatten", "name": "flat1" },
        { "kind": "dynamics", "name": "lif", "neurons": HIDDEN, "dynamics": lif },
        dense("second", HIDDEN, OUTPUTS),
        { "kind": "flatten", "name": "flat2" },
        { "kind": "dynamics", "name": "out", "neurons": OUTPUTS, "dynamics": { "model": "li", "params": { "beta": 0.7 } } },
    ]);
    let kept = |node: &&serde_json::Value| through_maps || node["kind"] != "flatten";
    let nodes: Vec<_> = nodes.as_array().into_iter().flatten().filter(kept).collect();
    let names: Vec<_> =
        std::iter::once(json!("input")).chain(nodes.iter().map(|node| node["name"].clone())).collect();
    let edges: Vec<_> = names.windows(2).collect();
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 5, "input": { "size": INPUTS },
        "nodes": nodes, "edges": edges, "output": "out" });
    let description = Description::from_json(&description.to_string()).unwrap();
    Training::new(Network::new(&description, SimdLevel::detect()).unwrap())
}

/// Loss, and the gradients of all parameters.
fn learn(training: &mut Training<f64>, x: &[f64]) -> (f64, Vec<f64>) {
    let labels: Vec<u32> = (0..BATCH).map(|i| (i % OUTPUTS) as u32).collect();
    let objective = Objective {
        loss: ObjectiveLoss::from_json(&json!({ "kind": "cross-entropy-mean-membrane" })).unwrap(),
        metrics: vec![],
        readout: None,
        regularizers: vec![],
        segment: None,
        method: Method::Bptt,
        population_classes: None,
        by: None,
    };
    let input = InputValues::new(x, [STEPS, BATCH, INPUTS], false, SimdLevel::detect()).unwrap();
    let batch = Batch { input, targets: Targets::Classes(&labels), lengths: None, extra: &[], initial: None };
    let report = training.gradients(&batch, &objective, None, &Control::detached()).unwrap();
    assert!(report.spikes.iter().sum::<u64>() > 0, "something fires");
    let gradients = training.network.parameters.iter().flat_map(|p| p.layout.to_public(&p.grad));
    (report.loss, gradients.collect())
}

#[test]
fn a_dense_map_is_a_dense_projection() {
    let mut drawn = vec![0.0; STEPS * BATCH * INPUTS];
    Rng::new(11, 5).fill_uniform(&mut drawn, 0);
    let kinds = [
        ("spikes", drawn.iter().map(|&x| f64::from(u8::from(x < 0.1))).collect::<Vec<_>>()),
        ("values", drawn.iter().map(|&x| x - 0.5).collect()),
        ("few values", drawn.iter().map(|&x| if x < 0.05 { 20.0 * x } else { 0.0 }).collect()),
    ];
    for (kind, x) in kinds {
        let (loss, gradients) = learn(&mut training(false), &x);
        let (own, through_maps) = learn(&mut training(true), &x);
        assert!((loss - own).abs() < 1e-12, "{kind}: losses {loss} and {own}");
        let largest = gradients.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
        assert!(largest > 0.0, "{kind}: there are gradients");
        for (i, (a, b)) in gradients.iter().zip(&through_maps).enumerate() {
            assert!((a - b).abs() < 1e-12 * largest.max(1.0), "{kind}: gradient {i}: {a} and {b}");
        }
    }
}
