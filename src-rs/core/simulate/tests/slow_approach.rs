//! Every model that a constant current makes fire in equal intervals, from just above the least current on: single precision
//! has the intervals of double precision.

use super::{build, with_threads};
use crate::Precision;
use lapicque_base::control::Control;
use lapicque_dynamics::{Bound, MODELS};
use serde_json::{Value, json};

const STEPS: u64 = 3000;

/// The parameters that some models need.
fn neuron(model: &str) -> Option<(Value, Bound)> {
    let needed =
        [json!({}), json!({"tauMem": 10}), json!({"tauMem": 10, "tauSyn": 5}), json!({"beta": 0.99})];
    needed.into_iter().find_map(|params| {
        let neuron = json!({"model": model, "params": params});
        Bound::new(&neuron, 1, 0.1).ok().map(|bound| (neuron, bound))
    })
}

/// Intervals in steps under a constant current.
fn intervals<F: Precision>(neuron: &Value, port: &str, current: f64) -> Option<Vec<u64>> {
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 1, "neuron": neuron}],
        "inputs": [{"kind": "current", "to": "n", "port": port, "times": [0], "values": [current]}],
    });
    with_threads(1, || {
        let mut simulation = build::<F>(network, 1).ok()?;
        let steps = simulation.run(STEPS, &Control::detached()).ok()?.steps;
        Some(steps.windows(2).map(|pair| pair[1] - pair[0]).collect())
    })
}

fn mean(intervals: &[u64]) -> f64 {
    intervals.iter().sum::<u64>() as f64 / intervals.len() as f64
}

#[test]
fn single_precision_keeps_the_intervals_of_every_regular_model() {
    let mut compared = vec![];
    for model in MODELS {
        let definition = (model.definition)();
        let port = definition.ports.iter().find(|port| **port == "current").or(definition.ports.first());
        let (Some((neuron, _)), Some(port), true) = (neuron(definition.key), port, definition.spiking) else {
            continue;
        };
        let fires = |current: f64| intervals::<f64>(&neuron, port, current).is_some_and(|all| all.len() > 1);
        let Some(mut high) = (-6..8).map(|k| 4f64.powi(k)).find(|&current| fires(current)) else { continue };
        let mut low = high / 4.0;
        for _ in 0..14 {
            let middle = 0.5 * (low + high);
            *if fires(middle) { &mut high } else { &mut low } = middle;
        }
        for part in [1e-5, 3e-4, 3e-3, 3e-2, 0.3] {
            let current = high * (1.0 + part);
            let double = intervals::<f64>(&neuron, port, current).unwrap();
            let (least, most) = (double.iter().min(), double.iter().max());
            if double.is_empty() || least.zip(most).is_none_or(|(least, most)| most - least > 1) {
                continue;
            }
            let single = intervals::<f32>(&neuron, port, current).unwrap();
            let [got, want] = [mean(&single), mean(&double)];
            let allowed = (1e-4 * want).max(1.0);
            assert!((got - want).abs() <= allowed, "{} at {current}: {got} for {want}", definition.key);
            compared.push(definition.key);
        }
    }
    compared.dedup();
    println!("{compared:?}");
    assert!(compared.len() > 12, "{compared:?}");
}
