//! Coefficients of sub-steps of each length, for steps whose number of sub-steps depends on the error.

use super::derivation::{Coef, CoefKind};
use super::integration;
use super::lowering::{Adaptive, Candidate};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use std::cell::RefCell;

/// Makes `derive` return, after the coefficients of the shortest sub-steps, those that differ in longer ones.
pub struct SubStepCoefs<'a> {
    derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>,
    /// The maximum number of sub-steps.
    count: usize,
    /// The candidate numbers of sub-steps below it.
    candidates: Vec<usize>,
    /// By number of sub-steps: indices of a coefficient and of its replacement.
    replacements: RefCell<Vec<Vec<(usize, usize)>>>,
}

impl<'a> SubStepCoefs<'a> {
    pub fn new(derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>, s: &Settings) -> Self {
        let (count, candidates) = (integration::count(s), integration::candidates(s).collect());
        SubStepCoefs { derive, count, candidates, replacements: RefCell::default() }
    }

    /// One of `n` sub-steps of a step equals one of `count` sub-steps of a step that is `count / n` times as long, so the model's
    /// dependence on `dt` gives its coefficients.
    pub fn derive(&self, params: &Named<Sym>) -> Named<Sym> {
        let shortest = (self.derive)(params);
        let mut all = shortest.clone();
        let of_length = |sub_steps: usize| {
            let times = Sym::constant(self.count as f64 / sub_steps as f64);
            let scaled = params.iter().map(|(name, x)| (name, if name == "dt" { x * times } else { x }));
            (self.derive)(&scaled.collect())
        };
        let mut replacements = vec![];
        for longer in self.candidates.iter().copied().map(of_length) {
            let mut pairs = vec![];
            for (i, ((_, short), (name, long))) in shortest.iter().zip(longer.iter()).enumerate() {
                if short != long {
                    pairs.push((i, all.len()));
                    all = all.with(name, long);
                }
            }
            replacements.push(pairs);
        }
        self.replacements.replace(replacements);
        all
    }

    /// `coefs`: the coefficients of what [`SubStepCoefs::derive`] returned.
    pub fn adaptive(&self, tolerance: f64, coefs: &[Coef]) -> Adaptive {
        let slot = |i: usize| match coefs[i].kind {
            CoefKind::Slot { slot, .. } => slot,
            CoefKind::Const(_) => unreachable!("the length of a step is no constant of the graph"),
        };
        let replacements = self.replacements.borrow();
        let candidates =
            self.candidates.iter().zip(replacements.iter()).map(|(&sub_steps, pairs)| Candidate {
                sub_steps,
                slots: pairs.iter().map(|&(short, long)| (slot(short), slot(long))).collect(),
            });
        Adaptive { tolerance, candidates: candidates.collect() }
    }
}
