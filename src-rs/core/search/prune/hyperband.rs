//! Hyperband over successive halving (L. Li et al., J. Mach. Learn. Res. 18, 2018). Bracket `s` is successive halving with its
//! first rung at `minSteps · reduction^s`. The bracket of a trial is a function of the study's seed and the trial's number, in
//! the proportions of the paper.

use super::asha::Rungs;
use super::{Pruner, report_directions};
use crate::draws::{Use, stream};
use crate::field::Fields;
use crate::trial::{Direction, Trial};
use lapicque_base::error::Result;
use serde_json::Value;

struct Hyperband {
    budgets: Vec<u64>,
    brackets: Vec<Rungs>,
}

pub fn build(options: &Fields, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    let first = options.whole("minSteps", Some(1), 1, super::MAX_STEPS)?;
    let most = options.whole("maxSteps", None, first, super::MAX_STEPS)?;
    let reduction = options.whole("reduction", Some(3), 2, 1 << 20)?;
    let directions = report_directions(options, directions)?;
    let budgets = budgets(first, most, reduction);
    let mut step = first as f64;
    let bracket = |_: &u64| {
        let rungs = Rungs::new(directions.clone(), step, reduction as f64, 1);
        step *= reduction as f64;
        rungs
    };
    let brackets = budgets.iter().map(bracket).collect();
    Ok(Box::new(Hyperband { budgets, brackets }))
}

/// Relative numbers of trials in the brackets.
pub fn budgets(first: u64, most: u64, reduction: u64) -> Vec<u64> {
    let mut count = 1;
    let mut reached = u128::from(first) * u128::from(reduction);
    while reached <= u128::from(most) {
        count += 1;
        reached *= u128::from(reduction);
    }
    let budget = |bracket: u32| {
        let halvings = count - 1 - bracket;
        (f64::from(count) * libm::pow(reduction as f64, f64::from(halvings)) / f64::from(halvings + 1)).ceil()
            as u64
    };
    (0..count).map(budget).collect()
}

/// The bracket of a trial.
pub fn bracket(budgets: &[u64], number: u64, seed: u64) -> usize {
    let total: u64 = budgets.iter().sum();
    let mut index = crate::domain::index(stream(seed, Use::Bracket, number).uniform_f64_at(0), total);
    let found = budgets.iter().position(|&budget| {
        let inside = index < budget;
        index = index.saturating_sub(budget);
        inside
    });
    found.unwrap_or(0)
}

impl Pruner for Hyperband {
    fn observe(&mut self, trial: &Trial, seed: u64) {
        self.brackets[bracket(&self.budgets, trial.number, seed)].observe_reports(&trial.reports);
    }

    fn snapshot(&self, number: u64, seed: u64) -> Value {
        self.brackets[bracket(&self.budgets, number, seed)].written()
    }
}
