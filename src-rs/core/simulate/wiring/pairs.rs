//! The variables of a pair of neurons that an expression may use: distance, displacement and indices.

use super::rules::Ends;
use crate::spec::description::Rule;
use crate::spec::layout::Distances;
use lapicque_base::error::{Error, Result};

/// A variable of a source and a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    Distance,
    /// The displacement from the source to the target, along the first dimension.
    X,
    Y,
    Z,
    /// The index of the source within the connection.
    Source,
    Target,
}

pub const VARIABLES: [Variable; 6] =
    [Variable::Distance, Variable::X, Variable::Y, Variable::Z, Variable::Source, Variable::Target];

impl Variable {
    pub fn name(self) -> &'static str {
        match self {
            Variable::Distance => "d",
            Variable::X => "dx",
            Variable::Y => "dy",
            Variable::Z => "dz",
            Variable::Source => "i",
            Variable::Target => "j",
        }
    }

    /// The dimension of a displacement.
    fn dimension(self) -> Option<usize> {
        match self {
            Variable::X => Some(0),
            Variable::Y => Some(1),
            Variable::Z => Some(2),
            _ => None,
        }
    }
}

/// Values of some pairs by variable; only the requested variables are filled.
#[derive(Default)]
pub struct Columns {
    values: [Vec<f64>; VARIABLES.len()],
    pairs: usize,
}

impl Columns {
    pub fn of_distances(distances: Vec<f64>) -> Columns {
        let mut columns = Columns { pairs: distances.len(), ..Columns::default() };
        columns.values[Variable::Distance as usize] = distances;
        columns
    }

    pub fn of(&self, variable: Variable) -> &[f64] {
        &self.values[variable as usize]
    }

    pub fn len(&self) -> usize {
        self.pairs
    }
}

/// The pairs of a connection.
#[derive(Debug)]
pub struct Pairs {
    /// Present if both sides have a layout.
    pub distances: Option<Distances>,
    pub ends: Ends,
    /// The population's neuron that is target 0.
    pub first_target: u32,
}

impl Pairs {
    /// Errors: `invalid-parameter` for a dimension that does not exist.
    pub fn check(&self, name: &str, text: &str, variable: Variable) -> Result<()> {
        let dimensions = self.distances.as_ref().map(|distances| distances.targets().dimensions());
        match (variable.dimension(), dimensions) {
            (Some(k), Some(dimensions)) if k >= dimensions => {
                let expected = format!("no {}: the layouts have {dimensions} dimensions", variable.name());
                Err(Error::invalid(name, text, expected))
            }
            _ => Ok(()),
        }
    }

    /// The number of pairs that may be connected.
    pub fn count(&self, rule: &Rule) -> u64 {
        match rule {
            Rule::OneToOne => self.ends.sources as u64,
            Rule::List { sources, .. } => sources.len() as u64,
            _ => self.ends.pairs(),
        }
    }

    /// Sources with their targets, counted within their population; the list is empty if they are
    /// [`candidates`](Pairs::candidates).
    pub fn runs(&self, rule: &Rule) -> Vec<(u32, Vec<u32>)> {
        match rule {
            Rule::List { sources, targets } => {
                let mut all: Vec<(u32, u32)> = sources.iter().copied().zip(targets.iter().copied()).collect();
                all.sort_unstable();
                let run = |pairs: &[(u32, u32)]| {
                    let targets = pairs.iter().map(|&(_, target)| target + self.first_target).collect();
                    (pairs[0].0, targets)
                };
                all.chunk_by(|a, b| a.0 == b.0).map(run).collect()
            }
            _ => (0..self.ends.sources as u32).map(|source| (source, vec![])).collect(),
        }
    }

    /// The possible targets of a source.
    pub fn candidates(&self, source: usize, rule: &Rule, into: &mut Vec<u32>) {
        into.clear();
        let own = self.ends.own_target(source).map(|own| own as u32);
        match rule {
            Rule::OneToOne => into.extend(Some(source as u32).filter(|&target| own != Some(target))),
            _ => into.extend((0..self.ends.targets as u32).filter(|&target| own != Some(target))),
        }
        into.iter_mut().for_each(|target| *target += self.first_target);
    }

    /// The bounds of a variable.
    pub fn range(&self, variable: Variable) -> [f64; 2] {
        let last = |n: usize| [0.0, n.saturating_sub(1) as f64];
        match (variable, &self.distances) {
            (Variable::Source, _) => last(self.ends.sources),
            (Variable::Target, _) => last(self.ends.targets),
            (_, None) => [0.0; 2],
            (Variable::Distance, Some(distances)) => [0.0, distances.farthest()],
            (_, Some(distances)) => {
                let most = variable.dimension().map_or(0.0, |k| distances.farthest_along(k));
                [-most, most]
            }
        }
    }

    /// The values of some variables, from one source to each of `targets`, counted within their population.
    pub fn fill(&self, source: usize, targets: &[u32], variables: &[Variable], into: &mut Columns) {
        into.pairs = targets.len();
        for &variable in variables {
            let column = &mut into.values[variable as usize];
            match (variable, &self.distances) {
                (Variable::Distance, Some(distances)) => distances.of(source, targets, column),
                (Variable::Source, _) => {
                    column.clear();
                    column.resize(targets.len(), source as f64);
                }
                (Variable::Target, _) => {
                    column.clear();
                    column.extend(targets.iter().map(|&target| f64::from(target - self.first_target)));
                }
                (_, Some(distances)) => {
                    let dimension = variable.dimension().unwrap_or(0);
                    distances.displacements(source, targets, dimension, column);
                }
                // Refused when the formula was parsed.
                (_, None) => {
                    column.clear();
                    column.resize(targets.len(), 0.0);
                }
            }
        }
    }
}
