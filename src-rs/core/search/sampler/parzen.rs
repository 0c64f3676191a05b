//! A mixture of one kernel per trial and a prior, each a product over the parameters: the density estimate of
//! [`tpe`](super::tpe).
//!
//! The bandwidth of a number at a trial is the larger gap to its neighbors in that parameter, at least `range / min(100, n +
//! 2)` and at most `range` (S. Watanabe, arXiv:2304.11127). For a parameter that a trial does not have, the prior is used.

use crate::domain::Domain;
use crate::draws::Draws;
use crate::normal;
use crate::space::{Point, Space};

/// Beyond this number of standard deviations a kernel is negligible.
const FAR: f64 = 8.5;

pub struct Mixture<'a> {
    space: &'a Space,
    weights: Vec<f64>,
    parameters: Vec<Kernels>,
}

/// The kernels of one parameter.
enum Kernels {
    Number { scaled: Scaled },
    Steps { scaled: Scaled, distinct: Distinct },
    Choice { observed: Vec<f64>, same: f64, other: f64, count: usize },
}

/// Truncated normal distributions on the scale of the domain.
struct Scaled {
    low: f64,
    high: f64,
    mean: Vec<f64>,
    deviation: Vec<f64>,
    /// Logarithm of the normalization of each kernel.
    log_norm: Vec<f64>,
}

/// Kernels over steps often have the same mean and deviation; each pair is stored once.
struct Distinct {
    /// By kernel: the index of its pair.
    pair: Vec<u32>,
    /// By pair: its first kernel.
    first: Vec<u32>,
}

impl<'a> Mixture<'a> {
    /// The mixture for `points` with these weights; each parameter's prior has the weight `prior`.
    pub fn new(space: &'a Space, points: &[&[f64]], mut weights: Vec<f64>, prior: f64) -> Self {
        let prior_weight = if points.is_empty() { 1.0 } else { prior };
        weights.push(prior_weight);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let kernels = |(i, parameter): (usize, &crate::space::Parameter)| {
            let observed: Vec<f64> = points.iter().map(|point| point[i]).chain([f64::NAN]).collect();
            match &parameter.domain {
                Domain::Choice { values } => {
                    let count = values.len();
                    let share = prior / (points.len() + 1) as f64;
                    let whole = 1.0 + share * count as f64;
                    Kernels::Choice { observed, same: (1.0 + share) / whole, other: share / whole, count }
                }
                domain => {
                    let scaled = Scaled::new(domain, &observed);
                    if domain.count().is_some() {
                        let distinct = Distinct::new(&scaled);
                        Kernels::Steps { scaled, distinct }
                    } else {
                        Kernels::Number { scaled }
                    }
                }
            }
        };
        let parameters = space.parameters.iter().enumerate().map(kernels).collect();
        Mixture { space, weights, parameters }
    }

    /// Samples a point of the mixture.
    pub(crate) fn sample(&self, draws: &mut Draws) -> Point {
        let u = draws.uniform();
        let mut upto = 0.0;
        let chosen = self.weights.iter().position(|weight| {
            upto += weight;
            u < upto
        });
        let kernel = chosen.unwrap_or(self.weights.len() - 1);
        self.space.point(|i, domain, _| match &self.parameters[i] {
            Kernels::Number { scaled } | Kernels::Steps { scaled, .. } => {
                domain.from_scale(scaled.sample(kernel, draws.uniform()))
            }
            Kernels::Choice { observed, same, other, count } => {
                let u = draws.uniform();
                let kept = observed[kernel];
                if kept.is_nan() {
                    return crate::domain::index(u, *count as u64) as f64;
                }
                // The additional probability of the kernel's own value.
                let own = same - other;
                if u < own {
                    kept
                } else {
                    crate::domain::index((u - own) / (1.0 - own), *count as u64) as f64
                }
            }
        })
    }

    /// The logarithm of the density at each point.
    pub fn log_density(&self, points: &[Point]) -> Vec<f64> {
        let log_weights: Vec<f64> = self.weights.iter().map(|&weight| libm::log(weight)).collect();
        let mut memory: Vec<Vec<(u64, Vec<f64>)>> = vec![Vec::new(); self.parameters.len()];
        let mut terms = vec![0.0; log_weights.len()];
        let mut density = |point: &Point| {
            terms.copy_from_slice(&log_weights);
            for (i, kernels) in self.parameters.iter().enumerate() {
                if !point[i].is_nan() {
                    self.add(i, kernels, point[i], &mut terms, &mut memory[i]);
                }
            }
            log_sum_exp(&terms)
        };
        points.iter().map(&mut density).collect()
    }

    fn add(&self, i: usize, kernels: &Kernels, x: f64, terms: &mut [f64], memory: &mut Vec<(u64, Vec<f64>)>) {
        let domain = &self.space.parameters[i].domain;
        match kernels {
            Kernels::Number { scaled } => {
                let x = domain.to_scale(x);
                let kernels = scaled.mean.iter().zip(&scaled.deviation).zip(&scaled.log_norm);
                for (term, ((mean, deviation), norm)) in terms.iter_mut().zip(kernels) {
                    let z = (x - mean) / deviation;
                    *term -= 0.5 * z * z + norm;
                }
            }
            Kernels::Steps { scaled, distinct } => {
                let bits = x.to_bits();
                let at = memory.iter().position(|(cached, _)| *cached == bits).unwrap_or_else(|| {
                    let cell = domain.cell(x);
                    let one = |&kernel: &u32| scaled.log_mass(kernel as usize, cell);
                    memory.push((bits, distinct.first.iter().map(one).collect()));
                    memory.len() - 1
                });
                let masses = &memory[at].1;
                terms.iter_mut().zip(&distinct.pair).for_each(|(term, &pair)| *term += masses[pair as usize]);
            }
            Kernels::Choice { observed, same, other, count } => {
                let (same, other) = (libm::log(*same), libm::log(other.max(f64::MIN_POSITIVE)));
                let prior = -libm::log(*count as f64);
                for (term, &observed_value) in terms.iter_mut().zip(observed) {
                    *term += if observed_value.is_nan() {
                        prior
                    } else if observed_value == x {
                        same
                    } else {
                        other
                    };
                }
            }
        }
    }
}

impl Scaled {
    /// NaN among the observed values stands for the prior.
    fn new(domain: &Domain, observed: &[f64]) -> Self {
        let (low, high) = domain.range();
        let width = (high - low).max(f64::MIN_POSITIVE);
        let mut mean: Vec<f64> = observed.iter().map(|&x| domain.to_scale(x)).collect();
        let mut deviation = vec![width; mean.len()];
        let mut order: Vec<usize> = (0..mean.len()).filter(|&k| !mean[k].is_nan()).collect();
        order.sort_unstable_by(|&j, &k| mean[j].total_cmp(&mean[k]).then(j.cmp(&k)));
        let least = width / (order.len() as f64 + 2.0).min(100.0);
        for (rank, &k) in order.iter().enumerate() {
            let below = if rank > 0 { mean[k] - mean[order[rank - 1]] } else { mean[k] - low };
            let above = if rank + 1 < order.len() { mean[order[rank + 1]] - mean[k] } else { high - mean[k] };
            let gap = match (order.len(), rank) {
                // The ends of the range count as neighbors only if there are no others.
                (1, _) => below.max(above),
                (_, 0) => above,
                (n, rank) if rank + 1 == n => below,
                _ => below.max(above),
            };
            deviation[k] = gap.clamp(least, width);
        }
        mean.iter_mut().filter(|mean| mean.is_nan()).for_each(|mean| *mean = 0.5 * (low + high));
        let half_log_tau = 0.5 * libm::log(2.0 * std::f64::consts::PI);
        let norm = |(&mean, &deviation): (&f64, &f64)| {
            let (a, b) = ((low - mean) / deviation, (high - mean) / deviation);
            let mass = if a < -FAR && b > FAR { 1.0 } else { normal::mass(a, b) };
            libm::log(deviation * mass) + half_log_tau
        };
        let log_norm = mean.iter().zip(&deviation).map(norm).collect();
        Scaled { low, high, mean, deviation, log_norm }
    }

    fn sample(&self, kernel: usize, u: f64) -> f64 {
        let (mean, deviation) = (self.mean[kernel], self.deviation[kernel]);
        let (a, b) = ((self.low - mean) / deviation, (self.high - mean) / deviation);
        (mean + deviation * normal::truncated_quantile(u, a, b)).clamp(self.low, self.high)
    }

    /// The logarithm of a kernel's probability in a cell.
    fn log_mass(&self, kernel: usize, (from, to): (f64, f64)) -> f64 {
        let (mean, deviation) = (self.mean[kernel], self.deviation[kernel]);
        let at = |x: f64| (x - mean) / deviation;
        let part = normal::mass(at(from), at(to));
        let whole = normal::mass(at(self.low), at(self.high));
        libm::log((part / whole).max(f64::MIN_POSITIVE))
    }
}

impl Distinct {
    fn new(scaled: &Scaled) -> Self {
        let mut pairs = std::collections::HashMap::new();
        let (mut pair, mut first) = (Vec::with_capacity(scaled.mean.len()), Vec::new());
        for (kernel, (mean, deviation)) in scaled.mean.iter().zip(&scaled.deviation).enumerate() {
            let next = first.len() as u32;
            let at = *pairs.entry((mean.to_bits(), deviation.to_bits())).or_insert(next);
            if at == next {
                first.push(kernel as u32);
            }
            pair.push(at);
        }
        Distinct { pair, first }
    }
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    // Terms that are e^40 times smaller than the largest do not change the result.
    most + libm::log(terms.iter().map(|term| term - most).filter(|&x| x > -40.0).map(libm::exp).sum::<f64>())
}
