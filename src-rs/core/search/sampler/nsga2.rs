//! NSGA-II: K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, IEEE Trans. Evol. Comput. 6, 2002; simulated binary crossover of K. Deb and
//! R. B. Agrawal, Complex Systems 9, 1995, and polynomial mutation, both on the scale of each number.
//!
//! Generations are made of the trials seen, in their order: after each `population` of them the parents are the best of the parents
//! before and of these. Proposals need not wait for a generation to end.

use super::{Ask, Sampler, Setup, fresh, random};
use crate::domain::Domain;
use crate::draws::Draws;
use crate::pareto;
use crate::space::Point;
use crate::trial::Trial;
use lapicque_base::error::Result;

/// Distribution indices: how near children are to their parents.
const CROSSOVER_INDEX: f64 = 20.0;
const MUTATION_INDEX: f64 = 20.0;

pub struct Nsga2 {
    population: usize,
    crossover: f64,
    mutation: Option<f64>,
    cache: Parents,
}

/// The parents after a number of trials, the best first.
#[derive(Default)]
struct Parents {
    /// Numbers of the trials that they come from.
    seen: Vec<u64>,
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
    fn follow(&mut self, seen: &[Trial], population: usize) {
        let whole = &seen[..seen.len() / population * population];
        let is_prefix = self.seen.len() <= whole.len()
            && self.seen.iter().zip(whole).all(|(n, trial)| *n == trial.number);
        if !is_prefix {
            *self = Parents::default();
        }
        for group in whole[self.seen.len()..].chunks(population) {
            self.seen.extend(group.iter().map(|trial| trial.number));
            self.members.extend(group.iter().filter(|trial| trial.is_complete()).cloned());
            let costs: Vec<&[f64]> = self.members.iter().map(|trial| trial.costs.as_slice()).collect();
            let order = pareto::sorted(&costs);
            self.members = order.into_iter().take(population).map(|i| self.members[i].clone()).collect();
        }
    }
}

impl Sampler for Nsga2 {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        self.cache.follow(ask.seen, self.population);
        let parents = &self.cache.members;
        if parents.is_empty() {
            return Ok(Some(fresh(ask, random::point(ask))));
        }
        let mut draws = ask.draws();
        // Of two at random the better: they are sorted.
        let mut tournament = || &parents[draws.index(parents.len()).min(draws.index(parents.len()))].point;
        let (first, second) = (tournament(), tournament());
        let mates = draws.uniform() < self.crossover;
        let second = if mates { second } else { first };
        let swapped = draws.uniform() < 0.5;
        let (first, second) = if swapped { (second, first) } else { (first, second) };
        let live = first.iter().filter(|x| !x.is_nan()).count().max(1);
        let mutation = self.mutation.unwrap_or(1.0 / live as f64);
        let child = ask.space.point(|i, domain, _| {
            let x = match (first[i].is_nan(), second[i].is_nan()) {
                (true, true) => return domain.from_unit(draws.uniform()),
                (true, false) => second[i],
                (false, true) => first[i],
                (false, false) => crossed(domain, first[i], second[i], &mut draws),
            };
            if draws.uniform() < mutation { mutated(domain, x, &mut draws) } else { x }
        });
        Ok(Some(fresh(ask, child)))
    }

    fn is_adaptive(&self) -> bool {
        true
    }
}

/// One of the two children of a pair, in one parameter.
fn crossed(domain: &Domain, a: f64, b: f64, draws: &mut Draws) -> f64 {
    let (which, u) = (draws.uniform(), draws.uniform());
    if domain.is_choice() {
        return if which < 0.5 { a } else { b };
    }
    // Half of the parameters are taken as they are.
    if which < 0.5 || a == b {
        return a;
    }
    let power = 1.0 / (CROSSOVER_INDEX + 1.0);
    let spread = if u < 0.5 { libm::pow(2.0 * u, power) } else { libm::pow(0.5 / (1.0 - u), power) };
    let (x, y) = (domain.to_scale(a), domain.to_scale(b));
    domain.from_scale(0.5 * ((1.0 + spread) * x + (1.0 - spread) * y))
}

fn mutated(domain: &Domain, x: f64, draws: &mut Draws) -> f64 {
    let u = draws.uniform();
    if domain.is_choice() {
        return domain.from_unit(u);
    }
    let (low, high) = domain.range();
    let width = (high - low).max(f64::MIN_POSITIVE);
    let (y, power) = (domain.to_scale(x), 1.0 / (MUTATION_INDEX + 1.0));
    // Within the range whatever the draw: the form of Deb's own program.
    let near = |distance: f64, u: f64| {
        let rest = libm::pow((1.0 - distance / width).clamp(0.0, 1.0), MUTATION_INDEX + 1.0);
        libm::pow(u + (1.0 - u) * rest, power)
    };
    let step = if u < 0.5 { near(y - low, 2.0 * u) - 1.0 } else { 1.0 - near(high - y, 2.0 * (1.0 - u)) };
    domain.from_scale(y + step * width)
}
