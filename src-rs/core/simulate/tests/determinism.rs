//! The same bits for any number of threads, every SIMD level, and any division of a run.

use super::with_threads;
use crate::{Description, Precision, Recording, Simulation};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

/// A network with every kind of wiring, noise, neuron and recorder.
fn network() -> Value {
    let normal = |mean: f64, sd: f64, min: f64| json!({"kind": "normal", "mean": mean, "sd": sd, "min": min});
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "E", "size": 801, "neuron": {"model": "iaf-psc-exp"},
             "initial": {"v": {"kind": "uniform", "low": -70, "high": -56}}},
            {"name": "I", "size": 203, "neuron": {"model": "iaf-cond-exp", "params": {"vLeak": -60, "c": 200}},
             "initial": {"v": normal(-62.0, 3.0, -90.0)}},
            {"name": "Z", "size": 70, "neuron": {"model": "lif", "like": "nest", "params": {"vLeak": -70, "vReset": -70, "vThreshold": -55}}},
            {"name": "A", "size": 300, "neuron": {"model": "aeif-cond-exp"},
             "initial": {"v": {"kind": "uniform", "low": -75, "high": -50}}},
            {"name": "H", "size": 300, "neuron": {"model": "hh-psc-alpha"},
             "initial": {"v": {"kind": "uniform", "low": -75, "high": -50}}}
        ],
        "sources": [{"name": "S", "trains": [[1.0, 1.1, 30.5], [], [2.0, 2.5]]}],
        "connections": [
            {"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 50}, "multapses": false,
             "autapses": false, "weight": normal(60.0, 6.0, 0.0), "delay": normal(1.5, 0.75, 0.05)},
            {"from": "E", "to": "I", "rule": {"kind": "fixed-total", "count": 9000}, "weight": 1.2, "delay": 0.8},
            {"from": "I", "to": "E", "rule": {"kind": "bernoulli", "p": 0.1}, "weight": normal(-200.0, 20.0, -1e9),
             "delay": {"kind": "uniform", "low": 0.5, "high": 3.0}},
            {"from": "I", "to": "I", "rule": {"kind": "fixed-out-degree", "count": 20}, "weight": -2.0, "delay": 0.4},
            {"from": "I", "to": "Z", "rule": {"kind": "all-to-all"}, "weight": -0.05, "delay": 1.0},
            {"from": "E", "to": "Z", "rule": {"kind": "fixed-in-degree", "count": 400}, "weight": 0.35, "delay": 1.2},
            {"from": "S", "to": "Z", "rule": {"kind": "all-to-all"}, "weight": 3.0, "delay": 1.0}
        ],
        "inputs": [
            {"kind": "poisson", "to": "E", "rate": 9000, "weight": 60},
            {"kind": "poisson", "to": "I", "rate": 3000, "weight": 1.0},
            {"kind": "normal", "to": "Z", "mean": 0.1, "sd": 0.2},
            {"kind": "poisson", "to": "A", "rate": 3000, "weight": 3},
            {"kind": "normal", "to": "A", "mean": 600, "sd": 50, "port": "current"},
            {"kind": "normal", "to": "H", "mean": 650, "sd": 100, "port": "current"},
            {"kind": "current", "to": "I", "times": [20], "values": [80]}
        ],
        "record": {"traces": [
            {"population": "E", "state": "v", "every": 1, "neurons": [800, 3, 64]},
            {"population": "I", "state": "gE"},
            {"population": "A", "state": "v"}, {"population": "H", "state": "m"}
        ]}
    })
}

fn make<F: Precision>(level: SimdLevel) -> Simulation<F> {
    let description = Description::from_json(&network().to_string()).unwrap();
    Simulation::new(description, 7, level, &Control::detached()).unwrap()
}

fn run<F: Precision>(threads: usize, level: SimdLevel, cuts: &[u64]) -> Recording {
    with_threads(threads, || {
        let mut simulation = make::<F>(level);
        let mut all = Recording::default();
        for &steps in cuts {
            let next = simulation.run(steps, &Control::detached()).unwrap();
            all.steps.extend(next.steps);
            all.neurons.extend(next.neurons);
            all.synaptic_events += next.synaptic_events;
            all.traces.resize_with(next.traces.len(), Default::default);
            for (all, next) in all.traces.iter_mut().zip(next.traces) {
                all.steps.extend(next.steps);
                all.values.extend(next.values);
            }
        }
        all
    })
}

fn everywhere<F: Precision>() {
    let reference = run::<F>(1, SimdLevel::Portable, &[600]);
    assert!(reference.neurons.iter().any(|&n| n < 801), "E is silent");
    assert!(reference.neurons.iter().any(|&n| (801..1004).contains(&n)), "I is silent");
    assert!(reference.neurons.iter().any(|&n| (1004..1074).contains(&n)), "Z is silent");
    // The number of sub-steps of these neurons depends on their state.
    assert!(reference.neurons.iter().any(|&n| (1074..1374).contains(&n)), "A is silent");
    assert!(reference.neurons.iter().any(|&n| n >= 1374), "H is silent");
    assert!(reference.steps.windows(2).all(|w| w[0] <= w[1]));
    assert_eq!(reference.traces[0].steps.len(), 60);
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        for threads in 1..=4 {
            assert!(run::<F>(threads, level, &[600]) == reference, "{threads} threads, {}", level.name());
        }
    }
    assert!(run::<F>(2, SimdLevel::detect(), &[1, 13, 86, 0, 250, 250]) == reference, "in pieces");
}

#[test]
fn the_same_bits_everywhere_in_f32() {
    everywhere::<f32>();
}

#[test]
fn the_same_bits_everywhere_in_f64() {
    everywhere::<f64>();
}

#[test]
fn a_restored_state_goes_on_as_if_nothing_had_happened() {
    let level = SimdLevel::detect();
    let (state, rest) = with_threads(2, || {
        let mut simulation = make::<f32>(level);
        simulation.run(333, &Control::detached()).unwrap();
        (simulation.save(), simulation.run(200, &Control::detached()).unwrap())
    });
    assert!(!state.in_flight.is_empty() && !rest.steps.is_empty());
    let text = serde_json::to_string(&state).unwrap();
    let again = with_threads(3, || {
        let mut simulation = make::<f32>(level);
        simulation.restore(&serde_json::from_str(&text).unwrap()).unwrap();
        simulation.run(200, &Control::detached()).unwrap()
    });
    assert!(again == rest);
}

#[test]
fn another_seed_is_another_network() {
    let with = |seed| {
        let description = Description::from_json(&network().to_string()).unwrap();
        let level = SimdLevel::detect();
        with_threads(1, || {
            let mut simulation =
                Simulation::<f32>::new(description, seed, level, &Control::detached()).unwrap();
            simulation.run(300, &Control::detached()).unwrap()
        })
    };
    assert_ne!(with(1), with(2));
}

#[test]
fn a_canceled_run_keeps_what_was_done() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    with_threads(2, || {
        let mut simulation = make::<f32>(SimdLevel::detect());
        let canceled = Control::new(Arc::new(AtomicBool::new(true)), None);
        assert_eq!(simulation.run(600, &canceled), Err(lapicque_base::Error::Aborted));
        let done = simulation.step();
        assert!(done > 0 && done < 600);
        let rest = simulation.run(600 - done, &Control::detached()).unwrap();
        let whole = run::<f32>(1, SimdLevel::detect(), &[600]);
        let from = whole.steps.partition_point(|&step| step <= done);
        assert_eq!((&rest.steps[..], &rest.neurons[..]), (&whole.steps[from..], &whole.neurons[from..]));
    });
}
