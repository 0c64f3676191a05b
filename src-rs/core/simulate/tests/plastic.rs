//! Plastic connections: compared with weights recorded in NEST, with one synapse driven event by event, and for equal bits at
//! all levels and thread counts.

use super::{build, with_threads};
use crate::{Description, Precision, Recording, Simulation, Synapses};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::Bound;
use lapicque_plasticity::synapse::{Samples, Trains, drive};
use lapicque_references::Case;
use serde_json::{Value, json};

/// A neuron that fires when the source `post` does, and one plastic synapse onto it.
fn pair(synapse: Value, weight: &Value, delay: &Value, pre: &[f64], post: &[f64]) -> Value {
    json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 1, "neuron": {"model": "lif", "like": "nest", "params": {
            "vLeak": 0, "vReset": 0, "vThreshold": 1e6, "tauRef": 0}}}],
        "sources": [
            {"name": "pre", "trains": [pre]},
            {"name": "post", "trains": [post.iter().map(|t| t - 0.1).collect::<Vec<f64>>()]},
        ],
        "connections": [
            {"from": "pre", "to": "n", "rule": {"kind": "one-to-one"}, "weight": weight, "delay": delay,
             "synapse": synapse},
            {"from": "post", "to": "n", "rule": {"kind": "one-to-one"}, "weight": 1e9, "delay": 0.1},
        ],
    })
}

/// The stored weight after the arrival of each spike of the source.
fn recorded(case: &Case, synapse: Value) -> Vec<f64> {
    let params = &case.car["params"];
    let (pre, post) = (case.tensor("pre_spikes").values, case.tensor("post_spikes").values);
    let network = pair(synapse, &params["weight"], &params["delay"], &pre, &post);
    let delay = params["delay"].as_f64().unwrap();
    with_threads(1, || {
        let mut simulation = build::<f64>(network, 0).unwrap();
        let mut fired = vec![];
        let weights = pre
            .iter()
            .map(|t| {
                let until = ((t + delay) / 0.1).round() as u64;
                let run = simulation.run(until - simulation.step(), &Control::detached()).unwrap();
                fired.extend(run.steps);
                simulation.save().plastic[0].variables[0].1[0]
            })
            .collect();
        let want: Vec<u64> = post.iter().map(|t| (t / 0.1).round() as u64).collect();
        assert_eq!(fired, want[..fired.len()], "the target does not fire when it should");
        weights
    })
}

#[test]
fn pair_stdp_of_nest_in_a_network() {
    for name in ["nest_stdp_pair", "nest_stdp_additive"] {
        let case = Case::all("04_synapses").into_iter().find(|case| case.name == name).unwrap();
        let p = |name: &str| case.car["params"][name].clone();
        let synapse = json!({"model": "stdp", "like": "nest", "params": {
            "tauPlus": p("tau_plus"), "tauMinus": p("tau_minus"), "lambda": p("lambda"), "alpha": p("alpha"),
            "muPlus": p("mu_plus"), "muMinus": p("mu_minus"), "wMax": p("Wmax"),
        }});
        case.compare("rec_weights", &recorded(&case, synapse));
    }
}

#[test]
fn what_tsodyks_markram_synapses_transmit() {
    // The membrane does not leak, so its increments are the weights that arrived.
    let case = Case::all("04_synapses").into_iter().find(|c| c.name == "nest_tsodyks2_facilitating").unwrap();
    let p = |name: &str| case.car["params"][name].clone();
    let pre = case.tensor("pre_spikes").values;
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 1, "neuron": {"model": "if", "params": {"vThreshold": 1e9}}}],
        "sources": [{"name": "pre", "trains": [pre]}],
        "connections": [{"from": "pre", "to": "n", "rule": {"kind": "one-to-one"}, "weight": p("weight"), "delay": p("delay"),
            "synapse": {"model": "tsodyks-markram", "like": "nest-tsodyks2", "params": {
                "utilization": p("U"), "uFirst": p("u"), "xInit": p("x"), "tauRec": p("tau_rec"), "tauFac": p("tau_fac")}}}],
        "record": {"traces": [{"population": "n", "state": "v"}]},
    });
    let last = pre.last().unwrap() + p("delay").as_f64().unwrap();
    let steps = (last / 0.1).round() as u64;
    let run = with_threads(1, || build::<f64>(network, 0).unwrap().run(steps, &Control::detached()).unwrap());
    let mut before = 0.0;
    let mut jumps = vec![];
    for &v in &run.traces[0].values {
        if v != before {
            jumps.push(v - before);
        }
        before = v;
    }
    case.compare("rec_weights", &jumps);
}

/// A network in which every rule has a connection, with many different delays and with several synapses per pair. One further
/// connection starts at a spike source, and one has weights below 0.
fn network(size: usize) -> Value {
    let delay = json!({"kind": "uniform", "low": 1.0, "high": 3.0});
    let weight = json!({"kind": "uniform", "low": 0.05, "high": 0.3});
    let mut connections: Vec<Value> = (rules().iter())
        .map(|synapse| {
            let modulated = Bound::new(synapse, 0.1).is_ok_and(|rule| rule.modulated.is_some());
            json!({"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 4}, "weight": weight,
                   "delay": delay, "synapse": synapse, "modulator": modulated.then_some("S")})
        })
        .collect();
    connections.push(json!({"from": "S", "to": "E", "rule": {"kind": "all-to-all"}, "weight": weight,
        "delay": 1.0, "synapse": rules()[0]}));
    connections.push(json!({"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 10},
        "weight": {"kind": "uniform", "low": -0.5, "high": -0.1}, "delay": delay, "synapse": rules()[0]}));
    connections.push(json!({"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 10},
        "weight": -0.4, "delay": delay}));
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "E", "size": size, "neuron": {"model": "lif", "like": "nest", "params": {
                "tauMem": 10, "vLeak": 0, "vReset": 0, "vThreshold": 15, "tauRef": 2}},
             "initial": {"v": {"kind": "uniform", "low": 0, "high": 15}}},
        ],
        "sources": [{"name": "S", "trains": [[1.0, 1.1, 30.5, 480.0], [], [2.0, 2.5]]}],
        "connections": connections,
        "inputs": [{"kind": "poisson", "to": "E", "rate": 9000, "weight": 0.19}],
    })
}

fn rules() -> Vec<Value> {
    let stdp = |options: Value| {
        json!({"model": "stdp", "params": {"lambda": 0.03, "wMax": 1.0, "muPlus": 0.7, "tauMinus": 25},
               "options": options})
    };
    vec![
        stdp(json!({})),
        stdp(json!({"pairing": "nearest", "coincidence": "both"})),
        stdp(json!({"coincidence": "pre-first"})),
        stdp(json!({"coincidence": "post-first", "decay": "euler"})),
        json!({"model": "triplet-stdp", "params": {"wMax": 1.0}}),
        json!({"model": "inhibitory-stdp", "params": {"wMax": 1.0, "eta": 0.01, "rate": 20}}),
        json!({"model": "bcm", "params": {"tauTheta": 300, "wMax": 1.0}}),
        json!({"model": "oja", "params": {"wMax": 1.0}}),
        json!({"model": "reward-stdp", "params": {"aPlus": 0.1, "aMinus": 0.08, "baseline": 1e-4, "wMin": -5, "wMax": 5},
               "options": {"coincidence": "pre-first"}}),
        json!({"model": "synaptic-scaling", "params": {"rateTarget": 20, "tauRate": 200, "tauScaling": 900, "wMax": 1}}),
        json!({"model": "custom", "params": {"eta": 0.02, "tau": 30, "wMin": 0, "wMax": 3}, "equations": {
            "variables": [{"name": "u", "init": 0.2, "tau": 50}, {"name": "k"}],
            "traces": [{"name": "a", "of": "pre", "tau": "tau"}, {"name": "b", "of": "post", "tau": 20, "jump": "set"}],
            "pre": "u += 0.3 * (1 - u); w -= eta * b * w", "post": "w += eta * a; k += 1",
            "modulated": "w *= 1 + 0.01 * b", "transmit": "w * u"}, "options": {"coincidence": "both"}}),
        json!({"model": "tsodyks-markram", "params": {"utilization": 0.3, "tauRec": 100, "tauFac": 60, "tauPsc": 4}}),
        json!({"model": "combined", "rules": [stdp(json!({"coincidence": "pre-first"})),
            {"model": "synaptic-scaling", "params": {"rateTarget": 20, "tauRate": 200, "tauScaling": 900, "wMax": 1}},
            {"model": "tsodyks-markram", "params": {"utilization": 0.3, "tauRec": 100, "tauFac": 60}}]}),
    ]
}

/// Longer than the time after which all synapses catch up.
const STEPS: u64 = 5000;

fn all_synapses<F: Precision>(simulation: &Simulation<F>) -> Vec<Synapses> {
    (0..rules().len() + 2).map(|c| simulation.synapses_of(c).unwrap()).collect()
}

#[test]
fn a_network_does_what_its_synapses_do_alone() {
    let size = 24;
    let network = network(size);
    let (start, run, end) = with_threads(1, || {
        let mut simulation = build::<f64>(network.clone(), 3).unwrap();
        let start = all_synapses(&simulation);
        let run = simulation.run(STEPS, &Control::detached()).unwrap();
        (start, run, all_synapses(&simulation))
    });
    assert!(run.steps.len() > 4 * size, "hardly any spikes");
    let spikes = |neuron: u32, until: u64| -> Vec<f64> {
        let of = run.steps.iter().zip(&run.neurons).filter(|&(&s, &n)| n == neuron && s <= until);
        of.map(|(&step, _)| step as f64 * 0.1).collect()
    };
    let sources: Vec<Vec<f64>> = serde_json::from_value(network["sources"][0]["trains"].clone()).unwrap();
    let mut doses = sources.concat();
    doses.sort_by(f64::total_cmp);
    for (c, (start, end)) in start.iter().zip(&end).enumerate() {
        let connection = &network["connections"][c];
        let synapse = &connection["synapse"];
        let rule = Bound::new(synapse, 0.1).unwrap();
        assert_eq!(
            (&start.sources, &start.targets, &start.delays),
            (&end.sources, &end.targets, &end.delays)
        );
        for i in 0..end.sources.len() {
            let (source, delay) = (end.sources[i], u64::from(end.delays[i]));
            let trains = Trains {
                pre: if connection["from"] == "S" {
                    sources[source as usize].clone()
                } else {
                    spikes(source, STEPS)
                },
                post: spikes(end.targets[i], STEPS - delay),
                modulator: if rule.modulated.is_some() { doses.clone() } else { vec![] },
            };
            let times = Samples { times: vec![STEPS as f64 * 0.1], after: true };
            let (w, ms) = (start.variables[0].1[i], delay as f64 * 0.1);
            let alone = drive(&rule, w.abs(), ms, &trains, &times, &Control::detached()).unwrap();
            for (v, (got, want)) in end.variables.iter().map(|(_, x)| x[i]).zip(&alone.samples).enumerate() {
                // A weight may have crossed zero.
                let want = if v == 0 { want * w.signum() } else { *want };
                assert!((got - want).abs() < 1e-9, "{synapse}: synapse {i} is {got}, alone {want}");
            }
        }
        let moved = start.variables[0].1.iter().zip(&end.variables[0].1).filter(|(a, b)| a != b).count();
        assert!(moved > 0 || rule.post.is_none(), "{synapse}: no weight has changed");
    }
}

fn everything<F: Precision>(threads: usize, level: SimdLevel, cuts: &[u64]) -> (Recording, Vec<Synapses>) {
    let description = Description::from_json(&network(150).to_string()).unwrap();
    with_threads(threads, || {
        let mut all = Recording::default();
        let mut simulation = Simulation::<F>::new(description, 5, level, &Control::detached()).unwrap();
        for &steps in cuts {
            let next = simulation.run(steps, &Control::detached()).unwrap();
            all.steps.extend(next.steps);
            all.neurons.extend(next.neurons);
            all.synaptic_events += next.synaptic_events;
            // Reading back changes nothing.
            all_synapses(&simulation);
        }
        (all, all_synapses(&simulation))
    })
}

fn everywhere<F: Precision>() {
    let reference = everything::<F>(1, SimdLevel::detect(), &[STEPS]);
    assert!(reference.0.steps.len() > 600, "hardly any spikes");
    for (threads, cuts) in [(3, vec![STEPS]), (2, vec![7, 4000, 500, STEPS - 4507])] {
        let other = everything::<F>(threads, SimdLevel::detect(), &cuts);
        assert!(other == reference, "{threads} threads, {cuts:?}");
    }
    let reference = everything::<F>(1, SimdLevel::Portable, &[300]);
    for level in [SimdLevel::Avx2, SimdLevel::Avx512].into_iter().filter(|level| level.is_supported()) {
        assert!(everything::<F>(2, level, &[300]) == reference, "{}", level.name());
    }
}

#[test]
fn plastic_networks_are_the_same_bits_everywhere_in_f32() {
    everywhere::<f32>();
}

#[test]
fn plastic_networks_are_the_same_bits_everywhere_in_f64() {
    everywhere::<f64>();
}

#[test]
fn a_restored_plastic_network_goes_on_as_if_nothing_had_happened() {
    let make = || build::<f32>(network(100), 9).unwrap();
    let (state, rest, end) = with_threads(1, || {
        let mut simulation = make();
        simulation.run(4200, &Control::detached()).unwrap();
        let state = simulation.save();
        (state, simulation.run(600, &Control::detached()).unwrap(), all_synapses(&simulation))
    });
    let text = serde_json::to_string(&state).unwrap();
    let again = with_threads(2, || {
        let mut simulation = make();
        simulation.restore(&serde_json::from_str(&text).unwrap()).unwrap();
        assert!(simulation.save() == state);
        (simulation.run(600, &Control::detached()).unwrap(), all_synapses(&simulation))
    });
    assert!(again == (rest, end));
}

#[test]
fn states_of_other_networks_are_refused() {
    let mut simulation = build::<f32>(network(30), 9).unwrap();
    let state = simulation.save();
    let mut error = |change: &dyn Fn(&mut crate::SimulationState)| {
        let mut other = state.clone();
        change(&mut other);
        simulation.restore(&other).unwrap_err().to_string()
    };
    assert!(error(&|s| s.plastic.clear()).starts_with("state.plastic: expected shape"));
    assert!(error(&|s| s.plastic[0].variables[0].1[3] = f64::NAN).contains("w[3]: expected a finite number"));
    assert!(error(&|s| s.plastic[2].sources.clear()).contains("state.plastic[2].sources"));
    assert!(
        error(&|s| s.plastic[1].targets[0].steps.push(9)).contains("targets[0]: expected ascending steps")
    );
}

#[test]
fn bad_synapses_are_named() {
    let error = |change: &dyn Fn(&mut Value)| {
        let mut network = network(10);
        change(&mut network["connections"][0]);
        build::<f32>(network, 1).err().unwrap().to_string()
    };
    assert!(
        error(&|c| c["synapse"] = json!({"model": "stdp", "params": {"wMax": 0.2}}))
            .starts_with("connections[0] (E to E).weight: expected a weight from 0 to 0.2")
    );
    assert!(error(&|c| c["synapse"] = json!({"model": "stpd"})).contains("did you mean \"stdp\""));
    assert!(
        error(&|c| c["synapse"]["params"]["tauPlus"] = json!(0))
            .starts_with("connections[0] (E to E).synapse.tauPlus: expected a number above 0")
    );
    assert!(error(&|c| c["modulator"] = json!("S")).contains("no rule of the connection is modulated"));
    assert!(
        error(&|c| c["weight"] = json!({"kind": "uniform", "low": -0.1, "high": 0.1}))
            .contains("from 0 to 1")
    );
    let simulation = build::<f32>(network(10), 1).unwrap();
    assert_eq!(
        simulation.synapses_of(99).unwrap_err().to_string(),
        format!(
            "connection: expected one of {} connections but got 99",
            simulation.plan.description.connections.len()
        )
    );
}

#[test]
fn recorded_weights_are_those_of_that_time() {
    let mut description = network(100);
    description["record"] =
        json!({"weights": [{"connection": 8, "every": 30}, {"connection": 0, "every": 45}]});
    let run = |threads: usize, cuts: &[u64]| {
        with_threads(threads, || {
            let mut simulation = build::<f64>(description.clone(), 4).unwrap();
            let mut all = [(vec![], vec![]), (vec![], vec![])];
            let mut read = vec![];
            for &steps in cuts {
                let next = simulation.run(steps, &Control::detached()).unwrap();
                for (all, trace) in all.iter_mut().zip(next.weights) {
                    all.0.extend(trace.steps);
                    all.1.extend(trace.values);
                }
                read.push(simulation.synapses_of(8).unwrap().variables[0].1.clone());
            }
            (all, read)
        })
    };
    let (all, read) = run(1, &[300, 300, 300]);
    assert_eq!(all[0].0, [300, 600, 900]);
    assert_eq!(all[0].1, read.concat());
    assert_eq!(all[1].0, [450, 900]);
    assert!(all[0].1[..read[0].len()] != all[0].1[read[0].len()..][..read[0].len()], "nothing is learned");
    assert_eq!(run(3, &[900]).0, all);
    assert_eq!(run(2, &[250, 650]).0, all);

    let error = |weights: Value| {
        let mut description = network(10);
        description["record"] = json!({"weights": weights});
        build::<f32>(description, 1).err().unwrap().to_string()
    };
    let plain = rules().len() + 2;
    assert!(
        error(json!([{"connection": plain, "every": 1}]))
            .starts_with("record.weights[0].connection: expected")
    );
    assert!(error(json!([{"connection": 0, "every": 0.05}])).contains("a whole number of steps of 0.1 ms"));
    assert!(error(json!([{"connection": 0, "every": 1}, {"connection": 0, "every": 2}])).contains("once"));
}

#[test]
fn weights_alone_are_those_of_the_synapses() {
    let mut simulation = build::<f32>(network(60), 2).unwrap();
    simulation.run(700, &Control::detached()).unwrap();
    for connection in [0, rules().len() + 1] {
        let all = simulation.synapses_of(connection).unwrap().variables[0].1.clone();
        let alone: Vec<f64> = simulation.weights_of(connection).unwrap().into_iter().map(f64::from).collect();
        assert_eq!(alone, all);
    }
}
