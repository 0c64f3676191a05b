//! User-defined neurons in networks: noise, and several inputs.

use super::{build, with_threads};
use lapicque_base::control::Control;
use serde_json::{Value, json};

fn run(network: &Value, threads: usize, steps: u64) -> crate::Recording {
    with_threads(threads, || {
        let mut simulation = build::<f64>(network.clone(), 5).unwrap();
        let cut = steps / 3;
        let mut all = simulation.run(cut, &Control::detached()).unwrap();
        let rest = simulation.run(steps - cut, &Control::detached()).unwrap();
        all.traces[0].values.extend(&rest.traces[0].values);
        all
    })
}

#[test]
fn an_ornstein_uhlenbeck_process_has_its_moments() {
    let equations = |update: &str| json!({"states": [{"name": "v", "init": 0}], "update": update});
    let network = |update: &str| {
        json!({
            "dt": 0.1,
            "populations": [
                {"name": "P", "size": 1000, "neuron": {"model": "custom", "equations": equations(update),
                 "params": {"tau": 2.0, "sigma": 3.0}}},
                {"name": "Q", "size": 70, "neuron": {"model": "custom", "equations": equations(update), "params": {"tau": 2.0, "sigma": 3.0}}}
            ],
            "record": {"traces": [{"population": "P", "state": "v", "every": 10}]}
        })
    };
    let one = network("v' = -v/tau + sigma*sqrt(2/tau)*xi");
    let recording = run(&one, 1, 5000);
    assert_eq!(run(&one, 3, 5000).traces[0].values, recording.traces[0].values);
    let v = &recording.traces[0].values;
    let n = v.len() as f64;
    let mean = v.iter().sum::<f64>() / n;
    let variance = v.iter().map(|v| v * v).sum::<f64>() / n;
    // Euler: v <- (1 - h) v + sigma sqrt(2 h) N has variance sigma^2 / (1 - h / 2).
    let h = 0.1 / 2.0;
    let expected = 9.0 / (1.0 - h / 2.0);
    assert!(mean.abs() < 5.0 * (expected / n).sqrt(), "{mean}");
    assert!((variance / expected - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
    // Samples 10 ms apart, and those of neighboring neurons, have a correlation of at most exp(-5).
    let product = |apart: usize| v.windows(apart + 1).map(|w| w[0] * w[apart]).sum::<f64>() / n / expected;
    assert!(
        product(1).abs() < 5.0 / n.sqrt() && (product(1000) - (1.0f64 - h).powi(100)).abs() < 5.0 / n.sqrt()
    );
    // Two noise terms of a step use two different numbers.
    let recording = run(&network("v' = -v/tau + sigma*(xi_a + xi_b)/sqrt(tau)"), 2, 5000);
    let variance = recording.traces[0].values.iter().map(|v| v * v).sum::<f64>() / n;
    assert!((variance / expected - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
}

#[test]
fn several_inputs_are_told_apart() {
    // Two compartments with an input each; exact integration of two coupled linear equations.
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "P", "size": 3, "neuron": {
            "model": "custom",
            "equations": {
                "states": [{"name": "v", "init": 0}, {"name": "d", "init": 0}],
                "input": ["soma", "dendrite"],
                "update": "v' = -v/10 + (d - v)/5 + soma\nd' = -d/20 + (v - d)/4 + dendrite",
                "spike": "v > 1e9"
            },
            "params": {}
        }}],
        "inputs": [
            {"kind": "current", "to": {"of": "P", "from": 0, "to": 2}, "port": "soma", "times": [0], "values": [2.0]},
            {"kind": "current", "to": {"of": "P", "from": 1, "to": 3}, "port": "dendrite", "times": [0], "values": [1.5]}
        ],
        "record": {"traces": [{"population": "P", "state": "v"}]}
    });
    let recording = with_threads(1, || {
        build::<f64>(network.clone(), 5).unwrap().run(1000, &Control::detached()).unwrap()
    });
    let v = &recording.traces[0].values[999 * 3..];
    // The steady state of [-0.3, 0.2; 0.25, -0.3] x + [soma, dendrite] = 0.
    let steady = |soma: f64, dendrite: f64| (0.3 * soma + 0.2 * dendrite) / (0.09 - 0.05);
    for (x, [soma, dendrite]) in v.iter().zip([[2.0, 0.0], [2.0, 1.5], [0.0, 1.5]]) {
        // After 100 ms the difference to the steady state has decayed by exp(-0.0763 100).
        assert!((x - steady(soma, dendrite)).abs() < 0.02 * x.abs(), "{x}");
    }
    let mut without = network;
    without["inputs"][0].as_object_mut().unwrap().remove("port");
    let error = build::<f64>(without, 5).err().unwrap().to_string();
    assert!(error.contains("one of soma, dendrite"), "{error}");
}
