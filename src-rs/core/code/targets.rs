//! Labels as what the output layer should do: rates, spike trains or membranes (snnTorch's
//! `spikegen.targets_convert`).

use super::draws::Draws;
use super::latency::{LatencyOptions, latency};
use super::raster::{Raster, at_least_one, finite_option};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::rng::Rng;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum TargetOptions {
    Rate(RateTargets),
    Latency(LatencyOptions),
}

/// Rates are in spikes per step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RateTargets {
    /// Absent: no time axis, `[batch, classes]` of on and off targets.
    pub steps: Option<usize>,
    pub first_spike_time: usize,
    /// Rate of the label's output …
    pub correct_rate: f64,
    /// … and of the others.
    pub incorrect_rate: f64,
    /// Value at a spike …
    pub on_target: f64,
    /// … and elsewhere.
    pub off_target: f64,
    pub firing_pattern: FiringPattern,
    /// A target for the membrane: it rises from off to on between spikes.
    pub interpolate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FiringPattern {
    /// One spike every 1 / rate steps, the first at `firstSpikeTime`.
    #[default]
    Regular,
    /// As many spikes at random steps; those that coincide count once.
    Uniform,
    /// A spike with probability `rate` at each step.
    Poisson,
}

impl Default for RateTargets {
    fn default() -> Self {
        RateTargets {
            steps: None,
            first_spike_time: 0,
            correct_rate: 1.0,
            incorrect_rate: 0.0,
            on_target: 1.0,
            off_target: 0.0,
            firing_pattern: FiringPattern::Regular,
            interpolate: false,
        }
    }
}

/// `[steps, batch · classes]`, `steps` 1 when the options give no time axis.
///
/// # Errors
/// `invalid-parameter` for a label outside the classes or an option out of range.
pub fn targets_convert(
    labels: &[u32],
    classes: usize,
    options: &TargetOptions,
    draws: &Draws,
) -> Result<Raster> {
    at_least_one("numClasses", classes)?;
    at_least_one("targets", labels.len())?;
    if let Some(at) = labels.iter().position(|&label| label as usize >= classes) {
        let expected = format!("a label from 0 to {}", classes - 1);
        return Err(Error::invalid(format!("targets[{at}]"), labels[at], expected));
    }
    match options {
        TargetOptions::Rate(options) => rate_targets(labels, classes, options, draws),
        TargetOptions::Latency(options) => {
            let width = labels.len().saturating_mul(classes);
            let mut one_hot = try_vec("targets", width, 0.0f32)?;
            for (row, &label) in one_hot.chunks_exact_mut(classes).zip(labels) {
                row[label as usize] = 1.0;
            }
            latency(&one_hot, options)
        }
    }
}

fn rate_targets(labels: &[u32], classes: usize, options: &RateTargets, draws: &Draws) -> Result<Raster> {
    finite_option("onTarget", options.on_target)?;
    finite_option("offTarget", options.off_target)?;
    for (name, rate) in [("correctRate", options.correct_rate), ("incorrectRate", options.incorrect_rate)] {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Error::invalid(name, rate, "a rate between 0 and 1 spikes per step"));
        }
    }
    if options.incorrect_rate > options.correct_rate {
        let expected = format!("at most correctRate, {}", options.correct_rate);
        return Err(Error::invalid("incorrectRate", options.incorrect_rate, expected));
    }
    let timeless = (options.correct_rate, options.incorrect_rate, options.first_spike_time) == (1.0, 0.0, 0);
    let steps = match options.steps {
        Some(steps) => at_least_one("steps", steps)?,
        None if timeless => 1,
        None => {
            return Err(Error::invalid(
                "steps",
                "none",
                "a number of steps, for rates or a first spike time",
            ));
        }
    };
    if options.first_spike_time > steps {
        return Err(Error::invalid("firstSpikeTime", options.first_spike_time, format!("at most {steps}")));
    }
    let width = labels.len().saturating_mul(classes);
    let (streams, of_each) = draws.over(width)?;
    let (on, off) = (options.on_target as f32, options.off_target as f32);
    let mut raster = Raster::new(steps, width, off)?;
    let mut spikes = try_vec("target spikes", steps, false)?;
    for (s, &label) in labels.iter().enumerate() {
        for class in 0..classes {
            let rate = if label as usize == class { options.correct_rate } else { options.incorrect_rate };
            let column = s * classes + class;
            let rng = streams[column / of_each];
            spike_train(&mut spikes, rate, options, rng, (column % of_each * steps) as u64);
            let mut last = None;
            for t in (0..steps).filter(|&t| spikes[t]) {
                let values = &mut raster.values[column..];
                if options.interpolate {
                    let from = last.map_or(0, |last: usize| last + 1);
                    for ramp in from..t {
                        let share = (ramp - from) as f64 / (t - from) as f64;
                        let value = options.off_target + share * (options.on_target - options.off_target);
                        values[ramp * width] = value as f32;
                    }
                }
                values[t * width] = on;
                last = Some(t);
            }
        }
    }
    Ok(raster)
}

fn spike_train(spikes: &mut [bool], rate: f64, options: &RateTargets, rng: Rng, draws: u64) {
    let (first, steps) = (options.first_spike_time, spikes.len());
    spikes.fill(false);
    if rate == 0.0 || first == steps {
        return;
    }
    let interval = 1.0 / rate;
    let count = ((steps - first) as f64 / interval).ceil() as usize;
    match options.firing_pattern {
        FiringPattern::Regular => {
            for k in 0..count {
                // torch.arange rounds to f32 before the step is taken: 9.9999999 is 10.
                let step = (first as f64 + k as f64 * interval) as f32 as usize;
                spikes[step.min(steps - 1)] = true;
            }
        }
        FiringPattern::Uniform => {
            for k in 0..count {
                let share = rng.uniform_f64_at(draws + k as u64);
                spikes[first + (share * (steps - first) as f64) as usize] = true;
            }
        }
        FiringPattern::Poisson => {
            for (t, spike) in spikes.iter_mut().enumerate().skip(first) {
                *spike = rng.uniform_f64_at(draws + t as u64) < rate;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn convert(json: serde_json::Value) -> Result<Raster> {
        let options: TargetOptions = serde_json::from_value(json).unwrap();
        targets_convert(&[1], 2, &options, &Rng::new(3, 0).into())
    }

    fn column(raster: &Raster, class: usize) -> Vec<f32> {
        raster.values.iter().skip(class).step_by(2).copied().collect()
    }

    /// The examples of the documentation of snnTorch's `target_rate_code` and `targets_rate`.
    #[test]
    fn rates_are_as_documented_by_snntorch() {
        let train = |rate: f64| {
            let options = json!({"code": "rate", "steps": 5, "correctRate": rate});
            column(&convert(options).unwrap(), 1)
        };
        assert_eq!(train(1.0), [1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(train(0.3), [1.0, 0.0, 0.0, 1.0, 0.0]);
        let options =
            json!({"code": "rate", "steps": 5, "firstSpikeTime": 2, "onTarget": 1.2, "offTarget": 0.5});
        assert_eq!(column(&convert(options).unwrap(), 1), [0.5, 0.5, 1.2, 1.2, 1.2]);
        let options = json!({"code": "rate", "steps": 5, "correctRate": 0.25, "onTarget": 1.2,
            "offTarget": 0.5, "interpolate": true});
        let ramp = column(&convert(options).unwrap(), 1);
        let expected = [1.2, 0.5, 0.7333, 0.9667, 1.2];
        assert!(ramp.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{ramp:?}");
    }

    #[test]
    fn the_others_fire_at_their_own_rate() {
        let options = json!({"code": "rate", "steps": 6, "correctRate": 0.5, "incorrectRate": 0.3});
        let raster = convert(options).unwrap();
        assert_eq!(column(&raster, 0), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(column(&raster, 1), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn random_patterns_have_their_rate() {
        for pattern in ["uniform", "poisson"] {
            let options = json!({"code": "rate", "steps": 20000, "firstSpikeTime": 10000,
                "correctRate": 0.1, "firingPattern": pattern});
            let train = column(&convert(options).unwrap(), 1);
            assert!(train[..10000].iter().all(|&x| x == 0.0));
            let count: f32 = train.iter().sum();
            // uniform: 1000 draws on 10000 steps leave 10000 (1 - (1 - 1e-4)^1000) = 951.7
            let (expected, sd) = if pattern == "uniform" { (951.7, 10.0) } else { (1000.0, 30.0) };
            assert!((count - expected).abs() < 5.0 * sd, "{pattern}: {count}");
        }
    }

    #[test]
    fn bad_input_is_named() {
        let name = |json| match convert(json) {
            Err(Error::InvalidParameter { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(json!({"code": "rate", "steps": 0})), "steps");
        assert_eq!(name(json!({"code": "rate", "correctRate": 0.5})), "steps");
        assert_eq!(name(json!({"code": "rate", "steps": 3, "correctRate": 1.5})), "correctRate");
        assert_eq!(
            name(json!({"code": "rate", "steps": 3, "correctRate": 0.1, "incorrectRate": 0.2})),
            "incorrectRate"
        );
        assert_eq!(name(json!({"code": "rate", "steps": 3, "firstSpikeTime": 4})), "firstSpikeTime");
        let out_of_range =
            targets_convert(&[0, 2], 2, &TargetOptions::Rate(Default::default()), &Rng::new(0, 0).into());
        assert!(matches!(out_of_range, Err(Error::InvalidParameter { name, .. }) if name == "targets[1]"));
    }
}
