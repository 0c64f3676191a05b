//! From spikes back to the values that they stand for.

use super::raster::{finite, finite_option, width_of};
use super::{bsa, burst, forward, phase, population, rank_order};
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

/// Which code the spikes are in, with `kind` for its name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Reconstruction {
    /// `(mean - offset) / gain`, of rate and direct codes.
    Rate {
        #[serde(default = "one")]
        gain: f64,
        #[serde(default)]
        offset: f64,
    },
    /// In Hz, `dt` in ms: `-ln(1 - mean) / dt` of trains of 0 and 1, `mean / dt` of counts.
    Poisson {
        #[serde(default = "one")]
        dt: f64,
        #[serde(default)]
        counts: bool,
    },
    /// From the first spike's step s: `1 - (s - first) / tau` where linear, else `threshold / (1 - exp(-(s - first) / tau))`, at most 1.
    Latency {
        #[serde(default = "one")]
        tau: f64,
        #[serde(default = "hundredth")]
        threshold: f64,
        #[serde(default)]
        linear: bool,
        #[serde(default)]
        first_spike_time: usize,
    },
    RankOrder {},
    Phase(phase::PhaseOptions),
    Burst(burst::BurstOptions),
    Population(population::PopulationOptions),
    Sum(forward::SumOptions),
    Bsa(bsa::BsaOptions),
}

fn one() -> f64 {
    1.0
}

fn hundredth() -> f64 {
    0.01
}

/// Values, or a signal `[steps, …]` of `sum` and `bsa`, from spikes `[steps, …]`.
///
/// # Errors
/// `shape-mismatch`, `invalid-parameter`
pub fn reconstruct(code: &Reconstruction, spikes: &[f32], steps: usize) -> Result<Vec<f32>> {
    finite("spikes", spikes)?;
    let width = width_of(spikes, steps)?;
    let mean = |i: usize| (0..steps).map(|t| f64::from(spikes[t * width + i])).sum::<f64>() / steps as f64;
    let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(value),
        false => Err(Error::invalid(name, value, "a positive number")),
    };
    match code {
        &Reconstruction::Rate { gain, offset } => {
            finite_option("offset", offset)?;
            if gain == 0.0 || !gain.is_finite() {
                return Err(Error::invalid("gain", gain, "a number other than 0"));
            }
            Ok((0..width).map(|i| ((mean(i) - offset) / gain) as f32).collect())
        }
        &Reconstruction::Poisson { dt, counts } => {
            let dt = positive("dt", dt)? * 1e-3;
            // A train that fires at every step tells only that it is fast: half a silent step stands for none.
            let most = 1.0 - 0.5 / steps as f64;
            let rate = |i| if counts { mean(i) } else { -libm::log(1.0 - mean(i).min(most)) };
            Ok((0..width).map(|i| (rate(i) / dt) as f32).collect())
        }
        &Reconstruction::Latency { tau, threshold, linear, first_spike_time } => {
            positive("tau", tau)?;
            positive("threshold", threshold)?;
            let value = |step: usize| {
                let late = step.saturating_sub(first_spike_time) as f64 / tau;
                let x = if linear { 1.0 - late } else { threshold / (1.0 - libm::exp(-late)) };
                x.clamp(0.0, 1.0) as f32
            };
            let first = |i: usize| (0..steps).position(|t| spikes[t * width + i] != 0.0);
            Ok((0..width).map(|i| first(i).map_or(0.0, value)).collect())
        }
        Reconstruction::RankOrder {} => rank_order::reconstruct(spikes, steps),
        Reconstruction::Phase(options) => phase::reconstruct(spikes, steps, options),
        Reconstruction::Burst(options) => burst::reconstruct(spikes, steps, options),
        Reconstruction::Population(options) => population::reconstruct(spikes, steps, options),
        Reconstruction::Sum(options) => forward::reconstruct(spikes, steps, options),
        Reconstruction::Bsa(options) => bsa::reconstruct(spikes, steps, options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::burst::{BurstOptions, burst};
    use crate::forward::forward;
    use crate::latency::{LatencyOptions, latency};
    use crate::phase::{PhaseOptions, phase};
    use crate::population::{PopulationOptions, population};
    use crate::rank_order::{RankOrderOptions, rank_order};

    fn values() -> Vec<f32> {
        (0..=100).map(|i| i as f32 / 100.0).collect()
    }

    fn largest(a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    /// Each code gives back what it encodes, but for what its resolution says.
    #[test]
    fn values_come_back_within_the_resolution_of_their_code() {
        let x = values();
        let six = PhaseOptions { period: 6 };
        let spikes = phase(&x, 18, &six).unwrap();
        assert!(
            largest(&x, &reconstruct(&Reconstruction::Phase(six), &spikes.values, 18).unwrap()) <= 1.0 / 64.0
        );

        let options = LatencyOptions {
            steps: Some(51),
            linear: true,
            normalize: true,
            clip: true,
            ..Default::default()
        };
        let spikes = latency(&x, &options).unwrap();
        let code = Reconstruction::Latency { tau: 50.0, threshold: 0.01, linear: true, first_spike_time: 0 };
        assert!(largest(&x, &reconstruct(&code, &spikes.values, 51).unwrap()) <= 0.0101);

        let spikes = rank_order(&x, 101, 1, &RankOrderOptions { threshold: 0.0 }).unwrap();
        assert_eq!(spikes.values.iter().sum::<f32>(), 100.0);
        assert!(
            largest(&x, &reconstruct(&Reconstruction::RankOrder {}, &spikes.values, 101).unwrap()) < 0.011
        );

        let bursts = BurstOptions { spikes: 6, shortest: 2, longest: None };
        let spikes = burst(&x, 101, &bursts).unwrap();
        let back = reconstruct(&Reconstruction::Burst(bursts), &spikes.values, 101).unwrap();
        // One spike says 0 to 1/6; with more the interval, of 2 to 20 steps, says 1/18.
        assert!(
            largest(&x[..17], &back[..17]) <= 1.0 / 12.0 + 1e-6
                && largest(&x[17..], &back[17..]) <= 1.0 / 36.0 + 1e-6
        );

        let fields = PopulationOptions { neurons: 10, cutoff: 0.01, ..Default::default() };
        let spikes = population(&x, 200, &fields).unwrap();
        let back = reconstruct(&Reconstruction::Population(fields), &spikes.values, 200).unwrap();
        assert!(largest(&x, &back) < 0.02, "{}", largest(&x, &back));
    }

    #[test]
    fn a_slow_signal_is_followed_within_its_threshold() {
        let steps = 400;
        let x: Vec<f32> = (0..steps).map(|t| (t as f32 * 0.03).sin()).collect();
        let spikes = forward(&x, steps, 0.05, None).unwrap();
        let code = Reconstruction::Sum(forward::SumOptions { threshold: 0.05, initial: f64::from(x[0]) });
        let back = reconstruct(&code, &spikes.values, steps).unwrap();
        assert!(largest(&x, &back) <= 0.05 + 1e-6);
    }

    /// Each window's mean by hand.
    #[test]
    fn a_moving_window_compares_with_the_mean_before() {
        let x = [0.0f32, 1.0, 1.0, 1.0, 0.0, 3.0];
        let spikes = forward(&x, 6, 0.4, Some(2)).unwrap();
        // References 0, 0, 0.5, 1, 1, 0.5.
        assert_eq!(spikes.values, [0.0, 1.0, 1.0, 0.0, -1.0, 1.0]);
    }

    #[test]
    fn bsa_finds_the_spikes_that_made_a_signal() {
        let filter = vec![0.1, 0.4, 0.3, 0.2];
        let mut spikes = vec![0.0f32; 60];
        [3, 10, 11, 25, 40, 42, 44].into_iter().for_each(|t| spikes[t] = 1.0);
        let options = bsa::BsaOptions { filter, threshold: Some(0.5) };
        let signal = bsa::reconstruct(&spikes, 60, &options).unwrap();
        assert!((signal[11] - 0.5).abs() < 1e-6);
        assert_eq!(bsa::bsa(&signal, 60, &options).unwrap().values, spikes);
    }
}
