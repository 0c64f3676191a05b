//! An integrator that shares nothing with those of the models: the Dormand-Prince pair of orders 5 and 4 with adaptive steps,
//! at a tolerance of 1e-12.

const NODES: [[f64; 6]; 6] = [
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// Weights of the fifth-order solution minus those of the fourth-order solution.
const ERROR: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339200.0, 22.0 / 525.0, -1.0 / 40.0];

const TOLERANCE: f64 = 1e-12;
/// Maximum step, so that a crossing can be interpolated linearly between two steps.
const LONGEST: f64 = 2e-3;

/// One step of length `h`, and the estimate of its error relative to the tolerance.
fn step<const N: usize>(f: &impl Fn([f64; N]) -> [f64; N], x: [f64; N], h: f64) -> ([f64; N], f64) {
    let mut slopes = vec![f(x)];
    let mut end = x;
    for row in NODES {
        end = std::array::from_fn(|i| x[i] + h * slopes.iter().zip(row).map(|(k, a)| a * k[i]).sum::<f64>());
        slopes.push(f(end));
    }
    let error = (0..N)
        .map(|i| {
            let e: f64 = h * slopes.iter().zip(ERROR).map(|(k, c)| c * k[i]).sum::<f64>();
            (e / (TOLERANCE * (1.0 + x[i].abs().max(end[i].abs())))).abs()
        })
        .fold(0.0, f64::max);
    (end, error)
}

/// Integrates from `start` to `end` and calls `see` with time and variables after every step; the integration continues from
/// what `see` returns.
pub fn integrate<const N: usize>(
    f: impl Fn([f64; N]) -> [f64; N],
    [start, end]: [f64; 2],
    mut x: [f64; N],
    mut see: impl FnMut([f64; 2], [f64; N], [f64; N]) -> [f64; N],
) -> [f64; N] {
    let (mut t, mut h) = (start, 1e-4);
    while t < end {
        h = f64::min(h, LONGEST).min(end - t);
        let (new, error) = step(&f, x, h);
        if error <= 1.0 {
            x = see([t, t + h], x, new);
            t += h;
        }
        h *= (0.9 * error.max(1e-10).powf(-0.2)).clamp(0.2, 5.0);
        assert!(h > 1e-12, "the solver is stuck at {t} ms");
    }
    x
}

/// The times at which the first variable rises through `level`.
pub fn crossings<const N: usize>(
    level: f64,
    into: &mut Vec<f64>,
) -> impl FnMut([f64; 2], [f64; N], [f64; N]) -> [f64; N] {
    move |[from, to], old, new| {
        if old[0] < level && new[0] >= level {
            into.push(from + (to - from) * (level - old[0]) / (new[0] - old[0]));
        }
        new
    }
}
