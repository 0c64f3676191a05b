//! What comes out does not depend on how the stream was cut into batches.

use lapicque_event_transforms::represent::Frames;
use lapicque_event_transforms::{Event, Events, Pipeline};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Every transform, with options that do something.
fn transforms() -> Vec<Value> {
    vec![
        json!({"kind": "align"}),
        json!({"kind": "crop", "width": 5, "height": 4, "x": 2, "y": 1}),
        json!({"kind": "crop", "width": 5, "height": 4, "position": "random"}),
        json!({"kind": "crop-time", "from": 100, "to": 700}),
        json!({"kind": "decimate", "n": 2}),
        json!({"kind": "denoise", "time": 60}),
        json!({"kind": "denoise", "time": 60, "like": "tonic"}),
        json!({"kind": "downsample", "factor": 0.5, "timeFactor": 0.3}),
        json!({"kind": "drop", "probability": 0.4}),
        json!({"kind": "drop-area", "ratio": 0.5}),
        json!({"kind": "drop-time", "ratio": 0.4}),
        json!({"kind": "drop-time", "ratio": 0.4, "duration": 500}),
        json!({"kind": "drop-pixels", "pixels": [[1, 1]], "probability": 0.3}),
        json!({"kind": "flip", "x": 1, "y": 1, "polarity": 1}),
        json!({"kind": "hot-pixels", "frequency": 3000}),
        json!({"kind": "hot-pixels", "frequency": 6000, "learn": 300}),
        json!({"kind": "jitter", "x": 1.2, "y": 0.7}),
        json!({"kind": "merge-polarities"}),
        json!({"kind": "noise", "rate": 300}),
        json!({"kind": "refractory", "time": 90}),
        json!({"kind": "refractory", "time": 90, "from": "kept"}),
        json!({"kind": "reorder", "within": 0}),
        json!({"kind": "reverse"}),
        json!({"kind": "rotate", "angle": 30}),
        json!({"kind": "time-jitter", "std": 40}),
        json!({"kind": "time-jitter", "std": 40, "clipNegative": true, "sort": false}),
    ]
}

fn representations() -> Vec<Value> {
    let schedules = [
        json!({}),
        json!({"window": 100}),
        json!({"window": 100, "overlap": 60, "includeIncomplete": true}),
        json!({"window": 100, "overlap": -40}),
        json!({"window": 100, "start": 50, "end": 900}),
        json!({"count": 7}),
        json!({"count": 7, "overlap": 3, "includeIncomplete": true}),
        json!({"timeBins": 5}),
        json!({"timeBins": 5, "overlap": 0.2}),
        json!({"timeBins": 5, "start": 10, "end": 500}),
        json!({"eventBins": 4}),
        json!({"eventBins": 4, "overlap": 0.3, "like": "tonic"}),
    ];
    let kinds = [
        json!({"kind": "frames"}),
        json!({"kind": "frames", "binary": true}),
        json!({"kind": "sparse"}),
        json!({"kind": "slices"}),
        json!({"kind": "voxel-grid", "bins": 3}),
        json!({"kind": "time-surface", "tau": 70}),
        json!({"kind": "averaged-time-surface", "surface": 3, "cell": 4, "time": 100, "tau": 50, "decay": "exp"}),
    ];
    let pairs = kinds.iter().flat_map(|kind| schedules.iter().map(move |schedule| (kind, schedule)));
    pairs
        .filter(|(kind, schedule)| {
            kind["kind"] != "averaged-time-surface" || schedule.get("overlap").is_none()
        })
        .map(|(kind, schedule)| {
            let mut both = kind.as_object().unwrap().clone();
            both.extend(schedule.as_object().unwrap().clone());
            Value::Object(both)
        })
        .collect()
}

fn run(spec: &Value, events: &[Event], cuts: &[usize]) -> (Events, Frames) {
    let mut pipeline = Pipeline::from_json(&spec.to_string()).unwrap();
    let (mut out, mut frames) = (Events::default(), Frames::default());
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (events.len() + 1)).collect();
    ends.push(events.len());
    ends.sort_unstable();
    let mut start = 0;
    for end in ends {
        let mut batch = Events::default();
        events[start..end].iter().for_each(|&e| batch.push(e));
        pipeline.push(&mut batch, &mut frames).unwrap();
        out.append(&batch).unwrap();
        start = end;
    }
    let mut rest = Events::default();
    pipeline.finish(&mut rest, &mut frames).unwrap();
    out.append(&rest).unwrap();
    (out, frames)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0i64..9, 0u16..9, 0u16..7, 0u8..2);
    prop::collection::vec(event, 0..160).prop_map(|drawn| {
        let mut t = 37;
        drawn
            .into_iter()
            .map(|(wait, x, y, p)| {
                t += wait;
                Event { t, x, y, p }
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn transforms_do_not_depend_on_the_cuts(events in events(), cuts in prop::collection::vec(0usize..200, 0..9)) {
        let sensor = json!({"width": 9, "height": 7});
        for transform in transforms() {
            let spec = json!({"sensor": sensor, "transforms": [transform], "seed": 5});
            prop_assert_eq!(run(&spec, &events, &[]), run(&spec, &events, &cuts), "{}", spec);
        }
        let chain = json!([{"kind": "time-jitter", "std": 9}, {"kind": "denoise", "time": 90}, {"kind": "drop", "probability": 0.2},
            {"kind": "jitter", "x": 0.5}, {"kind": "reverse"}, {"kind": "refractory", "time": 20}]);
        let spec = json!({"sensor": sensor, "transforms": chain, "seed": 6});
        prop_assert_eq!(run(&spec, &events, &[]), run(&spec, &events, &cuts));
    }

    #[test]
    fn representations_do_not_depend_on_the_cuts(events in events(), cuts in prop::collection::vec(0usize..200, 0..9)) {
        for output in representations() {
            let spec = json!({"sensor": {"width": 9, "height": 7}, "output": output});
            prop_assert_eq!(run(&spec, &events, &[]), run(&spec, &events, &cuts), "{}", spec);
        }
    }

    /// A frame holds the events of its span, whatever the schedule.
    #[test]
    fn frames_hold_the_events_of_their_span(events in events(), window in 1f64..300.0, overlap in -80f64..300.0) {
        prop_assume!(overlap < window * 0.97);
        let output = json!({"kind": "frames", "window": window, "overlap": overlap, "includeIncomplete": true});
        let spec = json!({"sensor": {"width": 9, "height": 7}, "output": output});
        let (_, frames) = run(&spec, &events, &[3]);
        for (span, frame) in frames.spans.iter().zip(frames.values.chunks(2 * 63)) {
            let mut expected = [0f32; 126];
            let mut count = 0;
            for e in events.iter().filter(|e| e.t as f64 >= span.start && (e.t as f64) < span.end) {
                expected[usize::from(e.p) * 63 + usize::from(e.y) * 9 + usize::from(e.x)] += 1.0;
                count += 1;
            }
            prop_assert_eq!(&expected[..], frame);
            prop_assert_eq!(count, span.events);
        }
        if overlap == 0.0 {
            prop_assert_eq!(frames.values.iter().sum::<f32>() as usize, events.len());
        }
    }

    /// Bins share out all events: none is lost and none counted twice.
    #[test]
    fn bins_hold_every_event_once(events in events(), bins in 1usize..12) {
        for key in ["timeBins", "eventBins"] {
            let spec = json!({"sensor": {"width": 9, "height": 7}, "output": {"kind": "frames", key: bins}});
            let (_, frames) = run(&spec, &events, &[]);
            prop_assert_eq!(frames.spans.len(), bins);
            prop_assert_eq!(frames.values.iter().sum::<f32>() as usize, events.len());
        }
    }
}
