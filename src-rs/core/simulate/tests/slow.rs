//! Changes below the rounding of single precision: synapses, parameters and states of neurons with time constants up to 1e9
//! ms, compared with closed forms and with networks of double precision.

use super::{build, with_threads};
use crate::{Precision, SimulationState};
use lapicque_base::control::Control;
use lapicque_base::real::Real;
use lapicque_dynamics::MODELS;
use lapicque_dynamics::definition::{Definition, Range};
use lapicque_plasticity::RULES;
use serde_json::{Value, json};

fn after<F: Precision>(network: &Value, steps: u64) -> SimulationState {
    with_threads(1, || {
        let mut simulation = build::<F>(network.clone(), 1).unwrap_or_else(|e| panic!("{network}: {e}"));
        simulation.run(steps, &Control::detached()).unwrap();
        simulation.save()
    })
}

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-3 * want.abs()
}

/// A silent target, and a source that fires ten times a second for a minute.
fn silent(synapse: Value) -> Value {
    let train: Vec<f64> = (1..600).map(|k| f64::from(k) * 100.0).collect();
    json!({
        "dt": 1.0,
        "populations": [{"name": "n", "size": 1, "neuron": {"model": "lif", "params": {"beta": 0.9, "vThreshold": 1e9}}}],
        "sources": [{"name": "s", "trains": [train]}],
        "connections": [{"from": "s", "to": "n", "rule": {"kind": "one-to-one"}, "weight": 1.7, "delay": 1, "synapse": synapse}],
    })
}

const MINUTE: u64 = 60_000;

fn growth<F: Precision>(tau: f64) -> f64 {
    let rule =
        json!({"model": "synaptic-scaling", "params": {"tauScaling": tau, "rateInit": 0.0, "wMax": 1e4}});
    let state = after::<F>(&silent(rule), MINUTE);
    // The step to which rows have caught up.
    let brought = state.plastic[0].sources[0].done as f64;
    let w = state.plastic[0].variables[0].1[0];
    (w / 1.7 - 1.0) / ((brought / tau).exp_m1())
}

#[test]
fn weights_of_a_silent_neuron_grow_as_the_closed_form_says() {
    for tau in [1e4, 1e6, 3.6e7, 1e8, 1e9] {
        let got = [growth::<f32>(tau), growth::<f64>(tau)];
        println!("tauScaling {tau}: {got:?} of the closed form");
        assert!(got.iter().all(|&part| near(part, 1.0)), "tauScaling {tau}: {got:?} of the closed form");
    }
}

/// Time constants of a table.
fn times(definition: &Definition) -> impl Iterator<Item = &'static str> + '_ {
    let times = definition
        .params
        .iter()
        .filter(|p| p.unit == "ms" && p.name.starts_with("tau") && p.name != "tauRef");
    times.filter(|p| matches!(p.range, Range::Positive | Range::NotNegative)).map(|p| p.name)
}

/// Every variable of a synapse after spike trains on both sides, at the last step to which rows have caught up.
fn variables<F: Precision>(synapse: &Value, modulated: bool) -> Vec<(String, f64, f64)> {
    let train = |every: u32, first: u32| -> Vec<f64> {
        (0..2900 / every).map(|k| f64::from(first + k * every)).collect()
    };
    let network = json!({
        "dt": 1.0,
        "populations": [
            {"name": "n", "size": 1, "neuron": {"model": "lif", "like": "nest", "params": {
                "vLeak": -70, "vReset": -70, "vThreshold": 900, "tauRef": 0}}},
            {"name": "m", "size": 1, "neuron": {"model": "lif", "params": {"beta": 0.5, "vThreshold": 0.5}}},
        ],
        "sources": [{"name": "pre", "trains": [train(10, 3)]}, {"name": "post", "trains": [train(13, 5)]},
            {"name": "dose", "trains": [train(70, 20)]}],
        "connections": [
            {"from": "pre", "to": "n", "rule": {"kind": "one-to-one"}, "weight": 0.5, "delay": 1, "synapse": synapse,
             "modulator": modulated.then_some("m")},
            {"from": "post", "to": "n", "rule": {"kind": "one-to-one"}, "weight": 2000, "delay": 1},
            {"from": "dose", "to": "m", "rule": {"kind": "one-to-one"}, "weight": 9, "delay": 1},
        ],
    });
    let [start, end] = [0, 3000].map(|steps| after::<F>(&network, steps));
    let end = end.plastic[0].variables.iter().zip(&start.plastic[0].variables);
    end.map(|((name, x), (_, from))| (name.clone(), from[0], x[0])).collect()
}

#[test]
fn every_rule_keeps_what_it_changes_at_every_time_constant() {
    let mut seen = 0;
    for rule in RULES {
        let definition = (rule.definition)();
        let spec = |name: &str, tau: f64| json!({"model": definition.key, "params": {name: tau}});
        for name in times(&definition) {
            for tau in [1e5, 1e7, 1e9] {
                let synapse = spec(name, tau);
                let Ok(bound) = lapicque_plasticity::Bound::new(&synapse, 1.0) else { continue };
                // States of the target change with arriving weights, which f32 rounds to units of the port.
                let part = if bound.sights.is_empty() { 1e-3 } else { 1e-2 };
                let modulated = bound.modulated.is_some();
                let [single, double] =
                    [variables::<f32>(&synapse, modulated), variables::<f64>(&synapse, modulated)];
                for ((what, from, got), (_, start, want)) in single.into_iter().zip(double) {
                    let (got, want) = (got - from, want - start);
                    let held = f64::from(f32::EPSILON) * start.abs();
                    let close = (got - want).abs()
                        <= part * want.abs() + if want.abs() > 1e-3 * start.abs() { held } else { 0.0 };
                    assert!(close, "{}: {name} {tau}: {what} changes by {got}, not {want}", definition.key);
                    seen += usize::from(want != 0.0);
                }
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn a_custom_rule_keeps_what_it_changes() {
    for (learn, post) in [(1e-9, "w += rate * x"), (1e-8, "w *= 1 + rate"), (1e-7, "w -= rate * w * x")] {
        let synapse = json!({"model": "custom", "params": {"rate": learn}, "equations": {
            "traces": [{"name": "x", "of": "pre", "tau": 1e8}], "variables": [{"name": "c", "init": 1.0, "tau": 1e9}],
            "post": post}});
        let [single, double] = [variables::<f32>(&synapse, false), variables::<f64>(&synapse, false)];
        for ((what, from, got), (_, start, want)) in single.into_iter().zip(double) {
            assert!(want != start && near(got - from, want - start), "{post}: {what} {got} {want}");
        }
    }
}

#[test]
fn default_rules_stay_in_the_precision_of_the_network() {
    // The benchmark networks stay in single precision, at half the memory and with unchanged bits.
    for key in ["stdp", "triplet-stdp", "inhibitory-stdp", "tsodyks-markram", "reward-stdp", "bcm"] {
        let rule = lapicque_plasticity::Bound::new(&json!({"model": key}), 0.1).unwrap();
        assert!(!rule.is_slow(1.0), "{key}");
    }
}

/// States of a neuron without input, at the start and after this number of steps.
fn states<F: Precision>(neuron: &Value, initial: &Value, steps: u64) -> Vec<(String, f64)> {
    let network =
        json!({"dt": 0.1, "populations": [{"name": "n", "size": 1, "neuron": neuron, "initial": initial}]});
    let state = after::<F>(&network, steps);
    state.populations[0].states.iter().map(|(name, values)| (name.clone(), values[0])).collect()
}

#[test]
fn every_neuron_keeps_what_its_states_change_at_every_time_constant() {
    let mut seen = 0;
    for model in MODELS {
        let definition = (model.definition)();
        if definition.ports.len() > 3 && !definition.spiking {
            continue;
        }
        for name in times(&definition) {
            for tau in [1e5, 1e7, 1e9] {
                let required = |p: &lapicque_dynamics::definition::ParamDef| p.name;
                let _ = required;
                let mut neuron = json!({"model": definition.key, "params": {name: tau}});
                // Parameters without a default get the value of the time constant if that is allowed.
                for other in times(&definition).filter(|&other| other != name) {
                    if lapicque_dynamics::Bound::new(&neuron, 1, 0.1).is_err() {
                        neuron["params"][other] = json!(20.0);
                    }
                }
                let Ok(bound) = lapicque_dynamics::Bound::new(&neuron, 1, 0.1) else { continue };
                // Initial states differ from the steady state, so that they change.
                let initial: serde_json::Map<String, Value> = (bound.states.iter())
                    .filter(|state| state.unit != "steps")
                    .map(|state| (state.name.to_string(), json!(state.init[0] + 0.125)))
                    .collect();
                let initial = Value::Object(initial);
                let of = |steps| {
                    [states::<f32>(&neuron, &initial, steps), states::<f64>(&neuron, &initial, steps)]
                };
                let ([from, start], [got, want]) = (of(0), of(2000));
                for (i, state) in bound.states.iter().enumerate() {
                    let [got, want] = [got[i].1 - from[i].1, want[i].1 - start[i].1];
                    let ulp = f64::from(f32::EPSILON) * start[i].1.abs();
                    // A state that changes by a lot may be rounded once per step.
                    let rounded = if want.abs() > 1e3 * ulp { 50.0 * ulp } else { 0.0 };
                    assert!(
                        (got - want).abs() <= 1e-3 * want.abs() + rounded,
                        "{}: {name} {tau}: {} changes by {got}, not {want}",
                        definition.key,
                        state.name
                    );
                    seen += usize::from(want != 0.0);
                }
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn a_slow_adaptation_follows_its_closed_form() {
    // tauW dw/dt = a (v - vLeak) - w, v at rest: w = w0 exp(-t / tauW).
    for tau in [1e6, 1e9] {
        let neuron = json!({"model": "aeif-cond-exp", "params": {"tauW": tau, "a": 0.0}});
        let initial = json!({"w": 100.0});
        let got =
            states::<f32>(&neuron, &initial, 20_000).into_iter().find(|(name, _)| name == "w").unwrap().1;
        let want = 100.0 * f64::exp_m1(-2000.0 / tau);
        assert!(near(got - 100.0, want), "{tau}: {} not {want}", got - 100.0);
    }
}

#[test]
fn a_slow_neuron_goes_on_from_its_state_to_the_bit() {
    let network = json!({
        "dt": 0.1,
        "populations": [{"name": "n", "size": 70, "neuron": {"model": "aeif-cond-exp", "params": {"tauW": 1e8, "iBias": 700}}}],
        "connections": [{"from": "n", "to": "n", "rule": {"kind": "fixed-in-degree", "count": 5}, "weight": 2, "delay": 1,
            "synapse": {"model": "synaptic-scaling", "params": {"tauScaling": 1e8}}}],
    });
    let run = |pieces: &[u64]| {
        with_threads(2, || {
            let mut simulation = build::<f32>(network.clone(), 1).unwrap();
            for &steps in pieces {
                let state = simulation.save();
                simulation = build::<f32>(network.clone(), 1).unwrap();
                simulation.restore(&state).unwrap();
                simulation.run(steps, &Control::detached()).unwrap();
            }
            simulation.save()
        })
    };
    assert!(run(&[9000]) == run(&[3000, 1, 5999]));
    let kept = run(&[10]).populations[0].states[1].1[0];
    assert!(kept != 0.0 && f64::from(kept as f32) != kept);
}

#[test]
fn intrinsic_plasticity_moves_a_parameter_as_slowly_as_it_is_told() {
    // The threshold of a silent neuron falls by gain * rateTarget per second.
    for gain in [1e-4, 1e-9] {
        let network = json!({"dt": 1.0, "populations": [{"name": "n", "size": 1, "neuron": {"model": "iaf-psc-exp"},
            "intrinsic": {"parameter": "vThreshold", "rateTarget": 5.0, "gain": gain, "tauRate": 1e9, "interval": 10.0}}]});
        let threshold = after::<f32>(&network, MINUTE).intrinsic[0].values[0];
        let want = -gain * 5.0 * 60.0;
        assert!(near(threshold + 55.0, want), "{gain}: {} not {want}", threshold + 55.0);
    }
}

#[test]
fn calcium_and_elements_of_slow_growth_follow_their_closed_form() {
    for tau in [1e6, 1e9] {
        let curve = json!({"curve": "linear", "rate": 1e-8, "epsilon": 1.0});
        let network = json!({"dt": 1.0,
            "populations": [{"name": "n", "size": 3, "neuron": {"model": "iaf-psc-exp"}}],
            "connections": [{"from": "n", "to": "n", "rule": {"kind": "all-to-all"}, "weight": 1, "delay": 1, "structural": {
                "axonal": curve, "dendritic": curve, "interval": 100.0, "tauCalcium": tau, "betaCalcium": 1e-3, "vacantDecay": 0.0}}]});
        let state = after::<f32>(&network, MINUTE);
        let structure = state.plastic[0].structure.as_ref().unwrap();
        let grown = structure.axonal[0] - structure.axonal[0].floor();
        assert!(near(grown, 1e-8 * MINUTE as f64), "{tau}: {grown}");
    }
}

#[test]
fn what_is_left_over_of_a_state_is_a_number_of_single_precision() {
    let neuron = json!({"model": "li", "params": {"tauMem": 1e9}});
    let v = states::<f32>(&neuron, &json!({"v": 1.0}), 1000)[0].1;
    assert!(near(v - 1.0, (-100.0 / 1e9f64).exp_m1()), "{}", v - 1.0);
    let high = <f32 as Real>::from_f64(v).to_f64();
    assert_eq!(<f32 as Real>::from_f64(v - high).to_f64(), v - high);
}
