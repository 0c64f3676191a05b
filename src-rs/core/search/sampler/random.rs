//! Random search: each trial is independent of all others.

use super::{Ask, Sampler, Setup};
use crate::space::Point;
use lapicque_base::error::Result;

pub struct Random;

pub fn build(_: &Setup) -> Result<Box<dyn Sampler>> {
    Ok(Box::new(Random))
}

/// A random point, independent of all other trials.
pub(crate) fn point(ask: &Ask) -> Point {
    let mut draws = ask.draws();
    ask.space.point(|_, domain, _| domain.from_unit(draws.uniform()))
}

impl Sampler for Random {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        Ok(Some(point(ask)))
    }

    fn is_adaptive(&self) -> bool {
        false
    }
}
