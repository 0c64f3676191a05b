//! Structural plasticity: elements compared with integrals, degrees with elements, rates with their target. Results are
//! equal for any number of threads and any division of a run, also when variables are set in between.

use super::{build, with_threads};
use crate::{Description, Precision, Simulation, SimulationState, Synapses};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

fn growth(curve: &str, rate: f64) -> Value {
    match curve {
        "linear" => json!({"curve": "linear", "rate": rate, "epsilon": 0.05}),
        _ => json!({"curve": "gaussian", "rate": rate, "eta": 0.0, "epsilon": 0.05}),
    }
}

/// Excitatory neurons with structurally plastic recurrent connections; `drive` is a rate in Hz through synapses of 0.2.
fn network(size: usize, axonal: Value, dendritic: Value, drive: f64, synapse: Option<Value>) -> Value {
    json!({
        "dt": 0.1,
        "populations": [{"name": "E", "size": size, "neuron": {"model": "lif", "like": "nest", "params": {
            "tauMem": 10, "vLeak": 0, "vReset": 0, "vThreshold": 15, "tauRef": 2}},
            "initial": {"v": {"kind": "uniform", "low": 0, "high": 15}}}],
        "connections": [{"from": "E", "to": "E", "rule": {"kind": "bernoulli", "p": 0.02}, "weight": 0.4, "delay": 1.0,
            "autapses": false, "synapse": synapse, "structural": {
                "axonal": axonal, "dendritic": dendritic, "interval": 10.0, "tauCalcium": 1000, "betaCalcium": 0.01,
                "most": 200}}],
        "inputs": [{"kind": "poisson", "to": "E", "rate": drive, "weight": 0.2}],
    })
}

fn degrees(synapses: &Synapses, size: usize) -> [Vec<usize>; 2] {
    [&synapses.sources, &synapses.targets].map(|ends| {
        let mut counts = vec![0; size];
        ends.iter().for_each(|&n| counts[n as usize] += 1);
        counts
    })
}

#[test]
fn elements_are_integrals_over_calcium() {
    // Neurons with several rates. Elements are never paired, since the first update is after the end.
    // Calcium stays where both curves are above 0.
    let linear = json!({"curve": "linear", "rate": 0.02, "epsilon": 1.0});
    let gaussian = json!({"curve": "gaussian", "rate": 0.03, "eta": -0.01, "epsilon": 0.5});
    let mut network = network(30, linear, gaussian, 7000.0, None);
    network["connections"][0]["structural"]["interval"] = json!(100_000.0);
    let steps = 6000u64;
    let (start, run, end) = with_threads(1, || {
        let mut simulation = build::<f64>(network, 2).unwrap();
        let start = simulation.elements_of(0).unwrap();
        let run = simulation.run(steps, &Control::detached()).unwrap();
        (start, run, simulation.elements_of(0).unwrap())
    });
    assert!(run.steps.len() > 100);
    let (tau, beta, dt) = (1000.0f64, 0.01, 0.1);
    for n in 0..30 {
        let spikes: Vec<f64> = run
            .steps
            .iter()
            .zip(&run.neurons)
            .filter(|&(_, &of)| of == n as u32)
            .map(|(&s, _)| s as f64 * dt)
            .collect();
        let calcium = |t: f64| -> f64 {
            spikes.iter().filter(|&&spike| spike <= t).map(|spike| beta * (-(t - spike) / tau).exp()).sum()
        };
        let total = steps as f64 * dt;
        // The integral of calcium in closed form, spike by spike.
        let area: f64 = spikes.iter().map(|spike| beta * tau * (1.0 - (-(total - spike) / tau).exp())).sum();
        let linear = start[0][1][n] + 0.02 * (total - area / 1.0);
        assert!((end[0][1][n] - linear).abs() < 1e-9, "{} {linear}", end[0][1][n]);
        assert!((end[1][0][n] - calcium(total)).abs() < 1e-12);
        // Simpson's rule in steps of a tenth.
        let f = |c: f64| {
            let (center, width) = (0.245, 0.51 / (2.0 * std::f64::consts::LN_2.sqrt()));
            2.0 * (-((c - center) / width).powi(2)).exp() - 1.0
        };
        let mut z = start[1][1][n];
        let (mut t, h) = (0.0, 1.0);
        while t < total - 1e-9 {
            // Calcium jumps at spikes: the integral goes from one to the next.
            let next =
                spikes.iter().copied().filter(|&s| s > t + 1e-9).fold(f64::min(t + h, total), f64::min);
            let (a, left) = (calcium(t + 1e-9), next - t);
            let at = |share: f64| f(a * (-share * left / tau).exp());
            z += 0.03 * left / 6.0 * (at(0.0) + 4.0 * at(0.5) + at(1.0));
            t = next;
        }
        assert!((end[1][1][n] - z).abs() < 1e-6 * z.max(1.0), "{} {z}", end[1][1][n]);
    }
}

#[test]
fn degrees_follow_elements_and_rates_reach_their_target() {
    let size = 100;
    // Calcium of 0.05 with a time constant of 1 s and 0.01 per spike: 5 Hz. The drive alone gives a lower rate.
    let mut network = network(size, growth("linear", 0.006), growth("linear", 0.006), 5800.0, None);
    network["connections"][0]["weight"] = json!(0.6);
    // Elements that are lost while free would keep the rate below its target.
    network["connections"][0]["structural"]["vacantDecay"] = json!(0.0);
    let (degrees, elements, rates, synapses) = with_threads(2, || {
        let mut simulation = build::<f32>(network, 4).unwrap();
        let before = simulation.run(10_000, &Control::detached()).unwrap().steps.len() as f64 / size as f64;
        simulation.run(140_000, &Control::detached()).unwrap();
        let after =
            simulation.run(100_000, &Control::detached()).unwrap().steps.len() as f64 / size as f64 / 10.0;
        let synapses = simulation.synapses_of(0).unwrap();
        (degrees(&synapses, size), simulation.elements_of(0).unwrap(), [before, after], synapses)
    });
    assert!(rates[0] < 3.5, "without synapses {} Hz", rates[0]);
    assert!((rates[1] - 5.0).abs() < 0.7, "{} Hz", rates[1]);
    for (degrees, [_, z]) in degrees.iter().zip(&elements) {
        // As of the last update: no more synapses than elements, except for elements lost since then.
        assert!(degrees.iter().zip(z).all(|(&k, &z)| k as f64 <= z.ceil() + 1.0), "{degrees:?} {z:?}");
    }
    let mean = degrees[0].iter().sum::<usize>() as f64 / size as f64;
    let grown = elements.iter().map(|[_, z]| z.iter().sum::<f64>() / size as f64).fold(f64::MAX, f64::min);
    assert!(mean > 1.0 && (mean - grown).abs() < 0.25 * grown + 2.0, "{mean} synapses, {grown} elements");
    assert!(synapses.sources.iter().zip(&synapses.targets).all(|(s, t)| s != t), "an autapse");
    assert!(synapses.variables[0].1.iter().all(|&w| (w - 0.6).abs() < 1e-6));
}

#[test]
fn too_many_synapses_are_taken_away() {
    // Elements shrink whatever the neurons do.
    let mut network = network(40, growth("linear", -0.02), growth("linear", -0.02), 6000.0, None);
    network["connections"][0]["rule"] = json!({"kind": "fixed-in-degree", "count": 12});
    with_threads(1, || {
        let mut simulation = build::<f64>(network, 4).unwrap();
        for _ in 0..10 {
            simulation.run(500, &Control::detached()).unwrap();
            let [out, into] = degrees(&simulation.synapses_of(0).unwrap(), 40);
            let [[_, axonal], [_, dendritic]] = simulation.elements_of(0).unwrap();
            for (k, z) in out.iter().zip(&axonal).chain(into.iter().zip(&dendritic)) {
                assert!(*k as f64 <= z.floor() + 1e-9, "{k} synapses of {z} elements");
            }
        }
        assert!(simulation.synapses() < 200);
    });
}

type Outcome = (Vec<u64>, Synapses, [[Vec<f64>; 2]; 2], SimulationState);

fn outcome<F: Precision>(threads: usize, level: SimdLevel, cuts: &[u64], save: bool) -> Outcome {
    let stdp = json!({"model": "stdp", "params": {"lambda": 0.05, "wMax": 1.0}});
    let network = network(150, growth("gaussian", 0.05), growth("linear", 0.04), 6500.0, Some(stdp));
    let description = || Description::from_json(&network.to_string()).unwrap();
    let make = |threads: usize| {
        with_threads(threads, || Simulation::<F>::new(description(), 5, level, &Control::detached()).unwrap())
    };
    let mut simulation = make(threads);
    let mut steps = vec![];
    for (i, &cut) in cuts.iter().enumerate() {
        if save && i > 0 {
            let state = simulation.save();
            simulation = make(threads % 4 + 1);
            simulation.restore(&state).unwrap();
            assert_eq!(simulation.save(), state);
        }
        steps.extend(with_threads(threads, || simulation.run(cut, &Control::detached()).unwrap()).steps);
    }
    (steps, simulation.synapses_of(0).unwrap(), simulation.elements_of(0).unwrap(), simulation.save())
}

fn everywhere<F: Precision>() {
    let steps = 5000;
    let reference = outcome::<F>(1, SimdLevel::detect(), &[steps], false);
    assert!(reference.0.len() > 300 && reference.1.sources.len() > 500, "{}", reference.1.sources.len());
    for (threads, cuts, save) in [
        (2, vec![steps], false),
        (3, vec![1003, steps - 1003], false),
        (4, vec![steps], false),
        (2, vec![700, 1800, steps - 2500], true),
    ] {
        let got = outcome::<F>(threads, SimdLevel::detect(), &cuts, save);
        assert!(got == reference, "{threads} threads, {cuts:?}");
    }
    for level in [SimdLevel::Portable, SimdLevel::Avx2.min(SimdLevel::detect())] {
        assert!(outcome::<F>(1, level, &[steps], false) == reference, "{level:?}");
    }
}

#[test]
fn the_same_everywhere() {
    everywhere::<f32>();
    everywhere::<f64>();
}

/// Learning neurons with structural plasticity. Updates are 100 steps apart, delays take 10 steps.
fn learning(synapse: Value) -> Value {
    let mut network = network(40, growth("gaussian", 0.2), growth("linear", 0.1), 7500.0, Some(synapse));
    network["connections"][0]["structural"]["vacantDecay"] = json!(0.0);
    network
}

/// The result when variables are set a few steps before and after updates, and in the middle between them.
fn set_between<F: Precision>(
    synapse: &Value,
    threads: usize,
    set: impl Fn(&Synapses) -> Vec<(String, Vec<f64>)> + Sync,
) -> (Vec<u64>, Vec<u32>, Synapses, SimulationState) {
    with_threads(threads, || {
        let mut simulation = build::<F>(learning(synapse.clone()), 5).unwrap();
        let (mut steps, mut neurons) = (vec![], vec![]);
        for cut in [96, 7, 94, 2, 51, 149, 97, 4, 1493] {
            let run = simulation.run(cut, &Control::detached()).unwrap();
            steps.extend(run.steps);
            neurons.extend(run.neurons);
            let values = set(&simulation.synapses_of(0).unwrap());
            if !values.is_empty() {
                simulation.set_synapses(&[0], &values).unwrap();
            }
        }
        (steps, neurons, simulation.synapses_of(0).unwrap(), simulation.save())
    })
}

fn what_is_set_as_it_was_changes_nothing<F: Precision>() {
    let stdp = json!({"model": "stdp", "params": {"lambda": 0.05, "wMax": 1.0}});
    let scaling = json!({"model": "synaptic-scaling", "params": {
        "rateTarget": 8, "tauRate": 200, "tauScaling": 900, "wMax": 1}});
    let together = json!({"model": "combined", "rules": [stdp, scaling]});
    for synapse in [
        stdp,
        json!({"model": "stdp", "params": {"lambda": 0.05, "wMax": 1.0}, "options": {"coincidence": "both"}}),
        json!({"model": "triplet-stdp", "params": {"wMax": 1.0}}),
        json!({"model": "inhibitory-stdp", "params": {"wMax": 1.0, "eta": 0.01, "rate": 20}}),
        json!({"model": "bcm", "params": {"tauTheta": 300, "wMax": 1.0}}),
        scaling,
        together,
        // Every step may change these synapses.
        json!({"model": "clopath", "params": {"aLtp": 2e-3, "aLtd": 6e-3, "thetaPlus": 9.0, "thetaMinus": 4.0, "tauX": 15,
            "uRest": 1.0, "uRefSquared": 20, "wMax": 1.0}}),
        json!({"model": "custom", "params": {"eta": 1e-4, "wMin": 0, "wMax": 1}, "equations": {
            "variables": [{"name": "k", "init": 0.5, "tau": 30}],
            "traces": [{"name": "a", "of": "pre", "tau": 20}, {"name": "b", "of": "post", "tau": 12}],
            "sights": [{"name": "u", "of": "v"}], "everyStep": "w += eta * (u * a - b * w) * dt; k += 0.001 * u * dt",
            "pre": "w -= eta * b", "post": "w += 0.01 * a * k; k += 0.1"}}),
    ] {
        let [untouched, set, weights] = [
            set_between::<F>(&synapse, 1, |_| vec![]),
            set_between::<F>(&synapse, 3, |synapses| synapses.variables.clone()),
            set_between::<F>(&synapse, 2, |synapses| synapses.variables[..1].to_vec()),
        ];
        assert!(untouched.0.len() > 100 && untouched.2.sources.len() > 100, "{synapse}");
        assert!(set == untouched, "{synapse}: all variables");
        assert!(weights == untouched, "{synapse}: weights");
    }
}

#[test]
fn what_is_read_back_and_set_changes_nothing() {
    what_is_set_as_it_was_changes_nothing::<f32>();
    what_is_set_as_it_was_changes_nothing::<f64>();
}

fn what_is_born_sees_what_its_target_did<F: Precision>() {
    // Counting spikes of the target does not change the weight, so all set values can be checked against the state.
    for coincidence in ["neither", "both"] {
        let synapse = json!({"model": "custom", "params": {"eta": 0.002, "wMin": 0, "wMax": 3}, "equations": {
            "variables": [{"name": "k"}], "traces": [{"name": "a", "of": "pre", "tau": 20}],
            "pre": "w -= eta", "post": "w += eta * a; k += 1"}, "options": {"coincidence": coincidence}});
        let far = 1000.0;
        let counts = |synapses: &Synapses| synapses.variables[1].1.clone();
        let untouched = set_between::<F>(&synapse, 1, |_| vec![]);
        let set = set_between::<F>(&synapse, 2, |synapses| {
            vec![("k".into(), counts(synapses).into_iter().map(|k| k + far).collect())]
        });
        assert!(set.0 == untouched.0 && set.1 == untouched.1, "other spikes");
        assert_eq!([&set.2.sources, &set.2.targets], [&untouched.2.sources, &untouched.2.targets]);
        assert!(set.2.variables[0] == untouched.2.variables[0], "other weights");
        let own: Vec<f64> = counts(&set.2).into_iter().map(|k| k % far).collect();
        assert_eq!(own, counts(&untouched.2));
        assert!(counts(&set.2).iter().any(|&k| k > far && k < 9.0 * far), "nothing was born in time");
    }
}

#[test]
fn what_is_born_sees_as_much_after_others_were_set() {
    what_is_born_sees_what_its_target_did::<f32>();
    what_is_born_sees_what_its_target_did::<f64>();
}

#[test]
fn what_cannot_come_and_go() {
    let good = || network(20, growth("linear", 0.1), growth("linear", 0.1), 100.0, None);
    let error = |change: &dyn Fn(&mut Value)| {
        let mut network = good();
        change(&mut network["connections"][0]);
        build::<f64>(network, 1).err().unwrap().to_string()
    };
    assert!(error(&|c| c["weight"] = json!({"kind": "uniform", "low": 0, "high": 1})).contains("one weight"));
    assert!(error(&|c| c["delay"] = json!({"kind": "uniform", "low": 1, "high": 3})).contains("one delay"));
    assert!(error(&|c| c["structural"]["interval"] = json!(0.25)).contains("interval"));
    assert!(
        error(&|c| c["structural"]["axonal"] = growth("gaussian", 1.0)
            .as_object()
            .map(|g| {
                let mut g = g.clone();
                g["eta"] = json!(0.2);
                Value::Object(g)
            })
            .unwrap())
        .contains("axonal.epsilon")
    );
    let mut state = with_threads(1, || build::<f64>(good(), 1).unwrap()).save();
    state.plastic[0].structure.as_mut().unwrap().sources[0] = 99;
    let error =
        with_threads(1, || build::<f64>(good(), 1).unwrap().restore(&state).err().unwrap().to_string());
    assert!(error.contains("structure"), "{error}");
}

#[test]
fn free_elements_decay_as_in_nest() {
    // NEST 3.10.0: ten neurons at rest. Axonal elements grow by 0.0037 per ms from 0; there are no dendritic elements.
    // At updates 100 ms apart, 10 % of the free elements are lost; only whole elements can be free. The values are the
    // elements before each update.
    let nest = [
        0.37, 0.74, 1.11, 1.38, 1.65, 1.92, 2.19, 2.36, 2.53, 2.7, 2.87, 3.04, 3.11, 3.18, 3.25, 3.32, 3.39,
        3.46, 3.53, 3.6,
    ];
    let mut network = network(10, growth("linear", 0.0037), growth("linear", 0.0), 0.0, None);
    network["connections"][0]["rule"] = json!({"kind": "bernoulli", "p": 0.0});
    network["connections"][0]["structural"]["interval"] = json!(100.0);
    with_threads(1, || {
        let mut simulation = build::<f64>(network, 4).unwrap();
        for (update, z) in nest.into_iter().enumerate() {
            simulation.run(if update == 0 { 999 } else { 1000 }, &Control::detached()).unwrap();
            // One step before the update.
            let [[_, axonal], _] = simulation.elements_of(0).unwrap();
            assert!(
                axonal.iter().all(|own| (own - (z - 0.00037)).abs() < 1e-9),
                "{update}: {axonal:?}, not {z}"
            );
        }
    });
}
