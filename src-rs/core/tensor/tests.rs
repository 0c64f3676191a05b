//! Values against formulas, gradients against finite differences in double precision.

use crate::{Bound, Builder, Cost, Graph, Node, Synapses};
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

/// A graph from nodes in JSON; the last node is the result.
fn graph(nodes: &[Value]) -> Result<Graph> {
    let mut builder = Builder::default();
    for node in nodes {
        builder.push(Node::from_json(node.clone())?)?;
    }
    let mut graph = builder.graph;
    graph.results = vec![("y".into(), graph.nodes.len() - 1)];
    Ok(graph)
}

fn bound(graph: &Graph, sizes: &[(&str, &[usize])]) -> Bound {
    let of = |name: &str| sizes.iter().find(|(other, _)| *other == name).map(|(_, sizes)| sizes.to_vec());
    Bound::new(graph, &of, &|_| true).expect("sizes fit")
}

/// Different numbers from -2 to 2.
fn numbers(seed: usize, n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| ((i + 1) as f64 * 0.7548776662466927 + seed as f64 * 0.5698402909980532).fract() * 4.0 - 2.0)
        .collect()
}

fn x(name: &str, axes: Value) -> Value {
    json!({"op": "input", "name": name, "axes": axes})
}

/// The result and the gradient of its weighted sum are compared with central differences of the weighted sum.
fn check(nodes: &[Value], sizes: &[(&str, &[usize])], map: impl Fn(f64) -> f64) {
    let graph = graph(nodes).expect("the graph is correct");
    let bound = bound(&graph, sizes);
    let mut inputs: Vec<(&str, Vec<f64>)> = sizes
        .iter()
        .enumerate()
        .map(|(i, (name, sizes))| (*name, numbers(i, sizes.iter().product()).into_iter().map(&map).collect()))
        .collect();
    let weighted = |inputs: &[(&str, Vec<f64>)]| -> (f64, Vec<f64>) {
        let run = bound
            .run(SimdLevel::detect(), &inputs.iter().map(|(n, v)| (*n, &v[..])).collect())
            .expect("it runs");
        let y = run.result("y").to_vec();
        let weights = numbers(9, y.len());
        (y.iter().zip(&weights).map(|(y, w)| y * w).sum(), weights)
    };
    let (_, weights) = weighted(&inputs);
    let gradients = {
        let run = bound
            .run(SimdLevel::detect(), &inputs.iter().map(|(n, v)| (*n, &v[..])).collect())
            .expect("it runs");
        run.gradients(vec![weights]).expect("it runs")
    };
    for k in 0..inputs.len() {
        let gradient = gradients.iter().find(|(name, _)| name == inputs[k].0).map(|(_, g)| g.clone());
        let largest = gradient.iter().flatten().fold(1.0f64, |m, x| m.max(x.abs()));
        for i in 0..inputs[k].1.len() {
            let (old, h) = (inputs[k].1[i], 1e-5);
            inputs[k].1[i] = old + h;
            let above = weighted(&inputs).0;
            inputs[k].1[i] = old - h;
            let below = weighted(&inputs).0;
            inputs[k].1[i] = old;
            let expected = (above - below) / (2.0 * h);
            let got = gradient.as_ref().map_or(0.0, |g| g[i]);
            assert!(
                (got - expected).abs() < 1e-7 * largest,
                "{nodes:?}: input {k}, element {i}: {got} {expected}"
            );
        }
    }
}

fn axes() -> Value {
    json!([["a", null], ["b", null], ["c", null]])
}

const SIZES: &[(&str, &[usize])] = &[("x", &[2, 3, 4])];

#[test]
fn elementwise_operations_have_the_gradients_of_finite_differences() {
    for f in crate::elementwise::Elementwise::ALL {
        let inputs: Vec<Value> = ["x", "w", "z"][..f.operands()].iter().map(|name| x(name, axes())).collect();
        let of: Vec<usize> = (0..f.operands()).collect();
        let mut nodes = inputs;
        nodes.push(json!({"op": f.name(), "of": of}));
        let sizes: &[(&str, &[usize])] = &[("x", &[2, 3, 4]), ("w", &[2, 3, 4]), ("z", &[2, 3, 4])];
        let is_positive = matches!(f.name(), "log" | "log1p" | "sqrt" | "pow" | "reciprocal" | "div");
        check(&nodes, &sizes[..f.operands()], |x| if is_positive { x.abs() + 0.1 } else { x });
    }
}

#[test]
fn operations_along_an_axis_have_the_gradients_of_finite_differences() {
    for axis in ["a", "b", "c"] {
        for op in ["sum", "mean", "prod", "max", "min", "logSumExp", "cumSum", "argMax", "argMin"] {
            check(&[x("x", axes()), json!({"op": op, "of": [0], "axis": axis})], SIZES, |x| x);
        }
        for op in [
            json!({"op": "slice", "of": [0], "axis": axis, "from": -2, "to": null, "step": 1}),
            json!({"op": "slice", "of": [0], "axis": axis, "from": 0, "to": 2, "step": 2}),
            json!({"op": "at", "of": [0], "axis": axis, "index": -1}),
            json!({"op": "pad", "of": [0], "axis": axis, "before": 1, "after": 2, "value": 0.5}),
            json!({"op": "rename", "of": [0], "from": axis, "to": "d"}),
            json!({"op": "argSort", "of": [0], "axis": axis, "descending": true}),
            json!({"op": "flatten", "of": [0], "axes": [axis], "name": "f"}),
        ] {
            check(&[x("x", axes()), op], SIZES, |x| x);
        }
    }
    for order in [["c", "a", "b"], ["b", "a", "c"]] {
        check(&[x("x", axes()), json!({"op": "transpose", "of": [0], "axes": order})], SIZES, |x| x);
        check(
            &[x("x", axes()), json!({"op": "flatten", "of": [0], "axes": order, "name": "f"})],
            SIZES,
            |x| x,
        );
    }
    let parts = json!([["d", 2], ["e", 2]]);
    check(&[x("x", axes()), json!({"op": "unflatten", "of": [0], "axis": "c", "axes": parts})], SIZES, |x| x);
}

#[test]
fn operations_on_several_tensors_have_the_gradients_of_finite_differences() {
    let sizes: &[(&str, &[usize])] = &[("x", &[2, 3, 4]), ("w", &[4, 5, 2])];
    let w = x("w", json!([["c", 4], ["d", 5], ["a", 2]]));
    let two = [x("x", axes()), w];
    let with = |op: Value| [&two[..], &[op]].concat();
    check(&with(json!({"op": "contract", "of": [0, 1], "left": "c", "right": "c"})), sizes, |x| x);
    check(&with(json!({"op": "mul", "of": [0, 1]})), sizes, |x| x);
    check(&with(json!({"op": "expand", "of": [0, 1], "axis": "d"})), sizes, |x| x);
    let sizes: &[(&str, &[usize])] = &[("x", &[2, 3, 4]), ("w", &[4, 6])];
    let matrix = [x("x", axes()), x("w", json!([["in", 4], ["c", 6]]))];
    let with = |op: Value| [&matrix[..], &[op]].concat();
    check(&with(json!({"op": "contract", "of": [0, 1], "left": "c", "right": "in"})), sizes, |x| x);
    let sizes: &[(&str, &[usize])] = &[("x", &[2, 3, 4]), ("w", &[2, 3, 4])];
    let two = [x("x", axes()), x("w", axes())];
    let with = |op: Value| [&two[..], &[op]].concat();
    check(&with(json!({"op": "concat", "of": [0, 1, 0], "axis": "b"})), sizes, |x| x);
    check(&with(json!({"op": "stack", "of": [0, 1], "axis": "s"})), sizes, |x| x);
    // Positions to gather: 0, 1, 2 from the order of another tensor.
    let sorted = json!({"op": "argSort", "of": [1], "axis": "b", "descending": false});
    check(
        &[two[0].clone(), two[1].clone(), sorted, json!({"op": "gather", "of": [0, 2], "axis": "b"})],
        sizes,
        |x| x,
    );
}

#[test]
fn a_loop_is_its_steps_one_after_the_other() {
    // v = 0.9 v + x; the output is v squared.
    let body = json!({
        "nodes": [
            {"op": "parameter", "index": 0, "axes": [["b", null], ["c", null]]},
            {"op": "parameter", "index": 1, "axes": [["b", null], ["c", null]]},
            {"op": "constant", "value": 0.9},
            {"op": "mul", "of": [0, 2]},
            {"op": "add", "of": [3, 1]},
            {"op": "square", "of": [4]},
        ],
        "results": [["carry", 4], ["out", 5]],
    });
    let scan = |result: usize| json!({"op": "scan", "of": [1, 0], "axis": "a", "carries": 1, "slices": 1, "body": body, "result": result});
    let start = json!({"op": "at", "of": [0], "axis": "a", "index": 0});
    for result in [0, 1] {
        check(&[x("x", axes()), start.clone(), scan(result)], SIZES, |x| x);
    }
}

#[test]
fn a_spike_has_the_surrogate_s_gradient() {
    let nodes = [
        x("x", axes()),
        json!({"op": "spike", "of": [0], "surrogate": {"name": "triangular", "width": 1.0}}),
    ];
    let graph = graph(&nodes).expect("a graph");
    let bound = bound(&graph, SIZES);
    let v = numbers(0, 24);
    let run = bound.run(SimdLevel::detect(), &vec![("x", &v[..])]).expect("it runs");
    assert!(run.result("y").iter().zip(&v).all(|(&y, &v)| y == if v > 0.0 { 1.0 } else { 0.0 }));
    let gradient = run.gradients(vec![vec![1.0; 24]]).expect("it runs");
    for (&g, &v) in gradient[0].1.iter().zip(&v) {
        assert!((g - (1.0 - v.abs()).max(0.0)).abs() < 1e-12, "{g} at {v}");
    }
}

#[test]
fn wrong_nodes_are_refused() {
    let code = |nodes: &[Value]| graph(nodes).expect_err("it is refused").to_string();
    let wrong = |op: Value| code(&[x("x", json!([["a", 2], ["b", 3]])), x("w", json!([["a", 4]])), op]);
    assert!(wrong(json!({"op": "add", "of": [0, 1], "at": "loss.mjs:3:7"})).contains("add (loss.mjs:3:7)"));
    assert!(
        wrong(json!({"op": "sum", "of": [0], "axis": "time"}))
            .contains("unknown axis of sum \"time\"; known are a, b")
    );
    assert!(wrong(json!({"op": "sun", "of": [0], "axis": "a"})).contains("unknown variant"));
    assert!(wrong(json!({"op": "add", "of": [0]})).contains("operands"));
    assert!(wrong(json!({"op": "add", "of": [0, 7]})).contains("node 7"));
    assert!(wrong(json!({"op": "at", "of": [0], "axis": "a", "index": 2})).contains("position"));
    assert!(wrong(json!({"op": "constant", "value": null})).contains("constant"));
    assert!(wrong(json!({"op": "unflatten", "of": [0], "axis": "b", "axes": [["c", 2]]})).contains("[b 3]"));
}

/// A gate `x sigmoid(x w + b)` of 4 rows of 3 by hand, and the fan-out of each element: its nonzero weights.
#[test]
fn costs_are_those_counted_by_hand() {
    let nodes = [
        x("x", json!([["row", null], ["neuron", 3]])),
        x("w", json!([["in", 3], ["neuron", 3]])),
        x("b", json!([["neuron", 3]])),
        json!({"op": "contract", "left": "neuron", "right": "in", "of": [0, 1]}),
        json!({"op": "add", "of": [3, 2]}),
        json!({"op": "sigmoid", "of": [4]}),
        json!({"op": "mul", "of": [0, 5]}),
    ];
    let graph = graph(&nodes).expect("the graph is correct");
    let bound = bound(&graph, &[("x", &[4, 3]), ("w", &[3, 3]), ("b", &[3])]);
    let of_x = |name: &str| name == "x";
    // 12 sigmoids and 12 products of two signals; neither the products with w nor the bias.
    assert_eq!(bound.cost("x", &of_x), Cost { multiply_adds: 24, additions: 0 });
    let values = [1.0, 0.0, 2.0, 0.0, 0.0, 3.0, 1.0, 1.0, 1.0];
    let inputs = vec![("x", &[0.0; 12][..]), ("w", &values[..]), ("b", &[0.0; 3][..])];
    let synapses = bound.synapses("x", &|name| name == "x", &inputs).expect("it runs");
    assert_eq!(synapses, Synapses { fan_outs: [2, 1, 3].repeat(4), all: 36 });
}

/// A row of five elements is seen through windows of three, as a convolution with two kernels.
#[test]
fn products_of_moved_elements_are_synapses() {
    let window = |k: usize| json!({"op": "slice", "axis": "x", "from": k, "to": k + 3, "step": 1, "of": [0]});
    let nodes = [
        x("x", json!([["x", 5]])),
        x("w", json!([["tap", 3], ["channel", 2]])),
        window(0),
        window(1),
        window(2),
        json!({"op": "stack", "axis": "tap", "of": [2, 3, 4]}),
        json!({"op": "contract", "left": "tap", "right": "tap", "of": [5, 1]}),
        json!({"op": "max", "axis": "x", "of": [6]}),
        json!({"op": "mean", "axis": "channel", "of": [7]}),
    ];
    let graph = graph(&nodes).expect("the graph is correct");
    let bound = bound(&graph, &[("x", &[5]), ("w", &[3, 2])]);
    // 6 comparisons and 2 additions; the division of the mean.
    assert_eq!(bound.cost("x", &|name| name == "x"), Cost { multiply_adds: 1, additions: 8 });
    let inputs = vec![("x", &[0.0; 5][..]), ("w", &[1.0; 6][..])];
    let synapses = bound.synapses("x", &|name| name == "x", &inputs).expect("it runs");
    assert_eq!(synapses, Synapses { fan_outs: vec![2, 4, 6, 4, 2], all: 18 });
}
