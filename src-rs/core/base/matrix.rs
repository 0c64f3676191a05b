//! Products of dense matrices that are computed once, not per step. They are here because this crate is always compiled with
//! optimization.

use crate::error::{Result, try_vec};

/// Columns that are processed together while rows are traversed.
const PANEL: usize = 8;

/// The product `a a` of a matrix `a`, `[n, n]`, by rows. Each sum is in the order of the inner index, so the bits are the same
/// on every machine. `name`: the name of the matrix in errors.
///
/// # Errors
/// `too-large`.
pub fn squared(name: &str, a: &[f64], n: usize) -> Result<Vec<f64>> {
    let mut square = try_vec(name, n * n, 0.0)?;
    let mut panel = vec![0.0; n * PANEL];
    for from in (0..n).step_by(PANEL) {
        let width = PANEL.min(n - from);
        for (row, to) in a.chunks(n).zip(panel.chunks_mut(PANEL)) {
            to[..width].copy_from_slice(&row[from..from + width]);
        }
        // Two rows at a time, so that each value of the panel is loaded once for both. An odd last row is paired with itself.
        for (rows, to) in a.chunks(2 * n).zip(square.chunks_mut(2 * n)) {
            let (one, other) = (&rows[..n], &rows[rows.len() - n..]);
            let mut sums = [[0.0; PANEL]; 2];
            for ((x, y), columns) in one.iter().zip(other).zip(panel.chunks_exact(PANEL)) {
                sums[0].iter_mut().zip(columns).for_each(|(sum, column)| *sum += x * column);
                sums[1].iter_mut().zip(columns).for_each(|(sum, column)| *sum += y * column);
            }
            for (row, sums) in to.chunks_mut(n).zip(&sums) {
                row[from..from + width].copy_from_slice(&sums[..width]);
            }
        }
    }
    Ok(square)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared bit by bit with plain sums, for sizes with and without a remainder of panels and pairs of rows.
    #[test]
    fn squares_are_the_plain_sums() {
        for n in [1, 2, 3, 7, 8, 9, 16, 33] {
            let a: Vec<f64> = (0..n * n).map(|i| ((i * 37 + 11) % 101) as f64 / 7.0 - 6.0).collect();
            let square = squared("a", &a, n).unwrap();
            for i in 0..n * n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += a[i / n * n + k] * a[k * n + i % n];
                }
                assert_eq!(square[i], sum, "{n}: {i}");
            }
        }
    }
}
