//! The discrete Fourier transform.

use libm::{cos, sin};
use std::f64::consts::TAU;

/// Complex numbers as `[real, imaginary]`.
pub type Complex = [f64; 2];

/// `X[k] = sum over t of x[t] exp(-2 pi i k t / n)` in place; `n` is a power of two (J. W. Cooley, J. W.
/// Tukey, 1965).
pub fn transform(x: &mut [Complex]) {
    let n = x.len();
    if n < 2 {
        return;
    }
    let shift = usize::BITS - n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> shift;
        if i < j {
            x.swap(i, j);
        }
    }
    let roots: Vec<Complex> = (0..n / 2)
        .map(|k| {
            let angle = TAU * k as f64 / n as f64;
            [cos(angle), -sin(angle)]
        })
        .collect();
    let mut half = 1;
    while half < n {
        for block in x.chunks_exact_mut(2 * half) {
            let (even, odd) = block.split_at_mut(half);
            for (k, (a, b)) in even.iter_mut().zip(odd).enumerate() {
                let w = roots[k * (n / (2 * half))];
                let rotated = [b[0] * w[0] - b[1] * w[1], b[0] * w[1] + b[1] * w[0]];
                *b = [a[0] - rotated[0], a[1] - rotated[1]];
                *a = [a[0] + rotated[0], a[1] + rotated[1]];
            }
        }
        half *= 2;
    }
}
