//! Packs the spikes of a block of elements into a word, at each level. For the plain loop the compiler emits one vector per eight
//! bits, which takes as long as the rest of a step of a simple neuron. Also a barrier against masked stores, see
//! `through_a_register`.

use super::step::BLOCK;
use lapicque_base::real::Real;
use lapicque_base::simd::lowest_bits;

/// Sets a bit for each element that is above zero, for spikes given as numbers.
pub(super) fn pack<F: Real>(spikes: &[F], words: &mut [u64]) {
    for (word, spikes) in words.iter_mut().zip(spikes.as_chunks::<BLOCK>().0) {
        *word = word_of(spikes);
    }
}

#[inline(always)]
fn word_of<F: Real>(spikes: &[F; BLOCK]) -> u64 {
    let bytes = spikes.map(|spike| u8::from(spike > F::ZERO));
    let eights = bytes.as_chunks::<8>().0.iter().enumerate();
    eights.fold(0, |word, (i, &eight)| word | lowest_bits(eight) << (8 * i))
}

pub(super) trait SpikeBits {
    /// Whether a step with an exponential computes it in a separate loop. Measured only with AVX2 on Zen 3, where it is 25 %
    /// faster.
    const STAGED: bool = false;

    /// A bit for each element that is above zero.
    ///
    /// # Safety
    /// The CPU must have the level.
    unsafe fn of(spikes: &[f32; BLOCK]) -> u64;

    /// Returns the same numbers, but hides that from the compiler. Otherwise a store to where some of them were read becomes a
    /// masked store, which costs dozens of operations on AMD cores without AVX-512.
    ///
    /// # Safety
    /// The CPU must have the level.
    #[inline(always)]
    unsafe fn as_they_are(numbers: [f32; BLOCK]) -> [f32; BLOCK] {
        numbers
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) struct Portable;

#[cfg(not(target_arch = "x86_64"))]
impl SpikeBits for Portable {
    #[inline(always)]
    unsafe fn of(spikes: &[f32; BLOCK]) -> u64 {
        word_of(spikes)
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl SpikeBits for Avx2 {
    const STAGED: bool = true;

    #[inline(always)]
    unsafe fn of(spikes: &[f32; BLOCK]) -> u64 {
        use std::arch::x86_64::*;
        spikes.as_chunks::<8>().0.iter().enumerate().fold(0, |word, (i, spikes)| {
            // SAFETY: the caller guarantees the level; eight numbers are read.
            let mask = unsafe {
                let above =
                    _mm256_cmp_ps::<_CMP_GT_OQ>(_mm256_loadu_ps(spikes.as_ptr()), _mm256_setzero_ps());
                _mm256_movemask_ps(above)
            };
            word | u64::from(mask as u8) << (8 * i)
        })
    }

    #[inline(always)]
    unsafe fn as_they_are(mut numbers: [f32; BLOCK]) -> [f32; BLOCK] {
        for numbers in numbers.as_chunks_mut::<8>().0 {
            // SAFETY: the caller guarantees the level.
            unsafe { through_a_register(numbers) };
        }
        numbers
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
#[inline]
fn through_a_register(numbers: &mut [f32; 8]) {
    use std::arch::asm;
    use std::arch::x86_64::{_mm256_loadu_ps, _mm256_storeu_ps};
    // SAFETY: eight numbers are read and written; the asm block contains no instruction.
    unsafe {
        let mut register = _mm256_loadu_ps(numbers.as_ptr());
        asm!("/* {0} */", inout(ymm_reg) register, options(pure, nomem, nostack, preserves_flags));
        _mm256_storeu_ps(numbers.as_mut_ptr(), register);
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) struct Avx512;

#[cfg(target_arch = "x86_64")]
impl SpikeBits for Avx512 {
    #[inline(always)]
    unsafe fn of(spikes: &[f32; BLOCK]) -> u64 {
        use std::arch::x86_64::*;
        spikes.as_chunks::<16>().0.iter().enumerate().fold(0, |word, (i, spikes)| {
            // SAFETY: the caller guarantees the level; sixteen numbers are read.
            let mask = unsafe {
                _mm512_cmp_ps_mask::<_CMP_GT_OQ>(_mm512_loadu_ps(spikes.as_ptr()), _mm512_setzero_ps())
            };
            word | u64::from(mask) << (16 * i)
        })
    }
}
