//! Power spectral density of the mean firing rate by P. D. Welch's method (IEEE Trans. Audio
//! Electroacoust. 15, 1967), with `scipy.signal.welch`'s conventions.

use super::allocate;
use super::bins::Bins;
use super::fourier::transform;
use super::histogram::histogram;
use super::trains::Trains;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use libm::cos;
use serde::Deserialize;
use serde_json::Value;
use std::f64::consts::TAU;

/// How the trains are cut into segments whose spectra are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Welch {
    /// In ms; the highest frequency is half of its inverse.
    pub bin: f64,
    /// In ms; its inverse is the resolution. Absent: one segment, all of it.
    pub segment: Option<f64>,
    /// The share of a segment that the next one covers again.
    #[serde(default = "half")]
    pub overlap: f64,
    #[serde(default)]
    pub taper: Taper,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taper {
    #[default]
    Hann,
    None,
}

fn half() -> f64 {
    0.5
}

/// Frequencies in Hz and the one-sided density in Hz^2 / Hz. Each segment without its mean; padded with
/// zeros to a power of two. Independent Poisson trains of rate r give 2 r over their number.
///
/// # Errors
/// `invalid-parameter`, `too-large`, `aborted`
pub fn power_spectrum(trains: &Trains, options: &Welch, control: &Control) -> Result<[Vec<f64>; 2]> {
    let bins = Bins::new("bin", options.bin, trains)?;
    let length = match options.segment {
        Some(segment) => (segment / bins.width).round(),
        None => bins.count as f64,
    };
    if !(2.0..=bins.count as f64).contains(&length) {
        let expected = format!("from 2 bins of {} ms to all {}", bins.width, bins.count);
        return Err(Error::invalid("segment", options.segment.unwrap_or(trains.duration()), expected));
    }
    if !(0.0..1.0).contains(&options.overlap) {
        return Err(Error::invalid("overlap", options.overlap, "a number from 0 to below 1"));
    }
    if trains.is_empty() {
        return Err(Error::invalid("neurons", 0, "at least one train"));
    }
    let length = length as usize;
    let step = length - ((length as f64 * options.overlap) as usize).min(length - 1);
    let rate = rate(trains, bins)?;
    let taper = taper(options.taper, length)?;
    let padded = length.next_power_of_two();
    let mut power = allocate("a spectrum", padded / 2 + 1, 0.0)?;
    let mut x = try_vec("a segment", padded, [0.0; 2])?;
    let segments = (bins.count - length) / step + 1;
    for segment in 0..segments {
        control.check()?;
        let signal = &rate[segment * step..][..length];
        let mean = signal.iter().sum::<f64>() / length as f64;
        x.fill([0.0; 2]);
        for ((x, signal), weight) in x.iter_mut().zip(signal).zip(&taper) {
            x[0] = weight * (signal - mean);
        }
        transform(&mut x);
        for (power, x) in power.iter_mut().zip(&x) {
            *power += x[0] * x[0] + x[1] * x[1];
        }
        control.report(segment as u64 + 1, segments as u64, || Value::Null);
    }
    let sampling = 1000.0 / bins.width;
    let energy: f64 = taper.iter().map(|weight| weight * weight).sum();
    let scale = 1.0 / (sampling * energy * segments as f64);
    for (k, power) in power.iter_mut().enumerate() {
        // Positive and negative frequencies together; 0 and the highest stand alone.
        *power *= if k == 0 || k == padded / 2 { scale } else { 2.0 * scale };
    }
    let frequencies = (0..power.len()).map(|k| k as f64 * sampling / padded as f64).collect();
    Ok([frequencies, power])
}

/// The mean rate over trains in each bin, in Hz.
fn rate(trains: &Trains, bins: Bins) -> Result<Vec<f64>> {
    let mut rate = histogram(trains, bins)?;
    let to_hz = 1000.0 / (bins.width * trains.len() as f64);
    rate.iter_mut().for_each(|count| *count *= to_hz);
    Ok(rate)
}

fn taper(taper: Taper, length: usize) -> Result<Vec<f64>> {
    let mut weights = try_vec("a segment", length, 1.0)?;
    if taper == Taper::Hann {
        for (k, weight) in weights.iter_mut().enumerate() {
            *weight = 0.5 - 0.5 * cos(TAU * k as f64 / length as f64);
        }
    }
    Ok(weights)
}
