//! Comparisons with weights and variables recorded in NEST, Brian2 and Norse.

use crate::Bound;
use crate::synapse::{Response, Samples, Trains, drive};
use lapicque_base::control::Control;
use lapicque_references::Case;
use serde_json::{Value, json};

/// Parameters of a reference file, renamed to those of this crate.
fn params(case: &Case, names: &[(&str, &str)]) -> Value {
    let pairs = names.iter().map(|(ours, theirs)| (ours.to_string(), case.car["params"][theirs].clone()));
    Value::Object(pairs.collect())
}

fn nest(case: &Case, spec: Value) -> Response {
    let rule = Bound::new(&spec, 0.1).unwrap();
    let number = |name: &str| case.car["params"][name].as_f64().unwrap();
    let trains = Trains {
        pre: case.tensor("pre_spikes").values,
        post: case.tensor("post_spikes").values,
        ..Trains::default()
    };
    drive(&rule, number("weight"), number("delay"), &trains, &Samples::default(), &Control::detached())
        .unwrap()
}

fn named(name: &str) -> Case {
    Case::all("04_synapses").into_iter().find(|case| case.name == name).unwrap()
}

#[test]
fn pair_stdp_of_nest() {
    let names = [
        ("tauPlus", "tau_plus"),
        ("tauMinus", "tau_minus"),
        ("lambda", "lambda"),
        ("alpha", "alpha"),
        ("muPlus", "mu_plus"),
        ("muMinus", "mu_minus"),
        ("wMax", "Wmax"),
    ];
    for case in ["nest_stdp_pair", "nest_stdp_additive"].map(named) {
        let spec = json!({"model": "stdp", "like": "nest", "params": params(&case, &names)});
        let response = nest(&case, spec);
        case.compare("rec_weights", &response.transmitted);
        let last = response.weights.last().unwrap();
        assert!((last - case.car["final_weight"].as_f64().unwrap()).abs() < 1e-10);
    }
}

#[test]
fn tsodyks2_of_nest() {
    let names =
        [("utilization", "U"), ("uFirst", "u"), ("xInit", "x"), ("tauRec", "tau_rec"), ("tauFac", "tau_fac")];
    for case in ["nest_tsodyks2_depressing", "nest_tsodyks2_facilitating"].map(named) {
        let params = params(&case, &names);
        let response =
            nest(&case, json!({"model": "tsodyks-markram", "like": "nest-tsodyks2", "params": params}));
        case.compare("rec_weights", &response.transmitted);
    }
}

#[test]
fn tsodyks_of_nest() {
    let names = [
        ("utilization", "U"),
        ("uInit", "u"),
        ("xInit", "x"),
        ("yInit", "y"),
        ("tauRec", "tau_rec"),
        ("tauFac", "tau_fac"),
        ("tauPsc", "tau_psc"),
    ];
    let case = named("nest_tsodyks_synapse");
    let params = params(&case, &names);
    let response = nest(&case, json!({"model": "tsodyks-markram", "like": "nest", "params": params}));
    case.compare("rec_weights", &response.transmitted);
    for (variable, name) in [(1, "u"), (2, "x"), (3, "y")] {
        let want = case.car["final"][name].as_f64().unwrap();
        assert!((response.last[variable] - want).abs() < 1e-10, "{name}");
    }
}

#[test]
fn pair_stdp_of_brian2() {
    let case = named("brian2_stdp_pair");
    let p = |name: &str| case.car["params"][name].as_f64().unwrap();
    let spec = json!({"model": "stdp", "like": "brian2", "params": {
        "tauPlus": p("tau_pre_ms"), "tauMinus": p("tau_post_ms"), "aPlus": p("A_pre"), "aMinus": -p("A_post"),
        "wMin": p("w_min"), "wMax": p("w_max"),
    }});
    let rule = Bound::new(&spec, 0.1).unwrap();
    let synapses = case.tensor("w_final").values.len();
    let rows = case.tensor("w_1ms").values.len() / synapses;
    let train = |ids: &str, times: &str, k: usize| -> Vec<f64> {
        let (ids, times) = (case.tensor(ids).values, case.tensor(times).values);
        let mut train: Vec<f64> =
            ids.iter().zip(times).filter(|(id, _)| **id == k as f64).map(|(_, t)| t).collect();
        train.sort_by(f64::total_cmp);
        train
    };
    let (mut samples, mut last) = (vec![0.0; rows * synapses], vec![]);
    for k in 0..synapses {
        let trains = Trains {
            pre: train("pre_idx", "pre_t", k),
            post: train("post_idx", "post_t", k),
            ..Trains::default()
        };
        let times = Samples { times: (0..rows).map(|j| j as f64).collect(), after: false };
        let response = drive(&rule, p("w0"), 0.0, &trains, &times, &Control::detached()).unwrap();
        response.samples.iter().enumerate().for_each(|(j, &w)| samples[j * synapses + k] = w);
        last.push(response.last[0]);
    }
    case.compare("w_1ms", &samples);
    case.compare("w_final", &last);
}

#[test]
fn tsodyks_markram_of_norse() {
    let case = Case::all("01_neurons_norse").into_iter().find(|c| c.name == "tsodyks_markram_euler").unwrap();
    let p = |name: &str| case.car["params"][name].as_f64().unwrap();
    let dt = case.car["dt_s"].as_f64().unwrap() * 1000.0;
    let spec = json!({"model": "tsodyks-markram", "like": "norse", "params": {
        "utilization": p("U"), "tauFac": 1000.0 / p("tau_f_inv"), "tauRec": 1000.0 / p("tau_d_inv"),
    }});
    let rule = Bound::new(&spec, dt).unwrap();
    let input = case.tensor("spk_in");
    let (steps, width) = (input.shape[0], input.shape[1]);
    let [mut u, mut x, mut out] = [(); 3].map(|()| vec![0.0; steps * width]);
    for k in 0..width {
        let times: Vec<f64> = (1..=steps).map(|step| step as f64 * dt).collect();
        let spiked: Vec<usize> = (0..steps).filter(|step| input.values[step * width + k] != 0.0).collect();
        let trains = Trains {
            pre: spiked.iter().map(|&step| times[step]).collect(),
            post: vec![],
            ..Trains::default()
        };
        let response =
            drive(&rule, 1.0, 0.0, &trains, &Samples { times, after: true }, &Control::detached()).unwrap();
        for (step, row) in response.samples.chunks(3).enumerate() {
            (u[step * width + k], x[step * width + k]) = (row[1], row[2]);
        }
        spiked.iter().zip(response.transmitted).for_each(|(step, sent)| out[step * width + k] = sent);
    }
    case.compare("u", &u);
    case.compare("x", &x);
    case.compare("out", &out);
}
