//! Burst code: the larger a value, the more spikes and the closer together (W. Guo et al., Frontiers in Neuroscience 15, 2021).

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::phase::unit;
use super::raster::{Raster, at_least_one, width_of};
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionSet, Range, options};

pub struct BurstCode;

options! {
    pub struct BurstOptions {
        /// Number of spikes for the value 1.
        spikes: usize [Range::AtLeast(1)] = 5,
        /// Steps between its spikes.
        shortest: usize [Range::AtLeast(1)] = 2,
        /// Steps between spikes of small values; default: the longest burst ends with the train.
        longest: Option<usize> [Range::AtLeast(1)] = None,
    }
}

impl Encoder for BurstCode {
    type Options = BurstOptions;

    fn definition() -> Definition {
        Definition {
            kind: "burst",
            meaning: "a larger value x of 0 to 1 has more spikes at shorter intervals: ceil(spikes x) spikes from \
                      step 0 on, every ceil(longest - (longest - shortest) x) steps",
            source: "W. Guo et al., Frontiers in Neuroscience 15, 2021",
            time: Time::Given,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &BurstOptions, _: &Draws) -> Result<Raster> {
        burst(data.values, data.steps, options)
    }
}

/// Most spikes, and the shortest and the longest interval.
struct Burst {
    spikes: usize,
    shortest: usize,
    longest: usize,
}

impl Burst {
    fn new(options: &BurstOptions, steps: usize) -> Result<Self> {
        let &BurstOptions { spikes, shortest, longest } = options;
        at_least_one("steps", steps)?;
        options.check("")?;
        let gaps = spikes - 1;
        let longest_possible = (steps - 1).checked_div(gaps).unwrap_or(steps);
        let longest = longest.unwrap_or(longest_possible);
        if shortest > longest || longest > longest_possible {
            let expected = format!(
                "intervals of `shortest` to at most {longest_possible} steps, so that a burst fits into {steps}"
            );
            return Err(Error::invalid("longest", format!("{longest} (shortest {shortest})"), expected));
        }
        Ok(Burst { spikes, shortest, longest })
    }

    /// `ceil(spikes x)` spikes, every `ceil(longest - (longest - shortest) x)` steps.
    fn of(&self, x: f32) -> (usize, usize) {
        let x = f64::from(x);
        let count = libm::ceil(self.spikes as f64 * x) as usize;
        let interval = self.longest as f64 - (self.longest - self.shortest) as f64 * x;
        (count, libm::ceil(interval) as usize)
    }
}

/// Spikes from step 0 on, `[steps, …data]`.
///
/// # Errors
/// `invalid-parameter` for values outside of 0 to 1, and for a burst that does not fit into the steps.
pub fn burst(data: &[f32], steps: usize, options: &BurstOptions) -> Result<Raster> {
    let burst = Burst::new(options, steps)?;
    at_least_one("data", data.len())?;
    unit(data)?;
    let mut raster = Raster::new(steps, data.len(), 0.0)?;
    for (i, &x) in data.iter().enumerate() {
        let (count, interval) = burst.of(x);
        (0..count).for_each(|k| raster.values[k * interval * data.len() + i] = 1.0);
    }
    Ok(raster)
}

/// The middle of the values that give as many spikes at such intervals.
pub fn reconstruct(spikes: &[f32], steps: usize, options: &BurstOptions) -> Result<Vec<f32>> {
    let burst = Burst::new(options, steps)?;
    let width = width_of(spikes, steps)?;
    let value = |i: usize| {
        let times: Vec<usize> = (0..steps).filter(|&t| spikes[t * width + i] != 0.0).collect();
        let most = burst.spikes as f64;
        let (mut low, mut high) = ((times.len() as f64 - 1.0) / most, times.len() as f64 / most);
        let span = (burst.longest - burst.shortest) as f64;
        if let (&[first, second, ..], true) = (&times[..], span > 0.0) {
            let below = burst.longest as f64 - (second - first) as f64;
            (low, high) = (low.max(below / span), high.min((below + 1.0) / span));
        }
        if times.is_empty() { 0.0 } else { (0.5 * (low + high)).clamp(0.0, 1.0) as f32 }
    };
    Ok((0..width).map(value).collect())
}
