//! A `Scalar` type that computes the function that the adjoint of a step differentiates. It is not the step itself, but the
//! step with each spike replaced by its tangent, `H(x0) + g(x0) (x - x0)`, each detached value held constant, and each
//! selection made linear. A first evaluation records the `x0` and held values; later evaluations at shifted arguments use
//! them. Central differences are then exact up to rounding.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use lapicque_expr::Scalar;

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe(pub f64);

#[derive(Default)]
struct Notes {
    values: Vec<f64>,
    at: usize,
    replaying: bool,
}

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

/// Starts a new recording for later evaluations.
pub(super) fn forget() {
    NOTES.with(|notes| *notes.borrow_mut() = Notes::default());
}

/// Starts another evaluation with the recorded values.
pub(super) fn replay() {
    NOTES.with(|notes| {
        let mut notes = notes.borrow_mut();
        (notes.at, notes.replaying) = (0, true);
    });
}

/// The value of `x` in the first evaluation.
fn noted(x: f64) -> f64 {
    NOTES.with(|notes| {
        let mut notes = notes.borrow_mut();
        if !notes.replaying {
            notes.values.push(x);
        }
        notes.at += 1;
        notes.values[notes.at - 1]
    })
}

/// snnTorch's atan with alpha 2, reimplemented.
fn surrogate(x: f64) -> f64 {
    1.0 / (1.0 + (std::f64::consts::PI * x).powi(2))
}

macro_rules! operator {
    ($($trait:ident $method:ident $op:tt),*) => {
        $(impl $trait for Probe {
            type Output = Probe;
            fn $method(self, other: Probe) -> Probe {
                Probe(self.0 $op other.0)
            }
        })*
    };
}
operator!(Add add +, Sub sub -, Mul mul *, Div div /);

impl Neg for Probe {
    type Output = Probe;
    fn neg(self) -> Probe {
        Probe(-self.0)
    }
}

impl Scalar for Probe {
    fn constant(x: f64) -> Self {
        Probe(x)
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        Probe(self.0 * a.0 + b.0)
    }
    fn exp(self) -> Self {
        Probe(self.0.exp())
    }
    fn ln(self) -> Self {
        Probe(self.0.ln())
    }
    fn sqrt(self) -> Self {
        Probe(self.0.sqrt())
    }
    fn abs(self) -> Self {
        Probe(self.0.abs())
    }
    fn tanh(self) -> Self {
        Probe(self.0.tanh())
    }
    fn sigmoid(self) -> Self {
        Probe(1.0 / (1.0 + (-self.0).exp()))
    }
    fn sin(self) -> Self {
        Probe(self.0.sin())
    }
    fn cos(self) -> Self {
        Probe(self.0.cos())
    }
    fn floor(self) -> Self {
        Probe(self.0.floor())
    }
    fn min(self, other: Self) -> Self {
        Probe(self.0.min(other.0))
    }
    fn max(self, other: Self) -> Self {
        Probe(self.0.max(other.0))
    }
    fn greater(self, other: Self) -> Self {
        Probe(f64::from(self.0 > other.0))
    }
    fn at_least(self, other: Self) -> Self {
        Probe(f64::from(self.0 >= other.0))
    }
    fn select(self, a: Self, b: Self) -> Self {
        // A branch that is not taken may be NaN, for example the root of a negative number; intermediate values occur only
        // with a spike's surrogate.
        match self.0 {
            1.0 => a,
            0.0 => b,
            taken => Probe(taken * a.0 + (1.0 - taken) * b.0),
        }
    }
    fn spike(self, strict: bool) -> Self {
        let x0 = noted(self.0);
        let fires = if strict { x0 > 0.0 } else { x0 >= 0.0 };
        Probe(f64::from(fires) + surrogate(x0) * (self.0 - x0))
    }
    fn detach(self) -> Self {
        Probe(noted(self.0))
    }
}
