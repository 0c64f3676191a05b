//! Fusions of plans whose layers are chosen so that each condition decides alone; and a fused network computes the same bits as one whose
//! values are stored.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::run::{Recording, Variable};
use lapicque_core::graph::{Description, MapUse};
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use serde_json::{Value, json};

const SIZE: usize = 8;
const CHANNELS: usize = 3;
const STEPS: usize = 5;
const BATCH: usize = 3;

fn conv() -> Value {
    json!({ "kind": "conv", "name": "conv", "in": 2, "out": CHANNELS, "kernel": [3, 3], "stride": [1, 1],
        "padding": [1, 1], "dilation": [1, 1], "groups": 1, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": 4 } })
}

fn pool(pooling: &str, kernel: usize, stride: usize) -> Value {
    json!({ "kind": "pool", "name": "pool", "pooling": pooling, "kernel": [kernel, kernel], "stride": [stride, stride],
        "padding": [0, 0] })
}

fn norm(each_step: bool) -> Value {
    json!({ "kind": "batch-norm", "name": "norm", "epsilon": 1e-5, "momentum": 0.1, "affine": true, "scale": 1.0,
        "eachStep": each_step })
}

fn lif(name: &str, neurons: usize) -> Value {
    json!({ "kind": "dynamics", "name": name, "neurons": neurons,
        "dynamics": { "model": "lif", "params": { "beta": 0.9 } } })
}

fn dense(inputs: usize) -> Value {
    json!({ "kind": "dense", "name": "read", "in": inputs, "out": 4, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": 4 } })
}

/// An image of `size` pixels through these nodes; without edges each node reads the one before it.
fn network(size: usize, nodes: &[Value], edges: Option<Value>) -> Network<f64> {
    let name = |node: &Value| node["name"].as_str().unwrap().to_string();
    let names: Vec<String> = std::iter::once("input".into()).chain(nodes.iter().map(name)).collect();
    let chain = || names.windows(2).map(|pair| json!([pair[0], pair[1]])).collect();
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 5,
        "input": { "size": 2 * size * size, "shape": [2, size, size] }, "nodes": nodes,
        "edges": edges.unwrap_or_else(chain), "output": names.last() });
    let description = Description::from_json(&description.to_string()).unwrap();
    Network::new(&description, SimdLevel::detect()).unwrap()
}

/// Layers within others, without the last projection onto the output.
fn fused(network: &Network<f64>) -> Vec<(String, String)> {
    let layers = network.plan.fusions.fused_layers(&network.plan);
    layers
        .map(|fused| (fused.layer.to_string(), fused.within.to_string()))
        .filter(|(layer, _)| layer != "read")
        .collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|&(layer, within)| (layer.to_string(), within.to_string())).collect()
}

fn convolution_and(between: &[Value], neurons: usize) -> Vec<Value> {
    let mut nodes = vec![conv()];
    nodes.extend_from_slice(between);
    nodes.extend([lif("hidden", neurons), dense(neurons), lif("out", 4)]);
    nodes
}

#[test]
fn a_convolution_is_computed_within_the_max_pool_that_alone_reads_it() {
    let pooled = CHANNELS * (SIZE / 2) * (SIZE / 2);
    let nodes = convolution_and(&[pool("max", 2, 2)], pooled);
    assert_eq!(fused(&network(SIZE, &nodes, None)), pairs(&[("conv", "pool")]));
    // Gradients of other pools enter all pixels of a window.
    for pooling in ["average", "sum"] {
        let nodes = convolution_and(&[pool(pooling, 2, 2)], pooled);
        assert_eq!(fused(&network(SIZE, &nodes, None)), vec![]);
    }
    // Something else reads the convolution's values.
    let mut nodes = convolution_and(&[pool("max", 2, 2)], pooled);
    nodes.insert(2, lif("also", CHANNELS * SIZE * SIZE));
    let edges = json!([
        ["input", "conv"],
        ["conv", "pool"],
        ["conv", "also"],
        ["pool", "hidden"],
        ["hidden", "read"],
        ["read", "out"]
    ]);
    assert_eq!(fused(&network(SIZE, &nodes, Some(edges))), vec![]);
}

#[test]
fn a_window_fits_into_one_byte() {
    for (kernel, expected) in [(16, pairs(&[("conv", "pool")])), (17, vec![])] {
        let nodes = convolution_and(&[pool("max", kernel, kernel)], CHANNELS);
        assert_eq!(fused(&network(kernel, &nodes, None)), expected, "{kernel} x {kernel}");
    }
}

#[test]
fn batch_norm_of_a_convolution_is_computed_within_the_population_that_alone_reads_it() {
    let neurons = CHANNELS * SIZE * SIZE;
    let nodes = convolution_and(&[norm(false)], neurons);
    assert_eq!(fused(&network(SIZE, &nodes, None)), pairs(&[("norm", "hidden")]));
    // Each step has a mean of its own.
    let nodes = convolution_and(&[norm(true)], neurons);
    assert_eq!(fused(&network(SIZE, &nodes, None)), vec![]);
    // Two populations would compute it twice.
    let mut nodes = convolution_and(&[norm(false)], neurons);
    nodes.insert(2, lif("also", neurons));
    let edges = json!([
        ["input", "conv"],
        ["conv", "norm"],
        ["norm", "also"],
        ["norm", "hidden"],
        ["hidden", "read"],
        ["read", "out"]
    ]);
    assert_eq!(fused(&network(SIZE, &nodes, Some(edges))), vec![]);
    // Batch norm of the input: there is no convolution whose values could be stored in its place.
    let input = 2 * SIZE * SIZE;
    let nodes = [norm(false), lif("hidden", input), dense(input), lif("out", 4)];
    assert_eq!(fused(&network(SIZE, &nodes, None)), vec![]);
}

#[test]
fn projections_between_populations_are_computed_within_their_reader() {
    let nodes = [lif("hidden", 2 * SIZE * SIZE), dense(2 * SIZE * SIZE), lif("out", 4)];
    let network = network(SIZE, &nodes, None);
    let layers: Vec<_> = network.plan.fusions.fused_layers(&network.plan).collect();
    assert_eq!(layers.len(), 1);
    assert_eq!((layers[0].layer, layers[0].within), ("read", "out"));
}

#[test]
fn recorded_values_are_stored() {
    let nodes = convolution_and(&[norm(false)], CHANNELS * SIZE * SIZE);
    let norm_of = network(SIZE, &nodes, None);
    assert_eq!(norm_of.plan.fusions.uses(), [MapUse::Kept, MapUse::Applied(0)]);
    for recorded in [vec![0], vec![1], vec![0, 1]] {
        assert_eq!(norm_of.plan.fusions.without(&recorded).uses(), [MapUse::Kept; 2]);
    }
    let nodes = convolution_and(&[pool("max", 2, 2)], CHANNELS * SIZE * SIZE / 4);
    let pool_of = network(SIZE, &nodes, None);
    assert_eq!(pool_of.plan.fusions.uses(), [MapUse::Pooled(1), MapUse::Kept]);
    assert_eq!(pool_of.plan.fusions.without(&[1]).uses(), [MapUse::Pooled(1), MapUse::Kept]);
    assert_eq!(pool_of.plan.fusions.without(&[0]).uses(), [MapUse::Kept; 2]);
}

#[test]
fn fused_layers_give_the_bits_of_stored_values() {
    let neurons = CHANNELS * SIZE * SIZE;
    for (between, neurons) in [(norm(false), neurons), (pool("max", 2, 2), neurons / 4)] {
        let network = network(SIZE, &convolution_and(&[between], neurons), None);
        let mut values = vec![0.0; STEPS * BATCH * 2 * SIZE * SIZE];
        Rng::new(3, 0).fill_uniform(&mut values, 0);
        let membranes = |record: &[(usize, Variable)]| {
            let shape = [STEPS, BATCH, 2 * SIZE * SIZE];
            let input = InputValues::new(&values, shape, false, SimdLevel::detect()).unwrap();
            let run = network.run(input, record, None, &Control::detached()).unwrap();
            match &run.recordings[0] {
                Recording::State(v) => v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>(),
                Recording::Spikes(_) => vec![],
            }
        };
        let fused = membranes(&[(0, Variable::State(0))]);
        assert!(fused.iter().any(|&bits| bits != 0));
        // Recording both maps stores their values.
        let stored = membranes(&[(0, Variable::State(0)), (0, Variable::Values), (1, Variable::Values)]);
        assert!(fused == stored);
    }
}
