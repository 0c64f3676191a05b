//! Registers of CPUs with NEON, which all 64-bit ARM CPUs have. Two of them form one register as wide as AVX2's. There
//! are sixteen such pairs, so kernels use the tile shapes of AVX2.

use super::registers::{Element, Lanes};
use core::arch::aarch64::*;

macro_rules! pair {
    ($name:ident, $vector:ty, $f:ty, $width:literal, $set1:ident, $load:ident, $store:ident, $add:ident,
     $fma:ident, $greater:ident, $equal:ident, $bits:ident, $zip1:ident, $zip2:ident, $bytes:ident, $from_bytes:ident) => {
        #[derive(Clone, Copy)]
        pub struct $name([$vector; 2]);

        // SAFETY (of every block here): NEON is part of the compilation target, and the contract of `Lanes` says that
        // `p` covers the register; no access requires alignment.
        impl Lanes for $name {
            type F = $f;
            const WIDTH: usize = $width;
            const REGISTERS: usize = 16;

            #[inline(always)]
            unsafe fn splat(x: $f) -> Self {
                unsafe { $name([$set1(x); 2]) }
            }
            #[inline(always)]
            unsafe fn load(p: *const $f) -> Self {
                unsafe { $name([$load(p), $load(p.add($width / 2))]) }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $f) {
                unsafe {
                    $store(p, self.0[0]);
                    $store(p.add($width / 2), self.0[1]);
                }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                unsafe { $name([$add(a[0], b[0]), $add(a[1], b[1])]) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, a: Self, acc: Self) -> Self {
                let (x, a, acc) = (self.0, a.0, acc.0);
                unsafe { $name([$fma(acc[0], x[0], a[0]), $fma(acc[1], x[1], a[1])]) }
            }
            #[inline(always)]
            unsafe fn greater(self, other: Self) -> u64 {
                let (a, b) = (self.0, other.0);
                unsafe { $bits($greater(a[0], b[0]), $greater(a[1], b[1])) }
            }
            #[inline(always)]
            unsafe fn equal(self, other: Self) -> u64 {
                let (a, b) = (self.0, other.0);
                unsafe { $bits($equal(a[0], b[0]), $equal(a[1], b[1])) }
            }
            #[inline(always)]
            unsafe fn interleave(self, other: Self) -> [Self; 2] {
                let (a, b) = (self.0, other.0);
                unsafe {
                    let transposed = |a, b| $name([$zip1(a, b), $zip2(a, b)]);
                    [transposed(a[0], b[0]), transposed(a[1], b[1])]
                }
            }
            #[inline(always)]
            unsafe fn slide(self, next: Self, by: usize) -> Self {
                unsafe {
                    let ([a, b], [c, d]) = (self.0.map(|x| $bytes(x)), next.0.map(|x| $bytes(x)));
                    let slid = slide_bytes(uint8x16x4_t(a, b, c, d), by * size_of::<$f>());
                    $name(slid.map(|x| $from_bytes(x)))
                }
            }
        }
    };
}

/// One bit for each element of a comparison, whose elements are all ones or all zeros.
#[inline(always)]
unsafe fn bits_of_8(low: uint32x4_t, high: uint32x4_t) -> u64 {
    const EACH: [u16; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
    // SAFETY (here and below): NEON, as above; whole arrays are read.
    unsafe {
        let lanes = vcombine_u16(vmovn_u32(low), vmovn_u32(high));
        vaddvq_u16(vandq_u16(lanes, vld1q_u16(EACH.as_ptr()))).into()
    }
}
#[inline(always)]
unsafe fn bits_of_4(low: uint64x2_t, high: uint64x2_t) -> u64 {
    const EACH: [u32; 4] = [1, 2, 4, 8];
    unsafe {
        let lanes = vcombine_u32(vmovn_u64(low), vmovn_u64(high));
        vaddvq_u32(vandq_u32(lanes, vld1q_u32(EACH.as_ptr()))).into()
    }
}

/// 32 bytes of 64, from byte `by` on.
#[inline(always)]
unsafe fn slide_bytes(bytes: uint8x16x4_t, by: usize) -> [uint8x16_t; 2] {
    const INDICES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    unsafe {
        let indices = vaddq_u8(vld1q_u8(INDICES.as_ptr()), vdupq_n_u8(by as u8));
        [vqtbl4q_u8(bytes, indices), vqtbl4q_u8(bytes, vaddq_u8(indices, vdupq_n_u8(16)))]
    }
}

pair!(
    F32x8,
    float32x4_t,
    f32,
    8,
    vdupq_n_f32,
    vld1q_f32,
    vst1q_f32,
    vaddq_f32,
    vfmaq_f32,
    vcgtq_f32,
    vceqq_f32,
    bits_of_8,
    vzip1q_f32,
    vzip2q_f32,
    vreinterpretq_u8_f32,
    vreinterpretq_f32_u8
);
pair!(
    F64x4,
    float64x2_t,
    f64,
    4,
    vdupq_n_f64,
    vld1q_f64,
    vst1q_f64,
    vaddq_f64,
    vfmaq_f64,
    vcgtq_f64,
    vceqq_f64,
    bits_of_4,
    vzip1q_f64,
    vzip2q_f64,
    vreinterpretq_u8_f64,
    vreinterpretq_f64_u8
);

impl Element for f32 {
    type Portable = F32x8;
    type Avx2 = F32x8;
    type Avx512 = F32x8;
}
impl Element for f64 {
    type Portable = F64x4;
    type Avx2 = F64x4;
    type Avx512 = F64x4;
}
