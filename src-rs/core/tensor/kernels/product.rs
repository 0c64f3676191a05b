//! Batches of matrix products, by the kernels of dense layers.

use crate::run::Number;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{PANEL, gemm_columns};
use rayon::prelude::*;

/// Rows of a task.
const ROWS: usize = 128;

/// Number of columns up to which the transposed product is computed, whose rows are longer.
const NARROW: usize = 16;

/// `c[b][m][n] = a[b][m][k] b[b][k][n]`; each element is one sum with `k` ascending.
pub fn product<F: Number>(level: SimdLevel, [batch, m, k, n]: [usize; 4], a: &[F], b: &[F]) -> Vec<F> {
    if n < NARROW && m > n {
        let swapped = |x: &[F], [rows, columns]: [usize; 2]| transposed(batch, [rows, columns], x);
        let c = wide(level, [batch, n, k, m], &swapped(b, [k, n]), &swapped(a, [m, k]));
        return transposed(batch, [n, m], &c);
    }
    wide(level, [batch, m, k, n], a, b)
}

fn wide<F: Number>(level: SimdLevel, [batch, m, k, n]: [usize; 4], a: &[F], b: &[F]) -> Vec<F> {
    let mut c = vec![F::ZERO; batch * m * n];
    if c.is_empty() || k == 0 {
        return c;
    }
    let panels = n.div_ceil(PANEL);
    let packed: Vec<Vec<F>> = (0..batch * panels)
        .into_par_iter()
        .map(|i| {
            let (at, first) = (i / panels, i % panels * PANEL);
            let width = PANEL.min(n - first);
            let mut panel = vec![F::ZERO; k * PANEL];
            for (row, from) in panel.chunks_exact_mut(PANEL).zip(b[at * k * n..].chunks_exact(n)) {
                row[..width].copy_from_slice(&from[first..first + width]);
            }
            panel
        })
        .collect();
    let tasks: Vec<(usize, usize, &mut [F])> = c
        .chunks_mut(m * n)
        .enumerate()
        .flat_map(|(at, c)| c.chunks_mut(ROWS * n).enumerate().map(move |(i, c)| (at, i * ROWS, c)))
        .collect();
    tasks.into_par_iter().for_each(|(at, first, c)| {
        let rows = c.len() / n;
        let a = &a[(at * m + first) * k..][..rows * k];
        let mut sums = vec![F::ZERO; rows * PANEL];
        for (j, panel) in packed[at * panels..(at + 1) * panels].iter().enumerate() {
            let width = PANEL.min(n - j * PANEL);
            gemm_columns(level, width, rows, k, a, k, 1, panel, &mut sums, false);
            for (c, sums) in c.chunks_exact_mut(n).zip(sums.chunks_exact(PANEL)) {
                c[j * PANEL..j * PANEL + width].copy_from_slice(&sums[..width]);
            }
        }
    });
    c
}

fn transposed<F: Number>(batch: usize, [rows, columns]: [usize; 2], x: &[F]) -> Vec<F> {
    let mut out = vec![F::ZERO; x.len()];
    let size = rows * columns;
    for at in 0..batch {
        for i in 0..rows {
            for j in 0..columns {
                out[at * size + j * rows + i] = x[at * size + i * columns + j];
            }
        }
    }
    out
}
