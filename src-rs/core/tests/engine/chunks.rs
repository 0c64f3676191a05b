//! How a batch is cut. The tasks of populations that form a loop are tiles of samples, so a chunk of them has some
//! for each thread; otherwise a chunk stays small.

use lapicque_core::exec::Network;
use lapicque_core::exec::estimate::chunking;
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use serde_json::json;

const BATCH: usize = 64;

/// Tiles of a chunk in training, of 512 neurons with or without recurrence.
fn tiles(steps: usize, recurrent: bool) -> usize {
    let mut edges = vec![json!(["input", "enter"]), json!(["enter", "neurons"])];
    let mut nodes = vec![
        json!({ "kind": "dense", "name": "enter", "in": 8, "out": 512, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } }),
        json!({ "kind": "dynamics", "name": "neurons", "neurons": 512,
            "dynamics": { "model": "lif", "params": { "beta": 0.9 } } }),
    ];
    if recurrent {
        nodes.push(json!({ "kind": "dense", "name": "return", "in": 512, "out": 512, "bias": false,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } }));
        edges.extend([json!(["neurons", "return"]), json!(["return", "neurons"])]);
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 5,
        "input": { "size": 8 }, "nodes": nodes, "edges": edges, "output": "neurons" });
    let description = Description::from_json(&description.to_string()).unwrap();
    let plan = Network::<f32>::new(&description, SimdLevel::detect()).unwrap().plan;
    let keep = vec![true; plan.layers.len()];
    chunking(&plan, &keep, &plan.map_uses(&[]), BATCH, steps, 4, true).1
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
