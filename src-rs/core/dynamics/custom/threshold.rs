//! The spike condition: comparisons, whose difference of both sides is the surrogate's argument, combined by `or`, `not`, and
//! by `and` with further conditions.

use lapicque_base::error::Result;
use lapicque_expr::graph::{Sym, smoothly};
use lapicque_expr::parse::{Comparison, Evaluator, Expr, Kind, Source, expression};
use lapicque_expr::scalar::Scalar;

#[derive(Debug)]
pub struct Threshold {
    pub source: Source,
    pub condition: Expr,
}

impl Threshold {
    pub fn read(text: &str) -> Result<Threshold> {
        let source = Source::new("spike", text);
        let condition = expression(&source)?;
        match crosses(&condition) {
            true => Ok(Threshold { source, condition }),
            false => {
                let reason = "a spike is a comparison such as v > vThreshold, perhaps \"and\" more conditions, \"or\" \
                              another comparison";
                Err(source.fail(condition.at, reason))
            }
        }
    }

    /// The spike for these values of names; with a slope `smoothed` the smooth function instead.
    pub fn spike(&self, evaluator: &Evaluator, names: &[(&str, Sym)], smoothed: Option<f64>) -> Result<Sym> {
        let look = Look { source: &self.source, evaluator, names, smoothed };
        look.spike(&self.condition)
    }
}

/// Whether a condition contains a comparison for the surrogate; for `and`, only the first operand counts.
fn crosses(condition: &Expr) -> bool {
    match &condition.kind {
        Kind::Compare(comparison, ..) => !matches!(comparison, Comparison::Equal | Comparison::NotEqual),
        Kind::And(all) => all.first().is_some_and(crosses),
        Kind::Or(all) => all.iter().any(crosses),
        Kind::Not(inner) => crosses(inner),
        _ => false,
    }
}

struct Look<'a> {
    source: &'a Source,
    evaluator: &'a Evaluator,
    names: &'a [(&'a str, Sym)],
    smoothed: Option<f64>,
}

impl Look<'_> {
    fn spike(&self, condition: &Expr) -> Result<Sym> {
        let plain = |expr| self.evaluator.condition(self.source, expr, self.names);
        if !crosses(condition) {
            return plain(condition);
        }
        match &condition.kind {
            Kind::Compare(comparison, a, b) => {
                let (difference, strict) =
                    self.evaluator.difference(self.source, (*comparison, a, b), self.names)?;
                Ok(smoothly(self.smoothed, || difference.spike(strict)))
            }
            Kind::And(all) => {
                let (first, also) = all.split_at(1);
                let spike = self.spike(&first[0])?;
                also.iter().try_fold(spike, |spike, expr| Ok(plain(expr)?.select(spike, Sym::zero())))
            }
            // `a + (1 - a) b`: each operand has the gradient that remains where the others do not hold.
            Kind::Or(all) => {
                let spikes = all.iter().map(|expr| self.spike(expr)).collect::<Result<Vec<_>>>()?;
                let join = |any: Sym, spike| smoothly(self.smoothed, || any.select(Sym::one(), spike));
                Ok(spikes.into_iter().reduce(join).unwrap_or_else(Sym::zero))
            }
            Kind::Not(inner) => Ok(self.spike(inner)?.not()),
            _ => plain(condition),
        }
    }
}
