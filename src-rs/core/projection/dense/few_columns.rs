//! The dense product with few columns where `A` is read by columns, as in the weight gradient of few outputs. It
//! vectorizes over the rows of `C`, so that no register element is an unused column. The order of each sum is that of
//! `gemm`.

use crate::PANEL;
use crate::simd::dispatch::Kernel;
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;

/// `C[m][..width] += A · B` with `A[i][kk]` at `a[i + kk * stride]`, `b = [k][64]`, `c = [m][64]`.
pub struct FewColumns<'a, F> {
    pub m: usize,
    pub k: usize,
    pub a: &'a [F],
    pub stride: usize,
    pub b: &'a [F],
    pub c: &'a mut [F],
    pub width: usize,
}

/// Steps of the depth whose part of `A` stays in L2 for all columns: 64 rows in f32 are 64 KiB.
const DEPTH: usize = 256;

impl<F: Element> Kernel<F> for FewColumns<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        for first in (0..self.k).step_by(DEPTH) {
            let depth = DEPTH.min(self.k - first);
            let mut row = 0;
            // SAFETY: the caller has checked that `A`, `B` and `C` hold the product and guarantees the instructions.
            unsafe {
                if V::REGISTERS >= 32 {
                    while self.m - row >= Strip::<V, 4>::WIDTH {
                        self.columns::<V, 4, 4>(first, depth, row);
                        row += Strip::<V, 4>::WIDTH;
                    }
                }
                while self.m - row >= Strip::<V, 2>::WIDTH {
                    self.columns::<V, 2, 4>(first, depth, row);
                    row += Strip::<V, 2>::WIDTH;
                }
                while self.m - row >= V::WIDTH {
                    self.columns::<V, 1, 4>(first, depth, row);
                    row += V::WIDTH;
                }
                for row in row..self.m {
                    for column in 0..self.width {
                        let sum = self.c.get_unchecked_mut(row * PANEL + column);
                        for kk in first..first + depth {
                            let x = *self.a.get_unchecked(row + kk * self.stride);
                            *sum = x.mul_add(*self.b.get_unchecked(kk * PANEL + column), *sum);
                        }
                    }
                }
            }
        }
    }
}

impl<F: Element> FewColumns<'_, F> {
    /// All columns of the rows of one strip, `W` at a time.
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize, const W: usize>(
        &mut self,
        first: usize,
        depth: usize,
        row: usize,
    ) {
        let mut column = 0;
        // SAFETY: as in `run`.
        unsafe {
            while self.width - column >= W {
                self.tile::<V, N, W>(first, depth, row, column);
                column += W;
            }
            while column < self.width {
                self.tile::<V, N, 1>(first, depth, row, column);
                column += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn tile<V: Lanes<F = F>, const N: usize, const W: usize>(
        &mut self,
        first: usize,
        depth: usize,
        row: usize,
        column: usize,
    ) {
        let mut lanes = [F::ZERO; PANEL];
        // SAFETY: as in `run`; a strip is at most 64 elements wide.
        unsafe {
            let mut sums = [Strip::<V, N>::splat(F::ZERO); W];
            for (j, sum) in sums.iter_mut().enumerate() {
                for (i, lane) in lanes[..Strip::<V, N>::WIDTH].iter_mut().enumerate() {
                    *lane = *self.c.get_unchecked((row + i) * PANEL + column + j);
                }
                *sum = Strip::load(lanes.as_ptr());
            }
            let mut a = self.a.as_ptr().wrapping_add(row + first * self.stride);
            let mut b = self.b.as_ptr().wrapping_add(first * PANEL + column);
            for _ in 0..depth {
                let x = Strip::load(a);
                for (j, sum) in sums.iter_mut().enumerate() {
                    sum.mul_add(V::splat(*b.add(j)), &x);
                }
                // The last step leaves the slices: the pointers are not dereferenced there.
                a = a.wrapping_add(self.stride);
                b = b.wrapping_add(PANEL);
            }
            for (j, sum) in sums.into_iter().enumerate() {
                sum.store(lanes.as_mut_ptr());
                for (i, lane) in lanes[..Strip::<V, N>::WIDTH].iter().enumerate() {
                    *self.c.get_unchecked_mut((row + i) * PANEL + column + j) = *lane;
                }
            }
        }
    }
}
