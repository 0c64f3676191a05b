//! What memory delivers to all threads together.

use crate::repeated::rate;
use lapicque_base::SimdLevel;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Result, try_vec};
use std::hint::black_box;

/// Of each of the two arrays of a thread, four fifths of which no cache holds.
const HALF: usize = 64 << 20;
pub const BYTES: usize = 2 * HALF;
const WIDTH: usize = 64;

struct Sum<'a>(&'a [f32]);

impl Work for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run(self) -> f32 {
        let mut sums = [0.0; WIDTH];
        for chunk in self.0.as_chunks::<WIDTH>().0 {
            for i in 0..WIDTH {
                sums[i] += chunk[i];
            }
        }
        sums.iter().sum()
    }
}

/// Bytes read, and bytes read and written by a copy, in a second.
pub fn bandwidths(threads: usize, level: SimdLevel) -> Result<[f64; 2]> {
    let array = || try_vec("an array", HALF / size_of::<f32>(), 1.0_f32);
    let read = rate(
        threads,
        HALF as f64,
        |_| array(),
        |x| {
            black_box(at_level(level, Sum(black_box(x))));
        },
    )?;
    let copy = rate(
        threads,
        2.0 * HALF as f64,
        |_| Ok((array()?, array()?)),
        |(from, to)| {
            to.copy_from_slice(black_box(from));
            black_box(to);
        },
    )?;
    Ok([read, copy])
}
