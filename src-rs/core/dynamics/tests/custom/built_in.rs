//! Equations equivalent to a registered model give the same bits.

use super::{bind, neuron, noise, run, with};
use crate::Bound;
use lapicque_base::Real;
use serde_json::{Value, json};

fn same_bits<F: Real>(ours: &Bound, theirs: &Bound) {
    const ELEMENTS: usize = 997;
    let forward = run::<F>(ours, false, ELEMENTS, &noise);
    assert_eq!(forward, run::<F>(theirs, false, ELEMENTS, &noise), "{}", ours.resolved());
    let new = |name: &str, element: usize| match name.strip_prefix("new ") {
        Some(state) => {
            let i = ours.states.iter().position(|info| info.name == state).unwrap();
            forward[i].1[element].to_f64()
        }
        None => noise(name, element),
    };
    let sorted = |bound: &Bound| {
        let mut grads = run::<F>(bound, true, ELEMENTS, &new);
        // Adding +0 removes the sign of zeros.
        grads.iter_mut().for_each(|(_, values)| values.iter_mut().for_each(|x| *x += F::ZERO));
        grads.retain(|(_, values)| values.iter().any(|x| x.to_f64() != 0.0));
        grads
    };
    let (ours_sorted, theirs_sorted) = (sorted(ours), sorted(theirs));
    assert_eq!(ours_sorted.len(), theirs_sorted.len());
    for (a, b) in ours_sorted.iter().zip(&theirs_sorted) {
        assert_eq!(a.1, b.1, "{:?} of {}", a.0, ours.resolved());
    }
}

#[test]
fn a_custom_lif_gives_the_bits_of_the_built_in() {
    let params = || json!({"beta": 0.9, "vThreshold": 1.0});
    let custom = |reset: &str, more: Value, options: Value| {
        let mut texts = json!({"spike": "v > vThreshold", "reset": reset});
        for (key, value) in more.as_object().unwrap() {
            texts[key] = value.clone();
        }
        with(neuron(&["v"], params(), "v = beta*v + i", texts), "options", options)
    };
    let lif = |options: Value, more: Value| {
        let mut all = params();
        for (key, value) in more.as_object().unwrap() {
            all[key] = value.clone();
        }
        json!({"model": "lif", "params": all, "options": options})
    };
    let none = || json!({});
    let cases = [
        (custom("v -= vThreshold", none(), json!({"resetTiming": "next-step"})), lif(none(), none())),
        (custom("v -= vThreshold", none(), none()), lif(json!({"resetTiming": "same-step"}), none())),
        (custom("v = 0", none(), none()), lif(json!({"resetTiming": "same-step", "reset": "value"}), none())),
        (
            custom("v = 0", none(), json!({"resetTiming": "start-of-next-step"})),
            lif(json!({"reset": "value"}), none()),
        ),
        (
            custom("v -= vThreshold", none(), json!({"resetTiming": "start-of-next-step"})),
            lif(json!({"resetScale": "beta-threshold"}), none()),
        ),
        (
            custom("v -= vThreshold", json!({"refractory": {"period": 2}}), none()),
            lif(json!({"resetTiming": "same-step"}), json!({"tauRef": 2})),
        ),
        (
            custom(
                "v -= vThreshold",
                json!({"refractory": {"period": 2}}),
                json!({"resetTiming": "next-step"}),
            ),
            lif(none(), json!({"tauRef": 2})),
        ),
        (
            custom("v -= vThreshold", none(), json!({"detachReset": false})),
            lif(json!({"resetTiming": "same-step", "detachReset": false}), none()),
        ),
        (
            custom("v = 0", none(), json!({"detachReset": false})),
            lif(json!({"resetTiming": "same-step", "reset": "value", "detachReset": false}), none()),
        ),
    ];
    for (ours, theirs) in cases {
        for learn in [json!([]), json!(["beta", "vThreshold"])] {
            let (ours, theirs) = (
                bind(&with(ours.clone(), "learn", learn.clone())),
                bind(&with(theirs.clone(), "learn", learn)),
            );
            same_bits::<f32>(&ours, &theirs);
            same_bits::<f64>(&ours, &theirs);
        }
    }
}
