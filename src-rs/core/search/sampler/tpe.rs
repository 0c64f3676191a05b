//! Tree-structured Parzen estimator (J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, NIPS 2011), jointly over all parameters (S.
//! Falkner, A. Klein, F. Hutter, ICML 2018), with the split and weights of S. Watanabe, arXiv:2304.11127.
//!
//! The best tenth of the finished trials, at most 25, form one density; all others and the running trials form another. Points
//! are sampled from the first density, and the one with the largest ratio of both is proposed. Running trials count as bad, so
//! that proposals made at the same time are spread out (constant liar).

use super::{Ask, Sampler, Setup, fresh, random};
use crate::pareto;
use crate::sampler::parzen::Mixture;
use crate::space::Point;
use lapicque_base::error::Result;

/// Number of recent trials with full weight; older ones have less.
const RECENT: usize = 25;

/// Maximum number of good trials, with one objective.
const GOOD: usize = 25;

pub struct Tpe {
    startup: usize,
    candidates: usize,
    prior_weight: f64,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    let options = &setup.options;
    let prior_weight = options
        .number("priorWeight", Some(1.0), "a number above 0", |weight| weight > 0.0 && weight < 1e9)?;
    Ok(Box::new(Tpe {
        startup: options.whole("startup", Some(10), 1, 1 << 30)? as usize,
        candidates: options.whole("candidates", Some(24), 1, 1 << 16)? as usize,
        prior_weight,
    }))
}

impl Sampler for Tpe {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        if ask.trials.len() < self.startup {
            return Ok(Some(fresh(ask, random::point(ask))));
        }
        let good = good(ask);
        let side = |is_good: bool| -> Vec<&[f64]> {
            let of = ask.trials.iter().zip(&good).filter(|(_, good)| **good == is_good);
            of.map(|(trial, _)| trial.point.as_slice()).collect()
        };
        let (best, mut rest) = (side(true), side(false));
        rest.extend(ask.pending.iter().map(Vec::as_slice));
        let weights = if ask.directions.len() > 1 { vec![1.0; best.len()] } else { weights(best.len()) };
        let below = Mixture::new(ask.space, &best, weights, self.prior_weight);
        let above = Mixture::new(ask.space, &rest, self::weights(rest.len()), self.prior_weight);
        let mut draws = ask.draws();
        let candidates: Vec<Point> = (0..self.candidates).map(|_| below.sample(&mut draws)).collect();
        let (likely, unlikely) = (below.log_density(&candidates), above.log_density(&candidates));
        let gain = |&i: &usize| likely[i] - unlikely[i];
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|i, j| gain(j).total_cmp(&gain(i)).then(i.cmp(j)));
        let unknown = order.iter().find(|&&i| !ask.was_proposed(&candidates[i]));
        Ok(Some(match unknown {
            Some(&i) => candidates[i].clone(),
            None => fresh(ask, candidates[order[0]].clone()),
        }))
    }

    fn is_adaptive(&self) -> bool {
        true
    }
}

/// Marks the finished trials that are among the best.
fn good(ask: &Ask) -> Vec<bool> {
    let n = ask.trials.len();
    let tenth = n.div_ceil(10);
    let mut good = vec![false; n];
    if let [_] = ask.directions {
        let mut order: Vec<usize> = (0..n).collect();
        let count = tenth.min(GOOD);
        let compare = |i: &usize, j: &usize| ask.trials[*i].compare(&ask.trials[*j], ask.directions);
        order.select_nth_unstable_by(count - 1, compare);
        order[..count].iter().for_each(|&i| good[i] = true);
        return good;
    }
    let complete: Vec<usize> = (0..n).filter(|&i| ask.trials[i].is_complete()).collect();
    let costs: Vec<&[f64]> = complete.iter().map(|&i| ask.trials[i].costs.as_slice()).collect();
    pareto::sorted(&costs).into_iter().take(tenth).for_each(|index| good[complete[index]] = true);
    good
}

/// Equal weights for up to [`RECENT`] trials; older ones increase linearly up to these.
pub(crate) fn weights(n: usize) -> Vec<f64> {
    let older = n.saturating_sub(RECENT);
    let first = 1.0 / n.max(1) as f64;
    let ramp =
        |i: usize| if older == 1 { first } else { first + (1.0 - first) * i as f64 / (older - 1) as f64 };
    (0..n).map(|i| if i < older { ramp(i) } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::weights;

    #[test]
    fn recent_trials_count_in_full_and_older_ones_less() {
        assert_eq!(weights(24), vec![1.0; 24]);
        // As numpy's linspace(1 / 40, 1, 15).
        let w = weights(40);
        assert_eq!((w[0], w[14], w[15], w.len()), (0.025, 1.0, 1.0, 40));
        assert!((w[1] - (0.025 + 0.975 / 14.0)).abs() < 1e-15);
        assert!(weights(0).is_empty());
    }
}
