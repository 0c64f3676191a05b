//! Settings of parameters, and each rule compared with the algorithm of its paper or library.

use super::*;
use serde_json::json;

fn spec(json: serde_json::Value) -> OptimizerSpec {
    OptimizerSpec::from_json(&json).unwrap()
}

/// The scalars of Adam's step.
fn adam_step(spec: &OptimizerSpec, step: u64, lr_factor: f64, grad_scale: f64) -> adam::AdamStep {
    let settings = spec.settings(&["w"]).unwrap()[0];
    match spec.step((step, step == 1), &settings, lr_factor, grad_scale) {
        OptimizerStep::Adam(step) | OptimizerStep::AdamW(step) => step,
        other => panic!("{other:?}"),
    }
}

#[test]
fn defaults_are_torch() {
    let s = adam_step(&spec(json!({"kind": "adam"})), 1, 1.0, 1.0);
    assert_eq!(
        (s.lr, s.beta1, s.beta2, s.eps, s.weight_decay, s.decoupled),
        (1e-3, 0.9, 0.999, 1e-8, 0.0, false)
    );
    assert_eq!(spec(json!({"kind": "adamw"})).settings(&["w"]).unwrap()[0].weight_decay, 0.01);
}

#[test]
fn bias_corrections_are_their_products() {
    let adam = spec(json!({"kind": "adamw", "lr": 0.5, "betas": [0.9, 0.99]}));
    let (mut power1, mut power2) = (1.0, 1.0);
    for step in 1..=20 {
        power1 *= 0.9;
        power2 *= 0.99;
        let s = adam_step(&adam, step, 0.1, 0.25);
        assert_eq!((s.lr, s.grad_scale), (0.05, 0.25));
        assert!((s.bias_correction1 - (1.0 - power1)).abs() < 1e-15);
        assert!((s.bias_correction2 - (1.0 - power2)).abs() < 1e-15);
    }
}

/// Applies the steps of a spec to these weights.
fn run<F: Element>(
    spec: &OptimizerSpec,
    level: SimdLevel,
    w: &mut [F],
    gradients: &[Vec<F>],
    scale: f64,
) -> Vec<Vec<F>> {
    let settings = spec.settings(&["w"]).unwrap()[0];
    let mut moments: [Vec<F>; MOMENTS] = Default::default();
    let mut after = vec![];
    for (t, g) in (1..).zip(gradients) {
        let step = spec.step((t, t == 1), &settings, 1.0, scale);
        for (moment, read) in moments.iter_mut().zip(step.moments()) {
            moment.resize(if read { w.len() } else { 0 }, F::ZERO);
        }
        step.run(level, w, moments.each_mut().map(|moment| &mut moment[..]), g);
        after.push(w.to_vec());
    }
    after
}

/// Twenty steps of every optimizer compared with those of torch, or of a reference in numpy:
/// `__test__/training/fixtures/optimizers/make.py`.
#[test]
fn steps_are_those_of_the_reference() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../__test__/training/fixtures/optimizers");
    for kind in OptimizerKind::all() {
        let text = std::fs::read_to_string(format!("{folder}/{}.json", kind.name())).unwrap();
        let fixture: serde_json::Value = serde_json::from_str(&text).unwrap();
        let list = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
        let lists =
            |value: &serde_json::Value| -> Vec<Vec<f64>> { serde_json::from_value(value.clone()).unwrap() };
        let gradients = lists(&fixture["gradients"]);
        for case in fixture["cases"].as_array().unwrap() {
            let mut given = case["options"].clone();
            given["kind"] = kind.name().into();
            let spec = spec(given.clone());
            let mut w = list(&fixture["weights"]);
            let steps = run(&spec, SimdLevel::detect(), &mut w, &gradients, 1.0);
            for (t, (got, want)) in steps.iter().zip(lists(&case["weights"])).enumerate() {
                for (i, (got, want)) in got.iter().zip(want).enumerate() {
                    let off = (got - want).abs();
                    assert!(off < 1e-12, "{given}, step {t}, weight {i}: {got}, not {want}");
                }
            }
        }
    }
}

/// Options under which every branch of an optimizer is taken: each as it is by default, then each number and flag set.
fn settings_of(kind: OptimizerKind) -> Vec<serde_json::Value> {
    let mut base = json!({"kind": kind.name()});
    for option in kind.entry().table.iter().filter(|option| option.default.is_none()) {
        base[&option.name] = json!(0.1);
    }
    let mut all = vec![base.clone()];
    for option in &kind.entry().table {
        let mut given = base.clone();
        given[&option.name] = match option.form.name() {
            "flag" => json!(true),
            "number" => json!(0.25),
            "numbers" => json!([0.25, 0.75]),
            other => panic!("a value of the form {other}"),
        };
        all.push(given);
    }
    all.into_iter().filter(|given| OptimizerSpec::from_json(given).is_ok()).collect()
}

#[test]
fn every_level_gives_the_same_bits() {
    let n = 203;
    let values = |seed: usize| -> Vec<f32> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 500.0 - 1.0).collect()
    };
    let gradients: Vec<_> = (2..6).map(values).collect();
    for given in OptimizerKind::all().flat_map(settings_of) {
        let spec = spec(given.clone());
        let run = |level| run(&spec, level, &mut values(1), &gradients, 0.7);
        let expected = run(SimdLevel::Portable);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            let bits =
                |steps: &[Vec<f32>]| -> Vec<u32> { steps.concat().iter().map(|x| x.to_bits()).collect() };
            assert_eq!(bits(&run(level)), bits(&expected), "{given} at {}", level.name());
        }
    }
}

/// NaN must appear in the weights, so that the step is refused.
#[test]
fn a_gradient_that_is_not_a_number_reaches_the_weights() {
    for given in OptimizerKind::all().flat_map(settings_of) {
        let mut w = vec![0.5f64; 9];
        let mut g = vec![0.1; 9];
        g[4] = f64::NAN;
        run(&spec(given.clone()), SimdLevel::detect(), &mut w, &[g], 1.0);
        assert!(w[4].is_nan() && w[3].is_finite() && w[5].is_finite(), "{given}: {w:?}");
    }
}

/// Steps that are declared moderate stay finite for all moderate values and gradients.
#[test]
fn moderate_steps_stay_finite() {
    for given in OptimizerKind::all().flat_map(settings_of) {
        let spec = spec(given.clone());
        let settings = spec.settings(&["w"]).unwrap()[0];
        let step = spec.step((1, true), &settings, 1.0, 1e3);
        assert!(step.is_moderate(), "{given}: no step of moderate settings needs a copy of the weights");
        let mut w = vec![1e12f32, -1e12, 0.0, 1.0];
        run(&spec, SimdLevel::detect(), &mut w, &vec![vec![1e12f32, 1e12, -1e12, 1e-30]; 3], 1e3);
        assert!(w.iter().all(|x| x.is_finite()), "{given}: {w:?}");
    }
}

#[test]
fn adam_starts_from_the_gradient_when_beta1_is_small() {
    let spec = spec(json!({"kind": "adamw", "betas": [0.25, 0.999]}));
    let step = adam_step(&spec, 1, 1.0, 1.0);
    let (mut w, mut m, mut v) = (vec![0.0f64; 9], vec![2.0; 9], vec![0.0; 9]);
    step.run(SimdLevel::detect(), &mut w, [&mut m, &mut v, &mut []], &[4.0; 9]);
    assert_eq!(m, vec![0.25 * 2.0 + 0.75 * 4.0; 9]);
}

#[test]
fn groups_set_layers_and_single_parameters() {
    let sgd = spec(json!({"kind": "sgd", "lr": 0.1, "weightDecay": 0.2, "groups": [
        {"parameters": ["hidden"], "lr": 0.01},
        {"parameters": ["out.bias"], "weightDecay": 0, "frozen": true},
    ]}));
    let names = ["hidden.weights", "hidden.bias", "hidden2.weights", "out.weights", "out.bias"];
    let settings = sgd.settings(&names).unwrap();
    let lrs: Vec<f64> = settings.iter().map(|s| s.lr).collect();
    assert_eq!(lrs, [0.01, 0.01, 0.1, 0.1, 0.1]);
    assert_eq!(settings[4], ParameterSettings { lr: 0.1, weight_decay: 0.0, frozen: true });
    assert!(!settings[3].frozen && settings[3].weight_decay == 0.2);
    assert!(matches!(sgd.settings(&["out.bias"]), Err(Error::UnknownName { name, .. }) if name == "hidden"));
    let biases =
        spec(json!({"kind": "sgd", "lr": 0.1, "groups": [{"parameters": ["*.bias"], "frozen": true}]}));
    let frozen: Vec<bool> = biases.settings(&names).unwrap().iter().map(|s| s.frozen).collect();
    assert_eq!(frozen, [false, true, false, false, true]);
    let word = spec(json!({"kind": "sgd", "lr": 0.1, "groups": [{"parameters": ["bias"]}]}));
    assert!(matches!(
        word.settings(&names),
        Err(Error::UnknownName { did_you_mean: Some(near), .. }) if near == "*.bias"
    ));
    let twice = spec(json!({"kind": "sgd", "lr": 0.1, "groups": [
        {"parameters": ["a"]}, {"parameters": ["a.weights"]},
    ]}));
    assert!(matches!(twice.settings(&["a.weights"]), Err(Error::InvalidParameter { .. })));
}

#[test]
fn clipping_is_torch_clip_grad_norm() {
    let clipped = spec(json!({"kind": "adam", "maxNorm": 2.0}));
    assert_eq!(clipped.clip_scale(1.0), 1.0);
    assert_eq!(clipped.clip_scale(8.0), 2.0 / (8.0 + 1e-6));
    assert_eq!(spec(json!({"kind": "adam"})).clip_scale(1e9), 1.0);
}

#[test]
fn bad_settings_are_errors() {
    for bad in [
        json!({"kind": "sgd"}),
        json!({"kind": "sgd", "lr": -0.1}),
        json!({"kind": "sgd", "lr": 1_000_001}),
        json!({"kind": "lion", "lr": 2_f64.powi(53)}),
        json!({"kind": "sgd", "lr": 0.1, "groups": [{"parameters": ["a"], "lr": 2_f64.powi(53)}]}),
        json!({"kind": "sgd", "lr": 0.1, "nesterov": true}),
        json!({"kind": "adam", "betas": [0.9, 1.0]}),
        json!({"kind": "adam", "betas": [0.9]}),
        json!({"kind": "adam", "momentum": 0.9}),
        json!({"kind": "adam", "maxNorm": 0}),
        json!({"kind": "adam", "groups": [{"parameters": ["a"], "lr": -1}]}),
        json!({"kind": "adam", "groups": [{"lr": 1}]}),
        json!({"kind": "colour"}),
        json!({"lr": 0.1}),
        json!("adam"),
    ] {
        assert!(matches!(OptimizerSpec::from_json(&bad), Err(Error::InvalidParameter { .. })), "{bad}");
    }
}
