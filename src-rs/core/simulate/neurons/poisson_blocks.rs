//! Poisson numbers for blocks of 64 neurons, from 16 random bits each, by an alias table.
//!
//! Each number gets as many of the 65,536 values of 16 bits as the integer part of its probability's share. The upper
//! five bits select one of 32 columns. A column belongs to one number up to a threshold of the lower eleven bits, and
//! to another from there on, so that the shares are exact. The few remaining values represent the fractional parts, and
//! a further word decides which number is meant. So probabilities are accurate to 2^-48 despite the coarse grid.

use crate::random::alias::columns;
use crate::representation::numbering::BLOCK;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;

/// Number of values of 16 bits.
const VALUES: f64 = 65_536.0;
const COLUMNS: usize = 32;
/// Values per column.
const DEPTH: u16 = 2048;
/// Maximum number of blocks that are sampled together.
pub const TOGETHER: usize = 8;

pub struct PoissonCounts {
    /// If the mean is large, a number is the sum of this many numbers of the table.
    parts: u64,
    table: Table,
    /// Maps a word to the number that a remaining value stands for: `rest_first`, plus one for each of these thresholds that
    /// is at most the word.
    rest: Vec<u32>,
    rest_first: i16,
    rng: Rng,
}

#[repr(C, align(64))]
struct Table {
    /// Below this threshold a value stands for the column's own number, `first` plus the index of the column.
    threshold: [u16; COLUMNS],
    /// The other number of each column, minus `first`.
    other: [u16; COLUMNS],
    first: i16,
    /// The number that marks remaining values.
    left_over: i16,
}

impl Table {
    /// `whole`: the number of values of each number from `first` on, then of the remaining values; at most 32 entries.
    fn new(first: usize, whole: &[u16]) -> Table {
        let shares: Vec<u64> = whole.iter().map(|&n| n.into()).collect();
        let columns = columns(&shares, COLUMNS, DEPTH.into());
        let threshold = std::array::from_fn(|i| columns[i].threshold as u16);
        let other = std::array::from_fn(|i| columns[i].other as u16);
        let left_over = (first + whole.len() - 1) as i16;
        Table { threshold, other, first: first as i16, left_over }
    }

    /// Writes the numbers of blocks; returns a bit for each block that contains a remaining value.
    fn look_up(&self, level: SimdLevel, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        match level {
            _ if !level.is_supported() => self.look_up_portable(bits, counts),
            SimdLevel::Portable => self.look_up_portable(bits, counts),
            // SAFETY: the CPU has the level, as seen above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => unsafe { self.look_up_avx2(bits, counts) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => unsafe { self.look_up_avx512(bits, counts) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => self.look_up_portable(bits, counts),
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn look_up_portable(&self, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        // SAFETY: NEON is part of the compilation target.
        unsafe { self.look_up_neon(bits, counts) }
    }

    #[cfg(not(target_arch = "aarch64"))]
    fn look_up_portable(&self, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        let mut left = 0;
        for (i, (bits, counts)) in bits.iter().zip(counts).enumerate() {
            for (word, counts) in bits.0.iter().zip(counts.as_chunks_mut::<2>().0) {
                for (half, count) in [*word as u16, (word >> 16) as u16].into_iter().zip(counts) {
                    let (column, value) = (usize::from(half / DEPTH), half % DEPTH);
                    let own = value < self.threshold[column];
                    *count = self.first + if own { column as i16 } else { self.other[column] as i16 };
                    left |= u64::from(*count == self.left_over) << i;
                }
            }
        }
        left
    }

    #[cfg(target_arch = "aarch64")]
    #[target_feature(enable = "neon")]
    fn look_up_neon(&self, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        use std::arch::aarch64::*;
        // 32 bytes of a table.
        let bytes = |table: &[u16; COLUMNS], shift: u32| {
            let bytes: [u8; COLUMNS] = table.map(|n| (n >> shift) as u8);
            // SAFETY: 32 bytes are read.
            unsafe { vld1q_u8_x2(bytes.as_ptr()) }
        };
        let [low, high] = [0, 8].map(|shift| bytes(&self.threshold, shift));
        let other = bytes(&self.other, 0);
        let (first, left_over) = (vdupq_n_s16(self.first), vdupq_n_s16(self.left_over));
        let within = vdupq_n_u16(DEPTH - 1);
        let mut left = 0;
        for (i, (bits, counts)) in bits.iter().zip(counts).enumerate() {
            let mut any = vdupq_n_u16(0);
            for quarter in 0..4 {
                let values = bits.0.as_ptr().cast::<u16>().wrapping_add(16 * quarter);
                // SAFETY: the quarter of 64 numbers of 16 bits.
                let values = unsafe { [vld1q_u16(values), vld1q_u16(values.wrapping_add(8))] };
                let columns = values.map(|values| vshrq_n_u16::<11>(values));
                let both = vcombine_u8(vmovn_u16(columns[0]), vmovn_u16(columns[1]));
                let (low, high) = (vqtbl2q_u8(low, both), vqtbl2q_u8(high, both));
                let other = vqtbl2q_u8(other, both);
                let thresholds = [vzip1q_u8(low, high), vzip2q_u8(low, high)];
                let others = [vmovl_u8(vget_low_u8(other)), vmovl_high_u8(other)];
                for half in 0..2 {
                    let value = vandq_u16(values[half], within);
                    let own = vcltq_u16(value, vreinterpretq_u16_u8(thresholds[half]));
                    let number = vreinterpretq_s16_u16(vbslq_u16(own, columns[half], others[half]));
                    let number = vaddq_s16(first, number);
                    any = vorrq_u16(any, vceqq_s16(number, left_over));
                    // SAFETY: the half of the quarter of 64 numbers of 16 bits.
                    unsafe { vst1q_s16(counts.as_mut_ptr().add(16 * quarter + 8 * half), number) };
                }
            }
            left |= u64::from(vmaxvq_u16(any) != 0) << i;
        }
        left
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn look_up_avx2(&self, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        use std::arch::x86_64::*;
        // Sixteen bytes of a table in both halves of a register.
        let bytes = |table: &[u16; COLUMNS], from: usize, shift: u32| {
            let bytes: [u8; 16] = std::array::from_fn(|i| (table[from + i] >> shift) as u8);
            // SAFETY: sixteen bytes are read.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        };
        let low = [bytes(&self.threshold, 0, 0), bytes(&self.threshold, 16, 0)];
        let high = [bytes(&self.threshold, 0, 8), bytes(&self.threshold, 16, 8)];
        let other = [bytes(&self.other, 0, 0), bytes(&self.other, 16, 0)];
        let (first, left_over) = (_mm256_set1_epi16(self.first), _mm256_set1_epi16(self.left_over));
        let (within, lower) = (_mm256_set1_epi16(DEPTH as i16 - 1), _mm256_set1_epi16(0xFF));
        let mut left = 0;
        for (i, (bits, counts)) in bits.iter().zip(counts).enumerate() {
            let mut any = _mm256_setzero_si256();
            for quarter in 0..4 {
                // SAFETY: the quarter of 128 bytes.
                let values = unsafe { _mm256_load_si256(bits.0.as_ptr().cast::<__m256i>().add(quarter)) };
                let column = _mm256_srli_epi16::<11>(values);
                let upper = _mm256_cmpgt_epi16(column, _mm256_set1_epi16(15));
                let look = |table: [__m256i; 2]| {
                    let found = table.map(|table| _mm256_shuffle_epi8(table, column));
                    _mm256_and_si256(_mm256_blendv_epi8(found[0], found[1], upper), lower)
                };
                let threshold = _mm256_or_si256(look(low), _mm256_slli_epi16::<8>(look(high)));
                let own = _mm256_cmpgt_epi16(threshold, _mm256_and_si256(values, within));
                let number = _mm256_add_epi16(first, _mm256_blendv_epi8(look(other), column, own));
                any = _mm256_or_si256(any, _mm256_cmpeq_epi16(number, left_over));
                // SAFETY: the quarter of 64 numbers of 16 bits.
                unsafe { _mm256_storeu_si256(counts.as_mut_ptr().cast::<__m256i>().add(quarter), number) };
            }
            left |= u64::from(_mm256_movemask_epi8(any) != 0) << i;
        }
        left
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn look_up_avx512(&self, bits: &[Eight], counts: &mut [[i16; BLOCK]]) -> u64 {
        use std::arch::x86_64::*;
        // SAFETY: 32 numbers of 16 bits each are read.
        let [threshold, other] =
            [&self.threshold, &self.other].map(|table| unsafe { _mm512_loadu_si512(table.as_ptr().cast()) });
        let (first, left_over) = (_mm512_set1_epi16(self.first), _mm512_set1_epi16(self.left_over));
        let within = _mm512_set1_epi16(DEPTH as i16 - 1);
        let mut left = 0;
        for (i, (bits, counts)) in bits.iter().zip(counts).enumerate() {
            let mut any = 0;
            for half in 0..2 {
                // SAFETY: the half of 128 bytes.
                let values = unsafe { _mm512_loadu_si512(bits.0.as_ptr().cast::<__m512i>().add(half)) };
                let column = _mm512_srli_epi16::<11>(values);
                let limit = _mm512_permutexvar_epi16(column, threshold);
                let own = _mm512_cmplt_epu16_mask(_mm512_and_si512(values, within), limit);
                let number = _mm512_mask_blend_epi16(own, _mm512_permutexvar_epi16(column, other), column);
                let number = _mm512_add_epi16(first, number);
                any |= _mm512_cmpeq_epi16_mask(number, left_over);
                // SAFETY: the half of 64 numbers of 16 bits.
                unsafe {
                    _mm512_storeu_si512(counts.as_mut_ptr().cast::<__m512i>().add(half).cast(), number)
                };
            }
            left |= u64::from(any != 0) << i;
        }
        left
    }
}

impl PoissonCounts {
    /// `rng` samples the remaining values.
    pub fn new(mean: f64, rng: Rng) -> Self {
        let parts = (1..).find(|&parts| width(mean / parts as f64) <= COLUMNS).unwrap_or(1);
        let (first, shares) = shares(mean / parts as f64);
        // At a mean of 0 one value remains, and it also stands for 0.
        let part = |share: &f64| share.min(VALUES - 1.0) as u16;
        let mut whole: Vec<u16> = shares[first..].iter().map(part).collect();
        whole.truncate(whole.iter().rposition(|&n| n > 0).map_or(1, |last| last + 1));
        whole.push((VALUES - whole.iter().map(|&n| f64::from(n)).sum::<f64>()) as u16);
        let lacking: Vec<f64> = shares.iter().map(|share| share - f64::from(part(share))).collect();
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
        PoissonCounts { parts, table: Table::new(first, &whole), rest, rest_first: rest_first as i16, rng }
    }

    /// The numbers of up to eight blocks of neurons. `first` (plus `stride` for each further block) counts neurons and steps
    /// together. Each part has a random stream of its own. If parts used counters in between instead, a rate that changes
    /// would repeat random numbers of another step.
    pub fn draw(&self, level: SimdLevel, rng: &Rng, first: u64, stride: u64, counts: &mut [[i16; BLOCK]]) {
        self.draw_part(level, [*rng, self.rng], [first, stride], counts);
        for part in 1..self.parts {
            let mut more = [[0; BLOCK]; TOGETHER];
            let more = &mut more[..counts.len()];
            self.draw_part(level, [rng.part(part), self.rng.part(part)], [first, stride], more);
            for (count, more) in counts.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
                *count += more;
            }
        }
    }

    /// `remainder_rng` samples the remaining values.
    fn draw_part(
        &self,
        level: SimdLevel,
        [rng, remainder_rng]: [Rng; 2],
        [first, stride]: [u64; 2],
        counts: &mut [[i16; BLOCK]],
    ) {
        let mut bits = [Eight::ZERO; TOGETHER];
        let bits = &mut bits[..counts.len()];
        rng.fill(level, first.wrapping_mul(8), stride.wrapping_mul(8), 1, bits);
        let mut left = self.table.look_up(level, bits, counts);
        while left != 0 {
            let i = left.trailing_zeros();
            self.resolve(&remainder_rng, &mut counts[i as usize], first.wrapping_add(u64::from(i) * stride));
            left &= left - 1;
        }
    }

    /// Samples the numbers of remaining values.
    #[cold]
    fn resolve(&self, remainder_rng: &Rng, counts: &mut [i16; BLOCK], number: u64) {
        let left_over = self.table.left_over;
        for (neuron_slot, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count == left_over) {
            let word =
                remainder_rng.u32_at(number.wrapping_mul(BLOCK as u64).wrapping_add(neuron_slot as u64));
            *count = self.rest_first + self.rest.partition_point(|&threshold| threshold <= word) as i16;
        }
    }
}

/// The share of each number in the 16-bit values, and the first number whose share is at least one value.
fn shares(mean: f64) -> (usize, Vec<f64>) {
    let (mut p, mut below) = (libm::exp(-mean), 0.0);
    let mut shares = Vec::new();
    while below < 1.0 - 1e-15 && (p > 0.0 || shares.len() as f64 <= mean) {
        shares.push(p * VALUES);
        below += p;
        p *= mean / shares.len() as f64;
    }
    (shares.iter().position(|&share| share >= 1.0).unwrap_or(0), shares)
}

/// Number of columns of a table.
fn width(mean: f64) -> usize {
    let (first, shares) = shares(mean);
    shares[first..].iter().filter(|&&share| share >= 1.0).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_levels_draw_the_same() {
        let (rng, remainder_rng) = (Rng::new(5, 77), Rng::new(5, 1 << 63));
        for mean in [0.0, 1e-7, 0.02, 1.6, 12.0, 40.0, 499.0] {
            let counts = PoissonCounts::new(mean, remainder_rng);
            let draw = |level, number| {
                let mut all = [[0; BLOCK]; 5];
                counts.draw(level, &rng, number, 3, &mut all);
                all
            };
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                for number in [0, 1, 1 << 20, 1 << 50] {
                    assert_eq!(draw(level, number), draw(SimdLevel::Portable, number), "{mean} {level:?}");
                }
            }
        }
    }

    /// At rates with different numbers of samples, the numbers of one step are independent of any other.
    #[test]
    fn rates_share_no_draws_but_those_of_a_step() {
        let (rng, remainder_rng) = (Rng::new(5, 77), Rng::new(5, 1 << 63));
        let [few, many] = [1.6, 40.0].map(|mean| PoissonCounts::new(mean, remainder_rng));
        assert!(few.parts == 1 && many.parts > 2);
        let draw = |counts: &PoissonCounts, number| {
            let mut all = [[0; BLOCK]];
            counts.draw(SimdLevel::detect(), &rng, number, 1, &mut all);
            all[0].map(f64::from)
        };
        for part in 0..many.parts {
            let (mut sum, mut n) = (0.0, 0.0);
            for number in 1..2000 {
                let pairs = draw(&many, number).into_iter().zip(draw(&few, number * many.parts + part));
                sum += pairs.map(|(x, y)| (x - 40.0) * (y - 1.6)).sum::<f64>();
                n += BLOCK as f64;
            }
            let correlation = sum / n / (40.0f64 * 1.6).sqrt();
            assert!(correlation.abs() < 5.0 / n.sqrt(), "part {part}: {correlation}");
        }
    }

    /// Each number gets as many 16-bit values as the integer part of its share.
    #[test]
    fn the_table_holds_whole_shares() {
        for mean in [0.02, 1.6, 2.0, 12.0] {
            let PoissonCounts { parts, table, .. } = PoissonCounts::new(mean, Rng::new(0, 0));
            assert_eq!(parts, 1, "{mean}");
            let mut seen = std::collections::BTreeMap::new();
            for values in 0..1u32 << 10 {
                let words = std::array::from_fn(|i| {
                    let value = values * 64 + 2 * i as u32;
                    value | (value + 1) << 16
                });
                let mut counts = [[0; BLOCK]];
                table.look_up(SimdLevel::detect(), &[Eight(words)], &mut counts);
                counts[0].iter().for_each(|&count| *seen.entry(count).or_insert(0) += 1);
            }
            let (mut p, mut left) = ((-mean).exp() * 65_536.0, 65_536);
            for k in 0..table.left_over {
                assert_eq!(seen.get(&k).copied().unwrap_or(0), p.floor() as i32, "{mean}: {k}");
                left -= p.floor() as i32;
                p *= mean / f64::from(k + 1);
            }
            assert_eq!(seen.get(&table.left_over).copied().unwrap_or(0), left, "{mean}: left over");
        }
    }

    /// A mean so small that every event comes from a remaining value.
    #[test]
    fn rare_events_have_their_rate() {
        let (mean, draws) = (1e-5, 100_000u64);
        let (counts, rng) = (PoissonCounts::new(mean, Rng::new(5, 1 << 63)), Rng::new(5, 77));
        let mut events = 0;
        for number in (0..draws * 8).step_by(8) {
            let mut all = [[0; BLOCK]; 8];
            counts.draw(SimdLevel::detect(), &rng, number, 1, &mut all);
            events += all.as_flattened().iter().map(|&n| n as u64).sum::<u64>();
        }
        let expected = mean * (draws * 512) as f64;
        assert!((events as f64 - expected).abs() < 5.0 * expected.sqrt(), "{events} {expected}");
    }
}
