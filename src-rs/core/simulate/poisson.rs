//! Poisson numbers for 64 neurons at once, from 16 random bits each.
//!
//! Of the 65,536 values of 16 bits each number gets the whole part of its probability's share. Few
//! values are left over; they stand for what the whole parts lack, and a further word decides which
//! number it is. So nothing is lost to the coarse grid: probabilities are right to 2^-48.

use super::numbering::BLOCK;
use crate::rng::Rng;

/// Values of 16 bits.
const VALUES: f64 = 65_536.0;

pub struct PoissonCounts {
    /// The number of the lowest values.
    first: i16,
    /// One more for each of these that a value, taken as a signed one, is above.
    above: Vec<i16>,
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
        PoissonCounts { first: first as i16, above, rest, rest_first: rest_first as i16, rng }
    }

    /// The numbers of a block of neurons and a step, which `number` counts together.
    #[inline(always)]
    pub fn draw(&self, rng: &Rng, number: u64) -> [i16; BLOCK] {
        let values = rng.halves_64(number * 8).map(|value| (value ^ 0x8000) as i16);
        let mut counts = [0i16; BLOCK];
        for &threshold in &self.above {
            for (count, &value) in counts.iter_mut().zip(&values) {
                *count += i16::from(value > threshold);
            }
        }
        let left_over = self.above.len() as i16;
        let most = counts.iter().fold(0, |most, &count| most.max(count));
        let is_rare = most == left_over && most > 0;
        counts.iter_mut().for_each(|count| *count += self.first);
        if is_rare {
            self.resolve(&mut counts, number);
        }
        counts
    }

    /// Draws the numbers of values that are left over.
    #[cold]
    fn resolve(&self, counts: &mut [i16; BLOCK], number: u64) {
        let left_over = self.first + self.above.len() as i16;
        for (lane, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count == left_over) {
            let word = self.rng.u32_at(number * BLOCK as u64 + lane as u64);
            *count = self.rest_first + self.rest.partition_point(|&threshold| threshold <= word) as i16;
        }
    }
}
