//! Phase code: the binary digits of a value, the most significant first, one a step; the train repeats (J. Kim et al.,
//! Neurocomputing 311, 2018: weighted spikes).

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite, width_of};
use lapicque_base::error::{Error, Result};
use lapicque_options::{Range, options};

pub struct Phase;

options! {
    pub struct PhaseOptions {
        /// Steps of a period, one for each binary digit; at most 24.
        period: usize [Range::AtLeast(1)] = 8,
    }
}

impl Encoder for Phase {
    type Options = PhaseOptions;

    fn definition() -> Definition {
        Definition {
            kind: "phase",
            meaning: "the binary digits of a value of 0 to 1, the most significant first, one per step, repeated \
                      with each period: a spike at step t if digit t mod period of floor(x 2^period) is 1",
            source: "J. Kim et al., Neurocomputing 311, 2018: weighted spikes",
            time: Time::Given,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &PhaseOptions, _: &Draws) -> Result<Raster> {
        phase(data.values, data.steps, options)
    }
}

impl PhaseOptions {
    fn checked(&self) -> Result<usize> {
        match self.period {
            1..=24 => Ok(self.period),
            other => Err(Error::invalid("period", other, "1 to 24 steps")),
        }
    }
}

/// A spike at step t where digit `t mod period` of `floor(x 2^period)` is 1 (at most all of them); its weight is
/// `2^-(1 + t mod period)`.
///
/// # Errors
/// `invalid-parameter` for values outside of 0 to 1.
pub fn phase(data: &[f32], steps: usize, options: &PhaseOptions) -> Result<Raster> {
    at_least_one("steps", steps)?;
    at_least_one("data", data.len())?;
    let period = options.checked()?;
    unit(data)?;
    let most = (1u32 << period) - 1;
    let mut raster = Raster::new(steps, data.len(), 0.0)?;
    raster.fill_steps(|t, row| {
        let digit = period - 1 - t % period;
        for (spike, &x) in row.iter_mut().zip(data) {
            let digits = ((f64::from(x) * f64::from(1u32 << period)) as u32).min(most);
            *spike = f32::from(digits >> digit & 1 == 1);
        }
    });
    Ok(raster)
}

/// The weighted sum of the spikes of whole periods by the number of these (of the steps there are, where they are fewer).
pub fn reconstruct(spikes: &[f32], steps: usize, options: &PhaseOptions) -> Result<Vec<f32>> {
    let period = options.checked()?;
    let width = width_of(spikes, steps)?;
    let periods = (steps / period).max(1);
    let counted = (periods * period).min(steps);
    let weight = |t: usize| libm::exp2(-(1.0 + (t % period) as f64));
    let value = |i: usize| (0..counted).map(|t| weight(t) * f64::from(spikes[t * width + i])).sum::<f64>();
    Ok((0..width).map(|i| (value(i) / periods as f64) as f32).collect())
}

/// Values from 0 to 1.
pub(super) fn unit(data: &[f32]) -> Result<()> {
    finite("data", data)?;
    match data.iter().position(|x| !(0.0..=1.0).contains(x)) {
        Some(at) => Err(Error::invalid(format!("data[{at}]"), data[at], "a value between 0 and 1")),
        None => Ok(()),
    }
}
