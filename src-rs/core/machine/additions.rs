//! Event-driven additions: whole rows of weights for a layer, single weights to random entries for a large network.

use crate::repeated::rate;
use lapicque_base::SimdLevel;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Result, try_vec};
use lapicque_base::rng::Rng;
use std::hint::black_box;

/// Numbers of a row; their sums stay in registers.
const ROW: usize = 128;
/// Additions of a call.
const LIST: usize = 1 << 16;
pub const LIST_BYTES: usize = LIST * 8;

struct Rows<'a> {
    table: &'a [[f32; ROW]],
    order: &'a [u32],
    sums: &'a mut [f32; ROW],
}

impl Work for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut sums = *self.sums;
        for &row in self.order {
            let row = &self.table[row as usize];
            for i in 0..ROW {
                sums[i] += row[i];
            }
        }
        *self.sums = sums;
    }
}

/// Additions of rows of a table of `bytes`, in random order.
pub fn rows(threads: usize, level: SimdLevel, bytes: usize) -> Result<f64> {
    let rows = bytes / size_of::<[f32; ROW]>();
    let order = LIST / ROW * 8;
    rate(
        threads,
        (order * ROW) as f64,
        |thread| Ok((try_vec("a table of weights", rows, [1e-3; ROW])?, indices(thread, order, rows)?)),
        |(table, order)| {
            let mut sums = [0.0; ROW];
            at_level(level, Rows { table: black_box(table), order, sums: &mut sums });
            black_box(&sums);
        },
    )
}

/// Additions to random entries of a table of `bytes`. No level has an instruction for it that is faster than single ones.
pub fn scattered(threads: usize, bytes: usize) -> Result<f64> {
    let entries = bytes / size_of::<f32>();
    rate(
        threads,
        LIST as f64,
        |thread| {
            let weights = try_vec("weights", LIST, 1e-3_f32)?;
            Ok((try_vec("sums", entries, 0.0_f32)?, indices(thread, LIST, entries)?, weights))
        },
        |(sums, targets, weights)| {
            let sums = black_box(sums);
            for (&target, &weight) in targets.iter().zip(weights.iter()) {
                sums[target as usize] += weight;
            }
        },
    )
}

/// `count` random indices in `0..below`.
fn indices(thread: usize, count: usize, below: usize) -> Result<Vec<u32>> {
    let rng = Rng::new(2, thread as u64);
    let mut indices = try_vec("indices", count, 0_u32)?;
    for (i, index) in indices.iter_mut().enumerate() {
        *index = ((u64::from(rng.u32_at(i as u64)) * below as u64) >> 32) as u32;
    }
    Ok(indices)
}
