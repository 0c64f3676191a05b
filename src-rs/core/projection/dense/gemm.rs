//! The dense product of rows with one panel: `C[m][64] (+)= A[m][k] · B[k][64]`.
//!
//! One micro-kernel serves the forward product (`A` = inputs, `B` = weight panel), the gradient of the input (`A` =
//! gradients, `B` = transposed weights) and of the weights (`A` = inputs read by columns, `B` = gradient panel). Each
//! element of `C` is one chain of fused multiply-adds with `k` ascending. A block over `k` ends by storing the
//! accumulator, and the next one loads it again.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch};
use crate::simd::strip::Strip;
use crate::{PANEL, panels};
use lapicque_base::SimdLevel;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Bytes of `B` in a block, which many tiles of rows multiply: the size of a small L1 cache, or two thirds of a larger
/// one. The sums of each tile come from L2 once per block; a block of half the depth would cost a twentieth more.
const DEEP_BYTES: usize = 32 * 1024;
/// Depth of a block where `A` is read by columns: 64 rows of `B` in f32 are 16 KiB.
const DEPTH: usize = 64;
/// Rows of `C` over which a depth block is used before the next one: 384 in f32 are 96 KiB.
const ROWS: usize = 384;
/// The same if `A` is read by columns.
const COLUMNS: usize = 2064;
/// Rows of `A` that are packed at a time, 12 KiB in f32 with the depth above.
const PACKED_ROWS: usize = 48;

/// `C[m][64] (+)= A · B` with `A[i][kk]` at `a[i * a_row_stride + kk * a_col_stride]` and `b = [k][64]`. With
/// `accumulate` the sums start from the values in `c`, otherwise from +0. Panics if a slice is too short.
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
    if m == 0 || k == 0 {
        if !accumulate {
            c[..m * PANEL].fill(F::ZERO);
        }
        return;
    }
    check(m, k, [a, b, c], [a_row_stride, a_col_stride]);
    dispatch(level, Gemm { m, k, a, a_row_stride, a_col_stride, b, c, columns: PANEL, accumulate });
}

/// Panics unless `[a, b, c]` hold a product of at least one row and column.
fn check<F>(m: usize, k: usize, [a, b, c]: [&[F]; 3], [row_stride, col_stride]: [usize; 2]) {
    assert!(c.len() >= m * PANEL, "c holds {} elements, not [{m}][64]", c.len());
    assert!(b.len() >= k * PANEL, "b holds {} elements, not [{k}][64]", b.len());
    let last = (m - 1) * row_stride + (k - 1) * col_stride;
    assert!(a.len() > last, "a holds {} elements, its last one would be number {last}", a.len());
}

/// As `gemm_panel`, for only the first `width` columns, with the same bits there: the last panel of 212 neurons needs a
/// half of one. Columns from the next multiple of 16 on, at least from 32 on, are unchanged, or 0 without `accumulate`.
#[allow(clippy::too_many_arguments)]
pub fn gemm_columns<F: Element>(
    level: SimdLevel,
    width: usize,
    m: usize,
    k: usize,
    a: &[F],
    a_row_stride: usize,
    a_col_stride: usize,
    b: &[F],
    c: &mut [F],
    accumulate: bool,
) {
    let columns = computed_columns(width);
    if columns == PANEL || m == 0 || k == 0 {
        return gemm_panel(level, m, k, a, a_row_stride, a_col_stride, b, c, accumulate);
    }
    check(m, k, [a, b, c], [a_row_stride, a_col_stride]);
    begin_columns(columns, m, c, accumulate);
    dispatch(level, Gemm { m, k, a, a_row_stride, a_col_stride, b, c, columns, accumulate });
}

/// Half of a panel, three quarters, or all of it.
fn computed_columns(width: usize) -> usize {
    width.next_multiple_of(16).clamp(PANEL / 2, PANEL)
}

/// Sets the columns to 0 that a narrower product does not write, if it does not accumulate.
fn begin_columns<F: Element>(columns: usize, rows: usize, c: &mut [F], accumulate: bool) {
    if !accumulate && columns < PANEL {
        c.chunks_exact_mut(PANEL).take(rows).for_each(|row| row[columns..].fill(F::ZERO));
    }
}

/// The gradient with respect to one panel of 64 inputs: `dx[rows][64] (+)= Σ_o grad[r][o] wᵀ[o][64]`, outputs `o`
/// ascending. `grad` gives a panel of the gradient, `[rows][64]`. `weights_transposed` is one panel `[outputs][64]` of
/// `transpose_weights`, of which the first `width` inputs exist; the others are unchanged, or 0 without accumulation.
#[allow(clippy::too_many_arguments)]
pub fn input_gradient_panel<'a, F: Element>(
    level: SimdLevel,
    width: usize,
    rows: usize,
    outputs: usize,
    grad: impl Fn(usize) -> &'a [F],
    weights_transposed: &[F],
    dx: &mut [F],
    accumulate: bool,
) {
    assert!(weights_transposed.len() >= outputs * PANEL, "transposed weights are not [{outputs}][64]");
    if outputs == 0 && !accumulate {
        dx[..rows * PANEL].fill(F::ZERO);
    }
    let piece = |p: usize| {
        let first = p * PANEL;
        (PANEL.min(outputs - first), grad(p), &weights_transposed[first * PANEL..])
    };
    assert!(dx.len() >= rows * PANEL, "dx holds {} elements, not [{rows}][64]", dx.len());
    let columns = computed_columns(width);
    begin_columns(columns, rows, dx, accumulate);
    let at_once = if rows > FEW_ROWS { deep::<F>() / PANEL } else { PIECES };
    for rows in ranges(rows, ROWS) {
        for first in (0..panels(outputs)).step_by(at_once) {
            let count = at_once.min(panels(outputs) - first);
            let mut pieces = [Piece { depth: 0, a: std::ptr::null(), b: std::ptr::null() }; PIECES];
            for (p, to) in pieces[..count].iter_mut().enumerate() {
                let (depth, a, b) = piece(first + p);
                let available = a.len() / PANEL;
                assert!(available >= rows.end, "a gradient panel of {available} rows, not {}", rows.end);
                *to = Piece { depth, a: a[rows.start * PANEL..].as_ptr(), b: b.as_ptr() };
            }
            let (pieces, accumulate) = (&pieces[..count], accumulate || first > 0);
            let c = &mut dx[rows.start * PANEL..rows.end * PANEL];
            dispatch(level, Pieces { rows: rows.len(), pieces, c, columns, accumulate });
        }
    }
}

/// Up to this number of rows the sums stay in registers over all outputs: for few rows, loading and storing them costs
/// more than reading the weights from L2 for every six rows.
const FEW_ROWS: usize = 48;
/// Panels of outputs that are multiplied at a time.
const PIECES: usize = 16;

/// Gradient panels of some outputs and their weights.
pub struct Pieces<'a, F> {
    rows: usize,
    pieces: &'a [Piece<F>],
    c: &'a mut [F],
    columns: usize,
    accumulate: bool,
}

impl<F: Element> Kernel<F> for Pieces<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Pieces { rows, pieces, columns, accumulate, .. } = self;
        let c = self.c.as_mut_ptr();
        let block = Block { rows, pieces, a_row_stride: PANEL, a_col_stride: 1, c, columns, accumulate };
        // SAFETY: the lengths were checked by `input_gradient_panel`, the instructions by the caller.
        unsafe {
            match strip::<V>(columns) {
                4 if const { V::REGISTERS >= 32 } => block.tiles::<V, 4>(),
                3 if const { V::REGISTERS >= 32 } => block.tiles::<V, 3>(),
                _ => block.tiles::<V, 2>(),
            }
        }
    }
}

/// Registers of a row that are summed together: as many as the CPU has, in whole strips.
fn strip<V: Lanes>(columns: usize) -> usize {
    match (V::REGISTERS >= 32, columns / V::WIDTH) {
        (true, 3) => 3,
        (true, count) if count.is_multiple_of(4) => 4,
        _ => 2,
    }
}

pub struct Gemm<'a, F> {
    m: usize,
    k: usize,
    a: &'a [F],
    a_row_stride: usize,
    a_col_stride: usize,
    b: &'a [F],
    c: &'a mut [F],
    /// The columns to compute: half of a panel, three quarters or all.
    columns: usize,
    accumulate: bool,
}

impl<F: Element> Kernel<F> for Gemm<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: the lengths were checked by `gemm_panel`, the instructions by the caller.
        unsafe {
            match strip::<V>(self.columns) {
                4 if const { V::REGISTERS >= 32 } => self.blocks::<V, 4>(),
                3 if const { V::REGISTERS >= 32 } => self.blocks::<V, 3>(),
                _ => self.blocks::<V, 2>(),
            }
        }
    }
}

impl<F: Element> Gemm<'_, F> {
    /// Blocks of rows, inside them blocks of depth: the sums of a block of rows stay in L2.
    #[inline(always)]
    unsafe fn blocks<V: Lanes<F = F>, const N: usize>(self) {
        // Not cleared: that would take a tenth of the time of a small product, and evict its weights from L1.
        let mut packed = MaybeUninit::uninit();
        // Columns of a row-major matrix: whole rows of it are best read at once. Strides of powers of two would map to
        // the same few lines of the L1 cache, so there the rows are copied.
        let columns = self.a_row_stride == 1 && self.a_col_stride > 1;
        let pack = columns && self.a_col_stride.is_multiple_of(256) && self.m > 6;
        let step = if pack { PACKED_ROWS } else { COLUMNS };
        let depth = match columns {
            true => DEPTH,
            false if self.m <= FEW_ROWS => self.k,
            false => deep::<F>(),
        };
        for rows in ranges(self.m, if columns { COLUMNS } else { ROWS }) {
            for depth in ranges(self.k, depth) {
                for part in ranges(rows.len(), step) {
                    let i = rows.start + part.start;
                    // SAFETY: row `i` and the depth lie inside the checked shapes.
                    unsafe {
                        let mut piece = Piece {
                            depth: depth.len(),
                            a: self.a.as_ptr().add(i * self.a_row_stride + depth.start * self.a_col_stride),
                            b: self.b.as_ptr().add(depth.start * PANEL),
                        };
                        if pack {
                            piece.pack(part.len(), self.a_col_stride, &mut packed);
                        }
                        let block = Block {
                            rows: part.len(),
                            pieces: std::slice::from_ref(&piece),
                            a_row_stride: self.a_row_stride,
                            a_col_stride: if pack { PACKED_ROWS } else { self.a_col_stride },
                            c: self.c.as_mut_ptr().add(i * PANEL),
                            columns: self.columns,
                            accumulate: self.accumulate || depth.start > 0,
                        };
                        block.tiles::<V, N>();
                    }
                }
            }
        }
    }
}

/// Rows of `B` in `DEEP_BYTES`: two panels of outputs in f32.
const fn deep<F>() -> usize {
    DEEP_BYTES / (PANEL * size_of::<F>())
}

/// `0..len` in pieces of `step`.
#[inline(always)]
fn ranges(len: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len.div_ceil(step)).map(move |i| i * step..((i + 1) * step).min(len))
}

/// A part of the depth: columns of `A` and as many rows of `B`.
#[derive(Clone, Copy)]
struct Piece<F> {
    depth: usize,
    a: *const F,
    b: *const F,
}

/// Steps of the depth, `PACKED_ROWS` apart; only the steps that a block reads are written.
type Packed<F> = MaybeUninit<[F; PACKED_ROWS * DEPTH]>;

impl<F: Element> Piece<F> {
    /// Copies `A`, whose `rows` rows are contiguous, such that a step of depth is `PACKED_ROWS` apart.
    ///
    /// # Safety
    /// `rows` contiguous elements lie at each step of the depth; the destination has enough elements.
    #[inline(always)]
    unsafe fn pack(&mut self, rows: usize, col_stride: usize, packed: &mut Packed<F>) {
        debug_assert!(rows <= PACKED_ROWS && self.depth <= DEPTH);
        let packed = packed.as_mut_ptr().cast::<F>();
        for kk in 0..self.depth {
            // SAFETY: by the contract.
            unsafe {
                let (from, to) = (self.a.add(kk * col_stride), packed.add(kk * PACKED_ROWS));
                match rows {
                    // A constant length becomes vector moves instead of a call.
                    PACKED_ROWS => std::ptr::copy_nonoverlapping(from, to, PACKED_ROWS),
                    _ => std::ptr::copy_nonoverlapping(from, to, rows),
                }
                for line in (0..PACKED_ROWS).step_by(64 / size_of::<F>()) {
                    prefetch(from.wrapping_add(PACKED_ROWS + line));
                }
            }
        }
        self.a = packed;
    }
}

/// Rows of `A` and `C`, and the pieces of the depth, ascending, over which their sums are taken.
struct Block<'a, F> {
    rows: usize,
    pieces: &'a [Piece<F>],
    a_row_stride: usize,
    a_col_stride: usize,
    c: *mut F,
    columns: usize,
    accumulate: bool,
}

/// The constructor's caller guarantees every element within its rows, depth and columns; the callers of its functions
/// guarantee the instructions of `V`.
impl<F: Element> Block<'_, F> {
    /// Tiles of up to six rows by `N` registers, which are whole strips of the columns: 6 × 4 of 32 registers, 6 × 2 of 16.
    #[inline(always)]
    unsafe fn tiles<V: Lanes<F = F>, const N: usize>(&self) {
        let most = if V::SPECIAL { 6 } else { 1 };
        // With fewer than four rows, too few sums are independent of each other; then all tiles share the rows.
        let shared = (1..4).contains(&(self.rows % most));
        let mut i = 0;
        for left in (1..=self.rows.div_ceil(most)).rev() {
            let count = if shared { (self.rows - i).div_ceil(left) } else { most.min(self.rows - i) };
            for column in (0..self.columns).step_by(Strip::<V, N>::WIDTH) {
                // SAFETY: the tile lies within the block.
                unsafe {
                    match count {
                        _ if const { !V::SPECIAL } => self.tile::<V, 1, N>(i, column),
                        ..=1 => self.tile::<V, 1, N>(i, column),
                        2 => self.tile::<V, 2, N>(i, column),
                        3 => self.tile::<V, 3, N>(i, column),
                        4 => self.tile::<V, 4, N>(i, column),
                        5 => self.tile::<V, 5, N>(i, column),
                        _ => self.tile::<V, 6, N>(i, column),
                    }
                }
            }
            i += count;
        }
    }

    #[inline(always)]
    unsafe fn tile<V: Lanes<F = F>, const M: usize, const N: usize>(&self, row: usize, column: usize) {
        // SAFETY: rows `row..row + M` and the strip at `column` lie within the block.
        unsafe {
            let c = self.c.add(row * PANEL + column);
            let mut sums = [Strip::<V, N>::splat(F::ZERO); M];
            if self.accumulate {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = Strip::load(c.add(i * PANEL));
                }
            }
            for piece in self.pieces {
                let (mut a, mut b) = (piece.a.add(row * self.a_row_stride), piece.b.add(column));
                for line in ranges(piece.depth, 64 / size_of::<F>()) {
                    if self.a_col_stride == 1 && column == 0 {
                        // Prefetches the rows of the next tile, which may not be in cache, one line of each at a time.
                        (M..2 * M).for_each(|i| prefetch(a.wrapping_add(i * self.a_row_stride)));
                    }
                    for _ in line {
                        let w = Strip::load(b);
                        for (i, sum) in sums.iter_mut().enumerate() {
                            sum.mul_add(V::splat(*a.add(i * self.a_row_stride)), &w);
                        }
                        // The last step leaves the slices, hence no `add`: the pointers are not dereferenced there.
                        a = a.wrapping_add(self.a_col_stride);
                        b = b.wrapping_add(PANEL);
                    }
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                sum.store(c.add(i * PANEL));
            }
        }
    }
}
