//! The rules of `docs/guides/quantization.md` written down neuron by neuron, in 64 bits, with weights as matrices.

use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_integer::{Counts, IntegerNetwork, IntegerSession, IntegerStepInput, Recording, Recordings};
use serde_json::Value;
use std::sync::Arc;

/// One value after the other from a seed.
pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }
}

/// A network and its input, `[time, batch, channels]`.
pub struct Case {
    pub description: Value,
    pub weights: Vec<i8>,
    pub parameters: Vec<i32>,
    pub steps: usize,
    pub batch: usize,
    pub input: Vec<i16>,
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
    let axes = |name: &str| [0, 1].map(|axis| projection[name][axis].as_i64().unwrap());
    let (kernel, stride, padding) = (axes("kernel"), axes("stride"), axes("padding"));
    let [k0, k1] = kernel.map(|size| size as usize);
    let given = take(output[0] * input[0] * k0 * k1);
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
            let ky = y as i64 + padding[0] - oy as i64 * stride[0];
            let kx = x as i64 + padding[1] - ox as i64 * stride[1];
            if y < height && x < width && (0..kernel[0]).contains(&ky) && (0..kernel[1]).contains(&kx) {
                *weight = given[((oc * input[0] + ic) * k0 + ky as usize) * k1 + kx as usize];
            }
        }
    }
    out
}

/// Spikes, v and currents of every layer, sample and step.
pub type Trace = Vec<[Vec<i64>; 3]>;

/// Weights by target and source.
type Matrix = Vec<Vec<i64>>;

/// The rules, neuron by neuron.
#[expect(
    clippy::too_many_lines,
    reason = "the rules of a step stand in the order in which a chip follows them"
)]
pub fn reference(case: &Case) -> Trace {
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
                // What each connection receives from each source neuron.
                let received: Vec<Vec<i64>> = matrices[l]
                    .iter()
                    .map(|(from, connection, _)| {
                        let most = connection["maxCount"].as_i64().unwrap();
                        let shift = connection["shift"].as_i64().unwrap();
                        let delayed = connection["delay"] == 1;
                        let counts = if delayed { &before[sample][*from] } else { &now[*from] };
                        counts.iter().map(|&count| count.clamp(-most, most) << shift).collect()
                    })
                    .collect();
                for neuron in 0..n {
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
                        for ((_, connection, rows), received) in matrices[l].iter().zip(&received) {
                            if connection["current"] != c {
                                continue;
                            }
                            for (&weight, count) in rows[neuron].iter().zip(received) {
                                let term = weight * count;
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
                        for ((.., rows), received) in matrices[l].iter().zip(&received) {
                            drive +=
                                rows[neuron].iter().zip(received).map(|(w, count)| w * count).sum::<i64>();
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

/// Compares runs and sessions with the reference; returns what it gave. `name`: for messages.
pub fn check(name: &str, case: &Case) -> Trace {
    let expected = reference(case);
    let text = case.description.to_string();
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        let network = match IntegerNetwork::new(&text, &case.weights, &case.parameters, level) {
            Ok(network) => Arc::new(network),
            Err(error) => panic!("{name}: {error}\n{text}"),
        };
        let record: Vec<Recording> = (0..expected.len())
            .flat_map(|l| [Recording::Spikes(l), Recording::V(l), Recording::Currents(l)])
            .collect();
        let input = Counts { values: &case.input[..], steps: case.steps, batch: case.batch, constant: false };
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let run = pool.install(|| network.run(input, &record, &Control::detached())).unwrap();
            for (recorded, (expected, what)) in run.iter().zip(expected.iter().flatten().zip(&record)) {
                assert_eq!(&wide(recorded), expected, "{name} {level:?} {what:?}");
            }
        }
        // The first sample, step by step.
        let mut session = IntegerSession::new(Arc::clone(&network)).unwrap();
        let width = network.inputs();
        for step in 0..case.steps {
            let row = &case.input[step * case.batch * width..][..width];
            session.step(IntegerStepInput::Counts(row)).unwrap();
            let mut v = vec![0; network.outputs()];
            let last = expected.len() - 1;
            session.v(last, &mut v);
            let wanted = &expected[last][1][step * case.batch * v.len()..][..v.len()];
            assert_eq!(v.iter().map(|&x| i64::from(x)).collect::<Vec<_>>(), wanted, "{name}");
        }
    }
    expected
}
