//! Slices of a population as sources, targets, receivers of input, and recorded neurons; and synapses read back.

use super::{build, with_threads};
use crate::{Precision, Recording, Simulation};
use lapicque_base::control::Control;
use serde_json::{Value, json};

/// Neurons that integrate their input, without leak and without reaching the threshold.
fn sums() -> Value {
    json!({"model": "if", "params": {"vThreshold": 1e9}})
}

fn slice(of: &str, from: usize, to: usize) -> Value {
    json!({"of": of, "from": from, "to": to})
}

/// 200 sources that spike once each, at 1, 2, … ms, onto 150 of 300 integrating neurons.
fn network(rule: Value, extra: Value) -> Value {
    let trains: Vec<Vec<f64>> = (0..200).map(|i| vec![1.0 + f64::from(i)]).collect();
    let mut connection = json!({
        "from": slice("S", 20, 180), "to": slice("P", 100, 250), "rule": rule,
        "weight": {"kind": "normal", "mean": 1.0, "sd": 0.3, "min": 0.1}, "delay": {"kind": "uniform", "low": 0.5, "high": 3.0}
    });
    connection.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({
        "dt": 0.1,
        "populations": [{"name": "P", "size": 300, "neuron": sums()}],
        "sources": [{"name": "S", "trains": trains}],
        "connections": [connection],
        "record": {"traces": [{"population": "P", "state": "v"}]}
    })
}

fn run<F: Precision>(network: Value, threads: usize, steps: u64) -> (Recording, Simulation<F>) {
    with_threads(threads, || {
        let mut simulation = build::<F>(network, 11).unwrap();
        (simulation.run(steps, &Control::detached()).unwrap(), simulation)
    })
}

/// The synapses that are read back predict when each neuron's v jumps, and by how much.
fn jumps_are_what_is_read_back<F: Precision>(network: Value, tolerance: f64) {
    let (recording, simulation) = run::<F>(network, 3, 2100);
    let synapses = simulation.synapses_of(0).unwrap();
    assert_eq!(simulation.synapses(), synapses.sources.len() as u64);
    assert!(synapses.sources.len() > 1000);
    assert!(synapses.sources.iter().all(|&s| s < 160));
    assert!(synapses.targets.iter().all(|&t| (100..250).contains(&t)));
    let order: Vec<_> = (0..synapses.sources.len())
        .map(|i| (synapses.targets[i], synapses.sources[i], synapses.delays[i]))
        .collect();
    assert!(order.is_sorted());
    let mut expected = vec![0.0; 2100 * 300];
    for (i, &(target, source, delay)) in order.iter().enumerate() {
        // Source 20 + s fires at the end of step 10 + 10 (20 + s).
        let arrives = 10 + 10 * (20 + source as usize) + delay as usize;
        expected[(arrives - 1) * 300 + target as usize] += synapses.variables[0].1[i];
    }
    let v = &recording.traces[0].values;
    for i in 300..2100 * 300 {
        let jump = v[i] - v[i - 300];
        assert!(
            (jump - expected[i]).abs() <= tolerance * (1.0 + v[i].abs()),
            "{i}: {jump} for {}",
            expected[i]
        );
    }
    let (_, again) = run::<F>(self::network(json!({"kind": "bernoulli", "p": 0.2}), json!({})), 1, 1);
    let (_, other) = run::<F>(self::network(json!({"kind": "bernoulli", "p": 0.2}), json!({})), 4, 1);
    assert_eq!(again.synapses_of(0).unwrap(), other.synapses_of(0).unwrap());
}

#[test]
fn synapses_read_back_are_those_that_deliver() {
    let rule = || json!({"kind": "fixed-in-degree", "count": 30});
    jumps_are_what_is_read_back::<f64>(network(rule(), json!({})), 1e-12);
    jumps_are_what_is_read_back::<f32>(network(rule(), json!({})), 1e-6);
    let total = json!({"kind": "fixed-total", "count": 4000});
    jumps_are_what_is_read_back::<f64>(network(total, json!({"multapses": false, "weight": 0.7})), 1e-12);
}

#[test]
fn weights_and_delays_of_distance_are_those_that_deliver() {
    let line = |n: usize| json!({"dimensions": 1, "positions": (0..n).map(|i| i as f64 / n as f64).collect::<Vec<_>>(), "period": [1.0]});
    let mut network = network(
        json!({"kind": "bernoulli", "p": "exp(-d / 0.1)"}),
        json!({"weight": "1 + d", "delay": "0.5 + 4 * d"}),
    );
    network["populations"][0]["layout"] = line(300);
    network["sources"][0]["layout"] = line(200);
    jumps_are_what_is_read_back::<f64>(network.clone(), 1e-12);
    let (_, simulation) = run::<f64>(network, 2, 1);
    let synapses = simulation.synapses_of(0).unwrap();
    for i in 0..synapses.sources.len() {
        let apart =
            (f64::from(synapses.sources[i] + 20) / 200.0 - f64::from(synapses.targets[i]) / 300.0).abs();
        let d = apart.min(1.0 - apart);
        assert!((synapses.variables[0].1[i] - 1.0 - d).abs() < 1e-12);
        assert!((f64::from(synapses.delays[i]) - (5.0 + 40.0 * d)).abs() <= 0.5 + 1e-9);
    }
}

#[test]
fn the_sign_of_a_weight_comes_back() {
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "P", "size": 20, "neuron": {"model": "iaf-psc-exp"}}],
        "connections": [{"from": "P", "to": "P", "rule": {"kind": "all-to-all"}, "weight": -30.0, "delay": 1.0}]
    });
    let (_, simulation) = run::<f64>(network, 1, 1);
    assert!(simulation.synapses_of(0).unwrap().variables[0].1.iter().all(|&w| (w + 30.0).abs() < 1e-12));
}

#[test]
fn some_neurons_get_input_and_some_are_recorded() {
    let network = |to: Value| {
        json!({
            "dt": 0.1,
            "populations": [{"name": "P", "size": 300, "neuron": {"model": "iaf-psc-exp"}}],
            "inputs": [
                {"kind": "poisson", "to": to, "rate": {"times": [0, 50], "values": [20000, 0]}, "weight": 60},
                {"kind": "current", "to": slice("P", 3, 5), "times": [0.0, 10.0], "values": [1500.0, 600.0, 0.0, 700.0]}
            ],
            "record": {"spikes": [slice("P", 0, 10), slice("P", 90, 130), "Q"]}
        })
    };
    let mut with_q = network(slice("P", 70, 200));
    with_q["populations"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "Q", "size": 5, "neuron": {"model": "iaf-psc-exp", "params": {"iBias": 500}}}));
    let (some, _) = run::<f64>(with_q.clone(), 2, 1000);
    assert_eq!(run::<f64>(with_q.clone(), 3, 1000).0, some);
    assert!(some.neurons.iter().all(|&n| n == 3 || n == 4 || (90..130).contains(&n) || n >= 300));
    for (neuron, step) in [(3, 1..200), (4, 200..1000), (90, 1..700), (129, 1..700), (300, 200..1000)] {
        let of = |&(s, &n): &(&u64, &u32)| n == neuron && step.contains(s);
        assert!(some.steps.iter().zip(&some.neurons).any(|pair| of(&pair)), "{neuron}");
    }
    // Without a current neuron 3 is silent, and without Poisson spikes the others are.
    assert!(!some.steps.iter().zip(&some.neurons).any(|(&s, &n)| n == 3 && s > 200));
    assert!(!some.steps.iter().zip(&some.neurons).any(|(&s, &n)| (90..130).contains(&n) && s > 700));
    // The random numbers of a slice do not depend on whether other neurons have the input too.
    with_q["inputs"][0]["to"] = json!("P");
    let (all, _) = run::<f64>(with_q, 2, 1000);
    let of = |recording: &Recording| -> Vec<(u64, u32)> {
        let pairs = recording.steps.iter().copied().zip(recording.neurons.iter().copied());
        pairs.filter(|(_, n)| (90..130).contains(n)).collect()
    };
    assert!(of(&all) == of(&some) && all.neurons.iter().any(|&n| n < 3));
}

#[test]
fn slices_are_checked() {
    let error = |change: &dyn Fn(&mut Value)| {
        let mut network = network(json!({"kind": "all-to-all"}), json!({}));
        change(&mut network);
        build::<f32>(network, 1).err().unwrap().to_string()
    };
    let text = error(&|n| n["connections"][0]["to"] = slice("P", 100, 301));
    assert!(
        text.contains("connections[0] (S[20..180] to P[100..301]).to")
            && text.contains("some of the 300 neurons of P"),
        "{text}"
    );
    let text = error(&|n| n["connections"][0]["from"] = slice("S", 5, 5));
    assert!(text.contains(".from: expected some of the 200 neurons of S but got 5 to 5"), "{text}");
    let text = error(&|n| n["connections"][0]["weight"] = json!("1 + d"));
    assert!(text.contains("S.layout: expected a layout"), "{text}");
    let text = error(&|n| n["record"]["spikes"] = json!([slice("P", 7, 3)]));
    assert!(text.contains("record.spikes[0]"), "{text}");
}
