//! Surrogate derivatives of reference libraries on a grid, and primitives compared with their derivatives.

use crate::surrogate::rows;
use crate::{surrogate_derivative, surrogate_primitive};
use lapicque_references::Case;
use serde_json::{Value, json};

/// The surrogate that corresponds to a library's; a user-defined expression if there is no named one.
fn ours(model: &str, theirs: &Value) -> Value {
    let of = |key: &str| theirs[key].clone();
    match model.split_once(".surrogate.").unwrap() {
        ("snntorch", "atan") | ("spikingjelly", "ATan") => json!({"name": "atan", "alpha": of("alpha")}),
        ("snntorch", "fast_sigmoid") => json!({"name": "fast-sigmoid", "slope": of("slope")}),
        ("snntorch", "sigmoid") => json!({"name": "sigmoid", "slope": of("slope")}),
        ("snntorch", "SFS") => json!({"name": "sfs", "slope": of("slope"), "B": of("B")}),
        ("snntorch", "SSO") => json!({"name": "sso", "mean": of("mean"), "variance": of("variance")}),
        ("snntorch", "custom") => json!({"derivative": "relu(1 - abs(x))"}),
        ("snntorch", "heaviside") => json!("heaviside"),
        ("snntorch", "spike_rate_escape") => {
            json!({"name": "spike-rate-escape", "beta": of("beta"), "slope": of("slope")})
        }
        ("snntorch", "straight_through_estimator") => json!("straight-through"),
        ("snntorch", "triangular") => json!({"name": "snntorch-triangular", "threshold": of("threshold")}),
        ("spikingjelly", "DeterministicPass") => json!("deterministic-pass"),
        ("spikingjelly", "Erf") => json!({"name": "erf", "alpha": of("alpha")}),
        ("spikingjelly", "FakeNumericalGradient") => {
            json!({"name": "fake-numerical-gradient", "alpha": of("alpha")})
        }
        ("spikingjelly", "LeakyKReLU") => json!({"name": "leaky-k-relu", "leak": of("leak"), "k": of("k")}),
        ("spikingjelly", "LogTailedReLU") => json!({"name": "log-tailed-relu", "alpha": of("alpha")}),
        ("spikingjelly", "NonzeroSignLogAbs") => {
            json!({"name": "nonzero-sign-log-abs", "alpha": of("alpha")})
        }
        ("spikingjelly", "PiecewiseExp") => json!({"name": "piecewise-exp", "alpha": of("alpha")}),
        ("spikingjelly", "PiecewiseLeakyReLU") => {
            json!({"name": "piecewise-leaky-relu", "w": of("w"), "c": of("c")})
        }
        ("spikingjelly", "PiecewiseQuadratic") => {
            json!({"name": "piecewise-quadratic", "alpha": of("alpha")})
        }
        ("spikingjelly", "QPseudoSpike") => json!({"name": "q-pseudo-spike", "alpha": of("alpha")}),
        ("spikingjelly", "Rect") => json!({"name": "rect", "alpha": of("alpha")}),
        ("spikingjelly", "S2NN") => json!({"name": "s2nn", "alpha": of("alpha"), "beta": of("beta")}),
        ("spikingjelly", "Sigmoid") => json!({"name": "sigmoid", "slope": of("alpha")}),
        ("spikingjelly", "SoftSign") => json!({"name": "soft-sign", "alpha": of("alpha")}),
        ("spikingjelly", "SquarewaveFourierSeries") => {
            json!({"name": "squarewave-fourier", "n": of("n"), "T": of("T_period")})
        }
        ("spikingjelly", "SuperSpike") => json!({"name": "super-spike", "alpha": of("alpha")}),
        ("norse", "super") => json!({"name": "fast-sigmoid", "slope": of("alpha")}),
        ("norse", "triangle") => json!({"name": "triangular", "height": of("alpha")}),
        ("norse", "tanh") => json!({"name": "tanh", "alpha": of("alpha")}),
        ("norse", "circ") => json!({"name": "circ", "alpha": of("alpha")}),
        ("norse", "heavi_erfc") => json!({"name": "heavi-erfc", "alpha": of("alpha")}),
        other => panic!("no surrogate for {other:?}"),
    }
}

#[test]
fn the_peers_derivatives_and_primitives_are_reproduced() {
    let mut checked = 0;
    for case in Case::all("02_gradients").iter().filter(|case| case.car["check"] == "surrogate") {
        let x = case.tensor(case.car["inputs"]["u"].as_str().unwrap()).values;
        for entry in case.car["cases"].as_array().unwrap() {
            let spec = ours(entry["model"].as_str().unwrap(), &entry["surrogate"]);
            let expected = &entry["expected"];
            case.compare(expected["grad"].as_str().unwrap(), &surrogate_derivative(&spec, None, &x).unwrap());
            checked += 1;
            if let Some(tensor) = expected["primitive"].as_str() {
                let primitive = surrogate_primitive(&spec, None, &x).unwrap().expect("a primitive");
                case.compare(tensor, &primitive);
            }
        }
    }
    assert!(checked >= 40, "{checked}");
}

#[test]
fn every_primitive_has_its_derivative() {
    const H: f64 = 1e-5;
    for row in rows().filter(|row| row.primitive.is_some()) {
        let spec = json!({"name": row.name});
        for x in [-1.7, -0.83, -0.31, -0.07, 0.09, 0.33, 0.71, 1.9] {
            let f = surrogate_primitive(&spec, None, &[x - H, x + H]).unwrap().unwrap();
            let slope = (f[1] - f[0]) / (2.0 * H);
            let derivative = surrogate_derivative(&spec, None, &[x]).unwrap()[0];
            // S2NN's primitive adds 1e-5 under its logarithm.
            let near = (slope - derivative).abs() < 2e-5 * (1.0 + derivative.abs());
            assert!(near, "{} at {x}: {derivative}, slope {slope}", row.name);
        }
    }
}

#[test]
fn every_surrogate_is_finite_and_resolves_to_itself() {
    let x: Vec<f64> = (-400..=400).map(|i| i as f64 / 4.0).chain([0.0, -1e6, 1e6]).collect();
    for row in rows() {
        let derivative = surrogate_derivative(&json!(row.name), None, &x).unwrap();
        assert!(derivative.iter().all(|g| g.is_finite()), "{}", row.name);
        assert_eq!(derivative, surrogate_derivative(&json!({"name": row.name}), None, &x).unwrap());
    }
}
