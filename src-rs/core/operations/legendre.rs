//! Matrices of the Legendre memory: a linear system whose state represents the last `theta` steps of its input as
//! coefficients of Legendre polynomials (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019).

use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::matrix::squared;
use serde::{Deserialize, Serialize};

/// Conversion from continuous time to steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discretization {
    /// Zero-order hold: exact for an input that is constant within a step.
    #[default]
    Zoh,
    Euler,
    /// Bilinear.
    Tustin,
    /// No conversion: the matrices of continuous time.
    Continuous,
}

/// The largest order: the matrices are dense, and the cost of discretization grows with its third power.
pub const MOST: usize = 1024;

/// `m[t] = a m[t-1] + b u[t]`, `a` `[order, order]` row by row, `b` `[order]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendreMemory {
    pub order: usize,
    pub a: Vec<f64>,
    pub b: Vec<f64>,
}

impl LegendreMemory {
    /// `theta`: the length of the window in steps.
    ///
    /// # Errors
    /// `invalid-parameter` for an order out of range or a `theta` that is not positive.
    pub fn new(order: usize, theta: f64, method: Discretization) -> Result<Self> {
        if order == 0 || order > MOST {
            return Err(Error::invalid("order", order, format!("a whole number from 1 to {MOST}")));
        }
        if !(theta.is_finite() && theta > 0.0) {
            return Err(Error::invalid("theta", theta, "a positive number of steps"));
        }
        if !(rate(order, theta) * order as f64).is_finite() {
            return Err(Error::invalid(
                "theta",
                theta,
                "a window that is not shorter by so much than a step",
            ));
        }
        if method == Discretization::Zoh {
            return Self::zero_order_hold(order, theta);
        }
        let mut a = try_vec("Legendre memory", order * order, 0.0)?;
        for (i, row) in a.chunks_mut(order).enumerate() {
            row.iter_mut()
                .enumerate()
                .for_each(|(j, x)| *x = rate(i, theta) * if i < j { -1.0 } else { sign(i - j + 1) });
        }
        let b = (0..order).map(|i| rate(i, theta) * sign(i)).collect();
        let continuous = LegendreMemory { order, a, b };
        Ok(match method {
            Discretization::Continuous | Discretization::Zoh => continuous,
            Discretization::Euler => {
                LegendreMemory { a: plus_identity(&continuous.a, 1.0, order), ..continuous }
            }
            Discretization::Tustin => continuous.bilinear(),
        })
    }

    /// `exp(a)` and `a⁻¹ (exp(a) - 1) b`, which is minus the first column of `exp(a) - 1`, because `b` is minus the first
    /// column of `a`.
    fn zero_order_hold(order: usize, theta: f64) -> Result<Self> {
        let n = order;
        let scale = effective_norm(n, theta)?;
        // If the terms of the series grow no further than this, its sum loses no digits.
        let halvings = if scale > 2.0 { libm::log2(scale / 2.0).ceil() as i32 } else { 0 };
        let theta = theta * 2f64.powi(halvings);
        let mut a = identity(n)?;
        // 2³⁰ / 30! is below 5e-24.
        for k in (1..=TERMS).rev() {
            a = times(&a, n, theta);
            a.iter_mut().for_each(|x| *x /= k as f64);
            if k > 1 {
                (0..n).for_each(|i| a[i * n + i] += 1.0);
            }
        }
        // Read before 1 is added to the diagonal, because that would round small numbers.
        let mut b: Vec<f64> = a.iter().step_by(n).map(|x| -x).collect();
        (0..n).for_each(|i| a[i * n + i] += 1.0);
        for _ in 0..halvings {
            a = squared("Legendre memory", &a, n)?;
            // If the window is far shorter than a step, the matrix becomes 0, and the remaining squarings (up to a
            // thousand) are skipped.
            if a.iter().all(|&x| x == 0.0) {
                break;
            }
        }
        if halvings > 0 {
            b = a.iter().step_by(n).map(|x| -x).collect();
            b[0] += 1.0;
        }
        Ok(LegendreMemory { order, a, b })
    }

    /// `(1 - a/2)⁻¹ (1 + a/2)` and `(1 - a/2)⁻¹ b`.
    fn bilinear(&self) -> Self {
        let n = self.order;
        let left = plus_identity(&self.a, -0.5, n);
        let mut right: Vec<f64> = Vec::with_capacity(n * (n + 1));
        for (row, &b) in plus_identity(&self.a, 0.5, n).chunks(n).zip(&self.b) {
            right.extend_from_slice(row);
            right.push(b);
        }
        let solved = solve(left, right, n);
        let a = solved.chunks(n + 1).flat_map(|row| row[..n].to_vec()).collect();
        LegendreMemory { order: n, a, b: solved.chunks(n + 1).map(|row| row[n]).collect() }
    }

    /// The output of the memory `steps` steps after an input of 1, from 0 on: `[steps, order]`.
    pub fn impulse_response(&self, steps: usize) -> Vec<f64> {
        let n = self.order;
        let mut response = Vec::with_capacity(steps * n);
        let mut now = self.b.clone();
        for _ in 0..steps {
            response.extend_from_slice(&now);
            now = self.a.chunks(n).map(|row| row.iter().zip(&now).map(|(a, m)| a * m).sum()).collect();
        }
        response
    }
}

/// Rows of the decoder of delays, `[fractions, order]`. The row of `fraction` gives the input `fraction * theta` steps
/// ago; it consists of the shifted Legendre polynomials at that point.
pub fn decoder(order: usize, fractions: &[f64]) -> Vec<f64> {
    let polynomials = |fraction: f64| {
        let x = 2.0 * fraction - 1.0;
        let mut row = vec![1.0, x];
        for n in 1..order.max(2) - 1 {
            let k = n as f64;
            row.push(((2.0 * k + 1.0) * x * row[n] - k * row[n - 1]) / (k + 1.0));
        }
        row.truncate(order);
        row
    };
    fractions.iter().flat_map(|&fraction| polynomials(fraction)).collect()
}

/// `1 + factor a`
fn plus_identity(a: &[f64], factor: f64, n: usize) -> Vec<f64> {
    a.iter().enumerate().map(|(i, x)| factor * x + if i / n == i % n { 1.0 } else { 0.0 }).collect()
}

/// Number of terms of the series of `exp`.
const TERMS: usize = 30;

/// The factor of row `i` of the matrix of continuous time.
fn rate(i: usize, theta: f64) -> f64 {
    (2 * i + 1) as f64 / theta
}

fn sign(n: usize) -> f64 {
    if n.is_multiple_of(2) { 1.0 } else { -1.0 }
}

fn identity(n: usize) -> Result<Vec<f64>> {
    let mut one = try_vec("Legendre memory", n * n, 0.0)?;
    (0..n).for_each(|i| one[i * n + i] = 1.0);
    Ok(one)
}

/// The matrix of continuous time times `x`. Apart from the rates, the matrix contains only signs. So the rows of the
/// product are running sums of the rows of `x`, and the product takes `n²` operations.
fn times(x: &[f64], n: usize, theta: f64) -> Vec<f64> {
    let mut y = vec![0.0; n * n];
    let mut behind = vec![0.0; n];
    for (x, y) in x.chunks(n).zip(y.chunks_mut(n)).rev() {
        for ((y, x), behind) in y.iter_mut().zip(x).zip(&mut behind) {
            *y = -*behind;
            *behind += x;
        }
    }
    // Adds the sums with alternating signs, which include the row itself.
    let mut before = vec![0.0; n];
    for (i, (x, y)) in x.chunks(n).zip(y.chunks_mut(n)).enumerate() {
        let rate = rate(i, theta);
        for ((y, x), before) in y.iter_mut().zip(x).zip(&mut before) {
            *before = -(x + *before);
            *y = rate * (*y + *before);
        }
    }
    y
}

/// The larger of `|a⁸|^(1/8)` and `|a⁹|^(1/9)`: the growth rate of the powers of `a`, which is a small fraction of its
/// norm (A. Al-Mohy, N. Higham, SIAM J. Matrix Anal. Appl. 31, 2009).
fn effective_norm(n: usize, theta: f64) -> Result<f64> {
    let norm =
        |a: &[f64]| a.chunks(n).map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
    // Scaled to a matrix of norm 1, so that no power overflows.
    let whole = rate(n - 1, theta) * n as f64;
    let mut power = identity(n)?;
    for _ in 0..8 {
        power = times(&power, n, theta * whole);
    }
    let eighth = libm::pow(norm(&power), 1.0 / 8.0);
    let ninth = libm::pow(norm(&times(&power, n, theta * whole)), 1.0 / 9.0);
    Ok(whole * eighth.max(ninth))
}

/// Solves `a x = b` by Gaussian elimination with pivots; `b` may have any number of columns.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>, n: usize) -> Vec<f64> {
    let columns = b.len() / n;
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs())).unwrap_or(k);
        (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
        (0..columns).for_each(|j| b.swap(k * columns + j, pivot * columns + j));
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i * n + k] / a[k * n + k];
            (k..n).for_each(|j| a[i * n + j] -= factor * a[k * n + j]);
            (0..columns).for_each(|j| b[i * columns + j] -= factor * b[k * columns + j]);
        }
    }
    for (i, row) in b.chunks_mut(columns).enumerate() {
        row.iter_mut().for_each(|x| *x /= a[i * n + i]);
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory represents its window: a band-limited signal is decoded with its delay.
    #[test]
    fn a_signal_comes_back_as_it_was_a_while_ago() {
        let (order, theta) = (12, 50.0);
        let memory = LegendreMemory::new(order, theta, Discretization::Zoh).unwrap();
        let fractions = [0.0, 0.25, 0.5, 1.0];
        let rows = decoder(order, &fractions);
        let signal = |t: f64| (t * 0.11).sin() + 0.5 * (t * 0.05 + 1.0).cos();
        let mut m = vec![0.0; order];
        for t in 0..400 {
            let u = signal(f64::from(t));
            m = memory
                .a
                .chunks(order)
                .zip(&memory.b)
                .map(|(row, b)| row.iter().zip(&m).map(|(a, m)| a * m).sum::<f64>() + b * u)
                .collect();
            if t > 150 {
                for (row, fraction) in rows.chunks(order).zip(fractions) {
                    let decoded: f64 = row.iter().zip(&m).map(|(p, m)| p * m).sum();
                    // An input that is constant within a step lags by half a step.
                    let delayed = signal(f64::from(t) - fraction * theta + 0.5);
                    assert!((decoded - delayed).abs() < 0.07, "{t}, {fraction}: {decoded}, {delayed}");
                }
            }
        }
    }

    /// `exp` by its plain series, of a matrix that is halved until its norm is small, as in the definition. The input
    /// is an additional state that does not change.
    fn by_definition(order: usize, theta: f64) -> LegendreMemory {
        let continuous = LegendreMemory::new(order, theta, Discretization::Continuous).unwrap();
        let n = order + 1;
        let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
            let sum = |i: usize, j: usize| (0..n).map(|k| a[i * n + k] * b[k * n + j]).sum();
            (0..n * n).map(|i| sum(i / n, i % n)).collect()
        };
        let mut whole = vec![0.0; n * n];
        for i in 0..order {
            whole[i * n..i * n + order].copy_from_slice(&continuous.a[i * order..(i + 1) * order]);
            whole[i * n + order] = continuous.b[i];
        }
        let norm = whole.chunks(n).map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
        let halvings = (2.0 * norm).log2().ceil().max(0.0) as i32;
        whole.iter_mut().for_each(|x| *x *= 0.5f64.powi(halvings));
        let mut sum = plus_identity(&whole, 1.0 / 16.0, n);
        for k in (1..16).rev() {
            sum = plus_identity(&product(&whole, &sum), 1.0 / f64::from(k), n);
        }
        let power = (0..halvings).fold(sum, |power, _| product(&power, &power));
        let a = (0..order).flat_map(|i| power[i * n..i * n + order].to_vec()).collect();
        LegendreMemory { order, a, b: (0..order).map(|i| power[i * n + order]).collect() }
    }

    #[test]
    fn holding_the_input_is_the_exponential_of_the_definition() {
        for (order, theta) in [(1, 0.5), (2, 3.0), (3, 400.0), (8, 1.0), (9, 20.0), (33, 64.0), (64, 1e5)] {
            let (got, want) = (
                LegendreMemory::new(order, theta, Discretization::Zoh).unwrap(),
                by_definition(order, theta),
            );
            for (x, y) in got.a.iter().zip(&want.a).chain(got.b.iter().zip(&want.b)) {
                assert!((x - y).abs() < 2e-13, "{order}, {theta}: {x}, {y}");
            }
        }
        let none = LegendreMemory::new(3, 1e-300, Discretization::Zoh).unwrap();
        assert!(none.a.iter().all(|&x| x == 0.0));
        assert_eq!(none.b, [1.0, 0.0, 0.0]);
        // exp(-1/θ), accurate to the last digit also near 1.
        for theta in [0.3, 2.0, 1e9] {
            let one = LegendreMemory::new(1, theta, Discretization::Zoh).unwrap();
            let left = (-1.0 / theta).exp_m1();
            assert!((one.a[0] - (1.0 + left)).abs() < 1e-16);
            assert!((one.b[0] + left).abs() < 1e-15 * left.abs(), "{} {left}", one.b[0]);
        }
    }

    /// scipy.signal.cont2discrete (scipy 1.17.1) of order 512, θ 512: rows 0, 1, 255, 256, 511, columns likewise.
    #[test]
    fn a_large_memory_is_that_of_scipy() {
        let order = 512;
        let memory = LegendreMemory::new(order, 512.0, Discretization::Zoh).unwrap();
        let at = [0, 1, 255, 256, 511];
        for (i, row) in at.iter().zip(SCIPY_A) {
            for (j, want) in at.iter().zip(row) {
                let got = memory.a[i * order + j];
                assert!((got - want).abs() < 1e-12, "{i}, {j}: {got}, {want}");
            }
        }
        for (i, want) in at.iter().zip(SCIPY_B) {
            assert!((memory.b[*i] - want).abs() < 1e-12, "{i}: {}, {want}", memory.b[*i]);
        }
    }

    const SCIPY_A: [[f64; 5]; 5] = [
        [
            0.9980470484263032,
            -0.0019494837393197718,
            -4.704718861101267e-06,
            -2.5256110868559037e-06,
            -4.9803757506100815e-06,
        ],
        [
            0.005848451217959304,
            0.9941401195603935,
            -1.4144190964292602e-05,
            -7.6066432661051415e-06,
            -1.493660504896929e-05,
        ],
        [
            0.002404111338022702,
            -0.0024092271942512365,
            0.08179951351547414,
            -0.5193432992475353,
            -0.004462266914118225,
        ],
        [
            -0.0012956384875561942,
            0.0013007359985045823,
            0.5213759540391112,
            0.07873101287292324,
            -0.0042436113241767996,
        ],
        [
            0.005094924392875501,
            -0.005093382321698167,
            -0.00893326624881252,
            0.008462406207860927,
            -0.0774689686385617,
        ],
    ];
    const SCIPY_B: [f64; 5] = [
        0.0019529515737454761,
        -0.005848451217959182,
        -0.002404111338022795,
        0.0012956384875566565,
        -0.005094924392875154,
    ];

    /// Responses are powers of the matrix, and Euler's step follows from its definition.
    #[test]
    fn discretizations_agree_for_long_windows() {
        let zoh = LegendreMemory::new(4, 1e6, Discretization::Zoh).unwrap();
        for method in [Discretization::Euler, Discretization::Tustin] {
            let other = LegendreMemory::new(4, 1e6, method).unwrap();
            for (x, y) in zoh.a.iter().zip(&other.a).chain(zoh.b.iter().zip(&other.b)) {
                assert!((x - y).abs() < 1e-9, "{method:?}: {x}, {y}");
            }
        }
        let response = zoh.impulse_response(3);
        assert_eq!(response[..4], zoh.b);
    }

    #[test]
    fn bad_parameters_are_errors() {
        assert!(LegendreMemory::new(0, 10.0, Discretization::Zoh).is_err());
        assert!(LegendreMemory::new(4, -1.0, Discretization::Zoh).is_err());
        assert!(LegendreMemory::new(4, f64::NAN, Discretization::Zoh).is_err());
        assert!(LegendreMemory::new(4, 1e-308, Discretization::Zoh).is_err());
        assert!(LegendreMemory::new(1025, 10.0, Discretization::Zoh).is_err());
    }
}
