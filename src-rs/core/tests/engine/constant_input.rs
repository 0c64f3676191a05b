//! Input that is the same at every step against the same rows given step by step: the states of what it feeds are made
//! again in the backward pass, where otherwise the tape keeps them, so gradients differ by the order of sums alone.

use lapicque_core::control::Control;
use lapicque_core::exec::InputKind;
use lapicque_core::exec::Network;
use lapicque_core::exec::estimate::Workload;
use lapicque_core::exec::input::InputValues;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};

const SIZE: usize = 6;
const INPUTS: usize = SIZE * SIZE;
/// Five panels, the last of which is not full; of a convolution, eight channels.
const NEURONS: usize = 8 * SIZE * SIZE;
const CLASSES: usize = 3;
const STEPS: usize = 100;
/// Two tiles, the second of which is not full.
const BATCH: usize = 21;

fn network(first: Value, dynamics: &Value) -> Network<f64> {
    let nodes = json!([
        first,
        { "kind": "dynamics", "name": "hidden", "neurons": NEURONS, "dynamics": dynamics },
        { "kind": "dense", "name": "read", "in": NEURONS, "out": CLASSES, "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": 1 } },
        { "kind": "dynamics", "name": "out", "neurons": CLASSES,
            "dynamics": { "model": "li", "params": { "beta": 0.7 } } },
    ]);
    let edges = json!([["input", "first"], ["first", "hidden"], ["hidden", "read"], ["read", "out"]]);
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 5,
        "input": { "size": INPUTS, "shape": [1, SIZE, SIZE] }, "nodes": nodes, "edges": edges, "output": "out" });
    let description = Description::from_json(&description.to_string()).unwrap();
    Network::new(&description, SimdLevel::detect()).unwrap()
}

/// Spikes, the gradients of all parameters and that of the input summed over time.
fn learn(
    network: Network<f64>,
    image: &[f64],
    constant: bool,
    segment: Option<usize>,
) -> (u64, Vec<Vec<f64>>) {
    let level = SimdLevel::detect();
    let values = if constant { image.to_vec() } else { image.repeat(STEPS) };
    let input = InputValues::new(&values, [STEPS, BATCH, INPUTS], constant, level).unwrap();
    let labels: Vec<u32> = (0..BATCH).map(|i| (i % CLASSES) as u32).collect();
    let batch = Batch { input, targets: Targets::Classes(&labels), lengths: None, extra: &[], initial: None };
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
    let mut training = Training::new(network);
    let mut of_input = vec![0.0; values.len()];
    let report = training.gradients(&batch, &objective, Some(&mut of_input), &Control::detached()).unwrap();
    let mut gradients: Vec<Vec<f64>> =
        training.network.parameters.iter().map(|p| p.layout.to_public(&p.grad)).collect();
    let mut summed = vec![0.0; BATCH * INPUTS];
    for step in of_input.chunks(summed.len()) {
        summed.iter_mut().zip(step).for_each(|(sum, &x)| *sum += x);
    }
    gradients.push(summed);
    (report.spikes.iter().sum(), gradients)
}

#[track_caller]
fn same_gradients(what: &str, first: &Value, dynamics: &Value, segment: Option<usize>) {
    let mut image = vec![0.0_f64; BATCH * INPUTS];
    Rng::new(11, 5).fill_uniform(&mut image, 0);
    let network = || network(first.clone(), dynamics);
    let (spikes, again) = learn(network(), &image, true, segment);
    let (expected_spikes, kept) = learn(network(), &image, false, segment);
    assert_eq!(spikes, expected_spikes, "{what}");
    assert!(spikes > 1000, "{what}: {spikes} spikes");
    assert!(kept.len() > 5, "{what}: weights, biases, what is learned of the neurons, and the input");
    for (i, (again, kept)) in again.iter().zip(&kept).enumerate() {
        let largest = kept.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        assert!(largest > 0.0, "{what}: gradient {i} is 0");
        let error = again.iter().zip(kept).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
        assert!(error < 1e-11 * largest, "{what}: gradient {i} is off by {error} of {largest}");
    }
}

fn dense(gain: f64) -> Value {
    json!({ "kind": "dense", "name": "first", "in": INPUTS, "out": NEURONS, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": gain } })
}

fn models() -> [Value; 4] {
    let surrogate = json!({ "name": "atan", "alpha": 2 });
    [
        json!({ "model": "lif", "params": { "beta": 0.9 }, "learn": ["beta", "vThreshold"], "surrogate": surrogate }),
        // Its adjoint reads the current.
        json!({ "model": "lif", "params": { "tauMem": 5.0 }, "learn": ["tauMem"], "surrogate": surrogate,
            "options": { "inputScale": "one-minus-beta" } }),
        json!({ "model": "cuba-lif", "params": { "alpha": 0.8, "beta": 0.9 }, "learn": ["alpha", "beta"],
            "surrogate": surrogate }),
        json!({ "model": "alif", "params": { "beta": 0.9, "rho": 0.95, "betaAdapt": 0.3 }, "learn": ["betaAdapt", "rho"],
            "surrogate": surrogate }),
    ]
}

#[test]
fn constant_input_gives_the_gradients_of_the_same_rows_step_by_step() {
    for dynamics in models() {
        same_gradients(&dynamics.to_string(), &dense(4.0), &dynamics, None);
    }
}

#[test]
fn so_it_does_by_segments_and_behind_a_convolution() {
    let [lif, scaled, ..] = models();
    same_gradients("segments", &dense(4.0), &lif, Some(40));
    let conv = json!({ "kind": "conv", "name": "first", "in": 1, "out": 8, "kernel": [3, 3], "stride": [1, 1],
        "padding": [1, 1], "dilation": [1, 1], "groups": 1, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": 4 } });
    same_gradients("convolution", &conv, &lif, None);
    same_gradients("convolution whose current is read", &conv, &scaled, None);
}

#[test]
fn the_states_take_no_memory() {
    let [lif, ..] = models();
    let network = network(dense(4.0), &lif);
    let of = |input| {
        let work = Workload {
            batch: BATCH,
            steps: STEPS,
            segment: STEPS,
            training: true,
            input,
            whole: false,
            moments: 0,
        };
        network.estimate(&work).tape
    };
    let states = (5 * 64 * 22 * STEPS * size_of::<f64>()) as u64;
    let buffers = states / 10 * rayon::current_num_threads() as u64;
    assert!(of(InputKind::Values) - of(InputKind::Constant) > states * 9 / 10 - buffers);
}
