//! Latency code: the larger the value, the earlier its one spike (snnTorch's `spikegen.latency`).
//!
//! With threshold θ and `f` = `firstSpikeTime`, in f32:
//! logarithmic, the time an RC circuit charged by x takes to reach θ:
//! `t = τ ln(x / (x - θ)) + f`, x raised to at least θ + epsilon; `normalize` stretches the times so
//! that the latest of all data falls on the last step.
//! linear: `t = min(-τ (x - 1), -τ (θ - 1)) + f`; `normalize` sets τ = steps - 1 - f.
//! The spike falls on `t` rounded half to even.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_options::{OptionSet, Range, options};

options! {
    /// Of both encoders.
    pub struct LatencyOptions {
        /// Needed unless `bypass` is set, which by default adds steps up to the latest spike.
        steps: Option<usize> [Range::AtLeast(1)] = None,
        /// Values are from 0 to 1; a value at or below the threshold spikes last.
        threshold: f64 [Range::OpenUnit] = 0.01,
        /// In steps.
        tau: f64 [Range::Positive] = 1.0,
        /// The step of the earliest possible spike.
        first_spike_time: usize = 0,
        /// Value at a spike.
        on_target: f64 = 1.0,
        /// Value elsewhere; at least 0 unless `interpolate`, as in snnTorch.
        off_target: f64 = 0.0,
        /// Whether values below the threshold do not spike at all.
        clip: bool = false,
        /// Whether the times are stretched over all steps.
        normalize: bool = false,
        /// Whether spike times decrease linearly with the value, instead of like the charging time of an RC circuit.
        linear: bool = false,
        /// Whether values that rise linearly up to the step of the spike replace the spike: a target for a membrane.
        interpolate: bool = false,
        /// Whether spikes beyond the last step are dropped; otherwise they are an error.
        bypass: bool = false,
        /// The smallest distance of a value from the threshold, at which its spike time would be infinite.
        epsilon: f64 [Range::Positive] = 1e-7,
    }
}

pub struct Latency;

impl Encoder for Latency {
    type Options = LatencyOptions;

    fn definition() -> Definition {
        Definition {
            kind: "latency",
            meaning: "one spike per value, earlier for larger values: at step tau ln(x / (x - threshold)) + \
                      firstSpikeTime, or with `linear` \
                      -tau (x - 1) + firstSpikeTime",
            source: "snnTorch's `spikegen.latency`",
            time: Time::Own,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &LatencyOptions, _: &Draws) -> Result<Raster> {
        latency(data.values, options)
    }
}

pub struct LatencyTimes;

impl Encoder for LatencyTimes {
    type Options = LatencyOptions;

    fn definition() -> Definition {
        Definition {
            kind: "latency-times",
            meaning: "the unrounded spike times of `latency`, in steps and in the shape of the data",
            time: Time::None,
            ..Latency::definition()
        }
    }

    fn encode(data: &Data, options: &LatencyOptions, _: &Draws) -> Result<Raster> {
        latency_times(data.values, options).map(Raster::without_time)
    }
}

impl LatencyOptions {
    fn checked(&self) -> Result<()> {
        self.check("")?;
        match self.steps {
            None if self.normalize || !self.bypass => {
                Err(Error::invalid("steps", "none", "a number of steps (or `bypass` without `normalize`)"))
            }
            Some(steps) if self.first_spike_time >= steps => {
                let expected = format!("at most the last step, {}", steps - 1);
                Err(Error::invalid("firstSpikeTime", self.first_spike_time, expected))
            }
            _ => Ok(()),
        }
    }
}

/// The time of each value's spike in steps, before rounding; same shape as the data.
///
/// # Errors
/// `invalid-parameter` for a value outside \[0, 1\] or an option out of range.
pub fn latency_times(data: &[f32], options: &LatencyOptions) -> Result<Vec<f32>> {
    options.checked()?;
    finite("data", data)?;
    if let Some(at) = data.iter().position(|x| !(0.0..=1.0).contains(x)) {
        return Err(Error::invalid(format!("data[{at}]"), data[at], "a value between 0 and 1"));
    }
    let mut times = try_vec("spike times", data.len(), 0.0f32)?;
    let first = options.first_spike_time as f32;
    let span = options.steps.map_or(0, |steps| steps - 1 - options.first_spike_time);
    if options.linear {
        let tau = if options.normalize { span as f64 } else { options.tau };
        let latest = (-tau * (options.threshold - 1.0)) as f32;
        for (t, &x) in times.iter_mut().zip(data) {
            *t = (-(tau as f32) * (x - 1.0)).min(latest) + first;
        }
        return Ok(times);
    }
    let (threshold, least) = (options.threshold as f32, (options.threshold + options.epsilon) as f32);
    for (t, &x) in times.iter_mut().zip(data) {
        let x = x.max(least);
        let charged = x / (x - threshold);
        *t = options.tau as f32 * libm::log(f64::from(charged)) as f32 + first;
    }
    if let Some(at) = times.iter().position(|t| !t.is_finite()) {
        // θ + epsilon rounds to θ itself.
        let expected = format!("enough to tell threshold + epsilon from threshold in f32 (data[{at}])");
        return Err(Error::invalid("epsilon", options.epsilon, expected));
    }
    let latest = times.iter().fold(0.0f32, |latest, &t| latest.max(t - first));
    if options.normalize && latest > 0.0 {
        for t in &mut times {
            *t = (*t - first) * span as f32 / latest + first;
        }
    }
    Ok(times)
}

/// The spike train, `[steps, …data]`.
///
/// # Errors
/// As [`latency_times`]; `invalid-parameter` for a spike beyond the steps without `bypass`.
pub fn latency(data: &[f32], options: &LatencyOptions) -> Result<Raster> {
    at_least_one("data", data.len())?;
    let times = latency_times(data, options)?;
    let latest = times.iter().fold(0.0f32, |latest, t| latest.max(t.round_ties_even())) as usize;
    let steps = options.steps.unwrap_or(latest.saturating_add(1));
    if latest >= steps && !options.bypass {
        let expected = format!("steps for a spike at {latest} (or `normalize`, a smaller `tau`, `bypass`)");
        return Err(Error::invalid("steps", steps, expected));
    }
    if options.interpolate {
        return ramp(&times, steps, options);
    }
    let (on, off) = (options.on_target as f32, options.off_target as f32);
    let threshold = options.threshold as f32;
    let mut raster = Raster::new(steps, data.len(), off.max(0.0))?;
    for (i, (&t, &x)) in times.iter().zip(data).enumerate() {
        let step = t.round_ties_even() as usize;
        if step < steps && !(options.clip && x < threshold) {
            raster.values[step * data.len() + i] = on.max(off);
        }
    }
    Ok(raster)
}

/// off + (on - off) · s / k at step s until the spike's step k, then off. As in snnTorch a spike
/// beyond the steps leaves no ramp, and one at step 0 is on there only.
fn ramp(times: &[f32], steps: usize, options: &LatencyOptions) -> Result<Raster> {
    let (on, off) = (options.on_target as f32, options.off_target as f32);
    let span = (options.on_target - options.off_target) as f32;
    let step_of = |t: f32| t.round_ties_even();
    let any_at_once = times.iter().any(|&t| step_of(t) == 0.0);
    let mut raster = Raster::new(steps, times.len(), off)?;
    for (s, row) in raster.values.chunks_exact_mut(times.len()).enumerate() {
        for (x, &t) in row.iter_mut().zip(times) {
            let k = step_of(t);
            let share = if s == 0 && any_at_once {
                f32::from(k == 0.0)
            } else if k == 0.0 || k > steps as f32 {
                s as f32 / 0.5
            } else {
                s as f32 / k
            };
            let value = share * span + off;
            *x = if value > on { off } else { value };
        }
    }
    Ok(raster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_of_steps_follows_the_latest_spike() {
        let options = LatencyOptions { linear: true, tau: 6.0, bypass: true, ..Default::default() };
        let raster = latency(&[1.0, 0.5], &options).unwrap();
        assert_eq!(raster.steps, 4);
        assert_eq!(raster.values, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn bad_input_is_named() {
        let name = |data: &[f32], options: LatencyOptions| match latency(data, &options) {
            Err(Error::InvalidParameter { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        let five = || LatencyOptions { steps: Some(5), ..Default::default() };
        assert_eq!(name(&[0.5, f32::NAN], five()), "data[1]");
        assert_eq!(name(&[1.5], five()), "data[0]");
        assert_eq!(name(&[], five()), "data");
        assert_eq!(name(&[0.5], LatencyOptions { steps: Some(0), ..five() }), "steps");
        assert_eq!(name(&[0.5], LatencyOptions { steps: None, ..five() }), "steps");
        assert_eq!(name(&[0.0], five()), "steps");
        assert_eq!(name(&[0.5], LatencyOptions { threshold: 0.0, ..five() }), "threshold");
        assert_eq!(name(&[0.5], LatencyOptions { tau: -1.0, ..five() }), "tau");
        assert_eq!(name(&[0.5], LatencyOptions { first_spike_time: 5, ..five() }), "firstSpikeTime");
        assert_eq!(name(&[0.0], LatencyOptions { epsilon: 1e-12, bypass: true, ..five() }), "epsilon");
    }
}
