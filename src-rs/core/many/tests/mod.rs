//! Each row of a sweep equals a separate simulation.

mod failures;
mod rows;
mod statistics;

use crate::{Sweep, Table};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_simulate::{Description, Precision};
use serde_json::{Value, json};

/// Two populations that excite and inhibit each other, driven by Poisson trains.
pub fn network() -> Value {
    let population = |name, size| json!({"name": name, "size": size, "neuron": {"model": "iaf-psc-exp", "params": {}, "options": {}}});
    let connection = |from, to, count, weight: f64| {
        let rule = json!({"kind": "fixed-in-degree", "count": count});
        json!({"from": from, "to": to, "rule": rule, "weight": weight, "delay": 1.5})
    };
    let drive = |to| json!({"kind": "poisson", "to": to, "rate": 8000, "weight": 28});
    json!({
        "dt": 0.1,
        "populations": [population("E", 160), population("I", 40)],
        "connections": [
            connection("E", "E", 16, 40.0), connection("E", "I", 16, 40.0),
            connection("I", "E", 4, -200.0), connection("I", "I", 4, -200.0),
        ],
        "inputs": [drive("E"), drive("I")],
    })
}

pub fn place(of: &str, index: usize, path: &[&str]) -> Value {
    json!({"of": of, "index": index, "path": path})
}

/// A sweep over axes, each a name and its locations, that returns spikes.
pub fn sweep(axes: &[(&str, Vec<Value>)], statistics: Value, [transient, steps]: [u64; 2]) -> Sweep {
    let axes: Vec<Value> =
        axes.iter().map(|(name, places)| json!({"name": name, "places": places})).collect();
    let told = json!({
        "axes": axes, "statistics": statistics, "names": {"means": ["E.v"], "lfp": []},
        "transient": transient, "steps": steps, "spikes": true,
    });
    Sweep::from_json(&told.to_string()).unwrap()
}

pub fn run<F: Precision>(
    sweep: &Sweep,
    network: &Value,
    (values, seeds): (&[Vec<f64>], &[u64]),
    level: SimdLevel,
    threads: usize,
) -> Result<Table> {
    let description = Description::from_json(&network.to_string()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| sweep.run(F::PRECISION, &description, values, seeds, level, &Control::detached()))
}

pub fn levels() -> impl Iterator<Item = SimdLevel> {
    SimdLevel::ALL.into_iter().filter(|level| level.is_supported())
}
