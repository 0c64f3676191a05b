//! What mixes time against its definition as plain sums, and in pieces and streams against the whole.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::run::{Recording, RunOutput, Variable};
use lapicque_core::exec::session::{Session, StepInput, Streaming};
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use lapicque_core::{Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;

const STEPS: usize = 9;
const BATCH: usize = 3;
const CHANNELS: usize = 3;

/// One layer, and a readout that passes on what leaves it.
fn network(node: Value, outputs: usize) -> Result<Network<f64>> {
    let readout = json!({ "kind": "dynamics", "name": "out", "neurons": outputs,
        "dynamics": { "model": "li", "params": { "beta": 0.0 } } });
    let description = json!({ "schema": 1, "dt": 0.5, "precision": "f64", "seed": 1, "input": { "size": CHANNELS },
        "nodes": [node, readout], "edges": [["input", node["name"]], [node["name"], "out"]], "output": "out" });
    Network::new(&Description::from_json(&description.to_string())?, SimdLevel::detect())
}

/// Spikes of a pattern without a period.
fn spikes(steps: usize) -> Vec<f64> {
    (0..steps * BATCH * CHANNELS).map(|i| f64::from(u8::from((i * i + i / 5) % 7 < 3))).collect()
}

fn run(
    network: &Network<f64>,
    values: &[f64],
    initial: Option<&RunOutput<f64>>,
) -> (Vec<f64>, RunOutput<f64>) {
    let shape = [values.len() / (BATCH * CHANNELS), BATCH, CHANNELS];
    let input = InputValues::new(values, shape, false, SimdLevel::detect()).unwrap();
    let record = [(0, Variable::State(0))];
    let output = network.run(input, &record, initial.map(|o| &o.state), &Control::detached()).unwrap();
    let Recording::State(v) = output.recordings[0].clone() else { panic!("a state was recorded") };
    (v, output)
}

/// Against `expected(step, sample, output)`, in two runs, and step by step.
fn check(network: Network<f64>, outputs: usize, expected: impl Fn(usize, usize, usize) -> f64) {
    let x = spikes(STEPS);
    let (whole, _) = run(&network, &x, None);
    for (i, &v) in whole.iter().enumerate() {
        let (step, sample, output) = (i / (BATCH * outputs), i / outputs % BATCH, i % outputs);
        let error = (v - expected(step, sample, output)).abs();
        assert!(error < 1e-12, "step {step}, sample {sample}, output {output}: off by {error}");
    }
    if network.needs_whole_sequence().is_some() {
        assert!(matches!(Streaming::new(Arc::new(network)), Err(Error::Unsupported { .. })));
        return;
    }
    let sequence = network.plan.whole_sequence().is_some();
    for cut in [1, 4].into_iter().filter(|_| !sequence) {
        let (first, rest) = x.split_at(cut * BATCH * CHANNELS);
        let (mut pieces, middle) = run(&network, first, None);
        pieces.extend(run(&network, rest, Some(&middle)).0);
        assert_eq!(pieces, whole, "cut at {cut}");
    }
    let mut session = Session::new(Arc::new(Streaming::new(Arc::new(network)).unwrap())).unwrap();
    for sample in 0..BATCH {
        // A sequence that is over begins anew by itself.
        if !sequence {
            session.reset();
        }
        for step in 0..STEPS {
            let row = &x[(step * BATCH + sample) * CHANNELS..][..CHANNELS];
            let events: Vec<u32> = (0..CHANNELS as u32).filter(|&i| row[i as usize] != 0.0).collect();
            session.step(StepInput::Events(&events)).unwrap();
            assert_eq!(session.membrane(), &whole[(step * BATCH + sample) * outputs..][..outputs]);
            // What is on its way is part of the state.
            let state = session.save();
            session.reset();
            session.restore(&state).unwrap();
        }
    }
}

fn entered(step: isize, sample: usize, channel: usize) -> f64 {
    let rows = spikes(STEPS);
    usize::try_from(step).map_or(0.0, |step| rows[(step * BATCH + sample) * CHANNELS + channel])
}

#[test]
fn spikes_arrive_after_their_delays() {
    // 66 outputs are more than a panel; a step is 0.5 ms, so that delays are 0 to 6 steps, rounded.
    let outputs = 66;
    let of = |f: fn(usize) -> f64| -> Vec<f64> { (0..outputs * CHANNELS).map(f).collect() };
    let (weights, delays) = (of(|i| (i % 11) as f64 - 4.0), of(|i| (i * 7 % 25) as f64 / 8.0));
    let node = json!({ "kind": "dense", "name": "delayed", "in": CHANNELS, "out": outputs, "bias": true,
        "initial": { "kind": "values", "values": weights }, "initialBias": { "kind": "constant", "value": 0.25 },
        "delay": { "max": 3.0, "initial": { "kind": "values", "values": delays }, "trainable": true } });
    check(network(node, outputs).unwrap(), outputs, |step, sample, output| {
        let term = |input: usize| {
            let synapse = output * CHANNELS + input;
            let lag = (delays[synapse] / 0.5 + 0.5).floor() as isize;
            weights[synapse] * entered(step as isize - lag, sample, input)
        };
        0.25 + (0..CHANNELS).map(term).sum::<f64>()
    });
}

#[test]
fn filters_are_causal_convolutions() {
    for each in [false, true] {
        let kernels = if each { CHANNELS } else { 1 };
        let kernel: Vec<f64> = (0..4 * kernels).map(|i| 1.0 / (i + 1) as f64).collect();
        let node = json!({ "kind": "filter", "name": "filter", "length": 4, "each": each, "bias": false,
            "initial": { "kind": "values", "values": kernel } });
        check(network(node, CHANNELS).unwrap(), CHANNELS, |step, sample, n| {
            let first = if each { n * 4 } else { 0 };
            (0..4).map(|lag| kernel[first + lag] * entered(step as isize - lag as isize, sample, n)).sum()
        });
    }
}

#[test]
fn reductions_give_what_the_steps_so_far_come_to() {
    type Reduction = fn(&[f64]) -> f64;
    let sum: Reduction = |seen| seen.iter().sum();
    let mean: Reduction = |seen| seen.iter().sum::<f64>() / seen.len() as f64;
    let max: Reduction = |seen| seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (reduction, of) in [("sum", sum), ("mean", mean), ("max", max)] {
        let node = json!({ "kind": "time-reduction", "name": "reduce", "reduction": reduction });
        check(network(node, CHANNELS).unwrap(), CHANNELS, |step, sample, n| {
            let seen: Vec<f64> = (0..=step).map(|s| entered(s as isize, sample, n)).collect();
            of(&seen)
        });
    }
}

/// The largest of values that are all negative, which a state of zeros would not give.
#[test]
fn the_largest_value_may_be_negative() {
    let node = json!({ "kind": "time-reduction", "name": "reduce", "reduction": "max" });
    let x: Vec<f64> = (0..STEPS * BATCH * CHANNELS).map(|i| -1.0 - ((i * 37) % 11) as f64).collect();
    let (v, _) = run(&network(node, CHANNELS).unwrap(), &x, None);
    let row = BATCH * CHANNELS;
    for (i, &v) in v.iter().enumerate() {
        let seen = x.iter().skip(i % row).step_by(row).take(i / row + 1);
        assert_eq!(v, seen.copied().fold(f64::NEG_INFINITY, f64::max));
    }
}

#[test]
fn mixtures_take_whole_sequences() {
    for (order, lambda) in
        [(None, None), (Some(4), None), (Some(1), None), (Some(4), Some(0.25)), (Some(4), Some(1.0))]
    {
        let weights: Vec<f64> = (0..STEPS * STEPS).map(|i| ((i * 5 + 1) % 13) as f64 - 6.0).collect();
        let mut node = json!({ "kind": "mixture", "name": "mixture", "steps": STEPS, "bias": true,
            "initial": { "kind": "values", "values": weights }, "initialBias": { "kind": "constant", "value": -1.0 } });
        order.inspect(|order| node["order"] = json!(order));
        lambda.inspect(|lambda| node["lambda"] = json!(lambda));
        let mixed = network(node, CHANNELS).unwrap();
        let short = spikes(STEPS - 1);
        let shape = [STEPS - 1, BATCH, CHANNELS];
        let input = InputValues::new(&short, shape, false, SimdLevel::detect()).unwrap();
        let refused = mixed.run(input, &[], None, &Control::detached());
        assert!(matches!(refused, Err(Error::ShapeMismatch { ref expected, .. }) if expected == "9 steps"));
        check(mixed, CHANNELS, |step, sample, n| {
            let seen = |s: usize| order.is_none_or(|order| s <= step && s + order > step);
            let share = |s: usize| if seen(s) { 1.0 } else { 1.0 - lambda.unwrap_or(1.0) };
            let term = |s: usize| share(s) * weights[step * STEPS + s] * entered(s as isize, sample, n);
            (0..STEPS).map(term).sum::<f64>() - 1.0
        });
    }
}

#[test]
fn batch_norms_with_weights_of_each_step_take_whole_sequences() {
    let norm = |steps: usize| {
        json!({ "kind": "batch-norm", "name": "norm", "epsilon": 1e-5, "momentum": 0.1, "affine": true, "scale": 0.5,
            "eachStep": true, "steps": steps })
    };
    let mut normed = network(norm(STEPS), CHANNELS).unwrap();
    let value = |name: &str, i: usize| match name {
        "norm.weight" => (i * 5 % 7) as f64 - 2.0,
        "norm.bias" => (i % 3) as f64,
        "norm.runningMean" => (i % 4) as f64 / 8.0,
        _ => 0.5 + (i % 5) as f64,
    };
    for name in ["norm.weight", "norm.bias", "norm.runningMean", "norm.runningVariance"] {
        let parameter = normed.parameter_mut(name).unwrap();
        assert_eq!(parameter.layout.shape(), [STEPS, CHANNELS]);
        let values: Vec<f64> = (0..STEPS * CHANNELS).map(|i| value(name, i)).collect();
        parameter.set(&values).unwrap();
    }
    for steps in [STEPS - 1, STEPS + 1] {
        let x = spikes(steps);
        let input = InputValues::new(&x, [steps, BATCH, CHANNELS], false, SimdLevel::detect()).unwrap();
        let refused = normed.run(input, &[], None, &Control::detached());
        assert!(matches!(refused, Err(Error::ShapeMismatch { ref expected, .. }) if expected == "9 steps"));
    }
    let mut session =
        Session::new(Arc::new(Streaming::new(Arc::new(normed.snapshot().unwrap())).unwrap())).unwrap();
    session.step(StepInput::Events(&[1])).unwrap();
    let x = spikes(STEPS);
    let input = InputValues::new(&x[..STEPS * CHANNELS], [STEPS, 1, CHANNELS], false, SimdLevel::detect());
    let refused = normed.run(input.unwrap(), &[], Some(&session.save()), &Control::detached());
    assert!(matches!(refused, Err(Error::Unsupported { .. })));
    check(normed, CHANNELS, |step, sample, n| {
        let [weight, bias, mean, variance] =
            ["norm.weight", "norm.bias", "norm.runningMean", ""].map(|name| value(name, step * CHANNELS + n));
        weight * 0.5 * (entered(step as isize, sample, n) - mean) / (variance + 1e-5).sqrt() + bias
    });
    let mut shared = norm(STEPS);
    shared["eachStep"] = json!(false);
    for node in [norm(0), norm(1 << 17), shared] {
        let error = network(node.clone(), CHANNELS).err();
        assert!(matches!(error, Some(Error::InvalidParameter { .. })), "{node}: {error:?}");
    }
}

#[test]
fn layers_that_take_whole_sequences_take_the_same() {
    let of = |steps: [usize; 2]| {
        let mixture = json!({ "kind": "mixture", "name": "mixture", "steps": steps[0], "bias": true });
        let norm = json!({ "kind": "batch-norm", "name": "norm", "epsilon": 1e-5, "momentum": 0.1, "affine": true, "scale": 1.0,
            "eachStep": true, "steps": steps[1] });
        let readout = json!({ "kind": "dynamics", "name": "out", "neurons": CHANNELS, "dynamics": { "model": "li", "params": { "beta": 0.0 } } });
        let description = json!({ "schema": 1, "dt": 0.5, "precision": "f64", "seed": 1, "input": { "size": CHANNELS },
            "nodes": [mixture, norm, readout], "edges": [["input", "mixture"], ["mixture", "norm"], ["norm", "out"]], "output": "out" });
        Network::<f64>::new(&Description::from_json(&description.to_string()).unwrap(), SimdLevel::detect())
    };
    assert!(of([4, 4]).is_ok());
    let error = of([4, 5]).err();
    let says = |layer: &str, expected: &str| layer == "norm" && expected == "4 steps as of mixture";
    assert!(
        matches!(error, Some(Error::ShapeMismatch { ref layer, ref expected, .. }) if says(layer, expected)),
        "{error:?}"
    );
}

#[test]
fn a_mask_may_close_between_runs() {
    let node = json!({ "kind": "mixture", "name": "mixture", "steps": STEPS, "order": 3, "lambda": 0.0, "bias": false });
    let mut open = network(node, CHANNELS).unwrap();
    let x = spikes(STEPS);
    let (whole, _) = run(&open, &x, None);
    assert_eq!(open.parameter("mixture.lambda").unwrap().values(), [0.0]);
    open.parameter_mut("mixture.lambda").unwrap().set(&[1.0]).unwrap();
    let (masked, end) = run(&open, &x, None);
    assert_ne!(whole, masked);
    // A sequence ends where the next one may begin, and a session can stop in the middle of one, where a run cannot begin.
    assert_eq!(run(&open, &x, Some(&end)).0, masked);
    let open = Arc::new(open);
    let mut session = Session::new(Arc::new(Streaming::new(open.clone()).unwrap())).unwrap();
    session.step(StepInput::Events(&[1])).unwrap();
    let shape = [STEPS, 1, CHANNELS];
    let input = InputValues::new(&x[..STEPS * CHANNELS], shape, false, SimdLevel::detect()).unwrap();
    let refused = open.run(input, &[], Some(&session.save()), &Control::detached());
    assert!(matches!(refused, Err(Error::Unsupported { .. })));
}

#[test]
fn lengths_and_delays_out_of_range_are_errors() {
    let delay = |max: f64| {
        json!({ "kind": "dense", "name": "delayed", "in": CHANNELS, "out": 2, "bias": true,
            "delay": { "max": max, "initial": { "kind": "zeros" }, "trainable": true } })
    };
    let filter = |length: usize| {
        json!({ "kind": "filter", "name": "filter", "length": length, "each": false, "bias": false,
            "initial": { "kind": "values", "values": [1.0, 2.0] } })
    };
    let mixture = |order: usize| json!({ "kind": "mixture", "name": "mixture", "steps": 4, "order": order, "bias": true });
    let mut half = mixture(2);
    half["lambda"] = json!(1.5);
    for (node, outputs) in
        [(delay(-1.0), 2), (delay(1e9), 2), (filter(0), 3), (mixture(0), 3), (mixture(5), 3), (half, 3)]
    {
        let error = network(node.clone(), outputs).err();
        assert!(matches!(error, Some(Error::InvalidParameter { .. })), "{node}: {error:?}");
    }
    let error = network(filter(3), CHANNELS).err();
    assert!(matches!(error, Some(Error::ShapeMismatch { .. })), "{error:?}");
}
