//! Linear memories whose steps are computed all at once: against the same network from step to step,
//! closed forms and central differences, in double precision.

use lapicque_core::Error;
use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::run::{Recording, RunOutput};
use lapicque_core::exec::session::{Session, StepInput, Streaming};
use lapicque_core::graph::Description;
use lapicque_core::graph::legendre::{Discretization, LegendreMemory, decoder};
use lapicque_core::projection::Element;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};
use std::sync::Arc;

const CHANNELS: usize = 3;
/// More than one panel.
const NEURONS: usize = 70;
/// More than one tile.
const BATCH: usize = 19;
const STEPS: usize = 29;
const CLASSES: usize = 3;

/// What differs between networks: the population before the memory, what the memory remembers of it, and
/// whether training changes the memory.
#[derive(Clone, Copy)]
struct Case {
    before: &'static str,
    signals: usize,
    trainable: bool,
}

const CASES: [Case; 5] = [
    Case { before: "rate-unit", signals: 1, trainable: false },
    Case { before: "rate-unit", signals: 2, trainable: false },
    Case { before: "rate-unit", signals: 2, trainable: true },
    Case { before: "lif", signals: 3, trainable: false },
    Case { before: "input", signals: CHANNELS, trainable: false },
];

fn dense(name: &str, inputs: usize, outputs: usize, gain: f64) -> Value {
    json!({ "kind": "dense", "name": name, "in": inputs, "out": outputs, "bias": false,
        "initial": { "kind": "fan-in-uniform", "gain": gain } })
}

fn population(name: &str, neurons: usize, dynamics: Value) -> Value {
    json!({ "kind": "dynamics", "name": name, "neurons": neurons, "dynamics": dynamics })
}

/// `back` is what the memory feeds back.
fn network<F: Element>(case: Case, [into, back]: [Value; 2], level: SimdLevel) -> Result<Network<F>, Error> {
    let mut spec = json!({ "model": case.before });
    if case.before == "lif" {
        spec["params"] = json!({ "beta": 0.9, "vThreshold": 0.3 });
    }
    let mut nodes = vec![
        into,
        population("memory", NEURONS, json!({ "model": "rate-unit" })),
        back,
        dense("read", NEURONS, CLASSES, 1.0),
        population("out", CLASSES, json!({ "model": "li", "params": { "beta": 0.7 } })),
    ];
    let mut edges = json!([
        ["into", "memory"],
        ["memory", "back"],
        ["back", "memory"],
        ["memory", "read"],
        ["read", "out"]
    ]);
    let mut add = |from: &str, to: &str| edges.as_array_mut().unwrap().push(json!([from, to]));
    if case.before == "input" {
        add("input", "into");
    } else {
        nodes.extend([dense("in", CHANNELS, case.signals, 2.0), population("before", case.signals, spec)]);
        add("input", "in");
        add("in", "before");
        add("before", "into");
    }
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f64", "seed": 5, "input": { "size": CHANNELS },
        "nodes": nodes, "edges": edges, "output": "out" });
    Network::new(&Description::from_json(&description.to_string())?, level)
}

/// Dense weights at random, whose powers fade.
fn random<F: Element>(case: Case, parallel: bool, level: SimdLevel) -> Network<F> {
    let mut both = [dense("into", case.signals, NEURONS, 1.0), dense("back", NEURONS, NEURONS, 1.4)];
    both.iter_mut().for_each(|node| node["trainable"] = case.trainable.into());
    both[1]["parallel"] = parallel.into();
    network(case, both, level).unwrap()
}

fn values<F: Element>() -> Vec<F> {
    let mut values = vec![0.0_f64; STEPS * BATCH * CHANNELS];
    Rng::new(11, 5).fill_uniform(&mut values, 0);
    values.into_iter().map(F::from_f64).collect()
}

fn run<F: Element>(network: &Network<F>, x: &[F], from: Option<&RunOutput<F>>) -> (Vec<F>, RunOutput<F>) {
    let shape = [x.len() / (BATCH * CHANNELS), BATCH, CHANNELS];
    let input = InputValues::new(x, shape, false, SimdLevel::detect()).unwrap();
    let record = [network.variable("memory.v").unwrap(), network.variable("out.v").unwrap()];
    let output = network.run(input, &record, from.map(|o| &o.state), &Control::detached()).unwrap();
    let states = output.recordings.iter().flat_map(|recording| match recording {
        Recording::State(v) => v.clone(),
        Recording::Spikes(_) => panic!("states were recorded"),
    });
    (states.collect(), output)
}

fn close(a: &[f64], b: &[f64], within: f64, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let most = b.iter().fold(1e-12_f64, |most, x| most.max(x.abs()));
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= within * most, "{what} [{i}]: {a} and {b}");
    }
}

#[test]
fn all_steps_at_once_are_those_one_by_one() {
    for (i, case) in CASES.into_iter().enumerate() {
        let x = values::<f64>();
        let [parallel, serial] = [true, false].map(|p| random::<f64>(case, p, SimdLevel::detect()));
        let (whole, _) = run(&parallel, &x, None);
        let (expected, _) = run(&serial, &x, None);
        assert_ne!(whole, expected, "case {i}: another order of sums was to be expected");
        close(&whole, &expected, 1e-13, &format!("case {i}"));
        // From a state: what is left of it is added.
        let cut = 10 * BATCH * CHANNELS;
        let (_, middle) = run(&parallel, &x[..cut], None);
        let (rest, _) = run(&parallel, &x[cut..], Some(&middle));
        let tail = |states: &[f64], width: usize, from: usize| {
            states[from..][10 * BATCH * width..STEPS * BATCH * width].to_vec()
        };
        let memory = tail(&expected, NEURONS, 0);
        close(&rest[..memory.len()], &memory, 1e-13, &format!("case {i}, from a state"));
        close(
            &rest[memory.len()..],
            &tail(&expected, CLASSES, STEPS * BATCH * NEURONS),
            1e-13,
            &format!("case {i}, output from a state"),
        );
    }
}

#[test]
fn a_session_agrees_with_a_run() {
    let network = random::<f64>(CASES[1], true, SimdLevel::detect());
    let x = values::<f64>();
    let (states, _) = run(&network, &x, None);
    let out = &states[STEPS * BATCH * NEURONS..];
    let mut session = Session::new(Arc::new(Streaming::new(Arc::new(network)).unwrap())).unwrap();
    for step in 0..STEPS {
        session.step(StepInput::Values(&x[step * BATCH * CHANNELS..][..CHANNELS])).unwrap();
        close(session.membrane(), &out[step * BATCH * CLASSES..][..CLASSES], 1e-12, &format!("step {step}"));
    }
}

fn gradients<F: Element>(
    network: Network<F>,
    x: &[F],
    segment: Option<usize>,
    method: Method,
    from: usize,
    dx: Option<&mut [F]>,
) -> (f64, Network<F>) {
    let input = InputValues::new(x, [STEPS, BATCH, CHANNELS], false, SimdLevel::detect()).unwrap();
    let loss = ObjectiveLoss::from_json(&json!({ "kind": "cross-entropy-membrane", "from": from }));
    let objective = Objective {
        loss: loss.unwrap(),
        metrics: vec![],
        readout: None,
        regularizers: vec![],
        segment,
        method,
        population_classes: None,
        by: None,
    };
    let labels: Vec<u32> = (0..BATCH).map(|i| (i % CLASSES) as u32).collect();
    let batch = Batch { input, targets: Targets::Classes(&labels), lengths: None, extra: &[], initial: None };
    let mut training = Training::new(network);
    let report = training.gradients(&batch, &objective, dx, &Control::detached()).unwrap();
    (report.loss, training.network)
}

fn compare(a: &Network<f64>, b: &Network<f64>, what: &str) {
    for (a, b) in a.parameters.iter().zip(&b.parameters) {
        close(&a.grad, &b.grad, 1e-11, &format!("{what}: {}", b.name));
    }
}

#[test]
fn gradients_are_those_of_single_steps() {
    for (i, case) in CASES.into_iter().enumerate() {
        let x = values::<f64>();
        for from in [0, STEPS - 2] {
            let of = |parallel: bool, segment: Option<usize>, input: bool| {
                let mut dx = vec![0.0; x.len()];
                let network = random::<f64>(case, parallel, SimdLevel::detect());
                let wanted = input.then_some(&mut dx[..]);
                let (_, network) = gradients(network, &x, segment, Method::Bptt, from, wanted);
                (network, dx)
            };
            let (serial, expected) = of(false, None, true);
            assert!(expected.iter().any(|&x| x != 0.0));
            for segment in [None, Some(12)] {
                let what = format!("case {i}, loss from {from}, segments {segment:?}");
                compare(&of(true, segment, false).0, &serial, &what);
                let (network, dx) = of(true, segment, true);
                compare(&network, &serial, &what);
                close(&dx, &expected, 1e-11, &format!("{what}: input"));
            }
        }
    }
}

/// Through the memory to what writes to it.
#[test]
fn gradients_are_those_of_differences() {
    let (case, x) = (CASES[1], values::<f64>());
    let loss = |change: Option<(usize, f64)>| {
        let mut network = random::<f64>(case, true, SimdLevel::detect());
        if let Some((index, by)) = change {
            let parameter = network.parameter_mut("in.weight").unwrap();
            let mut values = parameter.values();
            values[index] += by;
            parameter.set(&values).unwrap();
        }
        gradients(network, &x, None, Method::Bptt, 0, None)
    };
    let (_, network) = loss(None);
    let parameter = network.parameter("in.weight").unwrap();
    let gradient = parameter.layout.to_public(&parameter.grad);
    for (i, &analytic) in gradient.iter().enumerate() {
        let h = 1e-4;
        let at = |by: f64| loss(Some((i, by))).0;
        let numeric = (at(-2.0 * h) - 8.0 * at(-h) + 8.0 * at(h) - at(2.0 * h)) / (12.0 * h);
        assert!((analytic - numeric).abs() < 1e-7 * numeric.abs().max(0.1), "{i}: {analytic}, {numeric}");
    }
}

#[test]
fn threads_and_levels_give_the_same_bits() {
    let x = values::<f32>();
    let of = |threads: usize, level: SimdLevel| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let network = random::<f32>(CASES[1], true, level);
            let (_, network) = gradients(network, &x, None, Method::Bptt, 0, None);
            network.parameters.iter().flat_map(|p| p.grad.to_vec()).collect::<Vec<f32>>()
        })
    };
    let expected = of(1, SimdLevel::Portable);
    for (threads, level) in [(3, SimdLevel::Portable), (1, SimdLevel::detect()), (2, SimdLevel::detect())] {
        assert_eq!(of(threads, level), expected, "{threads} threads, {level:?}");
    }
}

/// Of an impulse what it left each step, and of a signal what it was a while ago.
#[test]
fn a_legendre_memory_holds_its_window() {
    let theta = 20.0;
    let memory = LegendreMemory::new(NEURONS, theta, Discretization::Zoh).unwrap();
    // What enters the first channel alone.
    let first: Vec<f64> = memory.b.iter().flat_map(|&b| [b, 0.0, 0.0]).collect();
    let [mut into, mut back] = [dense("into", CHANNELS, NEURONS, 1.0), dense("back", NEURONS, NEURONS, 1.0)];
    into["initial"] = json!({ "kind": "values", "values": first });
    back["initial"] = json!({ "kind": "legendre-memory", "order": NEURONS, "theta": theta });
    back["parallel"] = true.into();
    let case = Case { before: "input", signals: CHANNELS, trainable: false };
    let network = network::<f64>(case, [into, back], SimdLevel::detect()).unwrap();

    let mut impulse = vec![0.0; STEPS * BATCH * CHANNELS];
    // Of sample 2.
    impulse[2 * CHANNELS] = 1.0;
    let (states, _) = run(&network, &impulse, None);
    for (step, expected) in memory.impulse_response(STEPS).chunks(NEURONS).enumerate() {
        let row = step * BATCH + 2;
        close(&states[row * NEURONS..][..NEURONS], expected, 1e-11, &format!("step {step}"));
    }

    let signal = |t: f64| (t * 0.11).sin() + 0.5 * (t * 0.05).cos() - 0.5;
    let x: Vec<f64> = (0..STEPS)
        .flat_map(|t| {
            (0..BATCH * CHANNELS).map(move |i| if i % CHANNELS == 0 { signal(t as f64) } else { 0.0 })
        })
        .collect();
    let (states, _) = run(&network, &x, None);
    let row = decoder(NEURONS, &[0.5]);
    for t in 24..STEPS {
        let held = &states[(t * BATCH + 7) * NEURONS..][..NEURONS];
        let decoded: f64 = row.iter().zip(held).map(|(p, m)| p * m).sum();
        let delayed = signal(t as f64 - 0.5 * theta + 0.5);
        assert!((decoded - delayed).abs() < 0.05, "{t}: {decoded}, {delayed}");
    }
}

#[test]
fn what_cannot_be_computed_at_once_is_refused() {
    let case = CASES[0];
    let plain = || [dense("into", case.signals, NEURONS, 1.0), dense("back", NEURONS, NEURONS, 1.0)];
    let refused = |both: [Value; 2], what: &str| {
        let error = network::<f64>(case, both, SimdLevel::detect()).err();
        let Some(Error::InvalidParameter { name, .. }) = &error else { panic!("{what}: {error:?}") };
        assert!(name.ends_with(".parallel"), "{what}: {name}");
    };
    let [into, mut back] = plain();
    (back["parallel"], back["bias"]) = (true.into(), true.into());
    refused([into, back], "a bias that returns");
    let [mut into, mut back] = plain();
    (back["parallel"], into["bias"]) = (true.into(), true.into());
    refused([into, back], "a bias that enters");
    let [mut into, back] = plain();
    into["parallel"] = true.into();
    refused([into, back], "what does not return");
}
