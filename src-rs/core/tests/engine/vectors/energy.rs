use super::side_car::SideCar;
use lapicque_core::code::decode::{Decoder, accuracy, labels};
use lapicque_core::energy::*;
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
    let (mut counts, mut non_zero, mut weights_total) = (vec![], 0, 0);
    let (mut spikes_total, mut outputs, mut updates, mut neuron_layers) = (0, 0, 0, 0);
    for layer in car.json["layers"].as_array().unwrap() {
        if layer["type"] == "linear" {
            let weights = f32s(car.tensor(layer["weight"].as_str().unwrap()));
            let mut events = vec![0u64; width];
            for row in x.chunks_exact(width) {
                events.iter_mut().zip(row).for_each(|(count, &x)| *count += u64::from(x != 0.0));
            }
            let fan_out = fan_outs(&weights, width).unwrap();
            non_zero += fan_out.iter().sum::<u64>();
            weights_total += weights.len() as u64;
            counts.push((events, fan_out, weights.len() as u64, is_spiking_input(&x)));
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
            spikes_total += spikes.iter().filter(|&&s| s != 0.0).count() as u64;
            outputs += spikes.len() as u64;
            neuron_layers += 1;
            x = spikes;
        }
    }
    let layers: Vec<ConnectionCounts> = counts
        .iter()
        .map(|(events, fan_out, synapses, spiking_input)| ConnectionCounts {
            events,
            fan_out,
            synapses: *synapses,
            spiking_input: *spiking_input,
        })
        .collect();
    let operations = synaptic_operations(&layers, batch as u64, steps as u64).unwrap();
    let targets: Vec<u32> =
        car.tensor(car.json["inputs"]["target"].as_str().unwrap()).iter().map(|&x| x as u32).collect();
    let scores = Decoder::SpikeCount {}.scores(&x, None, steps, batch, width).unwrap();
    let number = |key: &str| car.json[key].as_u64().unwrap();
    let bytes = number("dtype_bytes");
    // snnTorch keeps a neuron layer's beta, threshold … as buffers beside the weights.
    let buffers = neuron_layers * number("buffer_bytes_per_neuron_layer");
    let got = json!({
        "Footprint": footprint(weights_total, bytes, buffers),
        "ConnectionSparsity": connection_sparsity(non_zero, weights_total),
        "ParameterCount": weights_total,
        "ClassificationAccuracy": accuracy(&labels(&scores, width), &targets).unwrap(),
        "ActivationSparsity": activation_sparsity(spikes_total, outputs),
        "SynapticOperations": {
            "Effective_MACs": operations.effective_macs,
            "Effective_ACs": operations.effective_acs,
            "Dense": operations.dense,
        },
        "MembraneUpdates": updates as f64 / batch as f64,
    });
    for name in car.json["tolerance"].as_object().unwrap().keys() {
        let (name, want) = car.expected(&json!({ "json": name }));
        let path = name.strip_prefix("metrics.").unwrap();
        let value = path.split('.').fold(&got, |json: &Value, key| &json[key]).as_f64().unwrap();
        car.check(&name, &[value], &want);
    }
}

#[test]
fn metrics_are_neurobench() {
    check("08_neurobench/metrics_dense");
    check("08_neurobench/metrics_dense_analog_input");
}
