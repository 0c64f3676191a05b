//! All encoders, whichever there are.

use crate::definition::Time;
use crate::draws::Draws;
use crate::{ENCODERS, Raster, encode};
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use serde_json::{Map, Value, json};

/// Options that must be given, and a number of steps where the encoder takes one.
fn complete(entry: &crate::registry::Entry) -> Map<String, Value> {
    let mut options = Map::new();
    if !matches!((entry.definition)().time, Time::FirstAxis | Time::None) {
        options.insert("steps".into(), json!(12));
    }
    for option in entry.table() {
        match (option.default.is_none(), option.form.name()) {
            (true, "numbers") => drop(options.insert(option.name, json!([0.5, 0.5]))),
            (true, "whole") => drop(options.insert(option.name, json!(3))),
            (true, "number") => drop(options.insert(option.name, json!(0.5))),
            // Times that fit into the steps.
            _ if option.name == "normalize" => drop(options.insert(option.name, json!(true))),
            _ => {}
        }
    }
    if (entry.definition)().kind == "latency-times" {
        options.insert("steps".into(), json!(12));
    }
    options
}

fn values(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 37) % 41) as f32 / 41.0).collect()
}

fn run(kind: &str, x: &[f32], shape: &[usize], options: Map<String, Value>) -> Result<Raster> {
    encode(kind, x, shape, options, &Draws::from(Rng::new(3, 0)))
}

#[test]
fn a_train_has_its_steps_and_the_axes_of_its_data() {
    for entry in ENCODERS {
        let d = (entry.definition)();
        let raster = run(d.kind, &values(24), &[4, 6], complete(entry)).unwrap();
        let (steps, width) = match d.time {
            Time::Given | Time::Either | Time::Own => (12, 24),
            Time::FirstAxis => (4, 6),
            Time::None => (1, 24),
        };
        assert_eq!(raster.steps, steps, "{}", d.kind);
        assert_eq!(raster.values.len(), raster.steps * raster.width, "{}", d.kind);
        match d.last_axis {
            None => assert_eq!(raster.width, width, "{}", d.kind),
            Some(_) => assert!(raster.width > width && raster.width.is_multiple_of(width), "{}", d.kind),
        }
        assert!(raster.values.iter().all(|x| x.is_finite()), "{}", d.kind);
        assert_eq!(run(d.kind, &values(24), &[4, 6], complete(entry)).unwrap(), raster, "the same again");
        if d.time == Time::Either {
            let mut options = complete(entry);
            options.remove("steps");
            assert_eq!(run(d.kind, &values(24), &[4, 6], options).unwrap().steps, 4);
        }
    }
}

#[test]
fn bad_input_is_refused_by_every_encoder() {
    for entry in ENCODERS {
        let kind = (entry.definition)().kind;
        for bad in [f32::NAN, f32::INFINITY] {
            let mut x = values(24);
            x[7] = bad;
            match run(kind, &x, &[4, 6], complete(entry)) {
                Err(Error::InvalidParameter { name, .. }) => assert!(name.ends_with("[7]"), "{kind}: {name}"),
                other => panic!("{kind}: {other:?}"),
            }
        }
        for (x, shape) in [(&values(23)[..], &[4usize, 6][..]), (&[], &[usize::MAX, usize::MAX])] {
            let refused = run(kind, x, shape, complete(entry));
            assert!(matches!(refused, Err(Error::ShapeMismatch { .. })), "{kind}: {refused:?}");
        }
        let mut unknown = complete(entry);
        unknown.insert("colour".into(), json!(1));
        let refused = run(kind, &values(24), &[4, 6], unknown);
        assert!(matches!(refused, Err(Error::InvalidParameter { name, .. }) if name == "colour"), "{kind}");
        for option in entry.table() {
            for wrong in [json!("x"), json!({}), json!([[]])] {
                let mut options = complete(entry);
                options.insert(option.name.clone(), wrong);
                match run(kind, &values(24), &[4, 6], options) {
                    Err(Error::InvalidParameter { name, .. }) => assert_eq!(name, option.name, "{kind}"),
                    other => panic!("{kind}.{}: {other:?}", option.name),
                }
            }
            if option.default.is_none() {
                let mut options = complete(entry);
                options.remove(&option.name);
                assert!(run(kind, &values(24), &[4, 6], options).is_err(), "{kind} without {}", option.name);
            }
        }
    }
    assert!(matches!(run("colour", &[], &[0], Map::new()), Err(Error::UnknownName { .. })));
}
