//! Coefficients of sub-steps of each length, for steps whose number of sub-steps depends on the error.

use super::derivation::{Coef, CoefKind};
use super::integration;
use super::lowering::{Adaptive, Tried};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use std::cell::RefCell;

/// Makes `derive` return, after the coefficients of the shortest sub-steps, those that differ in longer ones.
pub struct Lengths<'a> {
    derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>,
    /// The maximum number of sub-steps.
    count: usize,
    /// The candidate numbers of sub-steps below it.
    tried: Vec<usize>,
    /// By number of sub-steps: indices of a coefficient and of its replacement.
    found: RefCell<Vec<Vec<(usize, usize)>>>,
}

impl<'a> Lengths<'a> {
    pub fn new(derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>, s: &Settings) -> Self {
        let (count, tried) = (integration::count(s), integration::tried(s).collect());
        Lengths { derive, count, tried, found: RefCell::default() }
    }

    /// One of `n` sub-steps of a step equals one of `count` sub-steps of a step that is `count / n` times as long, so the model's
    /// dependence on `dt` gives its coefficients.
    pub fn derive(&self, params: &Named<Sym>) -> Named<Sym> {
        let shortest = (self.derive)(params);
        let mut all = shortest.clone();
        let of_length = |rounds: usize| {
            let times = Sym::constant(self.count as f64 / rounds as f64);
            let scaled = params.iter().map(|(name, x)| (name, if name == "dt" { x * times } else { x }));
            (self.derive)(&scaled.collect())
        };
        let mut found = vec![];
        for longer in self.tried.iter().copied().map(of_length) {
            let mut pairs = vec![];
            for (i, ((_, short), (name, long))) in shortest.iter().zip(longer.iter()).enumerate() {
                if short != long {
                    pairs.push((i, all.len()));
                    all = all.with(name, long);
                }
            }
            found.push(pairs);
        }
        self.found.replace(found);
        all
    }

    /// `coefs`: the coefficients of what [`Lengths::derive`] returned.
    pub fn adaptive(&self, tolerance: f64, coefs: &[Coef]) -> Adaptive {
        let slot = |i: usize| match coefs[i].kind {
            CoefKind::Slot { slot, .. } => slot,
            CoefKind::Const(_) => unreachable!("the length of a step is no constant of the graph"),
        };
        let found = self.found.borrow();
        let tried = self.tried.iter().zip(found.iter()).map(|(&rounds, pairs)| Tried {
            rounds,
            slots: pairs.iter().map(|&(short, long)| (slot(short), slot(long))).collect(),
        });
        Adaptive { tolerance, tried: tried.collect() }
    }
}
