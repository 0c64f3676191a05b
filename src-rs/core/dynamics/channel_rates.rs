//! At which rates the gates of ion channels open and close, per ms, by the potential in mV.

use super::settings::Settings;
use lapicque_expr::Lane;

/// Opening (alpha) and closing (beta) of one gate.
#[derive(Clone, Copy)]
pub struct Rates<L> {
    pub opening: L,
    pub closing: L,
}

impl<L: Lane> Rates<L> {
    /// The share of gates open after a long time.
    pub fn steady(self) -> L {
        self.opening / (self.opening + self.closing)
    }
}

/// The rates of m, h and n under the option `rates`. `shift`: where those of Traub and Miles count from.
pub fn at<L: Lane>(s: &Settings, v: L, shift: L) -> [Rates<L>; 3] {
    if s.is("rates", "traub-miles") { traub_miles(v - shift) } else { squid(v) }
}

pub fn squid<L: Lane>(v: L) -> [Rates<L>; 3] {
    let n = L::constant;
    let above = |zero: f64| v + n(-zero);
    let falling = |factor: f64, over: f64| n(factor) * (above(-65.0) * n(-1.0 / over)).exp();
    [
        Rates { opening: linear_above(above(-40.0) / n(10.0)), closing: falling(4.0, 18.0) },
        Rates { opening: falling(0.07, 20.0), closing: (above(-35.0) / n(10.0)).sigmoid() },
        Rates { opening: n(0.1) * linear_above(above(-55.0) / n(10.0)), closing: falling(0.125, 80.0) },
    ]
}

pub fn traub_miles<L: Lane>(v: L) -> [Rates<L>; 3] {
    let n = L::constant;
    let over = |zero: f64, scale: f64| (v + n(-zero)) / n(scale);
    [
        Rates {
            opening: n(0.32 * 4.0) * linear_above(over(13.0, 4.0)),
            closing: n(0.28 * 5.0) * linear_above(-over(40.0, 5.0)),
        },
        Rates { opening: n(0.128) * (-over(17.0, 18.0)).exp(), closing: n(4.0) * over(40.0, 5.0).sigmoid() },
        Rates {
            opening: n(0.032 * 5.0) * linear_above(over(15.0, 5.0)),
            closing: n(0.5) * (-over(10.0, 40.0)).exp(),
        },
    ]
}

/// `x / (1 - exp(-x))`: about x above 0 and about 0 below. Near 0, where the quotient is 0 / 0, its series,
/// whose first term left out is x^10 / 47,900,160.
fn linear_above<L: Lane>(x: L) -> L {
    let n = L::constant;
    let near = n(0.2).greater(x.abs());
    let quotient = near.select(L::one(), x);
    let quotient = quotient / (-quotient).exp().not();
    let z = x.square();
    let series = z.mul_add(n(-1.0 / 1_209_600.0), n(1.0 / 30_240.0));
    let series = series.mul_add(z, n(-1.0 / 720.0)).mul_add(z, n(1.0 / 12.0)).mul_add(z, L::one());
    near.select(x.mul_add(n(0.5), series), quotient)
}
