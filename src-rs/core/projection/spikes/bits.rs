//! Spikes as bits: packing values into words and back, and recognizing binary user input.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::{PANEL, panels};
use lapicque_base::SimdLevel;

/// Bit `j` of word `w` is set if element `64 w + j` is above zero. The caller masks the padding of the last panel
/// (`panel_mask`), unless it is known not to be positive. Panics unless `elements.len() == 64 * words.len()`.
pub fn pack_spikes<F: Element>(level: SimdLevel, elements: &[F], words: &mut [u64]) {
    assert_eq!(elements.len(), PANEL * words.len(), "elements of {} words", words.len());
    dispatch(level, Pack { elements, words });
}

pub struct Pack<'a, F> {
    elements: &'a [F],
    words: &'a mut [u64],
}

impl<F: Element> Kernel<F> for Pack<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for (word, elements) in self.words.iter_mut().zip(self.elements.chunks_exact(PANEL)) {
            *word = 0;
            for (i, register) in elements.chunks_exact(V::WIDTH).enumerate() {
                // SAFETY: the chunk is one register wide; the caller guarantees the instructions.
                let mask = unsafe { V::load(register.as_ptr()).greater(V::splat(F::ZERO)) };
                *word |= mask << (i * V::WIDTH);
            }
        }
    }
}

/// Bytes of 0 or 1 as bits. `bits` collects all occurring bits, those of every sixteenth byte in one position.
#[inline]
pub fn pack_bytes(spikes: &[u8; PANEL], bits: &mut [u8; 16]) -> u64 {
    let (sixteens, _) = spikes.as_chunks::<16>();
    sixteens.iter().enumerate().fold(0, |word, (i, sixteen)| {
        bits.iter_mut().zip(sixteen).for_each(|(bits, &spike)| *bits |= spike);
        word | lowest_bits(sixteen) << (16 * i)
    })
}

/// The lowest bit of each byte.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn lowest_bits(bytes: &[u8; 16]) -> u64 {
    use core::arch::x86_64::*;
    // SAFETY: sixteen bytes are read without alignment, by instructions that every x86-64 CPU has.
    unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        _mm_movemask_epi8(_mm_slli_epi16::<7>(bytes)) as u16 as u64
    }
}

/// The lowest bit of each byte.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn lowest_bits(bytes: &[u8; 16]) -> u64 {
    use lapicque_base::simd::lowest_bits;
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |word, (i, &eight)| word | lowest_bits(eight) << (8 * i))
}

/// The inverse: 1 where the bit is set, else 0. Panics unless `elements.len() == 64 * words.len()`.
pub fn unpack_spikes<F: Element>(level: SimdLevel, words: &[u64], elements: &mut [F]) {
    assert_eq!(elements.len(), PANEL * words.len(), "elements of {} words", words.len());
    dispatch(level, Unpack { words, elements });
}

pub struct Unpack<'a, F> {
    words: &'a [u64],
    elements: &'a mut [F],
}

impl<F: Element> Kernel<F> for Unpack<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for (word, elements) in self.words.iter().zip(self.elements.chunks_exact_mut(PANEL)) {
            for (j, element) in elements.iter_mut().enumerate() {
                *element = if word >> j & 1 == 1 { F::ONE } else { F::ZERO };
            }
        }
    }
}

/// Packs user rows `[rows][neurons]` into words `[rows][panels(neurons)]` if every value is exactly 0 or 1. Returns
/// false at the first row with any other value (including NaN); the words are then undefined. Panics if the slices do
/// not fit.
pub fn binarize<F: Element>(level: SimdLevel, user: &[F], neurons: usize, words: &mut [u64]) -> bool {
    assert!(neurons > 0 && user.len().is_multiple_of(neurons), "rows of {neurons} neurons");
    assert_eq!(words.len(), user.len() / neurons * panels(neurons), "words of {neurons} neurons");
    dispatch(level, Binarize { user, neurons, words })
}

pub struct Binarize<'a, F> {
    user: &'a [F],
    neurons: usize,
    words: &'a mut [u64],
}

impl<F: Element> Kernel<F> for Binarize<'_, F> {
    type Output = bool;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> bool {
        let rows =
            self.user.chunks_exact(self.neurons).zip(self.words.chunks_exact_mut(panels(self.neurons)));
        for (row, words) in rows {
            let mut binary = u64::MAX;
            for (word, elements) in words.iter_mut().zip(row.chunks(PANEL)) {
                let (mut ones, mut zeros, mut at) = (0u64, 0u64, 0);
                let registers = elements.chunks_exact(V::WIDTH);
                let tail = registers.remainder();
                for register in registers {
                    // SAFETY: the chunk is one register wide; the caller guarantees the instructions.
                    unsafe {
                        let value = V::load(register.as_ptr());
                        ones |= value.equal(V::splat(F::ONE)) << at;
                        zeros |= value.equal(V::splat(F::ZERO)) << at;
                    }
                    at += V::WIDTH;
                }
                for value in tail {
                    ones |= u64::from(*value == F::ONE) << at;
                    zeros |= u64::from(*value == F::ZERO) << at;
                    at += 1;
                }
                *word = ones;
                let unused = if elements.len() == PANEL { 0 } else { u64::MAX << elements.len() };
                binary &= ones | zeros | unused;
            }
            if binary != u64::MAX {
                return false;
            }
        }
        true
    }
}
