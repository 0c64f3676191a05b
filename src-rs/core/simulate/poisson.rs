//! Poisson numbers for 64 neurons at once, from 16 random bits each.
//!
//! Of the 65,536 values of 16 bits each number gets the whole part of its probability's share. Few
//! values are left over; they stand for what the whole parts lack, and a further word decides which
//! number it is. So nothing is lost to the coarse grid: probabilities are right to 2^-48.

use super::numbering::BLOCK;
use crate::rng::Rng;
use crate::simd::SimdLevel;

/// Values of 16 bits.
const VALUES: f64 = 65_536.0;

pub struct PoissonCounts {
    /// The number of the lowest values.
    first: i16,
    /// One more for each of these that a value, taken as a signed one, is above: four at a time, the
    /// last ones above all values.
    above: Vec<[i16; 4]>,
    /// What the values that are left over count as.
    left_over: Option<i16>,
    /// What a value that is left over makes of a word: `first` and one more for each of these that
    /// the word is not below.
    rest: Vec<u32>,
    rest_first: i16,
    rng: Rng,
}

impl PoissonCounts {
    /// `rng` serves the values that are left over.
    pub fn new(mean: f64, rng: Rng) -> Self {
        let (mut p, mut below) = (libm::exp(-mean), 0.0);
        let mut shares = Vec::new();
        while below < 1.0 - 1e-15 && (p > 0.0 || shares.len() as f64 <= mean) {
            shares.push(p * VALUES);
            below += p;
            p *= mean / shares.len() as f64;
        }
        let first = shares.iter().position(|&share| share >= 1.0).unwrap_or(0);
        let (mut above, mut used) = (Vec::new(), 0);
        for share in &shares[first..] {
            used += libm::floor(*share) as i32;
            // Value `used` is the first of the next number.
            if used < VALUES as i32 {
                above.push((used - 1 - 32_768) as i16);
            }
        }
        let left_over = (used < VALUES as i32).then_some((first + above.len()) as i16);
        above.resize(above.len().next_multiple_of(4), i16::MAX);
        let above = above.as_chunks().0.to_vec();
        let lacking: Vec<f64> = shares.iter().map(|share| share - libm::floor(*share)).collect();
        let all: f64 = lacking.iter().sum();
        let rest_first = lacking.iter().position(|&part| part > 0.0).unwrap_or(0);
        let (mut rest, mut sum) = (Vec::new(), 0.0);
        for part in &lacking[rest_first..] {
            sum += part;
            let threshold = libm::round(sum / all * 4_294_967_296.0);
            if threshold <= f64::from(u32::MAX) {
                rest.push(threshold as u32);
            }
        }
        PoissonCounts { first: first as i16, above, left_over, rest, rest_first: rest_first as i16, rng }
    }

    /// The numbers of a block of neurons and a step, which `number` counts together.
    #[inline(always)]
    pub fn draw(&self, level: SimdLevel, rng: &Rng, number: u64) -> [i16; BLOCK] {
        let mut counts = match level {
            // SAFETY: a level is only in force where the CPU has it.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 | SimdLevel::Avx512 => unsafe {
                avx2::counts(self.first, &self.above, rng, number)
            },
            _ => self.counts(rng, number),
        };
        if let Some(left_over) = self.left_over
            && counts.iter().fold(i16::MIN, |most, &count| most.max(count)) == left_over
        {
            self.resolve(&mut counts, left_over, number);
        }
        counts
    }

    fn counts(&self, rng: &Rng, number: u64) -> [i16; BLOCK] {
        let values = rng.halves_64(number * 8);
        let mut counts = [self.first; BLOCK];
        for thresholds in &self.above {
            for (count, &value) in counts.iter_mut().zip(&values) {
                let value = (value ^ 0x8000) as i16;
                *count += thresholds.iter().map(|&threshold| i16::from(value > threshold)).sum::<i16>();
            }
        }
        counts
    }

    /// Draws the numbers of values that are left over.
    #[cold]
    fn resolve(&self, counts: &mut [i16; BLOCK], left_over: i16, number: u64) {
        for (lane, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count == left_over) {
            let word = self.rng.u32_at(number * BLOCK as u64 + lane as u64);
            *count = self.rest_first + self.rest.partition_point(|&threshold| threshold <= word) as i16;
        }
    }
}

/// By hand, because the compiler keeps neither the generator's words nor the counts in registers.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::BLOCK;
    use crate::rng::Rng;
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    pub fn counts(first: i16, above: &[[i16; 4]], rng: &Rng, number: u64) -> [i16; BLOCK] {
        let sign = _mm256_set1_epi16(i16::MIN);
        let values = rng.halves_64_avx2(number * 8).map(|values| _mm256_xor_si256(values, sign));
        let mut counts = [_mm256_set1_epi16(first); 4];
        for thresholds in above {
            for &threshold in thresholds {
                let threshold = _mm256_set1_epi16(threshold);
                for (count, value) in counts.iter_mut().zip(values) {
                    // True is -1.
                    *count = _mm256_sub_epi16(*count, _mm256_cmpgt_epi16(value, threshold));
                }
            }
        }
        let mut all = [0; BLOCK];
        for (count, lanes) in counts.into_iter().zip(all.chunks_exact_mut(16)) {
            // SAFETY: sixteen numbers of 16 bits are 256 bits.
            unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), count) };
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_levels_draw_the_same() {
        let (rng, apart) = (Rng::new(5, 77), Rng::new(5, 1 << 63));
        for mean in [0.0, 1e-7, 0.02, 1.6, 40.0, 499.0] {
            let counts = PoissonCounts::new(mean, apart);
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                for number in [0, 1, 1 << 20, u64::MAX / 64] {
                    assert_eq!(
                        counts.draw(level, &rng, number),
                        counts.draw(SimdLevel::Portable, &rng, number)
                    );
                }
            }
        }
    }

    /// A mean so small that every event comes from a value that is left over.
    #[test]
    fn rare_events_have_their_rate() {
        let (mean, blocks) = (1e-4, 200_000u64);
        let counts = PoissonCounts::new(mean, Rng::new(5, 1 << 63));
        let rng = Rng::new(5, 77);
        let events: u64 = (0..blocks)
            .map(|number| {
                counts.draw(SimdLevel::detect(), &rng, number).iter().map(|&n| n as u64).sum::<u64>()
            })
            .sum();
        let expected = mean * (blocks * 64) as f64;
        assert!((events as f64 - expected).abs() < 5.0 * expected.sqrt(), "{events} {expected}");
    }
}
