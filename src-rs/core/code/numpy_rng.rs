//! The stream of numpy's `default_rng(seed)`: PCG64 (XSL-RR 128/64) seeded by `SeedSequence`.
//!
//! The benchmark tasks' data and weights are defined by it, so that every peer reads the same.
//! Sources: M. E. O'Neill, "PCG: a family of simple fast space-efficient statistically good
//! algorithms for random number generation", 2014; numpy's `bit_generator.pyx`,
//! `pcg64.c` and `distributions.c`; D. Lemire, "Fast random integer generation in an interval", 2019.

use lapicque_base::error::{Error, Result, try_vec};

#[derive(Debug, Clone)]
pub struct NumpyRng {
    state: u128,
    increment: u128,
    /// The upper half of the last word that was asked for by halves.
    half: Option<u32>,
}

const MULTIPLIER: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;

impl NumpyRng {
    pub fn new(seed: u64) -> Self {
        let words = seed_sequence(seed);
        let wide = |at: usize| u128::from(words[at]) << 64 | u128::from(words[at + 1]);
        let mut rng = NumpyRng { state: 0, increment: wide(2) << 1 | 1, half: None };
        rng.step();
        rng.state = rng.state.wrapping_add(wide(0));
        rng.step();
        rng
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    pub fn next_u64(&mut self) -> u64 {
        self.step();
        ((self.state >> 64) as u64 ^ self.state as u64).rotate_right((self.state >> 122) as u32)
    }

    /// The lower half of a word, then its upper half; 64-bit draws in between do not disturb it.
    pub fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let word = self.next_u64();
        self.half = Some((word >> 32) as u32);
        word as u32
    }

    /// `random(out.len(), dtype=float32)`, written there.
    pub fn fill_f32(&mut self, out: &mut [f32]) {
        out.iter_mut().for_each(|x| *x = (self.next_u32() >> 8) as f32 / (1u32 << 24) as f32);
    }

    /// `integers(0, high, len)` of numpy's default type, for `high` up to 2^32.
    ///
    /// # Errors
    /// `invalid-parameter` for a `high` outside 1..=2^32; `too-large` when memory runs out.
    pub fn integers(&mut self, high: u64, len: usize) -> Result<Vec<u32>> {
        if high == 0 || high > 1 << 32 {
            return Err(Error::invalid("high", high, "a bound from 1 to 2^32"));
        }
        let mut values = try_vec("random numbers", len, 0u32)?;
        if high > 1 {
            values.iter_mut().for_each(|x| *x = self.below(high));
        }
        Ok(values)
    }

    fn below(&mut self, high: u64) -> u32 {
        // Lemire's rejection; for 2^32 itself nothing is ever rejected and the word is the value.
        let rejected = ((1 << 32) % high) as u32;
        loop {
            let wide = u64::from(self.next_u32()) * high;
            if wide as u32 >= rejected {
                return (wide >> 32) as u32;
            }
        }
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)`.
fn seed_sequence(seed: u64) -> [u64; 4] {
    let mut constant = 0x43b0_d7e5u32;
    let mut hash = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(constant);
        value ^ value >> 16
    };
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for from in 0..4 {
        for to in (0..4).filter(|&to| to != from) {
            let mixed = 0xca01_f9ddu32
                .wrapping_mul(pool[to])
                .wrapping_sub(0x4973_f715u32.wrapping_mul(hash(pool[from])));
            pool[to] = mixed ^ mixed >> 16;
        }
    }
    let mut constant = 0x8b51_f9ddu32;
    let mut word = |at: usize| {
        let value = pool[at % 4] ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(constant);
        u64::from(value ^ value >> 16)
    };
    std::array::from_fn(|i| word(2 * i) | word(2 * i + 1) << 32)
}

/// Expected values printed by numpy 2.4.6 (`numpy.random.default_rng`), in this order of calls.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_words() {
        for (seed, words) in [
            (0, [11749869230777074271, 4976686463289251617, 755828109848996024]),
            (42, [14276969152011380360, 8095878257575067585, 15838336090824644132]),
            (1234, [18016930633132456890, 7013373421822782593, 17030886991259909300]),
            ((1 << 40) + 17, [6228537060525065098, 4872258938877250611, 9697553364723625227u64]),
        ] {
            let mut rng = NumpyRng::new(seed);
            assert_eq!(words, [rng.next_u64(), rng.next_u64(), rng.next_u64()], "seed {seed}");
        }
    }

    #[test]
    fn floats_and_integers_share_the_halves() {
        let mut rng = NumpyRng::new(1234);
        let mut floats = [0.0; 5];
        rng.fill_f32(&mut floats);
        assert_eq!(
            floats.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            [0x3f7a_b6bb, 0x3f7a_08fe, 0x3f7c_e9ac, 0x3ec2_a902, 0x3e2f_78f0]
        );
        assert_eq!(rng.integers(10, 12).unwrap(), [9, 1, 2, 1, 3, 5, 1, 7, 2, 7, 3, 7]);
        // Four numbers of double precision, which numpy draws of one word each.
        for _ in 0..4 {
            rng.next_u64();
        }
        assert_eq!(rng.integers(3_000_000_000, 4).unwrap(), [2892237734, 2591273011, 1555405461, 2024643939]);
        assert_eq!(rng.integers(1 << 32, 3).unwrap(), [4102042285, 2834138743, 202975088]);
        assert_eq!(rng.integers(1, 2).unwrap(), [0, 0]);
        assert_eq!(rng.integers(7, 3).unwrap(), [5, 5, 1]);
        assert!(rng.integers(0, 1).is_err() && rng.integers((1 << 32) + 1, 1).is_err());
    }

    /// The image of the static benchmark task: `mask = random((128, 784), float32) < 0.19`, as many
    /// values, then `integers(0, 10, 128)`.
    #[test]
    fn a_long_stream() {
        let mut rng = NumpyRng::new(1234);
        let mut drawn = vec![0.0; 128 * 784];
        rng.fill_f32(&mut drawn);
        let mask = drawn.iter().filter(|&&x| x < 0.19).count();
        rng.fill_f32(&mut drawn);
        let labels = rng.integers(10, 128).unwrap();
        assert_eq!(mask, 19045);
        assert_eq!(labels[..10], [9, 6, 1, 8, 7, 9, 4, 8, 9, 1]);
        assert_eq!(labels.iter().sum::<u32>(), 594);
    }
}
