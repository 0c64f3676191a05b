//! Reading and setting parameters and states between two runs.

use super::{build, with_threads};
use crate::{Precision, Simulation};
use lapicque_base::control::Control;
use serde_json::{Value, json};

fn network(bias: Value) -> Value {
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "P", "size": 200, "neuron": {"model": "iaf-psc-exp", "params": {"iBias": bias}}},
            {"name": "Q", "size": 3, "neuron": {"model": "lif", "params": {"tauMem": 10}}}
        ],
        "record": {"traces": [{"population": "P", "state": "v"}]}
    })
}

fn make<F: Precision>(bias: Value) -> Simulation<F> {
    build(network(bias), 1).unwrap()
}

fn value(name: &str, values: &[f64]) -> (String, Vec<f64>) {
    (name.to_string(), values.to_vec())
}

/// v of `iaf-psc-exp` under a constant current, in closed form.
fn relaxed(v: f64, current: f64, ms: f64) -> f64 {
    let (c, tau, leak) = (250.0, 10.0, -70.0);
    let end = leak + tau / c * current;
    end + (v - end) * (-ms / tau).exp()
}

#[test]
fn parameters_change_between_runs() {
    for threads in [1, 3] {
        with_threads(threads, || {
            let mut simulation = make::<f64>(json!(100.0));
            let control = Control::detached();
            simulation.run(100, &control).unwrap();
            let v = relaxed(-70.0, 100.0, 10.0);
            let near = |x: f64, y: f64| (x - y).abs() < 1e-9;
            assert!(simulation.get("P", 0..200, "v").unwrap().into_iter().all(|x| near(x, v)));
            // Some neurons, then all, then states.
            let ramp: Vec<f64> = (0..50).map(f64::from).collect();
            simulation.set("P", 130..180, &[value("iBias", &ramp)]).unwrap();
            simulation.set("P", 0..100, &[value("v", &[-65.0])]).unwrap();
            simulation.run(50, &control).unwrap();
            let found = simulation.get("P", 0..200, "v").unwrap();
            for (n, x) in found.into_iter().enumerate() {
                let bias = if (130..180).contains(&n) { (n - 130) as f64 } else { 100.0 };
                assert!(near(x, relaxed(if n < 100 { -65.0 } else { v }, bias, 5.0)), "{n}: {x}");
            }
            assert_eq!(simulation.get("P", 128..132, "iBias").unwrap(), [100.0, 100.0, 0.0, 1.0]);
            simulation
                .set(
                    "P",
                    0..200,
                    &[value("iBias", &[0.0]), value("v", &[-60.0]), value("vThreshold", &[-61.0])],
                )
                .unwrap();
            let recording = simulation.run(1, &control).unwrap();
            assert_eq!(recording.neurons, (0..200).collect::<Vec<u32>>());
        });
    }
}

#[test]
fn what_cannot_be_set_is_refused_and_nothing_is_changed() {
    let mut simulation = make::<f32>(json!(0.0));
    let mut error = |name: &str, values: &[f64], population: &str| {
        simulation.set(population, 0..3, &[value("v", &[0.5]), value(name, values)]).unwrap_err().to_string()
    };
    assert!(error("tauMen", &[1.0], "P").contains("did you mean \"tauMem\""));
    assert!(error("tauMem", &[-1.0], "P").starts_with("P.tauMem"));
    assert!(error("tauMem", &[1.0, 2.0], "P").contains("[1] or [3]"));
    assert!(error("tauMem", &[f64::NAN], "P").contains("P.tauMem[0]"));
    assert!(error("tauRef", &[2.0], "Q").contains("refractory"));
    assert!(error("tauMem", &[2.0], "R").contains("unknown population"));
    assert!(
        simulation.set("Q", 0..4, &[value("v", &[0.0])]).unwrap_err().to_string().contains("3 neurons of Q")
    );
    assert!(simulation.get("Q", 0..3, "v").unwrap().into_iter().all(|v| v == 0.0));
    assert!(simulation.get("Q", 0..3, "w").is_err());
    assert_eq!(simulation.get("Q", 1..2, "tauMem").unwrap(), [10.0]);
}

/// Neurons driven by a current, whose thresholds move until they fire at 20 Hz.
fn homeostatic(size: usize) -> Value {
    json!({
        "dt": 0.1,
        "populations": [{"name": "E", "size": size, "neuron": {"model": "lif", "like": "nest", "params": {
            "tauMem": 10, "vLeak": 0, "vReset": 0, "vThreshold": 12, "tauRef": 2}},
            "initial": {"v": {"kind": "uniform", "low": 0, "high": 10}},
            "intrinsic": {"parameter": "vThreshold", "rateTarget": 20, "gain": 0.05, "tauRate": 500, "interval": 50, "max": 40}}],
        "inputs": [{"kind": "poisson", "to": "E", "rate": 9000, "weight": 0.19}],
    })
}

#[test]
fn thresholds_move_until_neurons_fire_at_their_rate() {
    let n = 40;
    let (first, thresholds, late) = with_threads(1, || {
        let mut simulation = build::<f64>(homeostatic(n), 2).unwrap();
        let first = simulation.run(500, &Control::detached()).unwrap();
        let thresholds = simulation.get("E", 0..n, "vThreshold").unwrap();
        simulation.run(400_000, &Control::detached()).unwrap();
        (first, thresholds, simulation.run(100_000, &Control::detached()).unwrap())
    });
    for (neuron, threshold) in thresholds.iter().enumerate() {
        let spikes = first.steps.iter().zip(&first.neurons).filter(|&(_, &of)| of as usize == neuron);
        // In Hz, from the spikes so far.
        let rate: f64 = spikes.map(|(&step, _)| 2.0 * (-((500 - step) as f64 * 0.1) / 500.0f64).exp()).sum();
        let want = 12.0 + 0.05 * (rate - 20.0) * 0.05;
        assert!((threshold - want).abs() < 1e-12, "{threshold}, not {want}");
    }
    let rate = late.steps.len() as f64 / n as f64 / 10.0;
    assert!((rate - 20.0).abs() < 1.0, "{rate} Hz");
}

#[test]
fn moving_thresholds_are_the_same_everywhere() {
    let all = |threads: usize, cuts: &[u64]| {
        let mut simulation = with_threads(threads, || build::<f32>(homeostatic(150), 2).unwrap());
        let mut spikes = vec![];
        for &steps in cuts {
            let state = simulation.save();
            simulation = with_threads(threads, || build::<f32>(homeostatic(150), 2).unwrap());
            simulation.restore(&state).unwrap();
            let next = with_threads(threads, || simulation.run(steps, &Control::detached()).unwrap());
            spikes.extend(next.steps.into_iter().zip(next.neurons));
        }
        (spikes, simulation.save())
    };
    let reference = all(1, &[4000]);
    assert!(reference.0.len() > 300);
    assert!(all(3, &[4000]) == reference && all(2, &[730, 1770, 1500]) == reference);
    let mut network = homeostatic(3);
    network["populations"][0]["intrinsic"]["parameter"] = "vTreshold".into();
    assert!(build::<f32>(network, 2).err().unwrap().to_string().contains("vThreshold"));
}

/// Neurons that fire without input, synapses too weak to move a spike, and variables that decay.
fn faint() -> serde_json::Value {
    let rule = json!({"model": "custom", "params": {"wMin": 0, "wMax": 1}, "equations": {
        "variables": [{"name": "u", "init": 0.2, "tau": 50}],
        "traces": [{"name": "a", "of": "pre", "tau": 20}, {"name": "b", "of": "post", "tau": 20}],
        "pre": "u += 0.3 * (1 - u); w -= 1e-7 * b", "post": "w += 1e-7 * a * u"}});
    let current: Vec<f64> = (0..60).map(|i| 1.6 + 0.02 * f64::from(i)).collect();
    json!({
        "dt": 0.1,
        "populations": [{"name": "E", "size": 60, "neuron": {"model": "lif", "like": "nest", "params": {
            "tauMem": 10, "vLeak": 0, "vReset": 0, "vThreshold": 12, "tauRef": 2}}}],
        "connections": [{"from": "E", "to": "E", "rule": {"kind": "all-to-all"}, "weight": 1e-5,
            "delay": {"kind": "uniform", "low": 0.5, "high": 0.9}, "synapse": rule}],
        "inputs": [{"kind": "current", "to": "E", "times": [0], "values": current}],
    })
}

fn rows_beside_one_that_is_set_stay<F: Precision>(threads: usize) -> Vec<f64> {
    let end = |change: Option<f64>| {
        with_threads(threads, || {
            let mut simulation = build::<F>(faint(), 3).unwrap();
            let first = simulation.run(1237, &Control::detached()).unwrap();
            assert!(first.steps.len() > 300, "{} spikes", first.steps.len());
            if let Some(w) = change {
                let mut weights = simulation.synapses_of(0).unwrap().variables[0].1.clone();
                weights[100] = w;
                simulation.set_synapses(&[0], &[("w".into(), weights)]).unwrap();
            }
            let rest = simulation.run(1111, &Control::detached()).unwrap();
            (rest, simulation.synapses_of(0).unwrap())
        })
    };
    let ((spikes, untouched), (same, set)) = (end(None), end(Some(0.5)));
    assert_eq!(spikes.steps, same.steps);
    assert!(set.variables[0].1[100] > 0.49);
    let row = (set.sources[100], set.delays[100]);
    for ((_, values), (_, wanted)) in set.variables.iter().zip(&untouched.variables) {
        for (i, (x, wanted)) in values.iter().zip(wanted).enumerate() {
            let is_beside = (set.sources[i], set.delays[i]) != row;
            assert!(!is_beside || x == wanted, "synapse {i}: {x}, not {wanted}");
        }
    }
    set.variables.into_iter().flat_map(|(_, values)| values).collect()
}

#[test]
fn synapses_beside_those_that_are_set_keep_their_bits() {
    let alone = rows_beside_one_that_is_set_stay::<f32>(1);
    assert!(alone == rows_beside_one_that_is_set_stay::<f32>(3));
    let alone = rows_beside_one_that_is_set_stay::<f64>(1);
    assert!(alone == rows_beside_one_that_is_set_stay::<f64>(3));
}
