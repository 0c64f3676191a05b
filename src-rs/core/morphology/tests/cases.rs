//! NEURON's traces on NEURON's compartments, with its rules: events at the nearest step, the secant of NMDA's current.

use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use serde_json::Value;

use super::{FOLDER, npy};
use crate::cable::{
    CurrentClamp, Delivery, Gap, Inputs, Kinetics, Model, Painted, Passive, Quantity, Record, Settings,
    Simulation, Slope, Synapse, VoltageClamp,
};
use crate::mechanism::built_in;

type Pairs = &'static [(&'static str, &'static str)];

/// NEURON's names of mechanisms and parameters, and ours.
const NAMES: [(&str, &str, Pairs); 5] = [
    ("pas", "passive", &[("g_pas", "g"), ("e_pas", "e")]),
    ("hh", "hh", &[("gnabar_hh", "gNa"), ("gkbar_hh", "gK"), ("gl_hh", "gLeak"), ("el_hh", "eLeak")]),
    ("cahva", "caHva", &[("gbar_cahva", "g")]),
    (
        "capool",
        "caPool",
        &[
            ("gamma_capool", "gamma"),
            ("tau_capool", "tau"),
            ("depth_capool", "depth"),
            ("cainf_capool", "rest"),
        ],
    ),
    ("kca", "kCa", &[("gbar_kca", "g"), ("kd_kca", "half"), ("tau_kca", "tau")]),
];

pub struct Case {
    pub description: Value,
    pub model: Model,
    pub inputs: Inputs,
    pub settings: Settings,
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// A list, or the same number `n` times.
fn numbers(value: &Value, n: usize) -> Vec<f64> {
    match value.as_array() {
        Some(list) => list.iter().map(number).collect(),
        None => vec![number(value); n],
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Case {
    pub fn read(folder: &str, name: &str) -> Case {
        let bytes = std::fs::read(format!("{folder}/{name}.json")).unwrap();
        let description: Value = serde_json::from_slice(&bytes).unwrap();
        let mut model = Model {
            passive: Passive::default(),
            mechanisms: vec![],
            ions: Model::default_ions(),
            gaps: vec![],
            celsius: number(&description["celsius"]),
            v_init: number(&description["v_init"]),
        };
        let mut first = vec![];
        for cell in list(&description["cells"]) {
            first.push(model.passive.parent.len());
            add_cell(&mut model, cell);
        }
        let node = |place: &Value| {
            first[place["cell"].as_u64().unwrap() as usize] + place["node"].as_u64().unwrap() as usize
        };
        for gap in list(&description["gap_junctions"]) {
            let implicit = gap["implicit"].as_bool().unwrap();
            let conductance = number(&gap["g"]);
            model.gaps.push(Gap { a: node(&gap["a"]), b: node(&gap["b"]), conductance, implicit });
        }
        let mut inputs = Inputs { cells: 1, ..Inputs::default() };
        for clamp in list(&description["stimuli"]) {
            let of = |name: &str| number(&clamp[name]);
            match clamp["type"].as_str() {
                Some("IClamp") => inputs.current_clamps.push(CurrentClamp {
                    cell: 0,
                    node: node(clamp),
                    delay: of("delay"),
                    duration: of("dur"),
                    amplitude: of("amp"),
                }),
                _ => inputs.voltage_clamps.push(VoltageClamp {
                    cell: 0,
                    node: node(clamp),
                    steps: numbers(&clamp["durs"], 3).into_iter().zip(numbers(&clamp["amps"], 3)).collect(),
                    resistance: of("rs"),
                }),
            }
        }
        for synapse in list(&description["synapses"]) {
            let of = |name: &str| number(&synapse[name]);
            let events = numbers(&synapse["times"], 0).into_iter().map(|time| (time, of("weight"))).collect();
            let kinetics = match synapse["type"].as_str() {
                Some("NMDA") => Kinetics::Nmda { rise: of("tau1"), decay: of("tau2"), magnesium: of("mg") },
                Some("ExpSyn") => Kinetics::Exponential { tau: of("tau") },
                _ => Kinetics::DoubleExponential { rise: of("tau1"), decay: of("tau2") },
            };
            inputs.synapses.push(Synapse {
                cell: 0,
                node: node(synapse),
                kinetics,
                reversal: of("e"),
                events,
            });
        }
        for record in list(&description["records"]) {
            let quantity = match record["what"].as_str().unwrap() {
                "v" => Quantity::Voltage,
                "cai" => Quantity::Concentration("ca".into()),
                "ica" => Quantity::IonCurrent("ca".into()),
                "eca" => Quantity::Reversal("ca".into()),
                "SEClamp.i" => Quantity::ClampCurrent(0),
                _ => Quantity::SynapseCurrent(inputs.synapses.len() - 1),
            };
            inputs.records.push(Record { cell: 0, node: node(record), quantity });
        }
        let settings = Settings {
            dt: number(&description["dt"]),
            second_order: description["secondorder"] == 2,
            delivery: Delivery::Nearest,
            slope: Slope::Secant,
            sample_every: description["files"]["stride"].as_u64().unwrap() as usize,
            level: SimdLevel::detect(),
            interleaved: None,
            is_differentiated: false,
        };
        Case { description, model, inputs, settings }
    }

    pub fn run(&self) -> Vec<Vec<f64>> {
        let steps = (number(&self.description["tstop"]) / self.settings.dt).round() as usize;
        let mut simulation = Simulation::new(&self.model, &self.inputs, &self.settings).unwrap();
        simulation.run(steps, &Control::detached()).unwrap().traces
    }
}

fn add_cell(model: &mut Model, cell: &Value) {
    let nodes = &cell["nodes"];
    let n = nodes["count"].as_u64().unwrap() as usize;
    let passive = &mut model.passive;
    let first = passive.parent.len();
    let parents = numbers(&nodes["parent"], n);
    passive.parent.extend(parents.iter().map(|&p| (p >= 0.0).then_some(first + p as usize)));
    passive.area.extend(numbers(&nodes["area"], n));
    passive.axial.extend(numbers(&nodes["r_parent"], n));
    passive.capacitance.extend(numbers(&nodes["cm"], n));
    for (theirs, ours, parameters) in NAMES {
        let Some(painted) = cell["mechanisms"].get(theirs) else { continue };
        let nodes: Vec<usize> =
            numbers(&painted["nodes"], 0).iter().map(|&node| first + node as usize).collect();
        let values = parameters.iter().filter(|(theirs, _)| painted.get(theirs).is_some());
        let values = values.map(|(theirs, ours)| (ours.to_string(), numbers(&painted[theirs], 1))).collect();
        let definition = built_in(ours).unwrap();
        model.mechanisms.push(Painted { definition, nodes, values, scales: Default::default() });
    }
}

/// The largest difference of the voltages, in mV.
fn difference(folder: &str, name: &str) -> f64 {
    let case = Case::read(folder, name);
    let got = case.run();
    let want = npy(&format!("{folder}/{name}.npy"));
    let mut worst = 0.0_f64;
    for (i, record) in case.inputs.records.iter().enumerate() {
        let want = &want[i * got[i].len()..][..got[i].len()];
        let largest = want.iter().fold(1.0_f64, |largest, x| largest.max(x.abs()));
        for (got, want) in got[i].iter().zip(want) {
            let difference = (got - want).abs();
            assert!(difference.is_finite(), "{name}: {got} {want}");
            match record.quantity {
                Quantity::Voltage => worst = worst.max(difference),
                // Of nA, mA/cm² and mM: relative to the largest value, or to 1.
                _ => assert!(difference < 1e-8 * largest, "{name} record {i}: {got}, not {want}"),
            }
        }
    }
    worst
}

#[test]
fn traces_are_neuron_s() {
    let cases = [
        "ampa",
        "ball-stick",
        "ball-stick-cn",
        "calcium",
        "gap",
        "gap-implicit",
        "hh-100",
        "nmda",
        "nmda-spike",
        "swc-single-point",
        "vclamp",
        "vclamp-cable",
    ];
    for name in cases {
        let worst = difference(&format!("{FOLDER}cases"), name);
        assert!(worst < 1e-8, "{name}: {worst} mV");
    }
}

/// Every case of the folder that `LAPICQUE_MORPHOLOGY_CASES` names; the largest are not in the repository.
#[test]
#[ignore = "reads a folder outside of the repository"]
fn traces_of_a_folder_are_neuron_s() {
    let folder = std::env::var("LAPICQUE_MORPHOLOGY_CASES").unwrap();
    let names =
        std::fs::read_dir(&folder).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".json").map(str::to_string)).collect();
    names.sort();
    let mut found = 0;
    for name in names {
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
        if !text.contains("cable-reference-1") || name.starts_with("gradient") {
            continue;
        }
        let worst = difference(&folder, &name);
        println!("{name}: {worst:.3e} mV");
        assert!(worst < 1e-8, "{name}: {worst} mV");
        found += 1;
    }
    assert!(found > 0);
}

/// Interleaving, SIMD level and threads change no bit.
#[test]
fn cells_have_the_same_bits_however_they_are_computed() {
    let mut case = Case::read(&format!("{FOLDER}cases"), "calcium");
    case.inputs.cells = 11;
    let clamp = case.inputs.current_clamps[0];
    case.inputs.current_clamps =
        (0..11).map(|cell| CurrentClamp { cell, amplitude: 0.02 * cell as f64, ..clamp }).collect();
    case.inputs.records = (0..11).map(|cell| Record { cell, node: 1, quantity: Quantity::Voltage }).collect();
    let mut run = |interleaved, level, threads| {
        case.settings.interleaved = interleaved;
        case.settings.level = level;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| case.run())
    };
    let alone = run(Some(1), SimdLevel::Portable, 1);
    assert_ne!(alone[0], alone[10]);
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        for interleaved in [None, Some(1), Some(8)] {
            assert!(run(interleaved, level, 2) == alone, "{level:?} {interleaved:?}");
        }
    }
}
