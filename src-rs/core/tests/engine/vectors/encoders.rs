use super::side_car::SideCar;
use lapicque_core::code::decode::{Decoder, labels};
use lapicque_core::code::delta::{DeltaOptions, delta};
use lapicque_core::code::latency::{LatencyOptions, latency, latency_times};
use lapicque_core::code::rate::{RateOptions, rate, rate_probabilities};
use lapicque_core::code::targets::{TargetOptions, targets_convert};
use lapicque_core::rng::Rng;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// snnTorch's option names in ours; `num_classes` is an argument.
fn options<T: DeserializeOwned>(params: &Value, extra: Value) -> T {
    let mut ours = Map::new();
    for (key, value) in params.as_object().unwrap() {
        let key = match key.as_str() {
            "num_steps" => "steps",
            "first_spike_time" => "firstSpikeTime",
            "on_target" => "onTarget",
            "off_target" => "offTarget",
            "off_spike" => "offSpike",
            "num_classes" => continue,
            same => same,
        };
        ours.insert(key.into(), value.clone());
    }
    ours.extend(extra.as_object().unwrap().clone());
    serde_json::from_value(Value::Object(ours)).unwrap()
}

fn f32s(car: &SideCar, name: &Value) -> Vec<f32> {
    car.tensor(name.as_str().unwrap()).into_iter().map(|x| x as f32).collect()
}

fn f64s(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

#[test]
fn latency_and_delta_are_snntorch() {
    let car = SideCar::open("03_spikegen_losses/spikegen_latency_delta");
    for case in car.cases() {
        let data = f32s(&car, &case["input"]);
        let (name, want) = car.expected(&case["expected"]["spk"]);
        if case["model"] == "spikegen.delta" {
            let steps = car.shape(case["input"].as_str().unwrap())[0];
            let options: DeltaOptions = options(&case["params"], json!({}));
            car.check(&name, &f64s(&delta(&data, steps, &options).unwrap().values), &want);
            continue;
        }
        let options: LatencyOptions = options(&case["params"], json!({"bypass": true}));
        let times = latency_times(&data, &options).unwrap();
        let raster = latency(&data, &options).unwrap();
        let margin = car.json["tolerance"][&name]["skip_near_half_step"].as_f64().unwrap_or(0.0);
        car.check_except(&name, &f64s(&raster.values), &want, |i| {
            let t = f64::from(times[i % data.len()]);
            (t - t.floor() - 0.5).abs() < margin
        });
        if let Some(entry) = case["expected"].get("time") {
            let (name, want) = car.expected(entry);
            car.check(&name, &f64s(&times), &want);
        }
    }
    assert_eq!(car.cases().len(), 43);
}

#[test]
fn rate_is_snntorch() {
    let car = SideCar::open("03_spikegen_losses/spikegen_rate");
    let params = &car.json["params"];
    let wanted = |key: &str| car.expected(&car.json["expected"][key]);
    let number = |value: &Value| value.as_f64().unwrap();
    let options =
        RateOptions { gain: number(&params["gain"]), offset: number(&params["offset"]), first_spike_time: 0 };
    let data = f32s(&car, &car.json["inputs"]["data"]);
    let (name, want) = wanted("prob");
    car.check(&name, &f64s(&rate_probabilities(&data, &options).unwrap()), &want);

    let rule = &car.json["tolerance"]["mean_rate_20000"];
    let (sigma, n) = (number(&rule["sigma"]), number(&rule["n"]));
    let steps = n as usize;
    let raster = rate(&data, steps, &options, &Rng::new(1, 0).into()).unwrap();
    for (i, p) in car.tensor(rule["p"].as_str().unwrap()).into_iter().enumerate() {
        let mean = raster.values.iter().skip(i).step_by(data.len()).map(|&x| f64::from(x)).sum::<f64>() / n;
        let allowed = number(&rule["abs"]) + sigma * (p * (1.0 - p) / n).sqrt();
        assert!((mean - p).abs() <= allowed, "mean rate [{i}]: {mean}, expected {p}");
    }

    let first = &params["first4"];
    let late = RateOptions {
        first_spike_time: number(&first["first_spike_time"]) as usize,
        ..RateOptions::default()
    };
    let data = f32s(&car, &first["input"]);
    let raster = rate(&data, number(&first["num_steps"]) as usize, &late, &Rng::new(1, 0).into()).unwrap();
    let (name, want) = wanted("rate01_first_spike_time_4");
    car.check(&name, &f64s(&raster.values), &want);
}

#[test]
fn targets_are_snntorch() {
    let car = SideCar::open("03_spikegen_losses/spikegen_targets");
    for case in car.cases() {
        let labels: Vec<u32> = f32s(&car, &case["input"]).into_iter().map(|x| x as u32).collect();
        let classes = case["params"]["num_classes"].as_u64().unwrap() as usize;
        let options: TargetOptions = options(&case["params"], json!({}));
        let raster = targets_convert(&labels, classes, &options, &Rng::new(0, 0).into()).unwrap();
        let (name, want) = car.expected(&case["expected"]["out"]);
        car.check(&name, &f64s(&raster.values), &want);
    }
}

#[test]
fn accuracies_are_snntorch() {
    let car = SideCar::open("03_spikegen_losses/losses_values");
    for (model, decoder) in [
        ("metric.accuracy_rate", Decoder::SpikeCount {}),
        ("metric.accuracy_temporal", Decoder::FirstSpike {}),
    ] {
        let case = car.cases().iter().find(|case| case["model"] == model).unwrap();
        let input = case["input"].as_str().unwrap();
        let shape = car.shape(input);
        let scores = decoder.scores(&car.tensor(input), None, shape[0], shape[1], shape[2]).unwrap();
        let targets: Vec<u32> = f32s(&car, &case["target"]).into_iter().map(|x| x as u32).collect();
        let decoded = labels(&scores, shape[2]);
        let right = decoded.iter().zip(&targets).filter(|(a, b)| a == b).count();
        let got = right as f64 / targets.len() as f64;
        let (name, want) = car.expected(&case["expected"]["value"]);
        car.check(&name, &[got], &want);
    }
}
