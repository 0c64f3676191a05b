//! The adjoint of every model under its options.

use super::finite_differences::{Ranges, check, check_within};
use crate::{adex, alif, coba_lif, delta_lif, eif, hodgkin_huxley, izhikevich, klif, qif};
use crate::{alpha, cuba_li, cuba_lif, integrate_and_fire, lapicque, li, lif, parametric_lif};
use crate::{gif, resonate_and_fire, srm, tc_lif};
use crate::{sigmoid_gate, token_shift, wkv};
use serde_json::json;

#[test]
fn lif() {
    check::<lif::Lif>(&[
        json!({"beta": 0.8, "vThreshold": 1.0}),
        json!({"tauMem": 3.0, "vThreshold": 0.9, "vLeak": 0.2, "vReset": 0.1, "r": 1.5, "gradedSpikes": 2.0}),
        json!({"beta": 0.8, "vThreshold": 1.0, "vReset": -0.2, "refractorySteps": 3}),
    ]);
}

#[test]
fn integrate_and_fire() {
    check::<integrate_and_fire::IntegrateAndFire>(&[
        json!({"vThreshold": 1.0}),
        json!({"vThreshold": 1.0, "vReset": 0.1, "tauRef": 2.0}),
    ]);
}

#[test]
fn cuba_lif() {
    check::<cuba_lif::CubaLif>(&[
        json!({"beta": 0.8, "alpha": 0.7, "vThreshold": 1.0}),
        json!({"tauMem": 4.0, "tauSyn": 2.0, "vThreshold": 1.0, "vLeak": 0.1, "wIn": 0.7}),
    ]);
}

#[test]
fn alpha() {
    check::<alpha::Alpha>(&[json!({"alpha": 0.9, "beta": 0.7, "vThreshold": 0.8, "gradedSpikes": 0.5})]);
}

#[test]
fn lapicque() {
    check::<lapicque::Lapicque>(&[json!({"r": 5.0, "c": 2.0, "vThreshold": 1.0})]);
}

#[test]
fn parametric_lif() {
    check::<parametric_lif::ParametricLif>(&[json!({"w": -0.3, "vThreshold": 1.0, "vLeak": 0.2})]);
}

#[test]
fn readouts() {
    check::<li::Li>(&[json!({"beta": 0.8}), json!({"tauMem": 3.0, "vLeak": 0.2})]);
    check::<cuba_li::CubaLi>(&[json!({"beta": 0.8, "tauSyn": 3.0})]);
}

#[test]
fn alif() {
    check::<alif::Alif>(&[
        json!({"beta": 0.8, "rho": 0.9, "betaAdapt": 0.4, "vThreshold": 0.8}),
        json!({"tauMem": 3.0, "tauAdapt": 9.0, "betaAdapt": 0.3, "tauSyn": 2.0, "vThreshold": 0.9, "vLeak": 0.1}),
        json!({"beta": 0.8, "rho": 0.7, "vThreshold": 1.0, "vReset": -0.2, "tauRef": 2.0}),
    ]);
}

#[test]
fn klif() {
    check::<klif::Klif>(&[
        json!({"beta": 0.8, "k": 1.3, "vThreshold": 1.0}),
        json!({"tauMem": 3.0, "k": 0.8, "vThreshold": 0.7, "vReset": 0.1, "vLeak": 0.2}),
    ]);
}

#[test]
fn delta_lif() {
    check::<delta_lif::DeltaLif>(&[
        json!({"beta": 0.8, "vThreshold": 0.4}),
        json!({"tauMem": 3.0, "vThreshold": 0.2, "vLeak": 0.3}),
    ]);
}

#[test]
fn coba_lif() {
    let ranges: Ranges =
        &[("v", [-65.0, -48.0]), ("gE", [0.0, 30.0]), ("gI", [0.0, 30.0]), ("input", [-20.0, 20.0])];
    check_within::<coba_lif::CobaLif>(
        ranges,
        &[
            json!({"tauE": 5.0, "tauI": 8.0, "vThreshold": -50.0}),
            json!({"vThreshold": -52.0, "tauRef": 2.0}),
        ],
    );
}

#[test]
fn qif() {
    check::<qif::Qif>(&[
        json!({"tauMem": 4.0, "a0": 0.7, "vCritical": 0.5, "vPeak": 1.2}),
        json!({"tauMem": 4.0, "a0": 0.7, "tauW": 9.0, "a": 0.3, "b": 0.2, "vPeak": 1.1, "subSteps": 3}),
        json!({"vPeak": 1.2, "vReset": -0.2, "tauRef": 3.0, "subSteps": 2}),
    ]);
}

#[test]
fn eif() {
    check_within::<eif::Eif>(
        &[("v", [-0.5, 1.3])],
        &[
            json!({"tauMem": 4.0, "deltaT": 0.6, "vT": 0.9, "vPeak": 1.5}),
            json!({"tauMem": 4.0, "deltaT": 0.6, "vPeak": 1.2, "vReset": -0.1, "subSteps": 3, "tauRef": 2.0}),
        ],
    );
}

#[test]
fn adex() {
    let ranges: Ranges = &[("v", [-75.0, -44.0]), ("w", [-20.0, 90.0]), ("input", [0.0, 800.0])];
    check_within::<adex::Adex>(
        ranges,
        &[
            json!({"gL": 30.0, "vT": -50.4, "a": 4.0, "b": 80.5, "tauW": 144.0, "vPeak": -44.0}),
            json!({"a": 2.0, "tauSyn": 3.0, "vPeak": -45.0, "subSteps": 2, "tauRef": 1.0}),
        ],
    );
}

#[test]
fn gif() {
    let ranges: Ranges = &[
        ("v", [-75.0, -45.0]),
        ("theta", [-60.0, -48.0]),
        ("i1", [-2.0, 5.0]),
        ("i2", [-8.0, 1.0]),
        ("input", [0.0, 60.0]),
    ];
    check_within::<gif::Gif>(
        ranges,
        &[
            json!({"tauMem": 12.0, "thetaInf": -51.0, "a": 0.01, "tau1": 4.0, "jump1": 5.0, "jump2": -2.0}),
            json!({"keep1": 0.5, "jump1": 3.0, "subSteps": 3, "tauRef": 2.0}),
        ],
    );
}

#[test]
fn izhikevich() {
    let ranges: Ranges = &[("v", [-75.0, -30.0]), ("u", [-18.0, 5.0]), ("input", [-5.0, 20.0])];
    check_within::<izhikevich::Izhikevich>(
        ranges,
        &[
            json!({"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "vPeak": 30.0}),
            json!({"a": 0.1, "d": 2.0, "timeScale": 0.25, "uOffset": 65.0, "uLeak": 0.5, "subSteps": 2}),
        ],
    );
}

#[test]
fn resonate_and_fire() {
    check::<resonate_and_fire::ResonateAndFire>(&[
        json!({"tauMem": 8.0, "frequency": 60.0, "vThreshold": 0.9}),
        json!({"tauMem": 8.0, "vThreshold": 0.9, "vReset": 0.1, "gradedSpikes": 2.0}),
    ]);
}

#[test]
fn hodgkin_huxley() {
    let ranges: Ranges = &[
        ("v", [-75.0, 30.0]),
        ("m", [0.0, 1.0]),
        ("h", [0.0, 1.0]),
        ("n", [0.0, 1.0]),
        ("input", [-5.0, 20.0]),
    ];
    // The default step of the tests is 1 ms.
    check_within::<hodgkin_huxley::HodgkinHuxley>(
        ranges,
        &[json!({"gNa": 120.0, "gK": 36.0, "gL": 0.3, "subSteps": 50}), json!({"phi": 1.3, "subSteps": 40})],
    );
}

#[test]
fn srm() {
    check::<srm::Srm>(&[
        json!({"tauSyn": 3.0, "tauMem": 7.0, "tauEta": 4.0, "etaInit": -1.5, "vThreshold": 0.8}),
        json!({"vThreshold": 1.2}),
    ]);
}

#[test]
fn two_compartments() {
    check::<tc_lif::TcLif>(&[json!({"c1": 0.3, "c2": -0.5, "vThreshold": 0.7, "gamma": 0.4})]);
}

#[test]
fn token_shift() {
    check::<token_shift::TokenShift>(&[0.2, 0.7, 1.3].map(|mix| json!({"mix": mix})));
}

#[test]
fn wkv() {
    let ranges: Ranges = &[("denominator", [0.5, 3.0]), ("exponent", [-1.5, 1.5]), ("input", [-1.0, 1.0])];
    check_within::<wkv::Wkv>(
        ranges,
        &[[-2.0, 0.5], [0.3, -1.0], [0.0, 0.0]].map(|[decay, bonus]| json!({"decay": decay, "bonus": bonus})),
    );
}

#[test]
fn elementwise() {
    check::<sigmoid_gate::SigmoidGate>(&[json!({}), json!({}), json!({})]);
}
