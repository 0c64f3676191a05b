//! Every combination once. Parameters that conditions refer to are enumerated; all others multiply the count.

use super::{Ask, Sampler, Setup};
use crate::domain::{Domain, MAX_SAFE};
use crate::draws::{Draws, Use};
use crate::field::Fields;
use crate::space::{Point, Space};
use lapicque_base::error::{Error, Result};

/// Maximum number of combinations of parameters that conditions refer to.
const MOST: usize = 1 << 20;

pub struct Grid {
    /// Values of each parameter.
    points: Vec<u64>,
    /// Combinations of the parameters that conditions refer to, and the cumulative number of grid points.
    cases: Vec<(Point, u64)>,
    shuffle: bool,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    let (space, options) = (setup.space, &setup.options);
    let named = options.get("points").filter(|points| points.is_object());
    let all = if named.is_some() { 10 } else { options.whole("points", Some(10), 1, 1 << 30)? };
    let mut points = Vec::with_capacity(space.len());
    let names: Vec<&str> = space.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let named = named.map(|named| Fields::new("search.points", named, &names)).transpose()?;
    for parameter in &space.parameters {
        let own =
            named.as_ref().map_or(Ok(all), |named| named.whole(&parameter.name, Some(all), 1, 1 << 30))?;
        // Finite domains are used completely; only real ranges are divided.
        points.push(parameter.domain.count().unwrap_or(own));
    }
    let mut grid = Grid { points, cases: Vec::new(), shuffle: options.flag("shuffle", false)? };
    grid.count(space)?;
    Ok(Box::new(grid))
}

impl Grid {
    fn value(&self, domain: &Domain, i: usize, nth: u64) -> f64 {
        if domain.count().is_some() {
            return domain.nth(nth);
        }
        let (low, high) = domain.range();
        let part = if self.points[i] == 1 { 0.5 } else { nth as f64 / (self.points[i] - 1) as f64 };
        domain.from_scale(low + part * (high - low))
    }

    /// Enumerates the combinations of the parameters that conditions refer to, and counts the combinations of the others for
    /// each.
    fn count(&mut self, space: &Space) -> Result<()> {
        let decides = deciding(space);
        let too_many = || {
            let expected = "a grid of at most 2^53 trials, with 2^20 combinations of parameters that conditions ask about";
            Error::invalid("search", "more combinations", expected)
        };
        let mut open = vec![(vec![f64::NAN; space.len()], 0_usize)];
        let mut total = 0.0;
        while let Some((mut point, at)) = open.pop() {
            let next = (at..space.len())
                .find(|&at| decides[space.order[at]] && space.exists(space.order[at], &point));
            if let Some(at) = next {
                let i = space.order[at];
                if open.len() as u64 + self.points[i] + self.cases.len() as u64 > MOST as u64 {
                    return Err(too_many());
                }
                // The first value is on top of the stack, at the end of the list.
                for nth in (0..self.points[i]).rev() {
                    point[i] = self.value(&space.parameters[i].domain, i, nth);
                    open.push((point.clone(), at + 1));
                }
                continue;
            }
            let free = self.free(space, &decides, &point);
            total += free.iter().map(|&i| self.points[i] as f64).product::<f64>();
            if total > MAX_SAFE {
                return Err(too_many());
            }
            self.cases.push((point, total as u64));
        }
        Ok(())
    }

    /// Parameters that exist in a case and to which no condition refers, in the order of the space.
    fn free(&self, space: &Space, decides: &[bool], case: &[f64]) -> Vec<usize> {
        (0..space.len()).filter(|&i| !decides[i] && space.exists(i, case)).collect()
    }

    /// Combination `number`.
    fn nth(&self, space: &Space, decides: &[bool], number: u64) -> Point {
        let case = self.cases.partition_point(|(_, upto)| *upto <= number);
        let before = if case == 0 { 0 } else { self.cases[case - 1].1 };
        let mut point = self.cases[case].0.clone();
        let mut rest = number - before;
        // The last parameter changes fastest.
        for i in self.free(space, decides, &point).into_iter().rev() {
            point[i] = self.value(&space.parameters[i].domain, i, rest % self.points[i]);
            rest /= self.points[i];
        }
        point
    }

    fn total(&self) -> u64 {
        self.cases.last().map_or(0, |(_, total)| *total)
    }
}

/// The first points of a space without real ranges, more than `tried`; `None` for a space with real ranges.
pub(crate) fn whole(space: &Space, tried: usize) -> Option<impl Iterator<Item = Point>> {
    let points: Option<Vec<u64>> =
        space.parameters.iter().map(|parameter| parameter.domain.count()).collect();
    let mut grid = Grid { points: points?, cases: Vec::new(), shuffle: false };
    grid.count(space).ok()?;
    let decides = deciding(space);
    let count = grid.total().min(tried as u64 + 1);
    Some((0..count).map(move |number| grid.nth(space, &decides, number)))
}

fn deciding(space: &Space) -> Vec<bool> {
    let mut decides = vec![false; space.len()];
    for condition in space.parameters.iter().flat_map(|parameter| &parameter.conditions) {
        decides[condition.parameter] = true;
    }
    decides
}

/// A permutation of the numbers below `total`: a Feistel network over the next power of four, applied until the result is
/// below `total` (J. Black, P. Rogaway, CT-RSA 2002).
fn shuffled(seed: u64, number: u64, total: u64) -> u64 {
    let half = (64 - total.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1_u64 << half) - 1;
    let mut x = number;
    loop {
        let (mut left, mut right) = (x >> half, x & mask);
        for round in 0..4 {
            let mut draws = Draws::new(seed, Use::Shuffle, right << 3 | round);
            (left, right) = (right, left ^ (draws.index(1 << half) as u64));
        }
        x = left << half | right;
        if x < total {
            return x;
        }
    }
}

impl Sampler for Grid {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        let total = self.total();
        if ask.number >= total {
            return Ok(None);
        }
        let number = if self.shuffle { shuffled(ask.seed, ask.number, total) } else { ask.number };
        Ok(Some(self.nth(ask.space, &deciding(ask.space), number)))
    }

    fn is_adaptive(&self) -> bool {
        false
    }

    fn size(&self) -> Option<u64> {
        Some(self.total())
    }
}
