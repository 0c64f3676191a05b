//! What enters a port in one step: the sum of the spikes that arrive, noise, and currents.

use super::at_level::Work;
use super::inputs::InputKind;
use super::numbering::BLOCK;
use super::poisson::{PoissonCounts, TOGETHER};
use super::precision::Precision;
use crate::rng::{Eight, Rng};
use crate::simd::SimdLevel;

/// Events of a Poisson train in one step, at most: beyond that a normal current says the same.
pub const MOST_EVENTS: f64 = 500.0;

/// An input ready to be added. Random numbers are counted by step and block of 64 neurons.
pub enum Drive<F> {
    Poisson { counts: PoissonCounts, weight: F, rng: Rng },
    Normal { mean: F, sd: F, rng: Rng },
    Current(Vec<(u64, F)>),
}

impl<F: Precision> Drive<F> {
    pub fn new(kind: &InputKind, seed: u64, stream: u64) -> Self {
        let rng = Rng::new(seed, stream);
        let real = <F as crate::Real>::from_f64;
        match kind {
            InputKind::Poisson { mean, weight } => {
                let counts = PoissonCounts::new(*mean, Rng::new(seed, stream | 1 << 63));
                Drive::Poisson { counts, weight: real(*weight), rng }
            }
            InputKind::Normal { mean, sd } => Drive::Normal { mean: real(*mean), sd: real(*sd), rng },
            InputKind::Current(steps) => {
                Drive::Current(steps.iter().map(|&(step, x)| (step, real(x))).collect())
            }
        }
    }
}

/// Fills the buffer of one port for a run of blocks.
pub struct Fill<'a, F: Precision> {
    pub buffer: &'a mut [F],
    /// Accumulators, which are cleared, and their unit.
    pub sums: Option<(&'a mut [F::Sum], F)>,
    pub drives: &'a [(usize, Drive<F>)],
    pub port: usize,
    pub step: u64,
    /// The first block in the population, how far it is to the next one, and how many blocks the
    /// population has.
    pub block: usize,
    pub stride: usize,
    pub blocks: usize,
    pub level: SimdLevel,
}

impl<F: Precision> Work for Fill<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Fill { buffer, sums, drives, port, step, block, stride, blocks, level } = self;
        match sums {
            Some((sums, unit)) => {
                for (x, sum) in buffer.iter_mut().zip(sums) {
                    *x = F::of_sum(*sum) * unit;
                    *sum = F::Sum::default();
                }
            }
            None => buffer.fill(<F as crate::Real>::ZERO),
        }
        for (_, drive) in drives.iter().filter(|(to, _)| *to == port) {
            let mut number = step * blocks as u64 + block as u64;
            for lanes in buffer.chunks_mut(TOGETHER * BLOCK) {
                add(drive, level, number, stride as u64, step, lanes);
                number += (TOGETHER * stride) as u64;
            }
        }
    }
}

/// To up to eight blocks of lanes. The first one's random numbers are counted by `number`, those of each
/// further one by `stride` more.
#[inline(always)]
fn add<F: Precision>(
    drive: &Drive<F>,
    level: SimdLevel,
    number: u64,
    stride: u64,
    step: u64,
    lanes: &mut [F],
) {
    match drive {
        Drive::Poisson { counts, weight, rng } => {
            let mut drawn = [[0; BLOCK]; TOGETHER];
            let drawn = &mut drawn[..lanes.len() / BLOCK];
            counts.draw(level, rng, number, stride, drawn);
            for (x, &count) in lanes.iter_mut().zip(drawn.as_flattened()) {
                *x += F::of_count(count) * *weight;
            }
        }
        Drive::Normal { mean, sd, rng } => {
            /// Two numbers come from one pair of words.
            const PAIRS: usize = BLOCK / 2;
            let mut bits = [Eight::ZERO; 2 * TOGETHER];
            let bits = &mut bits[..2 * lanes.len() / BLOCK];
            rng.fill(level, number * 16, stride * 16, 2, bits);
            let constant = |x: f64| F::constant(x);
            let (minus_two, turn) = (constant(-2.0), constant(2.0 * std::f64::consts::PI));
            let quarter = constant(std::f64::consts::FRAC_PI_2);
            for (lanes, [radii, angles]) in lanes.as_chunks_mut::<BLOCK>().0.iter_mut().zip(bits.as_chunks().0)
            {
                // Box and Muller; the engine's own functions, for the same bits everywhere.
                let (cosines, sines) = lanes.split_at_mut(PAIRS);
                for i in 0..PAIRS {
                    let radius = crate::expr::Lane::sqrt(F::unit(radii.0[i]).ln() * minus_two);
                    let angle = F::unit(angles.0[i]) * turn;
                    cosines[i] += *mean + *sd * (radius * angle.cos());
                    sines[i] += *mean + *sd * (radius * (angle - quarter).cos());
                }
            }
        }
        Drive::Current(steps) => {
            let since = steps.partition_point(|&(begin, _)| begin <= step);
            if since > 0 {
                let value = steps[since - 1].1;
                lanes.iter_mut().for_each(|x| *x += value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::at_level::at_level;

    fn draws(drive: Drive<f32>, level: SimdLevel, steps: u64) -> Vec<f32> {
        let drives = [(0, drive)];
        let mut all = Vec::new();
        for step in 0..steps {
            let mut buffer = vec![0.0; 256];
            let fill = Fill {
                buffer: &mut buffer,
                sums: None,
                drives: &drives,
                port: 0,
                step,
                block: 0,
                stride: 1,
                blocks: 4,
                level,
            };
            at_level(level, fill);
            all.extend(buffer);
        }
        all
    }

    fn levels() -> impl Iterator<Item = SimdLevel> {
        SimdLevel::ALL.into_iter().filter(|level| level.is_supported())
    }

    fn moments(x: &[f32]) -> [f64; 2] {
        let n = x.len() as f64;
        let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        [mean, x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n]
    }

    #[test]
    fn poisson_counts_have_their_distribution() {
        for mean in [0.02, 1.6, 2.0, 40.0, 300.0] {
            let make = || Drive::new(&InputKind::Poisson { mean, weight: 1.0 }, 5, 1);
            let x = draws(make(), SimdLevel::Portable, 400);
            let n = x.len() as f64;
            let [average, variance] = moments(&x);
            assert!((average - mean).abs() < 5.0 * (mean / n).sqrt(), "{mean}: {average}");
            let spread = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!((variance - mean).abs() < 5.0 * spread, "{mean}: variance {variance}");
            let zeros = x.iter().filter(|&&x| x == 0.0).count() as f64 / n;
            let p = (-mean).exp();
            assert!((zeros - p).abs() <= 5.0 * (p * (1.0 - p) / n).sqrt());
            assert!(levels().all(|level| draws(make(), level, 400) == x));
        }
    }

    #[test]
    fn normal_currents_have_their_moments_at_every_level() {
        let make = || Drive::new(&InputKind::Normal { mean: 0.5, sd: 2.0 }, 5, 1);
        let x = draws(make(), SimdLevel::Portable, 800);
        let [average, variance] = moments(&x);
        let n = x.len() as f64;
        assert!((average - 0.5).abs() < 5.0 * 2.0 / n.sqrt());
        assert!((variance - 4.0).abs() < 5.0 * 4.0 * (2.0 / n).sqrt());
        let fourth = x.iter().map(|&x| ((f64::from(x) - 0.5) / 2.0).powi(4)).sum::<f64>() / n;
        assert!((fourth - 3.0).abs() < 5.0 * (96.0 / n).sqrt());
        assert!(levels().all(|level| draws(make(), level, 800) == x));
    }
}
