//! Rate codes: intensity as the probability of a spike at each step.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite, width_of};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::rng::Rng;
use lapicque_options::{OptionSet, options};

options! {
    /// Of both encoders.
    pub struct RateOptions {
        /// Factor of the values.
        gain: f64 = 1.0,
        /// Added to each value times `gain`.
        offset: f64 = 0.0,
        /// Steps before this are silent; data with a time axis get this number of silent steps in front.
        first_spike_time: usize = 0,
    }
}

pub struct RateCode;

impl Encoder for RateCode {
    type Options = RateOptions;

    fn definition() -> Definition {
        Definition {
            kind: "rate",
            meaning: "Bernoulli: a spike with probability clamp(gain x + offset, 0, 1) at each step",
            source: "snnTorch's `spikegen.rate`",
            time: Time::Either,
            draws: true,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &RateOptions, draws: &Draws) -> Result<Raster> {
        match data.in_time {
            true => rate_in_time(data.values, data.steps, options, draws),
            false => rate(data.values, data.steps, options, draws),
        }
    }
}

pub struct RateProbabilities;

impl Encoder for RateProbabilities {
    type Options = RateOptions;

    fn definition() -> Definition {
        Definition {
            kind: "rate-probabilities",
            meaning: "the spike probabilities of `rate`, in the shape of the data",
            time: Time::None,
            draws: false,
            ..RateCode::definition()
        }
    }

    fn encode(data: &Data, options: &RateOptions, _: &Draws) -> Result<Raster> {
        rate_probabilities(data.values, options).map(Raster::without_time)
    }
}

/// clamp(gain · x + offset, 0, 1), in f32.
///
/// # Errors
/// `invalid-parameter` for data or options that are not finite.
pub fn rate_probabilities(data: &[f32], options: &RateOptions) -> Result<Vec<f32>> {
    finite("data", data)?;
    options.check("")?;
    let (gain, offset) = (options.gain as f32, options.offset as f32);
    let mut probabilities = try_vec("probabilities", data.len(), 0.0f32)?;
    for (p, &x) in probabilities.iter_mut().zip(data) {
        *p = (x * gain + offset).clamp(0.0, 1.0);
    }
    Ok(probabilities)
}

/// A train of `steps` steps from data that stands still. Draw `t · width + i` of its stream decides spike `[t, i]`,
/// the width being that of what the stream is for.
///
/// # Errors
/// `invalid-parameter` for data or options that are not finite, `steps` 0, or a first spike time
/// beyond the steps.
pub fn rate(data: &[f32], steps: usize, options: &RateOptions, draws: &Draws) -> Result<Raster> {
    at_least_one("steps", steps)?;
    at_least_one("data", data.len())?;
    if options.first_spike_time > steps {
        return Err(Error::invalid("firstSpikeTime", options.first_spike_time, format!("at most {steps}")));
    }
    let probabilities = rate_probabilities(data, options)?;
    let streams = draws.over(data.len())?;
    let mut raster = Raster::new(steps, data.len(), 0.0)?;
    raster.fill_steps(|t, row| {
        if t >= options.first_spike_time {
            bernoulli(row, &probabilities, streams, t);
        }
    });
    Ok(raster)
}

/// A train from data that varies in time, `[steps, …]`: one draw an entry, then
/// `first_spike_time` silent steps in front.
///
/// # Errors
/// `invalid-parameter` for data or options that are not finite; `shape-mismatch` when the data does
/// not divide into `steps`.
pub fn rate_in_time(data: &[f32], steps: usize, options: &RateOptions, draws: &Draws) -> Result<Raster> {
    let width = width_of(data, steps)?;
    let streams = draws.over(width)?;
    let probabilities = rate_probabilities(data, options)?;
    let total = steps.saturating_add(options.first_spike_time);
    let mut raster = Raster::new(total, width, 0.0)?;
    raster.fill_steps(|t, row| {
        if let Some(t) = t.checked_sub(options.first_spike_time) {
            bernoulli(row, &probabilities[t * width..][..width], streams, t);
        }
    });
    Ok(raster)
}

/// Values whose draws are made together.
pub(super) const RUN: usize = 32;

/// The spikes of one step. Draws are numbered, so those that cannot give a spike are left out: most of an image is
/// background.
fn bernoulli(into: &mut [f32], probabilities: &[f32], (streams, width): (&[Rng], usize), step: usize) {
    let samples = into.chunks_mut(width).zip(probabilities.chunks(width)).zip(streams);
    for ((into, probabilities), rng) in samples {
        for (i, (run, p)) in into.chunks_mut(RUN).zip(probabilities.chunks(RUN)).enumerate() {
            if p.iter().all(|&p| p == 0.0) {
                run.fill(0.0);
                continue;
            }
            rng.fill_uniform(run, (step * width + i * RUN) as u64);
            for (x, &p) in run.iter_mut().zip(p) {
                *x = if *x < p { 1.0 } else { 0.0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poisson::{PoissonOptions, poisson};

    #[test]
    fn poisson_has_its_mean_variance_and_share_of_silence() {
        let rates = [0.0f32, 20.0, 400.0, 2000.0];
        let (steps, dt) = (40_000, 2.0);
        let counts =
            poisson(&rates, steps, &PoissonOptions { dt, counts: true }, &Rng::new(1, 0).into()).unwrap();
        let spikes =
            poisson(&rates, steps, &PoissonOptions { dt, counts: false }, &Rng::new(1, 0).into()).unwrap();
        for (i, rate) in rates.iter().enumerate() {
            let mean = f64::from(*rate) * dt / 1000.0;
            let column = |raster: &Raster| {
                raster.values.iter().skip(i).step_by(rates.len()).map(|&x| f64::from(x)).collect::<Vec<_>>()
            };
            let n = steps as f64;
            let average = |xs: Vec<f64>| xs.iter().sum::<f64>() / n;
            let got = column(&counts);
            let second = average(got.iter().map(|x| (x - mean) * (x - mean)).collect());
            assert!((average(got) - mean).abs() <= 5.0 * (mean / n).sqrt(), "mean at {rate} Hz");
            assert!(
                (second - mean).abs() <= 5.0 * ((mean + 2.0 * mean * mean) / n).sqrt(),
                "variance at {rate}"
            );
            let p = 1.0 - (-mean).exp();
            let share = average(column(&spikes));
            assert!((share - p).abs() <= 5.0 * (p * (1.0 - p) / n).sqrt(), "{rate} Hz: {share} {p}");
        }
    }

    #[test]
    fn each_spike_is_decided_by_the_draw_of_its_number() {
        let rng = Rng::new(3, 1);
        for width in [1, 15, 16, 37, 100] {
            let data: Vec<f32> = (0..width).map(|i| if i % 40 < 20 { 0.0 } else { 0.4 }).collect();
            let raster = rate(&data, 5, &RateOptions::default(), &rng.into()).unwrap();
            for (n, &spike) in raster.values.iter().enumerate() {
                let wanted = rng.uniform_f32_at(n as u64) < data[n % width];
                assert_eq!(spike != 0.0, wanted, "width {width}, draw {n}");
            }
        }
    }

    #[test]
    fn a_sample_draws_the_same_whatever_is_beside_it() {
        let values =
            |sample: u32, width: usize| (0..width).map(move |i| ((sample as usize + i) % 7) as f32 / 9.0);
        let plain = RateOptions::default();
        let (steps, width) = (6, 41);
        let samples = [5, 0, 9];
        let data: Vec<f32> = samples.iter().flat_map(|&sample| values(sample, width)).collect();
        let draws = Draws::of_samples(3, &[1, 2], &samples);
        let whole = rate(&data, steps, &plain, &draws).unwrap();
        let in_time = rate_in_time(&data.repeat(steps), steps, &plain, &draws).unwrap();
        assert_eq!(whole, in_time);
        let rates: Vec<f32> = data.iter().map(|x| 900.0 * x).collect();
        let poissons = poisson(&rates, steps, &PoissonOptions::default(), &draws).unwrap();
        let mut seen = vec![];
        for (s, &sample) in samples.iter().enumerate() {
            let alone: Vec<f32> = values(sample, width).collect();
            let draws = Draws::of_samples(3, &[1, 2], &[sample]);
            let of = |raster: &Raster| -> Vec<f32> {
                raster.values.chunks(3 * width).flat_map(|row| &row[s * width..][..width]).copied().collect()
            };
            let one = rate(&alone, steps, &plain, &draws).unwrap();
            assert_eq!(of(&whole), one.values, "sample {sample}");
            let rates: Vec<f32> = alone.iter().map(|x| 900.0 * x).collect();
            assert_eq!(
                of(&poissons),
                poisson(&rates, steps, &PoissonOptions::default(), &draws).unwrap().values
            );
            seen.push(rate(&vec![0.5; width], steps, &plain, &draws).unwrap().values);
        }
        assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
        let other = Draws::of_samples(3, &[1, 3], &[5]);
        assert_ne!(rate(&vec![0.5; width], steps, &plain, &other).unwrap().values, seen[0]);
        assert!(rate(&[0.5; 7], steps, &plain, &draws).is_err());
    }

    #[test]
    fn data_in_time_is_delayed() {
        let options = RateOptions { first_spike_time: 2, ..Default::default() };
        let raster = rate_in_time(&[1.0, 0.0, 0.0, 1.0], 2, &options, &Rng::new(0, 0).into()).unwrap();
        assert_eq!((raster.steps, raster.width), (4, 2));
        assert_eq!(raster.values, [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn bad_input_is_named() {
        let (draws, plain) = (Draws::from(Rng::new(0, 0)), RateOptions::default());
        let rng = &draws;
        let name = |result: Result<Raster>| match result {
            Err(Error::InvalidParameter { name, .. }) => name,
            Err(Error::ShapeMismatch { layer, .. }) => layer,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(rate(&[0.5, f32::NAN], 3, &plain, rng)), "data[1]");
        assert_eq!(name(rate(&[0.5], 0, &plain, rng)), "steps");
        assert_eq!(name(rate(&[], 3, &plain, rng)), "data");
        let late = RateOptions { first_spike_time: 4, ..Default::default() };
        assert_eq!(name(rate(&[0.5], 3, &late, rng)), "firstSpikeTime");
        let nan = RateOptions { gain: f64::NAN, ..Default::default() };
        assert_eq!(name(rate(&[0.5], 3, &nan, rng)), "gain");
        assert_eq!(name(rate_in_time(&[0.5; 5], 3, &plain, rng)), "data");
        assert_eq!(name(poisson(&[-1.0], 3, &PoissonOptions::default(), rng)), "rates[0]");
        assert_eq!(name(poisson(&[1e6], 3, &PoissonOptions::default(), rng)), "rates[0]");
        let still = PoissonOptions { dt: 0.0, counts: false };
        assert_eq!(name(poisson(&[1.0], 3, &still, rng)), "dt");
    }
}
