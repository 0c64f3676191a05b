//! Covariance matrix adaptation (N. Hansen, The CMA evolution strategy: a tutorial, arXiv:1604.00772), with its negative
//! weights and default constants. Equation numbers are those of the tutorial.
//!
//! An own implementation, because a study's proposal must be a function of the trials alone. Published crates keep a state
//! that changes with each ask and tell, expect every sample back as it was proposed, and support neither choices nor integers.
//! Generations consist of the finished trials, in their order. A trial that was proposed from an earlier generation, because
//! it was still running, is injected as an external solution (N. Hansen, Injecting external solutions into CMA-ES,
//! arXiv:1110.4181). Integers keep a minimum standard deviation (T. Marty et al., LB+IC-CMA-ES, PPSN 2024). After convergence
//! the search restarts with a larger population (A. Auger, N. Hansen, CEC 2005).

use super::eigen;
use super::{Ask, Sampler, Setup, fresh};
use crate::domain::Domain;
use crate::draws::{Draws, Use};
use crate::field::{Fields, quoted};
use crate::space::{Point, Space};
use crate::trial::Trial;
use lapicque_base::error::{Error, Result};

/// Maximum number of numeric parameters, which is the number of rows of the matrix.
const MOST: usize = 512;

/// Number of times that a sample outside the range is replaced before it is clipped.
const RETRIES: usize = 100;

/// A run has converged if its standard deviations, in units of the range, are below this; and the largest ratio of axes.
const CONVERGED: f64 = 1e-11;
const CONDITION: f64 = 1e14;

pub struct CmaEs {
    setting: Setting,
    cache: Option<Run>,
}

/// Options, and the parameters that are searched.
struct Setting {
    numbers: Vec<usize>,
    start: Vec<f64>,
    sigma: f64,
    population: usize,
    /// Minimum standard deviation of each parameter, in units of its range.
    least: Vec<f64>,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    let (space, options) = (setup.space, &setup.options);
    let unsupported = |feature: String| Error::Unsupported { feature, format: "cma-es".into() };
    if setup.directions.len() != 1 {
        return Err(unsupported(format!("{} objectives", setup.directions.len())));
    }
    let is_number =
        |&i: &usize| !space.parameters[i].domain.is_choice() && space.parameters[i].domain.count() != Some(1);
    let numbers: Vec<usize> = (0..space.len()).filter(is_number).collect();
    if numbers.is_empty() || numbers.len() > MOST {
        return Err(unsupported(format!("{} numbers; it searches 1 to {MOST}", numbers.len())));
    }
    let default = 4 + (3.0 * libm::log(numbers.len() as f64)) as u64;
    let sigma =
        options.number("sigma", Some(1.0 / 6.0), "a number above 0, at most 1", |s| s > 0.0 && s <= 1.0)?;
    let population = options.whole("population", Some(default), 3, 1 << 16)? as usize;
    let names: Vec<&str> = numbers.iter().map(|&i| space.parameters[i].name.as_str()).collect();
    let mut start = vec![0.5; numbers.len()];
    if let Some(given_start) = options.get("start") {
        let given_start = Fields::new("search.start", given_start, &names)?;
        for (k, &i) in numbers.iter().enumerate() {
            let parameter = &space.parameters[i];
            let Some(value) = given_start.get(&parameter.name) else { continue };
            let x = parameter.domain.from_json(value);
            let x = x.ok_or_else(|| {
                Error::invalid(
                    given_start.name_of(&parameter.name),
                    quoted(value),
                    parameter.domain.expected(),
                )
            })?;
            start[k] = unit(&parameter.domain, x);
        }
    }
    let least = |&i: &usize| match space.parameters[i].domain.count() {
        Some(count) => 0.2 / count as f64,
        None => 0.0,
    };
    let least = numbers.iter().map(least).collect();
    Ok(Box::new(CmaEs { setting: Setting { numbers, start, sigma, population, least }, cache: None }))
}

/// A value as a fraction of its range, on the scale of the domain.
fn unit(domain: &Domain, x: f64) -> f64 {
    let (low, high) = domain.range();
    (domain.to_scale(x) - low) / (high - low)
}

/// The state after some generations.
#[derive(Clone)]
struct Run {
    seed: u64,
    /// Numbers of the trials that the state was computed from.
    processed: Vec<u64>,
    restarts: u64,
    population: usize,
    generation: usize,
    mean: Vec<f64>,
    sigma: f64,
    covariance: Vec<f64>,
    /// Square roots of the eigenvalues, and the eigenvectors as columns.
    axes: Vec<f64>,
    vectors: Vec<f64>,
    /// The generation in which they were computed.
    decomposed: usize,
    path_sigma: Vec<f64>,
    path_c: Vec<f64>,
}

/// Constants of one population size: table 1 of the tutorial.
struct Constants {
    weights: Vec<f64>,
    mu: usize,
    mu_eff: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    /// Expected length of a standard normal vector.
    chi: f64,
}

impl Constants {
    fn new(n: usize, population: usize) -> Self {
        let (n, lambda) = (n as f64, population as f64);
        let raw: Vec<f64> =
            (1..=population).map(|i| libm::log((lambda + 1.0) / 2.0) - libm::log(i as f64)).collect();
        let mu = population / 2;
        let effective = |part: &[f64]| {
            let (sum, squares) = part.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
            if squares == 0.0 { 0.0 } else { sum * sum / squares }
        };
        let (mu_eff, mu_eff_minus) = (effective(&raw[..mu]), effective(&raw[mu..]));
        let c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        let d_sigma = 1.0 + 2.0 * (libm::sqrt((mu_eff - 1.0) / (n + 1.0)) - 1.0).max(0.0) + c_sigma;
        let c_c = (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n);
        let c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
        let c_mu = (1.0 - c_1).min(2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((n + 2.0) * (n + 2.0) + mu_eff));
        let (alpha_mu, alpha_eff) = (1.0 + c_1 / c_mu.max(1e-300), 1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0));
        let alpha = alpha_mu.min(alpha_eff).min((1.0 - c_1 - c_mu) / (n * c_mu.max(1e-300)));
        let up: f64 = raw[..mu].iter().sum();
        let down: f64 = -raw[mu..].iter().filter(|w| **w < 0.0).sum::<f64>();
        let weight = |w: &f64| if *w >= 0.0 { w / up } else { w * alpha / down.max(1e-300) };
        Constants {
            weights: raw.iter().map(weight).collect(),
            mu,
            mu_eff,
            c_sigma,
            d_sigma,
            c_c,
            c_1,
            c_mu,
            chi: libm::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }
}

impl Run {
    fn begin(setting: &Setting, seed: u64, processed: Vec<u64>, restarts: u64) -> Self {
        let n = setting.numbers.len();
        let mut identity = vec![0.0; n * n];
        (0..n).for_each(|i| identity[i * n + i] = 1.0);
        let mut draws = Draws::new(seed, Use::Restart, restarts);
        let mean = match restarts {
            0 => setting.start.clone(),
            _ => (0..n).map(|_| draws.uniform()).collect(),
        };
        Run {
            seed,
            processed,
            restarts,
            population: setting.population << restarts.min(8),
            generation: 0,
            mean,
            sigma: setting.sigma,
            covariance: identity.clone(),
            axes: vec![1.0; n],
            vectors: identity,
            decomposed: 0,
            path_sigma: vec![0.0; n],
            path_c: vec![0.0; n],
        }
    }

    /// Processes all generations that the trials form.
    fn follow(&mut self, setting: &Setting, space: &Space, trials: &[Trial], ask: &Ask) {
        while trials.len() - self.processed.len() >= self.population {
            let from = self.processed.len();
            let group = &trials[from..from + self.population];
            self.processed.extend(group.iter().map(|trial| trial.number));
            self.update(setting, space, group, ask);
            if self.has_converged(setting) {
                *self =
                    Run::begin(setting, self.seed, std::mem::take(&mut self.processed), self.restarts + 1);
            }
        }
    }

    /// One generation: equations 38 to 47.
    fn update(&mut self, setting: &Setting, space: &Space, group: &[Trial], ask: &Ask) {
        let n = self.mean.len();
        let constants = Constants::new(n, self.population);
        let mut order: Vec<&Trial> = group.iter().collect();
        order.sort_by(|a, b| a.compare(b, ask.directions));
        let steps: Vec<Vec<f64>> = order.iter().map(|trial| self.step_to(setting, space, trial)).collect();
        let mut mean_step = vec![0.0; n];
        for (step, weight) in steps.iter().zip(&constants.weights).take(constants.mu) {
            mean_step.iter_mut().zip(step).for_each(|(sum, x)| *sum += weight * x);
        }
        self.mean.iter_mut().zip(&mean_step).for_each(|(mean, step)| *mean += self.sigma * step);
        let c = &constants;
        let whitened = self.whitened(&mean_step);
        let forward = libm::sqrt(c.c_sigma * (2.0 - c.c_sigma) * c.mu_eff);
        self.path_sigma
            .iter_mut()
            .zip(&whitened)
            .for_each(|(p, y)| *p = (1.0 - c.c_sigma) * *p + forward * y);
        let length = libm::sqrt(self.path_sigma.iter().map(|p| p * p).sum());
        self.generation += 1;
        let unbiased = libm::sqrt(1.0 - libm::pow(1.0 - c.c_sigma, 2.0 * self.generation as f64));
        let holds = length / unbiased < (1.4 + 2.0 / (n as f64 + 1.0)) * c.chi;
        let h = f64::from(u8::from(holds));
        let forward = h * libm::sqrt(c.c_c * (2.0 - c.c_c) * c.mu_eff);
        self.path_c.iter_mut().zip(&mean_step).for_each(|(p, y)| *p = (1.0 - c.c_c) * *p + forward * y);
        let sum: f64 = c.weights.iter().sum();
        let keep = 1.0 + c.c_1 * (1.0 - h) * c.c_c * (2.0 - c.c_c) - c.c_1 - c.c_mu * sum;
        self.covariance.iter_mut().for_each(|x| *x *= keep);
        add_outer(&mut self.covariance, c.c_1, &self.path_c);
        for (step, &weight) in steps.iter().zip(&c.weights) {
            let weight = match weight < 0.0 {
                // Keeps the matrix positive definite (equation 46).
                true => {
                    weight * n as f64 / self.whitened(step).iter().map(|x| x * x).sum::<f64>().max(1e-300)
                }
                false => weight,
            };
            add_outer(&mut self.covariance, c.c_mu * weight, step);
        }
        self.sigma *= libm::exp(((c.c_sigma / c.d_sigma) * (length / c.chi - 1.0)).min(1.0));
        self.sigma = self.sigma.min(1e4);
        self.bound(setting);
        // The decomposition may be postponed, because the matrix changes little.
        let gap = 1.0 / (10.0 * n as f64 * (c.c_1 + c.c_mu));
        if (self.generation - self.decomposed) as f64 > gap {
            self.decompose();
        }
    }

    /// The step from the mean to a trial, in units of sigma, limited to the length of a likely sample (injection).
    fn step_to(&self, setting: &Setting, space: &Space, trial: &Trial) -> Vec<f64> {
        let component = |(&i, &mean): (&usize, &f64)| {
            let x = trial.point[i];
            if x.is_nan() { 0.0 } else { (unit(&space.parameters[i].domain, x) - mean) / self.sigma }
        };
        let mut step: Vec<f64> = setting.numbers.iter().zip(&self.mean).map(component).collect();
        let length = libm::sqrt(self.whitened(&step).iter().map(|x| x * x).sum());
        let n = step.len() as f64;
        let most = libm::sqrt(n) + 2.0 * n / (n + 2.0);
        if length > most {
            step.iter_mut().for_each(|x| *x *= most / length);
        }
        step
    }

    /// C^(-1/2) times a vector.
    fn whitened(&self, x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let mut along = vec![0.0; n];
        for (i, xi) in x.iter().enumerate() {
            (0..n).for_each(|k| along[k] += self.vectors[i * n + k] * xi);
        }
        along.iter_mut().zip(&self.axes).for_each(|(a, axis)| *a /= axis);
        (0..n).map(|i| (0..n).map(|k| self.vectors[i * n + k] * along[k]).sum()).collect()
    }

    /// Keeps a minimum deviation for integers, which would otherwise get stuck between two values.
    fn bound(&mut self, setting: &Setting) {
        let n = self.mean.len();
        for (i, &least) in setting.least.iter().enumerate() {
            let deviation = self.sigma * libm::sqrt(self.covariance[i * n + i].max(0.0));
            if deviation < least {
                let raised = least / self.sigma;
                self.covariance[i * n + i] = raised * raised;
            }
        }
    }

    fn decompose(&mut self) {
        let n = self.mean.len();
        let (values, vectors) = eigen::symmetric(&self.covariance, n);
        let least = values.iter().copied().fold(0.0, f64::max) / CONDITION;
        self.axes = values.iter().map(|&value| libm::sqrt(value.max(least).max(1e-300))).collect();
        self.vectors = vectors;
        self.decomposed = self.generation;
    }

    fn has_converged(&self, setting: &Setting) -> bool {
        let n = self.mean.len();
        let deviation = |i: usize| self.sigma * libm::sqrt(self.covariance[i * n + i].max(0.0));
        let is_small = (0..n).filter(|&i| setting.least[i] == 0.0).all(|i| deviation(i) < CONVERGED);
        let (least, most) =
            self.axes.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &x| (a.min(x), b.max(x)));
        let is_whole = setting.least.iter().all(|&least| least > 0.0);
        (is_small && !is_whole)
            || most > 1e7 * least
            || !self.sigma.is_finite()
            || self.covariance.iter().any(|x| !x.is_finite())
    }

    /// A sample within the range.
    fn sample(&self, draws: &mut Draws) -> Vec<f64> {
        let n = self.mean.len();
        let mut x = Vec::new();
        for _ in 0..RETRIES {
            let z: Vec<f64> = self.axes.iter().map(|axis| axis * draws.normal()).collect();
            let along = |i: usize| (0..n).map(|k| self.vectors[i * n + k] * z[k]).sum::<f64>();
            x = (0..n).map(|i| self.mean[i] + self.sigma * along(i)).collect();
            if x.iter().all(|x| (0.0..=1.0).contains(x)) {
                return x;
            }
        }
        x.iter_mut().for_each(|x| *x = if x.is_nan() { 0.5 } else { x.clamp(0.0, 1.0) });
        x
    }
}

fn add_outer(matrix: &mut [f64], factor: f64, x: &[f64]) {
    let n = x.len();
    for (i, xi) in x.iter().enumerate() {
        matrix[i * n..][..n].iter_mut().zip(x).for_each(|(a, xj)| *a += factor * xi * xj);
    }
}

impl Sampler for CmaEs {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        let setting = &self.setting;
        let fits = |run: &Run| {
            run.seed == ask.seed
                && run.processed.len() <= ask.trials.len()
                && run.processed.iter().zip(ask.trials).all(|(n, trial)| *n == trial.number)
        };
        let cached = self.cache.take().filter(fits);
        let mut run = cached.unwrap_or_else(|| Run::begin(setting, ask.seed, Vec::new(), 0));
        run.follow(setting, ask.space, ask.trials, ask);
        let mut draws = ask.draws();
        let x = run.sample(&mut draws);
        self.cache = Some(run);
        let point =
            ask.space.point(|i, domain, _| match setting.numbers.iter().position(|&number| number == i) {
                Some(k) => {
                    let (low, high) = domain.range();
                    domain.from_scale(low + x[k] * (high - low))
                }
                None => domain.from_unit(draws.uniform()),
            });
        Ok(Some(fresh(ask, point)))
    }

    fn is_adaptive(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::PointSet;
    use crate::trial::{Direction, State};
    use serde_json::{Value, json};

    /// Generations of `cmaes` 0.13.1 on Rosenbrock's function in five dimensions; its samples are told again.
    #[test]
    fn generations_are_those_of_another_implementation() {
        let text = include_str!("../../../../__test__/study/fixtures/search/reference.json");
        let reference: Value = serde_json::from_str(text).unwrap();
        let evolution = &reference["evolution"];
        let list = |value: &Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let one = json!({ "kind": "uniform", "low": 0, "high": 1 });
        let space = Space::new(&json!({ "a": one, "b": one, "c": one, "d": one, "e": one })).unwrap();
        let setting = Setting {
            numbers: (0..5).collect(),
            start: vec![evolution["start"].as_f64().unwrap(); 5],
            sigma: evolution["sigma"].as_f64().unwrap(),
            population: 8,
            least: vec![0.0; 5],
        };
        let directions = [Direction::Minimize];
        let (mut seen, finished_points) = (Vec::new(), PointSet::default());
        let mut run = Run::begin(&setting, 0, Vec::new(), 0);
        for generation in evolution["generations"].as_array().unwrap() {
            for solution in generation["solutions"].as_array().unwrap() {
                seen.push(Trial {
                    number: seen.len() as u64,
                    state: State::Complete,
                    point: list(&solution[0]),
                    costs: vec![solution[1].as_f64().unwrap()],
                    reports: Vec::new(),
                });
            }
            let ask = Ask {
                space: &space,
                directions: &directions,
                seed: 0,
                number: 0,
                trials: &seen,
                pending: &[],
                finished_points: &finished_points,
            };
            run.follow(&setting, &space, &seen, &ask);
            let near =
                |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-8 * (1.0 + b.abs()));
            assert!(near(&run.mean, &list(&generation["mean"])), "generation {}", run.generation);
            assert!(
                near(&[run.sigma], &[generation["sigma"].as_f64().unwrap()]),
                "generation {}",
                run.generation
            );
            let covariance: Vec<f64> =
                generation["covariance"].as_array().unwrap().iter().flat_map(list).collect();
            assert!(near(&run.covariance, &covariance), "generation {}", run.generation);
        }
        assert_eq!(run.generation, 12);
    }
}
