//! The input of a port in one step: the sum of arriving spikes, noise, and currents.

use super::poisson_blocks::{PoissonCounts, TOGETHER};
use super::poisson_per_neuron::OwnCounts;
use super::presampled_poisson::PresampledPoisson;
use crate::plan::inputs::{InputKind, Steps};
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use lapicque_base::at_level::Work;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;
use std::ops::Range;

/// The input of a port of some neurons, which are counted in their population.
pub struct Driven<F> {
    pub port: usize,
    pub neurons: Range<usize>,
    pub drive: Drive<F>,
}

/// An input that is ready to be added. Random numbers are counted by step and block of 64 neurons.
pub enum Drive<F> {
    /// Steps from which each of the counts holds.
    Poisson {
        begins: Vec<(u64, usize)>,
        counts: Vec<PoissonCounts>,
        weight: F,
        rng: Rng,
    },
    /// As `Poisson`, with a rate for each neuron.
    PoissonEach {
        begins: Vec<u64>,
        counts: Vec<OwnCounts>,
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
    /// An input, and what of it is added in double precision: of neurons that are computed so, constant currents, whose
    /// rounding would move the neurons' intervals.
    pub fn of(kind: &InputKind, seed: u64, stream: u64, is_wide: bool) -> (Self, Drive<f64>) {
        let nothing = || InputKind::Current(Steps { begins: vec![], values: vec![], width: 1 });
        let (drawn, constant) = match kind {
            InputKind::Current(steps) if is_wide => (nothing(), InputKind::Current(steps.clone())),
            InputKind::Normal { mean, sd } if is_wide => {
                (InputKind::Normal { mean: 0.0, sd: *sd }, InputKind::Current(Steps::constant(*mean)))
            }
            _ => return (Drive::new(kind, seed, stream), Drive::new(&nothing(), seed, stream)),
        };
        (Drive::new(&drawn, seed, stream), Drive::new(&constant, seed, stream))
    }

    pub fn new(kind: &InputKind, seed: u64, stream: u64) -> Self {
        let rng = Rng::new(seed, stream);
        let real = <F as lapicque_base::Real>::from_f64;
        match kind {
            InputKind::Poisson { mean: Steps { begins, values, width }, weight } if *width > 1 => {
                Drive::PoissonEach {
                    begins: begins.clone(),
                    counts: values.chunks_exact(*width).map(OwnCounts::new).collect(),
                    weight: real(*weight),
                    rng: Rng::new(seed, stream | 1 << 62),
                }
            }
            InputKind::Poisson { mean, weight } => {
                // Times with the same rate share their counts.
                let mut means: Vec<f64> = Vec::new();
                let of = |&mean: &f64| {
                    means.iter().position(|&other| other == mean).unwrap_or_else(|| {
                        means.push(mean);
                        means.len() - 1
                    })
                };
                let which: Vec<usize> = mean.values.iter().map(of).collect();
                let remainder_rng = Rng::new(seed, stream | 1 << 63);
                Drive::Poisson {
                    begins: mean.begins.iter().copied().zip(which).collect(),
                    counts: means.into_iter().map(|mean| PoissonCounts::new(mean, remainder_rng)).collect(),
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

/// Fills the buffer of one port for a range of blocks.
pub struct Fill<'a, F: Precision> {
    pub buffer: &'a mut [F],
    /// Accumulators and their unit; the accumulators are cleared.
    pub sums: Option<(&'a mut [F::Sum], F)>,
    /// Where Poisson counts of following steps are sampled too, and the end of the run.
    pub presampled: Option<(&'a mut PresampledPoisson, u64)>,
    pub drives: &'a [Driven<F>],
    pub port: usize,
    pub step: u64,
    /// The first block in the population, the distance to the next one, and the number of blocks of the population.
    pub block: usize,
    pub stride: usize,
    pub blocks: usize,
    pub level: SimdLevel,
}

impl<F: Precision> Work for Fill<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Fill { buffer, sums, presampled, drives, port, step, block, stride, blocks, level } = self;
        let whole = |neurons: &Range<usize>, first: usize, blocks: usize| {
            neurons.start <= first && first + ((blocks - 1) * stride + 1) * BLOCK <= neurons.end
        };
        let number = |block: usize| step * blocks as u64 + block as u64;
        let mut drives = drives.iter().filter(|driven| driven.port == port).peekable();
        match sums {
            Some((sums, unit)) => {
                let all = |driven: &&Driven<F>| whole(&driven.neurons, block * BLOCK, buffer.len() / BLOCK);
                let first = drives.peek().copied().filter(all).map(|driven| &driven.drive);
                if let Some(Drive::Poisson { begins, counts, weight, rng }) = first
                    && let Some(since) = began(begins, step)
                    && buffer.len() <= TOGETHER * BLOCK
                {
                    // Counts are added while the sums are read, which saves one pass over the buffer.
                    let of = buffer.len() / BLOCK;
                    let mut own: [[i16; BLOCK]; TOGETHER];
                    let sampled = match presampled {
                        // All blocks of a population, so the blocks of the next step have the next numbers.
                        Some((presampled, end)) if of == blocks => sampled_ahead(
                            (begins, &counts[since], rng),
                            presampled,
                            (step, end),
                            blocks,
                            level,
                        ),
                        _ => {
                            own = [[0; BLOCK]; TOGETHER];
                            counts[since].draw(level, rng, number(block), stride as u64, &mut own[..of]);
                            &own[..of]
                        }
                    };
                    for ((x, sum), &count) in buffer.iter_mut().zip(sums).zip(sampled.as_flattened()) {
                        *x = F::of_sum(*sum) * unit + F::of_count(count) * *weight;
                        *sum = F::Sum::default();
                    }
                    drives.next();
                } else {
                    for (x, sum) in buffer.iter_mut().zip(sums) {
                        *x = F::of_sum(*sum) * unit;
                        *sum = F::Sum::default();
                    }
                }
            }
            None => buffer.fill(<F as lapicque_base::Real>::ZERO),
        }
        let end = (block + (buffer.len() / BLOCK).saturating_sub(1) * stride + 1) * BLOCK;
        // If there are many inputs onto few neurons each, most of them do not reach these neurons.
        let drives =
            drives.filter(|Driven { neurons, .. }| neurons.start < end && block * BLOCK < neurons.end);
        for Driven { neurons, drive, .. } in drives {
            let whole = |first: usize, blocks: usize| whole(neurons, first, blocks);
            let mut block = block;
            for neuron_slots in buffer.chunks_mut(TOGETHER * BLOCK) {
                let offset = |first: usize| first as isize - neurons.start as isize;
                if whole(block * BLOCK, neuron_slots.len() / BLOCK) {
                    add(
                        drive,
                        level,
                        [number(block), stride as u64, step],
                        offset(block * BLOCK),
                        neuron_slots,
                    );
                } else {
                    for (i, neuron_slots) in neuron_slots.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                        let block = block + i * stride;
                        let first = block * BLOCK;
                        let counters = [number(block), stride as u64, step];
                        if whole(first, 1) {
                            add(drive, level, counters, offset(first), neuron_slots);
                        } else if neurons.start < first + BLOCK && first < neurons.end {
                            // The input reaches only some neurons of the block; the others do not change.
                            let (start, end) = (neurons.start.max(first), neurons.end.min(first + BLOCK));
                            let within = start - first..end - first;
                            let mut all = *neuron_slots;
                            add(drive, level, counters, offset(first), &mut all);
                            neuron_slots[within.clone()].copy_from_slice(&all[within]);
                        }
                    }
                }
                block += TOGETHER * stride;
            }
        }
    }
}

/// The Poisson counts of a port of one block whose only input is Poisson and reaches at least `neurons` neurons, and the weight of a count; `None`
/// for other ports, and before the first rate begins.
pub fn only_poisson<'a, F: Precision>(
    drives: &[Driven<F>],
    (port, neurons): (usize, usize),
    presampled: &'a mut PresampledPoisson,
    (step, end): (u64, u64),
    level: SimdLevel,
) -> Option<(&'a [i16; BLOCK], F)> {
    let mut own = drives.iter().filter(|driven| driven.port == port);
    let (Some(driven), None) = (own.next(), own.next()) else { return None };
    let Drive::Poisson { begins, counts, weight, rng } = &driven.drive else { return None };
    if driven.neurons.start > 0 || driven.neurons.end < neurons {
        return None;
    }
    let counts = &counts[began(begins, step)?];
    let sampled = sampled_ahead((begins, counts, rng), presampled, (step, end), 1, level);
    Some((&sampled[0], *weight))
}

/// The Poisson counts of all blocks of a population at a step; those of following steps with the same rate are sampled, too.
#[inline(always)]
fn sampled_ahead<'a>(
    (begins, counts, rng): (&[(u64, usize)], &PoissonCounts, &Rng),
    presampled: &'a mut PresampledPoisson,
    (step, end): (u64, u64),
    blocks: usize,
    level: SimdLevel,
) -> &'a [[i16; BLOCK]] {
    let next = begins.iter().map(|&(begin, _)| begin).find(|&begin| begin > step);
    let end = next.map_or(end, |next| next.min(end));
    presampled.at(step, end, blocks, |first, to| counts.draw(level, rng, first, 1, to))
}

/// The counts that hold at a step, if any do.
#[inline(always)]
fn began(begins: &[(u64, usize)], step: u64) -> Option<usize> {
    let since = begins.partition_point(|&(begin, _)| begin <= step);
    begins[..since].last().map(|&(_, counts)| counts)
}

/// Adds the input to up to eight blocks of neurons. `counters`: the counter of the first block's random numbers, the
/// increment per further block, and the step. `first`: the index of the first slot as the input counts its neurons;
/// below 0 if the slot is before the input's first neuron.
#[inline(always)]
fn add<F: Precision>(
    drive: &Drive<F>,
    level: SimdLevel,
    [number, stride, step]: [u64; 3],
    first: isize,
    neuron_slots: &mut [F],
) {
    match drive {
        Drive::Poisson { begins, counts, weight, rng } => {
            if let Some(since) = began(begins, step) {
                let mut sampled = [[0; BLOCK]; TOGETHER];
                let sampled = &mut sampled[..neuron_slots.len() / BLOCK];
                counts[since].draw(level, rng, number, stride, sampled);
                for (x, &count) in neuron_slots.iter_mut().zip(sampled.as_flattened()) {
                    *x += F::of_count(count) * *weight;
                }
            }
        }
        Drive::PoissonEach { begins, counts, weight, rng } => {
            let since = begins.partition_point(|&begin| begin <= step);
            let Some(counts) = since.checked_sub(1).map(|since| &counts[since]) else { return };
            for (i, neuron_slots) in neuron_slots.chunks_mut(BLOCK).enumerate() {
                let (mut sampled, block_offset) = ([0; BLOCK], i as u64 * stride);
                let first = first + (block_offset as usize * BLOCK) as isize;
                counts.draw(level, rng, number + block_offset, first, &mut sampled);
                for (x, &count) in neuron_slots.iter_mut().zip(&sampled) {
                    *x += F::of_count(count) * *weight;
                }
            }
        }
        Drive::Normal { mean, sd, rng } => {
            /// One pair of words gives two numbers.
            const PAIRS: usize = BLOCK / 2;
            let mut bits = [Eight::ZERO; 2 * TOGETHER];
            let bits = &mut bits[..2 * neuron_slots.len() / BLOCK];
            rng.fill(level, number * 16, stride * 16, 2, bits);
            let constant = |x: f64| F::constant(x);
            let (minus_two, two_pi) = (constant(-2.0), constant(2.0 * std::f64::consts::PI));
            let quarter = constant(std::f64::consts::FRAC_PI_2);
            for (neuron_slots, [radii, angles]) in
                neuron_slots.as_chunks_mut::<BLOCK>().0.iter_mut().zip(bits.as_chunks().0)
            {
                // Box-Muller transform, with the engine's own functions, which give the same bits everywhere.
                let (cosines, sines) = neuron_slots.split_at_mut(PAIRS);
                for i in 0..PAIRS {
                    let radius = lapicque_expr::Scalar::sqrt(F::unit(radii.0[i]).ln() * minus_two);
                    let angle = F::unit(angles.0[i]) * two_pi;
                    cosines[i] += *mean + *sd * (radius * angle.cos_near());
                    sines[i] += *mean + *sd * (radius * (angle - quarter).cos_near());
                }
            }
        }
        Drive::Current { begins, values, width } => {
            let since = begins.partition_point(|&begin| begin <= step);
            if since == 0 {
                return;
            }
            let values = &values[(since - 1) * width..][..*width];
            match values {
                [value] => neuron_slots.iter_mut().for_each(|x| *x += *value),
                _ => {
                    for (i, neuron_slots) in neuron_slots.chunks_mut(BLOCK).enumerate() {
                        let first = first + (i * stride as usize * BLOCK) as isize;
                        let skipped = (-first).max(0) as usize;
                        let own = values.iter().skip(first.max(0) as usize);
                        neuron_slots.iter_mut().skip(skipped).zip(own).for_each(|(x, &value)| *x += value);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::at_level::at_level;

    fn draws(drive: Drive<f32>, level: SimdLevel, steps: u64) -> Vec<f32> {
        let drives = [Driven { port: 0, neurons: 0..256, drive }];
        let mut all = Vec::new();
        for step in 0..steps {
            let mut buffer = vec![0.0; 256];
            let fill = Fill {
                buffer: &mut buffer,
                sums: None,
                presampled: None,
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
                presampled: None,
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
