//! Gradients through every layer without a state against central differences, in double precision, as
//! training computes them: with the statistics of the batch and with units dropped.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective};
use lapicque_core::train::loss::{LossSpec, Targets};
use lapicque_core::train::step::Training;
use serde_json::{Value, json};

const STEPS: usize = 3;
const BATCH: usize = 4;
const CLASSES: usize = 3;

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

fn dense(inputs: usize) -> Value {
    json!({ "kind": "dense", "name": "dense", "in": inputs, "out": CLASSES, "bias": true })
}

/// One behind the other, then a readout.
fn chain(shape: Value, mut nodes: Vec<Value>, last: usize) -> Description {
    nodes.extend([json!({ "kind": "flatten", "name": "flat" }), dense(last), li("out", CLASSES)]);
    let size: u64 = shape.as_array().into_iter().flatten().filter_map(Value::as_u64).product();
    let names: Vec<&Value> = nodes.iter().map(|node| &node["name"]).collect();
    let mut edges = vec![json!(["input", names[0]])];
    edges.extend(names.windows(2).map(|pair| json!(pair)));
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 3,
        "input": { "size": size, "shape": shape }, "nodes": nodes, "edges": edges, "output": "out" });
    Description::from_json(&description.to_string()).unwrap()
}

struct Check {
    description: Description,
    values: Vec<f64>,
    constant: bool,
    segment: Option<usize>,
}

impl Check {
    fn new(description: Description, constant: bool) -> Self {
        let rows = if constant { BATCH } else { STEPS * BATCH };
        let mut values = vec![0.0; rows * description.input.size];
        Rng::new(11, 5).fill_uniform(&mut values, 0);
        values.iter_mut().for_each(|x: &mut f64| *x = 2.0 * *x - 1.0);
        Check { description, values, constant, segment: None }
    }

    /// The loss with some parameters changed, and whatever else the step left.
    fn step(
        &self,
        values: &[f64],
        change: Option<(&str, usize, f64)>,
        dx: Option<&mut [f64]>,
    ) -> (f64, Network<f64>) {
        let mut network = Network::<f64>::new(&self.description, SimdLevel::detect()).unwrap();
        if let Some((name, index, by)) = change {
            let parameter = network.parameter_mut(name).unwrap();
            let mut values = parameter.values();
            values[index] += by;
            parameter.set(&values).unwrap();
        }
        let mut training = Training::new(network);
        let shape = [STEPS, BATCH, self.description.input.size];
        let input = InputValues::new(values, shape, self.constant, SimdLevel::detect()).unwrap();
        let targets = Targets::Classes(&[0, 2, 1, 2]);
        let objective = Objective {
            loss: LossSpec::from_json(&json!({ "kind": "cross-entropy-membrane" })).unwrap(),
            regularisers: vec![],
            segment: self.segment,
            method: Method::Bptt,
        };
        let batch = Batch { input, targets, lengths: None };
        let report = training.gradients(&batch, &objective, dx, &Control::detached()).unwrap();
        (report.loss, training.network)
    }

    #[track_caller]
    fn run(&self, input: bool) {
        let mut dx = vec![0.0; self.values.len()];
        let (_, network) = self.step(&self.values, None, input.then_some(&mut dx[..]));
        let mut draws = vec![0.0; 100];
        Rng::new(17, 1).fill_uniform(&mut draws, 0);
        let mut draws = draws.into_iter().cycle();
        let mut place = |len: usize| (draws.next().unwrap_or(0.0) * len as f64) as usize;
        let close = |analytic: f64, at: &dyn Fn(f64) -> f64, what: String| {
            // Fourth order: its error is below rounding. So near that no pool chooses another pixel.
            let h = 1e-5;
            let numeric = (at(-2.0 * h) - 8.0 * at(-h) + 8.0 * at(h) - at(2.0 * h)) / (12.0 * h);
            let error = (analytic - numeric).abs();
            assert!(error <= 1e-6 * numeric.abs().max(1e-3), "{what}: {analytic}, by differences {numeric}");
        };
        let trainable: Vec<_> = network.parameters.iter().filter(|p| p.trainable).collect();
        for _ in 0..100 / (trainable.len() + 1) {
            if input {
                let i = place(dx.len());
                let at = |by: f64| {
                    let mut values = self.values.clone();
                    values[i] += by;
                    self.step(&values, None, None).0
                };
                close(dx[i], &at, format!("input[{i}]"));
            }
            for parameter in &trainable {
                let gradient = parameter.layout.to_public(&parameter.grad);
                let i = place(gradient.len());
                let at = |by: f64| self.step(&self.values, Some((&parameter.name, i, by)), None).0;
                close(gradient[i], &at, format!("{}[{i}]", parameter.name));
            }
        }
    }
}

/// An input that varies, and one that does not.
#[track_caller]
fn check(shape: Value, nodes: Vec<Value>, last: usize) {
    for constant in [false, true] {
        Check::new(chain(shape.clone(), nodes.clone(), last), constant).run(true);
    }
}

#[test]
fn convolutions_with_stride_padding_dilation_and_groups() {
    let more = json!({ "stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "groups": 2 });
    // [4, 6, 5] to [6, 3, 5].
    check(json!([4, 6, 5]), vec![conv("conv", [4, 6], &[3, 3], more)], 90);
}

#[test]
fn convolutions_one_channel_at_a_time() {
    check(json!([3, 5, 4]), vec![conv("conv", [3, 6], &[2, 3], json!({ "groups": 3 }))], 48);
}

#[test]
fn convolutions_over_one_axis() {
    let more = json!({ "stride": [2], "padding": [1] });
    let nodes =
        vec![conv("conv", [2, 5], &[4], more), li("between", 30), conv("again", [5, 2], &[3], json!({}))];
    check(json!([2, 12]), nodes, 8);
}

#[test]
fn transposed_convolutions() {
    let more = json!({ "stride": [2, 1], "padding": [1, 0], "outputPadding": [1, 0], "groups": 2 });
    // [4, 3, 3] to [2, 6, 5].
    check(json!([4, 3, 3]), vec![conv("conv", [4, 2], &[3, 3], more)], 60);
}

#[test]
fn max_pools_alone_and_behind_a_convolution() {
    check(json!([2, 6, 5]), vec![pool("pool", "max", 3, 2)], 8);
    let nodes = vec![conv("conv", [2, 7], &[3, 2], json!({})), pool("pool", "max", 2, 2)];
    check(json!([2, 6, 7]), nodes, 42);
    // Windows that overlap.
    let nodes = vec![conv("conv", [2, 3], &[2, 2], json!({ "groups": 1 })), pool("pool", "max", 3, 1)];
    check(json!([2, 6, 6]), nodes, 27);
}

#[test]
fn other_pools() {
    for pooling in ["average", "sum"] {
        let nodes = vec![conv("conv", [2, 3], &[2, 2], json!({})), pool("pool", pooling, 2, 1)];
        check(json!([2, 5, 4]), nodes, 18);
    }
}

#[test]
fn batch_norm_over_time() {
    for affine in [true, false] {
        let norm = json!({ "kind": "batch-norm", "name": "norm", "epsilon": 1e-3, "momentum": 0.1, "affine": affine, "scale": 0.8 });
        let nodes = vec![conv("conv", [2, 3], &[2, 2], json!({})), norm, li("between", 36)];
        check(json!([2, 5, 4]), nodes, 36);
    }
}

#[test]
fn layer_norm() {
    let norm = json!({ "kind": "layer-norm", "name": "norm", "epsilon": 1e-3, "affine": true });
    check(json!([2, 3, 4]), vec![norm], 24);
}

#[test]
fn dropout() {
    let dropout = json!({ "kind": "dropout", "name": "dropout", "rate": 0.4 });
    check(json!([2, 3, 4]), vec![conv("conv", [2, 3], &[2, 2], json!({})), dropout], 18);
}

#[test]
fn an_embedding() {
    let nodes = vec![json!({ "kind": "embedding", "name": "table", "count": 7, "size": 5 })];
    let mut check = Check::new(chain(json!([1]), nodes, 5), false);
    check.values = (0..STEPS * BATCH).map(|i| (i * 5 % 7) as f64).collect();
    check.run(false);
}

/// In one piece, and in segments shorter than what mixes time reaches.
#[track_caller]
fn check_over_time(shape: Value, nodes: Vec<Value>, last: usize) {
    for (constant, segment) in [(false, None), (true, None), (false, Some(1)), (false, Some(2))] {
        let mut check = Check::new(chain(shape.clone(), nodes.clone(), last), constant);
        check.segment = segment;
        check.run(true);
    }
}

#[test]
fn delays() {
    let delay =
        json!({ "max": 2.0, "initial": { "kind": "uniform", "low": 0.05, "high": 1.95 }, "trainable": true });
    let delayed =
        json!({ "kind": "dense", "name": "delayed", "in": 5, "out": 70, "bias": true, "delay": delay });
    check_over_time(json!([5]), vec![delayed.clone(), li("between", 70)], 70);
    check_over_time(json!([5]), vec![li("before", 5), delayed], 70);
}

#[test]
fn filters_over_time() {
    for each in [false, true] {
        let filter = json!({ "kind": "filter", "name": "filter", "length": 3, "each": each, "bias": true,
            "initial": { "kind": "normal", "mean": 0.0, "std": 1.0 } });
        check_over_time(json!([3, 4]), vec![filter.clone()], 12);
        check_over_time(json!([2, 5]), vec![conv("conv", [2, 3], &[2], json!({})), filter], 12);
    }
}

#[test]
fn mixtures_of_steps() {
    for order in [None, Some(2)] {
        let mut mixture = json!({ "kind": "mixture", "name": "mixture", "steps": STEPS, "bias": true });
        order.inspect(|order| mixture["order"] = json!(order));
        check(json!([3, 4]), vec![mixture], 12);
    }
}
