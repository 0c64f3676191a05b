//! Weights that cannot be added to the sums end a run with an error instead of being changed silently.

use super::{build, with_threads};
use crate::{Precision, Recording};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use serde_json::json;

/// Two sources with a synapse onto each of 200 integrating neurons; the second source spikes at 1 and 2 ms. The transmitted
/// value is a function of the weight, which is 1 and has no bounds.
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

fn is_reported<F: Precision>(transmit: &str) {
    for threads in [1, 3] {
        match run::<F>(threads, transmit) {
            Err(Error::NonFinite { layer, step, name }) => {
                assert_eq!((layer.as_str(), step), ("connections[0] (S to n)", 15), "{transmit}");
                assert!(name.starts_with("the weight that source 1 transmits"), "{name}");
            }
            other => panic!("{transmit}: {other:?}"),
        }
    }
}

#[test]
fn nan_and_too_large_weights_are_reported() {
    for transmit in ["sqrt(-w)", "-sqrt(-w)", "w / (w - 1)", "w * 1e6", "w * -1e6"] {
        is_reported::<f32>(transmit);
        is_reported::<f64>(transmit);
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

/// One neuron's state overflows in step 1,237: it keeps 0.9 of its value and gets 3e38 per step from step 1,236 on.
fn overflowing(connection: serde_json::Value) -> serde_json::Value {
    let mut values = vec![0.0; 200];
    values[77] = 3e38;
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "a", "size": 70, "neuron": {"model": "if"}},
            {"name": "n", "size": 200, "neuron": {"model": "li", "params": {"beta": 0.9}}},
        ],
        "connections": [connection],
        "inputs": [
            {"kind": "poisson", "to": "a", "rate": 500, "weight": 0.3},
            {"kind": "current", "to": "n", "times": [123.5], "values": values},
        ],
        "record": {"traces": [{"population": "n", "state": "v", "neurons": [0]}]},
    })
}

#[test]
fn the_step_is_that_in_which_a_state_left_the_numbers() {
    let connection =
        json!({"from": "a", "to": "n", "rule": {"kind": "bernoulli", "p": 0.1}, "weight": 1, "delay": 0.5});
    let learning = |mut connection: serde_json::Value| {
        connection["synapse"] = json!({"model": "stdp", "params": {"wMax": 2}});
        connection
    };
    for (connection, pieces) in [
        (connection.clone(), vec![3000]),
        (connection.clone(), vec![1000, 2000]),
        (connection.clone(), vec![1230, 5, 10]),
        (connection.clone(), vec![1236, 1]),
        (learning(connection), vec![1100, 900]),
    ] {
        for threads in [1, 3] {
            let network = overflowing(connection.clone());
            let error = with_threads(threads, || {
                let mut simulation = build::<f32>(network, 0).unwrap();
                pieces.iter().find_map(|&steps| simulation.run(steps, &Control::detached()).err())
            });
            let Some(Error::NonFinite { layer, step, name }) = error else { panic!("{error:?}") };
            assert_eq!((layer.as_str(), step, name.as_str()), ("n", 1237, "v of neuron 77"), "{pieces:?}");
        }
    }
}

#[test]
fn looking_again_is_the_same_run() {
    // A run that ends at this step gives the same results.
    let connection =
        json!({"from": "a", "to": "n", "rule": {"kind": "bernoulli", "p": 0.1}, "weight": 1, "delay": 0.5});
    let of = |steps: u64| {
        with_threads(2, || {
            let mut simulation = build::<f32>(overflowing(connection.clone()), 0).unwrap();
            let _ = simulation.run(steps, &Control::detached());
            simulation.save()
        })
    };
    let (found, until) = (of(3000), of(1240));
    assert_eq!(found.step, 1240);
    assert_eq!(found.in_flight, until.in_flight);
    assert_eq!(found.populations[0], until.populations[0]);
}
