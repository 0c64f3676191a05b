//! Speed of the kernels of the dense projection on one thread, on the shapes of the training tasks
//! A (784-1000, 3200 rows) and D (1024-1024, 6400 rows). Prints the best of several runs, since
//! other work on the machine can only slow one down.
//!
//! `cargo run --release -p lapicque-core --example dense_kernels [-- LEVEL]`

use lapicque_core::SimdLevel;
use lapicque_core::projection::*;
use std::hint::black_box;
use std::time::Instant;

struct Task {
    name: &'static str,
    inputs: usize,
    rows: usize,
    density: f64,
}

const TASKS: [Task; 3] = [
    Task { name: "A rate", inputs: 784, rows: 3200, density: 0.129 },
    Task { name: "C", inputs: 700, rows: 25600, density: 0.015 },
    Task { name: "D", inputs: 1024, rows: 6400, density: 0.05 },
];

fn main() {
    let level = match std::env::args().nth(1) {
        Some(name) => SimdLevel::from_name(&name).expect("a level of this CPU"),
        None => SimdLevel::detect(),
    };
    println!("{}, one thread, best of several", level.name());
    for task in &TASKS {
        println!("\n{}: {} inputs, {} rows, density {}", task.name, task.inputs, task.rows, task.density);
        dense(level, task);
        events(level, task);
    }
    println!();
    streaming(level);
    elementwise(level);
}

fn dense(level: SimdLevel, task: &Task) {
    let (rows, inputs) = (task.rows, task.inputs);
    let x = values(rows * inputs);
    let weights = values(inputs * PANEL);
    let grad = values(rows * PANEL);
    let flop = 2.0 * (rows * inputs * PANEL) as f64;
    let mut out = zeros(rows * PANEL);
    let s = best(|| gemm_panel(level, rows, inputs, &x, inputs, 1, &weights, &mut out, false));
    report("forward, dense", flop / s, "GFLOP/s", s);
    let s = best(|| gemm_panel(level, 400, inputs, &x, inputs, 1, &weights, &mut out, false));
    report("forward, dense, 400 rows", flop * 400.0 / rows as f64 / s, "GFLOP/s", s);
    let mut dw = zeros(inputs * PANEL);
    let s = best(|| gemm_panel(level, inputs, rows, &x, 1, inputs, &grad, &mut dw, false));
    report("weight gradient, dense", flop / s, "GFLOP/s", s);
    // As many outputs as inputs: the gradient's panels hold as much as the inputs.
    let chunk = 400;
    let grads: Vec<_> = x[..chunk * inputs / PANEL * PANEL].chunks_exact(chunk * PANEL).collect();
    let outputs = grads.len() * PANEL;
    let transposed = values(outputs * PANEL);
    let mut dx = zeros(chunk * PANEL);
    let s = best(|| {
        input_gradient_panel(level, PANEL, chunk, outputs, |p| grads[p], &transposed, &mut dx, false)
    });
    report("input gradient, 400 rows", 2.0 * (chunk * outputs * PANEL) as f64 / s, "GFLOP/s", s);
}

fn events(level: SimdLevel, task: &Task) {
    let (rows, inputs) = (task.rows, task.inputs);
    let limit = (task.density * u64::MAX as f64) as u64;
    let user: Vec<f32> = (0..rows * inputs).map(|i| if mix(i as u64) < limit { 1.0 } else { 0.0 }).collect();
    let mut packed = vec![0; panels(inputs) * rows];
    let s = best(|| assert!(binarize(level, &user, inputs, &mut packed)));
    report("binarize", (4 * user.len()) as f64 / s, "GB/s", s);
    let bits: Vec<u64> =
        (0..panels(inputs) * rows).map(|i| packed[i % rows * panels(inputs) + i / rows]).collect();
    let (mut lists, mut transposed) = (EventLists::default(), TransposedLists::default());
    let events = count_events(level, &bits) as f64;
    let s = best(|| lists.rebuild_rows(level, &bits, inputs, rows).unwrap());
    report("lists per row", events / s, "Gevent/s", s);
    let s = best(|| transposed.rebuild(level, &bits, inputs, rows).unwrap());
    report("lists per input", events / s, "Gevent/s", s);
    let adds = events * PANEL as f64;
    let (weights, bias, grad) = (values(inputs * PANEL), values(PANEL), values(rows * PANEL));
    let mut out = zeros(rows * PANEL);
    let s = best(|| gather_rows(level, &weights, &lists, 0..rows, 16, &bias, PANEL, &mut out));
    report("forward, events", adds / s, "Gadd/s", s);
    let some: usize = (0..400).map(|r| lists.list(r).len()).sum();
    let s = best(|| gather_rows(level, &weights, &lists, 0..400, 16, &bias, PANEL, &mut out[..400 * PANEL]));
    report("forward, events, 400 rows", (some * PANEL) as f64 / s, "Gadd/s", s);
    let mut dw = zeros(inputs * PANEL);
    let s = best(|| weight_gradient_gather(level, &grad, &transposed, 0..inputs, PANEL, &mut dw, false));
    report("weight gradient, events", adds / s, "Gadd/s", s);
}

/// Five layers of 1024 × 1024 (20 MiB), a row a step, 5 % active, other rows in every step.
fn streaming(level: SimdLevel) {
    let (inputs, layers, steps) = (1024, 5, 50);
    let weights = values(layers * inputs * inputs);
    let bias = values(inputs);
    let mut out = zeros(inputs);
    let active: Vec<Vec<u32>> = (0..layers * steps)
        .map(|s| {
            (0..inputs as u32).filter(|i| mix((s * inputs) as u64 + *i as u64).is_multiple_of(20)).collect()
        })
        .collect();
    let s = best(|| {
        for (i, active) in active.iter().enumerate() {
            let layer = &weights[i % layers * inputs * inputs..][..inputs * inputs];
            gather_one(level, layer, inputs, active, &bias, &mut out);
        }
    });
    let adds = active.iter().map(|active| active.len() * inputs).sum::<usize>() as f64;
    report("stream D, 5 layers a step", adds / s, "Gadd/s", s / steps as f64);
}

fn elementwise(level: SimdLevel) {
    let n = 1 << 20;
    let w = values(n);
    let s = best(|| assert!(first_non_finite(level, &w).is_none()));
    report("all finite", (4 * n) as f64 / s, "GB/s", s);
    let s = best(|| assert!(black_box(sum_of_squares(level, &w)) > 0.0));
    report("sum of squares", (4 * n) as f64 / s, "GB/s", s);
    let mut sums = zeros(PANEL);
    let s = best(|| column_sums(level, &w, &mut sums, false));
    report("column sums", (4 * n) as f64 / s, "GB/s", s);
    let mut words = vec![0; n / PANEL];
    let s = best(|| pack_spikes(level, &w, &mut words));
    report("pack spikes", (4 * n) as f64 / s, "GB/s", s);
    let mut transposed = zeros(1024 * PANEL);
    let s = best(|| {
        for panel in 0..16 {
            transpose_weights(level, &w, 1024, 1024, panel, &mut transposed);
        }
    });
    report("transpose 1024 x 1024", (8 * n) as f64 / s, "GB/s", s);
}

fn report(what: &str, rate: f64, unit: &str, seconds: f64) {
    println!("  {what:28} {:8.1} {unit:9} {:10.1} µs", rate / 1e9, seconds * 1e6);
}

/// Seconds of the fastest run, of about 0.3 s of them.
fn best(mut run: impl FnMut()) -> f64 {
    let (start, mut least, mut runs) = (Instant::now(), f64::INFINITY, 0);
    while runs < 5 || start.elapsed().as_secs_f64() < 0.3 {
        let one = Instant::now();
        run();
        least = least.min(one.elapsed().as_secs_f64());
        runs += 1;
    }
    least
}

fn zeros(len: usize) -> Aligned<f32> {
    Aligned::zeroed("the benchmark", len).expect("enough memory")
}

fn values(len: usize) -> Aligned<f32> {
    let mut values = zeros(len);
    for (i, value) in values.iter_mut().enumerate() {
        *value = (mix(i as u64) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    }
    values
}

/// Steele's splitmix64 of a counter.
fn mix(i: u64) -> u64 {
    let mut z = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
