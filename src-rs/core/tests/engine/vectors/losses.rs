use super::side_car::SideCar;
use lapicque_core::Real;
use lapicque_core::train::loss::{LossPlan, LossSpec, RegularizerPlan, RegularizerSpec, Targets};
use serde_json::{Value, json};

/// snnTorch's name and options of a loss in ours.
fn translate(car: &SideCar, case: &Value) -> Value {
    let on_membrane = case["input"] == "mem";
    let (kind, extra) = match case["model"].as_str().unwrap() {
        "loss.ce_rate_loss" if on_membrane => ("cross-entropy-membrane", json!({"perStep": "mean"})),
        "loss.ce_rate_loss" => ("cross-entropy-rate", json!({})),
        "loss.ce_count_loss" => ("cross-entropy-count", json!({})),
        "loss.ce_max_membrane_loss" => ("cross-entropy-max-membrane", json!({})),
        "loss.ce_temporal_loss" => ("cross-entropy-first-spike", json!({})),
        "loss.mse_count_loss" => ("mean-squared-count", json!({})),
        "loss.mse_membrane_loss" => ("mean-squared-membrane", json!({})),
        "loss.mse_temporal_loss" => ("mean-squared-first-spike", json!({})),
        other => panic!("{other}"),
    };
    let mut spec = json!({"kind": kind, "reduction": case["reduction"]});
    for (key, value) in extra.as_object().unwrap() {
        spec[key] = value.clone();
    }
    for (key, value) in case["loss_params"].as_object().unwrap() {
        let key = match key.as_str() {
            "correct_rate" => "correctRate",
            "incorrect_rate" => "incorrectRate",
            "on_target" => "onTarget",
            "off_target" => "offTarget",
            "num_classes" => "populationClasses",
            "population_code" | "multi_spike" => continue,
            same => same,
        };
        spec[key] = value.clone();
    }
    if let Some(weights) = case["class_weight"].as_str() {
        spec["classWeights"] = json!(car.tensor(weights));
    }
    spec
}

fn check<F: Real>(car: &SideCar, case: &Value) {
    let input = case["input"].as_str().unwrap();
    let shape = car.shape(input);
    let [steps, batch, neurons] = shape[..] else { panic!("{shape:?}") };
    let signal: Vec<F> = car.tensor(input).into_iter().map(F::from_f64).collect();
    let labels: Vec<u32> =
        car.tensor(case["target"].as_str().unwrap()).into_iter().map(|x| x as u32).collect();
    let spec = LossSpec::from_json(&translate(car, case)).unwrap();
    let plan = LossPlan::new(&spec, Targets::Classes(&labels), None, steps, batch, neurons).unwrap();
    let mut per_sample = vec![0.0; batch * plan.elements()];
    let mut grad = vec![F::from_f64(f64::NAN); signal.len()];
    let (spikes, v) = match spec.needs() {
        (true, _) => (Some(&signal[..]), None),
        _ => (None, Some(&signal[..])),
    };
    let (grad_spikes, grad_v) = match spec.needs() {
        (true, _) => (Some(&mut grad[..]), None),
        _ => (None, Some(&mut grad[..])),
    };
    plan.evaluate(0, batch, spikes, v, grad_spikes, grad_v, &mut per_sample).unwrap();
    for (quantity, entry) in case["expected"].as_object().unwrap() {
        let (name, want) = car.expected(entry);
        match (quantity.as_str(), case["reduction"].as_str()) {
            ("value", Some("none")) => car.check(&name, &per_sample, &want),
            ("value", _) => car.check(&name, &[plan.reduce(&per_sample)], &want),
            ("grad", _) => {
                let grad: Vec<f64> = grad.iter().map(|g| g.to_f64()).collect();
                car.check(&name, &grad, &want);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn losses_have_snntorch_values_and_gradients() {
    let mut checked = 0;
    for case in ["03_spikegen_losses/losses_values", "03_spikegen_losses/losses_grads0"] {
        let car = SideCar::open(case);
        for case in car.cases() {
            let model = case["model"].as_str().unwrap();
            if model.starts_with("loss.") && model != "loss.l1_rate_sparsity" {
                check::<f32>(&car, case);
                check::<f64>(&car, case);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 43 + 21);
}

#[test]
fn l1_count_is_snntorch_l1_rate_sparsity() {
    let car = SideCar::open("03_spikegen_losses/losses_values");
    let case = car.cases().iter().find(|case| case["model"] == "loss.l1_rate_sparsity").unwrap();
    let lambda = case["loss_params"]["lambda"].as_f64().unwrap();
    let shape = car.shape("spk");
    let [steps, batch, neurons] = shape[..] else { panic!("{shape:?}") };
    let mut counts = vec![0.0; batch * neurons];
    for row in car.tensor("spk").chunks(counts.len()) {
        counts.iter_mut().zip(row).for_each(|(count, x)| *count += x);
    }
    let spec = RegularizerSpec::from_json(&json!({"kind": "l1-count", "lambda": lambda})).unwrap();
    let plan = RegularizerPlan::new(&spec, None, steps, batch, neurons).unwrap();
    let mut per_sample = vec![0.0; batch];
    plan.evaluate(0, &counts, None, &mut per_sample).unwrap();
    let (name, want) = car.expected(&case["expected"]["value"]);
    car.check(&name, &[per_sample.iter().sum()], &want);
}
