use super::*;
use crate::graph::{input, trace};
use lapicque_base::error::Error;
use proptest::prelude::*;

fn value(text: &str, x: f64, k: f64) -> Result<f64> {
    let (graph, parsed) = trace(false, || parse(text, &[("x", input(0)), ("k", input(1))]));
    parsed.map(|node| graph.evaluate(&[x, k])[node.index()])
}

#[test]
fn equations_mean_what_they_say() {
    let near = |text, x: f64, k: f64, want: f64| {
        let got = value(text, x, k).unwrap();
        assert!((got - want).abs() < 1e-14, "{text}: {got} is not {want}");
    };
    near("max(0, 1 - abs(x))", -0.25, 0.0, 0.75);
    near("-x^2", 3.0, 0.0, -9.0);
    near("2 - 3 - 4", 0.0, 0.0, -5.0);
    near("8 / 4 / 2", 0.0, 0.0, 1.0);
    near("2 + 3 * 4", 0.0, 0.0, 14.0);
    near("(2 + 3) * 4", 0.0, 0.0, 20.0);
    near("x ^ -2", 2.0, 0.0, 0.25);
    near("x^0", 2.0, 0.0, 1.0);
    near("- - x", 2.0, 0.0, 2.0);
    near("where(x > k, 1.5e1, .5)", 2.0, 1.0, 15.0);
    near("select(x <= k, 1, 2)", 1.0, 1.0, 1.0);
    near("(x < k) + (x >= k)", 1.0, 1.0, 1.0);
    near("relu(-x) + min(3, x, k)", 2.0, 1.0, 1.0);
    near("exp(ln(x)) * sqrt(k) / tanh(1e9)", 3.0, 4.0, 6.0);
    near("cos(pi) + floor(x) + sigmoid(0)", 2.7, 0.0, 1.5);
}

#[test]
fn errors_point_at_their_place() {
    let at = |text: &str| match value(text, 0.0, 0.0) {
        Err(Error::Equation { line, column, reason, frame }) => (line, column, reason, frame),
        other => panic!("{text}: {other:?}"),
    };
    let (line, column, reason, frame) = at("max(0,\n  1 - abs(y))");
    assert_eq!((line, column), (2, 11));
    assert!(reason.contains("unknown name \"y\"") && reason.contains("x, k"), "{reason}");
    assert_eq!(frame, "  1 - abs(y))\n          ^");
    assert_eq!(at("x +").1, 4);
    assert_eq!(at("x $ 2").1, 3);
    assert_eq!(at("x x").1, 3);
    let powers = at("x ** 2");
    assert!(powers.1 == 3 && powers.2.contains('^'), "{}", powers.2);
    assert!(at("x : volt").2.contains("units"));
    assert_eq!(at("(x").1, 3);
    assert_eq!(at("").1, 1);
    assert_eq!(at("tan(x)").1, 1);
    assert_eq!(at("exp(x, x)").1, 1);
    assert_eq!(at("max(x)").1, 1);
    assert_eq!(at("x + exp()").2, "exp takes one argument but got 0");
    assert_eq!(at("x + rand()").2, "unknown function \"rand\"; nothing is drawn here");
    assert_eq!(at("pow(x, 2)").2, "unknown function \"pow\"; a power is written x^2");
    assert_eq!(at("cosh(x)").2, "unknown function \"cosh\"; it is written (exp(x) + exp(-x))/2");
    let unit = at("x + 2*ms");
    assert_eq!(unit.1, 7);
    assert!(unit.2.contains("ms is a unit, and there are no units here"), "{}", unit.2);
    assert_eq!(at("x ^").1, 4);
    assert!(at(&format!("x{}", "^x".repeat(100))).2.contains("deep"));
    assert_eq!(at("1e999").1, 1);
    assert!(at(&"(".repeat(5000)).2.contains("deep"));
    assert!(at(&"1+".repeat(6000)).2.contains("characters"));
    assert!(value(&format!("x{}", " + x".repeat(2000)), 1.0, 0.0).is_ok());
    assert!(value(&"-".repeat(9000), 1.0, 0.0).is_err());
}

/// The characters of the language, and a two-byte one.
fn characters() -> Vec<char> {
    let signs = "-+*/^(),.<>=!&|;#'[] \n\u{e9}";
    signs.chars().chain('0'..='9').chain('a'..='z').collect()
}

proptest! {
    #[test]
    fn no_text_panics(text in prop::collection::vec(prop::sample::select(characters()), 0..60)) {
        let _ = value(&text.into_iter().collect::<String>(), 1.0, 2.0);
    }
}

#[test]
fn conditions_functions_and_comments() {
    let near = |text, x: f64, k: f64, want: f64| {
        let got = value(text, x, k).unwrap();
        assert!((got - want).abs() < 1e-14, "{text}: {got} is not {want}");
    };
    near("x > 1 and not k > 1", 2.0, 1.0, 1.0);
    near("x > 1 && !(k > 1) || x < -5", 2.0, 2.0, 0.0);
    near("(x == 2) + (x != 2) + (k == 2)", 2.0, 1.0, 1.0);
    near("not not x", 3.0, 0.0, 1.0);
    near("where(x, 1, 2) # nothing else", 0.0, 0.0, 2.0);
    near("clip(x, 0, 1) + sign(-k) + ceil(0.2) + sin(pi/2)", 3.0, 2.0, 2.0);
    near("x\n  + k\n  * 2", 1.0, 2.0, 5.0);
    for x in [-3.0, -0.49, -1e-9, 1e-12, 0.3, 0.51, 2.0] {
        let (got, want) = (value("exprel(x)", x, 0.0).unwrap(), libm::expm1(x) / x);
        assert!((got - want).abs() < 1e-15 * want.abs(), "exprel({x}) is {got}, not {want}");
    }
    assert_eq!(value("exprel(x)", 0.0, 0.0).unwrap(), 1.0);
}

#[test]
fn a_product_is_added_with_one_rounding() {
    let (x, k) = (1.0 + f64::EPSILON, 1.0 - f64::EPSILON);
    assert_eq!(value("x*k + -1", x, k).unwrap(), x.mul_add(k, -1.0));
    assert_eq!(value("-1 + x*k", x, k).unwrap(), x.mul_add(k, -1.0));
    assert_eq!(value("x*k + k*k + x", x, k).unwrap(), k.mul_add(k, x * k) + x);
    assert_eq!(value("k - x*k", x, k).unwrap(), k - x * k);
}

/// Compared with the standard library's `pow`; products have a rounding error per factor.
#[test]
fn powers_are_those_of_ieee_754() {
    let exponents =
        [0.5, -0.5, 1.5, 2.5, -3.5, 31.5, 0.3, 1.0 / 3.0, -2.7, 0.0, 2.0, -3.0, 5.0, 64.0, 65.0, 1000.0];
    for y in exponents {
        for x in [-2.5, -1.0, -0.0, 0.0, 1e-300, 0.2, 1.0, 1.5, 7.0] {
            let want = libm::pow(x, y);
            for text in [format!("x^({y:?})"), "x^k".to_string(), "x^(k + 0*x)".to_string()] {
                let got = value(&text, x, y).unwrap();
                let near = (got - want).abs() <= 1e-13 * (1.0 + (y * libm::log(x.abs())).abs()) * want.abs();
                let same = got == want || (got.is_nan() && want.is_nan()) || near;
                // Only the sign of 0 may differ.
                assert!(
                    same || (got == 0.0 && want.abs() < 1e-300),
                    "{text} of {x} and {y}: {got}, not {want}"
                );
            }
        }
    }
    assert!(value("x^k", f64::NAN, 0.5).unwrap().is_nan());
    let near = |text, x: f64, k: f64, want: f64| {
        assert!((value(text, x, k).unwrap() - want).abs() < 1e-13, "{text}")
    };
    near("2^-x", 3.0, 0.0, 0.125);
    near("2^x^2", 3.0, 0.0, 512.0);
    near("-x^0.5", 4.0, 0.0, -2.0);
    near("x^2*k", 3.0, 2.0, 18.0);
    near("x^(1 + 1)", 3.0, 0.0, 9.0);
}
