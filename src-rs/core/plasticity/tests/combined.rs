//! Several rules on one synapse, compared with explicit sums.

use crate::Bound;
use crate::synapse::{Samples, Trains, drive};
use lapicque_base::control::Control;
use serde_json::{Value, json};

fn respond(spec: &Value, w: f64, trains: &Trains, times: &[f64]) -> crate::synapse::Response {
    let rule = Bound::new(spec, 0.1).unwrap();
    let samples = Samples { times: times.to_vec(), after: false };
    drive(&rule, w, 0.0, trains, &samples, &Control::detached()).unwrap()
}

fn trains() -> Trains {
    Trains {
        pre: (1..40).map(|i| f64::from(i) * 13.7).collect(),
        post: (1..60).map(|i| f64::from(i) * 9.1 + 0.05).collect(),
        modulator: vec![],
    }
}

#[test]
fn additive_pairs_and_scaling() {
    let (tau, plus, minus, rate, slow, target) = (20.0f64, 0.02, 0.015, 300.0f64, 5_000.0, 60.0);
    let spec = json!({"model": "combined", "rules": [
        {"model": "stdp", "params": {"aPlus": plus, "aMinus": minus, "muPlus": 0, "muMinus": 0, "wMax": 50, "wMin": -50}},
        {"model": "synaptic-scaling", "params": {"rateTarget": target, "tauRate": rate, "tauScaling": slow, "rateInit": 10,
            "wMax": 50, "wMin": -50}}]});
    let trains = trains();
    let got = respond(&spec, 1.0, &trains, &[]);
    let mut events: Vec<(f64, bool)> = trains.pre.iter().map(|&t| (t, true)).collect();
    events.extend(trains.post.iter().map(|&t| (t, false)));
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let traced = |times: &[f64], now: f64| -> f64 {
        times.iter().filter(|&&t| t < now).map(|t| (-(now - t) / tau).exp()).sum()
    };
    let (mut w, mut y, mut last, mut sent) = (1.0f64, 10.0f64, 0.0, vec![]);
    for (now, pre) in events {
        let elapsed: f64 = now - last;
        // dw/dt = w (1 - y / target) / slow with y falling.
        let area = y * rate * (1.0 - (-elapsed / rate).exp());
        w *= ((elapsed - area / target) / slow).exp();
        y *= (-elapsed / rate).exp();
        if pre {
            w -= minus * traced(&trains.post, now);
            sent.push(w);
        } else {
            w += plus * traced(&trains.pre, now);
            y += 1000.0 / rate;
        }
        last = now;
    }
    assert_eq!(got.transmitted.len(), sent.len());
    assert!(
        got.transmitted.iter().zip(&sent).all(|(a, b)| (a - b).abs() < 1e-12),
        "{:?} {sent:?}",
        got.transmitted
    );
    assert!((got.last[0] - w).abs() < 1e-12 && (got.last[1] - y).abs() < 1e-10);
}

#[test]
fn learning_and_short_term_plasticity() {
    let stdp = json!({"model": "stdp", "params": {"lambda": 0.05, "wMax": 2}});
    let short =
        json!({"model": "tsodyks-markram", "params": {"utilization": 0.4, "tauRec": 90, "tauFac": 50}});
    let both = json!({"model": "combined", "rules": [stdp, short]});
    let trains = trains();
    let [learned, resources] = [(&stdp, 1.2), (&short, 1.0)].map(|(spec, w)| respond(spec, w, &trains, &[]));
    let got = respond(&both, 1.2, &trains, &[]);
    for (i, sent) in got.transmitted.iter().enumerate() {
        let want = learned.weights[i] * resources.transmitted[i];
        assert!((sent - want).abs() < 1e-12, "spike {i} arrives with {sent}, not {want}");
    }
}

#[test]
fn what_cannot_be_combined() {
    let error = |rules: Value| {
        Bound::new(&json!({"model": "combined", "rules": rules}), 0.1).err().unwrap().to_string()
    };
    let stdp =
        |options: Value, most: f64| json!({"model": "stdp", "params": {"wMax": most}, "options": options});
    assert!(error(json!([stdp(json!({}), 1.0)])).contains("two or more"));
    assert!(error(json!([stdp(json!({}), 1.0), stdp(json!({}), 2.0)])).contains("the same wMin and wMax"));
    assert!(
        error(json!([stdp(json!({}), 1.0), stdp(json!({"coincidence": "both"}), 1.0)]))
            .contains("coincidence")
    );
    assert!(error(json!([stdp(json!({}), 1.0), 3])).contains("rules[1]"));
    let spec = json!({"model": "combined", "rules": [stdp(json!({}), 1.0), {"model": "oja", "params": {"wMax": 1}}]});
    let again = Bound::new(&spec, 0.1).unwrap();
    assert_eq!(Bound::new(again.resolved(), 0.1).unwrap().resolved(), again.resolved());
}
