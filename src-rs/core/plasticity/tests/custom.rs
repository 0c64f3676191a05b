//! User-defined rules.

use crate::Bound;
use crate::synapse::{Response, Samples, Trains, drive};
use lapicque_base::control::Control;
use lapicque_references::Case;
use serde_json::{Value, json};

fn run(spec: &Value, w: f64, dt: f64, trains: &Trains) -> Response {
    let samples = Samples { times: vec![17.0, 90.0], after: false };
    drive(&Bound::new(spec, dt).unwrap(), w, 0.5, trains, &samples, &Control::detached()).unwrap()
}

fn spikes(period: f64, count: i32) -> Vec<f64> {
    (1..=count).map(|k| f64::from(k) * period).collect()
}

#[test]
fn stdp_in_ones_own_words() {
    let trains = Trains { pre: spikes(7.3, 20), post: spikes(9.1, 18), ..Trains::default() };
    let own = json!({
        "model": "custom",
        "params": {"aPlus": 0.05, "aMinus": 0.06, "tauPlus": 16, "tauMinus": 30, "wMin": 0, "wMax": 1.5},
        "equations": {
            "traces": [{"name": "x", "of": "pre", "tau": "tauPlus"}, {"name": "y", "of": "post", "tau": "tauMinus"}],
            "pre": "w -= aMinus * y",
            "post": "w += aPlus * x",
        },
    });
    let given = json!({"model": "stdp", "params": {"aPlus": 0.05, "aMinus": 0.06, "tauPlus": 16, "tauMinus": 30,
        "muPlus": 0, "muMinus": 0, "wMax": 1.5}});
    assert_eq!(run(&own, 1.0, 0.1, &trains), run(&given, 1.0, 0.1, &trains));
}

#[test]
fn facilitation_in_ones_own_words() {
    let trains = Trains { pre: spikes(11.0, 30), ..Trains::default() };
    let own = json!({
        "model": "custom",
        "params": {"use": 0.2, "tauFac": 80},
        "equations": {
            "variables": [{"name": "u", "tau": "tauFac"}],
            "pre": "u += use * (1 - u)",
            "transmit": "w * u",
        },
    });
    let given =
        json!({"model": "tsodyks-markram", "params": {"utilization": 0.2, "tauFac": 80, "tauRec": 1e-9}});
    let (own, given) = (run(&own, 2.0, 0.1, &trains), run(&given, 2.0, 0.1, &trains));
    for (a, b) in own.transmitted.iter().zip(&given.transmitted) {
        assert!((a - b).abs() < 1e-14);
    }
    assert!((own.samples[1] - given.samples[1]).abs() < 1e-14);
}

/// The learner does not change weights; it accumulates their changes.
#[test]
fn the_learner_of_snntorch() {
    let case =
        Case::all("03_spikegen_losses").into_iter().find(|c| c.name == "snntorch_stdp_learner").unwrap();
    let p = |name: &str| case.car["params"][name].as_f64().unwrap();
    let spec = json!({
        "model": "custom",
        "params": {"tauPre": p("tau_pre"), "tauPost": p("tau_post")},
        "options": {"coincidence": "both", "decay": "euler"},
        "equations": {
            "variables": [{"name": "dw"}],
            "traces": [{"name": "x", "of": "pre", "tau": "tauPre"}, {"name": "y", "of": "post", "tau": "tauPost"}],
            "pre": "dw -= clip(w, -1, 1) * y",
            "post": "dw += clip(w, -1, 1) * x",
        },
    });
    let rule = Bound::new(&spec, 1.0).unwrap();
    let (input, out, w) = (case.tensor("input"), case.tensor("spk_out"), case.tensor("w"));
    let [rows, columns] = [w.shape[0], w.shape[1]];
    let train = |spikes: &[f64], width: usize, k: usize| -> Vec<f64> {
        let times = spikes.chunks(width).enumerate().filter(|(_, row)| row[k] != 0.0);
        times.map(|(step, _)| step as f64 + 1.0).collect()
    };
    let mut changes = vec![];
    for i in 0..rows {
        for j in 0..columns {
            let trains = Trains {
                pre: train(&input.values, columns, j),
                post: train(&out.values, rows, i),
                ..Trains::default()
            };
            let weight = w.values[i * columns + j];
            let response =
                drive(&rule, weight, 0.0, &trains, &Samples::default(), &Control::detached()).unwrap();
            changes.push(response.last[1]);
        }
    }
    case.compare("dw", &changes);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let error = |equations: Value| {
        let spec = json!({"model": "custom", "params": {"eta": 1}, "equations": equations});
        Bound::new(&spec, 0.1).unwrap_err().to_string()
    };
    assert!(error(json!({"pre": "w += etta"})).contains("line 1, column 6: pre: unknown name \"etta\""));
    assert!(error(json!({"post": "eta = 2"})).contains("post: eta is not a variable of the synapse"));
    assert!(error(json!({"pre": "w' = -w"})).contains("an event assigns"));
    assert!(error(json!({"pre": "q += 1"})).contains("q has no value yet"));
    assert!(
        error(json!({"traces": [{"name": "x", "of": "pre", "tau": "tua"}]}))
            .contains("unknown parameter \"tua\"")
    );
    assert!(
        error(json!({"traces": [{"name": "x", "of": "pre", "tau": 0}]}))
            .contains("x.tau: expected a time constant")
    );
    assert!(error(json!({"variables": [{"name": "exp"}]})).contains("a unique name"));
    assert!(error(json!({"presynaptic": "w += 1"})).contains("equations"));
}
