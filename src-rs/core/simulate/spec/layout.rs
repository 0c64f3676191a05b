//! Positions of neurons, and distances between them.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Positions as a description states them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LayoutSpec {
    /// 1, 2 or 3.
    pub dimensions: usize,
    /// `[neuron][dimension]`, in any unit of length.
    pub positions: Vec<f64>,
    /// Period of each dimension, 0 for dimensions that are not periodic; omitted: none is.
    #[serde(default)]
    pub period: Option<Vec<f64>>,
}

/// The positions of a population or of sources.
#[derive(Debug, PartialEq)]
pub struct Layout {
    dimensions: usize,
    positions: Vec<f64>,
    /// By dimension; 0 if it is not periodic.
    period: Vec<f64>,
}

impl Layout {
    pub fn new(name: &str, spec: LayoutSpec, size: usize) -> Result<Layout> {
        let LayoutSpec { dimensions, positions, period } = spec;
        if !(1..=3).contains(&dimensions) {
            return Err(Error::invalid(format!("{name}.dimensions"), dimensions, "1, 2 or 3"));
        }
        let shape = |what: &str, expected: usize, got: usize| Error::ShapeMismatch {
            layer: format!("{name}.{what}"),
            expected: format!("[{expected}]"),
            got: format!("[{got}]"),
        };
        if positions.len() != size * dimensions {
            return Err(shape("positions", size * dimensions, positions.len()));
        }
        let period = period.unwrap_or(vec![0.0; dimensions]);
        if period.len() != dimensions {
            return Err(shape("period", dimensions, period.len()));
        }
        if let Some(i) = positions.iter().position(|x| !x.is_finite()) {
            return Err(Error::invalid(format!("{name}.positions[{i}]"), positions[i], "a finite number"));
        }
        if let Some(i) = period.iter().position(|&x| !(x.is_finite() && x >= 0.0)) {
            let expected = "a length above 0, or 0 for a dimension that is not periodic";
            return Err(Error::invalid(format!("{name}.period[{i}]"), period[i], expected));
        }
        Ok(Layout { dimensions, positions, period })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The period of a dimension; 0 if it is not periodic.
    pub(crate) fn period(&self, dimension: usize) -> f64 {
        self.period[dimension]
    }

    pub(crate) fn at(&self, neuron: usize) -> &[f64] {
        &self.positions[neuron * self.dimensions..][..self.dimensions]
    }

    /// Smallest and largest coordinate.
    fn span(&self, dimension: usize) -> [f64; 2] {
        let coordinates = || self.positions.iter().skip(dimension).step_by(self.dimensions).copied();
        [coordinates().fold(f64::INFINITY, f64::min), coordinates().fold(f64::NEG_INFINITY, f64::max)]
    }
}

/// Distances from sources to targets.
#[derive(Debug)]
pub struct Distances {
    sources: Arc<Layout>,
    targets: Arc<Layout>,
    first_source: usize,
}

impl Distances {
    /// `first_source`: the neuron that is source 0 of the connection. Targets are counted within their population.
    pub fn new(
        name: &str,
        sources: &Arc<Layout>,
        targets: &Arc<Layout>,
        first_source: usize,
    ) -> Result<Self> {
        if sources.dimensions != targets.dimensions || sources.period != targets.period {
            return Err(Error::ShapeMismatch {
                layer: format!("{name}: layouts"),
                expected: format!("{} dimensions with the periods {:?}", sources.dimensions, sources.period),
                got: format!("{} with {:?}", targets.dimensions, targets.period),
            });
        }
        Ok(Distances { sources: Arc::clone(sources), targets: Arc::clone(targets), first_source })
    }

    /// The largest possible distance.
    pub fn farthest(&self) -> f64 {
        let squares = (0..self.sources.dimensions).map(|k| {
            let most = self.farthest_along(k);
            most * most
        });
        squares.sum::<f64>().sqrt()
    }

    /// The largest possible displacement along a dimension.
    pub fn farthest_along(&self, k: usize) -> f64 {
        let ([a, b], [c, d]) = (self.sources.span(k), self.targets.span(k));
        let distance = (d - a).abs().max((b - c).abs());
        let period = self.sources.period[k];
        if period > 0.0 { distance.min(period / 2.0) } else { distance }
    }

    /// The position of a source.
    pub fn source(&self, source: usize) -> &[f64] {
        self.sources.at(self.first_source + source)
    }

    pub fn targets(&self) -> &Layout {
        &self.targets
    }

    /// Displacements from one source to each of `targets` along a dimension: target minus source. In a periodic dimension the
    /// shorter way is used, from minus half the period to half of it.
    pub fn displacements(&self, source: usize, targets: &[u32], dimension: usize, into: &mut Vec<f64>) {
        let (from, period) = (self.source(source)[dimension], self.sources.period[dimension]);
        let between = |&target: &u32| {
            let distance = self.targets.at(target as usize)[dimension] - from;
            if period > 0.0 { distance - period * (distance / period).round() } else { distance }
        };
        into.clear();
        into.extend(targets.iter().map(between));
    }

    /// Distances from one source to each of `targets`, written to `into`.
    pub fn of(&self, source: usize, targets: &[u32], into: &mut Vec<f64>) {
        let from = self.source(source);
        let between = |&target: &u32| {
            let to = self.targets.at(target as usize);
            let mut sum = 0.0;
            for ((a, b), &period) in from.iter().zip(to).zip(&self.sources.period) {
                let mut distance = (b - a).abs();
                if period > 0.0 {
                    // A remainder is the slowest operation here, and few positions are outside the period.
                    if distance >= period {
                        distance %= period;
                    }
                    distance = distance.min(period - distance);
                }
                sum += distance * distance;
            }
            sum.sqrt()
        };
        into.clear();
        into.extend(targets.iter().map(between));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(dimensions: usize, positions: &[f64], period: Option<&[f64]>) -> Arc<Layout> {
        let spec =
            LayoutSpec { dimensions, positions: positions.to_vec(), period: period.map(<[f64]>::to_vec) };
        Arc::new(Layout::new("layout", spec, positions.len() / dimensions).unwrap())
    }

    #[test]
    fn distances_are_those_of_pythagoras_and_go_round_where_ends_meet() {
        let mut found = vec![];
        let open = layout(2, &[0.0, 0.0, 3.0, 4.0, 9.0, 1.0], None);
        let distances = Distances::new("c", &open, &open, 0).unwrap();
        distances.of(0, &[0, 1, 2], &mut found);
        assert_eq!(found, [0.0, 5.0, 82f64.sqrt()]);
        let ring = layout(2, &[0.0, 0.0, 3.0, 4.0, 9.0, 1.0], Some(&[10.0, 0.0]));
        let distances = Distances::new("c", &ring, &ring, 1).unwrap();
        distances.of(1, &[0, 1, 2], &mut found);
        assert_eq!(found, [2f64.sqrt(), 5.0, 0.0]);
        assert!(distances.farthest() <= 41f64.sqrt() + 1e-12 && distances.farthest() >= 5.0);
        let space = layout(3, &[0.0, 0.0, 0.0, 1.0, 2.0, 2.0], None);
        Distances::new("c", &space, &space, 0).unwrap().of(0, &[1], &mut found);
        assert_eq!(found, [3.0]);
        assert!(Distances::new("c", &space, &open, 0).is_err());
    }
}
