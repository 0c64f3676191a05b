//! Where an error decides how many rounds a step has: the coefficients of rounds of each length.

use super::derivation::{Coef, CoefKind};
use super::integration;
use super::lowering::{Adaptive, Tried};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use std::cell::RefCell;

/// Makes `derive` give, behind the coefficients of the shortest rounds, what differs in longer ones.
pub struct Lengths<'a> {
    derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>,
    /// The most rounds of a step.
    count: usize,
    /// The numbers of rounds that are tried before it.
    tried: Vec<usize>,
    /// By number of rounds: positions of a coefficient and of the one that takes its place.
    found: RefCell<Vec<Vec<(usize, usize)>>>,
}

impl<'a> Lengths<'a> {
    pub fn new(derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>, s: &Settings) -> Self {
        let (count, tried) = (integration::count(s), integration::tried(s).collect());
        Lengths { derive, count, tried, found: RefCell::default() }
    }

    /// A round of a step as long as so many is a round of this step: what a model makes of `dt` says the rest.
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

    /// `coefs`: those of what [`Lengths::derive`] gave.
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
