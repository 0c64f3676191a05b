//! The condition of a spike: a comparison, whose two sides' difference the surrogate sees, and perhaps
//! further conditions.

use lapicque_base::error::Result;
use lapicque_expr::graph::{Sym, smoothly};
use lapicque_expr::lane::Lane;
use lapicque_expr::parse::{Comparison, Evaluator, Expr, Kind, Source, expression};

#[derive(Debug)]
pub struct Threshold {
    pub source: Source,
    pub compare: (Comparison, Expr, Expr),
    /// Conditions that must hold too.
    pub also: Vec<Expr>,
}

impl Threshold {
    pub fn read(text: &str) -> Result<Threshold> {
        let source = Source::new("spike", text);
        let expr = expression(&source)?;
        let at = expr.at;
        let mut all = match expr.kind {
            Kind::And(all) => all,
            _ => vec![expr],
        };
        let first = all.remove(0);
        match first.kind {
            Kind::Compare(comparison, a, b)
                if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) =>
            {
                Ok(Threshold { source, compare: (comparison, *a, *b), also: all })
            }
            _ => {
                let reason =
                    "a spike is a comparison such as v > vThreshold, perhaps \"and\" more conditions";
                Err(source.fail(at, reason))
            }
        }
    }

    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        [&self.compare.1, &self.compare.2].into_iter().chain(&self.also)
    }

    /// The spike where names have these values; with a slope `smoothed` the smooth function in its place.
    pub fn spike(&self, evaluator: &Evaluator, names: &[(&str, Sym)], smoothed: Option<f64>) -> Result<Sym> {
        let (comparison, a, b) = &self.compare;
        let (difference, strict) = evaluator.difference(&self.source, (*comparison, a, b), names)?;
        let mut spike = smoothly(smoothed, || difference.spike(strict));
        for condition in &self.also {
            spike = evaluator.condition(&self.source, condition, names)?.select(spike, Sym::zero());
        }
        Ok(spike)
    }
}
