//! Random networks over all rules against the rules written down neuron by neuron, at every SIMD level and with several threads.

use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_integer::{Counts, Network, Recording, Recordings, Session, StepInput};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// One value after the other from a seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    fn one<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.below(values.len() as u64) as usize]
    }
}

struct Case {
    description: Value,
    weights: Vec<i8>,
    parameters: Vec<i32>,
    steps: usize,
    batch: usize,
    input: Vec<i16>,
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
        _ => json!({ "kind": "multiplier", "fractionBits": draws.within(1, 14),
                     "rounding": draws.one(&["floor", "nearest", "toward-zero"]) }),
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
        let reset = draws.one(&["subtract", "subtract", "value", "none"]);
        let timing = draws.one(&["same-step", "next-step"]);
        let currents = draws.below(3);
        let each = currents > 0 && draws.below(2) == 0 && !image;
        let bits = draws.within(4, 8);
        let rules = json!({
            "weightBits": bits, "vBits": draws.within(8, 24), "currentBits": draws.within(8, 24),
            "range": draws.one(&["twos-complement", "symmetric"]), "currents": currents,
            "currentOrder": draws.one(&["decay-add-use", "add-decay-use", "add-use-decay", "use-decay-add"]),
            "saturation": if each { "each-addition" } else { "sum" },
            "vDecay": decay_rule(draws), "currentDecay": decay_rule(draws),
            "compare": draws.one(&[">", ">="]),
            "maxSpikes": if reset == "subtract" { draws.within(1, 31) } else { 1 },
            "reset": reset, "resetTiming": timing,
            "resetScale": if reset == "subtract" && timing == "next-step" {
                draws.one(&["threshold", "beta-threshold"])
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

fn clip(x: i64, bits: i64, symmetric: bool) -> i64 {
    let most = (1i64 << (bits - 1)) - 1;
    x.clamp(if symmetric { -most } else { -most - 1 }, most)
}

fn decayed(rule: &Value, x: i64, parameter: i64) -> i64 {
    match rule["kind"].as_str().unwrap() {
        "shift" => {
            let lost = x.div_euclid(1 << parameter);
            x - if lost == 0 && rule["atLeastOne"] == true { x.signum() } else { lost }
        }
        "multiplier" => {
            let unit = 1i64 << rule["fractionBits"].as_i64().unwrap();
            match rule["rounding"].as_str().unwrap() {
                "floor" => (x * parameter).div_euclid(unit),
                "nearest" => (2 * x * parameter + unit).div_euclid(2 * unit),
                _ => x * parameter / unit,
            }
        }
        _ => x,
    }
}

/// The weights of a connection as a matrix `[target][source]`, in the public order.
fn matrix(
    connection: &Value,
    n: usize,
    from: &Value,
    to: &Value,
    sources: usize,
    weights: &mut &[i8],
) -> Vec<Vec<i64>> {
    let projection = &connection["projection"];
    let pool = projection["pool"].as_u64().unwrap_or(1) as usize;
    let sizes = |shape: &Value| -> Option<Vec<usize>> {
        Some(shape.as_array()?.iter().map(|size| size.as_u64().unwrap() as usize).collect())
    };
    let mut take = |len: usize| {
        let (first, rest) = weights.split_at(len);
        *weights = rest;
        first.iter().map(|&weight| i64::from(weight)).collect::<Vec<_>>()
    };
    let mut out = vec![vec![0; sources]; n];
    let shape = sizes(from);
    if projection["kind"] == "dense" {
        let pooled = shape.map(|s| [s[0], s[1], s[2]]);
        let small = pooled.filter(|_| pool > 1).map_or(sources, |[c, h, w]| c * (h / pool) * (w / pool));
        let given = take(n * small);
        for (target, row) in out.iter_mut().enumerate() {
            for (source, weight) in row.iter_mut().enumerate() {
                let at = match pooled {
                    Some([_, h, w]) if pool > 1 => {
                        let (c, y, x) = (source / (h * w), source / w % h / pool, source % w / pool);
                        (y < h / pool && x < w / pool).then(|| (c * (h / pool) + y) * (w / pool) + x)
                    }
                    _ => Some(source),
                };
                *weight = at.map_or(0, |at| given[target * small + at]);
            }
        }
        return out;
    }
    let (input, output) = (shape.unwrap(), sizes(to).unwrap());
    let number = |name: &str| projection[name][0].as_i64().unwrap();
    let (kernel, stride, padding) = (number("kernel"), number("stride"), number("padding"));
    let k = kernel as usize;
    let given = take(output[0] * input[0] * k * k);
    let (height, width) = (input[1] / pool, input[2] / pool);
    for (target, row) in out.iter_mut().enumerate() {
        let (oc, oy, ox) =
            (target / (output[1] * output[2]), target / output[2] % output[1], target % output[2]);
        for (source, weight) in row.iter_mut().enumerate() {
            let (ic, y, x) = (
                source / (input[1] * input[2]),
                source / input[2] % input[1] / pool,
                source % input[2] / pool,
            );
            let ky = y as i64 + padding - oy as i64 * stride;
            let kx = x as i64 + padding - ox as i64 * stride;
            if y < height && x < width && (0..kernel).contains(&ky) && (0..kernel).contains(&kx) {
                *weight = given[((oc * input[0] + ic) * k + ky as usize) * k + kx as usize];
            }
        }
    }
    out
}

/// Spikes, v and currents of every layer, sample and step.
type Trace = Vec<[Vec<i64>; 3]>;

/// The rules, neuron by neuron.
/// Weights by target and source.
type Matrix = Vec<Vec<i64>>;

fn reference(case: &Case) -> Trace {
    let layers = case.description["layers"].as_array().unwrap();
    let input = &case.description["input"];
    let inputs = input["size"].as_u64().unwrap() as usize;
    let sources: Vec<(&str, usize, &Value)> = std::iter::once(("input", inputs, &input["shape"]))
        .chain(
            layers
                .iter()
                .map(|l| (l["name"].as_str().unwrap(), l["neurons"].as_u64().unwrap() as usize, &l["shape"])),
        )
        .collect();
    let mut weights = &case.weights[..];
    let matrices: Vec<Vec<(usize, &Value, Matrix)>> = layers
        .iter()
        .enumerate()
        .map(|(l, layer)| {
            let connections = layer["connections"].as_array().unwrap().iter();
            connections
                .map(|connection| {
                    let from = sources.iter().position(|(name, ..)| connection["from"] == *name).unwrap();
                    let (_, n, to) = sources[l + 1];
                    let rows = matrix(connection, n, sources[from].2, to, sources[from].1, &mut weights);
                    (from, connection, rows)
                })
                .collect()
        })
        .collect();
    let mut trace: Trace = layers.iter().map(|_| [vec![], vec![], vec![]]).collect();
    let mut samples: Vec<Vec<[Vec<i64>; 4]>> = vec![];
    for _ in 0..case.batch {
        let mut given = &case.parameters[..];
        samples.push(
            layers
                .iter()
                .map(|layer| {
                    let n = layer["neurons"].as_u64().unwrap() as usize;
                    let currents = layer["rules"]["currents"].as_u64().unwrap() as usize;
                    let v = given[3 * n..4 * n].iter().map(|&x| i64::from(x)).collect();
                    given = &given[(5 + 2 * currents) * n..];
                    [v, vec![0; n * currents], vec![0; n], vec![0; n]]
                })
                .collect(),
        );
    }
    let mut before: Vec<Vec<Vec<i64>>> =
        vec![sources.iter().map(|(_, n, _)| vec![0; *n]).collect(); case.batch];
    for step in 0..case.steps {
        for sample in 0..case.batch {
            let most = input["maxCount"].as_i64().unwrap();
            let row = &case.input[(step * case.batch + sample) * inputs..][..inputs];
            let mut now = vec![row.iter().map(|&x| i64::from(x).clamp(-most, most)).collect::<Vec<_>>()];
            let mut given = &case.parameters[..];
            for (l, layer) in layers.iter().enumerate() {
                let rules = &layer["rules"];
                let is = |name: &str, value: &str| rules[name] == value;
                let bits = |name: &str| rules[name].as_i64().unwrap();
                let symmetric = is("range", "symmetric");
                let n = sources[l + 1].1;
                let currents = bits("currents") as usize;
                let field = |i: usize, neuron: usize| i64::from(given[i * n + neuron]);
                let [v, i_syn, own, counts] = &mut samples[sample][l];
                let order = rules["currentOrder"].as_str().unwrap();
                let mut spikes = vec![0i64; n];
                let mut owned = vec![0i64; n];
                for neuron in 0..n {
                    let sent = |from: usize, connection: &Value, source: usize| {
                        let most = connection["maxCount"].as_i64().unwrap();
                        let counts =
                            if connection["delay"] == 1 { &before[sample][from] } else { &now[from] };
                        counts[source].clamp(-most, most) << connection["shift"].as_i64().unwrap()
                    };
                    let mut drive = 0;
                    for c in 0..currents {
                        let i = &mut i_syn[neuron * currents + c];
                        let decay =
                            |i: &mut i64| *i = decayed(&rules["currentDecay"], *i, field(5 + c, neuron));
                        if order == "use-decay-add" {
                            drive += *i;
                        }
                        if order == "use-decay-add" || order == "decay-add-use" {
                            decay(i);
                        }
                        let mut sum = 0;
                        for (from, connection, rows) in &matrices[l] {
                            if connection["current"] != c {
                                continue;
                            }
                            for (source, &weight) in rows[neuron].iter().enumerate() {
                                let term = weight * sent(*from, connection, source);
                                sum += term;
                                if is("saturation", "each-addition") {
                                    *i = clip(*i + term, bits("currentBits"), symmetric);
                                }
                            }
                        }
                        let bias = field(5 + currents + c, neuron);
                        if is("saturation", "each-addition") {
                            *i = clip(*i + bias, bits("currentBits"), symmetric);
                        } else {
                            *i = clip(*i + sum + bias, bits("currentBits"), symmetric);
                        }
                        match order {
                            "decay-add-use" => drive += *i,
                            "add-decay-use" => {
                                decay(i);
                                drive += *i;
                            }
                            "add-use-decay" => {
                                drive += *i;
                                decay(i);
                            }
                            _ => {}
                        }
                    }
                    if currents == 0 {
                        for (from, connection, rows) in &matrices[l] {
                            let terms = rows[neuron].iter().enumerate();
                            drive +=
                                terms.map(|(source, &w)| w * sent(*from, connection, source)).sum::<i64>();
                        }
                    }
                    let (threshold, reset) = (field(0, neuron), field(1, neuron));
                    let x = &mut v[neuron];
                    let due = is("resetTiming", "next-step") && own[neuron] > 0;
                    if due && is("reset", "value") {
                        *x = reset;
                    }
                    let lost = if due && is("reset", "subtract") { own[neuron] * threshold } else { 0 };
                    let scaled = is("resetScale", "beta-threshold");
                    *x = decayed(&rules["vDecay"], if scaled { *x - lost } else { *x }, field(4, neuron));
                    if !scaled {
                        *x -= lost;
                    }
                    *x = clip(*x + drive + field(2, neuron), bits("vBits"), symmetric);
                    if rules["spiking"] == false {
                        continue;
                    }
                    let cap = bits("maxSpikes");
                    let mut inside = *x;
                    let crosses = |x: i64| if is("compare", ">") { x > threshold } else { x >= threshold };
                    while crosses(inside) && spikes[neuron] < cap {
                        spikes[neuron] += 1;
                        owned[neuron] += 1;
                        inside -= threshold;
                        if is("reset", "subtract") && is("resetTiming", "same-step") {
                            *x = inside;
                        } else if is("reset", "value") && is("resetTiming", "same-step") {
                            *x = reset;
                        }
                    }
                    for alias in layer["aliases"].as_array().unwrap() {
                        if alias[0] == neuron {
                            let to = alias[1].as_u64().unwrap() as usize;
                            spikes[to] = (spikes[to] + spikes[neuron]).min(cap);
                        }
                    }
                }
                given = &given[(5 + 2 * currents) * n..];
                (*own, *counts) = (owned, spikes.clone());
                trace[l][0].extend(&spikes);
                trace[l][1].extend(&*v);
                trace[l][2].extend(&*i_syn);
                now.push(spikes);
            }
            before[sample] = now;
        }
    }
    trace
}

fn wide(recorded: &Recordings) -> Vec<i64> {
    match recorded {
        Recordings::Bytes(values) => values.iter().map(|&x| i64::from(x)).collect(),
        Recordings::Words(values) => values.iter().map(|&x| i64::from(x)).collect(),
    }
}

fn check(seed: u64) {
    let case = case(seed);
    let expected = reference(&case);
    let text = case.description.to_string();
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        let network = match Network::new(&text, &case.weights, &case.parameters, level) {
            Ok(network) => Arc::new(network),
            Err(error) => panic!("seed {seed}: {error}\n{text}"),
        };
        let record: Vec<Recording> = (0..expected.len())
            .flat_map(|l| [Recording::Spikes(l), Recording::V(l), Recording::Currents(l)])
            .collect();
        let input = Counts { values: &case.input[..], steps: case.steps, batch: case.batch, constant: false };
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let run = pool.install(|| network.run(input, &record, &Control::detached())).unwrap();
            for (recorded, (expected, what)) in run.iter().zip(expected.iter().flatten().zip(&record)) {
                assert_eq!(&wide(recorded), expected, "seed {seed} {level:?} {what:?}");
            }
        }
        // The first sample, step by step.
        let mut session = Session::new(Arc::clone(&network)).unwrap();
        let width = network.inputs();
        for step in 0..case.steps {
            let row = &case.input[step * case.batch * width..][..width];
            session.step(StepInput::Counts(row)).unwrap();
            let mut v = vec![0; network.outputs()];
            let last = expected.len() - 1;
            session.v(last, &mut v);
            let wanted = &expected[last][1][step * case.batch * v.len()..][..v.len()];
            assert_eq!(v.iter().map(|&x| i64::from(x)).collect::<Vec<_>>(), wanted, "seed {seed}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 3000 } else { 12 },
                                        failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn networks_follow_the_rules(seed in any::<u64>()) {
        check(seed);
    }
}
