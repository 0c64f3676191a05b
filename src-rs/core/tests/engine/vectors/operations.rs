use super::side_car::SideCar;
use lapicque_core::operation_counts::*;
use serde_json::{Value, json};

/// snnTorch's Leaky with delayed reset by subtraction: the membrane before reset, `[steps, width]`.
fn leaky(current: &[f32], width: usize, beta: f32, threshold: f32) -> (Vec<f32>, Vec<f32>) {
    let (mut mem, mut spikes) = (vec![], vec![]);
    let mut v = vec![0.0f32; width];
    for row in current.chunks_exact(width) {
        for (v, &i) in v.iter_mut().zip(row) {
            let reset = if *v > threshold { threshold } else { 0.0 };
            *v = beta * *v + i - reset;
        }
        mem.extend(&v);
        spikes.extend(v.iter().map(|&v| if v > threshold { 1.0 } else { 0.0 }));
    }
    (mem, spikes)
}

fn f32s(values: Vec<f64>) -> Vec<f32> {
    values.into_iter().map(|x| x as f32).collect()
}

fn check(case: &str) {
    let car = SideCar::open(case);
    let shape = car.shape(car.json["inputs"]["input"].as_str().unwrap());
    let [batch, steps, features] = shape[..] else { panic!("{shape:?}") };
    let by_sample = f32s(car.tensor(car.json["inputs"]["input"].as_str().unwrap()));
    // [batch, time, …] -> [time, batch, …]
    let mut x: Vec<f32> = (0..steps * batch)
        .flat_map(|r| by_sample[((r % batch) * steps + r / batch) * features..][..features].to_vec())
        .collect();
    let mut width = features;
    let samples = car.json["params"]["batch_size"].as_u64().unwrap() as usize;
    let (mut acs, mut macs, mut dense, mut updates) = (0, 0, 0, 0);
    for layer in car.json["layers"].as_array().unwrap() {
        if layer["type"] == "linear" {
            let weights = f32s(car.tensor(layer["weight"].as_str().unwrap()));
            let fan_out = fan_outs(&weights, width).unwrap();
            // NeuroBench decides between additions and multiplications in each of its batches.
            for first in (0..batch).step_by(samples) {
                let of_batch = |row: usize| (first..first + samples).contains(&(row % batch));
                let rows = x.chunks_exact(width).enumerate().filter(|&(row, _)| of_batch(row));
                let values: Vec<f32> = rows.flat_map(|(_, x)| x.iter().copied()).collect();
                let events = InputEvents::of_values(&values, samples, width).unwrap();
                let counted =
                    synaptic_operations(&events, &fan_out, weights.len() as u64, samples * steps).unwrap();
                acs += counted.effective_acs;
                macs += counted.effective_macs;
                dense += counted.dense;
            }
            let row = |x: &[f32]| {
                weights
                    .chunks_exact(width)
                    .map(|w| w.iter().zip(x).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum::<f64>() as f32)
                    .collect::<Vec<_>>()
            };
            x = x.chunks_exact(width).flat_map(row).collect();
            width = weights.len() / width;
        } else {
            let number = |key: &str| layer["params"][key].as_f64().unwrap() as f32;
            let (v, spikes) = leaky(&x, batch * width, number("beta"), number("threshold"));
            assert_eq!(spikes, f32s(car.tensor(layer["spikes"].as_str().unwrap())), "{case}: spikes");
            updates += membrane_updates(&v, batch * width).unwrap();
            x = spikes;
        }
    }
    let per_sample = |count: u128| count as f64 / batch as f64;
    let got = json!({
        "SynapticOperations": {
            "Effective_MACs": per_sample(macs),
            "Effective_ACs": per_sample(acs),
            "Dense": per_sample(dense),
        },
        "MembraneUpdates": per_sample(updates.into()),
    });
    let mut compared = 0;
    for name in car.json["tolerance"].as_object().unwrap().keys() {
        let (name, want) = car.expected(&json!({ "json": name }));
        let path = name.strip_prefix("metrics.").unwrap();
        // The other metrics are ratios of these counts, which TypeScript forms.
        let value = path.split('.').fold(&got, |json: &Value, key| &json[key]).as_f64();
        compared += value.map_or(0, |value| {
            car.check(&name, &[value], &want);
            1
        });
    }
    assert_eq!(compared, 4, "{case}");
}

#[test]
fn metrics_are_neurobench() {
    check("08_neurobench/metrics_dense");
    check("08_neurobench/metrics_dense_analog_input");
}
