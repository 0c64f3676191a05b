//! Vector registers behind one small trait, so that each kernel is written once. The kernels are generic over `Lanes`
//! and are compiled for a level by `dispatch`. The types are public only so that `Element` may name them; this module
//! is private.

use crate::instances::Instances;
use lapicque_base::Real;
pub(crate) use lapicque_base::cache::prefetch;

/// A register of `WIDTH` contiguous elements.
///
/// # Safety
/// Every method may execute instructions of the register's level: the caller must be compiled for
/// that level and run on a CPU that has it. `load` and `store` touch `WIDTH` elements at `p`.
pub trait Lanes: Copy {
    type F: Real;
    const WIDTH: usize;
    /// Number of registers of this kind on a CPU, which determines the shape of register tiles.
    const REGISTERS: usize;
    /// Whether kernels have separate code for different sizes and edges, which makes them several times as long. Not
    /// for portable registers, whose products are function calls.
    const SPECIAL: bool = true;
    unsafe fn splat(x: Self::F) -> Self;
    unsafe fn load(p: *const Self::F) -> Self;
    unsafe fn store(self, p: *mut Self::F);
    unsafe fn add(self, other: Self) -> Self;
    /// `self * a + acc` with one rounding.
    unsafe fn mul_add(self, a: Self, acc: Self) -> Self;
    /// Bit `i` is set where element `i` is greater than that of `other` (not for NaN).
    unsafe fn greater(self, other: Self) -> u64;
    /// Bit `i` is set where element `i` equals that of `other` (not for NaN; -0 equals 0).
    unsafe fn equal(self, other: Self) -> u64;
    /// `self` and `other` interleaved: the first halves of both, then the second halves.
    unsafe fn interleave(self, other: Self) -> [Self; 2];
    /// The transpose of a square of rows, the first `WIDTH` registers of `square`, if that takes fewer instructions
    /// than interleaving log2(WIDTH) times.
    #[inline(always)]
    unsafe fn transposed(_: &[Self; WIDEST]) -> Option<[Self; WIDEST]> {
        None
    }
    /// The elements from `by` on, followed by the first ones of `next`; `by` is at most `WIDTH`. Cheapest if `by` is
    /// constant in a loop.
    unsafe fn slide(self, next: Self, by: usize) -> Self;
}

/// Elements of the widest register.
pub(crate) const WIDEST: usize = 16;

/// Prefetches cache lines: a hint, never an access.
#[inline]
pub fn prefetch_lines<T>(values: &[T]) {
    for line in values.chunks((64 / size_of::<T>()).max(1)) {
        prefetch(line.as_ptr());
    }
}

/// An element type with its register at each level: f32 and f64.
pub trait Element: Real + Instances {
    #[doc(hidden)]
    type Portable: Lanes<F = Self>;
    #[doc(hidden)]
    type Avx2: Lanes<F = Self>;
    #[doc(hidden)]
    type Avx512: Lanes<F = Self>;
}

/// Four elements in an array, for CPUs without known vector instructions.
#[cfg(not(target_arch = "aarch64"))]
#[derive(Clone, Copy)]
pub struct Array<F>([F; 4]);

#[cfg(not(target_arch = "aarch64"))]
impl<F: Real> Lanes for Array<F> {
    type F = F;
    const WIDTH: usize = 4;
    const REGISTERS: usize = 16;
    const SPECIAL: bool = false;

    #[inline(always)]
    unsafe fn splat(x: F) -> Self {
        Array([x; 4])
    }
    #[inline(always)]
    unsafe fn load(p: *const F) -> Self {
        // SAFETY: the caller guarantees four elements at `p`; `read_unaligned` requires no alignment.
        unsafe { Array(p.cast::<[F; 4]>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut F) {
        // SAFETY: as in `load`.
        unsafe { p.cast::<[F; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Array([a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]])
    }
    #[inline(always)]
    unsafe fn mul_add(self, a: Self, acc: Self) -> Self {
        Array(fused(&self.0, &a.0, &acc.0))
    }
    #[inline(always)]
    unsafe fn greater(self, other: Self) -> u64 {
        (0..4).fold(0, |mask, i| mask | u64::from(self.0[i] > other.0[i]) << i)
    }
    #[inline(always)]
    unsafe fn equal(self, other: Self) -> u64 {
        (0..4).fold(0, |mask, i| mask | u64::from(self.0[i] == other.0[i]) << i)
    }
    #[inline(always)]
    unsafe fn interleave(self, other: Self) -> [Self; 2] {
        let (a, b) = (self.0, other.0);
        [Array([a[0], b[0], a[1], b[1]]), Array([a[2], b[2], a[3], b[3]])]
    }
    #[inline(always)]
    unsafe fn slide(self, next: Self, by: usize) -> Self {
        let lane = |i: usize| if by + i < 4 { self.0[by + i] } else { next.0[by + i - 4] };
        Array([lane(0), lane(1), lane(2), lane(3)])
    }
}

/// Defined once and not inlined: without a known FMA instruction, each element is a function call, and kernels contain
/// many.
#[cfg(not(target_arch = "aarch64"))]
#[inline(never)]
fn fused<F: Real>(x: &[F; 4], a: &[F; 4], acc: &[F; 4]) -> [F; 4] {
    std::array::from_fn(|i| x[i].mul_add(a[i], acc[i]))
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Array, Element, Lanes, WIDEST};
    use core::arch::x86_64::*;

    macro_rules! register {
        ($name:ident, $vector:ty, $f:ty, $width:literal, $registers:literal, $set1:ident, $load:ident, $store:ident,
         $add:ident, $fma:ident, $greater:expr, $equal:expr, $interleave:expr, $transposed:expr, $slide:expr) => {
            #[derive(Clone, Copy)]
            pub struct $name($vector);

            // SAFETY (of every block here): the contract of `Lanes` says that the CPU has the instructions and that `p`
            // covers the register; loads and stores are unaligned ones.
            impl Lanes for $name {
                type F = $f;
                const WIDTH: usize = $width;
                const REGISTERS: usize = $registers;
                #[inline(always)]
                unsafe fn splat(x: $f) -> Self {
                    unsafe { $name($set1(x)) }
                }
                #[inline(always)]
                unsafe fn load(p: *const $f) -> Self {
                    unsafe { $name($load(p)) }
                }
                #[inline(always)]
                unsafe fn store(self, p: *mut $f) {
                    unsafe { $store(p, self.0) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    unsafe { $name($add(self.0, other.0)) }
                }
                #[inline(always)]
                unsafe fn mul_add(self, a: Self, acc: Self) -> Self {
                    unsafe { $name($fma(self.0, a.0, acc.0)) }
                }
                #[inline(always)]
                unsafe fn greater(self, other: Self) -> u64 {
                    unsafe { $greater(self.0, other.0) }
                }
                #[inline(always)]
                unsafe fn equal(self, other: Self) -> u64 {
                    unsafe { $equal(self.0, other.0) }
                }
                #[inline(always)]
                unsafe fn interleave(self, other: Self) -> [Self; 2] {
                    unsafe { $interleave(self.0, other.0) }.map($name)
                }
                #[inline(always)]
                unsafe fn transposed(square: &[Self; WIDEST]) -> Option<[Self; WIDEST]> {
                    unsafe { $transposed(square) }
                }
                #[inline(always)]
                unsafe fn slide(self, next: Self, by: usize) -> Self {
                    unsafe { $name($slide(self.0, next.0, by)) }
                }
            }
        };
    }

    macro_rules! mask512 {
        ($compare:ident, $predicate:ident, $vector:ty) => {{
            #[inline(always)]
            unsafe fn mask(a: $vector, b: $vector) -> u64 {
                unsafe { u64::from($compare::<$predicate>(a, b)) }
            }
            mask
        }};
    }
    macro_rules! mask256 {
        ($compare:ident, $movemask:ident, $predicate:ident, $vector:ty) => {{
            #[inline(always)]
            unsafe fn mask(a: $vector, b: $vector) -> u64 {
                unsafe { $movemask($compare::<$predicate>(a, b)) as u64 }
            }
            mask
        }};
    }

    #[inline(always)]
    unsafe fn interleave_f32x16(a: __m512, b: __m512) -> [__m512; 2] {
        // SAFETY (here and below): AVX-512F or AVX, by the contract of `Lanes`.
        unsafe {
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
            [_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b)]
        }
    }
    #[inline(always)]
    unsafe fn interleave_f64x8(a: __m512d, b: __m512d) -> [__m512d; 2] {
        unsafe {
            let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
            let high = _mm512_add_epi64(low, _mm512_set1_epi64(4));
            [_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b)]
        }
    }
    #[inline(always)]
    unsafe fn interleave_f32x8(a: __m256, b: __m256) -> [__m256; 2] {
        unsafe {
            let (even, odd) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            [_mm256_permute2f128_ps::<0x20>(even, odd), _mm256_permute2f128_ps::<0x31>(even, odd)]
        }
    }
    #[inline(always)]
    unsafe fn interleave_f64x4(a: __m256d, b: __m256d) -> [__m256d; 2] {
        unsafe {
            let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            [_mm256_permute2f128_pd::<0x20>(even, odd), _mm256_permute2f128_pd::<0x31>(even, odd)]
        }
    }

    #[inline(always)]
    unsafe fn no_transposed<V>(_: &[V; WIDEST]) -> Option<[V; WIDEST]> {
        None
    }
    /// One of three instructions crosses the halves of a register (one per cycle on most CPUs), where repeated
    /// interleaving needs it for every second one.
    #[inline(always)]
    unsafe fn transposed_f32x8(square: &[F32x8; WIDEST]) -> Option<[F32x8; WIDEST]> {
        // SAFETY: AVX, by the contract of `Lanes`.
        unsafe {
            let row = |i: usize| square[i].0;
            // Within each half: pairs of rows, then groups of four.
            let mut fours = [[_mm256_setzero_ps(); 4]; 2];
            for (i, four) in (0..8).step_by(4).zip(&mut fours) {
                let pair = |a: __m256, b: __m256| (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let ((a, b), (c, d)) = (pair(row(i), row(i + 1)), pair(row(i + 2), row(i + 3)));
                *four = [
                    _mm256_shuffle_ps::<0x44>(a, c),
                    _mm256_shuffle_ps::<0xee>(a, c),
                    _mm256_shuffle_ps::<0x44>(b, d),
                    _mm256_shuffle_ps::<0xee>(b, d),
                ];
            }
            let mut transposed = *square;
            for i in 0..4 {
                transposed[i] = F32x8(_mm256_permute2f128_ps::<0x20>(fours[0][i], fours[1][i]));
                transposed[i + 4] = F32x8(_mm256_permute2f128_ps::<0x31>(fours[0][i], fours[1][i]));
            }
            Some(transposed)
        }
    }
    #[inline(always)]
    unsafe fn slide_f32x16(a: __m512, b: __m512, by: usize) -> __m512 {
        // SAFETY (here and below): AVX-512F or AVX2, by the contract of `Lanes`.
        unsafe {
            let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            _mm512_permutex2var_ps(a, _mm512_add_epi32(lanes, _mm512_set1_epi32(by as i32)), b)
        }
    }
    #[inline(always)]
    unsafe fn slide_f64x8(a: __m512d, b: __m512d, by: usize) -> __m512d {
        unsafe {
            let lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
            _mm512_permutex2var_pd(a, _mm512_add_epi64(lanes, _mm512_set1_epi64(by as i64)), b)
        }
    }
    #[inline(always)]
    unsafe fn slide_f32x8(a: __m256, b: __m256, by: usize) -> __m256 {
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let lanes = _mm256_add_epi32(lanes, _mm256_set1_epi32(by as i32));
            let behind = _mm256_castsi256_ps(_mm256_cmpgt_epi32(lanes, _mm256_set1_epi32(7)));
            // The instruction uses the lowest three bits of each index.
            let (a, b) = (_mm256_permutevar8x32_ps(a, lanes), _mm256_permutevar8x32_ps(b, lanes));
            _mm256_blendv_ps(a, b, behind)
        }
    }
    #[inline(always)]
    unsafe fn slide_f64x4(a: __m256d, b: __m256d, by: usize) -> __m256d {
        // Halves are moved as 32-bit elements.
        unsafe { _mm256_castps_pd(slide_f32x8(_mm256_castpd_ps(a), _mm256_castpd_ps(b), 2 * by)) }
    }

    register!(
        F32x16,
        __m512,
        f32,
        16,
        32,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_fmadd_ps,
        mask512!(_mm512_cmp_ps_mask, _CMP_GT_OQ, __m512),
        mask512!(_mm512_cmp_ps_mask, _CMP_EQ_OQ, __m512),
        interleave_f32x16,
        no_transposed,
        slide_f32x16
    );
    register!(
        F64x8,
        __m512d,
        f64,
        8,
        32,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_add_pd,
        _mm512_fmadd_pd,
        mask512!(_mm512_cmp_pd_mask, _CMP_GT_OQ, __m512d),
        mask512!(_mm512_cmp_pd_mask, _CMP_EQ_OQ, __m512d),
        interleave_f64x8,
        no_transposed,
        slide_f64x8
    );
    register!(
        F32x8,
        __m256,
        f32,
        8,
        16,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_fmadd_ps,
        mask256!(_mm256_cmp_ps, _mm256_movemask_ps, _CMP_GT_OQ, __m256),
        mask256!(_mm256_cmp_ps, _mm256_movemask_ps, _CMP_EQ_OQ, __m256),
        interleave_f32x8,
        transposed_f32x8,
        slide_f32x8
    );
    register!(
        F64x4,
        __m256d,
        f64,
        4,
        16,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_add_pd,
        _mm256_fmadd_pd,
        mask256!(_mm256_cmp_pd, _mm256_movemask_pd, _CMP_GT_OQ, __m256d),
        mask256!(_mm256_cmp_pd, _mm256_movemask_pd, _CMP_EQ_OQ, __m256d),
        interleave_f64x4,
        no_transposed,
        slide_f64x4
    );

    impl Element for f32 {
        type Portable = Array<f32>;
        type Avx2 = F32x8;
        type Avx512 = F32x16;
    }
    impl Element for f64 {
        type Portable = Array<f64>;
        type Avx2 = F64x4;
        type Avx512 = F64x8;
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod other {
    use super::{Array, Element};

    impl Element for f32 {
        type Portable = Array<f32>;
        type Avx2 = Array<f32>;
        type Avx512 = Array<f32>;
    }
    impl Element for f64 {
        type Portable = Array<f64>;
        type Avx2 = Array<f64>;
        type Avx512 = Array<f64>;
    }
}
