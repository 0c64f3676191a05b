//! Comparisons with closed forms.

use super::bound;
use crate::Bound;
use crate::synapse::{Samples, Trains, drive};
use lapicque_base::control::Control;
use serde_json::{Value, json};

fn last(rule: &Bound, w: f64, delay: f64, pre: &[f64], post: &[f64]) -> f64 {
    let trains = Trains { pre: pre.to_vec(), post: post.to_vec(), ..Trains::default() };
    drive(rule, w, delay, &trains, &Samples::default(), &Control::detached()).unwrap().last[0]
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "{got}, expected {want}");
}

fn stdp(params: Value, options: Value) -> Bound {
    bound(json!({"model": "stdp", "params": params, "options": options}))
}

fn additive(pairing: &str, coincidence: &str) -> Bound {
    stdp(
        json!({"tauPlus": 17.0, "tauMinus": 34.0, "aPlus": 0.8, "aMinus": 0.3, "muPlus": 0, "muMinus": 0, "wMin": -10, "wMax": 10}),
        json!({"pairing": pairing, "coincidence": coincidence}),
    )
}

#[test]
fn the_window_of_a_pair() {
    let rule = additive("all-to-all", "neither");
    for k in -60i32..=60 {
        let (t, delay) = (f64::from(k) * 2.0, 1.5);
        // The dendritic delay applies to the target's spike.
        let got = last(&rule, 0.0, delay, &[200.0], &[200.0 + t - delay]);
        let want = match k {
            0 => 0.0,
            k if k > 0 => 0.8 * (-t / 17.0).exp(),
            _ => -0.3 * (t / 34.0).exp(),
        };
        near(got, want);
    }
}

#[test]
fn who_sees_whom_of_two_spikes_that_meet() {
    let at_once = |coincidence| last(&additive("all-to-all", coincidence), 0.0, 0.0, &[5.0], &[5.0]);
    near(at_once("neither"), 0.0);
    near(at_once("pre-first"), 0.8);
    near(at_once("post-first"), -0.3);
    near(at_once("both"), 0.5);
}

#[test]
fn pairing_with_all_spikes_and_with_the_nearest() {
    let (pre, post) = ([10.0, 14.0], [20.0, 27.0]);
    let f = |t: f64| 0.8 * (-t / 17.0).exp();
    near(
        last(&additive("all-to-all", "neither"), 0.0, 0.0, &pre, &post),
        f(10.0) + f(6.0) + f(17.0) + f(13.0),
    );
    near(last(&additive("nearest", "neither"), 0.0, 0.0, &pre, &post), f(6.0) + f(13.0));
}

#[test]
fn powers_of_the_distance_to_the_bounds() {
    let params = json!({"lambda": 0.02, "alpha": 1.5, "muPlus": 0.4, "muMinus": 0.3, "wMax": 2.0});
    let rule = stdp(params, json!({}));
    let up = 0.02 * 2.0 * (1.0 - 0.7f64 / 2.0).powf(0.4) * (-5.0f64 / 20.0).exp();
    near(last(&rule, 0.7, 0.0, &[10.0], &[15.0]), 0.7 + up);
    let down = 0.03 * 2.0 * (0.7f64 / 2.0).powf(0.3) * (-5.0f64 / 20.0).exp();
    near(last(&rule, 0.7, 0.0, &[15.0], &[10.0]), 0.7 - down);
    let params = json!({"aPlus": 0.1, "aMinus": 0.0, "muPlus": 0.4, "wMax": 2.0});
    let rule = stdp(params, json!({"dependence": "power-law"}));
    near(
        last(&rule, 0.7, 0.0, &[10.0], &[15.0]),
        0.7 + 0.1 * (0.7f64 / 2.0).powf(0.4) * (-5.0f64 / 20.0).exp(),
    );
}

#[test]
fn a_weight_stays_within_its_bounds() {
    let rule = stdp(
        json!({"aPlus": 5.0, "aMinus": 9.0, "muPlus": 0, "muMinus": 0, "wMin": 0.25, "wMax": 2.0}),
        json!({}),
    );
    near(last(&rule, 1.0, 0.0, &[10.0], &[11.0]), 2.0);
    near(last(&rule, 1.0, 0.0, &[11.0], &[10.0]), 0.25);
    // At a bound, where the logarithm of 0 occurs.
    let rule = stdp(json!({"muPlus": 0.5, "muMinus": 0.5, "wMax": 2.0}), json!({}));
    near(last(&rule, 2.0, 0.0, &[10.0], &[11.0]), 2.0);
    near(last(&rule, 0.0, 0.0, &[11.0], &[10.0]), 0.0);
}

#[test]
fn depression_settles_where_use_and_recovery_balance() {
    // A regular train of period p: x before a spike is (1 - e) / (1 - (1 - u) e), e = exp(-p / tauRec).
    let rule = bound(json!({"model": "tsodyks-markram", "params": {"utilization": 0.4, "tauRec": 300.0}}));
    let trains =
        Trains { pre: (1..=400).map(|k| f64::from(k) * 50.0).collect(), post: vec![], ..Trains::default() };
    let sent =
        drive(&rule, 2.0, 1.0, &trains, &Samples::default(), &Control::detached()).unwrap().transmitted;
    let e = (-50.0f64 / 300.0).exp();
    near(sent[0], 2.0 * 0.4);
    near(sent[399], 2.0 * 0.4 * (1.0 - e) / (1.0 - 0.6 * e));
}

#[test]
fn a_file_may_have_the_earlier_name_of_a_parameter() {
    let [earlier, now] = ["utilisation", "utilization"]
        .map(|name| bound(json!({"model": "tsodyks-markram", "params": {name: 0.3}})).resolved().clone());
    assert_eq!(earlier, now);
    assert_eq!(now["params"]["utilization"], json!(0.3));
}

#[test]
fn facilitation_settles_too() {
    let params = json!({"utilization": 0.1, "tauRec": 1e-3, "tauFac": 500.0});
    let rule = bound(json!({"model": "tsodyks-markram", "params": params}));
    let trains =
        Trains { pre: (1..=800).map(|k| f64::from(k) * 20.0).collect(), post: vec![], ..Trains::default() };
    let sent =
        drive(&rule, 1.0, 1.0, &trains, &Samples::default(), &Control::detached()).unwrap().transmitted;
    let e = (-20.0f64 / 500.0).exp();
    near(sent[799], 0.1 / (1.0 - 0.9 * e));
}

#[test]
fn bad_input_is_named() {
    let error = |spec: Value| Bound::new(&spec, 0.1).unwrap_err().to_string();
    assert_eq!(error(json!({"model": "stpd"})), "unknown synapse model \"stpd\"; did you mean \"stdp\"?");
    assert!(
        error(json!({"model": "stdp", "params": {"tauPlus": -1}}))
            .contains("tauPlus: expected a number above 0")
    );
    assert!(
        error(json!({"model": "stdp", "params": {"wMin": 3, "wMax": 2}}))
            .contains("wMax: expected a number above wMin")
    );
    assert!(
        error(json!({"model": "stdp", "params": {"lambda": 1, "aPlus": 2}}))
            .contains("they say the same thing")
    );
    assert!(
        error(json!({"model": "tsodyks-markram", "params": {"tauPsc": 800}}))
            .contains("another time than tauRec")
    );
    let rule = stdp(json!({}), json!({}));
    let error = |w: f64, delay: f64, pre: Vec<f64>| {
        drive(
            &rule,
            w,
            delay,
            &Trains { pre, post: vec![], ..Trains::default() },
            &Samples::default(),
            &Control::detached(),
        )
        .unwrap_err()
        .to_string()
    };
    assert!(error(101.0, 1.0, vec![]).starts_with("weight: expected a weight from 0 to 100"));
    assert!(error(1.0, -1.0, vec![]).starts_with("delay: expected"));
    assert!(error(1.0, 1.0, vec![5.0, 4.0]).starts_with("pre[1]: expected ascending times"));
    assert!(error(1.0, 1.0, vec![f64::NAN]).starts_with("pre[0]"));
}
