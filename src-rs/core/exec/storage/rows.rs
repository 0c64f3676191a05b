//! Rows of values: dividing them into tasks, visiting and counting them.

use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use lapicque_projection::Element;

/// Number of values that a task counts.
const TASK_VALUES: usize = 1 << 16;

/// Number of values that are not zero.
pub(crate) fn nonzero<F: Element>(values: &[F]) -> u64 {
    // Counts within a short chunk are as narrow as the values, so that several are added at once.
    let count_nonzero =
        |values: &[F]| u64::from(values.iter().map(|&x| u32::from(x != F::ZERO)).sum::<u32>());
    let tasks = values.chunks(TASK_VALUES).collect();
    parallel::map(tasks, |values| values.chunks(1 << 10).map(count_nonzero).sum::<u64>()).into_iter().sum()
}

/// Calls `visit` for each row of samples that exist, ascending.
pub(crate) fn each_row(g: &Geometry, mut visit: impl FnMut(usize, [usize; 3])) {
    for tile in 0..g.tiles {
        for step in 0..g.steps {
            for sample in 0..g.valid(tile) {
                visit(g.row(tile, step) + sample, [tile, step, sample]);
            }
        }
    }
}

/// Maximum number of rows per task; of elements per task, if rows are long; and minimum number of tasks, if rows are
/// few. So all threads finish at about the same time.
const TASK_ROWS: usize = 64;

const TASK_ELEMENTS: usize = 1 << 16;

const TASKS: usize = 8;

/// Divides rows into tasks `(tile, first step, rows)`.
pub fn row_tasks<'a, T>(values: &'a mut [T], g: &Geometry, size: usize) -> Vec<(usize, usize, &'a mut [T])> {
    let rows = TASK_ROWS.min(TASK_ELEMENTS / size.max(1)).min(g.rows().div_ceil(TASKS));
    let steps = (rows / g.tile).clamp(1, g.steps);
    let mut tasks = Vec::new();
    for (tile, values) in values.chunks_mut((g.tile_rows() * size).max(1)).enumerate() {
        for (block, values) in values.chunks_mut(steps * g.tile * size).enumerate() {
            tasks.push((tile, block * steps, values));
        }
    }
    tasks
}
