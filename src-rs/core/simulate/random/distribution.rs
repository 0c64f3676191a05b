//! Values of synapses and neurons: one for all, one for each, or a distribution.

use super::stream;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::normal;
use lapicque_base::rng::Rng;
use serde::{Deserialize, Serialize};

/// Values as a description states them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Distribution {
    Constant(f64),
    /// One for each synapse of a list, or for each neuron.
    Values(Vec<f64>),
    Sampled(Sampled),
    /// A function of the distance `d` between the two neurons of a synapse.
    Expression(String),
}

/// A distribution. Values outside `min` and `max` are sampled again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Sampled {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
        min: Option<f64>,
        max: Option<f64>,
    },
    /// `exp` of a normal number with mean `mu` and standard deviation `sigma`.
    LogNormal {
        mu: f64,
        sigma: f64,
        min: Option<f64>,
        max: Option<f64>,
    },
}

impl Distribution {
    /// `count` sampled values outside of any network, for example for parameters of neurons that depend on each other.
    ///
    /// # Errors
    /// Those of [`Sampler::new`], with `name`.
    pub fn draw(&self, name: &str, count: usize, seed: u64) -> Result<Vec<f64>> {
        self.draw_from(name, count, Rng::new(seed, stream::VALUES))
    }

    /// As [`draw`](Distribution::draw), with the numbers of this generator.
    ///
    /// # Errors
    /// Those of [`Sampler::new`], with `name`.
    pub(crate) fn draw_from(&self, name: &str, count: usize, rng: Rng) -> Result<Vec<f64>> {
        let sampler = Sampler::new(name, self.clone(), Some(count))?;
        let mut values = try_vec(name, count, 0.0)?;
        values.iter_mut().enumerate().for_each(|(i, x)| *x = sampler.value(i, rng.u32_at(i as u64)));
        Ok(values)
    }
}

/// A prepared distribution: the quantile function of a uniform number, so that one random word gives one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Sampler {
    /// Bounds of values that depend on the connected neurons; the values themselves are stored with the rows of synapses.
    OfDistance([f64; 2]),
    Constant(f64),
    /// With the smallest and the largest value, which are needed often, while there may be millions of values.
    Values {
        values: Vec<f64>,
        bounds: [f64; 2],
    },
    Uniform {
        low: f64,
        width: f64,
    },
    /// A normal number between the probabilities `from` and `from + width`.
    Normal {
        mean: f64,
        sd: f64,
        from: f64,
        width: f64,
        exponential: bool,
    },
}

/// A uniform number of 32 bits, neither 0 nor 1.
fn unit(word: u32) -> f64 {
    (f64::from(word) + 0.5) * (1.0 / 4_294_967_296.0)
}

impl Sampler {
    /// Errors: `invalid-parameter` with `name`; `shape-mismatch` if there are not `count` values.
    pub fn new(name: &str, distribution: Distribution, count: Option<usize>) -> Result<Sampler> {
        let sampler = Self::unbounded(name, distribution, count)?;
        match sampler.bounds().into_iter().find(|x| !x.is_finite()) {
            Some(x) => {
                Err(Error::invalid(name, format!("a distribution that reaches {x}"), "finite numbers"))
            }
            None => Ok(sampler),
        }
    }

    /// One value, or a list of `count` values.
    ///
    /// # Errors
    /// Those of [`Sampler::new`].
    pub fn of_values(name: &str, values: Vec<f64>, count: Option<usize>) -> Result<Sampler> {
        match (&values[..], count) {
            (&[one], None) => Self::new(name, Distribution::Constant(one), None),
            // A list of equal values becomes a constant: the constants of a port may have a common unit.
            (&[first, ..], Some(n)) if n == values.len() && values.iter().all(|&x| x == first) => {
                Self::new(name, Distribution::Constant(first), None)
            }
            _ => Self::new(name, Distribution::Values(values), count),
        }
    }

    /// As `new`, for distributions whose bounds may be infinite.
    fn unbounded(name: &str, distribution: Distribution, count: Option<usize>) -> Result<Sampler> {
        let finite = |part: &str, x: f64| match x.is_finite() {
            true => Ok(x),
            false => Err(Error::invalid(format!("{name}{part}"), x, "a finite number")),
        };
        match distribution {
            Distribution::Constant(x) => Ok(Sampler::Constant(finite("", x)?)),
            Distribution::Values(values) => {
                let Some(count) = count else {
                    let got = format!("{} values", values.len());
                    return Err(Error::invalid(
                        name,
                        got,
                        "one number or a distribution; a value per synapse needs the rule list",
                    ));
                };
                if values.len() != count {
                    return Err(Error::ShapeMismatch {
                        layer: name.into(),
                        expected: format!("[{count}]"),
                        got: format!("[{}]", values.len()),
                    });
                }
                if let Some(i) = values.iter().position(|x| !x.is_finite()) {
                    finite(&format!("[{i}]"), values[i])?;
                }
                let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).unwrap_or(0.0);
                let bounds = [fold(f64::min), fold(f64::max)];
                Ok(Sampler::Values { values, bounds })
            }
            Distribution::Expression(text) => {
                let expected = "a number, numbers or a distribution, because no distance is defined here";
                Err(Error::invalid(name, format!("\"{text}\""), expected))
            }
            Distribution::Sampled(Sampled::Uniform { low, high }) => {
                let (low, high) = (finite(".low", low)?, finite(".high", high)?);
                if high < low {
                    return Err(Error::invalid(format!("{name}.high"), high, format!("at least low, {low}")));
                }
                Ok(Sampler::Uniform { low, width: high - low })
            }
            Distribution::Sampled(Sampled::Normal { mean, sd, min, max }) => {
                let (mean, sd) = (finite(".mean", mean)?, finite(".sd", sd)?);
                normal(name, "sd", [mean, sd], [min, max], false)
            }
            Distribution::Sampled(Sampled::LogNormal { mu, sigma, min, max }) => {
                let (mu, sigma) = (finite(".mu", mu)?, finite(".sigma", sigma)?);
                let log = |x: Option<f64>| x.map(|x| if x > 0.0 { libm::log(x) } else { f64::NEG_INFINITY });
                normal(name, "sigma", [mu, sigma], [log(min), log(max)], true)
            }
        }
    }

    /// Value number `index`, whose random word is `word`.
    #[inline]
    pub fn value(&self, index: usize, word: u32) -> f64 {
        match self {
            Sampler::Constant(x) => *x,
            Sampler::OfDistance([low, _]) => *low,
            Sampler::Values { values, .. } => values[index],
            Sampler::Uniform { low, width } => low + width * unit(word),
            Sampler::Normal { mean, sd, from, width, exponential } => {
                let x = mean + sd * normal::quantile(from + width * unit(word));
                if *exponential { libm::exp(x) } else { x }
            }
        }
    }

    /// The smallest and the largest possible value.
    pub fn bounds(&self) -> [f64; 2] {
        match self {
            Sampler::Values { bounds, .. } | Sampler::OfDistance(bounds) => *bounds,
            // A quantile function is monotonic.
            _ => [self.value(0, 0), self.value(0, u32::MAX)],
        }
    }

    /// Some of the given values, the first among them.
    pub fn some(&self) -> Vec<f64> {
        const SOME: usize = 1 << 12;
        match self {
            Sampler::Values { values, .. } => {
                values.iter().copied().step_by(values.len().div_ceil(SOME).max(1)).collect()
            }
            _ => self.constant().into_iter().collect(),
        }
    }

    /// The smallest and the largest value, and values between them beyond which few values lie; for distributions only.
    pub fn quantiles(&self) -> Vec<f64> {
        /// Probabilities of the tails of a distribution, as shifts of a word.
        const TAILS: [u32; 3] = [4, 8, 12];
        let mut all = self.bounds().to_vec();
        match self {
            Sampler::Values { .. } => {
                let mut some = self.some();
                some.sort_by(f64::total_cmp);
                for tail in TAILS {
                    let index = some.len() >> tail;
                    all.extend(some.get(index).into_iter().chain(some.iter().nth_back(index)));
                }
            }
            Sampler::Uniform { .. } | Sampler::Normal { .. } => {
                all.extend(TAILS.iter().flat_map(|tail| {
                    let word = u32::MAX >> tail;
                    [word, u32::MAX - word].map(|word| self.value(0, word))
                }));
            }
            Sampler::Constant(_) | Sampler::OfDistance(_) => {}
        }
        all
    }

    /// The approximate share of the values in a range.
    pub fn share_between(&self, low: f64, high: f64) -> f64 {
        let [least, most] = self.bounds();
        let below = |x: f64| match self {
            _ if x < least => 0.0,
            _ if x >= most => 1.0,
            Sampler::Normal { mean, sd, from, width, exponential } => {
                let x = if *exponential { libm::log(x) } else { x };
                ((normal::cdf((x - mean) / sd) - from) / width).clamp(0.0, 1.0)
            }
            Sampler::Values { .. } => {
                let some = self.some();
                some.iter().filter(|&&w| w <= x).count() as f64 / some.len() as f64
            }
            // The distribution of a function of the distance is not known; a uniform one is assumed.
            _ => (x - least) / (most - least),
        };
        if low > most || high < least || low > high {
            return 0.0;
        }
        below(high) - if low <= least { 0.0 } else { below(low) }
    }

    /// The one value, if there is only one.
    pub fn constant(&self) -> Option<f64> {
        match self {
            Sampler::Constant(x) => Some(*x),
            _ => None,
        }
    }
}

fn normal(
    name: &str,
    spread: &str,
    [mean, sd]: [f64; 2],
    [min, max]: [Option<f64>; 2],
    exponential: bool,
) -> Result<Sampler> {
    if sd < 0.0 {
        return Err(Error::invalid(format!("{name}.{spread}"), sd, "a number of at least 0"));
    }
    let (min, max) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
    let range = || format!("a range that the distribution reaches, but it is {min} to {max}");
    if sd == 0.0 {
        if !(min..=max).contains(&mean) {
            return Err(Error::invalid(name, mean, range()));
        }
        return Ok(Sampler::Constant(if exponential { libm::exp(mean) } else { mean }));
    }
    let [from, to] = [min, max].map(|x| normal::cdf((x - mean) / sd));
    // In a range so far out, rejection would never end.
    if to.is_nan() || from.is_nan() || to - from < 1e-9 {
        return Err(Error::invalid(name, format!("mean {mean}, {spread} {sd}"), range()));
    }
    Ok(Sampler::Normal { mean, sd, from, width: to - from, exponential })
}
