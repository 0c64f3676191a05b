//! Counter-based random numbers: a value is a function of (seed, stream, index), so results do not depend on threads, chunks
//! or the order of calls.
//!
//! Philox4x32-10 of J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//! The seed is the key; the counter holds the block of four words and the stream.

use crate::error::{Error, Result, try_vec};
use crate::real::Real;
use crate::settings;

mod many;

pub use many::Eight;

/// One stream of one seed. Each use of a seed takes a separate stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rng {
    key: [u32; 2],
    stream: [u32; 2],
}

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const ROUNDS: usize = 10;
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

#[inline]
fn philox4x32_10(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let a = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
        let b = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

#[inline]
fn joined([low, high]: [u32; 2]) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[inline]
fn unit_f32(word: u32) -> f32 {
    // 24 bits fit a signed number, which vectors convert in one instruction.
    (word >> 8).cast_signed() as f32 * (1.0 / (1u32 << 24) as f32)
}

#[inline]
fn unit_f64(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

impl Rng {
    pub fn new(seed: u64, stream: u64) -> Self {
        Rng { key: halves(seed), stream: halves(stream) }
    }

    /// A separate stream for each path of numbers: two paths have the same stream with a probability of 2^-64.
    pub fn named(seed: u64, path: &[u64]) -> Self {
        // Steps of splitmix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014).
        let mixed = |x: u64| {
            let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ x >> 31
        };
        let step = |state: u64, &part: &u64| mixed((state ^ part).wrapping_add(0x9E37_79B9_7F4A_7C15));
        Rng::new(seed, path.iter().fold(path.len() as u64, step))
    }

    /// A separate stream for each `part` (below 2^16) of this stream's purpose; part 0 is this stream itself.
    pub fn part(&self, part: u64) -> Self {
        let [low, high] = self.stream;
        Rng { stream: [low, high ^ (part as u32) << 8], ..*self }
    }

    /// The four words of a block: those at `4 block`, … of [`u32_at`](Rng::u32_at).
    #[inline]
    pub fn block_at(&self, block: u64) -> [u32; 4] {
        let [low, high] = halves(block);
        philox4x32_10([low, high, self.stream[0], self.stream[1]], self.key)
    }

    /// 32 random bits. Indices of 32-bit and 64-bit numbers share the stream: 64-bit word `i` consists of the 32-bit words
    /// `2i` and `2i + 1`.
    #[inline]
    pub fn u32_at(&self, index: u64) -> u32 {
        self.block_at(index / 4)[(index % 4) as usize]
    }

    #[inline]
    pub fn u64_at(&self, index: u64) -> u64 {
        let block = self.block_at(index / 2);
        let at = (index % 2) as usize * 2;
        joined([block[at], block[at + 1]])
    }

    /// Uniform in \[0, 1), 24 bits.
    #[inline]
    pub fn uniform_f32_at(&self, index: u64) -> f32 {
        unit_f32(self.u32_at(index))
    }

    /// Uniform in \[0, 1), 53 bits.
    #[inline]
    pub fn uniform_f64_at(&self, index: u64) -> f64 {
        unit_f64(self.u64_at(index))
    }

    /// The uniform numbers `2 * pair` and `2 * pair + 1` with 53 bits, from one block.
    #[inline]
    pub fn uniform_f64_pair_at(&self, pair: u64) -> [f64; 2] {
        let block = self.block_at(pair);
        [0, 2].map(|at| unit_f64(joined([block[at], block[at + 1]])))
    }

    /// Standard normal (Box–Muller; a block of the generator gives the pair `2k`, `2k + 1`).
    pub fn normal_at(&self, index: u64) -> f64 {
        self.normal_pair_at(index / 2)[(index % 2) as usize]
    }

    /// The standard normal numbers `2 * pair` and `2 * pair + 1`.
    pub fn normal_pair_at(&self, pair: u64) -> [f64; 2] {
        let [first, second] = self.uniform_f64_pair_at(pair);
        // 1 - u lies in (0, 1]: its logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - first));
        let angle = 2.0 * std::f64::consts::PI * second;
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    }

    /// `into[i]` = the uniform number at `start + i`: 24 bits for f32, 53 for f64.
    pub fn fill_uniform<F: Real>(&self, into: &mut [F], start: u64) {
        let single = F::NAME == f32::NAME;
        let words = if single { 1 } else { 2 };
        let at = |index| match single {
            true => F::from_f64(f64::from(self.uniform_f32_at(index))),
            false => F::from_f64(self.uniform_f64_at(index)),
        };
        // Whole blocks are generated, many at once.
        let of_a_block = 4 / words as u64;
        let lead = ((of_a_block - start % of_a_block) % of_a_block).min(into.len() as u64);
        let (first, rest) = into.split_at_mut(lead as usize);
        first.iter_mut().zip(start..).for_each(|(value, index)| *value = at(index));
        let level = settings::simd_or_portable();
        let mut eights = [Eight::ZERO; 8];
        let mut block = start.wrapping_add(lead) / of_a_block;
        for run in rest.chunks_mut(eights.len() * 32 / words) {
            let eights = &mut eights[..run.len().div_ceil(32 / words)];
            self.fill(level, block, 0, eights.len(), eights);
            block = block.wrapping_add(8 * eights.len() as u64);
            for (numbers, eight) in run.chunks_mut(32 / words).zip(eights) {
                let words_in_order = eight.in_order();
                let numbers = numbers.iter_mut();
                if single {
                    numbers
                        .zip(words_in_order)
                        .for_each(|(x, word)| *x = F::from_f64(f64::from(unit_f32(word))));
                } else {
                    let pairs = words_in_order.as_chunks().0;
                    numbers.zip(pairs).for_each(|(x, &pair)| *x = F::from_f64(unit_f64(joined(pair))));
                }
            }
        }
    }

    /// The numbers 0..n in random order (Fisher–Yates, with the random numbers at 1..n).
    ///
    /// # Errors
    /// `too-large` if memory does not suffice for `n` 32-bit numbers.
    pub fn permutation(&self, n: usize) -> Result<Vec<u32>> {
        if n > u32::MAX as usize {
            let needed = (n as u64).saturating_mul(4);
            return Err(Error::TooLarge { what: "a permutation".into(), needed, allowed: 4 << 32 });
        }
        let mut order = try_vec("a permutation", n, 0u32)?;
        order.iter_mut().zip(0..).for_each(|(x, i)| *x = i);
        for i in (1..n).rev() {
            // The upper half of the product is uniform in 0..=i, up to a relative error of 2^-32 of the probabilities.
            let wide = u128::from(self.u64_at(i as u64)) * (i as u128 + 1);
            order.swap(i, (wide >> 64) as usize);
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kat_vectors` of Random123 1.14, the lines "philox4x32 10".
    #[test]
    fn known_answers_of_random123() {
        let answers = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in answers {
            assert_eq!(philox4x32_10(counter, key), expected);
        }
    }

    #[test]
    fn words_are_laid_out_in_the_counter() {
        let rng = Rng::new(0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e);
        let block = 0x35a3_08d3_243f_6a88u64;
        assert_eq!(
            rng.u32_at(2),
            philox4x32_10([0, 0, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0])[2]
        );
        assert_eq!(rng.u64_at(block + 1) as u32, rng.u32_at(2 * block + 2));
        assert_eq!((rng.u64_at(block + 1) >> 32) as u32, rng.u32_at(2 * block + 3));
    }

    #[test]
    fn a_fill_is_its_single_draws_wherever_it_starts() {
        let rng = Rng::new(7, 3);
        for (start, len) in [(5, 0), (5, 2), (5, 23), (0, 32), (6, 700), (u64::from(u32::MAX) * 4 - 9, 90)] {
            let (mut f32s, mut f64s) = (vec![0.0f32; len], vec![0.0f64; len]);
            rng.fill_uniform(&mut f32s, start);
            rng.fill_uniform(&mut f64s, start);
            for (i, index) in (0..len).zip(start..) {
                assert_eq!(f32s[i], rng.uniform_f32_at(index));
                assert_eq!(f64s[i], rng.uniform_f64_at(index));
            }
        }
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let (rng, n) = (Rng::new(1, 0), 200_000u64);
        let mean = |f: &dyn Fn(u64) -> f64| (0..n).map(f).sum::<f64>() / n as f64;
        let five_sigma = |variance: f64| 5.0 * (variance / n as f64).sqrt();
        assert!((mean(&|i| rng.uniform_f64_at(i)) - 0.5).abs() < five_sigma(1.0 / 12.0));
        assert!((mean(&|i| f64::from(rng.uniform_f32_at(i))) - 0.5).abs() < five_sigma(1.0 / 12.0));
        assert!(mean(&|i| rng.normal_at(i)).abs() < five_sigma(1.0));
        assert!((mean(&|i| rng.normal_at(i).powi(2)) - 1.0).abs() < five_sigma(2.0));
        assert!((mean(&|i| rng.normal_at(i).powi(4)) - 3.0).abs() < five_sigma(96.0));
        assert!(mean(&|i| rng.normal_at(2 * i) * rng.normal_at(2 * i + 1)).abs() < five_sigma(1.0));
    }

    #[test]
    fn permutations_hold_every_number_and_are_uniform() {
        let mut sorted = Rng::new(3, 0).permutation(1000).unwrap();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
        assert!(Rng::new(3, 0).permutation(0).unwrap().is_empty());
        // All 6 orders of 3 within five sigma of n / 6.
        let n = 30_000;
        let mut counts = std::collections::BTreeMap::new();
        for stream in 0..n {
            *counts.entry(Rng::new(9, stream).permutation(3).unwrap()).or_insert(0.0) += 1.0;
        }
        let expected = n as f64 / 6.0;
        assert!(
            counts.len() == 6
                && counts.values().all(|&c: &f64| (c - expected).abs() < 5.0 * (expected * 5.0 / 6.0).sqrt())
        );
    }
}
