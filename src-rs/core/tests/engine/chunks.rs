//! How a batch is cut. The tasks of populations that form a loop, and of what mixes time, are tiles of samples, those of narrow
//! populations hardly more, so a chunk of them has some for each thread; otherwise a chunk stays small.

use lapicque_core::exec::Network;
use lapicque_core::exec::estimate::chunking;
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use serde_json::json;

const BATCH: usize = 64;

/// Tiles of a chunk in training, of 512 neurons with or without recurrence.
fn tiles(steps: usize, recurrent: bool) -> usize {
    tiles_of(512, steps, recurrent, 0)
}

/// The same of so many neurons, with synapses that are delayed by so many ms.
fn tiles_of(neurons: usize, steps: usize, recurrent: bool, delay: usize) -> usize {
    let mut edges = vec![json!(["input", "enter"]), json!(["enter", "neurons"])];
    let mut nodes = vec![
        json!({ "kind": "dense", "name": "enter", "in": 8, "out": neurons, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } }),
        json!({ "kind": "dynamics", "name": "neurons", "neurons": neurons,
            "dynamics": { "model": "lif", "params": { "beta": 0.9 } } }),
    ];
    if delay > 0 {
        nodes[0]["delay"] = json!({ "max": delay, "trainable": true, "initial": { "kind": "zeros" } });
    }
    if recurrent {
        nodes.push(json!({ "kind": "dense", "name": "return", "in": neurons, "out": neurons, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } }));
        edges.extend([json!(["neurons", "return"]), json!(["return", "neurons"])]);
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 5,
        "input": { "size": 8 }, "nodes": nodes, "edges": edges, "output": "neurons" });
    let description = Description::from_json(&description.to_string()).unwrap();
    let plan = Network::<f32>::new(&description, SimdLevel::detect()).unwrap().plan;
    let keep = vec![true; plan.layers.len()];
    chunking(&plan, &keep, plan.fusions.uses(), BATCH, steps, 4, true).1
}

#[test]
fn a_loop_has_tiles_for_the_threads() {
    // A tile's tape is 33 KB a step and more: one of 600 steps is within 22 MiB, two are not.
    assert_eq!(tiles(600, false), 1);
    assert_eq!(tiles(600, true), 4);
}

#[test]
fn memory_bounds_the_tiles_of_a_loop() {
    assert_eq!(tiles(10, true), 4);
    assert!((1..4).contains(&tiles(2_000, true)));
    assert_eq!(tiles(20_000, true), 1);
}

#[test]
fn narrow_populations_and_what_mixes_time_have_tiles_for_the_threads() {
    // A panel of 64 neurons is 4 KB a step and more.
    assert_eq!(tiles_of(64, 4_000, false, 0), 4);
    assert_eq!(tiles_of(512, 400, false, 5), 4);
    // Two panels need two tiles for as many tasks.
    assert_eq!(tiles_of(128, 2_000, false, 0), 2);
}
