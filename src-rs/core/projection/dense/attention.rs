//! Attention without softmax: `Y = scale (Q Kᵀ) V` for each head. Spikes select rows that are added; zeros cost
//! nothing.
//!
//! The product is associative, so the cheaper of `(Q Kᵀ) V` and `Q (Kᵀ V)` is computed; the shape alone decides. For
//! spikes both count coincidences and give the same bits.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::{Real, SimdLevel};
use std::marker::PhantomData;

/// Columns that are summed at a time.
const BLOCK: usize = 32;

/// Sizes. Queries, keys, values and outputs are `[token][channel]`; the channels of a head are contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    pub heads: usize,
    /// Number of query tokens and of key tokens.
    pub tokens: [usize; 2],
    /// Channels of queries and keys, and of values and outputs, over all heads.
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

    /// Elements of the copy of one head: queries, keys, values and the output gradient.
    fn copies(&self) -> [usize; 4] {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        [asking * keys, asked * keys, asked * values, asking * values]
    }

    /// Elements of scratch.
    pub fn scratch(&self) -> usize {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        let products = match self.values_first() {
            true => 2 * keys * values,
            false => asking * asked + keys.max(values) * asked,
        };
        self.copies().iter().sum::<usize>() + products
    }

    /// One head of queries, keys, values and, unless it is empty, the output gradient, and the rest of the scratch.
    /// They are copied because in most networks the rows of one head are a power of two apart, and would fall into few
    /// sets of a cache.
    fn take_head<'a, F: Element>(
        &self,
        head: usize,
        all: [&[F]; 4],
        mut scratch: &'a mut [F],
    ) -> ([Matrix<'a, F>; 4], &'a mut [F]) {
        let [keys, values] = self.head();
        let (widths, copies) = ([keys, keys, values, values], self.copies());
        let heads = [0, 1, 2, 3].map(|i| {
            let (width, all) = (widths[i], all[i].chunks_exact(widths[i] * self.heads));
            let (own, rest) = std::mem::take(&mut scratch).split_at_mut(copies[i]);
            scratch = rest;
            for (to, from) in own.chunks_exact_mut(width).zip(all) {
                to.copy_from_slice(&from[head * width..][..width]);
            }
            Matrix::whole(own, width)
        });
        (heads, scratch)
    }

    /// `out[query][values] = scale (q kᵀ) v`
    pub fn row<F: Element>(
        &self,
        level: SimdLevel,
        [q, k, v]: [&[F]; 3],
        scale: F,
        scratch: &mut [F],
        out: &mut [F],
    ) {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        let stride = self.channels[1];
        for head in 0..self.heads {
            let ([q, k, v, _], scratch) = self.take_head(head, [q, k, v, &[]], scratch);
            let out = &mut out[head * values..];
            if self.values_first() {
                let product = &mut scratch[..keys * values];
                multiply(level, [keys, asked, values], k.transposed(), v, values, product);
                multiply(level, [asking, keys, values], q, Matrix::whole(product, values), stride, out);
            } else {
                let (product, columns) = scratch.split_at_mut(asking * asked);
                k.copy_columns(asked, keys, columns);
                multiply(level, [asking, keys, asked], q, Matrix::whole(columns, asked), asked, product);
                multiply(level, [asking, asked, values], Matrix::whole(product, asked), v, stride, out);
            }
        }
        out.iter_mut().for_each(|x| *x = *x * scale);
    }

    /// The gradients of queries, keys and values from the output gradient; an empty slice is not computed.
    pub fn gradients<F: Element>(
        &self,
        level: SimdLevel,
        [q, k, v]: [&[F]; 3],
        scale: F,
        gradient: &[F],
        scratch: &mut [F],
        [dq, dk, dv]: [&mut [F]; 3],
    ) {
        let ([asking, asked], [keys, values]) = (self.tokens, self.head());
        let [of_keys, of_values] = self.channels;
        for head in 0..self.heads {
            let ([q, k, v, g], scratch) = self.take_head(head, [q, k, v, gradient], scratch);
            let [dq, dk] = [&mut *dq, &mut *dk].map(|dx| dx.get_mut(head * keys..).unwrap_or_default());
            let dv = dv.get_mut(head * values..).unwrap_or_default();
            if self.values_first() {
                // With M = kᵀ v: dq = g Mᵀ, dM = qᵀ g, dk = v dMᵀ, dv = k dM.
                let (product, transposed) = scratch.split_at_mut(keys * values);
                if !dq.is_empty() {
                    multiply(level, [values, asked, keys], v.transposed(), k, keys, product);
                    multiply(level, [asking, values, keys], g, Matrix::whole(product, keys), of_keys, dq);
                }
                multiply(level, [keys, asking, values], q.transposed(), g, values, product);
                let product = Matrix::whole(product, values);
                if !dk.is_empty() {
                    product.copy_columns(keys, values, transposed);
                    multiply(level, [asked, values, keys], v, Matrix::whole(transposed, keys), of_keys, dk);
                }
                if !dv.is_empty() {
                    multiply(level, [asked, keys, values], k, product, of_values, dv);
                }
            } else {
                // With A = q kᵀ: dA = g vᵀ, dq = dA k, dk = dAᵀ q, dv = Aᵀ g.
                let (product, columns) = scratch.split_at_mut(asking * asked);
                v.copy_columns(asked, values, columns);
                multiply(level, [asking, values, asked], g, Matrix::whole(columns, asked), asked, product);
                let of_scores = Matrix::whole(product, asked);
                if !dq.is_empty() {
                    multiply(level, [asking, asked, keys], of_scores, k, of_keys, dq);
                }
                if !dk.is_empty() {
                    multiply(level, [asked, asking, keys], of_scores.transposed(), q, of_keys, dk);
                }
                if !dv.is_empty() {
                    k.copy_columns(asked, keys, columns);
                    multiply(level, [asking, keys, asked], q, Matrix::whole(columns, asked), asked, product);
                    let scores = Matrix::whole(product, asked).transposed();
                    multiply(level, [asked, asking, values], scores, g, of_values, dv);
                }
            }
        }
        [dq, dk, dv].into_iter().flatten().for_each(|x| *x = *x * scale);
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

/// `c = a b` with the sizes `[rows, depth, columns]`; rows of `b` are contiguous, those of `c` are `stride` apart. An
/// element is one sum over the depth, ascending.
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

pub struct Multiply<'a, 'b, F> {
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
        let Multiply { rows, depth, columns, a, b, stride, c } = self;
        if a.column != 1 {
            // Columns of `a` are contiguous: each value of a row is added to the rows with its row of `b` as weights.
            assert_eq!(a.row, 1, "a matrix or a transposed one");
            c.chunks_mut(stride).take(rows).for_each(|c| c[..columns].fill(F::ZERO));
            for k in 0..depth {
                let b = &b.data[k * b.row..][..columns];
                // SAFETY: the caller guarantees the instructions of `V`.
                let nonzero = unsafe { Nonzero::<V>::new(&a.data[k * a.column..][..rows]) };
                nonzero.each(|i, x| {
                    for (sum, &b) in c[i * stride..][..columns].iter_mut().zip(b) {
                        *sum = x.mul_add(b, *sum);
                    }
                });
            }
            return;
        }
        for i in 0..rows {
            let c = &mut c[i * stride..][..columns];
            let a = &a.data[i * a.row..][..depth];
            let (blocks, rest) = c.as_chunks_mut::<BLOCK>();
            let first = blocks.len() * BLOCK;
            for (block, c) in blocks.iter_mut().enumerate() {
                let mut sums = [F::ZERO; BLOCK];
                // SAFETY: the caller guarantees the instructions of `V`.
                unsafe { Nonzero::<V>::new(a) }.each(|k, x| {
                    let b = &b.data[k * b.row + block * BLOCK..][..BLOCK];
                    for (sum, &b) in sums.iter_mut().zip(b) {
                        *sum = x.mul_add(b, *sum);
                    }
                });
                *c = sums;
            }
            rest.fill(F::ZERO);
            if rest.is_empty() {
                continue;
            }
            for (k, &x) in a.iter().enumerate().filter(|&(_, &x)| x != F::ZERO) {
                let b = &b.data[k * b.row + first..];
                for (sum, &b) in rest.iter_mut().zip(b) {
                    *sum = x.mul_add(b, *sum);
                }
            }
        }
    }
}

/// The nonzero values of a contiguous slice, by whole registers.
struct Nonzero<'a, V: Lanes> {
    values: &'a [V::F],
    registers: PhantomData<V>,
}

impl<'a, V: Lanes> Nonzero<'a, V> {
    /// # Safety
    /// The CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn new(values: &'a [V::F]) -> Self {
        Nonzero { values, registers: PhantomData }
    }

    /// Calls `visit` with index and value, ascending.
    #[inline(always)]
    fn each(self, mut visit: impl FnMut(usize, V::F)) {
        // A single call site: the callback is inlined here, and so is compiled with the instructions of `V`.
        for (block, values) in self.values.chunks(V::WIDTH).enumerate() {
            let mut rest = if values.len() == V::WIDTH {
                // SAFETY: a register of values; the constructor's caller guarantees the instructions of `V`.
                let zeros = unsafe { V::load(values.as_ptr()).equal(V::splat(V::F::ZERO)) };
                !zeros & ((1u64 << V::WIDTH) - 1)
            } else {
                values.iter().rev().fold(0, |mask, &x| mask << 1 | u64::from(x != V::F::ZERO))
            };
            while rest != 0 {
                let i = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                visit(block * V::WIDTH + i, values[i]);
            }
        }
    }
}
