//! PED-ANOVA (S. Watanabe, A. Bansal, F. Hutter, IJCAI 2023): the Pearson divergence between the density of the best tenth of
//! the trials over one parameter and the density of all trials. Conditional parameters: K. Abe, S. Watanabe, arXiv:2601.20800.

use crate::domain::Domain;
use crate::normal;
use crate::space::Space;
use crate::trial::Trial;

/// The fraction of the trials that counts as best.
const TARGET: f64 = 0.1;

/// Number of cells into which a range is divided.
const CELLS: usize = 50;

/// Minimum number of trials in which a parameter must exist.
const LEAST: usize = 2;

/// One number per parameter, not normalized; all 0 with fewer than two complete trials. Trials with an infinite value are
/// ignored.
pub fn ped_anova(space: &Space, trials: &[Trial], objective: usize) -> Vec<f64> {
    let is_finite = |trial: &&Trial| trial.is_complete() && trial.costs.iter().all(|cost| cost.is_finite());
    let trials: Vec<&Trial> = trials.iter().filter(is_finite).collect();
    if trials.len() < 2 {
        return vec![0.0; space.len()];
    }
    let mut costs: Vec<f64> = trials.iter().map(|trial| trial.costs[objective]).collect();
    costs.sort_by(f64::total_cmp);
    let cutoff = costs[((TARGET * costs.len() as f64).ceil() as usize).max(1) - 1];
    let best: Vec<&Trial> = trials.iter().copied().filter(|trial| trial.costs[objective] <= cutoff).collect();
    let one = |(i, parameter): (usize, &crate::space::Parameter)| {
        let values = |of: &[&Trial]| {
            of.iter().map(|trial| trial.point[i]).filter(|x| !x.is_nan()).collect::<Vec<f64>>()
        };
        let (all, top) = (values(&trials), values(&best));
        if all.len() < LEAST || top.is_empty() || parameter.domain.count() == Some(1) {
            return 0.0;
        }
        let (target, region) = (top.len() as f64 / best.len() as f64, all.len() as f64 / trials.len() as f64);
        let quantile = best.len() as f64 / trials.len() as f64;
        target * target / region * divergence(&parameter.domain, &top, &all) * quantile * quantile
    };
    space.parameters.iter().enumerate().map(one).collect()
}

/// The Pearson divergence of the density of `top` from that of `all`, over cells.
fn divergence(domain: &Domain, top: &[f64], all: &[f64]) -> f64 {
    let [top, all] = [top, all].map(|values| density(domain, &counts(domain, values)));
    let one = |(top, all): (f64, f64)| {
        let (top, all) = (top + 1e-12, all + 1e-12);
        all * (top / all - 1.0) * (top / all - 1.0)
    };
    top.into_iter().zip(all).map(one).sum()
}

fn cells(domain: &Domain) -> usize {
    match domain {
        Domain::Real { .. } => CELLS,
        Domain::Stepped { count, log: true, .. } => {
            let doublings = (libm::log(*count as f64) / libm::log(2.0)).ceil() as usize + 1;
            doublings.clamp(2, CELLS)
        }
        Domain::Stepped { count, .. } => (*count).min(CELLS as u64) as usize,
        Domain::Choice { values } => values.len(),
    }
}

/// The number of values in each cell, which is around one of equally spaced points including both ends; a value halfway
/// between two points counts for the lower.
fn counts(domain: &Domain, values: &[f64]) -> Vec<f64> {
    let n = cells(domain);
    let mut counts = vec![0.0; n];
    let (low, high) = match domain {
        Domain::Real { low, high, .. } => (*low, *high),
        Domain::Stepped { count, .. } => (domain.nth(0), domain.nth(count - 1)),
        Domain::Choice { .. } => (0.0, (n - 1) as f64),
    };
    let (low, high) = (domain.to_scale(low), domain.to_scale(high));
    let width = (high - low) / (n.max(2) - 1) as f64;
    for &x in values {
        let cell = ((domain.to_scale(x) - low) / width - 0.5).ceil().clamp(0.0, (n - 1) as f64);
        counts[cell as usize] += 1.0;
    }
    counts
}

/// A Parzen estimate over the cells: each non-empty cell is a kernel weighted by its count, plus a prior of weight 1.
fn density(domain: &Domain, counts: &[f64]) -> Vec<f64> {
    let n = counts.len();
    let observed: Vec<usize> = (0..n).filter(|&cell| counts[cell] > 0.0).collect();
    let total: f64 = counts.iter().sum();
    if domain.is_choice() {
        let share = 1.0 / (observed.len() + 1) as f64;
        let kernel = |own: bool| (f64::from(u8::from(own)) + share) / (1.0 + share * n as f64);
        let mixed = |cell: usize| {
            let kernels: f64 = observed.iter().map(|&k| counts[k] * kernel(k == cell)).sum();
            (kernels + 1.0 / n as f64) / (total + 1.0)
        };
        return (0..n).map(mixed).collect();
    }
    let deviation = scott(&observed, counts, total);
    let (low, high) = (-0.5, n as f64 - 0.5);
    let kernel = |mean: f64, deviation: f64, cell: usize| {
        let at = |x: f64| (x - mean) / deviation;
        normal::mass(at(cell as f64 - 0.5), at(cell as f64 + 0.5)) / normal::mass(at(low), at(high))
    };
    let mixed = |cell: usize| {
        let kernels: f64 = observed.iter().map(|&k| counts[k] * kernel(k as f64, deviation, cell)).sum();
        (kernels + kernel((n - 1) as f64 / 2.0, n as f64, cell)) / (total + 1.0)
    };
    (0..n).map(mixed).collect()
}

/// Scott's rule with the smaller of standard deviation and interquartile range, at least so wide that 90 % of a kernel is in
/// its cell.
fn scott(observed: &[usize], counts: &[f64], total: f64) -> f64 {
    let mean = observed.iter().map(|&k| counts[k] * k as f64).sum::<f64>() / total;
    let squares: f64 = observed.iter().map(|&k| counts[k] * (k as f64 - mean) * (k as f64 - mean)).sum();
    let deviation = libm::sqrt(squares / (total - 1.0).max(1.0));
    let mut sum = 0.0;
    let upto: Vec<f64> = observed
        .iter()
        .map(|&k| {
            sum += counts[k];
            sum
        })
        .collect();
    let first = upto.partition_point(|&sum| sum < (total / 4.0).floor());
    let third = upto.partition_point(|&sum| sum <= (total * 3.0 / 4.0).floor()).min(observed.len() - 1);
    let range = (observed[third] as f64 - observed[first] as f64) / 1.34;
    (1.059 * range.min(deviation) * libm::pow(total, -0.2)).max(0.5 / 1.64)
}
