//! `f64`. exp by its Taylor series on [-ln2/2, ln2/2]; tanh Cephes; ln, sin and cos fdlibm.

const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// 1.5 * 2^52: adding it rounds to the nearest integer and leaves that integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

#[inline(always)]
fn power_of_two(n: i64) -> f64 {
    f64::from_bits((n.wrapping_add(1023) as u64) << 52)
}

/// e^x to about 1 ulp; 0 below -746, infinity above 709.8, through subnormals between.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let t = x.mul_add(LOG2_E, ROUND);
    let n = t - ROUND;
    let k = (t.to_bits() as i64).wrapping_sub(ROUND.to_bits() as i64);
    let r = n.mul_add(-6.931_471_803_691_238e-1, x);
    let r = n.mul_add(-1.908_214_929_270_587_7e-10, r);
    let p = 1.0 / 6_227_020_800.0;
    let p = f64::mul_add(p, r, 1.0 / 479_001_600.0);
    let p = p.mul_add(r, 1.0 / 39_916_800.0);
    let p = p.mul_add(r, 1.0 / 3_628_800.0);
    let p = p.mul_add(r, 1.0 / 362_880.0);
    let p = p.mul_add(r, 1.0 / 40_320.0);
    let p = p.mul_add(r, 1.0 / 5_040.0);
    let p = p.mul_add(r, 1.0 / 720.0);
    let p = p.mul_add(r, 1.0 / 120.0);
    let p = p.mul_add(r, 1.0 / 24.0);
    let p = p.mul_add(r, 1.0 / 6.0);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r * r, r) + 1.0;
    // Two factors, so that the largest and the subnormal results are reached without overflow.
    let half = k >> 1;
    p * power_of_two(half) * power_of_two(k.wrapping_sub(half))
}

/// Natural logarithm to about 1 ulp; -infinity at 0, NaN below.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let scaled = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    let shift = if tiny { -54.0 } else { 0.0 };
    let bits = scaled.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd);
    let k = ((bits >> 52) as i32).wrapping_sub(1023) as f64 + shift;
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_667f_3bcd)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w.mul_add(1.531_383_769_920_937_3e-1, 2.222_219_843_214_978_4e-1);
    let even = w * even.mul_add(w, 3.999_999_999_940_941_9e-1);
    let odd = w.mul_add(1.479_819_860_511_658_6e-1, 1.818_357_216_161_805e-1);
    let odd = odd.mul_add(w, 2.857_142_874_366_239e-1);
    let odd = z * odd.mul_add(w, 6.666_666_666_666_735e-1);
    let half_square = 0.5 * f * f;
    let y = s.mul_add(half_square + (odd + even), k * 1.908_214_929_270_587_7e-10) - half_square + f;
    let y = k.mul_add(6.931_471_803_691_238e-1, y);
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let z = x * x;
    let p = (-9.643_991_794_250_523e-1_f64).mul_add(z, -9.928_772_310_019_185e1);
    let p = p.mul_add(z, -1.614_687_684_417_084_5e3);
    let q = z + 1.128_116_784_916_329_3e2;
    let q = q.mul_add(z, 2.235_488_390_601_004_5e3);
    let q = q.mul_add(z, 4.844_063_053_251_255e3);
    let small = (x * z).mul_add(p / q, x);
    let a = x.abs();
    let large = (1.0 - 2.0 / (exp(a + a) + 1.0)).copysign(x);
    if a < 0.625 { small } else { large }
}

#[inline(always)]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// Up to here three parts of pi / 2 suffice for argument reduction, as in [`single`](super::single).
pub const NEAR: f64 = 1e14;

/// Sine and cosine of the distance to the nearest multiple of pi / 2; the lowest two bits of the integer count the multiple.
#[inline(always)]
fn quarter(x: f64) -> (f64, f64, u64) {
    let t = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    let n = t - ROUND;
    let r = n.mul_add(-std::f64::consts::FRAC_PI_2, x);
    let r = n.mul_add(-6.123_233_995_736_766e-17, r);
    let r = n.mul_add(1.497_384_904_859_169_8e-33, r);
    let z = r * r;
    let s = 1.589_690_995_211_55e-10_f64.mul_add(z, -2.505_076_025_340_686_3e-8);
    let s = s.mul_add(z, 2.755_731_370_707_006_8e-6);
    let s = s.mul_add(z, -1.984_126_982_985_795e-4);
    let s = s.mul_add(z, 8.333_333_333_322_49e-3);
    let s = s.mul_add(z, -1.666_666_666_666_663_2e-1);
    let s = (s * z).mul_add(r, r);
    let c = (-1.135_964_755_778_819_5e-11_f64).mul_add(z, 2.087_572_321_298_174_8e-9);
    let c = c.mul_add(z, -2.755_731_435_139_066_3e-7);
    let c = c.mul_add(z, 2.480_158_728_947_673e-5);
    let c = c.mul_add(z, -1.388_888_888_887_411e-3);
    let c = c.mul_add(z, 4.166_666_666_666_66e-2);
    let c = c.mul_add(z * z, z.mul_add(-0.5, 1.0));
    (s, c, t.to_bits())
}

/// [`sin`] for |x| <= [`NEAR`]; undefined elsewhere.
#[inline(always)]
pub fn sin_near(x: f64) -> f64 {
    let (s, c, quadrant) = quarter(x);
    let y = if quadrant & 1 == 0 { s } else { c };
    if quadrant & 2 == 0 { y } else { -y }
}

/// [`cos`] for |x| <= [`NEAR`]; undefined elsewhere.
#[inline(always)]
pub fn cos_near(x: f64) -> f64 {
    let (s, c, quadrant) = quarter(x);
    let y = if quadrant & 1 == 0 { c } else { s };
    if quadrant.wrapping_add(1) & 2 == 0 { y } else { -y }
}

/// To about 1 ulp for every number.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    if x.abs() <= NEAR { sin_near(x) } else { sin_far(x) }
}

/// To about 1 ulp for every number.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    if x.abs() <= NEAR { cos_near(x) } else { cos_far(x) }
}

#[cold]
#[inline(never)]
fn sin_far(x: f64) -> f64 {
    libm::sin(x)
}

#[cold]
#[inline(never)]
fn cos_far(x: f64) -> f64 {
    libm::cos(x)
}
