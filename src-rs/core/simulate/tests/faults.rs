//! Weights that cannot be summed end a run instead of arriving as others.

use super::{build, with_threads};
use crate::{Precision, Recording};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use serde_json::json;

/// Two sources with a synapse onto each of 200 neurons that add up what arrives; the second spikes at 1 and 2 ms. What
/// arrives is made of the weight, which is 1 and has no bounds.
fn run<F: Precision>(threads: usize, transmit: &str) -> Result<Recording> {
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 200, "neuron": {"model": "if", "params": {"vThreshold": 1e30}}}],
        "sources": [{"name": "S", "trains": [[], [1.0, 2.0]]}],
        "connections": [{"from": "S", "to": "n", "rule": {"kind": "all-to-all"}, "weight": 1, "delay": 0.5,
            "synapse": {"model": "custom", "equations": {"pre": "w += 0", "transmit": transmit}}}],
        "record": {"traces": [{"population": "n", "state": "v", "neurons": [0, 199]}]},
    });
    with_threads(threads, || build::<F>(network, 0)?.run(30, &Control::detached()))
}

fn told<F: Precision>(transmit: &str) {
    for threads in [1, 3] {
        match run::<F>(threads, transmit) {
            Err(Error::NonFinite { layer, step, name }) => {
                assert_eq!((layer.as_str(), step), ("connections[0] (S to n)", 15), "{transmit}");
                assert!(name.ends_with("a weight of source 1"), "{name}");
            }
            other => panic!("{transmit}: {other:?}"),
        }
    }
}

#[test]
fn no_number_and_too_large_a_number_are_told() {
    for transmit in ["sqrt(-w)", "-sqrt(-w)", "w / (w - 1)", "w * 1e6", "w * -1e6"] {
        told::<f32>(transmit);
        told::<f64>(transmit);
    }
}

#[test]
fn weights_may_grow_a_hundredfold() {
    let near = |run: Recording, error: f64| {
        let ends = run.traces[0].values.last_chunk::<2>().copied().unwrap();
        assert!(ends.iter().all(|v| (v - 200.0).abs() <= error), "{ends:?}");
    };
    near(run::<f32>(2, "w * 100").unwrap(), 1e-4);
    near(run::<f64>(2, "w * 100").unwrap(), 1e-12);
}
