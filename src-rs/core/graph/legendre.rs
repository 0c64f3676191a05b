//! Matrices of the Legendre memory: a linear system whose state holds the last `theta` steps of its
//! input as coefficients of Legendre polynomials (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019).

use lapicque_base::error::{Error, Result, try_vec};
use serde::{Deserialize, Serialize};

/// From continuous time to steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discretisation {
    /// Zero-order hold: exact for an input that is constant within a step.
    #[default]
    Zoh,
    Euler,
    /// Bilinear.
    Tustin,
    /// The matrices of continuous time themselves.
    Continuous,
}

/// The largest order: the matrices are dense.
const MOST: usize = 4096;

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
    pub fn new(order: usize, theta: f64, method: Discretisation) -> Result<Self> {
        if order == 0 || order > MOST {
            return Err(Error::invalid("order", order, format!("a whole number from 1 to {MOST}")));
        }
        if !(theta.is_finite() && theta > 0.0) {
            return Err(Error::invalid("theta", theta, "a positive number of steps"));
        }
        let r = |i: usize| (2 * i + 1) as f64 / theta;
        let sign = |n: usize| if n.is_multiple_of(2) { 1.0 } else { -1.0 };
        let mut a = try_vec("Legendre memory", order * order, 0.0)?;
        for (i, row) in a.chunks_mut(order).enumerate() {
            row.iter_mut()
                .enumerate()
                .for_each(|(j, x)| *x = r(i) * if i < j { -1.0 } else { sign(i - j + 1) });
        }
        let b = (0..order).map(|i| r(i) * sign(i)).collect();
        let continuous = LegendreMemory { order, a, b };
        Ok(match method {
            Discretisation::Continuous => continuous,
            Discretisation::Zoh => continuous.held(),
            Discretisation::Euler => {
                LegendreMemory { a: plus_identity(&continuous.a, 1.0, order), ..continuous }
            }
            Discretisation::Tustin => continuous.bilinear(),
        })
    }

    /// `exp` of the matrix with the input as one more state, which does not change.
    fn held(&self) -> Self {
        let (order, n) = (self.order, self.order + 1);
        let mut whole = vec![0.0; n * n];
        for (i, (row, &b)) in self.a.chunks(order).zip(&self.b).enumerate() {
            whole[i * n..i * n + order].copy_from_slice(row);
            whole[i * n + order] = b;
        }
        let held = exponential(whole, n);
        let a = (0..order).flat_map(|i| held[i * n..i * n + order].to_vec()).collect();
        LegendreMemory { order, a, b: (0..order).map(|i| held[i * n + order]).collect() }
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

    /// What the memory gave `steps` steps after an input of 1, from 0 on: `[steps, order]`.
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

/// Rows of the decoder of delays: that of `fraction` gives the input `fraction * theta` steps ago, the
/// shifted Legendre polynomials there. `[fractions, order]`
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

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut c = vec![0.0; n * n];
    for (row, sums) in a.chunks(n).zip(c.chunks_mut(n)) {
        for (&x, b) in row.iter().zip(b.chunks(n)) {
            sums.iter_mut().zip(b).for_each(|(sum, &y)| *sum += x * y);
        }
    }
    c
}

/// By scaling and squaring of the series.
fn exponential(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    let norm = a.chunks(n).map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
    let halvings = if norm > 0.5 { (2.0 * norm).log2().ceil() as i32 } else { 0 };
    a.iter_mut().for_each(|x| *x *= 0.5_f64.powi(halvings));
    let mut sum = plus_identity(&a, 1.0 / 16.0, n);
    // With a norm of at most 1/2 the term after the sixteenth is below 2e-20.
    for k in (1..16).rev() {
        sum = plus_identity(&product(&a, &sum, n), 1.0 / f64::from(k), n);
    }
    (0..halvings).fold(sum, |power, _| product(&power, &power, n))
}

/// `x` of `a x = b` by Gaussian elimination with pivots; `b` has as many columns as fit.
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

    /// The memory holds its window: a band-limited signal comes back with its delay.
    #[test]
    fn a_signal_comes_back_as_it_was_a_while_ago() {
        let (order, theta) = (12, 50.0);
        let memory = LegendreMemory::new(order, theta, Discretisation::Zoh).unwrap();
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
                    // An input held for a step lags by half of one.
                    let delayed = signal(f64::from(t) - fraction * theta + 0.5);
                    assert!((decoded - delayed).abs() < 0.07, "{t}, {fraction}: {decoded}, {delayed}");
                }
            }
        }
    }

    /// exp of a nilpotent and of a rotation, in closed form.
    #[test]
    fn exponentials_are_those_of_closed_forms() {
        let n = exponential(vec![0.0, 3.0, 0.0, 0.0], 2);
        assert_eq!(n, [1.0, 3.0, 0.0, 1.0]);
        let turn = exponential(vec![0.0, -2.0, 2.0, 0.0], 2);
        for (x, expected) in turn.iter().zip([2f64.cos(), -2f64.sin(), 2f64.sin(), 2f64.cos()]) {
            assert!((x - expected).abs() < 1e-15);
        }
    }

    /// Responses are powers of the matrix, and what Euler's step is follows from its definition.
    #[test]
    fn discretisations_agree_for_long_windows() {
        let zoh = LegendreMemory::new(4, 1e6, Discretisation::Zoh).unwrap();
        for method in [Discretisation::Euler, Discretisation::Tustin] {
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
        assert!(LegendreMemory::new(0, 10.0, Discretisation::Zoh).is_err());
        assert!(LegendreMemory::new(4, -1.0, Discretisation::Zoh).is_err());
        assert!(LegendreMemory::new(4, f64::NAN, Discretisation::Zoh).is_err());
    }
}
