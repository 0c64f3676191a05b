//! Pools of squares by their definitions, pixel by pixel.

use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_integer::{Counts, IntegerNetwork, IntegerSession, IntegerStepInput, Recording, Recordings};
use serde_json::{Value, json};
use std::sync::Arc;

const SHAPE: [usize; 3] = [3, 5, 7];
const INPUTS: usize = 3 * 5 * 7;
/// After pools of 2 x 2 pixels; a row and a column are left over.
const POOLED: [usize; 3] = [3, 2, 3];
const OUTPUTS: usize = 4;
const STEPS: usize = 40;
const MAX_COUNT: i32 = 6;

fn draws(mut state: u64) -> impl FnMut(i64, i64) -> i64 {
    move |low, high| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + ((state >> 33) % (high - low + 1) as u64) as i64
    }
}

/// One layer that adds all that it gets up, behind a pool.
fn description(pooling: &str, delay: u32, signed: bool) -> Value {
    let rules = json!({
        "weightBits": 8, "vBits": 24, "currentBits": 24, "range": "twos-complement", "currents": 0,
        "currentOrder": "decay-add-use", "saturation": "sum", "vDecay": { "kind": "none" },
        "currentDecay": { "kind": "none" }, "compare": ">", "maxSpikes": 1, "reset": "none",
        "resetTiming": "same-step", "resetScale": "threshold", "spiking": false,
    });
    json!({
        "target": "own", "input": { "size": INPUTS, "shape": SHAPE, "maxCount": 9, "signed": signed },
        "layers": [{ "name": "sum", "neurons": OUTPUTS, "rules": rules, "connections": [{
            "name": "w", "from": "input", "delay": delay, "current": 0, "shift": 1, "maxCount": MAX_COUNT,
            "projection": { "kind": "dense", "pool": 2, "pooling": pooling },
        }] }],
    })
}

/// The source neurons of a square.
fn square(pooled: usize) -> [usize; 4] {
    let (c, y, x) = (pooled / 6, pooled / 3 % 2, pooled % 3);
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(dy, dx)| (c * SHAPE[1] + 2 * y + dy) * SHAPE[2] + 2 * x + dx)
}

fn expected(pooling: &str, delay: usize, weights: &[i8], input: &[i16]) -> Vec<i32> {
    let pixels: usize = POOLED.iter().product();
    let mut v = [0i32; OUTPUTS];
    let mut trace = Vec::new();
    let at =
        |step: usize, neuron: usize| i32::from(input[step * INPUTS + neuron]).clamp(-MAX_COUNT, MAX_COUNT);
    for step in 0..STEPS {
        for pooled in 0..pixels {
            let Some(from) = step.checked_sub(delay) else { continue };
            let each = square(pooled);
            let total = |steps: usize| {
                each.map(|neuron| (0..steps).map(|s| at(s, neuron)).sum::<i32>()).into_iter().max().unwrap()
            };
            let count = match pooling {
                "sum" => each.iter().map(|&neuron| at(from, neuron)).sum(),
                "max" => each.iter().map(|&neuron| at(from, neuron)).max().unwrap(),
                _ => total(from + 1) - total(from),
            };
            for (output, v) in v.iter_mut().enumerate() {
                *v += 2 * count * i32::from(weights[output * pixels + pooled]);
            }
        }
        trace.extend(v);
    }
    trace
}

#[test]
fn every_pool_is_what_it_says_in_runs_and_sessions() {
    let pixels: usize = POOLED.iter().product();
    for (seed, pooling) in ["sum", "max", "max-total"].into_iter().enumerate() {
        for delay in [0, 1] {
            for signed in [false, true] {
                if signed && pooling == "max-total" {
                    continue;
                }
                let mut draw = draws(seed as u64 + 3);
                let weights: Vec<i8> = (0..pixels * OUTPUTS).map(|_| draw(-128, 127) as i8).collect();
                let low = if signed { -9 } else { 0 };
                let input: Vec<i16> = (0..STEPS * INPUTS)
                    .map(|_| if draw(0, 2) == 0 { draw(low, 9) as i16 } else { 0 })
                    .collect();
                let text = description(pooling, delay, signed).to_string();
                let wanted = expected(pooling, delay as usize, &weights, &input);
                let level = SimdLevel::detect();
                let network =
                    Arc::new(IntegerNetwork::new(&text, &weights, &[0; 5 * OUTPUTS], level).unwrap());
                let counts = Counts { values: &input[..], steps: STEPS, batch: 1, constant: false };
                let ran = network.run(counts, &[Recording::V(0)], &Control::detached()).unwrap();
                assert_eq!(ran, [Recordings::Words(wanted.clone())], "{pooling} {delay} {signed}");
                let mut session = IntegerSession::new(network).unwrap();
                // The second pass begins anew.
                for _ in 0..2 {
                    session.reset();
                    let mut trace = Vec::new();
                    for row in input.chunks_exact(INPUTS) {
                        session.step(IntegerStepInput::Counts(row)).unwrap();
                        let mut v = [0; OUTPUTS];
                        session.v(0, &mut v);
                        trace.extend(v);
                    }
                    assert_eq!(trace, wanted, "{pooling} {delay} {signed}");
                }
            }
        }
    }
}

#[test]
fn pools_that_make_no_sense_are_refused() {
    let build = |description: Value| {
        let weights = [0; 18 * OUTPUTS];
        IntegerNetwork::new(&description.to_string(), &weights, &[0; 5 * OUTPUTS], SimdLevel::detect())
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    // Totals that shrink have no spikes.
    let message = build(description("max-total", 0, true));
    assert!(message.contains("sum.connections[0].pooling") && message.contains("signed"), "{message}");
    let mut without = description("max", 0, false);
    without["layers"][0]["connections"][0]["projection"].as_object_mut().unwrap().remove("pool");
    let message = build(without);
    assert!(message.contains("pooling") && message.contains("pool"), "{message}");
    let message = build(description("median", 0, false));
    assert!(message.contains("median"), "{message}");
}
