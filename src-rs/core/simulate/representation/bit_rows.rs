//! Sums of rows of bits: for each neuron, the number of rows in which its bit is set, times a weight. Carry-save adders
//! sum 512 bits of the rows at a time, so that a synapse costs a fraction of an instruction.

use super::precision::Precision;

/// Words that are summed at once.
pub const WIDE: usize = 8;
/// Binary digits of a count.
const DIGITS: usize = 8;
/// Maximum number of rows that are summed together, a multiple of eight: more could overflow the count.
pub const MOST_ROWS: usize = (1 << DIGITS) - 8;

type Words = [u64; WIDE];

/// Rows of `stride` words each, a multiple of eight.
#[derive(Clone, Copy)]
pub struct BitRows<'a> {
    pub words: &'a [u64],
    pub stride: usize,
}

impl BitRows<'_> {
    #[inline(always)]
    fn at(&self, row: u32, chunk: usize) -> &Words {
        let words = &self.words[row as usize * self.stride + chunk * WIDE..];
        words.first_chunk().unwrap_or(&[0; WIDE])
    }

    /// The binary digits, lowest first, of the number of `rows` in which each bit of a chunk is set.
    fn count(&self, rows: &[u32], chunk: usize) -> [Words; DIGITS] {
        let mut digits = [[0; WIDE]; DIGITS];
        for eight in rows.as_chunks::<8>().0 {
            let r = eight.map(|row| *self.at(row, chunk));
            let [ones, twos, fours, ..] = &mut digits;
            let (a, b) = (add(ones, &r[0], &r[1]), add(ones, &r[2], &r[3]));
            let c = add(twos, &a, &b);
            let (a, b) = (add(ones, &r[4], &r[5]), add(ones, &r[6], &r[7]));
            let d = add(twos, &a, &b);
            let mut carry = add(fours, &c, &d);
            for digit in &mut digits[3..] {
                for (digit, carry) in digit.iter_mut().zip(&mut carry) {
                    (*digit, *carry) = (*digit ^ *carry, *digit & *carry);
                }
            }
        }
        digits
    }

    /// Adds `weight` to the sum of each neuron slot, once for each of `rows` in which its bit is set. The number of rows is a
    /// multiple of eight, at most `MOST_ROWS`; an empty row is used as padding.
    pub fn add_up<F: Precision>(&self, rows: &[u32], weight: i64, sums: &mut [F::Sum]) {
        for (chunk, sums) in sums.chunks_mut(WIDE * 64).enumerate() {
            let digits = self.count(rows, chunk);
            for (word, sums) in sums.chunks_mut(64).enumerate() {
                let digits = digits.map(|digit| digit[word]);
                let mut some = digits.iter().fold(0, |some, digit| some | digit);
                while some != 0 {
                    let bit = some.trailing_zeros();
                    let count = (0..DIGITS).map(|k| (digits[k] >> bit & 1) << k).sum::<u64>();
                    F::increase(&mut sums[bit as usize], weight * count as i64);
                    some &= some - 1;
                }
            }
        }
    }

    /// As `add_up` for few rows, bit by bit.
    pub fn add_each<F: Precision>(&self, rows: &[u32], weight: i64, sums: &mut [F::Sum]) {
        for &row in rows {
            let words = &self.words[row as usize * self.stride..][..sums.len().div_ceil(64)];
            for (&word, sums) in words.iter().zip(sums.chunks_mut(64)) {
                let mut word = word;
                while word != 0 {
                    F::increase(&mut sums[word.trailing_zeros() as usize], weight);
                    word &= word - 1;
                }
            }
        }
    }

    /// [`add_up`](BitRows::add_up) in registers of 256 bits.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    pub fn add_up_avx2(&self, rows: &[u32], weight: i16, sums: &mut [i32]) {
        use std::arch::x86_64::*;
        let weight = _mm256_set1_epi32(i32::from(weight as u16));
        // Byte `i` of a vector must test bit `i % 8` of byte `i / 8` of 32 slots; 64 slots take two vectors.
        let byte = |first: i64| {
            let byte = |i: i64| (first + i) * 0x0101_0101_0101_0101;
            _mm256_setr_epi64x(byte(0), byte(1), byte(2), byte(3))
        };
        let bytes = [byte(0), byte(4)];
        let bit = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
        let add = |sum: &mut [i32; 8], counts: __m128i| {
            // Each 32-bit element has a count below 256 in its lower half and 0 in the upper half, so one of the two products
            // is 0.
            let product = _mm256_madd_epi16(_mm256_cvtepu8_epi32(counts), weight);
            let at = sum.as_mut_ptr().cast();
            // SAFETY: eight sums are read and written.
            unsafe { _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), product)) };
        };
        // Computed once for all chunks.
        let chunks = sums.len().div_ceil(WIDE * 64);
        let mut begins = [[].as_ptr(); MOST_ROWS];
        for (begin, &row) in begins.iter_mut().zip(rows) {
            *begin = self.words[row as usize * self.stride..][..chunks * WIDE].as_ptr();
        }
        let mut words = [[0u64; WIDE]; DIGITS];
        for (chunk, sums) in sums.chunks_mut(WIDE * 64).enumerate() {
            // SAFETY: each of the rows has this number of chunks, as checked above.
            let used = unsafe { count_avx2(&begins[..rows.len()], chunk, &mut words) };
            for (word, sums) in sums.as_chunks_mut::<64>().0.iter_mut().enumerate() {
                // From the highest digit down: the count is doubled, and 1 is added where a comparison returns -1.
                let mut counts = [_mm256_setzero_si256(); 2];
                for words in words[..used].iter().rev() {
                    let neuron_slots = _mm256_set1_epi64x(words[word] as i64);
                    for (counts, byte) in counts.iter_mut().zip(bytes) {
                        let own = _mm256_and_si256(_mm256_shuffle_epi8(neuron_slots, byte), bit);
                        let ones = _mm256_cmpeq_epi8(own, bit);
                        *counts = _mm256_sub_epi8(_mm256_add_epi8(*counts, *counts), ones);
                    }
                }
                for (counts, sums) in counts.into_iter().zip(sums.as_chunks_mut::<32>().0) {
                    let [a, b, c, d] = sums.as_chunks_mut::<8>().0 else { continue };
                    let (low, high) = (_mm256_castsi256_si128(counts), _mm256_extracti128_si256::<1>(counts));
                    add(a, low);
                    add(b, _mm_unpackhi_epi64(low, low));
                    add(c, high);
                    add(d, _mm_unpackhi_epi64(high, high));
                }
            }
        }
    }

    /// [`add_up`](BitRows::add_up) in registers of 512 bits.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub fn add_up_avx512(&self, rows: &[u32], weight: i16, sums: &mut [i32]) {
        use lapicque_base::cache::prefetch;
        use std::arch::x86_64::*;
        /// Tables of three bits' majority and exclusive or.
        const CARRY: i32 = 0xE8;
        const SUM: i32 = 0x96;
        let add = |sum: &mut __m512i, a: __m512i, b: __m512i| {
            let carry = _mm512_ternarylogic_epi64::<CARRY>(*sum, a, b);
            *sum = _mm512_ternarylogic_epi64::<SUM>(*sum, a, b);
            carry
        };
        let used = (usize::BITS - rows.len().leading_zeros()) as usize;
        let weight = _mm512_set1_epi32(i32::from(weight as u16));
        for (chunk, sums) in sums.chunks_mut(WIDE * 64).enumerate() {
            let mut digits = [_mm512_setzero_si512(); DIGITS];
            for eight in rows.as_chunks::<8>().0 {
                let mut r = [_mm512_setzero_si512(); 8];
                for (r, &row) in r.iter_mut().zip(eight) {
                    let words: *const u64 = self.at(row, chunk).as_ptr();
                    prefetch(words.wrapping_add(WIDE));
                    // SAFETY: eight words are read.
                    *r = unsafe { _mm512_loadu_si512(words.cast()) };
                }
                let [ones, twos, fours, ..] = &mut digits;
                let (a, b) = (add(ones, r[0], r[1]), add(ones, r[2], r[3]));
                let c = add(twos, a, b);
                let (a, b) = (add(ones, r[4], r[5]), add(ones, r[6], r[7]));
                let d = add(twos, a, b);
                let mut carry = add(fours, c, d);
                for digit in &mut digits[3..used.max(3)] {
                    (*digit, carry) = (_mm512_xor_si512(*digit, carry), _mm512_and_si512(*digit, carry));
                }
            }
            let mut words = [[0u64; WIDE]; DIGITS];
            for (words, digit) in words.iter_mut().zip(digits) {
                // SAFETY: eight words are written.
                unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), digit) };
            }
            for (word, sums) in sums.as_chunks_mut::<64>().0.iter_mut().enumerate() {
                let mut counts = _mm512_setzero_si512();
                for (k, words) in words[..used].iter().enumerate() {
                    counts = _mm512_mask_add_epi8(counts, words[word], counts, _mm512_set1_epi8(1 << k));
                }
                let mut sixteen = |part: __m128i, at: usize| {
                    // Each 32-bit element has a count below 256 in its lower half and 0 in the upper half, so one of the two
                    // products is 0.
                    let product = _mm512_madd_epi16(_mm512_cvtepu8_epi32(part), weight);
                    // SAFETY: sixteen of 64 sums are read and written.
                    unsafe {
                        let at = sums.as_mut_ptr().add(16 * at);
                        _mm512_storeu_si512(
                            at.cast(),
                            _mm512_add_epi32(_mm512_loadu_si512(at.cast()), product),
                        );
                    }
                };
                sixteen(_mm512_extracti32x4_epi32::<0>(counts), 0);
                sixteen(_mm512_extracti32x4_epi32::<1>(counts), 1);
                sixteen(_mm512_extracti32x4_epi32::<2>(counts), 2);
                sixteen(_mm512_extracti32x4_epi32::<3>(counts), 3);
            }
        }
    }
}

/// `sum` is replaced by the lower digits of the sum of three; the upper digits are returned.
#[inline(always)]
fn add(sum: &mut Words, a: &Words, b: &Words) -> Words {
    let mut carry = [0; WIDE];
    for i in 0..WIDE {
        let half = sum[i] ^ a[i];
        carry[i] = (sum[i] & a[i]) | (half & b[i]);
        sum[i] = half ^ b[i];
    }
    carry
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, _mm256_and_si256, _mm256_or_si256, _mm256_xor_si256};

/// The binary digits of the number of rows in which each bit of a chunk is set; a chunk is two registers. Returns the number
/// of digits that are used by any slot. The number of rows is a multiple of eight.
///
/// # Safety
/// Each pointer is the beginning of a row that has this chunk.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn count_avx2(rows: &[*const u64], chunk: usize, words: &mut [Words; DIGITS]) -> usize {
    use lapicque_base::cache::prefetch;
    use std::arch::x86_64::*;
    let possible = (usize::BITS - rows.len().leading_zeros()) as usize;
    let zero = _mm256_setzero_si256();
    let [mut ones, mut twos, mut fours] = [[zero; 2]; 3];
    let mut upper = [[zero; 2]; DIGITS - 3];
    for eight in rows.as_chunks::<8>().0 {
        let at = eight.map(|row| row.wrapping_add(chunk * WIDE));
        at.iter().for_each(|words| prefetch(words.wrapping_add(WIDE)));
        for half in 0..2 {
            // SAFETY: four of eight words are read.
            let row = |i: usize| unsafe { _mm256_loadu_si256(at[i].cast::<__m256i>().add(half)) };
            let (a, b, c, d, e, f, mut carry);
            (ones[half], a) = add_avx2(ones[half], row(0), row(1));
            (ones[half], b) = add_avx2(ones[half], row(2), row(3));
            (twos[half], c) = add_avx2(twos[half], a, b);
            (ones[half], d) = add_avx2(ones[half], row(4), row(5));
            (ones[half], e) = add_avx2(ones[half], row(6), row(7));
            (twos[half], f) = add_avx2(twos[half], d, e);
            (fours[half], carry) = add_avx2(fours[half], c, f);
            for digit in &mut upper[..possible.saturating_sub(3)] {
                let old = digit[half];
                (digit[half], carry) = (_mm256_xor_si256(old, carry), _mm256_and_si256(old, carry));
            }
        }
    }
    let mut used = 0;
    for (k, digit) in [ones, twos, fours].into_iter().chain(upper).enumerate().take(possible) {
        let any = _mm256_or_si256(digit[0], digit[1]);
        if _mm256_testz_si256(any, any) == 0 {
            used = k + 1;
        }
        for (words, digit) in words[k].as_chunks_mut::<4>().0.iter_mut().zip(digit) {
            // SAFETY: four words are written.
            unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), digit) };
        }
    }
    used
}

/// The lower and the upper digits of the sum of three.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn add_avx2(a: __m256i, b: __m256i, c: __m256i) -> (__m256i, __m256i) {
    let half = _mm256_xor_si256(a, b);
    (_mm256_xor_si256(half, c), _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(half, c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;
    use lapicque_base::simd::SimdLevel;

    #[test]
    fn every_way_counts_the_same_bits() {
        let (sources, neuron_slots, stride, rng) = (300, 1088, 24, Rng::new(1, 2));
        let mut words = vec![0; (sources + 1) * stride];
        for source in 0..sources {
            for i in 0..(source * 4) as u64 {
                let neuron_slot = rng.u32_at((source as u64) << 20 | i) as usize % neuron_slots;
                words[source * stride + neuron_slot / 64] |= 1 << (neuron_slot % 64);
            }
        }
        let bits = BitRows { words: &words, stride };
        for count in [8, 16, 40, 120, MOST_ROWS] {
            let empty = sources as u32;
            let row = |i: usize| if i + 3 < count { rng.u32_at(i as u64) % empty } else { empty };
            let rows: Vec<u32> = (0..count).map(row).collect();
            let mut expected = vec![5i32; neuron_slots];
            for &row in &rows {
                for (neuron_slot, sum) in expected.iter_mut().enumerate() {
                    let bit = words[row as usize * stride + neuron_slot / 64] >> (neuron_slot % 64) & 1;
                    *sum += bit as i32 * -4321;
                }
            }
            let (mut up, mut each) = (vec![5i32; neuron_slots], vec![5i32; neuron_slots]);
            bits.add_up::<f32>(&rows, -4321, &mut up);
            bits.add_each::<f32>(&rows, -4321, &mut each);
            assert!(up == expected && each == expected, "{count} rows");
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                let mut sums = vec![5i32; neuron_slots];
                f32::add_bits(level, bits, &rows, -4321, &mut sums);
                assert!(sums == expected, "{count} rows at {}", level.name());
            }
        }
    }
}
