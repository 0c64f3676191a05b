//! A Poisson process: data are rates in Hz.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite};
use super::rate::RUN;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_options::{OptionSet, Range, options};

options! {
    pub struct PoissonOptions {
        /// Length of a step in ms.
        dt: f64 [Range::Positive] = 1.0,
        /// Whether the result is the number of events in a step; otherwise 1 if there is at least one, with probability
        /// 1 - exp(-rate dt).
        counts: bool = false,
    }
}

pub struct PoissonCode;

impl Encoder for PoissonCode {
    type Options = PoissonOptions;

    fn definition() -> Definition {
        Definition {
            kind: "poisson",
            meaning: "a Poisson process per channel: rates in Hz; with `counts` more than one spike per step",
            source: "P. Dayan, L. F. Abbott, Theoretical Neuroscience, 2001, section 1.4",
            time: Time::Given,
            draws: true,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &PoissonOptions, draws: &Draws) -> Result<Raster> {
        poisson(data.values, data.steps, options, draws)
    }
}

/// Beyond this many events in a step a count is no spike train any more.
const MAX_EVENTS: f64 = 100.0;

/// A train of `steps` steps. Draw `t · width + i` of its stream decides step `[t, i]`.
///
/// # Errors
/// `invalid-parameter` for a rate that is negative, not finite or gives more than 100 events a
/// step, for a `dt` that is not positive, for `steps` 0.
pub fn poisson(rates: &[f32], steps: usize, options: &PoissonOptions, draws: &Draws) -> Result<Raster> {
    at_least_one("steps", steps)?;
    at_least_one("rates", rates.len())?;
    finite("rates", rates)?;
    options.check("")?;
    let mut silence = try_vec("rates", rates.len(), (0.0f64, 0.0f64))?;
    for (i, (pair, &rate)) in silence.iter_mut().zip(rates).enumerate() {
        let mean = f64::from(rate) * options.dt * 1e-3;
        if !(0.0..=MAX_EVENTS).contains(&mean) {
            return Err(Error::invalid(format!("rates[{i}]"), rate, "a rate of 0 to 100 events a step"));
        }
        *pair = (mean, libm::exp(-mean));
    }
    let (streams, width) = draws.over(rates.len())?;
    let mut raster = Raster::new(steps, rates.len(), 0.0)?;
    raster.fill_steps(|t, row| {
        let mut draws = [0.0f64; RUN];
        for ((row, silence), rng) in row.chunks_mut(width).zip(silence.chunks(width)).zip(streams) {
            for (i, (run, silence)) in row.chunks_mut(RUN).zip(silence.chunks(RUN)).enumerate() {
                rng.fill_uniform(&mut draws[..run.len()], (t * width + i * RUN) as u64);
                for ((x, &u), &(mean, silent)) in run.iter_mut().zip(&draws).zip(silence) {
                    *x = match options.counts {
                        true => poisson_count(u, mean, silent),
                        false => f32::from(u >= silent),
                    };
                }
            }
        }
    });
    Ok(raster)
}

/// The quantile of a Poisson distribution, by summing its probabilities.
fn poisson_count(u: f64, mean: f64, probability_of_none: f64) -> f32 {
    let (mut count, mut probability, mut below) = (0.0, probability_of_none, probability_of_none);
    // The tail beyond ten times the largest mean is smaller than a draw can tell from 1.
    while u >= below && count < 10.0 * MAX_EVENTS {
        count += 1.0;
        probability *= mean / count;
        below += probability;
    }
    count as f32
}
