//! Transposes rows between orders; squares of a register's width are transposed in registers.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

pub(crate) use crate::simd::registers::WIDEST;

/// `to[column][row] = from[row][column]`
pub fn transpose<F: Element>(level: SimdLevel, from: &[F], [rows, columns]: [usize; 2], to: &mut [F]) {
    assert!(from.len() == rows * columns && to.len() == rows * columns, "a matrix of {rows} x {columns}");
    dispatch(level, Transpose { from, stride: columns, rows, columns, to });
}

/// As [`transpose`], for the first `columns` of rows that are `stride` elements apart; `from` may continue after them.
pub(crate) fn transpose_columns<F: Element>(
    level: SimdLevel,
    from: &[F],
    stride: usize,
    [rows, columns]: [usize; 2],
    to: &mut [F],
) {
    assert!(columns <= stride && from.len() >= rows * stride, "{columns} columns of {rows} rows");
    assert!(to.len() == rows * columns, "{rows} rows of {columns} columns");
    dispatch(level, Transpose { from, stride, rows, columns, to });
}

/// `from` has `rows` of `stride` elements, `to` `rows` elements for each of the columns.
pub struct Transpose<'a, F> {
    from: &'a [F],
    stride: usize,
    rows: usize,
    columns: usize,
    to: &'a mut [F],
}

impl<F: Element> Kernel<F> for Transpose<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Transpose { from, stride, rows, columns, to } = self;
        let [last_row, last_column] = [rows, columns].map(|n| n.saturating_sub(V::WIDTH));
        // The source was written recently and is in cache; the destination is not. So the rows of the destination are
        // written sequentially.
        for column in (0..columns).step_by(V::WIDTH).map(|column| column.min(last_column)) {
            for row in (0..rows).step_by(V::WIDTH).map(|row| row.min(last_row)) {
                let (height, width) = (V::WIDTH.min(rows - row), V::WIDTH.min(columns - column));
                let read = (row + height - 1) * stride + column + V::WIDTH;
                let written = (column + width - 1) * rows + row + V::WIDTH;
                if read > from.len() || written > to.len() {
                    transpose_elements(from, stride, row..row + height, column..column + width, rows, to);
                    continue;
                }
                // SAFETY: whole registers are within both slices, as was just checked for the last of each; the caller
                // guarantees the instructions. With fewer rows than register elements, the excess of a store goes into
                // later columns, which are stored afterwards.
                unsafe {
                    let from = from.as_ptr().add(row * stride + column);
                    let to = to.as_mut_ptr().add(column * rows + row);
                    let mut square = [V::splat(F::ZERO); WIDEST];
                    for (i, register) in square[..V::WIDTH].iter_mut().enumerate() {
                        if i < height {
                            *register = V::load(from.add(i * stride));
                        }
                    }
                    transpose_square(&mut square);
                    for (i, register) in square[..V::WIDTH].iter().enumerate() {
                        if i < width {
                            register.store(to.add(i * rows));
                        }
                    }
                }
            }
        }
    }
}

/// Transposes a square of registers: in each round, row `i` and row `i + WIDTH / 2` are interleaved; there are
/// log2(WIDTH) rounds.
///
/// # Safety
/// The CPU has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn transpose_square<V: Lanes>(square: &mut [V; WIDEST]) {
    // SAFETY: the caller guarantees the instructions of `V`.
    if let Some(transposed) = unsafe { V::transposed(square) } {
        return *square = transposed;
    }
    let mut done = 1;
    while done < V::WIDTH {
        let before = *square;
        for i in 0..V::WIDTH / 2 {
            // SAFETY: the caller guarantees the instructions of `V`.
            let [first, second] = unsafe { before[i].interleave(before[i + V::WIDTH / 2]) };
            (square[2 * i], square[2 * i + 1]) = (first, second);
        }
        done *= 2;
    }
}

#[inline(always)]
fn transpose_elements<F: Copy>(
    from: &[F],
    stride: usize,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    height: usize,
    to: &mut [F],
) {
    for column in columns {
        for row in rows.clone() {
            to[column * height + row] = from[row * stride + column];
        }
    }
}
