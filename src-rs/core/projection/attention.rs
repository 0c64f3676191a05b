//! Attention without softmax: `Y = scale (Q Kᵀ) V` for each head. Spikes select rows that are added;
//! what is zero costs nothing.
//!
//! The product is associative, so the cheaper of `(Q Kᵀ) V` and `Q (Kᵀ V)` is taken: which one follows
//! from the shape alone. Of spikes both count coincidences and give the same bits.

use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Columns that are summed at a time.
const BLOCK: usize = 32;

/// Sizes. Queries, keys, values and what leaves are `[token][channel]`, the channels of a head side
/// by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    pub heads: usize,
    /// Tokens that ask, and that are asked.
    pub tokens: [usize; 2],
    /// Channels of queries and keys, and of values and what leaves; all heads together.
    pub channels: [usize; 2],
}

impl Attention {
    /// Channels of one head.
    fn head(&self) -> [usize; 2] {
        self.channels.map(|channels| channels / self.heads)
    }

    /// Whether keys and values are multiplied first.
    fn values_first(&self) -> bool {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        keys * values * (asking + asked) < asking * asked * (keys + values)
    }

    /// Elements of scratch.
    pub fn scratch(&self) -> usize {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        match self.values_first() {
            true => keys * values,
            false => asking * asked + keys.max(values) * asked,
        }
    }

    /// `out[asking][values] = scale (q kᵀ) v`
    pub fn row<F: Element>(
        &self,
        level: SimdLevel,
        [q, k, v]: [&[F]; 3],
        scale: F,
        scratch: &mut [F],
        out: &mut [F],
    ) {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        for head in 0..self.heads {
            let [q, k] = [q, k].map(|x| Matrix::of_head(x, self.channels[0], head * keys));
            let v = Matrix::of_head(v, self.channels[1], head * values);
            let out = &mut out[head * values..];
            let stride = self.channels[1];
            if self.values_first() {
                let product = &mut scratch[..keys * values];
                multiply(level, [keys, asked, values], k.transposed(), v, values, product);
                let product = Matrix::whole(product, values);
                multiply(level, [asking, keys, values], q, product, stride, out);
            } else {
                let (product, columns) = scratch.split_at_mut(asking * asked);
                k.copy_columns(asked, keys, columns);
                multiply(level, [asking, keys, asked], q, Matrix::whole(columns, asked), asked, product);
                let product = Matrix::whole(product, asked);
                multiply(level, [asking, asked, values], product, v, stride, out);
            }
        }
        out.iter_mut().for_each(|x| *x = *x * scale);
    }

    /// The gradient of source 0 (queries), 1 (keys) or 2 (values), from that of what left.
    #[allow(clippy::too_many_arguments)]
    pub fn gradient<F: Element>(
        &self,
        level: SimdLevel,
        [q, k, v]: [&[F]; 3],
        scale: F,
        source: usize,
        gradient: &[F],
        scratch: &mut [F],
        dx: &mut [F],
    ) {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        for head in 0..self.heads {
            let [q, k] = [q, k].map(|x| Matrix::of_head(x, self.channels[0], head * keys));
            let [v, g] = [v, gradient].map(|x| Matrix::of_head(x, self.channels[1], head * values));
            let (stride, first) = match source {
                2 => (self.channels[1], head * values),
                _ => (self.channels[0], head * keys),
            };
            let dx = &mut dx[first..];
            if self.values_first() {
                // With M = kᵀ v: dq = g Mᵀ, dM = qᵀ g, dk = v dMᵀ, dv = k dM.
                let product = &mut scratch[..keys * values];
                match source {
                    0 => {
                        multiply(level, [values, asked, keys], v.transposed(), k, keys, product);
                        multiply(level, [asking, values, keys], g, Matrix::whole(product, keys), stride, dx);
                    }
                    1 => {
                        multiply(level, [values, asking, keys], g.transposed(), q, keys, product);
                        multiply(level, [asked, values, keys], v, Matrix::whole(product, keys), stride, dx);
                    }
                    _ => {
                        multiply(level, [keys, asking, values], q.transposed(), g, values, product);
                        multiply(level, [asked, keys, values], k, Matrix::whole(product, values), stride, dx);
                    }
                }
            } else {
                // With A = q kᵀ: dA = g vᵀ, dq = dA k, dk = dAᵀ q, dv = Aᵀ g.
                let (product, columns) = scratch.split_at_mut(asking * asked);
                let (left, right, depth) = if source == 2 { (q, k, keys) } else { (g, v, values) };
                right.copy_columns(asked, depth, columns);
                multiply(level, [asking, depth, asked], left, Matrix::whole(columns, asked), asked, product);
                let product = Matrix::whole(product, asked);
                match source {
                    0 => multiply(level, [asking, asked, keys], product, k, stride, dx),
                    1 => multiply(level, [asked, asking, keys], product.transposed(), q, stride, dx),
                    _ => multiply(level, [asked, asking, values], product.transposed(), g, stride, dx),
                }
            }
        }
        dx.iter_mut().for_each(|x| *x = *x * scale);
    }
}

/// A matrix within an array: element `(i, j)` is at `i * row + j * column`.
#[derive(Clone, Copy)]
struct Matrix<'a, F> {
    data: &'a [F],
    row: usize,
    column: usize,
}

impl<'a, F: Element> Matrix<'a, F> {
    fn whole(data: &'a [F], columns: usize) -> Self {
        Matrix { data, row: columns, column: 1 }
    }

    fn of_head(data: &'a [F], channels: usize, first: usize) -> Self {
        Matrix { data: &data[first..], row: channels, column: 1 }
    }

    fn transposed(self) -> Self {
        Matrix { row: self.column, column: self.row, ..self }
    }

    /// Copies it column by column.
    fn copy_columns(self, rows: usize, columns: usize, out: &mut [F]) {
        for (j, out) in out.chunks_exact_mut(rows).enumerate().take(columns) {
            for (i, out) in out.iter_mut().enumerate() {
                *out = self.data[i * self.row + j * self.column];
            }
        }
    }
}

/// `c = a b` with the sizes `[rows, depth, columns]`; rows of `b` lie side by side, those of `c` are
/// `stride` apart. An element is one sum over the depth, ascending.
fn multiply<F: Element>(
    level: SimdLevel,
    [rows, depth, columns]: [usize; 3],
    a: Matrix<F>,
    b: Matrix<F>,
    stride: usize,
    c: &mut [F],
) {
    dispatch(level, Multiply { rows, depth, columns, a, b, stride, c });
}

struct Multiply<'a, 'b, F> {
    rows: usize,
    depth: usize,
    columns: usize,
    a: Matrix<'a, F>,
    b: Matrix<'a, F>,
    stride: usize,
    c: &'b mut [F],
}

impl<F: Element> Kernel<F> for Multiply<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for i in 0..self.rows {
            let c = &mut self.c[i * self.stride..][..self.columns];
            let a = &self.a.data[i * self.a.row..];
            let (blocks, rest) = c.as_chunks_mut::<BLOCK>();
            let first = blocks.len() * BLOCK;
            for (block, c) in blocks.iter_mut().enumerate() {
                let mut sums = [F::ZERO; BLOCK];
                for k in 0..self.depth {
                    let x = a[k * self.a.column];
                    if x != F::ZERO {
                        let b = &self.b.data[k * self.b.row + block * BLOCK..][..BLOCK];
                        for (sum, &b) in sums.iter_mut().zip(b) {
                            *sum = x.mul_add(b, *sum);
                        }
                    }
                }
                *c = sums;
            }
            rest.fill(F::ZERO);
            for k in 0..self.depth {
                let x = a[k * self.a.column];
                if x != F::ZERO && !rest.is_empty() {
                    let b = &self.b.data[k * self.b.row + first..];
                    for (sum, &b) in rest.iter_mut().zip(b) {
                        *sum = x.mul_add(b, *sum);
                    }
                }
            }
        }
    }
}
