//! Moves between tensors of any strides: transposes, slices, broadcasts, joins, and their gradients.

use crate::run::Number;
use rayon::prelude::*;

/// A place in a buffer: the offset of the first element and a stride for each axis.
#[derive(Debug, Clone)]
pub struct View {
    pub offset: usize,
    pub strides: Vec<usize>,
}

impl View {
    /// All elements of a contiguous tensor.
    pub fn whole(sizes: &[usize]) -> View {
        View { offset: 0, strides: crate::groups::strides(sizes) }
    }
}

/// Elements from which a move is divided among threads.
const SHARED: usize = 1 << 16;

/// Rows and columns of a transpose that are moved together: they stay in the first-level cache.
const SQUARE: usize = 16;

/// Copies `from` to `to`, or adds it. Where several elements go to one place, they are added in ascending order.
pub fn transfer<F: Number>(
    sizes: &[usize],
    (src, from): (&[F], &View),
    (dst, to): (&mut [F], &View),
    add: bool,
) {
    if sizes.contains(&0) {
        return;
    }
    let (sizes, a, b) = joined(sizes, &from.strides, &to.strides);
    let total: usize = sizes.iter().product();
    let contiguous = to.offset == 0 && b == crate::groups::strides(&sizes) && dst.len() == total;
    if contiguous && total >= SHARED && sizes[0] > 1 {
        let row = total / sizes[0];
        let rows = SHARED.div_ceil(row).next_multiple_of(SQUARE);
        return dst.par_chunks_mut(rows * row).enumerate().for_each(|(i, dst)| {
            let mut own = sizes.clone();
            own[0] = dst.len() / row;
            walk(&own, (src, from.offset + i * rows * a[0], &a), (dst, 0, &b), add);
        });
    }
    walk(&sizes, (src, from.offset, &a), (dst, to.offset, &b), add);
}

/// Joins neighboring axes that are contiguous in both tensors, and leaves out axes of one element.
fn joined(sizes: &[usize], a: &[usize], b: &[usize]) -> (Vec<usize>, Vec<usize>, Vec<usize>) {
    let (mut n, mut x, mut y): (Vec<usize>, Vec<usize>, Vec<usize>) = (vec![], vec![], vec![]);
    for i in (0..sizes.len()).filter(|&i| sizes[i] != 1) {
        if let (Some(size), Some(last_x), Some(last_y)) = (n.last_mut(), x.last_mut(), y.last_mut())
            && *last_x == a[i] * sizes[i]
            && *last_y == b[i] * sizes[i]
        {
            (*size, *last_x, *last_y) = (*size * sizes[i], a[i], b[i]);
            continue;
        }
        n.push(sizes[i]);
        x.push(a[i]);
        y.push(b[i]);
    }
    if n.is_empty() { (vec![1], vec![1], vec![1]) } else { (n, x, y) }
}

fn walk<F: Number>(
    sizes: &[usize],
    (src, from, a): (&[F], usize, &[usize]),
    (dst, to, b): (&mut [F], usize, &[usize]),
    add: bool,
) {
    match sizes {
        [] => row(1, (src, from, 1), (dst, to, 1), add),
        [n] => row(*n, (src, from, a[0]), (dst, to, b[0]), add),
        [n, m] if a[1] > 1 && b[1] == 1 => transpose([*n, *m], (src, from, a), (dst, to, b), add),
        [n, rest @ ..] => {
            for i in 0..*n {
                walk(rest, (src, from + i * a[0], &a[1..]), (dst, to + i * b[0], &b[1..]), add);
            }
        }
    }
}

/// Two axes, square by square: the source is not contiguous along the second.
#[inline(never)]
fn transpose<F: Number>(
    [n, m]: [usize; 2],
    (src, from, a): (&[F], usize, &[usize]),
    (dst, to, b): (&mut [F], usize, &[usize]),
    add: bool,
) {
    for first in (0..n).step_by(SQUARE) {
        for left in (0..m).step_by(SQUARE) {
            let width = SQUARE.min(m - left);
            for i in first..n.min(first + SQUARE) {
                let place = (src, from + i * a[0] + left * a[1], a[1]);
                row(width, place, (dst, to + i * b[0] + left, 1), add);
            }
        }
    }
}

fn row<F: Number>(
    n: usize,
    (src, from, a): (&[F], usize, usize),
    (dst, to, b): (&mut [F], usize, usize),
    add: bool,
) {
    match (a, b, add) {
        (1, 1, false) => dst[to..to + n].copy_from_slice(&src[from..from + n]),
        (0, 1, false) => dst[to..to + n].fill(src[from]),
        (1, 1, true) => dst[to..to + n].iter_mut().zip(&src[from..from + n]).for_each(|(x, &y)| *x += y),
        _ => {
            for i in 0..n {
                let x = src[from + i * a];
                let out = &mut dst[to + i * b];
                *out = if add { *out + x } else { x };
            }
        }
    }
}

/// Adds each element of a contiguous tensor to a place of `dst`; places that receive several are summed in double
/// precision, in ascending order.
pub fn sum_into<F: Number>(sizes: &[usize], src: &[F], dst: &mut [F], to: &View) {
    if sizes.contains(&0) {
        return;
    }
    let mut sums: Vec<f64> = vec![0.0; dst.len()];
    let (sizes, a, b) = joined(sizes, &crate::groups::strides(sizes), &to.strides);
    sum_walk(&sizes, (src, 0, &a), (&mut sums, to.offset, &b));
    dst.iter_mut().zip(sums).for_each(|(x, sum)| *x += F::from_f64(sum));
}

fn sum_walk<F: Number>(
    sizes: &[usize],
    (src, from, a): (&[F], usize, &[usize]),
    (sums, to, b): (&mut [f64], usize, &[usize]),
) {
    match sizes {
        [] => sums[to] += src[from].to_f64(),
        [n] => match (a[0], b[0]) {
            (1, 0) => sums[to] += crate::kernels::reduce::sum(&src[from..from + n]),
            (1, 1) => {
                let pairs = sums[to..to + n].iter_mut().zip(&src[from..from + n]);
                pairs.for_each(|(sum, x)| *sum += x.to_f64());
            }
            (a, b) => (0..*n).for_each(|i| sums[to + i * b] += src[from + i * a].to_f64()),
        },
        [n, rest @ ..] => {
            for i in 0..*n {
                sum_walk(rest, (src, from + i * a[0], &a[1..]), (sums, to + i * b[0], &b[1..]));
            }
        }
    }
}
