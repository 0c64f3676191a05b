//! Times training steps of dense networks, without Node: `train_step STATIC|RATE|DEEP [threads] [steps]`.

use lapicque_core::code::numpy_rng::NumpyRng;
use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::packed::PackedSpikes;
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Objective};
use lapicque_core::train::loss::{LossSpec, Targets};
use lapicque_core::train::step::Training;
use serde_json::{Value, json};
use std::time::Instant;

/// Layer sizes, steps, batch, beta, surrogate, share of active inputs.
type Task = (Vec<usize>, usize, usize, f64, Value, f32);

fn task(name: &str) -> Task {
    let atan = json!({ "name": "atan", "alpha": 2 });
    match name {
        "DEEP" => (
            vec![1024, 1024, 1024, 1024, 1024, 1024, 10],
            100,
            64,
            0.9,
            json!({ "name": "fast-sigmoid", "slope": 25 }),
            0.05,
        ),
        "DIGITS" => (vec![64, 128, 10], 20, 64, 0.95, atan, 0.3),
        _ => (vec![784, 1000, 10], 25, 128, 0.95, atan, 0.129),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let name = args.get(1).map_or("RATE", String::as_str);
    let threads: usize = args.get(2).map_or(Ok(1), |t| t.parse())?;
    let count: usize = args.get(3).map_or(Ok(20), |t| t.parse())?;
    let constant = matches!(name, "STATIC" | "DIGITS");
    let (sizes, steps, batch, beta, surrogate, density) = task(name);
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    let mut from = "input".to_string();
    for (i, pair) in sizes.windows(2).enumerate() {
        let (dense, neurons) = (format!("d{i}"), format!("l{i}"));
        let last = name == "DEEP" && i + 2 == sizes.len();
        let model = if last {
            json!({ "model": "li", "params": { "beta": beta } })
        } else {
            json!({ "model": "lif", "params": { "beta": beta }, "surrogate": surrogate })
        };
        let gain = if name == "DEEP" { 3.2 } else { 1.0 };
        nodes.push(json!({ "kind": "dense", "name": dense, "in": pair[0], "out": pair[1], "bias": true,
            "initial": { "kind": "fan-in-uniform", "gain": gain }, "initialBias": { "kind": "zeros" } }));
        nodes.push(json!({ "kind": "dynamics", "name": neurons, "neurons": pair[1], "dynamics": model }));
        edges.push(json!([from, dense]));
        edges.push(json!([dense, neurons]));
        from = neurons;
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 42,
        "input": { "size": sizes[0] }, "nodes": nodes, "edges": edges, "output": from });
    let network =
        Network::<f32>::new(&Description::from_json(&description.to_string())?, SimdLevel::detect())?;
    let mut training = Training::new(network);
    let mut rng = NumpyRng::new(7);
    let labels = rng.integers(10, batch)?;
    // As real digits: a fifth of the pixels are not zero.
    let image = |x: f32| if x < 0.19 { 0.36 + x } else { 0.0 };
    let values = rng.random_f32(if constant { batch * sizes[0] } else { 0 })?;
    let values: Vec<f32> = values.into_iter().map(image).collect();
    let bytes: Vec<u8> = match constant {
        true => vec![],
        false => rng.random_f32(steps * batch * sizes[0])?.iter().map(|&x| u8::from(x < density)).collect(),
    };
    let spikes = PackedSpikes::of_bytes(&bytes, sizes[0])?;
    let loss = if name == "DEEP" {
        json!({ "kind": "cross-entropy-mean-membrane" })
    } else {
        json!({ "kind": "cross-entropy-membrane", "perStep": "sum" })
    };
    let objective = Objective { loss: LossSpec::from_json(&loss)?, regularisers: vec![], segment: None };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build()?;
    pool.install(|| -> Result<(), lapicque_core::Error> {
        let mut times = Vec::new();
        for step in 1..=count as u64 {
            let begin = Instant::now();
            let input = match constant {
                true => InputValues::new(&values, [steps, batch, sizes[0]], true, SimdLevel::detect())?,
                false => InputValues::spikes(&spikes, [steps, batch])?,
            };
            let targets = Targets::Classes(&labels);
            let report = training.gradients(
                &Batch { input, targets, lengths: None },
                &objective,
                None,
                &Control::detached(),
            )?;
            let update = json!({ "optimizer": { "kind": "adam", "lr": 5e-4 }, "step": step });
            training.update(
                &serde_json::from_value(update)
                    .map_err(|e| lapicque_core::Error::Internal { reason: e.to_string() })?,
            )?;
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
