//! The samplers, one per file, and their list.

mod cma_es;
mod eigen;
mod grid;
mod latin_hypercube;
mod nsga2;
pub mod parzen;
mod random;
mod sobol;
mod tpe;

use crate::draws::{Draws, Use};
use crate::field::{Fields, kind_of};
use crate::space::{self, Point, Space};
use crate::trial::{Direction, Trial};
use lapicque_base::error::{Error, Result};
use serde_json::Value;
use std::collections::HashSet;

pub use sobol::sobol;

/// The inputs of a proposal.
pub struct Ask<'a> {
    pub space: &'a Space,
    pub directions: &'a [Direction],
    /// The study's.
    pub seed: u64,
    pub number: u64,
    /// Finished trials in the order in which they were told. Between two proposals the sequence is only extended, or replaced.
    pub trials: &'a [Trial],
    /// Running trials.
    pub pending: &'a [Point],
    /// The points of finished trials.
    pub finished_points: &'a PointSet,
}

/// Points by their bits.
#[derive(Default)]
pub struct PointSet {
    points: HashSet<Vec<u64>>,
}

impl PointSet {
    pub fn insert(&mut self, point: &[f64]) {
        self.points.insert(bits(point));
    }

    fn holds(&self, point: &[f64]) -> bool {
        self.points.contains(&bits(point))
    }

    fn len(&self) -> usize {
        self.points.len()
    }
}

/// All NaN are equal, and so are both zeros.
fn bits(point: &[f64]) -> Vec<u64> {
    point.iter().map(|&x| if x.is_nan() { u64::MAX } else { (x + 0.0).to_bits() }).collect()
}

impl Ask<'_> {
    /// Whether a point has been tried or is running.
    pub(crate) fn was_proposed(&self, point: &[f64]) -> bool {
        self.finished_points.holds(point) || self.pending.iter().any(|other| space::equal(other, point))
    }

    /// The random numbers of this proposal.
    pub(crate) fn draws(&self) -> Draws {
        Draws::new(self.seed, Use::Proposal, self.number)
    }
}

/// Proposes points. A sampler holds only options and caches: for the same [`Ask`], every instance proposes the same point.
pub trait Sampler: Send {
    /// `None` if the search is exhausted.
    ///
    /// # Errors
    /// Errors for what the sampler does not support.
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>>;

    /// Whether proposals depend on finished trials.
    fn is_adaptive(&self) -> bool;

    /// The number of trials after which the search is exhausted.
    fn size(&self) -> Option<u64> {
        None
    }
}

/// What a sampler is built from.
pub struct Setup<'a> {
    pub space: &'a Space,
    pub directions: &'a [Direction],
    pub options: Fields<'a>,
}

type Build = fn(&Setup) -> Result<Box<dyn Sampler>>;

/// Name, options, constructor.
const SAMPLERS: [(&str, &[&str], Build); 7] = [
    ("grid", &["points", "shuffle"], grid::build),
    ("random", &[], random::build),
    ("sobol", &["scramble"], sobol::build),
    ("latin-hypercube", &["size"], latin_hypercube::build),
    ("tpe", &["startup", "candidates", "priorWeight"], tpe::build),
    ("cma-es", &["sigma", "population", "start"], cma_es::build),
    ("nsga2", &["population", "crossover", "mutation"], nsga2::build),
];

/// The sampler described by a node of `src-ts/study/search.ts`.
///
/// # Errors
/// `unknown-name`, `invalid-parameter`; `unsupported` for a space or objectives that it does not support.
pub fn build(spec: &Value, space: &Space, directions: &[Direction]) -> Result<Box<dyn Sampler>> {
    let kind = kind_of("search", spec)?;
    let found = SAMPLERS.iter().find(|(name, ..)| *name == kind);
    let (_, known, build) =
        found.ok_or_else(|| Error::unknown("search", kind, SAMPLERS.map(|(name, ..)| name)))?;
    build(&Setup { space, directions, options: Fields::new("search", spec, known)? })
}

/// Random points that are tried before all points are enumerated.
const RETRIES: u64 = 50;

/// The point itself, or if it has been tried, an untried one: random, or from the list of all points. If all have been tried,
/// the point itself.
pub(crate) fn fresh(ask: &Ask, point: Point) -> Point {
    if !ask.was_proposed(&point) {
        return point;
    }
    for attempt in 0..RETRIES {
        let mut draws = Draws::new(ask.seed, Use::Retry, ask.number * RETRIES + attempt);
        let other = ask.space.point(|_, domain, _| domain.from_unit(draws.uniform()));
        if !ask.was_proposed(&other) {
            return other;
        }
    }
    let tried = ask.finished_points.len() + ask.pending.len();
    grid::whole(ask.space, tried)
        .and_then(|mut all| all.find(|point| !ask.was_proposed(point)))
        .unwrap_or(point)
}
