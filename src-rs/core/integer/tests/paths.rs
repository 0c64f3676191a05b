//! Networks of sizes that take each path of the engine, against the rules written down neuron by neuron: panels of every width, more
//! events in a row than a 16-bit sum holds, weights of several groups of panels, steps of several chunks, feedback, windows at every edge.

mod reference;

use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_integer::{Counts, IntegerNetwork, Recording, Recordings};
use reference::{Case, Draws, check};
use serde_json::{Value, json};

/// A layer with random weights of all 8 bits.
struct Layer {
    neurons: usize,
    shape: Option<[usize; 3]>,
    rules: Value,
    connections: Vec<Value>,
    /// Of all connections.
    weights: usize,
    /// Ranges of threshold, vReset, bias, vStart and vDecay, and of the decay of currents.
    ranges: [[i64; 2]; 6],
}

/// Rules with a decay of 15 bits, one spike a step and subtraction in the next step, and the changes.
fn rules(changes: Value) -> Value {
    let mut rules = json!({
        "weightBits": 8, "vBits": 16, "currentBits": 16, "range": "twos-complement", "currents": 0,
        "currentOrder": "decay-add-use", "saturation": "sum",
        "vDecay": { "kind": "multiplier", "fractionBits": 15, "rounding": "nearest" },
        "currentDecay": { "kind": "multiplier", "fractionBits": 15, "rounding": "toward-zero" },
        "compare": ">", "maxSpikes": 1, "reset": "subtract", "resetTiming": "next-step", "resetScale": "threshold",
        "spiking": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        rules[name] = value.clone();
    }
    rules
}

fn connection(from: &str, delay: u32, projection: Value) -> Value {
    json!({ "name": "w", "from": from, "delay": delay, "current": 0, "shift": 0, "maxCount": 255,
            "projection": projection })
}

fn dense(from: &str, delay: u32) -> Value {
    connection(from, delay, json!({ "kind": "dense" }))
}

impl Layer {
    fn new(neurons: usize, rules: Value, connections: Vec<Value>, weights: usize) -> Self {
        let ranges = [[3000, 9000], [-90, 90], [-200, 200], [-90, 90], [20_000, 32_768], [20_000, 32_768]];
        Layer { neurons, shape: None, rules, connections, weights, ranges }
    }
}

/// `active`: channels of a hundred that count. `counts`: what they count.
fn case(
    seed: u64,
    inputs: Value,
    layers: Vec<Layer>,
    [steps, batch]: [usize; 2],
    active: u64,
    counts: [i64; 2],
) -> Case {
    let draws = &mut Draws(seed);
    let (mut weights, mut parameters, mut described) = (vec![], vec![], vec![]);
    for (i, layer) in layers.iter().enumerate() {
        weights.extend((0..layer.weights).map(|_| draws.within(-128, 127) as i8));
        let currents = layer.rules["currents"].as_u64().unwrap() as usize;
        let mut field = |[low, high]: [i64; 2]| {
            parameters.extend((0..layer.neurons).map(|_| draws.within(low, high) as i32));
        };
        layer.ranges[..5].iter().for_each(|range| field(*range));
        (0..currents).for_each(|_| field(layer.ranges[5]));
        (0..currents).for_each(|_| field([-9, 9]));
        described.push(json!({ "name": format!("layer{i}"), "neurons": layer.neurons, "shape": layer.shape,
            "rules": layer.rules, "aliases": [], "connections": layer.connections }));
    }
    let size = inputs["size"].as_u64().unwrap() as usize;
    let input = (0..steps * batch * size)
        .map(|_| if draws.below(100) < active { draws.within(counts[0], counts[1]) as i16 } else { 0 })
        .collect();
    let description = json!({ "target": "path", "input": inputs, "layers": described });
    Case { description, weights, parameters, steps, batch, input }
}

fn channels(size: usize) -> Value {
    json!({ "size": size, "shape": null, "maxCount": 255, "signed": true })
}

fn spikes(trace: &[[Vec<i64>; 3]], layer: usize) -> i64 {
    trace[layer][0].iter().sum()
}

#[test]
fn panels_have_every_width() {
    for n in [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 191, 193, 256, 300] {
        let layers = vec![
            Layer::new(n, rules(json!({})), vec![dense("input", 0), dense("layer0", 1)], n * (23 + n)),
            Layer::new(5, rules(json!({ "spiking": false })), vec![dense("layer0", 0)], 5 * n),
        ];
        let trace =
            check(&format!("{n} neurons"), &case(n as u64, channels(23), layers, [5, 2], 60, [1, 40]));
        assert!(spikes(&trace, 0) > 0, "{n} neurons");
    }
}

#[test]
fn a_row_holds_more_events_than_a_16_bit_sum() {
    // All weights are the most negative or the most positive one, so a sum of too many overflows.
    for (counts, sign) in
        [([1, 1], -128), ([1, 1], 127), ([255, 255], -128), ([-255, -255], -128), ([1, 3], 127)]
    {
        let layer = |rules| vec![Layer::new(140, rules, vec![dense("input", 0)], 140 * 700)];
        for rules in [rules(json!({ "vBits": 24 })), rules(json!({ "currents": 1, "currentBits": 24 }))] {
            let mut case = case(1, channels(700), layer(rules), [3, 2], 90, counts);
            case.weights.fill(sign);
            check(&format!("counts {counts:?}, weights {sign}"), &case);
        }
    }
}

#[test]
fn weights_of_several_groups_of_panels() {
    let layers = vec![
        Layer::new(500, rules(json!({ "vBits": 18 })), vec![dense("input", 0)], 500 * 1100),
        Layer::new(3, rules(json!({})), vec![dense("layer0", 1)], 3 * 500),
    ];
    let trace = check("groups", &case(3, channels(1100), layers, [3, 3], 20, [1, 1]));
    assert!(spikes(&trace, 0) > 0);
}

#[test]
fn steps_of_several_chunks_carry_states_and_delayed_spikes() {
    for feedback in [false, true] {
        let back = |from: &str| {
            if feedback { vec![dense("input", 0), dense(from, 1)] } else { vec![dense("input", 0)] }
        };
        let layers = vec![
            Layer::new(9, rules(json!({})), back("layer1"), 9 * if feedback { 4 + 7 } else { 4 }),
            Layer::new(
                7,
                rules(json!({ "currents": 1 })),
                vec![dense("layer0", 1), dense("layer1", 1), dense("input", 1)],
                7 * (9 + 7 + 4),
            ),
        ];
        let case = case(4, channels(4), layers, [300, 5], 50, [-9, 40]);
        let trace = check(&format!("feedback {feedback}"), &case);
        assert!(spikes(&trace, 0) > 0 && spikes(&trace, 1) > 0);
    }
}

#[test]
fn states_saturate_at_both_ends_and_neurons_spike_several_times() {
    for bits in [8, 9, 16, 17, 24] {
        for range in ["twos-complement", "symmetric"] {
            for timing in ["same-step", "next-step"] {
                let most = (1i64 << (bits - 1)) - 1;
                let rules = rules(json!({ "vBits": bits, "currentBits": bits, "currents": 1, "range": range,
                    "maxSpikes": 31, "resetTiming": timing, "compare": ">=" }));
                let mut layer = Layer::new(131, rules, vec![dense("input", 0)], 131 * 17);
                layer.ranges[0] = [most / 9, most];
                layer.connections[0]["shift"] = json!(bits - 8);
                layer.connections[0]["maxCount"] = json!(3);
                let trace = check(
                    &format!("{bits} {range} {timing}"),
                    &case(5, channels(17), vec![layer], [8, 2], 50, [-3, 3]),
                );
                let lowest = if range == "symmetric" { -most } else { -most - 1 };
                for (what, values) in [("v", &trace[0][1]), ("current", &trace[0][2])] {
                    assert!(values.contains(&lowest), "{what} reaches {lowest}");
                }
                assert!(trace[0][2].contains(&most), "the current reaches {most}");
                assert!(trace[0][0].iter().any(|&count| count > 1), "several spikes in a step");
            }
        }
    }
}

#[test]
fn windows_reach_over_every_edge() {
    for (kernel, stride, padding, pool) in [
        ([5, 5], [1, 1], [0, 0], 1),
        ([3, 5], [1, 1], [2, 4], 1),
        ([5, 2], [2, 1], [1, 1], 1),
        ([2, 5], [1, 3], [0, 2], 1),
        ([7, 9], [1, 1], [3, 5], 1),
        ([1, 1], [1, 1], [0, 0], 2),
        ([3, 3], [2, 2], [1, 1], 2),
        ([3, 4], [1, 1], [2, 3], 3),
    ] {
        let size = |n: usize, axis: usize| (n / pool + 2 * padding[axis] - kernel[axis]) / stride[axis] + 1;
        let shape = [5, size(11, 0), size(13, 1)];
        let projection =
            json!({ "kind": "conv", "kernel": kernel, "stride": stride, "padding": padding, "pool": pool });
        let window: usize = kernel.iter().product();
        let neurons = shape.iter().product();
        let mut layer = Layer::new(
            neurons,
            rules(json!({ "vBits": 20 })),
            vec![connection("input", 0, projection)],
            5 * 3 * window,
        );
        layer.shape = Some(shape);
        layer.ranges[0] = [100, 900];
        let input = json!({ "size": 3 * 11 * 13, "shape": [3, 11, 13], "maxCount": 255, "signed": true });
        let name = format!("kernel {kernel:?} stride {stride:?} padding {padding:?} pool {pool}");
        let trace = check(&name, &case(6, input, vec![layer], [3, 2], 30, [-1, 2]));
        assert!(spikes(&trace, 0) > 0, "{name}");
    }
}

#[test]
fn what_is_recorded_does_not_change_spikes() {
    let mut layers = vec![
        Layer::new(300, rules(json!({})), vec![dense("input", 0)], 300 * 1000),
        Layer::new(20, rules(json!({})), vec![dense("layer0", 0)], 20 * 300),
    ];
    layers[0].ranges[0] = [300, 2000];
    layers[1].ranges[0] = [1, 400];
    let case = case(7, channels(1000), layers, [90, 13], 10, [1, 1]);
    let text = case.description.to_string();
    let network = IntegerNetwork::new(&text, &case.weights, &case.parameters, SimdLevel::detect()).unwrap();
    let input = Counts { values: &case.input[..], steps: case.steps, batch: case.batch, constant: false };
    let run = |record: &[Recording]| network.run(input, record, &Control::detached()).unwrap();
    let alone = run(&[Recording::Spikes(1)]);
    let all = run(&[Recording::Spikes(0), Recording::V(0), Recording::Spikes(1), Recording::V(1)]);
    assert_eq!(alone[0], all[2]);
    assert!(matches!(&alone[0], Recordings::Bytes(spikes) if spikes.contains(&1)));
}
