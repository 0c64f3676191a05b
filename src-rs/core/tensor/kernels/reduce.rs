//! Operations along one axis. A tensor is `[outer][n][inner]` around the axis.

use crate::run::Number;
use lapicque_expr::Scalar;
use rayon::prelude::*;

/// The sizes around an axis.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    pub outer: usize,
    pub n: usize,
    pub inner: usize,
}

impl Around {
    pub fn new(sizes: &[usize], axis: usize) -> Around {
        Around {
            outer: sizes[..axis].iter().product(),
            n: sizes[axis],
            inner: sizes[axis + 1..].iter().product(),
        }
    }
}

/// What is computed of the elements along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reduction {
    /// The sum times a factor.
    Sum(f64),
    Prod,
    Max,
    Min,
    LogSumExp,
    ArgMax,
    ArgMin,
}

/// Elements of a task.
const TASK: usize = 1 << 15;

/// Number of interleaved sums of a contiguous row.
const SUMS: usize = 8;

/// The sum of a row in double precision: eight interleaved sums, then these in ascending order. The order does not
/// depend on the SIMD level.
pub fn sum<F: Number>(row: &[F]) -> f64 {
    let mut sums = [0.0; SUMS];
    let mut chunks = row.chunks_exact(SUMS);
    for chunk in &mut chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x.to_f64();
        }
    }
    for (sum, x) in sums.iter_mut().zip(chunks.remainder()) {
        *sum += x.to_f64();
    }
    sums.into_iter().sum()
}

/// Columns of a task.
const COLUMNS: usize = 512;

/// Reduces an axis: `[outer][inner]`.
pub fn reduce<F: Number>(reduction: Reduction, Around { outer, n, inner }: Around, x: &[F]) -> Vec<F> {
    let mut out = vec![F::ZERO; outer * inner];
    if inner == 0 || outer == 0 {
        return out;
    }
    let least = (TASK / (n * inner.min(COLUMNS)).max(1)).max(1);
    if inner == 1 {
        out.par_iter_mut().enumerate().with_min_len(least).for_each(|(o, out)| {
            *out = of_row(reduction, &x[o * n..(o + 1) * n]);
        });
        return out;
    }
    let tasks: Vec<(usize, usize, &mut [F])> = out
        .chunks_mut(inner)
        .enumerate()
        .flat_map(|(o, row)| row.chunks_mut(COLUMNS).enumerate().map(move |(c, out)| (o, c * COLUMNS, out)))
        .collect();
    tasks.into_par_iter().with_min_len(least).for_each(|(o, first, out)| {
        let width = out.len();
        let at = |k: usize| &x[(o * n + k) * inner + first..][..width];
        of_columns(reduction, n, at, out);
    });
    out
}

fn of_row<F: Number>(reduction: Reduction, row: &[F]) -> F {
    match reduction {
        Reduction::Sum(factor) => F::from_f64(sum(row) * factor),
        Reduction::Prod => row.iter().fold(F::ONE, |product, &x| product * x),
        Reduction::Max => row[best(row.iter().copied(), false)],
        Reduction::Min => row[best(row.iter().copied(), true)],
        Reduction::ArgMax => F::from_f64(best(row.iter().copied(), false) as f64),
        Reduction::ArgMin => F::from_f64(best(row.iter().copied(), true) as f64),
        Reduction::LogSumExp => log_sum_exp(row.iter().copied()),
    }
}

fn of_columns<'x, F: Number + 'x>(
    reduction: Reduction,
    n: usize,
    at: impl Fn(usize) -> &'x [F],
    out: &mut [F],
) {
    match reduction {
        Reduction::Sum(factor) => {
            let mut sums = vec![0.0f64; out.len()];
            for k in 0..n {
                sums.iter_mut().zip(at(k)).for_each(|(sum, x)| *sum += x.to_f64());
            }
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = F::from_f64(sum * factor));
        }
        _ => {
            let mut column = vec![F::ZERO; n];
            for (i, out) in out.iter_mut().enumerate() {
                column.iter_mut().enumerate().for_each(|(k, x)| *x = at(k)[i]);
                *out = of_row(reduction, &column);
            }
        }
    }
}

/// The position of the first largest (or smallest) element; a NaN counts as both.
fn best<F: Number>(row: impl Iterator<Item = F>, smallest: bool) -> usize {
    let mut found: Option<(usize, F)> = None;
    for (i, x) in row.enumerate() {
        let better = found.is_none_or(|(_, y)| {
            let (low, high) = if smallest { (x, y) } else { (y, x) };
            low < high || (x.to_f64().is_nan() && !y.to_f64().is_nan())
        });
        if better {
            found = Some((i, x));
        }
    }
    found.map_or(0, |(i, _)| i)
}

fn log_sum_exp<F: Number>(row: impl Iterator<Item = F> + Clone) -> F {
    let largest = row
        .clone()
        .fold(F::from_f64(f64::NEG_INFINITY), |m, x| if x > m || x.to_f64().is_nan() { x } else { m });
    if !largest.is_finite() {
        return largest;
    }
    let total: f64 = row.map(|x| Scalar::exp((x - largest).to_f64())).sum();
    F::from_f64(largest.to_f64() + Scalar::ln(total))
}

/// Adds the gradient of a reduction to that of its operand. `y`: the result, `g`: its gradient.
pub fn reduce_gradient<F: Number>(
    reduction: Reduction,
    Around { n, inner, .. }: Around,
    [x, y, g]: [&[F]; 3],
    dx: &mut [F],
) {
    if n == 0 || inner == 0 {
        return;
    }
    let least = (TASK / (n * inner).max(1)).max(1);
    dx.par_chunks_mut(n * inner).enumerate().with_min_len(least).for_each(|(o, dx)| {
        let (y, g) = (&y[o * inner..][..inner], &g[o * inner..][..inner]);
        let x = x.get(o * n * inner..(o + 1) * n * inner).unwrap_or_default();
        if let Reduction::Sum(factor) = reduction {
            let factor = F::from_f64(factor);
            for row in dx.chunks_mut(inner) {
                row.iter_mut().zip(g).for_each(|(dx, &g)| *dx += g * factor);
            }
            return;
        }
        for i in 0..inner {
            let at = |k: usize| x[k * inner + i];
            match reduction {
                Reduction::Max | Reduction::Min => {
                    let k = best((0..n).map(at), reduction == Reduction::Min);
                    dx[k * inner + i] += g[i];
                }
                Reduction::LogSumExp => {
                    for k in 0..n {
                        let share = Scalar::exp(at(k).to_f64() - y[i].to_f64());
                        dx[k * inner + i] += g[i] * F::from_f64(share);
                    }
                }
                Reduction::Prod => {
                    let mut after = vec![F::ONE; n + 1];
                    (0..n).rev().for_each(|k| after[k] = after[k + 1] * at(k));
                    let mut before = F::ONE;
                    for k in 0..n {
                        dx[k * inner + i] += g[i] * before * after[k + 1];
                        before = before * at(k);
                    }
                }
                Reduction::Sum(_) | Reduction::ArgMax | Reduction::ArgMin => {}
            }
        }
    });
}

/// The sum up to each element; with `backward` from each element on.
pub fn cumulate<F: Number>(Around { n, inner, .. }: Around, x: &[F], backward: bool) -> Vec<F> {
    let mut out = x.to_vec();
    if n == 0 || inner == 0 {
        return out;
    }
    for block in out.chunks_mut(n * inner) {
        for k in 1..n {
            let (to, from) = if backward { (n - 1 - k, n - k) } else { (k, k - 1) };
            for i in 0..inner {
                let x = block[from * inner + i];
                block[to * inner + i] += x;
            }
        }
    }
    out
}

/// The positions that sort an axis; equal elements stay in their order.
pub fn arg_sort<F: Number>(Around { outer, n, inner }: Around, x: &[F], descending: bool) -> Vec<F> {
    let mut out = vec![F::ZERO; x.len()];
    let mut order: Vec<usize> = Vec::with_capacity(n);
    for (o, i) in (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i))) {
        let at = |k: usize| (o * n + k) * inner + i;
        order.clear();
        order.extend(0..n);
        order.sort_by(|&a, &b| {
            let (a, b) = (x[at(a)].to_f64(), x[at(b)].to_f64());
            if descending { b.total_cmp(&a) } else { a.total_cmp(&b) }
        });
        order.iter().enumerate().for_each(|(k, &from)| out[at(k)] = F::from_f64(from as f64));
    }
    out
}
