//! The positions of the set bits of a word, the step from spike bits to lists.

use crate::simd::registers::Lanes;

/// Slots that `append` may write beyond the positions it returns.
pub(crate) const SLACK: usize = 16;

/// Writes `base` plus the position of every set bit, ascending, and returns their number.
///
/// # Safety
/// `out` has enough elements for the word's bits and `SLACK` more; the CPU has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn append<V: Lanes>(out: *mut u32, word: u64, base: u32) -> usize {
    #[cfg(target_arch = "x86_64")]
    if V::REGISTERS == 32 {
        // SAFETY: only AVX-512 has 32 registers; the caller guarantees both the memory and the instructions.
        return unsafe { append_compressed(out, word, base) };
    }
    let count = word.count_ones() as usize;
    let (mut rest, mut done) = (word, 0);
    // In groups of eight, always at least one: few mispredicted branches if bits are sparse.
    loop {
        for slot in done..done + 8 {
            // SAFETY: `done` is at most `count` rounded down to eight, so `slot < count + 8`.
            unsafe { *out.add(slot) = base + rest.trailing_zeros() };
            rest &= rest.wrapping_sub(1);
        }
        done += 8;
        if done >= count {
            return count;
        }
    }
}

/// The same without a branch, sixteen bits at a time.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn append_compressed(out: *mut u32, word: u64, base: u32) -> usize {
    use core::arch::x86_64::*;
    // SAFETY: a store writes sixteen slots from the current number of positions, which is within the bits and the slack
    // that the caller guarantees; the caller guarantees the instructions too.
    unsafe {
        let mut lanes = _mm512_add_epi32(
            _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
            _mm512_set1_epi32(base as i32),
        );
        let mut count = 0;
        for quarter in 0..4 {
            let mask = (word >> (16 * quarter)) as u16;
            _mm512_storeu_si512(out.add(count).cast(), _mm512_maskz_compress_epi32(mask, lanes));
            count += mask.count_ones() as usize;
            lanes = _mm512_add_epi32(lanes, _mm512_set1_epi32(16));
        }
        count
    }
}
