//! Comparisons with the pure-Rust `libm`, an independent implementation.

use super::{double, single};

fn grid(from: f64, to: f64, n: usize) -> impl Iterator<Item = f64> {
    (0..=n).map(move |i| from + (to - from) * i as f64 / n as f64)
}

/// The largest error in units of the last place of the reference rounded to f32.
fn worst32(from: f64, to: f64, f: fn(f32) -> f32, reference: fn(f64) -> f64) -> f64 {
    grid(from, to, 40_000)
        .map(|x| x as f32)
        .map(|x| {
            let want = reference(x as f64);
            let ulp = (want.abs().max(f32::MIN_POSITIVE as f64)) * f32::EPSILON as f64;
            (f(x) as f64 - want).abs() / ulp
        })
        .fold(0.0, f64::max)
}

fn worst64(from: f64, to: f64, f: fn(f64) -> f64, reference: fn(f64) -> f64) -> f64 {
    grid(from, to, 40_000)
        .map(|x| {
            let want = reference(x);
            (f(x) - want).abs() / (want.abs().max(f64::MIN_POSITIVE) * f64::EPSILON)
        })
        .fold(0.0, f64::max)
}

#[test]
fn the_shorter_exponential_gives_the_same_bits_where_it_may_be_asked() {
    for x in grid(-87.0, 88.0, 1_000_000).map(|x| x as f32) {
        assert_eq!(single::exp_near(x).to_bits(), single::exp(x).to_bits(), "{x}");
    }
}

#[test]
fn single_precision_is_within_two_units() {
    assert!(worst32(-87.0, 88.7, single::exp, libm::exp) < 2.0);
    assert!(worst32(1e-30, 50.0, single::ln, libm::log) < 2.0);
    assert!(worst32(0.9, 1.1, single::ln, libm::log) < 2.0);
    assert!(worst32(-12.0, 12.0, single::tanh, libm::tanh) < 3.0);
    assert!(worst32(-80.0, 80.0, single::sigmoid, |x| 1.0 / (1.0 + libm::exp(-x))) < 4.0);
}

/// Numbers of both signs and every magnitude of a type, those next to multiples of pi / 2, and evenly spaced ones.
fn angles(largest: f64, round: fn(f64) -> f64) -> impl Iterator<Item = f64> {
    let sizes = grid(-150.0, largest.log2(), 40_000).map(f64::exp2);
    let quarters = (0..40_000_u64).map(|n| (n * n) as f64 * std::f64::consts::FRAC_PI_2);
    let line = grid(0.0, 2e3, 100_000);
    let all = sizes.chain(quarters).chain(line).map(round).filter(|x| x.is_finite());
    all.flat_map(|x| [x, -x])
}

#[test]
fn sine_and_cosine_are_within_two_units_for_every_number() {
    for x in angles(f32::MAX as f64, |x| x as f32 as f64) {
        for (got, want) in [(single::sin(x as f32), libm::sin(x)), (single::cos(x as f32), libm::cos(x))] {
            let ulp = want.abs().max(f32::MIN_POSITIVE as f64) * f32::EPSILON as f64;
            assert!((got as f64 - want).abs() < 2.0 * ulp, "{x}: {got} but {want}");
        }
    }
    for x in angles(f64::MAX, |x| x) {
        for (got, want) in [(double::sin(x), libm::sin(x)), (double::cos(x), libm::cos(x))] {
            let ulp = want.abs().max(f64::MIN_POSITIVE) * f64::EPSILON;
            assert!((got - want).abs() < 2.0 * ulp, "{x}: {got} but {want}");
        }
    }
    assert_eq!((single::sin(0.0), double::sin(0.0)), (0.0, 0.0));
    assert_eq!((single::sin(1e-40), double::sin(1e-320)), (1e-40, 1e-320));
    assert!(single::sin(f32::INFINITY).is_nan() && double::sin(f64::NEG_INFINITY).is_nan());
    assert!(single::sin(f32::NAN).is_nan() && double::cos(f64::NAN).is_nan());
}

#[test]
fn double_precision_is_within_a_few_units() {
    assert!(worst64(-708.0, 709.7, double::exp, libm::exp) < 3.0);
    assert!(worst64(1e-300, 50.0, double::ln, libm::log) < 2.0);
    assert!(worst64(0.9, 1.1, double::ln, libm::log) < 2.0);
    assert!(worst64(-22.0, 22.0, double::tanh, libm::tanh) < 4.0);
}

#[test]
fn the_ends_are_right() {
    assert_eq!(single::exp(f32::INFINITY), f32::INFINITY);
    assert_eq!(single::exp(f32::NEG_INFINITY), 0.0);
    assert_eq!(single::exp(88.8), f32::INFINITY);
    assert_eq!(single::exp(-104.0), 0.0);
    assert_eq!(single::exp(0.0), 1.0);
    assert!(single::exp(f32::NAN).is_nan());
    let subnormal = single::exp(-100.0) as f64;
    assert!((subnormal - libm::exp(-100.0)).abs() <= 0.75e-45 * 2.0, "{subnormal}");
    assert_eq!(double::exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(double::exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(double::exp(710.0), f64::INFINITY);
    assert_eq!(double::exp(-746.0), 0.0);
    assert!(double::exp(f64::NAN).is_nan());

    assert_eq!(single::ln(0.0), f32::NEG_INFINITY);
    assert_eq!(single::ln(f32::INFINITY), f32::INFINITY);
    assert!(single::ln(-1.0).is_nan() && single::ln(f32::NAN).is_nan());
    assert!((single::ln(1e-42) as f64 - libm::log(1e-42_f32 as f64)).abs() < 1e-5);
    assert_eq!(double::ln(0.0), f64::NEG_INFINITY);
    assert_eq!(double::ln(f64::INFINITY), f64::INFINITY);
    assert!(double::ln(-1.0).is_nan() && double::ln(f64::NAN).is_nan());
    assert!((double::ln(5e-320) - libm::log(5e-320)).abs() < 1e-12);

    assert_eq!(single::tanh(100.0), 1.0);
    assert_eq!(single::tanh(-100.0), -1.0);
    assert_eq!(single::sigmoid(-1000.0), 0.0);
    assert_eq!(single::sigmoid(1000.0), 1.0);
    assert_eq!(double::sigmoid(-1000.0), 0.0);
    assert!(single::cos(f32::INFINITY).is_nan());
}
