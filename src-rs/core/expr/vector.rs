//! Numbers in AVX-512 registers, with the operations of emitted steps. In vectorized loops the compiler keeps every uniform
//! number in a register, which are more than there are, so it moves them around; and it packs spikes through memory.

// Not all operations are used by the current steps; the tests use all of them.
#![cfg_attr(not(test), allow(dead_code))]

use super::functions::single;
use super::step::VECTOR;
use std::arch::x86_64::*;
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// One number per element. The constructors' callers guarantee that the CPU has the level.
#[derive(Clone, Copy)]
pub(super) struct Vector(__m512);

/// A condition per element.
#[derive(Clone, Copy)]
pub(super) struct Mask(__mmask16);

impl Vector {
    /// # Safety
    /// The CPU must have AVX-512.
    #[inline(always)]
    pub unsafe fn all(x: f32) -> Self {
        // SAFETY: as above.
        Vector(unsafe { _mm512_set1_ps(x) })
    }

    /// # Safety
    /// The CPU must have AVX-512.
    #[inline(always)]
    pub unsafe fn load(from: &[f32; VECTOR]) -> Self {
        // SAFETY: as above; 16 numbers are read.
        Vector(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    /// Loads integers.
    ///
    /// # Safety
    /// The CPU must have AVX-512.
    #[inline(always)]
    pub unsafe fn load_sums(from: &[i32; VECTOR]) -> Self {
        // SAFETY: as above; 16 numbers are read.
        Vector(unsafe { _mm512_cvtepi32_ps(_mm512_loadu_si512(from.as_ptr().cast())) })
    }

    #[inline(always)]
    pub fn store(self, to: &mut [f32; VECTOR]) {
        // SAFETY: there is a vector, so the CPU has the level; 16 numbers are written.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    /// Functions without an instruction, element by element.
    #[inline(always)]
    pub fn each(self, f: impl Fn(f32) -> f32) -> Self {
        let mut elements = [0.0; VECTOR];
        self.store(&mut elements);
        // SAFETY: there is a vector, so the CPU has the level.
        unsafe { Vector::load(&elements.map(f)) }
    }

    #[inline(always)]
    pub fn mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: there is a vector, so the CPU has the level.
        Vector(unsafe { _mm512_fmadd_ps(self.0, a.0, b.0) })
    }

    #[inline(always)]
    pub fn abs(self) -> Self {
        // SAFETY: there is a vector, so the CPU has the level.
        Vector(unsafe { _mm512_abs_ps(self.0) })
    }

    /// As in [`Scalar`](super::Scalar): the instruction returns its second operand if the first is not smaller.
    #[inline(always)]
    pub fn min(self, other: Self) -> Self {
        // SAFETY: there is a vector, so the CPU has the level.
        Vector(unsafe { _mm512_min_ps(other.0, self.0) })
    }

    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        // SAFETY: there is a vector, so the CPU has the level.
        Vector(unsafe { _mm512_max_ps(other.0, self.0) })
    }

    #[inline(always)]
    pub fn greater(self, other: Self) -> Mask {
        // SAFETY: there is a vector, so the CPU has the level.
        Mask(unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    pub fn at_least(self, other: Self) -> Mask {
        // SAFETY: there is a vector, so the CPU has the level.
        Mask(unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0) })
    }

    /// The comparison in elements where the condition does not hold.
    #[inline(always)]
    pub fn greater_unless(self, condition: Mask, other: Self) -> Mask {
        // SAFETY: there is a vector, so the CPU has the level.
        Mask(unsafe { _mm512_mask_cmp_ps_mask::<_CMP_GT_OQ>(!condition.0, self.0, other.0) })
    }

    #[inline(always)]
    pub fn at_least_unless(self, condition: Mask, other: Self) -> Mask {
        // SAFETY: there is a vector, so the CPU has the level.
        Mask(unsafe { _mm512_mask_cmp_ps_mask::<_CMP_GE_OQ>(!condition.0, self.0, other.0) })
    }

    #[inline(always)]
    pub fn differs_from_zero(self) -> Mask {
        // SAFETY: there is a vector, so the CPU has the level.
        Mask(unsafe { _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(self.0, _mm512_setzero_ps()) })
    }

    /// The same bits as [`single::exp`], for several vectors at once, because each is a chain of dependent operations. Nearly
    /// always all elements allow a shorter computation: the power of two fits into a number or, for decays within a step, is 1.
    /// With several vectors one of them is usually outside that range, so the test is skipped.
    #[inline(always)]
    pub fn exp<const N: usize>(of: [Self; N]) -> [Self; N] {
        // SAFETY: there is a vector, so the CPU has the level.
        unsafe {
            let all_within = |most: f32| {
                let most = _mm512_set1_ps(most);
                of.iter().fold(!0, |k, x| _mm512_mask_cmp_ps_mask::<_CMP_LE_OQ>(k, x.abs().0, most)) == !0
            };
            if N == 1 && all_within(single::EXP_WHOLE) {
                Vector::exp_rest(of)
            } else if all_within(single::EXP_NEAR) {
                let (p, _, t) = Vector::exp_parts(of);
                from_fn(|i| {
                    let power = _mm512_slli_epi32::<23>(_mm512_castps_si512(t[i].0));
                    Vector(_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p[i].0), power)))
                })
            } else {
                let (p, n, _) =
                    Vector::exp_parts(of.map(|x| x.max(Vector::all(-104.0)).min(Vector::all(89.0))));
                from_fn(|i| Vector(_mm512_scalef_ps(p[i].0, n[i].0)))
            }
        }
    }

    /// Reduced arguments and the exponents of the powers of two, whose product is e^x; the exponents also as integers in the
    /// low bits of a number.
    #[inline(always)]
    fn exp_parts<const N: usize>(x: [Self; N]) -> ([Self; N], [Self; N], [Self; N]) {
        // SAFETY: there is a vector, so the CPU has the level.
        let all = |x| unsafe { Vector::all(x) };
        let t = x.map(|x| x.mul_add(all(single::LOG2_E), all(single::ROUND)));
        let n = t.map(|t| t - all(single::ROUND));
        let r: [Vector; N] = from_fn(|i| n[i].mul_add(all(-single::LN2[0]), x[i]));
        let r: [Vector; N] = from_fn(|i| n[i].mul_add(all(-single::LN2[1]), r[i]));
        (Vector::exp_rest(r), n, t)
    }

    /// e^r by its polynomial.
    #[inline(always)]
    fn exp_rest<const N: usize>(r: [Self; N]) -> [Self; N] {
        // SAFETY: there is a vector, so the CPU has the level.
        let all = |x| unsafe { Vector::all(x) };
        let [p, c4, c3, c2, c1, c0] = single::EXP_POLYNOMIAL.map(all);
        let p: [Vector; N] = from_fn(|i| p.mul_add(r[i], c4));
        let p: [Vector; N] = from_fn(|i| p[i].mul_add(r[i], c3));
        let p: [Vector; N] = from_fn(|i| p[i].mul_add(r[i], c2));
        let p: [Vector; N] = from_fn(|i| p[i].mul_add(r[i], c1));
        let p: [Vector; N] = from_fn(|i| p[i].mul_add(r[i], c0));
        from_fn(|i| p[i].mul_add(r[i] * r[i], r[i]) + all(1.0))
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $instruction:ident) => {
        impl $trait for Vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: there is a vector, so the CPU has the level.
                Vector(unsafe { $instruction(self.0, other.0) })
            }
        }
    };
}

operator!(Add, add, _mm512_add_ps);
operator!(Sub, sub, _mm512_sub_ps);
operator!(Mul, mul, _mm512_mul_ps);
operator!(Div, div, _mm512_div_ps);

impl Neg for Vector {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        // SAFETY: there is a vector, so the CPU has the level.
        Vector(unsafe { _mm512_xor_ps(self.0, _mm512_set1_ps(-0.0)) })
    }
}

impl Mask {
    pub const NONE: Mask = Mask(0);
    pub const ALL: Mask = Mask(!0);

    /// `a` where the condition holds, else `b`.
    #[inline(always)]
    pub fn select(self, a: Vector, b: Vector) -> Vector {
        // SAFETY: there are vectors, so the CPU has the level.
        Vector(unsafe { _mm512_mask_blend_ps(self.0, b.0, a.0) })
    }

    /// As `select`, for conditions.
    #[inline(always)]
    pub fn choose(self, a: Mask, b: Mask) -> Mask {
        Mask(self.0 & a.0 | !self.0 & b.0)
    }

    #[inline(always)]
    pub fn opposite(self) -> Mask {
        Mask(!self.0)
    }

    /// 1 where the condition holds, else 0.
    ///
    /// # Safety
    /// The CPU must have AVX-512.
    #[inline(always)]
    pub unsafe fn number(self) -> Vector {
        // SAFETY: as above.
        self.select(unsafe { Vector::all(1.0) }, unsafe { Vector::all(0.0) })
    }

    #[inline(always)]
    pub fn bits(self) -> u64 {
        self.0.into()
    }
}

/// Returns the same numbers, but hides that from the compiler, which then reads them where they are used.
#[inline(always)]
// Nothing is read there.
#[allow(clippy::pointers_in_nomem_asm_block)]
pub(super) fn afresh<const N: usize>(numbers: &[f32; N]) -> &[f32; N] {
    let mut at: *const [f32; N] = numbers;
    // SAFETY: the asm block contains no instruction, so the pointer is unchanged.
    unsafe {
        std::arch::asm!("/* {0} */", inout(reg) at, options(nomem, nostack, preserves_flags));
        &*at
    }
}

#[cfg(test)]
mod tests {
    use super::super::scalar::Scalar;
    use super::*;

    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
    fn exponentials(numbers: &mut [f32; VECTOR]) {
        // SAFETY: the function is compiled for the level.
        let [exp] = Vector::exp([unsafe { Vector::load(numbers) }]);
        exp.store(numbers);
    }

    #[test]
    fn the_exponential_has_the_bits_of_one_number_s() {
        use lapicque_base::simd::SimdLevel;
        if !SimdLevel::Avx512.is_supported() {
            return;
        }
        let bits = |x: f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
        let mut seen = 0u32;
        // The boundaries between the computations, and zeros of both signs.
        let ends = [single::EXP_WHOLE, single::EXP_NEAR, 0.0].map(|x| x.to_bits().saturating_sub(8));
        let ends = ends.into_iter().flat_map(|first| [first, first | 1 << 31]);
        // Neighboring numbers are in one vector, so all elements may be in the near range, all outside, or mixed.
        for first in (0..u32::MAX - 16 * 4096).step_by(65_537).chain(ends) {
            for stride in [1, 4096] {
                let numbers: [f32; VECTOR] = from_fn(|i| f32::from_bits(first + i as u32 * stride));
                let mut got = numbers;
                // SAFETY: the CPU has the level.
                unsafe { exponentials(&mut got) };
                assert_eq!(got.map(bits), numbers.map(single::exp).map(bits), "{numbers:?}");
                seen += 1;
            }
        }
        assert!(seen > 100_000);
    }

    /// Each operation of vectors, in addition to those of [`Scalar`] for numbers; conditions as 1 and 0.
    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
    fn operations([x, y, z]: [&[f32; VECTOR]; 3]) -> Vec<(&'static str, [f32; VECTOR], [f32; VECTOR])> {
        let number = |holds: bool| if holds { 1.0 } else { 0.0 };
        let above = |x: f32, y: f32| x > y;
        let elements = |f: &dyn Fn(f32, f32, f32) -> f32| from_fn(|i| f(x[i], y[i], z[i]));
        let stored = |vector: Vector| {
            let mut numbers = [0.0; VECTOR];
            vector.store(&mut numbers);
            numbers
        };
        // SAFETY: the function is compiled for the level.
        let [a, b, c] = [x, y, z].map(|numbers| unsafe { Vector::load(numbers) });
        // SAFETY: as above.
        let condition = |mask: Mask| stored(unsafe { mask.number() });
        let greater = a.greater(b);
        vec![
            ("add", stored(a + b), elements(&|x, y, _| x + y)),
            ("sub", stored(a - b), elements(&|x, y, _| x - y)),
            ("mul", stored(a * b), elements(&|x, y, _| x * y)),
            ("div", stored(a / b), elements(&|x, y, _| x / y)),
            ("neg", stored(-a), elements(&|x, _, _| -x)),
            ("abs", stored(a.abs()), elements(&|x, _, _| Scalar::abs(x))),
            ("min", stored(a.min(b)), elements(&|x, y, _| Scalar::min(x, y))),
            ("max", stored(a.max(b)), elements(&|x, y, _| Scalar::max(x, y))),
            ("mul_add", stored(a.mul_add(b, c)), elements(&|x, y, z| Scalar::mul_add(x, y, z))),
            ("each", stored(a.each(Scalar::tanh)), elements(&|x, _, _| Scalar::tanh(x))),
            ("select", stored(greater.select(b, c)), elements(&|x, y, z| if x > y { y } else { z })),
            ("greater", condition(greater), elements(&|x, y, _| Scalar::greater(x, y))),
            ("at_least", condition(a.at_least(b)), elements(&|x, y, _| Scalar::at_least(x, y))),
            ("differs_from_zero", condition(a.differs_from_zero()), elements(&|x, _, _| number(x != 0.0))),
            ("opposite", condition(greater.opposite()), elements(&|x, y, _| 1.0 - Scalar::greater(x, y))),
            (
                "greater_unless",
                condition(a.greater_unless(b.greater(c), c)),
                elements(&|x, y, z| number(!above(y, z) && x > z)),
            ),
            (
                "at_least_unless",
                condition(a.at_least_unless(b.greater(c), c)),
                elements(&|x, y, z| number(!above(y, z) && x >= z)),
            ),
            (
                "choose",
                condition(greater.choose(Mask::NONE, b.greater(c))),
                elements(&|x, y, z| number(!above(x, y) && y > z)),
            ),
            (
                "choose all",
                condition(greater.choose(Mask::ALL, b.greater(c))),
                elements(&|x, y, z| number(x > y || y > z)),
            ),
        ]
    }

    #[test]
    fn operations_are_those_of_one_number() {
        use lapicque_base::simd::SimdLevel;
        if !SimdLevel::Avx512.is_supported() {
            return;
        }
        let odd = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.3,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            f32::MIN_POSITIVE,
            1e-42,
            3e38,
        ];
        let bits = |x: f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
        // All combinations of three occur in some element.
        for first in (0..odd.len().pow(3)).step_by(VECTOR) {
            let of = |power: u32| from_fn(|i| odd[(first + i) / odd.len().pow(power) % odd.len()]);
            let [x, y, z] = [of(0), of(1), of(2)];
            // SAFETY: the CPU has the level.
            for (name, got, expected) in unsafe { operations([&x, &y, &z]) } {
                assert_eq!(got.map(bits), expected.map(bits), "{name} of {x:?}, {y:?}, {z:?}");
            }
        }
    }
}
