use super::trains;
use crate::{Measure, Trains};
use lapicque_base::control::Control;
use lapicque_base::error::Error;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn named(error: Error) -> String {
    match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn spikes_that_are_none() {
    let name =
        |times: &[f64], ids: &[u32], start, stop| named(Trains::new(times, ids, 2, start, stop).unwrap_err());
    assert_eq!(name(&[1.0, f64::NAN], &[0, 0], 0.0, 10.0), "times[1]");
    assert_eq!(name(&[-1.0], &[0], 0.0, 10.0), "times[0]");
    assert_eq!(name(&[1.0, 10.5], &[0, 1], 0.0, 10.0), "times[1]");
    assert_eq!(name(&[1.0], &[2], 0.0, 10.0), "ids[0]");
    assert_eq!(name(&[4.0, 2.0, 4.0], &[1, 1, 1], 0.0, 10.0), "times");
    assert_eq!(name(&[], &[], 5.0, 5.0), "stop");
    assert_eq!(name(&[], &[], f64::NEG_INFINITY, 5.0), "stop");
    let error = Trains::new(&[1.0], &[], 2, 0.0, 10.0).unwrap_err();
    assert!(matches!(error, Error::ShapeMismatch { .. }), "{error}");
}

#[test]
fn options_out_of_range() {
    let trains = trains(&[&[1.0, 5.0], &[2.0]], 0.0, 10.0);
    let name = |options: Value| {
        let measured =
            Measure::from_json(&options.to_string()).and_then(|m| m.of(&trains, &Control::detached()));
        named(measured.unwrap_err())
    };
    let bin = |bin: f64| json!({ "measure": "psth", "bin": bin });
    assert_eq!(name(bin(0.0)), "bin");
    assert_eq!(name(bin(-1.0)), "bin");
    assert_eq!(name(bin(11.0)), "bin");
    assert_eq!(name(bin(1e-300)), "bin");
    assert_eq!(name(json!({ "measure": "lvr", "refractory": -1.0 })), "refractory");
    assert_eq!(name(json!({ "measure": "van-rossum", "tau": 0.0 })), "tau");
    assert_eq!(name(json!({ "measure": "victor-purpura", "q": -1.0 })), "q");
    assert_eq!(name(json!({ "measure": "isi-profile", "pair": [0, 2] })), "pair[1]");
    assert_eq!(name(json!({ "measure": "van-rossum" })), "options");
    assert_eq!(name(json!({ "measure": "cv", "tau": 1.0 })), "options");
    let lags = |window: [f64; 2]| json!({ "measure": "cross-correlogram", "pair": [0, 1], "bin": 1.0, "window": window });
    assert_eq!(name(lags([-1.5, 1.0])), "window[0]");
    assert_eq!(name(lags([2.0, 1.0])), "window[1]");
    assert_eq!(name(lags([0.0, 10.0])), "window[1]");
    let events = |events: &[f64], window: [f64; 2]| json!({ "measure": "event-psth", "bin": 1.0, "events": events, "window": window });
    assert_eq!(name(events(&[], [0.0, 2.0])), "events");
    assert_eq!(name(events(&[9.0], [0.0, 2.0])), "events[0]");
    assert_eq!(name(events(&[1.0], [0.0, 1.5])), "window");
    let welch = |welch: Value| json!({ "measure": "power-spectrum", "welch": welch });
    assert_eq!(name(welch(json!({ "bin": 1.0, "segment": 11.0 }))), "segment");
    assert_eq!(name(welch(json!({ "bin": 1.0, "segment": 1.0 }))), "segment");
    assert_eq!(name(welch(json!({ "bin": 1.0, "overlap": 1.0 }))), "overlap");
    assert_eq!(name(welch(json!({ "bin": 1.0, "taper": "round" }))), "options");
}

#[test]
fn more_than_memory_holds() {
    let trains = Trains::new(&[], &[], 1 << 21, 0.0, 1e9).unwrap();
    for options in [
        json!({ "measure": "isi-distance" }),
        json!({ "measure": "correlation", "bin": 10.0, "binary": true }),
        json!({ "measure": "binned", "bin": 10.0, "binary": true }),
        json!({ "measure": "psth", "bin": 1e-6 }),
    ] {
        let measured = Measure::from_json(&options.to_string()).unwrap().of(&trains, &Control::detached());
        assert!(matches!(measured, Err(Error::TooLarge { .. })), "{options}");
    }
}

#[test]
fn canceled() {
    let trains = trains(&[&[1.0], &[2.0]], 0.0, 10.0);
    let control = Control::new(Arc::new(AtomicBool::new(true)), None);
    for options in [
        json!({ "measure": "spike-distance" }),
        json!({ "measure": "power-spectrum", "welch": { "bin": 1.0 } }),
    ] {
        let measured = Measure::from_json(&options.to_string()).unwrap().of(&trains, &control);
        assert_eq!(measured, Err(Error::Aborted));
    }
}
