//! Rules that read states of their targets: compared with every synapse advanced step by step from recorded potentials and
//! spikes, and for equal bits with any threads, levels and division of a run.

use super::{build, with_threads};
use crate::plasticity::learning::learning;
use crate::{Description, Precision, Simulation, Synapses};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

const DT: f64 = 0.1;
const STEPS: u64 = 3000;

fn clopath(options: Value) -> Value {
    json!({"model": "clopath", "options": options, "params": {
        "aLtp": 2e-3, "aLtd": 6e-3, "thetaPlus": 9.0, "thetaMinus": 4.0, "tauX": 15, "tauPlus": 7, "tauMinus": 10,
        "tauBar": 40, "delayUBars": 0.7, "uRest": 1.0, "uRefSquared": 20, "uSpike": 20, "tSpike": 0.4, "wMax": 0.5}})
}

/// A rule with a variable that decays between events, or does not.
fn everything(decays: bool) -> Value {
    let k =
        if decays { json!({"name": "k", "init": 0.5, "tau": 30}) } else { json!({"name": "k", "init": 0.5}) };
    json!({"model": "custom", "params": {"eta": 1e-4, "tau": 20, "late": 0.3}, "equations": {
        "variables": [k],
        "traces": [{"name": "a", "of": "pre", "tau": "tau"}, {"name": "b", "of": "post", "tau": 12}],
        "sights": [{"name": "u", "of": "v"}, {"name": "slow", "of": "v", "tau": "tau", "delay": "late"}],
        "everyStep": "w += eta * (slow * a - b * w) * dt; k += 0.001 * u * dt",
        "pre": "w -= eta * slow * b", "post": "w += 0.01 * a * k; k += 0.1"}})
}

/// Many different delays, and pairs with several synapses; `count` synapses lead to each neuron.
fn drawn(count: usize) -> [Value; 2] {
    [json!({"kind": "fixed-in-degree", "count": count}), json!({"kind": "uniform", "low": 0.3, "high": 2.0})]
}

/// Some neurons; the rule of their wiring, and the delays.
fn network(size: usize, [rule, delay]: [Value; 2], synapses: &[Value]) -> Value {
    let weight = json!({"kind": "uniform", "low": 0.05, "high": 0.3});
    let connections: Vec<Value> = (synapses.iter())
        .map(|synapse| {
            json!({"from": "E", "to": "E", "rule": rule, "weight": weight,
                   "delay": delay, "synapse": synapse})
        })
        .collect();
    json!({
        "dt": DT,
        "populations": [{"name": "E", "size": size, "neuron": {"model": "lif", "like": "nest", "params": {
            "tauMem": 10, "vLeak": 0, "vReset": 0, "vThreshold": 15, "tauRef": 2}},
            "initial": {"v": {"kind": "uniform", "low": 0, "high": 15}}}],
        "connections": connections,
        "inputs": [{"kind": "poisson", "to": "E", "rate": 9000, "weight": 0.18}],
        "record": {"traces": [{"population": "E", "state": "v"}]},
    })
}

/// The states of one neuron that the rule sees: after each step from 0 on, replaced by a fixed value after spikes.
fn seen(v: &[f64], spikes: &[u64], held: Option<(f64, u64)>) -> Vec<f64> {
    let mut u = v.to_vec();
    if let Some((value, steps)) = held {
        for &spike in spikes {
            (spike..spike + steps).filter(|&k| k <= STEPS).for_each(|k| u[k as usize] = value);
        }
    }
    u
}

/// The solution of `tau dy/dt = u - y` for a `u` that is linear between steps, by variation of constants.
fn low_pass(u: &[f64], tau: f64) -> Vec<f64> {
    let keep = (-DT / tau).exp();
    let mut y = vec![u[0]];
    for pair in u.windows(2) {
        let (before, slope) = (pair[0], (pair[1] - pair[0]) / DT);
        let particular = |t: f64| before + slope * (t - tau);
        y.push(particular(DT) + keep * (y[y.len() - 1] - particular(0.0)));
    }
    y
}

fn at(values: &[f64], step: i64) -> f64 {
    values[step.max(0) as usize]
}

struct Seen {
    v: Vec<Vec<f64>>,
    spikes: Vec<Vec<u64>>,
}

/// The weight after all events that have reached the synapse by step `until`.
fn clopath_alone(seen_of: &Seen, source: u32, target: u32, delay: i64, mut w: f64, bar: bool) -> f64 {
    let (pre, post) = (&seen_of.spikes[source as usize], &seen_of.spikes[target as usize]);
    let u = seen(&seen_of.v[target as usize], post, Some((20.0, 4)));
    let (plus, minus) = (low_pass(&u, 7.0), low_pass(&u, 10.0));
    let slow = low_pass(&minus, 40.0);
    let mut x = 0.0;
    for k in 1..=STEPS as i64 {
        x *= (-DT / 15.0f64).exp();
        let step = k - delay;
        if step >= 1 {
            let (over, filtered) = (at(&u, step) - 9.0, at(&plus, step - 7) - 4.0);
            if over > 0.0 && filtered > 0.0 {
                w = (w + 2e-3 * over * filtered * DT * x).min(0.5);
            }
        }
        if pre.contains(&(k as u64)) {
            let amplitude = if bar { 6e-3 * (at(&slow, step) - 1.0).powi(2) / 20.0 } else { 6e-3 };
            w = (w - amplitude * (at(&minus, step - 7) - 4.0).max(0.0)).max(0.0);
            x += 1.0 / 15.0;
        }
    }
    w
}

fn custom_alone(seen_of: &Seen, source: u32, target: u32, delay: i64, mut w: f64, decays: bool) -> [f64; 2] {
    let (pre, post) = (&seen_of.spikes[source as usize], &seen_of.spikes[target as usize]);
    let u = &seen_of.v[target as usize];
    let slow = low_pass(u, 20.0);
    let (mut a, mut b, mut k) = (0.0, 0.0, 0.5);
    for now in 1..=STEPS as i64 {
        a *= (-DT / 20.0f64).exp();
        k *= if decays { (-DT / 30.0f64).exp() } else { 1.0 };
        let step = now - delay;
        let spiked = step >= 1 && post.contains(&(step as u64));
        if step >= 1 {
            b *= (-DT / 12.0f64).exp();
            w += 1e-4 * (at(&slow, step - 3) * a - b * w) * DT;
            k += 0.001 * at(u, step) * DT;
        }
        let a_before = a;
        if spiked {
            w += 0.01 * a_before * k;
            k += 0.1;
        }
        // Two spikes that reach the synapse in the same step do not see each other.
        if pre.contains(&(now as u64)) {
            w -= 1e-4 * at(&slow, step - 3) * b;
            a += 1.0;
        }
        if spiked {
            b += 1.0;
        }
    }
    [w, k]
}

#[test]
fn synapses_do_what_they_do_step_by_step() {
    step_by_step(20, drawn(5));
}

/// Enough synapses that rows catch up by target.
#[test]
fn many_synapses_of_each_target_do_what_they_do_step_by_step() {
    step_by_step(64, drawn(33));
}

/// Few enough pairs are missing that the layout is dense.
#[test]
fn synapses_of_all_with_all_others_do_what_they_do_step_by_step() {
    step_by_step(46, [json!({"kind": "all-to-all", "autapses": false}), json!(0.8)]);
}

fn step_by_step(size: usize, wiring: [Value; 2]) {
    let homeostatic = clopath(json!({"depression": "homeostatic"}));
    let rules = [clopath(json!({})), homeostatic, everything(true), everything(false)];
    let of = |simulation: &Simulation<f64>| -> Vec<Synapses> {
        (0..rules.len()).map(|c| simulation.synapses_of(c).unwrap()).collect()
    };
    let (first, run, start, end) = with_threads(1, || {
        let mut simulation = build::<f64>(network(size, wiring, &rules), 3).unwrap();
        let first: Vec<f64> =
            simulation.save().populations[0].states.iter().find(|(n, _)| n == "v").unwrap().1.clone();
        let start = of(&simulation);
        let run = simulation.run(STEPS, &Control::detached()).unwrap();
        (first, run, start, of(&simulation))
    });
    assert!(run.steps.len() > 5 * size, "hardly any spikes");
    let column = |n: usize| run.traces[0].values.iter().skip(n).step_by(size).copied();
    let seen = Seen {
        v: (0..size).map(|n| std::iter::once(first[n]).chain(column(n)).collect()).collect(),
        spikes: (0..size as u32)
            .map(|n| {
                run.steps.iter().zip(&run.neurons).filter(|&(_, &of)| of == n).map(|(&s, _)| s).collect()
            })
            .collect(),
    };
    for (c, (start, end)) in start.iter().zip(&end).enumerate() {
        let mut moved = 0.0f64;
        for i in 0..end.sources.len() {
            let (source, target, delay) = (end.sources[i], end.targets[i], i64::from(end.delays[i]));
            let w = start.variables[0].1[i];
            let got = end.variables[0].1[i];
            let want = match c {
                2 | 3 => custom_alone(&seen, source, target, delay, w, c == 2),
                _ => [clopath_alone(&seen, source, target, delay, w, c == 1), 0.0],
            };
            assert!((got - want[0]).abs() < 1e-9, "rule {c}, synapse {i}: {got}, step by step {}", want[0]);
            if c >= 2 {
                let k = end.variables[1].1[i];
                assert!((k - want[1]).abs() < 1e-9, "synapse {i}: k is {k}, step by step {}", want[1]);
            }
            moved = moved.max((got - w).abs());
        }
        assert!(moved > 1e-3, "rule {c} changes nothing: {moved}");
    }
}

fn outcome<F: Precision>(
    threads: usize,
    level: SimdLevel,
    cuts: &[u64],
    save: bool,
) -> (Vec<u64>, Vec<Synapses>) {
    let rules = [clopath(json!({"depression": "homeostatic"})), everything(true), everything(false)];
    // Three blocks of neurons, one per thread. Two of them have enough synapses to catch up by target. The third block
    // does not, and neither does a single thread with all blocks.
    let description = || Description::from_json(&network(130, drawn(34), &rules).to_string()).unwrap();
    let make = |threads: usize| {
        with_threads(threads, || Simulation::<F>::new(description(), 5, level, &Control::detached()).unwrap())
    };
    let mut simulation = make(threads);
    let mut steps = vec![];
    for (i, &cut) in cuts.iter().enumerate() {
        if save && i > 0 {
            let state = simulation.save();
            simulation = make(threads % 3 + 1);
            simulation.restore(&state).unwrap();
            assert_eq!(simulation.save(), state);
        }
        steps.extend(with_threads(threads, || simulation.run(cut, &Control::detached()).unwrap()).steps);
    }
    (steps, (0..rules.len()).map(|c| simulation.synapses_of(c).unwrap()).collect())
}

/// Every row catches up in every step, mostly in an interpreted program, so the number of steps is small.
fn everywhere<F: Precision>() {
    let (best, whole) = (SimdLevel::detect(), vec![400]);
    let reference = outcome::<F>(1, best, &whole, false);
    assert!(reference.0.len() > 100, "hardly any spikes");
    for (threads, level, cuts, save) in [
        (3, best, whole.clone(), false),
        (2, best, vec![3, 201, 196], true),
        (2, SimdLevel::Avx2.min(best), vec![7, 130, 263], false),
        (1, SimdLevel::Portable, whole, false),
    ] {
        assert!(
            outcome::<F>(threads, level, &cuts, save) == reference,
            "{threads} threads, {}, {cuts:?}",
            level.name()
        );
    }
}

#[test]
fn the_same_everywhere() {
    everywhere::<f32>();
    everywhere::<f64>();
}

/// Estimated and actual bytes of the contiguous copies.
fn side_by_side<F: Precision>(rule: Value, multapses: bool, threads: usize) -> [f64; 2] {
    let synapse = json!({"model": "custom", "equations": {
        "variables": [{"name": "k"}, {"name": "l"}], "traces": [{"name": "a", "of": "pre", "tau": 20}],
        "sights": [{"name": "u", "of": "v"}], "everyStep": "w += 1e-7 * u * a; k += u; l += a"}});
    let mut network = network(600, [rule, json!(1.0)], &[synapse]);
    network["connections"][0]["multapses"] = multapses.into();
    network["connections"][0]["weight"] = json!(0.001);
    with_threads(threads, || {
        let mut simulation = build::<F>(network, 1).unwrap();
        simulation.run(300, &Control::detached()).unwrap();
        let partitions: Vec<_> =
            simulation.partitions.iter().map(crate::construction::simulation::lock).collect();
        let plastic = partitions.iter().flat_map(|partition| &partition.plastic);
        let copied_bytes = plastic
            .map(|plastic| learning!(plastic, rows => rows.by_target.as_ref().map_or(0, |of| of.copied_bytes())))
            .sum::<u64>();
        let c = &simulation.plan.connections[0];
        let single = !multapses || matches!(c.wiring.rule, crate::spec::description::Rule::Bernoulli { .. });
        let ends = [600, 600, partitions.len() as u64];
        let double = c.synapse.as_ref().is_some_and(|synapse| synapse.is_double::<F>());
        let real = if double { 8 } else { size_of::<F>() as u64 };
        let declared_bytes = crate::plasticity::by_target::bytes(c.expected, single, ends, 3 * real);
        [declared_bytes as f64, copied_bytes as f64]
    })
}

#[test]
fn synapses_side_by_side_take_what_they_are_said_to() {
    let bernoulli = |p: f64| json!({"kind": "bernoulli", "p": p});
    for (rule, multapses) in [
        (json!({"kind": "all-to-all"}), false),
        (bernoulli(0.9), true),
        (bernoulli(0.78), true),
        (bernoulli(0.7), true),
        (json!({"kind": "fixed-in-degree", "count": 480}), true),
        (json!({"kind": "fixed-in-degree", "count": 480}), false),
    ] {
        for [declared_bytes, copied_bytes] in
            [side_by_side::<f32>(rule.clone(), multapses, 1), side_by_side::<f64>(rule.clone(), multapses, 2)]
        {
            assert!(
                (declared_bytes / copied_bytes - 1.0).abs() < 0.1,
                "{rule}, {multapses}: {declared_bytes} bytes for {copied_bytes}"
            );
        }
    }
}

#[test]
fn a_state_that_the_target_has_not_is_named() {
    let rule = json!({"model": "custom", "equations": {"sights": [{"name": "u", "of": "vDendrite"}], "pre": "w -= u"}});
    let error = build::<f64>(network(4, drawn(5), &[rule]), 1).err().unwrap().to_string();
    assert!(error.contains("vDendrite") && error.contains("state of E"), "{error}");
    let rule = json!({"model": "custom", "equations": {"when": "w > 0"}});
    let error = build::<f64>(network(4, drawn(5), &[rule]), 1).err().unwrap().to_string();
    assert!(error.contains("everyStep"), "{error}");
}
