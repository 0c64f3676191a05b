//! Times training steps, without Node: `train_step STATIC|RATE|DEEP|DIGITS|CONV|SHD [threads] [steps]`.

use lapicque_core::code::numpy_rng::NumpyRng;
use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::packed::PackedSpikes;
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use lapicque_core::train::update::{Update, UpdateOptions};
use serde_json::{Value, json};
use std::time::Instant;

/// Sizes of the layers from the input on, steps, batch, and the share of inputs that are not zero.
struct Task {
    sizes: Vec<usize>,
    steps: usize,
    batch: usize,
    density: f32,
    constant: bool,
    input: Value,
    nodes: Vec<Value>,
    loss: Value,
}

fn task(name: &str) -> Task {
    let atan = json!({ "name": "atan", "alpha": 2 });
    let sigmoid = json!({ "name": "fast-sigmoid", "slope": 25 });
    let lif = |beta: f64, surrogate: &Value| json!({ "model": "lif", "params": { "beta": beta }, "surrogate": surrogate });
    let li = |beta: f64| json!({ "model": "li", "params": { "beta": beta } });
    let mean = json!({ "kind": "cross-entropy-mean-membrane" });
    let (sizes, steps, batch, density): (Vec<usize>, usize, usize, f32) = match name {
        "DEEP" => (vec![1024, 1024, 1024, 1024, 1024, 1024, 10], 100, 64, 0.05),
        "DIGITS" => (vec![64, 128, 10], 20, 64, 0.3),
        "SHD" => (vec![700, 256, 256, 20], 100, 256, 0.015),
        "CONV" => (vec![784, 1728, 1024, 10], 50, 128, 0.19),
        _ => (vec![784, 1000, 10], 25, 128, 0.0),
    };
    let mut input = json!({ "size": sizes[0] });
    let mut nodes = Vec::new();
    let dense = |i: usize, gain: f64| {
        json!({ "kind": "dense", "name": format!("d{i}"), "in": sizes[i], "out": sizes[i + 1], "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": gain }, "initialBias": { "kind": "zeros" } })
    };
    let conv = |i: usize, channels: [usize; 2], gain: f64| {
        json!({ "kind": "conv", "name": format!("c{i}"), "in": channels[0], "out": channels[1], "kernel": [5, 5],
            "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1, "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": gain }, "initialBias": { "kind": "zeros" } })
    };
    let neurons = |i: usize, dynamics: Value| json!({ "kind": "dynamics", "name": format!("l{i}"), "neurons": sizes[i + 1], "dynamics": dynamics });
    let pool = |i: usize| json!({ "kind": "pool", "name": format!("p{i}"), "pooling": "max", "kernel": [2, 2], "stride": [2, 2], "padding": [0, 0] });
    match name {
        "CONV" => {
            input["shape"] = json!([1, 28, 28]);
            let fire = lif(0.5, &sigmoid);
            nodes.extend([conv(0, [1, 12], 2.955), pool(0), neurons(0, fire.clone())]);
            nodes.extend([conv(1, [12, 64], 1.837), pool(1), neurons(1, fire.clone())]);
            nodes.extend([json!({ "kind": "flatten", "name": "f" }), dense(2, 3.886), neurons(2, fire)]);
        }
        "SHD" => {
            let fire = json!({ "model": "cuba-lif", "params": { "alpha": 0.9, "beta": 0.95 }, "surrogate": sigmoid });
            for (i, gain) in [0.8277, 0.2606].into_iter().enumerate() {
                nodes.extend([dense(i, gain), neurons(i, fire.clone())]);
            }
            nodes.extend([dense(2, 1.0), neurons(2, li(0.95))]);
        }
        _ => {
            let last = sizes.len() - 2;
            for i in 0..=last {
                let model = match name {
                    "DEEP" if i == last => li(0.9),
                    "DEEP" => lif(0.9, &sigmoid),
                    _ => lif(0.95, &atan),
                };
                nodes.extend([dense(i, if name == "DEEP" { 3.2 } else { 1.0 }), neurons(i, model)]);
            }
        }
    }
    let loss = match name {
        "DEEP" | "SHD" => mean,
        "CONV" => json!({ "kind": "cross-entropy-rate" }),
        _ => json!({ "kind": "cross-entropy-membrane", "perStep": "sum" }),
    };
    let constant = matches!(name, "STATIC" | "DIGITS" | "CONV");
    Task { sizes, steps, batch, density, constant, input, nodes, loss }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let name = args.get(1).map_or("RATE", String::as_str);
    let threads: usize = args.get(2).map_or(Ok(1), |t| t.parse())?;
    let count: usize = args.get(3).map_or(Ok(20), |t| t.parse())?;
    let Task { sizes, steps, batch, density, constant, input, mut nodes, loss } = task(name);
    // One after the other; in SHD both populations also feed back to themselves.
    let mut edges = Vec::new();
    let mut from = "input".to_string();
    for node in &nodes {
        let to = node["name"].as_str().unwrap_or_default().to_string();
        edges.push(json!([from, to]));
        from = to;
    }
    if name == "SHD" {
        for i in 0..2 {
            let (back, own) = (format!("r{i}"), format!("l{i}"));
            nodes.push(json!({ "kind": "dense", "name": back, "in": 256, "out": 256, "bias": true,
                "initial": { "kind": "fan-in-uniform", "gain": 0.25 }, "initialBias": { "kind": "zeros" } }));
            edges.extend([json!([own, back]), json!([back, own])]);
        }
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 42,
        "input": input, "nodes": nodes, "edges": edges, "output": from });
    let network =
        Network::<f32>::new(&Description::from_json(&description.to_string())?, SimdLevel::detect())?;
    let mut training = Training::new(network);
    let mut rng = NumpyRng::new(7);
    let labels = rng.integers(10, batch)?;
    // As real digits: a fifth of the pixels are not zero.
    let image = |x: f32| if x < 0.19 { 0.36 + 0.64 / 0.19 * x } else { 0.0 };
    let mut values = vec![0.0; if density == 0.0 || constant { batch * sizes[0] } else { 0 }];
    rng.fill_f32(&mut values);
    values.iter_mut().for_each(|x| *x = image(*x));
    let chance = |i: usize| if density == 0.0 { values[i % values.len()] } else { density };
    let bytes: Vec<u8> = match constant {
        true => vec![],
        false => {
            let mut drawn = vec![0.0; steps * batch * sizes[0]];
            rng.fill_f32(&mut drawn);
            drawn.iter().enumerate().map(|(i, &x)| u8::from(x < chance(i))).collect()
        }
    };
    let spikes = PackedSpikes::of_bytes(&bytes, sizes[0])?;
    let objective = Objective {
        loss: ObjectiveLoss::from_json(&loss)?,
        metrics: vec![],
        readout: None,
        regularizers: vec![],
        segment: None,
        method: Method::Bptt,
        population_classes: None,
        by: None,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build()?;
    pool.install(|| -> Result<(), lapicque_core::Error> {
        let mut times = Vec::new();
        let update = UpdateOptions {
            optimizer: json!({ "kind": "adam", "lr": 5e-4 }),
            scale: 1.0,
            clip_value: None,
            keep_gradients: false,
        };
        let names: Vec<String> = training.network.parameters.iter().map(|p| p.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let update = Update::new(&update, &names)?;
        for step in 1..=count as u64 {
            let begin = Instant::now();
            let input = match constant {
                true => InputValues::new(&values, [steps, batch, sizes[0]], true, SimdLevel::detect())?,
                false => InputValues::spikes(&spikes, [steps, batch])?,
            };
            let targets = Targets::Classes(&labels);
            let report = training.gradients(
                &Batch { input, targets, lengths: None, extra: &[], initial: None },
                &objective,
                None,
                &Control::detached(),
            )?;
            training.update(&update, 1.0)?;
            times.push(begin.elapsed().as_secs_f64() * 1e3);
            if step == 1 || step == count as u64 {
                println!("step {step}: loss {:.4}, spikes {:?}", report.loss, report.spikes);
            }
        }
        times.sort_by(f64::total_cmp);
        println!("{name}, {threads} threads: min {:.2} med {:.2} ms", times[0], times[times.len() / 2]);
        Ok(())
    })?;
    Ok(())
}
