//! From one order of a row to the other.

use super::lanes::Element;

/// Rows and columns that are turned together: a cache line each way.
const BLOCK: usize = 16;

/// `to[column][row] = from[row][column]`
pub fn transpose<F: Element>(from: &[F], [rows, columns]: [usize; 2], to: &mut [F]) {
    assert!(from.len() == rows * columns && to.len() == rows * columns, "a matrix of {rows} x {columns}");
    for first_row in (0..rows).step_by(BLOCK) {
        for first in (0..columns).step_by(BLOCK) {
            let count = BLOCK.min(rows - first_row);
            for column in first..columns.min(first + BLOCK) {
                let to = &mut to[column * rows + first_row..][..count];
                let from = from[first_row * columns + column..].iter().step_by(columns);
                to.iter_mut().zip(from).for_each(|(to, &x)| *to = x);
            }
        }
    }
}
