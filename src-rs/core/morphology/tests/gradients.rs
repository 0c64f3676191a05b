//! Gradients: those of Jaxley, and differences.

use lapicque_base::control::Control;
use lapicque_base::error::Error;
use lapicque_base::simd::SimdLevel;
use serde_json::{Value, json};

use super::cases::Case;
use super::{FOLDER, npy};
use crate::cable::{
    Connection, CurrentClamp, Detector, Gradient, Inputs, Kind, Kinetics, Painted, Quantity, Record,
    Simulation, Slope, Synapse, Term,
};
use crate::mechanism::Definition;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn of<'a>(all: &'a [(String, Vec<f64>)], name: &str) -> &'a [f64] {
    &all.iter().find(|(known, _)| known == name).unwrap().1
}

impl Case {
    fn steps(&self) -> usize {
        (self.description["tstop"].as_f64().unwrap() / self.settings.dt).round() as usize
    }

    fn differentiated(&mut self, terms: &[Term]) -> Gradient {
        self.settings.is_differentiated = true;
        let mut simulation = Simulation::new(&self.model, &self.inputs, &self.settings).unwrap();
        simulation.differentiate(self.steps(), terms, &Control::detached()).unwrap()
    }
}

#[test]
fn gradients_are_jaxley_s() {
    for name in ["gradient-hh-100", "gradient-swc"] {
        let mut case = Case::read(&format!("{FOLDER}cases"), name);
        let samples = case.steps() + 1;
        let term = Term { record: 0, kind: Kind::SquaredError, weight: 1.0, values: vec![-65.0; samples] };
        let gradient = case.differentiated(&[term]);
        let value = case.description["loss"]["value"].as_f64().unwrap();
        assert!((gradient.loss / value - 1.0).abs() < 1e-9, "{name}: {}, not {value}", gradient.loss);

        let nodes = &case.description["cells"][0]["nodes"];
        let (own, above) = (numbers(&nodes["r_parent_own_half"]), numbers(&nodes["r_parent_parent_half"]));
        let resistivity = case.description["axial_resistivity"].as_f64().unwrap();
        let mut of_resistivity = vec![0.0; own.len()];
        for (i, parent) in case.model.passive.parent.iter().enumerate() {
            of_resistivity[i] += gradient.axial[i] * own[i] / resistivity;
            if let Some(parent) = parent {
                of_resistivity[*parent] += gradient.axial[i] * above[i] / resistivity;
            }
        }
        let order: Vec<usize> =
            numbers(&case.description["compartment_nodes"]).into_iter().map(|node| node as usize).collect();
        let painted = &case.model.mechanisms[0];
        let row = |name: &str| -> Vec<f64> {
            let at = |node: &usize| painted.nodes.iter().position(|known| known == node).unwrap();
            order.iter().map(|node| of(&gradient.mechanisms[0].parameters, name)[at(node)]).collect()
        };
        let got = [
            row("gNa"),
            row("gK"),
            row("gLeak"),
            order.iter().map(|&node| of_resistivity[node]).collect::<Vec<f64>>(),
        ];
        let want = npy(&format!("{FOLDER}cases/{name}.grad.npy"));
        for (i, (got, want)) in got.iter().zip(want.chunks_exact(order.len())).enumerate() {
            let largest = want.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            let worst = got.iter().zip(want).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
            println!("{name} row {i}: {:.2e} of the largest", worst / largest);
            assert!(worst < 1e-6 * largest, "{name} row {i}: {worst:e} of {largest:e}");
        }
    }
}

/// What a derivative is taken by, in a case.
type Change<'a> = Box<dyn Fn(&mut Case, f64) + 'a>;

/// A factor near 1 for each index, so that a direction has no symmetry.
fn direction(i: usize) -> f64 {
    1.0 + 0.3 * (2.7 * i as f64).sin()
}

/// Every kind of derivative: a name, the change of the case along a direction, and the derivative along it.
fn derivatives<'a>(case: &'a Case, gradient: &Gradient) -> Vec<(String, Change<'a>, f64)> {
    let mut all: Vec<(String, Change, f64)> = vec![];
    for (m, painted) in case.model.mechanisms.iter().enumerate() {
        for (name, default) in &painted.definition.parameters {
            let of = of(&gradient.mechanisms[m].parameters, name);
            let n = painted.nodes.len();
            let values = painted.values.get(name).cloned().unwrap_or_else(|| vec![default.as_f64().unwrap()]);
            let value = move |i: usize| values[if values.len() == 1 { 0 } else { i }];
            let along = (0..n).map(|i| of[i] * value(i) * direction(i)).sum();
            let change = move |case: &mut Case, h: f64| {
                let changed = (0..n).map(|i| value(i) * (1.0 + h * direction(i))).collect();
                case.model.mechanisms[m].values.insert(name.clone(), changed);
            };
            all.push((format!("{}.{name}", painted.definition.name), Box::new(change), along));
        }
    }
    let passive = &case.model.passive;
    let sum =
        |of: &[f64], values: &[f64]| (0..values.len()).map(|i| of[i] * values[i] * direction(i)).sum::<f64>();
    let scaled = |values: &mut [f64], h: f64| {
        values.iter_mut().enumerate().for_each(|(i, x)| *x *= 1.0 + h * direction(i));
    };
    let along = sum(&gradient.axial[1..], &passive.axial[1..]);
    all.push(("axial".into(), Box::new(move |case, h| scaled(&mut case.model.passive.axial[1..], h)), along));
    let along = sum(&gradient.capacitance, &passive.capacitance);
    all.push((
        "capacitance".into(),
        Box::new(move |case, h| scaled(&mut case.model.passive.capacitance, h)),
        along,
    ));
    all.push((
        "vInit".into(),
        Box::new(|case, h| case.model.v_init += 10.0 * h),
        10.0 * gradient.voltage.iter().sum::<f64>(),
    ));
    for (s, synapse) in
        case.inputs.synapses.iter().enumerate().filter(|(_, synapse)| !synapse.events.is_empty())
    {
        let change = move |case: &mut Case, h: f64| {
            case.inputs.synapses[s].events.iter_mut().for_each(|(_, weight)| *weight *= 1.0 + h);
        };
        all.push((format!("synapse {s}"), Box::new(change), gradient.synapses[s] * synapse.events[0].1));
    }
    for (c, connection) in case.inputs.connections.iter().enumerate() {
        let change = move |case: &mut Case, h: f64| case.inputs.connections[c].weight *= 1.0 + h;
        all.push((format!("connection {c}"), Box::new(change), gradient.connections[c] * connection.weight));
    }
    for (g, gap) in case.model.gaps.iter().enumerate() {
        let change = move |case: &mut Case, h: f64| case.model.gaps[g].conductance *= 1.0 + h;
        all.push((format!("gap {g}"), Box::new(change), gradient.gaps[g] * gap.conductance));
    }
    all
}

/// Compares with central differences of the loss, over the first `steps` steps.
fn check(name: &str, adapt: impl Fn(&mut Case)) {
    let read = || {
        let mut case = Case::read(&format!("{FOLDER}cases"), name);
        adapt(&mut case);
        case
    };
    let mut case = read();
    let samples = case.steps() / case.settings.sample_every + 1;
    // Voltages in mV, concentrations in mM, gates.
    let scale = |record: &Record| match record.quantity {
        Quantity::Voltage => Some((-65.0, 1.0)),
        Quantity::Concentration(_) => Some((1e-4, 1e8)),
        Quantity::State(..) => Some((0.2, 1e3)),
        _ => None,
    };
    let term = |(record, (value, weight)): (usize, (f64, f64))| {
        let values = (0..samples).map(|k| value * (1.0 + 0.01 * (0.1 * k as f64).sin())).collect();
        Term { record, kind: Kind::SquaredError, weight, values }
    };
    let records = case.inputs.records.iter().enumerate();
    let terms: Vec<Term> = records.filter_map(|(i, record)| Some((i, scale(record)?))).map(term).collect();
    let gradient = case.differentiated(&terms);
    let original = read();
    let derivatives = derivatives(&original, &gradient);
    let largest = derivatives.iter().fold(0.0_f64, |most, (_, _, along)| most.max(along.abs()));
    for (what, change, along) in &derivatives {
        const STEP: f64 = 1e-5;
        let loss = |h: f64| {
            let mut case = read();
            change(&mut case, h);
            case.differentiated(&terms).loss
        };
        let difference = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
        let error = (difference - along).abs();
        assert!(
            error < 1e-6 * along.abs() + 1e-8 * largest,
            "{name}, {what}: {along:e}, by differences {difference:e}"
        );
    }
}

fn shorter(case: &mut Case, end: f64) {
    case.description["tstop"] = json!(end);
}

#[test]
fn gradients_are_differences() {
    check("ball-stick-cn", |case| shorter(case, 6.0));
    check("calcium", |case| {
        shorter(case, 8.0);
        case.inputs.records.push(Record {
            cell: 0,
            node: 1,
            quantity: Quantity::State("hh".into(), "n".into()),
        });
    });
    check("gap", |case| shorter(case, 6.0));
    check("gap-implicit", |case| {
        shorter(case, 6.0);
        case.settings.second_order = true;
    });
    check("vclamp-cable", |case| shorter(case, 3.0));
    check("ampa", |case| shorter(case, 12.0));
    for slope in [Slope::Exact, Slope::Secant] {
        check("nmda", |case| {
            shorter(case, 15.0);
            case.settings.slope = slope;
        });
    }
}

/// Eleven cells that receive currents of their own; some drive others, and one mechanism begins in a state that is a parameter.
fn network(case: &mut Case) {
    shorter(case, 12.0);
    let clamp = case.inputs.current_clamps[0];
    let current = |cell: usize| CurrentClamp { cell, delay: 0.5, amplitude: 0.1 * cell as f64, ..clamp };
    case.inputs = Inputs {
        cells: 11,
        current_clamps: (0..11).map(current).collect(),
        records: (0..11).map(|cell| Record { cell, node: 1, quantity: Quantity::Voltage }).collect(),
        detectors: (0..2).map(|i| Detector { cell: 10 - i, node: 1, threshold: -10.0 }).collect(),
        connections: (0..2)
            .map(|i| Connection { detector: i, synapse: i, weight: 2e-3, delay: 1.0 })
            .collect(),
        synapses: [Kinetics::Exponential { tau: 2.0 }, Kinetics::DoubleExponential { rise: 0.5, decay: 3.0 }]
            .into_iter()
            .enumerate()
            .map(|(cell, kinetics)| Synapse {
                cell,
                node: 5,
                kinetics,
                reversal: 0.0,
                events: vec![(3.0, 1e-3)],
            })
            .collect(),
        ..Inputs::default()
    };
    let definition: Definition = serde_json::from_value(json!({
        "name": "slow",
        "parameters": { "g": 2e-4, "first": 0.3 },
        "ions": ["na"],
        "equations": "u' = (0.5 + 20*ina - u)/30\ni = g*u*(v + 80)",
        "initial": { "u": "first" },
    }))
    .unwrap();
    let nodes = case.model.mechanisms[0].nodes.clone();
    case.model.mechanisms.push(Painted {
        definition,
        nodes,
        values: Default::default(),
        scales: [("g".into(), (0..11).map(|cell| 1.0 + 0.1 * cell as f64).collect())].into(),
    });
}

#[test]
fn gradients_of_networks_are_differences() {
    check("ball-stick", network);
    let mut case = Case::read(&format!("{FOLDER}cases"), "ball-stick");
    network(&mut case);
    let values = vec![-60.0; case.steps() / case.settings.sample_every + 1];
    let term = Term { record: 0, kind: Kind::Linear, weight: 0.5, values };
    let gradient = case.differentiated(&[term]);
    assert_eq!(gradient.run.spikes.len(), 4);
    // A state that begins at a parameter has the parameter's gradient.
    let slow = case.model.mechanisms.len() - 1;
    let slow = &gradient.mechanisms[slow];
    assert_eq!(of(&slow.states, "u"), of(&slow.parameters, "first"));
    assert_ne!(of(&slow.states, "u")[0], 0.0);
}

/// Interleaving, SIMD level, threads and the distance of checkpoints change no bit.
#[test]
fn gradients_have_the_same_bits_however_they_are_computed() {
    let mut case = Case::read(&format!("{FOLDER}cases"), "ball-stick");
    network(&mut case);
    let samples = case.steps() / case.settings.sample_every + 1;
    let term = |record| Term { record, kind: Kind::SquaredError, weight: 1.0, values: vec![-60.0; samples] };
    let terms: Vec<Term> = (0..11).map(term).collect();
    let mut run = |interleaved, level, threads| {
        case.settings.interleaved = interleaved;
        case.settings.level = level;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| case.differentiated(&terms))
    };
    let alone = run(Some(1), SimdLevel::Portable, 1);
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        for interleaved in [None, Some(8)] {
            assert!(run(interleaved, level, 2) == alone, "{level:?} {interleaved:?}");
        }
    }
}

#[test]
fn terms_that_do_not_fit_are_refused() {
    let mut case = Case::read(&format!("{FOLDER}cases"), "calcium");
    let samples = case.steps() / case.settings.sample_every + 1;
    case.settings.is_differentiated = true;
    let mut simulation = Simulation::new(&case.model, &case.inputs, &case.settings).unwrap();
    let term = |record, samples| Term { record, kind: Kind::Linear, weight: 1.0, values: vec![0.0; samples] };
    // A current, an unknown record, a wrong length, a record twice.
    for terms in [
        vec![term(2, samples)],
        vec![term(9, samples)],
        vec![term(0, samples - 1)],
        vec![term(0, samples), term(0, samples)],
    ] {
        let failed = simulation.differentiate(case.steps(), &terms, &Control::detached()).unwrap_err();
        assert!(matches!(failed, Error::InvalidParameter { .. }), "{failed}");
    }
}
