//! Gradients through populations that feed back, alone and in cycles; and a session against a run, bit for
//! bit.

use super::differences::{BATCH, CLASSES, Check, STEPS, description};
use lapicque_core::control::Control;
use lapicque_core::dynamics::describe;
use lapicque_core::exec::Network;
use lapicque_core::exec::run::{Recording, Variable};
use lapicque_core::exec::session::{Session, StepInput, Streaming};
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};
use std::sync::Arc;

/// Of the image that a convolution feeds back; more than one panel has.
const SHAPE: [usize; 3] = [2, 6, 6];
const NEURONS: usize = 72;

fn dense(name: &str, inputs: usize, outputs: usize, gain: f64) -> Value {
    json!({ "kind": "dense", "name": name, "in": inputs, "out": outputs, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": gain } })
}

fn conv(name: &str, channels: [usize; 2], gain: f64) -> Value {
    json!({ "kind": "conv", "name": name, "in": channels[0], "out": channels[1], "kernel": [3, 3], "stride": [1, 1],
        "padding": [1, 1], "dilation": [1, 1], "groups": 1, "bias": true,
        "initial": { "kind": "fan-in-uniform", "gain": gain } })
}

fn dynamics(name: &str, neurons: usize, dynamics: Value) -> Value {
    json!({ "kind": "dynamics", "name": name, "neurons": neurons, "dynamics": dynamics })
}

impl Check {
    /// Each sample streamed step by step has the states of the batch, bit for bit.
    #[track_caller]
    fn streams(&self, what: &str) {
        let network = self.network();
        let channels = self.description.input.size;
        let input = self.entering(&self.values);
        let output = network.plan.output;
        let run = network.run(input, &[(output, Variable::State(0))], None, &Control::detached()).unwrap();
        let Recording::State(v) = &run.recordings[0] else { panic!("states were recorded") };
        let streaming = Arc::new(Streaming::new(Arc::new(network)).unwrap());
        for sample in 0..BATCH {
            let mut session = Session::new(streaming.clone()).unwrap();
            for step in 0..STEPS {
                let row = step * BATCH + sample;
                session.step(StepInput::Values(&self.values[row * channels..][..channels])).unwrap();
                assert_eq!(
                    session.membrane(),
                    &v[row * CLASSES..][..CLASSES],
                    "{what}: sample {sample}, step {step}"
                );
            }
            let (all, one) = (&run.state, session.save());
            for (all, one) in all.layers.iter().zip(&one.layers) {
                for (all, one) in all.states.iter().zip(&one.states) {
                    assert_eq!(
                        &all[sample * one.len()..][..one.len()],
                        one,
                        "{what}: state of sample {sample}"
                    );
                }
            }
        }
    }

    /// In segments the gradients are the same within rounding.
    #[track_caller]
    fn segments(mut self, what: &str) {
        let [mut whole, mut cut] = [0, 1].map(|_| Training::new(self.network()));
        self.step(&mut whole, &self.values, None);
        self.segment = Some(2);
        self.step(&mut cut, &self.values, None);
        for (a, b) in whole.network.parameters.iter().zip(&cut.network.parameters) {
            let most = a.grad.iter().fold(1e-12_f64, |most, &x| most.max(x.abs()));
            for (i, (a_i, b_i)) in a.grad.iter().zip(b.grad.iter()).enumerate() {
                assert!((a_i - b_i).abs() <= 1e-11 * most, "{what}: {}[{i}]: {a_i} and {b_i}", a.name);
            }
        }
    }
}

/// What a model needs to be where its equations are tame: options, parameters, dt, the gain of what enters
/// and of what returns, and the slope of its spikes.
struct Conditions {
    params: Value,
    options: Value,
    dt: f64,
    gains: [f64; 2],
    slope: f64,
    without: &'static [&'static str],
}

fn conditions(key: &str) -> Conditions {
    let usual = Conditions {
        params: json!({}),
        options: json!({}),
        dt: 1.0,
        gains: [1.0, 0.7],
        slope: 2.0,
        without: &[],
    };
    let volts = |dt, gain, rest: Value| Conditions {
        params: rest,
        options: json!({}),
        dt,
        gains: [gain, 0.1 * gain],
        slope: 0.1,
        without: &[],
    };
    match key {
        "lif" | "li" | "klif" | "delta-lif" | "multi-level-lif" => {
            Conditions { params: json!({ "beta": 0.85 }), without: &["tauMem"], ..usual }
        }
        "cuba-lif" | "cuba-li" | "alpha" => {
            let params = json!({ "alpha": 0.8, "beta": 0.6 });
            Conditions { params, without: &["tauMem", "tauSyn"], ..usual }
        }
        "lapicque" => Conditions { params: json!({ "r": 2.0, "c": 2.0 }), ..usual },
        // Not used without `tauW`, and without `kernel`.
        "qif" => Conditions { without: &["a", "b", "tauW"], ..usual },
        "srm" => Conditions { without: &["tauMem"], ..usual },
        "parametric-lif" => Conditions { without: &["tauInit"], ..usual },
        "alif" => {
            Conditions { params: json!({ "tauMem": 8.0, "tauSyn": 4.0 }), without: &["beta", "rho"], ..usual }
        }
        "coba-lif" => volts(1.0, 2.0, json!({})),
        "adex" => volts(0.1, 50.0, json!({ "tauSyn": 5.0 })),
        "gif" => volts(1.0, 3.0, json!({ "a": 0.01, "jump1": 3.0, "jump2": -2.0 })),
        "izhikevich" => volts(0.5, 1.0, json!({ "vInit": -70.0 })),
        "hodgkin-huxley" => volts(0.02, 1.0, json!({})),
        "iaf-psc-exp" | "iaf-psc-exp-shared" | "iaf-psc-alpha" => volts(0.5, 50.0, json!({ "tauRef": 0.0 })),
        "iaf-cond-exp" | "iaf-cond-alpha" | "aeif-cond-exp" | "two-compartment" => {
            volts(0.1, 5.0, json!({ "tauRef": 0.0 }))
        }
        "aeif-psc-exp" => volts(0.1, 50.0, json!({ "tauRef": 0.0 })),
        "hh-psc-alpha" | "hh-cond-exp-traub" => volts(0.02, 5.0, json!({ "tauRef": 0.0 })),
        _ => usual,
    }
}

/// One population of a model between a projection and a readout.
fn alone(model: &Value, topology: &str) -> Option<Description> {
    let key = model["key"].as_str()?;
    let Conditions { params, options, dt, gains: [gain, back], slope, without } = conditions(key);
    let names = |key: &str| model["wiring"][key].as_array().map_or(0, Vec::len);
    let (entering, returning) = (names("entering"), names("returning"));
    let learnable = model["params"].as_array()?.iter().filter(|p| p["learnable"] == true).map(|p| &p["name"]);
    let mut learn: Vec<&Value> =
        learnable.filter(|name| !without.contains(&name.as_str().unwrap_or_default())).collect();
    let known = model["params"].as_array()?.iter().map(|p| p["name"].as_str().unwrap_or_default());
    let known: Vec<&str> = known.collect();
    let params: serde_json::Map<String, Value> =
        params.as_object()?.clone().into_iter().filter(|(name, _)| known.contains(&name.as_str())).collect();
    let absent = |name: &Value| {
        model["params"].as_array().into_iter().flatten().any(|p| p["name"] == *name && p["default"].is_null())
    };
    learn.retain(|name| !absent(name) || params.contains_key(name.as_str().unwrap_or_default()));
    let mut spec = json!({ "model": key, "params": params, "options": options, "learn": learn });
    if model["spiking"] == true {
        spec["smoothed"] = slope.into();
    }
    let image = topology == "conv";
    let [channels, height, width] = SHAPE;
    let input = match image {
        true => json!({ "size": height * width, "shape": [1, height, width] }),
        false => json!({ "size": 4 }),
    };
    let enters = match image {
        true => conv("in", [1, entering * channels], gain),
        false => dense("in", 4, entering * NEURONS, gain),
    };
    // Values of a readout near those of a softmax, whatever the unit.
    let readout = json!({ "model": "li", "params": { "beta": 0.7 } });
    let mut nodes =
        vec![enters, dynamics("neurons", NEURONS, spec), dense("read", NEURONS, CLASSES, 0.02 / slope)];
    nodes.push(dynamics("out", CLASSES, readout));
    let mut edges = vec![
        json!(["input", "in"]),
        json!(["in", "neurons"]),
        json!(["neurons", "read"]),
        json!(["read", "out"]),
    ];
    match topology {
        "one-to-one" => {
            let initial = json!({ "kind": "uniform", "low": -back, "high": back });
            let node =
                json!({ "kind": "one-to-one", "name": "back", "neurons": NEURONS, "parts": returning });
            nodes.push(node);
            nodes.last_mut()?["initial"] = initial;
        }
        "dense" => nodes.push(dense("back", NEURONS, returning * NEURONS, back)),
        "conv" => nodes.push(conv("back", [channels, returning * channels], back)),
        _ => {}
    }
    if key == "coba-lif" {
        // Its port has a kink at 0: what is excitatory stays so.
        for node in nodes
            .iter_mut()
            .filter(|node| ["in", "back"].contains(&node["name"].as_str().unwrap_or_default()))
        {
            node["initial"] = json!({ "kind": "uniform", "low": 0.1, "high": 0.3 });
            if node["bias"] == true {
                node["initialBias"] = json!({ "kind": "constant", "value": 0.5 });
            }
        }
    }
    if topology != "none" {
        edges.extend([json!(["neurons", "back"]), json!(["back", "neurons"])]);
    }
    Some(description(input, &nodes, json!(edges), dt))
}

fn every_model(topology: &str) {
    let described = describe();
    let mut seen = 0;
    let mut failed = Vec::new();
    for model in described["models"].as_array().unwrap() {
        let what = format!("{}, {topology}", model["key"].as_str().unwrap());
        let checked = std::panic::catch_unwind(|| {
            let check = Check::new(alone(model, topology).unwrap());
            check.run(&what);
            check.streams(&what);
            check.segments(&what);
        });
        seen += 1;
        failed.extend(checked.is_err().then_some(what));
    }
    assert!(failed.is_empty() && seen >= 30, "{failed:?}");
}

#[test]
fn every_model_feed_forward() {
    every_model("none");
}

#[test]
fn every_model_that_feeds_back_to_itself_one_to_one() {
    every_model("one-to-one");
}

#[test]
fn every_model_that_feeds_back_to_all() {
    every_model("dense");
}

#[test]
fn every_model_that_feeds_back_through_a_convolution() {
    every_model("conv");
}

/// A memory that reads what a hidden population gave before, which reads the memory now, and a population
/// with ports of its own on the way back.
fn cycle() -> Description {
    let rate = |activation: &str| json!({ "model": "rate-unit", "options": { "activation": activation } });
    let nodes = vec![
        dense("in", 4, 70, 1.0),
        dynamics("memory", 70, rate("identity")),
        dense("m-m", 70, 70, 0.6),
        dense("m-h", 70, 66, 0.8),
        dynamics("hidden", 66, rate("tanh")),
        dense("h-m", 66, 70, 0.8),
        dense("h-l", 66, 20, 0.8),
        dynamics("lif", 20, json!({ "model": "lif", "params": { "beta": 0.8 }, "smoothed": 2.0 })),
        dense("l-h", 20, 66, 0.5),
        dense("v-h", 20, 66, 0.5),
        dense("read", 66, CLASSES, 1.0),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.7 } })),
    ];
    let before = json!({ "delayed": true });
    let edges = json!([
        ["input", "in"], ["in", "memory"], ["memory", "m-m"], ["m-m", "memory"], ["memory", "m-h"], ["m-h", "hidden"],
        ["hidden", "h-m", before], ["h-m", "memory"], ["hidden", "h-l"], ["h-l", "lif"], ["lif", "l-h", before],
        ["l-h", "hidden"], ["lif", "v-h", { "delayed": true, "state": "v" }], ["v-h", "hidden"], ["hidden", "read"],
        ["read", "out"]
    ]);
    description(json!({ "size": 4 }), &nodes, edges, 1.0)
}

#[test]
fn a_cycle_of_populations() {
    let check = Check::new(cycle());
    check.run("cycle");
    check.streams("cycle");
    check.segments("cycle");
}

/// Spikes themselves, as bits, that are read in the same step and one later within a loop.
#[test]
fn spikes_within_a_loop_stream_as_they_run() {
    let lif = |name: &str, neurons: usize| {
        dynamics(name, neurons, json!({ "model": "lif", "params": { "beta": 0.9, "vThreshold": 0.4 } }))
    };
    let nodes = vec![
        dense("in", 4, 70, 2.0),
        lif("a", 70),
        dense("a-b", 70, 66, 3.0),
        lif("b", 66),
        dense("b-a", 66, 70, 3.0),
        dense("b-b", 66, 66, 2.0),
        dense("read", 66, CLASSES, 1.0),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.7 } })),
    ];
    let edges = json!([
        ["input", "in"], ["in", "a"], ["a", "a-b"], ["a-b", "b"], ["b", "b-a", { "delayed": true }], ["b-a", "a"],
        ["b", "b-b"], ["b-b", "b"], ["b", "read"], ["read", "out"]
    ]);
    let check = Check::new(description(json!({ "size": 4 }), &nodes, edges, 1.0));
    check.streams("spikes in a loop");
    let mut training = Training::new(check.network());
    check.step(&mut training, &check.values, None);
    for name in ["a-b.weight", "b-a.weight", "b-b.weight"] {
        assert!(training.network.parameter(name).unwrap().grad.iter().any(|&x| x != 0.0), "{name}");
    }
    check.segments("spikes in a loop");
}

#[test]
fn ports_by_name_take_what_is_theirs() {
    let nodes = vec![
        dense("e", 4, 6, 60.0),
        dense("i", 4, 6, 60.0),
        dynamics(
            "neurons",
            6,
            json!({ "model": "iaf-cond-exp", "params": { "tauRef": 0.0 }, "smoothed": 0.1 }),
        ),
        dense("back", 6, 6, 5.0),
        dense("read", 6, CLASSES, 0.2),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.7 } })),
    ];
    let edges = json!([
        ["input", "e"], ["input", "i"], ["e", "neurons", { "port": "excitatory" }],
        ["i", "neurons", { "port": "inhibitory" }], ["neurons", "back"], ["back", "neurons", { "port": "inhibitory" }],
        ["neurons", "read", { "state": "v" }], ["read", "out"]
    ]);
    let check = Check::new(description(json!({ "size": 4 }), &nodes, edges, 0.5));
    check.run("ports");
    check.streams("ports");
}

#[test]
fn a_loop_within_a_step_is_refused() {
    let nodes = vec![
        dense("in", 4, 3, 1.0),
        dynamics("a", 3, json!({ "model": "rate-unit" })),
        dense("a-b", 3, 3, 1.0),
        dynamics("out", 3, json!({ "model": "rate-unit" })),
        dense("b-a", 3, 3, 1.0),
    ];
    let edges =
        json!([["input", "in"], ["in", "a"], ["a", "a-b"], ["a-b", "out"], ["out", "b-a"], ["b-a", "a"]]);
    let error =
        Network::<f64>::new(&description(json!({ "size": 4 }), &nodes, edges, 1.0), SimdLevel::detect());
    let error = error.err().unwrap().to_string();
    assert!(error.contains("a cycle among a, out") && error.contains("delayed"), "{error}");
}
