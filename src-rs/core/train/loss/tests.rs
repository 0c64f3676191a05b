//! Gradients against finite differences, masks against shorter batches, chunks against the whole.

use super::*;
use crate::decision::Decision;
use lapicque_base::error::Error;
use lapicque_options::Form;
use serde_json::json;

const STEPS: usize = 9;
const BATCH: usize = 4;
const NEURONS: usize = 6;
const LABELS: [u32; BATCH] = [2, 0, 1, 1];

fn signal(steps: usize) -> Vec<f64> {
    (0..steps * BATCH * NEURONS).map(|i| ((i * 7919 + 31) % 211) as f64 / 100.0 - 1.0).collect()
}

fn spec(json: serde_json::Value) -> LossSpec {
    LossSpec::from_json(&json).unwrap()
}

/// Each kind with its defaults, and with each of its options set to another value.
fn of_every_kind() -> Vec<LossSpec> {
    let mut specs = vec![];
    for kind in LossKind::all() {
        let definition = kind.definition();
        let mut with = |name: &str, value: serde_json::Value| {
            let mut given = json!({"kind": kind.name()});
            given[name] = value;
            specs.push(spec(given));
        };
        with("reduction", json!("mean"));
        with("reduction", json!("sum"));
        with("reduction", json!("none"));
        with("classWeights", json!([0.5, 2.0, 1.0, 1.5, 0.1, 1.0]));
        if definition.of_each_step {
            with("perStep", json!("sum"));
        }
        if definition.pooled {
            with("populationClasses", json!(3));
        }
        for option in &kind.entry().table {
            let value = match (option.form, option.range) {
                (Form::Choice(names), _) => json!(names.last()),
                (Form::Flag, _) => json!(true),
                (Form::Number | Form::OneOrMany, range) => {
                    let odd = [0.3, 1.7, -0.4].into_iter().find(|&x| range.holds(x)).unwrap();
                    json!(odd)
                }
                other => panic!("a value for {other:?}"),
            };
            with(&option.name, value);
        }
    }
    let weights = json!([0.5, 2.0, 1.0, 1.5, 0.1, 1.0]);
    specs.push(spec(
        json!({"kind": "cross-entropy-count", "classWeights": weights, "weightedMean": "weights"}),
    ));
    specs.push(spec(
        json!({"kind": "cross-entropy-mean-rate", "populationClasses": 3, "labelSmoothing": 1.0}),
    ));
    specs
}

/// Losses that are smooth functions of the outputs.
fn smooth() -> Vec<LossSpec> {
    let by_spike_times = |spec: &LossSpec| spec.kind.definition().decision == Some(Decision::FirstSpike);
    of_every_kind().into_iter().filter(|spec| !by_spike_times(spec)).collect()
}

fn value(plan: &LossPlan, x: &[f64], grad: Option<&mut [f64]>) -> f64 {
    let mut per_sample = vec![0.0; BATCH * plan.elements()];
    let (spikes, v) = if plan.spec.kind.reads_membrane() { (None, Some(x)) } else { (Some(x), None) };
    let (to_spikes, to_v) = if plan.spec.kind.reads_membrane() { (None, grad) } else { (grad, None) };
    plan.evaluate(0, BATCH, spikes, v, to_spikes, to_v, &mut per_sample).unwrap();
    plan.reduce(&per_sample)
}

#[test]
fn gradients_are_finite_differences() {
    let lengths = [9, 3, 1, 7];
    for spec in smooth() {
        let plan =
            LossPlan::new(&spec, Targets::Classes(&LABELS), Some(&lengths), STEPS, BATCH, NEURONS).unwrap();
        let x = signal(STEPS);
        let mut grad = vec![f64::NAN; x.len()];
        value(&plan, &x, Some(&mut grad));
        for i in 0..x.len() {
            let mut moved = x.clone();
            let h = 1e-6;
            moved[i] = x[i] + h;
            let above = value(&plan, &moved, None);
            moved[i] = x[i] - h;
            let slope = (above - value(&plan, &moved, None)) / (2.0 * h);
            assert!((slope - grad[i]).abs() < 1e-7, "{spec:?}[{i}]: {} but {slope}", grad[i]);
        }
    }
}

fn all() -> Vec<LossSpec> {
    let mut specs = of_every_kind();
    let times = json!({"kind": "mean-squared-first-spike", "onTarget": [0, 2], "offTarget": [-2, -1],
        "tolerance": 1.5});
    specs.push(spec(times));
    specs
}

/// A positive part, so that the losses of spike times also see silent neurons.
fn rectified(steps: usize) -> Vec<f64> {
    signal(steps).into_iter().map(|x| if x > 0.6 { x } else { 0.0 }).collect()
}

#[test]
fn a_mask_is_a_shorter_batch() {
    for spec in all() {
        let long = rectified(STEPS);
        let short = &long[..5 * BATCH * NEURONS];
        let masked =
            LossPlan::new(&spec, Targets::Classes(&LABELS), Some(&[5; BATCH]), STEPS, BATCH, NEURONS)
                .unwrap();
        let cut = LossPlan::new(&spec, Targets::Classes(&LABELS), None, 5, BATCH, NEURONS).unwrap();
        let (mut masked_grad, mut cut_grad) = (vec![f64::NAN; long.len()], vec![f64::NAN; short.len()]);
        let masked = value(&masked, &long, Some(&mut masked_grad));
        assert_eq!(masked, value(&cut, short, Some(&mut cut_grad)), "{spec:?}");
        assert_eq!(masked_grad[..short.len()], cut_grad[..], "{spec:?}");
        assert!(masked_grad[short.len()..].iter().all(|&g| g == 0.0), "{spec:?}");
    }
}

#[test]
fn chunks_of_samples_give_the_bits_of_the_whole() {
    for spec in all() {
        let plan = LossPlan::new(&spec, Targets::Classes(&LABELS), None, STEPS, BATCH, NEURONS).unwrap();
        let x = rectified(STEPS);
        let elements = plan.elements();
        let run = |first: usize, count: usize| {
            let part: Vec<f64> = x
                .chunks_exact(BATCH * NEURONS)
                .flat_map(|row| row[first * NEURONS..(first + count) * NEURONS].to_vec())
                .collect();
            let (mut grad, mut values) = (vec![f64::NAN; part.len()], vec![0.0; count * elements]);
            let other = &mut vec![f64::NAN; part.len()][..];
            let membrane = spec.kind.reads_membrane();
            let (to_spikes, to_v) = if membrane { (other, &mut grad[..]) } else { (&mut grad[..], other) };
            plan.evaluate(first, count, Some(&part), Some(&part), Some(to_spikes), Some(to_v), &mut values)
                .unwrap();
            (values, grad)
        };
        let (values, grad) = run(0, BATCH);
        for (first, count) in [(0, 1), (1, 2), (3, 1)] {
            let (part, part_grad) = run(first, count);
            assert_eq!(part[..], values[first * elements..(first + count) * elements], "{spec:?}");
            for (t, row) in part_grad.chunks_exact(count * NEURONS).enumerate() {
                assert_eq!(row, &grad[(t * BATCH + first) * NEURONS..][..count * NEURONS], "{spec:?}");
            }
        }
    }
}

#[test]
fn given_values_are_targets() {
    let x = signal(STEPS);
    let target: Vec<f64> = x.iter().map(|&x| x + 0.5).collect();
    let membrane = spec(json!({"kind": "mean-squared-membrane"}));
    let plan = LossPlan::new(&membrane, Targets::Values(&target), None, STEPS, BATCH, NEURONS).unwrap();
    assert!((value(&plan, &x, None) - 0.25).abs() < 1e-12);
    let rate = spec(json!({"kind": "mean-squared-rate"}));
    let plan =
        LossPlan::new(&rate, Targets::Values(&[1.0; BATCH * NEURONS]), None, STEPS, BATCH, NEURONS).unwrap();
    assert!(value(&plan, &vec![1.0; x.len()], None) < 1e-24);
    assert!((value(&plan, &vec![0.0; x.len()], None) - 1.0).abs() < 1e-12);
}

/// A label for every step, `[STEPS, BATCH]`.
fn labels_of_steps() -> Vec<u32> {
    (0..STEPS * BATCH).map(|i| ((i * 31 + 7) % 11 % NEURONS) as u32).collect()
}

#[test]
fn a_label_a_step_gives_the_loss_of_each_step_by_itself() {
    let labels = labels_of_steps();
    let (size, x, lengths) = (BATCH * NEURONS, signal(STEPS), [9, 4, 3, 7]);
    for kind in ["cross-entropy-membrane", "cross-entropy-rate"] {
        for per_step in ["mean", "sum"] {
            let all = spec(json!({"kind": kind, "perStep": per_step, "from": 2}));
            let plan = LossPlan::new(&all, Targets::Classes(&labels), Some(&lengths), STEPS, BATCH, NEURONS);
            let plan = plan.unwrap();
            let mut grad = vec![f64::NAN; x.len()];
            let whole = value(&plan, &x, Some(&mut grad));
            let one = spec(json!({"kind": kind, "reduction": "sum"}));
            let mut sum = 0.0;
            let mut expected = vec![0.0; x.len()];
            for t in 2..STEPS {
                for b in (0..BATCH).filter(|&b| t < lengths[b] as usize) {
                    let share = match per_step {
                        "mean" => 1.0 / f64::from(lengths[b] - 2),
                        _ => 1.0,
                    } / BATCH as f64;
                    let own = t * size + b * NEURONS..t * size + (b + 1) * NEURONS;
                    let label = [labels[t * BATCH + b]];
                    let plan = LossPlan::new(&one, Targets::Classes(&label), None, 1, 1, NEURONS).unwrap();
                    let (mut part, mut slope) = ([0.0], vec![0.0; NEURONS]);
                    let (spikes, v) = (Some(&x[own.clone()]), Some(&x[own.clone()]));
                    let mut unread = vec![0.0; NEURONS];
                    let (to_spikes, to_v) = match one.kind.reads_membrane() {
                        true => (&mut unread, &mut slope),
                        false => (&mut slope, &mut unread),
                    };
                    plan.evaluate(0, 1, spikes, v, Some(to_spikes), Some(to_v), &mut part).unwrap();
                    sum += share * part[0];
                    expected[own].iter_mut().zip(&slope).for_each(|(e, s)| *e = share * s);
                }
            }
            assert!((whole - sum).abs() < 1e-12, "{kind} {per_step}: {whole} but {sum}");
            assert!(grad.iter().zip(&expected).all(|(g, e)| (g - e).abs() < 1e-14), "{kind} {per_step}");
        }
    }
}

#[test]
fn labels_of_steps_are_cut_with_the_samples() {
    let labels = labels_of_steps();
    let spec = spec(json!({"kind": "cross-entropy-membrane"}));
    let plan = LossPlan::new(&spec, Targets::Classes(&labels), None, STEPS, BATCH, NEURONS).unwrap();
    let x = signal(STEPS);
    let mut values = [0.0; BATCH];
    plan.evaluate(0, BATCH, None, Some(&x), None, None, &mut values).unwrap();
    for (first, count) in [(0, 1), (1, 2), (3, 1)] {
        let rows = x.chunks_exact(BATCH * NEURONS);
        let part: Vec<f64> =
            rows.flat_map(|row| row[first * NEURONS..(first + count) * NEURONS].to_vec()).collect();
        let mut own = vec![0.0; count];
        plan.evaluate(first, count, None, Some(&part), None, None, &mut own).unwrap();
        assert_eq!(own[..], values[first..first + count]);
    }
}

#[test]
fn bad_input_is_a_typed_error_that_names_it() {
    let count = spec(json!({"kind": "cross-entropy-count"}));
    let named = |targets: Targets, lengths: Option<&[u32]>, spec: &LossSpec| match LossPlan::new(
        spec, targets, lengths, STEPS, BATCH, NEURONS,
    )
    .err()
    {
        Some(Error::InvalidParameter { name, .. }) => name,
        Some(Error::ShapeMismatch { layer, .. }) => layer,
        other => panic!("{other:?}"),
    };
    assert_eq!(named(Targets::Classes(&[0, 1, 6, 0]), None, &count), "targets[2]");
    assert_eq!(named(Targets::Classes(&[0, 1]), None, &count), "targets");
    assert_eq!(named(Targets::Classes(&LABELS), Some(&[9, 0, 9, 9]), &count), "lengths[1]");
    assert_eq!(named(Targets::Classes(&LABELS), Some(&[9, 9, 9, 10]), &count), "lengths[3]");
    assert_eq!(named(Targets::Values(&[0.0; 24]), None, &count), "targets");
    let every = [0; STEPS * BATCH];
    assert_eq!(named(Targets::Classes(&every), None, &count), "targets");
    let weights = json!({"kind": "cross-entropy-rate", "classWeights": [1, 1, 1, 1, 1, 1]});
    assert_eq!(named(Targets::Classes(&every), None, &spec(weights)), "loss.classWeights");
    let rate = spec(json!({"kind": "mean-squared-rate"}));
    let mut values = [0.0; 24];
    values[5] = f64::NAN;
    assert_eq!(named(Targets::Values(&values), None, &rate), "targets[5]");
    let weighted = spec(json!({"kind": "cross-entropy-count", "classWeights": [1.0, 2.0]}));
    assert_eq!(named(Targets::Classes(&LABELS), None, &weighted), "loss.classWeights");
    let population = spec(json!({"kind": "cross-entropy-count", "populationClasses": 4}));
    assert_eq!(named(Targets::Classes(&LABELS), None, &population), "loss.populationClasses");

    for bad in [
        json!({"kind": "cross-entropy-count", "tolerance": 1}),
        json!({"kind": "cross-entropy-count", "colour": 1}),
        json!({"kind": "mean-squared-count", "correctRate": 1.5}),
        json!({"kind": "mean-squared-first-spike", "onTarget": [1, 2], "offTarget": 3}),
        json!({"kind": "cross-entropy-count", "classWeights": [-1.0]}),
        json!({"reduction": "mean"}),
    ] {
        assert!(matches!(LossSpec::from_json(&bad), Err(Error::InvalidParameter { .. })), "{bad}");
    }
    let unknown = LossSpec::from_json(&json!({"kind": "cross-entropy"}));
    assert!(matches!(unknown, Err(Error::UnknownName { .. })));

    let plan = LossPlan::new(&count, Targets::Classes(&LABELS), None, STEPS, BATCH, NEURONS).unwrap();
    let short = plan.evaluate(0, BATCH, Some(&[0.0f32; 3]), None, None, None, &mut [0.0; BATCH]);
    assert!(matches!(short, Err(Error::ShapeMismatch { .. })));
    let absent = plan.evaluate::<f32>(0, BATCH, None, None, None, None, &mut [0.0; BATCH]);
    assert!(matches!(absent, Err(Error::ShapeMismatch { .. })));
}

#[test]
fn not_a_number_reaches_the_loss() {
    for spec in smooth() {
        let plan = LossPlan::new(&spec, Targets::Classes(&LABELS), None, STEPS, BATCH, NEURONS).unwrap();
        let mut x = signal(STEPS);
        x[37] = f64::NAN;
        assert!(value(&plan, &x, None).is_nan(), "{spec:?}");
    }
}

#[test]
fn regularizers_are_their_formulas_and_slopes() {
    let counts = [0.0, 2.0, 9.0, 5.0];
    let value = |spec: &RegularizerSpec, counts: &[f64]| {
        let plan = RegularizerPlan::new(spec, Some(&[10, 5]), 10, 2, 2).unwrap();
        let (mut per_sample, mut grad) = ([0.0; 2], [0.0; 4]);
        plan.evaluate(0, counts, Some(&mut grad), &mut per_sample).unwrap();
        (per_sample[0] + per_sample[1], grad)
    };
    let from = |json| RegularizerSpec::from_json(&json).unwrap();
    let rate = from(json!({"kind": "l1-rate", "lambda": 2.0}));
    assert!((value(&rate, &counts).0 - 2.0 * (0.0 + 0.2 + 1.8 + 1.0) / 4.0).abs() < 1e-15);
    let band = from(json!({"kind": "rate-band", "lambda": 3.0, "low": 0.1, "high": 0.5}));
    let expected = 3.0 * (0.1f64.powi(2) + 1.3f64.powi(2) + 0.5f64.powi(2)) / 4.0;
    assert!((value(&band, &counts).0 - expected).abs() < 1e-14);
    for spec in [rate, band] {
        let (_, grad) = value(&spec, &counts);
        for i in 0..4 {
            let (mut above, mut below) = (counts, counts);
            above[i] += 1e-6;
            below[i] -= 1e-6;
            let slope = (value(&spec, &above).0 - value(&spec, &below).0) / 2e-6;
            assert!((slope - grad[i]).abs() < 1e-8, "{spec:?}[{i}]");
        }
    }
    let bad = RegularizerSpec::from_json(&json!({"kind": "rate-band", "lambda": 1, "low": 0.5, "high": 0.1}));
    assert!(matches!(bad, Err(Error::InvalidParameter { .. })));
}

#[test]
fn steps_before_from_are_as_if_they_were_not_there() {
    let (from, size) = (4, BATCH * NEURONS);
    let x = signal(STEPS);
    for plain in smooth() {
        let mut late = plain.clone();
        late.common.from = from;
        let plan = |spec, lengths, steps| {
            LossPlan::new(spec, Targets::Classes(&LABELS), Some(lengths), steps, BATCH, NEURONS).unwrap()
        };
        let (whole, rest) = (plan(&late, &[9, 6, 5, 7], STEPS), plan(&plain, &[5, 2, 1, 3], STEPS - from));
        let (mut grad, mut expected) = (vec![f64::NAN; x.len()], vec![f64::NAN; x.len() - from * size]);
        assert_eq!(value(&whole, &x, Some(&mut grad)), value(&rest, &x[from * size..], Some(&mut expected)));
        assert!(grad[..from * size].iter().all(|&g| g == 0.0));
        assert_eq!(grad[from * size..], expected);
    }
    let late = spec(json!({"kind": "cross-entropy-count", "from": 4}));
    let refused = LossPlan::new(&late, Targets::Classes(&LABELS), Some(&[9, 4, 9, 9]), STEPS, BATCH, NEURONS);
    assert!(matches!(refused.err(), Some(Error::InvalidParameter { name, .. }) if name == "loss.from"));
}

/// Values and gradients of torch's autograd: `__test__/training/fixtures/losses/focal.py`.
#[test]
fn focal_losses_are_torch() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../__test__/training/fixtures/losses/focal.json");
    let fixture: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let list = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let (x, labels) = (list(&fixture["outputs"]), list(&fixture["labels"]));
    let labels: Vec<u32> = labels.into_iter().map(|label| label as u32).collect();
    let [steps, batch, classes]: [usize; 3] = serde_json::from_value(fixture["shape"].clone()).unwrap();
    for case in fixture["cases"].as_array().unwrap() {
        let spec = spec(case["loss"].clone());
        let plan = LossPlan::new(&spec, Targets::Classes(&labels), None, steps, batch, classes).unwrap();
        let (mut grad, mut other) = (vec![f64::NAN; x.len()], vec![0.0; x.len()]);
        let mut per_sample = vec![0.0; batch];
        let (to_spikes, to_v) = match spec.kind.reads_membrane() {
            true => (&mut other, &mut grad),
            false => (&mut grad, &mut other),
        };
        plan.evaluate(0, batch, Some(&x), Some(&x), Some(to_spikes), Some(to_v), &mut per_sample).unwrap();
        let (got, want) = (plan.reduce(&per_sample), case["value"].as_f64().unwrap());
        assert!((got - want).abs() < 1e-9 * want.abs().max(1.0), "{spec:?}: {got}, not {want}");
        for (i, (got, want)) in grad.iter().zip(list(&case["gradient"])).enumerate() {
            assert!((got - want).abs() < 1e-9, "{spec:?}[{i}]: {got}, not {want}");
        }
    }
}

#[test]
fn a_focal_loss_of_a_certain_sample_is_zero() {
    for gamma in [0.3, 1.0, 2.0] {
        let spec = spec(json!({"kind": "focal-mean-membrane", "gamma": gamma}));
        let plan = LossPlan::new(&spec, Targets::Classes(&[0]), None, 1, 1, 3).unwrap();
        let (mut grad, mut value) = (vec![f64::NAN; 3], [f64::NAN]);
        plan.evaluate(0, 1, None, Some(&[900.0, 0.0, -3.0]), None, Some(&mut grad), &mut value).unwrap();
        assert_eq!((value[0].abs(), grad.iter().all(|&g| g == 0.0)), (0.0, true), "{gamma}: {grad:?}");
    }
}
