//! Times steps of sessions and runs of batches of networks of the sizes of `benches/integer.mjs`; batches in CPU time of one thread (Linux). `BITS`: of the states.
//! Prints a hash of all spikes, too: it does not change with the engine.
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_integer::{Counts, IntegerNetwork, IntegerSession, IntegerStepInput, Recording};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

struct Draws(u64);
impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

struct Net {
    layers: Vec<Value>,
    weights: Vec<i8>,
    parameters: Vec<i32>,
    draws: Draws,
}

impl Net {
    fn rules(bits: u32, currents: u32, spiking: bool) -> Value {
        let decay = json!({ "kind": "multiplier", "fractionBits": 15, "rounding": "nearest" });
        json!({ "weightBits": 8, "vBits": bits, "currentBits": bits, "range": "twos-complement", "currents": currents,
            "currentOrder": "decay-add-use", "saturation": "sum", "vDecay": decay, "currentDecay": decay, "compare": ">",
            "maxSpikes": 1, "reset": "subtract", "resetTiming": "next-step", "resetScale": "threshold", "spiking": spiking })
    }
    #[allow(clippy::too_many_arguments)]
    fn layer(
        &mut self,
        name: &str,
        n: usize,
        shape: Option<[usize; 3]>,
        rules: Value,
        threshold: i32,
        beta: f64,
        connections: Vec<(Value, usize)>,
    ) {
        for (_, len) in &connections {
            for _ in 0..*len {
                self.weights.push(self.draws.below(255) as i8);
            }
        }
        let mut field = |value: i32| self.parameters.extend((0..n).map(|_| value));
        field(threshold);
        field(0);
        field(0);
        field(0);
        field((beta * 32768.0) as i32);
        if rules["currents"] == 1 {
            field((0.9 * 32768.0) as i32);
            field(0);
        }
        // thresholds differ
        let k = self.parameters.len() - n * if rules["currents"] == 1 { 7 } else { 5 };
        for i in 0..n {
            self.parameters[k + i] += (match shape {
                Some([_, h, w]) => i / (h * w),
                None => i,
            } % 97) as i32;
        }
        self.layers.push(json!({ "name": name, "neurons": n, "shape": shape, "rules": rules, "aliases": [],
            "connections": connections.into_iter().map(|(c, _)| c).collect::<Vec<_>>() }));
    }
}

fn dense(from: &str, delay: u32, pool: Option<u32>) -> Value {
    let projection = match pool {
        Some(pool) => json!({ "kind": "dense", "pool": pool }),
        None => json!({ "kind": "dense" }),
    };
    json!({ "name": "w", "from": from, "delay": delay, "current": 0, "shift": 0, "maxCount": 255, "projection": projection })
}
fn conv(from: &str, k: u32, pool: Option<u32>) -> Value {
    json!({ "name": "w", "from": from, "delay": 0, "current": 0, "shift": 0, "maxCount": 255,
        "projection": { "kind": "conv", "kernel": [k, k], "stride": [1, 1], "padding": [0, 0], "pool": pool } })
}

/// Nanoseconds that this thread has had a CPU.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// A network and its input.
struct Task {
    net: Net,
    inputs: usize,
    shape: Option<[usize; 3]>,
    /// Share of the inputs that spike in a step.
    activity: f64,
    steps: usize,
}

fn task(name: &str, bits: u32) -> Task {
    let mut net = Net { layers: vec![], weights: vec![], parameters: vec![], draws: Draws(7) };
    let r = Net::rules;
    let (inputs, shape, activity, steps);
    match name {
        "dense" => {
            (inputs, shape, activity, steps) = (784, None, 0.13, 25);
            net.layer(
                "a",
                1000,
                None,
                r(bits, 0, true),
                3300,
                0.95,
                vec![(dense("input", 0, None), 784 * 1000)],
            );
            net.layer("b", 10, None, r(bits, 0, true), 4000, 0.95, vec![(dense("a", 0, None), 10000)]);
        }
        "shd" => {
            (inputs, shape, activity, steps) = (700, None, 0.015, 100);
            net.layer(
                "a",
                256,
                None,
                r(bits, 1, true),
                4200,
                0.95,
                vec![(dense("input", 0, None), 700 * 256), (dense("a", 1, None), 65536)],
            );
            net.layer(
                "b",
                256,
                None,
                r(bits, 1, true),
                4200,
                0.95,
                vec![(dense("a", 0, None), 65536), (dense("b", 1, None), 65536)],
            );
            net.layer("c", 20, None, r(bits, 0, false), 1, 0.95, vec![(dense("b", 0, None), 5120)]);
        }
        "deep" => {
            (inputs, shape, activity, steps) = (1024, None, 0.05, 100);
            let mut from = "input".to_string();
            for i in 0..5 {
                let n = format!("l{i}");
                net.layer(
                    &n,
                    1024,
                    None,
                    r(bits, 0, true),
                    1150,
                    0.9,
                    vec![(dense(&from, 0, None), 1 << 20)],
                );
                from = n;
            }
            net.layer("out", 10, None, r(bits, 0, false), 1, 0.9, vec![(dense(&from, 0, None), 10240)]);
        }
        _ => {
            (inputs, shape, activity, steps) = (784, Some([1, 28, 28]), 0.1, 50);
            net.layer(
                "c1",
                12 * 576,
                Some([12, 24, 24]),
                r(bits, 0, true),
                220,
                0.9,
                vec![(conv("input", 5, None), 300)],
            );
            net.layer(
                "c2",
                4096,
                Some([64, 8, 8]),
                r(bits, 0, true),
                3500,
                0.9,
                vec![(conv("c1", 5, Some(2)), 19200)],
            );
            net.layer("out", 10, None, r(bits, 0, true), 1500, 0.9, vec![(dense("c2", 0, Some(2)), 10240)]);
        }
    }
    Task { net, inputs, shape, activity, steps }
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let bits: u32 = std::env::var("BITS").map_or(18, |b| b.parse().unwrap());
    for name in ["dense", "shd", "deep", "conv"] {
        if only.is_empty() || only.iter().any(|o| o == name) {
            measure(name, task(name, bits));
        }
    }
}

fn measure(name: &str, Task { mut net, inputs, shape, activity, steps }: Task) {
    let description = json!({ "target": "t", "input": { "size": inputs, "shape": shape, "maxCount": 255, "signed": true }, "layers": net.layers });
    let network = Arc::new(
        IntegerNetwork::new(&description.to_string(), &net.weights, &net.parameters, SimdLevel::detect())
            .unwrap(),
    );
    let batch = 64;
    let input: Vec<u8> = (0..steps * batch * inputs)
        .map(|_| u8::from(net.draws.below(1000) < (activity * 1000.0) as u64))
        .collect();
    let events: Vec<Vec<u32>> = (0..steps)
        .map(|s| {
            let row = &input[s * batch * inputs..][..inputs];
            (0..inputs as u32).filter(|&i| row[i as usize] == 1).collect()
        })
        .collect();
    let counts = Counts { values: &input[..], steps, batch, constant: false };
    // activity
    let layers = network.layers().count();
    let rec: Vec<_> = (0..layers).map(Recording::Spikes).collect();
    let all = network.run(counts, &rec, &Control::detached()).unwrap();
    let rates: Vec<String> = all
        .iter()
        .map(|r| match r {
            lapicque_integer::Recordings::Bytes(b) => {
                format!("{:.3}", b.iter().filter(|&&x| x > 0).count() as f64 / b.len() as f64)
            }
            _ => String::new(),
        })
        .collect();
    let hash = all.iter().fold(0u64, |h, r| match r {
        lapicque_integer::Recordings::Bytes(b) => {
            b.iter().fold(h, |h, &x| h.wrapping_mul(31).wrapping_add(u64::from(x)))
        }
        _ => h,
    });
    let mut session = IntegerSession::new(Arc::clone(&network)).unwrap();
    let mut best = f64::INFINITY;
    let passes = if name == "conv" { 5 } else { 20 };
    for _ in 0..12 {
        session.reset();
        let began = Instant::now();
        for _ in 0..passes {
            for e in &events {
                session.step::<u8>(IntegerStepInput::Events(e)).unwrap();
            }
        }
        best = best.min(began.elapsed().as_secs_f64() * 1e6 / (passes * steps) as f64);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let record = [Recording::V(layers - 1), Recording::Spikes(layers - 1)];
    let mut ran = f64::INFINITY;
    for _ in 0..6 {
        ran = ran.min(pool.install(|| {
            let began = cpu();
            network.run(counts, &record, &Control::detached()).unwrap();
            (cpu() - began) / 1e6
        }));
    }
    println!(
        "{name}: rates {rates:?} session {best:.2} us, run {ran:.1} ms, bytes {} of {} ({:.3}), state {} hash {hash:x}",
        network.bytes(),
        net.weights.len() * 4,
        network.bytes() as f64 / (net.weights.len() * 4) as f64,
        network.state_bytes()
    );
}
