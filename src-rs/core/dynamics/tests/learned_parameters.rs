//! Gradients of learned parameters from those of coefficients, compared with finite differences.

use crate::Bound;
use serde_json::json;

#[test]
fn coefficients_of_learned_parameters() {
    const H: f64 = 1e-6;
    let models = [
        json!({"model": "lif", "params": {"tauMem": [3.0, 4.0]}, "learn": ["tauMem"]}),
        json!({"model": "cuba-lif", "params": {"tauMem": 4.0, "tauSyn": 2.0}, "learn": ["tauMem", "tauSyn"]}),
        json!({"model": "cuba-lif", "params": {"tauMem": 3.0, "tauSyn": 3.0}, "learn": ["tauMem", "tauSyn"]}),
        json!({"model": "alpha", "params": {"alpha": 0.9, "beta": 0.7}, "learn": ["alpha", "beta"]}),
        json!({"model": "parametric-lif", "params": {"w": 0.4, "vLeak": 0.3}}),
        json!({"model": "alif", "params": {"tauMem": 4.0, "tauAdapt": 30.0, "betaAdapt": 0.3, "tauSyn": 3.0},
               "learn": ["tauMem", "tauAdapt", "betaAdapt", "tauSyn"]}),
        json!({"model": "qif", "params": {"tauW": 20.0}, "learn": ["tauMem", "a0", "tauW", "a", "b"]}),
        json!({"model": "eif", "learn": ["tauMem", "deltaT", "vT"]}),
        json!({"model": "adex", "learn": ["gL", "vT", "a", "b", "tauW"]}),
        json!({"model": "izhikevich", "learn": ["a", "b", "c", "d"]}),
        json!({"model": "gif", "learn": ["tauMem", "tauTheta", "a", "jump1"]}),
        json!({"model": "resonate-and-fire", "learn": ["tauMem", "frequency"]}),
        json!({"model": "hodgkin-huxley", "learn": ["gNa", "gK", "gL"]}),
        json!({"model": "srm", "learn": ["tauSyn", "tauEta", "etaInit", "vThreshold"]}),
        json!({"model": "srm", "params": {"tauSyn": 3.0}, "learn": ["tauSyn", "tauMem"]}),
        json!({"model": "coba-lif", "learn": ["tauE", "tauI"]}),
    ];
    for mut spec in models {
        for scale in ["weight", "one-minus-beta", "dt-over-tau", "propagator"] {
            for method in ["exact", "euler"] {
                spec["options"] = json!({"inputScale": scale, "method": method});
                if spec["model"] != "lif" && spec["model"] != "cuba-lif" {
                    spec["options"] = match (spec["model"] == "srm", spec["params"]["tauSyn"] == 3.0) {
                        (true, true) => json!({"kernel": "double-exponential"}),
                        _ => json!({}),
                    };
                }
                let Ok(bound) = Bound::new(&spec, 2, 1.0) else { continue };
                let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
                let coefs = bound.derive(&params);
                let gradients = |len: usize, k: usize| vec![0.3 + 0.1 * k as f64; len];
                let arrived: Vec<_> =
                    coefs.iter().enumerate().map(|(k, c)| Some(gradients(c.len(), k))).collect();
                let got = bound.derive_adjoint(&params, &arrived, &[]);
                let loss = |params: &[Vec<f64>]| -> f64 {
                    let weighted = bound.derive(params).into_iter().zip(&arrived);
                    weighted
                        .flat_map(|(c, g)| c.into_iter().zip(g.clone().unwrap()))
                        .map(|(c, g)| c * g)
                        .sum()
                };
                for (p, param) in bound.params.iter().enumerate().filter(|(_, param)| param.learn) {
                    for i in 0..param.values.len() {
                        let moved = |by: f64| {
                            let mut params = params.clone();
                            params[p][i] += by;
                            loss(&params)
                        };
                        let slope = (moved(H) - moved(-H)) / (2.0 * H);
                        let gradient = got[p].as_ref().map_or(0.0, |gradient| gradient[i]);
                        let near = (gradient - slope).abs() < 1e-6 * (1.0 + slope.abs());
                        // At equal time constants the limit is used, whose slope differs.
                        let limit = scale == "propagator" && spec["params"]["tauMem"] == 3.0;
                        assert!(near || limit, "{spec} {}: {gradient}, slope {slope}", param.name);
                        assert!(gradient.is_finite());
                    }
                }
            }
        }
    }
}
