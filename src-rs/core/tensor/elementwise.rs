//! Elementwise operations, each stated once over the scalars of `expr`, which differentiates it.

use lapicque_expr::graph::{Sym, recording};
use lapicque_expr::scalar::Scalar;

macro_rules! elementwise {
    ($($variant:ident $name:literal $arity:literal $meaning:literal),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Elementwise { $($variant),* }

        impl Elementwise {
            pub const ALL: &'static [Elementwise] = &[$(Elementwise::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Elementwise::$variant => $name),* }
            }

            pub fn operands(self) -> usize {
                match self { $(Elementwise::$variant => $arity),* }
            }

            /// The value, and its derivative where that is not obvious.
            pub fn meaning(self) -> &'static str {
                match self { $(Elementwise::$variant => $meaning),* }
            }
        }
    };
}

elementwise! {
    Neg "neg" 1 "-x",
    Abs "abs" 1 "the absolute value; derivative 0 at 0",
    Sign "sign" 1 "-1, 0 or 1; derivative 0",
    Exp "exp" 1 "e to the power x",
    Log "log" 1 "the natural logarithm",
    Log1p "log1p" 1 "log(1 + x), accurate near 0",
    Sqrt "sqrt" 1 "the square root",
    Square "square" 1 "x x",
    Reciprocal "reciprocal" 1 "1 / x",
    Sin "sin" 1 "the sine",
    Cos "cos" 1 "the cosine",
    Tanh "tanh" 1 "the hyperbolic tangent",
    Sigmoid "sigmoid" 1 "1 / (1 + exp(-x))",
    Relu "relu" 1 "x above 0, else 0; derivative 0 at 0",
    Softplus "softplus" 1 "log(1 + exp(x))",
    Floor "floor" 1 "the largest whole number up to x; derivative 0",
    Ceil "ceil" 1 "the smallest whole number from x on; derivative 0",
    Round "round" 1 "the nearest whole number, halves upward; derivative 0",
    Not "not" 1 "1 where x is 0, else 0",
    Add "add" 2 "a + b",
    Sub "sub" 2 "a - b",
    Mul "mul" 2 "a b",
    Div "div" 2 "a / b",
    Pow "pow" 2 "a to the power b; a whole constant b allows negative a",
    Minimum "minimum" 2 "the smaller; if they are equal, the gradient goes to a",
    Maximum "maximum" 2 "the larger; if they are equal, the gradient goes to a",
    Greater "greater" 2 "1 where a > b, else 0",
    GreaterEqual "greaterEqual" 2 "1 where a >= b, else 0",
    Less "less" 2 "1 where a < b, else 0",
    LessEqual "lessEqual" 2 "1 where a <= b, else 0",
    Equal "equal" 2 "1 where a = b, else 0",
    NotEqual "notEqual" 2 "1 where a differs from b, else 0",
    And "and" 2 "1 where neither is 0, else 0",
    Or "or" 2 "1 where one of them is not 0, else 0",
    Where "where" 3 "b where a is not 0, else c; the branch not taken has gradient 0",
}

/// Largest whole exponent that is computed by multiplications.
const WHOLE_EXPONENT: f64 = 16.0;

impl Elementwise {
    pub fn from_name(name: &str) -> Option<Elementwise> {
        Elementwise::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// Whether it costs a multiplication, or a function that costs at least as much; else it costs an addition.
    pub fn multiplies(self) -> bool {
        use Elementwise::*;
        matches!(
            self,
            Exp | Log
                | Log1p
                | Sqrt
                | Square
                | Reciprocal
                | Sin
                | Cos
                | Tanh
                | Sigmoid
                | Softplus
                | Mul
                | Div
                | Pow
        )
    }

    /// Whether a gradient flows to an operand.
    pub fn has_gradient(self, operand: usize) -> bool {
        use Elementwise::*;
        match self {
            Sign | Floor | Ceil | Round | Not | Greater | GreaterEqual | Less | LessEqual | Equal
            | NotEqual | And | Or => false,
            Where => operand > 0,
            _ => true,
        }
    }

    /// Records the operation on `x`, which has as many entries as operands.
    pub fn record(self, x: &[Sym]) -> Sym {
        let (zero, one) = (Sym::zero(), Sym::one());
        let a = x[0];
        let b = x.get(1).copied().unwrap_or(zero);
        let c = x.get(2).copied().unwrap_or(zero);
        let nonzero = |x: Sym| x.abs().greater(zero);
        match self {
            Elementwise::Neg => -a,
            Elementwise::Abs => a.abs(),
            Elementwise::Sign => a.greater(zero) - zero.greater(a),
            Elementwise::Exp => a.exp(),
            Elementwise::Log => a.ln(),
            Elementwise::Log1p => log1p(a),
            Elementwise::Sqrt => a.sqrt(),
            Elementwise::Square => a.square(),
            Elementwise::Reciprocal => one / a,
            Elementwise::Sin => a.sin(),
            Elementwise::Cos => a.cos(),
            Elementwise::Tanh => a.tanh(),
            Elementwise::Sigmoid => a.sigmoid(),
            Elementwise::Relu => a.greater(zero).select(a, zero),
            // Neither branch overflows where it is taken.
            Elementwise::Softplus => a.greater(zero).select(a + log1p((-a).exp()), log1p(a.exp())),
            Elementwise::Floor => a.floor(),
            Elementwise::Ceil => -((-a).floor()),
            Elementwise::Round => (a + Sym::constant(0.5)).floor(),
            Elementwise::Not => nonzero(a).not(),
            Elementwise::Add => a + b,
            Elementwise::Sub => a - b,
            Elementwise::Mul => a * b,
            Elementwise::Div => a / b,
            Elementwise::Pow => pow(a, b),
            Elementwise::Minimum => a.min(b),
            Elementwise::Maximum => a.max(b),
            Elementwise::Greater => a.greater(b),
            Elementwise::GreaterEqual => a.at_least(b),
            Elementwise::Less => b.greater(a),
            Elementwise::LessEqual => b.at_least(a),
            Elementwise::Equal => a.at_least(b) * b.at_least(a),
            Elementwise::NotEqual => (a.at_least(b) * b.at_least(a)).not(),
            Elementwise::And => nonzero(a) * nonzero(b),
            Elementwise::Or => nonzero(a).max(nonzero(b)),
            Elementwise::Where => nonzero(a).select(b, c),
        }
    }
}

/// `ln(1 + x)`. Near 0, where `1 + x` loses digits, by the series of `2 atanh(x / (2 + x))`.
fn log1p(x: Sym) -> Sym {
    let near = Sym::constant(0.25).at_least(x.abs());
    let s = x / (x + Sym::constant(2.0));
    let square = s.square();
    // The terms 1 / (2 n + 1) down from s^18: the next is below half an ulp of f64.
    let sum = (0..9).rev().fold(Sym::constant(1.0 / 19.0), |sum, n| {
        sum.mul_add(square, Sym::constant(1.0 / f64::from(2 * n + 1)))
    });
    near.select((s + s) * sum, (Sym::one() + x).ln())
}

fn pow(a: Sym, b: Sym) -> Sym {
    let exponent = recording(|graph| graph.constant_of(b));
    match exponent {
        Some(n) if n.fract() == 0.0 && n.abs() <= WHOLE_EXPONENT => {
            let power = (0..n.abs() as u32).fold(Sym::one(), |power, _| power * a);
            if n < 0.0 { Sym::one() / power } else { power }
        }
        Some(0.5) => a.sqrt(),
        // ln(0) is not finite, nor is its derivative.
        _ => a.abs().greater(Sym::zero()).select((b * a.ln()).exp(), Sym::zero()),
    }
}
