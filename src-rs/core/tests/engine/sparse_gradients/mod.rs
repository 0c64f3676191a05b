//! Gradients of spikes that are computed only where a surrogate derivative is not zero, against the dense way and against
//! differences. A user's own derivative takes the dense way, because nothing is known of it: the same function, named and
//! written out, must give the same gradients.

mod differences;

use lapicque_core::control::Control;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::{ActiveCounts, Network};
use lapicque_core::graph::Description;
use lapicque_core::projection::Element;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};

const STEPS: usize = 12;
/// Two tiles, the second of which is not full.
const BATCH: usize = 19;
const CLASSES: usize = 3;

/// Surrogates whose derivative vanishes, and the same written out.
fn surrogates() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"name": "triangular", "height": 0.7, "width": 0.05}), "0.7 * max(0, 1 - abs(x) / 0.05)"),
        (json!({"name": "piecewise-quadratic", "alpha": 20}), "max(0, 20 - 400 * abs(x))"),
        (json!({"name": "rect", "alpha": 10}), "where(abs(x) < 0.05, 10, 0)"),
        (json!({"name": "boxcar", "width": 0.1, "height": 0.5}), "where(abs(x) < 0.05, 0.5, 0)"),
        (json!({"name": "step-pwl", "window": 0.02, "threshold": 2}), "where(x >= -0.02, 0.5, 0)"),
        (json!({"name": "piecewise-leaky-relu", "w": 0.05, "c": 0}), "where(abs(x) < 0.05, 10, 0)"),
        (json!({"name": "leaky-k-relu", "leak": 0, "k": 0.8}), "where(x >= 0, 0.8, 0)"),
        (json!({"name": "log-tailed-relu", "alpha": 0}), "where(x > 0, where(x > 1, 1 / x, 1), 0)"),
        (json!({"name": "heaviside"}), "where(x > 0, 1, 0)"),
        (json!({"name": "lso", "slope": 0}), "where(x > 0, 1, 0)"),
        (json!({"name": "sso", "mean": 0}), "where(x > 0, 1, 0)"),
        (json!({"name": "sfs", "B": 0.01}), "where(x > 0.01, 1 / (1 + 25 * abs(x))^2, 0)"),
    ]
}

fn lif(surrogate: Value) -> Value {
    json!({ "model": "lif", "params": { "beta": 0.9 }, "surrogate": surrogate })
}

fn dynamics(name: &str, neurons: usize, dynamics: Value) -> Value {
    json!({ "kind": "dynamics", "name": name, "neurons": neurons, "dynamics": dynamics })
}

fn dense(name: &str, inputs: usize, outputs: usize, gain: f64) -> Value {
    json!({ "kind": "dense", "name": name, "in": inputs, "out": outputs, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": gain } })
}

fn description(precision: &str, input: Value, nodes: &[Value]) -> Description {
    let mut before = "input".to_string();
    let mut edges = vec![];
    for node in nodes {
        let name = node["name"].as_str().unwrap().to_string();
        edges.push(json!([before, name]));
        before = name;
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": precision, "seed": 3, "input": input,
        "nodes": nodes, "edges": edges, "output": before });
    Description::from_json(&description.to_string()).unwrap()
}

/// Two hidden populations of these neurons.
fn layered(precision: &str, neuron: &Value) -> Description {
    let nodes = [
        dense("dense1", 40, 150, 2.0),
        dynamics("hidden1", 150, neuron.clone()),
        dense("dense2", 150, 700, 8.0),
        dynamics("hidden2", 700, neuron.clone()),
        dense("dense3", 700, CLASSES, 1.0),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.9 } })),
    ];
    description(precision, json!({ "size": 40 }), &nodes)
}

/// A convolution between two populations, with max pools or without.
fn convolved(precision: &str, neuron: &Value, pooled: bool, stride: usize) -> Description {
    let conv = |name: &str, channels: [usize; 2], stride: usize| {
        json!({ "kind": "conv", "name": name, "in": channels[0], "out": channels[1], "kernel": [3, 3],
            "stride": [stride, stride], "padding": [1, 1], "dilation": [1, 1], "groups": 1, "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": 4 } })
    };
    let size = if pooled || stride == 2 { 4 } else { 8 };
    let mut nodes = vec![
        conv("conv1", [2, 5], 1),
        dynamics("hidden1", 5 * 64, neuron.clone()),
        conv("conv2", [5, 32], stride),
    ];
    if pooled {
        nodes.push(json!({ "kind": "pool", "name": "pool", "pooling": "max", "kernel": [2, 2],
            "stride": [2, 2], "padding": [0, 0] }));
    }
    nodes.extend([
        dynamics("hidden2", 32 * size * size, neuron.clone()),
        json!({ "kind": "flatten", "name": "flat" }),
        dense("read", 32 * size * size, CLASSES, 1.0),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.9 } })),
    ]);
    description(precision, json!({ "size": 128, "shape": [2, 8, 8] }), &nodes)
}

/// What one batch gives.
struct Step {
    /// Each parameter with its gradient.
    gradients: Vec<(String, Vec<f64>)>,
    active: Vec<ActiveCounts>,
}

fn step<F: Element>(description: &Description, level: SimdLevel, segment: Option<usize>) -> Step {
    let size = description.input.size;
    let mut values = vec![0.0; STEPS * BATCH * size];
    Rng::new(11, 5).fill_uniform(&mut values, 0);
    let values: Vec<F> = values.iter().map(|&x: &f64| F::from_f64(x)).collect();
    let labels: Vec<u32> = (0..BATCH).map(|i| (i % CLASSES) as u32).collect();
    let objective = Objective {
        loss: ObjectiveLoss::from_json(&json!({ "kind": "cross-entropy-mean-membrane" })).unwrap(),
        metrics: vec![],
        readout: None,
        regularizers: vec![],
        segment,
        method: Method::Bptt,
        population_classes: None,
        by: None,
    };
    let input = InputValues::new(&values, [STEPS, BATCH, size], false, level).unwrap();
    let batch = Batch { input, targets: Targets::Classes(&labels), lengths: None, extra: &[], initial: None };
    let mut training = Training::<F>::new(Network::new(description, level).unwrap());
    let report = training.gradients(&batch, &objective, None, &Control::detached()).unwrap();
    let of = |p: &lapicque_core::exec::Parameter<F>| {
        let gradient = p.layout.to_public(&p.grad);
        (p.name.clone(), gradient.into_iter().map(|x| x.to_f64()).collect())
    };
    Step { gradients: training.network.parameters.iter().map(of).collect(), active: report.active }
}

/// Compares the named surrogate with the same written out; `neuron` makes the neuron of a surrogate.
#[track_caller]
fn check(
    what: &str,
    surrogate: &(Value, &str),
    describe: impl Fn(&Value) -> Description,
    neuron: impl Fn(Value) -> Value,
) {
    let level = SimdLevel::detect();
    let of = |surrogate: Value| step::<f64>(&describe(&neuron(surrogate)), level, None);
    let (sparse, dense) = (of(surrogate.0.clone()), of(json!({ "derivative": surrogate.1 })));
    let what = format!("{what}, {}", surrogate.0);
    let first = sparse.active[0];
    assert!(first.active > 0, "{what}: no neuron is active");
    assert!(first.computed > 0 && first.computed * 4 < first.products, "{what}: {first:?} is not sparse");
    assert!(first.computed <= first.active, "{what}: {first:?}");
    assert_eq!(dense.active[0], ActiveCounts::default(), "{what}: of a user's own nothing is known");
    close(&what, &sparse.gradients, &dense.gradients);
}

#[track_caller]
fn close(what: &str, sparse: &[(String, Vec<f64>)], dense: &[(String, Vec<f64>)]) {
    for ((name, sparse), (_, dense)) in sparse.iter().zip(dense) {
        let largest = dense.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        assert!(largest > 0.0, "{what}: {name} has no gradient");
        for (i, (a, b)) in sparse.iter().zip(dense).enumerate() {
            assert!(
                (a - b).abs() <= 1e-12 * largest,
                "{what}: {name}[{i}]: {a} and {b}, the largest is {largest}"
            );
        }
    }
}

#[test]
fn every_surrogate_that_vanishes_gives_the_gradients_of_the_dense_way() {
    for surrogate in &surrogates() {
        check("lif", surrogate, |neuron| layered("f64", neuron), lif);
    }
}

#[test]
fn resets_timings_and_refractory_periods_give_the_gradients_of_the_dense_way() {
    let surrogate = &surrogates()[0];
    for timing in ["next-step", "same-step", "snntorch-no-delay"] {
        for reset in ["subtract", "value", "none"] {
            for (detached, refractory) in [("true", 0), ("false", 0), ("true", 2), ("false", 2)] {
                let what = format!("{timing} {reset} {detached} {refractory}");
                check(
                    &what,
                    surrogate,
                    |neuron| layered("f64", neuron),
                    |surrogate| {
                        json!({ "model": "lif", "params": { "beta": 0.9, "refractorySteps": refractory },
                        "options": { "reset": reset, "resetTiming": timing, "detachReset": detached },
                        "surrogate": surrogate })
                    },
                );
            }
        }
    }
}

#[test]
fn other_populations_give_the_gradients_of_the_dense_way() {
    let surrogate = &surrogates()[0];
    let spread: Vec<f64> = (0..150).map(|i| 0.85 + 0.001 * i as f64).collect();
    let neurons: [(&str, Value); 5] = [
        (
            "thresholdBefore",
            json!({ "model": "lif", "params": { "beta": 0.9 }, "options": { "thresholdBefore": "true" } }),
        ),
        ("cuba-lif", json!({ "model": "cuba-lif", "params": { "beta": 0.9, "alpha": 0.5 } })),
        ("alif", json!({ "model": "alif", "params": { "beta": 0.9 } })),
        (
            "learned",
            json!({ "model": "lif", "params": { "beta": 0.9 }, "learn": ["beta", "vThreshold"],
            "options": { "detachReset": "false" } }),
        ),
        ("spikingjelly", json!({ "model": "lif", "like": "spikingjelly" })),
    ];
    for (what, neuron) in neurons {
        check(
            what,
            surrogate,
            |neuron| layered("f64", neuron),
            |surrogate| {
                let mut neuron = neuron.clone();
                neuron["surrogate"] = surrogate;
                neuron
            },
        );
    }
    let one_by_one = |neuron: &Value| {
        let mut description = serde_json::to_value(layered("f64", neuron)).unwrap();
        description["nodes"][1]["dynamics"]["params"]["beta"] = json!(spread);
        Description::from_json(&description.to_string()).unwrap()
    };
    check("a beta a neuron", surrogate, one_by_one, lif);
}

#[test]
fn convolutions_give_the_gradients_of_the_dense_way() {
    let surrogate = &surrogates()[0];
    for (pooled, stride) in [(false, 1), (true, 1), (false, 2)] {
        let what = format!("pooled {pooled}, stride {stride}");
        check(&what, surrogate, |neuron| convolved("f64", neuron, pooled, stride), lif);
    }
}

#[test]
fn segments_give_the_gradients_of_the_whole_sequence() {
    let description = layered("f64", &lif(surrogates()[0].0.clone()));
    let level = SimdLevel::detect();
    let (whole, cut) = (step::<f64>(&description, level, None), step::<f64>(&description, level, Some(5)));
    assert_eq!(whole.active, cut.active);
    close("segments", &cut.gradients, &whole.gradients);
}

#[test]
fn levels_and_threads_give_the_same_bits() {
    let neuron = lif(surrogates()[0].0.clone());
    for description in [layered("f32", &neuron), convolved("f32", &neuron, true, 1)] {
        let bits = |threads: usize, level: SimdLevel| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let step = pool.install(|| step::<f32>(&description, level, None));
            assert!(step.active[0].computed * 4 < step.active[0].products);
            let values = step.gradients.iter().flat_map(|(_, gradient)| gradient);
            values.map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let expected = bits(1, SimdLevel::Portable);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            for threads in [1, 3] {
                assert!(bits(threads, level) == expected, "{} threads, {}", threads, level.name());
            }
        }
    }
}

#[test]
fn a_population_that_is_mostly_active_takes_the_dense_way() {
    let neuron = lif(json!({ "name": "triangular", "width": 10 }));
    let step = step::<f64>(&layered("f64", &neuron), SimdLevel::detect(), None);
    let first = step.active[0];
    assert!(first.active * 2 > first.elements, "{first:?}");
    assert_eq!(first.computed, first.products);
}
