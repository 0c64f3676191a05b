//! Gradients through every layer without a state.

use super::differences::{BATCH, CLASSES, Check, STEPS, description};
use lapicque_core::graph::Description;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn conv(name: &str, channels: [usize; 2], kernel: &[usize], more: Value) -> Value {
    let each = |x: usize| vec![x; kernel.len()];
    let mut node = json!({ "kind": "conv", "name": name, "in": channels[0], "out": channels[1], "kernel": kernel,
        "stride": each(1), "padding": each(0), "dilation": each(1), "groups": 1, "bias": true });
    for (key, value) in more.as_object().into_iter().flatten() {
        node[key] = value.clone();
    }
    node
}

fn pool(name: &str, pooling: &str, kernel: usize, stride: usize) -> Value {
    json!({ "kind": "pool", "name": name, "pooling": pooling, "kernel": [kernel, kernel],
        "stride": [stride, stride], "padding": [0, 0] })
}

fn li(name: &str, neurons: usize) -> Value {
    json!({ "kind": "dynamics", "name": name, "neurons": neurons, "dynamics": { "model": "li", "params": { "beta": 0.7 } } })
}

fn lif(name: &str, neurons: usize) -> Value {
    let dynamics = json!({ "model": "lif", "params": { "beta": 0.8, "vThreshold": 0.5 }, "smoothed": 2.0 });
    json!({ "kind": "dynamics", "name": name, "neurons": neurons, "dynamics": dynamics })
}

fn dense(name: &str, inputs: usize, outputs: usize) -> Value {
    json!({ "kind": "dense", "name": name, "in": inputs, "out": outputs, "bias": true })
}

fn layer_norm(name: &str, affine: bool) -> Value {
    json!({ "kind": "layer-norm", "name": name, "epsilon": 1e-3, "affine": affine })
}

/// A check of a graph whose node `last` gives `count` values to a readout.
fn network(shape: &Value, mut nodes: Vec<Value>, mut edges: Vec<Value>, last: &str, count: usize) -> Check {
    nodes.extend([
        json!({ "kind": "flatten", "name": "flat" }),
        dense("dense", count, CLASSES),
        li("out", CLASSES),
    ]);
    edges.extend([json!([last, "flat"]), json!(["flat", "dense"]), json!(["dense", "out"])]);
    let size: u64 = shape.as_array().into_iter().flatten().filter_map(Value::as_u64).product();
    let input = json!({ "size": size, "shape": shape });
    let mut check = Check::new(description(input, &nodes, json!(edges), 1.0));
    check.values.iter_mut().for_each(|x| *x = 2.0 * *x - 1.0);
    // So near that no pool chooses another pixel.
    check.span = 1e-5;
    check
}

/// One behind the other.
fn chain(shape: &Value, nodes: Vec<Value>, count: usize) -> Check {
    let names: Vec<String> = nodes.iter().filter_map(|node| Some(node["name"].as_str()?.into())).collect();
    let mut edges = vec![json!(["input", names[0]])];
    edges.extend(names.windows(2).map(|pair| json!(pair)));
    let last = &names[names.len() - 1];
    network(shape, nodes, edges, last, count)
}

/// An input that varies, and one that does not.
fn both(check: Check) -> Vec<Check> {
    let mut constant = Check { constant: true, ..check.clone() };
    constant.values.truncate(BATCH * check.description.input.size);
    vec![check, constant]
}

/// In one piece, and in segments shorter than what mixes time reaches.
fn over_time(check: Check) -> Vec<Check> {
    let [varied, constant] = [0, 1].map(|i| both(check.clone()).swap_remove(i));
    let cut = [1, 2].map(|steps| Check { segment: Some(steps), ..varied.clone() });
    [varied, constant].into_iter().chain(cut).collect()
}

macro_rules! checks {
    ($($name:ident: $checks:expr;)*) => {
        $(#[test]
        fn $name() {
            $checks.iter().for_each(|check: &Check| check.run(stringify!($name)));
        })*

        fn all() -> Vec<Description> {
            let checks = [$($checks),*];
            checks.into_iter().flatten().map(|check| check.description).collect()
        }
    };
}

checks! {
    dense_layers_that_no_population_follows: both(chain(
        &json!([2, 3, 2]),
        vec![conv("conv", [2, 2], &[2, 2], json!({})), dense("first", 4, 70), layer_norm("norm", false)],
        70,
    ));
    one_weight_for_each_element: both(chain(
        &json!([2, 3, 4]),
        vec![
            json!({ "kind": "one-to-one", "name": "each", "neurons": 24,
                "initial": { "kind": "uniform", "low": -1.0, "high": 1.0 } }),
            layer_norm("norm", false),
        ],
        24,
    ));
    convolutions_with_stride_padding_dilation_and_groups: both(chain(
        // [4, 6, 5] to [6, 3, 5].
        &json!([4, 6, 5]),
        vec![conv("conv", [4, 6], &[3, 3], json!({ "stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "groups": 2 }))],
        90,
    ));
    convolutions_of_single_pixels_that_skip_the_last: both(chain(
        // [3, 2, 1] to [4, 1, 1]: a stride that leaves one pixel of two.
        &json!([3, 2, 1]),
        vec![conv("conv", [3, 4], &[1, 1], json!({ "stride": [2, 2] }))],
        4,
    ));
    convolutions_one_channel_at_a_time: both(chain(
        &json!([3, 5, 4]),
        vec![conv("conv", [3, 6], &[2, 3], json!({ "groups": 3 }))],
        48,
    ));
    convolutions_over_one_axis: both(chain(
        &json!([2, 12]),
        vec![
            conv("conv", [2, 5], &[4], json!({ "stride": [2], "padding": [1] })),
            li("between", 30),
            conv("again", [5, 2], &[3], json!({})),
        ],
        8,
    ));
    transposed_convolutions: both(chain(
        // [4, 3, 3] to [2, 6, 5].
        &json!([4, 3, 3]),
        vec![conv("conv", [4, 2], &[3, 3], json!({ "stride": [2, 1], "padding": [1, 0], "outputPadding": [1, 0], "groups": 2 }))],
        60,
    ));
    max_pools: both(chain(&json!([2, 6, 5]), vec![pool("pool", "max", 3, 2)], 8));
    max_pools_behind_a_convolution: both(chain(
        &json!([2, 6, 7]),
        vec![conv("conv", [2, 7], &[3, 2], json!({})), pool("pool", "max", 2, 2)],
        42,
    ));
    max_pools_whose_windows_overlap: both(chain(
        &json!([2, 6, 6]),
        vec![conv("conv", [2, 3], &[2, 2], json!({})), pool("pool", "max", 3, 1)],
        27,
    ));
    average_pools: both(chain(
        &json!([2, 5, 4]),
        vec![conv("conv", [2, 3], &[2, 2], json!({})), pool("pool", "average", 2, 1)],
        18,
    ));
    sum_pools: both(chain(
        &json!([2, 5, 4]),
        vec![conv("conv", [2, 3], &[2, 2], json!({})), pool("pool", "sum", 2, 1)],
        18,
    ));
    batch_norm_over_time: [
        json!({ "affine": true }),
        json!({ "affine": false }),
        json!({ "affine": true, "bias": false }),
        json!({ "affine": true, "eachStep": true }),
        json!({ "affine": true, "eachStep": true, "steps": STEPS }),
        json!({ "affine": true, "eachStep": true, "steps": STEPS, "bias": false }),
        json!({ "affine": false, "eachStep": true, "steps": STEPS }),
    ].into_iter().flat_map(|options| {
        let mut norm = json!({ "kind": "batch-norm", "name": "norm", "epsilon": 1e-3, "momentum": 0.1, "scale": 0.8 });
        norm.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        // A population alone reads it, of whose panels one ends within a channel, or a layer does.
        let conv = conv("conv", [2, 7], &[2, 2], json!({}));
        let read = chain(&json!([2, 5, 4]), vec![conv.clone(), norm.clone(), li("between", 84)], 84);
        let kept = chain(&json!([2, 5, 4]), vec![conv, norm], 84);
        [read, kept].into_iter().flat_map(both)
    }).collect::<Vec<_>>();
    a_part_as_an_image: both(chain(
        &json!([5]),
        vec![
            dense("first", 5, 14),
            json!({ "kind": "slice", "name": "image", "from": 1, "shape": [3, 2, 2] }),
            conv("conv", [3, 4], &[2, 1], json!({})),
        ],
        8,
    ));
    one_axis_as_an_image: both(chain(
        &json!([5]),
        vec![
            dense("first", 5, 12),
            json!({ "kind": "unflatten", "name": "image", "shape": [3, 2, 2] }),
            conv("conv", [3, 4], &[2, 1], json!({})),
        ],
        8,
    ));
    convolutions_of_volumes: both(chain(
        // [2, 3, 4, 3] to [4, 2, 2, 2].
        &json!([2, 3, 4, 3]),
        vec![json!({ "kind": "conv3d", "name": "conv", "in": 2, "out": 4, "kernel": [2, 3, 2], "stride": [1, 2, 2],
            "padding": [0, 1, 1], "dilation": [1, 1, 1], "groups": 2 })],
        32,
    ));
    norm_by_the_root_mean_square: both(chain(
        &json!([2, 3, 4]),
        vec![json!({ "kind": "rms-norm", "name": "norm", "epsilon": 1e-3, "affine": true })],
        24,
    ));
    norm_of_a_layer: both(chain(&json!([2, 3, 4]), vec![layer_norm("norm", true)], 24));
    dropout: both(chain(
        &json!([2, 3, 4]),
        vec![conv("conv", [2, 3], &[2, 2], json!({})), json!({ "kind": "dropout", "name": "dropout", "rate": 0.4 })],
        18,
    ));
    an_embedding: vec![Check {
        values: (0..STEPS * BATCH).map(|i| (i * 5 % 7) as f64).collect(),
        input: false,
        ..chain(&json!([1]), vec![json!({ "kind": "embedding", "name": "table", "count": 7, "size": 5 })], 5)
    }];
    concatenations_sums_and_products_of_branches: ["concat", "add", "multiply"].into_iter().flat_map(|join| {
        let nodes = vec![
            conv("a", [2, 3], &[2, 2], json!({})),
            conv("b", [2, 3], &[2, 2], json!({})),
            lif("spikes", 18),
            json!({ "kind": join, "name": "join" }),
        ];
        let edges = vec![
            json!(["input", "a"]), json!(["input", "b"]), json!(["b", "spikes"]), json!(["a", "join"]),
            json!(["spikes", "join"]),
        ];
        both(network(&json!([2, 3, 4]), nodes, edges, "join", if join == "concat" { 36 } else { 18 }))
    }).collect::<Vec<_>>();
    products_with_one_pixel_for_all: both(network(
        &json!([2, 3, 4]),
        vec![
            conv("image", [2, 3], &[2, 2], json!({})),
            conv("pixel", [2, 3], &[3, 4], json!({})),
            json!({ "kind": "multiply", "name": "join" }),
        ],
        vec![json!(["input", "image"]), json!(["input", "pixel"]), json!(["image", "join"]), json!(["pixel", "join"])],
        "join",
        18,
    ));
    products_of_matrices: both(network(
        &json!([12]),
        vec![
            dense("a", 12, 12),
            dense("b", 12, 20),
            lif("spikes", 20),
            json!({ "kind": "matrix-product", "name": "join", "rows": 3, "inner": 4, "columns": 5 }),
        ],
        vec![
            json!(["input", "a"]), json!(["input", "b"]), json!(["b", "spikes"]), json!(["a", "join"]),
            json!(["spikes", "join"]),
        ],
        "join",
        15,
    ));
    attention: [1, 2].into_iter().flat_map(|heads| {
        // Queries over three tokens, keys and values over five.
        let nodes = vec![
            conv("q", [2, 4], &[3], json!({})),
            conv("k", [2, 4], &[1], json!({})),
            conv("v", [2, 6], &[1], json!({})),
            lif("spikes", 30),
            json!({ "kind": "attention", "name": "join", "heads": heads, "scale": 0.5 }),
        ];
        let edges = vec![
            json!(["input", "q"]), json!(["input", "k"]), json!(["input", "v"]), json!(["v", "spikes"]),
            json!(["q", "join"]), json!(["k", "join"]), json!(["spikes", "join"]),
        ];
        both(network(&json!([2, 5]), nodes, edges, "join", 18))
    }).collect::<Vec<_>>();
    lateral_inhibition: both(network(
        &json!([2, 3, 4]),
        vec![
            conv("conv", [2, 3], &[2, 2], json!({})),
            lif("neurons", 18),
            json!({ "kind": "inhibition", "name": "join" }),
        ],
        vec![
            json!(["input", "conv"]), json!(["conv", "neurons"]), json!(["neurons", "join"]),
            json!(["neurons", "join", { "state": "v" }]),
        ],
        "join",
        18,
    ));
    delays_behind_the_input_and_behind_a_population: {
        let delay =
            json!({ "max": 2.0, "initial": { "kind": "uniform", "low": 0.05, "high": 1.95 }, "trainable": true });
        let mut delayed = dense("delayed", 5, 70);
        delayed["delay"] = delay;
        [vec![delayed.clone(), li("between", 70)], vec![li("before", 5), delayed]]
            .into_iter()
            .flat_map(|nodes| over_time(chain(&json!([5]), nodes, 70)))
            .collect::<Vec<_>>()
    };
    filters_over_time: [false, true].into_iter().flat_map(|each| {
        let filter = json!({ "kind": "filter", "name": "filter", "length": 3, "each": each, "bias": true,
            "initial": { "kind": "normal", "mean": 0.0, "std": 1.0 } });
        let behind = vec![conv("conv", [2, 3], &[2], json!({})), filter.clone()];
        let mut checks = over_time(chain(&json!([3, 4]), vec![filter], 12));
        checks.extend(over_time(chain(&json!([2, 5]), behind, 12)));
        checks
    }).collect::<Vec<_>>();
    filters_that_neurons_read: {
        let filter = json!({ "kind": "filter", "name": "filter", "length": 3, "each": true, "bias": true,
            "initial": { "kind": "normal", "mean": 0.0, "std": 1.0 } });
        let nodes = vec![conv("conv", [2, 3], &[2, 2], json!({})), filter, lif("neurons", 18)];
        over_time(chain(&json!([2, 3, 4]), nodes, 18))
    };
    reductions_over_time: ["sum", "mean", "max"].into_iter().flat_map(|reduction| {
        let reduce = json!({ "kind": "time-reduction", "name": "reduce", "reduction": reduction });
        let image = vec![conv("conv", [2, 3], &[2, 2], json!({})), reduce.clone()];
        let mut read = image.clone();
        read.push(lif("neurons", 18));
        let mut checks = over_time(chain(&json!([2, 3, 4]), image, 18));
        checks.extend(over_time(chain(&json!([2, 3, 4]), read, 18)));
        checks.extend(over_time(chain(&json!([12]), vec![lif("before", 12), reduce], 12)));
        checks
    }).collect::<Vec<_>>();
    functions_of_tensors: {
        let traced = |axes: serde_json::Value, means: &[&str], main: &str, size: usize| {
            let mut nodes = vec![
                json!({ "op": "input", "name": "x", "axes": axes }),
                json!({ "op": "input", "name": "parameter:w", "axes": [["in", size], [main, size]] }),
            ];
            let mut from = 0;
            for axis in means {
                nodes.push(json!({ "op": "mean", "axis": axis, "of": [from] }));
                from = nodes.len() - 1;
            }
            nodes.push(json!({ "op": "contract", "left": main, "right": "in", "of": [from, 1] }));
            nodes.push(json!({ "op": "sigmoid", "of": [nodes.len() - 1] }));
            nodes.push(json!({ "op": "mul", "of": [0, nodes.len() - 1] }));
            let last = nodes.len() - 1;
            let w = json!({ "name": "w", "shape": [size, size], "initial": { "kind": "normal", "mean": 0.0, "std": 1.0 } });
            json!({ "kind": "traced", "name": "gate", "graph": { "nodes": nodes, "results": [["y", last]] }, "parameters": [w] })
        };
        let image = json!([["channel", 2], ["y", 3], ["x", 4]]);
        let mut checks = both(chain(&json!([6]), vec![traced(json!([["neuron", 6]]), &[], "neuron", 6)], 6));
        checks.extend(both(chain(&json!([2, 3, 4]), vec![traced(image, &["y", "x"], "channel", 2)], 24)));
        checks
    };
    mixtures_of_steps: [(None, None), (Some(2), None), (Some(2), Some(0.4))].into_iter().flat_map(|(order, lambda)| {
        let mut mixture = json!({ "kind": "mixture", "name": "mixture", "steps": STEPS, "bias": true });
        order.inspect(|order| mixture["order"] = json!(order));
        lambda.inspect(|lambda| mixture["lambda"] = json!(lambda));
        both(chain(&json!([3, 4]), vec![mixture], 12))
    }).collect::<Vec<_>>();
}

/// The kinds of nodes that a description may have, as reading one tells.
fn kinds() -> BTreeSet<String> {
    let nodes = json!([{ "kind": "?" }]);
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 0, "input": { "size": 1 }, "nodes": nodes });
    let message = Description::from_json(&description.to_string()).unwrap_err().to_string();
    message.split('`').skip(3).step_by(2).map(String::from).collect()
}

/// A kind of layer without a check above fails here.
#[test]
fn every_kind_of_layer_is_checked() {
    let kind = |node| Some(serde_json::to_value(node).ok()?["kind"].as_str()?.to_string());
    let checked: BTreeSet<String> =
        all().iter().flat_map(|description| &description.nodes).filter_map(kind).collect();
    assert!(checked.contains("dynamics") && checked.len() >= 18, "{checked:?}");
    assert_eq!(checked, kinds());
}
