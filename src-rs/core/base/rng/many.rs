//! Many blocks of the generator at once, with the instructions of each level. The words are those of
//! [`block_at`](Rng::block_at).

use super::Rng;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use super::{MULTIPLIERS, ROUNDS, WEYL};
use crate::simd::SimdLevel;

/// The words of eight consecutive blocks, in the order of 64-bit vectors: words 0 and 1 of block `j` at `2 j`, its words 2 and
/// 3 at `16 + 2 j`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Eight(pub [u32; 32]);

impl Eight {
    pub const ZERO: Eight = Eight([0; 32]);

    /// Maps index `i` of all 32 words to the block and the word in it.
    #[inline(always)]
    pub fn block_and_word(i: usize) -> (usize, usize) {
        (i % 16 / 2, i / 16 * 2 + i % 2)
    }

    /// Word `w` of block `j`.
    #[inline(always)]
    pub fn word(&self, j: usize, w: usize) -> u32 {
        self.0[16 * (w / 2) + 2 * j + w % 2]
    }

    /// The words of the first block, then of the second, and so on.
    #[inline(always)]
    pub fn in_order(&self) -> [u32; 32] {
        let mut words = [0; 32];
        for j in 0..8 {
            words[4 * j..][..2].copy_from_slice(&self.0[2 * j..][..2]);
            words[4 * j + 2..][..2].copy_from_slice(&self.0[16 + 2 * j..][..2]);
        }
        words
    }
}

impl Rng {
    /// Fills runs of `run` times eight blocks; run `i` begins at block `first + i * stride`.
    pub fn fill(&self, level: SimdLevel, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        match level {
            _ if !level.is_supported() => self.fill_portable(first, stride, run, into),
            SimdLevel::Portable => self.fill_portable(first, stride, run, into),
            // SAFETY: the CPU has the level, as seen above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => unsafe { self.fill_avx2(first, stride, run, into) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => unsafe { self.fill_avx512(first, stride, run, into) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => self.fill_portable(first, stride, run, into),
        }
    }

    /// The keys of all rounds.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn schedule(&self) -> [[u32; 2]; ROUNDS] {
        let round = |r: usize, word: usize| self.key[word].wrapping_add(WEYL[word].wrapping_mul(r as u32));
        std::array::from_fn(|r| [round(r, 0), round(r, 1)])
    }

    #[cfg(target_arch = "aarch64")]
    fn fill_portable(&self, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        // SAFETY: NEON is part of the compilation target.
        unsafe { self.fill_neon(first, stride, run, into) }
    }

    #[cfg(not(target_arch = "aarch64"))]
    fn fill_portable(&self, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        let mut begin = first;
        for run in into.chunks_mut(run) {
            for (i, eight) in run.iter_mut().enumerate() {
                for j in 0..8 {
                    let block = self.block_at(begin.wrapping_add((8 * i + j) as u64));
                    eight.0[2 * j..][..2].copy_from_slice(&block[..2]);
                    eight.0[16 + 2 * j..][..2].copy_from_slice(&block[2..]);
                }
            }
            begin = begin.wrapping_add(stride);
        }
    }

    #[cfg(target_arch = "aarch64")]
    #[target_feature(enable = "neon")]
    fn fill_neon(&self, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        use std::arch::aarch64::*;
        let keys = self.schedule();
        let [m0, m1] = MULTIPLIERS.map(|m| vdupq_n_u32(m));
        // The lower and the upper halves of four products.
        let product = |c: uint32x4_t, m: uint32x4_t| {
            let (low, high) = (vmull_u32(vget_low_u32(c), vget_low_u32(m)), vmull_high_u32(c, m));
            let (low, high) = (vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high));
            (vuzp1q_u32(low, high), vuzp2q_u32(low, high))
        };
        // Four consecutive 64-bit numbers from `at` on, split into halves.
        let from = |at: u64| {
            let two = |at: u64| {
                let [low, high] = [at, at.wrapping_add(1)].map(|at| vcreate_u64(at));
                vreinterpretq_u32_u64(vcombine_u64(low, high))
            };
            let (low, high) = (two(at), two(at.wrapping_add(2)));
            (vuzp1q_u32(low, high), vuzp2q_u32(low, high))
        };
        let mut begin = first;
        for run in into.chunks_mut(run) {
            for (i, eight) in run.iter_mut().enumerate() {
                let at = begin.wrapping_add(8 * i as u64);
                // Two vectors are interleaved, because the multiplications of a round have a high latency.
                let mut c = [at, at.wrapping_add(4)].map(|at| {
                    let (c0, c1) = from(at);
                    [c0, c1, vdupq_n_u32(self.stream[0]), vdupq_n_u32(self.stream[1])]
                });
                for keys in keys {
                    let [k0, k1] = keys.map(|key| vdupq_n_u32(key));
                    for [c0, c1, c2, c3] in &mut c {
                        let ((a, above_a), (b, above_b)) = (product(*c0, m0), product(*c2, m1));
                        *c0 = veorq_u32(above_b, veorq_u32(*c1, k0));
                        *c2 = veorq_u32(above_a, veorq_u32(*c3, k1));
                        (*c1, *c3) = (b, a);
                    }
                }
                let words = eight.0.as_mut_ptr();
                for (half, [c0, c1, c2, c3]) in c.into_iter().enumerate() {
                    // SAFETY: eight words are written at offset 8 and at offset 24 at most, of 32.
                    unsafe {
                        vst2q_u32(words.add(8 * half), uint32x4x2_t(c0, c1));
                        vst2q_u32(words.add(16 + 8 * half), uint32x4x2_t(c2, c3));
                    }
                }
            }
            begin = begin.wrapping_add(stride);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_avx2(&self, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        use std::arch::x86_64::*;
        let keys = self.schedule().map(|keys| keys.map(|key| _mm256_set1_epi64x(i64::from(key))));
        let stream = self.stream.map(|word| _mm256_set1_epi64x(i64::from(word)));
        let [m0, m1] = MULTIPLIERS.map(|m| _mm256_set1_epi64x(i64::from(m)));
        let ramp = _mm256_setr_epi64x(0, 1, 2, 3);
        let mut begin = first;
        for run in into.chunks_mut(run) {
            for (i, eight) in run.iter_mut().enumerate() {
                let at = begin.wrapping_add(8 * i as u64);
                // Two vectors are interleaved, because the multiplications of a round have a high latency.
                let from = |at: u64| _mm256_add_epi64(_mm256_set1_epi64x(at as i64), ramp);
                let mut c0 = [from(at), from(at.wrapping_add(4))];
                let mut c1 = c0.map(|c0| _mm256_srli_epi64::<32>(c0));
                let [mut c2, mut c3] = stream.map(|word| [word; 2]);
                for [k0, k1] in keys {
                    for half in 0..2 {
                        let (a, b) = (_mm256_mul_epu32(c0[half], m0), _mm256_mul_epu32(c2[half], m1));
                        let (c1, c3) = (&mut c1[half], &mut c3[half]);
                        c0[half] = _mm256_xor_si256(_mm256_srli_epi64::<32>(b), _mm256_xor_si256(*c1, k0));
                        c2[half] = _mm256_xor_si256(_mm256_srli_epi64::<32>(a), _mm256_xor_si256(*c3, k1));
                        (*c1, *c3) = (b, a);
                    }
                }
                let words = eight.0.as_mut_ptr();
                for half in 0..2 {
                    // The upper halves are undefined; the second word replaces them.
                    let low = _mm256_blend_epi32::<0b1010_1010>(c0[half], _mm256_slli_epi64::<32>(c1[half]));
                    let high = _mm256_blend_epi32::<0b1010_1010>(c2[half], _mm256_slli_epi64::<32>(c3[half]));
                    // SAFETY: eight words are written at offset 8 and at offset 24 at most, of 32.
                    unsafe {
                        _mm256_storeu_si256(words.add(8 * half).cast(), low);
                        _mm256_storeu_si256(words.add(16 + 8 * half).cast(), high);
                    }
                }
            }
            begin = begin.wrapping_add(stride);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn fill_avx512(&self, first: u64, stride: u64, run: usize, into: &mut [Eight]) {
        let (mut begin, mut within) = (first, 0);
        let mut next = || {
            let at = begin.wrapping_add(8 * within as u64);
            within += 1;
            if within == run {
                (begin, within) = (begin.wrapping_add(stride), 0);
            }
            at
        };
        let (fours, rest) = into.as_chunks_mut::<4>();
        for four in fours {
            self.four_avx512([next(), next(), next(), next()], four);
        }
        if !rest.is_empty() {
            let mut four = [Eight::ZERO; 4];
            self.four_avx512([next(), next(), next(), next()], &mut four);
            rest.copy_from_slice(&four[..rest.len()]);
        }
    }

    /// Fills four groups of eight blocks, interleaved, because the multiplications of a round have a high latency.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn four_avx512(&self, at: [u64; 4], into: &mut [Eight; 4]) {
        use std::arch::x86_64::*;
        /// The truth table of the exclusive or of three bits.
        const XOR: i32 = 0x96;
        let all = |word: u32| _mm512_set1_epi64(i64::from(word));
        let [m0, m1] = MULTIPLIERS.map(all);
        let [w0, w1] = WEYL.map(all);
        let [mut k0, mut k1] = self.key.map(all);
        let ramp = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
        let mut c0 = at.map(|at| _mm512_add_epi64(_mm512_set1_epi64(at as i64), ramp));
        let mut c1 = c0.map(|c0| _mm512_srli_epi64::<32>(c0));
        let [mut c2, mut c3] = self.stream.map(|word| [all(word); 4]);
        for _ in 0..ROUNDS {
            for i in 0..4 {
                let (a, b) = (_mm512_mul_epu32(c0[i], m0), _mm512_mul_epu32(c2[i], m1));
                c0[i] = _mm512_ternarylogic_epi64::<XOR>(_mm512_srli_epi64::<32>(b), c1[i], k0);
                c2[i] = _mm512_ternarylogic_epi64::<XOR>(_mm512_srli_epi64::<32>(a), c3[i], k1);
                (c1[i], c3[i]) = (b, a);
            }
            // The upper halves are undefined, here and below; they are never read.
            (k0, k1) = (_mm512_add_epi32(k0, w0), _mm512_add_epi32(k1, w1));
        }
        for i in 0..4 {
            // The second word replaces the upper half.
            let low = _mm512_mask_blend_epi32(0xAAAA, c0[i], _mm512_slli_epi64::<32>(c1[i]));
            let high = _mm512_mask_blend_epi32(0xAAAA, c2[i], _mm512_slli_epi64::<32>(c3[i]));
            let words = into[i].0.as_mut_ptr();
            // SAFETY: sixteen words are written at offset 0 and at offset 16, of 32.
            unsafe {
                _mm512_storeu_si512(words.cast(), low);
                _mm512_storeu_si512(words.add(16).cast(), high);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_filled_at_any_level_are_single_blocks() {
        let rng = Rng::new(0x1234_5678_9abc_def0, 77 << 32 | 5);
        for first in [0, u64::from(u32::MAX) - 3, u64::MAX - 4] {
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                let mut eights = [Eight::ZERO; 6];
                rng.fill(level, first, 1000, 2, &mut eights);
                for (i, eight) in eights.iter().enumerate() {
                    for j in 0..8 {
                        let at = (i / 2 * 1000 + i % 2 * 8 + j) as u64;
                        let block = rng.block_at(first.wrapping_add(at));
                        assert_eq!([0, 1, 2, 3].map(|w| eight.word(j, w)), block, "{level:?} {i} {j}");
                    }
                }
            }
        }
    }
}
