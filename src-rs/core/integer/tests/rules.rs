//! Random networks over all rules against the rules written down neuron by neuron, at every SIMD level and with several threads.

mod reference;

use proptest::prelude::*;
use reference::{Case, Draws, check};
use serde_json::{Value, json};

fn one<'a>(draws: &mut Draws, values: &[&'a str]) -> &'a str {
    values[draws.below(values.len() as u64) as usize]
}

/// Parameters of a layer: each for all neurons.
fn parameters(draws: &mut Draws, rules: &Value, n: usize) -> Vec<i32> {
    let bits = rules["vBits"].as_i64().unwrap();
    let most = (1i64 << (bits - 1)) - 1;
    let mut out = Vec::new();
    let mut field = |low: i64, high: i64| out.extend((0..n).map(|_| draws.within(low, high) as i32));
    field(1, most / 2);
    field(-most / 4, most / 4);
    field(-most / 8, most / 8);
    field(-most / 8, most / 8);
    let decays = 1 + rules["currents"].as_u64().unwrap();
    for i in 0..decays {
        let rule = &rules[if i == 0 { "vDecay" } else { "currentDecay" }];
        match rule["kind"].as_str().unwrap() {
            "shift" => field(0, 9),
            "multiplier" => field(0, 1 << rule["fractionBits"].as_i64().unwrap()),
            _ => field(-5, 5),
        }
    }
    for _ in 1..decays {
        field(-9, 9);
    }
    out
}

fn decay_rule(draws: &mut Draws) -> Value {
    match draws.below(3) {
        0 => json!({ "kind": "none" }),
        1 => json!({ "kind": "shift", "atLeastOne": draws.below(2) == 1 }),
        _ => json!({ "kind": "multiplier", "fractionBits": draws.within(1, 16),
                     "rounding": one(draws, &["floor", "nearest", "toward-zero"]) }),
    }
}

fn case(seed: u64) -> Case {
    let draws = &mut Draws(seed);
    let image = draws.below(3) == 0;
    let shape = [draws.within(1, 3), draws.within(4, 7), draws.within(4, 7)];
    let inputs = if image { shape.iter().product() } else { draws.within(1, 90) } as usize;
    let (mut layers, mut weights, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let mut sources: Vec<(String, usize, Option<[i64; 3]>)> =
        vec![("input".into(), inputs, image.then_some(shape))];
    let count = draws.within(1, 3) as usize;
    for l in 0..count {
        let name = format!("layer{l}");
        let reset = one(draws, &["subtract", "subtract", "value", "none"]);
        let timing = one(draws, &["same-step", "next-step"]);
        let currents = draws.below(3);
        let each = currents > 0 && draws.below(2) == 0 && !image;
        let bits = draws.within(4, 8);
        let rules = json!({
            "weightBits": bits, "vBits": draws.within(8, 24), "currentBits": draws.within(8, 24),
            "range": one(draws, &["twos-complement", "symmetric"]), "currents": currents,
            "currentOrder": one(draws, &["decay-add-use", "add-decay-use", "add-use-decay", "use-decay-add"]),
            "saturation": if each { "each-addition" } else { "sum" },
            "vDecay": decay_rule(draws), "currentDecay": decay_rule(draws),
            "compare": one(draws, &[">", ">="]),
            "maxSpikes": if reset == "subtract" { draws.within(1, 31) } else { 1 },
            "reset": reset, "resetTiming": timing,
            "resetScale": if reset == "subtract" && timing == "next-step" {
                one(draws, &["threshold", "beta-threshold"])
            } else { "threshold" },
            "spiking": l + 1 < count || draws.below(4) > 0,
        });
        let spiking = rules["spiking"].as_bool().unwrap();
        let convolves = image && l == 0;
        let (pool, kernel, stride, padding) =
            (draws.within(1, 2), draws.within(1, 2), draws.within(1, 2), draws.below(2) as i64);
        let out_shape = convolves.then(|| {
            let size = |n: i64| (n / pool + 2 * padding - kernel) / stride + 1;
            [draws.within(1, 4), size(shape[1]), size(shape[2])]
        });
        let n = out_shape.map_or_else(|| draws.within(1, 140), |shape| shape.iter().product()) as usize;
        let mut connections = Vec::new();
        let mut take = |draws: &mut Draws, len: usize| {
            let most = 1i64 << (bits - 1);
            weights.extend((0..len).map(|_| draws.within(-most, most - 1) as i8));
        };
        for current in 0..currents.max(1) {
            let (from, size, from_shape) = &sources[l];
            let common = json!({ "name": "w", "from": from, "delay": draws.below(2), "current": current,
                                 "shift": draws.below(4), "maxCount": draws.within(1, 20) });
            let projection = match (out_shape, from_shape) {
                (Some(out), _) => {
                    take(draws, (out[0] * shape[0] * kernel * kernel) as usize);
                    json!({ "kind": "conv", "kernel": [kernel, kernel], "stride": [stride, stride],
                            "padding": [padding, padding], "pool": pool })
                }
                (None, Some(shape)) if !each && draws.below(2) == 0 && shape[1].min(shape[2]) >= 2 => {
                    take(draws, (shape[0] * (shape[1] / 2) * (shape[2] / 2)) as usize * n);
                    json!({ "kind": "dense", "pool": 2 })
                }
                _ => {
                    take(draws, size * n);
                    json!({ "kind": "dense" })
                }
            };
            let mut connection = common;
            connection["projection"] = projection;
            connections.push(connection);
        }
        if !convolves && spiking && draws.below(2) == 0 {
            take(draws, n * n);
            connections
                .push(json!({ "name": "r", "from": name, "delay": 1, "current": 0, "shift": draws.below(3),
                                     "maxCount": 31, "projection": { "kind": "dense" } }));
        }
        let aliases: Vec<[u64; 2]> = match spiking && out_shape.is_none() {
            true => (0..draws.below(4)).map(|_| [draws.below(n as u64), draws.below(n as u64)]).collect(),
            false => vec![],
        };
        all.extend(parameters(draws, &rules, n));
        layers.push(
            json!({ "name": name, "neurons": n, "shape": out_shape, "rules": rules, "aliases": aliases,
                            "connections": connections }),
        );
        sources.push((name, n, out_shape));
    }
    let signed = draws.below(2) == 1;
    let max_count = draws.within(1, 20);
    let description = json!({
        "target": "random", "layers": layers,
        "input": { "size": inputs, "shape": image.then_some(shape), "maxCount": max_count, "signed": signed },
    });
    let (steps, batch) = (12, draws.within(1, 3) as usize);
    let input = (0..steps * batch * inputs).map(|_| match draws.below(4) {
        0 => draws.within(if signed { -25 } else { 0 }, 25) as i16,
        1 => 1,
        _ => 0,
    });
    let input = input.collect();
    Case { description, weights, parameters: all, steps, batch, input }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 3000 } else { 12 },
                                        failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn networks_follow_the_rules(seed in any::<u64>()) {
        check(&format!("seed {seed}"), &case(seed));
    }
}
