//! Opening and closing rates of the gates of ion channels, per ms, as functions of the potential in mV.

use super::decay::clamp;
use super::settings::Settings;
use lapicque_expr::Scalar;
use lapicque_expr::functions::double::exp;

/// Opening rate (alpha) and closing rate (beta) of one gate.
#[derive(Clone, Copy)]
pub struct Rates<L> {
    pub opening: L,
    pub closing: L,
}

impl<L: Scalar> Rates<L> {
    /// The steady-state fraction of open gates.
    pub fn steady(self) -> L {
        self.opening / (self.opening + self.closing)
    }
}

/// The default of a gate at the start, in words.
pub const STEADY: &str = "its steady state at vInit";

/// The initial value of the gate whose parameter has this name: its steady state with these rates.
pub fn steady<L: Scalar>(rates: [Rates<L>; 3], name: &str) -> L {
    let gate = ["mInit", "hInit", "nInit"].iter().position(|init| *init == name);
    rates[gate.unwrap_or(0)].steady()
}

/// The rates of m, h and n under the option `rates`. `shift`: the potential from which those of Traub and Miles count.
pub fn at<L: Scalar>(s: &Settings, v: L, shift: L) -> [Rates<L>; 3] {
    if s.is("rates", "traub-miles") { traub_miles(v - shift) } else { squid(v) }
}

pub fn squid<L: Scalar>(v: L) -> [Rates<L>; 3] {
    let n = L::constant;
    let above = |zero: f64| v + n(-zero);
    let rising = |x: L| linear_above(x, (-x).exp());
    let falling = |factor: f64, over: f64| n(factor) * (above(-65.0) * n(-1.0 / over)).exp();
    [
        Rates { opening: rising(above(-40.0) / n(10.0)), closing: falling(4.0, 18.0) },
        Rates { opening: falling(0.07, 20.0), closing: (above(-35.0) / n(10.0)).sigmoid() },
        Rates { opening: n(0.1) * rising(above(-55.0) / n(10.0)), closing: falling(0.125, 80.0) },
    ]
}

/// All exponentials but one are powers of one: with `u = exp(-(v - 10) / 40)`, `exp(-(v - 10) / 5)` is `u^8` and `exp(-(v -
/// 10) / 4)` is `u^10`.
pub fn traub_miles<L: Scalar>(v: L) -> [Rates<L>; 3] {
    let n = L::constant;
    // Outside of this range the tenth power would overflow, whatever the input does to v.
    let v = clamp(v, -200.0, 200.0);
    let over = |zero: f64, scale: f64| (v + n(-zero)) * n(1.0 / scale);
    let fortieth = (-over(10.0, 40.0)).exp();
    let square = fortieth.square();
    let fifth = square.square().square();
    let quarter = fifth * square;
    let closing = fifth * n(exp(6.0));
    let rates = |opening: L, closing: L| Rates { opening, closing };
    [
        rates(
            n(0.32 * 4.0) * linear_above(over(13.0, 4.0), quarter * n(exp(0.75))),
            n(0.28 * 5.0) * (linear_above(over(40.0, 5.0), closing) * closing),
        ),
        rates(n(0.128) * (-over(17.0, 18.0)).exp(), n(4.0) / (closing + L::one())),
        rates(n(0.032 * 5.0) * linear_above(over(15.0, 5.0), fifth * n(exp(1.0))), n(0.5) * fortieth),
    ]
}

/// `x / (1 - exp(-x))`, given `falling = exp(-x)`: about x for large x, and about 0 for very negative x. Near 0, where the
/// quotient is 0 / 0, its series is used; the first omitted term is x^14 / 7.5e10.
fn linear_above<L: Scalar>(x: L, falling: L) -> L {
    /// Coefficients of x^12 down to x^2.
    const SERIES: [f64; 6] = [
        -691.0 / 1_307_674_368_000.0,
        1.0 / 47_900_160.0,
        -1.0 / 1_209_600.0,
        1.0 / 30_240.0,
        -1.0 / 720.0,
        1.0 / 12.0,
    ];
    let n = L::constant;
    let near = n(0.5).greater(x.abs());
    let quotient = x / near.select(L::one(), falling.not());
    let (z, [first, rest @ ..]) = (x.square(), SERIES);
    let series = rest.into_iter().fold(n(first), |sum, term| sum.mul_add(z, n(term)));
    near.select(x.mul_add(n(0.5), series.mul_add(z, L::one())), quotient)
}
