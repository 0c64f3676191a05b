//! The dense product of rows with one panel: `C[m][64] (+)= A[m][k] · B[k][64]`.
//!
//! One micro-kernel serves the forward product (`A` = inputs, `B` = weight panel), the gradient of
//! the input (`A` = gradients, `B` = transposed weights) and of the weights (`A` = inputs read by
//! columns, `B` = gradient panel). Each element of `C` is one chain of fused multiply-adds with `k`
//! ascending; a block over `k` ends by storing the accumulator and the next one loads it again.

use super::PANEL;
use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use crate::SimdLevel;

/// Rows of `B` in a block: 64 of them in f32 are 16 KiB, half of a small L1 cache.
const BLOCK: usize = 64;

/// `C[m][64] (+)= A · B` with `A[i][kk]` at `a[i * a_row_stride + kk * a_col_stride]` and
/// `b = [k][64]`. With `accumulate` the sums start from what `c` holds, else from +0.
/// Panics if a slice is too short.
#[allow(clippy::too_many_arguments)]
pub fn gemm_panel<F: Element>(
    level: SimdLevel,
    m: usize,
    k: usize,
    a: &[F],
    a_row_stride: usize,
    a_col_stride: usize,
    b: &[F],
    c: &mut [F],
    accumulate: bool,
) {
    assert!(c.len() >= m * PANEL, "c holds {} elements, not [{m}][64]", c.len());
    assert!(b.len() >= k * PANEL, "b holds {} elements, not [{k}][64]", b.len());
    if m == 0 || k == 0 {
        if !accumulate {
            c[..m * PANEL].fill(F::ZERO);
        }
        return;
    }
    let last = (m - 1) * a_row_stride + (k - 1) * a_col_stride;
    assert!(a.len() > last, "a holds {} elements, its last one would be number {last}", a.len());
    dispatch(level, Gemm { m, k, a, a_row_stride, a_col_stride, b, c, accumulate });
}

/// The gradient with respect to one panel of 64 inputs: `dx[rows][64] = Σ_o grad[r][o] wᵀ[o][64]`,
/// outputs `o` ascending. `grad_panels` are the gradient's panels, each `[rows][64]`;
/// `weights_transposed` is one panel `[outputs][64]` of `transpose_weights`.
pub fn input_gradient_panel<F: Element>(
    level: SimdLevel,
    rows: usize,
    outputs: usize,
    grad_panels: &[&[F]],
    weights_transposed: &[F],
    dx: &mut [F],
) {
    assert_eq!(grad_panels.len(), super::panels(outputs), "panels of {outputs} outputs");
    assert!(weights_transposed.len() >= outputs * PANEL, "transposed weights are not [{outputs}][64]");
    if outputs == 0 {
        dx[..rows * PANEL].fill(F::ZERO);
    }
    for (p, grad) in grad_panels.iter().enumerate() {
        let first = p * PANEL;
        let k = PANEL.min(outputs - first);
        gemm_panel(level, rows, k, grad, PANEL, 1, &weights_transposed[first * PANEL..], dx, p > 0);
    }
}

struct Gemm<'a, F> {
    m: usize,
    k: usize,
    a: &'a [F],
    a_row_stride: usize,
    a_col_stride: usize,
    b: &'a [F],
    c: &'a mut [F],
    accumulate: bool,
}

impl<F: Element> Kernel<F> for Gemm<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: the lengths were checked by `gemm_panel`, the instructions by the caller.
        unsafe { if V::REGISTERS >= 32 { self.blocks::<V, 4>() } else { self.blocks::<V, 2>() } }
    }
}

impl<F: Element> Gemm<'_, F> {
    /// All of `C` in tiles of six rows by `N` registers: 6 × 4 of 32 registers, 6 × 2 of 16.
    #[inline(always)]
    unsafe fn blocks<V: Lanes<F = F>, const N: usize>(self) {
        let width = N * V::WIDTH;
        let mut k0 = 0;
        while k0 < self.k {
            let depth = BLOCK.min(self.k - k0);
            let accumulate = self.accumulate || k0 > 0;
            let mut i = 0;
            while i < self.m {
                let rows = (self.m - i).min(6);
                let mut column = 0;
                while column < PANEL {
                    // SAFETY: row `i`, depth `k0` and `column` lie inside the checked shapes, and
                    // the tile reaches `rows` rows, `depth` terms and `width` columns further.
                    unsafe {
                        let tile = Tile {
                            depth,
                            a: self.a.as_ptr().add(i * self.a_row_stride + k0 * self.a_col_stride),
                            a_row_stride: self.a_row_stride,
                            a_col_stride: self.a_col_stride,
                            b: self.b.as_ptr().add(k0 * PANEL + column),
                            c: self.c.as_mut_ptr().add(i * PANEL + column),
                            accumulate,
                        };
                        match rows {
                            6 => tile.multiply::<V, 6, N>(),
                            5 => tile.multiply::<V, 5, N>(),
                            4 => tile.multiply::<V, 4, N>(),
                            3 => tile.multiply::<V, 3, N>(),
                            2 => tile.multiply::<V, 2, N>(),
                            _ => tile.multiply::<V, 1, N>(),
                        }
                    }
                    column += width;
                }
                i += rows;
            }
            k0 += depth;
        }
    }
}

struct Tile<F> {
    depth: usize,
    a: *const F,
    a_row_stride: usize,
    a_col_stride: usize,
    b: *const F,
    c: *mut F,
    accumulate: bool,
}

impl<F: Element> Tile<F> {
    #[inline(always)]
    unsafe fn multiply<V: Lanes<F = F>, const M: usize, const N: usize>(self) {
        // SAFETY: the maker of the tile vouches for every element within its rows, depth and
        // columns, and the caller for the instructions of `V`.
        unsafe {
            let mut acc = [[V::splat(F::ZERO); N]; M];
            if self.accumulate {
                for i in 0..M {
                    for j in 0..N {
                        acc[i][j] = V::load(self.c.add(i * PANEL + j * V::WIDTH));
                    }
                }
            }
            let (mut a, mut b) = (self.a, self.b);
            for _ in 0..self.depth {
                let mut w = [V::splat(F::ZERO); N];
                for j in 0..N {
                    w[j] = V::load(b.add(j * V::WIDTH));
                }
                for i in 0..M {
                    let x = V::splat(*a.add(i * self.a_row_stride));
                    for j in 0..N {
                        acc[i][j] = x.mul_add(w[j], acc[i][j]);
                    }
                }
                // The last step leaves the slices, hence no `add`: the pointers are not read there.
                a = a.wrapping_add(self.a_col_stride);
                b = b.wrapping_add(PANEL);
            }
            for i in 0..M {
                for j in 0..N {
                    acc[i][j].store(self.c.add(i * PANEL + j * V::WIDTH));
                }
            }
        }
    }
}
