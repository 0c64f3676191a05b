//! What enters a port in one step: the sum of the spikes that arrive, noise, and currents.

use super::at_level::Work;
use super::inputs::{InputKind, Steps};
use super::numbering::BLOCK;
use super::poisson::PoissonCounts;
use super::precision::Precision;
use crate::rng::Rng;
use crate::simd::SimdLevel;
use std::ops::Range;

/// Events of a Poisson train in one step, at most: beyond that a normal current says the same.
pub const MOST_EVENTS: f64 = 500.0;

/// What enters a port of some neurons, counted in their population.
pub struct Driven<F> {
    pub port: usize,
    pub neurons: Range<usize>,
    pub drive: Drive<F>,
}

/// An input ready to be added. Random numbers are counted by step and block of 64 neurons.
pub enum Drive<F> {
    /// From which step on which of the counts.
    Poisson {
        begins: Vec<(u64, usize)>,
        counts: Vec<PoissonCounts>,
        weight: F,
        rng: Rng,
    },
    Normal {
        mean: F,
        sd: F,
        rng: Rng,
    },
    Current {
        begins: Vec<u64>,
        values: Vec<F>,
        width: usize,
    },
}

impl<F: Precision> Drive<F> {
    pub fn new(kind: &InputKind, seed: u64, stream: u64) -> Self {
        let rng = Rng::new(seed, stream);
        let real = <F as crate::Real>::from_f64;
        match kind {
            InputKind::Poisson { mean, weight } => {
                // Times of the same rate share their counts.
                let mut means: Vec<f64> = Vec::new();
                let of = |&mean: &f64| {
                    means.iter().position(|&known| known == mean).unwrap_or_else(|| {
                        means.push(mean);
                        means.len() - 1
                    })
                };
                let which: Vec<usize> = mean.values.iter().map(of).collect();
                let apart = Rng::new(seed, stream | 1 << 63);
                Drive::Poisson {
                    begins: mean.begins.iter().copied().zip(which).collect(),
                    counts: means.into_iter().map(|mean| PoissonCounts::new(mean, apart)).collect(),
                    weight: real(*weight),
                    rng,
                }
            }
            InputKind::Normal { mean, sd } => Drive::Normal { mean: real(*mean), sd: real(*sd), rng },
            InputKind::Current(Steps { begins, values, width }) => Drive::Current {
                begins: begins.clone(),
                values: values.iter().map(|&x| real(x)).collect(),
                width: *width,
            },
        }
    }
}

/// Fills the buffer of one port for a run of blocks.
pub struct Fill<'a, F: Precision> {
    pub buffer: &'a mut [F],
    /// Accumulators, which are cleared, and their unit.
    pub sums: Option<(&'a mut [F::Sum], F)>,
    pub drives: &'a [Driven<F>],
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
        for Driven { neurons, drive, .. } in drives.iter().filter(|driven| driven.port == port) {
            for (i, lanes) in buffer.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let block = block + i * stride;
                let (number, first) = (step * blocks as u64 + block as u64, block * BLOCK);
                if neurons.start <= first && first + BLOCK <= neurons.end {
                    add(drive, level, number, step, first as isize - neurons.start as isize, lanes);
                } else if neurons.start < first + BLOCK && first < neurons.end {
                    // Some of the block: the others keep what they have.
                    let within = neurons.start.max(first) - first..neurons.end.min(first + BLOCK) - first;
                    let mut all = *lanes;
                    add(drive, level, number, step, first as isize - neurons.start as isize, &mut all);
                    lanes[within.clone()].copy_from_slice(&all[within]);
                }
            }
        }
    }
}

/// `first`: the first lane as the input counts its neurons; below 0 where it is none of them.
#[inline(always)]
fn add<F: Precision>(
    drive: &Drive<F>,
    level: SimdLevel,
    number: u64,
    step: u64,
    first: isize,
    lanes: &mut [F; BLOCK],
) {
    match drive {
        Drive::Poisson { begins, counts, weight, rng } => {
            let since = begins.partition_point(|&(begin, _)| begin <= step);
            if since > 0 {
                let counts = counts[begins[since - 1].1].draw(level, rng, number);
                lanes.iter_mut().zip(&counts).for_each(|(x, &count)| *x += F::of_count(count) * *weight);
            }
        }
        Drive::Normal { mean, sd, rng } => {
            let (radii, angles) = (rng.words_64(number * 32), rng.words_64(number * 32 + 16));
            let (minus_two, turn) = (F::constant(-2.0), F::constant(2.0 * std::f64::consts::PI));
            for ((x, &radius), &angle) in lanes.iter_mut().zip(&radii).zip(&angles) {
                // Box and Muller; the engine's own functions, for the same bits everywhere.
                let radius = crate::expr::Lane::sqrt(F::unit(radius).ln() * minus_two);
                *x += *mean + *sd * (radius * (F::unit(angle) * turn).cos());
            }
        }
        Drive::Current { begins, values, width } => {
            let since = begins.partition_point(|&begin| begin <= step);
            if since == 0 {
                return;
            }
            let values = &values[(since - 1) * width..][..*width];
            match values {
                [value] => lanes.iter_mut().for_each(|x| *x += *value),
                _ => {
                    let ahead = (-first).max(0) as usize;
                    let own = values.iter().skip(first.max(0) as usize);
                    lanes.iter_mut().skip(ahead).zip(own).for_each(|(x, &value)| *x += value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::at_level::at_level;

    fn draws(drive: Drive<f32>, level: SimdLevel, steps: u64) -> Vec<f32> {
        let drives = [Driven { port: 0, neurons: 0..256, drive }];
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
            let make = || Drive::new(&InputKind::Poisson { mean: Steps::constant(mean), weight: 1.0 }, 5, 1);
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

    #[test]
    fn some_neurons_get_values_of_their_own_over_time() {
        let steps = Steps { begins: vec![1, 3], values: (0..200).map(f64::from).collect(), width: 100 };
        let drives = [Driven {
            port: 0,
            neurons: 70..170,
            drive: Drive::<f64>::new(&InputKind::Current(steps), 0, 0),
        }];
        for (step, from) in [(0, None), (1, Some(0)), (2, Some(0)), (3, Some(100)), (90, Some(100))] {
            let mut buffer = vec![0.5; 256];
            let fill = Fill {
                buffer: &mut buffer,
                sums: None,
                drives: &drives,
                port: 0,
                step,
                block: 0,
                stride: 1,
                blocks: 4,
                level: SimdLevel::Portable,
            };
            at_level(SimdLevel::Portable, fill);
            for (neuron, &x) in buffer.iter().enumerate() {
                let own = from.filter(|_| (70..170).contains(&neuron));
                assert_eq!(x, own.map_or(0.0, |from| (from + neuron - 70) as f64), "{step} {neuron}");
            }
        }
    }

    #[test]
    fn rates_change_at_their_times() {
        let mean = Steps { begins: vec![2, 4, 6], values: vec![3.0, 0.0, 3.0], width: 1 };
        let x = draws(Drive::new(&InputKind::Poisson { mean, weight: 1.0 }, 5, 1), SimdLevel::Portable, 8);
        let sums: Vec<f32> = x.chunks(256).map(|step| step.iter().sum()).collect();
        for (step, &sum) in sums.iter().enumerate() {
            let expected = if matches!(step, 2 | 3 | 6 | 7) { 768.0f32 } else { 0.0 };
            assert!((sum - expected).abs() <= 5.0 * expected.sqrt(), "{step}: {sum}");
        }
    }
}
