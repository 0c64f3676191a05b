//! `f32`. Polynomials: Cephes (Moshier) for exp, tanh, sin and cos; FreeBSD's msun for ln.

pub(crate) const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// 1.5 * 2^23: adding it rounds to the nearest integer and leaves that integer in the low bits.
pub(crate) const ROUND: f32 = 12_582_912.0;
/// ln 2 as a sum of two terms; multiples of the first are exact.
pub(crate) const LN2: [f32; 2] = [0.693_359_375, -2.121_944_4e-4];
/// Coefficients of (e^r - 1 - r) / r^2, the highest power first.
pub(crate) const EXP_POLYNOMIAL: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5.000_000_1e-1];
/// Up to this magnitude e^x is the polynomial alone: a little less than half of ln 2.
#[cfg(target_arch = "x86_64")]
pub(crate) const EXP_WHOLE: f32 = 0.3465;
/// Up to this magnitude [`exp_near`] is defined.
#[cfg(target_arch = "x86_64")]
pub(crate) const EXP_NEAR: f32 = 87.0;

#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// A number and a power of two whose product is e^x.
#[inline(always)]
fn exp_parts(x: f32) -> (f32, i32) {
    let t = x.mul_add(LOG2_E, ROUND);
    let n = t - ROUND;
    let k = (t.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let r = n.mul_add(-LN2[0], x);
    let r = n.mul_add(-LN2[1], r);
    let [p, c4, c3, c2, c1, c0] = EXP_POLYNOMIAL;
    let p = p.mul_add(r, c4);
    let p = p.mul_add(r, c3);
    let p = p.mul_add(r, c2);
    let p = p.mul_add(r, c1);
    let p = p.mul_add(r, c0);
    (p.mul_add(r * r, r) + 1.0, k)
}

/// e^x to about 1 ulp; 0 below -104, infinity above 88.7, through subnormals between.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x < -104.0 { -104.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let (p, k) = exp_parts(x);
    // Two factors, so that the largest and the subnormal results are reached without overflow.
    let half = k >> 1;
    p * power_of_two(half) * power_of_two(k.wrapping_sub(half))
}

/// [`exp`] from -87 to 88, with a quarter fewer operations; undefined elsewhere.
#[inline(always)]
pub fn exp_near(x: f32) -> f32 {
    let (p, k) = exp_parts(x);
    p * power_of_two(k)
}

/// Natural logarithm to about 1 ulp; -infinity at 0, NaN below.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let tiny = x < f32::MIN_POSITIVE;
    let scaled = if tiny { x * 33_554_432.0 } else { x };
    let shift = if tiny { -25.0_f32 } else { 0.0 };
    let bits = scaled.to_bits().wrapping_add(0x3f80_0000 - 0x3f35_04f3);
    let k = ((bits >> 23) as i32).wrapping_sub(127) as f32 + shift;
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * w.mul_add(0.242_790_79, 0.400_009_72);
    let odd = z * w.mul_add(0.284_987_87, 0.666_666_6);
    let half_square = 0.5 * f * f;
    let y = s.mul_add(half_square + (odd + even), k * 9.058_001e-6) - half_square + f;
    let y = k.mul_add(6.931_381e-1, y);
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f32::NAN }
}

#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let z = x * x;
    let p = (-5.704_988_7e-3_f32).mul_add(z, 2.063_908_9e-2);
    let p = p.mul_add(z, -5.373_971_6e-2);
    let p = p.mul_add(z, 1.333_144_2e-1);
    let p = p.mul_add(z, -3.333_328_2e-1);
    let small = (p * z).mul_add(x, x);
    let a = x.abs();
    let large = (1.0 - 2.0 / (exp(a + a) + 1.0)).copysign(x);
    if a < 0.625 { small } else { large }
}

#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Up to here three parts of pi / 2 suffice for argument reduction: the multiple of the first is exact within a fused
/// multiply-add, so results near 0 keep their digits.
pub const NEAR: f32 = 1e6;

/// Sine and cosine of the distance to the nearest multiple of pi / 2; the lowest two bits of the integer count the multiple.
#[inline(always)]
fn quarter(x: f32) -> (f32, f32, u32) {
    let t = x.mul_add(std::f32::consts::FRAC_2_PI, ROUND);
    let n = t - ROUND;
    let r = n.mul_add(-std::f32::consts::FRAC_PI_2, x);
    let r = n.mul_add(4.371_139e-8, r);
    let r = n.mul_add(1.715_124_5e-15, r);
    let z = r * r;
    let s = (-1.951_529_6e-4_f32).mul_add(z, 8.332_161e-3);
    let s = s.mul_add(z, -1.666_665_5e-1);
    let s = (s * z).mul_add(r, r);
    let c = 2.443_315_7e-5_f32.mul_add(z, -1.388_731_6e-3);
    let c = c.mul_add(z, 4.166_664_6e-2);
    let c = c.mul_add(z * z, z.mul_add(-0.5, 1.0));
    (s, c, t.to_bits())
}

/// [`sin`] for |x| <= [`NEAR`]; undefined elsewhere.
#[inline(always)]
pub fn sin_near(x: f32) -> f32 {
    let (s, c, quadrant) = quarter(x);
    let y = if quadrant & 1 == 0 { s } else { c };
    if quadrant & 2 == 0 { y } else { -y }
}

/// [`cos`] for |x| <= [`NEAR`]; undefined elsewhere.
#[inline(always)]
pub fn cos_near(x: f32) -> f32 {
    let (s, c, quadrant) = quarter(x);
    let y = if quadrant & 1 == 0 { c } else { s };
    if quadrant.wrapping_add(1) & 2 == 0 { y } else { -y }
}

/// To about 1 ulp for every number.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    if x.abs() <= NEAR { sin_near(x) } else { sin_far(x) }
}

/// To about 1 ulp for every number.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    if x.abs() <= NEAR { cos_near(x) } else { cos_far(x) }
}

#[cold]
#[inline(never)]
fn sin_far(x: f32) -> f32 {
    libm::sin(f64::from(x)) as f32
}

#[cold]
#[inline(never)]
fn cos_far(x: f32) -> f32 {
    libm::cos(f64::from(x)) as f32
}
