//! The reference: a network described with the row's numbers, built and run separately.

use super::{levels, network, place, run, sweep};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_simulate::{Description, Milliseconds, Precision, Simulation};
use serde_json::{Value, json};

/// Times in ms and neurons of the spikes of one network, without those of the first steps.
fn alone<F: Precision>(described: &Value, seed: u64, [transient, steps]: [u64; 2]) -> (Vec<f64>, Vec<u32>) {
    let description = Description::from_json(&described.to_string()).unwrap();
    let ms = Milliseconds::new(description.dt);
    let control = Control::detached();
    let mut simulation = Simulation::<F>::new(description, seed, SimdLevel::Portable, &control).unwrap();
    let all = simulation.run(transient + steps, &control).unwrap();
    let kept = all.steps.iter().zip(&all.neurons).filter(|&(&step, _)| step > transient);
    kept.map(|(&step, &neuron)| (ms.of(step), neuron)).unzip()
}

/// Every combination of the values, as lists by axis, with each seed.
fn grid(axes: &[&[f64]], seeds: &[u64]) -> (Vec<Vec<f64>>, Vec<u64>) {
    let mut rows: Vec<Vec<f64>> = vec![vec![]];
    for axis in axes {
        rows = rows.iter().flat_map(|row| axis.iter().map(|&x| [&row[..], &[x]].concat())).collect();
    }
    let all: Vec<(Vec<f64>, u64)> =
        rows.into_iter().flat_map(|row| seeds.iter().map(move |&seed| (row.clone(), seed))).collect();
    let values = (0..axes.len()).map(|axis| all.iter().map(|(row, _)| row[axis]).collect()).collect();
    (values, all.into_iter().map(|(_, seed)| seed).collect())
}

/// Compares all rows of a sweep with separate networks, over levels and numbers of threads.
fn compare<F: Precision>(network: &Value, axes: &[(&str, Vec<Value>)], values: &[&[f64]], seeds: &[u64]) {
    const STEPS: [u64; 2] = [30, 250];
    let sweep = sweep(axes, json!([{"measure": "spikes"}]), STEPS);
    let (values, seeds) = grid(values, seeds);
    let expected: Vec<_> = (seeds.iter().enumerate())
        .map(|(row, &seed)| {
            let mut described = network.clone();
            for ((_, places), values) in axes.iter().zip(&values) {
                for place in places {
                    let path = place["path"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
                    let element = &mut described[place["of"].as_str().unwrap()]
                        [place["index"].as_u64().unwrap() as usize];
                    let whole = values[row] == values[row].trunc();
                    *path.fold(element, |of, key| &mut of[key]) =
                        if whole { json!(values[row] as i64) } else { json!(values[row]) };
                }
            }
            alone::<F>(&described, seed, STEPS)
        })
        .collect();
    assert!(expected.iter().all(|(times, _)| times.len() > 10), "the networks must spike");
    assert!(expected.iter().skip(1).any(|row| *row != expected[0]), "rows must differ");
    for (level, threads) in levels().flat_map(|level| [1, 2, 3].map(|threads| (level, threads))) {
        let table = run::<F>(&sweep, network, (&values, &seeds), level, threads).unwrap();
        assert_eq!((&table.failed[..], table.at_a_time), (&[][..], threads.min(seeds.len())));
        let spikes = table.spikes.unwrap();
        for (row, (times, ids)) in expected.iter().enumerate() {
            let of = spikes.offsets[row] as usize..spikes.offsets[row + 1] as usize;
            assert_eq!(&spikes.times[of.clone()], &times[..], "row {row}, {level:?}, {threads} threads");
            assert_eq!(&spikes.ids[of], &ids[..], "row {row}, {level:?}, {threads} threads");
            let counted: f64 = table.columns.iter().map(|(_, column)| column[row]).sum();
            assert_eq!(counted, times.len() as f64);
        }
    }
}

#[test]
fn parameters_inputs_weights_and_seeds() {
    let axes = [
        ("E.tauMem", vec![place("populations", 0, &["neuron", "params", "tauMem"])]),
        ("drive.rate", vec![place("inputs", 0, &["rate"]), place("inputs", 1, &["rate"])]),
        ("EE.weight", vec![place("connections", 0, &["weight"])]),
    ];
    compare::<f32>(&network(), &axes, &[&[9.5, 12.0], &[8000.0, 8600.5], &[40.0, 61.5]], &[3, 4]);
    compare::<f64>(&network(), &axes, &[&[9.5], &[8000.0, 8600.5], &[40.0, 61.5]], &[3]);
}

#[test]
fn wiring_delays_sizes_and_states_at_the_start() {
    let axes = [
        ("EE.count", vec![place("connections", 0, &["rule", "count"])]),
        ("IE.delay", vec![place("connections", 2, &["delay"])]),
        ("I.size", vec![place("populations", 1, &["size"])]),
        ("E.v", vec![place("populations", 0, &["initial", "v"])]),
    ];
    compare::<f32>(&network(), &axes, &[&[5.0, 40.0], &[0.5, 2.0], &[40.0, 70.0], &[-70.0, -58.5]], &[7]);
}

#[test]
fn the_same_seed_shares_synapses_whatever_else_a_row_changes() {
    let mut network = network();
    // Sampled weights are stored in lists, where the synapses of one source and delay are not equal.
    network["connections"][0]["weight"] = json!({"kind": "normal", "mean": 40, "sd": 8, "min": 1});
    network["connections"][0]["delay"] = json!({"kind": "uniform", "low": 0.5, "high": 3});
    let axes = [
        ("EE.weight.mean", vec![place("connections", 0, &["weight", "mean"])]),
        ("I.tauMem", vec![place("populations", 1, &["neuron", "params", "tauMem"])]),
    ];
    compare::<f32>(&network, &axes, &[&[40.0, 52.0], &[8.0, 10.0, 11.0]], &[5, 6]);
}

#[test]
fn synapses_that_learn() {
    let mut network = network();
    network["connections"][0]["synapse"] =
        json!({"model": "stdp", "params": {"wMax": 120, "wMin": 0, "aPlus": 1, "aMinus": 1}, "options": {}});
    let axes = [
        ("EE.weight", vec![place("connections", 0, &["weight"])]),
        ("EE.aPlus", vec![place("connections", 0, &["synapse", "params", "aPlus"])]),
    ];
    compare::<f32>(&network, &axes, &[&[40.0, 70.0], &[0.5, 4.0]], &[5]);
}
