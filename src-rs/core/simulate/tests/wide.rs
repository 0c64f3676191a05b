//! Weights that differ widely in size: each arrives within the tolerance, whatever else arrives at its port.

use super::{build, with_threads};
use crate::{Description, Form, Precision, Recording, Simulation};
use lapicque_base::control::Control;
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

/// The maximum relative error of a weight.
const TOLERANCE: f64 = 1e-3;

/// A membrane without leak: its potential is the sum of the arrived weights. `rule` connects `sources` sources, which spike
/// once each, `apart` ms after one another, to `targets` neurons.
fn network(sources: usize, targets: usize, apart: f64, rule: Value, weight: Value) -> Value {
    let trains: Vec<[f64; 1]> = (0..sources).map(|i| [0.1 + apart * i as f64]).collect();
    json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": targets, "neuron": {"model": "if", "params": {"vThreshold": 1e30}}}],
        "sources": [{"name": "S", "trains": trains}],
        "connections": [{"from": "S", "to": "n", "rule": rule, "weight": weight, "delay": 0.1}],
        "record": {"traces": [{"population": "n", "state": "v", "every": 0.1}]},
    })
}

/// The potentials of all neurons at the end.
fn arrived<F: Precision>(network: Value, steps: u64) -> Vec<f64> {
    with_threads(1, || {
        let mut simulation = build::<F>(network, 3).unwrap();
        let trace = simulation.run(steps, &Control::detached()).unwrap().traces.remove(0);
        trace.values[trace.values.len() - trace.values.len() / steps as usize..].to_vec()
    })
}

fn is_near(got: f64, want: f64) -> bool {
    (got - want).abs() <= TOLERANCE * want.abs()
}

/// One synapse per neuron: the potential is its weight.
fn one_each(weight: Value) -> Value {
    let (from, to): (Vec<u32>, Vec<u32>) = (0..N as u32).map(|i| (0, i)).unzip();
    network(1, N, 0.1, json!({"kind": "list", "sources": from, "targets": to}), weight)
}

const N: usize = 5000;

#[test]
fn weights_that_are_given_arrive() {
    let rng = Rng::new(1, 2);
    let spread = |i: usize| 10f64.powf(-4.0 + 8.0 * f64::from(rng.u32_at(i as u64)) / 4_294_967_296.0);
    let signed = |i: usize| if i.is_multiple_of(3) { -spread(i) } else { spread(i) };
    for weights in [(0..N).map(spread).collect(), (0..N).map(signed).collect::<Vec<f64>>()] {
        for (got, want) in arrived::<f32>(one_each(json!(weights)), 3).into_iter().zip(weights) {
            assert!(is_near(got, want), "{got} {want}");
        }
    }
}

#[test]
fn weights_that_are_drawn_arrive() {
    let log_normal = |sigma: f64| json!({"kind": "log-normal", "mu": 0.0, "sigma": sigma});
    for weight in [
        json!({"kind": "normal", "mean": 0.0, "sd": 1.0}),
        json!({"kind": "normal", "mean": 1.0, "sd": 0.5, "min": 0.0}),
        json!({"kind": "uniform", "low": 0.0, "high": 3.0}),
        json!({"kind": "uniform", "low": -1.0, "high": 2.0}),
        log_normal(0.5),
        log_normal(1.0),
        log_normal(2.0),
    ] {
        // As a list, and all to all, whose rows would be dense.
        for rule in [None, Some(json!({"kind": "all-to-all"}))] {
            let network = match rule {
                None => {
                    let mut network = one_each(json!(0.0));
                    network["connections"][0]["weight"] = weight.clone();
                    network
                }
                Some(rule) => network(1, N, 0.1, rule, weight.clone()),
            };
            let [single, double] = [arrived::<f32>(network.clone(), 3), arrived::<f64>(network.clone(), 3)];
            for (&got, &want) in single.iter().zip(&double) {
                assert!(is_near(got, want) && want != 0.0, "{got} {want} of {weight}");
            }
            // The weights that are read back are those that arrived.
            let read = with_threads(1, || build::<f32>(network, 3).unwrap().synapses_of(0).unwrap());
            for (i, &target) in read.targets.iter().enumerate() {
                assert!(
                    (read.variables[0].1[i] - single[target as usize]).abs()
                        <= 1e-6 * single[target as usize].abs()
                );
            }
        }
    }
}

/// In one step the large weights cancel, and the sum is the small weight.
#[test]
fn a_small_weight_is_not_lost_beside_large_ones() {
    for (large, small) in [(1e4, 1e-4), (1e6, 1.0), (3.0, 1e-3), (1e4, -0.047)] {
        let rule = json!({"kind": "list", "sources": [0, 1, 2], "targets": [0, 0, 0]});
        let mut network = network(3, 1, 0.0, rule, json!([large, -large, small]));
        network["sources"][0]["trains"] = json!([[0.1], [0.1], [0.1]]);
        let got = arrived::<f32>(network, 3)[0];
        assert!(is_near(got, small), "{got} {small} beside {large}");
    }
}

#[test]
fn a_constant_beside_a_larger_one_arrives() {
    for (small, large) in [(0.047, 1000.0), (0.1, 1e5), (1e-4, 1e4), (-0.3, 5e3)] {
        let mut network =
            network(2, 3, 0.1, json!({"kind": "list", "sources": [0], "targets": [0]}), small.into());
        let second = json!({"from": "S", "to": "n", "delay": 0.1, "weight": large,
            "rule": {"kind": "list", "sources": [0, 1], "targets": [1, 2]}});
        network["connections"].as_array_mut().unwrap().push(second);
        let got = arrived::<f32>(network, 4);
        assert!(is_near(got[0], small) && is_near(got[1], large) && is_near(got[2], large), "{got:?}");
    }
}

/// A few strong inputs do not change how millions of others are stored.
#[test]
fn most_synapses_are_compact_beside_a_few_large_ones() {
    let storage = |weights: [Value; 2]| {
        let mut network =
            network(1000, 1000, 0.1, json!({"kind": "bernoulli", "p": 0.02}), weights[0].clone());
        let second = json!({"from": "S", "to": "n", "delay": 0.1, "weight": weights[1],
            "rule": {"kind": "one-to-one"}});
        network["connections"].as_array_mut().unwrap().push(second);
        let plan = with_threads(1, || build::<f32>(network, 3).unwrap()).plan;
        plan.storage::<f32>()
    };
    let [many, few] = storage([json!(0.1), json!(1_414.213_56)]).try_into().unwrap();
    assert_eq!((many.form, many.wide, few.form, few.wide), (Form::Compact, 0, Form::Wide, 1000));
    let [many, few] = storage([json!(0.1), json!(0.5)]).try_into().unwrap();
    assert_eq!((many.form, few.form, many.wide + few.wide), (Form::Compact, Form::Compact, 0));
    let log_normal = json!({"kind": "log-normal", "mu": 0.0, "sigma": 1.0});
    let [many, _] = storage([log_normal, json!(1.0)]).try_into().unwrap();
    assert!(many.form == Form::Compact && many.wide < many.synapses / 5, "{many:?}");
    let log_normal = json!({"kind": "log-normal", "mu": 0.0, "sigma": 2.0});
    let [many, _] = storage([log_normal, json!(1.0)]).try_into().unwrap();
    assert!(many.wide > 0 && many.bytes >= 4 * many.synapses + 4 * many.wide, "{many:?}");
}

/// The mean and the standard deviation of a log-normal distribution, over many synapses.
#[test]
fn a_log_normal_distribution_keeps_its_mean() {
    let sigma = 2.0f64;
    let weight = json!({"kind": "log-normal", "mu": 0.0, "sigma": sigma});
    let (sources, targets) = (400, 5000);
    let read = with_threads(2, || {
        let network = network(sources, targets, 0.1, json!({"kind": "all-to-all"}), weight);
        build::<f32>(network, 5).unwrap().synapses_of(0).unwrap()
    });
    let weights = &read.variables[0].1;
    let n = weights.len() as f64;
    assert!(weights.iter().all(|&w| w > 0.0));
    let logs: Vec<f64> = weights.iter().map(|w| w.ln()).collect();
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    assert!(mean.abs() < 5.0 * sigma / n.sqrt(), "{mean}");
    assert!((variance / (sigma * sigma) - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
    // exp(sigma^2 / 2), with the standard error of a mean.
    let (want, error) =
        ((sigma * sigma / 2.0).exp(), (((sigma * sigma).exp() - 1.0) * (sigma * sigma).exp() / n).sqrt());
    let mean = weights.iter().sum::<f64>() / n;
    assert!((mean - want).abs() < 5.0 * error, "{mean} {want}");
}

/// Plastic weights of any size, also after they have been set.
#[test]
fn small_weights_that_change_arrive() {
    let rule = |transmit: Value| json!({"model": "custom", "params": {"wMin": 0.0, "wMax": 1.0}, "equations": {"transmit": transmit}});
    let weights: Vec<f64> = (0..N).map(|i| 10f64.powf(-7.0 + 7.0 * i as f64 / N as f64)).collect();
    for (synapse, gain) in [(rule(json!("w")), 1.0), (rule(json!("0.01*w")), 0.01)] {
        let mut network = one_each(json!(weights));
        network["connections"][0]["synapse"] = synapse;
        for (got, want) in arrived::<f32>(network.clone(), 3).into_iter().zip(&weights) {
            assert!(is_near(got, gain * want), "{got} {}", gain * want);
        }
        with_threads(1, || {
            let mut simulation = build::<f32>(network, 3).unwrap();
            let set: Vec<f64> = weights.iter().rev().copied().collect();
            simulation.set_synapses(&[0], &[("w".into(), set.clone())]).unwrap();
            let run = simulation.run(3, &Control::detached()).unwrap();
            for (&got, &want) in run.traces[0].values[2 * N..].iter().zip(&set) {
                assert!(is_near(got, gain * want), "{got} {}", gain * want);
            }
            let refused =
                simulation.set_synapses(&[0], &[("w".into(), vec![1e-13])]).unwrap_err().to_string();
            assert!(refused.starts_with("weights[0]: expected 0, or a magnitude of at least"), "{refused}");
        });
    }
}

/// Plastic synapses with weights up to 0.1, next to inputs that make neurons fire.
#[test]
fn weights_that_change_arrive_beside_large_ones() {
    let mut network = one_each(json!(0.0));
    network["connections"][0]["weight"] = json!({"kind": "uniform", "low": 1e-3, "high": 0.1});
    network["connections"][0]["synapse"] =
        json!({"model": "custom", "params": {"wMin": 0.0, "wMax": 0.3}, "equations": {"pre": "w += 0"}});
    let second = json!({"from": "S", "to": {"of": "n", "from": 0, "to": 1}, "delay": 50.0, "weight": 1e6,
        "rule": {"kind": "all-to-all"}});
    network["connections"].as_array_mut().unwrap().push(second);
    let [single, double] = [arrived::<f32>(network.clone(), 3), arrived::<f64>(network, 3)];
    for (got, want) in single.into_iter().zip(double) {
        assert!(want > 0.0 && is_near(got, want), "{got} {want}");
    }
}

/// Weights by distance, of which only the bounds are known before they are sampled.
#[test]
fn weights_of_a_distance_arrive() {
    let mut network = network(50, 50, 0.1, json!({"kind": "all-to-all"}), json!("exp(-d/0.05)"));
    let layout =
        json!({"dimensions": 1, "positions": (0..50).map(|i| f64::from(i) / 50.0).collect::<Vec<f64>>()});
    network["populations"][0]["layout"] = layout.clone();
    network["sources"][0]["layout"] = layout;
    let read = with_threads(1, || build::<f32>(network, 3).unwrap().synapses_of(0).unwrap());
    assert_eq!(read.targets.len(), 2500);
    for (i, (&from, &to)) in read.sources.iter().zip(&read.targets).enumerate() {
        let want = (-(f64::from(from) - f64::from(to)).abs() / 50.0 / 0.05).exp();
        assert!(is_near(read.variables[0].1[i], want), "{} {want}", read.variables[0].1[i]);
    }
}

/// Neurons with several ports, and rows of every form.
fn circuit() -> Value {
    let log_normal = |mu: f64, sigma: f64| json!({"kind": "log-normal", "mu": mu, "sigma": sigma});
    let normal = |mean: f64, sd: f64| json!({"kind": "normal", "mean": mean, "sd": sd});
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "E", "size": 801, "neuron": {"model": "iaf-psc-exp"},
             "initial": {"v": {"kind": "uniform", "low": -70, "high": -56}}},
            {"name": "Z", "size": 330, "neuron": {"model": "lif", "like": "nest", "params": {"vLeak": -70, "vReset": -70, "vThreshold": -55}}},
        ],
        "sources": [{"name": "S", "trains": [[1.0, 1.1, 30.5], [], [2.0, 2.5]]}],
        "connections": [
            {"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 50}, "weight": log_normal(3.0, 1.5),
             "delay": {"kind": "uniform", "low": 0.5, "high": 3.0}},
            // Weights of both signs, and therefore onto both ports.
            {"from": "E", "to": "E", "rule": {"kind": "bernoulli", "p": 0.1}, "weight": normal(0.0, 60.0), "delay": 0.8},
            {"from": "E", "to": "Z", "rule": {"kind": "all-to-all"}, "weight": {"kind": "uniform", "low": -0.01, "high": 0.012}, "delay": 1.0},
            {"from": "S", "to": "Z", "rule": {"kind": "all-to-all"}, "weight": 30.0, "delay": 1.0},
            {"from": "E", "to": "Z", "rule": {"kind": "fixed-in-degree", "count": 30}, "weight": 0.02, "delay": 1.5, "synapse": {
                "model": "stdp", "params": {"wMax": 2.0}}},
        ],
        "inputs": [
            {"kind": "poisson", "to": "E", "rate": 9000, "weight": 60},
            {"kind": "normal", "to": {"of": "Z", "from": 100, "to": 250}, "mean": 0.7, "sd": 0.5},
        ],
        "record": {"traces": [
            {"population": "E", "state": "v", "every": 1, "neurons": [800, 3, 64]},
            {"population": "Z", "state": "v"},
        ]}
    })
}

fn run(threads: usize, level: SimdLevel, cuts: &[u64]) -> Recording {
    with_threads(threads, || {
        let description = Description::from_json(&circuit().to_string()).unwrap();
        let mut simulation = Simulation::<f32>::new(description, 7, level, &Control::detached()).unwrap();
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

#[test]
fn the_same_bits_everywhere_with_wide_weights() {
    let reference = run(1, SimdLevel::Portable, &[600]);
    assert!(reference.neurons.iter().filter(|&&n| n < 801).count() > 100, "E is silent");
    assert!(reference.neurons.iter().any(|&n| n >= 801), "Z is silent");
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        for threads in 1..=4 {
            assert!(run(threads, level, &[600]) == reference, "{threads} threads, {}", level.name());
        }
    }
    assert!(run(2, SimdLevel::detect(), &[1, 13, 86, 0, 250, 250]) == reference, "in pieces");
}

/// The memory estimate is an upper bound for wide rows: by chance some weights of few units are close to an integer.
#[test]
fn wide_rows_are_foreseen() {
    let network = network(
        2000,
        2000,
        0.1,
        json!({"kind": "fixed-in-degree", "count": 100}),
        json!({"kind": "log-normal", "mu": 0.0, "sigma": 2.0}),
    );
    let simulation = with_threads(1, || build::<f32>(network, 3).unwrap());
    let [storage] = simulation.plan.storage::<f32>().try_into().unwrap();
    let partition = simulation.partitions[0].lock().unwrap();
    let wide = partition.wide.as_ref().unwrap().rows.rows.synapses;
    let spread = 6.0 * (storage.wide as f64).sqrt();
    assert!((wide as f64) < storage.wide as f64 + spread && 2 * wide > storage.wide, "{wide} {storage:?}");
    assert_eq!(wide + partition.rows.rows.synapses, 200_000);
}
