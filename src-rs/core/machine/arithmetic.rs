//! Arithmetic on values that stay in registers or in the first-level cache.

use crate::repeated::rate;
use lapicque_base::SimdLevel;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::Result;
use lapicque_base::rng::{Eight, Rng};
use lapicque_expr::functions::single::exp_near;
use std::hint::black_box;

/// Of the widest vectors: 16 numbers.
const WIDTH: usize = 16;
/// Sums that wait for nothing of each other: enough to hide the latency of two units of four cycles, and few enough for the
/// registers of AVX2, whose vectors are half as wide.
const CHAINS: usize = 12;
const LENGTH: usize = 2048;

struct MultiplyAdds<'a> {
    x: &'a [[f32; 2]; LENGTH / 4],
    weights: &'a [[f32; WIDTH]; LENGTH / 4],
    sums: &'a mut [[f32; WIDTH]; CHAINS / 2],
    more: &'a mut [[f32; WIDTH]; CHAINS / 2],
}

impl Work for MultiplyAdds<'_> {
    type Output = ();

    /// As the inner loop of a matrix product: rows of weights, each multiplied by some numbers.
    #[inline(always)]
    fn run(self) {
        let (mut sums, mut more) = (*self.sums, *self.more);
        for (&[a, b], weights) in self.x.iter().zip(self.weights) {
            for k in 0..CHAINS / 2 {
                for i in 0..WIDTH {
                    sums[k][i] = weights[i].mul_add(a, sums[k][i]);
                    more[k][i] = weights[i].mul_add(b, more[k][i]);
                }
            }
        }
        *self.sums = sums;
        *self.more = more;
    }
}

pub fn multiply_adds(threads: usize, level: SimdLevel) -> Result<f64> {
    let flop = 2.0 * (LENGTH / 4 * CHAINS * WIDTH) as f64;
    rate(
        threads,
        flop,
        |_| Ok((Box::new([[0.5; 2]; LENGTH / 4]), Box::new([[1e-3; WIDTH]; LENGTH / 4]))),
        |(x, weights)| {
            let (mut sums, mut more) = ([[0.0; WIDTH]; CHAINS / 2], [[1.0; WIDTH]; CHAINS / 2]);
            at_level(level, MultiplyAdds { x: black_box(x), weights, sums: &mut sums, more: &mut more });
            black_box((&sums, &more));
        },
    )
}

struct Each<'a, F> {
    x: &'a mut [f32; LENGTH],
    of: F,
}

impl<F: Fn(f32) -> f32> Work for Each<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for x in self.x {
            *x = (self.of)(*x);
        }
    }
}

pub fn exponentials(threads: usize, level: SimdLevel) -> Result<f64> {
    // e^x - 1 of -1 to 0 is between -1 and 0 again. The function for numbers near 0 is the fastest that the engine has.
    each(
        threads,
        level,
        #[inline(always)]
        |x: f32| exp_near(x) - 1.0,
    )
}

pub fn divisions(threads: usize, level: SimdLevel) -> Result<f64> {
    each(
        threads,
        level,
        #[inline(always)]
        |x: f32| -0.5 / x,
    )
}

fn each(threads: usize, level: SimdLevel, of: impl Fn(f32) -> f32 + Copy + Sync) -> Result<f64> {
    rate(
        threads,
        LENGTH as f64,
        |_| Ok(Box::new([-0.7; LENGTH])),
        |x| at_level(level, Each { x: black_box(x), of }),
    )
}

pub fn random_words(threads: usize, level: SimdLevel) -> Result<f64> {
    let runs = 64;
    rate(
        threads,
        (runs * 32) as f64,
        |thread| Ok((Rng::new(1, thread as u64), vec![Eight::ZERO; runs])),
        |(rng, words)| {
            rng.fill(level, 0, 8 * runs as u64, runs, words);
            black_box(words);
        },
    )
}
