//! Latin hypercubes: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21, 1979.

use super::{Ask, Sampler, Setup};
use crate::draws::{Use, stream};
use crate::space::Point;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::rng::Rng;

pub struct LatinHypercube {
    size: u64,
    cache: Option<Cube>,
}

/// One hypercube.
struct Cube {
    /// The study's seed, and the index of the hypercube.
    key: (u64, u64),
    /// By parameter: the stratum of each trial.
    strata: Vec<Vec<u32>>,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    Ok(Box::new(LatinHypercube { size: setup.options.whole("size", Some(64), 1, 1 << 20)?, cache: None }))
}

impl LatinHypercube {
    fn strata(&mut self, ask: &Ask) -> Result<&[Vec<u32>]> {
        let key = (ask.seed, ask.number / self.size);
        if self.cache.as_ref().is_none_or(|cube| cube.key != key) {
            let rng = stream(ask.seed, Use::Strata, key.1);
            // The total is checked before the parts are allocated.
            memory::check("a Latin hypercube", ask.space.len() as u64 * self.size * 4)?;
            let one = |i: usize| {
                let parameter = Rng::named(rng.u64_at(0), &[i as u64]);
                parameter.permutation(self.size as usize)
            };
            let strata = (0..ask.space.len()).map(one).collect::<Result<_>>()?;
            self.cache = Some(Cube { key, strata });
        }
        Ok(self.cache.as_ref().map_or(&[], |cube| &cube.strata))
    }
}

impl Sampler for LatinHypercube {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        let (size, row) = (self.size as f64, (ask.number % self.size) as usize);
        let strata = self.strata(ask)?;
        let mut draws = ask.draws();
        // One random number per parameter, whether it exists or not.
        let within: Vec<f64> = strata.iter().map(|_| draws.uniform()).collect();
        Ok(Some(
            ask.space.point(|i, domain, _| domain.from_unit((f64::from(strata[i][row]) + within[i]) / size)),
        ))
    }

    fn is_adaptive(&self) -> bool {
        false
    }
}
