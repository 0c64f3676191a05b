//! Spikes of a block of neurons as the bits of a word.

/// Bytes that are 0 or 1 as the bits of a word, the first one's lowest.
#[inline(always)]
pub fn flags(bytes: &[u8; 64]) -> u64 {
    let mut out = 0;
    #[cfg(target_arch = "x86_64")]
    for (i, sixteen) in bytes.as_chunks::<16>().0.iter().enumerate() {
        use core::arch::x86_64::{_mm_loadu_si128, _mm_movemask_epi8, _mm_slli_epi16};
        // SAFETY: SSE2 is part of x86-64, and 16 bytes are read.
        let mask =
            unsafe { _mm_movemask_epi8(_mm_slli_epi16::<7>(_mm_loadu_si128(sixteen.as_ptr().cast()))) };
        out |= u64::from(mask as u16) << (16 * i);
    }
    #[cfg(not(target_arch = "x86_64"))]
    for (i, &eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        out |= lapicque_base::simd::lowest_bits(eight) << (8 * i);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_the_bits_of_a_word() {
        for word in [0, 1, u64::MAX, 1 << 63, 0x0123_4567_89ab_cdef, 0xf00f_0ff0_5aa5_8001] {
            let bytes: [u8; 64] = std::array::from_fn(|i| (word >> i & 1) as u8);
            assert_eq!(flags(&bytes), word);
        }
    }
}
