//! What transforms do, beside a definition written another way or a known distribution.

use lapicque_base::Error;
use lapicque_event_transforms::represent::Frames;
use lapicque_event_transforms::{Event, Events, Pipeline, Sensor};
use serde_json::{Value, json};

fn stream(n: usize, width: u16, height: u16) -> Vec<Event> {
    let mut state = 12345u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    let mut t = 1000;
    (0..n)
        .map(|_| {
            t += draw(20) as i64;
            Event { t, x: draw(width.into()) as u16, y: draw(height.into()) as u16, p: draw(2) as u8 }
        })
        .collect()
}

fn apply(transforms: Value, events: &[Event], width: u16, height: u16) -> (Events, Sensor) {
    let spec = json!({"sensor": {"width": width, "height": height}, "transforms": transforms, "seed": 3});
    let mut pipeline = Pipeline::from_json(&spec.to_string()).unwrap();
    let mut batch = Events::default();
    events.iter().for_each(|&e| batch.push(e));
    pipeline.push(&mut batch, &mut Frames::default()).unwrap();
    let mut rest = Events::default();
    pipeline.finish(&mut rest, &mut Frames::default()).unwrap();
    batch.append(&rest).unwrap();
    (batch, pipeline.sensor())
}

#[test]
fn denoising_keeps_what_a_search_over_all_earlier_events_keeps() {
    let events = stream(600, 8, 6);
    let (kept, _) = apply(json!([{"kind": "denoise", "time": 30}]), &events, 8, 6);
    let supported = |i: usize| {
        let e = events[i];
        events[..i].iter().any(|o| {
            // The last event of a pixel beside it decides, and it is the youngest.
            e.t - o.t < 30 && o.x.abs_diff(e.x) + o.y.abs_diff(e.y) == 1
        })
    };
    let expected: Vec<Event> = (0..events.len()).filter(|&i| supported(i)).map(|i| events[i]).collect();
    assert!(expected.len() > 50 && expected.len() < 550);
    assert!(kept.iter().eq(expected));
}

#[test]
fn refractory_pixels_rest_from_what_was_kept_or_from_every_event() {
    let at = |t| Event { t, x: 1, y: 0, p: 1 };
    let events: Vec<Event> = [0, 6, 12, 18, 30].into_iter().map(at).collect();
    let times =
        |from: &str| apply(json!([{"kind": "refractory", "time": 10, "from": from}]), &events, 2, 1).0.t;
    assert_eq!(times("last"), [0, 30]);
    assert_eq!(times("kept"), [0, 12, 30]);
}

#[test]
fn four_quarter_turns_are_none_and_one_is_a_transposed_mirror() {
    let events = stream(300, 5, 3);
    let quarter = json!({"kind": "rotate", "angle": 90});
    let (once, sensor) = apply(json!([quarter]), &events, 5, 3);
    assert_eq!((sensor.width, sensor.height), (3, 5));
    // Counter-clockwise: the right column becomes the top row.
    let expected = events.iter().map(|e| Event { x: e.y, y: 4 - e.x, ..*e });
    assert!(once.iter().eq(expected));
    let (four, _) = apply(json!([quarter, quarter, quarter, quarter]), &events, 5, 3);
    assert!(four.iter().eq(events.iter().copied()));
    let (there_and_back, _) = apply(json!([quarter, {"kind": "rotate", "angle": -90}]), &events, 5, 3);
    assert!(there_and_back.iter().eq(events.iter().copied()));
}

#[test]
fn a_reversed_stream_reversed_is_itself_from_0_on() {
    let events = stream(200, 4, 4);
    let (twice, _) = apply(json!([{"kind": "reverse"}, {"kind": "reverse"}]), &events, 4, 4);
    assert!(twice.iter().eq(events.iter().map(|e| Event { t: e.t - events[0].t, ..*e })));
}

#[test]
fn hot_pixels_are_silenced_and_others_are_not() {
    let mut events = stream(4000, 16, 16);
    let end = events.last().unwrap().t;
    events.extend((0..500).map(|i| Event { t: 1000 + i * (end - 1000) / 500, x: 3, y: 5, p: 1 }));
    events.sort_by_key(|e| e.t);
    let duration = (end - 1000) as f64 * 1e-6;
    // Others have about 16 events, this one more than 500.
    let (kept, _) = apply(json!([{"kind": "hot-pixels", "frequency": 100.0 / duration}]), &events, 16, 16);
    assert!(kept.iter().eq(events.iter().copied().filter(|e| (e.x, e.y) != (3, 5))));
}

/// Means and variances of n draws lie within five standard errors.
#[test]
fn jitter_and_drop_have_their_distributions() {
    let n = 40_000;
    let events: Vec<Event> = (0..n).map(|i| Event { t: i * 10_000, x: 500, y: 500, p: 0 }).collect();
    let check = |values: Vec<f64>, variance: f64| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|v| v * v).sum::<f64>() / n;
        assert!(mean.abs() < 5.0 * (variance / n).sqrt(), "mean {mean}");
        assert!((squares - variance).abs() < 5.0 * variance * (2.0 / n).sqrt(), "{squares} for {variance}");
    };
    let (moved, _) = apply(json!([{"kind": "jitter", "x": 3.0, "y": 1.5}]), &events, 1000, 1000);
    // Rounding to pixels adds 1/12.
    check(moved.x.iter().map(|&x| f64::from(x) - 500.0).collect(), 9.0 + 1.0 / 12.0);
    check(moved.y.iter().map(|&y| f64::from(y) - 500.0).collect(), 2.25 + 1.0 / 12.0);
    let (late, _) = apply(json!([{"kind": "time-jitter", "std": 200.0}]), &events, 1000, 1000);
    assert!(late.t.is_sorted() && late.len() == n as usize);
    check(late.t.iter().zip(0..).map(|(&t, i)| (t - i * 10_000) as f64).collect(), 4e4);
    let (left, _) = apply(json!([{"kind": "drop", "probability": 0.3}]), &events, 1000, 1000);
    let share = left.len() as f64 / n as f64;
    assert!((share - 0.7).abs() < 5.0 * (0.21 / n as f64).sqrt(), "{share}");
}

#[test]
fn noise_is_a_poisson_process_between_the_events() {
    let events: Vec<Event> = (0..=1000).map(|i| Event { t: i * 1000, x: 0, y: 0, p: 0 }).collect();
    let (noisy, _) = apply(json!([{"kind": "noise", "rate": 50.0}]), &events, 20, 10);
    assert!(noisy.t.is_sorted());
    let added = noisy.len() as f64 - 1001.0;
    assert!((added - 10_000.0).abs() < 500.0, "{added} of 200 pixels at 50 Hz in a second");
}

#[test]
fn bad_options_and_events_are_named() {
    let refused = |transform: Value| {
        let spec = json!({"sensor": {"width": 9, "height": 7}, "transforms": [transform]});
        Pipeline::from_json(&spec.to_string()).err().unwrap_or_else(|| panic!("{spec}"))
    };
    for transform in [
        json!({"kind": "denoise", "time": 0}),
        json!({"kind": "denoise"}),
        json!({"kind": "denoise", "time": 3, "tme": 3}),
        json!({"kind": "nothing"}),
        json!({"kind": "crop", "width": 9, "height": 7, "x": 1}),
        json!({"kind": "crop", "width": 0, "height": 7}),
        json!({"kind": "crop", "width": 10, "height": 7, "position": "random"}),
        json!({"kind": "crop-time", "from": 5, "to": 4}),
        json!({"kind": "decimate", "n": 0}),
        json!({"kind": "downsample", "factor": -1}),
        json!({"kind": "downsample", "factor": 1e9}),
        json!({"kind": "drop", "probability": 1.5}),
        json!({"kind": "drop-pixels", "pixels": [[9, 0]]}),
        json!({"kind": "noise", "rate": -1}),
        json!({"kind": "rotate", "angle": 1, "range": -1}),
        json!({"kind": "time-jitter", "std": 1e12}),
    ] {
        assert!(matches!(refused(transform), Error::InvalidParameter { .. }));
    }
    for output in [
        json!({"kind": "frames", "window": 5, "count": 5}),
        json!({"kind": "frames", "window": 5, "overlap": 5}),
        json!({"kind": "frames", "count": 0}),
        json!({"kind": "frames", "timeBins": 0}),
        json!({"kind": "voxel-grid", "bins": 0}),
        json!({"kind": "averaged-time-surface", "surface": 4, "cell": 8, "time": 1, "tau": 1, "decay": "exp"}),
    ] {
        let spec = json!({"sensor": {"width": 9, "height": 7}, "output": output});
        assert!(Pipeline::from_json(&spec.to_string()).is_err(), "{spec}");
    }
    let spec = json!({"sensor": {"width": 9, "height": 7}, "output": {"kind": "frames", "window": 1}});
    let push = |events: &[Event]| {
        let mut batch = Events::default();
        events.iter().for_each(|&e| batch.push(e));
        Pipeline::from_json(&spec.to_string()).unwrap().push(&mut batch, &mut Frames::default()).unwrap_err()
    };
    let inside = Event { t: 5, x: 0, y: 0, p: 0 };
    let named = |error: Error| match error {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(named(push(&[inside, Event { x: 9, ..inside }])), "events[1]");
    assert_eq!(named(push(&[inside, Event { p: 2, ..inside }])), "events.polarity[1]");
    assert_eq!(named(push(&[inside, Event { t: 4, ..inside }])), "events.t[1]");
    // A billion frames of a µs for one batch.
    assert_eq!(named(push(&[inside, Event { t: i64::MAX, ..inside }])), "window");
}
