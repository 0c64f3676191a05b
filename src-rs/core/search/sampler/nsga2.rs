//! NSGA-II (K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, IEEE Trans. Evol. Comput. 6, 2002) with selection after each trial
//! (J. J. Durillo et al., On the effect of the steady-state selection scheme in multi-objective genetic algorithms, EMO 2009),
//! uniform crossover, and polynomial mutation on the scale of each parameter. Trials of a study end one by one and are too few
//! for generations: with 400 of them this variant dominates twice the volume of generations with simulated binary crossover
//! (ZDT1 in six dimensions).

use super::{Ask, Sampler, Setup, fresh, random};
use crate::domain::Domain;
use crate::draws::Draws;
use crate::pareto;
use crate::space::Point;
use crate::trial::Trial;
use lapicque_base::error::Result;

/// Distribution index of the mutation; larger values keep mutated numbers closer to their parents.
const MUTATION_INDEX: f64 = 5.0;

pub struct Nsga2 {
    population: usize,
    crossover: f64,
    mutation: Option<f64>,
    cache: Parents,
}

/// The parents after some trials.
#[derive(Default)]
struct Parents {
    /// Numbers of the trials that they were selected from.
    processed: Vec<u64>,
    /// In the order in which they were told.
    members: Vec<Trial>,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    let options = &setup.options;
    let probability = |key, fallback| {
        options.number(key, Some(fallback), "a probability from 0 to 1", |p| (0.0..=1.0).contains(&p))
    };
    let mutation = options.get("mutation").map(|_| probability("mutation", 0.0)).transpose()?;
    Ok(Box::new(Nsga2 {
        population: options.whole("population", Some(50), 2, 1 << 16)? as usize,
        crossover: probability("crossover", 0.9)?,
        mutation,
        cache: Parents::default(),
    }))
}

impl Parents {
    fn follow(&mut self, trials: &[Trial], population: usize) {
        let is_prefix = self.processed.len() <= trials.len()
            && self.processed.iter().zip(trials).all(|(n, trial)| *n == trial.number);
        if !is_prefix {
            *self = Parents::default();
        }
        for trial in &trials[self.processed.len()..] {
            self.processed.push(trial.number);
            if !trial.is_complete() {
                continue;
            }
            self.members.push(trial.clone());
            if self.members.len() > population
                && let Some(worst) = self.order().pop()
            {
                self.members.remove(worst);
            }
        }
    }

    /// Indices of the members, the best first.
    fn order(&self) -> Vec<usize> {
        pareto::sorted(&self.members.iter().map(|trial| trial.costs.as_slice()).collect::<Vec<_>>())
    }
}

impl Sampler for Nsga2 {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        self.cache.follow(ask.trials, self.population);
        let parents = &self.cache.members;
        if parents.is_empty() || ask.trials.len() < self.population {
            return Ok(Some(fresh(ask, random::point(ask))));
        }
        let mut draws = ask.draws();
        let order = self.cache.order();
        // Binary tournament.
        let mut tournament = || &parents[order[draws.index(order.len()).min(draws.index(order.len()))]].point;
        let (first, second) = (tournament(), tournament());
        let mates = draws.uniform() < self.crossover;
        let second = if mates { second } else { first };
        let live = first.iter().filter(|x| !x.is_nan()).count().max(1);
        let mutation = self.mutation.unwrap_or(1.0 / live as f64);
        let child = ask.space.point(|i, domain, _| {
            let x = match (first[i].is_nan(), second[i].is_nan()) {
                (true, true) => return domain.from_unit(draws.uniform()),
                (true, false) => second[i],
                (false, true) => first[i],
                (false, false) if draws.uniform() < 0.5 => first[i],
                (false, false) => second[i],
            };
            if draws.uniform() < mutation { mutated(domain, x, &mut draws) } else { x }
        });
        Ok(Some(fresh(ask, child)))
    }

    fn is_adaptive(&self) -> bool {
        true
    }
}

fn mutated(domain: &Domain, x: f64, draws: &mut Draws) -> f64 {
    let u = draws.uniform();
    if domain.is_choice() {
        return domain.from_unit(u);
    }
    let (low, high) = domain.range();
    let width = (high - low).max(f64::MIN_POSITIVE);
    let (y, power) = (domain.to_scale(x), 1.0 / (MUTATION_INDEX + 1.0));
    // Deb's own implementation of polynomial mutation, which stays within the range.
    let near = |distance: f64, u: f64| {
        let rest = libm::pow((1.0 - distance / width).clamp(0.0, 1.0), MUTATION_INDEX + 1.0);
        libm::pow(u + (1.0 - u) * rest, power)
    };
    let step = if u < 0.5 { near(y - low, 2.0 * u) - 1.0 } else { 1.0 - near(high - y, 2.0 * (1.0 - u)) };
    domain.from_scale(y + step * width)
}
